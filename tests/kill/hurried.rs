//! Generated markets in a hurry: hours happen in minutes while the exchange's clock keeps real time, so that the bot and
//! the exchange agree on what time it is. They can be made to stand still.

use kalshi_bot::engine::Event;
use kalshi_bot::exchange::generated::{GeneratedMarkets, GeneratedSettings};
use kalshi_bot::market::MarketSpec;
use kalshi_bot::replay::source::{Item, Source, SourceError};
use kalshi_bot::units::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many times faster than real time the markets go.
const HURRY: u32 = 40;
/// As near as a market's close may seem.
const NEAREST_CLOSE: Duration = Duration::from_hours(3);
/// How often standing markets look whether they may go on.
const LOOK: Duration = Duration::from_millis(50);

/// The markets.
#[derive(Debug)]
pub(super) struct Hurried {
    markets: GeneratedMarkets,
    start: Timestamp,
    listed: Option<MarketSpec>,
    still: Arc<AtomicBool>,
    /// The latest moment that was given out.
    now: Timestamp,
    /// How long they have stood still.
    stood: Duration,
}

impl Hurried {
    pub(super) fn new(seed: u64, start: Timestamp, still: &Arc<AtomicBool>) -> Self {
        let markets = GeneratedMarkets::new(&GeneratedSettings {
            seed,
            markets: 100,
            start,
            duration: Duration::from_hours(72),
            ..GeneratedSettings::default()
        });
        Self { markets, start, listed: None, still: Arc::clone(still), now: start, stood: Duration::ZERO }
    }
}

impl Source for Hurried {
    fn next(&mut self) -> Result<Option<(Timestamp, Item<'_>)>, SourceError> {
        if self.still.load(Ordering::Relaxed) {
            self.stood += LOOK;
            self.now = self.now + LOOK;
            return Ok(Some((self.now, Item::Event(Event::Connected))));
        }
        let Some((at, item)) = self.markets.next()? else { return Ok(None) };
        let hurried = |at: Timestamp| self.start + at.since(self.start) / HURRY + self.stood;
        self.now = hurried(at).max(self.now);
        let Item::Event(Event::Listed(spec)) = item else { return Ok(Some((self.now, item))) };
        let close = self.start + spec.close.since(self.start).max(NEAREST_CLOSE);
        let open = if spec.open > self.start { hurried(spec.open) } else { spec.open };
        let spec = self.listed.insert(MarketSpec { open, close, ..spec.clone() });
        Ok(Some((self.now, Item::Event(Event::Listed(spec)))))
    }

    fn uses_yes_price(&self) -> bool {
        self.markets.uses_yes_price()
    }

    fn has_contiguous_sequence(&self) -> bool {
        self.markets.has_contiguous_sequence()
    }
}
