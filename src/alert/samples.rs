//! Alerts made up for the tests of what people read.

use super::{Alert, Refused, RunIdentity, Stake, Started, Stopped};
use crate::engine::record::{ExitReason, Opened, StateRecord, Trade};
use crate::market::Outcome;
use crate::risk::HaltReason;
use crate::units::{Money, Price, Quantity, Timestamp};

pub(super) const MARKET: &str = "KXHIGHNY-26NOV24-B52.5";

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(1_795_532_400 + seconds)
}

pub(super) fn identity(stake: Stake) -> RunIdentity {
    RunIdentity { stake, account: "kept in /var/lib/kalshi-bot".to_owned(), run: "kb-1a2b3c4d".to_owned() }
}

fn state(code: &str, added: bool, detail: &str) -> StateRecord {
    let reason = HaltReason::from_code(code).expect("a code");
    let trading = match (added, reason.latches()) {
        (false, _) => "active",
        (true, true) => "halted",
        (true, false) => "reduce_only",
    };
    StateRecord {
        time: at(0),
        trading,
        reasons: if added { vec![reason.code()] } else { Vec::new() },
        changed: reason.code(),
        added,
        latched: reason.latches(),
        detail: detail.to_owned(),
    }
}

pub(super) fn tripped(code: &str) -> Alert {
    let detail = match code {
        "daily_loss" => "512.40 lost today of 10000.00; the limit is 5.00 %",
        "position_drift" => "KXHIGHNY-26NOV24-B52.5: 27 here, 25 on the exchange",
        "ledger_drift" => "cash 9,000.00 and positions 1,000.01 make 0.01 too much",
        "feed_stale" => "nothing has come from the feed for 16 s",
        _ => "",
    };
    Alert::Tripped(state(code, true, detail))
}

pub(super) fn cleared(code: &str) -> Alert {
    Alert::Cleared(state(code, false, "resumed"))
}

pub(super) fn opened() -> Opened {
    Opened {
        time: at(60),
        market: MARKET.into(),
        outcome: Outcome::No,
        entry_price: Price::from_raw(890_000),
        quantity: Quantity::from_contracts(27),
        target: Price::from_raw(910_000),
        stop: Price::from_raw(860_000),
    }
}

pub(super) fn closed(exit_reason: ExitReason, gross_cents: i64) -> Trade {
    let (gross_pnl, fees) = (Money::from_raw(gross_cents * 10_000), Money::from_raw(430_000));
    let entry_cost = Money::from_raw(24_030_000);
    Trade {
        id: 3,
        market: MARKET.into(),
        series: "KXHIGHNY".into(),
        outcome: Outcome::No,
        quantity: Quantity::from_contracts(27),
        entry_price: Price::from_raw(890_000),
        exit_price: Price::from_raw(890_000 + gross_cents * 10_000 / 27),
        entry_cost,
        exit_proceeds: entry_cost + gross_pnl,
        entry_time: at(60),
        exit_time: at(3_785),
        exit_reason,
        gross_pnl,
        fees,
        net_pnl: gross_pnl - fees,
    }
}

pub(super) fn started(halts: Vec<&'static str>) -> Alert {
    let equity = Money::from_dollars(10_000);
    Alert::Started(Started { time: at(0), equity, positions: 1, markets: Some(1_842), halts })
}

pub(super) fn stopped(leftovers: &[&str], has_drift: bool) -> Alert {
    Alert::Stopped(Stopped {
        time: at(7_200),
        why: "its time was over",
        equity: Money::from_raw(9_987_650_000),
        result: Money::from_raw(-12_350_000),
        positions: 2,
        leftovers: leftovers.iter().map(|line| (*line).to_owned()).collect(),
        has_drift,
    })
}

/// One of each kind.
pub(super) fn all() -> Vec<Alert> {
    let differences = vec![
        "position KXHIGHNY-26NOV24-B52.5: 27 here, 25 on the exchange; look at its fills".to_owned(),
        "cash of the account: 9031.20 here, 9033.00 on the exchange; `kalshi-bot reconcile --accept`"
            .to_owned(),
    ];
    let rests = "order kb-1a2b3c4d-7 in KXHIGHNY-26NOV24-B52.5: 27 contracts at 0.0900 still rest";
    vec![
        tripped("daily_loss"),
        tripped("feed_stale"),
        tripped("exchange_paused"),
        tripped("position_drift"),
        tripped("ledger_drift"),
        cleared("daily_loss"),
        Alert::Opened(opened()),
        Alert::Closed(closed(ExitReason::TakeProfit, 54)),
        Alert::Closed(closed(ExitReason::StopLoss, -108)),
        started(Vec::new()),
        started(vec!["daily_loss"]),
        stopped(&[], false),
        stopped(&[rests], false),
        stopped(&[], true),
        Alert::Refused(Refused { time: at(0), differences }),
    ]
}
