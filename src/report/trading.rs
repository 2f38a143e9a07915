//! What a number of trades came to, in figures: what was made or lost, how often, and whether that can be told from
//! chance.

use super::statistics::{Interval, interval_95, mean, mean_ratio};
use crate::engine::record::Trade;
use crate::units::{Money, Price, Quantity, Ratio};

/// The figures of some trades. Those that need trades are absent (`null`) without any.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct TradeFigures {
    /// Sum of the trades' net results.
    pub net_pnl: Money,
    /// Sum of the trades' results before fees.
    pub gross_pnl: Money,
    /// Sum of the trades' fees.
    pub fees: Money,
    /// Closed trades.
    pub trades: u64,
    /// Trades with a net result above zero.
    pub wins: u64,
    /// Trades with a net result below zero.
    pub losses: u64,
    /// Wins of all trades.
    pub win_rate: Option<Ratio>,
    /// The win rate at which nothing would be lost, averaged over the trades' entry decisions.
    pub break_even_win_rate: Option<Ratio>,
    /// Mean net result of the wins, rounded down.
    pub average_win: Option<Money>,
    /// Mean net result of the losses, rounded down; negative.
    pub average_loss: Option<Money>,
    /// Net result of all trades over the contracts that went through them, rounded down.
    pub net_pnl_per_contract: Option<Price>,
    /// Mean net result of a trade, rounded down.
    pub mean_net_pnl: Option<Money>,
    /// Lower end of the 95 % interval of the mean net result; needs two trades.
    pub interval_low: Option<Money>,
    /// Its upper end.
    pub interval_high: Option<Money>,
    /// Whether the interval contains zero: then the trades don't tell a gain from a loss.
    pub interval_contains_zero: Option<bool>,
    /// Largest net result above zero.
    pub largest_win: Option<Money>,
    /// Lowest net result below zero.
    pub largest_loss: Option<Money>,
}

impl TradeFigures {
    /// The figures of these trades. `break_evens` are the win rates at which nothing is lost of those whose entry
    /// decisions are known.
    pub fn of<'a>(trades: impl IntoIterator<Item = &'a Trade>, break_evens: &[Ratio]) -> Self {
        let (mut results, mut contracts) = (Vec::new(), Quantity::ZERO);
        let (mut gross_pnl, mut fees) = (Money::ZERO, Money::ZERO);
        for trade in trades {
            results.push(trade.net_pnl);
            contracts += trade.quantity;
            gross_pnl += trade.gross_pnl;
            fees += trade.fees;
        }
        let wins: Vec<Money> = results.iter().copied().filter(|result| result.is_positive()).collect();
        let losses: Vec<Money> = results.iter().copied().filter(|result| result.is_negative()).collect();
        let net_pnl: Money = results.iter().copied().sum();
        let interval = interval_95(&results);
        Self {
            net_pnl,
            gross_pnl,
            fees,
            trades: results.len() as u64,
            wins: wins.len() as u64,
            losses: losses.len() as u64,
            win_rate: Ratio::of_counts(wins.len() as u64, results.len() as u64),
            break_even_win_rate: mean_ratio(break_evens),
            average_win: mean(&wins),
            average_loss: mean(&losses),
            net_pnl_per_contract: net_pnl.per_contract(contracts),
            mean_net_pnl: mean(&results),
            interval_low: interval.map(|interval| interval.low),
            interval_high: interval.map(|interval| interval.high),
            interval_contains_zero: interval.map(Interval::contains_zero),
            largest_win: wins.iter().copied().max(),
            largest_loss: losses.iter().copied().min(),
        }
    }
}
