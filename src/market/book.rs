//! One market's order book: a YES book with bids and asks, on any price grid.
//!
//! Each side is a vector of levels sorted so that the best is last. Nearly every change happens near the touch, so
//! finding and moving a level is short, the touch is one read away, and nothing depends on the grid, which may
//! change while the market lives. A vector keeps its memory, so a warmed book allocates nothing.

use super::{Level, Outcome, Side};
use crate::units::{Money, Price, Quantity, Rounding};

/// Whether a book can be traded on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BookState {
    /// No snapshot has come yet.
    #[default]
    Awaiting,
    /// As the exchange has it.
    Synced,
    /// A frame was lost or made no sense; only a snapshot mends it.
    Suspect,
}

/// How a change contradicted the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BookFault {
    /// A delta came before any snapshot, or while the book waits for one.
    #[error("a delta came before its snapshot")]
    BeforeSnapshot,
    /// A level would have fallen below zero.
    #[error("the level at {price} would fall below zero")]
    Negative {
        /// YES price of the level.
        price: Price,
    },
    /// A level lies outside 0 to 1 or carries no size.
    #[error("the level at {price} can't exist")]
    Level {
        /// YES price of the level.
        price: Price,
    },
    /// The best bid reached the best ask.
    #[error("the bid {bid} is at or above the ask {ask}")]
    Crossed {
        /// Best bid.
        bid: Price,
        /// Best ask.
        ask: Price,
    },
}

/// A YES book.
#[derive(Debug, Clone, Default)]
pub struct Book {
    bids: Ladder,
    asks: Ladder,
    state: BookState,
}

impl Book {
    /// Whether it can be traded on.
    pub const fn state(&self) -> BookState {
        self.state
    }

    /// Distrusts it until the next snapshot. A book that never had one stays as it is.
    pub fn suspect(&mut self) {
        if self.state == BookState::Synced {
            self.state = BookState::Suspect;
        }
    }

    /// Replaces everything.
    ///
    /// # Errors
    /// [`BookFault`] when a level can't exist or the sides cross; the book is then suspect.
    pub fn replace(&mut self, bids: &[Level], asks: &[Level]) -> Result<(), BookFault> {
        self.state = BookState::Suspect;
        self.bids.fill(Side::Bid, bids)?;
        self.asks.fill(Side::Ask, asks)?;
        self.check_crossed()?;
        self.state = BookState::Synced;
        Ok(())
    }

    /// Adds `change` to the level at the YES `price`.
    ///
    /// # Errors
    /// [`BookFault`] when the book waits for a snapshot, the level would fall below zero or can't exist. A crossed
    /// book is reported by [`Book::check_crossed`], since one trade's deltas may cross it for a moment.
    #[inline]
    pub fn apply(&mut self, side: Side, price: Price, change: Quantity) -> Result<(), BookFault> {
        if self.state != BookState::Synced {
            return Err(BookFault::BeforeSnapshot);
        }
        if price <= Price::ZERO || price >= Price::ONE {
            self.state = BookState::Suspect;
            return Err(BookFault::Level { price });
        }
        let applied = match side {
            Side::Bid => self.bids.change(price, change),
            Side::Ask => self.asks.change(price.complement(), change),
        };
        if !applied {
            self.state = BookState::Suspect;
            return Err(BookFault::Negative { price });
        }
        Ok(())
    }

    /// Whether the best bid lies below the best ask.
    ///
    /// # Errors
    /// [`BookFault::Crossed`] when it does not.
    pub fn check_crossed(&self) -> Result<(), BookFault> {
        match (self.best(Side::Bid), self.best(Side::Ask)) {
            (Some(bid), Some(ask)) if bid.price >= ask.price => {
                Err(BookFault::Crossed { bid: bid.price, ask: ask.price })
            }
            _ => Ok(()),
        }
    }

    /// The best level of a side, in YES prices.
    #[inline]
    pub fn best(&self, side: Side) -> Option<Level> {
        let (own, size) = *self.ladder(side).levels.last()?;
        Some(Level { price: side.outcome().yes_price(own), size })
    }

    /// The best price at which `outcome` can be sold and what stands there, in the outcome's own price.
    #[inline]
    pub fn own_bid(&self, outcome: Outcome) -> Option<Level> {
        let (price, size) = *self.ladder(outcome.buying_side()).levels.last()?;
        Some(Level { price, size })
    }

    /// The best price at which `outcome` can be bought and what stands there, in the outcome's own price.
    #[inline]
    pub fn own_ask(&self, outcome: Outcome) -> Option<Level> {
        let (other, size) = *self.ladder(outcome.other().buying_side()).levels.last()?;
        Some(Level { price: other.complement(), size })
    }

    /// Distance between best ask and best bid; `None` when a side is empty.
    #[inline]
    pub fn spread(&self) -> Option<Price> {
        Some(self.best(Side::Ask)?.price - self.best(Side::Bid)?.price)
    }

    /// What stands at a YES price.
    pub fn size_at(&self, side: Side, price: Price) -> Quantity {
        self.ladder(side).size_at(side.outcome().yes_price(price))
    }

    /// The levels of a side, best first, in YES prices.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> + '_ {
        let outcome = side.outcome();
        self.ladder(side)
            .levels
            .iter()
            .rev()
            .map(move |&(own, size)| Level { price: outcome.yes_price(own), size })
    }

    /// All contracts resting on a side.
    pub fn total_size(&self, side: Side) -> Quantity {
        self.ladder(side).total
    }

    /// How many levels a side has.
    pub fn depth(&self, side: Side) -> usize {
        self.ladder(side).levels.len()
    }

    /// Dollars resting within `reach` of the touch, both sides together: what the bids would pay for YES and what
    /// the asks would pay for NO, rounded down.
    pub fn resting_within(&self, reach: Price) -> Money {
        self.bids.resting_within(reach) + self.asks.resting_within(reach)
    }

    const fn ladder(&self, side: Side) -> &Ladder {
        match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        }
    }
}

/// One side, keyed by the price its owners pay for their own outcome, ascending: the best is last on both sides.
#[derive(Debug, Clone, Default)]
struct Ladder {
    levels: Vec<(Price, Quantity)>,
    total: Quantity,
}

impl Ladder {
    fn fill(&mut self, side: Side, levels: &[Level]) -> Result<(), BookFault> {
        self.levels.clear();
        self.total = Quantity::ZERO;
        for &Level { price, size } in levels {
            if price <= Price::ZERO || price >= Price::ONE || size.is_negative() {
                return Err(BookFault::Level { price });
            }
            if size.is_positive() {
                self.levels.push((side.outcome().yes_price(price), size));
                self.total += size;
            }
        }
        if !self.levels.is_sorted_by(|a, b| a.0 < b.0) {
            self.levels.sort_unstable_by_key(|level| level.0);
            if let Some(pair) = self.levels.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                return Err(BookFault::Level { price: side.outcome().yes_price(pair[0].0) });
            }
        }
        Ok(())
    }

    /// Adds to a level; false when it would fall below zero, with nothing changed.
    #[inline]
    fn change(&mut self, own: Price, change: Quantity) -> bool {
        let at = self.position(own);
        match self.levels.get_mut(at) {
            Some(level) if level.0 == own => {
                let size = level.1 + change;
                if size.is_negative() {
                    return false;
                }
                if size.is_zero() {
                    self.levels.remove(at);
                } else {
                    level.1 = size;
                }
            }
            _ if change.is_negative() => return false,
            _ if change.is_zero() => {}
            _ => self.levels.insert(at, (own, change)),
        }
        self.total += change;
        true
    }

    /// Where a price stands or would stand, sought from the best level: that is where books change.
    #[inline]
    fn position(&self, own: Price) -> usize {
        const NEAR: usize = 8;
        let mut at = self.levels.len();
        let floor = at.saturating_sub(NEAR);
        while at > floor {
            if self.levels[at - 1].0 < own {
                return at;
            }
            at -= 1;
        }
        self.levels[..at].partition_point(|level| level.0 < own)
    }

    fn size_at(&self, own: Price) -> Quantity {
        self.levels
            .get(self.position(own))
            .filter(|level| level.0 == own)
            .map_or(Quantity::ZERO, |level| level.1)
    }

    fn resting_within(&self, reach: Price) -> Money {
        let Some(&(best, _)) = self.levels.last() else { return Money::ZERO };
        self.levels
            .iter()
            .rev()
            .take_while(|level| best - level.0 <= reach)
            .map(|level| level.0.times(level.1, Rounding::Floor))
            .sum()
    }
}

#[cfg(test)]
mod tests;
