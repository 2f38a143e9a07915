//! One market's desk: our resting orders with their places in the queue, and the displayed size we already took.
//!
//! **The queue.** An order joins behind all that is displayed at its price. A print at that price takes from those ahead
//! first, and only what is left of it fills the order; no contract of a print fills two orders. A cancel is assumed to
//! come from behind, so a delta lowers the queue only where less is displayed than was thought to stand ahead.
//!
//! **One trade, two frames.** A trade arrives as a print and as the delta of the level it took from, nine times in ten
//! the delta first. Whatever a delta took from the queue may therefore be a trade whose print is still to come, and that
//! print must not move the queue again: it is claimed against what the delta took. [`PRINT_LAG`] is how long prints may
//! lag; in recordings of 400,000 frames none lagged more than 55 ms. For the same reason prints don't count for an order
//! in its first moments: they may tell of trades from before it stood there.

use crate::execution::{CancelReason, OrderId, OrderRequest, TimeInForce};
use crate::fees::{BalancePrecision, OrderFees};
use crate::market::book::BookState;
use crate::market::{Book, Level, MarketId, Side};
use crate::units::{Price, Quantity, Timestamp};
use std::time::Duration;

/// How long after its delta a print may come.
pub(super) const PRINT_LAG: Duration = Duration::from_millis(100);

/// An order that is in and has not ended.
#[derive(Debug)]
pub(super) struct WorkingOrder {
    pub(super) id: OrderId,
    pub(super) market: MarketId,
    pub(super) side: Side,
    /// YES limit.
    pub(super) price: Price,
    pub(super) remaining: Quantity,
    pub(super) fees: OrderFees,
    /// When it ends by itself: its expiry or the market's close, whichever comes first.
    pub(super) ends: Timestamp,
    expires: Option<Timestamp>,
    /// When it came in.
    since: Timestamp,
    /// Contracts that trade before it does at its price.
    ahead: Quantity,
    /// Contracts that deltas took from `ahead` and no print has claimed.
    unclaimed: Quantity,
    /// When a delta last took from `ahead`.
    shrunk: Timestamp,
}

impl WorkingOrder {
    pub(super) fn new(
        request: &OrderRequest,
        quantity: Quantity,
        precision: BalancePrecision,
        now: Timestamp,
        close: Timestamp,
    ) -> Self {
        let expires = match request.time_in_force {
            TimeInForce::GoodTillCancelled { expires } => expires,
            TimeInForce::ImmediateOrCancel => None,
        };
        Self {
            id: request.id,
            market: request.market,
            side: request.side,
            price: request.price,
            remaining: quantity,
            fees: OrderFees::new(precision),
            ends: expires.map_or(close, |expires| expires.min(close)),
            expires,
            since: now,
            ahead: Quantity::ZERO,
            unclaimed: Quantity::ZERO,
            shrunk: now,
        }
    }

    /// What ends it when [`WorkingOrder::ends`] comes.
    pub(super) fn end_reason(&self) -> CancelReason {
        if self.expires == Some(self.ends) { CancelReason::Expired } else { CancelReason::MarketClosed }
    }

    /// Lowers the queue to what is displayed at the price now.
    fn clip(&mut self, now: Timestamp, displayed: Quantity) {
        if self.ahead > displayed {
            if self.shrunk.until(now) > PRINT_LAG {
                self.unclaimed = Quantity::ZERO;
            }
            self.unclaimed += self.ahead - displayed;
            self.shrunk = now;
            self.ahead = displayed;
        }
    }

    /// What a print of `quantity` contracts at `price`, on the market's other side, fills of it.
    fn reach(&mut self, now: Timestamp, price: Price, quantity: Quantity) -> Quantity {
        if !self.side.accepts(self.price, price) || self.since.until(now) < PRINT_LAG {
            return Quantity::ZERO;
        }
        if price != self.price {
            self.ahead = Quantity::ZERO;
            return quantity.min(self.remaining);
        }
        let claimed =
            if self.shrunk.until(now) > PRINT_LAG { Quantity::ZERO } else { self.unclaimed.min(quantity) };
        self.unclaimed -= claimed;
        let passed = self.ahead.min(quantity - claimed);
        self.ahead -= passed;
        (quantity - claimed - passed).min(self.remaining)
    }
}

/// Our side of one market.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// On each side the best price first, and at one price the oldest.
    orders: Vec<WorkingOrder>,
    taken: TakenSizes,
}

impl Desk {
    /// Resting orders; on each side the best price first, and at one price the oldest.
    pub(super) fn orders(&self) -> &[WorkingOrder] {
        &self.orders
    }

    /// Puts an order behind everything that stands at its price.
    pub(super) fn rest(&mut self, mut order: WorkingOrder, book: &Book) {
        order.ahead = book.size_at(order.side, order.price);
        let is_worse = |other: &WorkingOrder| {
            other.side == order.side
                && other.price != order.price
                && order.side.accepts(order.price, other.price)
        };
        let at = self.orders.iter().position(is_worse).unwrap_or(self.orders.len());
        self.orders.insert(at, order);
    }

    /// The best price of our resting orders on a side.
    pub(super) fn touch(&self, side: Side) -> Option<Price> {
        self.orders.iter().find(|order| order.side == side).map(|order| order.price)
    }

    /// Contracts of our resting orders on a side.
    pub(super) fn total_resting(&self, side: Side) -> Quantity {
        self.orders.iter().filter(|order| order.side == side).map(|order| order.remaining).sum()
    }

    /// Takes an order off.
    pub(super) fn remove(&mut self, order: OrderId) -> Option<WorkingOrder> {
        let at = self.orders.iter().position(|other| other.id == order)?;
        Some(self.orders.remove(at))
    }

    /// An order that is filled and still stands here.
    pub(super) fn first_filled(&self) -> Option<OrderId> {
        self.orders.iter().find(|order| order.remaining.is_zero()).map(|order| order.id)
    }

    /// Moves the market's close; tells of each order when it ended before and when it ends now.
    pub(super) fn move_close(
        &mut self,
        close: Timestamp,
        mut moved: impl FnMut(OrderId, Timestamp, Timestamp),
    ) {
        for order in &mut self.orders {
            let before = order.ends;
            order.ends = order.expires.map_or(close, |expires| expires.min(close));
            moved(order.id, before, order.ends);
        }
    }

    /// Lets an arriving order take what is displayed and not taken yet, level by level up to its limit, and stops
    /// short of `own`, the best of our own orders that it would meet.
    pub(super) fn take(
        &mut self,
        book: &Book,
        order: &mut WorkingOrder,
        own: Option<Price>,
        mut fill: impl FnMut(&mut WorkingOrder, Price, Quantity),
    ) {
        let other = order.side.opposite();
        for level in book.levels(other) {
            let meets_own = own.is_some_and(|own| other.accepts(own, level.price));
            if meets_own || order.remaining.is_zero() || !order.side.accepts(order.price, level.price) {
                break;
            }
            let quantity = self.taken.take(other, level, order.remaining);
            if quantity.is_positive() {
                fill(order, level.price, quantity);
            }
        }
    }

    /// Follows a change of the book: queues and taken sizes shrink with their levels, and where the other side has come
    /// to our price without a print, what it displays trades with us. A crossed book is in the middle of a trade's
    /// deltas and fills nothing until it has settled.
    pub(super) fn follow(
        &mut self,
        now: Timestamp,
        book: &Book,
        mut fill: impl FnMut(&mut WorkingOrder, Quantity),
    ) {
        if book.state() != BookState::Synced {
            return;
        }
        self.taken.clip(book);
        for order in &mut self.orders {
            order.clip(now, book.size_at(order.side, order.price));
        }
        if self.orders.is_empty() || book.check_crossed().is_err() {
            return;
        }
        for order in &mut self.orders {
            let (side, limit) = (order.side, order.price);
            let other = side.opposite();
            for level in book.levels(other).take_while(|level| side.accepts(limit, level.price)) {
                let quantity = self.taken.take(other, level, order.remaining);
                if quantity.is_positive() {
                    fill(order, quantity);
                }
            }
        }
    }

    /// Follows a public trade whose taker was on `taker`'s side.
    pub(super) fn print(
        &mut self,
        now: Timestamp,
        price: Price,
        quantity: Quantity,
        taker: Side,
        mut fill: impl FnMut(&mut WorkingOrder, Quantity),
    ) {
        let mut left = quantity;
        for order in self.orders.iter_mut().filter(|order| order.side == taker.opposite()) {
            let filled = order.reach(now, price, left);
            if filled.is_positive() {
                left -= filled;
                fill(order, filled);
            }
        }
    }
}

/// How much of the displayed levels we already took.
#[derive(Debug, Default)]
struct TakenSizes {
    levels: Vec<(Side, Level)>,
}

impl TakenSizes {
    /// Takes up to `wanted` of what is left of a displayed level.
    fn take(&mut self, side: Side, displayed: Level, wanted: Quantity) -> Quantity {
        let known = self.levels.iter_mut().find(|(at, level)| *at == side && level.price == displayed.price);
        let taken = known.as_ref().map_or(Quantity::ZERO, |(_, level)| level.size);
        let quantity = wanted.min(displayed.size - taken).max(Quantity::ZERO);
        match known {
            Some((_, level)) => level.size += quantity,
            None if quantity.is_positive() => {
                self.levels.push((side, Level { price: displayed.price, size: quantity }));
            }
            None => {}
        }
        quantity
    }

    /// Forgets what is no longer displayed.
    fn clip(&mut self, book: &Book) {
        self.levels.retain_mut(|(side, level)| {
            level.size = level.size.min(book.size_at(*side, level.price));
            level.size.is_positive()
        });
    }
}
