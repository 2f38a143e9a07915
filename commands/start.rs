//! Joins source, engine, paper venue and store to one run.

use crate::connection;
use crate::exit::{ExitCode, Failure};
use kalshi_bot::alert::{Alert, Alerts, MailFault, RunIdentity, Stake, Started, Stopped};
use kalshi_bot::bot::feed::{FeedError, LiveFeed};
pub(crate) use kalshi_bot::clock::wall_clock;
use kalshi_bot::config::Settings;
use kalshi_bot::engine::{EngineSettings, Record};
use kalshi_bot::exchange::generated::{GeneratedMarkets, GeneratedSettings};
use kalshi_bot::execution::shards::ShardCash;
use kalshi_bot::fees::BalancePrecision;
use kalshi_bot::gateway::paper::PaperSettings;
use kalshi_bot::market::feed::SequencePolicy;
use kalshi_bot::replay::driver::{self, Observer, Progress, RunEnd, RunSettings, Speed};
use kalshi_bot::replay::recording::Recording;
use kalshi_bot::replay::source::{Source, SourceError};
use kalshi_bot::risk::HaltReason;
use kalshi_bot::store::supabase::RemoteError;
use kalshi_bot::store::{RunDescription, RunKind, Store, StoreError, Writer};
use kalshi_bot::strategy::HighProbability;
use kalshi_bot::telemetry::log::Logs;
use kalshi_bot::units::Ratio;
use std::path::PathBuf;
use std::time::Duration;

/// How long the second store is given to take the last rows.
const LAST_ROWS: Duration = Duration::from_secs(10);
/// How long the last mails may take.
const LAST_MAILS: Duration = Duration::from_secs(4);

/// What is run.
pub(crate) struct Plan {
    /// Recordings to replay; without any, markets are generated.
    pub(crate) replay: Vec<PathBuf>,
    /// Whether the live markets of the exchange are traded.
    pub(crate) is_fed: bool,
    /// How long it lasts on its own clock; recordings may run to their end.
    pub(crate) length: Option<Duration>,
    /// What feeds it, for people.
    pub(crate) source: String,
}

/// What a run came to.
pub(crate) struct Ended {
    /// The run's end.
    pub(crate) end: RunEnd,
    /// Whether a halt of an earlier run kept it from trading.
    pub(crate) was_kept_from_trading: bool,
}

/// Starts the run and waits for its end.
///
/// # Errors
/// A [`Failure`] when the source or the store can't be used. What the store had taken by then is kept.
pub(crate) fn start(
    plan: &Plan,
    settings: &Settings,
    logs: &Logs,
    observer: &mut dyn Observer,
) -> Result<Ended, Failure> {
    let mut source = if plan.is_fed {
        live(settings)?
    } else {
        source(plan, settings).map_err(|error| unusable(&error))?
    };
    let open = |folder| Store::open(folder).map(|store| store.with_logs(logs.clone()));
    let account = settings.state.dir.as_deref().map(open).transpose().map_err(|error| unstored(&error))?;
    let latched = account.as_ref().map_or(Ok(Vec::new()), latched).map_err(|error| unstored(&error))?;
    let writer = account
        .as_ref()
        .map(|store| store.start_run(&description(plan, settings)))
        .transpose()
        .map_err(|error| unstored(&error))?;
    let shipper = account
        .as_ref()
        .map_or(Ok(None), |store| store.ship(&settings.database))
        .map_err(|error| unstored(&error))?;
    let alerts = alerts(plan, settings, &latched)?;
    let was_kept_from_trading = !latched.is_empty();
    let run_settings = run_settings(plan, settings, source.has_contiguous_sequence(), latched);
    let mut told = Told { observer, writer, alerts };
    let ended = driver::run(source.as_mut(), run_settings, &mut told);
    report_faults(source.as_ref());
    if let Some(writer) = told.writer {
        writer.finish(wall_clock()).map_err(|error| unstored(&error))?;
    }
    if let Some(shipper) = shipper {
        shipper.finish(LAST_ROWS);
    }
    let end = ended.map_err(|error| unusable(&error))?;
    tell_of_end(told.alerts, &end);
    Ok(Ended { end, was_kept_from_trading })
}

fn source(plan: &Plan, settings: &Settings) -> Result<Box<dyn Source>, SourceError> {
    if !plan.replay.is_empty() {
        return Ok(Box::new(Recording::open(&plan.replay)?));
    }
    let generated = GeneratedSettings {
        seed: settings.paper.seed,
        markets: settings.paper.markets as usize,
        duration: plan.length.unwrap_or(settings.paper.length),
        ..GeneratedSettings::default()
    };
    Ok(Box::new(GeneratedMarkets::new(&generated)))
}

/// The markets of the exchange as they come.
fn live(settings: &Settings) -> Result<Box<dyn Source>, Failure> {
    let (client, credentials) = (connection::client(settings)?, connection::credentials(settings)?);
    match LiveFeed::open(connection::runtime()?, client, settings, credentials) {
        Ok(feed) => Ok(Box::new(feed)),
        Err(FeedError::Markets(error)) => Err(error.into()),
        Err(error) => {
            let next = "check the URLs of the exchange (`kalshi-bot config show`)";
            Err(Failure::new(ExitCode::Usage, "the exchange can't feed the run", error, next))
        }
    }
}

fn run_settings(
    plan: &Plan,
    settings: &Settings,
    has_contiguous_sequence: bool,
    latched: Vec<HaltReason>,
) -> RunSettings {
    let rules = settings.clone();
    RunSettings {
        engine: EngineSettings {
            limits: settings.risk.clone(),
            starting_cash: settings.paper.capital,
            shard_cash: ShardCash::default(),
            sequence: if has_contiguous_sequence {
                SequencePolicy::Contiguous
            } else {
                SequencePolicy::Increasing
            },
            rules: Box::new(move |spec| rules.rules_for(&spec.series, &spec.category)),
            strategy: Box::new(HighProbability),
            latched,
        },
        paper: PaperSettings {
            latency: settings.paper.latency,
            starting_cash: settings.paper.capital,
            precision: BalancePrecision::Direct,
        },
        speed: if plan.is_fed {
            Speed::Times(Ratio::ONE)
        } else if settings.paper.speed.is_zero() {
            Speed::Max
        } else {
            Speed::Times(settings.paper.speed)
        },
        duration: plan.length,
        is_simulated: plan.replay.is_empty() && !plan.is_fed,
    }
}

/// The halts that an earlier run left in force. One that this program doesn't know is taken for an operator's: what
/// it meant can't be told, so a person has to look.
fn latched(store: &Store) -> Result<Vec<HaltReason>, StoreError> {
    let halts = store.latched_halts(RunKind::Paper)?;
    Ok(halts.iter().map(|halt| HaltReason::from_code(&halt.reason).unwrap_or(HaltReason::Operator)).collect())
}

fn description(plan: &Plan, settings: &Settings) -> RunDescription {
    let started = wall_clock();
    RunDescription {
        id: format!("paper-{}-{}", started.micros(), std::process::id()),
        kind: RunKind::Paper,
        source: plan.source.clone(),
        settings: settings.show(),
        started,
    }
}

/// Passes everything on and keeps the records in the store, where there is one.
struct Told<'a> {
    observer: &'a mut dyn Observer,
    writer: Option<Writer>,
    alerts: Alerts,
}

impl Observer for Told<'_> {
    fn record(&mut self, record: &Record) {
        if let Some(writer) = &self.writer {
            writer.record(record);
        }
        self.alerts.record(record);
        self.observer.record(record);
    }

    fn progress(&mut self, progress: &Progress) -> bool {
        self.observer.progress(progress)
    }
}

/// Only what happens in markets that are real is worth a mail: generated and recorded runs send none.
fn alerts(plan: &Plan, settings: &Settings, latched: &[HaltReason]) -> Result<Alerts, Failure> {
    if !plan.is_fed {
        return Ok(Alerts::off());
    }
    let now = wall_clock();
    let folder = settings.state.dir.as_deref();
    let identity = RunIdentity {
        stake: Stake::Paper,
        account: folder.map_or_else(|| "kept nowhere".to_owned(), |dir| format!("kept in {}", dir.display())),
        run: plan.source.clone(),
    };
    let alerts =
        Alerts::open(&settings.alerts.email, identity, folder, now).map_err(|fault| unmailed(&fault))?;
    alerts.tell(Alert::Started(Started {
        time: now,
        equity: settings.paper.capital,
        positions: 0,
        markets: None,
        halts: latched.iter().map(|reason| reason.code()).collect(),
    }));
    Ok(alerts)
}

fn tell_of_end(alerts: Alerts, end: &RunEnd) {
    alerts.tell(Alert::Stopped(Stopped {
        time: wall_clock(),
        why: if end.interrupted { "somebody ended it" } else { "its time was over" },
        equity: end.ending_balance,
        result: end.ending_balance - end.starting_balance,
        positions: end.last.positions.len(),
        leftovers: Vec::new(),
        has_drift: false,
    }));
    alerts.end(LAST_MAILS);
}

fn report_faults(source: &dyn Source) {
    let faults = source.faults();
    for example in &faults.examples {
        tracing::warn!("{example}");
    }
    if faults.malformed_lines > 0 {
        tracing::warn!(
            lines = faults.malformed_lines,
            "lines of the recordings made no sense and were left out"
        );
    }
    if faults.backward_times > 0 {
        tracing::warn!(
            times = faults.backward_times,
            "times in the recordings ran backwards; the clock stood still"
        );
    }
}

fn unusable(error: &SourceError) -> Failure {
    let next = "check the path, or run without --replay for generated markets";
    Failure::new(ExitCode::Failed, "the recordings can't be played", error, next)
}

/// Alerts are enabled and can't be sent with these settings.
pub(crate) fn unmailed(fault: &MailFault) -> Failure {
    Failure::new(ExitCode::Usage, "alerts can't be mailed with these settings", fault, &fault.mend)
}

/// The store can't be used.
pub(crate) fn unstored(error: &StoreError) -> Failure {
    let (code, next) = match error {
        StoreError::Remote(RemoteError::KeyRefused { .. }) => {
            (ExitCode::CredentialsRefused, "put the project's service key into SUPABASE_KEY")
        }
        StoreError::Remote(RemoteError::SchemaBehind { .. }) => {
            (ExitCode::Failed, "bring its tables up with `kalshi-bot migrate`")
        }
        StoreError::Remote(_) => {
            (ExitCode::Unreachable, "see whether it is up, or use the store in the state folder alone")
        }
        _ => (
            ExitCode::Unreachable,
            "mend the state folder, name another with --state-dir, or run without one to keep nothing",
        ),
    };
    let what = match error {
        StoreError::Remote(_) => "the second store can't be used",
        _ => "the account can't be kept",
    };
    Failure::new(code, what, error, next)
}
