//! One life: the bot is started, killed and started again while everything goes wrong by plan; then nothing goes wrong
//! any more, it comes up once more, ends in order, and its books are laid beside the exchange's.

use super::audit::{Violation, audit_of};
use super::markets::WanderingMarkets;
use super::network::{Process, SimulatedNetwork, World};
use super::plan::{Fault, Kill, Plan, Planned};
use super::weather::Weather;
use crate::bot::recovery::{RecoveryError, inspect};
use crate::bot::{self, BotEnd, BotError, BotSettings, Surroundings};
use crate::clock;
use crate::config::{self, Settings, Sources};
use crate::engine::Record;
use crate::exchange::core::ExchangeSettings;
use crate::exchange::server::{Faults, KeySource, Served, ServerSettings, Tier};
use crate::fees::BalancePrecision;
use crate::journal::{JournalError, SimulatedDisk};
use crate::kalshi::credentials::Credentials;
use crate::kalshi::network::Network;
use crate::kalshi::rest::Client;
use crate::kalshi::rest::transport::{Transport, TransportSettings};
use crate::kalshi::sign::{KeyKind, Signer, generate};
use crate::market::PriceGrid;
use crate::replay::driver::{Observer, Progress};
use crate::store::{AccountKey, RunKind, Store, StoreError};
use crate::telemetry::log::Logs;
use crate::units::{Money, Price};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// What the account begins with on each of two shards.
const CASH: i64 = 5_000;
/// How often the bot and the exchange look at their clocks.
const BEAT: Duration = Duration::from_secs(1);
const EXCHANGE_BEAT: Duration = Duration::from_secs(5);
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Requests that the exchange answered.
    pub requests: u64,
    /// Orders that arrived there.
    pub orders: u64,
    /// Fills that were booked.
    pub fills: u64,
    /// Round trips.
    pub trades: u64,
    /// Halts that latched.
    pub halts: u64,
    /// How often the bot's standing was compared.
    pub checks: u64,
    /// Everything that happened, in one number.
    pub trace: u64,
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
    Ended(Result<BotEnd, BotError>),
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
                    self.judge(ended);
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
                    ended = &mut running => break Some(Gone::Ended(ended)),
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
                beat: BEAT,
            },
        };
        async move { bot::run(bot, client?, observer).await }
    }

    /// When something goes wrong, or no longer does.
    fn next_change(&self) -> Instant {
        let begins = self.plan.faults.get(self.next).map(|planned| self.began + planned.at);
        let ends = self.now.iter().map(|(until, _)| *until).min();
        let killed = self.pending.map(|kill| kill.latest);
        let far = Instant::now() + Duration::from_hours(24);
        [begins, ends, killed].into_iter().flatten().min().unwrap_or(far)
    }

    /// Does what is due: faults come and go, a kill that found no moment comes.
    fn change(&mut self, process: Option<&Process>) {
        let now = Instant::now();
        while let Some(planned) = self.plan.faults.get(self.next).filter(|next| self.began + next.at <= now) {
            self.next += 1;
            self.begin_fault(*planned, process);
        }
        if self.now.iter().any(|(until, _)| *until <= now) {
            let over: Vec<_> = self.now.extract_if(.., |(until, _)| *until <= now).collect();
            self.reckon();
            for (_, fault) in over {
                if let Fault::Pause { shard, .. } = fault {
                    self.pause(shard, false, false);
                }
            }
        }
        if let Some(process) = process.filter(|_| self.pending.is_some_and(|kill| kill.latest <= now)) {
            process.die();
        }
    }

    fn begin_fault(&mut self, planned: Planned, process: Option<&Process>) {
        *self.faults.entry(planned.fault.kind()).or_default() += 1;
        match planned.fault {
            Fault::Kill { kill, down, power_loss, resumes } => {
                // Nobody can be killed who doesn't live.
                let Some(process) = process else { return };
                let now = Instant::now();
                let latest = if kill == Kill::Now { now } else { now + KILL_PATIENCE };
                self.pending = Some(PendingKill { latest, down, power_loss, resumes });
                match kill {
                    Kill::Now => process.die(),
                    Kill::AtAppend(nth) => process.disk.fail_nth_append(u64::from(nth)),
                    _ => self.world.weather().arm(kill),
                }
            }
            Fault::BrokenStream => self.world.breaks.notify_waiters(),
            Fault::EarlyClose { market } => {
                let ticker = self.ticker(market);
                // One that is closed already is no loss.
                let _ = self.world.exchange.control(|exchange, _, now| exchange.close_early(now, &ticker));
            }
            Fault::OtherGrid { market } => {
                let ticker = self.ticker(market);
                self.world.exchange.control(|exchange, _, now| {
                    let grid = exchange.market(&ticker).map(|view| view.spec.grid.clone());
                    let other = match grid {
                        Some(grid) if grid == PriceGrid::cents() => {
                            PriceGrid::uniform(Price::from_raw(1_000))
                        }
                        _ => PriceGrid::cents(),
                    };
                    let _ = exchange.change_grid(now, &ticker, other);
                });
            }
            fault => {
                self.now.push((Instant::now() + planned.lasts, fault));
                self.reckon();
                if let Fault::Pause { all, shard } = fault {
                    self.pause(shard, true, all);
                }
            }
        }
    }

    fn ticker(&self, market: usize) -> String {
        self.tickers[market % self.tickers.len()].clone()
    }

    fn pause(&self, shard: Option<u8>, trading: bool, all: bool) {
        self.world.exchange.control(|exchange, _, now| exchange.pause(now, shard, trading, all));
    }

    /// Makes the network and the exchange what is wrong now.
    fn reckon(&self) {
        let now: Vec<Fault> = self.now.iter().map(|(_, fault)| *fault).collect();
        let mut faults = Faults::default();
        for fault in &now {
            match fault {
                Fault::SkippedNumbers(every) => faults.skip_sequence_every = *every,
                Fault::DoubleFills => faults.duplicate_fills = true,
                _ => {}
            }
        }
        self.world.exchange.set_faults(faults);
        self.disk.set_full(now.contains(&Fault::FullDisk));
        self.world.audit().calm(clock::wall_clock(), now.is_empty());
        self.world.weather().change(now);
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
        if kill.resumes {
            let store = Store::open(self.folder);
            let cleared = store.and_then(|store| store.clear_halts(RunKind::Live, clock::wall_clock()));
            cleared.map_err(|error| SoakError::Machine(error.to_string()))?;
        }
        self.world.audit().begin_process(kill.resumes);
        Ok(())
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

    /// Whether a process may have ended by itself in this way.
    fn judge(&mut self, ended: Result<BotEnd, BotError>) {
        let is_excused = match &ended {
            // A full disk takes no run's beginning either.
            Err(BotError::Api { .. } | BotError::Journal(JournalError::Disk { .. })) => true,
            Err(BotError::Recovery(error)) => {
                matches!(error, RecoveryError::Exchange { .. } | RecoveryError::Unsteady)
            }
            _ => false,
        };
        self.world.audit().begin_process(false);
        if !is_excused {
            let told = match ended {
                Ok(end) => format!("it ended by itself: {:?}", end.ending),
                Err(error) => error.to_string(),
            };
            self.world.audit().violated(clock::wall_clock(), "failed_start", told);
        }
    }

    /// Nothing goes wrong any more. The bot comes up, runs a while and is told to end; then the books are compared.
    async fn end(&mut self, stop: &Arc<AtomicBool>) -> Result<(), SoakError> {
        for (_, fault) in std::mem::take(&mut self.now) {
            if let Fault::Pause { shard, .. } = fault {
                self.pause(shard, false, false);
            }
        }
        self.next = self.plan.faults.len();
        self.pending = None;
        self.reckon();
        self.world.audit().begin_process(false);
        sleep(RESTART).await;
        let latest = Instant::now() + LAST_START;
        let stopper = tokio::spawn({
            let (stop, world) = (Arc::clone(stop), Arc::clone(&self.world));
            async move {
                while !world.audit().is_up() {
                    sleep(BEAT).await;
                }
                sleep(CALM).await;
                stop.store(true, Ordering::Relaxed);
            }
        });
        let ended = loop {
            match self.process(latest + CALM, stop).await {
                Some(Gone::Ended(Ok(end))) => break Some(end),
                Some(Gone::Ended(ended)) => {
                    self.judge(ended);
                    sleep(RESTART).await;
                }
                Some(Gone::Killed(_)) => {}
                None => break None,
            }
            if self.violation().is_some() {
                break None;
            }
        };
        stopper.abort();
        match ended {
            Some(end) => self.compare(&end).await,
            None => {
                let detail = format!("nothing came up within {LAST_START:?} of calm");
                self.world.audit().violated(clock::wall_clock(), "never_up", detail);
                Ok(())
            }
        }
    }

    async fn compare(&self, end: &BotEnd) -> Result<(), SoakError> {
        let now = clock::wall_clock();
        if end.has_drift || !end.leftovers.is_empty() {
            self.world.audit().violated(now, "bad_end", format!("{:?}", end.leftovers));
        }
        let stored = |error: StoreError| SoakError::Machine(error.to_string());
        let store = Store::open(self.folder).map_err(stored)?;
        let process = Arc::new(Process::new(self.disk.clone()));
        let network: Arc<dyn Network> =
            Arc::new(SimulatedNetwork { world: Arc::clone(&self.world), process });
        let client =
            client(&self.settings, network).map_err(|error| SoakError::Machine(error.to_string()))?;
        let key = account(&self.settings);
        let prefix = &self.settings.execution.order_prefix;
        let inspected = inspect(&client, &store, &key, prefix, now).await;
        let inspected = inspected.map_err(|error| SoakError::Machine(error.to_string()))?;
        if let Some(difference) = inspected.differences.first() {
            let detail = format!("{difference:?}, one of {}", inspected.differences.len());
            self.world.audit().violated(now, "wrong_account", detail);
        }
        let books = store.books(&key).map_err(stored)?;
        let booked: BTreeMap<&str, Money> =
            books.fills.iter().map(|fill| (fill.trade_id.as_str(), fill.fee)).collect();
        let lost = self.world.exchange.control(|exchange, account, _| {
            let fills = exchange.fills(account);
            let missing = fills.iter().find(|fill| booked.get(&*fill.trade_id) != Some(&fill.fee));
            let lost = missing.map(|fill| format!("{} with its fee of {}", fill.trade_id, fill.fee));
            lost.or_else(|| {
                (fills.len() != booked.len()).then(|| format!("{} there, {} here", fills.len(), booked.len()))
            })
        });
        if let Some(detail) = lost {
            self.world.audit().violated(now, "lost_fill", detail);
        }
        Ok(())
    }

    fn violation(&self) -> Option<Violation> {
        self.world.audit().violation.clone()
    }

    fn came_to(self) -> Life {
        let audit = self.world.audit();
        let counts = audit.counts;
        Life {
            seed: self.plan.seed,
            violation: audit.violation.clone(),
            lived: self.began.elapsed(),
            faults: self.faults,
            kills: self.kills,
            power_losses: self.power_losses,
            recoveries: self.recoveries,
            requests: counts.requests,
            orders: counts.orders,
            fills: counts.fills,
            trades: counts.trades,
            halts: counts.halts,
            checks: counts.checks,
            trace: audit.trace(),
        }
    }
}

/// Watches a process for the audit, and ends it when the life says so.
struct Watcher {
    world: Arc<World>,
    process: Arc<Process>,
    stop: Arc<AtomicBool>,
    started: Instant,
    came_up: Option<Duration>,
}

impl Observer for Watcher {
    fn record(&mut self, record: &Record) {
        if !self.process.is_dead() {
            self.world.audit().record(record);
        }
    }

    fn progress(&mut self, progress: &Progress) -> bool {
        if !self.process.is_dead() {
            self.came_up.get_or_insert_with(|| self.started.elapsed());
            self.world.audit().progress(progress, &self.world.exchange);
        }
        !self.stop.load(Ordering::Relaxed)
    }
}

fn settings(plan: &Plan, key_id: &str) -> Result<Settings, SoakError> {
    let mut overrides = plan.settings.clone();
    let mut set = |key: &str, value: &str| overrides.push((key.to_owned(), value.to_owned()));
    set("api.base_url", "http://127.0.0.1/trade-api/v2");
    set("api.websocket_url", "ws://127.0.0.1/trade-api/ws/v2");
    set("api.key_id", key_id);
    config::load(&Sources { overrides, ..Sources::default() })
        .map_err(|cause| SoakError::Settings { seed: plan.seed, cause: cause.to_string() })
}

fn account(settings: &Settings) -> AccountKey {
    AccountKey::new(settings.api.exchange().kind, settings.api.key_id.expose_secret())
}

fn client(settings: &Settings, network: Arc<dyn Network>) -> Result<Client, BotError> {
    let api = &settings.api;
    let transport = TransportSettings {
        base_url: api.exchange().rest,
        credentials: None,
        timeout: api.timeout,
        reads_per_second: api.read_rate_limit_per_second,
        writes_per_second: api.write_rate_limit_per_second,
    };
    let transport = Transport::over(network, transport);
    let transport = transport.map_err(|cause| BotError::Api { during: "the exchange's address", cause })?;
    Ok(Client::new(transport))
}
