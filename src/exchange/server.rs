//! A Kalshi-compatible exchange: REST and WebSocket before the synchronous core, on one port, for one account.
//!
//! Whatever the API documents of markets, orders, portfolio and stream is served under the exchange's own paths, with its
//! status codes, bodies and frames; signatures are checked and requests counted. [`Faults`] go wrong on purpose, and a
//! few paths under `/sim` steer the simulation while it runs (docs/sim.md).
//!
//! ```text
//!  REST ── gate ── operation ─┐
//!                             ├─ one lock: Floor { core, sessions } ── happenings ── outboxes ── WebSockets
//!  source (generated, replay) ┘
//! ```
//!
//! | room | holds |
//! |---|---|
//! | `route`, `gate`, `limits` | paths, and what a request passes before it is looked at |
//! | `markets`, `events`, `orders`, `groups`, `portfolio` | the operations |
//! | `socket`, `outbox`, `session`, `sessions` | one WebSocket, its frames on their way, its conversation, all of them |
//! | `floor`, `quiet`, `history` | what the lock guards |
//! | `wire`, `answer`, `parameters`, `body` | the core's words in those of the API, and back |
//! | `driver`, `clock` | what runs by itself, and the time |
//! | `faults`, `control` | what goes wrong on purpose |

mod answer;
mod body;
mod clock;
mod control;
mod driver;
mod events;
mod faults;
mod floor;
mod gate;
mod groups;
mod history;
mod keys;
mod limits;
mod markets;
mod orders;
mod outbox;
mod parameters;
mod portfolio;
mod quiet;
mod route;
mod running;
mod session;
mod sessions;
mod socket;
mod wire;

pub use faults::Faults;
pub use keys::KeySource;
pub use limits::Tier;
pub use running::{Running, Served, Server};

use super::core::ExchangeSettings;
use crate::fees::BalancePrecision;
use crate::kalshi::sign::KeyKind;
use crate::replay::source::Source;
use crate::units::{Money, Timestamp};
use answer::Problem;
use axum::http::Method;
use clock::Clock;
use faults::FaultDesk;
use floor::Floor;
use keys::AccountKey;
use limits::{Allowance, Bucket};
use sessions::FrameFaults;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// What comes before every REST path.
const PREFIX: &str = "/trade-api/v2";
/// The WebSocket's path.
const WS_PATH: &str = "/trade-api/ws/v2";

/// What to serve.
pub struct ServerSettings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The account's key.
    pub key: KeySource,
    /// The account's cash by shard.
    pub cash: Vec<(u8, Money)>,
    /// How much the account may ask.
    pub tier: Tier,
    /// How the core behaves.
    pub exchange: ExchangeSettings,
    /// What fills the books; its first moment becomes [`ServerSettings::start`].
    pub source: Option<Box<dyn Source + Send>>,
    /// The simulated clock's first moment; the wall clock's now where none is named.
    pub start: Option<Timestamp>,
    /// Simulated seconds a second.
    pub speed: NonZeroU32,
    /// Listed markets in which nothing happens.
    pub quiet_markets: u32,
    /// What goes wrong from the start.
    pub faults: Faults,
    /// How often running figures are told and what is due is done.
    pub beat: Duration,
    /// Bytes that may wait for a client that doesn't read before its subscription ends.
    pub session_buffer: usize,
}

impl Default for ServerSettings {
    /// An exchange without markets on a free port, real time, 10,000 dollars on shard 0, a fresh Ed25519 key.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            key: KeySource::Folder { dir: None, kind: KeyKind::Ed25519 },
            cash: vec![(0, Money::from_dollars(10_000))],
            tier: Tier::Basic,
            exchange: ExchangeSettings {
                precision: BalancePrecision::Direct,
                settlement_timer: Duration::from_mins(5),
            },
            source: None,
            start: None,
            speed: NonZeroU32::MIN,
            quiet_markets: 0,
            faults: Faults::default(),
            beat: Duration::from_millis(50),
            session_buffer: 64 << 20,
        }
    }
}

impl fmt::Debug for ServerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSettings")
            .field("listen", &self.listen)
            .field("cash", &self.cash)
            .field("tier", &self.tier)
            .field("speed", &self.speed)
            .field("quiet_markets", &self.quiet_markets)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

/// Why the exchange can't be served.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The port can't be had.
    #[error("{address} can't be listened on: {cause}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        cause: String,
    },
    /// The key can't be used.
    #[error("the account's key can't be used: {0}")]
    Key(String),
    /// The key can't be kept or read.
    #[error("{path} can't be used: {cause}", path = .path.display())]
    Folder {
        /// Where.
        path: PathBuf,
        /// Why.
        cause: String,
    },
}

/// What every request and every connection shares.
#[derive(Debug)]
struct Venue {
    floor: Mutex<Floor>,
    faults: Mutex<FaultDesk>,
    allowance: Mutex<Allowance>,
    clock: Clock,
    key: AccountKey,
    settlement_timer: Duration,
    session_buffer: usize,
    stop: watch::Sender<bool>,
}

impl Venue {
    /// Does something on the floor, now, and tells what came of it. Faults of the wire apply to what is told.
    fn with<T>(&self, act: impl FnOnce(&mut Floor, Timestamp) -> T) -> T {
        let faults = self.frame_faults();
        let mut floor = held(&self.floor);
        let now = self.clock.now();
        floor.exchange.advance(now);
        floor.publish(now, faults);
        let outcome = act(&mut floor, now);
        floor.publish(now, faults);
        outcome
    }

    fn faults(&self) -> MutexGuard<'_, FaultDesk> {
        held(&self.faults)
    }

    fn frame_faults(&self) -> FrameFaults {
        let desk = self.faults();
        let faults = desk.faults();
        FrameFaults { skip_every: faults.skip_sequence_every, duplicate_fills: faults.duplicate_fills }
    }

    fn allowance(&self) -> MutexGuard<'_, Allowance> {
        held(&self.allowance)
    }

    /// Counts a request, or refuses it.
    fn take(&self, bucket: Bucket, method: &Method, path: &str, items: usize) -> Result<(), Problem> {
        self.allowance().take(clock::wall(), bucket, (method.as_str(), path), items)
    }

    /// Waits until the exchange ends.
    async fn stopped(&self) {
        // The sender lives as long as this, so the wait can't fail.
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }
}

/// A lock whose holder panicked is still good: every change is made whole or not at all.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
