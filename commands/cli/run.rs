//! The flags of `run`.

use super::exchange::ExchangeArguments;
use super::{Format, duration};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// The flags of `run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot run                                     the demo exchange, where no real money moves
  kalshi-bot run --for 1h --output json              an hour of it, and its report as one document
  kalshi-bot run --api-url http://127.0.0.1:8080/trade-api/v2
                                                     the simulated exchange of `kalshi-bot sim`
  kalshi-bot run --production                        real money; asks before it starts")]
pub(crate) struct RunArguments {
    /// The exchange.
    #[command(flatten)]
    pub(crate) exchange: ExchangeArguments,

    /// End after this much time, such as 90s, 30m or 6h [default: when it is stopped].
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub(crate) length: Option<Duration>,

    /// Where trades, halts and the control socket are kept [default: state.dir of the configuration, or the system's
    /// folder for such things].
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,

    /// Trade on the production exchange without asking.
    #[arg(long)]
    pub(crate) yes: bool,

    /// The report's form. With `json` nothing but one document goes to standard output.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Format,
}
