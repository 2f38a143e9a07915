//! The log of this process: plain warnings on standard error for short commands, what is configured for the commands that
//! run long. While the live view owns the terminal, lines are held back, and given out when it has left.

use crate::exit::{ExitCode, Failure};
use kalshi_bot::config::Logging;
use kalshi_bot::telemetry::log::Logs;
use std::sync::OnceLock;
use tracing::level_filters::LevelFilter;

/// The log, from the moment it is known how it should be.
static LOGS: OnceLock<Logs> = OnceLock::new();

/// Starts the log of a short command: warnings and errors, and with each `-v` one level more.
pub(crate) fn start(verbose: u8) {
    install(Logs::plain(level(verbose)));
}

/// Starts the log of a command that runs long: as configured, and with `-v` no less than a short command would show.
///
/// # Errors
/// A [`Failure`] when the folder of log files can't be used.
pub(crate) fn follow(logging: &Logging, verbose: u8) -> Result<Logs, Failure> {
    let raised = if verbose == 0 { LevelFilter::OFF } else { level(verbose) };
    let logs = Logs::start(logging, raised).map_err(|error| {
        let folder =
            logging.file.as_deref().map_or_else(String::new, |folder| format!("{}: ", folder.display()));
        let next =
            "name a folder that can be written with the key logging.file, or leave it empty for no files";
        Failure::new(ExitCode::Failed, "the log files can't be written", format!("{folder}{error}"), next)
    })?;
    install(logs.clone());
    Ok(logs)
}

const fn level(verbose: u8) -> LevelFilter {
    match verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}

fn install(logs: Logs) {
    LOGS.get_or_init(|| logs).install();
}

/// Holds lines back until [`release`].
pub(crate) fn hold() {
    if let Some(logs) = LOGS.get() {
        logs.hold();
    }
}

/// Gives out the lines that were held back, and lets the next ones through.
pub(crate) fn release() {
    if let Some(logs) = LOGS.get() {
        logs.release();
    }
}

/// Waits a moment until the lines so far are written, so that what is said next stands after them.
pub(crate) fn flush() {
    if let Some(logs) = LOGS.get() {
        logs.flush();
    }
}
