//! The payloads of WebSocket frames, in the units of [`crate::units`] and otherwise as the exchange means them: a
//! price on side `no` is whatever the subscription made it, and sides and outcomes keep the wire's words.
//!
//! Text is borrowed from the frame unless it holds an escape. Fields the bot has no use for are left out; fields
//! that are new on the wire are ignored.

use super::field;
use crate::units::{Money, Price, Quantity, Ratio, Timestamp};
use serde::Deserialize;
use std::borrow::Cow;

/// An outcome as the wire names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeSide {
    /// `yes`.
    #[default]
    Yes,
    /// `no`.
    No,
}

impl OutcomeSide {
    /// `yes` or `no`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
        }
    }

    /// The same direction in the words of the book.
    pub const fn book_side(self) -> BookSide {
        match self {
            Self::Yes => BookSide::Bid,
            Self::No => BookSide::Ask,
        }
    }
}

/// A side of the YES book as the wire names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BookSide {
    /// `bid`.
    Bid,
    /// `ask`.
    Ask,
}

impl BookSide {
    /// `bid` or `ask`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bid => "bid",
            Self::Ask => "ask",
        }
    }

    /// The same direction as an outcome: a bid is for YES, an ask for NO.
    pub const fn outcome(self) -> OutcomeSide {
        match self {
            Self::Bid => OutcomeSide::Yes,
            Self::Ask => OutcomeSide::No,
        }
    }
}

/// One stretch of a market's price grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct PriceRange {
    /// First price.
    #[serde(deserialize_with = "field::decimal")]
    pub start: Price,
    /// Last price.
    #[serde(deserialize_with = "field::decimal")]
    pub end: Price,
    /// Distance between prices.
    #[serde(deserialize_with = "field::decimal")]
    pub step: Price,
}

/// A whole book (`orderbook_snapshot`). Both sides list what stands there in the order of the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot<'a> {
    /// Market.
    pub ticker: Cow<'a, str>,
    /// YES bids: YES price and contracts.
    pub yes: &'a [(Price, Quantity)],
    /// NO bids and contracts: at NO prices by default, at YES prices where the subscription asked for
    /// `use_yes_price`.
    pub no: &'a [(Price, Quantity)],
}

/// A change of one level (`orderbook_delta`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Delta<'a> {
    /// Market.
    #[serde(rename = "market_ticker", borrow)]
    pub ticker: Cow<'a, str>,
    /// Price of the level; on side `no` a NO price by default, a YES price where the subscription asked for
    /// `use_yes_price`.
    #[serde(rename = "price_dollars", deserialize_with = "field::decimal")]
    pub price: Price,
    /// Signed change of the contracts that stand there.
    #[serde(rename = "delta_fp", deserialize_with = "field::decimal")]
    pub change: Quantity,
    /// Whose bids.
    pub side: OutcomeSide,
    /// The client's own id of the order that made the change, when it was one of the account's own.
    #[serde(borrow, default, deserialize_with = "field::optional_text")]
    pub client_order_id: Option<Cow<'a, str>>,
    /// When the exchange made the change, to the millisecond.
    #[serde(rename = "ts_ms", default, deserialize_with = "field::millis")]
    pub time: Option<Timestamp>,
}

/// Running figures of a market (`ticker`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Ticker<'a> {
    /// Market.
    #[serde(rename = "market_ticker", borrow)]
    pub ticker: Cow<'a, str>,
    /// Price of the last trade, YES.
    #[serde(rename = "price_dollars", deserialize_with = "field::decimal")]
    pub last: Price,
    /// Best YES bid; zero without one.
    #[serde(rename = "yes_bid_dollars", deserialize_with = "field::decimal")]
    pub bid: Price,
    /// Contracts at the best bid.
    #[serde(rename = "yes_bid_size_fp", deserialize_with = "field::decimal")]
    pub bid_size: Quantity,
    /// Best YES ask; one without one.
    #[serde(rename = "yes_ask_dollars", deserialize_with = "field::decimal")]
    pub ask: Price,
    /// Contracts at the best ask.
    #[serde(rename = "yes_ask_size_fp", deserialize_with = "field::decimal")]
    pub ask_size: Quantity,
    /// Contracts of the last trade.
    #[serde(rename = "last_trade_size_fp", default, deserialize_with = "field::decimal")]
    pub last_size: Quantity,
    /// Contracts traded so far.
    #[serde(rename = "volume_fp", deserialize_with = "field::decimal")]
    pub volume: Quantity,
    /// Contracts held.
    #[serde(rename = "open_interest_fp", deserialize_with = "field::decimal")]
    pub open_interest: Quantity,
    /// Whole dollars traded so far.
    #[serde(default)]
    pub dollar_volume: i64,
    /// Whole dollars held.
    #[serde(default)]
    pub dollar_open_interest: i64,
    /// When, to the millisecond.
    #[serde(rename = "ts_ms", default, deserialize_with = "field::millis")]
    pub time: Option<Timestamp>,
}

/// A public trade (`trade`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trade<'a> {
    /// The exchange's id of it.
    pub trade_id: Cow<'a, str>,
    /// Market.
    pub ticker: Cow<'a, str>,
    /// YES price.
    pub yes_price: Price,
    /// Contracts.
    pub quantity: Quantity,
    /// The outcome the taker is positioned for: buying YES and selling NO are both `yes`.
    pub taker: OutcomeSide,
    /// Agreed off the book.
    pub is_block: bool,
    /// When, to the millisecond.
    pub time: Option<Timestamp>,
}

/// A fill of the account's own order (`fill`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill<'a> {
    /// The exchange's id of the trade.
    pub trade_id: Cow<'a, str>,
    /// The exchange's id of the order.
    pub order_id: Cow<'a, str>,
    /// The client's id of the order.
    pub client_order_id: Option<Cow<'a, str>>,
    /// Market.
    pub ticker: Cow<'a, str>,
    /// The shard that holds the order.
    pub exchange_index: u32,
    /// Whether the order took.
    pub is_taker: bool,
    /// The outcome the order is positioned for.
    pub outcome: OutcomeSide,
    /// YES price.
    pub yes_price: Price,
    /// Contracts.
    pub quantity: Quantity,
    /// Fee paid for this fill.
    pub fee: Option<Money>,
    /// Signed position after it, where told: positive YES, negative NO.
    pub position_after: Option<Quantity>,
    /// When, to the millisecond.
    pub time: Option<Timestamp>,
}

/// Where an order stands, as the wire names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderStatus {
    /// On the book.
    Resting,
    /// Off the book with something unfilled.
    Canceled,
    /// Filled.
    Executed,
    /// A word without a meaning here.
    #[serde(other)]
    Unknown,
}

/// The state of the account's own order (`user_order`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserOrder<'a> {
    /// The exchange's id.
    pub order_id: Cow<'a, str>,
    /// The client's id.
    pub client_order_id: Option<Cow<'a, str>>,
    /// Market.
    pub ticker: Cow<'a, str>,
    /// The shard that holds it.
    pub exchange_index: u32,
    /// Where it stands.
    pub status: OrderStatus,
    /// The outcome it is positioned for.
    pub outcome: OutcomeSide,
    /// YES limit price.
    pub yes_price: Price,
    /// Contracts asked for.
    pub initial: Quantity,
    /// Contracts filled.
    pub filled: Quantity,
    /// Contracts left.
    pub remaining: Quantity,
    /// Fees paid as taker.
    pub taker_fees: Option<Money>,
    /// Fees paid as maker.
    pub maker_fees: Option<Money>,
    /// Its order group.
    pub order_group_id: Option<Cow<'a, str>>,
    /// Why it changed last, an open set of words such as `Trade` or `ExpiryCancel`.
    pub last_update_reason: Option<Cow<'a, str>>,
    /// When it came in.
    pub created: Option<Timestamp>,
    /// When it changed last.
    pub updated: Option<Timestamp>,
    /// When it takes itself off.
    pub expires: Option<Timestamp>,
}

/// The account's position in a market (`market_position`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MarketPosition<'a> {
    /// Market.
    #[serde(rename = "market_ticker", borrow)]
    pub ticker: Cow<'a, str>,
    /// Signed contracts: positive YES, negative NO.
    #[serde(rename = "position_fp", deserialize_with = "field::decimal")]
    pub position: Quantity,
    /// What the position cost.
    #[serde(rename = "position_cost_dollars", deserialize_with = "field::decimal")]
    pub cost: Money,
    /// Profit or loss taken so far.
    #[serde(rename = "realized_pnl_dollars", deserialize_with = "field::decimal")]
    pub realized_pnl: Money,
    /// Fees paid so far.
    #[serde(rename = "fees_paid_dollars", deserialize_with = "field::decimal")]
    pub fees_paid: Money,
    /// Contracts traded so far.
    #[serde(rename = "volume_fp", deserialize_with = "field::decimal")]
    pub volume: Quantity,
}

/// A step in a market's life (`market_lifecycle_v2`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle<'a> {
    /// Market.
    pub ticker: Cow<'a, str>,
    /// What happened to it.
    pub change: LifecycleChange<'a>,
}

/// What happened to a market. The wire's times here are whole seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LifecycleChange<'a> {
    /// Listed.
    Created(Box<Created<'a>>),
    /// Opened, or opened again.
    Activated,
    /// Paused.
    Deactivated,
    /// Its close moved.
    CloseDateUpdated {
        /// The new close.
        close: Timestamp,
    },
    /// Its result is known.
    Determined {
        /// The result.
        result: MarketResult<'a>,
        /// What one YES contract pays, where told.
        settlement_value: Option<Price>,
        /// When it was determined.
        time: Option<Timestamp>,
    },
    /// Paid out.
    Settled {
        /// When.
        time: Option<Timestamp>,
    },
    /// Its price grid changed.
    PriceLevelStructureUpdated {
        /// The label of the new grid; the ranges are the truth.
        structure: Cow<'a, str>,
        /// The new grid.
        ranges: Vec<PriceRange>,
    },
    /// Its description changed.
    MetadataUpdated(Box<MetadataUpdated<'a>>),
    /// A step without a meaning here.
    Other {
        /// The wire's word for it.
        event_type: Cow<'a, str>,
    },
}

/// What the wire tells of a new market.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Created<'a> {
    /// When trading starts.
    pub open: Option<Timestamp>,
    /// When trading ends.
    pub close: Option<Timestamp>,
    /// The shard that holds it.
    pub exchange_index: u32,
    /// Its event.
    pub event_ticker: Option<Cow<'a, str>>,
    /// What a person reads.
    pub title: Option<Cow<'a, str>>,
    /// Its price grid, where told.
    pub ranges: Vec<PriceRange>,
}

/// What changed in a market's description.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetadataUpdated<'a> {
    /// What YES stands for.
    pub yes_sub_title: Option<Cow<'a, str>>,
    /// How the strikes are meant.
    pub strike_type: Option<Cow<'a, str>>,
    /// Lower strike, as written on the wire: it may be any JSON number.
    pub floor_strike: Option<&'a str>,
    /// Upper strike, as written on the wire.
    pub cap_strike: Option<&'a str>,
}

/// How a market resolved, as the wire names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarketResult<'a> {
    /// `yes`.
    Yes,
    /// `no`.
    No,
    /// `scalar`: the settlement value says what YES pays.
    Scalar,
    /// A word without a meaning here.
    Other(Cow<'a, str>),
}

impl MarketResult<'_> {
    /// The wire's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Scalar => "scalar",
            Self::Other(word) => word,
        }
    }
}

/// A new event (`event_lifecycle`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EventCreated<'a> {
    /// The event.
    #[serde(rename = "event_ticker", borrow)]
    pub event: Cow<'a, str>,
    /// Its series.
    #[serde(rename = "series_ticker", borrow, default)]
    pub series: Cow<'a, str>,
    /// What a person reads.
    #[serde(borrow, default)]
    pub title: Cow<'a, str>,
    /// The shard that holds its markets.
    #[serde(default)]
    pub exchange_index: u32,
}

/// An event's own fees were set or lifted (`event_fee_update`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFees<'a> {
    /// The event.
    pub event: Cow<'a, str>,
    /// Its fee type; `None` when its series' applies again.
    pub fee_type: Option<Cow<'a, str>>,
    /// Its multiplier; `None` when its series' applies again.
    pub multiplier: Option<Ratio>,
}

/// A change of an order group (`order_group_updates`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OrderGroupUpdate<'a> {
    /// `created`, `triggered`, `reset`, `deleted` or `limit_updated`; an open set.
    #[serde(borrow)]
    pub event_type: Cow<'a, str>,
    /// The group.
    #[serde(borrow)]
    pub order_group_id: Cow<'a, str>,
    /// Its limit, where told.
    #[serde(rename = "contracts_limit_fp", default, deserialize_with = "field::optional_decimal")]
    pub contracts_limit: Option<Quantity>,
    /// When, to the millisecond.
    #[serde(rename = "ts_ms", default, deserialize_with = "field::millis")]
    pub time: Option<Timestamp>,
}

/// A channel and the subscription id that carries it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Subscription<'a> {
    /// The channel.
    #[serde(borrow)]
    pub channel: Cow<'a, str>,
    /// The subscription id.
    pub sid: u32,
}

/// A command was carried out (`ok`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acknowledged<'a> {
    /// The subscription's markets after a change of them.
    pub market_tickers: Vec<Cow<'a, str>>,
    /// The session's subscriptions, when they were asked for.
    pub subscriptions: Vec<Subscription<'a>>,
}

/// A command was refused, or a subscription ended (`error`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refused<'a> {
    /// The exchange's number for it; 10 and 25 end the subscription.
    pub code: i64,
    /// Its words for it.
    #[serde(rename = "msg", borrow, default)]
    pub message: Cow<'a, str>,
    /// The market it concerns.
    #[serde(rename = "market_ticker", borrow, default, deserialize_with = "field::optional_text")]
    pub ticker: Option<Cow<'a, str>>,
}
