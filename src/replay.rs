//! Recorded data in, and the driver that runs the engine over any source.

pub mod driver;
pub mod recording;
pub mod source;
