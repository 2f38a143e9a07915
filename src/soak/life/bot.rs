//! What a bot of a simulated life is made of, and who watches it.

use super::super::network::{Process, World};
use super::super::plan::Plan;
use super::SoakError;
use crate::bot::BotError;
use crate::config::{self, Settings, Sources};
use crate::engine::Record;
use crate::kalshi::network::Network;
use crate::kalshi::rest::Client;
use crate::kalshi::rest::transport::{Transport, TransportSettings};
use crate::replay::driver::{Observer, Progress};
use crate::store::AccountKey;
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// Watches a process for the audit, and ends it when the life says so.
pub(super) struct Watcher {
    pub(super) world: Arc<World>,
    pub(super) process: Arc<Process>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) started: Instant,
    pub(super) came_up: Option<Duration>,
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

/// The settings of a plan.
pub(super) fn settings(plan: &Plan, key_id: &str) -> Result<Settings, SoakError> {
    let mut overrides = plan.settings.clone();
    let mut set = |key: &str, value: &str| overrides.push((key.to_owned(), value.to_owned()));
    set("api.base_url", "http://127.0.0.1/trade-api/v2");
    set("api.websocket_url", "ws://127.0.0.1/trade-api/ws/v2");
    set("api.key_id", key_id);
    config::load(&Sources { overrides, ..Sources::default() })
        .map_err(|cause| SoakError::Settings { seed: plan.seed, cause: cause.to_string() })
}

/// Whose account it is.
pub(super) fn account(settings: &Settings) -> AccountKey {
    AccountKey::new(settings.api.exchange().kind, settings.api.key_id.expose_secret())
}

/// A client of the simulated exchange.
pub(super) fn client(settings: &Settings, network: Arc<dyn Network>) -> Result<Client, BotError> {
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
