//! Every market the bot knows, with its book and its running figures, addressed by a dense [`MarketId`].

use super::{Book, PriceGrid, Resolution};
use crate::fees::FeeSchedule;
use crate::units::{Quantity, Timestamp};
use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A market's place in the catalogue. Ids are dense and never reused within a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MarketId(pub u32);

impl MarketId {
    /// As an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where a market stands in its life (api section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarketStatus {
    /// Listed, not open yet.
    Initialized,
    /// Open.
    Active,
    /// Paused by the exchange.
    Inactive,
    /// Past its close, without a result.
    Closed,
    /// Its result is known; money may not have moved yet.
    Determined,
    /// Paid out.
    Finalized,
}

/// What is known of a market before its first frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketSpec {
    /// The exchange's name for it.
    pub ticker: String,
    /// Its event; markets of one event often exclude each other.
    pub event: String,
    /// Its series.
    pub series: String,
    /// The series' category, such as `Crypto`.
    pub category: String,
    /// What a person reads.
    pub title: String,
    /// When trading starts.
    pub open: Timestamp,
    /// When trading ends. It can move both ways.
    pub close: Timestamp,
    /// The prices that orders may name.
    pub grid: PriceGrid,
    /// What fills cost here.
    pub fees: FeeSchedule,
    /// Where it stands.
    pub status: MarketStatus,
    /// Contracts traded so far.
    pub volume: Quantity,
    /// The exchange's shard that holds its orders and cash (`exchange_index`).
    pub shard: u8,
}

/// A market and all that the bot has seen of it.
#[derive(Debug, Clone)]
pub struct Market {
    /// Its place in the catalogue.
    pub id: MarketId,
    /// What is known of it; status, close, grid, fees and volume follow the feed.
    pub spec: MarketSpec,
    /// The YES book.
    pub book: Book,
    /// The subscription that feeds the book, once a frame has come.
    pub sid: Option<u32>,
    /// How it resolved.
    pub resolution: Option<Resolution>,
    /// When the last frame for it arrived.
    pub last_update: Option<Timestamp>,
}

/// All markets, by id and by ticker.
#[derive(Debug, Default)]
pub struct Catalogue {
    markets: Vec<Market>,
    by_ticker: HashMap<String, MarketId, RandomState>,
}

impl Catalogue {
    /// Adds a market, or replaces what is known of it while keeping its book and id.
    pub fn list(&mut self, spec: MarketSpec) -> MarketId {
        if let Some(&id) = self.by_ticker.get(&spec.ticker) {
            self.markets[id.index()].spec = spec;
            return id;
        }
        let id = MarketId(u32::try_from(self.markets.len()).unwrap_or(u32::MAX));
        self.by_ticker.insert(spec.ticker.clone(), id);
        self.markets.push(Market {
            id,
            spec,
            book: Book::default(),
            sid: None,
            resolution: None,
            last_update: None,
        });
        id
    }

    /// The id of a ticker.
    #[inline]
    pub fn find(&self, ticker: &str) -> Option<MarketId> {
        self.by_ticker.get(ticker).copied()
    }

    /// The market with this id.
    #[inline]
    pub fn get(&self, id: MarketId) -> &Market {
        &self.markets[id.index()]
    }

    /// The market with this id, to change.
    #[inline]
    pub fn get_mut(&mut self, id: MarketId) -> &mut Market {
        &mut self.markets[id.index()]
    }

    /// All markets, in the order of listing.
    pub fn iter(&self) -> std::slice::Iter<'_, Market> {
        self.markets.iter()
    }

    /// All markets, to change.
    pub fn markets_mut(&mut self) -> &mut [Market] {
        &mut self.markets
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.markets.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.markets.is_empty()
    }
}

impl<'a> IntoIterator for &'a Catalogue {
    type Item = &'a Market;
    type IntoIter = std::slice::Iter<'a, Market>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
