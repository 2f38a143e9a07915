//! Where events come from when it isn't the live exchange: generated markets or recordings.

use crate::engine::Event;
use crate::units::Timestamp;
use thiserror::Error;

/// One thing a source brings.
#[derive(Debug)]
pub enum Item<'a> {
    /// A WebSocket frame exactly as the exchange sent it, to be decoded as a live one.
    Frame(&'a [u8]),
    /// Something that didn't come as a frame: a listing, a result taken from a REST body, a reconnect.
    Event(Event<'a>),
}

/// Why a source can't go on.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The file or folder can't be read.
    #[error("{path}: {cause}")]
    Io {
        /// What was read.
        path: String,
        /// Why it failed.
        cause: std::io::Error,
    },
    /// It can be read, but it isn't a recording, or it breaks off.
    #[error("{path}: {problem}")]
    Unusable {
        /// What was read, with the line where that helps.
        path: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
}

/// What was wrong with a source's data without ending it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceFaults {
    /// Lines that aren't what the format says (not JSON, cut off); they were left out.
    pub malformed_lines: u64,
    /// Times that ran backwards; the clock stood still instead.
    pub backward_times: u64,
    /// The first few faults, worded for people, with file and line.
    pub examples: Vec<String>,
}

/// A stream of timed items in order of time.
pub trait Source {
    /// The next item and when it arrived, or `None` at the end. The item borrows from the source until the next
    /// call.
    ///
    /// # Errors
    /// [`SourceError`] when the source can't go on.
    fn next(&mut self) -> Result<Option<(Timestamp, Item<'_>)>, SourceError>;

    /// Asks for fresh books of a subscription. A recording has none to give.
    fn resync(&mut self, _sid: u32) {}

    /// Whether the wire prices of NO levels are YES prices (`use_yes_price`).
    fn uses_yes_price(&self) -> bool;

    /// Whether sequence numbers run on without holes; a recording that left other markets' frames out has holes.
    fn has_contiguous_sequence(&self) -> bool;

    /// What was wrong so far.
    fn faults(&self) -> SourceFaults {
        SourceFaults::default()
    }
}
