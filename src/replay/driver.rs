//! Runs the engine over a source with the paper venue as its gateway: the loop behind `kalshi-bot paper`.

use crate::engine::Record;
use crate::engine::funnel::GateCount;
use crate::market::{Outcome, Side};
use crate::telemetry::latency::StageLatency;
use crate::units::{Money, Price, Quantity, Timestamp};
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
}

/// An open position as the live view shows it. Prices are those of the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Profit or loss if sold at the mark, fees so far included.
    pub unrealised: Money,
    /// When it was opened.
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

/// What a run ended with, beside the records it gave on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    /// The run at its last moment.
    pub last: Progress,
    /// Capital at the start.
    pub starting_balance: Money,
    /// Equity at the end: cash, and what is still held at the executable price.
    pub ending_balance: Money,
    /// Largest fall of the equity from a peak.
    pub max_drawdown: Money,
    /// What each gate let through and refused.
    pub funnel: Vec<GateCount>,
    /// Latency by stage.
    pub latency: Vec<StageLatency>,
    /// Whether it was cut short from outside.
    pub interrupted: bool,
}

/// Watches a run and may end it.
pub trait Observer {
    /// Each record, in order, as it happens.
    fn record(&mut self, record: &Record);

    /// Called now and then with the state of the run. Returns whether to go on.
    fn progress(&mut self, progress: &Progress) -> bool;
}
