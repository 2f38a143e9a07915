//! The flags of `report`.

use super::control::AccountArguments;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The reports there are.
#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// Which.
    #[command(subcommand)]
    pub(crate) command: ReportCommand,
}

/// Which report.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Tell what a day, or several, came to: by default the day that ended last.
    ///
    /// It is reckoned from what the store keeps: P&L, trades, win rate beside the one that was needed, fees, exits,
    /// slippage, calibration, halts, and what each gate refused. Rows carry the clock of their run, so a run on generated
    /// or recorded markets is found under its simulated day.
    Daily(DailyArguments),
}

/// The flags of `report daily`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot report daily                                        yesterday, Eastern time
  kalshi-bot report daily --day today --zone Europe/Berlin
  kalshi-bot report daily --from 2026-11-01 --to 2026-11-30 --output json | jq .trading
  kalshi-bot report daily --html report.html                     a page with charts
  5 5 * * *  kalshi-bot report daily --live --email              a line for cron, where clocks keep UTC

With --email or --html it says nothing on success. Exits with 1 when the mail could not be sent, with 2 for a day or a \
zone that makes no sense, with 4 when the store can't be reached, and with 0 otherwise, days without trades included.")]
pub(crate) struct DailyArguments {
    /// The day: a date such as 2026-11-23, `today`, or `yesterday` [default: yesterday, so that a job shortly after
    /// midnight tells of the day that ended].
    #[arg(long, value_name = "DAY", conflicts_with_all = ["from", "to"])]
    pub(crate) day: Option<String>,

    /// The first of several days.
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<String>,

    /// The last of them [default: yesterday].
    #[arg(long, value_name = "DAY", requires = "from")]
    pub(crate) to: Option<String>,

    /// Whose days: a name of the time zone database.
    #[arg(long, value_name = "ZONE", default_value = "America/New_York")]
    pub(crate) zone: String,

    /// Tell of live trading, where the store keeps paper trading too.
    #[arg(long, conflicts_with = "paper")]
    pub(crate) live: bool,

    /// Tell of paper trading, where the store keeps live trading too.
    #[arg(long)]
    pub(crate) paper: bool,

    /// Tell of this account alone: a live account, such as `demo-3f9a0c1b2d4e`, or the id of a paper run.
    #[arg(long = "account", value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Where to read.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) store: ReportStore,

    /// The report's form.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: ReportFormat,

    /// Write the page with charts to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,

    /// Mail the report, once for these days, this account and this address.
    #[arg(long)]
    pub(crate) email: bool,

    /// Mail it even though it was mailed before.
    #[arg(long, requires = "email")]
    pub(crate) again: bool,

    /// The state folder.
    #[command(flatten)]
    pub(crate) account: AccountArguments,
}

/// Where the rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ReportStore {
    /// The database in the state folder.
    #[default]
    Local,
    /// The second store.
    Supabase,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people.
    #[default]
    Table,
    /// For programs; decimals are strings.
    Json,
    /// A page with charts.
    Html,
}
