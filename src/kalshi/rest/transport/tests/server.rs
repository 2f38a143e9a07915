//! An exchange of a few lines: it answers what it was told to, and keeps what it was asked.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// What is answered.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    Text { status: u16, headers: Vec<(&'static str, String)>, body: String },
    Never,
}

impl Reply {
    pub(super) fn text(status: u16, body: &str) -> Self {
        Self::Text { status, headers: Vec::new(), body: body.to_owned() }
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Text { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

/// What was asked.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }
}

#[derive(Default)]
struct Script {
    replies: Mutex<VecDeque<Reply>>,
    seen: Mutex<Vec<Seen>>,
}

/// The exchange; the last of its replies is given for ever.
pub(super) struct Server {
    pub(super) url: String,
    script: Arc<Script>,
}

impl Server {
    pub(super) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let script =
            Arc::new(Script { replies: Mutex::new(replies.into_iter().collect()), seen: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let app = axum::Router::new().fallback(answer).with_state(Arc::clone(&script));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url: format!("http://127.0.0.1:{port}/trade-api/v2"), script }
    }

    pub(super) fn host(&self) -> String {
        self.url.trim_start_matches("http://").trim_end_matches("/trade-api/v2").to_owned()
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.script.seen.lock().expect("sound").clone()
    }
}

async fn answer(State(script): State<Arc<Script>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    script.seen.lock().expect("sound").push(Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_vec(),
    });
    let reply = {
        let mut replies = script.replies.lock().expect("sound");
        if replies.len() > 1 { replies.pop_front() } else { replies.front().cloned() }
    };
    match reply.expect("a reply") {
        Reply::Text { status, headers, body } => {
            let response = Response::builder().status(status);
            let response =
                headers.into_iter().fold(response, |response, (name, value)| response.header(name, value));
            response.body(Body::from(body)).expect("sound")
        }
        Reply::Never => std::future::pending().await,
    }
}
