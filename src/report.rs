//! What a run came to: trades, performance figures and the funnel, ready to print or to serialise.

pub mod performance;
