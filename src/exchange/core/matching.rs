//! Orders that meet, by price and then by time, at the price of the one that stood there; and what a trade does to the
//! orders, positions and cash of the accounts in it.
//!
//! Everything goes one trade at a time, and who is next is asked anew after each: a trade can pull a group's brake and take
//! orders off that would have been next. What is told of a trade, in order: the level, the print, the resting order's fill,
//! order and position, then the incoming order's fill and position. An incoming order is told of once it has come to rest
//! or ended.

use super::account::reducible;
use super::floor::Resting;
use super::groups::GroupRoom;
use super::{
    AccountId, Exchange, FillView, Happening, NewOrder, OrderKey, OrderStatus, PositionView, PrintView,
    Refusal, Removal, SelfTrade, Standing,
};
use crate::market::Side;
use crate::units::{Money, Price, Quantity, Rounding, Timestamp};
use std::sync::Arc;

/// What an incoming order took.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Taken {
    pub(super) filled: Quantity,
    /// YES price times contracts.
    value: Money,
    fees: Money,
    /// Why it may not go on.
    pub(super) stopped: Option<Removal>,
}

/// Two parties of which at least one is an account's order; the other may be the public.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trade {
    pub(super) market: usize,
    pub(super) price: Price,
    pub(super) quantity: Quantity,
    /// Side of the one that takes.
    pub(super) taker_side: Side,
    pub(super) taker: Option<OrderKey>,
    pub(super) maker: Option<OrderKey>,
}

impl Taken {
    pub(super) fn average_price(&self) -> Option<Price> {
        self.value.per_contract(self.filled)
    }

    pub(super) fn average_fee(&self) -> Option<Money> {
        self.fees.per_contract(self.filled).map(|fee| Money::from_raw(fee.raw()))
    }
}

impl Exchange {
    /// Lets an order that isn't on the book take what it crosses, up to `most` contracts.
    pub(super) fn take(&mut self, key: OrderKey, most: Quantity) -> Taken {
        let mut taken = Taken::default();
        let ticket = self.ticket(key);
        let (market, account, group) = (ticket.market, ticket.view.account, ticket.view.request.group);
        let request = &ticket.view.request;
        let (side, limit, self_trade) = (request.side, request.price, request.self_trade);
        while taken.filled < most {
            let Some((price, resting)) = self.opposite(market, side, limit) else { break };
            let (maker, size) = match resting {
                Resting::Public(size) => (None, size),
                Resting::Order(own, _) if self.ticket(own).view.account == account => match self_trade {
                    SelfTrade::TakerAtCross => {
                        taken.stopped = Some(Removal::SelfTrade);
                        break;
                    }
                    SelfTrade::Maker => {
                        self.remove(own, Removal::SelfTrade);
                        continue;
                    }
                },
                Resting::Order(other, size) => (Some(other), size),
            };
            let quantity = size.min(most - taken.filled);
            let trade = Trade { market, price, quantity, taker_side: side, taker: Some(key), maker };
            taken.fees += self.trade(&trade);
            taken.filled += quantity;
            taken.value += price.times(quantity, Rounding::Floor);
            if group.is_some_and(|group| self.is_triggered(group)) {
                taken.stopped = Some(Removal::GroupTriggered);
                break;
            }
        }
        taken
    }

    /// Who an order with this limit would meet next.
    fn opposite(&self, market: usize, side: Side, limit: Price) -> Option<(Price, Resting)> {
        let floor = self.markets[market].floor.as_ref()?;
        floor.best(side.opposite()).filter(|&(price, _)| side.accepts(limit, price))
    }

    /// Whether an order with this limit would meet anybody.
    pub(super) fn would_cross(&self, market: usize, side: Side, limit: Price) -> bool {
        self.opposite(market, side, limit).is_some()
    }

    /// Whether a fill-or-kill order finds all it wants: its own account's orders don't count, nor those that a group's
    /// brake would take off before their turn.
    pub(super) fn check_volume(
        &self,
        account: AccountId,
        market: usize,
        order: &NewOrder,
    ) -> Result<(), Refusal> {
        let mut left = order.quantity;
        let mut room = GroupRoom::new(self);
        let floor = self.markets[market].floor.as_ref();
        for (price, resting) in floor.into_iter().flat_map(|floor| floor.in_order(order.side.opposite())) {
            if left.is_zero() || !order.side.accepts(order.price, price) || room.is_spent(order.group) {
                break;
            }
            let (maker, size) = match resting {
                Resting::Public(size) => (None, size),
                Resting::Order(key, size) => (Some(&self.ticket(key).view), size),
            };
            if maker.is_some_and(|maker| maker.account == account) {
                match order.self_trade {
                    SelfTrade::TakerAtCross => break,
                    SelfTrade::Maker => continue,
                }
            }
            let group = maker.and_then(|maker| maker.request.group);
            if !room.is_spent(group) {
                let quantity = size.min(left);
                left -= quantity;
                room.spend(group, quantity);
                room.spend(order.group, quantity);
            }
        }
        if left.is_zero() { Ok(()) } else { Err(Refusal::InsufficientVolume) }
    }

    /// Carries out a trade; gives the taker's fee.
    pub(super) fn trade(&mut self, trade: &Trade) -> Money {
        let &Trade { market, price, quantity, taker_side, taker, maker } = trade;
        let resting_side = taker_side.opposite();
        match maker {
            Some(key) => self.floor(market).shrink_order(resting_side, price, key, quantity),
            None => self.floor(market).take_public(resting_side, price, quantity),
        }
        self.tell_book(market, resting_side, price, -quantity, maker);
        let trade_id = self.print(market, price, quantity, taker_side);
        if let Some(key) = maker {
            self.fill(key, trade, &trade_id);
            if self.ticket(key).view.remaining.is_zero() {
                self.ticket_mut(key).view.status = OrderStatus::Executed;
                self.forget_resting(key);
            }
            self.reserve_for(key);
            self.tell_order(key);
            self.tell_position(self.ticket(key).view.account, market);
        }
        let mut fee = Money::ZERO;
        if let Some(key) = taker {
            fee = self.fill(key, trade, &trade_id);
            self.reserve_for(key);
            self.tell_position(self.ticket(key).view.account, market);
        }
        for key in [maker, taker].into_iter().flatten() {
            self.count_for_group(key, quantity);
        }
        fee
    }

    /// Tells the public of a trade and counts it; gives its id.
    pub(super) fn print(&mut self, market: usize, price: Price, quantity: Quantity, taker: Side) -> Arc<str> {
        self.trades += 1;
        let trade_id: Arc<str> = format!("00000000-0000-4000-9000-{:012x}", self.trades).into();
        let listing = &mut self.markets[market];
        listing.last = Some(price);
        listing.spec.volume += quantity;
        let print = PrintView {
            trade_id: Arc::clone(&trade_id),
            ticker: Arc::clone(&listing.ticker),
            price,
            quantity,
            taker,
            time: self.clock,
        };
        self.floor(market).keep_print(print.clone());
        self.tell(Happening::Print(print));
        trade_id
    }

    /// What a trade does to one of its orders; gives the fee.
    fn fill(&mut self, key: OrderKey, trade: &Trade, trade_id: &Arc<str>) -> Money {
        let &Trade { market, price, quantity, .. } = trade;
        let now = self.clock;
        let is_taker = trade.taker == Some(key);
        let listing = &mut self.markets[market];
        let ticket = &mut self.orders[super::place(key)];
        let owner = &mut self.accounts[ticket.view.account.0 as usize];
        let (side, shard) = (ticket.view.request.side, listing.spec.shard);
        let position = owner.positions.entry(market).or_insert_with(|| no_position(listing, now));
        let before = position.quantity;
        let revenue = position.trade(side, price, quantity);
        let fee = ticket.fees.charge(listing.spec.fees, price, quantity, is_taker, revenue);
        position.fees += fee;
        position.updated = now;
        listing.hold(before, position.quantity);
        *owner.cash.entry(shard).or_default() += revenue - fee;
        ticket.view.count(price, quantity, is_taker, fee, now);
        let fill = FillView {
            trade_id: Arc::clone(trade_id),
            account: ticket.view.account,
            order: key,
            client_order_id: ticket.view.request.client_order_id.clone(),
            ticker: Arc::clone(&listing.ticker),
            shard,
            side,
            price,
            quantity,
            fee,
            is_taker,
            position_after: position.quantity,
            time: now,
        };
        owner.fills.push(fill.clone());
        self.tell(Happening::Fill(fill));
        fee
    }

    pub(super) fn tell_position(&mut self, account: AccountId, market: usize) {
        if let Some(position) = self.account(account).positions.get(&market).cloned() {
            self.tell(Happening::Position { account, position });
        }
    }

    /// Reckons anew what the order's account reserves in its market.
    pub(super) fn reserve_for(&mut self, key: OrderKey) {
        let ticket = self.ticket(key);
        let (account, market) = (ticket.view.account, ticket.market);
        self.reserve(account, market);
    }

    /// Puts what is left of an order on the book.
    pub(super) fn rest(&mut self, key: OrderKey) {
        let now = self.clock;
        let ticket = self.ticket_mut(key);
        ticket.view.status = OrderStatus::Resting;
        ticket.view.updated = now;
        let (market, account, size) = (ticket.market, ticket.view.account, ticket.view.remaining);
        let request = &ticket.view.request;
        let (side, price, group, standing) = (request.side, request.price, request.group, request.standing);
        self.floor(market).join(side, price, key, size);
        self.tell_book(market, side, price, size, Some(key));
        self.resting.insert(key);
        self.account_mut(account).stakes.entry(market).or_default().orders.push(key);
        self.join_group(group, key);
        if let Standing::GoodTillCancelled { expires: Some(expires) } = standing {
            self.expect_expiry(key, expires);
        }
        self.reserve(account, market);
        self.tell_order(key);
    }

    /// Takes a resting order off; gives what rested.
    pub(super) fn remove(&mut self, key: OrderKey, removal: Removal) -> Quantity {
        let size = self.lift(key);
        self.end(key, removal);
        size
    }

    /// Takes a resting order off the book without ending it; gives what rested.
    pub(super) fn lift(&mut self, key: OrderKey) -> Quantity {
        let ticket = self.ticket(key);
        let (market, size) = (ticket.market, ticket.view.remaining);
        let (side, price) = (ticket.view.request.side, ticket.view.request.price);
        self.floor(market).shrink_order(side, price, key, size);
        self.tell_book(market, side, price, -size, Some(key));
        self.forget_resting(key);
        size
    }

    /// Ends an order that isn't on the book.
    pub(super) fn end(&mut self, key: OrderKey, removal: Removal) {
        let now = self.clock;
        let view = &mut self.ticket_mut(key).view;
        view.status = OrderStatus::Cancelled(removal);
        view.remaining = Quantity::ZERO;
        view.updated = now;
        self.reserve_for(key);
        self.tell_order(key);
    }

    /// Drops an order from the lists of those that rest.
    fn forget_resting(&mut self, key: OrderKey) {
        let ticket = self.ticket(key);
        let (market, account, group) = (ticket.market, ticket.view.account, ticket.view.request.group);
        self.resting.remove(&key);
        if let Some(stake) = self.account_mut(account).stakes.get_mut(&market) {
            stake.orders.retain(|other| *other != key);
        }
        self.leave_group(group, key);
    }

    /// How many contracts a reduce-only order may still sell.
    pub(super) fn reducible(&self, account: AccountId, market: usize, side: Side) -> Quantity {
        reducible(self.account(account).held(market), side)
    }
}

impl super::Listing {
    /// An account's position went from `before` to `after`.
    pub(super) fn hold(&mut self, before: Quantity, after: Quantity) {
        for (held, side) in self.held.iter_mut().zip([Side::Ask, Side::Bid]) {
            *held += reducible(after, side) - reducible(before, side);
        }
    }
}

impl super::OrderView {
    fn count(&mut self, price: Price, quantity: Quantity, is_taker: bool, fee: Money, now: Timestamp) {
        let cost = super::account::own(self.request.side, price).times(quantity, Rounding::Floor);
        self.filled += quantity;
        self.remaining -= quantity;
        self.updated = now;
        if is_taker {
            self.taker_cost += cost;
            self.taker_fees += fee;
        } else {
            self.maker_cost += cost;
            self.maker_fees += fee;
        }
    }
}

fn no_position(listing: &super::Listing, now: Timestamp) -> PositionView {
    PositionView {
        ticker: Arc::clone(&listing.ticker),
        event: Arc::clone(&listing.event),
        shard: listing.spec.shard,
        quantity: Quantity::ZERO,
        cost: Money::ZERO,
        realised: Money::ZERO,
        fees: Money::ZERO,
        traded: Money::ZERO,
        volume: Quantity::ZERO,
        updated: now,
        is_settled: false,
    }
}
