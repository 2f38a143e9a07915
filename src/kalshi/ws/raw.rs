//! Payloads whose JSON differs in shape from what the bot wants of them: read here field by field, then made into
//! the types of [`super::message`]. A problem comes back as words; the caller adds type and place.

use super::field::{self, Decimal};
use super::message::{
    Acknowledged, BookSide, Created, EventFees, Fill, Lifecycle, LifecycleChange, MarketResult,
    MetadataUpdated, OrderStatus, OutcomeSide, PriceRange, Subscription, Trade, UserOrder,
};
use crate::units::{Money, Price, Quantity, Ratio, Timestamp};
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A snapshot whose levels are still JSON.
#[derive(Deserialize)]
pub(super) struct RawSnapshot<'a> {
    #[serde(rename = "market_ticker", borrow)]
    pub(super) ticker: Cow<'a, str>,
    #[serde(rename = "yes_dollars_fp", borrow, default)]
    pub(super) yes: Option<&'a RawValue>,
    #[serde(rename = "no_dollars_fp", borrow, default)]
    pub(super) no: Option<&'a RawValue>,
}

/// Reads `[["price","count"],…]` into a buffer that keeps its memory.
pub(super) fn levels(json: &str, into: &mut Vec<(Price, Quantity)>) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(json);
    reader.deserialize_seq(Levels(into))
}

struct Levels<'v>(&'v mut Vec<(Price, Quantity)>);

impl<'de> Visitor<'de> for Levels<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("levels, each a price and a count in strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut levels: A) -> Result<(), A::Error> {
        while let Some((Decimal(price), Decimal(size))) = levels.next_element()? {
            self.0.push((price, size));
        }
        Ok(())
    }
}

/// The newer direction fields are the truth; the older ones stand in where a frame has only those.
fn outcome(
    outcome_side: Option<OutcomeSide>,
    book_side: Option<BookSide>,
    older: Option<OutcomeSide>,
    name: &str,
) -> Result<OutcomeSide, String> {
    outcome_side
        .or(book_side.map(BookSide::outcome))
        .or(older)
        .ok_or_else(|| format!("missing field `{name}`, and nothing else tells the direction"))
}

#[derive(Deserialize)]
pub(super) struct RawTrade<'a> {
    #[serde(borrow)]
    trade_id: Cow<'a, str>,
    #[serde(rename = "market_ticker", borrow)]
    ticker: Cow<'a, str>,
    #[serde(deserialize_with = "field::decimal")]
    yes_price_dollars: Price,
    #[serde(deserialize_with = "field::decimal")]
    count_fp: Quantity,
    taker_outcome_side: Option<OutcomeSide>,
    taker_book_side: Option<BookSide>,
    taker_side: Option<OutcomeSide>,
    is_block_trade: Option<bool>,
    #[serde(default, deserialize_with = "field::millis")]
    ts_ms: Option<Timestamp>,
}

impl<'a> TryFrom<RawTrade<'a>> for Trade<'a> {
    type Error = String;

    fn try_from(raw: RawTrade<'a>) -> Result<Self, String> {
        let sides = (raw.taker_outcome_side, raw.taker_book_side, raw.taker_side);
        Ok(Self {
            trade_id: raw.trade_id,
            ticker: raw.ticker,
            yes_price: raw.yes_price_dollars,
            quantity: raw.count_fp,
            taker: outcome(sides.0, sides.1, sides.2, "taker_outcome_side")?,
            is_block: raw.is_block_trade.unwrap_or(false),
            time: raw.ts_ms,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct RawFill<'a> {
    #[serde(borrow)]
    trade_id: Cow<'a, str>,
    #[serde(borrow)]
    order_id: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "field::optional_text")]
    client_order_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    market_ticker: Cow<'a, str>,
    exchange_index: Option<u32>,
    is_taker: bool,
    outcome_side: Option<OutcomeSide>,
    book_side: Option<BookSide>,
    purchased_side: Option<OutcomeSide>,
    #[serde(deserialize_with = "field::decimal")]
    yes_price_dollars: Price,
    #[serde(deserialize_with = "field::decimal")]
    count_fp: Quantity,
    #[serde(default, deserialize_with = "field::optional_decimal")]
    fee_cost: Option<Money>,
    #[serde(default, deserialize_with = "field::optional_decimal")]
    post_position_fp: Option<Quantity>,
    #[serde(default, deserialize_with = "field::millis")]
    ts_ms: Option<Timestamp>,
}

impl<'a> TryFrom<RawFill<'a>> for Fill<'a> {
    type Error = String;

    fn try_from(raw: RawFill<'a>) -> Result<Self, String> {
        Ok(Self {
            trade_id: raw.trade_id,
            order_id: raw.order_id,
            client_order_id: raw.client_order_id,
            ticker: raw.market_ticker,
            exchange_index: raw.exchange_index.unwrap_or(0),
            is_taker: raw.is_taker,
            outcome: outcome(raw.outcome_side, raw.book_side, raw.purchased_side, "outcome_side")?,
            yes_price: raw.yes_price_dollars,
            quantity: raw.count_fp,
            fee: raw.fee_cost,
            position_after: raw.post_position_fp,
            time: raw.ts_ms,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct RawUserOrder<'a> {
    #[serde(borrow)]
    order_id: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "field::optional_text")]
    client_order_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    ticker: Cow<'a, str>,
    exchange_index: Option<u32>,
    status: OrderStatus,
    outcome_side: Option<OutcomeSide>,
    book_side: Option<BookSide>,
    side: Option<OutcomeSide>,
    #[serde(deserialize_with = "field::decimal")]
    yes_price_dollars: Price,
    #[serde(deserialize_with = "field::decimal")]
    initial_count_fp: Quantity,
    #[serde(deserialize_with = "field::decimal")]
    fill_count_fp: Quantity,
    #[serde(deserialize_with = "field::decimal")]
    remaining_count_fp: Quantity,
    #[serde(default, deserialize_with = "field::optional_decimal")]
    taker_fees_dollars: Option<Money>,
    #[serde(default, deserialize_with = "field::optional_decimal")]
    maker_fees_dollars: Option<Money>,
    #[serde(borrow, default, deserialize_with = "field::optional_text")]
    order_group_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "field::optional_text")]
    last_update_reason: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "field::millis")]
    created_ts_ms: Option<Timestamp>,
    #[serde(default, deserialize_with = "field::millis")]
    last_updated_ts_ms: Option<Timestamp>,
    #[serde(default, deserialize_with = "field::millis")]
    expiration_ts_ms: Option<Timestamp>,
}

impl<'a> TryFrom<RawUserOrder<'a>> for UserOrder<'a> {
    type Error = String;

    fn try_from(raw: RawUserOrder<'a>) -> Result<Self, String> {
        Ok(Self {
            order_id: raw.order_id,
            client_order_id: raw.client_order_id,
            ticker: raw.ticker,
            exchange_index: raw.exchange_index.unwrap_or(0),
            status: raw.status,
            outcome: outcome(raw.outcome_side, raw.book_side, raw.side, "outcome_side")?,
            yes_price: raw.yes_price_dollars,
            initial: raw.initial_count_fp,
            filled: raw.fill_count_fp,
            remaining: raw.remaining_count_fp,
            taker_fees: raw.taker_fees_dollars,
            maker_fees: raw.maker_fees_dollars,
            order_group_id: raw.order_group_id,
            last_update_reason: raw.last_update_reason,
            created: raw.created_ts_ms,
            updated: raw.last_updated_ts_ms,
            expires: raw.expiration_ts_ms,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct RawLifecycle<'a> {
    #[serde(borrow)]
    market_ticker: Cow<'a, str>,
    #[serde(borrow)]
    event_type: Cow<'a, str>,
    exchange_index: Option<u32>,
    #[serde(default, deserialize_with = "field::seconds")]
    open_ts: Option<Timestamp>,
    #[serde(default, deserialize_with = "field::seconds")]
    close_ts: Option<Timestamp>,
    #[serde(borrow, default, deserialize_with = "field::optional_text")]
    result: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "field::optional_decimal")]
    settlement_value: Option<Price>,
    #[serde(default, deserialize_with = "field::seconds")]
    determination_ts: Option<Timestamp>,
    #[serde(default, deserialize_with = "field::seconds")]
    settled_ts: Option<Timestamp>,
    #[serde(borrow, default, deserialize_with = "field::optional_text")]
    price_level_structure: Option<Cow<'a, str>>,
    price_ranges: Option<Vec<PriceRange>>,
    #[serde(borrow, default, deserialize_with = "field::optional_text")]
    yes_sub_title: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "field::optional_text")]
    strike_type: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    floor_strike: Option<&'a RawValue>,
    #[serde(borrow, default)]
    cap_strike: Option<&'a RawValue>,
    #[serde(borrow, default)]
    additional_metadata: Option<AdditionalMetadata<'a>>,
}

#[derive(Deserialize)]
struct AdditionalMetadata<'a> {
    #[serde(borrow, default, deserialize_with = "field::optional_text")]
    event_ticker: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "field::optional_text")]
    title: Option<Cow<'a, str>>,
}

impl<'a> TryFrom<RawLifecycle<'a>> for Lifecycle<'a> {
    type Error = String;

    fn try_from(raw: RawLifecycle<'a>) -> Result<Self, String> {
        let change = match raw.event_type.as_ref() {
            "created" => {
                let (event_ticker, title) = raw
                    .additional_metadata
                    .map_or((None, None), |metadata| (metadata.event_ticker, metadata.title));
                LifecycleChange::Created(Box::new(Created {
                    open: raw.open_ts,
                    close: raw.close_ts,
                    exchange_index: raw.exchange_index.unwrap_or(0),
                    event_ticker,
                    title,
                    ranges: raw.price_ranges.unwrap_or_default(),
                }))
            }
            "activated" => LifecycleChange::Activated,
            "deactivated" => LifecycleChange::Deactivated,
            "close_date_updated" => LifecycleChange::CloseDateUpdated {
                close: raw.close_ts.ok_or("`close_date_updated` needs the field `close_ts`")?,
            },
            "determined" => LifecycleChange::Determined {
                result: match raw.result.ok_or("`determined` needs the field `result`")? {
                    word if word == "yes" => MarketResult::Yes,
                    word if word == "no" => MarketResult::No,
                    word if word == "scalar" => MarketResult::Scalar,
                    word => MarketResult::Other(word),
                },
                settlement_value: raw.settlement_value,
                time: raw.determination_ts,
            },
            "settled" => LifecycleChange::Settled { time: raw.settled_ts },
            "price_level_structure_updated" => LifecycleChange::PriceLevelStructureUpdated {
                structure: raw.price_level_structure.unwrap_or_default(),
                ranges: raw
                    .price_ranges
                    .ok_or("`price_level_structure_updated` needs the field `price_ranges`")?,
            },
            "metadata_updated" => LifecycleChange::MetadataUpdated(Box::new(MetadataUpdated {
                yes_sub_title: raw.yes_sub_title,
                strike_type: raw.strike_type,
                floor_strike: raw.floor_strike.map(RawValue::get),
                cap_strike: raw.cap_strike.map(RawValue::get),
            })),
            _ => LifecycleChange::Other { event_type: raw.event_type },
        };
        Ok(Self { ticker: raw.market_ticker, change })
    }
}

#[derive(Deserialize)]
pub(super) struct RawEventFees<'a> {
    #[serde(borrow)]
    event_ticker: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "field::optional_text")]
    fee_type_override: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "optional_number")]
    fee_multiplier_override: Option<Ratio>,
}

impl<'a> From<RawEventFees<'a>> for EventFees<'a> {
    fn from(raw: RawEventFees<'a>) -> Self {
        Self {
            event: raw.event_ticker,
            fee_type: raw.fee_type_override,
            multiplier: raw.fee_multiplier_override,
        }
    }
}

/// A JSON number read from its digits, so that it never is a float.
fn optional_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Ratio>, D::Error> {
    let raw = Option::<&'de RawValue>::deserialize(deserializer)?;
    raw.map(|number| number.get().parse().map_err(D::Error::custom)).transpose()
}

#[derive(Deserialize)]
struct RawAcknowledged<'a> {
    #[serde(borrow, default)]
    market_tickers: Vec<Cow<'a, str>>,
}

/// The `msg` of an `ok`: an object after a change of markets, a list after `list_subscriptions`.
pub(super) fn acknowledged(msg: &str) -> Result<Acknowledged<'_>, serde_json::Error> {
    if msg.starts_with('[') {
        let subscriptions: Vec<Subscription<'_>> = serde_json::from_str(msg)?;
        return Ok(Acknowledged { market_tickers: Vec::new(), subscriptions });
    }
    let RawAcknowledged { market_tickers } = serde_json::from_str(msg)?;
    Ok(Acknowledged { market_tickers, subscriptions: Vec::new() })
}
