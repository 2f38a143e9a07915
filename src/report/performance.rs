//! The report of one run: everything it did, what that cost, and why it did no more. It serialises to the JSON
//! document that `docs/paper.md` describes field by field; every figure in it is an integer or a decimal string.

use super::trading::TradeFigures;
use crate::engine::Record;
use crate::engine::funnel::GateCount;
use crate::engine::record::{Decision, ExitReason, FillRecord, SettlementRecord, Trade};
use crate::replay::driver::{FrameCounts, PositionView, RunEnd};
use crate::telemetry::latency::StageLatency;
use crate::units::{Money, Ratio, Timestamp};
use serde::ser::Serializer;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was run, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRequest {
    /// Where the market events came from, in words.
    pub source: String,
    /// The seed of generated markets.
    pub seed: Option<u64>,
    /// Simulated seconds per second, or `max`.
    pub speed: String,
}

/// The run itself. Times are of the run's own clock, not of the wall.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RunHeading {
    /// Where the market events came from, in words.
    pub source: String,
    /// The seed of generated markets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Simulated seconds per second, or `max`.
    pub speed: String,
    /// When the run's clock began.
    pub started: Timestamp,
    /// Where the run's clock stood at the end.
    pub ended: Timestamp,
    /// Whether it was cut short from outside.
    pub interrupted: bool,
}

/// A closed trade and how long it was held.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ClosedTrade {
    /// The round trip.
    #[serde(flatten)]
    pub trade: Trade,
    /// Whole seconds from the first fill to the last.
    pub held_seconds: u64,
}

impl ClosedTrade {
    /// The trade with how long it was held.
    pub(crate) fn of(trade: &Trade) -> Self {
        let held_seconds = trade.exit_time.since(trade.entry_time).as_secs();
        Self { trade: trade.clone(), held_seconds }
    }
}

/// The figures of the whole run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Capital at the start.
    pub starting_balance: Money,
    /// Equity at the end: cash, and open positions at the price they could be sold at.
    pub ending_balance: Money,
    /// The figures of the trades.
    #[serde(flatten)]
    pub trading: TradeFigures,
    /// Largest fall of the equity from a peak.
    pub max_drawdown: Money,
}

/// What one way of leaving a position came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct ExitCount {
    /// Trades that ended this way.
    pub trades: u64,
    /// Their net result.
    pub net_pnl: Money,
}

/// Where trading stood at the end.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FinalState {
    /// `active`, `reduce_only` or `halted`.
    pub trading: &'static str,
    /// Every reason in force.
    pub reasons: Vec<&'static str>,
}

/// Everything about one run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RunReport {
    /// What was run, and when by its own clock.
    pub run: RunHeading,
    /// Closed trades, in the order they ended.
    pub trades: Vec<ClosedTrade>,
    /// Fills, in order.
    pub fills: Vec<FillRecord>,
    /// Payouts, in order.
    pub settlements: Vec<SettlementRecord>,
    /// Entry decisions, in order.
    pub decisions: Vec<Decision>,
    /// Positions still held.
    pub open_positions: Vec<PositionView>,
    /// The figures.
    pub summary: Summary,
    /// Trades by what ended them.
    pub exits: BTreeMap<ExitReason, ExitCount>,
    /// What each gate let through and refused, in the order a market meets them.
    #[serde(serialize_with = "by_gate")]
    pub funnel: Vec<GateCount>,
    /// What became of the frames.
    pub frames: FrameCounts,
    /// Latency by stage, in nanoseconds; left out when none was measured.
    #[serde(serialize_with = "by_stage", skip_serializing_if = "Vec::is_empty")]
    pub latency: Vec<StageLatency>,
    /// Where trading stood at the end.
    pub state: FinalState,
}

/// Gathers a report from the records of a run.
#[derive(Debug, Default)]
pub struct Collector {
    trades: Vec<ClosedTrade>,
    fills: Vec<FillRecord>,
    settlements: Vec<SettlementRecord>,
    decisions: Vec<Decision>,
    /// Break-even win rate of each market's latest entry decision.
    decided: BTreeMap<Arc<str>, Ratio>,
    /// The same for the decision behind each open position, which a later decision must not replace.
    held: BTreeMap<Arc<str>, Ratio>,
    break_evens: Vec<Ratio>,
}

impl Collector {
    /// Takes in the next record of the run.
    pub fn record(&mut self, record: &Record) {
        match record {
            Record::Decision(decision) => {
                self.decided.insert(decision.market.clone(), decision.break_even);
                self.decisions.push(decision.clone());
            }
            Record::Fill(fill) => self.fills.push(fill.clone()),
            Record::Opened(opened) => {
                if let Some(break_even) = self.decided.get(&opened.market) {
                    self.held.insert(opened.market.clone(), *break_even);
                }
            }
            Record::Closed(trade) => {
                self.break_evens.extend(self.held.remove(&trade.market));
                self.trades.push(ClosedTrade::of(trade));
            }
            Record::Settled(settlement) => self.settlements.push(settlement.clone()),
            Record::Order(_)
            | Record::State(_)
            | Record::Snapshot(_)
            | Record::Feed(_)
            | Record::Gates(_)
            | Record::Resolved(_) => {}
        }
    }

    /// The report, once the run has ended.
    pub fn finish(self, request: RunRequest, end: &RunEnd) -> RunReport {
        let mut exits: BTreeMap<ExitReason, ExitCount> = BTreeMap::new();
        for ClosedTrade { trade, .. } in &self.trades {
            let count = exits.entry(trade.exit_reason).or_default();
            count.trades += 1;
            count.net_pnl += trade.net_pnl;
        }
        let RunRequest { source, seed, speed } = request;
        let (started, ended, interrupted) = (end.last.started, end.last.time, end.interrupted);
        RunReport {
            run: RunHeading { source, seed, speed, started, ended, interrupted },
            summary: summarise(&self.trades, &self.break_evens, end),
            trades: self.trades,
            fills: self.fills,
            settlements: self.settlements,
            decisions: self.decisions,
            open_positions: end.last.positions.clone(),
            exits,
            funnel: end.funnel.clone(),
            frames: end.last.frames,
            latency: end.latency.clone(),
            state: FinalState { trading: end.last.trading, reasons: end.last.reasons.clone() },
        }
    }
}

fn summarise(trades: &[ClosedTrade], break_evens: &[Ratio], end: &RunEnd) -> Summary {
    Summary {
        starting_balance: end.starting_balance,
        ending_balance: end.ending_balance,
        trading: TradeFigures::of(trades.iter().map(|closed| &closed.trade), break_evens),
        max_drawdown: end.max_drawdown,
    }
}

/// One gate's tally without its name, which is the key it stands under.
#[derive(serde::Serialize)]
struct Tally<'a> {
    passed: u64,
    refused: &'a BTreeMap<&'static str, u64>,
}

fn by_gate<S: Serializer>(funnel: &[GateCount], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        funnel.iter().map(|gate| (gate.gate, Tally { passed: gate.passed, refused: &gate.refused })),
    )
}

/// One stage's latency without its name, which is the key it stands under.
#[derive(serde::Serialize)]
struct Nanoseconds {
    p50: u64,
    p99: u64,
    max: u64,
}

fn by_stage<S: Serializer>(stages: &[StageLatency], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(stages.iter().map(|stage| {
        let StageLatency { stage, p50, p99, max, .. } = *stage;
        (stage, Nanoseconds { p50, p99, max })
    }))
}

impl RunReport {
    /// The JSON document, indented.
    ///
    /// # Errors
    /// None in practice: every field serialises. It is passed on rather than hidden.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}

#[cfg(test)]
mod tests;
