use super::super::mail;
use super::*;
use kalshi_bot::alert::Level;
use kalshi_bot::engine::record::{ExitReason, Trade};
use kalshi_bot::market::{Outcome, Resolution};
use kalshi_bot::report::daily::{Days, Request};
use kalshi_bot::store::history::{
    AccountHistory, History, StoredDecision, StoredFill, StoredGate, StoredHalt, StoredResult, StoredSnapshot,
};
use kalshi_bot::store::{RunKind, StoredRun, StoredTrade};
use kalshi_bot::units::{Money, Price, Quantity, Timestamp};

const MARKET: &str = "KXHIGHDEN-26NOV23-B84.5";

fn at(time: &str) -> Timestamp {
    format!("2026-11-23T{time}Z").parse().expect("a time")
}

fn money(text: &str) -> Money {
    text.parse().expect("an amount")
}

fn price(text: &str) -> Price {
    text.parse().expect("a price")
}

fn request() -> Request {
    let day = "2026-11-23".parse().expect("a date");
    let days = Days::new(day, day, "America/New_York").expect("a day");
    Request { days, account: None, last_trade: Some("2026-11-20T15:00:00Z".parse().expect("a time")) }
}

/// A day of one paper run on which nothing happened.
fn quiet() -> History {
    let days = request().days;
    let run = StoredRun {
        id: "paper-1".to_owned(),
        kind: RunKind::Paper,
        source: "recordings".to_owned(),
        started: at("14:00:00"),
        ended: Some(at("20:00:00")),
        account: None,
    };
    History {
        kind: RunKind::Paper,
        from: days.from(),
        to: days.to(),
        runs: vec![run],
        other_runs: Vec::new(),
        accounts: Vec::new(),
        trades: Vec::new(),
        decisions: Vec::new(),
        fills: Vec::new(),
        halts: Vec::new(),
        gates: Vec::new(),
        results: Vec::new(),
    }
}

/// What two of the gates said.
fn gates() -> Vec<StoredGate> {
    let verdicts = [
        ("filter", "passed", 4),
        ("filter", "spread_too_wide", 1_203),
        ("filter", "volume_too_low", 88),
        ("signal", "passed", 1),
        ("signal", "below_threshold", 3),
    ];
    let gate = |(gate, verdict, markets): (&str, &str, u64)| StoredGate {
        run: "paper-1".to_owned(),
        day: "2026-11-23".parse().expect("a date"),
        gate: gate.to_owned(),
        verdict: verdict.to_owned(),
        markets,
    };
    verdicts.map(gate).to_vec()
}

/// The same with a trade that was stopped below its stop, and what stands around it.
fn stopped() -> History {
    let run = || "paper-1".to_owned();
    let (entered, left) = (at("15:10:00.250"), at("15:24:30.500"));
    let hundred = Quantity::from_contracts(100);
    let snapshot = |time: &str, equity: &str, open_positions| StoredSnapshot {
        run: run(),
        time: at(time),
        cash: money(equity),
        equity: money(equity),
        open_positions,
        daily_pnl: Money::ZERO,
        total_pnl: Money::ZERO,
    };
    let fill = |order: u64, side, at_price: &str, purpose: &str, time| StoredFill {
        run: run(),
        trade_id: format!("t{order}"),
        order,
        market: MARKET.to_owned(),
        side,
        price: price(at_price),
        quantity: hundred,
        fee: money("0.80"),
        is_taker: true,
        purpose: purpose.to_owned(),
        time,
    };
    History {
        accounts: vec![AccountHistory {
            name: run(),
            opening: None,
            snapshots: vec![
                snapshot("14:00:00", "10000", 0),
                snapshot("15:11:00", "9998.20", 1),
                snapshot("15:24:30.500", "9991.40", 0),
            ],
        }],
        trades: vec![StoredTrade {
            id: "paper-1-1".to_owned(),
            run: run(),
            trade: Trade {
                id: 1,
                market: MARKET.into(),
                series: "KXHIGHDEN".into(),
                outcome: Outcome::Yes,
                quantity: hundred,
                entry_price: price("0.87"),
                exit_price: price("0.80"),
                entry_cost: money("87"),
                exit_proceeds: money("80"),
                entry_time: entered,
                exit_time: left,
                exit_reason: ExitReason::StopLoss,
                gross_pnl: money("-7"),
                fees: money("1.60"),
                net_pnl: money("-8.60"),
            },
        }],
        decisions: vec![StoredDecision {
            run: run(),
            order: 1,
            time: entered,
            market: MARKET.to_owned(),
            outcome: Outcome::Yes,
            price: price("0.86"),
            quantity: hundred,
            target: price("0.89"),
            stop: price("0.84"),
            net_win: price("0.004"),
            net_loss: price("0.047"),
            break_even: "0.921569".parse().expect("a ratio"),
            bound_by: "position_size".to_owned(),
        }],
        fills: vec![
            fill(1, Outcome::Yes.buying_side(), "0.87", "entry", entered),
            fill(2, Outcome::No.buying_side(), "0.80", "stop_loss", left),
        ],
        halts: vec![StoredHalt {
            run: Some(run()),
            reason: "operator".to_owned(),
            detail: "election night".to_owned(),
            latched_at: at("19:00:00"),
            cleared_at: Some(at("19:30:00")),
        }],
        gates: gates(),
        results: vec![StoredResult {
            run: run(),
            market: MARKET.to_owned(),
            resolution: Resolution::Yes,
            time: at("23:00:00"),
        }],
        ..quiet()
    }
}

fn told(history: &History, width: u16) -> String {
    render(&DailyReport::of(history, &request()), width).unwrap_or_else(|failure| panic!("{failure}"))
}

#[test]
fn a_day_is_told_in_full() {
    insta::assert_snapshot!(told(&stopped(), 100));
}

#[test]
fn a_day_without_trades_says_so() {
    insta::assert_snapshot!(told(&quiet(), 100));
}

#[test]
fn names_stay_whole_on_a_narrow_terminal() {
    let text = told(&stopped(), 60);
    assert!(text.lines().any(|line| line.contains(MARKET)), "{text}");
}

#[test]
fn a_mail_warns_of_a_loss_and_carries_the_page() {
    let message = |history: &History| {
        mail::message(&DailyReport::of(history, &request())).unwrap_or_else(|failure| panic!("{failure}"))
    };
    let lost = message(&stopped());
    assert_eq!(lost.subject(), "[WARNING] HFT Bot - Daily summary 2026-11-23: -8.60");
    assert_eq!(lost.text, told(&stopped(), 100));
    assert!(lost.html.as_ref().is_some_and(|html| html.contains(MARKET) && !html.contains("<svg")));
    let [page] = &lost.attachments[..] else { panic!("one page: {:?}", lost.attachments) };
    assert_eq!((page.name.as_str(), page.media_type.as_str()), ("daily-paper-2026-11-23.html", "text/html"));
    assert!(String::from_utf8_lossy(&page.content).contains("<svg"));
    assert_eq!(message(&quiet()).level, Level::Info);
}
