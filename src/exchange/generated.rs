//! Simulated markets, drawn from a seed and calibrated on recorded ones, as a source of the exchange's own
//! frames.
//!
//! Each event has a hidden value that wanders until its close (`path`); a market comes true when the value
//! ends in its bracket, so exactly one market of an exclusive event does. The fair price follows from the
//! value and the time left. Makers quote around it a little too sure of the favourite, other orders come and
//! go behind them, takers hit the touch (`flow`), and every change is written as the frame that the exchange
//! would send (`tape`). There are no floats: the same settings give the same bytes on every platform.
//!
//! # Calibration
//!
//! The constants come from public recordings, read once with a script: nine fifteen-minute gold markets of
//! August 2026 with full books (395,000 deltas, 10,755 prints), six fifteen-minute bitcoin markets of May
//! 2026, four days of the top of the book of New York temperature markets of December 2025, all prints of 954
//! Denver temperature markets of 2024/25, and hourly candles of 816 New York temperature markets of 2026.
//! Simulated figures are those of the default settings and of twelve markets of [`Mix::QuarterHour`], seed 1.
//!
//! | figure | recorded | simulated |
//! |---|---|---|
//! | spread of 1, 2, 3, more cents, gold | 40, 27, 20, 13 % | 57, 21, 12, 10 % |
//! | the same, temperature | 44, 19, 13, 24 % | 51, 17, 12, 20 % |
//! | the same where a side costs 85 to 97 cents | 39, 21, 14, 26 % | 48, 19, 11, 22 % |
//! | contracts at the touch, quartiles, gold | 50, 131, 472 | 52, 180, 748 |
//! | contracts on the third level, quartiles, gold | 30, 55, 200 | 30, 91, 420 |
//! | levels a side, quartiles, gold | 18, 30, 38 | 25, 39, 55 |
//! | next level one tick behind the best, gold | 77 % | 86 % |
//! | deltas that add, set up, reduce, remove, gold | 36, 13, 37, 13 % | 34, 17, 31, 17 % |
//! | deltas at the touch, 1, 2, 3 ticks behind, gold | 20, 13, 11, 9 % | 24, 13, 11, 7 % |
//! | deltas a second in a market, gold | 33 to 70 | 39 to 54 |
//! | changes of the touch a minute, temperature | 0.1 to 7.7 | 0.9 to 9 by series |
//! | prints a minute, gold | 28 to 129 | 75 to 97 |
//! | contracts of a print, gold | 4, 10, 26; 315 | 4, 13, 39; 558 |
//! | the same, Denver temperature | 7, 24, 70; 935 | the same draw for all |
//! | mid moves a second: 0, to 1, 2, 5 cents, more | 58, 27, 8, 5, 1.5 % | 54, 34, 6, 4, 2 % |
//! | the same a minute, temperature | 71, 20, 4, 3, 1.1 % | 66, 27, 3, 2, 1.0 % |
//! | cents moved in a minute, root mean square, gold | 8 to 27 | 8 to 24 |
//! | cents from a stop 10 % under entry to the bid | 1.3, 4.3, 6.4; 19 | 0.5, 2.3, 7.0; 13.5 |
//!
//! Three figures are quartiles, a fourth the 90th percentile (for prints the 99th). Spreads are weighted by
//! time; beside temperature stand all simulated markets but the fast ones, with less than a cent counted as
//! one and without those that nobody makes. Moves a second are of gold. Stops are those of entries at the
//! first ask of 85 to 97 cents with a spread of at most two cents: the recorded ones on the temperature
//! markets of December 2025, the simulated ones from seeds 1 to 3.
//!
//! How often favourites come true, recorded, one to twenty-four hours before the close: bought by a taker at
//! 85 to 97 cents in Denver, 80 % at a mean price of 89.8 cents (first such print of either outcome in each
//! market); the YES prints alone about 74 %; where the spread was at most two cents, 87 % at a mean ask of 90
//! cents; in the hourly candles of New York with such a spread 89 % of YES at 93.3 cents and 93 % of NO at
//! 92.8. The default [`GeneratedSettings::overconfidence`] takes the middle: 87 % at 90 cents, before the
//! half-spread and fees. Buying a favourite and holding it loses here as it did there.
//!
//! # What it does not reproduce
//!
//! - Orders don't move the fair price: there is no informed taker and no impact, and nobody reacts to a
//!   strategy.
//! - The news comes evenly until the close, or until some hours before it for temperature and rain. Recorded
//!   markets have quiet nights and busy afternoons.
//! - A market's spread doesn't depend on how busy or how certain it is.
//! - Recorded bursts are more extreme: the busiest second in a hundred has 284 gold deltas, here about 140.
//! - Round-number sizes (50, 100, 2,000) and levels at every second cent are not imitated, nor orders inside
//!   the spread, other than those that makers set up.
//! - No pauses, early closes, moved closes, changed grids or fees, block trades, scalar results or lost
//!   frames.

pub(crate) mod chance;
mod depth;
mod flow;
mod listing;
mod path;
mod tape;

use crate::engine::Event;
use crate::kalshi::ws::message::{LifecycleChange, MarketResult};
use crate::market::MarketStatus;
use crate::replay::source::{Item, Source, SourceError};
use crate::units::{Price, Ratio, Timestamp};
use chance::Chance;
use flow::SimulatedMarket;
use listing::Listing;
use path::Path;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::time::Duration;
use tape::Tape;

/// Which markets are generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mix {
    /// Several series and categories, from quiet to fast, with closes from within the run to thirty hours ahead.
    Varied,
    /// Fifteen-minute markets alone, all opening at the start: many frames and many results in little time.
    QuarterHour,
}

/// What to generate. The same settings always give the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedSettings {
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// How many markets.
    pub markets: usize,
    /// The first moment.
    pub start: Timestamp,
    /// Simulated time from the first moment to the end.
    pub duration: Duration,
    /// Which markets.
    pub mix: Mix,
    /// By how much the crowd takes the standard deviation of what is still to come for smaller than it is. It makes
    /// favourites too dear: at 0.13, what is quoted at 0.90 comes true 87 times in a hundred. At zero quotes are
    /// fair.
    pub overconfidence: Ratio,
}

impl Default for GeneratedSettings {
    /// 120 varied markets over eight hours from 2026-11-23T14:00:00Z.
    fn default() -> Self {
        Self {
            seed: 1,
            markets: 120,
            start: Timestamp::from_secs(1_795_442_400),
            duration: Duration::from_hours(8),
            mix: Mix::Varied,
            overconfidence: Ratio::from_raw(130_000),
        }
    }
}

/// Simulated markets as a source of frames.
#[derive(Debug)]
pub struct GeneratedMarkets {
    overconfidence: Ratio,
    start: Timestamp,
    end: Timestamp,
    events: Vec<SimulatedEvent>,
    markets: Vec<SimulatedMarket>,
    chance: Chance,
    queue: BinaryHeap<Reverse<(Timestamp, Wake)>>,
    tape: Tape,
    greeting: Greeting,
}

#[derive(Debug)]
struct SimulatedEvent {
    path: Path,
    markets: Range<usize>,
}

/// What comes before the first frame.
#[derive(Debug, Clone, Copy)]
enum Greeting {
    List(usize),
    Done,
}

/// What happens at a moment, by the place of the event or market among its kind. At the same moment they happen in
/// the order written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wake {
    Open { event: usize },
    Step { event: usize },
    Makers { market: usize },
    Burst { market: usize },
    Taker { market: usize },
    Close { event: usize },
    Determine { market: usize },
    Settle { market: usize },
}

impl GeneratedMarkets {
    /// Lists the markets and sets them up for their first moment.
    pub fn new(settings: &GeneratedSettings) -> Self {
        let mut chance = Chance::new(settings.seed);
        let mut generated = Self {
            overconfidence: settings.overconfidence,
            start: settings.start,
            end: settings.start + settings.duration,
            events: Vec::new(),
            markets: Vec::with_capacity(settings.markets),
            chance: chance.branch(),
            queue: BinaryHeap::new(),
            tape: Tape::default(),
            greeting: Greeting::List(0),
        };
        for listing in listing::list(settings, &mut chance) {
            generated.add(listing, &mut chance);
        }
        generated
    }

    /// When the last frame comes at the latest.
    pub const fn ends(&self) -> Timestamp {
        self.end
    }

    fn add(&mut self, listing: Listing, chance: &mut Chance) {
        let Listing { from, news_end, close, markets, pace } = listing;
        let event = self.events.len();
        let first = self.markets.len();
        let path = Path::new(from.micros(), news_end.micros(), chance.branch());
        for (spec, bracket) in markets {
            let prices = depth::prices(&spec.grid);
            self.markets.push(SimulatedMarket::new(spec, bracket, event, pace, prices, chance.branch()));
        }
        self.events.push(SimulatedEvent { path, markets: first..self.markets.len() });
        self.at(from, Wake::Open { event });
        self.at(close, Wake::Close { event });
    }

    fn at(&mut self, time: Timestamp, wake: Wake) {
        if time <= self.end {
            self.queue.push(Reverse((time, wake)));
        }
    }

    /// What a market's makers hold for fair, in micro-dollars.
    fn quoted(&self, market: usize) -> i64 {
        let SimulatedMarket { event, bracket, .. } = &self.markets[market];
        let path = &self.events[*event].path;
        bracket.probability(path.value(), path.quoted_deviation(self.overconfidence))
    }

    /// Carries out what is next; false when there is nothing left.
    fn wake(&mut self) -> bool {
        let Some(Reverse((now, wake))) = self.queue.pop() else { return false };
        match wake {
            Wake::Open { event } => self.open(now, event),
            Wake::Step { event } => self.step(now, event),
            Wake::Makers { market } => self.makers(now, market),
            Wake::Burst { market } => self.burst(now, market),
            Wake::Taker { market } => self.taker(now, market),
            Wake::Close { event } => self.close(now, event),
            Wake::Determine { market } => self.determine(now, market),
            Wake::Settle { market } => self.settle(now, market),
        }
        true
    }

    fn open(&mut self, now: Timestamp, event: usize) {
        for market in self.events[event].markets.clone() {
            let fair = self.quoted(market);
            let simulated = &mut self.markets[market];
            if simulated.spec.status == MarketStatus::Initialized {
                self.tape.lifecycle(now, &simulated.spec.ticker, LifecycleChange::Activated);
            }
            simulated.open(&mut self.tape, now, fair);
            let (burst, taker) = (simulated.burst_wait(), simulated.taker_wait());
            self.at(after(now, burst), Wake::Burst { market });
            self.at(after(now, taker), Wake::Taker { market });
        }
        let next = self.events[event].path.next_step();
        self.at(Timestamp::from_micros(next), Wake::Step { event });
    }

    fn step(&mut self, now: Timestamp, event: usize) {
        let path = &mut self.events[event].path;
        path.advance(now.micros());
        if !path.ended() {
            let next = path.next_step();
            self.at(Timestamp::from_micros(next), Wake::Step { event });
        }
        for market in self.events[event].markets.clone() {
            let fair = self.quoted(market);
            let simulated = &mut self.markets[market];
            if simulated.is_open() {
                simulated.quote(&mut self.tape, now, fair);
            }
        }
    }

    fn makers(&mut self, now: Timestamp, market: usize) {
        let fair = self.quoted(market);
        let simulated = &mut self.markets[market];
        if simulated.is_open() {
            simulated.quote(&mut self.tape, now, fair);
        }
    }

    fn burst(&mut self, now: Timestamp, market: usize) {
        let simulated = &mut self.markets[market];
        if simulated.is_open() {
            simulated.churn(&mut self.tape, now);
            let next = after(now, simulated.burst_wait());
            self.at(next, Wake::Burst { market });
            self.call_makers(now, market);
        }
    }

    fn taker(&mut self, now: Timestamp, market: usize) {
        let simulated = &mut self.markets[market];
        if simulated.is_open() {
            simulated.take(&mut self.tape, now);
            let next = after(now, simulated.taker_wait());
            self.at(next, Wake::Taker { market });
            self.call_makers(now, market);
        }
    }

    /// Makers come back a little later when the touch isn't where they want it.
    fn call_makers(&mut self, now: Timestamp, market: usize) {
        let simulated = &mut self.markets[market];
        if simulated.wants_makers() {
            simulated.makers_due = true;
            let next = after(now, simulated.maker_wait());
            self.at(next, Wake::Makers { market });
        }
    }

    /// Trading ends without a frame, as on the exchange: the close is known beforehand.
    fn close(&mut self, now: Timestamp, event: usize) {
        const SOONEST: i64 = 5_000_000;
        const LATEST: i64 = 300_000_000;
        self.events[event].path.advance(now.micros());
        let wait = self.chance.between(SOONEST, LATEST);
        for market in self.events[event].markets.clone() {
            self.markets[market].spec.status = MarketStatus::Closed;
            self.at(after(now, wait), Wake::Determine { market });
        }
    }

    fn determine(&mut self, now: Timestamp, market: usize) {
        const SOONEST: i64 = 1_000_000;
        const LATEST: i64 = 60_000_000;
        let simulated = &mut self.markets[market];
        simulated.spec.status = MarketStatus::Determined;
        let (result, value) = if simulated.bracket.contains(self.events[simulated.event].path.value()) {
            (MarketResult::Yes, Price::ONE)
        } else {
            (MarketResult::No, Price::ZERO)
        };
        let change = LifecycleChange::Determined { result, settlement_value: Some(value), time: Some(now) };
        self.tape.lifecycle(now, &simulated.spec.ticker, change);
        let wait = self.chance.between(SOONEST, LATEST);
        self.at(after(now, wait), Wake::Settle { market });
    }

    fn settle(&mut self, now: Timestamp, market: usize) {
        let simulated = &mut self.markets[market];
        simulated.spec.status = MarketStatus::Finalized;
        self.tape.lifecycle(now, &simulated.spec.ticker, LifecycleChange::Settled { time: Some(now) });
    }
}

impl Source for GeneratedMarkets {
    fn next(&mut self) -> Result<Option<(Timestamp, Item<'_>)>, SourceError> {
        match self.greeting {
            Greeting::List(place) if place < self.markets.len() => {
                self.greeting = Greeting::List(place + 1);
                let listed = Event::Listed(&self.markets[place].spec);
                return Ok(Some((self.start, Item::Event(listed))));
            }
            Greeting::List(_) => {
                self.greeting = Greeting::Done;
                return Ok(Some((self.start, Item::Event(Event::Connected))));
            }
            Greeting::Done => {}
        }
        while self.tape.is_drained() {
            if !self.wake() {
                return Ok(None);
            }
        }
        Ok(self.tape.take().map(|(at, frame)| (at, Item::Frame(frame))))
    }

    fn uses_yes_price(&self) -> bool {
        true
    }

    fn has_contiguous_sequence(&self) -> bool {
        true
    }
}

fn after(time: Timestamp, micros: i64) -> Timestamp {
    time + Duration::from_micros(micros.unsigned_abs())
}

#[cfg(test)]
mod tests;
