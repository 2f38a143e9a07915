//! What led to an order or a cancel: the event that the engine was given, in short. Of a frame its place on the
//! subscription is kept, which names it in any recording.

use crate::engine::{Event, Operator, Stamp};
use crate::execution::{OrderId, OrderUpdate};
use crate::market::Side;
use crate::units::{Price, Quantity};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The event that led to something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Cause<'a> {
    /// A whole book.
    Snapshot {
        /// Subscription.
        sid: u32,
        /// Number there.
        seq: Option<u64>,
    },
    /// One level of a book.
    Delta {
        /// Subscription.
        sid: u32,
        /// Number there.
        seq: Option<u64>,
        /// Side of the YES book.
        side: Side,
        /// YES price.
        price: Price,
        /// How much more or less stands there.
        change: Quantity,
    },
    /// A public trade.
    Print {
        /// Subscription.
        sid: u32,
        /// Number there.
        seq: Option<u64>,
        /// YES price.
        price: Price,
    },
    /// Anything else about a market.
    Market {
        /// What, a stable word.
        what: Cow<'a, str>,
    },
    /// The feed came or went.
    Feed {
        /// Whether it is up.
        is_up: bool,
    },
    /// A fill of an order.
    Fill {
        /// Which.
        order: OrderId,
    },
    /// Anything else that the exchange said of an order.
    Order {
        /// Which.
        order: OrderId,
        /// What, a stable word.
        what: Cow<'a, str>,
    },
    /// A position that was taken over.
    Adopted,
    /// The exchange stopped or resumed trading.
    Exchange {
        /// Whether it trades.
        trading: bool,
    },
    /// A reason not to trade came or went.
    Halt {
        /// Its stable code.
        reason: Cow<'a, str>,
        /// Whether it holds.
        in_force: bool,
    },
    /// A person's word.
    Operator {
        /// What was asked for, a stable word.
        what: Cow<'a, str>,
    },
    /// Time passed.
    Timer,
    /// A day began.
    Day,
}

impl Cause<'static> {
    /// What there is to keep of an event. Allocates nothing.
    pub fn of(event: &Event<'_>) -> Self {
        let market = |what| Self::Market { what: Cow::Borrowed(what) };
        match event {
            Event::Snapshot { stamp: Stamp { sid, seq }, .. } => Self::Snapshot { sid: *sid, seq: *seq },
            Event::Delta { stamp: Stamp { sid, seq }, side, price, change, .. } => {
                Self::Delta { sid: *sid, seq: *seq, side: *side, price: *price, change: *change }
            }
            Event::Print { stamp: Stamp { sid, seq }, price, .. } => {
                Self::Print { sid: *sid, seq: *seq, price: *price }
            }
            Event::Listed(_) => market("listed"),
            Event::Ticker { .. } => market("ticker"),
            Event::Sequence(_) => market("sequence"),
            Event::Heartbeat => market("heartbeat"),
            Event::Purses(_) => market("purses"),
            Event::Hours { .. } => market("hours"),
            Event::Status { .. } => market("status"),
            Event::CloseMoved { .. } => market("close_moved"),
            Event::GridChanged { .. } => market("grid_changed"),
            Event::FeesChanged { .. } => market("fees_changed"),
            Event::Determined { .. } => market("determined"),
            Event::Settled { .. } => market("settled"),
            Event::Connected => Self::Feed { is_up: true },
            Event::Disconnected => Self::Feed { is_up: false },
            Event::Exchange { trading } => Self::Exchange { trading: *trading },
            Event::Order(update) => Self::of_update(update),
            Event::Adopted(_) => Self::Adopted,
            Event::Halt { reason, in_force, .. } => {
                Self::Halt { reason: Cow::Borrowed(reason.code()), in_force: *in_force }
            }
            Event::Operator(operator) => Self::Operator {
                what: Cow::Borrowed(match operator {
                    Operator::Halt => "halt",
                    Operator::Resume => "resume",
                    Operator::Shutdown => "shutdown",
                    Operator::Flatten { .. } => "flatten",
                }),
            },
            Event::Timer => Self::Timer,
            Event::DayStarted => Self::Day,
        }
    }

    fn of_update(update: &OrderUpdate) -> Self {
        let (order, what) = match update {
            OrderUpdate::Filled(fill) => return Self::Fill { order: fill.order },
            OrderUpdate::Accepted { order } => (order, "accepted"),
            OrderUpdate::Rejected { order, .. } => (order, "rejected"),
            OrderUpdate::Cancelled { order, .. } => (order, "cancelled"),
            OrderUpdate::CancelRejected { order } => (order, "cancel_rejected"),
            OrderUpdate::Unknown { order } => (order, "unknown"),
        };
        Self::Order { order: *order, what: Cow::Borrowed(what) }
    }
}
