//! What a journal says: one entry a line. Texts are borrowed while an entry is written, so that an order's lines cost
//! no allocation, and owned once it was read.

use super::cause::Cause;
use super::picture::Picture;
use crate::engine::Record;
use crate::engine::record::{
    Decision, FillRecord, Opened, OrderRecord, Resolved, SettlementRecord, StateRecord, Trade,
};
use crate::execution::reconcile::Adopted;
use crate::execution::{OrderId, Purpose, TimeInForce};
use crate::market::{Outcome, Side};
use crate::units::{Money, Price, Quantity, Timestamp};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry<'a> {
    /// What all entries before it come to. Every segment begins with one; it has the number of the last of them.
    Snapshot(Box<Picture>),
    /// A run started. The orders that follow are its.
    RunStarted(RunStarted<'a>),
    /// How the account was compared with the exchange's before the run.
    Reconciled(Reconciled),
    /// What the run took over.
    Adopted(AdoptedPositions),
    /// An order is about to be sent.
    Intent(Intent<'a>),
    /// A request is about to leave.
    Send(Send),
    /// The exchange's name for an order became known.
    Named(Named<'a>),
    /// An entry was decided on.
    Decision(Cow<'a, Decision>),
    /// An order changed state.
    Order(Cow<'a, OrderRecord>),
    /// An order was filled.
    Fill(Cow<'a, FillRecord>),
    /// A position was opened.
    Opened(Cow<'a, Opened>),
    /// A position went back to flat.
    Closed(Cow<'a, Trade>),
    /// A market was paid out.
    Settled(Cow<'a, SettlementRecord>),
    /// The trading state or its reasons changed.
    State(Cow<'a, StateRecord>),
    /// The result of a market is known.
    Resolved(Cow<'a, Resolved>),
    /// The run ended in order.
    RunEnded(RunEnded),
}

/// A run and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStarted<'a> {
    /// When.
    pub time: Timestamp,
    /// Its id in the store.
    pub run: Cow<'a, str>,
    /// The account, by its name in the store.
    pub account: Cow<'a, str>,
    /// What the names of its orders begin with.
    pub prefix: Cow<'a, str>,
    /// The run's part of these names.
    pub tag: Cow<'a, str>,
    /// The program's version.
    pub version: Cow<'a, str>,
    /// Which exchange, for people.
    pub source: Cow<'a, str>,
    /// The settings in force, without secrets.
    pub settings: Cow<'a, str>,
    /// The halts in force, by code: a person may have cleared some since the last run.
    pub halts: Vec<Cow<'a, str>>,
}

/// The comparison at a start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    /// When.
    pub time: Timestamp,
    /// Cash, as the exchange shows it.
    pub cash: Money,
    /// Orders of earlier runs that were taken off.
    pub cancelled: u64,
    /// Fills that only the exchange knew.
    pub fills: u64,
    /// Payouts that only the exchange knew.
    pub payouts: u64,
}

/// What a run took over: all that is held from then on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdoptedPositions {
    /// When.
    pub time: Timestamp,
    /// Each position.
    pub positions: Vec<AdoptedPosition>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdoptedPosition {
    /// Where.
    pub market: String,
    /// What is held.
    pub outcome: Outcome,
    /// Contracts, above zero.
    pub quantity: Quantity,
    /// What they have cost, fees apart.
    pub cost: Money,
    /// Fees so far.
    pub fees: Money,
}

impl From<&Adopted> for AdoptedPosition {
    fn from(adopted: &Adopted) -> Self {
        let Adopted { ticker, outcome, quantity, cost, fees, .. } = adopted;
        Self { market: ticker.clone(), outcome: *outcome, quantity: *quantity, cost: *cost, fees: *fees }
    }
}

/// An order before it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent<'a> {
    /// When.
    pub time: Timestamp,
    /// Its number within the run.
    pub order: OrderId,
    /// Our name for it on the exchange.
    pub client_id: Cow<'a, str>,
    /// Where.
    pub market: Cow<'a, str>,
    /// Bid or ask.
    pub side: Side,
    /// YES limit.
    pub price: Price,
    /// Contracts.
    pub quantity: Quantity,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// Refused rather than crossing the spread.
    pub post_only: bool,
    /// Never opens or turns a position.
    pub reduce_only: bool,
    /// Why it is sent.
    pub purpose: Purpose,
    /// What led to it.
    pub cause: Cause<'a>,
}

/// What is asked of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// To take an order.
    Create,
    /// To take it off.
    Cancel,
}

/// A request before it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    /// When.
    pub time: Timestamp,
    /// Of which order.
    pub order: OrderId,
    /// What for.
    pub request: Sent,
}

/// The exchange's name for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<'a> {
    /// When it became known.
    pub time: Timestamp,
    /// Which order.
    pub order: OrderId,
    /// Its name.
    pub exchange_id: Cow<'a, str>,
}

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEnded {
    /// When.
    pub time: Timestamp,
}

impl<'a> Entry<'a> {
    /// A record as an entry; `None` for those whose loss does no harm: figures taken now and then, and what was wrong
    /// with the feed.
    pub fn of_record(record: &'a Record) -> Option<Self> {
        Some(match record {
            Record::Decision(decision) => Self::Decision(Cow::Borrowed(decision)),
            Record::Order(order) => Self::Order(Cow::Borrowed(order)),
            Record::Fill(fill) => Self::Fill(Cow::Borrowed(fill)),
            Record::Opened(opened) => Self::Opened(Cow::Borrowed(opened)),
            Record::Closed(trade) => Self::Closed(Cow::Borrowed(trade)),
            Record::Settled(settled) => Self::Settled(Cow::Borrowed(settled)),
            Record::State(state) => Self::State(Cow::Borrowed(state)),
            Record::Resolved(resolved) => Self::Resolved(Cow::Borrowed(resolved)),
            Record::Snapshot(_) | Record::Feed(_) | Record::Gates(_) => return None,
        })
    }

    /// The record that the entry was made of, if it was made of one.
    pub fn to_record(&self) -> Option<Record> {
        Some(match self {
            Self::Decision(decision) => Record::Decision(Decision::clone(decision)),
            Self::Order(order) => Record::Order(OrderRecord::clone(order)),
            Self::Fill(fill) => Record::Fill(FillRecord::clone(fill)),
            Self::Opened(opened) => Record::Opened(Opened::clone(opened)),
            Self::Closed(trade) => Record::Closed(Trade::clone(trade)),
            Self::Settled(settled) => Record::Settled(SettlementRecord::clone(settled)),
            Self::State(state) => Record::State(StateRecord::clone(state)),
            Self::Resolved(resolved) => Record::Resolved(Resolved::clone(resolved)),
            _ => return None,
        })
    }

    /// The stable word for what it is.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Snapshot(_) => "snapshot",
            Self::RunStarted(_) => "run_started",
            Self::Reconciled(_) => "reconciled",
            Self::Adopted(_) => "adopted",
            Self::Intent(_) => "intent",
            Self::Send(_) => "send",
            Self::Named(_) => "named",
            Self::Decision(_) => "decision",
            Self::Order(_) => "order",
            Self::Fill(_) => "fill",
            Self::Opened(_) => "opened",
            Self::Closed(_) => "closed",
            Self::Settled(_) => "settled",
            Self::State(_) => "state",
            Self::Resolved(_) => "resolved",
            Self::RunEnded(_) => "run_ended",
        }
    }

    /// When it happened; a snapshot has no time of its own.
    pub fn time(&self) -> Option<Timestamp> {
        Some(match self {
            Self::Snapshot(_) => return None,
            Self::RunStarted(started) => started.time,
            Self::Reconciled(reconciled) => reconciled.time,
            Self::Adopted(adopted) => adopted.time,
            Self::Intent(intent) => intent.time,
            Self::Send(send) => send.time,
            Self::Named(named) => named.time,
            Self::Decision(decision) => decision.time,
            Self::Order(order) => order.time,
            Self::Fill(fill) => fill.time,
            Self::Opened(opened) => opened.time,
            Self::Closed(trade) => trade.exit_time,
            Self::Settled(settled) => settled.time,
            Self::State(state) => state.time,
            Self::Resolved(resolved) => resolved.time,
            Self::RunEnded(ended) => ended.time,
        })
    }

    /// The order it is about, by its number within the run.
    pub fn order(&self) -> Option<OrderId> {
        Some(match self {
            Self::Intent(intent) => intent.order,
            Self::Send(send) => send.order,
            Self::Named(named) => named.order,
            Self::Decision(decision) => decision.order,
            Self::Order(order) => order.order,
            Self::Fill(fill) => fill.order,
            _ => return None,
        })
    }

    /// The market it is about, where it says so itself.
    pub fn market(&self) -> Option<&str> {
        Some(match self {
            Self::Intent(intent) => &intent.market,
            Self::Decision(decision) => &decision.market,
            Self::Order(order) => &order.market,
            Self::Fill(fill) => &fill.market,
            Self::Opened(opened) => &opened.market,
            Self::Closed(trade) => &trade.market,
            Self::Settled(settled) => &settled.market,
            Self::Resolved(resolved) => &resolved.market,
            _ => return None,
        })
    }
}
