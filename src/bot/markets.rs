//! Which markets are listed: all that close within the window, and of these what category, volume and time let
//! through. The engine's own filter judges again, with the book; this one only keeps the stream narrow.
//!
//! Series give categories and fees and are read once an hour; events, which may have fees of their own, are read when
//! their first market passes. A market that can't be understood is left out with a word in the log.

use crate::config::Settings;
use crate::gateway::listing::{self, Terms};
use crate::kalshi::error::ApiError;
use crate::kalshi::model;
use crate::kalshi::rest::Client;
use crate::kalshi::rest::query::MarketQuery;
use crate::market::filter::Filter;
use crate::market::{MarketSpec, MarketStatus, Resolution};
use crate::units::{Price, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// How long what was read of series and events counts.
const TERMS_LAST: Duration = Duration::from_hours(1);
/// Markets a page; the exchange's most.
const PAGE: u64 = 1_000;
/// Most markets that are asked for by name at once.
const NAMES: usize = 100;
/// Markets that open or enter the window before the next refresh are taken already.
const AHEAD: Duration = Duration::from_mins(10);

/// Reads markets, and remembers series and events.
#[derive(Debug)]
pub struct Loader {
    client: Client,
    settings: Settings,
    series: HashMap<String, Terms>,
    events: HashMap<String, Terms>,
    terms_read: Option<Timestamp>,
}

impl Loader {
    /// A loader that knows nothing yet.
    pub fn new(client: Client, settings: Settings) -> Self {
        Self { client, settings, series: HashMap::new(), events: HashMap::new(), terms_read: None }
    }

    /// Every market that may be traded now or soon.
    ///
    /// # Errors
    /// [`ApiError`] of the first read that fails.
    pub async fn load(&mut self, now: Timestamp) -> Result<Vec<MarketSpec>, ApiError> {
        self.read_series(now).await?;
        let query = MarketQuery {
            limit: Some(PAGE),
            min_close: Some(now.micros() / 1_000_000),
            max_close: Some((now + self.settings.longest_time_to_close() + AHEAD).micros() / 1_000_000),
            without_combos: true,
            ..MarketQuery::default()
        };
        let client = self.client.clone();
        let mut pages = client.markets(&query);
        let mut specs = Vec::new();
        while let Some(markets) = pages.next().await? {
            for market in markets {
                let terms = self.terms_of_series(&market);
                if terms.is_some_and(|terms| self.may_trade(&market, &terms, now)) {
                    specs.extend(self.spec(&market).await?);
                }
            }
        }
        Ok(specs)
    }

    /// These markets, whatever the filters say of them: something is held there.
    ///
    /// # Errors
    /// [`ApiError`] of the first read that fails.
    pub async fn load_held(
        &mut self,
        tickers: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<Vec<MarketSpec>, ApiError> {
        self.load_named(tickers, now, true).await
    }

    /// Of these markets, those that may be traded.
    ///
    /// # Errors
    /// [`ApiError`] of the first read that fails.
    pub async fn load_new(
        &mut self,
        tickers: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<Vec<MarketSpec>, ApiError> {
        self.load_named(tickers, now, false).await
    }

    /// Forgets an event's terms: its fees changed.
    pub fn forget_event(&mut self, event: &str) {
        self.events.remove(event);
    }

    async fn load_named(
        &mut self,
        tickers: &BTreeSet<String>,
        now: Timestamp,
        all: bool,
    ) -> Result<Vec<MarketSpec>, ApiError> {
        self.read_series(now).await?;
        let mut specs = Vec::new();
        for market in named(&self.client, tickers).await? {
            let terms = self.terms_of_series(&market);
            if all || terms.is_some_and(|terms| self.may_trade(&market, &terms, now)) {
                specs.extend(self.spec(&market).await?);
            }
        }
        Ok(specs)
    }

    async fn read_series(&mut self, now: Timestamp) -> Result<(), ApiError> {
        if self.terms_read.is_some_and(|read| now.since(read) < TERMS_LAST) {
            return Ok(());
        }
        let series = self.client.series_list().await?;
        self.series = series.iter().map(|series| (series.ticker.clone(), Terms::of_series(series))).collect();
        self.events.clear();
        self.terms_read = Some(now);
        Ok(())
    }

    fn terms_of_series(&self, market: &model::Market) -> Option<Terms> {
        self.series.get(listing::series_of(&market.event_ticker)).cloned()
    }

    /// What category, time and volume say; a market that isn't open yet is judged by its close alone.
    fn may_trade(&self, market: &model::Market, terms: &Terms, now: Timestamp) -> bool {
        let rules = self.settings.rules_for(&terms.series, &terms.category);
        let Filter { categories, min_volume, min_time_to_close, max_time_to_close, .. } = &rules.filter;
        let wanted = categories.is_empty()
            || categories.iter().any(|category| category.eq_ignore_ascii_case(&terms.category));
        let left = now.until(market.close_time);
        let lives = matches!(
            market.status,
            model::MarketStatus::Active | model::MarketStatus::Inactive | model::MarketStatus::Initialized
        );
        wanted
            && lives
            && left >= *min_time_to_close
            && left <= *max_time_to_close + AHEAD
            && market.volume_fp >= *min_volume
    }

    async fn spec(&mut self, market: &model::Market) -> Result<Option<MarketSpec>, ApiError> {
        let Some(terms) = self.terms(&market.event_ticker).await? else {
            tracing::warn!(market = market.ticker, "its series is unknown; the market is left out");
            return Ok(None);
        };
        match listing::market_spec(market, &terms) {
            Ok(spec) => Ok(Some(spec)),
            Err(error) => {
                tracing::warn!(market = market.ticker, %error, "the market is left out");
                Ok(None)
            }
        }
    }

    /// What the markets of an event inherit.
    async fn terms(&mut self, event: &str) -> Result<Option<Terms>, ApiError> {
        if let Some(terms) = self.events.get(event) {
            return Ok(Some(terms.clone()));
        }
        let body = match self.client.event(event).await {
            Ok(body) => Some(body.event),
            Err(ApiError::Refused(refusal)) if refusal.status == 404 => None,
            Err(error) => return Err(error),
        };
        let series =
            body.as_ref().map_or_else(|| listing::series_of(event), |body| &body.series_ticker).to_owned();
        if !self.series.contains_key(&series) {
            match self.client.series(&series).await {
                Ok(found) => {
                    self.series.insert(series.clone(), Terms::of_series(&found));
                }
                Err(ApiError::Refused(refusal)) if refusal.status == 404 => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let terms = self.series.get(&series).cloned();
        let terms = match &body {
            Some(body) => terms.map(|terms| terms.with_event(body)),
            None => terms,
        };
        if let (Some(terms), Some(_)) = (&terms, &body) {
            self.events.insert(event.to_owned(), terms.clone());
        }
        Ok(terms)
    }
}

/// Where some markets stand now, and how they resolved where they were paid out.
///
/// # Errors
/// [`ApiError`] of the first read that fails.
pub(super) async fn standing(
    client: &Client,
    tickers: &BTreeSet<String>,
) -> Result<Vec<(String, MarketStatus, Option<Resolution>)>, ApiError> {
    let markets = named(client, tickers).await?;
    Ok(markets
        .into_iter()
        .map(|market| {
            let status = listing::status(market.status);
            let paid = (status == MarketStatus::Finalized).then(|| resolution(&market)).flatten();
            (market.ticker, status, paid)
        })
        .collect())
}

/// How a market resolved, once it says so.
fn resolution(market: &model::Market) -> Option<Resolution> {
    match (market.result.as_str(), market.settlement_value_dollars) {
        ("yes", _) => Some(Resolution::Yes),
        ("no", _) => Some(Resolution::No),
        ("scalar", Some(value)) if !value.is_negative() && value <= Price::ONE => {
            Some(Resolution::Scalar(value))
        }
        _ => None,
    }
}

async fn named(client: &Client, tickers: &BTreeSet<String>) -> Result<Vec<model::Market>, ApiError> {
    let tickers: Vec<String> = tickers.iter().cloned().collect();
    let mut found = Vec::new();
    for names in tickers.chunks(NAMES) {
        let query = MarketQuery { limit: Some(PAGE), tickers: names.to_vec(), ..MarketQuery::default() };
        found.extend(client.markets(&query).all().await?);
    }
    Ok(found)
}
