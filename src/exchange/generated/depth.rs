//! A simulated market's book, with a place for every price of the grid.

use crate::market::{PriceGrid, Side};
use crate::units::{Price, Quantity};
use std::sync::Arc;

/// A YES book whose levels are addressed by tick: the place of their price in the grid.
#[derive(Debug, Clone)]
pub(super) struct Depth {
    prices: Arc<[Price]>,
    bids: Rungs,
    asks: Rungs,
}

#[derive(Debug, Clone)]
struct Rungs {
    sizes: Vec<Quantity>,
    best: Option<usize>,
}

/// Every price that the grid allows, ascending.
pub(super) fn prices(grid: &PriceGrid) -> Arc<[Price]> {
    let mut prices = Vec::new();
    let mut price = grid.step_above(Price::ZERO);
    while price < Price::ONE {
        prices.push(price);
        price = price + grid.step_above(price);
    }
    prices.into()
}

impl Depth {
    /// An empty book on these prices.
    pub(super) fn new(prices: Arc<[Price]>) -> Self {
        let empty = Rungs { sizes: vec![Quantity::ZERO; prices.len()], best: None };
        Self { prices, bids: empty.clone(), asks: empty }
    }

    pub(super) fn price(&self, tick: usize) -> Price {
        self.prices[tick]
    }

    /// The highest tick at or below `price`.
    pub(super) fn tick_below(&self, price: Price) -> Option<usize> {
        self.prices.partition_point(|each| *each <= price).checked_sub(1)
    }

    /// The lowest tick at or above `price`.
    pub(super) fn tick_above(&self, price: Price) -> Option<usize> {
        Some(self.prices.partition_point(|each| *each < price)).filter(|tick| *tick < self.prices.len())
    }

    /// Distance between the ticks around `price`.
    pub(super) fn step(&self, price: Price) -> Price {
        let above = self.prices.partition_point(|each| *each <= price);
        let high = self.prices.get(above).copied().unwrap_or(Price::ONE);
        high - above.checked_sub(1).map_or(Price::ZERO, |below| self.prices[below])
    }

    /// The tick `steps` further from the touch than `tick`, where the grid has one.
    pub(super) fn behind(&self, side: Side, tick: usize, steps: usize) -> Option<usize> {
        match side {
            Side::Bid => tick.checked_sub(steps),
            Side::Ask => tick.checked_add(steps).filter(|tick| *tick < self.prices.len()),
        }
    }

    pub(super) fn best(&self, side: Side) -> Option<usize> {
        self.rungs(side).best
    }

    pub(super) fn size(&self, side: Side, tick: usize) -> Quantity {
        self.rungs(side).sizes[tick]
    }

    /// Sets the size at a tick.
    pub(super) fn set(&mut self, side: Side, tick: usize, size: Quantity) {
        let rungs = match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        };
        rungs.sizes[tick] = size;
        if size.is_positive() {
            rungs.best = Some(rungs.best.map_or(tick, |best| match side {
                Side::Bid => best.max(tick),
                Side::Ask => best.min(tick),
            }));
        } else if rungs.best == Some(tick) {
            let standing = |at: &usize| rungs.sizes[*at].is_positive();
            rungs.best = match side {
                Side::Bid => (0..tick).rev().find(standing),
                Side::Ask => (tick + 1..rungs.sizes.len()).find(standing),
            };
        }
    }

    /// Every level of a side in the order of the wire: bids and asks by ascending price.
    pub(super) fn levels(&self, side: Side) -> impl Iterator<Item = (Price, Quantity)> + '_ {
        let sizes = &self.rungs(side).sizes;
        self.prices.iter().copied().zip(sizes.iter().copied()).filter(|level| level.1.is_positive())
    }

    const fn rungs(&self, side: Side) -> &Rungs {
        match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        }
    }
}
