//! What was wrong with the recordings, counted, the first few told in words.

use crate::replay::source::SourceFaults;
use std::fmt::Display;

/// How many lines are told in words; the others are only counted.
const LINES: usize = 10;
/// How many files are, which are worth more.
const FILES: usize = 50;

/// The faults so far.
#[derive(Debug, Default)]
pub(super) struct Faults {
    so_far: SourceFaults,
    lines_told: usize,
    files_told: usize,
}

impl Faults {
    /// A line that was left out.
    pub(super) fn malformed(&mut self, place: impl Display, problem: impl Display) {
        self.so_far.malformed_lines += 1;
        self.tell_line(|| format!("{place}: {problem}; left out"));
    }

    /// A time before the one that went before it.
    pub(super) fn backward(&mut self, place: impl Display, by_nanos: i64) {
        self.so_far.backward_times += 1;
        self.tell_line(|| {
            format!("{place}: time runs backwards by {} µs; the clock stood still", by_nanos / 1_000)
        });
    }

    /// A file that can't be read to its end.
    pub(super) fn cut_off(&mut self, place: impl Display, cause: impl Display) {
        self.so_far.malformed_lines += 1;
        self.note(format!("{place}: the file breaks off here ({cause}); it was played up to this point"));
    }

    /// Something about a file as a whole.
    pub(super) fn note(&mut self, text: String) {
        if self.files_told < FILES {
            self.files_told += 1;
            self.so_far.examples.push(text);
        }
    }

    /// All of it.
    pub(super) const fn so_far(&self) -> &SourceFaults {
        &self.so_far
    }

    fn tell_line(&mut self, text: impl FnOnce() -> String) {
        if self.lines_told < LINES {
            self.lines_told += 1;
            self.so_far.examples.push(text());
        }
    }
}
