//! What prices did between decision and fill: what entries cost beyond the signal's price, and what stops brought below
//! the planned one. Above zero is money lost by it.

use super::links::Links;
use crate::store::StoredTrade;
use crate::store::history::StoredFill;
use crate::units::{Money, Price, Quantity, Rounding};
use serde::Serialize;

/// Slippage of entries and of stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Slippage {
    /// Entry fills against the price of the signal.
    pub entries: Slipped,
    /// Stop fills against the planned stop.
    pub stops: Slipped,
}

/// How far fills were from their plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Slipped {
    /// Trades with such fills whose plan is known.
    pub trades: u64,
    /// Those that slipped against us.
    pub worse: u64,
    /// Contracts of these fills.
    pub contracts: Quantity,
    /// Dollars lost by it; negative when it gained.
    pub dollars: Money,
    /// The same a contract, rounded down.
    pub per_contract: Option<Price>,
    /// The most that one trade lost by it.
    pub worst: Option<Money>,
}

/// The slippage of one trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slip {
    contracts: Quantity,
    pub(super) dollars: Money,
}

impl Slippage {
    pub(super) fn of(trades: &[StoredTrade], links: &Links<'_>) -> Self {
        Self {
            entries: Slipped::of(trades.iter().filter_map(|trade| of_entry(trade, links))),
            stops: Slipped::of(trades.iter().filter_map(|trade| of_stop(trade, links))),
        }
    }
}

impl Slipped {
    fn of(slips: impl Iterator<Item = Slip>) -> Self {
        let mut slipped = Self::default();
        for slip in slips {
            slipped.trades += 1;
            slipped.worse += u64::from(slip.dollars.is_positive());
            slipped.contracts += slip.contracts;
            slipped.dollars += slip.dollars;
            slipped.worst = slipped.worst.max(Some(slip.dollars));
        }
        slipped.per_contract = slipped.dollars.per_contract(slipped.contracts);
        slipped
    }
}

/// What the entry cost beyond the signal's price.
pub(super) fn of_entry(trade: &StoredTrade, links: &Links<'_>) -> Option<Slip> {
    let decision = links.decision(trade)?;
    let own = |fill: &StoredFill| trade.trade.outcome.yes_price(fill.price);
    sum(links.entry_fills(trade).map(|fill| (fill.quantity, own(fill) - decision.price)))
}

/// What the stop brought below the planned price; none where no stop was filled.
pub(super) fn of_stop(trade: &StoredTrade, links: &Links<'_>) -> Option<Slip> {
    let decision = links.decision(trade)?;
    let own = |fill: &StoredFill| trade.trade.outcome.yes_price(fill.price);
    sum(links.stop_fills(trade).map(|fill| (fill.quantity, decision.stop - own(fill))))
}

/// On the exchange's grids each product comes out even.
fn sum(fills: impl Iterator<Item = (Quantity, Price)>) -> Option<Slip> {
    let mut sum = Slip { contracts: Quantity::ZERO, dollars: Money::ZERO };
    for (quantity, each) in fills {
        sum.contracts += quantity;
        sum.dollars += each.times(quantity, Rounding::Ceil);
    }
    Some(sum).filter(|sum| sum.contracts.is_positive())
}
