//! A whole exchange without a clock, a socket or a thread: it is told what time it is and what is asked of it, and
//! leaves in order what happened. The server puts REST and WebSocket before it; fault simulation calls it directly.

mod signatures;
mod types;

pub use types::*;

/// The exchange.
#[derive(Debug)]
pub struct Exchange {}
