//! What is held: one netted position a market, kept from fills alone.
//!
//! Nobody holds YES and NO of one market at once. A bid fill buys YES or sells NO, an ask fill buys NO or sells YES,
//! and a fill that is larger than what it sells turns the position over: it closes one and opens the other.
//!
//! Costs and proceeds are those of the outcome held and leave fees out, which are summed beside them. A position
//! that is sold in part gives off its cost in proportion, rounded down, and the last sale takes what is left: over a
//! round trip the parts add up to the whole to the micro-dollar.

use super::Fill;
use super::reconcile::Adopted;
use crate::market::{MarketId, Outcome, Resolution};
use crate::units::{Money, Price, Quantity, Rounding, Timestamp};
use std::collections::BTreeMap;

/// A position in one market, with its round trip since the market was last flat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Where.
    pub market: MarketId,
    /// What is held.
    pub outcome: Outcome,
    /// Contracts held, above zero.
    pub quantity: Quantity,
    /// What the contracts still held have cost, fees apart.
    pub cost: Money,
    /// Time of the first fill.
    pub opened_at: Timestamp,
    /// Time of the last fill.
    pub updated_at: Timestamp,
    /// Contracts bought since flat.
    pub bought: Quantity,
    /// What they cost.
    pub entry_cost: Money,
    /// Contracts sold since flat.
    pub sold: Quantity,
    /// What they brought.
    pub exit_proceeds: Money,
    /// Fees of all these fills.
    pub fees: Money,
}

/// A round trip that ended flat. All of `quantity` was bought for `entry_cost` and sold, or paid out, for
/// `exit_proceeds`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Where.
    pub market: MarketId,
    /// What was held.
    pub outcome: Outcome,
    /// Contracts that went through it.
    pub quantity: Quantity,
    /// What they cost, fees apart.
    pub entry_cost: Money,
    /// What they brought, fees apart.
    pub exit_proceeds: Money,
    /// Fees of all its fills.
    pub fees: Money,
    /// Time of the first fill.
    pub opened_at: Timestamp,
    /// Time of the last fill or of the settlement.
    pub closed_at: Timestamp,
}

/// What a fill did to cash and position, its fee apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FillEffect {
    /// Proceeds less cost: positive when cash came in.
    pub cash_flow: Money,
    /// Proceeds of what was sold less its cost.
    pub realised: Money,
    /// Whether it opened a position, from flat or by turning one over.
    pub opened: bool,
    /// The round trip it ended, if it did.
    pub closed: Option<Closed>,
}

/// What a market's resolution did to cash and position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Signed contracts held: positive YES, negative NO.
    pub quantity: Quantity,
    /// Dollars paid out.
    pub payout: Money,
    /// Payout less the cost of what was still held.
    pub realised: Money,
    /// The round trip it ended.
    pub closed: Closed,
}

/// All positions held.
#[derive(Debug, Default)]
pub struct Positions {
    held: BTreeMap<MarketId, Position>,
}

impl Position {
    /// Average price of what is still held, of the outcome, fees apart; rounded down to the micro-dollar.
    pub fn average_price(&self) -> Price {
        self.cost.per_contract(self.quantity).unwrap_or_default()
    }

    /// Contracts as the exchange counts them: positive YES, negative NO.
    pub fn signed_quantity(&self) -> Quantity {
        match self.outcome {
            Outcome::Yes => self.quantity,
            Outcome::No => -self.quantity,
        }
    }

    /// What it would bring at `price`, a price of the outcome held; rounded down.
    pub const fn value_at(&self, price: Price) -> Money {
        price.times(self.quantity, Rounding::Floor)
    }

    /// Profit if all of it were sold at `executable`, the bid for the outcome held, fees apart.
    pub fn unrealised(&self, executable: Price) -> Money {
        self.value_at(executable) - self.cost
    }

    /// Profit of what was sold since flat, fees apart.
    pub fn realised(&self) -> Money {
        self.exit_proceeds - (self.entry_cost - self.cost)
    }

    fn open(fill: &Fill) -> Self {
        Self {
            market: fill.market,
            outcome: fill.side.outcome(),
            quantity: Quantity::ZERO,
            cost: Money::ZERO,
            opened_at: fill.time,
            updated_at: fill.time,
            bought: Quantity::ZERO,
            entry_cost: Money::ZERO,
            sold: Quantity::ZERO,
            exit_proceeds: Money::ZERO,
            fees: Money::ZERO,
        }
    }

    fn buy(&mut self, quantity: Quantity, cost: Money) {
        self.quantity += quantity;
        self.cost += cost;
        self.bought += quantity;
        self.entry_cost += cost;
    }

    /// Sells up to all that is held and returns what was realised.
    fn sell(&mut self, quantity: Quantity, proceeds: Money) -> Money {
        let cost = self.cost.share(quantity, self.quantity, Rounding::Floor);
        self.quantity -= quantity;
        self.cost -= cost;
        self.sold += quantity;
        self.exit_proceeds += proceeds;
        proceeds - cost
    }

    fn close(&self, at: Timestamp) -> Closed {
        Closed {
            market: self.market,
            outcome: self.outcome,
            quantity: self.bought,
            entry_cost: self.entry_cost,
            exit_proceeds: self.exit_proceeds,
            fees: self.fees,
            opened_at: self.opened_at,
            closed_at: at,
        }
    }
}

impl Positions {
    /// Books a fill: it adds to a position of the outcome it buys, or sells what is held of the other one and opens
    /// a position with the rest. Its fee goes with the contracts: the part that closes bears its share, rounded
    /// down, and the rest the remainder. A fill that carries no contracts does nothing.
    ///
    /// Off the exchange's grids, where price times quantity may not come out even, a cost is rounded up and proceeds
    /// down.
    pub fn apply_fill(&mut self, fill: &Fill) -> FillEffect {
        let mut effect = FillEffect::default();
        if !fill.quantity.is_positive() {
            return effect;
        }
        let bought = fill.side.outcome();
        let mut opening = fill.quantity;
        let mut fee = fill.fee;
        if let Some(position) = self.held.get_mut(&fill.market).filter(|held| held.outcome != bought) {
            let closing = fill.quantity.min(position.quantity);
            let proceeds = position.outcome.yes_price(fill.price).times(closing, Rounding::Floor);
            let closing_fee = fill.fee.share(closing, fill.quantity, Rounding::Floor);
            effect.realised = position.sell(closing, proceeds);
            effect.cash_flow = proceeds;
            position.fees += closing_fee;
            position.updated_at = fill.time;
            if position.quantity.is_zero() {
                effect.closed = Some(position.close(fill.time));
                self.held.remove(&fill.market);
            }
            opening -= closing;
            fee -= closing_fee;
        }
        if opening.is_positive() {
            effect.opened = !self.held.contains_key(&fill.market);
            let cost = bought.yes_price(fill.price).times(opening, Rounding::Ceil);
            let position = self.held.entry(fill.market).or_insert_with(|| Position::open(fill));
            position.buy(opening, cost);
            position.fees += fee;
            position.updated_at = fill.time;
            effect.cash_flow -= cost;
        }
        effect
    }

    /// Takes over a position that no fill of this run brought. `None` when something is held there already, or there
    /// is nothing to take over.
    pub fn adopt(&mut self, market: MarketId, adopted: &Adopted) -> Option<&Position> {
        if self.held.contains_key(&market) || !adopted.quantity.is_positive() {
            return None;
        }
        let &Adopted { outcome, quantity, cost, fees, opened_at, .. } = adopted;
        Some(self.held.entry(market).or_insert(Position {
            market,
            outcome,
            quantity,
            cost,
            opened_at,
            updated_at: opened_at,
            bought: quantity,
            entry_cost: cost,
            sold: Quantity::ZERO,
            exit_proceeds: Money::ZERO,
            fees,
        }))
    }

    /// Pays out what is held of a market that resolved and forgets the position; `None` when nothing is held. A
    /// payout that doesn't come out even is rounded down.
    pub fn settle(&mut self, market: MarketId, resolution: Resolution, now: Timestamp) -> Option<Settlement> {
        let mut position = self.held.remove(&market)?;
        let quantity = position.signed_quantity();
        let payout = position.value_at(resolution.value(position.outcome));
        let realised = position.sell(position.quantity, payout);
        Some(Settlement { quantity, payout, realised, closed: position.close(now) })
    }

    /// The position in a market.
    pub fn get(&self, market: MarketId) -> Option<&Position> {
        self.held.get(&market)
    }

    /// All positions, by market.
    pub fn iter(&self) -> impl Iterator<Item = &Position> {
        self.held.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// What everything held has cost, fees apart.
    pub fn total_cost(&self) -> Money {
        self.iter().map(|position| position.cost).sum()
    }
}

#[cfg(test)]
mod tests;
