//! The figures of trades in sentences that say plainly what was made or lost, and how far that can be told from chance.

use super::trading::TradeFigures;
use crate::figures::{Digits, amount, counted, grouped, percent, signed};
use crate::units::Money;
use std::fmt::Write as _;

/// What was made or lost, and whether that can be told from chance.
pub fn verdict(figures: &TradeFigures) -> String {
    if figures.trades == 0 {
        return "No trade was closed; the gates below say why.".to_owned();
    }
    let made = match figures.net_pnl {
        made if made.is_positive() => format!("Made {}", amount(made, Digits::Cents)),
        lost if lost.is_negative() => format!("Lost {}", amount(lost.abs(), Digits::Cents)),
        _ => "Made nothing".to_owned(),
    };
    let fees = amount(figures.fees, Digits::Cents);
    let mut text = format!("{made} after {fees} of fees over {}", counted(figures.trades, "trade"));
    match (figures.interval_low, figures.interval_high, figures.interval_contains_zero) {
        (Some(low), Some(high), Some(contains_zero)) => {
            let (low, high) = (signed(low, Digits::Cents), signed(high, Digits::Cents));
            let verdict = if contains_zero {
                "contains zero: these trades don't tell a gain from a loss"
            } else {
                "doesn't contain zero"
            };
            let _ = write!(text, "; the 95 % interval of the result per trade, {low} to {high}, {verdict}.");
        }
        _ => text.push_str("; one trade has no interval, and says nothing of the next."),
    }
    text
}

/// What a trade came to on average, and at most.
pub fn sizes(figures: &TradeFigures) -> Option<String> {
    let per_trade = figures.mean_net_pnl?;
    let per_contract =
        figures.net_pnl_per_contract.map(|price| Money::from_raw(price.raw())).unwrap_or_default();
    let mut text = format!(
        "A trade made {} on average, a contract {}",
        signed(per_trade, Digits::Fine),
        signed(per_contract, Digits::Fine)
    );
    for (name, average, largest) in [
        ("win", figures.average_win, figures.largest_win),
        ("loss", figures.average_loss, figures.largest_loss),
    ] {
        if let (Some(average), Some(largest)) = (average, largest) {
            let (average, largest) = (signed(average, Digits::Cents), signed(largest, Digits::Cents));
            let _ = write!(text, "; the average {name} was {average}, the largest {largest}");
        }
    }
    text.push('.');
    Some(text)
}

/// How many won, and how many had to.
pub fn win_rate(figures: &TradeFigures) -> Option<String> {
    let rate = figures.win_rate?;
    let needed = figures
        .break_even_win_rate
        .map(|needed| format!("; at the prices paid, {} had to win for nothing to be lost", percent(needed)))
        .unwrap_or_default();
    let (wins, losses) = (grouped(figures.wins), grouped(figures.losses));
    Some(format!("{wins} won and {losses} lost: a win rate of {}{needed}.", percent(rate)))
}
