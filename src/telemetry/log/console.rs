//! Lines on standard error or standard output: at once, or by a thread of their own where nobody may wait; held back
//! while something else owns the terminal.

use super::line::Line;
use super::sink::Sink;
use crate::config::{LogDestination, LogFormat};
use crate::telemetry::queue::Queue;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tracing::Level;

/// Lines held back at most; the oldest go first.
const MOST_HELD: usize = 500;
/// How long the lines that still wait may take to be written.
const LAST_LINES: Duration = Duration::from_secs(1);
/// Where systemd says that a stream of the process is the journal's.
const JOURNAL: &str = "JOURNAL_STREAM";

#[derive(Debug)]
pub(super) struct Console {
    way: Way,
    look: Look,
    is_terminal: bool,
    held: Mutex<Option<Held>>,
}

#[derive(Debug)]
enum Way {
    AtOnce(LogDestination),
    Queued(Sink),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Pretty {
        has_colour: bool,
    },
    Json,
    /// JSON behind the severity, as the journal takes it off a line.
    Journal,
}

#[derive(Debug, Default)]
struct Held {
    lines: VecDeque<String>,
    left_out: u64,
}

impl Console {
    /// Plain lines on standard error, each written before its event is over.
    pub(super) fn at_once() -> Self {
        let (stream, look) = (LogDestination::Stderr, Look::Pretty { has_colour: false });
        Self { way: Way::AtOnce(stream), look, is_terminal: stream.is_terminal(), held: Mutex::default() }
    }

    /// Lines that are written by a thread of their own.
    pub(super) fn queued(stream: LogDestination, format: LogFormat) -> Self {
        let is_terminal = stream.is_terminal();
        let is_pretty = format == LogFormat::Pretty || (format == LogFormat::Auto && is_terminal);
        let has_colour = is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let look = match (is_pretty, stream.is_journal()) {
            (true, _) => Look::Pretty { has_colour },
            (false, true) => Look::Journal,
            (false, false) => Look::Json,
        };
        Self { way: Way::Queued(Sink::new("log_console", stream)), look, is_terminal, held: Mutex::default() }
    }

    /// JSON to a writer of the caller's own.
    pub(super) fn to(writer: impl Write + Send + 'static) -> Self {
        let way = Way::Queued(Sink::new("log_console", writer));
        Self { way, look: Look::Json, is_terminal: false, held: Mutex::default() }
    }

    /// Whether it takes lines as JSON.
    pub(super) fn wants_json(&self) -> bool {
        !matches!(self.look, Look::Pretty { .. })
    }

    /// Writes a line, or hands it over; `json` is there if it is wanted.
    pub(super) fn send(&self, line: &Line, json: Option<&str>) {
        let text = || match (self.look, json) {
            (Look::Pretty { has_colour }, _) => line.pretty(has_colour),
            (Look::Journal, Some(json)) => format!("<{}>{json}", priority(line.level)),
            (_, json) => json.unwrap_or_default().to_owned(),
        };
        if self.is_terminal
            && let Some(held) = self.held.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
        {
            // What goes well is seen in what owns the terminal.
            if line.level <= Level::WARN {
                held.keep(text());
            }
            return;
        }
        match (&self.way, json) {
            (Way::Queued(sink), Some(json)) if self.look == Look::Json => sink.send(json),
            _ => self.write(&text()),
        }
    }

    fn write(&self, text: &str) {
        match &self.way {
            Way::Queued(sink) => sink.send(text),
            Way::AtOnce(stream) => {
                let mut stream = *stream;
                // A log that can't be written has nowhere to say so.
                let _ = stream.write_all(text.as_bytes());
            }
        }
    }

    /// Holds lines back until [`Console::release`], where it is a terminal that they would go to.
    pub(super) fn hold(&self) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default();
    }

    /// Gives out the lines that were held back, and lets the next ones through.
    pub(super) fn release(&self) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Held { lines, left_out }) = held else { return };
        if left_out > 0 {
            self.write(&format!("{left_out} earlier warnings are left out\n"));
        }
        for line in lines {
            self.write(&line);
        }
        self.flush();
    }

    /// Waits a moment until what was handed over is written.
    pub(super) fn flush(&self) {
        if let Way::Queued(sink) = &self.way {
            sink.flush(LAST_LINES);
        }
    }

    pub(super) fn queue(&self) -> Option<Queue> {
        match &self.way {
            Way::Queued(sink) => Some(sink.queue()),
            Way::AtOnce(_) => None,
        }
    }
}

impl Held {
    fn keep(&mut self, line: String) {
        if self.lines.len() == MOST_HELD {
            self.lines.pop_front();
            self.left_out += 1;
        }
        self.lines.push_back(line);
    }
}

impl LogDestination {
    fn is_terminal(self) -> bool {
        match self {
            Self::Stderr => io::stderr().is_terminal(),
            Self::Stdout => io::stdout().is_terminal(),
        }
    }

    /// Whether what is written there goes to systemd's journal, which says so by device and inode.
    fn is_journal(self) -> bool {
        let said = std::env::var(JOURNAL).ok();
        let found = match self {
            Self::Stderr => io::stderr().as_fd().try_clone_to_owned(),
            Self::Stdout => io::stdout().as_fd().try_clone_to_owned(),
        };
        let found = found.and_then(|stream| File::from(stream).metadata());
        said.zip(found.ok()).is_some_and(|(said, found)| said == format!("{}:{}", found.dev(), found.ino()))
    }
}

impl Write for LogDestination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stderr => io::stderr().write(bytes),
            Self::Stdout => io::stdout().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stderr => io::stderr().flush(),
            Self::Stdout => io::stdout().flush(),
        }
    }
}

/// The severity as syslog numbers it.
const fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_held_back_are_bounded_and_the_oldest_go_first() {
        let mut held = Held::default();
        for number in 0..MOST_HELD + 3 {
            held.keep(number.to_string());
        }
        assert_eq!((held.lines.len(), held.left_out), (MOST_HELD, 3));
        assert_eq!(held.lines.front().map(String::as_str), Some("3"));
    }
}
