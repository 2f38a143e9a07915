//! The whole server, asked over its port as anybody would.

mod faults;
mod markets;
mod orders;
mod stream;

use super::{Running, Server, ServerSettings};
use crate::engine::{Event, Stamp};
use crate::fees::{FeeKind, FeeSchedule};
use crate::kalshi::credentials::Credentials;
use crate::kalshi::sign::Signer;
use crate::market::{Level, MarketSpec, MarketStatus, PriceGrid};
use crate::units::{Price, Quantity, Timestamp};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A market with a book: bids at 0.40 for 10 and 0.39 for 20, asks at 0.45 for 10 and 0.46 for 20.
const MARKET: &str = "KXTEST-26NOV23-A";
/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

struct Client {
    running: Running,
    credentials: Credentials,
    http: reqwest::Client,
}

fn spec(ticker: &str, shard: u8, now: Timestamp) -> MarketSpec {
    let event = ticker.rsplit_once('-').map_or(ticker, |(event, _)| event);
    MarketSpec {
        ticker: ticker.to_owned(),
        event: event.to_owned(),
        series: event.split('-').next().unwrap_or_default().to_owned(),
        category: "Economics".to_owned(),
        title: format!("Test on Nov 23: {ticker}"),
        open: now - Duration::from_hours(1),
        close: now + Duration::from_hours(8),
        grid: PriceGrid::cents(),
        fees: FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 },
        status: MarketStatus::Active,
        volume: Quantity::from_contracts(20_000),
        shard,
    }
}

fn level(cents: i64, contracts: i64) -> Level {
    Level { price: Price::from_raw(cents * 10_000), size: Quantity::from_contracts(contracts) }
}

async fn started(settings: ServerSettings) -> Client {
    let running = Server::start(settings).await.expect("the server starts");
    let pem = running.private_key_pem().expect("its key was made here");
    let signer = Signer::from_pem(pem.expose_secret()).expect("a key");
    let credentials = Credentials::new(running.key_id(), signer);
    Client { credentials, running, http: reqwest::Client::new() }
}

async fn open() -> Client {
    let client = started(ServerSettings { tier: super::Tier::Unlimited, ..ServerSettings::default() }).await;
    client.list(MARKET, 0);
    client
}

impl Client {
    fn list(&self, ticker: &str, shard: u8) {
        self.running.control(|exchange, _, now| {
            exchange.list(now, spec(ticker, shard, now));
            exchange.follow(
                now,
                &Event::Snapshot {
                    ticker,
                    stamp: Stamp::default(),
                    bids: &[level(40, 10), level(39, 20)],
                    asks: &[level(45, 10), level(46, 20)],
                },
            );
        });
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.running.rest()));
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    fn signed(&self, method: &Method, path: &str, body: Option<&Value>) -> reqwest::RequestBuilder {
        let whole = format!("{}{path}", super::PREFIX);
        let headers = self.credentials.headers(super::clock::wall(), method.as_str(), &whole);
        headers.into_iter().fold(self.request(method.clone(), path, body), |request, (name, value)| {
            request.header(name, value)
        })
    }

    /// Asks with a signature; status and body.
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        answered(self.signed(&method, path, body.as_ref())).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(Method::GET, path, None).await
    }

    /// Asks what must be answered well.
    async fn read(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn steer(&self, path: &str, body: Option<Value>) -> Value {
        let url = self.running.rest().replace(super::PREFIX, path);
        let request = self.http.post(url);
        let (status, body) = answered(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn place(&self, order: Value) -> (u16, Value) {
        self.ask(Method::POST, "/portfolio/events/orders", Some(order)).await
    }

    async fn stream(&self) -> Socket {
        let mut request = self.running.ws().into_client_request().expect("a URL");
        for (name, value) in self.credentials.headers(super::clock::wall(), "GET", super::WS_PATH) {
            request.headers_mut().insert(name, value.parse().expect("a header"));
        }
        Socket(connect_async(request).await.expect("the handshake succeeds").0)
    }
}

async fn answered(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    let text = answer.text().await.expect("a body");
    (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") })
}

/// An order for the test market.
fn order(side: &str, price: &str, count: &str) -> Value {
    json!({
        "ticker": MARKET, "side": side, "price": price, "count": count,
        "time_in_force": "good_till_canceled", "self_trade_prevention_type": "taker_at_cross",
    })
}

fn with(mut order: Value, name: &str, value: impl Into<Value>) -> Value {
    order[name] = value.into();
    order
}

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn say(&mut self, command: Value) {
        self.0.send(Message::text(command.to_string())).await.expect("the command is sent");
    }

    async fn subscribe(&mut self, id: u64, channels: &[&str], tickers: &[&str]) {
        let mut params = json!({"channels": channels, "use_yes_price": true});
        if !tickers.is_empty() {
            params["market_tickers"] = json!(tickers);
        }
        self.say(json!({"id": id, "cmd": "subscribe", "params": params})).await;
    }

    /// The next frame; `None` when the connection has ended.
    async fn next(&mut self) -> Option<Value> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a frame in time")?;
            match message {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).expect("JSON")),
                Ok(Message::Close(_)) | Err(Error::ConnectionClosed | Error::Protocol(_) | Error::Io(_)) => {
                    return None;
                }
                Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The next frame of a type; others are passed over.
    async fn of_type(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await.unwrap_or_else(|| panic!("the connection ended before a {kind}"));
            if frame["type"] == kind {
                return frame;
            }
        }
    }
}
