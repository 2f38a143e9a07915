//! Starting the server, and what is held while it runs.

use super::clock::{Clock, wall};
use super::faults::FaultDesk;
use super::floor::Floor;
use super::gate::{Lost, Peer, Trusted};
use super::keys::AccountKey;
use super::limits::Allowance;
use super::quiet::QuietMarkets;
use super::{Faults, PREFIX, ServerError, ServerSettings, Venue, WS_PATH, driver, held, route};
use crate::exchange::core::{AccountId, Exchange};
use crate::units::Timestamp;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// A simulated exchange that is to be served.
#[derive(Debug)]
pub struct Server;

/// A simulated exchange that is being served; dropping it ends it.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    served: Served,
    task: JoinHandle<()>,
}

/// A simulated exchange, however it is reached. Clones are the same exchange.
#[derive(Debug, Clone)]
pub struct Served {
    venue: Arc<Venue>,
    router: Router,
}

impl Server {
    /// Listens, and serves from then on.
    ///
    /// # Errors
    /// [`ServerError`] when the port or the key can't be had.
    pub async fn start(settings: ServerSettings) -> Result<Running, ServerError> {
        let refused = |cause: std::io::Error| ServerError::Listen {
            address: settings.listen,
            cause: cause.to_string(),
        };
        let listener = TcpListener::bind(settings.listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let (served, tasks) = Served::open(settings)?;
        let task = tokio::spawn(serve(listener, served.clone(), tasks));
        Ok(Running { address, served, task })
    }
}

impl Served {
    /// An exchange that is reached without a socket, and the tasks that keep its time. Has to be called inside a Tokio
    /// runtime.
    ///
    /// # Errors
    /// [`ServerError`] when the key can't be had.
    pub fn open(settings: ServerSettings) -> Result<(Self, JoinSet<()>), ServerError> {
        let key = AccountKey::obtain(&settings.key)?;
        let start = settings.start.unwrap_or_else(wall);
        let settlement_timer = settings.exchange.settlement_timer;
        let mut exchange = Exchange::new(settings.exchange);
        exchange.advance(start);
        let account = exchange.open_account(&settings.cash);
        let quiet = QuietMarkets::new(settings.quiet_markets, start);
        let (stop, _) = watch::channel(false);
        let venue = Arc::new(Venue {
            floor: Mutex::new(Floor::new(exchange, account, quiet)),
            faults: Mutex::new(FaultDesk::new(settings.faults)),
            allowance: Mutex::new(Allowance::new(settings.tier, wall())),
            clock: Clock::new(start, settings.speed),
            key,
            settlement_timer,
            session_buffer: settings.session_buffer,
            stop,
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(driver::beat(Arc::clone(&venue), settings.beat));
        if let Some(source) = settings.source {
            tasks.spawn(driver::feed(Arc::clone(&venue), source));
        }
        let router = route::router(Arc::clone(&venue));
        Ok((Self { venue, router }, tasks))
    }

    /// The account's key id.
    pub fn key_id(&self) -> &str {
        &self.venue.key.key_id
    }

    /// The account's private key, where it was made here.
    pub fn private_key_pem(&self) -> Option<&SecretString> {
        self.venue.key.private.as_ref().map(|(_, pem)| pem)
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.venue.clock.now()
    }

    /// Does something on the exchange directly; sessions are told what comes of it.
    pub fn control<T>(&self, act: impl FnOnce(&mut Exchange, AccountId, Timestamp) -> T) -> T {
        self.venue.with(|floor, now| act(&mut floor.exchange, floor.account, now))
    }

    /// Sets every switch of what goes wrong.
    pub fn set_faults(&self, faults: Faults) {
        *held(&self.venue.faults) = FaultDesk::new(faults);
    }

    /// Carries a request to the exchange and its answer back; none where the answer is lost. Nobody signs it.
    pub async fn call(&self, mut request: Request) -> Option<Response> {
        request.extensions_mut().insert(Trusted);
        let answer = TowerToHyperService::new(self.router.clone()).call(request).await;
        let answer = answer.unwrap_or_else(|never| match never {});
        answer.extensions().get::<Lost>().is_none().then_some(answer)
    }

    /// Speaks HTTP and WebSocket over a line until either side ends it.
    pub async fn speak(&self, line: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        connection(line, SocketAddr::from(([127, 0, 0, 1], 0)), self.router.clone()).await;
    }
}

impl Running {
    /// Where REST is.
    pub fn rest(&self) -> String {
        format!("http://{}{PREFIX}", self.address)
    }

    /// Where the WebSocket is.
    pub fn ws(&self) -> String {
        format!("ws://{}{WS_PATH}", self.address)
    }

    /// The account's key id.
    pub fn key_id(&self) -> &str {
        self.served.key_id()
    }

    /// The file with the account's private key, where it was made here.
    pub fn private_key_path(&self) -> Option<&Path> {
        self.served.venue.key.private.as_ref().map(|(path, _)| path.as_path())
    }

    /// The account's private key, where it was made here.
    pub fn private_key_pem(&self) -> Option<&SecretString> {
        self.served.private_key_pem()
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.served.now()
    }

    /// Does something on the exchange directly; sessions are told what comes of it.
    pub fn control<T>(&self, act: impl FnOnce(&mut Exchange, AccountId, Timestamp) -> T) -> T {
        self.served.control(act)
    }

    /// Sets every switch of what goes wrong.
    pub fn set_faults(&self, faults: Faults) {
        self.served.set_faults(faults);
    }

    /// Ends it and waits until it has ended.
    pub async fn shutdown(mut self) {
        self.served.venue.stop.send_replace(true);
        // A server that panicked has ended too.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.served.venue.stop.send_replace(true);
        self.task.abort();
    }
}

/// Takes connections until the exchange ends; then they and the tasks end with it.
async fn serve(listener: TcpListener, served: Served, mut tasks: JoinSet<()>) {
    let Served { venue, router } = served;
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!("{peer}: {error}");
                    }
                    tasks.spawn(connection(stream, peer, router.clone()));
                }
                Err(error) => tracing::warn!("a connection wasn't taken: {error}"),
            },
            Some(ended) = tasks.join_next() => {
                if let Err(error) = ended {
                    tracing::error!("a task of the exchange broke off: {error}");
                }
            }
            () = venue.stopped() => return,
        }
    }
}

/// The answer to a request was lost on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the answer is lost")]
struct AnswerLost;

async fn connection<L>(stream: L, peer: SocketAddr, router: Router)
where
    L: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let answer = router.call(request);
        async move {
            let answer = answer.await.unwrap_or_else(|never| match never {});
            if answer.extensions().get::<Lost>().is_some() { Err(AnswerLost) } else { Ok(answer) }
        }
    });
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
    if let Err(error) = served {
        tracing::debug!("{peer}: {error}");
    }
}
