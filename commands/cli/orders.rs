//! The flags of `orders` and `cancel-all`.

use super::exchange::{ExchangeArguments, ListFormat};
use clap::{Args, Subcommand, ValueEnum};

/// The subcommands of `orders`.
#[derive(Debug, Args)]
pub(crate) struct OrdersArguments {
    /// Which.
    #[command(subcommand)]
    pub(crate) command: OrdersCommand,
}

/// What to do with orders.
#[derive(Debug, Subcommand)]
pub(crate) enum OrdersCommand {
    /// List the account's orders, newest first, and how many contracts stand before those that rest.
    List(OrderListArguments),
    /// Cancel orders by their ids, and check that they are gone.
    ///
    /// An order that has ended is left alone and counts as done. Exits with 5 when one of them still rests.
    Cancel(CancelArguments),
}

/// The flags of `orders list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot orders list                             what rests on the demo exchange
  kalshi-bot orders list --production --status all --limit 20
  kalshi-bot orders list --ticker KXHIGHNY-26DEC01-T50 --output json | jq '.orders[].order_id'")]
pub(crate) struct OrderListArguments {
    /// Where they stand.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) status: OrderState,

    /// Only orders in this market.
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

/// Where orders stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum OrderState {
    /// On the book.
    #[default]
    Resting,
    /// Taken off with something unfilled.
    Canceled,
    /// Filled.
    Executed,
    /// Any of these.
    All,
}

impl OrderState {
    /// The exchange's word for it; none asks for all.
    pub(crate) const fn filter(self) -> Option<&'static str> {
        match self {
            Self::Resting => Some("resting"),
            Self::Canceled => Some("canceled"),
            Self::Executed => Some("executed"),
            Self::All => None,
        }
    }
}

/// The flags of `orders cancel`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot orders cancel 6c3f2a1e-8d42-4a55-9f0b-1f2f6f1f7a10
  kalshi-bot orders list --output csv | cut -d, -f1 | tail -n +2 | xargs kalshi-bot orders cancel --yes")]
pub(crate) struct CancelArguments {
    /// The exchange's ids of the orders, as `orders list` shows them.
    #[arg(value_name = "ORDER_ID", required = true)]
    pub(crate) ids: Vec<String>,

    /// How.
    #[command(flatten)]
    pub(crate) action: ActionArguments,
}

/// The flags of `cancel-all`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot cancel-all --dry-run                    what would go
  kalshi-bot cancel-all --production --yes           everything of the account, all shards, without a question
  kalshi-bot cancel-all --series KXHIGHNY --mine     the bot's own orders in one series")]
pub(crate) struct CancelAllArguments {
    /// Only orders in this market; may be given again.
    #[arg(long, value_name = "TICKER")]
    pub(crate) ticker: Vec<String>,

    /// Only orders in markets of this series.
    #[arg(long, value_name = "SERIES")]
    pub(crate) series: Option<String>,

    /// Only orders that this bot placed, told by their client order ids.
    #[arg(long)]
    pub(crate) mine: bool,

    /// How.
    #[command(flatten)]
    pub(crate) action: ActionArguments,
}

/// The flags of every command that changes something.
#[derive(Debug, Args)]
pub(crate) struct ActionArguments {
    /// Show what would be done, and do nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Don't ask, even on the production exchange.
    #[arg(long)]
    pub(crate) yes: bool,

    /// The exchange.
    #[command(flatten)]
    pub(crate) exchange: ExchangeArguments,

    /// The form of what was done.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: ListFormat,
}
