//! `kalshi-bot report`: what trading came to, from what the store keeps of it.

mod daily;
mod load;
mod mail;
mod once;
mod text;

use crate::cli::report::{ReportArguments, ReportCommand};
use crate::exit::{ExitCode, Failure};
use crate::output::Output;

/// Makes the report that was asked for.
pub(crate) fn run(arguments: &ReportArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    match &arguments.command {
        ReportCommand::Daily(arguments) => daily::run(arguments, output),
    }
}
