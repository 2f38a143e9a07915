use super::*;
use crate::market::{Outcome, Resolution, Side};
use crate::store::history::{AccountHistory, StoredDecision, StoredFill, StoredResult, StoredSnapshot};
use crate::units::Rounding;
use jiff::civil::Date;

mod described;
mod properties;

const RUN: &str = "paper-1";

fn at(seconds: i64) -> Timestamp {
    // Ten in the morning of 2026-11-23 in New York.
    Timestamp::from_secs(1_795_446_000 + seconds)
}

fn price(text: &str) -> Price {
    text.parse().expect("a price")
}

fn money(text: &str) -> Money {
    text.parse().expect("an amount")
}

fn request() -> Request {
    let day: Date = "2026-11-23".parse().expect("a date");
    let days = Days::new(day, day, "America/New_York").expect("a day");
    Request { days, account: None, last_trade: None }
}

/// A history of paper trading with nothing in it.
fn nothing() -> History {
    let request = request();
    History {
        kind: RunKind::Paper,
        from: request.days.from(),
        to: request.days.to(),
        runs: vec![StoredRun {
            id: RUN.to_owned(),
            kind: RunKind::Paper,
            source: "3 generated markets".to_owned(),
            started: at(0),
            ended: Some(at(3_600)),
            account: None,
        }],
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

/// A trade in one market, and the words to say how it went.
#[derive(Debug, Clone)]
struct Made {
    number: u64,
    market: String,
    series: &'static str,
    outcome: Outcome,
    contracts: i64,
    signal: Price,
    entry: Price,
    stop: Price,
    exit: Price,
    reason: ExitReason,
    fees: Money,
    is_decided: bool,
}

impl Made {
    fn new(number: u64, entry: &str, exit: &str, reason: ExitReason) -> Self {
        Self {
            number,
            market: format!("KXGOLD-{number}"),
            series: "KXGOLD",
            outcome: Outcome::Yes,
            contracts: 10,
            signal: price(entry),
            entry: price(entry),
            stop: price("0.84"),
            exit: price(exit),
            reason,
            fees: money("0.16"),
            is_decided: true,
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Puts the trade, its decision and its fills into a history: entered at minute `number`, left half a minute later.
    fn put(&self, history: &mut History) {
        let quantity = Quantity::from_contracts(self.contracts);
        let (entered, left) = (at(60 * self.number.cast_signed()), at(60 * self.number.cast_signed() + 30));
        let value = |price: Price| price.times(quantity, Rounding::Floor);
        let gross_pnl = value(self.exit) - value(self.entry);
        let trade = Trade {
            id: self.number,
            market: self.market.as_str().into(),
            series: self.series.into(),
            outcome: self.outcome,
            quantity,
            entry_price: self.entry,
            exit_price: self.exit,
            entry_cost: value(self.entry),
            exit_proceeds: value(self.exit),
            entry_time: entered,
            exit_time: left,
            exit_reason: self.reason,
            gross_pnl,
            fees: self.fees,
            net_pnl: gross_pnl - self.fees,
        };
        history.trades.push(StoredTrade { id: format!("{RUN}-{}", self.number), run: RUN.to_owned(), trade });
        if self.is_decided {
            history.decisions.push(self.decision(entered));
        }
        let buying = self.outcome.buying_side();
        history.fills.push(self.fill(0, buying, self.entry, "entry", entered));
        if self.reason != ExitReason::Settlement {
            let purpose = self.reason.as_str();
            history.fills.push(self.fill(1, buying.opposite(), self.exit, purpose, left));
        }
    }

    fn decision(&self, time: Timestamp) -> StoredDecision {
        StoredDecision {
            run: RUN.to_owned(),
            order: 2 * self.number,
            time,
            market: self.market.clone(),
            outcome: self.outcome,
            price: self.signal,
            quantity: Quantity::from_contracts(self.contracts),
            target: price("0.99"),
            stop: self.stop,
            net_win: price("0.004"),
            net_loss: price("0.046"),
            break_even: "0.92".parse().expect("a ratio"),
            bound_by: "position_size".to_owned(),
        }
    }

    fn fill(&self, which: u64, side: Side, own: Price, purpose: &str, time: Timestamp) -> StoredFill {
        StoredFill {
            run: RUN.to_owned(),
            trade_id: format!("t-{}-{which}", self.number),
            order: 2 * self.number + which,
            market: self.market.clone(),
            side,
            price: self.outcome.yes_price(own),
            quantity: Quantity::from_contracts(self.contracts),
            fee: Money::ZERO,
            is_taker: true,
            purpose: purpose.to_owned(),
            time,
        }
    }
}

fn snapshot(run: &str, seconds: i64, equity: &str, open_positions: u32) -> StoredSnapshot {
    StoredSnapshot {
        run: run.to_owned(),
        time: at(seconds),
        cash: money(equity) - money("100"),
        equity: money(equity),
        open_positions,
        daily_pnl: Money::ZERO,
        total_pnl: Money::ZERO,
    }
}

fn report_of(trades: &[Made]) -> DailyReport {
    let mut history = nothing();
    for trade in trades {
        trade.put(&mut history);
    }
    DailyReport::of(&history, &request())
}

/// A day in which everything happened once.
fn full_day() -> History {
    let mut history = nothing();
    let trades = [
        Made::new(1, "0.87", "0.89", ExitReason::TakeProfit),
        Made::new(2, "0.92", "0.80", ExitReason::StopLoss).with(|trade| {
            trade.outcome = Outcome::No;
            trade.series = "KXHIGHNY";
            trade.signal = price("0.91");
            trade.stop = price("0.89");
        }),
        Made::new(3, "0.98", "1.00", ExitReason::Settlement).with(|trade| trade.is_decided = false),
    ];
    for trade in &trades {
        trade.put(&mut history);
    }
    let result = |number: u64, resolution| StoredResult {
        run: RUN.to_owned(),
        market: format!("KXGOLD-{number}"),
        resolution,
        time: at(7_200),
    };
    history.results = vec![
        result(1, Resolution::No),
        result(2, Resolution::No),
        result(3, Resolution::Scalar(price("0.40"))),
    ];
    history.accounts = vec![AccountHistory {
        name: RUN.to_owned(),
        opening: None,
        snapshots: vec![
            snapshot(RUN, 0, "10000", 0),
            snapshot(RUN, 90, "10000.04", 1),
            snapshot(RUN, 150, "9998.68", 1),
            snapshot(RUN, 210, "9998.72", 0),
        ],
    }];
    history.gates = ["passed", "spread_too_wide", "volume_too_low", "passed"]
        .into_iter()
        .zip(["filter", "filter", "filter", "signal"])
        .zip([5, 7, 9, 3])
        .map(|((verdict, gate), markets)| StoredGate {
            run: RUN.to_owned(),
            day: "2026-11-23".parse().expect("a date"),
            gate: gate.to_owned(),
            verdict: verdict.to_owned(),
            markets,
        })
        .collect();
    history.halts = vec![StoredHalt {
        run: Some(RUN.to_owned()),
        reason: "losing_streak".to_owned(),
        detail: "losing trades in a row: 5, and the limit is 5".to_owned(),
        latched_at: at(160),
        cleared_at: None,
    }];
    history
}

#[test]
fn the_document_is_the_one_described() {
    let report = DailyReport::of(&full_day(), &request());
    insta::assert_snapshot!(report.to_json().expect("a document"));
}

#[test]
fn the_page_tells_every_figure_of_its_charts_in_tables() {
    let report = DailyReport::of(&full_day(), &request());
    let (page, mail) = (html::page(&report).expect("a page"), html::mail(&report).expect("a page"));
    assert_eq!(page.matches("<svg ").count(), 6);
    assert_eq!(mail.matches("<svg ").count(), 0, "mail programs show the bare text of a drawing");
    assert!(mail.contains("The charts are in the attached page."));
    for told in ["take_profit", "stop_loss", "KXHIGHNY", "spread_too_wide", "9,998.72", "losing_streak"] {
        assert!(page.contains(told) && mail.contains(told), "{told}");
    }
    for placeholder in ["#010101", "#020202", "#030303", "#040404", "#050505", "#060606"] {
        assert!(!page.contains(placeholder), "{placeholder} was left in a drawing");
    }
}

#[test]
fn what_others_named_cannot_write_into_the_page() {
    let mut history = nothing();
    let named = "<script>alert(1)</script>";
    Made::new(1, "0.87", "0.89", ExitReason::TakeProfit)
        .with(|trade| trade.market = named.to_owned())
        .put(&mut history);
    let page = html::page(&DailyReport::of(&history, &request())).expect("a page");
    assert!(!page.contains(named) && page.contains("alert(1)"), "{page}");
}

#[test]
fn entries_slip_against_the_signal_and_stops_against_the_plan() {
    let report = report_of(&[
        Made::new(1, "0.90", "0.86", ExitReason::StopLoss).with(|trade| {
            trade.signal = price("0.89");
            trade.stop = price("0.88");
        }),
        Made::new(2, "0.90", "0.92", ExitReason::TakeProfit).with(|trade| {
            trade.outcome = Outcome::No;
            trade.signal = price("0.905");
        }),
    ]);
    let Slippage { entries, stops } = &report.slippage;
    assert_eq!((entries.trades, entries.worse, entries.contracts), (2, 1, Quantity::from_contracts(20)));
    assert_eq!((entries.dollars, entries.worst), (money("0.05"), Some(money("0.10"))));
    assert_eq!(entries.per_contract, Some(price("0.0025")));
    assert_eq!((stops.trades, stops.dollars), (1, money("0.20")));
    let slips: Vec<_> =
        report.trades.iter().map(|trade| (trade.entry_slippage, trade.stop_slippage)).collect();
    assert_eq!(slips, [(Some(money("0.10")), Some(money("0.20"))), (Some(money("-0.05")), None)]);
}

#[test]
fn a_position_that_no_decision_opened_has_no_strategy_and_no_slippage() {
    let report = report_of(&[
        Made::new(1, "0.90", "0.92", ExitReason::TakeProfit).with(|trade| trade.is_decided = false)
    ]);
    assert_eq!(report.strategies[0].name, "none");
    assert_eq!((report.slippage.entries.trades, report.trading.break_even_win_rate), (0, None));
}

#[test]
fn a_position_of_an_earlier_run_of_the_account_keeps_its_decision() {
    let mut history = nothing();
    history.kind = RunKind::Live;
    Made::new(1, "0.90", "0.92", ExitReason::TakeProfit).put(&mut history);
    history.runs[0].account = Some("demo-1".to_owned());
    history.runs.push(StoredRun { id: "later".to_owned(), ..history.runs[0].clone() });
    history.trades[0].run = "later".to_owned();
    history.fills[1].run = "later".to_owned();
    let report = DailyReport::of(&history, &request());
    assert_eq!(report.strategies[0].name, "high_probability");
    // Two paper runs have nothing to do with each other, even where their markets have one name.
    for run in &mut history.runs {
        run.account = None;
    }
    assert_eq!(DailyReport::of(&history, &request()).strategies[0].name, "none");
}

#[test]
fn a_result_that_only_a_later_run_saw_counts_for_a_live_account_alone() {
    let mut history = nothing();
    Made::new(1, "0.90", "0.92", ExitReason::TakeProfit).put(&mut history);
    history.results = vec![StoredResult {
        run: "tomorrow".to_owned(),
        market: "KXGOLD-1".to_owned(),
        resolution: Resolution::Yes,
        time: at(90_000),
    }];
    assert_eq!(DailyReport::of(&history, &request()).trades[0].came_true, None);
    history.kind = RunKind::Live;
    history.runs[0].account = Some("demo-1".to_owned());
    history.other_runs = vec![StoredRun { id: "tomorrow".to_owned(), ..history.runs[0].clone() }];
    assert_eq!(DailyReport::of(&history, &request()).trades[0].came_true, Some(true));
}

#[test]
fn accounts_are_added_up_each_from_its_own_beginning() {
    let mut history = nothing();
    let account =
        |name: &str, opening, snapshots| AccountHistory { name: name.to_owned(), opening, snapshots };
    history.accounts = vec![
        account("b", Some(snapshot("b", -90_000, "500", 1)), vec![snapshot("b", 30, "520", 1)]),
        account(
            "a",
            None,
            vec![snapshot("a", 10, "100", 0), snapshot("a", 30, "70", 2), snapshot("a", 50, "90", 1)],
        ),
        account("quiet", Some(snapshot("quiet", -90_000, "50", 3)), Vec::new()),
        account("unknown", None, Vec::new()),
    ];
    let report = DailyReport::of(&history, &request());
    let balance = report.balance.expect("a balance");
    assert_eq!((balance.starting_balance, balance.ending_balance), (money("650"), money("660")));
    assert_eq!((balance.pnl, balance.open_positions), (money("10"), 5));
    assert_eq!(balance.accounts.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["a", "b", "quiet"]);
    let curve: Vec<_> =
        report.equity.iter().map(|point| (point.time, point.equity, point.drawdown)).collect();
    assert_eq!(
        curve,
        [
            (at(10), money("650"), Money::ZERO),
            (at(30), money("640"), money("10")),
            (at(50), money("660"), Money::ZERO)
        ]
    );
    assert_eq!(balance.max_drawdown, money("10"));
}

#[test]
fn gates_are_added_up_over_runs_and_days() {
    let mut history = full_day();
    let again = history.gates.clone();
    history.gates.extend(again);
    let report = DailyReport::of(&history, &request());
    let gates: Vec<_> = report.funnel.iter().map(|gate| (gate.gate.as_str(), gate.passed)).collect();
    assert_eq!(gates, [("filter", 10), ("signal", 6)]);
    let refused: Vec<_> =
        report.funnel[0].refused.iter().map(|refusal| (refusal.reason.as_str(), refusal.markets)).collect();
    assert_eq!(refused, [("volume_too_low", 18), ("spread_too_wide", 14)]);
}

#[test]
fn a_day_without_trades_names_the_last_that_had_any() {
    let last_trade = Some(at(-3 * 86_400));
    let report = DailyReport::of(&nothing(), &Request { last_trade, ..request() });
    let told = sections::sentences(&report);
    assert_eq!(told[0], "No trade ended on 2026-11-23. The last day on which one did is 2026-11-20.");
    let report = DailyReport::of(&nothing(), &request());
    assert_eq!(sections::sentences(&report)[0], "No trade ended on 2026-11-23.");
    assert!(html::page(&report).expect("a page").contains("Nothing is kept of the balance in these days."));
}

#[test]
fn a_price_at_a_bound_belongs_to_the_bucket_above() {
    let report = report_of(&[
        Made::new(1, "0.849999", "0.90", ExitReason::TakeProfit),
        Made::new(2, "0.85", "0.90", ExitReason::TakeProfit),
        Made::new(3, "0.98", "0.99", ExitReason::TakeProfit),
        Made::new(4, "1.00", "0.99", ExitReason::StopLoss),
    ]);
    let counts: Vec<u64> = report.calibration.iter().map(|bucket| bucket.trades).collect();
    assert_eq!(counts, [1, 1, 0, 0, 2]);
    let words: Vec<String> = report.calibration.iter().map(Bucket::in_words).collect();
    assert_eq!(words, ["below 0.85", "0.85 to 0.90", "0.90 to 0.95", "0.95 to 0.98", "0.98 and above"]);
}
