//! From the exchange's descriptions to the engine's: a market's body, with what its series and event say of it, makes
//! one [`MarketSpec`]; a REST book makes the levels of a [`Book`].
//!
//! A market's body names its event and nothing more. Category and fees are its series', unless its event has fees of
//! its own; [`Terms`] joins the two once for all markets of an event. What can't be read refuses or closes the market
//! to entries: a fee type or multiplier without a rule is [`FeeKind::Unknown`], a status without one counts as paused.
//! A waiver of fees is left alone, since it ends while the market lives: fees are then reckoned too high, never too low.

use crate::fees::{FeeKind, FeeSchedule};
use crate::kalshi::model;
use crate::market::book::{Book, BookFault};
use crate::market::grid::{GridError, TickRange};
use crate::market::{Level, MarketSpec, MarketStatus, PriceGrid};
use crate::units::{Price, Quantity, Ratio};

/// What a market inherits from its series and its event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The series.
    pub series: String,
    /// Its category.
    pub category: String,
    /// What the event is about; empty where only the series is known.
    pub title: String,
    /// What fills cost.
    pub fees: FeeSchedule,
}

/// Why a market can't be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    /// Its prices make no grid.
    #[error("{ticker}: {cause}")]
    Grid {
        /// Which market.
        ticker: String,
        /// What is wrong.
        cause: GridError,
    },
    /// A contract doesn't pay one dollar, on which all arithmetic rests.
    #[error("{ticker}: a contract pays {notional} dollars, and only markets of one dollar are understood")]
    Notional {
        /// Which market.
        ticker: String,
        /// What a contract pays.
        notional: Price,
    },
}

impl Terms {
    /// Of the series alone, for markets whose event isn't known yet.
    pub fn of_series(series: &model::Series) -> Self {
        Self {
            series: series.ticker.clone(),
            category: series.category.clone(),
            title: String::new(),
            fees: fees(&series.fee_type, series.fee_multiplier),
        }
    }

    /// Of an event of the series; fees of the event's own beat the series'.
    pub fn new(event: &model::Event, series: &model::Series) -> Self {
        Self::of_series(series).with_event(event)
    }

    /// The same with what the event says.
    #[must_use]
    pub fn with_event(mut self, event: &model::Event) -> Self {
        self.title.clone_from(&event.title);
        if let Some(fee_type) = &event.fee_type_override {
            self.fees.kind = FeeKind::from_wire(fee_type);
        }
        if let Some(multiplier) = event.fee_multiplier_override {
            self.fees = scaled(self.fees.kind, multiplier);
        }
        self
    }
}

/// The series that an event's ticker tells: what stands before its first `-`. The event's body is the truth.
pub fn series_of(event: &str) -> &str {
    event.split_once('-').map_or(event, |(series, _)| series)
}

/// What the engine has to know of a market.
///
/// # Errors
/// [`ListingError`] when its prices make no grid or its contracts don't pay one dollar.
pub fn market_spec(market: &model::Market, terms: &Terms) -> Result<MarketSpec, ListingError> {
    if market.notional_value_dollars != Price::ONE {
        let notional = market.notional_value_dollars;
        return Err(ListingError::Notional { ticker: market.ticker.clone(), notional });
    }
    Ok(MarketSpec {
        ticker: market.ticker.clone(),
        event: market.event_ticker.clone(),
        series: terms.series.clone(),
        category: terms.category.clone(),
        title: title(market, terms),
        open: market.open_time,
        close: market.close_time,
        grid: grid(market)?,
        fees: terms.fees,
        status: status(market.status),
        volume: market.volume_fp,
        shard: market.exchange_index.unwrap_or_default(),
    })
}

/// Fills `book` with what the exchange answered: bids for YES as they are, bids for NO as asks.
///
/// # Errors
/// [`BookFault`] when a level can't exist or the sides cross; the book is then suspect.
pub fn fill_book(book: &mut Book, levels: &model::Orderbook) -> Result<(), BookFault> {
    let level = |price, size| Level { price, size };
    let bids: Vec<Level> = levels.yes_dollars.iter().map(|&(price, size)| level(price, size)).collect();
    let asks: Vec<Level> =
        levels.no_dollars.iter().map(|&(price, size)| level(price.complement(), size)).collect();
    book.replace(&bids, &asks)
}

/// Fills `book` with the touch that a market's body tells, which may be 15 seconds old. A side exists where something
/// stands there.
///
/// # Errors
/// [`BookFault`] when the touch can't exist or crosses; the book is then suspect.
pub fn fill_touch(book: &mut Book, market: &model::Market) -> Result<(), BookFault> {
    let side = |price: Price, size: Quantity| size.is_positive().then_some(Level { price, size });
    let bid = side(market.yes_bid_dollars, market.yes_bid_size_fp);
    let ask = side(market.yes_ask_dollars, market.yes_ask_size_fp);
    book.replace(bid.as_slice(), ask.as_slice())
}

/// Where the market stands, in the engine's words. A result that is disputed or was changed is still a result.
pub const fn status(status: model::MarketStatus) -> MarketStatus {
    match status {
        model::MarketStatus::Initialized => MarketStatus::Initialized,
        model::MarketStatus::Active => MarketStatus::Active,
        model::MarketStatus::Inactive | model::MarketStatus::Unknown => MarketStatus::Inactive,
        model::MarketStatus::Closed => MarketStatus::Closed,
        model::MarketStatus::Determined | model::MarketStatus::Disputed | model::MarketStatus::Amended => {
            MarketStatus::Determined
        }
        model::MarketStatus::Finalized => MarketStatus::Finalized,
    }
}

fn grid(market: &model::Market) -> Result<PriceGrid, ListingError> {
    let ranges = market.price_ranges.iter();
    let ranges = ranges.map(|range| TickRange { start: range.start, end: range.end, step: range.step });
    PriceGrid::new(ranges.collect())
        .map_err(|cause| ListingError::Grid { ticker: market.ticker.clone(), cause })
}

fn title(market: &model::Market, terms: &Terms) -> String {
    let named = market.title.as_deref().filter(|title| !title.is_empty());
    match (named, terms.title.as_str(), market.yes_sub_title.as_str()) {
        (Some(title), _, _) => title.to_owned(),
        (None, "", subtitle) => subtitle.to_owned(),
        (None, event, "") => event.to_owned(),
        (None, event, subtitle) => format!("{event}: {subtitle}"),
    }
}

fn fees(fee_type: &str, multiplier: Ratio) -> FeeSchedule {
    scaled(FeeKind::from_wire(fee_type), multiplier)
}

fn scaled(kind: FeeKind, multiplier: Ratio) -> FeeSchedule {
    match u32::try_from(multiplier.raw()) {
        Ok(multiplier_ppm) => FeeSchedule { kind, multiplier_ppm },
        Err(_) => FeeSchedule { kind: FeeKind::Unknown, multiplier_ppm: 0 },
    }
}

#[cfg(test)]
mod tests;
