//! The simulated exchange: seeded markets that behave like recorded ones, and the matching, accounts and settlement
//! behind them.

pub mod core;
pub mod generated;
pub mod server;
