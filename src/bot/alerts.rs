//! What the bot tells by mail beside its records: that it started, that it didn't, that it stopped.

use super::{BotError, Ending};
use crate::alert::{Alert, Alerts, Refused, RunIdentity, Started, Stopped};
use crate::config::Settings;
use crate::engine::Engine;
use crate::execution::client_id::RunTag;
use crate::replay::driver::RunEnd;
use crate::risk::HaltReason;
use crate::units::Timestamp;
use std::path::Path;
use std::time::Duration;

/// How long the last mails may take.
const LAST_MAILS: Duration = Duration::from_secs(4);
/// How long at least, however long the end took before.
const LEAST_FOR_MAILS: Duration = Duration::from_millis(500);
/// Within this the whole end of a run has to be over.
const WHOLE_END: Duration = Duration::from_millis(9_800);

/// Opens the line to the mails of a live run.
///
/// # Errors
/// [`BotError::Mail`] when they are enabled and the settings can't be used.
pub(super) fn open(settings: &Settings, folder: &Path, started: Timestamp) -> Result<Alerts, BotError> {
    let identity = RunIdentity {
        stake: settings.api.exchange().kind.into(),
        account: format!("kept in {}", folder.display()),
        run: RunTag::of_start(started).to_string(),
    };
    Ok(Alerts::open(&settings.alerts.email, identity, Some(folder), started)?)
}

/// Tells that the run trades from now on.
pub(super) fn started(alerts: &Alerts, engine: &Engine, time: Timestamp) {
    alerts.tell(Alert::Started(Started {
        time,
        equity: engine.equity(),
        positions: engine.positions().len(),
        markets: Some(engine.catalogue().len()),
        halts: engine.trading().reasons().map(HaltReason::code).collect(),
    }));
}

/// Tells of a start that somebody has to look at, before its error goes on its way.
pub(super) async fn refused(alerts: Alerts, error: BotError, time: Timestamp) -> BotError {
    if let BotError::Drift { differences } = &error {
        alerts.tell(Alert::Refused(Refused { time, differences: differences.clone() }));
        end(alerts, LAST_MAILS).await;
    }
    error
}

/// How a run ended.
pub(super) struct Last<'a> {
    pub(super) run: &'a RunEnd,
    pub(super) ending: Ending,
    pub(super) leftovers: &'a [String],
    pub(super) has_drift: bool,
    /// How long ending it took so far.
    pub(super) took: Duration,
}

/// Tells that the run has ended, and waits a little for what is still to be sent.
pub(super) async fn stopped(alerts: Alerts, last: &Last<'_>) {
    let run = last.run;
    alerts.tell(Alert::Stopped(Stopped {
        time: run.last.time,
        why: match last.ending {
            Ending::Interrupted => "a signal or a key ended it",
            Ending::Asked => "it was asked to over the control socket",
            Ending::TimeOver => "its time was over",
        },
        equity: run.ending_balance,
        result: run.ending_balance - run.starting_balance,
        positions: run.last.positions.len(),
        leftovers: last.leftovers.to_vec(),
        has_drift: last.has_drift,
    }));
    end(alerts, WHOLE_END.saturating_sub(last.took).clamp(LEAST_FOR_MAILS, LAST_MAILS)).await;
}

/// Waits for the mails beside the runtime's own threads.
async fn end(alerts: Alerts, patience: Duration) {
    if tokio::task::spawn_blocking(move || alerts.end(patience)).await.is_err() {
        tracing::error!("the last mails can't be waited for");
    }
}
