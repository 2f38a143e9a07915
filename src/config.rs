//! The settings: typed, checked in one pass, and each with the place it was set at.
//!
//! A value is looked for in layers, each beating the one before: `config/default.toml` as compiled in, the file the
//! operator names, `markets.toml` for single series and categories, variables `KALSHI_BOT__SECTION__KEY`, the command
//! line. `${NAME}` in a string of a file is replaced from the environment. [`schema`] declares every key once;
//! [`load`] reports every fault of every layer together. No decimal passes through a float on its way.

mod checks;
mod document;
pub mod exchange;
mod expand;
mod fault;
mod layers;
mod logging;
mod mail;
pub(crate) mod nearest;
pub mod schema;
mod show;
mod url;
mod value;

pub use fault::{ConfigError, Fault, Origin};
pub use logging::{LogDestination, LogFormat, LogRotation, Logging};
pub use mail::{AlertLevel, Email, MailSecurity};
pub use show::Shown;

pub use crate::engine::Rules;
use crate::execution::client_id::Prefix;
use crate::market::filter::Filter;
use crate::risk::Limits;
use crate::strategy::Parameters;
use crate::units::{Money, Ratio};
use layers::{Layers, Override, Scope, Values, View};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The compiled-in defaults: every key, with what it means.
pub const DEFAULT_TOML: &str = include_str!("../config/default.toml");
/// The compiled-in market overrides.
pub const MARKETS_TOML: &str = include_str!("../config/markets.toml");

/// Where the configuration comes from, beside what is compiled in. It holds the environment with its secrets, and
/// therefore doesn't print itself.
#[derive(Clone, Default)]
pub struct Sources {
    /// The main file.
    pub file: Option<PathBuf>,
    /// The file of market overrides. Where none is named, a `markets.toml` beside the main file is taken, and
    /// where there is none the compiled-in one.
    pub markets_file: Option<PathBuf>,
    /// The variables of the environment.
    pub environment: BTreeMap<String, String>,
    /// What the command line sets: paths such as `trading.stop_loss`, and the text of their values.
    pub overrides: Vec<(String, String)>,
}

/// Everything that can be set. Single markets take theirs from [`Settings::rules_for`].
#[derive(Debug, Clone)]
pub struct Settings {
    /// The strategy where no override speaks.
    pub trading: Parameters,
    /// The market filter where no override speaks.
    pub markets: Filter,
    /// The risk limits of the account.
    pub risk: Limits,
    /// Orders.
    pub execution: Execution,
    /// Paper runs.
    pub paper: Paper,
    /// The exchange.
    pub api: Api,
    /// The database.
    pub database: Database,
    /// The log.
    pub logging: Logging,
    /// Figures for others to collect.
    pub metrics: Metrics,
    /// Alerts.
    pub alerts: Alerts,
    /// What is kept on this machine.
    pub state: State,
    values: Values,
    overrides: Vec<Override>,
}

/// How orders are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// What the names of the bot's orders begin with.
    pub order_prefix: Prefix,
    /// How long a resting order stands before the exchange takes it off by itself.
    pub order_lifetime: Duration,
    /// Contracts matched within 15 seconds on one shard that pull the exchange's brake; 0 is none.
    pub order_group_contracts: u32,
    /// How often the account is compared with the exchange's while the bot runs.
    pub reconcile_every: Duration,
}

/// Paper runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// Capital at the start.
    pub capital: Money,
    /// Time from a decision to its order standing at the venue, one way.
    pub latency: Duration,
    /// Seed of the generated markets.
    pub seed: u64,
    /// How many markets are generated.
    pub markets: u32,
    /// How long the generated markets are traded, in their own time.
    pub length: Duration,
    /// How many times faster than real time; zero is as fast as the machine can.
    pub speed: Ratio,
}

/// The exchange. URLs carry no trailing slash.
#[derive(Debug, Clone)]
pub struct Api {
    /// Production, requests.
    pub base_url: String,
    /// Production, stream.
    pub websocket_url: String,
    /// Demo, requests.
    pub demo_base_url: String,
    /// Demo, stream.
    pub demo_websocket_url: String,
    /// Whether the demo exchange is used.
    pub use_demo: bool,
    /// Name of the signing key; may be empty.
    pub key_id: SecretString,
    /// File of the private key.
    pub private_key_path: Option<PathBuf>,
    /// Most reading requests a second.
    pub read_rate_limit_per_second: u32,
    /// Most writing requests a second.
    pub write_rate_limit_per_second: u32,
    /// How long an answer is waited for.
    pub timeout: Duration,
}

/// The database.
#[derive(Debug, Clone)]
pub struct Database {
    /// Where Supabase answers; may be empty.
    pub url: String,
    /// Its service key; may be empty.
    pub key: SecretString,
    /// The path of its REST interface under the address; `/` where PostgREST itself answers.
    pub rest_path: String,
    /// The schema of the tables.
    pub schema: String,
    /// A direct connection to its PostgreSQL, for migrations; may be empty.
    pub connection: SecretString,
    /// Certificates to trust beside the system's, in PEM.
    pub ca_file: Option<PathBuf>,
    /// Most connections at once.
    pub pool_size: u32,
}

/// Figures for others to collect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metrics {
    /// Where they can be read, on this machine alone; `None` is nowhere.
    pub listen: Option<SocketAddr>,
}

/// Alerts, by the way they travel.
#[derive(Debug, Clone)]
pub struct Alerts {
    /// By e-mail.
    pub email: Email,
}

/// What is kept on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Its directory; `None` takes the usual one of the system.
    pub dir: Option<PathBuf>,
}

/// A key that is empty because the environment lacks a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingVariable {
    /// The key's path.
    pub key: &'static str,
    /// The variable.
    pub name: String,
}

/// Reads and checks the whole configuration.
///
/// # Errors
/// [`ConfigError`] with every fault of every layer: files that can't be read or aren't TOML, keys that don't exist,
/// values of the wrong type or out of range, settings that contradict each other.
pub fn load(sources: &Sources) -> Result<Settings, ConfigError> {
    let mut layers = Layers::new(&sources.environment);
    layers.main_document(DEFAULT_TOML, |line| Origin::Default { file: "default.toml", line });
    if let Some(path) = &sources.file
        && let Some(text) = read(path, &mut layers)
    {
        layers.main_document(&text, |line| Origin::File { path: path.clone(), line: Some(line) });
    }
    match markets_file(sources) {
        Some(path) => {
            if let Some(text) = read(&path, &mut layers) {
                layers.markets_document(&text, |line| Origin::File { path: path.clone(), line: Some(line) });
            }
        }
        None => layers.markets_document(MARKETS_TOML, |line| Origin::Default { file: "markets.toml", line }),
    }
    layers.environment();
    layers.flags(&sources.overrides);

    let contradictions = checks::all(&layers);
    layers.faults.extend(contradictions);
    if layers.faults.is_empty() {
        return Ok(Settings::new(layers.values, layers.overrides));
    }
    layers.faults.sort_by(|a, b| a.origin.cmp(&b.origin));
    Err(ConfigError { faults: layers.faults })
}

fn markets_file(sources: &Sources) -> Option<PathBuf> {
    let beside = || {
        sources.file.as_ref().map(|file| file.with_file_name("markets.toml")).filter(|path| path.is_file())
    };
    sources.markets_file.clone().or_else(beside)
}

fn read(path: &Path, layers: &mut Layers<'_>) -> Option<String> {
    std::fs::read_to_string(path)
        .map_err(|error| {
            let origin = Origin::File { path: path.to_owned(), line: None };
            layers.faults.push(Fault::at(origin, format!("can't be read: {error}")));
        })
        .ok()
}

impl Settings {
    fn new(values: Values, overrides: Vec<Override>) -> Self {
        let view = View { base: &values, overrides: Vec::new() };
        Self {
            trading: parameters(&view),
            markets: filter(&view),
            risk: limits(&view),
            execution: Execution {
                // The checks have read it as one.
                order_prefix: view.get::<String>(checks::PREFIX).parse().unwrap_or_default(),
                order_lifetime: view.get("execution.order_lifetime_seconds"),
                order_group_contracts: view.get("execution.order_group_contracts"),
                reconcile_every: view.get("execution.reconcile_every"),
            },
            paper: Paper {
                capital: view.get("paper.capital"),
                latency: view.get("paper.latency_ms"),
                seed: view.get("paper.seed"),
                markets: view.get("paper.markets"),
                length: view.get("paper.hours"),
                speed: view.get("paper.speed"),
            },
            api: Api {
                base_url: view.get("api.base_url"),
                websocket_url: view.get("api.websocket_url"),
                demo_base_url: view.get("api.demo_base_url"),
                demo_websocket_url: view.get("api.demo_websocket_url"),
                use_demo: view.get("api.use_demo"),
                key_id: view.get("api.key_id"),
                private_key_path: view.get("api.private_key_path"),
                read_rate_limit_per_second: view.get("api.read_rate_limit_per_second"),
                write_rate_limit_per_second: view.get("api.write_rate_limit_per_second"),
                timeout: view.get("api.timeout"),
            },
            database: Database {
                url: view.get("database.url"),
                key: view.get("database.key"),
                rest_path: view.get("database.rest_path"),
                schema: view.get("database.schema"),
                connection: view.get("database.connection"),
                ca_file: view.get("database.ca_file"),
                pool_size: view.get("database.pool_size"),
            },
            logging: Logging {
                level: view.get("logging.level"),
                // The checks have read them.
                modules: logging::modules(&view.get::<String>(checks::MODULES)).unwrap_or_default(),
                format: view.get("logging.format"),
                destination: view.get("logging.destination"),
                file: view.get("logging.file"),
                rotation: view.get("logging.rotation"),
                keep_files: view.get::<u32>("logging.keep_files") as usize,
                store_level: view.get("logging.store_level"),
            },
            // The checks have read it.
            metrics: Metrics {
                listen: checks::loopback(&view.get::<String>(checks::LISTEN)).unwrap_or_default(),
            },
            alerts: Alerts { email: mail::read(&view) },
            state: State { dir: view.get("state.dir") },
            values,
            overrides,
        }
    }

    /// The rules for one market, by its series and category: an override for the series beats one for the
    /// category, which beats the general setting. Names are compared without regard to case.
    pub fn rules_for(&self, series: &str, category: &str) -> Rules {
        let covering = |wanted: fn(&Scope) -> bool| {
            self.overrides
                .iter()
                .filter(move |table| wanted(&table.scope) && table.scope.covers(series, category))
        };
        let by_series = covering(|scope| matches!(scope, Scope::Series(_)));
        let by_category = covering(|scope| matches!(scope, Scope::Category(_)));
        let view = View { base: &self.values, overrides: by_series.chain(by_category).collect() };
        Rules { filter: filter(&view), parameters: parameters(&view) }
    }

    /// The longest time to the close at which any market may be entered, overrides included.
    pub fn longest_time_to_close(&self) -> Duration {
        let of = |overrides| filter(&View { base: &self.values, overrides }).max_time_to_close;
        let tables = self.overrides.iter().map(|table| of(vec![table]));
        tables.fold(of(Vec::new()), Duration::max)
    }

    /// The keys that are empty because the environment lacks a variable, in the order of the paths.
    pub fn missing_secrets(&self) -> Vec<MissingVariable> {
        let entries = self.values.iter();
        entries
            .flat_map(|(key, entry)| {
                entry.missing.iter().map(|name| MissingVariable { key, name: name.clone() })
            })
            .collect()
    }

    /// The keys without which no mail can be sent.
    pub fn needed_for_mail(&self) -> &'static [&'static str] {
        mail::needed(self.alerts.email.security)
    }

    /// Checks that none of `keys` is empty, for a command that can't do without them; `reason` ends a sentence such
    /// as "`SUPABASE_KEY` is not set, and ...".
    ///
    /// # Errors
    /// [`ConfigError`] with one fault for each empty key.
    pub fn require(&self, keys: &[&str], reason: &str) -> Result<(), ConfigError> {
        let view = View { base: &self.values, overrides: Vec::new() };
        let faults = checks::needed(&view, keys, reason);
        if faults.is_empty() { Ok(()) } else { Err(ConfigError { faults }) }
    }
}

fn parameters(view: &View<'_>) -> Parameters {
    Parameters {
        entry_threshold: view.get("trading.entry_threshold"),
        profit_target: view.get("trading.profit_target"),
        stop_loss: view.get("trading.stop_loss"),
        widen_stop: view.get("trading.widen_stop"),
        entry_style: view.get("trading.entry_style"),
        maker_entry_lifetime: view.get("trading.maker_entry_lifetime_seconds"),
        take_profit_style: view.get("trading.take_profit_style"),
        stop_slippage: view.get("trading.stop_slippage"),
        hold_to_settlement: view.get("trading.hold_to_settlement"),
        exit_before_close: view.get("trading.exit_before_close_minutes"),
        cooldown: view.get("trading.cooldown_minutes"),
    }
}

fn filter(view: &View<'_>) -> Filter {
    let mut categories: Vec<String> = view.get("markets.categories");
    categories.retain(|name| !name.eq_ignore_ascii_case("all"));
    Filter {
        categories,
        min_volume: view.get("markets.min_volume"),
        min_liquidity: view.get("markets.min_liquidity"),
        liquidity_reach: view.get("markets.liquidity_reach"),
        max_spread: view.get("markets.max_spread"),
        min_time_to_close: view.get("markets.time_to_event.min_hours"),
        max_time_to_close: view.get("markets.time_to_event.max_hours"),
    }
}

fn limits(view: &View<'_>) -> Limits {
    Limits {
        max_position_size: view.get("trading.max_position_size"),
        max_event_exposure: view.get("risk.max_event_exposure"),
        max_total_exposure: view.get("trading.max_total_exposure"),
        max_positions: view.get("trading.max_positions"),
        max_daily_loss: view.get("risk.max_daily_loss"),
        max_drawdown: view.get("risk.max_drawdown"),
        max_consecutive_losses: view.get("risk.max_consecutive_losses"),
        circuit_breaker_enabled: view.get("risk.circuit_breaker_enabled"),
        max_feed_silence: view.get("risk.websocket_max_disconnect"),
        pause_margin: view.get("risk.no_entries_before_pause_minutes"),
    }
}
