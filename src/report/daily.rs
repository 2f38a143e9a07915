//! The daily report: what a day, or several, came to, reckoned from what the store kept of it.
//!
//! [`DailyReport::of`] is a pure function of a [`History`]: which rows there are is the store's business, what they mean
//! is decided here. It serialises to the JSON document that `docs/report.md` describes field by field; every figure in
//! it is an integer or a decimal string. [`html::page`] draws it for a browser and for a mail.
//!
//! `days` says which instants the days span, `links` finds the decision, the fills and the result behind a trade,
//! `curve` adds up the accounts, `calibration` asks whether prices told the truth.

mod calibration;
mod charts;
mod curve;
pub mod days;
pub mod html;
mod links;
pub mod sections;
mod slippage;

pub use calibration::Bucket;
pub use curve::{AccountFigures, Balance, EquityPoint};
pub use days::{Days, DaysError};
pub use slippage::{Slippage, Slipped};

use super::performance::ClosedTrade;
use super::trading::TradeFigures;
use crate::engine::record::{ExitReason, Trade};
use crate::store::history::{History, StoredGate, StoredHalt};
use crate::store::{RunKind, StoredRun, StoredTrade};
use crate::units::{Money, Price, Quantity, Ratio, Timestamp};
use links::Links;
use serde::{Serialize, Serializer};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The name of the only strategy there is.
const HIGH_PROBABILITY: &str = "high_probability";
/// What opened a position that no decision of a strategy is known for.
const NO_STRATEGY: &str = "none";
/// The gates in the order in which a market meets them.
const GATES: [&str; 4] = ["filter", "signal", "risk", "execution"];

/// Everything about some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DailyReport {
    /// Which days, of which trading.
    pub period: Period,
    /// What the accounts held, and what the days changed; absent when nothing is kept of them.
    pub balance: Option<Balance>,
    /// The figures of the trades that ended in these days.
    pub trading: TradeFigures,
    /// Trades by what opened them.
    pub strategies: Vec<Group>,
    /// Trades by the series of their market.
    pub series: Vec<Group>,
    /// Trades by what ended them.
    pub exits: Vec<Group>,
    /// What prices did between decision and fill.
    pub slippage: Slippage,
    /// Trades by the price paid, and what came true.
    pub calibration: Vec<Bucket>,
    /// What each gate let through and refused, in the order a market meets them; added up over runs and days.
    pub funnel: Vec<Gate>,
    /// Halts that latched.
    pub halts: Vec<Halt>,
    /// The accounts' equity, added up.
    pub equity: Vec<EquityPoint>,
    /// The trades, in the order they ended.
    pub trades: Vec<ReportedTrade>,
}

/// Which days are told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Period {
    /// Paper or live.
    pub kind: RunKind,
    /// The account, where only one was asked for.
    pub account: Option<String>,
    /// The first day.
    #[serde(serialize_with = "displayed")]
    pub from_day: jiff::civil::Date,
    /// The last day; the same when it is one.
    #[serde(serialize_with = "displayed")]
    pub to_day: jiff::civil::Date,
    /// The time zone the days are those of.
    pub zone: String,
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Seconds between the two: a day whose clock changes has an hour more or less.
    pub seconds: u64,
    /// The last day on which a trade ended, where these days have none.
    #[serde(serialize_with = "displayed_where_any")]
    pub last_day_with_trades: Option<jiff::civil::Date>,
    /// Runs that left something in these days.
    pub runs: Vec<Run>,
}

/// A run that left something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// What fed it.
    pub source: String,
    /// The live account; paper runs have none.
    pub account: Option<String>,
    /// When it was started, by the wall clock.
    pub started: Timestamp,
    /// When it ended; absent while it runs and when it crashed.
    pub ended: Option<Timestamp>,
}

/// What some of the trades came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// How many.
    pub trades: u64,
    /// Those with a net result above zero.
    pub wins: u64,
    /// Wins of all.
    pub win_rate: Option<Ratio>,
    /// The win rate at which nothing would be lost, averaged over the entry decisions that are known.
    pub break_even_win_rate: Option<Ratio>,
    /// Contracts that went through them.
    pub contracts: Quantity,
    /// Result before fees.
    pub gross_pnl: Money,
    /// Fees.
    pub fees: Money,
    /// Result.
    pub net_pnl: Money,
}

/// One gate of the funnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// `filter`, `signal`, `risk` or `execution`.
    pub gate: String,
    /// Markets let through.
    pub passed: u64,
    /// Markets refused, most frequent reason first.
    pub refused: Vec<Refusal>,
}

/// Why markets were refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The reason's stable code.
    pub reason: String,
    /// How many markets.
    pub markets: u64,
}

/// A halt that latched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Halt {
    /// Its stable code.
    pub reason: String,
    /// The figures behind it.
    pub detail: String,
    /// When it latched.
    pub latched_at: Timestamp,
    /// When a person cleared it; absent while it holds.
    pub cleared_at: Option<Timestamp>,
    /// The run; absent where a person halted while none was up.
    pub run: Option<String>,
}

/// A trade with what is known around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportedTrade {
    /// The run it ended in.
    pub run: String,
    /// The round trip.
    #[serde(flatten)]
    pub closed: ClosedTrade,
    /// What opened it: `high_probability`, or `none` where no decision is known.
    pub strategy: &'static str,
    /// The price the entry was decided on.
    pub signal_price: Option<Price>,
    /// Where it was to be stopped.
    pub planned_stop: Option<Price>,
    /// The win rate at which nothing would be lost.
    pub break_even: Option<Ratio>,
    /// What the entry cost more than at the signal's price; negative when less.
    pub entry_slippage: Option<Money>,
    /// What the stop brought less than at the planned price; negative when more. Only where a stop was filled.
    pub stop_slippage: Option<Money>,
    /// How the market resolved, as far as is known.
    pub result: Option<&'static str>,
    /// Whether the outcome bought came true; absent for a scalar result, where it did so in part.
    pub came_true: Option<bool>,
}

/// What is asked for beside the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which days.
    pub days: Days,
    /// The only account wanted, where one is.
    pub account: Option<String>,
    /// When the last trade ended, whatever the day.
    pub last_trade: Option<Timestamp>,
}

impl DailyReport {
    /// Reckons the report.
    pub fn of(history: &History, request: &Request) -> Self {
        let links = Links::new(history);
        let trades: Vec<ReportedTrade> =
            history.trades.iter().map(|trade| ReportedTrade::of(trade, &links)).collect();
        let break_evens: Vec<Ratio> = trades.iter().filter_map(|trade| trade.break_even).collect();
        let (balance, equity) = curve::of(&history.accounts);
        Self {
            period: Period::of(history, request),
            balance,
            trading: TradeFigures::of(trades.iter().map(ReportedTrade::trade), &break_evens),
            strategies: groups(&trades, |trade| trade.strategy.to_owned()),
            series: groups(&trades, |trade| trade.trade().series.to_string()),
            exits: exits(&trades),
            slippage: Slippage::of(&history.trades, &links),
            calibration: calibration::of(&trades),
            funnel: funnel(&history.gates),
            halts: history.halts.iter().map(Halt::of).collect(),
            equity,
            trades,
        }
    }

    /// The JSON document, indented.
    ///
    /// # Errors
    /// None in practice: every field serialises. It is passed on rather than hidden.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// What the days made or lost: the change of the equity, or the trades' result where no equity is kept.
    pub fn made(&self) -> Money {
        self.balance.as_ref().map_or(self.trading.net_pnl, |balance| balance.pnl)
    }
}

impl Period {
    fn of(history: &History, request: &Request) -> Self {
        let days = &request.days;
        let last_trade = request.last_trade.filter(|_| history.trades.is_empty());
        Self {
            kind: history.kind,
            account: request.account.clone(),
            from_day: days.first(),
            to_day: days.last(),
            zone: days.zone_name().to_owned(),
            from: history.from,
            to: history.to,
            seconds: history.to.since(history.from).as_secs(),
            last_day_with_trades: last_trade.and_then(|at| days.day_of(at)),
            runs: history.runs.iter().map(Run::of).collect(),
        }
    }

    /// The days in words: one date, or the first and the last.
    pub fn in_words(&self) -> String {
        if self.from_day == self.to_day {
            self.from_day.to_string()
        } else {
            format!("{} to {}", self.from_day, self.to_day)
        }
    }
}

impl Run {
    fn of(run: &StoredRun) -> Self {
        let StoredRun { id, source, account, started, ended, .. } = run.clone();
        Self { id, source, account, started, ended }
    }
}

impl Halt {
    fn of(halt: &StoredHalt) -> Self {
        let StoredHalt { run, reason, detail, latched_at, cleared_at } = halt.clone();
        Self { reason, detail, latched_at, cleared_at, run }
    }
}

impl ReportedTrade {
    fn of(stored: &StoredTrade, links: &Links<'_>) -> Self {
        let trade = &stored.trade;
        let (decision, resolution) = (links.decision(stored), links.resolution(stored));
        let came_true = resolution.map(|resolution| resolution.value(trade.outcome));
        Self {
            run: stored.run.clone(),
            closed: ClosedTrade::of(trade),
            strategy: decision.map_or(NO_STRATEGY, |_| HIGH_PROBABILITY),
            signal_price: decision.map(|decision| decision.price),
            planned_stop: decision.map(|decision| decision.stop),
            break_even: decision.map(|decision| decision.break_even),
            entry_slippage: slippage::of_entry(stored, links).map(|slip| slip.dollars),
            stop_slippage: slippage::of_stop(stored, links).map(|slip| slip.dollars),
            result: resolution.map(crate::market::Resolution::as_str),
            came_true: came_true.and_then(|value| match value {
                Price::ONE => Some(true),
                Price::ZERO => Some(false),
                _ => None,
            }),
        }
    }

    /// The round trip.
    pub fn trade(&self) -> &Trade {
        &self.closed.trade
    }
}

/// Trades by what `name` says they have in common, by name.
fn groups(trades: &[ReportedTrade], name: impl Fn(&ReportedTrade) -> String) -> Vec<Group> {
    let mut named: BTreeMap<String, Vec<&ReportedTrade>> = BTreeMap::new();
    for trade in trades {
        named.entry(name(trade)).or_default().push(trade);
    }
    named.into_iter().map(|(name, trades)| Group::of(name, &trades)).collect()
}

/// Trades by what ended them, in the order of the reasons.
fn exits(trades: &[ReportedTrade]) -> Vec<Group> {
    let mut ended: BTreeMap<ExitReason, Vec<&ReportedTrade>> = BTreeMap::new();
    for trade in trades {
        ended.entry(trade.trade().exit_reason).or_default().push(trade);
    }
    ended.into_iter().map(|(reason, trades)| Group::of(reason.as_str().to_owned(), &trades)).collect()
}

impl Group {
    fn of(name: String, trades: &[&ReportedTrade]) -> Self {
        let break_evens: Vec<Ratio> = trades.iter().filter_map(|trade| trade.break_even).collect();
        let figures = TradeFigures::of(trades.iter().map(|trade| trade.trade()), &break_evens);
        Self {
            name,
            trades: figures.trades,
            wins: figures.wins,
            win_rate: figures.win_rate,
            break_even_win_rate: figures.break_even_win_rate,
            contracts: trades.iter().map(|trade| trade.trade().quantity).sum(),
            gross_pnl: figures.gross_pnl,
            fees: figures.fees,
            net_pnl: figures.net_pnl,
        }
    }
}

/// Adds the rows up over runs and days. A market counts once for each verdict in each of them.
fn funnel(rows: &[StoredGate]) -> Vec<Gate> {
    let mut gates: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for row in rows {
        *gates.entry(&row.gate).or_default().entry(&row.verdict).or_default() += row.markets;
    }
    let mut funnel: Vec<Gate> = gates
        .into_iter()
        .map(|(gate, mut verdicts)| {
            let passed = verdicts.remove("passed").unwrap_or_default();
            let refused = verdicts.into_iter();
            let mut refused: Vec<Refusal> =
                refused.map(|(reason, markets)| Refusal { reason: reason.to_owned(), markets }).collect();
            refused.sort_by_key(|refusal| Reverse(refusal.markets));
            Gate { gate: gate.to_owned(), passed, refused }
        })
        .collect();
    funnel.sort_by_key(|gate| GATES.iter().position(|known| *known == gate.gate).unwrap_or(GATES.len()));
    funnel
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over so")]
fn displayed<S: Serializer>(day: &jiff::civil::Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

#[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over so")]
fn displayed_where_any<S: Serializer>(
    day: &Option<jiff::civil::Date>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => displayed(day, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests;
