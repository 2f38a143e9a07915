//! What carries the engine's commands out and brings the venue's word back.

pub mod inbound;
pub mod listing;
pub mod live;
pub mod paper;
