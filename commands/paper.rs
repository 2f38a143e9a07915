//! `kalshi-bot paper`: one run with paper money, watched and reported.

use crate::cli::exchange::ExchangeArguments;
use crate::cli::{Format, PaperArguments, Speed};
use crate::config;
use crate::connection;
use crate::exit::{ExitCode, Failure};
use crate::logging;
use crate::output::Output;
use crate::report_table;
use crate::start::{Ended, Plan, start};
use crate::watch::{Watcher, display, stop_on_signals};
use kalshi_bot::config::Settings;
use kalshi_bot::report::performance::RunRequest;
use std::path::PathBuf;
use std::time::Duration;

/// Runs to the end, or until a person ends it, and reports.
pub(crate) fn run(arguments: PaperArguments, verbose: u8, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings = match &arguments.feed {
        Some(feed) => connection::settings(&exchange(feed, &arguments), overrides(&arguments))?,
        None => {
            config::load(&arguments.files, overrides(&arguments)).map_err(|error| Failure::config(&error))?
        }
    };
    let logs = logging::follow(&settings.logging, verbose)?;
    let is_fed = arguments.feed.is_some();
    let (plan, request) = plan(arguments.replay, is_fed, arguments.length, &settings);
    let stop = stop_on_signals()?;

    let mut watcher = Watcher::new(display(arguments.output, "PAPER", &request, output), stop);
    let ended = start(&plan, &settings, &logs, &mut watcher);
    // The terminal must be back before anything else is said.
    let collector = watcher.into_collector();
    let Ended { end, was_kept_from_trading } = ended?;

    let report = collector.finish(request, &end);
    match arguments.output {
        Format::Table => {
            output.print(report_table::render("Paper run", &report, &end.measured, output.width()));
        }
        Format::Json => output.print(report.to_json().map_err(|error| {
            Failure::new(
                ExitCode::Failed,
                "the report can't be written as JSON",
                error,
                "use `--output table`",
            )
        })?),
    }
    if was_kept_from_trading {
        Output::note(
            "a halt of an earlier run was in force, so nothing was opened; `kalshi-bot resume` clears it",
        );
        return Ok(ExitCode::Halted);
    }
    Ok(ExitCode::Done)
}

/// The exchange that feeds the run.
fn exchange(feed: &str, arguments: &PaperArguments) -> ExchangeArguments {
    let api_url = (!["demo", "production"].contains(&feed)).then(|| feed.to_owned());
    ExchangeArguments { production: feed == "production", api_url, files: arguments.files.clone() }
}

/// What the flags set in the configuration.
fn overrides(arguments: &PaperArguments) -> Vec<(String, String)> {
    let speed = arguments.speed.map(|speed| match speed {
        Speed::Max => "0".to_owned(),
        Speed::Times(times) => times.to_string(),
    });
    let set = [
        ("paper.seed", arguments.seed.map(|seed| seed.to_string())),
        ("paper.markets", arguments.markets.map(|markets| markets.to_string())),
        ("paper.capital", arguments.capital.map(|capital| capital.to_string())),
        ("paper.speed", speed),
        ("state.dir", arguments.state_dir.as_ref().map(|dir| dir.display().to_string())),
    ];
    set.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// What is run, and how the report names it.
fn plan(
    replay: Vec<PathBuf>,
    is_fed: bool,
    length: Option<Duration>,
    settings: &Settings,
) -> (Plan, RunRequest) {
    let paper = &settings.paper;
    if is_fed {
        let exchange = settings.api.exchange();
        let source = format!("live markets of the {} exchange", exchange.kind.as_str());
        let request = RunRequest { source: source.clone(), seed: None, speed: "1".to_owned() };
        return (Plan { replay, is_fed, length, source }, request);
    }
    let is_generated = replay.is_empty();
    let source = if is_generated {
        format!("{} generated markets", paper.markets)
    } else {
        let paths: Vec<String> = replay.iter().map(|path| path.display().to_string()).collect();
        format!("recordings in {}", paths.join(", "))
    };
    let speed = if paper.speed.is_zero() { "max".to_owned() } else { format!("{:.0}", paper.speed) };
    let seed = is_generated.then_some(paper.seed);
    let length = length.or(is_generated.then_some(paper.length));
    (Plan { replay, is_fed, length, source: source.clone() }, RunRequest { source, seed, speed })
}
