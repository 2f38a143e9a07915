//! The bot that trades: the async shell around the engine, from its start to its end.
//!
//! [`run`] starts everything in an order in which nothing is sent before everything is known (`start`): credentials and
//! limits, the exchange's state and clock, what an earlier run left, the markets; then the stream. From then on one
//! loop owns the engine (`trading`): frames, answers to requests, the clock, a person's requests and what was asked for
//! in the background (`background`) reach it one after another. What it did is told as log lines (`told`) and figures
//! (`figures`, `latency`). The account is compared with the exchange's all the while (`reconcile`). It ends with nothing of ours on the book (`shutdown`).
//! [`markets`] chooses what is listed; [`feed`] gives the same markets and frames to a paper run.
//!
//! Nothing here prints: records and progress go to an [`Observer`], rows to the store, and the end is a [`BotEnd`].

mod alerts;
mod background;
pub mod feed;
mod figures;
mod found;
mod groups;
mod hours;
mod instance;
mod journaling;
mod latency;
pub mod markets;
mod reconcile;
pub mod recovery;
mod shutdown;
mod start;
mod status;
mod told;
mod trading;

use crate::alert::MailFault;
pub(crate) use crate::clock::wall_clock;
use crate::config::Settings;
use crate::control::ControlError;
use crate::journal::{Disk, JournalError};
use crate::kalshi::credentials::Credentials;
use crate::kalshi::error::ApiError;
use crate::kalshi::network::Network;
use crate::kalshi::rest::Client;
use crate::kalshi::stream::StreamError;
use crate::replay::driver::{Observer, RunEnd};
use crate::store::StoreError;
use crate::telemetry::log::Logs;
use recovery::RecoveryError;
pub use start::take_in;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What a bot starts from.
#[derive(Clone)]
pub struct BotSettings {
    /// The configuration.
    pub settings: Settings,
    /// What requests are signed with.
    pub credentials: Arc<Credentials>,
    /// Where trades, halts and the control socket are kept.
    pub folder: PathBuf,
    /// Where the journal is written: [`crate::journal::FOLDER`] inside the folder, or a simulated disk.
    pub journal: Arc<dyn Disk>,
    /// After how long it ends by itself.
    pub duration: Option<Duration>,
    /// The log, whose lines are stored with the run.
    pub logs: Logs,
    /// What it lives in.
    pub surroundings: Surroundings,
}

/// What a bot lives in. The default is this machine.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// What leads to the exchange's stream, where that isn't this machine's network.
    pub network: Option<Arc<dyn Network>>,
    /// Whether it can be asked things over a socket in the state folder.
    pub has_control: bool,
    /// Whether the store writes on a thread of its own.
    pub has_threads: bool,
    /// How often it looks at its clock.
    pub beat: Duration,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self { network: None, has_control: true, has_threads: true, beat: Duration::from_millis(100) }
    }
}

impl fmt::Debug for BotSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BotSettings")
            .field("folder", &self.folder)
            .field("duration", &self.duration)
            .finish_non_exhaustive()
    }
}

/// Why a bot could not start, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum BotError {
    /// The exchange did not give what a start needs.
    #[error("{during}: {cause}")]
    Api {
        /// What was being done.
        during: &'static str,
        /// Why it failed.
        cause: ApiError,
    },
    /// The clocks differ by more than signatures bear.
    #[error(
        "this machine's clock is {skew} ms ahead of the exchange's; signatures are good for a few seconds"
    )]
    Clock {
        /// By how much, in milliseconds; below zero when it is behind.
        skew: i64,
    },
    /// The store can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The journal can't be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The control socket can't be used.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// What an earlier run left can't be taken over.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The address for metrics can't be had.
    #[error("{address}: {cause}")]
    Metrics {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A bot on this machine trades the account under the same prefix.
    #[error("a kalshi-bot on this machine trades the account {account} under the prefix {prefix}")]
    AnotherInstance {
        /// The account.
        account: String,
        /// The prefix.
        prefix: String,
    },
    /// Whether another bot trades the account can't be told.
    #[error("the account can't be claimed for this process: {cause}")]
    Instance {
        /// What the system said.
        cause: std::io::Error,
    },
    /// The stream can't be used.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// Alerts are enabled and their settings can't be used.
    #[error(transparent)]
    Mail(#[from] MailFault),
    /// The account isn't what was left, and a person has to look.
    #[error("the account differs from what is kept here: {}", .differences.join("; "))]
    Drift {
        /// Each difference, for people.
        differences: Vec<String>,
    },
}

/// Why a bot ended that had started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Whoever watched it said so: a signal, a key.
    Interrupted,
    /// It was asked to over the control socket.
    Asked,
    /// Its time was over.
    TimeOver,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotEnd {
    /// The run in figures.
    pub run: RunEnd,
    /// Why it ended.
    pub ending: Ending,
    /// Orders of ours that may still rest, for people; empty when the exchange shows none.
    pub leftovers: Vec<String>,
    /// Whether a halt of an earlier run was in force from the start.
    pub was_halted: bool,
    /// Whether it ended with its picture of the account in doubt.
    pub has_drift: bool,
}

/// Runs a bot until its time is over, the observer ends it, or it is asked to end.
///
/// # Errors
/// [`BotError`] when it can't start. Whatever happens after that is mended, halts trading, or ends the run in order.
pub async fn run(bot: BotSettings, client: Client, observer: &mut dyn Observer) -> Result<BotEnd, BotError> {
    let folder = bot.folder.clone();
    let started = Box::pin(start::start(bot, client, observer)).await?;
    tracing::info!(folder = %folder.display(), "the bot is up");
    Box::pin(started.trade()).await
}

/// Where the state of an account is kept: the configured folder, or the system's usual place for such things. `None`
/// when neither is known.
pub fn state_folder(settings: &Settings) -> Option<PathBuf> {
    let usual = || {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let base = variable("XDG_STATE_HOME").or_else(|| Some(variable("HOME")?.join(".local/state")))?;
        Some(base.join("kalshi-bot"))
    };
    settings.state.dir.clone().or_else(usual)
}
