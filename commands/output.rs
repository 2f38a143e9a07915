//! The only code that prints. Results go to standard output, failures and notes to standard error. A reader that
//! goes away (`| head`) ends the output quietly; colour is used on a terminal unless `NO_COLOR` is set.

use crate::exit::{ExitCode, Failure};
use ratatui::crossterm::terminal;
use std::fmt;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// Columns of a table where there is no terminal to ask.
const WIDTH_WITHOUT_TERMINAL: u16 = 100;

/// Standard output and standard error.
#[derive(Debug)]
pub(crate) struct Output {
    is_terminal: bool,
    has_colour: bool,
    is_closed: bool,
}

impl Output {
    /// Looks at what standard output is.
    pub(crate) fn new() -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_terminal =
            io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        Self { is_terminal, has_colour: is_terminal && !is_set("NO_COLOR"), is_closed: false }
    }

    /// Whether a person sits at the other end of standard output.
    pub(crate) const fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Whether colour may be used.
    pub(crate) const fn has_colour(&self) -> bool {
        self.has_colour
    }

    /// Whether the reader of standard output has gone away.
    pub(crate) const fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Columns to lay tables out for.
    pub(crate) fn width(&self) -> u16 {
        let measured =
            if self.is_terminal { terminal::size().ok().map(|(columns, _)| columns) } else { None };
        measured.filter(|columns| *columns > 0).unwrap_or(WIDTH_WITHOUT_TERMINAL)
    }

    /// A result: the text and a line end, on standard output. Nothing is written once the reader has gone.
    pub(crate) fn print(&mut self, text: impl fmt::Display) {
        if self.is_closed {
            return;
        }
        let mut stdout = io::stdout().lock();
        if let Err(error) = writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
            self.is_closed = true;
            if error.kind() != ErrorKind::BrokenPipe {
                Self::note(format_args!("standard output can't be written: {error}"));
            }
        }
    }

    /// A remark beside the result, on standard error. One that can't be written is lost: there is nowhere to say so.
    pub(crate) fn note(text: impl fmt::Display) {
        let _ = writeln!(io::stderr().lock(), "note: {text}");
    }

    /// A failure, on standard error.
    pub(crate) fn failure(failure: &Failure) {
        let _ = writeln!(io::stderr().lock(), "error: {failure}");
    }

    /// What the parser of the command line has to say: help on standard output, a usage error on standard error.
    pub(crate) fn clap(&mut self, message: &clap::Error) -> ExitCode {
        if message.print().is_err() {
            self.is_closed = true;
        }
        if message.use_stderr() { ExitCode::Usage } else { ExitCode::Done }
    }
}
