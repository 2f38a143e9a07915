//! The exchange and the state folder that outlive every kill.

use super::hurried::Hurried;
use super::sim;
use kalshi_bot::exchange::core::{AccountId, Exchange, ExchangeSettings, OrderKey};
use kalshi_bot::exchange::server::{Faults, Running, Server, ServerSettings, Tier};
use kalshi_bot::fees::BalancePrecision;
use kalshi_bot::units::Timestamp;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// Time between a result and its payout.
const SETTLEMENT: Duration = Duration::from_secs(1);

/// The place of everything.
pub(super) struct Scene {
    exchange: Running,
    _runtime: tokio::runtime::Runtime,
    still: Arc<AtomicBool>,
    home: TempDir,
}

impl Scene {
    pub(super) fn new(seed: u64) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let still = Arc::new(AtomicBool::new(false));
        let start = Timestamp::from_micros(jiff::Timestamp::now().as_microsecond());
        let settings = ServerSettings {
            source: Some(Box::new(Hurried::new(seed, start, &still))),
            start: Some(start),
            tier: Tier::Prime,
            exchange: ExchangeSettings { precision: BalancePrecision::Direct, settlement_timer: SETTLEMENT },
            ..ServerSettings::default()
        };
        let exchange = runtime.block_on(Server::start(settings)).expect("the exchange starts");
        Self { exchange, _runtime: runtime, still, home: tempfile::tempdir().expect("a folder") }
    }

    /// Where the bot keeps the account.
    pub(super) fn folder(&self) -> PathBuf {
        self.home.path().join("account")
    }

    /// The program, with rules that trade much and stop for nothing but drift.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = sim::bot(arguments);
        command.arg("--state-dir").arg(self.folder());
        let key = self.exchange.private_key_path().expect("a key was made");
        command.env("KALSHI_API_KEY_ID", self.exchange.key_id()).env("KALSHI_PRIVATE_KEY_PATH", key);
        for (key, value) in [
            ("API__BASE_URL", self.exchange.rest().as_str()),
            ("API__WEBSOCKET_URL", self.exchange.ws().as_str()),
            ("MARKETS__MIN_VOLUME", "0"),
            ("MARKETS__MIN_LIQUIDITY", "0"),
            ("MARKETS__MAX_SPREAD", "0.04"),
            ("RISK__CIRCUIT_BREAKER_ENABLED", "false"),
            ("RISK__MAX_DRAWDOWN", "0"),
            ("TRADING__COOLDOWN_MINUTES", "0"),
            ("TRADING__MAX_POSITIONS", "20"),
            ("TRADING__MAX_POSITION_SIZE", "0.02"),
            ("LOGGING__FORMAT", "json"),
        ] {
            command.env(format!("KALSHI_BOT__{key}"), value);
        }
        command
    }

    /// Looks at the exchange itself, and at the account there.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Exchange, AccountId) -> T) -> T {
        self.exchange.control(|exchange, account, _| look(exchange, account))
    }

    /// The last order that got in.
    pub(super) fn last_order(&self) -> Option<OrderKey> {
        self.look(|exchange, account| exchange.orders(account).next_back().map(|order| order.key))
    }

    pub(super) fn turn(&self, faults: Faults) {
        self.exchange.set_faults(faults);
    }

    /// Lets the markets stand still, with everything paid that was due.
    pub(super) fn stand_still(&self) {
        self.still.store(true, Ordering::Relaxed);
        std::thread::sleep(SETTLEMENT + Duration::from_millis(300));
    }

    pub(super) fn go_on(&self) {
        self.still.store(false, Ordering::Relaxed);
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.home.disable_cleanup(true);
            tell(&format!("what the bot left is in {}", self.folder().display()));
        }
    }
}

/// Says something to whoever watches the test.
#[allow(clippy::print_stderr, reason = "a long run is watched, and a failed one is told how to be repeated")]
pub(super) fn tell(line: &str) {
    eprintln!("{line}");
}

/// Whether the bot has been here before.
pub(super) fn has_database(folder: &Path) -> bool {
    folder.join("kalshi-bot.db").exists()
}
