//! A run made up for the tests of what people see.

use kalshi_bot::engine::Record;
use kalshi_bot::engine::funnel::GateCount;
use kalshi_bot::engine::record::{
    Decision, ExitReason, FeedRecord, FillRecord, Opened, OrderRecord, SettlementRecord, StateRecord, Trade,
};
use kalshi_bot::execution::{OrderId, OrderState, Purpose};
use kalshi_bot::market::{Outcome, Resolution, Side};
use kalshi_bot::replay::driver::{FrameCounts, OrderView, PositionView, Progress, RunEnd};
use kalshi_bot::report::performance::{Collector, RunReport, RunRequest};
use kalshi_bot::telemetry::latency::StageLatency;
use kalshi_bot::units::{Money, Price, Quantity, Timestamp};
use std::collections::BTreeMap;

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_785_902_400 + seconds)
}

pub(crate) fn request() -> RunRequest {
    RunRequest { source: "60 generated markets".to_owned(), seed: Some(7), speed: "320".to_owned() }
}

pub(crate) fn closed(id: u64, market: &str, exit_reason: ExitReason, gross_cents: i64) -> Record {
    let (gross_pnl, fees) = (Money::from_raw(gross_cents * 10_000), Money::from_raw(1_648_000));
    let entry_cost = Money::from_raw(87_000_000);
    let seconds = 100 * i64::try_from(id).expect("small");
    Record::Closed(Trade {
        id,
        market: market.into(),
        series: "KXGOLD15M".into(),
        outcome: Outcome::Yes,
        quantity: Quantity::from_contracts(100),
        entry_price: Price::from_raw(870_000),
        exit_price: Price::from_raw(870_000 + gross_cents * 100),
        entry_cost,
        exit_proceeds: entry_cost + gross_pnl,
        entry_time: at(seconds),
        exit_time: at(2 * seconds + 25),
        exit_reason,
        gross_pnl,
        fees,
        net_pnl: gross_pnl - fees,
    })
}

/// One record of each kind that has a line, in an order that could have been.
pub(crate) fn records() -> Vec<Record> {
    let (market, price) = ("KXGOLD15M-26AUG050415-15", Price::from_raw);
    vec![
        Record::Feed(FeedRecord { time: at(0), fault: "connected", market: None, detail: String::new() }),
        Record::Decision(Decision {
            time: at(60),
            market: market.into(),
            outcome: Outcome::Yes,
            price: price(870_000),
            quantity: Quantity::from_contracts(100),
            target: price(890_000),
            stop: price(840_000),
            net_win: price(4_000),
            net_loss: price(47_000),
            break_even: "0.9216".parse().expect("a ratio"),
            bound_by: "position_size",
            order: OrderId(1),
        }),
        Record::Fill(FillRecord {
            trade_id: "paper-1".into(),
            order: OrderId(1),
            market: market.into(),
            side: Side::Bid,
            price: price(870_000),
            quantity: Quantity::from_contracts(100),
            fee: Money::from_raw(791_700),
            is_taker: true,
            time: at(60),
            purpose: Purpose::Entry,
        }),
        Record::Opened(Opened {
            time: at(60),
            market: market.into(),
            outcome: Outcome::Yes,
            entry_price: price(870_000),
            quantity: Quantity::from_contracts(100),
            target: price(890_000),
            stop: price(840_000),
        }),
        order(61, OrderState::Resting, None),
        order(95, OrderState::Cancelled, Some("requested")),
        closed(1, market, ExitReason::StopLoss, -300),
        Record::Settled(SettlementRecord {
            market: "KXHIGHDEN-26AUG05-B84.5".into(),
            result: Resolution::No,
            quantity: Quantity::from_contracts(-50),
            payout: Money::from_dollars(50),
            time: at(900),
        }),
        Record::State(StateRecord {
            time: at(901),
            trading: "halted",
            reasons: vec!["losing_streak"],
            changed: "losing_streak",
            added: true,
            latched: true,
            detail: "5 losing trades in a row".to_owned(),
        }),
    ]
}

fn order(seconds: i64, state: OrderState, reason: Option<&'static str>) -> Record {
    Record::Order(OrderRecord {
        time: at(seconds),
        order: OrderId(2),
        market: "KXGOLD15M-26AUG050415-15".into(),
        side: Side::Ask,
        price: Price::from_raw(890_000),
        quantity: Quantity::from_contracts(100),
        filled: Quantity::ZERO,
        purpose: Purpose::TakeProfit,
        state,
        reason,
    })
}

/// The run two and a half hours in.
pub(crate) fn progress() -> Progress {
    let position = |market: &str, outcome, mark, unrealised, since| PositionView {
        market: market.into(),
        outcome,
        quantity: Quantity::from_contracts(115),
        entry_price: Price::from_raw(870_000),
        mark,
        target: Price::from_raw(890_000),
        stop: Price::from_raw(840_000),
        unrealised: Money::from_raw(unrealised),
        since: at(since),
    };
    Progress {
        time: at(9_000),
        started: at(0),
        ends: Some(at(28_800)),
        markets: 60,
        tradable: 41,
        frames: FrameCounts {
            decoded: 184_220,
            applied: 184_012,
            gaps: 1,
            resyncs: 1,
            ..FrameCounts::default()
        },
        signals: 12,
        trading: "active",
        reasons: Vec::new(),
        cash: Money::from_raw(9_806_120_000),
        equity: Money::from_raw(9_986_540_000),
        total_pnl: Money::from_raw(-13_460_000),
        positions: vec![
            position(
                "KXGOLD15M-26AUG050645-45",
                Outcome::Yes,
                Some(Price::from_raw(880_000)),
                362_000,
                8_730,
            ),
            position("KXHIGHDEN-26AUG05-B84.5", Outcome::No, None, -100_840_000, 5_400),
        ],
        orders: vec![OrderView {
            market: "KXGOLD15M-26AUG050645-45".into(),
            side: Side::Ask,
            price: Price::from_raw(890_000),
            remaining: Quantity::from_contracts(115),
            purpose: "take_profit",
            state: "resting",
        }],
    }
}

/// How it ended.
pub(crate) fn end() -> RunEnd {
    let stage = |stage, p50| StageLatency { stage, count: 1_500, p50, p99: 3 * p50, max: 40 * p50 };
    RunEnd {
        last: Progress { orders: Vec::new(), ..progress() },
        starting_balance: Money::from_dollars(10_000),
        ending_balance: Money::from_raw(9_986_540_000),
        max_drawdown: Money::from_raw(21_300_000),
        funnel: vec![
            GateCount {
                gate: "filter",
                passed: 44,
                refused: BTreeMap::from([("volume_too_low", 9), ("spread_too_wide", 31)]),
            },
            GateCount { gate: "signal", passed: 12, refused: BTreeMap::from([("below_threshold", 40)]) },
            GateCount { gate: "risk", passed: 10, refused: BTreeMap::from([("max_total_exposure", 4)]) },
            GateCount { gate: "execution", passed: 8, refused: BTreeMap::new() },
        ],
        latency: vec![stage("signal_to_order", 25_000_000)],
        measured: vec![stage("decode", 412), stage("step", 730)],
        interrupted: false,
    }
}

/// The report over `records`.
pub(crate) fn report(records: &[Record]) -> RunReport {
    let mut collector = Collector::default();
    for record in records {
        collector.record(record);
    }
    collector.finish(request(), &end())
}
