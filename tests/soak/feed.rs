//! The exchange's side: a thread of its own that answers subscriptions with books and then sends changes at a pace.

use super::Load;
use futures_util::{SinkExt, StreamExt};
use kalshi_bot::kalshi::ws::{Delta, OutcomeSide, Snapshot, encode};
use kalshi_bot::units::{Price, Quantity, Timestamp};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::time::{MissedTickBehavior, interval};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// The books' subscription.
const SID: u32 = 1;
/// How often a burst of changes goes out.
const BURST_EVERY: Duration = Duration::from_millis(5);

/// The running exchange; it ends when its client is gone.
pub(super) struct Server {
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn url(&self) -> String {
        format!("ws://{}/trade-api/ws/v2", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || matches!(ended, Some(Ok(()))), "the exchange failed");
    }
}

pub(super) fn ticker(market: u32) -> String {
    format!("KXSOAK-26DEC01-B{market}")
}

pub(super) fn wall_clock() -> Timestamp {
    Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
}

/// How long ago the exchange wrote a delta, to the millisecond; nothing for another frame.
pub(super) fn age(frame: &[u8], now: Timestamp) -> Duration {
    const NAME: &[u8] = b"\"ts_ms\":";
    let Some(start) = memchr::memmem::rfind(frame, NAME) else { return Duration::ZERO };
    let digits = &frame[start + NAME.len()..];
    let digits = &digits[..digits.iter().take_while(|byte| byte.is_ascii_digit()).count()];
    let millis = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    millis.map_or(Duration::ZERO, |millis| now.since(Timestamp::from_millis(millis)))
}

/// Starts the exchange.
pub(super) fn serve(load: Load) -> Server {
    let (told, address) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            told.send(listener.local_addr().expect("bound")).expect("somebody waits");
            let (socket, _) = listener.accept().await.expect("a caller");
            socket.set_nodelay(true).expect("a TCP socket");
            let socket = tokio_tungstenite::accept_async(socket).await.expect("a handshake");
            let mut feed = Feed { socket, seq: 0, load };
            feed.answer_subscriptions().await;
            feed.send_changes().await;
            // Until the client says goodbye.
            while feed.socket.next().await.is_some_and(|message| message.is_ok()) {}
        });
    });
    Server { address: address.recv().expect("the exchange starts"), thread: Some(thread) }
}

struct Feed {
    socket: WebSocketStream<TcpStream>,
    seq: u64,
    load: Load,
}

impl Feed {
    const fn next_seq(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    /// Queues a frame; it goes out with the next flush at the latest.
    async fn feed(&mut self, frame: Vec<u8>) {
        let text = String::from_utf8(frame).expect("JSON is UTF-8");
        self.socket.feed(Message::text(text)).await.expect("the client is there");
    }

    /// Answers until every market is subscribed to.
    async fn answer_subscriptions(&mut self) {
        let mut subscribed = 0;
        while subscribed < self.load.markets as usize {
            let message = self.socket.next().await.expect("the client is there").expect("a message");
            let Message::Text(text) = message else { continue };
            let command: Value = serde_json::from_str(&text).expect("JSON");
            let tickers = command["params"]["market_tickers"].as_array().expect("markets").clone();
            let id = &command["id"];
            let answer = if command["cmd"] == "subscribe" {
                format!(
                    r#"{{"type":"subscribed","id":{id},"msg":{{"channel":"orderbook_delta","sid":{SID}}}}}"#
                )
            } else {
                format!(r#"{{"type":"ok","id":{id},"sid":{SID},"seq":{}}}"#, self.next_seq())
            };
            self.feed(answer.into_bytes()).await;
            for ticker in &tickers {
                let frame = book(ticker.as_str().expect("a ticker"), self.next_seq());
                self.feed(frame).await;
            }
            self.socket.flush().await.expect("the client is there");
            subscribed += tickers.len();
        }
    }

    /// Changes of every market in turn, in bursts as close to the pace as the timer allows.
    async fn send_changes(&mut self) {
        let mut timer = interval(BURST_EVERY);
        timer.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let bursts_per_second = 1_000 / u64::try_from(BURST_EVERY.as_millis()).expect("small");
        let burst = u64::from(self.load.deltas_per_second) / bursts_per_second;
        let mut sent = 0;
        while sent < self.load.deltas() {
            timer.tick().await;
            let now = wall_clock();
            for change in sent..(sent + burst).min(self.load.deltas()) {
                let frame = change_of(change, u64::from(self.load.markets), self.next_seq(), now);
                self.feed(frame).await;
            }
            sent += burst;
            self.socket.flush().await.expect("the client is there");
        }
    }
}

fn cents(cents: i64) -> Price {
    Price::from_raw(cents * 10_000)
}

/// Forty levels of bids below 0.45 and forty of asks from there.
fn book(ticker: &str, seq: u64) -> Vec<u8> {
    let size = Quantity::from_contracts(200);
    let yes: Vec<_> = (5..45).map(|price| (cents(price), size)).collect();
    let no: Vec<_> = (45..85).map(|price| (cents(price), size)).collect();
    let mut frame = Vec::new();
    encode::snapshot(&mut frame, SID, seq, &Snapshot { ticker: ticker.into(), yes: &yes, no: &no });
    frame
}

/// The n-th change of the feed: on one of forty levels something is added, and taken away when the level's turn comes
/// again.
fn change_of(n: u64, markets: u64, seq: u64, time: Timestamp) -> Vec<u8> {
    let (market, round) = (n % markets, n / markets);
    let level = i64::try_from(round % 20).expect("small");
    let (side, price) = if market % 2 == 0 {
        (OutcomeSide::Yes, cents(44 - level))
    } else {
        (OutcomeSide::No, cents(45 + level))
    };
    let change = Quantity::from_contracts(if (round / 20) % 2 == 0 { 10 } else { -10 });
    let ticker = ticker(u32::try_from(market).expect("markets are counted in 32 bits")).into();
    let mut frame = Vec::with_capacity(256);
    let delta = Delta { ticker, price, change, side, client_order_id: None, time: Some(time) };
    encode::delta(&mut frame, SID, seq, &delta);
    frame
}
