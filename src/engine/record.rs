//! What happened, as it is kept and told. Records own their text: they outlive the frame that caused them and cross
//! to the store's thread.

use super::funnel::GateCount;
use super::words::{self, Word};
use crate::execution::{OrderId, Purpose};
use crate::market::{Outcome, Resolution, Side};
use crate::units::{Money, Price, Quantity, Ratio, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One thing worth keeping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// An entry was decided on.
    Decision(Decision),
    /// An order changed state.
    Order(OrderRecord),
    /// One of our orders was filled.
    Fill(FillRecord),
    /// A position was opened (first fill of an entry).
    Opened(Opened),
    /// A position went back to flat.
    Closed(Trade),
    /// A market we held resolved.
    Settled(SettlementRecord),
    /// The trading state or its reasons changed.
    State(StateRecord),
    /// The account, taken now and then.
    Snapshot(AccountSnapshot),
    /// A book or a feed was found wanting.
    Feed(FeedRecord),
    /// What every gate let through and refused of one day, taken now and then.
    Gates(GatesRecord),
    /// The result of a market is known in which something was held, whether or not it still is.
    Resolved(Resolved),
}

/// Why an entry was made: the prices it was judged on. Prices are those of the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// When.
    pub time: Timestamp,
    /// Where.
    pub market: Arc<str>,
    /// What is bought.
    pub outcome: Outcome,
    /// Price to be paid.
    pub price: Price,
    /// Contracts.
    pub quantity: Quantity,
    /// Where profit is taken.
    pub target: Price,
    /// Where it is stopped.
    pub stop: Price,
    /// Dollars a contract if the target is reached, fees paid.
    pub net_win: Price,
    /// Dollars a contract lost if it is stopped right at the stop, fees paid.
    pub net_loss: Price,
    /// The share of trades that must reach the target for nothing to be lost.
    pub break_even: Ratio,
    /// The limit that set the quantity.
    #[serde(deserialize_with = "words::bound_by")]
    pub bound_by: Word,
    /// The order sent.
    pub order: OrderId,
}

/// An order's state after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRecord {
    /// When.
    pub time: Timestamp,
    /// Which.
    pub order: OrderId,
    /// Where.
    pub market: Arc<str>,
    /// Bid or ask.
    pub side: Side,
    /// YES limit.
    pub price: Price,
    /// Asked for.
    pub quantity: Quantity,
    /// Filled so far.
    pub filled: Quantity,
    /// Why it was sent.
    pub purpose: Purpose,
    /// Its state, a stable word.
    pub state: crate::execution::OrderState,
    /// Why it was refused or cancelled, a stable word, where it was.
    #[serde(deserialize_with = "words::order_reason")]
    pub reason: Option<Word>,
}

/// A fill of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FillRecord {
    /// The exchange's id.
    pub trade_id: Box<str>,
    /// The order.
    pub order: OrderId,
    /// Where.
    pub market: Arc<str>,
    /// Bid or ask.
    pub side: Side,
    /// YES price.
    pub price: Price,
    /// Contracts.
    pub quantity: Quantity,
    /// Fee paid.
    pub fee: Money,
    /// Whether we took liquidity.
    pub is_taker: bool,
    /// When the exchange matched it.
    pub time: Timestamp,
    /// Why the order was sent.
    pub purpose: Purpose,
}

/// A position that was just opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// When.
    pub time: Timestamp,
    /// Where.
    pub market: Arc<str>,
    /// What is held.
    pub outcome: Outcome,
    /// Price of the first fill, of the outcome.
    pub entry_price: Price,
    /// Contracts of the first fill.
    pub quantity: Quantity,
    /// Where profit is taken.
    pub target: Price,
    /// Where it is stopped.
    pub stop: Price,
}

/// Why a position ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitReason {
    /// The target was reached.
    TakeProfit,
    /// The stop was reached.
    StopLoss,
    /// The market was about to close.
    TimeExit,
    /// The market resolved.
    Settlement,
    /// A person said so.
    Flatten,
}

impl ExitReason {
    /// The stable word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TakeProfit => "take_profit",
            Self::StopLoss => "stop_loss",
            Self::TimeExit => "time_exit",
            Self::Settlement => "settlement",
            Self::Flatten => "flatten",
        }
    }

    /// The reason of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        use ExitReason::{Flatten, Settlement, StopLoss, TakeProfit, TimeExit};
        [TakeProfit, StopLoss, TimeExit, Settlement, Flatten].into_iter().find(|one| one.as_str() == word)
    }
}

/// A round trip from flat to flat in one market. Prices are averages, of the outcome held; the sums are exact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    /// Number within the run, from 1.
    pub id: u64,
    /// Where.
    pub market: Arc<str>,
    /// The market's series.
    pub series: Arc<str>,
    /// What was held.
    pub outcome: Outcome,
    /// Contracts that went through it.
    pub quantity: Quantity,
    /// Average price paid, of the outcome.
    pub entry_price: Price,
    /// Average price got, of the outcome.
    pub exit_price: Price,
    /// Exactly what was paid for the contracts, fees apart.
    pub entry_cost: Money,
    /// Exactly what they brought, fees apart.
    pub exit_proceeds: Money,
    /// First fill.
    pub entry_time: Timestamp,
    /// Last fill or settlement.
    pub exit_time: Timestamp,
    /// What ended it.
    pub exit_reason: ExitReason,
    /// Proceeds less cost.
    pub gross_pnl: Money,
    /// All fees of its fills.
    pub fees: Money,
    /// Gross less fees.
    pub net_pnl: Money,
}

/// A payout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementRecord {
    /// Where.
    pub market: Arc<str>,
    /// How it resolved.
    pub result: Resolution,
    /// Signed contracts held: positive YES, negative NO.
    pub quantity: Quantity,
    /// Dollars paid out.
    pub payout: Money,
    /// When.
    pub time: Timestamp,
}

/// The trading state after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateRecord {
    /// When.
    pub time: Timestamp,
    /// `active`, `reduce_only` or `halted`.
    #[serde(deserialize_with = "words::trading")]
    pub trading: Word,
    /// Every reason in force, by its stable code.
    #[serde(deserialize_with = "words::halts")]
    pub reasons: Vec<Word>,
    /// The reason that was added or cleared.
    #[serde(deserialize_with = "words::halt")]
    pub changed: Word,
    /// Whether it was added.
    pub added: bool,
    /// Whether only a person clears it.
    pub latched: bool,
    /// The figures behind it, for people.
    pub detail: String,
}

/// The account at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AccountSnapshot {
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

/// A fault of a book or of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedRecord {
    /// When.
    pub time: Timestamp,
    /// What, a stable word: `gap`, `negative_level`, `crossed_book`, `disconnected`, `connected`.
    pub fault: &'static str,
    /// The market, where it concerns one.
    pub market: Option<Arc<str>>,
    /// The figures behind it, for people.
    pub detail: String,
}

/// What every gate let through and refused of one of the exchange's days, so far. A later record of the same day takes
/// the place of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GatesRecord {
    /// When.
    pub time: Timestamp,
    /// An instant of the day that is counted. The record that closes a day comes after its end.
    pub day: Timestamp,
    /// The tally, by gate.
    pub gates: Vec<GateCount>,
}

/// How a market resolved in which something was held. Should the exchange change the result, another record follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// Where.
    pub market: Arc<str>,
    /// How.
    pub result: Resolution,
    /// When it became known.
    pub time: Timestamp,
}
