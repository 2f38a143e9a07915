//! The network between the bot and the exchange: every request takes its time and its chances, frames come in order and
//! late, and what a process had sent before it died still arrives.

use super::audit::Audit;
use super::weather::{Death, Fate, Trip, Weather};
use crate::exchange::server::Served;
use crate::journal::{Disk, SimulatedDisk};
use crate::kalshi::model::CreateOrder;
use crate::kalshi::network::{Broken, Network};
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response, StatusCode};
use futures_util::future::BoxFuture;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex, split};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep, sleep_until};

/// Bytes on a line before whoever writes has to wait.
const LINE_BUFFER: usize = 1 << 20;
/// Bytes that are carried at once.
const CARRIED: usize = 64 << 10;
/// How often a silent line looks whether it may speak again.
const SILENCE_LOOK: Duration = Duration::from_secs(1);

/// What stays while processes come and go.
#[derive(Debug)]
pub(super) struct World {
    pub(super) exchange: Served,
    /// Tells every line to break.
    pub(super) breaks: Notify,
    weather: Mutex<Weather>,
    audit: Mutex<Audit>,
}

impl World {
    pub(super) fn new(exchange: Served, weather: Weather, audit: Audit) -> Self {
        Self { exchange, breaks: Notify::new(), weather: Mutex::new(weather), audit: Mutex::new(audit) }
    }

    pub(super) fn weather(&self) -> MutexGuard<'_, Weather> {
        self.weather.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn audit(&self) -> MutexGuard<'_, Audit> {
        self.audit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a process lives, and its last moment.
#[derive(Debug)]
pub(super) struct Process {
    is_dead: AtomicBool,
    died: Notify,
    /// The journal's disk as it sees it.
    pub(super) disk: SimulatedDisk,
}

impl Process {
    /// A process that lives, before this disk.
    pub(super) fn new(disk: SimulatedDisk) -> Self {
        Self { is_dead: AtomicBool::new(false), died: Notify::new(), disk }
    }

    /// It dies now: nothing of what it does from here on has any effect.
    pub(super) fn die(&self) {
        self.is_dead.store(true, Ordering::Relaxed);
        if !self.disk.is_dead() {
            self.disk.kill();
        }
        self.died.notify_one();
    }

    /// Whether it is dead; it may have died with a write to its journal.
    pub(super) fn is_dead(&self) -> bool {
        if !self.is_dead.load(Ordering::Relaxed) && self.disk.is_dead() {
            self.die();
        }
        self.is_dead.load(Ordering::Relaxed)
    }

    /// Whether the end of its journal has the order's name. Segments are begun seldom: two are enough.
    fn has_written(&self, order: &CreateOrder) -> bool {
        let Some(name) = &order.client_order_id else { return false };
        let name = format!("\"{name}\"");
        let mut segments = self.disk.list().unwrap_or_default();
        segments.sort_unstable();
        segments.iter().rev().take(2).any(|segment| {
            self.disk.read(segment).is_ok_and(|bytes| memchr::memmem::find(&bytes, name.as_bytes()).is_some())
        })
    }

    /// Waits for its death.
    pub(super) async fn death(&self) {
        if !self.is_dead() {
            self.died.notified().await;
        }
    }
}

/// The network as one process sees it.
#[derive(Debug, Clone)]
pub(super) struct SimulatedNetwork {
    pub(super) world: Arc<World>,
    pub(super) process: Arc<Process>,
}

/// A request that can arrive more than once.
#[derive(Debug, Clone)]
struct Letter {
    method: reqwest::Method,
    target: String,
    body: Bytes,
}

impl Letter {
    fn of(request: &reqwest::Request) -> Self {
        let url = request.url();
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let body = request.body().and_then(reqwest::Body::as_bytes).map(Bytes::copy_from_slice);
        Self { method: request.method().clone(), target, body: body.unwrap_or_default() }
    }

    /// The order it wants to be created.
    fn order(&self) -> Option<CreateOrder> {
        self.creates().then(|| serde_json::from_slice(&self.body).ok()).flatten()
    }

    fn creates(&self) -> bool {
        self.method == reqwest::Method::POST && self.target.ends_with("/portfolio/events/orders")
    }

    fn request(&self) -> Option<Request<Body>> {
        Request::builder()
            .method(self.method.clone())
            .uri(&self.target)
            .header("content-type", "application/json")
            .body(Body::from(self.body.clone()))
            .ok()
    }
}

type Answer = Result<reqwest::Response, Broken>;

impl Network for SimulatedNetwork {
    fn call(&self, request: reqwest::Request) -> BoxFuture<'static, Answer> {
        let (answer, waits) = oneshot::channel();
        let letter = Letter::of(&request);
        let here = self.clone();
        // What is on its way arrives whether or not anybody still waits for the answer.
        tokio::spawn(async move {
            if let Some(brought) = here.carry(&letter).await
                && !here.process.is_dead()
            {
                let _ = answer.send(brought);
            }
        });
        Box::pin(async move {
            match waits.await {
                Ok(answer) => answer,
                // Nothing ever comes back; whoever waits has a limit to it.
                Err(_) => std::future::pending().await,
            }
        })
    }

    fn dial(&self) -> BoxFuture<'static, io::Result<DuplexStream>> {
        let here = self.clone();
        Box::pin(async move {
            let (takes, connects) = {
                let mut weather = here.world.weather();
                (weather.dialling_takes(), weather.connects())
            };
            sleep(takes).await;
            if !connects {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "no way leads there"));
            }
            let (bot, ours) = duplex(LINE_BUFFER);
            let (theirs, exchange) = duplex(LINE_BUFFER);
            let served = here.world.exchange.clone();
            tokio::spawn(async move { served.speak(exchange).await });
            tokio::spawn(here.join(ours, theirs));
            Ok(bot)
        })
    }
}

impl SimulatedNetwork {
    /// A request's way there and back; none where nothing comes back.
    async fn carry(&self, letter: &Letter) -> Option<Answer> {
        if self.process.is_dead() {
            return None;
        }
        if let Some(order) = letter.order().filter(|order| !self.process.has_written(order)) {
            self.world.audit().left_unwritten(&order);
        }
        let Trip { there, back, fate, dies } = self.world.weather().trip(letter.creates());
        if dies == Some(Death::BeforeSend) {
            self.process.die();
            return None;
        }
        sleep(there).await;
        let refused = |status| Some(Ok(Response::builder().status(status).body(Vec::new()).ok()?.into()));
        match fate {
            Fate::Unsent => return Some(Err(Broken::NotSent("no way leads there".to_owned()))),
            Fate::Lost => return None,
            Fate::Refused => return refused(503),
            Fate::TooMany => return refused(429),
            Fate::Answered | Fate::Unanswered | Fate::Replayed | Fate::FalselyRefused => {}
        }
        let mut answer = self.arrive(letter, false).await?;
        if fate == Fate::Replayed {
            answer = self.arrive(letter, true).await?;
        }
        if dies == Some(Death::AfterArrival) {
            self.process.die();
        }
        if fate == Fate::Unanswered {
            return None;
        }
        sleep(back).await;
        if dies == Some(Death::BeforeAnswer) {
            self.process.die();
        }
        if fate == Fate::FalselyRefused { refused(503) } else { Some(Ok(answer)) }
    }

    /// The exchange does what is asked.
    async fn arrive(&self, letter: &Letter, is_replay: bool) -> Option<reqwest::Response> {
        if let Some(order) = letter.order() {
            self.world.audit().arriving(&order, &self.world.exchange, is_replay);
        }
        let answer = self.world.exchange.call(letter.request()?).await?;
        let (parts, body) = answer.into_parts();
        if parts.status == StatusCode::TOO_MANY_REQUESTS
            && let Some(order) = letter.order()
        {
            self.world.audit().put_off(&order);
        }
        let body = to_bytes(body, usize::MAX).await.ok()?;
        self.world.audit().answered(letter.method.as_str(), &letter.target, parts.status.as_u16());
        Some(Response::from_parts(parts, body.to_vec()).into())
    }

    /// Joins the two ends of a line until one of them lets go or the process dies.
    async fn join(self, ours: DuplexStream, theirs: DuplexStream) {
        let (from_bot, to_bot) = split(ours);
        let (from_exchange, to_exchange) = split(theirs);
        tokio::select! {
            biased;
            () = self.clone().pump(from_exchange, to_bot) => {}
            () = self.clone().pump(from_bot, to_exchange) => {}
            () = self.world.breaks.notified() => {}
        }
    }

    async fn pump(self, mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
        let mut bytes = vec![0; CARRIED];
        let mut due = Instant::now();
        loop {
            let Ok(read @ 1..) = from.read(&mut bytes).await else { return };
            let takes = self.world.weather().frames_take();
            due = due.max(Instant::now() + takes);
            sleep_until(due).await;
            while self.world.weather().is_silent() {
                sleep(SILENCE_LOOK).await;
            }
            if self.process.is_dead() || to.write_all(&bytes[..read]).await.is_err() {
                return;
            }
        }
    }
}
