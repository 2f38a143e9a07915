//! Whether what is kept here and what the exchange says are the same account, to the micro-dollar and the hundredth of
//! a contract.
//!
//! Three layers, all pure. [`Books`] are what the store keeps: baselines, fills and payouts. [`Books::reckon`] makes
//! the [`LocalAccount`] of them: the cash that must be there and who holds what. [`compare`] lays that beside the
//! [`ExchangeAccount`] and names every [`Difference`] with both figures and what mends it.
//!
//! An account need not be the bot's alone. What was there before its first start is its **baseline**: positions and
//! orders of somebody else, which are never touched and are no difference. The exchange nets all positions of a market,
//! so what it should show is always baseline plus ours.
//!
//! While a run trades, [`running`] compares what it knows with what the exchange shows, and [`Suspicions`] say which
//! differences last.

mod books;
mod difference;
pub mod running;
mod suspicion;

pub use books::{Baseline, BookedFill, Books, Payout};
pub use difference::Difference;
pub use suspicion::{Call, Suspicions};

use super::client_id::ClientOrderId;
use crate::market::{Outcome, Side};
use crate::units::{Money, Price, Quantity, Rounding, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// A position of ours that a new run takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// The market.
    pub ticker: String,
    /// What is held.
    pub outcome: Outcome,
    /// Contracts, above zero.
    pub quantity: Quantity,
    /// What they have cost, fees apart.
    pub cost: Money,
    /// Fees of the round trip so far.
    pub fees: Money,
    /// First fill since the market was last flat.
    pub opened_at: Timestamp,
}

/// A position of ours, by the fills that are kept here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPosition {
    /// What is held.
    pub outcome: Outcome,
    /// Contracts, above zero.
    pub quantity: Quantity,
    /// What they have cost, fees apart.
    pub cost: Money,
    /// Fees of the round trip so far.
    pub fees: Money,
    /// First fill since the market was last flat.
    pub opened_at: Timestamp,
}

impl LocalPosition {
    /// As the exchange counts it: above zero YES, below zero NO.
    pub fn signed(&self) -> Quantity {
        match self.outcome {
            Outcome::Yes => self.quantity,
            Outcome::No => -self.quantity,
        }
    }
}

/// An order of ours that has not ended as far as is known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingOrder {
    /// The run that sent it, by its id in the store.
    pub run: String,
    /// Our name for it.
    pub client_id: ClientOrderId,
    /// The exchange's, once it is known.
    pub exchange_id: Option<String>,
    /// Where.
    pub ticker: String,
    /// Bid or ask of the YES book.
    pub side: Side,
    /// YES limit.
    pub price: Price,
    /// Contracts not filled yet.
    pub remaining: Quantity,
    /// When it was sent.
    pub submitted: Timestamp,
}

/// The account by what is kept here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LocalAccount {
    /// Cash that must be there; unknown without a baseline.
    pub cash: Option<Money>,
    /// What is ours, by ticker.
    pub positions: BTreeMap<String, LocalPosition>,
    /// What is somebody else's, by ticker: above zero YES, below zero NO.
    pub foreign: BTreeMap<String, Quantity>,
    /// Trade ids of every fill that is accounted for.
    pub fills: BTreeSet<String>,
    /// Tickers of every payout that is accounted for.
    pub payouts: BTreeSet<String>,
    /// Exchange's ids of orders that were there before the bot.
    pub foreign_orders: BTreeSet<String>,
    /// Our orders that have not ended, by our name for them.
    pub orders: BTreeMap<ClientOrderId, WorkingOrder>,
}

/// An order that rests on the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestingOrder {
    /// The exchange's name for it.
    pub exchange_id: String,
    /// Ours, where it is one of ours.
    pub client_id: Option<ClientOrderId>,
    /// Where.
    pub ticker: String,
    /// The market's shard.
    pub shard: Option<u8>,
    /// Bid or ask of the YES book.
    pub side: Side,
    /// YES limit.
    pub price: Price,
    /// Contracts that rest.
    pub remaining: Quantity,
}

/// The account by what the exchange says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExchangeAccount {
    /// Cash of all shards.
    pub cash: Money,
    /// What is held, by ticker: above zero YES, below zero NO.
    pub positions: BTreeMap<String, Quantity>,
    /// What rests.
    pub orders: Vec<RestingOrder>,
    /// Fills of late.
    pub fills: Vec<BookedFill>,
}

impl LocalAccount {
    /// What the exchange should show in a market.
    pub fn expected(&self, ticker: &str) -> Quantity {
        let ours = self.positions.get(ticker).map_or(Quantity::ZERO, LocalPosition::signed);
        ours + self.foreign.get(ticker).copied().unwrap_or_default()
    }

    /// What a new run takes over: our positions, but in no market more than the exchange shows. Contracts that are
    /// gone there can't be sold, and an order that tries opens the other outcome.
    pub fn adopt(&self, there: &ExchangeAccount) -> Vec<Adopted> {
        let adopted = self.positions.iter().filter_map(|(ticker, position)| {
            let shown = there.positions.get(ticker).copied().unwrap_or_default();
            let held = match position.outcome {
                Outcome::Yes => shown,
                Outcome::No => -shown,
            };
            let quantity = position.quantity.min(held);
            quantity.is_positive().then(|| Adopted {
                ticker: ticker.clone(),
                outcome: position.outcome,
                quantity,
                cost: position.cost.share(quantity, position.quantity, Rounding::Ceil),
                fees: position.fees,
                opened_at: position.opened_at,
            })
        });
        adopted.collect()
    }
}

/// Every difference between the two: cash first, then positions by ticker, fills by time, orders.
///
/// While orders rest, the exchange may show less cash by what they reserve, and doesn't say how much that is. No
/// contract reserves more than the dollar it can pay, so as much less is no difference.
pub fn compare(here: &LocalAccount, there: &ExchangeAccount) -> Vec<Difference> {
    let mut differences = Vec::new();
    let resting: Quantity = there.orders.iter().map(|order| order.remaining).sum();
    let reserved = Price::ONE.times(resting, Rounding::Ceil);
    let is_cash = |cash: Money| (Money::ZERO..=reserved).contains(&(cash - there.cash));
    if let Some(cash) = here.cash.filter(|cash| !is_cash(*cash)) {
        differences.push(Difference::Cash { here: cash, there: there.cash });
    }
    compare_positions(here, there, &mut differences);
    let mut fills: Vec<_> = there.fills.iter().filter(|fill| !here.fills.contains(&fill.trade_id)).collect();
    fills.sort_by(|one, other| (one.time, &one.trade_id).cmp(&(other.time, &other.trade_id)));
    differences.extend(fills.into_iter().cloned().map(Difference::FillUnknownHere));
    compare_orders(here, there, &mut differences);
    differences
}

fn compare_positions(here: &LocalAccount, there: &ExchangeAccount, differences: &mut Vec<Difference>) {
    let tickers: BTreeSet<&String> =
        here.positions.keys().chain(here.foreign.keys()).chain(there.positions.keys()).collect();
    for ticker in tickers {
        let expected = here.expected(ticker);
        let shown = there.positions.get(ticker).copied().unwrap_or_default();
        let ticker = ticker.clone();
        if expected == shown {
            continue;
        }
        differences.push(if expected.is_zero() {
            Difference::PositionUnknownHere { ticker, there: shown }
        } else if shown.is_zero() {
            Difference::PositionMissingThere { ticker, here: expected }
        } else {
            Difference::PositionQuantity { ticker, here: expected, there: shown }
        });
    }
}

fn compare_orders(here: &LocalAccount, there: &ExchangeAccount, differences: &mut Vec<Difference>) {
    for order in &there.orders {
        let is_known = match &order.client_id {
            Some(id) => here.orders.contains_key(id),
            None => here.foreign_orders.contains(&order.exchange_id),
        };
        if !is_known {
            differences.push(Difference::OrderUnknownHere(order.clone()));
        }
    }
    let resting: BTreeSet<_> = there.orders.iter().filter_map(|order| order.client_id.as_ref()).collect();
    // An order that the exchange never gave a name, doesn't show and has no fill of never arrived: the account is the
    // same with it and without it.
    for (id, order) in here.orders.iter().filter(|(_, order)| order.exchange_id.is_some()) {
        if !resting.contains(id) {
            differences.push(Difference::OrderMissingThere(order.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
