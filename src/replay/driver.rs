//! Runs the engine over a source with the paper venue as its gateway: the loop behind `kalshi-bot paper`.
//!
//! One clock rules: items, timers, days and the venue's answers are taken in order of time, so a run depends on
//! nothing but its source and its settings. The pace only decides how long the wall clock waits in between.

mod progress;
mod run;

pub use progress::{FrameCounts, OrderView, PositionView, Progress};
pub use run::{RunSettings, Speed, run};

use crate::engine::Record;
use crate::engine::funnel::GateCount;
use crate::telemetry::latency::StageLatency;
use crate::units::Money;

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
    /// Latency by stage on the clock of the run: simulated for generated markets, the machine's for recordings.
    /// Empty where there is no clock.
    pub latency: Vec<StageLatency>,
    /// Latency by stage on this machine's clock, for people: it differs from run to run.
    pub measured: Vec<StageLatency>,
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
