//! The words of the protocol: what can be asked, and what comes back. `docs/control.md` describes the JSON.

use crate::engine::funnel::GateCount;
use crate::market::{Outcome, Side};
use crate::store::Halt;
use crate::telemetry::latency::StageLatency;
use crate::telemetry::log::RecentLine;
use crate::telemetry::queue::Queue;
use crate::units::{Money, Price, Quantity, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a bot can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// How it stands.
    Status,
    /// Open nothing until resumed.
    Halt {
        /// Why, in the words of whoever asks.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Clear every halt that latched.
    Resume,
    /// Why it trades, and why it does not.
    Why {
        /// The market; all of them together when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ticker: Option<String>,
    },
    /// End: cancel what rests and exit.
    Stop,
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reply {
    /// How it stands.
    Status(Box<Status>),
    /// It is halted.
    Halted {
        /// Whether it was halted by a person before.
        was_halted: bool,
    },
    /// Halts are cleared.
    Resumed {
        /// Which they were.
        cleared: Vec<ClearedHalt>,
        /// The trading state since then: a reason that heals by itself may still hold.
        trading: String,
    },
    /// Why it trades, and why it does not.
    Why(Box<Why>),
    /// It is ending.
    Stopping,
    /// It can't do that.
    Refused {
        /// Why.
        message: String,
    },
}

/// How a running bot stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// `active`, `reduce_only` or `halted`.
    pub trading: String,
    /// Why it isn't active.
    pub reasons: Vec<HaltCause>,
    /// Its process.
    pub pid: u32,
    /// The program's version.
    pub version: String,
    /// Seconds since it started.
    pub uptime_seconds: u64,
    /// `simulated`, `demo` or `production`.
    pub exchange: String,
    /// Whether its stream is up.
    pub connected: bool,
    /// Markets it follows.
    pub markets: u64,
    /// Frames it decoded.
    pub frames: u64,
    /// Gaps in their numbers.
    pub gaps: u64,
    /// Positions held.
    pub positions: Vec<HeldPosition>,
    /// Orders that have not ended.
    pub orders: Vec<WorkingOrder>,
    /// Cash.
    pub cash: Money,
    /// Cash, and positions at the price they could be sold at.
    pub equity: Money,
    /// Equity against the day's start.
    pub daily_pnl: Money,
    /// Entries that passed the strategy.
    pub signals: u64,
    /// Round trips that ended.
    pub trades: u64,
    /// When the account was last compared with the exchange's, and what came of it; none before it was.
    pub reconciled: Option<Reconciled>,
    /// How long each stage takes.
    pub latency: Vec<StageTimes>,
    /// Milliseconds since anything came over the stream; none before anything did.
    pub feed_age_ms: Option<u64>,
    /// What waits in its queues, and what they dropped.
    pub queues: Vec<Queue>,
    /// Where its figures can be read, if anywhere.
    pub metrics: Option<String>,
    /// Its latest warnings and errors, oldest first.
    pub errors: Vec<RecentLine>,
}

/// A reason not to trade freely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HaltCause {
    /// Its stable word.
    pub code: String,
    /// Since when.
    pub since: Timestamp,
    /// The figures behind it, for people.
    pub detail: String,
    /// Whether only `resume` clears it.
    pub latched: bool,
}

/// A position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldPosition {
    /// The market.
    pub ticker: String,
    /// What is held.
    pub outcome: Outcome,
    /// Contracts.
    pub quantity: Quantity,
    /// Average price paid, of the outcome.
    pub entry: Price,
    /// Price it could be sold at, of the outcome; none while nobody has bid yet.
    pub mark: Option<Price>,
    /// Profit at the mark, fees apart.
    pub unrealised: Money,
}

/// An order that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingOrder {
    /// Our name for it.
    pub client_id: String,
    /// The market.
    pub ticker: String,
    /// Bid or ask of the YES book.
    pub side: Side,
    /// YES limit.
    pub price: Price,
    /// Contracts not filled yet.
    pub remaining: Quantity,
    /// Why it was sent.
    pub purpose: String,
    /// Where it stands.
    pub state: String,
}

/// A comparison of the account with the exchange's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    /// When.
    pub at: Timestamp,
    /// `clean`, `differs` or `unreadable`.
    pub result: String,
    /// What differs in this one read, for people. Only what lasts halts.
    pub differences: Vec<String>,
}

/// One stage's latency, in nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageTimes {
    /// The stage.
    pub stage: String,
    /// How many were measured.
    pub count: u64,
    /// Median.
    pub p50_ns: u64,
    /// 99th percentile.
    pub p99_ns: u64,
    /// Largest.
    pub max_ns: u64,
}

impl From<&StageLatency> for StageTimes {
    fn from(stage: &StageLatency) -> Self {
        let &StageLatency { stage, count, p50, p99, max } = stage;
        Self { stage: stage.to_owned(), count, p50_ns: p50, p99_ns: p99, max_ns: max }
    }
}

/// A halt that was cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearedHalt {
    /// Its stable word.
    pub reason: String,
    /// Since when it held.
    pub since: Timestamp,
    /// The figures behind it, for people.
    pub detail: String,
}

impl From<Halt> for ClearedHalt {
    fn from(halt: Halt) -> Self {
        Self { reason: halt.reason, since: halt.latched_at, detail: halt.detail }
    }
}

/// Why a bot trades, and why it does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// What every gate let through and refused so far, in the order of the gates.
    pub gates: Vec<Gate>,
    /// The market that was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market: Option<MarketWhy>,
}

/// One gate's tally, by market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// `filter`, `signal`, `risk` or `execution`.
    pub gate: String,
    /// Markets let through at least once.
    pub passed: u64,
    /// Markets refused at least once, by stable word.
    pub refused: BTreeMap<String, u64>,
}

impl From<&GateCount> for Gate {
    fn from(gate: &GateCount) -> Self {
        let refused = gate.refused.iter().map(|(reason, markets)| ((*reason).to_owned(), *markets)).collect();
        Self { gate: gate.gate.to_owned(), passed: gate.passed, refused }
    }
}

/// One market before the gates: as it stands, and what they said so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketWhy {
    /// Its name.
    pub ticker: String,
    /// Where it stands in its life.
    pub status: String,
    /// Best YES bid.
    pub bid: Option<Price>,
    /// Best YES ask.
    pub ask: Option<Price>,
    /// Between the two.
    pub spread: Option<Price>,
    /// Dollars that rest near the touch, both sides together.
    pub depth: Money,
    /// Contracts traded so far.
    pub volume: Quantity,
    /// Its close.
    pub closes: Timestamp,
    /// Seconds until then.
    pub seconds_left: u64,
    /// What every gate said of it so far.
    pub verdicts: Vec<GateVerdict>,
    /// The first gate that refuses it as it stands now.
    pub refusal: Option<Refusal>,
    /// What the strategy would buy as it stands now.
    pub signal: Option<Proposal>,
}

/// What one gate said of one market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateVerdict {
    /// Which.
    pub gate: String,
    /// Whether it ever let it through.
    pub passed: bool,
    /// What it was ever refused for, by stable word.
    pub refused: Vec<String>,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The gate.
    pub gate: String,
    /// Its reason, a stable word.
    pub reason: String,
}

/// An entry that the strategy proposes. Prices are those of the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// What is bought.
    pub outcome: Outcome,
    /// Price to be paid.
    pub price: Price,
    /// Where profit is taken.
    pub target: Price,
    /// Where it is stopped.
    pub stop: Price,
}

/// A request as it goes over the socket.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RequestLine<R> {
    pub(super) version: u32,
    pub(super) request: R,
}

/// A reply as it goes over the socket.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReplyLine<R> {
    pub(super) version: u32,
    pub(super) reply: R,
}
