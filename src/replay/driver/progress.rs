//! A run at one moment, as a person watches it.

use crate::engine::Engine;
use crate::execution::orders::Order;
use crate::execution::positions::Position;
use crate::market::book::BookState;
use crate::market::{Market, MarketStatus, Outcome, Side};
use crate::risk::HaltReason;
use crate::units::{Money, Price, Quantity, Rounding, Timestamp};
use serde::Serialize;
use std::sync::Arc;

/// What became of the frames of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct FrameCounts {
    /// Read and understood.
    pub decoded: u64,
    /// Of these, snapshots and deltas that changed a book.
    pub applied: u64,
    /// Not understood at all; counted and left out.
    pub malformed: u64,
    /// Holes in a subscription's numbers.
    pub gaps: u64,
    /// Snapshots asked for again.
    pub resyncs: u64,
    /// Frames for markets that aren't in the catalogue.
    pub unknown_tickers: u64,
    /// Deltas for a book that waited for its snapshot.
    pub before_snapshot: u64,
    /// Books found broken: a negative level, crossed sides, a level that can't exist.
    pub broken_books: u64,
}

/// An open position as the live view shows it and the report keeps it. Prices are those of the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PositionView {
    /// Where.
    pub market: Arc<str>,
    /// What is held.
    pub outcome: Outcome,
    /// Contracts.
    pub quantity: Quantity,
    /// Average price paid.
    pub entry_price: Price,
    /// Price it could be sold at now, where anyone bids.
    pub mark: Option<Price>,
    /// Where profit is taken.
    pub target: Price,
    /// Where it is stopped.
    pub stop: Price,
    /// Profit or loss of the round trip if the rest is sold at the mark: parts sold already and all fees included.
    #[serde(rename = "unrealised_pnl")]
    pub unrealised: Money,
    /// When it was opened.
    #[serde(rename = "entry_time")]
    pub since: Timestamp,
}

/// A working order as the live view shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderView {
    /// Where.
    pub market: Arc<str>,
    /// Bid or ask.
    pub side: Side,
    /// YES limit.
    pub price: Price,
    /// Not filled yet.
    pub remaining: Quantity,
    /// Why it was sent.
    pub purpose: &'static str,
    /// Its state.
    pub state: &'static str,
}

/// The whole run at one moment, for a person who watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The simulated or recorded time.
    pub time: Timestamp,
    /// When the run's clock began.
    pub started: Timestamp,
    /// When it will end, where that is known.
    pub ends: Option<Timestamp>,
    /// Markets known.
    pub markets: usize,
    /// Of these, open with a book that can be trusted.
    pub tradable: usize,
    /// Frames so far.
    pub frames: FrameCounts,
    /// Entry signals so far: entries that passed every gate of the strategy.
    pub signals: u64,
    /// `active`, `reduce_only` or `halted`.
    pub trading: &'static str,
    /// Every reason in force.
    pub reasons: Vec<&'static str>,
    /// Cash.
    pub cash: Money,
    /// Cash and positions at the executable price.
    pub equity: Money,
    /// Equity against the start of the run.
    pub total_pnl: Money,
    /// Positions held.
    pub positions: Vec<PositionView>,
    /// Orders working.
    pub orders: Vec<OrderView>,
}

impl FrameCounts {
    /// Joins what the edge decoded with what the engine made of it.
    pub(crate) fn new(decoded: u64, malformed: u64, engine: &Engine) -> Self {
        let feed = engine.feed_counts();
        Self {
            decoded,
            malformed,
            applied: feed.applied,
            gaps: feed.gaps,
            resyncs: feed.resyncs,
            unknown_tickers: feed.unknown_tickers,
            before_snapshot: feed.before_snapshot,
            broken_books: feed.broken_books,
        }
    }
}

impl Progress {
    /// Reads the engine.
    pub(crate) fn read(
        engine: &Engine,
        frames: FrameCounts,
        time: Timestamp,
        started: Timestamp,
        ends: Option<Timestamp>,
        starting: Money,
    ) -> Self {
        let equity = engine.equity();
        Self {
            time,
            started,
            ends,
            markets: engine.catalogue().len(),
            tradable: engine.catalogue().iter().filter(|market| is_tradable(market, time)).count(),
            frames,
            signals: engine.signals(),
            trading: engine.trading().state().as_str(),
            reasons: engine.trading().reasons().map(HaltReason::code).collect(),
            cash: engine.ledger().cash(),
            equity,
            total_pnl: equity - starting,
            positions: engine
                .positions()
                .iter()
                .map(|position| PositionView::read(engine, position))
                .collect(),
            orders: engine.orders().working().map(|order| OrderView::read(engine, order)).collect(),
        }
    }
}

fn is_tradable(market: &Market, now: Timestamp) -> bool {
    market.spec.status == MarketStatus::Active
        && now < market.spec.close
        && market.book.state() == BookState::Synced
}

impl PositionView {
    fn read(engine: &Engine, position: &Position) -> Self {
        let market = engine.catalogue().get(position.market);
        let mark = engine.mark(position);
        let exit = engine.plan(position.market).map(|plan| plan.exit);
        Self {
            market: market.spec.ticker.as_str().into(),
            outcome: position.outcome,
            quantity: position.quantity,
            entry_price: position.average_price(),
            mark: market.book.own_bid(position.outcome).map(|bid| bid.price),
            target: exit.map_or(Price::ONE, |exit| exit.target),
            stop: exit.map_or(Price::ZERO, |exit| exit.stop),
            unrealised: position.exit_proceeds + mark.times(position.quantity, Rounding::Floor)
                - position.entry_cost
                - position.fees,
            since: position.opened_at,
        }
    }
}

impl OrderView {
    fn read(engine: &Engine, order: &Order) -> Self {
        Self {
            market: engine.catalogue().get(order.request.market).spec.ticker.as_str().into(),
            side: order.request.side,
            price: order.request.price,
            remaining: order.remaining(),
            purpose: order.request.purpose.as_str(),
            state: order.state.as_str(),
        }
    }
}
