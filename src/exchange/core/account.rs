//! An account: cash by shard, what its resting orders reserve of it, and what it holds.
//!
//! **Reservations.** On each side of a market the account's orders are taken in the order in which they would trade, best
//! price first. They sell what is held first, which needs no cash; what is left over opens contracts and reserves their
//! cost at the limit, a taker's fee on them, and one step of the balance's precision for the rounding of its fills. Both
//! sides are added. An incoming order is reckoned the same way, as if it stood there already.
//!
//! **Positions** are netted: buying one outcome first sells what is held of the other. `cost + fees − realised` is what
//! all trades there took from the cash.

use super::{AccountId, Exchange, FillView, OrderKey, PositionView, Refusal, SettlementView};
use crate::fees::{BalancePrecision, FeeSchedule};
use crate::market::Side;
use crate::units::{Money, Price, Quantity, Rounding};
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashMap};

#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) cash: BTreeMap<u8, Money>,
    pub(super) reserved: BTreeMap<u8, Money>,
    /// By market.
    pub(super) positions: BTreeMap<usize, PositionView>,
    /// Resting orders by market, and what they reserve.
    pub(super) stakes: BTreeMap<usize, Stake>,
    pub(super) orders: Vec<OrderKey>,
    pub(super) client_ids: HashMap<String, OrderKey, RandomState>,
    pub(super) fills: Vec<FillView>,
    pub(super) settlements: Vec<SettlementView>,
}

/// Resting orders of one account in one market.
#[derive(Debug, Default)]
pub(super) struct Stake {
    pub(super) orders: Vec<OrderKey>,
    reserved: Money,
}

/// An order as far as reservations go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub(super) side: Side,
    pub(super) price: Price,
    pub(super) quantity: Quantity,
}

impl Account {
    pub(super) fn new(cash_by_shard: &[(u8, Money)]) -> Self {
        let mut account = Self::default();
        for &(shard, cash) in cash_by_shard {
            *account.cash.entry(shard).or_default() += cash;
        }
        account
    }

    pub(super) fn cash(&self, shard: u8) -> Money {
        self.cash.get(&shard).copied().unwrap_or_default()
    }

    pub(super) fn reserved(&self, shard: u8) -> Money {
        self.reserved.get(&shard).copied().unwrap_or_default()
    }

    pub(super) fn held(&self, market: usize) -> Quantity {
        self.positions.get(&market).map_or(Quantity::ZERO, |position| position.quantity)
    }
}

impl PositionView {
    /// Takes a fill in and gives its signed cash flow before fees.
    pub(super) fn trade(&mut self, side: Side, price: Price, quantity: Quantity) -> Money {
        let held = reducible(self.quantity, side);
        let closing = quantity.min(held);
        let proceeds = own(side.opposite(), price).times(closing, Rounding::Floor);
        let share = self.cost.share(closing, held, Rounding::Floor);
        let paid = own(side, price).times(quantity - closing, Rounding::Ceil);
        self.cost += paid - share;
        self.realised += proceeds - share;
        self.traded += own(side, price).times(quantity, Rounding::Floor);
        self.volume += quantity;
        self.quantity += signed(side, quantity);
        proceeds - paid
    }
}

impl Exchange {
    /// Whether the account can pay for an order in `market` beside all that rests, `without` left out.
    pub(super) fn check_cash(
        &self,
        account: AccountId,
        market: usize,
        without: Option<OrderKey>,
        incoming: Claim,
    ) -> Result<(), Refusal> {
        let owner = self.account(account);
        let shard = self.markets[market].spec.shard;
        let before = owner.stakes.get(&market).map_or(Money::ZERO, |stake| stake.reserved);
        let more = self.requirement(account, market, without, Some(incoming)) - before;
        if more > Money::ZERO && more > owner.cash(shard) - owner.reserved(shard) {
            return Err(Refusal::InsufficientBalance);
        }
        Ok(())
    }

    /// Reckons anew what the account's orders in a market reserve.
    pub(super) fn reserve(&mut self, account: AccountId, market: usize) {
        if !self.account(account).stakes.contains_key(&market) {
            return;
        }
        let needed = self.requirement(account, market, None, None);
        let shard = self.markets[market].spec.shard;
        let owner = self.account_mut(account);
        let Some(stake) = owner.stakes.get_mut(&market) else { return };
        let change = needed - stake.reserved;
        stake.reserved = needed;
        if stake.orders.is_empty() {
            owner.stakes.remove(&market);
        }
        if !change.is_zero() {
            *owner.reserved.entry(shard).or_default() += change;
        }
    }

    /// The cash that an account's orders in a market may need.
    fn requirement(
        &self,
        account: AccountId,
        market: usize,
        without: Option<OrderKey>,
        incoming: Option<Claim>,
    ) -> Money {
        let owner = self.account(account);
        let resting = owner.stakes.get(&market).map_or(&[][..], |stake| &stake.orders);
        let mut claims: Vec<Claim> = resting
            .iter()
            .filter(|key| Some(**key) != without)
            .map(|key| &self.ticket(*key).view)
            .map(|view| Claim {
                side: view.request.side,
                price: view.request.price,
                quantity: view.remaining,
            })
            .chain(incoming)
            .collect();
        claims.sort_by_key(|claim| std::cmp::Reverse(own(claim.side, claim.price)));
        let (held, fees) = (owner.held(market), self.markets[market].spec.fees);
        [Side::Bid, Side::Ask]
            .into_iter()
            .map(|side| {
                let on_side = claims.iter().filter(|claim| claim.side == side);
                cash_needed(reducible(held, side), on_side, fees, self.settings.precision)
            })
            .sum()
    }
}

/// What opening costs at the most, once `held` has been sold.
fn cash_needed<'a>(
    held: Quantity,
    claims: impl Iterator<Item = &'a Claim>,
    fees: FeeSchedule,
    precision: BalancePrecision,
) -> Money {
    let mut held = held;
    let mut total = Money::ZERO;
    for claim in claims {
        let closing = claim.quantity.min(held);
        held -= closing;
        let opening = claim.quantity - closing;
        if opening.is_positive() {
            total += own(claim.side, claim.price).times(opening, Rounding::Ceil)
                + fees.estimate_at(precision, claim.price, opening, true)
                + precision.unit();
        }
    }
    total
}

/// How many of the contracts held an order on `side` would sell.
pub(super) fn reducible(held: Quantity, side: Side) -> Quantity {
    match side {
        Side::Bid => (-held).max(Quantity::ZERO),
        Side::Ask => held.max(Quantity::ZERO),
    }
}

/// The change of a position by a fill.
pub(super) fn signed(side: Side, quantity: Quantity) -> Quantity {
    match side {
        Side::Bid => quantity,
        Side::Ask => -quantity,
    }
}

/// What an order on `side` at this YES price pays for its own outcome.
pub(super) fn own(side: Side, price: Price) -> Price {
    side.outcome().yes_price(price)
}
