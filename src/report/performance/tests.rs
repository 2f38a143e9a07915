use super::*;
use crate::engine::record::{AccountSnapshot, Opened};
use crate::execution::{OrderId, Purpose};
use crate::market::Outcome;
use crate::market::{Resolution, Side};
use crate::replay::driver::Progress;
use crate::units::{Price, Quantity};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_785_902_400 + seconds)
}

fn decision(market: &str, seconds: i64, break_even: &str) -> Record {
    Record::Decision(Decision {
        time: at(seconds),
        market: market.into(),
        outcome: Outcome::Yes,
        price: Price::from_raw(870_000),
        quantity: Quantity::from_contracts(10),
        target: Price::from_raw(890_000),
        stop: Price::from_raw(840_000),
        net_win: Price::from_raw(4_000),
        net_loss: Price::from_raw(47_000),
        break_even: break_even.parse().expect("a ratio"),
        bound_by: "position_size",
        order: OrderId(1),
    })
}

fn opened(market: &str, seconds: i64) -> Record {
    Record::Opened(Opened {
        time: at(seconds),
        market: market.into(),
        outcome: Outcome::Yes,
        entry_price: Price::from_raw(870_000),
        quantity: Quantity::from_contracts(10),
        target: Price::from_raw(890_000),
        stop: Price::from_raw(840_000),
    })
}

/// A trade over ten contracts that made `gross` cents before 16 cents of fees.
fn closed(id: u64, market: &str, exit_reason: ExitReason, gross_cents: i64) -> Record {
    let (gross_pnl, fees) = (Money::from_raw(gross_cents * 10_000), Money::from_raw(160_000));
    let entry_cost = Money::from_raw(8_700_000);
    Record::Closed(Trade {
        id,
        market: market.into(),
        series: "KXGOLD15M".into(),
        outcome: Outcome::Yes,
        quantity: Quantity::from_contracts(10),
        entry_price: Price::from_raw(870_000),
        exit_price: Price::from_raw(870_000 + gross_cents * 1_000),
        entry_cost,
        exit_proceeds: entry_cost + gross_pnl,
        entry_time: at(10),
        exit_time: at(100),
        exit_reason,
        gross_pnl,
        fees,
        net_pnl: gross_pnl - fees,
    })
}

fn fill() -> Record {
    Record::Fill(FillRecord {
        trade_id: "paper-1".into(),
        order: OrderId(1),
        market: "KXGOLD15M-A".into(),
        side: Side::Ask,
        price: Price::from_raw(840_000),
        quantity: Quantity::from_contracts(10),
        fee: Money::from_raw(94_080),
        is_taker: true,
        time: at(100),
        purpose: Purpose::Stop,
    })
}

fn end() -> RunEnd {
    RunEnd {
        last: Progress {
            time: at(3_600),
            started: at(0),
            ends: Some(at(7_200)),
            markets: 3,
            tradable: 2,
            frames: FrameCounts {
                decoded: 100,
                applied: 90,
                malformed: 1,
                gaps: 2,
                resyncs: 2,
                ..FrameCounts::default()
            },
            signals: 4,
            trading: "active",
            reasons: Vec::new(),
            cash: Money::from_dollars(9_991),
            equity: Money::from_dollars(9_999),
            total_pnl: Money::from_dollars(-1),
            positions: vec![PositionView {
                market: "KXGOLD15M-C".into(),
                outcome: Outcome::No,
                quantity: Quantity::from_raw(950),
                entry_price: Price::from_raw(860_000),
                mark: None,
                target: Price::from_raw(880_000),
                stop: Price::from_raw(830_000),
                unrealised: Money::from_raw(-8_255_000),
                since: at(3_500),
            }],
            orders: Vec::new(),
        },
        starting_balance: Money::from_dollars(10_000),
        ending_balance: Money::from_dollars(9_999),
        max_drawdown: Money::from_raw(2_500_000),
        funnel: vec![
            GateCount { gate: "filter", passed: 2, refused: BTreeMap::from([("spread_too_wide", 1)]) },
            GateCount { gate: "execution", passed: 1, refused: BTreeMap::new() },
        ],
        latency: vec![StageLatency { stage: "signal_to_order", count: 3, p50: 800, p99: 1_200, max: 1_300 }],
        measured: Vec::new(),
        interrupted: true,
    }
}

fn request() -> RunRequest {
    RunRequest { source: "3 generated markets".to_owned(), seed: Some(7), speed: "max".to_owned() }
}

fn report(records: &[Record]) -> RunReport {
    let mut collector = Collector::default();
    for record in records {
        collector.record(record);
    }
    collector.finish(request(), &end())
}

#[test]
fn a_run_without_trades_claims_nothing() {
    let summary = report(&[]).summary.trading;
    assert_eq!((summary.trades, summary.wins, summary.losses), (0, 0, 0));
    assert_eq!((summary.net_pnl, summary.fees), (Money::ZERO, Money::ZERO));
    assert_eq!((summary.win_rate, summary.break_even_win_rate), (None, None));
    assert_eq!((summary.average_win, summary.average_loss), (None, None));
    assert_eq!((summary.mean_net_pnl, summary.net_pnl_per_contract), (None, None));
    assert_eq!(
        (summary.interval_low, summary.interval_high, summary.interval_contains_zero),
        (None, None, None)
    );
    assert_eq!((summary.largest_win, summary.largest_loss), (None, None));
}

#[test]
fn the_figures_are_those_of_the_trades() {
    let report = report(&[
        closed(1, "A", ExitReason::TakeProfit, 50),
        closed(2, "B", ExitReason::StopLoss, -40),
        closed(3, "A", ExitReason::TakeProfit, 20),
        closed(4, "B", ExitReason::TimeExit, 16),
    ]);
    let summary = &report.summary.trading;
    assert_eq!((summary.trades, summary.wins, summary.losses), (4, 2, 1));
    assert_eq!(summary.gross_pnl, Money::from_raw(460_000));
    assert_eq!(summary.fees, Money::from_raw(640_000));
    assert_eq!(summary.net_pnl, Money::from_raw(-180_000));
    assert_eq!(summary.win_rate, Some(Ratio::from_raw(500_000)));
    assert_eq!(summary.average_win, Some(Money::from_raw(190_000)));
    assert_eq!(summary.average_loss, Some(Money::from_raw(-560_000)));
    assert_eq!(summary.largest_win, Some(Money::from_raw(340_000)));
    assert_eq!(summary.largest_loss, Some(Money::from_raw(-560_000)));
    assert_eq!(summary.net_pnl_per_contract, Some(Price::from_raw(-4_500)));
    assert_eq!(summary.mean_net_pnl, Some(Money::from_raw(-45_000)));
    assert_eq!(summary.interval_contains_zero, Some(true));
    assert_eq!(
        report.exits[&ExitReason::TakeProfit],
        ExitCount { trades: 2, net_pnl: Money::from_raw(380_000) }
    );
    assert_eq!(report.exits.values().map(|count| count.trades).sum::<u64>(), 4);
    assert_eq!(report.trades[0].held_seconds, 90);
}

#[test]
fn break_even_is_averaged_over_the_decisions_that_led_to_trades() {
    let summary = report(&[
        decision("A", 1, "0.8"),
        opened("A", 2),
        decision("B", 3, "0.1"),
        // B's first order filled nothing; its second did, while A was held all along.
        decision("B", 4, "0.900001"),
        opened("B", 5),
        closed(1, "A", ExitReason::TakeProfit, 50),
        closed(2, "B", ExitReason::TakeProfit, 50),
        decision("A", 9, "0.3"),
    ])
    .summary;
    assert_eq!(summary.trading.break_even_win_rate, Some(Ratio::from_raw(850_001)));
}

#[test]
fn the_document_is_the_one_described() {
    let records = [
        decision("KXGOLD15M-A", 10, "0.81"),
        opened("KXGOLD15M-A", 10),
        fill(),
        closed(1, "KXGOLD15M-A", ExitReason::StopLoss, -30),
        Record::Settled(SettlementRecord {
            market: "KXGOLD15M-B".into(),
            result: Resolution::No,
            quantity: Quantity::from_contracts(-5),
            payout: Money::from_dollars(5),
            time: at(900),
        }),
        Record::Snapshot(AccountSnapshot {
            time: at(901),
            cash: Money::ZERO,
            equity: Money::ZERO,
            open_positions: 0,
            daily_pnl: Money::ZERO,
            total_pnl: Money::ZERO,
        }),
    ];
    insta::assert_snapshot!(report(&records).to_json().expect("it serialises"));
}

#[test]
fn no_number_of_the_document_is_a_float() {
    fn look(value: &serde_json::Value) {
        match value {
            serde_json::Value::Number(number) => assert!(!number.is_f64(), "{number} is a float"),
            serde_json::Value::Array(values) => values.iter().for_each(look),
            serde_json::Value::Object(values) => values.values().for_each(look),
            _ => {}
        }
    }
    let report = report(&[fill(), closed(1, "A", ExitReason::StopLoss, -30)]);
    look(&serde_json::to_value(&report).expect("it serialises"));
}

#[test]
fn latency_that_was_not_measured_is_left_out() {
    let quiet = RunEnd { latency: Vec::new(), ..end() };
    let document =
        serde_json::to_value(Collector::default().finish(request(), &quiet)).expect("it serialises");
    assert_eq!(document.get("latency"), None);
}
