//! Where figures are read: `GET /metrics` over HTTP, on an address of this machine.
//!
//! It asks whoever owns the figures and waits for the answer, a task for each caller; a caller that is slow, garbled or
//! gone costs the bot nothing, and few callers are heard at once.

use super::Figures;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// Callers that are heard at once.
const MOST_CALLERS: usize = 8;
/// How long the head of a request may take to arrive.
const HEAD_WAIT: Duration = Duration::from_secs(5);
/// How long the figures are waited for.
const FIGURES_WAIT: Duration = Duration::from_secs(5);
/// How long a connection may last, so that one that does nothing is no caller for ever.
const LONGEST_CALL: Duration = Duration::from_mins(2);
/// How long to wait before accepting again after the system refused.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// What the text is.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Hands out figures. Dropping it closes the door.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    inbox: mpsc::Receiver<Answer>,
    accepting: JoinHandle<()>,
}

/// Where the figures for one caller go.
#[derive(Debug)]
pub struct Answer {
    figures: oneshot::Sender<Figures>,
}

impl Answer {
    /// Answers. A caller that has gone is no fault.
    pub fn send(self, figures: Figures) {
        let _ = self.figures.send(figures);
    }
}

impl Endpoint {
    /// Listens there; port 0 takes a free one.
    ///
    /// # Errors
    /// Whatever the system says when the address can't be had.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (requests, inbox) = mpsc::channel(MOST_CALLERS);
        let router = Router::new()
            .route("/metrics", get(figures))
            .fallback(not_found)
            .method_not_allowed_fallback(not_found)
            .with_state(requests);
        Ok(Self { address, inbox, accepting: tokio::spawn(accept(listener, router)) })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next who asks. Safe to abandon and to call again.
    pub async fn next(&mut self) -> Answer {
        match self.inbox.recv().await {
            Some(answer) => answer,
            // The task that accepts holds the other end until this is dropped.
            None => std::future::pending().await,
        }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, router: Router) {
    let callers = Arc::new(Semaphore::new(MOST_CALLERS));
    // The semaphore is never closed.
    while let Ok(place) = Arc::clone(&callers).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let router = router.clone();
                tokio::spawn(async move {
                    let _ = timeout(LONGEST_CALL, converse(stream, router)).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the metrics take no callers for now");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn converse(stream: TcpStream, router: Router) {
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a caller of the metrics went away");
    }
}

async fn figures(State(requests): State<mpsc::Sender<Answer>>) -> Response {
    let (figures, answered) = oneshot::channel();
    let asked = async {
        requests.send(Answer { figures }).await.ok()?;
        answered.await.ok()?.encode().ok()
    };
    match timeout(FIGURES_WAIT, asked).await {
        Ok(Some(text)) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Ok(None) => (StatusCode::SERVICE_UNAVAILABLE, "the bot is ending\n").into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the bot did not answer in time\n").into_response(),
    }
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "figures are at GET /metrics\n").into_response()
}

#[cfg(test)]
mod tests;
