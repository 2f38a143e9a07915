//! Markets in which nothing happens: listed, with a book that stands still. A scan of the whole exchange meets tens of
//! thousands of them. Each follows from its number alone, so they take no memory; one that is traded or followed is
//! handed to the exchange proper first.

use crate::exchange::core::MarketView;
use crate::fees::{FeeKind, FeeSchedule};
use crate::market::{Level, MarketSpec, MarketStatus, PriceGrid};
use crate::units::{Price, Quantity, Timestamp};
use std::time::Duration;

/// Markets of an event.
const EVENT: u32 = 10;
/// Series among which the events are dealt out, with their categories.
const SERIES: [(&str, &str); 8] = [
    ("KXQUIETRAIN", "Climate and Weather"),
    ("KXQUIETVOTE", "Politics"),
    ("KXQUIETGOAL", "Sports"),
    ("KXQUIETRATE", "Economics"),
    ("KXQUIETFILM", "Entertainment"),
    ("KXQUIETCOIN", "Crypto"),
    ("KXQUIETSHIP", "Companies"),
    ("KXQUIETSTAR", "Science and Technology"),
];

/// All of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct QuietMarkets {
    count: u32,
    listed: Timestamp,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QuietMarket {
    pub(super) spec: MarketSpec,
    pub(super) bids: [Level; 3],
    pub(super) asks: [Level; 3],
    listed: Timestamp,
}

impl QuietMarkets {
    pub(super) const fn new(count: u32, listed: Timestamp) -> Self {
        Self { count, listed }
    }

    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    pub(super) const fn event_count(&self) -> u32 {
        self.count.div_ceil(EVENT)
    }

    /// The series and their categories, as far as there are markets.
    pub(super) fn series(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        SERIES.into_iter().take(self.event_count() as usize)
    }

    /// The markets of the event with this number.
    pub(super) fn of_event(&self, event: u32) -> std::ops::Range<u32> {
        let first = event.saturating_mul(EVENT).min(self.count);
        first..first.saturating_add(EVENT).min(self.count)
    }

    /// The number of a ticker's market.
    pub(super) fn find(&self, ticker: &str) -> Option<u32> {
        let (event, place) = ticker.rsplit_once("-T")?;
        let place: u32 = place.parse().ok().filter(|place| *place < EVENT)?;
        let number = self.find_event(event)?.checked_mul(EVENT)?.checked_add(place)?;
        (number < self.count && self::ticker(number) == ticker).then_some(number)
    }

    /// The number of an event.
    pub(super) fn find_event(&self, event: &str) -> Option<u32> {
        let (_, number) = event.rsplit_once("-E")?;
        let number: u32 = number.parse().ok()?;
        (number < self.event_count() && event_ticker(number) == event).then_some(number)
    }

    /// The market with this number. Closes are spread over three days, prices over the whole dollar, spreads over one
    /// to five cents.
    pub(super) fn market(&self, number: u32) -> QuietMarket {
        let event = number / EVENT;
        let (series, category) = series(event);
        let close = self.listed + Duration::from_mins(u64::from(event % 864) * 5 + 30);
        let title = format!("Quiet question {event}: answer {}", number % EVENT);
        let spec = MarketSpec {
            ticker: ticker(number),
            event: event_ticker(event),
            series: series.to_owned(),
            category: category.to_owned(),
            title,
            open: self.listed - Duration::from_hours(24),
            close,
            grid: PriceGrid::cents(),
            fees: FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 },
            status: MarketStatus::Active,
            volume: Quantity::from_contracts(i64::from(number % 97) * 500),
            shard: 0,
        };
        let bid = i64::from(number.wrapping_mul(7_919) % 90) + 4;
        let spread = i64::from(number % 5) + 1;
        let level = |cents: i64, deep: i64| Level {
            price: Price::from_raw(cents * 10_000),
            size: Quantity::from_contracts(100 * (deep + 1) + i64::from(number % 50)),
        };
        QuietMarket {
            spec,
            bids: [0, 1, 2].map(|deep| level(bid - deep, deep)),
            asks: [0, 1, 2].map(|deep| level((bid + spread + deep).min(97 + deep), deep)),
            listed: self.listed,
        }
    }
}

impl QuietMarket {
    /// As the exchange would show it.
    pub(super) const fn view(&self) -> MarketView<'_> {
        MarketView {
            spec: &self.spec,
            listed: self.listed,
            updated: self.listed,
            bid: Some(self.bids[0]),
            ask: Some(self.asks[0]),
            last: Some(self.bids[0].price),
            open_interest: self.spec.volume,
            resolution: None,
            settled: None,
        }
    }
}

/// The ticker of the market with this number.
pub(super) fn ticker(number: u32) -> String {
    format!("{}-T{}", event_ticker(number / EVENT), number % EVENT)
}

/// Event and series of the market with this number.
pub(super) fn names(number: u32) -> (String, &'static str) {
    let event = number / EVENT;
    (event_ticker(event), series(event).0)
}

fn series(event: u32) -> (&'static str, &'static str) {
    SERIES[event as usize % SERIES.len()]
}

fn event_ticker(event: u32) -> String {
    format!("{}-E{event}", series(event).0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{Book, Side};

    #[test]
    fn every_market_is_found_and_has_a_sound_book() {
        let quiet = QuietMarkets::new(1_005, Timestamp::from_secs(1_795_442_400));
        for number in 0..quiet.count() {
            let market = quiet.market(number);
            assert_eq!(quiet.find(&market.spec.ticker), Some(number));
            assert_eq!(quiet.find_event(&market.spec.event), Some(number / EVENT));
            let mut book = Book::default();
            book.replace(&market.bids, &market.asks).unwrap_or_else(|fault| panic!("{number}: {fault}"));
            assert_eq!(book.best(Side::Bid), market.view().bid);
            assert_eq!(book.depth(Side::Ask), 3);
        }
        for unknown in ["KXQUIETRAIN-E0-T10", "KXQUIETVOTE-E0-T1", "KXQUIETRAIN-E999999-T0", "KX", ""] {
            assert_eq!(quiet.find(unknown), None, "{unknown}");
        }
        assert_eq!(quiet.event_count(), 101);
        assert_eq!(quiet.of_event(100), 1_000..1_005);
    }
}
