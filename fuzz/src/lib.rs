//! What is done with arbitrary bytes: one function a target. libFuzzer calls them through `fuzz_targets`; an ordinary
//! test of the package replays the corpora through them, without libFuzzer and without a nightly compiler.
//!
//! A function panics when something that must hold doesn't. Input that is refused in order is no fault.

mod bodies;
mod config_file;
mod frames;
mod journal;
mod recording;

pub use bodies::rest_body;
pub use config_file::config_file;
pub use frames::{feed, ws_frame};
pub use journal::{journal, journal_again};
pub use recording::recording;
