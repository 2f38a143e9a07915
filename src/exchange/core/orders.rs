//! Orders placed, cancelled and made smaller, and every reason to refuse. A refusal changes nothing.
//!
//! What is checked first decides which reason is given: market and shard, pauses, the market's state, the order's own
//! shape, its client id, its group, whether it may cross, what it may reduce, its volume, and last the cash.

use super::account::Claim;
use super::matching::Taken;
use super::{
    AccountId, Due, Exchange, NewOrder, OrderKey, OrderStatus, OrderView, Placed, Reduction, Refusal,
    Removal, Standing, Ticket,
};
use crate::fees::OrderFees;
use crate::market::MarketStatus;
use crate::units::{Money, Price, Quantity, Timestamp};

/// More contracts than any order names: a thousand million.
const MOST_CONTRACTS: Quantity = Quantity::from_contracts(1_000_000_000);
/// Longest client id.
const LONGEST_CLIENT_ID: usize = 64;

impl Exchange {
    /// Takes an order.
    ///
    /// # Errors
    /// The first [`Refusal`] that holds.
    pub fn place(&mut self, now: Timestamp, account: AccountId, order: NewOrder) -> Result<Placed, Refusal> {
        self.advance(now);
        let market = self.find(&order.ticker).ok_or(Refusal::MarketNotFound)?;
        let most = self.admit(account, market, &order)?;
        let key = self.enter(account, market, order);
        let taken = self.take(key, most);
        let view = &self.ticket(key).view;
        let rests = matches!(view.request.standing, Standing::GoodTillCancelled { .. });
        let is_capped = taken.filled == most;
        match taken.stopped {
            _ if view.remaining.is_zero() => self.execute(key),
            Some(removal) => self.end(key, removal),
            None if rests => self.rest(key),
            None if is_capped => self.end(key, Removal::ReduceOnly),
            None => self.end(key, Removal::ImmediateOrCancel),
        }
        Ok(self.placed(key, &taken))
    }

    /// Takes an order off the book; gives the contracts that rested.
    ///
    /// # Errors
    /// [`Refusal`] when the account has no such resting order, the exchange is paused or the market has closed.
    pub fn cancel(
        &mut self,
        now: Timestamp,
        account: AccountId,
        order: OrderKey,
    ) -> Result<Quantity, Refusal> {
        self.advance(now);
        self.check_cancellable(account, order)?;
        Ok(self.remove(order, Removal::Requested))
    }

    /// Takes all orders off that can be cancelled now; gives them, oldest first.
    pub fn cancel_all(&mut self, now: Timestamp, account: AccountId) -> Vec<OrderKey> {
        self.advance(now);
        let stakes = self.account(account).stakes.values();
        let mut keys: Vec<OrderKey> = stakes.flat_map(|stake| &stake.orders).copied().collect();
        keys.sort_unstable();
        keys.retain(|key| self.check_cancellable(account, *key).is_ok());
        for key in &keys {
            self.remove(*key, Removal::Requested);
        }
        keys
    }

    /// Makes a resting order smaller where it stands; gives the contracts that still rest. One that would be left with
    /// nothing is cancelled.
    ///
    /// # Errors
    /// [`Refusal`] as for a cancel, and for an amount that would make it no smaller.
    pub fn decrease(
        &mut self,
        now: Timestamp,
        account: AccountId,
        order: OrderKey,
        reduction: Reduction,
    ) -> Result<Quantity, Refusal> {
        self.advance(now);
        self.check_cancellable(account, order)?;
        let remaining = self.ticket(order).view.remaining;
        let left = match reduction {
            Reduction::By(by) if by.is_positive() => (remaining - by).max(Quantity::ZERO),
            Reduction::To(to) if !to.is_negative() && to < remaining => to,
            Reduction::By(_) | Reduction::To(_) => return Err(Refusal::InvalidQuantity),
        };
        if left.is_zero() {
            self.remove(order, Removal::Requested);
        } else {
            self.shrink(order, remaining - left);
            self.tell_order(order);
        }
        Ok(left)
    }

    /// A resting order loses `by` contracts and keeps its place.
    pub(super) fn shrink(&mut self, key: OrderKey, by: Quantity) {
        let now = self.clock;
        let ticket = self.ticket_mut(key);
        ticket.view.remaining -= by;
        ticket.view.request.quantity -= by;
        ticket.view.updated = now;
        let market = ticket.market;
        let (side, price) = (ticket.view.request.side, ticket.view.request.price);
        self.floor(market).shrink_order(side, price, key, by);
        self.tell_book(market, side, price, -by, Some(key));
        self.reserve_for(key);
    }

    /// The account's order, where it rests.
    pub(super) fn resting_order(&self, account: AccountId, key: OrderKey) -> Result<&Ticket, Refusal> {
        let ticket = self.orders.get(super::place(key)).ok_or(Refusal::OrderNotFound)?;
        if ticket.view.account != account || ticket.view.status != OrderStatus::Resting {
            return Err(Refusal::OrderNotFound);
        }
        Ok(ticket)
    }

    fn check_cancellable(&self, account: AccountId, key: OrderKey) -> Result<(), Refusal> {
        let market = self.resting_order(account, key)?.market;
        let spec = &self.markets[market].spec;
        if !self.is_active(spec.shard) {
            return Err(Refusal::ExchangePaused);
        }
        if is_over(spec.status) {
            return Err(Refusal::MarketClosed);
        }
        Ok(())
    }

    /// Whether orders are taken in the market at all.
    pub(super) fn check_open(&self, market: usize) -> Result<(), Refusal> {
        let spec = &self.markets[market].spec;
        if !self.is_active(spec.shard) {
            return Err(Refusal::ExchangePaused);
        }
        if !self.is_trading(spec.shard) {
            return Err(Refusal::TradingPaused);
        }
        match spec.status {
            MarketStatus::Active => Ok(()),
            status if is_over(status) => Err(Refusal::MarketClosed),
            _ => Err(Refusal::MarketInactive),
        }
    }

    /// Whether an order gets in, and how many contracts it may fill.
    fn admit(&self, account: AccountId, market: usize, order: &NewOrder) -> Result<Quantity, Refusal> {
        let spec = &self.markets[market].spec;
        if order.shard.is_some_and(|shard| shard != spec.shard) {
            return Err(Refusal::WrongShard);
        }
        self.check_open(market)?;
        check_shape(order, self.clock)?;
        self.check_terms(market, order.price, order.quantity)?;
        if let Some(id) = &order.client_order_id {
            self.check_client_id(account, id)?;
        }
        if let Some(group) = order.group {
            self.check_group(account, group, spec.shard)?;
        }
        if order.post_only && self.would_cross(market, order.side, order.price) {
            return Err(Refusal::PostOnlyCross);
        }
        let most = if order.reduce_only {
            order.quantity.min(self.reducible(account, market, order.side))
        } else {
            order.quantity
        };
        if most.is_zero() {
            return Err(Refusal::NothingToReduce);
        }
        let claim = Claim { side: order.side, price: order.price, quantity: most };
        if order.standing == Standing::FillOrKill {
            self.check_volume(account, market, order)?;
        }
        self.check_cash(account, market, None, claim)?;
        Ok(most)
    }

    /// Whether the market takes this price and this many contracts.
    pub(super) fn check_terms(&self, market: usize, price: Price, quantity: Quantity) -> Result<(), Refusal> {
        if !quantity.is_positive() || quantity > MOST_CONTRACTS {
            return Err(Refusal::InvalidQuantity);
        }
        if !self.markets[market].spec.grid.contains(price) {
            return Err(Refusal::InvalidPrice);
        }
        Ok(())
    }

    /// Whether the account may use this client id for an order.
    pub(super) fn check_client_id(&self, account: AccountId, id: &str) -> Result<(), Refusal> {
        let is_sound = |letter: u8| letter.is_ascii_alphanumeric() || b"_-:+=/".contains(&letter);
        if id.is_empty() || id.len() > LONGEST_CLIENT_ID || !id.bytes().all(is_sound) {
            return Err(Refusal::InvalidOrder);
        }
        if self.account(account).client_ids.contains_key(id) {
            return Err(Refusal::DuplicateClientId);
        }
        Ok(())
    }

    /// Gives an admitted order its key.
    fn enter(&mut self, account: AccountId, market: usize, request: NewOrder) -> OrderKey {
        let key = OrderKey(self.orders.len() as u64);
        let owner = self.account_mut(account);
        owner.orders.push(key);
        if let Some(id) = &request.client_order_id {
            owner.client_ids.insert(id.clone(), key);
        }
        let view = OrderView {
            key,
            account,
            status: OrderStatus::Resting,
            filled: Quantity::ZERO,
            remaining: request.quantity,
            taker_cost: Money::ZERO,
            maker_cost: Money::ZERO,
            taker_fees: Money::ZERO,
            maker_fees: Money::ZERO,
            created: self.clock,
            updated: self.clock,
            shard: self.markets[market].spec.shard,
            request,
        };
        let fees = OrderFees::new(self.settings.precision);
        self.orders.push(Ticket { view, market, fees });
        key
    }

    /// Ends an incoming order that took all it wanted.
    pub(super) fn execute(&mut self, key: OrderKey) {
        self.ticket_mut(key).view.status = OrderStatus::Executed;
        self.reserve_for(key);
        self.tell_order(key);
    }

    pub(super) fn placed(&self, key: OrderKey, taken: &Taken) -> Placed {
        Placed {
            order: key,
            filled: taken.filled,
            remaining: self.ticket(key).view.remaining,
            average_price: taken.average_price(),
            average_fee: taken.average_fee(),
        }
    }

    /// Takes an order off whose expiry has come.
    pub(super) fn expire(&mut self, key: OrderKey) {
        let view = &self.ticket(key).view;
        let Standing::GoodTillCancelled { expires: Some(expires) } = view.request.standing else { return };
        if view.status == OrderStatus::Resting && expires <= self.clock {
            self.remove(key, Removal::Expired);
        }
    }

    /// Takes the resting orders of a market off, or those alone that go when trading pauses.
    pub(super) fn remove_resting(&mut self, market: usize, removal: Removal, on_pause_alone: bool) {
        let goes = |key: &OrderKey| {
            let ticket = self.ticket(*key);
            ticket.market == market && (!on_pause_alone || ticket.view.request.cancel_on_pause)
        };
        let stakes = self.accounts.iter().filter_map(|account| account.stakes.get(&market));
        let mut keys: Vec<OrderKey> = stakes.flat_map(|stake| &stake.orders).copied().filter(goes).collect();
        keys.sort_unstable();
        for key in keys {
            self.remove(key, removal);
        }
    }

    /// Notes when an order expires.
    pub(super) fn expect_expiry(&mut self, key: OrderKey, expires: Timestamp) {
        self.dues.insert((expires, Due::Expiry(key)));
    }
}

/// Whether trading has ended for good, or until the close moves.
pub(super) const fn is_over(status: MarketStatus) -> bool {
    matches!(status, MarketStatus::Closed | MarketStatus::Determined | MarketStatus::Finalized)
}

/// Whether an order's parts fit together.
fn check_shape(order: &NewOrder, now: Timestamp) -> Result<(), Refusal> {
    if order.reduce_only && order.standing != Standing::ImmediateOrCancel {
        return Err(Refusal::InvalidOrder);
    }
    match order.standing {
        Standing::GoodTillCancelled { expires: Some(expires) } if expires <= now => {
            Err(Refusal::InvalidExpiry)
        }
        Standing::ImmediateOrCancel | Standing::FillOrKill if order.post_only => Err(Refusal::InvalidOrder),
        _ => Ok(()),
    }
}
