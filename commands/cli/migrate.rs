//! The flags of `migrate`.

use super::{ConfigFiles, Format};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The flags of `migrate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot migrate                            bring both stores to what this program needs
  kalshi-bot migrate --status                   where they stand; changes nothing
  kalshi-bot migrate --dry-run                  apply what is missing, and take it back
  kalshi-bot migrate --print > tables.sql       for the SQL editor of a Supabase project
  kalshi-bot migrate --print --after 2          what comes after version 2

Exits with 0 when the stores are current, 1 when migrations are pending (--status) or one fails, 3 when the database \
refuses the user or the key, 4 when it can't be reached, 5 when the second store is left to a person, and 7 when a \
store was altered or is ahead of this program.")]
pub(crate) struct MigrateArguments {
    /// Show where each migration stands, and change nothing.
    #[arg(long, conflicts_with_all = ["dry_run", "print"])]
    pub(crate) status: bool,

    /// Apply what is missing and take it back, to see whether it can be applied.
    #[arg(long, conflicts_with = "print")]
    pub(crate) dry_run: bool,

    /// Print the second store's migrations as one script of SQL, and connect to nothing.
    #[arg(long)]
    pub(crate) print: bool,

    /// With --print: leave out the migrations up to this version, which the database has.
    #[arg(long, value_name = "VERSION", requires = "print", default_value_t = 0)]
    pub(crate) after: i32,

    /// Which store.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) store: StoreChoice,

    /// The account's folder [default: state.dir of the configuration, or the system's folder for such things].
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,

    /// The configuration.
    #[command(flatten)]
    pub(crate) files: ConfigFiles,

    /// The form of the result.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Format,
}

/// Which stores are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum StoreChoice {
    /// The local one, and the second one where it is configured.
    #[default]
    All,
    /// The one in the state folder.
    Local,
    /// The second one, which has to be configured.
    Supabase,
}
