//! The prices an order may name. A market's `price_ranges` are the truth (api section 3); the label beside them is
//! not, since new labels appear without notice and the grid can change while the market lives.

use super::Outcome;
use crate::units::Price;
use serde::{Deserialize, Serialize};

/// One stretch of the grid: prices from `start` to `end` in steps of `step`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TickRange {
    /// First price of the stretch.
    pub start: Price,
    /// Last price of the stretch, which the next stretch may begin with.
    pub end: Price,
    /// Distance between prices.
    pub step: Price,
}

/// Why a list of ranges is no grid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GridError {
    /// No ranges at all.
    #[error("the price grid has no ranges")]
    Empty,
    /// A range that ends before it starts, leaves 0..1, has no positive step or isn't a whole number of steps long.
    #[error(
        "the price range {start} to {end} by {step} makes no grid: it must lie in 0 to 1 and hold whole steps"
    )]
    Range {
        /// As given.
        start: Price,
        /// As given.
        end: Price,
        /// As given.
        step: Price,
    },
    /// Two ranges that leave a gap or overlap.
    #[error("the price ranges don't join: one ends at {end}, the next starts at {start}")]
    Disjoint {
        /// End of the earlier range.
        end: Price,
        /// Start of the later one.
        start: Price,
    },
}

/// A market's price grid: contiguous ranges, ascending, each a whole number of steps long. 0 and 1 bound every grid
/// but can't be traded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct PriceGrid {
    ranges: Vec<TickRange>,
}

/// A grid as it is read back, before its ranges are checked.
#[derive(Deserialize)]
struct Unchecked {
    ranges: Vec<TickRange>,
}

impl TryFrom<Unchecked> for PriceGrid {
    type Error = GridError;

    fn try_from(unchecked: Unchecked) -> Result<Self, GridError> {
        Self::new(unchecked.ranges)
    }
}

impl PriceGrid {
    /// Checks and keeps the ranges.
    ///
    /// # Errors
    /// [`GridError`] when they are empty, degenerate or don't join.
    pub fn new(ranges: Vec<TickRange>) -> Result<Self, GridError> {
        let mut previous: Option<TickRange> = None;
        for range in &ranges {
            let TickRange { start, end, step } = *range;
            let lies_in_bounds = start < end && !start.is_negative() && end <= Price::ONE;
            if !lies_in_bounds || !step.is_positive() || (end - start).raw() % step.raw() != 0 {
                return Err(GridError::Range { start, end, step });
            }
            if let Some(before) = previous.filter(|before| before.end != start) {
                return Err(GridError::Disjoint { end: before.end, start });
            }
            previous = Some(*range);
        }
        if ranges.is_empty() { Err(GridError::Empty) } else { Ok(Self { ranges }) }
    }

    /// One step over the whole of 0 to 1.
    ///
    /// # Panics
    /// When a dollar isn't a whole number of positive steps.
    pub fn uniform(step: Price) -> Self {
        assert!(
            step.is_positive() && Price::ONE.raw() % step.raw() == 0,
            "a grid needs whole steps in a dollar"
        );
        Self { ranges: vec![TickRange { start: Price::ZERO, end: Price::ONE, step }] }
    }

    /// Whole cents, the commonest grid.
    pub fn cents() -> Self {
        Self::uniform(Price::from_raw(10_000))
    }

    /// The ranges, ascending.
    pub fn ranges(&self) -> &[TickRange] {
        &self.ranges
    }

    /// Whether an order may name this price.
    pub fn contains(&self, price: Price) -> bool {
        price > Price::ZERO && price < Price::ONE && self.floor(price) == price
    }

    /// The highest price of the grid at or below `price`, 0 at the least.
    pub fn floor(&self, price: Price) -> Price {
        if price >= Price::ONE {
            return Price::ONE;
        }
        let Some(range) = self.ranges.iter().rev().find(|range| range.start <= price) else {
            return Price::ZERO;
        };
        let offset = (price.min(range.end) - range.start).raw();
        range.start + Price::from_raw(offset - offset % range.step.raw())
    }

    /// The lowest price of the grid at or above `price`, 1 at the most.
    pub fn ceil(&self, price: Price) -> Price {
        if price <= Price::ZERO {
            return Price::ZERO;
        }
        let Some(range) = self.ranges.iter().find(|range| price <= range.end) else { return Price::ONE };
        let short = (range.end - price.max(range.start)).raw();
        range.end - Price::from_raw(short - short % range.step.raw())
    }

    /// The tick just above `price`, a price of the grid: how far the next higher one is.
    pub fn step_above(&self, price: Price) -> Price {
        self.ranges.iter().find(|range| price < range.end).unwrap_or(self.last()).step
    }

    /// The tick just below `price`, a price of the grid: how far the next lower one is.
    pub fn step_below(&self, price: Price) -> Price {
        self.ranges.iter().find(|range| price <= range.end).unwrap_or(self.last()).step
    }

    /// [`PriceGrid::floor`] for a price of `outcome`'s own: the highest it may cost that is no more than `own`.
    pub fn own_floor(&self, outcome: Outcome, own: Price) -> Price {
        match outcome {
            Outcome::Yes => self.floor(own),
            Outcome::No => self.ceil(own.complement()).complement(),
        }
    }

    /// [`PriceGrid::ceil`] for a price of `outcome`'s own: the lowest it may cost that is no less than `own`.
    pub fn own_ceil(&self, outcome: Outcome, own: Price) -> Price {
        match outcome {
            Outcome::Yes => self.ceil(own),
            Outcome::No => self.floor(own.complement()).complement(),
        }
    }

    fn last(&self) -> &TickRange {
        &self.ranges[self.ranges.len() - 1]
    }
}

#[cfg(test)]
mod tests;
