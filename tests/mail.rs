//! Alerts by e-mail, to a real mail server: what arrives, what is refused and why, and a bot that goes on whatever the
//! server does.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

#[path = "mail/alerts_test.rs"]
mod alerts_test;
#[path = "mail/runs.rs"]
mod runs;
#[path = "mail/server.rs"]
mod server;
#[allow(dead_code, reason = "shared by several test programs")]
#[path = "support/sim.rs"]
mod sim;
