//! The shell around the engine: what a live bot does beside deciding.

pub mod recovery;
