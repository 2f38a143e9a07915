//! The exchange as it is on the wire. Knows nothing of strategy or risk.

pub mod error;
pub mod model;
pub mod rest;
pub mod stream;
pub mod ws;
