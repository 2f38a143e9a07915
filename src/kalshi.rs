//! The exchange as it is on the wire. Knows nothing of strategy or risk.

pub mod credentials;
pub mod error;
pub mod limits;
pub mod model;
pub mod network;
pub mod rest;
pub mod sign;
pub mod stream;
pub mod ws;
