//! Everything that can happen to the engine.

use crate::execution::OrderUpdate;
use crate::execution::reconcile::Adopted;
use crate::execution::shards::ShardCash;
use crate::fees::FeeSchedule;
use crate::market::{Level, MarketId, MarketSpec, MarketStatus, PriceGrid, Resolution, Side};
use crate::risk::HaltReason;
use crate::units::{Price, Quantity, Timestamp};

/// Which subscription a frame came on and its number there. Numbers count per subscription, over all its markets;
/// frames without one (ticker, fill) carry `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Subscription id.
    pub sid: u32,
    /// Sequence number.
    pub seq: Option<u64>,
}

/// What a person asks of the running engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Stop opening positions until resumed.
    Halt,
    /// Clear every latched reason.
    Resume,
    /// Stop opening and cancel what rests: the run is about to end.
    Shutdown,
    /// Close the position of one market, or every position, and open nothing in its place for now.
    Flatten {
        /// Where; everywhere when not given.
        market: Option<MarketId>,
    },
}

/// One thing that happened. Prices are YES prices whatever the wire said; tickers and levels are borrowed from the
/// frame, so a delta costs no allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// A market became known or its description changed.
    Listed(&'a MarketSpec),
    /// A whole book.
    Snapshot {
        /// Market.
        ticker: &'a str,
        /// Subscription and number.
        stamp: Stamp,
        /// Bids, in any order.
        bids: &'a [Level],
        /// Asks, in any order.
        asks: &'a [Level],
    },
    /// One level changed.
    Delta {
        /// Market.
        ticker: &'a str,
        /// Subscription and number.
        stamp: Stamp,
        /// Side of the YES book.
        side: Side,
        /// YES price.
        price: Price,
        /// Signed change of the size that stands there.
        change: Quantity,
    },
    /// A public trade.
    Print {
        /// Market.
        ticker: &'a str,
        /// Subscription and number.
        stamp: Stamp,
        /// YES price.
        price: Price,
        /// Contracts.
        quantity: Quantity,
        /// Side of the order that took.
        taker: Side,
        /// Agreed off the book: not a sign of the book's price.
        is_block: bool,
    },
    /// Running figures of a market.
    Ticker {
        /// Market.
        ticker: &'a str,
        /// Contracts traded so far.
        volume: Quantity,
    },
    /// A frame that carries nothing for the engine but takes a number on its subscription (acks, errors).
    Sequence(Stamp),
    /// The exchange says where a market stands.
    Status {
        /// Market.
        ticker: &'a str,
        /// Its new status.
        status: MarketStatus,
    },
    /// A market's close moved.
    CloseMoved {
        /// Market.
        ticker: &'a str,
        /// Its new close.
        close: Timestamp,
    },
    /// A market's price grid changed.
    GridChanged {
        /// Market.
        ticker: &'a str,
        /// Its new grid.
        grid: &'a PriceGrid,
    },
    /// An event's fees changed.
    FeesChanged {
        /// Event ticker.
        event: &'a str,
        /// What its markets charge from now on.
        fees: FeeSchedule,
    },
    /// A market's result is known, and no money moves yet; until it does the result may change.
    Determined {
        /// Market.
        ticker: &'a str,
        /// How it resolved.
        resolution: Resolution,
    },
    /// A market resolved and pays out. Where money moves later than the result is known, this is told when it moves.
    Settled {
        /// Market.
        ticker: &'a str,
        /// How.
        resolution: Resolution,
    },
    /// The feed lives, although it has nothing to tell: its connection was heard.
    Heartbeat,
    /// The feed is up; books come as snapshots.
    Connected,
    /// The feed is down; every book is suspect until its next snapshot.
    Disconnected,
    /// The exchange as a whole stopped or resumed trading.
    Exchange {
        /// Whether orders are taken.
        trading: bool,
    },
    /// The venue's word on one of our orders.
    Order(OrderUpdate),
    /// A position that the exchange holds for us and no fill of this run brought. Its market is listed.
    Adopted(&'a Adopted),
    /// The account's cash lies on other shards than it did: it was transferred.
    Purses(&'a ShardCash),
    /// When the exchange pauses next, or that it now does, as far as its schedule tells.
    Hours {
        /// From when to when; none where no pause is known.
        pause: Option<(Timestamp, Timestamp)>,
    },
    /// The edge found or lost a reason not to trade, which the engine can't see by itself.
    Halt {
        /// Which.
        reason: HaltReason,
        /// Whether it holds now.
        in_force: bool,
        /// The figures behind it, for people.
        detail: &'a str,
    },
    /// A person's word.
    Operator(Operator),
    /// Time passed. The edge sends one at least every second.
    Timer,
    /// A new trading day began: daily figures start afresh.
    DayStarted,
}
