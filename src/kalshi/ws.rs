//! WebSocket frames: what the exchange sends, decoded, and the same frames encoded for a simulated exchange.
//!
//! [`Decoder::decode`] takes a frame as it came and gives a [`Frame`]: the envelope's numbers and a [`Message`].
//! Nearly all frames of a busy feed are `orderbook_delta`s; those take a one-pass scan ([`encode`] writes
//! the form it knows). Everything else, and any delta that looks different, goes through `serde`, where the order
//! of keys, unknown fields and white space don't matter. A frame that can't be read gives a [`DecodeError`] and
//! nothing else; a type that isn't known gives [`Message::Unknown`], since the exchange adds types without notice.

pub mod encode;
mod error;
mod field;
pub mod message;
mod raw;
mod scan;

pub use error::{DecodeError, Fault};
pub use message::{
    Acknowledged, BookSide, Created, Delta, EventCreated, EventFees, Fill, Lifecycle, LifecycleChange,
    MarketPosition, MarketResult, MetadataUpdated, OrderGroupUpdate, OrderStatus, OutcomeSide, PriceRange,
    Refused, Snapshot, Subscription, Ticker, Trade, UserOrder,
};

use crate::units::{Price, Quantity, Timestamp};
use raw::{RawEventFees, RawFill, RawLifecycle, RawSnapshot, RawTrade, RawUserOrder};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// One frame: the envelope's numbers and what it carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The command this answers.
    pub id: Option<u64>,
    /// The subscription it came on.
    pub sid: Option<u32>,
    /// Its number on that subscription, counted over all its markets.
    pub seq: Option<u64>,
    /// When the exchange sent it, where told.
    pub sent: Option<Timestamp>,
    /// What it carries.
    pub message: Message<'a>,
}

/// What a frame carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message<'a> {
    /// `orderbook_snapshot`: a whole book.
    Snapshot(Snapshot<'a>),
    /// `orderbook_delta`: one level changed.
    Delta(Delta<'a>),
    /// `ticker`: running figures of a market.
    Ticker(Box<Ticker<'a>>),
    /// `trade`: a public trade.
    Trade(Trade<'a>),
    /// `fill`: a fill of the account's own.
    Fill(Box<Fill<'a>>),
    /// `user_order`: the state of an order of the account's own.
    UserOrder(Box<UserOrder<'a>>),
    /// `market_position`: the account's position in a market.
    MarketPosition(MarketPosition<'a>),
    /// `market_lifecycle_v2`: a step in a market's life.
    Lifecycle(Lifecycle<'a>),
    /// `event_lifecycle`: a new event.
    EventCreated(EventCreated<'a>),
    /// `event_fee_update`: an event's own fees were set or lifted.
    EventFees(EventFees<'a>),
    /// `order_group_updates`: a change of an order group.
    OrderGroup(OrderGroupUpdate<'a>),
    /// `subscribed`: a channel was opened.
    Subscribed(Subscription<'a>),
    /// `ok`: a command was carried out.
    Ok(Acknowledged<'a>),
    /// `unsubscribed`: a channel was closed.
    Unsubscribed,
    /// `error`: a command was refused, or a subscription ended.
    Error(Refused<'a>),
    /// A type without a meaning here.
    Unknown {
        /// The wire's word for it.
        kind: Cow<'a, str>,
    },
}

/// Decodes frames. It holds the buffers for a snapshot's levels, which keep their memory from one book to the next.
#[derive(Debug, Default)]
pub struct Decoder {
    yes: Vec<(Price, Quantity)>,
    no: Vec<(Price, Quantity)>,
}

/// The outside of every frame.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    id: Option<u64>,
    sid: Option<u32>,
    seq: Option<u64>,
    #[serde(default, deserialize_with = "field::millis")]
    sending_ts_ms: Option<Timestamp>,
    #[serde(borrow)]
    msg: Option<&'a RawValue>,
}

impl Decoder {
    /// Reads one frame. White space around it doesn't matter.
    ///
    /// # Errors
    /// [`DecodeError`] when it isn't JSON, or lacks what a message of its type must have, or a number in it doesn't
    /// fit its unit.
    #[inline]
    pub fn decode<'a>(&'a mut self, frame: &'a [u8]) -> Result<Frame<'a>, DecodeError> {
        if let Some(delta) = scan::delta(frame) {
            return Ok(delta);
        }
        self.decode_any(frame)
    }

    /// The general way, for every type.
    fn decode_any<'a>(&'a mut self, frame: &'a [u8]) -> Result<Frame<'a>, DecodeError> {
        let envelope: Envelope<'a> = serde_json::from_slice(frame)
            .map_err(|error| DecodeError::json(frame, "a frame", frame, 0, &error))?;
        let body = Body { frame, kind: &envelope.kind, msg: envelope.msg.map(RawValue::get) };
        let message = match body.kind {
            "orderbook_delta" => Message::Delta(body.read()?),
            "orderbook_snapshot" => self.snapshot(&body)?,
            "ticker" => Message::Ticker(Box::new(body.read()?)),
            "trade" => Message::Trade(body.convert::<RawTrade<'a>, _>()?),
            "fill" => Message::Fill(Box::new(body.convert::<RawFill<'a>, _>()?)),
            "user_order" => Message::UserOrder(Box::new(body.convert::<RawUserOrder<'a>, _>()?)),
            "market_position" => Message::MarketPosition(body.read()?),
            "market_lifecycle_v2" => Message::Lifecycle(body.convert::<RawLifecycle<'a>, _>()?),
            "event_lifecycle" => Message::EventCreated(body.read()?),
            "event_fee_update" => Message::EventFees(body.read::<RawEventFees<'a>>()?.into()),
            "order_group_updates" => Message::OrderGroup(body.read()?),
            "subscribed" => Message::Subscribed(body.read()?),
            "ok" => Message::Ok(body.acknowledged()?),
            "unsubscribed" => Message::Unsubscribed,
            "error" => Message::Error(body.read()?),
            _ => Message::Unknown { kind: envelope.kind.clone() },
        };
        let Envelope { id, sid, seq, sending_ts_ms: sent, .. } = envelope;
        let (needs_sid, needs_seq) = numbering(&message);
        for (name, lacks) in [("sid", needs_sid && sid.is_none()), ("seq", needs_seq && seq.is_none())] {
            if lacks {
                return Err(body.fault(format_args!("missing field `{name}`")));
            }
        }
        Ok(Frame { id, sid, seq, sent, message })
    }

    fn snapshot<'a>(&'a mut self, body: &Body<'a, '_>) -> Result<Message<'a>, DecodeError> {
        let raw: RawSnapshot<'a> = body.read()?;
        for (side, into) in [(raw.yes, &mut self.yes), (raw.no, &mut self.no)] {
            into.clear();
            if let Some(side) = side {
                raw::levels(side.get(), into).map_err(|error| body.json(side.get(), &error))?;
            }
        }
        Ok(Message::Snapshot(Snapshot { ticker: raw.ticker, yes: &self.yes, no: &self.no }))
    }
}

/// Whether a message must name its subscription, and whether it must have a number there: without them a lost
/// change of a book would go unnoticed.
const fn numbering(message: &Message<'_>) -> (bool, bool) {
    match message {
        Message::Snapshot(_) | Message::Delta(_) => (true, true),
        Message::Ticker(_) | Message::Trade(_) | Message::Lifecycle(_) => (true, false),
        _ => (false, false),
    }
}

/// A frame's `msg` with what an error about it has to tell.
struct Body<'a, 'k> {
    frame: &'a [u8],
    kind: &'k str,
    msg: Option<&'a str>,
}

impl<'a> Body<'a, '_> {
    /// The payload as its type says.
    fn read<T: Deserialize<'a>>(&self) -> Result<T, DecodeError> {
        let msg = self.msg()?;
        serde_json::from_str(msg).map_err(|error| self.json(msg, &error))
    }

    /// The payload, read as `R` and made into `T`.
    fn convert<R, T>(&self) -> Result<T, DecodeError>
    where
        R: Deserialize<'a> + TryInto<T, Error = String>,
    {
        self.read::<R>()?.try_into().map_err(|problem| self.fault(problem))
    }

    fn acknowledged(&self) -> Result<Acknowledged<'a>, DecodeError> {
        match self.msg {
            Some(msg) => raw::acknowledged(msg).map_err(|error| self.json(msg, &error)),
            None => Ok(Acknowledged::default()),
        }
    }

    fn msg(&self) -> Result<&'a str, DecodeError> {
        self.msg.ok_or_else(|| self.fault("missing field `msg`"))
    }

    /// What `serde_json` found in `part`, a piece of the frame.
    fn json(&self, part: &str, error: &serde_json::Error) -> DecodeError {
        DecodeError::json(self.frame, self.kind, part.as_bytes(), self.offset(part), error)
    }

    /// A problem with the payload as a whole.
    fn fault(&self, problem: impl std::fmt::Display) -> DecodeError {
        DecodeError::shape(self.frame, self.kind, self.msg.map_or(0, |msg| self.offset(msg)), problem)
    }

    /// Where a piece of the frame begins in it.
    fn offset(&self, part: &str) -> usize {
        part.as_ptr().addr().saturating_sub(self.frame.as_ptr().addr())
    }
}

#[cfg(test)]
mod tests;
