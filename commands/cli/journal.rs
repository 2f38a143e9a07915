//! The flags of `journal`.

use super::Format;
use super::control::AccountArguments;
use super::exchange::ListFormat;
use clap::{Args, Subcommand};
use kalshi_bot::units::Timestamp;

/// The subcommands of `journal`.
#[derive(Debug, Args)]
pub(crate) struct JournalArguments {
    /// Which.
    #[command(subcommand)]
    pub(crate) command: JournalCommand,
}

/// What to do with the journal.
#[derive(Debug, Subcommand)]
pub(crate) enum JournalCommand {
    /// Check every line, and whether what they say can all be true.
    Verify(VerifyArguments),
    /// List entries, oldest first.
    Show(ShowArguments),
}

/// The flags of `journal verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot journal verify --state-dir ./live
  kalshi-bot journal verify --output json | jq .faults

Exits with 0 when the journal is sound, also where a crash tore its end, and with 7 when it is damaged or contradicts itself.")]
pub(crate) struct VerifyArguments {
    /// The account.
    #[command(flatten)]
    pub(crate) account: AccountArguments,

    /// The form.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Format,
}

/// The flags of `journal show`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot journal show                                      the last 50 entries
  kalshi-bot journal show --order kb-mwrywawe-17               an order from its intent to its end
  kalshi-bot journal show --market KXHIGHNY-26DEC01-T50 --last 1000
  kalshi-bot journal show --from 2026-11-24T14:00:00Z --to 2026-11-24T14:05:00Z --output json")]
pub(crate) struct ShowArguments {
    /// Entries from this time on, such as 2026-11-24T14:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<Timestamp>,

    /// Entries up to this time.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<Timestamp>,

    /// At most so many of the latest that fit [default: 50 without --from, --to and --order].
    #[arg(long, value_name = "N")]
    pub(crate) last: Option<usize>,

    /// Entries about this order: the bot's name for it or the exchange's.
    #[arg(long, value_name = "ID")]
    pub(crate) order: Option<String>,

    /// Entries about this market.
    #[arg(long, value_name = "TICKER")]
    pub(crate) market: Option<String>,

    /// The account.
    #[command(flatten)]
    pub(crate) account: AccountArguments,

    /// The list's form.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: ListFormat,
}
