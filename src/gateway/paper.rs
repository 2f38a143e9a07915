//! The paper venue: fills our orders against the book that the bot itself sees, and is never kinder than the exchange.
//!
//! It does no I/O and reads no clock. Whoever drives it says what time it is, keeps to this order at every instant, and
//! gets the same answers for the same calls:
//!
//! 1. [`PaperVenue::advance`] to the instant, before the engine sees the instant's event;
//! 2. the engine's step, which applies the event to the books;
//! 3. [`PaperVenue::observe`] with the same event, and [`PaperVenue::submit`] for each command that the step gave.
//!
//! **Time.** A command reaches the venue one latency after it was submitted, and is matched against the books as the bot
//! sees them at that later moment. Answers reach the bot one latency after what they tell of. A cancel therefore loses
//! to a fill that happens while it travels.
//!
//! **Takers** walk the displayed levels up to their limit, and displayed size is taken once: the recorded book doesn't
//! know that we took it, so the venue remembers, until the level shrinks or goes. **Makers** stand behind all that is
//! displayed at their price when they arrive. Prints at the price move the queue and then fill them; a print beyond the
//! price fills them by its size; a book that settles with the other side at or through the price fills them by what is
//! displayed there. `desk` holds these rules and says how prints and deltas of one trade are kept apart.
//!
//! Harder than live: nobody ahead of us in the queue ever cancels before those behind us do; prints of the first tenth
//! of a second after an order came to rest are taken for older trades; size that we took never comes back while its
//! level stands; an order that would meet one of our own stops short of it, leaving what stands at that price; resting
//! orders tie up their cost and the taker's fee; a pause takes all orders off (`cancel_order_on_pause` is always set).
//!
//! Easier than live, and not to be helped with public data alone: nobody reacts to our orders or to the size we took;
//! the book at arrival is as old as the feed's own delay, so a level that the exchange has already lost can still be
//! hit; latency is one constant; no order is lost, throttled or refused for rate.

mod clearing;
mod desk;

use crate::engine::{Command, Event};
use crate::execution::{CancelReason, OrderId, OrderRequest, OrderUpdate, RejectReason, TimeInForce};
use crate::fees::{BalancePrecision, FeeKind};
use crate::market::book::BookState;
use crate::market::{Catalogue, Market, MarketId, MarketStatus, Resolution, Side};
use crate::units::{Money, Price, Quantity, Rounding, Timestamp};
use clearing::Clearing;
use desk::{Desk, WorkingOrder};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// How the paper venue behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaperSettings {
    /// One way between the bot and the venue.
    pub latency: Duration,
    /// Cash at the start.
    pub starting_cash: Money,
    /// What the account's balance is rounded to.
    pub precision: BalancePrecision,
}

/// A venue that trades on paper: the account, the orders on their way, and those that rest.
#[derive(Debug)]
pub struct PaperVenue {
    settings: PaperSettings,
    /// The latest instant it has been told of; it never runs backwards.
    clock: Timestamp,
    /// Whether the exchange as a whole takes orders.
    trading: bool,
    /// Commands on their way here, by arrival.
    inbound: VecDeque<(Timestamp, Arrival)>,
    /// One desk for each market, by id.
    desks: Vec<Desk>,
    /// Where each resting order rests.
    resting: BTreeMap<OrderId, MarketId>,
    /// When each resting order ends by itself.
    endings: BTreeSet<(Timestamp, OrderId)>,
    clearing: Clearing,
}

/// What reaches the venue.
#[derive(Debug)]
enum Arrival {
    Place(OrderRequest),
    Cancel(OrderId),
}

impl PaperVenue {
    /// A venue with an empty account but for the starting cash.
    pub fn new(settings: PaperSettings) -> Self {
        Self {
            settings,
            clock: Timestamp::EPOCH,
            trading: true,
            inbound: VecDeque::new(),
            desks: Vec::new(),
            resting: BTreeMap::new(),
            endings: BTreeSet::new(),
            clearing: Clearing::new(settings.starting_cash, settings.latency),
        }
    }

    /// Takes a command from the engine at `now`; it reaches the venue one latency later. A resync concerns the feed and
    /// is left to the driver.
    pub fn submit(&mut self, now: Timestamp, command: &Command, catalogue: &Catalogue) {
        if self.desks.len() < catalogue.len() {
            self.desks.resize_with(catalogue.len(), Desk::default);
        }
        let arrival = match command {
            Command::Place(request) => Arrival::Place(request.clone()),
            Command::Cancel { order } => Arrival::Cancel(*order),
            Command::Resync { .. } => return,
        };
        self.clock = self.clock.max(now);
        self.inbound.push_back((self.clock + self.settings.latency, arrival));
    }

    /// When the venue next has something to do: an arrival, an order's end, or an answer that reaches the bot.
    pub fn next_due(&self) -> Option<Timestamp> {
        let arrival = self.inbound.front().map(|&(due, _)| due);
        let ending = self.endings.first().map(|&(due, _)| due);
        [arrival, ending, self.clearing.next_answer()].into_iter().flatten().min()
    }

    /// Does everything due at or before `now`, against the books as they stand in `catalogue`, and appends what has
    /// reached the bot by now to `out`, in order. An order that ends at the instant of an arrival ends first.
    pub fn advance(&mut self, now: Timestamp, catalogue: &Catalogue, out: &mut Vec<OrderUpdate>) {
        while let Some((due, arrival)) = self.next_arrival(now) {
            self.end_orders_due(due);
            self.clock = self.clock.max(due);
            match arrival {
                Arrival::Place(request) => self.place(&request, catalogue),
                Arrival::Cancel(order) => self.cancel(order),
            }
        }
        self.end_orders_due(now);
        self.clock = self.clock.max(now);
        self.clearing.deliver(now, out);
    }

    /// Sees a market event right after the engine has applied it to `catalogue`.
    pub fn observe(&mut self, now: Timestamp, event: &Event<'_>, catalogue: &Catalogue) {
        self.end_orders_due(now);
        self.clock = self.clock.max(now);
        match *event {
            Event::Delta { ticker, .. } | Event::Snapshot { ticker, .. } => {
                self.follow_book(ticker, catalogue);
            }
            Event::Print { ticker, price, quantity, taker, is_block: false, .. } => {
                self.follow_print(ticker, price, quantity, taker, catalogue);
            }
            Event::Status { ticker, .. } | Event::CloseMoved { ticker, .. } => {
                self.follow_status(ticker, catalogue);
            }
            Event::Listed(spec) => self.follow_status(&spec.ticker, catalogue),
            Event::Settled { ticker, resolution } => self.settle(ticker, resolution, catalogue),
            Event::Exchange { trading } => {
                self.trading = trading;
                if !trading {
                    self.take_off_where(CancelReason::Exchange, |_| true);
                }
            }
            _ => {}
        }
    }

    /// Cash in the venue's own account, resting orders' cost included.
    pub const fn cash(&self) -> Money {
        self.clearing.cash()
    }

    /// Contracts held in a market, in the venue's own account: positive YES, negative NO.
    pub fn position(&self, market: MarketId) -> Quantity {
        self.clearing.position(market)
    }

    fn next_arrival(&mut self, now: Timestamp) -> Option<(Timestamp, Arrival)> {
        self.inbound.front().filter(|&&(due, _)| due <= now)?;
        self.inbound.pop_front()
    }

    fn place(&mut self, request: &OrderRequest, catalogue: &Catalogue) {
        let order = request.id;
        let quantity = match self.admit(request, catalogue) {
            Ok(quantity) => quantity,
            Err(reason) => return self.answer(OrderUpdate::Rejected { order, reason }),
        };
        self.answer(OrderUpdate::Accepted { order });
        let market = catalogue.get(request.market);
        let desk = &mut self.desks[request.market.index()];
        let own = desk.touch(request.side.opposite()).filter(|&own| request.side.accepts(request.price, own));
        let mut working =
            WorkingOrder::new(request, quantity, self.settings.precision, self.clock, market.spec.close);
        let (clearing, at, fees) = (&mut self.clearing, self.clock, market.spec.fees);
        desk.take(&market.book, &mut working, own, |working, price, quantity| {
            clearing.fill(working, price, quantity, true, fees, at);
        });
        let unfilled = request.quantity - (quantity - working.remaining);
        if !unfilled.is_positive() {
            return;
        }
        match request.time_in_force {
            _ if own.is_some() => {
                self.answer(OrderUpdate::Cancelled { order, reason: CancelReason::Exchange });
            }
            TimeInForce::ImmediateOrCancel => {
                self.answer(OrderUpdate::Cancelled { order, reason: CancelReason::ImmediateOrCancel });
            }
            TimeInForce::GoodTillCancelled { .. } => self.rest(working, market),
        }
    }

    fn rest(&mut self, working: WorkingOrder, market: &Market) {
        self.resting.insert(working.id, market.id);
        self.endings.insert((working.ends, working.id));
        self.desks[market.id.index()].rest(working, &market.book);
    }

    /// Whether an order gets in, and for how many contracts: a reduce-only order is capped by the position.
    fn admit(&self, request: &OrderRequest, catalogue: &Catalogue) -> Result<Quantity, RejectReason> {
        let Some(desk) = self.desks.get(request.market.index()) else { return Err(RejectReason::Other) };
        let market = catalogue.get(request.market);
        if !self.trading {
            return Err(RejectReason::ExchangePaused);
        }
        let spec = &market.spec;
        let open =
            spec.status == MarketStatus::Active && self.clock < spec.close && market.resolution.is_none();
        if !open || market.book.state() != BookState::Synced {
            return Err(RejectReason::MarketInactive);
        }
        if !spec.grid.contains(request.price) {
            return Err(RejectReason::InvalidPrice);
        }
        if !request.quantity.is_positive() {
            return Err(RejectReason::InvalidQuantity);
        }
        if self.resting.contains_key(&request.id) || !self.has_sound_lifetime(request) {
            return Err(RejectReason::Other);
        }
        if request.post_only && would_cross(request, desk, market) {
            return Err(RejectReason::PostOnlyCross);
        }
        let reducible = self.clearing.reducible(request.market, request.side);
        let quantity = if request.reduce_only { request.quantity.min(reducible) } else { request.quantity };
        if !quantity.is_positive() {
            return Err(RejectReason::ReduceOnly);
        }
        let closing = (reducible - desk.total_resting(request.side)).max(Quantity::ZERO);
        let opening = if request.reduce_only { Quantity::ZERO } else { quantity - quantity.min(closing) };
        if opening.is_positive() {
            self.admit_opening(request, opening, catalogue)?;
        }
        Ok(quantity)
    }

    /// Good till cancelled needs an expiry ahead, and reduce-only needs immediate-or-cancel.
    fn has_sound_lifetime(&self, request: &OrderRequest) -> bool {
        match request.time_in_force {
            TimeInForce::ImmediateOrCancel => true,
            TimeInForce::GoodTillCancelled { expires } => {
                !request.reduce_only && expires.is_none_or(|expires| expires > self.clock)
            }
        }
    }

    /// Whether the account can pay for `opening` contracts beside what its resting orders tie up. Fees that can't be
    /// charged truthfully allow no new position.
    fn admit_opening(
        &self,
        request: &OrderRequest,
        opening: Quantity,
        catalogue: &Catalogue,
    ) -> Result<(), RejectReason> {
        let market = catalogue.get(request.market);
        if market.spec.fees.kind == FeeKind::Unknown {
            return Err(RejectReason::Other);
        }
        let needed = self.cost_of_opening(market, request.side, request.price, opening);
        if needed > self.cash() - self.tied_up(catalogue) {
            return Err(RejectReason::InsufficientBalance);
        }
        Ok(())
    }

    /// The most that opening costs at this limit: a better price costs less even though its fee may be higher.
    fn cost_of_opening(&self, market: &Market, side: Side, limit: Price, quantity: Quantity) -> Money {
        let fee = market.spec.fees.estimate_at(self.settings.precision, limit, quantity, true);
        side.outcome().yes_price(limit).times(quantity, Rounding::Ceil) + fee
    }

    /// What the resting orders would cost if all that opens a position were filled.
    fn tied_up(&self, catalogue: &Catalogue) -> Money {
        let mut total = Money::ZERO;
        for (market, desk) in catalogue.iter().zip(&self.desks) {
            for side in [Side::Bid, Side::Ask] {
                let mut closing = self.clearing.reducible(market.id, side);
                for order in desk.orders().iter().filter(|order| order.side == side) {
                    let opening = (order.remaining - closing).max(Quantity::ZERO);
                    closing = (closing - order.remaining).max(Quantity::ZERO);
                    total += self.cost_of_opening(market, side, order.price, opening);
                }
            }
        }
        total
    }

    fn cancel(&mut self, order: OrderId) {
        if self.resting.contains_key(&order) {
            self.take_off(order, CancelReason::Requested);
        } else {
            self.answer(OrderUpdate::CancelRejected { order });
        }
    }

    fn follow_book(&mut self, ticker: &str, catalogue: &Catalogue) {
        let Some(market) = catalogue.find(ticker).map(|id| catalogue.get(id)) else { return };
        let Some(desk) = self.desks.get_mut(market.id.index()) else { return };
        let (clearing, at, fees) = (&mut self.clearing, self.clock, market.spec.fees);
        desk.follow(at, &market.book, |working, quantity| {
            clearing.fill(working, working.price, quantity, false, fees, at);
        });
        self.forget_filled(market.id);
    }

    fn follow_print(
        &mut self,
        ticker: &str,
        price: Price,
        quantity: Quantity,
        taker: Side,
        catalogue: &Catalogue,
    ) {
        let Some(market) = catalogue.find(ticker).map(|id| catalogue.get(id)) else { return };
        let Some(desk) = self.desks.get_mut(market.id.index()) else { return };
        let (clearing, at, fees) = (&mut self.clearing, self.clock, market.spec.fees);
        desk.print(at, price, quantity, taker, |working, quantity| {
            clearing.fill(working, working.price, quantity, false, fees, at);
        });
        self.forget_filled(market.id);
    }

    /// A market that is no longer open loses its orders; one whose close moved ends them at the new close.
    fn follow_status(&mut self, ticker: &str, catalogue: &Catalogue) {
        let Some(market) = catalogue.find(ticker).map(|id| catalogue.get(id)) else { return };
        let Some(desk) = self.desks.get_mut(market.id.index()) else { return };
        match market.spec.status {
            MarketStatus::Active => {
                let endings = &mut self.endings;
                desk.move_close(market.spec.close, |order, before, after| {
                    endings.remove(&(before, order));
                    endings.insert((after, order));
                });
                self.end_orders_due(self.clock);
            }
            MarketStatus::Inactive | MarketStatus::Initialized => {
                self.take_off_where(CancelReason::Exchange, |id| id == market.id);
            }
            MarketStatus::Closed | MarketStatus::Determined | MarketStatus::Finalized => {
                self.take_off_where(CancelReason::MarketClosed, |id| id == market.id);
            }
        }
    }

    fn settle(&mut self, ticker: &str, resolution: Resolution, catalogue: &Catalogue) {
        let Some(market) = catalogue.find(ticker) else { return };
        self.take_off_where(CancelReason::MarketClosed, |id| id == market);
        self.clearing.settle(market, resolution);
    }

    /// Takes off the orders that ended by themselves at or before `now`.
    fn end_orders_due(&mut self, now: Timestamp) {
        while let Some(&(due, order)) = self.endings.first()
            && due <= now
        {
            self.endings.pop_first();
            self.clock = self.clock.max(due);
            if let Some(working) = self.forget(order) {
                self.answer(OrderUpdate::Cancelled { order, reason: working.end_reason() });
            }
        }
    }

    fn take_off_where(&mut self, reason: CancelReason, is_hit: impl Fn(MarketId) -> bool) {
        let hit: Vec<OrderId> =
            self.resting.iter().filter(|&(_, &market)| is_hit(market)).map(|(&order, _)| order).collect();
        for order in hit {
            self.take_off(order, reason);
        }
    }

    fn take_off(&mut self, order: OrderId, reason: CancelReason) {
        self.forget(order);
        self.answer(OrderUpdate::Cancelled { order, reason });
    }

    fn forget_filled(&mut self, market: MarketId) {
        while let Some(order) = self.desks[market.index()].first_filled() {
            self.forget(order);
        }
    }

    /// Strikes a resting order from every list.
    fn forget(&mut self, order: OrderId) -> Option<WorkingOrder> {
        let market = self.resting.remove(&order)?;
        let working = self.desks[market.index()].remove(order)?;
        self.endings.remove(&(working.ends, order));
        Some(working)
    }

    fn answer(&mut self, update: OrderUpdate) {
        self.clearing.answer(self.clock, update);
    }
}

/// Whether any of it would trade at once, be it with the book or with an order of our own.
fn would_cross(request: &OrderRequest, desk: &Desk, market: &Market) -> bool {
    let other = request.side.opposite();
    let displayed = market.book.best(other).map(|level| level.price);
    [displayed, desk.touch(other)]
        .into_iter()
        .flatten()
        .any(|price| request.side.accepts(request.price, price))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
