//! Log lines, on standard error. While the live view owns the terminal they are held back, and given out when it has
//! left.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use tracing::level_filters::LevelFilter;

/// Lines held back while the live view is up.
static HELD: Mutex<Option<Vec<u8>>> = Mutex::new(None);

/// Starts logging: warnings and errors, and with each `-v` one level more.
pub(crate) fn start(verbose: u8) {
    let level = match verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .with_target(false)
        .with_writer(|| Lines)
        .init();
}

/// Holds lines back until [`release`].
pub(crate) fn hold() {
    HELD.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default();
}

/// Gives out the lines that were held back, and lets the next ones through.
pub(crate) fn release() {
    if let Some(lines) = HELD.lock().unwrap_or_else(PoisonError::into_inner).take() {
        // A log that can't be written has nowhere to say so.
        let _ = io::stderr().write_all(&lines);
    }
}

/// Writes log lines where they belong at the moment.
struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(lines) = HELD.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            lines.extend_from_slice(bytes);
            return Ok(bytes.len());
        }
        io::stderr().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
