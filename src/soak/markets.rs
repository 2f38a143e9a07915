//! The markets of a simulated world: few, thin and restless. A price wanders tick by tick and jumps now and then; the
//! touch is quoted around it, takers come by, and every market closes, is determined and pays within the life.
//!
//! They are calibrated on nothing: all they are for is that the bot enters, takes profit, is stopped, runs into the
//! close and is paid, often. `exchange::generated` is where markets behave like recorded ones.

use crate::engine::Event;
use crate::engine::event::Stamp;
use crate::exchange::generated::chance::Chance;
use crate::fees::{FeeKind, FeeSchedule};
use crate::market::{Level, MarketSpec, MarketStatus, PriceGrid, Resolution, Side};
use crate::replay::source::{Item, Source, SourceError};
use crate::units::{Price, Quantity, Timestamp};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Markets that are open at any time, about.
const AT_A_TIME: usize = 7;
/// Mean time between two changes of a market, in microseconds.
const CHANGE_EVERY: i64 = 150_000_000;
/// Micro-dollars in a cent.
const CENT: i64 = 10_000;

/// The markets as a source of events.
#[derive(Debug)]
pub(super) struct WanderingMarkets {
    chance: Chance,
    markets: Vec<Wandering>,
    queue: BinaryHeap<Reverse<(Timestamp, Wake)>>,
    listed: usize,
    start: Timestamp,
    /// What the event in use borrows from.
    levels: [Vec<Level>; 2],
    next_print: Option<Print>,
}

#[derive(Debug)]
struct Wandering {
    spec: MarketSpec,
    /// Cents that YES is worth.
    worth: i64,
    half_spread: i64,
}

#[derive(Debug, Clone, Copy)]
struct Print {
    at: Timestamp,
    market: usize,
    price: Price,
    quantity: Quantity,
    taker: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wake {
    Change(usize),
    Determine(usize),
}

/// What comes next; it borrows nothing.
enum Next {
    Listed(usize),
    Book(usize),
    Print(Print),
    Settled(usize, Resolution),
}

impl WanderingMarkets {
    /// The markets of a life that begins at `start` and lasts so long.
    pub(super) fn new(mut chance: Chance, start: Timestamp, lasts: Duration) -> Self {
        let mut markets = Self {
            chance: chance.branch(),
            markets: Vec::new(),
            queue: BinaryHeap::new(),
            listed: 0,
            start,
            levels: [Vec::new(), Vec::new()],
            next_print: None,
        };
        let end = start + lasts;
        for lane in 0..AT_A_TIME {
            let mut open = start - super::plan::seconds(&mut chance, 0, 7_200);
            while open < end {
                let close = open + super::plan::seconds(&mut chance, 5_400, 28_800);
                markets.add(&mut chance, lane, open, close);
                open = close + super::plan::seconds(&mut chance, 1, 1_800);
            }
        }
        markets
    }

    /// Tickers, in the order of their numbers.
    pub(super) fn tickers(&self) -> Vec<String> {
        self.markets.iter().map(|market| market.spec.ticker.clone()).collect()
    }

    fn add(&mut self, chance: &mut Chance, lane: usize, open: Timestamp, close: Timestamp) {
        let number = self.markets.len();
        let series = format!("KXSOAK{lane}");
        let event = format!("{series}-{number}");
        let kind = if lane.is_multiple_of(3) { FeeKind::QuadraticWithMakerFees } else { FeeKind::Quadratic };
        let multiplier_ppm = if lane.is_multiple_of(2) { 1_000_000 } else { 500_000 };
        let grid = if chance.permille(200) {
            PriceGrid::uniform(Price::from_raw(CENT / 10))
        } else {
            PriceGrid::cents()
        };
        self.markets.push(Wandering {
            spec: MarketSpec {
                ticker: format!("{event}-Y"),
                event,
                series,
                category: "Soak".to_owned(),
                title: format!("Market {number}"),
                open,
                close,
                grid,
                fees: FeeSchedule { kind, multiplier_ppm },
                status: MarketStatus::Active,
                volume: Quantity::from_contracts(20_000),
                shard: u8::try_from(lane % 2).unwrap_or(0),
            },
            worth: if chance.permille(500) { chance.between(76, 93) } else { chance.between(7, 24) },
            half_spread: 1,
        });
        let first = open.max(self.start) + super::plan::seconds(chance, 1, 60);
        self.queue.push(Reverse((first, Wake::Change(number))));
        let determined = close + super::plan::seconds(chance, 5, 1_200);
        self.queue.push(Reverse((determined, Wake::Determine(number))));
    }

    /// What happens next and when; none at the end.
    fn wake(&mut self) -> Option<(Timestamp, Next)> {
        if self.listed < self.markets.len() {
            self.listed += 1;
            return Some((self.start, Next::Listed(self.listed - 1)));
        }
        if let Some(print) = self.next_print.take() {
            return Some((print.at, Next::Print(print)));
        }
        let Reverse((now, wake)) = self.queue.pop()?;
        Some((
            now,
            match wake {
                Wake::Change(number) => self.change(now, number),
                Wake::Determine(number) => Next::Settled(number, self.resolve(number)),
            },
        ))
    }

    /// The price moves, makers quote anew, and a taker may come.
    fn change(&mut self, now: Timestamp, number: usize) -> Next {
        let market = &mut self.markets[number];
        let chance = &mut self.chance;
        let step = match chance.between(0, 99) {
            0..=59 => 0,
            60..=77 => 1,
            78..=95 => -1,
            96 | 97 => chance.between(2, 8),
            _ => -chance.between(2, 12),
        };
        market.worth = (market.worth + step).clamp(2, 98);
        if chance.permille(100) {
            market.half_spread = chance.between(1, 3);
        }
        let next = now + Duration::from_micros(chance.wait(CHANGE_EVERY).unsigned_abs());
        if next < market.spec.close {
            self.queue.push(Reverse((next, Wake::Change(number))));
        }
        let bid = (market.worth - market.half_spread / 2).clamp(1, 97);
        let ask = (market.worth + (market.half_spread + 1) / 2).clamp(bid + 1, 99);
        for (levels, touch, away) in [(0, bid, -1), (1, ask, 1)] {
            self.levels[levels].clear();
            for depth in 0..2 {
                let cents = touch + away * depth * 3;
                if (1..=99).contains(&cents) {
                    let size = Quantity::from_contracts(chance.between(5, 900));
                    self.levels[levels].push(Level { price: Price::from_raw(cents * CENT), size });
                }
            }
        }
        if chance.permille(250) {
            let taker = if chance.permille(500) { Side::Bid } else { Side::Ask };
            let cents = if taker == Side::Bid { ask } else { bid };
            self.next_print = Some(Print {
                at: now,
                market: number,
                price: Price::from_raw(cents * CENT),
                quantity: Quantity::from_raw(chance.between(1, 60_000)),
                taker,
            });
        }
        Next::Book(number)
    }

    fn resolve(&mut self, number: usize) -> Resolution {
        let worth = self.markets[number].worth;
        if self.chance.permille(30) {
            return Resolution::Scalar(Price::from_raw(self.chance.between(0, 100) * CENT));
        }
        if self.chance.between(1, 100) <= worth { Resolution::Yes } else { Resolution::No }
    }
}

impl Source for WanderingMarkets {
    fn next(&mut self) -> Result<Option<(Timestamp, Item<'_>)>, SourceError> {
        let Some((at, next)) = self.wake() else { return Ok(None) };
        let ticker = |number: usize| self.markets[number].spec.ticker.as_str();
        let stamp = Stamp::default();
        let event = match next {
            Next::Listed(number) => Event::Listed(&self.markets[number].spec),
            Next::Book(number) => Event::Snapshot {
                ticker: ticker(number),
                stamp,
                bids: &self.levels[0],
                asks: &self.levels[1],
            },
            Next::Print(Print { market, price, quantity, taker, .. }) => {
                Event::Print { ticker: ticker(market), stamp, price, quantity, taker, is_block: false }
            }
            Next::Settled(number, resolution) => Event::Settled { ticker: ticker(number), resolution },
        };
        Ok(Some((at, Item::Event(event))))
    }

    fn uses_yes_price(&self) -> bool {
        true
    }

    fn has_contiguous_sequence(&self) -> bool {
        true
    }
}
