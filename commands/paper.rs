//! `kalshi-bot paper`: one run with paper money, watched and reported.

use crate::cli::{Format, PaperArguments, Speed};
use crate::config;
use crate::exit::{ExitCode, Failure};
use crate::output::Output;
use crate::report_table;
use crate::start::{Ended, Plan, start};
use crate::view::View;
use crate::watch::{Display, Live, Watcher};
use indicatif::{ProgressBar, ProgressStyle};
use kalshi_bot::config::Settings;
use kalshi_bot::report::performance::RunRequest;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Runs to the end, or until a person ends it, and reports.
pub(crate) fn run(arguments: PaperArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings =
        config::load(&arguments.files, overrides(&arguments)).map_err(|error| Failure::config(&error))?;
    let (plan, request) = plan(arguments.replay, arguments.length, &settings);
    let stop = stop_on_signals().map_err(|error| {
        let next = "check that the system allows signal handlers; nothing was run";
        Failure::new(ExitCode::Failed, "Ctrl-C can't be watched for", error, next)
    })?;

    let mut watcher = Watcher::new(display(arguments.output, &request, output), stop);
    let ended = start(&plan, &settings, &mut watcher);
    // The terminal must be back before anything else is said.
    let collector = watcher.into_collector();
    let Ended { end, was_kept_from_trading } = ended?;

    let report = collector.finish(request, &end);
    match arguments.output {
        Format::Table => output.print(report_table::render(&report, &end.measured, output.width())),
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
fn plan(replay: Vec<PathBuf>, length: Option<Duration>, settings: &Settings) -> (Plan, RunRequest) {
    let paper = &settings.paper;
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
    (Plan { replay, length, source: source.clone() }, RunRequest { source, seed, speed })
}

/// Sets the flag on the first Ctrl-C or SIGTERM; the second one ends the program at once.
fn stop_on_signals() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_default(signal, stop.clone())?;
        flag::register(signal, stop.clone())?;
    }
    Ok(stop)
}

fn display<'a>(format: Format, request: &RunRequest, output: &'a mut Output) -> Display<'a> {
    if format == Format::Json {
        return Display::Bar(
            ProgressBar::no_length().with_style(
                ProgressStyle::with_template("{wide_bar} {msg}, {pos} s of the run")
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            ),
        );
    }
    if output.is_terminal() {
        match Live::open(View::new(request, output.has_colour())) {
            Ok(live) => return Display::Live(Box::new(live)),
            Err(error) => {
                Output::note(format_args!("the live view can't be shown ({error}); events follow as lines"));
            }
        }
    }
    Display::Lines(output)
}
