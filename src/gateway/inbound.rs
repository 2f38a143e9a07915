//! Frames in, engine events out: the one place where the exchange's words become the engine's.
//!
//! Whatever the wire said, an event speaks of the YES book. A subscription's `no` levels are bids for NO; in the
//! YES book they are asks, at one dollar less their price, unless the subscription asked for `use_yes_price`, in
//! which case they carry YES prices already.
//!
//! Sequence numbers count over a whole subscription, so frames that mean nothing to the engine (acknowledgements,
//! errors, types it doesn't know) still give [`Event::Sequence`]. The lifecycle channel is the exception: a hole
//! there can't be mended by a snapshot, its events carry no stamp, and so nothing of its count is passed on.
//!
//! What concerns the account's own orders, fills and positions is handed on as the wire told it ([`Incoming`]): only
//! whoever sent the orders can say which they are.

use crate::engine::{Event, Stamp};
use crate::fees::{FeeKind, FeeSchedule};
use crate::kalshi::ws::{
    DecodeError, Decoder, Delta, EventFees, Fill, Frame, Lifecycle, LifecycleChange, MarketPosition,
    MarketResult, Message, OrderGroupUpdate, OutcomeSide, PriceRange, Snapshot, Ticker, UserOrder,
};
use crate::market::grid::TickRange;
use crate::market::{Level, MarketStatus, PriceGrid, Resolution, Side};
use crate::units::{Price, Quantity, Ratio};
use std::borrow::Cow;

/// The type of the lifecycle channel's frames, for errors.
const LIFECYCLE: &str = "market_lifecycle_v2";

/// What a frame means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// Something for the engine.
    Event(Event<'a>),
    /// A fill of the account's own.
    Fill(Box<Fill<'a>>),
    /// The state of an order of the account's own.
    UserOrder(Box<UserOrder<'a>>),
    /// The account's position in a market.
    MarketPosition(MarketPosition<'a>),
    /// A change of an order group.
    OrderGroup(OrderGroupUpdate<'a>),
    /// A new market: it means nothing to the engine until its description was asked for.
    Created {
        /// Its ticker.
        ticker: &'a str,
    },
    /// A frame that means nothing here and takes no number.
    Nothing,
}

impl<'a> Incoming<'a> {
    /// What it means to the engine, if anything.
    #[inline]
    pub fn event(self) -> Option<Event<'a>> {
        match self {
            Self::Event(event) => Some(event),
            _ => None,
        }
    }
}

/// Translates the frames of one connection. A delta costs no allocation; a snapshot's levels go to buffers that keep
/// their memory.
#[derive(Debug)]
pub struct Inbound {
    decoder: Decoder,
    use_yes_price: bool,
    /// The subscription of the lifecycle channel, once it has spoken.
    lifecycle_sid: Option<u32>,
    /// Holds a ticker that was written with escapes.
    ticker: String,
    bids: Vec<Level>,
    asks: Vec<Level>,
    grid: PriceGrid,
}

impl Inbound {
    /// For a connection whose book subscriptions asked for `use_yes_price`, or did not. Subscription ids begin anew
    /// with every connection; so does an `Inbound`.
    pub fn new(use_yes_price: bool) -> Self {
        Self {
            decoder: Decoder::default(),
            use_yes_price,
            lifecycle_sid: None,
            ticker: String::new(),
            bids: Vec::new(),
            asks: Vec::new(),
            grid: PriceGrid::cents(),
        }
    }

    /// What a frame means.
    ///
    /// A market's determination counts as its settlement: the result can still be disputed and money moves only
    /// with `settled`, but that frame doesn't repeat the result, and nothing more is known before it. Who trades
    /// with money waits for the payout all the same.
    ///
    /// # Errors
    /// [`DecodeError`] when the frame can't be read or names a price outside 0 to 1 dollar.
    #[inline]
    pub fn translate<'a>(&'a mut self, frame: &'a [u8]) -> Result<Incoming<'a>, DecodeError> {
        let Frame { sid, seq, message, .. } = self.decoder.decode(frame)?;
        let stamp = Stamp { sid: sid.unwrap_or_default(), seq };
        let (scratch, use_yes_price) = (&mut self.ticker, self.use_yes_price);
        Ok(Incoming::Event(match message {
            Message::Delta(Delta { ticker, price, change, side, .. }) => {
                let (side, price) = match side {
                    OutcomeSide::Yes => (Side::Bid, within(frame, "orderbook_delta", price)?),
                    OutcomeSide::No => {
                        (Side::Ask, ask_price(frame, "orderbook_delta", price, use_yes_price)?)
                    }
                };
                Event::Delta { ticker: kept(scratch, ticker), stamp, side, price, change }
            }
            Message::Snapshot(Snapshot { ticker, yes, no }) => {
                // The exchange gives its subscription ids out anew after a reconnect.
                self.lifecycle_sid = self.lifecycle_sid.filter(|lifecycle| Some(*lifecycle) != sid);
                fill(&mut self.bids, yes, |price| within(frame, "orderbook_snapshot", price))?;
                fill(&mut self.asks, no, |price| {
                    ask_price(frame, "orderbook_snapshot", price, use_yes_price)
                })?;
                Event::Snapshot { ticker: kept(scratch, ticker), stamp, bids: &self.bids, asks: &self.asks }
            }
            Message::Trade(trade) => Event::Print {
                ticker: kept(scratch, trade.ticker),
                stamp,
                price: within(frame, "trade", trade.yes_price)?,
                quantity: trade.quantity,
                taker: match trade.taker {
                    OutcomeSide::Yes => Side::Bid,
                    OutcomeSide::No => Side::Ask,
                },
                is_block: trade.is_block,
            },
            Message::Ticker(running) => {
                let Ticker { ticker, volume, .. } = *running;
                Event::Ticker { ticker: kept(scratch, ticker), volume }
            }
            Message::Lifecycle(Lifecycle { ticker, change }) => {
                self.lifecycle_sid = sid;
                return lifecycle_event(frame, kept(scratch, ticker), change, &mut self.grid);
            }
            Message::EventFees(EventFees { event, fee_type, multiplier }) => {
                self.lifecycle_sid = sid;
                let fees = fees(frame, fee_type.as_deref(), multiplier)?;
                Event::FeesChanged { event: kept(scratch, event), fees }
            }
            Message::EventCreated(_) => {
                self.lifecycle_sid = sid;
                return Ok(Incoming::Nothing);
            }
            Message::Fill(fill) => return Ok(Incoming::Fill(fill)),
            Message::UserOrder(order) => return Ok(Incoming::UserOrder(order)),
            Message::MarketPosition(position) => return Ok(Incoming::MarketPosition(position)),
            Message::OrderGroup(update) => return Ok(Incoming::OrderGroup(update)),
            Message::Subscribed(_)
            | Message::Ok(_)
            | Message::Unsubscribed
            | Message::Error(_)
            | Message::Unknown { .. } => {
                let numbered = sid.is_some() && seq.is_some() && sid != self.lifecycle_sid;
                return Ok(if numbered {
                    Incoming::Event(Event::Sequence(stamp))
                } else {
                    Incoming::Nothing
                });
            }
        }))
    }
}

/// What a step in a market's life means.
fn lifecycle_event<'a>(
    frame: &[u8],
    ticker: &'a str,
    change: LifecycleChange<'_>,
    grid: &'a mut PriceGrid,
) -> Result<Incoming<'a>, DecodeError> {
    let status = |status| Event::Status { ticker, status };
    Ok(Incoming::Event(match change {
        LifecycleChange::Activated => status(MarketStatus::Active),
        LifecycleChange::Deactivated => status(MarketStatus::Inactive),
        LifecycleChange::CloseDateUpdated { close } => Event::CloseMoved { ticker, close },
        LifecycleChange::Determined { result, settlement_value, .. } => {
            let resolution = match (result, settlement_value) {
                (MarketResult::Yes, _) => Resolution::Yes,
                (MarketResult::No, _) => Resolution::No,
                (MarketResult::Scalar, Some(value)) => Resolution::Scalar(within(frame, LIFECYCLE, value)?),
                (MarketResult::Scalar, None) => {
                    let problem = "the result `scalar` needs the field `settlement_value`";
                    return Err(DecodeError::refused(frame, LIFECYCLE, problem));
                }
                (MarketResult::Other(_), _) => {
                    return Ok(Incoming::Event(status(MarketStatus::Determined)));
                }
            };
            Event::Settled { ticker, resolution }
        }
        LifecycleChange::Settled { .. } => status(MarketStatus::Finalized),
        LifecycleChange::PriceLevelStructureUpdated { ranges, .. } => {
            let ranges = ranges.iter().map(|&PriceRange { start, end, step }| TickRange { start, end, step });
            *grid = PriceGrid::new(ranges.collect())
                .map_err(|problem| DecodeError::refused(frame, LIFECYCLE, problem))?;
            Event::GridChanged { ticker, grid }
        }
        LifecycleChange::Created(_) => return Ok(Incoming::Created { ticker }),
        LifecycleChange::MetadataUpdated(_) | LifecycleChange::Other { .. } => return Ok(Incoming::Nothing),
    }))
}

/// An event's own fees. Where they were lifted, or named in part, the series' fees fill the gap, and the frame
/// doesn't carry those: the fees are then unknown until the event's markets are listed again.
fn fees(frame: &[u8], fee_type: Option<&str>, multiplier: Option<Ratio>) -> Result<FeeSchedule, DecodeError> {
    let (Some(fee_type), Some(multiplier)) = (fee_type, multiplier) else {
        return Ok(FeeSchedule { kind: FeeKind::Unknown, multiplier_ppm: 0 });
    };
    let kind = match fee_type {
        "quadratic" => FeeKind::Quadratic,
        "quadratic_with_maker_fees" => FeeKind::QuadraticWithMakerFees,
        "quadratic_with_combo_maker_fees" => FeeKind::QuadraticWithComboMakerFees,
        _ => FeeKind::Unknown,
    };
    let multiplier_ppm = u32::try_from(multiplier.raw()).map_err(|_| {
        DecodeError::refused(
            frame,
            "event_fee_update",
            format_args!("the fee multiplier {multiplier} makes no sense"),
        )
    })?;
    Ok(FeeSchedule { kind, multiplier_ppm })
}

/// One side of a snapshot in YES prices.
fn fill(
    levels: &mut Vec<Level>,
    wire: &[(Price, Quantity)],
    yes_price: impl Fn(Price) -> Result<Price, DecodeError>,
) -> Result<(), DecodeError> {
    levels.clear();
    for &(price, size) in wire {
        levels.push(Level { price: yes_price(price)?, size });
    }
    Ok(())
}

/// The YES price of a level on the wire's side `no`.
#[inline]
fn ask_price(frame: &[u8], what: &str, wire: Price, use_yes_price: bool) -> Result<Price, DecodeError> {
    let price = within(frame, what, wire)?;
    Ok(if use_yes_price { price } else { price.complement() })
}

/// A price, if it lies between 0 and 1 dollar.
#[inline]
fn within(frame: &[u8], what: &str, price: Price) -> Result<Price, DecodeError> {
    if price.is_negative() || price > Price::ONE {
        let problem = format_args!("the price {price} lies outside 0 to 1 dollar");
        return Err(DecodeError::refused(frame, what, problem));
    }
    Ok(price)
}

/// The text where it can be borrowed from: the frame, or the scratch when it had to be unescaped.
#[inline]
fn kept<'a>(scratch: &'a mut String, text: Cow<'a, str>) -> &'a str {
    match text {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => {
            *scratch = text;
            scratch
        }
    }
}

#[cfg(test)]
mod tests;
