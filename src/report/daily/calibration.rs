//! Whether prices told the truth: trades by the price paid, how many won, how many had to, and how often the outcome
//! bought came true.

use super::ReportedTrade;
use crate::report::statistics::mean_ratio;
use crate::units::{Money, Price, Quantity, Ratio};
use serde::Serialize;

/// Where one bucket ends and the next begins.
const BOUNDS: [Price; 4] =
    [Price::from_raw(850_000), Price::from_raw(900_000), Price::from_raw(950_000), Price::from_raw(980_000)];

/// Trades entered at similar prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// The lowest entry price.
    pub from: Price,
    /// The first price above them; the last bucket takes one dollar as well.
    pub to: Price,
    /// How many.
    pub trades: u64,
    /// Those with a net result above zero.
    pub wins: u64,
    /// Wins of all.
    pub win_rate: Option<Ratio>,
    /// The win rate at which nothing would be lost, averaged over the entry decisions that are known.
    pub break_even_win_rate: Option<Ratio>,
    /// Average price paid for a contract, rounded down: what the market held the outcome's chance to be, and a little.
    pub mean_entry_price: Option<Price>,
    /// Trades of which it is known whether the outcome bought came true.
    pub known: u64,
    /// Those where it did.
    pub came_true: u64,
    /// These of those.
    pub came_true_rate: Option<Ratio>,
    /// Net result.
    pub net_pnl: Money,
}

/// Every bucket, those without trades included.
pub(super) fn of(trades: &[ReportedTrade]) -> Vec<Bucket> {
    let starts = std::iter::once(Price::ZERO).chain(BOUNDS);
    let ends = BOUNDS.into_iter().chain([Price::ONE]);
    starts
        .zip(ends)
        .map(|(from, to)| {
            let is_last = to == Price::ONE;
            let is_in = |price: Price| from <= price && (price < to || is_last);
            let inside: Vec<&ReportedTrade> =
                trades.iter().filter(|trade| is_in(trade.trade().entry_price)).collect();
            Bucket::of(from, to, &inside)
        })
        .collect()
}

impl Bucket {
    fn of(from: Price, to: Price, trades: &[&ReportedTrade]) -> Self {
        let count = trades.len() as u64;
        let counted =
            |is: &dyn Fn(&ReportedTrade) -> bool| trades.iter().filter(|trade| is(trade)).count() as u64;
        let wins = counted(&|trade| trade.trade().net_pnl.is_positive());
        let known = counted(&|trade| trade.came_true.is_some());
        let came_true = counted(&|trade| trade.came_true == Some(true));
        let break_evens: Vec<Ratio> = trades.iter().filter_map(|trade| trade.break_even).collect();
        let cost: Money = trades.iter().map(|trade| trade.trade().entry_cost).sum();
        let contracts: Quantity = trades.iter().map(|trade| trade.trade().quantity).sum();
        Self {
            from,
            to,
            trades: count,
            wins,
            win_rate: Ratio::of_counts(wins, count),
            break_even_win_rate: mean_ratio(&break_evens),
            mean_entry_price: cost.per_contract(contracts),
            known,
            came_true,
            came_true_rate: Ratio::of_counts(came_true, known),
            net_pnl: trades.iter().map(|trade| trade.trade().net_pnl).sum(),
        }
    }

    /// The prices in words.
    pub fn in_words(&self) -> String {
        match (self.from, self.to) {
            (Price::ZERO, to) => format!("below {to:.2}"),
            (from, Price::ONE) => format!("{from:.2} and above"),
            (from, to) => format!("{from:.2} to {to:.2}"),
        }
    }
}
