//! The operator's commands at the shell, against an exchange in this process that keeps a small account.

#[path = "operator/account.rs"]
mod account;
#[path = "operator/cancel.rs"]
mod cancel;
#[path = "operator/exchange.rs"]
mod exchange;
#[path = "operator/failures.rs"]
mod failures;
#[path = "operator/flatten.rs"]
mod flatten;
#[path = "operator/markets.rs"]
mod markets;
#[path = "operator/program.rs"]
mod program;
