//! The simulated exchange: seeded markets that behave like recorded ones.

pub mod generated;
