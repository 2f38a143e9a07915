//! The flags of `alerts`.

use super::{ConfigFiles, Format};
use clap::{Args, Subcommand};

/// The subcommands of `alerts`.
#[derive(Debug, Args)]
pub(crate) struct AlertsArguments {
    /// Which.
    #[command(subcommand)]
    pub(crate) command: AlertsCommand,
}

/// What to do with the alerts.
#[derive(Debug, Subcommand)]
pub(crate) enum AlertsCommand {
    /// Send one test mail, and say of every step on its way how it went.
    ///
    /// The name server, the connection, its encryption, the login, the sender, the recipient and the mail itself: the
    /// first step that fails is shown with its cause and what mends it. The password is never printed. Exits with 2
    /// when the configuration lacks something, 3 when the login is refused, 4 when the server can't be reached or
    /// trusted, and 1 when it refuses anything else.
    #[command(after_help = "\
Examples:
  kalshi-bot alerts test                     a mail from alerts.email.from_email to alerts.email.to_email
  kalshi-bot alerts test --config my.toml
  kalshi-bot alerts test --output json | jq '.checks[] | select(.verdict == \"fail\")'")]
    Test {
        /// The configuration.
        #[command(flatten)]
        files: ConfigFiles,
        /// The form of the result.
        #[arg(long, value_enum, default_value_t)]
        output: Format,
    },
}
