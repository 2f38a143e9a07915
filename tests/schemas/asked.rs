//! A server that keeps what it is asked and has nothing to say.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// A request, without the API's prefix.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The names in its query.
    pub(crate) query: Vec<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Option<Value>,
}

/// The server's memory.
pub(crate) type Memory = Arc<Mutex<Vec<Asked>>>;

const PREFIX: &str = "/trade-api/v2";

/// Starts it, and gives its URL.
pub(crate) async fn listen(memory: Memory) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let app = axum::Router::new().fallback(keep).with_state(memory);
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://127.0.0.1:{port}{PREFIX}")
}

async fn keep(State(memory): State<Memory>, request: Request) -> &'static str {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    let query = parts.uri.query().unwrap_or_default();
    let names = query.split('&').filter(|pair| !pair.is_empty());
    memory.lock().expect("sound").push(Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().strip_prefix(PREFIX).expect("the prefix").to_owned(),
        query: names.map(|pair| pair.split('=').next().unwrap_or_default().to_owned()).collect(),
        content_type: parts.headers.get("content-type").map(|kind| kind.to_str().expect("text").to_owned()),
        body: (!body.is_empty()).then(|| serde_json::from_slice(&body).expect("JSON")),
    });
    "{}"
}
