//! `kalshi-bot completions`: the completion script of a shell.

use crate::cli::{Cli, CompletionsArguments};
use crate::exit::ExitCode;
use crate::output::Output;
use clap::CommandFactory;

/// Prints the script for the shell asked for.
pub(crate) fn run(arguments: &CompletionsArguments, output: &mut Output) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell.generator(), &mut Cli::command(), "kalshi-bot", &mut script);
    output.print(String::from_utf8_lossy(&script).trim_end());
    ExitCode::Done
}
