//! The words of an order's life: what is asked for, what can be answered, and the states between.

use crate::market::{MarketId, Side};
use crate::units::{Money, Price, Quantity, Timestamp};
use serde::{Deserialize, Serialize};

/// An order's number within a run. The edge turns it into the exchange's `client_order_id` by putting the bot's
/// prefix and the run's id before it, so the same order keeps the same id on every retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OrderId(pub u64);

/// Why an order is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Opens a position.
    Entry,
    /// Closes at the profit target.
    TakeProfit,
    /// Closes because the executable price fell to the stop.
    #[serde(rename = "stop_loss")]
    Stop,
    /// Closes because the market is about to close.
    TimeExit,
    /// Closes because a person said so.
    Flatten,
}

impl Purpose {
    /// The stable word for it in reports: for an exit it is the exit reason.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::TakeProfit => "take_profit",
            Self::Stop => "stop_loss",
            Self::TimeExit => "time_exit",
            Self::Flatten => "flatten",
        }
    }
}

/// How long an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeInForce {
    /// Until cancelled, or until `expires` when given (whole seconds on the exchange).
    GoodTillCancelled {
        /// When the exchange takes it off by itself.
        expires: Option<Timestamp>,
    },
    /// Fills what it can at once; the rest is cancelled.
    ImmediateOrCancel,
}

/// An order to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRequest {
    /// Its number.
    pub id: OrderId,
    /// Where.
    pub market: MarketId,
    /// Bid buys YES or sells NO; ask the reverse.
    pub side: Side,
    /// YES limit price, on the market's grid.
    pub price: Price,
    /// Contracts.
    pub quantity: Quantity,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// Refused rather than crossing the spread.
    pub post_only: bool,
    /// Never opens or turns a position; only with immediate-or-cancel.
    pub reduce_only: bool,
    /// Why.
    pub purpose: Purpose,
}

/// Where an order stands. `Unknown` is what a time-out leaves: neither sent nor rejected until the exchange has
/// been asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Decided, not handed to the gateway yet.
    Intended,
    /// Handed over.
    Sent,
    /// Accepted; it may rest.
    Resting,
    /// Some of it is filled and the rest may still rest.
    PartiallyFilled,
    /// All of it is filled.
    Filled,
    /// Taken off with something unfilled.
    Cancelled,
    /// Taken off by its own expiry.
    Expired,
    /// Never accepted.
    Rejected,
    /// The answer was lost.
    Unknown,
}

impl OrderState {
    /// The stable word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Sent => "sent",
            Self::Resting => "resting",
            Self::PartiallyFilled => "partially_filled",
            Self::Filled => "filled",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }

    /// Whether nothing more can happen to it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Filled | Self::Cancelled | Self::Expired | Self::Rejected)
    }
}

/// Why the venue refused an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// Not on the market's grid.
    InvalidPrice,
    /// Zero, negative or finer than the exchange takes.
    InvalidQuantity,
    /// Not enough cash for it.
    InsufficientBalance,
    /// The market isn't open.
    MarketInactive,
    /// Post-only, and it would have crossed.
    PostOnlyCross,
    /// Reduce-only, and there is nothing to reduce.
    ReduceOnly,
    /// The exchange wasn't taking orders.
    ExchangePaused,
    /// Anything else the exchange said no to.
    Other,
    /// It never left: no connection, or no room within the request limits.
    NotSent,
}

impl RejectReason {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::InvalidPrice,
        Self::InvalidQuantity,
        Self::InsufficientBalance,
        Self::MarketInactive,
        Self::PostOnlyCross,
        Self::ReduceOnly,
        Self::ExchangePaused,
        Self::Other,
        Self::NotSent,
    ];

    /// The stable word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidPrice => "invalid_price",
            Self::InvalidQuantity => "invalid_quantity",
            Self::InsufficientBalance => "insufficient_balance",
            Self::MarketInactive => "market_inactive",
            Self::PostOnlyCross => "post_only_cross",
            Self::ReduceOnly => "reduce_only",
            Self::ExchangePaused => "exchange_paused",
            Self::Other => "other",
            Self::NotSent => "not_sent",
        }
    }
}

/// Why an order came off the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The bot asked for it.
    Requested,
    /// The rest of an immediate-or-cancel order.
    ImmediateOrCancel,
    /// Its expiry.
    Expired,
    /// The market closed.
    MarketClosed,
    /// The exchange took it off for a reason of its own.
    Exchange,
}

impl CancelReason {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Requested, Self::ImmediateOrCancel, Self::Expired, Self::MarketClosed, Self::Exchange];

    /// The stable word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::ImmediateOrCancel => "immediate_or_cancel",
            Self::Expired => "expired",
            Self::MarketClosed => "market_closed",
            Self::Exchange => "exchange",
        }
    }
}

/// One execution against one of our orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// The exchange's id of it; fills are de-duplicated on it.
    pub trade_id: Box<str>,
    /// The order.
    pub order: OrderId,
    /// Where.
    pub market: MarketId,
    /// Side of our order.
    pub side: Side,
    /// YES price.
    pub price: Price,
    /// Contracts, above zero.
    pub quantity: Quantity,
    /// Fee paid; negative would be a rebate.
    pub fee: Money,
    /// Whether we took liquidity.
    pub is_taker: bool,
    /// When the exchange matched it.
    pub time: Timestamp,
}

/// What the venue says about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderUpdate {
    /// It got in.
    Accepted {
        /// Which.
        order: OrderId,
    },
    /// It did not get in.
    Rejected {
        /// Which.
        order: OrderId,
        /// Why.
        reason: RejectReason,
    },
    /// Some or all of it was filled. May come before `Accepted`, and more than once.
    Filled(Fill),
    /// What was left of it is off the book.
    Cancelled {
        /// Which.
        order: OrderId,
        /// Why.
        reason: CancelReason,
    },
    /// A cancel found nothing to cancel: the order had ended. Its last word came or will come by itself.
    CancelRejected {
        /// Which.
        order: OrderId,
    },
    /// The answer was lost; the order may or may not be in.
    Unknown {
        /// Which.
        order: OrderId,
    },
}
