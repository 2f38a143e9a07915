//! What the account holds, each position with its market and book: what `positions` values and `flatten` sells.

use kalshi_bot::gateway::listing::fill_book;
use kalshi_bot::kalshi::error::ApiError;
use kalshi_bot::kalshi::model::{Market, MarketPosition};
use kalshi_bot::kalshi::rest::Client;
use kalshi_bot::kalshi::rest::query::{MarketQuery, PositionQuery};
use kalshi_bot::market::{Book, Level, Outcome};
use kalshi_bot::units::{Price, Quantity};
use std::collections::HashMap;

/// Markets that are asked for in one request.
const MARKETS_A_REQUEST: usize = 100;

/// One position.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    /// As the exchange tells it.
    pub(crate) position: MarketPosition,
    /// Its market, where the exchange still describes it.
    pub(crate) market: Option<Market>,
    /// The market's book; empty where there is none to be trusted.
    pub(crate) book: Book,
}

impl Holding {
    /// What is held.
    pub(crate) const fn outcome(&self) -> Outcome {
        if self.position.position_fp.is_negative() { Outcome::No } else { Outcome::Yes }
    }

    /// How many contracts.
    pub(crate) const fn quantity(&self) -> Quantity {
        self.position.position_fp.abs()
    }

    /// The best bids for what is held, best first, in the outcome's own prices.
    pub(crate) fn bids(&self) -> impl Iterator<Item = Level> + '_ {
        let outcome = self.outcome();
        self.book
            .levels(outcome.buying_side())
            .map(move |level| Level { price: outcome.yes_price(level.price), ..level })
    }

    /// What one contract could be sold for now.
    pub(crate) fn mark(&self) -> Option<Price> {
        self.bids().next().map(|level| level.price)
    }
}

/// Every open position, or those in the markets named, with markets and books.
///
/// # Errors
/// [`ApiError`] when one of them can't be read.
pub(crate) async fn read(client: &Client, tickers: &[String]) -> Result<Vec<Holding>, ApiError> {
    let positions = open_positions(client, tickers).await?;
    let mut markets = HashMap::new();
    let mut books = HashMap::new();
    for some in positions.chunks(MARKETS_A_REQUEST) {
        let names: Vec<&str> = some.iter().map(|position| position.ticker.as_str()).collect();
        let query = MarketQuery {
            limit: Some(MARKETS_A_REQUEST as u64),
            tickers: names.iter().map(|name| (*name).to_owned()).collect(),
            ..MarketQuery::default()
        };
        let described = client.markets(&query).all().await?;
        markets.extend(described.into_iter().map(|market| (market.ticker.clone(), market)));
        for answer in client.orderbooks(&names).await? {
            let mut book = Book::default();
            if let Err(fault) = fill_book(&mut book, &answer.orderbook_fp) {
                tracing::warn!(market = answer.ticker, "the book makes no sense: {fault}");
                book = Book::default();
            }
            books.insert(answer.ticker, book);
        }
    }
    let joined = positions.into_iter().map(|position| Holding {
        market: markets.remove(&position.ticker),
        book: books.remove(&position.ticker).unwrap_or_default(),
        position,
    });
    Ok(joined.collect())
}

/// Every position that isn't flat, or those in the markets named.
///
/// # Errors
/// [`ApiError`] when they can't be read.
pub(crate) async fn open_positions(
    client: &Client,
    tickers: &[String],
) -> Result<Vec<MarketPosition>, ApiError> {
    let query = PositionQuery {
        limit: Some(1_000),
        ticker: tickers.first().filter(|_| tickers.len() == 1).cloned(),
        count_filter: Some("position"),
        ..PositionQuery::default()
    };
    let mut positions = client.positions(&query).all().await?;
    positions.retain(|position| {
        !position.position_fp.is_zero() && (tickers.is_empty() || tickers.contains(&position.ticker))
    });
    Ok(positions)
}

/// Positions for tests.
#[cfg(test)]
pub(crate) mod samples {
    use super::{Book, Holding, Market, fill_book};

    /// A market of whole cents.
    pub(crate) fn market(ticker: &str, status: &str) -> Market {
        let event = ticker.rsplit_once('-').map_or(ticker, |(event, _)| event);
        serde_json::from_value(serde_json::json!({
            "ticker": ticker, "event_ticker": event, "market_type": "binary", "title": "Rain in New York?",
            "yes_sub_title": "Rain", "no_sub_title": "No rain",
            "created_time": "2026-11-20T00:00:00Z", "updated_time": "2026-11-20T00:00:00Z",
            "open_time": "2026-11-21T00:00:00Z", "close_time": "2026-11-22T23:30:00Z",
            "latest_expiration_time": "2026-12-08T00:00:00Z", "settlement_timer_seconds": 60, "status": status,
            "yes_bid_dollars": "0.8800", "yes_bid_size_fp": "40.00",
            "yes_ask_dollars": "0.8900", "yes_ask_size_fp": "25.00",
            "no_bid_dollars": "0.1100", "no_ask_dollars": "0.1200", "last_price_dollars": "0.8900",
            "previous_yes_bid_dollars": "0.0000", "previous_yes_ask_dollars": "0.0000",
            "previous_price_dollars": "0.0000", "volume_fp": "22000.00", "volume_24h_fp": "1000.00",
            "open_interest_fp": "700.00", "notional_value_dollars": "1.0000", "result": "",
            "can_close_early": true, "expiration_value": "", "rules_primary": "", "rules_secondary": "",
            "price_level_structure": "linear_cent",
            "price_ranges": [{ "start": "0.0000", "end": "1.0000", "step": "0.0100" }], "exchange_index": 0,
        }))
        .expect("a market")
    }

    /// A position; the book bids 0.88 for 10 and 0.80 for 100 YES, 0.11 for 20 NO.
    pub(crate) fn holding(ticker: &str, contracts: &str, cost: &str) -> Holding {
        let position = serde_json::from_value(serde_json::json!({
            "ticker": ticker, "exchange_index": 0, "position_fp": contracts, "market_exposure_dollars": cost,
            "total_traded_dollars": cost, "realized_pnl_dollars": "0.0000", "fees_paid_dollars": "0.1200",
            "last_updated_ts": "2026-11-22T15:00:00Z",
        }))
        .expect("a position");
        let levels = serde_json::from_value(serde_json::json!({
            "yes_dollars": [["0.8000", "100.00"], ["0.8800", "10.00"]], "no_dollars": [["0.1100", "20.00"]],
        }))
        .expect("a book");
        let mut book = Book::default();
        fill_book(&mut book, &levels).expect("sound");
        Holding { position, market: Some(market(ticker, "active")), book }
    }
}
