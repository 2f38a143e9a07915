//! The flags of the commands for a running bot and the account it keeps: `status`, `why`, `halt`, `resume`, `reconcile`.

use super::exchange::{ExchangeArguments, ListFormat};
use super::{ConfigFiles, Format};
use clap::Args;
use std::path::PathBuf;

/// Which account is meant: that of a state folder.
#[derive(Debug, Clone, Args)]
pub(crate) struct AccountArguments {
    /// The account's folder [default: state.dir of the configuration].
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,

    /// The configuration.
    #[command(flatten)]
    pub(crate) files: ConfigFiles,
}

/// The flags of `status`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot status --state-dir ./live
  kalshi-bot status --output json | jq '.reasons[].code'

Exits with 0 when the bot runs and no person has to look, with 6 when it is halted, with 1 when none runs.")]
pub(crate) struct StatusArguments {
    /// The account.
    #[command(flatten)]
    pub(crate) account: AccountArguments,

    /// The form.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Format,
}

/// The flags of `why`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot why                                how many markets each gate let through and refused
  kalshi-bot why KXHIGHNY-26DEC01-T50           one market: its figures and what refuses it now
  kalshi-bot why --output json | jq '.gates[0].refused'")]
pub(crate) struct WhyArguments {
    /// Tell of this market as well.
    #[arg(value_name = "TICKER")]
    pub(crate) ticker: Option<String>,

    /// The account.
    #[command(flatten)]
    pub(crate) account: AccountArguments,

    /// The form.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Format,
}

/// The flags of `halt`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot halt --state-dir ./live
  kalshi-bot halt --note 'election night'")]
pub(crate) struct HaltArguments {
    /// Why, to be shown with the halt.
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,

    /// The account.
    #[command(flatten)]
    pub(crate) account: AccountArguments,
}

/// The flags of `resume`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot resume --state-dir ./paper-account
  kalshi-bot resume --state-dir ./both --live")]
pub(crate) struct ResumeArguments {
    /// Clear the halts of live trading, where the folder keeps paper trading too.
    #[arg(long, conflicts_with = "paper")]
    pub(crate) live: bool,

    /// Clear the halts of paper trading, where the folder keeps live trading too.
    #[arg(long)]
    pub(crate) paper: bool,

    /// The account.
    #[command(flatten)]
    pub(crate) account: AccountArguments,
}

/// The flags of `reconcile`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot reconcile --production --state-dir ./live
  kalshi-bot reconcile --output json | jq '.differences[].kind'
  kalshi-bot reconcile --accept                 after a deposit, or a trade by hand

Exits with 0 when nothing differs, with 7 when something does.")]
pub(crate) struct ReconcileArguments {
    /// Take the exchange's cash and positions as they are; what isn't the bot's is left to its owner from then on. Only
    /// while no bot runs, and no order of its rests.
    #[arg(long)]
    pub(crate) accept: bool,

    /// The account's folder [default: state.dir of the configuration].
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,

    /// The exchange.
    #[command(flatten)]
    pub(crate) exchange: ExchangeArguments,

    /// The form of the differences.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: ListFormat,
}
