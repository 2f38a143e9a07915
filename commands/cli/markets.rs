//! The flags of `markets`.

use super::exchange::{ExchangeArguments, ListFormat};
use clap::{Args, Subcommand, ValueEnum};
use kalshi_bot::units::{Money, Price, Quantity};
use std::num::NonZeroU32;

/// The subcommands of `markets`.
#[derive(Debug, Args)]
pub(crate) struct MarketsArguments {
    /// Which.
    #[command(subcommand)]
    pub(crate) command: MarketsCommand,
}

/// What to look at.
#[derive(Debug, Subcommand)]
pub(crate) enum MarketsCommand {
    /// Judge every market of the exchange as the bot would, and say why not.
    ///
    /// Each market goes through the filter and the strategy of the configuration. Quotes of a market list are up to 15
    /// seconds old; markets that they let through are judged again on their books. Depth is known only for these. What
    /// an account holds or risks isn't looked at. Nothing is sent but questions; no key is needed.
    Scan(ScanArguments),
    /// Show one market: description, book, last trades, and what the strategy says of it.
    ///
    /// No key is needed.
    Show(ShowArguments),
}

/// The flags of `markets scan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot markets scan                                    what the bot would enter on the demo exchange
  kalshi-bot markets scan --production --all --limit 50      the real one's nearest misses as well
  kalshi-bot markets scan --series KXHIGHNY --within 48      one series, two days ahead
  kalshi-bot markets scan --all --output csv > markets.csv   every market with its reason")]
pub(crate) struct ScanArguments {
    /// Only markets of this series.
    #[arg(long, value_name = "SERIES", conflicts_with = "event")]
    pub(crate) series: Option<String>,

    /// Only markets of this event.
    #[arg(long, value_name = "EVENT")]
    pub(crate) event: Option<String>,

    /// Let markets of this category through instead of `markets.categories`; may be given again.
    #[arg(long, value_name = "CATEGORY")]
    pub(crate) category: Vec<String>,

    /// Which markets are listed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) status: ListedStatus,

    /// Least contracts traded [default: `markets.min_volume` of the configuration].
    #[arg(long, value_name = "CONTRACTS")]
    pub(crate) min_volume: Option<Quantity>,

    /// Least dollars resting near the touch [default: `markets.min_liquidity` of the configuration].
    #[arg(long, value_name = "DOLLARS")]
    pub(crate) min_liquidity: Option<Money>,

    /// Widest spread in dollars [default: `markets.max_spread` of the configuration].
    #[arg(long, value_name = "DOLLARS")]
    pub(crate) max_spread: Option<Price>,

    /// Most hours to the close [default: `markets.time_to_event.max_hours` of the configuration].
    #[arg(long, value_name = "HOURS")]
    pub(crate) within: Option<NonZeroU32>,

    /// Show at most so many markets [default: 100 in a table, all in JSON and CSV].
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,

    /// Show the markets that are refused as well, those that came furthest first.
    #[arg(long)]
    pub(crate) all: bool,

    /// The exchange.
    #[command(flatten)]
    pub(crate) exchange: ExchangeArguments,

    /// The list's form.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: ListFormat,
}

/// Which markets the exchange lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ListedStatus {
    /// Not trading yet.
    Unopened,
    /// Trading.
    #[default]
    Open,
    /// Paused by the exchange.
    Paused,
    /// Past their close.
    Closed,
    /// Paid out.
    Settled,
}

impl ListedStatus {
    /// The exchange's word for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Unopened => "unopened",
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Closed => "closed",
            Self::Settled => "settled",
        }
    }
}

/// The flags of `markets show`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot markets show KXHIGHNY-26DEC01-T50
  kalshi-bot markets show KXHIGHNY-26DEC01-T50 --output json | jq .verdict
  kalshi-bot markets show KXHIGHNY-26DEC01-T50 --depth 20 --trades 0")]
pub(crate) struct ShowArguments {
    /// The market's ticker.
    #[arg(value_name = "TICKER")]
    pub(crate) ticker: String,

    /// How many levels of each side are shown; programs get all.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) depth: usize,

    /// How many of the last trades are shown.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) trades: usize,

    /// The exchange.
    #[command(flatten)]
    pub(crate) exchange: ExchangeArguments,

    /// The form; csv has the book's levels.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: ListFormat,
}
