//! What a decision costs: one step of the engine from a changed book to nothing, and from a changed book to an order; and
//! what it costs to write that order down before it leaves.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use kalshi_bot::engine::{Engine, EngineSettings, Event, Outbox, Rules, Stamp};
use kalshi_bot::execution::client_id::{Prefix, RunTag};
use kalshi_bot::execution::shards::ShardCash;
use kalshi_bot::execution::{OrderId, OrderRequest, Purpose, TimeInForce};
use kalshi_bot::fees::{FeeKind, FeeSchedule};
use kalshi_bot::journal::{self, Cause, FolderDisk};
use kalshi_bot::market::feed::SequencePolicy;
use kalshi_bot::market::filter::Filter;
use kalshi_bot::market::{Level, MarketId, MarketSpec, MarketStatus, PriceGrid, Side};
use kalshi_bot::risk::Limits;
use kalshi_bot::strategy::{EntryStyle, HighProbability, Parameters, TakeProfitStyle};
use kalshi_bot::units::{Money, Price, Quantity, Ratio, Timestamp};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_secs(1_795_000_000);

fn cents(cents: i64) -> Price {
    Price::from_raw(cents * 10_000)
}

fn rules() -> Rules {
    Rules {
        filter: Filter {
            categories: vec!["Economics".into(), "Sports".into()],
            min_volume: Quantity::from_contracts(10_000),
            min_liquidity: Money::from_dollars(500),
            liquidity_reach: cents(5),
            max_spread: cents(2),
            min_time_to_close: Duration::from_hours(1),
            max_time_to_close: Duration::from_hours(24),
        },
        parameters: Parameters {
            entry_threshold: cents(85),
            profit_target: Ratio::from_raw(20_000),
            stop_loss: Ratio::from_raw(10_000),
            widen_stop: true,
            entry_style: EntryStyle::Taker,
            maker_entry_lifetime: Duration::from_secs(30),
            take_profit_style: TakeProfitStyle::Maker,
            stop_slippage: cents(5),
            hold_to_settlement: false,
            exit_before_close: Duration::from_mins(10),
            cooldown: Duration::from_mins(15),
        },
    }
}

/// An engine with 200 markets whose YES costs 0.84: a cent short of a signal.
fn engine() -> Engine {
    let mut engine = Engine::new(EngineSettings {
        limits: Limits {
            max_position_size: Ratio::from_raw(100_000),
            max_event_exposure: Ratio::from_raw(100_000),
            max_total_exposure: Ratio::from_raw(300_000),
            max_positions: 5,
            max_daily_loss: Ratio::from_raw(50_000),
            max_drawdown: Ratio::from_raw(150_000),
            max_consecutive_losses: 5,
            circuit_breaker_enabled: true,
            max_feed_silence: Duration::from_secs(15),
            pause_margin: Duration::from_mins(10),
        },
        starting_cash: Money::from_dollars(10_000),
        shard_cash: ShardCash::default(),
        sequence: SequencePolicy::Contiguous,
        rules: Box::new(|_| rules()),
        strategy: Box::new(HighProbability),
        latched: Vec::new(),
    });
    let mut out = Outbox::default();
    for index in 0..200_u64 {
        let ticker = format!("KXBENCH-26NOV22-B{index}");
        let spec = MarketSpec {
            event: format!("KXBENCH-{index}"),
            series: "KXBENCH".into(),
            category: "Sports".into(),
            title: ticker.clone(),
            open: NOW - Duration::from_hours(1),
            close: NOW + Duration::from_hours(3),
            grid: PriceGrid::cents(),
            fees: FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 },
            status: MarketStatus::Active,
            volume: Quantity::from_contracts(50_000),
            shard: 0,
            ticker,
        };
        engine.step(NOW, &Event::Listed(&spec), &mut out);
        let levels = |best: i64, step: i64| -> Vec<Level> {
            (0..40)
                .map(|n| Level { price: cents(best + n * step), size: Quantity::from_contracts(200) })
                .collect()
        };
        let stamp = Stamp { sid: 1, seq: Some(index + 1) };
        let (bids, asks) = (levels(83, -1), levels(84, 1));
        let asks = &asks[..15];
        engine.step(NOW, &Event::Snapshot { ticker: &spec.ticker, stamp, bids: &bids, asks }, &mut out);
    }
    assert!(out.commands.is_empty());
    engine
}

fn delta(seq: u64, side: Side, price: Price, contracts: i64) -> Event<'static> {
    let stamp = Stamp { sid: 1, seq: Some(seq) };
    let change = Quantity::from_contracts(contracts);
    Event::Delta { ticker: "KXBENCH-26NOV22-B117", stamp, side, price, change }
}

fn step(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("step");
    let (mut engine_, mut out, mut seq) = (engine(), Outbox::default(), 200);
    group.bench_function("book change, no signal", |bencher| {
        bencher.iter(|| {
            seq += 1;
            let change = if seq % 2 == 0 { -10 } else { 10 };
            engine_.step(NOW, black_box(&delta(seq, Side::Bid, cents(83), change)), &mut out);
        });
    });
    assert!(out.is_empty());
    group.bench_function("book change to order", |bencher| {
        bencher.iter_batched_ref(
            || {
                let mut engine = engine();
                let mut out = Outbox { commands: Vec::with_capacity(8), records: Vec::with_capacity(8) };
                engine.step(NOW, &delta(201, Side::Ask, cents(84), -200), &mut out);
                engine.step(NOW, &delta(202, Side::Ask, cents(85), -199), &mut out);
                out.clear();
                (engine, out)
            },
            |(engine, out)| {
                engine.step(NOW, black_box(&delta(203, Side::Bid, cents(84), 300)), out);
                assert!(!out.commands.is_empty());
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn journal(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = Arc::new(FolderDisk::open(folder.path()).expect("a folder of this user"));
    let mut journal = journal::open(disk).expect("an empty journal").begin(0, &[]).expect("there is room");
    let (prefix, run) = (Prefix::default(), RunTag::of_start(NOW));
    let cause = Cause::of(&delta(7, Side::Bid, cents(84), 300));
    let mut number = 0;
    let mut group = criterion.benchmark_group("journal");
    group.bench_function("intent journaled", |bencher| {
        bencher.iter(|| {
            number += 1;
            let request = OrderRequest {
                id: OrderId(number),
                market: MarketId(0),
                side: Side::Bid,
                price: cents(85),
                quantity: Quantity::from_contracts(117),
                time_in_force: TimeInForce::ImmediateOrCancel,
                post_only: false,
                reduce_only: false,
                purpose: Purpose::Entry,
            };
            let names: (&dyn std::fmt::Display, &dyn std::fmt::Display) = (&prefix, &run);
            journal.intent(NOW, names, "KXBENCH-26NOV22-B117", black_box(&request), &cause);
            journal.commit().expect("there is room");
            // As a beat does, so that what is folded doesn't grow without end.
            if number.is_multiple_of(1_000) {
                journal.tend();
            }
        });
    });
    group.finish();
}

criterion_group!(benches, step, journal);
criterion_main!(benches);
