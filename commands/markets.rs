//! `kalshi-bot markets`: which markets the bot would enter and why not the others, and one market seen closely.

mod judge;
mod row;
mod scan;
mod show;
mod words;

use crate::cli::markets::{MarketsArguments, MarketsCommand};
use crate::exit::{ExitCode, Failure};
use crate::output::Output;

/// Scans the markets or shows one.
pub(crate) fn run(arguments: &MarketsArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    match &arguments.command {
        MarketsCommand::Scan(arguments) => scan::run(arguments, output),
        MarketsCommand::Show(arguments) => show::run(arguments, output),
    }
}
