//! How a request gets to the exchange and its answer back.
//!
//! A request waits for its tokens, is signed, and goes. What only reads is repeated after a while when no answer came,
//! when the exchange had too much to do, or when it was broken. What changes something is sent once: only a 429, which
//! says that nothing was done, lets it go again, signed anew. Whatever leaves open if it was done is
//! [`ApiError::NoAnswer`] or [`ApiError::Unreadable`], never a refusal.
//!
//! Credentials go to the configured host alone: over TLS, or in the clear to this machine; redirects aren't followed.

mod address;
mod answer;
mod clock;

use super::query::Query;
use crate::clock::{draw, wall_clock};
use crate::kalshi::credentials::Credentials;
use crate::kalshi::error::{ApiError, Refusal};
use crate::kalshi::limits::{Charge, Costs, Limits, Tokens};
use crate::kalshi::model::{AccountLimits, ExchangeStatus};
use crate::kalshi::network::{Broken, Network};
use crate::units::Timestamp;
use address::Address;
use answer::Answer;
use clock::ServerClock;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Longest wait for the tokens of an order: after that, what it was meant for has passed.
const ORDER_PATIENCE: Duration = Duration::from_secs(1);
/// How long a signature made ahead of time may be used; the exchange itself takes about ten seconds.
const FRESH: Duration = Duration::from_secs(2);
/// Idle connections are given up before a load balancer does, which would break the next request.
const IDLE: Duration = Duration::from_secs(50);
/// How often an idle connection is asked whether it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Where requests go and how.
#[derive(Debug, Clone)]
pub struct TransportSettings {
    /// The exchange, such as `https://external-api.demo.kalshi.co/trade-api/v2`.
    pub base_url: String,
    /// Who asks; without them only public operations work.
    pub credentials: Option<Arc<Credentials>>,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// Reads a second until the account's limits are loaded.
    pub reads_per_second: u32,
    /// Writes a second until then.
    pub writes_per_second: u32,
}

/// Carries requests to one exchange. Clones share connections and limits.
#[derive(Clone)]
pub struct Transport {
    shared: Arc<Shared>,
}

/// What carries the bytes.
enum Wire {
    Machine(reqwest::Client),
    Other(Arc<dyn Network>),
}

struct Shared {
    address: Address,
    wire: Wire,
    credentials: Option<Arc<Credentials>>,
    timeout: Duration,
    persistence: Persistence,
    started: Instant,
    limits: Mutex<Limits>,
    clock: Mutex<ServerClock>,
    ahead: Mutex<Option<SignedAhead>>,
}

/// How often and how soon something is tried again.
#[derive(Debug, Clone, Copy)]
struct Persistence {
    reads: u32,
    writes: u32,
    first: Duration,
    most: Duration,
}

impl Persistence {
    const USUAL: Self =
        Self { reads: 4, writes: 3, first: Duration::from_millis(200), most: Duration::from_secs(3) };

    /// The pause after the `failed`-th attempt: doubling, and shortened by chance so that not all come back together.
    fn pause(self, failed: u32) -> Duration {
        let longest = self.first.saturating_mul(1 << failed.saturating_sub(1).min(16)).min(self.most);
        let half = longest / 2;
        let micros = u64::try_from(half.as_micros()).unwrap_or(u64::MAX).saturating_add(1);
        half + Duration::from_micros(draw() % micros)
    }
}

/// The headers of a request that is yet to come.
struct SignedAhead {
    method: Method,
    path: String,
    at: Timestamp,
    headers: [(&'static str, String); 3],
}

/// A request, as often as it is sent.
struct Request<'a> {
    method: Method,
    path: &'a str,
    query: &'a Query,
    body: Option<Vec<u8>>,
    charge: Charge,
    is_signed: bool,
    /// Whether the body of an exchange that is down is an answer.
    takes_outage: bool,
}

impl Request<'_> {
    fn what(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    const fn may_be_repeated_after(&self, error: &ApiError) -> bool {
        match error {
            ApiError::RateLimited => true,
            ApiError::Unreachable { .. } | ApiError::NoAnswer { .. } => !self.charge.is_write(),
            _ => false,
        }
    }
}

impl Transport {
    /// Prepares to speak to the exchange; nothing is sent yet.
    ///
    /// # Errors
    /// [`ApiError::Unreachable`] when the URL is none that credentials may be sent to.
    pub fn new(settings: TransportSettings) -> Result<Self, ApiError> {
        Self::persistent(settings, Persistence::USUAL)
    }

    /// The same, to an exchange that another network leads to.
    ///
    /// # Errors
    /// [`ApiError::Unreachable`] when the URL is none.
    pub fn over(network: Arc<dyn Network>, settings: TransportSettings) -> Result<Self, ApiError> {
        let address = Address::parse(&settings.base_url)?;
        Ok(Self::sending(Wire::Other(network), address, settings, Persistence::USUAL))
    }

    fn persistent(settings: TransportSettings, persistence: Persistence) -> Result<Self, ApiError> {
        let address = Address::parse(&settings.base_url)?;
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("kalshi-bot/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .timeout(settings.timeout)
            // Shorter than the whole, so that a connection that never came is told from an answer that never came.
            .connect_timeout(settings.timeout * 3 / 4)
            .pool_idle_timeout(IDLE)
            .tcp_keepalive(KEEP_ALIVE)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .http2_keep_alive_while_idle(true)
            .https_only(!address.is_loopback());
        if address.is_loopback() {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| address.unreachable(&error))?;
        Ok(Self::sending(Wire::Machine(http), address, settings, persistence))
    }

    fn sending(wire: Wire, address: Address, settings: TransportSettings, persistence: Persistence) -> Self {
        let started = Instant::now();
        let limits = Limits::assumed(settings.reads_per_second, settings.writes_per_second, Timestamp::EPOCH);
        let shared = Shared {
            address,
            wire,
            credentials: settings.credentials,
            timeout: settings.timeout,
            persistence,
            started,
            limits: Mutex::new(limits),
            clock: Mutex::new(ServerClock::default()),
            ahead: Mutex::new(None),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Milliseconds that this machine's clock is ahead of the exchange's, by its latest answer; below zero when it is
    /// behind. The exchange tells whole seconds, so half a second either way means nothing.
    pub fn clock_skew(&self) -> Option<i64> {
        self.clock().skew_millis()
    }

    /// When [`Transport::clock_skew`] was last measured.
    pub fn clock_measured_at(&self) -> Option<Timestamp> {
        self.clock().measured_at()
    }

    /// Tokens left for requests, as far as this process knows: others may use the same account.
    pub fn tokens(&self) -> Tokens {
        self.limits().tokens(self.elapsed())
    }

    /// Takes the account's own limits and the exchange's costs.
    pub(super) fn load(&self, limits: &AccountLimits, costs: Costs) {
        let now = self.elapsed();
        self.limits().load(limits, costs, now);
    }

    /// Signs the next such request now, so that it needn't be signed when it is sent. The signature is used once, and
    /// only while it is fresh.
    pub(super) fn sign_ahead(&self, method: Method, path: &str) {
        let Some(credentials) = &self.shared.credentials else { return };
        let path = self.shared.address.path(path);
        let at = wall_clock();
        let headers = credentials.headers(at, method.as_str(), &path);
        *lock(&self.shared.ahead) = Some(SignedAhead { method, path, at, headers });
    }

    /// Reads, again where that helps.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &Query,
        is_signed: bool,
    ) -> Result<T, ApiError> {
        let charge = if is_signed { Charge::Read } else { Charge::Anonymous };
        let (method, takes_outage) = (Method::GET, false);
        let request = Request { method, path, query, body: None, charge, is_signed, takes_outage };
        let body = self.exchange(&request).await?;
        answer::parse(&request.what(), &body)
    }

    /// Asks whether the exchange trades. One that is down may still say so.
    pub(super) async fn status(&self) -> Result<ExchangeStatus, ApiError> {
        let request = Request {
            method: Method::GET,
            path: "/exchange/status",
            query: &Query::default(),
            body: None,
            charge: Charge::Anonymous,
            is_signed: false,
            takes_outage: true,
        };
        let body = self.exchange(&request).await?;
        answer::parse(&request.what(), &body)
    }

    /// Changes something, once.
    pub(super) async fn write<T: DeserializeOwned, B: Serialize + Sync>(
        &self,
        method: Method,
        path: &str,
        query: &Query,
        body: Option<&B>,
        charge: Charge,
    ) -> Result<T, ApiError> {
        let what = format!("{method} {path}");
        let answer = self.change(method, path, query, body, charge).await?;
        answer::parse(&what, &answer)
    }

    /// Changes something, once, where the answer has no body worth reading.
    pub(super) async fn write_silent<B: Serialize + Sync>(
        &self,
        method: Method,
        path: &str,
        query: &Query,
        body: Option<&B>,
        charge: Charge,
    ) -> Result<(), ApiError> {
        self.change(method, path, query, body, charge).await.map(drop)
    }

    async fn change<B: Serialize + Sync>(
        &self,
        method: Method,
        path: &str,
        query: &Query,
        body: Option<&B>,
        charge: Charge,
    ) -> Result<Vec<u8>, ApiError> {
        let body = body.map(serde_json::to_vec).transpose().map_err(|error| ApiError::Unreachable {
            host: self.shared.address.host().to_owned(),
            cause: format!("the request can't be written: {error}"),
        })?;
        let request = Request { method, path, query, body, charge, is_signed: true, takes_outage: false };
        self.exchange(&request).await
    }

    /// Sends, and again as far as that is safe and helps.
    async fn exchange(&self, request: &Request<'_>) -> Result<Vec<u8>, ApiError> {
        let persistence = self.shared.persistence;
        let attempts = if request.charge.is_write() { persistence.writes } else { persistence.reads };
        let mut failed = 0;
        loop {
            self.wait_for_tokens(request).await?;
            let error = match self.send(request).await {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            failed += 1;
            if error == ApiError::RateLimited {
                let now = self.elapsed();
                self.limits().refused(now, request.charge);
            }
            if failed >= attempts || !request.may_be_repeated_after(&error) {
                return Err(error);
            }
            let pause = persistence.pause(failed);
            tracing::debug!(what = request.what(), %error, ?pause, "tries again");
            tokio::time::sleep(pause).await;
        }
    }

    async fn wait_for_tokens(&self, request: &Request<'_>) -> Result<(), ApiError> {
        let patience = match request.charge {
            Charge::Write { is_cancel: false, .. } => ORDER_PATIENCE.min(self.shared.timeout),
            _ => self.shared.timeout,
        };
        let give_up = self.elapsed() + patience;
        let path = self.shared.address.path(request.path);
        loop {
            let now = self.elapsed();
            let taken = self.limits().take(now, request.method.as_str(), &path, request.charge);
            let Err(wait) = taken else { return Ok(()) };
            if wait == Duration::MAX || now + wait > give_up {
                return Err(ApiError::NoTokens { what: request.what(), waited: patience });
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Sends once.
    async fn send(&self, request: &Request<'_>) -> Result<Vec<u8>, ApiError> {
        let url = self.shared.address.url(request.path, request.query);
        let mut outgoing = reqwest::Request::new(request.method.clone(), url);
        if request.is_signed && matches!(self.shared.wire, Wire::Machine(_)) {
            *outgoing.headers_mut() = self.signature(&request.method, outgoing.url().path())?;
        }
        if let Some(body) = &request.body {
            outgoing.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *outgoing.body_mut() = Some(body.clone().into());
        }
        let sent = wall_clock();
        let response = self.carry(outgoing).await?;
        let received = wall_clock();
        self.clock().observe(response.headers(), sent, received);
        let status = response.status();
        tracing::debug!(
            what = request.what(),
            status = status.as_u16(),
            micros = received.micros() - sent.micros(),
            "answered"
        );
        let location = response.headers().get(reqwest::header::LOCATION).cloned();
        let body = match response.bytes().await {
            Ok(body) => body.to_vec(),
            // The status alone says that nothing was done.
            Err(_) if status.is_client_error() => Vec::new(),
            Err(error) => return Err(self.shared.address.failure(&error, self.shared.timeout)),
        };
        Answer { status: status.as_u16(), location, body }.judge(
            self.shared.address.host(),
            &request.what(),
            request.takes_outage,
        )
    }

    async fn carry(&self, request: reqwest::Request) -> Result<reqwest::Response, ApiError> {
        let Shared { wire, address, timeout, .. } = &*self.shared;
        match wire {
            Wire::Machine(http) => {
                http.execute(request).await.map_err(|error| address.failure(&error, *timeout))
            }
            Wire::Other(network) => match tokio::time::timeout(*timeout, network.call(request)).await {
                Ok(answer) => answer.map_err(|broken| address.broken(broken)),
                Err(_) => Err(address.broken(Broken::NoAnswer(format!("nothing came within {timeout:?}")))),
            },
        }
    }

    fn signature(&self, method: &Method, path: &str) -> Result<HeaderMap, ApiError> {
        let Some(credentials) = &self.shared.credentials else {
            return Err(ApiError::Credentials(Refusal {
                status: 401,
                code: "no_key".to_owned(),
                message: "this operation needs a key; set KALSHI_API_KEY_ID and KALSHI_PRIVATE_KEY_PATH"
                    .to_owned(),
                details: String::new(),
            }));
        };
        let now = wall_clock();
        let pairs = self
            .signed_ahead(method, path, now)
            .unwrap_or_else(|| credentials.headers(now, method.as_str(), path));
        let mut headers = HeaderMap::with_capacity(pairs.len() + 1);
        for (name, value) in pairs {
            let name: HeaderName = name.parse().map_err(|_| self.unusable_key_id())?;
            let mut value = HeaderValue::try_from(value).map_err(|_| self.unusable_key_id())?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(headers)
    }

    fn unusable_key_id(&self) -> ApiError {
        let cause = "the key id holds characters that can't be sent".to_owned();
        ApiError::Unreachable { host: self.shared.address.host().to_owned(), cause }
    }

    fn signed_ahead(
        &self,
        method: &Method,
        path: &str,
        now: Timestamp,
    ) -> Option<[(&'static str, String); 3]> {
        let mut ahead = lock(&self.shared.ahead);
        let ready = ahead.take_if(|ahead| ahead.method == *method && ahead.path == path)?;
        (ready.at <= now && now.since(ready.at) <= FRESH).then_some(ready.headers)
    }

    /// Time since the start, for the buckets: it never steps back.
    fn elapsed(&self) -> Timestamp {
        Timestamp::EPOCH + self.shared.started.elapsed()
    }

    fn limits(&self) -> MutexGuard<'_, Limits> {
        lock(&self.shared.limits)
    }

    fn clock(&self) -> MutexGuard<'_, ServerClock> {
        lock(&self.shared.clock)
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transport({}, {:?})", self.shared.address.host(), self.shared.credentials)
    }
}

/// What is guarded is whole after every step, even where a holder of the lock has panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
