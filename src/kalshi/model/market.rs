//! Markets, events and series as the exchange describes them, and what trades in them (api section 4).

use super::{Page, null_as_default, number};
use crate::units::{Price, Quantity, Ratio, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a market stands, in the exchange's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarketStatus {
    /// Listed, not open yet.
    Initialized,
    /// Paused by the exchange.
    Inactive,
    /// Open.
    Active,
    /// Past its close, without a result.
    Closed,
    /// Its result is known.
    Determined,
    /// Its result is disputed.
    Disputed,
    /// Its result was changed after a dispute.
    Amended,
    /// Paid out.
    Finalized,
    /// A word that this program doesn't know.
    #[serde(other)]
    Unknown,
}

/// Prices from `start` to `end` in steps of `step`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRange {
    /// First price.
    pub start: Price,
    /// Last price.
    pub end: Price,
    /// The tick between them.
    pub step: Price,
}

/// A market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Market {
    /// Its name.
    pub ticker: String,
    /// Its event.
    pub event_ticker: String,
    /// `binary` or `scalar`.
    pub market_type: String,
    /// Its question, in the old form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What YES means.
    pub yes_sub_title: String,
    /// What NO means.
    pub no_sub_title: String,
    /// When it was listed.
    pub created_time: Timestamp,
    /// When its description last changed.
    pub updated_time: Timestamp,
    /// When trading starts.
    pub open_time: Timestamp,
    /// When trading ends; it can move both ways.
    pub close_time: Timestamp,
    /// When a result is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_expiration_time: Option<Timestamp>,
    /// When it expires at the latest.
    pub latest_expiration_time: Timestamp,
    /// Seconds between determination and payout.
    pub settlement_timer_seconds: i64,
    /// Where it stands.
    pub status: MarketStatus,
    /// Best bid for YES; cached up to 15 s on the way.
    pub yes_bid_dollars: Price,
    /// What stands there; a side exists only where this is above zero.
    pub yes_bid_size_fp: Quantity,
    /// Best offer of YES.
    pub yes_ask_dollars: Price,
    /// What stands there.
    pub yes_ask_size_fp: Quantity,
    /// Best bid for NO.
    pub no_bid_dollars: Price,
    /// Best offer of NO.
    pub no_ask_dollars: Price,
    /// Price of the last trade.
    pub last_price_dollars: Price,
    /// Best bid a day ago.
    pub previous_yes_bid_dollars: Price,
    /// Best offer a day ago.
    pub previous_yes_ask_dollars: Price,
    /// Last price a day ago.
    pub previous_price_dollars: Price,
    /// Contracts traded.
    pub volume_fp: Quantity,
    /// Contracts traded in the last day.
    pub volume_24h_fp: Quantity,
    /// Contracts held.
    pub open_interest_fp: Quantity,
    /// What a winning contract pays.
    pub notional_value_dollars: Price,
    /// `yes`, `no`, `scalar`, or nothing yet.
    pub result: String,
    /// What one YES contract pays, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement_value_dollars: Option<Price>,
    /// When it was paid out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement_ts: Option<Timestamp>,
    /// `default` or `floor`.
    #[serde(default)]
    pub settlement_bounds_type: String,
    /// Whether it may close before its time.
    pub can_close_early: bool,
    /// When it would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_close_condition: Option<String>,
    /// The value it was settled by.
    pub expiration_value: String,
    /// When what it asks about happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurrence_datetime: Option<Timestamp>,
    /// Until when no fees are taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_waiver_expiration_time: Option<Timestamp>,
    /// Its rules.
    pub rules_primary: String,
    /// More of them.
    pub rules_secondary: String,
    /// A label of its price grid; `price_ranges` is the truth.
    pub price_level_structure: String,
    /// Its price grid.
    pub price_ranges: Vec<PriceRange>,
    /// The collection of a combo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mve_collection_ticker: Option<String>,
    /// Its shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_index: Option<u8>,
}

/// A page of markets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Markets {
    /// The markets.
    pub markets: Vec<Market>,
    /// Where the next page starts; empty on the last.
    #[serde(default, deserialize_with = "null_as_default")]
    pub cursor: String,
}

impl Page for Markets {
    type Item = Market;

    fn into_parts(self) -> (Vec<Market>, String) {
        (self.markets, self.cursor)
    }
}

/// One market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketEnvelope {
    /// It.
    pub market: Market,
}

/// An event: markets about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its name.
    pub event_ticker: String,
    /// Its series.
    pub series_ticker: String,
    /// What it is about.
    pub title: String,
    /// More of it.
    #[serde(default)]
    pub sub_title: String,
    /// How collateral is given back: `MECNET`, `DIRECNET` or nothing.
    #[serde(default)]
    pub collateral_return_type: String,
    /// Whether only one of its markets can resolve yes.
    #[serde(default)]
    pub mutually_exclusive: bool,
    /// Its category, in the old form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its markets, where they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markets: Option<Vec<Market>>,
    /// What settles it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub settlement_sources: Vec<SettlementSource>,
    /// When it last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated_ts: Option<Timestamp>,
    /// Its own kind of fees, instead of its series'.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_type_override: Option<String>,
    /// Its own fee multiplier.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "number::optional")]
    pub fee_multiplier_override: Option<Ratio>,
    /// Its shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_index: Option<u8>,
}

/// What settles a market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementSource {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A page of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// The events.
    pub events: Vec<Event>,
    /// Where the next page starts; empty on the last.
    #[serde(default, deserialize_with = "null_as_default")]
    pub cursor: String,
}

impl Page for Events {
    type Item = Event;

    fn into_parts(self) -> (Vec<Event>, String) {
        (self.events, self.cursor)
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventEnvelope {
    /// It.
    pub event: Event,
    /// Its markets, where they weren't asked for inside it.
    #[serde(default)]
    pub markets: Vec<Market>,
}

/// A series: events that repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Its name.
    pub ticker: String,
    /// What it is about.
    pub title: String,
    /// How often its events come.
    pub frequency: String,
    /// Its category.
    pub category: String,
    /// All its categories.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Words to find it by.
    #[serde(default, deserialize_with = "null_as_default")]
    pub tags: Vec<String>,
    /// What settles it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub settlement_sources: Vec<SettlementSource>,
    /// Its contract.
    #[serde(default)]
    pub contract_url: String,
    /// The contract's terms.
    #[serde(default)]
    pub contract_terms_url: String,
    /// Its kind of fees.
    pub fee_type: String,
    /// Its fee multiplier.
    #[serde(with = "number")]
    pub fee_multiplier: Ratio,
    /// Who may not trade it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub additional_prohibitions: Vec<String>,
    /// Contracts traded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_fp: Option<Quantity>,
    /// When it last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated_ts: Option<Timestamp>,
    /// Its shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_index: Option<u8>,
}

/// Every series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesList {
    /// The series.
    #[serde(default, deserialize_with = "null_as_default")]
    pub series: Vec<Series>,
}

/// One series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesEnvelope {
    /// It.
    pub series: Series,
}

/// A book: bids for YES and bids for NO, ascending, so that the best is last. Prices are the outcome's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orderbook {
    /// Bids for YES.
    pub yes_dollars: Vec<(Price, Quantity)>,
    /// Bids for NO.
    pub no_dollars: Vec<(Price, Quantity)>,
}

/// One book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderbookEnvelope {
    /// It.
    pub orderbook_fp: Orderbook,
}

/// A market's book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketOrderbook {
    /// The market.
    pub ticker: String,
    /// Its book.
    pub orderbook_fp: Orderbook,
}

/// Books of several markets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orderbooks {
    /// The books.
    pub orderbooks: Vec<MarketOrderbook>,
}

/// An outcome, in the exchange's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeSide {
    /// YES.
    Yes,
    /// NO.
    No,
}

/// A side of the YES book, in the exchange's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookSide {
    /// Buys YES or sells NO.
    Bid,
    /// Sells YES or buys NO.
    Ask,
}

/// A public trade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    /// Its id.
    pub trade_id: String,
    /// Where.
    pub ticker: String,
    /// Contracts.
    pub count_fp: Quantity,
    /// Price of YES.
    pub yes_price_dollars: Price,
    /// Price of NO.
    pub no_price_dollars: Price,
    /// The outcome that the taker bought.
    pub taker_outcome_side: OutcomeSide,
    /// The side of the taker's order.
    pub taker_book_side: BookSide,
    /// When.
    pub created_time: Timestamp,
    /// Agreed off the book.
    pub is_block_trade: bool,
}

/// A page of trades.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trades {
    /// The trades.
    pub trades: Vec<Trade>,
    /// Where the next page starts; empty on the last.
    #[serde(default, deserialize_with = "null_as_default")]
    pub cursor: String,
}

impl Page for Trades {
    type Item = Trade;

    fn into_parts(self) -> (Vec<Trade>, String) {
        (self.trades, self.cursor)
    }
}

/// What happened in one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candlestick {
    /// End of the period, in seconds since 1970.
    pub end_period_ts: i64,
    /// Best bid for YES.
    pub yes_bid: QuoteRange,
    /// Best offer of YES.
    pub yes_ask: QuoteRange,
    /// Prices traded at.
    pub price: TradeRange,
    /// Contracts traded.
    pub volume_fp: Quantity,
    /// Contracts held at its end.
    pub open_interest_fp: Quantity,
}

/// A quote over a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteRange {
    /// At its start.
    pub open_dollars: Price,
    /// Lowest.
    pub low_dollars: Price,
    /// Highest.
    pub high_dollars: Price,
    /// At its end.
    pub close_dollars: Price,
}

/// Prices traded at over a period; empty where nothing was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradeRange {
    /// First.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_dollars: Option<Price>,
    /// Lowest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low_dollars: Option<Price>,
    /// Highest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high_dollars: Option<Price>,
    /// Last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_dollars: Option<Price>,
    /// Mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_dollars: Option<Price>,
    /// Last of the period before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_dollars: Option<Price>,
}

/// A market's periods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candlesticks {
    /// The market.
    pub ticker: String,
    /// The periods, oldest first.
    pub candlesticks: Vec<Candlestick>,
}

/// A series' fees from some time on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesFeeChange {
    /// Its id.
    pub id: String,
    /// The series.
    pub series_ticker: String,
    /// Kind of fees.
    pub fee_type: String,
    /// Multiplier.
    #[serde(with = "number")]
    pub fee_multiplier: Ratio,
    /// From when on.
    pub scheduled_ts: Timestamp,
}

/// Changes of series' fees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesFeeChanges {
    /// The changes.
    #[serde(default, deserialize_with = "null_as_default")]
    pub series_fee_change_arr: Vec<SeriesFeeChange>,
}

/// An event's fees from some time on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFeeChange {
    /// Its id.
    pub id: String,
    /// The event.
    pub event_ticker: String,
    /// Its series.
    pub series_ticker: String,
    /// Kind of fees; nothing where the series' apply again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_type_override: Option<String>,
    /// Multiplier; nothing where the series' applies again.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "number::optional")]
    pub fee_multiplier_override: Option<Ratio>,
    /// From when on.
    pub scheduled_ts: Timestamp,
}

/// A page of changes of events' fees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFeeChanges {
    /// The changes.
    #[serde(default, deserialize_with = "null_as_default")]
    pub event_fee_changes: Vec<EventFeeChange>,
    /// Where the next page starts; empty on the last.
    #[serde(default, deserialize_with = "null_as_default")]
    pub cursor: String,
}

impl Page for EventFeeChanges {
    type Item = EventFeeChange;

    fn into_parts(self) -> (Vec<EventFeeChange>, String) {
        (self.event_fee_changes, self.cursor)
    }
}
