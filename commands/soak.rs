//! `kalshi-bot soak`: lives many simulated lives in which everything goes wrong, and says whether everything held.

use crate::cli::Format;
use crate::cli::soak::SoakArguments;
use crate::exit::{ExitCode, Failure};
use crate::output::Output;
use indicatif::{ProgressBar, ProgressStyle};
use kalshi_bot::soak::{self, Life, Plan, Planned, SoakError, Span, Tally};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

/// The result as a document.
#[derive(Debug, Serialize)]
struct Document {
    seeds: u64,
    simulated_hours: u64,
    wall_seconds: u64,
    faults: BTreeMap<&'static str, u64>,
    kills: u64,
    power_losses: u64,
    recoveries: usize,
    recovery_ms: Percentiles,
    requests: u64,
    orders: u64,
    fills: u64,
    trades: u64,
    halts: u64,
    checks: u64,
    violations: usize,
    trace: String,
    failing: Vec<Failing>,
}

#[derive(Debug, Serialize)]
struct Percentiles {
    p50: u128,
    p99: u128,
    max: u128,
}

/// A seed in which something did not hold.
#[derive(Debug, Serialize)]
struct Failing {
    seed: u64,
    rule: &'static str,
    time: String,
    detail: String,
    /// What has to go wrong at the least.
    faults: Vec<String>,
    replay: String,
}

/// Lives them.
pub(crate) fn run(arguments: &SoakArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if arguments.plan {
        for seed in arguments.seeds.first..=arguments.seeds.last {
            output.print(plan(&planned(arguments, seed)));
        }
        return Ok(ExitCode::Done);
    }
    let threads = arguments
        .threads
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get));
    let span = Span {
        first: arguments.seeds.first,
        last: arguments.seeds.last,
        hours: arguments.hours,
        only: arguments.only.as_ref().map(|numbers| numbers.iter().copied().collect()),
        threads,
    };
    let bar = progress_bar(span.last - span.first + 1);
    let begun = Instant::now();
    let mut violated = 0_u64;
    let tally = soak::run(&span, |life| {
        violated += u64::from(life.violation.is_some());
        bar.set_message(format!("{violated} violated"));
        bar.inc(1);
        true
    });
    bar.finish_and_clear();
    let tally = tally.map_err(|error| unlivable(&error))?;
    let failing =
        tally.violated.iter().map(|life| failing(arguments, life)).collect::<Result<Vec<_>, _>>()?;
    let document = document(tally, begun.elapsed(), failing);
    let code = if document.failing.is_empty() { ExitCode::Done } else { ExitCode::Drift };
    output.print(match arguments.output {
        Format::Table => words(&document),
        Format::Json => serde_json::to_string_pretty(&document).map_err(|error| {
            let next = "use `--output table`";
            Failure::new(ExitCode::Failed, "the result can't be written as JSON", error, next)
        })?,
    });
    Ok(code)
}

fn planned(arguments: &SoakArguments, seed: u64) -> Plan {
    let plan = Plan::of_seed(seed, arguments.hours);
    match &arguments.only {
        Some(numbers) => plan.only(&numbers.iter().copied().collect()),
        None => plan,
    }
}

fn plan(plan: &Plan) -> String {
    let mut text =
        format!("seed {} from {}, {} hours\n", plan.seed, plan.start, plan.lasts.as_secs() / 3_600);
    for (key, value) in &plan.settings {
        let _ = writeln!(text, "  {key} = {value}");
    }
    for planned in &plan.faults {
        let _ = writeln!(text, "  {planned}");
    }
    text.trim_end().to_owned()
}

/// Finds the least that has to go wrong for a violation.
fn failing(arguments: &SoakArguments, life: &Life) -> Result<Failing, Failure> {
    let plan = planned(arguments, life.seed);
    let (life, needed) = if arguments.no_shrink {
        (life.clone(), plan.faults.iter().map(|planned| planned.number).collect())
    } else {
        soak::shrink(&plan, life.clone()).map_err(|error| unlivable(&error))?
    };
    let numbers: Vec<String> = needed.iter().map(ToString::to_string).collect();
    let shown = if arguments.no_shrink { &[][..] } else { &plan.faults[..] };
    let faults = shown.iter().filter(|planned| needed.contains(&planned.number));
    let (rule, time, detail) = life.violation.map_or_else(Default::default, |violation| {
        (violation.rule, violation.time.to_string(), violation.detail)
    });
    let mut replay = format!("kalshi-bot soak --seeds {} --hours {}", life.seed, arguments.hours);
    if !arguments.no_shrink || arguments.only.is_some() {
        let _ = write!(replay, " --only {}", numbers.join(","));
    }
    Ok(Failing {
        seed: life.seed,
        rule,
        time,
        detail,
        faults: faults.map(Planned::to_string).collect(),
        replay,
    })
}

fn document(tally: Tally, took: Duration, failing: Vec<Failing>) -> Document {
    let millis = |permille| tally.recovery(permille).unwrap_or_default().as_millis();
    Document {
        recovery_ms: Percentiles { p50: millis(500), p99: millis(990), max: millis(1_000) },
        seeds: tally.seeds,
        simulated_hours: tally.lived.as_secs() / 3_600,
        wall_seconds: took.as_secs(),
        kills: tally.kills,
        power_losses: tally.power_losses,
        recoveries: tally.recoveries.len(),
        requests: tally.counts.requests,
        orders: tally.counts.orders,
        fills: tally.counts.fills,
        trades: tally.counts.trades,
        halts: tally.counts.halts,
        checks: tally.counts.checks,
        violations: failing.len(),
        trace: format!("{:016x}", tally.trace),
        faults: tally.faults,
        failing,
    }
}

fn words(document: &Document) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<22}{value}");
    };
    line("seeds", document.seeds.to_string());
    line("simulated hours", document.simulated_hours.to_string());
    line("wall clock", format!("{} s", document.wall_seconds));
    let faults: Vec<_> = document.faults.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    line("faults", faults.join(", "));
    line("kills", format!("{}, {} of them with a loss of power", document.kills, document.power_losses));
    let Percentiles { p50, p99, max } = document.recovery_ms;
    line(
        "recoveries",
        format!("{}: half within {p50} ms, 99 % within {p99} ms, all within {max} ms", document.recoveries),
    );
    line("requests, orders", format!("{}, {}", document.requests, document.orders));
    line("fills, round trips", format!("{}, {}", document.fills, document.trades));
    line("halts that latched", document.halts.to_string());
    line("comparisons", document.checks.to_string());
    line("trace", document.trace.clone());
    line("violations", document.violations.to_string());
    for failing in &document.failing {
        let _ =
            writeln!(text, "\nseed {} {} {}: {}", failing.seed, failing.time, failing.rule, failing.detail);
        for fault in &failing.faults {
            let _ = writeln!(text, "  {fault}");
        }
        let _ = writeln!(text, "  {}", failing.replay);
    }
    text.trim_end().to_owned()
}

fn progress_bar(seeds: u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} lives, {per_sec}, {msg}, {eta} left");
    let bar = ProgressBar::new(seeds);
    style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
}

fn unlivable(error: &SoakError) -> Failure {
    let next = "make room in /dev/shm or the folder for temporary files, and run it again";
    Failure::new(ExitCode::Failed, "a life could not be simulated", error, next)
}
