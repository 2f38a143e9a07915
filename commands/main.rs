//! `kalshi-bot`: the command line of the library. It parses, calls the library and renders; it decides nothing.

mod alerts;
mod balance;
mod checks;
mod cli;
mod completions;
mod config;
mod connection;
mod event_line;
mod exit;
mod fills;
mod flatten;
mod folder;
mod halt;
mod holdings;
mod journal;
mod keygen_check;
mod listing;
mod logging;
mod markets;
mod migrate;
mod orders;
mod output;
mod paper;
mod positions;
mod reconcile;
mod report;
mod report_table;
mod resume;
mod run;
#[cfg(test)]
mod sample;
mod screen;
mod sim;
mod soak;
mod start;
mod status;
mod view;
mod watch;
mod why;

use clap::Parser;
use cli::{Cli, Command};
use exit::{ExitCode, Failure};
use kalshi_bot::figures;
use output::Output;

fn main() -> std::process::ExitCode {
    let mut output = Output::new();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(message) => return output.clap(&message).into(),
    };
    let verbose = cli.verbose;
    // Those that run long log as they are configured, once they know how.
    // Simulated lives are full of warnings, which are for those who ask for them.
    let is_quiet = verbose == 0 && matches!(cli.command, Command::Soak(_));
    if !is_quiet && !matches!(cli.command, Command::Run(_) | Command::Paper(_)) {
        logging::start(verbose);
    }
    let code = match dispatch(cli.command, verbose, &mut output) {
        Ok(code) => code,
        Err(failure) => {
            logging::flush();
            Output::failure(&failure);
            failure.code
        }
    };
    logging::flush();
    code.into()
}

fn dispatch(command: Command, verbose: u8, output: &mut Output) -> Result<ExitCode, Failure> {
    match command {
        Command::Paper(arguments) => paper::run(arguments, verbose, output),
        Command::Run(arguments) => run::run(&arguments, verbose, output),
        Command::Status(arguments) => status::run(&arguments, output),
        Command::Why(arguments) => why::run(&arguments, output),
        Command::Halt(arguments) => halt::run(&arguments, output),
        Command::Resume(arguments) => resume::run(&arguments, output),
        Command::Reconcile(arguments) => reconcile::run(&arguments, output),
        Command::Journal(arguments) => journal::run(&arguments, output),
        Command::Markets(arguments) => markets::run(&arguments, output),
        Command::Orders(arguments) => orders::run(&arguments, output),
        Command::CancelAll(arguments) => orders::cancel::all(&arguments, output),
        Command::Positions(arguments) => positions::run(&arguments, output),
        Command::Balance(arguments) => balance::run(&arguments, output),
        Command::Fills(arguments) => fills::run(&arguments, output),
        Command::Flatten(arguments) => flatten::run(&arguments, output),
        Command::Migrate(arguments) => migrate::run(&arguments, output),
        Command::Report(arguments) => report::run(&arguments, output),
        Command::KeygenCheck(arguments) => keygen_check::run(arguments, output),
        Command::Alerts(arguments) => alerts::run(&arguments, output),
        Command::Sim(arguments) => sim::run(&arguments, output),
        Command::Soak(arguments) => soak::run(&arguments, output),
        Command::Config(arguments) => config::run(arguments, output),
        Command::Completions(arguments) => Ok(completions::run(&arguments, output)),
    }
}
