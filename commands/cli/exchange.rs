//! The flags that every command of the exchange shares.

use super::ConfigFiles;
use clap::{Args, ValueEnum};

/// Which exchange a command speaks to.
#[derive(Debug, Clone, Args)]
pub(crate) struct ExchangeArguments {
    /// Speak to the production exchange, where money is real, instead of the demo exchange.
    #[arg(long, conflicts_with = "api_url")]
    pub(crate) production: bool,

    /// Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it.
    #[arg(long, value_name = "URL")]
    pub(crate) api_url: Option<String>,

    /// The configuration.
    #[command(flatten)]
    pub(crate) files: ConfigFiles,
}

/// The form of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    #[default]
    Table,
    /// For programs; decimals are strings.
    Json,
    /// For spreadsheets: a header and a line for each row.
    Csv,
}
