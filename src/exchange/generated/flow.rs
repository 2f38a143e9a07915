//! One simulated market: makers who keep their quotes around the fair price, orders that come and go behind them,
//! and takers who hit the touch. Whatever changes goes on the tape as the exchange would send it.

use super::chance::{Chance, Quantiles};
use super::depth::Depth;
use super::listing::Pace;
use super::path::Bracket;
use super::tape::Tape;
use crate::kalshi::ws::message::Ticker;
use crate::market::{MarketSpec, MarketStatus, Side};
use crate::units::{MICROS, Price, Quantity, Rounding, Timestamp};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

const SIDES: [Side; 2] = [Side::Bid, Side::Ask];

/// Half of the spread that makers keep in a market on the cent grid, in micro-dollars.
const HALF_SPREAD: Quantiles = Quantiles(&[
    (0, 0),
    (400, 5_000),
    (600, 10_000),
    (740, 15_000),
    (830, 20_000),
    (890, 25_000),
    (940, 32_000),
    (1_000, 45_000),
]);
/// The half-spread of a market without makers, where only the bounds of the grid are quoted.
const ABANDONED: i64 = MICROS;
/// Size of a level or of a change of it, in hundredths of a contract.
const ORDER_SIZE: Quantiles = Quantiles(&[
    (0, 100),
    (50, 400),
    (100, 1_000),
    (250, 1_300),
    (500, 2_700),
    (750, 5_900),
    (900, 20_000),
    (950, 100_000),
    (1_000, 240_000),
]);
/// Levels above this size, in hundredths of a contract, shrink more often than they grow.
const USUAL_SIZE: i64 = 10_000;
/// Size of the best level when a maker sets it up.
const TOUCH_SIZE: Quantiles = Quantiles(&[
    (0, 100),
    (50, 500),
    (100, 1_650),
    (250, 5_000),
    (500, 13_000),
    (750, 47_000),
    (900, 200_000),
    (1_000, 260_000),
]);
/// Size of a print.
const PRINT_SIZE: Quantiles = Quantiles(&[
    (0, 20),
    (50, 100),
    (100, 200),
    (250, 500),
    (500, 1_700),
    (750, 5_000),
    (900, 11_000),
    (950, 20_000),
    (990, 80_000),
    (1_000, 150_000),
]);
/// Ticks behind the best level at which resting orders change.
const DISTANCE: Quantiles =
    Quantiles(&[(0, 0), (200, 1), (330, 2), (440, 3), (590, 5), (800, 9), (1_000, 40)]);
/// Changes that come together.
const BURST: Quantiles = Quantiles(&[(0, 1), (400, 3), (750, 8), (920, 20), (1_000, 50)]);
/// How busy a market is and how large its orders are beside others of its pace, in per cent.
const VARIETY: Quantiles = Quantiles(&[(0, 30), (500, 100), (900, 200), (1_000, 350)]);

/// What sets one market apart from another.
#[derive(Debug)]
struct Character {
    half_spread: i64,
    /// Mean microseconds between bursts of orders.
    burst_wait: i64,
    /// Mean microseconds between takers.
    taker_wait: i64,
    /// Per cent of the usual size.
    size: i64,
}

#[derive(Debug)]
pub(super) struct SimulatedMarket {
    pub(super) spec: MarketSpec,
    pub(super) bracket: Bracket,
    /// Its event's place among the events.
    pub(super) event: usize,
    /// Whether a visit of its makers is due.
    pub(super) makers_due: bool,
    depth: Depth,
    chance: Chance,
    character: Character,
    fair: i64,
    /// What makers add to their spread after a move, in micro-dollars.
    caution: i64,
    tally: Tally,
}

/// Running figures.
#[derive(Debug)]
struct Tally {
    last: Price,
    last_size: Quantity,
    volume: Quantity,
    open_interest: Quantity,
    dollar_volume: i64,
    told: Timestamp,
    changed: bool,
}

impl Character {
    fn draw(pace: Pace, fine_grid: bool, chance: &mut Chance) -> Self {
        let (burst_wait, taker_wait) = match pace {
            Pace::Quiet => (300_000_000, 900_000_000),
            Pace::Steady => (60_000_000, 120_000_000),
            Pace::Lively => (15_000_000, 15_000_000),
            Pace::Fast => (150_000, 800_000),
        };
        let mut half_spread = chance.draw(HALF_SPREAD);
        if pace == Pace::Fast {
            half_spread /= 2;
        } else if chance.permille(40) {
            half_spread = ABANDONED;
        }
        if fine_grid {
            half_spread /= 3;
        }
        let rate = if pace == Pace::Fast { 100 } else { chance.draw(VARIETY) };
        Self {
            half_spread,
            burst_wait: burst_wait * 100 / rate,
            taker_wait: taker_wait * 100 / rate,
            size: chance.draw(VARIETY),
        }
    }
}

impl SimulatedMarket {
    pub(super) fn new(
        spec: MarketSpec,
        bracket: Bracket,
        event: usize,
        pace: Pace,
        prices: Arc<[Price]>,
        mut chance: Chance,
    ) -> Self {
        let fine_grid = prices.len() > 99;
        let character = Character::draw(pace, fine_grid, &mut chance);
        let volume = spec.volume;
        let tally = Tally {
            last: Price::from_raw(MICROS / 2),
            last_size: Quantity::ZERO,
            volume,
            open_interest: Quantity::from_raw(volume.raw() * 4 / 10),
            dollar_volume: volume.raw() / 200,
            told: Timestamp::EPOCH,
            changed: true,
        };
        let depth = Depth::new(prices);
        Self { spec, bracket, event, makers_due: false, depth, chance, character, fair: 0, caution: 0, tally }
    }

    pub(super) const fn is_open(&self) -> bool {
        matches!(self.spec.status, MarketStatus::Active)
    }

    /// Fills the book around the fair price, in micro-dollars, and sends it whole.
    pub(super) fn open(&mut self, tape: &mut Tape, now: Timestamp, fair: i64) {
        self.spec.status = MarketStatus::Active;
        self.fair = fair;
        for (side, target) in SIDES.into_iter().zip(self.targets()) {
            let Some(target) = target else { continue };
            let size = self.size(TOUCH_SIZE);
            self.depth.set(side, target, size);
            for steps in 1..150 {
                let share = if steps < 8 { 770 } else { 330 };
                let Some(tick) = self.depth.behind(side, target, steps) else { break };
                if self.chance.permille(share) {
                    let size = self.size(ORDER_SIZE);
                    self.depth.set(side, tick, size);
                }
            }
        }
        let (bids, asks) = (self.depth.levels(Side::Bid), self.depth.levels(Side::Ask));
        tape.snapshot(now, &self.spec.ticker, bids, asks);
        self.tally.last = self.depth.best(Side::Bid).map_or(self.tally.last, |tick| self.depth.price(tick));
        self.tell(tape, now);
    }

    /// Makers move their quotes to a new fair price, in micro-dollars: they take off what stands beyond it and set
    /// up what is missing, in that order, so that the book never crosses. Now and then a taker is faster.
    pub(super) fn quote(&mut self, tape: &mut Tape, now: Timestamp, fair: i64) {
        let moved = (fair - self.fair).abs();
        self.fair = fair;
        self.caution = self.caution / 2 + moved / 4;
        self.makers_due = false;
        let targets = self.targets();
        for (side, target) in SIDES.into_iter().zip(targets) {
            self.clear_beyond(tape, now, side, target);
        }
        for (side, target) in SIDES.into_iter().zip(targets) {
            if let Some(target) = target {
                self.build_up(tape, now, side, target);
            }
        }
        self.tell(tape, now);
    }

    /// A burst of orders and cancellations at and behind the touch.
    pub(super) fn churn(&mut self, tape: &mut Tape, now: Timestamp) {
        let usual = Quantity::from_raw(USUAL_SIZE * self.character.size / 100);
        for _ in 0..self.chance.draw(BURST) {
            let side = SIDES[usize::from(self.chance.permille(500))];
            let steps = usize::try_from(self.chance.draw(DISTANCE)).unwrap_or(0);
            let Some(best) = self.depth.best(side) else { continue };
            let Some(tick) = self.depth.behind(side, best, steps) else { continue };
            let standing = self.depth.size(side, tick);
            let size = self.size(ORDER_SIZE);
            let change =
                if standing.is_zero() || self.chance.permille(if standing < usual { 650 } else { 300 }) {
                    size
                } else if self.chance.permille(200) {
                    -standing
                } else {
                    -standing.min(size)
                };
            self.change(tape, now, side, tick, change);
        }
        self.tell(tape, now);
    }

    /// A taker hits the touch and, if the order is larger than what stands there, up to two levels behind it.
    pub(super) fn take(&mut self, tape: &mut Tape, now: Timestamp) {
        const MOST_LEVELS: usize = 3;
        let taker = SIDES[usize::from(!self.chance.permille(520))];
        let mut left = self.size(PRINT_SIZE);
        for _ in 0..MOST_LEVELS {
            let Some(tick) = self.depth.best(taker.opposite()) else { break };
            let quantity = left.min(self.depth.size(taker.opposite(), tick));
            self.fill(tape, now, taker, tick, quantity);
            left -= quantity;
            if left.is_zero() {
                break;
            }
        }
        self.tell(tape, now);
    }

    /// Whether the touch is not where makers want it.
    pub(super) fn wants_makers(&self) -> bool {
        let targets = self.targets();
        !self.makers_due
            && SIDES.into_iter().zip(targets).any(|(side, target)| self.depth.best(side) != target)
    }

    /// Until the next burst of orders, in microseconds.
    pub(super) fn burst_wait(&mut self) -> i64 {
        self.chance.wait(self.character.burst_wait)
    }

    /// Until the next taker, in microseconds.
    pub(super) fn taker_wait(&mut self) -> i64 {
        self.chance.wait(self.character.taker_wait)
    }

    /// Until makers come back to a touch that was hit, in microseconds.
    pub(super) fn maker_wait(&mut self) -> i64 {
        self.chance.wait((self.character.burst_wait / 16).clamp(20_000, 4_000_000))
    }

    /// Where makers want the best bid and the best ask: none where that would leave the grid. A spread of less than
    /// a tick becomes one tick, the one the fair price lies in.
    fn targets(&self) -> [Option<usize>; 2] {
        if self.character.half_spread >= ABANDONED {
            return [self.depth.tick_above(Price::ZERO), self.depth.tick_below(Price::ONE)];
        }
        let fair = Price::from_raw(self.fair);
        let half_tick = self.depth.step(fair).raw() / 2;
        let reach = Price::from_raw(self.character.half_spread + self.caution - half_tick);
        let (bid, ask) = (self.depth.tick_below(fair - reach), self.depth.tick_above(fair + reach));
        match (bid, ask) {
            (Some(low), Some(high)) if low >= high => {
                let bid = self.depth.tick_below(fair);
                [bid, bid.map_or(Some(0), |tick| self.depth.behind(Side::Ask, tick, 1))]
            }
            _ => [bid, ask],
        }
    }

    fn clear_beyond(&mut self, tape: &mut Tape, now: Timestamp, side: Side, target: Option<usize>) {
        const TAKEN_PERMILLE: i64 = 120;
        let beyond = |tick: usize| match (side, target) {
            (_, None) => true,
            (Side::Bid, Some(target)) => tick > target,
            (Side::Ask, Some(target)) => tick < target,
        };
        while let Some(tick) = self.depth.best(side).filter(|tick| beyond(*tick)) {
            if self.chance.permille(TAKEN_PERMILLE) {
                let quantity = self.size(PRINT_SIZE).min(self.depth.size(side, tick));
                self.fill(tape, now, side.opposite(), tick, quantity);
            }
            let rest = self.depth.size(side, tick);
            if rest.is_positive() {
                self.change(tape, now, side, tick, -rest);
            }
        }
    }

    fn build_up(&mut self, tape: &mut Tape, now: Timestamp, side: Side, target: usize) {
        if self.depth.size(side, target).is_positive() {
            return;
        }
        let size = self.size(TOUCH_SIZE);
        self.change(tape, now, side, target, size);
        for steps in 1..=2 {
            let Some(tick) = self.depth.behind(side, target, steps) else { break };
            if self.depth.size(side, tick).is_zero() && self.chance.permille(600) {
                let size = self.size(ORDER_SIZE);
                self.change(tape, now, side, tick, size);
            }
        }
    }

    /// A resting level at `tick` trades with a taker.
    fn fill(&mut self, tape: &mut Tape, now: Timestamp, taker: Side, tick: usize, quantity: Quantity) {
        let price = self.depth.price(tick);
        self.change(tape, now, taker.opposite(), tick, -quantity);
        tape.trade(now, &self.spec.ticker, taker, price, quantity);
        let tally = &mut self.tally;
        tally.last = price;
        tally.last_size = quantity;
        tally.volume += quantity;
        if self.chance.permille(500) {
            tally.open_interest += quantity;
        }
        tally.dollar_volume += price.times(quantity, Rounding::Floor).raw() / MICROS;
    }

    fn change(&mut self, tape: &mut Tape, now: Timestamp, side: Side, tick: usize, change: Quantity) {
        let best = self.depth.best(side);
        self.depth.set(side, tick, self.depth.size(side, tick) + change);
        tape.delta(now, &self.spec.ticker, side, self.depth.price(tick), change);
        self.tally.changed |= best == Some(tick) || best != self.depth.best(side);
    }

    /// Sends the running figures when they have changed, at most once a second.
    fn tell(&mut self, tape: &mut Tape, now: Timestamp) {
        if !self.tally.changed || self.tally.told.until(now) < Duration::from_secs(1) {
            return;
        }
        let touch = |side: Side, none: Price| {
            self.depth
                .best(side)
                .map_or((none, Quantity::ZERO), |tick| (self.depth.price(tick), self.depth.size(side, tick)))
        };
        let ((bid, bid_size), (ask, ask_size)) =
            (touch(Side::Bid, Price::ZERO), touch(Side::Ask, Price::ONE));
        let tally = &self.tally;
        let ticker = Ticker {
            ticker: Cow::Borrowed(&self.spec.ticker),
            last: tally.last,
            bid,
            bid_size,
            ask,
            ask_size,
            last_size: tally.last_size,
            volume: tally.volume,
            open_interest: tally.open_interest,
            dollar_volume: tally.dollar_volume,
            dollar_open_interest: tally.open_interest.raw() / 200,
            time: Some(now),
        };
        tape.ticker(now, &ticker);
        self.tally.told = now;
        self.tally.changed = false;
    }

    /// A size, most often of whole contracts.
    fn size(&mut self, sizes: Quantiles) -> Quantity {
        let size = Quantity::from_raw(self.chance.draw(sizes) * self.character.size / 100);
        let whole = size.whole_contracts();
        if whole.is_positive() && self.chance.permille(750) { whole } else { size.max(Quantity::from_raw(1)) }
    }
}
