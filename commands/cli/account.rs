//! The flags of the commands about what the account has: `positions`, `balance`, `fills`, `flatten`.

use super::duration;
use super::exchange::{ExchangeArguments, ListFormat};
use super::orders::ActionArguments;
use clap::Args;
use kalshi_bot::units::{Price, Timestamp};
use std::time::Duration;

/// The flags of `positions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot positions                               what is held, at what it could be sold for now
  kalshi-bot positions --settled --limit 20          what was paid out lately
  kalshi-bot positions --production --output json | jq .totals")]
pub(crate) struct PositionsArguments {
    /// Show what markets paid out instead of what is held.
    #[arg(long)]
    pub(crate) settled: bool,

    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub(crate) limit: usize,

    /// The exchange.
    #[command(flatten)]
    pub(crate) exchange: ExchangeArguments,

    /// The list's form.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: ListFormat,
}

/// The flags of `balance`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot balance
  kalshi-bot balance --production --output json | jq -r .cash")]
pub(crate) struct BalanceArguments {
    /// The exchange.
    #[command(flatten)]
    pub(crate) exchange: ExchangeArguments,

    /// The form; csv has the shards.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: ListFormat,
}

/// The flags of `fills`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot fills --since 6h
  kalshi-bot fills --since 2026-11-01T00:00:00Z --ticker KXHIGHNY-26DEC01-T50
  kalshi-bot fills --limit 10000 --output csv > fills.csv")]
pub(crate) struct FillsArguments {
    /// Only fills since then: a span of time before now, such as 24h, or a time such as 2026-11-22T15:00:00Z.
    #[arg(long, value_name = "SPAN|TIME", value_parser = since)]
    pub(crate) since: Option<Since>,

    /// Only fills in this market.
    #[arg(long, value_name = "TICKER")]
    pub(crate) ticker: Option<String>,

    /// At most so many, newest first.
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub(crate) limit: usize,

    /// The exchange.
    #[command(flatten)]
    pub(crate) exchange: ExchangeArguments,

    /// The list's form.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: ListFormat,
}

/// From when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    /// So long before now.
    Ago(Duration),
    /// Then.
    At(Timestamp),
}

fn since(text: &str) -> Result<Since, String> {
    let fault = "expected a span of time such as 90m, 24h or 7d, or a time such as 2026-11-22T15:00:00Z";
    duration(text).map(Since::Ago).or_else(|_| text.parse().map(Since::At).map_err(|_| fault.to_owned()))
}

/// The flags of `flatten`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot flatten --dry-run                       what selling everything would bring now
  kalshi-bot flatten --production                    everything, after a question
  kalshi-bot flatten --ticker KXHIGHNY-26DEC01-T50 --slippage 0.02 --yes")]
pub(crate) struct FlattenArguments {
    /// Only the position in this market; may be given again.
    #[arg(long, value_name = "TICKER")]
    pub(crate) ticker: Vec<String>,

    /// How far below the best bid a sale may go, in dollars a contract.
    #[arg(long, value_name = "DOLLARS", default_value = "0.05", value_parser = slippage)]
    pub(crate) slippage: Price,

    /// How.
    #[command(flatten)]
    pub(crate) action: ActionArguments,
}

fn slippage(text: &str) -> Result<Price, String> {
    let price: Price = text.parse().map_err(|error| format!("{error}"))?;
    if price.is_negative() || price >= Price::ONE {
        return Err("expected dollars from 0 to below 1, such as 0.05".to_owned());
    }
    Ok(price)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_a_span_or_a_time() {
        assert_eq!(since("24h"), Ok(Since::Ago(Duration::from_hours(24))));
        assert_eq!(
            since("2026-11-22T15:00:00Z"),
            "2026-11-22T15:00:00Z".parse().map(Since::At).map_err(|_| String::new())
        );
        for refused in ["", "yesterday", "-3h", "2026-11-22"] {
            assert!(since(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn slippage_is_less_than_a_dollar() {
        assert_eq!(slippage("0.02"), Ok(Price::from_raw(20_000)));
        assert_eq!(slippage("0"), Ok(Price::ZERO));
        for refused in ["-0.01", "1", "5", "few"] {
            assert!(slippage(refused).is_err(), "{refused}");
        }
    }
}
