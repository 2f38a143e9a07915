//! The second store for real: PostgreSQL behind PostgREST. Its tables are migrated, rows arrive there once each whatever
//! goes wrong on the way, and nobody without the service key reads any.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

#[allow(dead_code, reason = "shared by several test programs")]
#[path = "support/postgres.rs"]
mod postgres;
#[allow(dead_code, reason = "shared by several test programs")]
#[path = "support/sim.rs"]
mod sim;

#[path = "second_store/faults.rs"]
mod faults;
#[path = "second_store/migrating.rs"]
mod migrating;
#[path = "second_store/rows.rs"]
mod rows;
