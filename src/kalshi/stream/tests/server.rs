//! An exchange of one connection at a time on this machine, for scripts.

use futures_util::{SinkExt, StreamExt};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderMap;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

pub(super) struct Server {
    listener: TcpListener,
}

/// The exchange's end of a connection.
pub(super) struct Session {
    pub(super) socket: WebSocketStream<TcpStream>,
    pub(super) headers: HeaderMap,
    pub(super) path: String,
    next_sid: u32,
}

impl Server {
    pub(super) async fn open() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("a free port") }
    }

    pub(super) fn url(&self) -> String {
        format!("ws://{}/trade-api/ws/v2", self.listener.local_addr().expect("bound"))
    }

    #[allow(clippy::result_large_err, reason = "the signature is the library's")]
    pub(super) async fn accept(&self) -> Session {
        let (socket, _) = self.listener.accept().await.expect("a caller");
        let (mut headers, mut path) = (HeaderMap::new(), String::new());
        let socket = accept_hdr_async(socket, |request: &Request, response: Response| {
            headers = request.headers().clone();
            request.uri().path().clone_into(&mut path);
            Ok(response)
        })
        .await
        .expect("a handshake");
        Session { socket, headers, path, next_sid: 1 }
    }

    #[allow(clippy::result_large_err, reason = "the signature is the library's")]
    pub(super) async fn refuse(&self, status: u16, body: &str) {
        let (socket, _) = self.listener.accept().await.expect("a caller");
        let refused = accept_hdr_async(socket, |_: &Request, _: Response| {
            let mut response = ErrorResponse::new(Some(body.to_owned()));
            *response.status_mut() = status.try_into().expect("a status");
            Err(response)
        })
        .await;
        assert!(refused.is_err());
    }
}

impl Server {
    /// Offers a certificate nobody vouches for; whether anything was said after it.
    pub(super) async fn accept_as_a_stranger(&self) -> bool {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .expect("a key for its certificate");
        let (socket, _) = self.listener.accept().await.expect("a caller");
        let Ok(mut socket) = TlsAcceptor::from(Arc::new(config)).accept(socket).await else { return false };
        socket.read_u8().await.is_ok()
    }
}

impl Session {
    pub(super) async fn send(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).await.expect("the other side is there");
    }

    /// The next command.
    pub(super) async fn command(&mut self) -> Value {
        loop {
            let message = self.socket.next().await.expect("the other side is there").expect("a message");
            if let Message::Text(text) = message {
                return serde_json::from_str(&text).expect("JSON");
            }
        }
    }

    /// Carries a command out, as far as answers go.
    pub(super) async fn accept(&mut self, command: &Value) {
        let params = &command["params"];
        let answer = if command["cmd"] == "subscribe" {
            let sid = self.next_sid;
            self.next_sid += 1;
            let msg = json!({"channel": params["channels"][0], "sid": sid});
            json!({"type": "subscribed", "id": command["id"], "msg": msg})
        } else {
            json!({"type": "ok", "id": command["id"], "sid": params["sids"][0], "seq": 1})
        };
        self.send(answer.to_string()).await;
    }

    /// Accepts the next command and gives it back.
    pub(super) async fn serve(&mut self) -> Value {
        let command = self.command().await;
        self.accept(&command).await;
        command
    }
}
