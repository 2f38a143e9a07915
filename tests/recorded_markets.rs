//! The engine on real recordings: books, profit and loss, and settlement, each checked against a second calculation
//! that shares nothing with the first but the files.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use kalshi_bot::engine::record::{ExitReason, FillRecord, SettlementRecord, Trade};
use kalshi_bot::engine::{Engine, EngineSettings, Outbox, Record, Rules};
use kalshi_bot::execution::shards::ShardCash;
use kalshi_bot::fees::BalancePrecision;
use kalshi_bot::gateway::inbound::Inbound;
use kalshi_bot::gateway::paper::PaperSettings;
use kalshi_bot::market::feed::SequencePolicy;
use kalshi_bot::market::filter::Filter;
use kalshi_bot::market::{Outcome, Resolution, Side};
use kalshi_bot::replay::driver::{Observer, Progress, RunEnd, RunSettings, Speed, run};
use kalshi_bot::replay::recording::Recording;
use kalshi_bot::replay::source::{Item, Source};
use kalshi_bot::risk::Limits;
use kalshi_bot::strategy::{EntryStyle, HighProbability, Parameters, TakeProfitStyle};
use kalshi_bot::units::{Money, Quantity, Rounding};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The nine recorded gold markets, or `None` where the recordings aren't at hand.
fn gold() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/ws/gold15m-2026-08");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is not here", folder.display());
    None
}

fn parse<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a decimal")
}

/// Rules loosened for markets that live a quarter of an hour.
fn short_lived() -> Rules {
    Rules {
        filter: Filter {
            categories: Vec::new(),
            min_volume: Quantity::ZERO,
            min_liquidity: Money::ZERO,
            liquidity_reach: parse("0.05"),
            max_spread: parse("0.04"),
            min_time_to_close: Duration::from_secs(90),
            max_time_to_close: Duration::from_hours(24),
        },
        parameters: Parameters {
            entry_threshold: parse("0.80"),
            profit_target: parse("0.05"),
            stop_loss: parse("0.05"),
            widen_stop: true,
            entry_style: EntryStyle::Taker,
            maker_entry_lifetime: Duration::from_secs(30),
            take_profit_style: TakeProfitStyle::Maker,
            stop_slippage: parse("0.05"),
            hold_to_settlement: false,
            exit_before_close: Duration::from_mins(1),
            cooldown: Duration::from_secs(5),
        },
    }
}

fn limits() -> Limits {
    Limits {
        max_position_size: parse("0.01"),
        max_event_exposure: parse("0.10"),
        max_total_exposure: parse("0.30"),
        max_positions: 5,
        max_daily_loss: parse("0.9"),
        max_drawdown: parse("0"),
        max_consecutive_losses: 1_000,
        circuit_breaker_enabled: true,
        max_feed_silence: Duration::from_secs(15),
        pause_margin: Duration::from_mins(10),
    }
}

fn engine_settings(rules: Rules) -> EngineSettings {
    EngineSettings {
        limits: limits(),
        starting_cash: Money::from_dollars(10_000),
        shard_cash: ShardCash::default(),
        sequence: SequencePolicy::Increasing,
        rules: Box::new(move |_| rules.clone()),
        strategy: Box::new(HighProbability),
        latched: Vec::new(),
    }
}

/// Keeps what a run told.
#[derive(Default)]
struct Kept {
    fills: Vec<FillRecord>,
    trades: Vec<Trade>,
    settlements: Vec<SettlementRecord>,
}

impl Observer for Kept {
    fn record(&mut self, record: &Record) {
        match record {
            Record::Fill(fill) => self.fills.push(fill.clone()),
            Record::Closed(trade) => self.trades.push(trade.clone()),
            Record::Settled(settlement) => self.settlements.push(settlement.clone()),
            _ => {}
        }
    }

    fn progress(&mut self, _: &Progress) -> bool {
        true
    }
}

fn replay(folder: &Path, rules: Rules) -> (Kept, RunEnd) {
    let mut recording = Recording::open(&[folder.to_owned()]).expect("the recordings open");
    let settings = RunSettings {
        engine: engine_settings(rules),
        paper: PaperSettings {
            latency: Duration::from_millis(25),
            starting_cash: Money::from_dollars(10_000),
            precision: BalancePrecision::Direct,
        },
        speed: Speed::Max,
        duration: None,
        is_simulated: false,
    };
    let mut kept = Kept::default();
    let end = run(&mut recording, settings, &mut kept).expect("the recordings play to their end");
    (kept, end)
}

fn lines(path: &Path) -> Vec<serde_json::Value> {
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("a recording");
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).expect("whole gzip");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn recordings(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "gz"))
        .collect();
    paths.sort();
    paths
}

type Sides = [BTreeMap<String, i64>; 2];

/// Rebuilds a market's book from its file, with text keys and hundredths of contracts.
fn rebuilt(path: &Path) -> (String, Sides) {
    let mut sides: Sides = [BTreeMap::new(), BTreeMap::new()];
    let mut ticker = String::new();
    let hundredths = |text: &serde_json::Value| {
        let text = text.as_str().expect("a decimal string");
        text.replace('.', "").parse::<i64>().expect("two decimals")
    };
    for line in lines(path) {
        let message = &line["event"]["msg"];
        match line["event"]["type"].as_str() {
            Some("orderbook_snapshot") => {
                message["market_ticker"].as_str().expect("a ticker").clone_into(&mut ticker);
                for (side, key) in sides.iter_mut().zip(["yes_dollars_fp", "no_dollars_fp"]) {
                    side.clear();
                    for level in message[key].as_array().into_iter().flatten() {
                        side.insert(level[0].as_str().expect("a price").to_owned(), hundredths(&level[1]));
                    }
                }
            }
            Some("orderbook_delta") => {
                let side = &mut sides[usize::from(message["side"] == "no")];
                let price = message["price_dollars"].as_str().expect("a price").to_owned();
                let size = side.entry(price.clone()).or_insert(0);
                *size += hundredths(&message["delta_fp"]);
                assert!(*size >= 0, "a negative level in the recording itself");
                if *size == 0 {
                    side.remove(&price);
                }
            }
            _ => {}
        }
    }
    (ticker, sides)
}

#[test]
fn final_books_equal_an_independent_reconstruction() {
    let Some(folder) = gold() else { return };
    let mut recording = Recording::open(std::slice::from_ref(&folder)).expect("the recordings open");
    let mut inbound = Inbound::new(recording.uses_yes_price());
    let mut engine = Engine::new(engine_settings(short_lived()));
    let mut out = Outbox::default();
    while let Some((at, item)) = recording.next().expect("whole recordings") {
        match item {
            Item::Frame(frame) => {
                if let Some(event) = inbound.translate(frame).expect("a sound frame").event() {
                    engine.step(at, &event, &mut out);
                }
            }
            Item::Event(event) => engine.step(at, &event, &mut out),
        }
        out.clear();
    }
    let counts = engine.feed_counts();
    assert_eq!((counts.broken_books, counts.before_snapshot, counts.unknown_tickers), (0, 0, 0));
    let paths = recordings(&folder);
    assert_eq!(paths.len(), 9);
    for path in paths {
        let (ticker, sides) = rebuilt(&path);
        let book = &engine.catalogue().get(engine.catalogue().find(&ticker).expect("listed")).book;
        for (side, rebuilt) in [Side::Bid, Side::Ask].into_iter().zip(sides) {
            let ours: BTreeMap<String, i64> = book
                .levels(side)
                .map(|level| (side.outcome().yes_price(level.price).to_string(), level.size.raw()))
                .collect();
            assert_eq!(ours, rebuilt, "{ticker} {side:?}");
        }
    }
}

/// Walks the fills of a run again, market by market, and returns the trades they make: outcome, contracts, cost,
/// proceeds and fees, in micro-dollars and hundredths.
fn recomputed(kept: &Kept) -> BTreeMap<String, Vec<[i128; 5]>> {
    let mut trades: BTreeMap<String, Vec<[i128; 5]>> = BTreeMap::new();
    let mut open: BTreeMap<String, [i128; 5]> = BTreeMap::new();
    let mut held: BTreeMap<String, i128> = BTreeMap::new();
    for fill in &kept.fills {
        let market = fill.market.to_string();
        let (price, quantity) = (i128::from(fill.price.raw()), i128::from(fill.quantity.raw()));
        let signed = if fill.side == Side::Bid { quantity } else { -quantity };
        let position = held.entry(market.clone()).or_insert(0);
        let is_yes = if *position == 0 { signed > 0 } else { *position > 0 };
        let own = if is_yes { price } else { 1_000_000 - price };
        let trade = open.entry(market.clone()).or_insert([i128::from(is_yes), 0, 0, 0, 0]);
        if (signed > 0) == is_yes {
            trade[1] += quantity;
            trade[2] += own * quantity / 100;
        } else {
            trade[3] += own * quantity / 100;
        }
        trade[4] += i128::from(fill.fee.raw());
        *position += signed;
        if *position == 0 {
            trades.entry(market.clone()).or_default().push(open.remove(&market).expect("an open trade"));
        }
    }
    for settlement in &kept.settlements {
        let market = settlement.market.to_string();
        let mut trade = open.remove(&market).expect("something was held");
        let yes = held.remove(&market).expect("something was held");
        let pays = if settlement.result == Resolution::Yes { yes.max(0) } else { (-yes).max(0) };
        trade[3] += pays * 10_000;
        assert_eq!(i128::from(settlement.payout.raw()), pays * 10_000);
        trades.entry(market).or_default().push(trade);
    }
    assert!(open.is_empty(), "every market settled: {open:?}");
    trades
}

#[test]
fn every_trade_equals_its_recomputation_to_the_micro_dollar() {
    let Some(folder) = gold() else { return };
    let (kept, end) = replay(&folder, short_lived());
    assert!(kept.trades.len() >= 9, "only {} trades", kept.trades.len());
    let mut ours: BTreeMap<String, Vec<[i128; 5]>> = BTreeMap::new();
    for trade in &kept.trades {
        assert_eq!(trade.gross_pnl, trade.exit_proceeds - trade.entry_cost);
        assert_eq!(trade.net_pnl, trade.gross_pnl - trade.fees);
        ours.entry(trade.market.to_string()).or_default().push([
            i128::from(trade.outcome == Outcome::Yes),
            i128::from(trade.quantity.raw()),
            i128::from(trade.entry_cost.raw()),
            i128::from(trade.exit_proceeds.raw()),
            i128::from(trade.fees.raw()),
        ]);
    }
    assert_eq!(ours, recomputed(&kept));
    let net: Money = kept.trades.iter().map(|trade| trade.net_pnl).sum();
    assert_eq!(end.ending_balance, end.starting_balance + net);
    for fill in &kept.fills {
        let notional = fill.price.times(fill.quantity, Rounding::Floor);
        assert_eq!(
            notional,
            fill.price.times(fill.quantity, Rounding::Ceil),
            "prices on the grid come out even"
        );
    }
}

#[test]
fn loosened_rules_trade_both_outcomes_and_every_way_out() {
    let Some(folder) = gold() else { return };
    let (loose, _) = replay(&folder, short_lived());
    let outcomes: BTreeSet<_> = loose.trades.iter().map(|trade| trade.outcome).collect();
    assert_eq!(outcomes, BTreeSet::from(Outcome::BOTH));
    let mut ways: BTreeSet<_> = loose.trades.iter().map(|trade| trade.exit_reason).collect();
    let mut patient = short_lived();
    patient.parameters.profit_target = parse("0.15");
    patient.parameters.stop_loss = parse("0.5");
    let mut to_the_end = short_lived();
    to_the_end.parameters.hold_to_settlement = true;
    for rules in [patient, to_the_end] {
        let (held, _) = replay(&folder, rules);
        ways.extend(held.trades.iter().map(|trade| trade.exit_reason));
    }
    for way in [ExitReason::TakeProfit, ExitReason::StopLoss, ExitReason::TimeExit, ExitReason::Settlement] {
        assert!(ways.contains(&way), "no trade ended by {}", way.as_str());
    }
}

#[test]
fn settlement_uses_the_official_results() {
    let Some(folder) = gold() else { return };
    let mut rules = short_lived();
    rules.parameters.hold_to_settlement = true;
    let (kept, end) = replay(&folder, rules);
    assert!(!kept.settlements.is_empty());
    for settlement in &kept.settlements {
        let (event, _) = settlement.market.rsplit_once('-').expect("a market ticker");
        let path = folder.join(format!("{event}.event.json"));
        let document: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).expect("an event file")).expect("JSON");
        let official = document["response"]["markets"][0]["result"].as_str().expect("a result");
        assert_eq!(settlement.result.as_str(), official, "{}", settlement.market);
    }
    assert_eq!(end.last.frames.malformed, 0);
    assert!(end.last.positions.is_empty());
}

#[test]
fn the_owners_thresholds_say_why_nothing_is_traded_here() {
    let Some(folder) = gold() else { return };
    let mut rules = short_lived();
    rules.filter.min_time_to_close = Duration::from_hours(1);
    let (kept, end) = replay(&folder, rules);
    assert!(kept.trades.is_empty());
    assert_eq!(end.funnel[0].refused.get("closes_too_soon"), Some(&9));
}
