//! The frames that wait to be read, numbered as the exchange numbers them.

use crate::kalshi::ws::encode;
use crate::kalshi::ws::message::{Delta, Lifecycle, LifecycleChange, OutcomeSide, Snapshot, Ticker, Trade};
use crate::market::Side;
use crate::units::{Price, Quantity, Timestamp};
use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;
use std::time::Duration;

/// Subscription that carries every book.
pub(super) const BOOK_SID: u32 = 1;
/// Subscription that carries the public trades.
pub(super) const TRADE_SID: u32 = 2;
/// Subscription that carries the steps of every market's life.
pub(super) const LIFECYCLE_SID: u32 = 3;
/// Subscription that carries the running figures, without numbers.
pub(super) const TICKER_SID: u32 = 4;

/// From the exchange's own time of a change to its arrival.
const TRANSIT: Duration = Duration::from_millis(8);

/// Frames in one buffer that is used again once it is empty, so that in the long run nothing is allocated.
#[derive(Debug, Default)]
pub(super) struct Tape {
    bytes: Vec<u8>,
    frames: Vec<(Timestamp, Range<usize>)>,
    taken: usize,
    book_seq: u64,
    trade_seq: u64,
    lifecycle_seq: u64,
    trade_id: String,
    levels: [Vec<(Price, Quantity)>; 2],
}

impl Tape {
    /// Whether every frame has been taken. Then the buffer is free again.
    pub(super) fn is_drained(&mut self) -> bool {
        if self.taken < self.frames.len() {
            return false;
        }
        self.bytes.clear();
        self.frames.clear();
        self.taken = 0;
        true
    }

    /// The next frame and when it arrives.
    pub(super) fn take(&mut self) -> Option<(Timestamp, &[u8])> {
        let (at, span) = self.frames.get(self.taken)?;
        self.taken += 1;
        Some((*at, &self.bytes[span.clone()]))
    }

    pub(super) fn snapshot(
        &mut self,
        now: Timestamp,
        ticker: &str,
        bids: impl Iterator<Item = (Price, Quantity)>,
        asks: impl Iterator<Item = (Price, Quantity)>,
    ) {
        self.levels[0].clear();
        self.levels[0].extend(bids);
        self.levels[1].clear();
        self.levels[1].extend(asks);
        self.book_seq += 1;
        let start = self.bytes.len();
        let [yes, no] = &self.levels;
        let snapshot = Snapshot { ticker: Cow::Borrowed(ticker), yes, no };
        encode::snapshot(&mut self.bytes, BOOK_SID, self.book_seq, &snapshot);
        self.keep(now, start);
    }

    pub(super) fn delta(&mut self, now: Timestamp, ticker: &str, side: Side, price: Price, change: Quantity) {
        self.book_seq += 1;
        let start = self.bytes.len();
        let delta = Delta {
            ticker: Cow::Borrowed(ticker),
            price,
            change,
            side: outcome(side),
            client_order_id: None,
            time: Some(now),
        };
        encode::delta(&mut self.bytes, BOOK_SID, self.book_seq, &delta);
        self.keep(now, start);
    }

    pub(super) fn trade(
        &mut self,
        now: Timestamp,
        ticker: &str,
        taker: Side,
        price: Price,
        quantity: Quantity,
    ) {
        self.trade_seq += 1;
        self.trade_id.clear();
        let number = self.trade_seq;
        write!(self.trade_id, "00000000-0000-4000-8000-{number:012x}").expect("a string takes every write");
        let start = self.bytes.len();
        let trade = Trade {
            trade_id: Cow::Borrowed(&self.trade_id),
            ticker: Cow::Borrowed(ticker),
            yes_price: price,
            quantity,
            taker: outcome(taker),
            is_block: false,
            time: Some(now),
        };
        encode::trade(&mut self.bytes, TRADE_SID, number, &trade);
        self.keep(now, start);
    }

    pub(super) fn ticker(&mut self, now: Timestamp, ticker: &Ticker<'_>) {
        let start = self.bytes.len();
        encode::ticker(&mut self.bytes, TICKER_SID, ticker);
        self.keep(now, start);
    }

    pub(super) fn lifecycle(&mut self, now: Timestamp, ticker: &str, change: LifecycleChange<'_>) {
        self.lifecycle_seq += 1;
        let start = self.bytes.len();
        let lifecycle = Lifecycle { ticker: Cow::Borrowed(ticker), change };
        encode::lifecycle(&mut self.bytes, LIFECYCLE_SID, self.lifecycle_seq, &lifecycle);
        self.keep(now, start);
    }

    fn keep(&mut self, now: Timestamp, start: usize) {
        self.frames.push((now + TRANSIT, start..self.bytes.len()));
    }
}

const fn outcome(side: Side) -> OutcomeSide {
    match side {
        Side::Bid => OutcomeSide::Yes,
        Side::Ask => OutcomeSide::No,
    }
}
