//! What a stretch of time left behind, as reports read it: rows of every table that concern it, typed.
//!
//! Rows are of one kind of run, paper or live, and never mixed. What a run wrote carries the run's own clock: simulated
//! for generated markets, the recorded one for recordings.

mod load;
mod of_row;

pub use load::{Interval, last_trade};

use super::{RunKind, StoredRun, StoredTrade};
use crate::market::{Outcome, Resolution, Side};
use crate::units::{Money, Price, Quantity, Ratio, Timestamp};
use jiff::civil::Date;

/// Everything kept of the half-open interval `from..to`, for one kind of run. Each list is in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Paper or live.
    pub kind: RunKind,
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
    /// Runs that left something in the interval.
    pub runs: Vec<StoredRun>,
    /// The other runs of the same live accounts: one may have opened what was closed in the interval, another may have
    /// seen later how a market resolved. Paper runs have none.
    pub other_runs: Vec<StoredRun>,
    /// The accounts of these runs, with their equity.
    pub accounts: Vec<AccountHistory>,
    /// Trades that ended in the interval.
    pub trades: Vec<StoredTrade>,
    /// Decisions of the interval, and the earlier ones behind its trades.
    pub decisions: Vec<StoredDecision>,
    /// Fills of the interval, and the earlier ones behind its trades.
    pub fills: Vec<StoredFill>,
    /// Halts that latched in the interval.
    pub halts: Vec<StoredHalt>,
    /// What the gates said on the exchange's days that the interval touches.
    pub gates: Vec<StoredGate>,
    /// How the markets resolved in which the interval's trades were made, as far as it is known by now.
    pub results: Vec<StoredResult>,
}

/// One account's equity. A live account goes on from run to run; every paper run is an account of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountHistory {
    /// The live account's name, or the paper run's id.
    pub name: String,
    /// The last snapshot before the interval, where there is one.
    pub opening: Option<StoredSnapshot>,
    /// Snapshots of the interval.
    pub snapshots: Vec<StoredSnapshot>,
}

/// The account at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSnapshot {
    /// The run.
    pub run: String,
    /// When.
    pub time: Timestamp,
    /// Cash.
    pub cash: Money,
    /// Cash and positions at the executable price.
    pub equity: Money,
    /// Open positions.
    pub open_positions: u32,
    /// Equity against the day's start.
    pub daily_pnl: Money,
    /// Equity against the run's start.
    pub total_pnl: Money,
}

/// Why an entry was made. Prices are those of the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDecision {
    /// The run.
    pub run: String,
    /// The order that was sent, by its number within the run.
    pub order: u64,
    /// When.
    pub time: Timestamp,
    /// Where.
    pub market: String,
    /// What was to be bought.
    pub outcome: Outcome,
    /// The price it was judged on: the signal's.
    pub price: Price,
    /// Contracts.
    pub quantity: Quantity,
    /// Where profit was to be taken.
    pub target: Price,
    /// Where it was to be stopped.
    pub stop: Price,
    /// Dollars a contract if the target is reached, fees paid.
    pub net_win: Price,
    /// Dollars a contract lost if it is stopped right at the stop, fees paid.
    pub net_loss: Price,
    /// The share of trades that must reach the target for nothing to be lost.
    pub break_even: Ratio,
    /// The limit that set the quantity.
    pub bound_by: String,
}

/// A fill of one of our orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFill {
    /// The run.
    pub run: String,
    /// The exchange's id of the match.
    pub trade_id: String,
    /// The order, by its number within the run.
    pub order: u64,
    /// Where.
    pub market: String,
    /// Bid or ask of the YES book.
    pub side: Side,
    /// YES price.
    pub price: Price,
    /// Contracts.
    pub quantity: Quantity,
    /// Fee paid.
    pub fee: Money,
    /// Whether we took liquidity.
    pub is_taker: bool,
    /// Why the order was sent: `entry`, `take_profit`, `stop_loss`, …
    pub purpose: String,
    /// When the exchange matched it.
    pub time: Timestamp,
}

/// A halt that latched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHalt {
    /// The run it latched in; none where a person halted while no run was up.
    pub run: Option<String>,
    /// Its stable code.
    pub reason: String,
    /// The figures behind it, for people.
    pub detail: String,
    /// When it latched.
    pub latched_at: Timestamp,
    /// When a person cleared it; none while it holds.
    pub cleared_at: Option<Timestamp>,
}

/// One verdict of one gate on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredGate {
    /// The run.
    pub run: String,
    /// The exchange's day, Eastern time.
    pub day: Date,
    /// `filter`, `signal`, `risk` or `execution`.
    pub gate: String,
    /// `passed`, or the stable word of a refusal.
    pub verdict: String,
    /// Markets that got it at least once that day.
    pub markets: u64,
}

/// How a market resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResult {
    /// The run that saw it.
    pub run: String,
    /// The market.
    pub market: String,
    /// How.
    pub resolution: Resolution,
    /// When.
    pub time: Timestamp,
}
