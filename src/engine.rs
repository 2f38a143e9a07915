//! The synchronous heart: events in, commands out.
//!
//! [`Engine::step`] joins market, strategy, risk and execution. It never awaits, reads a clock, draws a random
//! number, logs or touches a float; time comes in with the event. The same events therefore give the same commands
//! and records, byte for byte, which is what makes live trading, paper, replay and crash tests the same thing.
//!
//! The work is split by what happens: `books` takes market events, `entries` decides on positions, `exits` lets
//! them go, `fills` takes the venue's word on orders, `adoption` takes over what an earlier run left, `results` hears
//! how markets resolved, `breakers` watches losses and the feed, `day` counts by day.

mod adoption;
mod books;
mod breakers;
pub mod command;
mod day;
mod entries;
pub mod event;
mod exits;
mod fills;
pub mod funnel;
pub mod record;
mod results;
mod slot;
mod words;

pub use command::{Command, Outbox};
pub use event::{Event, Operator, Stamp};
pub use record::Record;
pub use slot::{Plan, Rules};

use crate::execution::ledger::Ledger;
use crate::execution::orders::Orders;
use crate::execution::positions::{Position, Positions};
use crate::execution::shards::ShardCash;
use crate::market::feed::{Feed, FeedCounts, SequencePolicy};
use crate::market::{Catalogue, Market, MarketId, MarketSpec, MarketStatus};
use crate::risk::{HaltReason, Limits, Trading};
use crate::strategy::Strategy;
use crate::units::{Money, Price, Rounding, Timestamp};
use breakers::Breakers;
use day::Day;
use funnel::GateCount;
use slot::{Slot, Slots};
use std::fmt;

/// Gives the rules in force for a market when it is listed.
pub type RuleSource = Box<dyn Fn(&MarketSpec) -> Rules + Send>;

/// What an engine starts from.
pub struct EngineSettings {
    /// Limits of the account.
    pub limits: Limits,
    /// Cash at the start.
    pub starting_cash: Money,
    /// The same by shard, where the venue keeps shards apart.
    pub shard_cash: ShardCash,
    /// How the feed's numbers run.
    pub sequence: SequencePolicy,
    /// Rules by market.
    pub rules: RuleSource,
    /// What proposes entries and exits.
    pub strategy: Box<dyn Strategy>,
    /// Halts that latched in an earlier run and weren't cleared.
    pub latched: Vec<HaltReason>,
}

impl fmt::Debug for EngineSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineSettings")
            .field("limits", &self.limits)
            .field("starting_cash", &self.starting_cash)
            .field("sequence", &self.sequence)
            .field("strategy", &self.strategy)
            .field("latched", &self.latched)
            .finish_non_exhaustive()
    }
}

/// The engine: everything the bot knows, and the only thing that decides.
pub struct Engine {
    limits: Limits,
    rules: RuleSource,
    strategy: Box<dyn Strategy>,
    catalogue: Catalogue,
    feed: Feed,
    slots: Slots,
    orders: Orders,
    positions: Positions,
    ledger: Ledger,
    shard_cash: ShardCash,
    trading: Trading,
    breakers: Breakers,
    day: Day,
    /// The pause that the exchange's schedule tells of.
    next_pause: Option<(Timestamp, Timestamp)>,
    /// Trading became active in this step, after reasons that stopped it.
    looks_at_all: bool,
    now: Timestamp,
    trades: u64,
    signals: u64,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("now", &self.now)
            .field("markets", &self.catalogue.len())
            .field("trading", &self.trading)
            .field("positions", &self.positions)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine with nothing but cash.
    pub fn new(settings: EngineSettings) -> Self {
        let mut trading = Trading::default();
        for reason in settings.latched {
            trading.add(reason);
        }
        Self {
            limits: settings.limits,
            rules: settings.rules,
            strategy: settings.strategy,
            catalogue: Catalogue::default(),
            feed: Feed::new(settings.sequence),
            slots: Slots::default(),
            orders: Orders::default(),
            positions: Positions::default(),
            ledger: Ledger::new(settings.starting_cash),
            shard_cash: settings.shard_cash,
            trading,
            breakers: Breakers::new(settings.starting_cash),
            day: Day::default(),
            next_pause: None,
            looks_at_all: false,
            now: Timestamp::EPOCH,
            trades: 0,
            signals: 0,
        }
    }

    /// Takes one event that happened at `now` and leaves in `out` what follows from it. Time never runs backwards:
    /// an earlier `now` counts as the latest one seen.
    pub fn step(&mut self, now: Timestamp, event: &Event<'_>, out: &mut Outbox) {
        self.now = self.now.max(now);
        let now = self.now;
        self.day.begin(now);
        match event {
            Event::Order(update) => self.on_order(now, update, out),
            Event::Timer => self.on_timer(now, out),
            Event::DayStarted => self.on_day_started(now, out),
            Event::Operator(operator) => self.on_operator(now, *operator, out),
            Event::Exchange { trading } => self.on_exchange(now, *trading, out),
            Event::Adopted(adopted) => self.on_adopted(now, adopted, out),
            Event::Purses(purses) => self.shard_cash.clone_from(purses),
            Event::Hours { pause } => self.next_pause = *pause,
            Event::Halt { reason, in_force, detail } => {
                self.set_reason(now, *reason, *in_force, out, || (*detail).to_owned());
            }
            market => self.on_market(now, market, out),
        }
        self.look_at_all(now, out);
    }

    /// Every market and its book.
    pub const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The orders of the run.
    pub const fn orders(&self) -> &Orders {
        &self.orders
    }

    /// The positions held.
    pub const fn positions(&self) -> &Positions {
        &self.positions
    }

    /// Cash, fees and realised P&L.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The trading state and its reasons.
    pub const fn trading(&self) -> Trading {
        self.trading
    }

    /// Cash by shard.
    pub const fn shard_cash(&self) -> &ShardCash {
        &self.shard_cash
    }

    /// What the feed brought and what was wrong with it.
    pub const fn feed_counts(&self) -> FeedCounts {
        self.feed.counts
    }

    /// Entries that passed every gate of the strategy.
    pub const fn signals(&self) -> u64 {
        self.signals
    }

    /// Largest fall of the equity from a peak so far.
    pub const fn max_drawdown(&self) -> Money {
        self.breakers.max_drawdown()
    }

    /// Where a market's position is to be let go, while there is one or an entry works.
    pub fn plan(&self, market: MarketId) -> Option<&Plan> {
        self.slots.get(market).plan.as_ref()
    }

    /// What every gate let through and refused in the whole run, by market.
    pub fn funnel(&self) -> Vec<GateCount> {
        funnel::tally(self.slots.iter().map(|slot| slot.seen.or(slot.seen_before)))
    }

    /// What each gate let through and refused in the whole run, of one market.
    pub fn funnel_of(&self, market: MarketId) -> Vec<GateCount> {
        let slot = self.slots.get(market);
        funnel::tally(std::iter::once(slot.seen.or(slot.seen_before)))
    }

    /// Round trips that ended.
    pub const fn trades(&self) -> u64 {
        self.trades
    }

    /// Equity against the day's start.
    pub fn daily_pnl(&self) -> Money {
        self.equity() - self.breakers.day_start_equity()
    }

    /// The rules in force for a market.
    pub fn rules(&self, market: MarketId) -> &Rules {
        &self.slots.get(market).rules
    }

    /// Cash, and positions at the executable price.
    pub fn equity(&self) -> Money {
        self.ledger.cash() + self.positions.iter().map(|position| self.value(position)).sum()
    }

    /// Price a position could be sold at: the best bid for its outcome, or the last one seen while nobody bids or
    /// the book can't be trusted. A market that trades no more has no price: what is left of its book says nothing.
    pub fn mark(&self, position: &Position) -> Price {
        let market = self.catalogue.get(position.market);
        let is_over = matches!(
            market.spec.status,
            MarketStatus::Closed | MarketStatus::Determined | MarketStatus::Finalized
        );
        executable(market, position).filter(|_| !is_over).unwrap_or(self.slots.get(position.market).last_mark)
    }

    fn value(&self, position: &Position) -> Money {
        self.mark(position).times(position.quantity, Rounding::Floor)
    }

    fn slot(&self, market: MarketId) -> &Slot {
        self.slots.get(market)
    }
}

/// The best bid for what is held, while the book can be trusted.
fn executable(market: &Market, position: &Position) -> Option<Price> {
    (market.book.state() == crate::market::book::BookState::Synced)
        .then(|| market.book.own_bid(position.outcome))
        .flatten()
        .map(|bid| bid.price)
        .filter(|price| price.is_positive())
}

#[cfg(test)]
mod tests;
