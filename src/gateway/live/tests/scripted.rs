//! An exchange that says what it was told to say, and remembers what it was asked.

use crate::kalshi::credentials::Credentials;
use crate::kalshi::rest::Client;
use crate::kalshi::rest::transport::{Transport, TransportSettings};
use crate::kalshi::sign::{KeyKind, Signer, generate};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::IntoResponse;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

#[derive(Debug, Default)]
struct Script {
    once: HashMap<String, VecDeque<(u16, Value)>>,
    always: HashMap<String, (u16, Value)>,
    asked: Vec<(String, Value)>,
}

type Shared = Arc<Mutex<Script>>;

/// The exchange.
pub(super) struct Scripted {
    script: Shared,
    url: String,
}

impl Scripted {
    pub(super) async fn start() -> Self {
        let script = Shared::default();
        for (what, body) in [
            ("GET /portfolio/orders", json!({"orders": [], "cursor": ""})),
            ("GET /portfolio/fills", json!({"fills": [], "cursor": ""})),
        ] {
            lock(&script).always.insert(what.to_owned(), (200, body));
        }
        let app = Router::new().fallback(speak).with_state(script.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/trade-api/v2", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { script, url }
    }

    pub(super) fn client(&self) -> Client {
        let pair = generate(KeyKind::Ed25519);
        let signer = Signer::from_pem(pair.private_pem.expose_secret()).expect("a key");
        Client::new(
            Transport::new(TransportSettings {
                base_url: self.url.clone(),
                credentials: Some(Arc::new(Credentials::new("key", signer))),
                timeout: Duration::from_secs(5),
                reads_per_second: 1_000,
                writes_per_second: 1_000,
            })
            .expect("a transport"),
        )
    }

    /// Says this the next time; what was put in first is said first.
    pub(super) fn answer(&self, what: &str, status: u16, body: Value) {
        lock(&self.script).once.entry(what.to_owned()).or_default().push_back((status, body));
    }

    /// Says this whenever nothing else is to be said.
    pub(super) fn always(&self, what: &str, status: u16, body: Value) {
        lock(&self.script).always.insert(what.to_owned(), (status, body));
    }

    pub(super) fn count(&self, what: &str) -> usize {
        lock(&self.script).asked.iter().filter(|(asked, _)| asked == what).count()
    }

    pub(super) fn bodies(&self, what: &str) -> Vec<Value> {
        let script = lock(&self.script);
        script.asked.iter().filter(|(asked, _)| asked == what).map(|(_, body)| body.clone()).collect()
    }
}

fn lock(script: &Shared) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn speak(State(script): State<Shared>, method: Method, uri: Uri, body: Bytes) -> impl IntoResponse {
    let what = format!("{method} {}", uri.path().trim_start_matches("/trade-api/v2"));
    let mut script = lock(&script);
    script.asked.push((what.clone(), serde_json::from_slice(&body).unwrap_or(Value::Null)));
    let said = script
        .once
        .get_mut(&what)
        .and_then(VecDeque::pop_front)
        .or_else(|| script.always.get(&what).cloned());
    let (status, body) = said.unwrap_or((404, json!({"error": {"code": "not_found", "message": what}})));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_IMPLEMENTED);
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string())
}
