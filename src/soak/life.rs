//! One life: the bot is started, killed and started again while everything goes wrong by plan; then nothing goes wrong
//! any more, it comes up once more, ends in order, and its books are laid beside the exchange's.

mod bot;
mod ending;
mod troubles;

use super::audit::{Counts, Violation, audit_of};
use super::markets::WanderingMarkets;
use super::network::{Process, SimulatedNetwork, World};
use super::plan::{Fault, Plan};
use super::weather::Weather;
use crate::bot::{self as trading, BotEnd, BotError, BotSettings, Surroundings};
use crate::clock;
use crate::config::Settings;
use crate::exchange::core::ExchangeSettings;
use crate::exchange::server::{KeySource, Served, ServerSettings, Tier};
use crate::fees::BalancePrecision;
use crate::journal::SimulatedDisk;
use crate::kalshi::credentials::Credentials;
use crate::kalshi::network::Network;
use crate::kalshi::sign::{KeyKind, Signer, generate};
use crate::store::{RunKind, Store};
use crate::telemetry::log::Logs;
use crate::units::Money;
use bot::{Watcher, client, settings};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// What the account begins with on each of two shards.
const CASH: i64 = 5_000;
/// How often the exchange looks at its clock.
const EXCHANGE_BEAT: Duration = Duration::from_secs(15);
/// How often it is looked whether the last process is up.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The service manager's pause before a process is started again.
const RESTART: Duration = Duration::from_secs(10);
/// How long a kill waits for its moment before it comes anyway.
const KILL_PATIENCE: Duration = Duration::from_mins(30);
/// How long all goes well before the end.
const CALM: Duration = Duration::from_mins(10);
/// How long the last process may take to come up.
const LAST_START: Duration = Duration::from_mins(15);

/// Why a life can't be lived.
#[derive(Debug, thiserror::Error)]
pub enum SoakError {
    /// The plan's settings don't hold.
    #[error("the settings of seed {seed} don't hold: {cause}")]
    Settings {
        /// The seed.
        seed: u64,
        /// What is wrong.
        cause: String,
    },
    /// The folder can't be used.
    #[error("{path}: {cause}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The machine can't run it.
    #[error("the simulation can't be run here: {0}")]
    Machine(String),
}

/// What a life came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Life {
    /// Its seed.
    pub seed: u64,
    /// What must hold and didn't.
    pub violation: Option<Violation>,
    /// Simulated time.
    pub lived: Duration,
    /// Faults that came, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Processes that were killed.
    pub kills: u64,
    /// Of these, with what was not synced lost.
    pub power_losses: u64,
    /// From the start of each process that came up until it did.
    pub recoveries: Vec<Duration>,
    /// What was done.
    pub counts: Counts,
    /// Everything that happened, in one number.
    pub trace: u64,
}

impl Life {
    /// A life in which nothing has happened yet.
    pub(super) fn of_seed(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }
}

/// Lives the life of a plan.
///
/// # Errors
/// [`SoakError`] when it can't be lived here; what goes wrong in it is its [`Violation`].
pub fn live(plan: &Plan, folder: &Path) -> Result<Life, SoakError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|cause| SoakError::Machine(cause.to_string()))?;
    runtime.block_on(async {
        let _time = clock::simulate(plan.start, plan.seed);
        Lived::begin(plan, folder)?.live().await
    })
}

/// A life while it is lived.
struct Lived<'a> {
    plan: &'a Plan,
    folder: &'a Path,
    settings: Settings,
    credentials: Arc<Credentials>,
    world: Arc<World>,
    tickers: Vec<String>,
    began: Instant,
    /// What is still to go wrong.
    next: usize,
    /// What is wrong, and until when.
    now: Vec<(Instant, Fault)>,
    pending: Option<PendingKill>,
    faults: BTreeMap<&'static str, u64>,
    kills: u64,
    power_losses: u64,
    recoveries: Vec<Duration>,
    disk: SimulatedDisk,
    chance: Pcg64,
    _tasks: tokio::task::JoinSet<()>,
}

/// A kill that waits for its moment.
#[derive(Debug, Clone, Copy)]
struct PendingKill {
    latest: Instant,
    down: Duration,
    power_loss: bool,
    resumes: bool,
}

/// Why a process is no more.
enum Gone {
    Killed(PendingKill),
    Ended(Box<Result<BotEnd, BotError>>),
}

impl<'a> Lived<'a> {
    fn begin(plan: &'a Plan, folder: &'a Path) -> Result<Self, SoakError> {
        let pair = generate(KeyKind::Ed25519);
        let key_id = format!("soak-{}", plan.seed);
        let markets = WanderingMarkets::new(plan.world.clone(), plan.start, plan.lasts);
        let tickers = markets.tickers();
        let server = ServerSettings {
            key: KeySource::Given { key_id: key_id.clone(), public_pem: pair.public_pem.clone() },
            cash: vec![(0, Money::from_dollars(CASH)), (1, Money::from_dollars(CASH))],
            tier: Tier::Basic,
            exchange: ExchangeSettings {
                precision: BalancePrecision::Direct,
                settlement_timer: Duration::from_mins(5),
            },
            source: Some(Box::new(markets)),
            start: Some(plan.start),
            beat: EXCHANGE_BEAT,
            ..ServerSettings::default()
        };
        let machine = |cause: &dyn std::fmt::Display| SoakError::Machine(cause.to_string());
        let (exchange, tasks) = Served::open(server).map_err(|error| machine(&error))?;
        let settings = settings(plan, &key_id)?;
        let signer = Signer::from_pem(pair.private_pem.expose_secret()).map_err(|error| machine(&error))?;
        let audit = audit_of(plan, settings.risk.clone());
        Ok(Self {
            plan,
            folder,
            settings,
            credentials: Arc::new(Credentials::new(&key_id, signer)),
            world: Arc::new(World::new(exchange, Weather::new(plan.network.clone()), audit)),
            tickers,
            began: Instant::now(),
            next: 0,
            now: Vec::new(),
            pending: None,
            faults: BTreeMap::new(),
            kills: 0,
            power_losses: 0,
            recoveries: Vec::new(),
            disk: SimulatedDisk::new(plan.disk),
            chance: Pcg64::seed_from_u64(!plan.disk),
            _tasks: tasks,
        })
    }

    async fn live(mut self) -> Result<Life, SoakError> {
        let stop = Arc::new(AtomicBool::new(false));
        let end = self.began + self.plan.lasts;
        while self.violation().is_none() && Instant::now() < end {
            match self.process(end, &stop).await {
                Some(Gone::Killed(kill)) => self.rest_after(kill).await?,
                Some(Gone::Ended(ended)) => {
                    self.judge(*ended);
                    self.wait_until(Instant::now() + RESTART).await;
                }
                None => {}
            }
        }
        if self.violation().is_none() {
            self.end(&stop).await?;
        }
        Ok(self.came_to())
    }

    /// Runs a process until it is gone or `end` has come, which kills it too.
    async fn process(&mut self, end: Instant, stop: &Arc<AtomicBool>) -> Option<Gone> {
        self.disk = self.disk.reopen();
        let process = Arc::new(Process::new(self.disk.clone()));
        let mut watcher = Watcher {
            world: Arc::clone(&self.world),
            process: Arc::clone(&process),
            stop: Arc::clone(stop),
            started: Instant::now(),
            came_up: None,
        };
        let gone = {
            let mut running = Box::pin(self.bot(&process, &mut watcher));
            loop {
                let next = self.next_change().min(end);
                tokio::select! {
                    biased;
                    () = process.death() => break Some(Gone::Killed(self.due_kill())),
                    () = sleep_until(next) => {
                        if self.violation().is_some() || Instant::now() >= end {
                            process.die();
                            break None;
                        }
                        self.change(Some(&process));
                    }
                    ended = &mut running => break Some(Gone::Ended(Box::new(ended))),
                }
            }
        };
        self.recoveries.extend(watcher.came_up);
        self.world.weather().disarm();
        gone
    }

    fn bot<'o>(
        &self,
        process: &Arc<Process>,
        observer: &'o mut Watcher,
    ) -> impl Future<Output = Result<BotEnd, BotError>> + use<'o> {
        let network: Arc<dyn Network> =
            Arc::new(SimulatedNetwork { world: Arc::clone(&self.world), process: Arc::clone(process) });
        let client = client(&self.settings, Arc::clone(&network));
        let bot = BotSettings {
            settings: self.settings.clone(),
            credentials: Arc::clone(&self.credentials),
            folder: self.folder.to_owned(),
            duration: None,
            logs: Logs::default(),
            journal: Arc::new(process.disk.clone()),
            surroundings: Surroundings {
                network: Some(network),
                has_control: false,
                has_threads: false,
                beat: self.plan.beat,
            },
        };
        async move { trading::run(bot, client?, observer).await }
    }

    fn due_kill(&mut self) -> PendingKill {
        let kill = PendingKill { latest: Instant::now(), down: RESTART, power_loss: false, resumes: false };
        self.pending.take().unwrap_or(kill)
    }

    /// After a kill nothing runs for a while, and a person may clear the halts.
    async fn rest_after(&mut self, kill: PendingKill) -> Result<(), SoakError> {
        self.kills += 1;
        self.power_losses += u64::from(kill.power_loss);
        if kill.power_loss {
            self.disk.power_loss(&mut self.chance);
        }
        self.wait_until(Instant::now() + kill.down).await;
        let is_resumed = kill.resumes && self.resume()?;
        self.world.audit().begin_process(is_resumed);
        Ok(())
    }

    /// A person clears the halts, as `kalshi-bot resume` does. False where the journal can't be read for them.
    fn resume(&mut self) -> Result<bool, SoakError> {
        let machine = |error: &dyn std::fmt::Display| SoakError::Machine(error.to_string());
        let store = Store::open(self.folder).map_err(|error| machine(&error))?;
        self.disk = self.disk.reopen();
        if trading::take_in(&store, Arc::new(self.disk.clone())).is_err() {
            return Ok(false);
        }
        store.clear_halts(RunKind::Live, clock::wall_clock()).map_err(|error| machine(&error))?;
        Ok(true)
    }

    /// Waits while nothing runs; what goes wrong meanwhile does.
    async fn wait_until(&mut self, until: Instant) {
        loop {
            let next = self.next_change().min(until);
            sleep_until(next).await;
            if Instant::now() >= until {
                return;
            }
            self.change(None);
        }
    }

    fn violation(&self) -> Option<Violation> {
        self.world.audit().violation.clone()
    }

    fn came_to(self) -> Life {
        let audit = self.world.audit();
        Life {
            violation: audit.violation.clone(),
            lived: self.began.elapsed(),
            faults: self.faults,
            kills: self.kills,
            power_losses: self.power_losses,
            recoveries: self.recoveries,
            counts: audit.counts,
            trace: audit.trace(),
            ..Life::of_seed(self.plan.seed)
        }
    }
}
