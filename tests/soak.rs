//! A busy feed over a real socket: 2,000 markets and 20,000 changes a second from an exchange on this machine, through
//! the stream and the translation into the engine. Nothing may be lost.
//!
//! The short form is an ordinary test. The long one takes a minute and prints what it cost:
//! `cargo nextest run --test soak --run-ignored only --no-capture`.
#![allow(clippy::print_stdout, reason = "the figures are for whoever measures")]

use kalshi_bot::config::{Sources, load};
use kalshi_bot::engine::{Engine, EngineSettings, Event, Outbox};
use kalshi_bot::execution::shards::ShardCash;
use kalshi_bot::fees::{FeeKind, FeeSchedule};
use kalshi_bot::gateway::inbound::Inbound;
use kalshi_bot::kalshi::stream::{Channel, Stream, StreamEvent, StreamSettings};
use kalshi_bot::market::feed::SequencePolicy;
use kalshi_bot::market::{MarketSpec, MarketStatus, PriceGrid};
use kalshi_bot::strategy::HighProbability;
use kalshi_bot::units::Quantity;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;

#[path = "soak/feed.rs"]
mod feed;

/// How much of everything.
#[derive(Debug, Clone, Copy)]
struct Load {
    markets: u32,
    deltas_per_second: u32,
    seconds: u32,
}

impl Load {
    const fn deltas(self) -> u64 {
        self.deltas_per_second as u64 * self.seconds as u64
    }
}

/// What came of it.
#[derive(Debug, Default)]
struct Outcome {
    snapshots: u64,
    deltas: u64,
    others: u64,
    /// From the first delta to the last.
    span: Duration,
    /// Between the moment the exchange wrote a delta and the moment the engine was through with it: the worst.
    worst_lag: Duration,
}

#[test]
fn two_seconds_of_a_busy_feed_arrive_whole() {
    soak(Load { markets: 2_000, deltas_per_second: 20_000, seconds: 2 });
}

#[test]
#[ignore = "a measurement of one minute, for a quiet machine"]
fn a_minute_of_two_thousand_markets_arrives_whole() {
    soak(Load { markets: 2_000, deltas_per_second: 20_000, seconds: 60 });
}

fn soak(load: Load) {
    let server = feed::serve(load);
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut engine = engine(load);
    let cpu = cpu_time();
    let outcome = runtime.block_on(listen(server.url(), load, &mut engine));
    let cpu = cpu_time().saturating_sub(cpu);
    drop(server);

    let counts = engine.feed_counts();
    println!(
        "{} frames ({} deltas in {} ms: {} a second), worst lag {} ms; this thread: {} ms of CPU; \
         the process with its exchange: {} at most",
        outcome.snapshots + outcome.deltas + outcome.others,
        outcome.deltas,
        outcome.span.as_millis(),
        u128::from(outcome.deltas) * 1_000 / outcome.span.as_millis().max(1),
        outcome.worst_lag.as_millis(),
        cpu.as_millis(),
        peak_memory(),
    );
    assert_eq!(outcome.snapshots, u64::from(load.markets));
    assert_eq!(outcome.deltas, load.deltas());
    assert_eq!(
        counts.applied,
        outcome.snapshots + outcome.deltas,
        "every change reached its book: {counts:?}"
    );
    let faults =
        [counts.gaps, counts.resyncs, counts.unknown_tickers, counts.before_snapshot, counts.broken_books];
    assert_eq!(faults, [0; 5], "{counts:?}");
}

/// Takes everything the exchange sends until the last delta is in the engine.
async fn listen(url: String, load: Load, engine: &mut Engine) -> Outcome {
    let channels = vec![Channel::OrderbookDelta];
    let settings = StreamSettings { channels, ..StreamSettings::new(url, Arc::new(Vec::new)) };
    let mut stream = Stream::new(settings).expect("an address on this machine");
    stream.follow(&(0..load.markets).map(feed::ticker).collect::<Vec<_>>());
    let mut inbound = Inbound::new(true);
    let (mut out, mut outcome) = (Outbox::default(), Outcome::default());
    let mut first_delta = None;
    while outcome.deltas < load.deltas() {
        let event = tokio::time::timeout(Duration::from_secs(20), stream.next()).await;
        let frame = match event.expect("the feed goes on") {
            StreamEvent::Frame(frame) => frame,
            StreamEvent::Connected => continue,
            other => panic!("{other:?}"),
        };
        let now = feed::wall_clock();
        let event = inbound.translate(frame.as_bytes()).expect("a frame that makes sense").event();
        match event {
            Some(Event::Delta { .. }) => outcome.deltas += 1,
            Some(Event::Snapshot { .. }) => outcome.snapshots += 1,
            _ => outcome.others += 1,
        }
        if let Some(event) = event {
            engine.step(now, &event, &mut out);
            out.clear();
        }
        if outcome.deltas > 0 {
            first_delta.get_or_insert_with(Instant::now);
            outcome.worst_lag = outcome.worst_lag.max(feed::age(frame.as_bytes(), feed::wall_clock()));
        }
    }
    outcome.span = first_delta.map(|first| first.elapsed()).unwrap_or_default();
    stream.close().await;
    outcome
}

/// An engine by the default settings that knows the markets.
fn engine(load: Load) -> Engine {
    let settings = load_defaults();
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
    let now = feed::wall_clock();
    let mut out = Outbox::default();
    for market in 0..load.markets {
        let ticker = feed::ticker(market);
        let spec = MarketSpec {
            event: format!("KXSOAK-{}", market / 10),
            series: "KXSOAK".into(),
            category: "Sports".into(),
            title: ticker.clone(),
            open: now - Duration::from_hours(1),
            close: now + Duration::from_hours(3),
            grid: PriceGrid::cents(),
            fees: FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 },
            status: MarketStatus::Active,
            volume: Quantity::from_contracts(50_000),
            shard: 0,
            ticker,
        };
        engine.step(now, &Event::Listed(&spec), &mut out);
    }
    engine
}

fn load_defaults() -> kalshi_bot::config::Settings {
    load(&Sources::default()).expect("the defaults are sound")
}

/// What this thread has used of the processor, in the kernel's steps of 10 ms; nothing where the kernel doesn't tell.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap_or_default();
    // The name in parentheses may hold blanks; user and system time are the 12th and 13th field after it.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 =
        after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or_else(|| "an unknown amount of memory".to_owned(), |peak| peak.trim().to_owned())
}
