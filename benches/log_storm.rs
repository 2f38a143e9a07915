//! What a storm of log lines costs the engine: the time from a frame to what is decided, over generated markets as fast as
//! they come, without and with another thread that logs 100,000 lines a second to console, file and store. The two
//! alternate in one process, and the medians of the rounds are compared.
//!
//! `cargo bench --bench log_storm -- ROUNDS SECONDS` sets how many rounds there are of each and how long one lasts.
#![allow(clippy::print_stdout, reason = "a benchmark prints its table")]
#![allow(clippy::float_arithmetic, reason = "ratios of two measurements, for people")]

use hdrhistogram::Histogram;
use kalshi_bot::config::{self, LogDestination, LogFormat, LogRotation, Logging, Settings, Sources};
use kalshi_bot::engine::{Engine, EngineSettings, Outbox};
use kalshi_bot::exchange::generated::{GeneratedMarkets, GeneratedSettings};
use kalshi_bot::execution::shards::ShardCash;
use kalshi_bot::gateway::inbound::Inbound;
use kalshi_bot::market::feed::SequencePolicy;
use kalshi_bot::replay::source::{Item, Source};
use kalshi_bot::store::{RunDescription, RunKind, Store, Writer};
use kalshi_bot::strategy::HighProbability;
use kalshi_bot::telemetry::log::Logs;
use kalshi_bot::telemetry::queue::Queue;
use kalshi_bot::units::Timestamp;
use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Lines a second.
const LINES_A_SECOND: u64 = 100_000;
/// How often the storm catches up with the clock.
const GUST: Duration = Duration::from_millis(1);

/// One of a round's figures.
type Figure = fn(&Round) -> u64;

/// One round's times, in nanoseconds.
struct Round {
    p50: u64,
    p99: u64,
    p999: u64,
    frames: u64,
    seconds: f64,
    lines: u64,
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u64>().ok());
    let (rounds, seconds) = (numbers.next().unwrap_or(5), numbers.next().unwrap_or(10));
    let folder = tempfile::tempdir().expect("a folder");
    let logs = logs(folder.path());
    logs.install();
    let settings = config::load(&Sources::default()).expect("the defaults are sound");
    let writer = writer(folder.path(), &logs);
    round(&settings, &writer, Duration::from_secs(1), None);

    let length = Duration::from_secs(seconds);
    let mut pairs = Vec::new();
    println!("round   storm   frames/s    p50 ns    p99 ns  p99.9 ns    lines");
    for number in 1..=rounds {
        let without = round(&settings, &writer, length, None);
        show(number, "no", &without);
        let with = round(&settings, &writer, length, Some(LINES_A_SECOND));
        show(number, "yes", &with);
        pairs.push((without, with));
    }
    compare(&pairs);
    let sent: u64 = pairs.iter().map(|(_, with)| with.lines).sum();
    let counts = writer.finish(Timestamp::EPOCH).expect("every record is stored");
    logs.flush();
    println!("\n{sent} lines logged; lines stored: {}", counts.lines);
    for Queue { name, depth, dropped } in logs.queues() {
        println!("{name:<12} dropped {dropped}, waiting {depth}");
    }
}

/// The real pipeline: a console that leads nowhere, a file, and the queue of the store.
fn logs(folder: &Path) -> Logs {
    let logging = Logging {
        level: tracing::Level::INFO,
        modules: vec![("log_storm".to_owned(), tracing::level_filters::LevelFilter::INFO)],
        format: LogFormat::Json,
        destination: LogDestination::Stderr,
        file: Some(folder.join("logs")),
        rotation: LogRotation::Never,
        keep_files: 1,
        store_level: tracing::Level::INFO,
    };
    let nowhere = OpenOptions::new().write(true).open("/dev/null").expect("it is there");
    Logs::start_with(&logging, nowhere).expect("the log opens")
}

fn writer(folder: &Path, logs: &Logs) -> Writer {
    let store = Store::open(&folder.join("account")).expect("the store opens").with_logs(logs.clone());
    let run = RunDescription {
        id: "storm".to_owned(),
        kind: RunKind::Paper,
        source: "generated markets".to_owned(),
        settings: String::new(),
        started: Timestamp::EPOCH,
    };
    store.start_run(&run).expect("the run starts")
}

/// Runs the engine for a while, with so many lines a second beside it.
fn round(settings: &Settings, writer: &Writer, length: Duration, storm: Option<u64>) -> Round {
    let is_over = Arc::new(AtomicBool::new(false));
    let lines = Arc::new(AtomicU64::new(0));
    let thread = storm.map(|rate| {
        let (is_over, lines) = (Arc::clone(&is_over), Arc::clone(&lines));
        std::thread::spawn(move || rage(rate, &is_over, &lines))
    });
    let mut times = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3).expect("sound bounds");
    let started = Instant::now();
    let mut seed = 1;
    while started.elapsed() < length {
        trade(settings, writer, seed, started + length, &mut times);
        seed += 1;
    }
    let seconds = started.elapsed().as_secs_f64();
    is_over.store(true, Ordering::Relaxed);
    if let Some(thread) = thread {
        thread.join().expect("the storm ends");
    }
    Round {
        p50: times.value_at_quantile(0.5),
        p99: times.value_at_quantile(0.99),
        p999: times.value_at_quantile(0.999),
        frames: times.len(),
        seconds,
        lines: lines.load(Ordering::Relaxed),
    }
}

/// Logs so many lines a second until it is over.
fn rage(rate: u64, is_over: &AtomicBool, lines: &AtomicU64) {
    let started = Instant::now();
    let mut sent = 0;
    while !is_over.load(Ordering::Relaxed) {
        let elapsed = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let due = elapsed * rate / 1_000_000;
        while sent < due {
            tracing::info!(
                order = "kb-1k3f9x2a-17",
                market = "KXHIGHNY-26DEC01-T50",
                number = sent,
                "a line of the storm"
            );
            sent += 1;
        }
        std::thread::sleep(GUST);
    }
    lines.store(sent, Ordering::Relaxed);
}

/// One hour of generated markets, or as much of it as there is time for; each frame is timed from bytes to decision.
fn trade(settings: &Settings, writer: &Writer, seed: u64, until: Instant, times: &mut Histogram<u64>) {
    let generated = GeneratedSettings { seed, ..GeneratedSettings::default() };
    let mut source = GeneratedMarkets::new(&generated);
    let rules = settings.clone();
    let mut engine = Engine::new(EngineSettings {
        limits: settings.risk.clone(),
        starting_cash: settings.paper.capital,
        shard_cash: ShardCash::default(),
        sequence: SequencePolicy::Contiguous,
        rules: Box::new(move |spec| rules.rules_for(&spec.series, &spec.category)),
        strategy: Box::new(HighProbability),
        latched: Vec::new(),
    });
    let mut inbound = Inbound::new(source.uses_yes_price());
    let mut out = Outbox::default();
    while let Some((now, item)) = source.next().expect("markets are generated without end") {
        match item {
            Item::Event(event) => engine.step(now, &event, &mut out),
            Item::Frame(frame) => {
                let read = Instant::now();
                if let Some(event) = inbound.translate(frame).expect("a sound frame").event() {
                    engine.step(now, &event, &mut out);
                }
                let took = read.elapsed();
                times.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
                if read >= until {
                    return;
                }
            }
        }
        out.records.iter().for_each(|record| writer.record(record));
        out.clear();
    }
}

fn show(number: u64, storm: &str, round: &Round) {
    let Round { p50, p99, p999, frames, seconds, lines } = round;
    let rate = Duration::from_secs(*frames).div_f64(*seconds).as_secs();
    println!("{number:>5}   {storm:>5}   {rate:>8}  {p50:>8}  {p99:>8}  {p999:>8} {lines:>8}");
}

fn compare(pairs: &[(Round, Round)]) {
    println!("\nmedians of the rounds     without      with     ratio");
    let p50: Figure = |round| round.p50;
    for (name, figure) in [("p50 ns", p50), ("p99 ns", |round| round.p99), ("p99.9 ns", |round| round.p999)] {
        let without = median(pairs.iter().map(|(without, _)| figure(without)).collect());
        let with = median(pairs.iter().map(|(_, with)| figure(with)).collect());
        let ratio =
            Duration::from_nanos(with).as_secs_f64() / Duration::from_nanos(without.max(1)).as_secs_f64();
        println!("{name:<22} {without:>10} {with:>9} {ratio:>9.3}");
    }
}

fn median(mut figures: Vec<u64>) -> u64 {
    figures.sort_unstable();
    figures.get(figures.len() / 2).copied().unwrap_or(0)
}
