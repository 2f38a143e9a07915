//! What was wrong with the recordings, counted, the first few told in words.

use crate::replay::source::SourceFaults;
use std::fmt::Display;

/// How many faults are told in words; the rest are only counted.
const EXAMPLES: usize = 10;

/// The faults so far.
#[derive(Debug, Default)]
pub(super) struct Faults(SourceFaults);

impl Faults {
    /// A line, or the rest of a file, that was left out.
    pub(super) fn malformed(&mut self, place: impl Display, problem: impl Display) {
        self.0.malformed_lines += 1;
        self.note_with(|| format!("{place}: {problem}"));
    }

    /// A time before the one that went before it.
    pub(super) fn backward(&mut self, place: impl Display, by_nanos: i64) {
        self.0.backward_times += 1;
        self.note_with(|| {
            format!("{place}: time runs backwards by {} µs; the clock stood still", by_nanos / 1_000)
        });
    }

    /// Something worth telling that is no line.
    pub(super) fn note(&mut self, text: String) {
        self.note_with(|| text);
    }

    /// All of it.
    pub(super) const fn so_far(&self) -> &SourceFaults {
        &self.0
    }

    fn note_with(&mut self, text: impl FnOnce() -> String) {
        if self.0.examples.len() < EXAMPLES {
            self.0.examples.push(text());
        }
    }
}
