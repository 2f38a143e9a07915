//! A simulated exchange with two markets, whose fees change all the time, and a signed way to ask it.

use kalshi_bot::engine::{Event, Stamp};
use kalshi_bot::exchange::core::ExchangeSettings;
use kalshi_bot::exchange::server::{Running, Server, ServerSettings, Tier};
use kalshi_bot::fees::{FeeKind, FeeSchedule};
use kalshi_bot::kalshi::credentials::Credentials;
use kalshi_bot::kalshi::sign::Signer;
use kalshi_bot::market::{Level, MarketSpec, MarketStatus, PriceGrid};
use kalshi_bot::replay::source::{Item, Source, SourceError};
use kalshi_bot::units::{Price, Quantity, Timestamp};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::Value;
use std::time::Duration;

pub(crate) const SERIES: &str = "KXTEST";
pub(crate) const EVENT: &str = "KXTEST-26NOV23";
pub(crate) const MARKET: &str = "KXTEST-26NOV23-A";
pub(crate) const OTHER: &str = "KXTEST-26NOV23-B";

/// Twenty changes of fees a second.
const FEES_EVERY: Duration = Duration::from_millis(50);

struct Changes {
    specs: Vec<MarketSpec>,
    given: usize,
    changes: u32,
    start: Timestamp,
}

impl Source for Changes {
    fn next(&mut self) -> Result<Option<(Timestamp, Item<'_>)>, SourceError> {
        if self.given < self.specs.len() {
            self.given += 1;
            return Ok(Some((self.start, Item::Event(Event::Listed(&self.specs[self.given - 1])))));
        }
        self.changes += 1;
        let fees = FeeSchedule { kind: FeeKind::QuadraticWithMakerFees, multiplier_ppm: 500_000 };
        let at = self.start + FEES_EVERY * self.changes;
        Ok(Some((at, Item::Event(Event::FeesChanged { event: EVENT, fees }))))
    }

    fn uses_yes_price(&self) -> bool {
        true
    }

    fn has_contiguous_sequence(&self) -> bool {
        true
    }
}

pub(crate) struct Exchange {
    pub(crate) running: Running,
    pub(crate) credentials: Credentials,
    http: reqwest::Client,
}

pub(crate) fn wall() -> Timestamp {
    Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
}

pub(crate) fn spec(ticker: &str, now: Timestamp) -> MarketSpec {
    MarketSpec {
        ticker: ticker.to_owned(),
        event: EVENT.to_owned(),
        series: SERIES.to_owned(),
        category: "Economics".to_owned(),
        title: format!("Test on Nov 23: {ticker}"),
        open: now - Duration::from_hours(1),
        close: now + Duration::from_hours(8),
        grid: PriceGrid::cents(),
        fees: FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 },
        status: MarketStatus::Active,
        volume: Quantity::from_contracts(20_000),
        shard: 0,
    }
}

impl Exchange {
    pub(crate) async fn open() -> Self {
        let start = wall();
        let specs = vec![spec(MARKET, start), spec(OTHER, start)];
        let running = Server::start(ServerSettings {
            source: Some(Box::new(Changes { specs: specs.clone(), given: 0, changes: 0, start })),
            start: Some(start),
            tier: Tier::Unlimited,
            exchange: ExchangeSettings {
                settlement_timer: Duration::ZERO,
                ..ServerSettings::default().exchange
            },
            ..ServerSettings::default()
        })
        .await
        .expect("the exchange starts");
        running.control(|exchange, _, now| {
            for spec in specs {
                let ticker = spec.ticker.clone();
                exchange.list(now, spec);
                let level = |cents: i64| Level {
                    price: Price::from_raw(cents * 10_000),
                    size: Quantity::from_contracts(10),
                };
                let (bids, asks) = ([level(40), level(39)], [level(45), level(46)]);
                let stamp = Stamp::default();
                exchange.follow(now, &Event::Snapshot { ticker: &ticker, stamp, bids: &bids, asks: &asks });
            }
        });
        let pem = running.private_key_pem().expect("its key was made here").expose_secret();
        let signer = Signer::from_pem(pem).expect("a key");
        let credentials = Credentials::new(running.key_id(), signer);
        Self { credentials, running, http: reqwest::Client::new() }
    }

    /// Status and body of an answer to a signed request; `path` may have a query.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = format!("{}{path}", self.running.rest());
        let headers = self.credentials.headers(wall(), method, &format!("/trade-api/v2{path}"));
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.http.request(method, url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") })
    }

    /// Steers the simulation.
    pub(crate) async fn steer(&self, path: &str) {
        let url = self.running.rest().replace("/trade-api/v2", path);
        let answer = self.http.post(url).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {answer:?}");
    }
}
