//! What is told by mail: the records that matter to somebody who isn't watching, and a run's start and end.

use super::Level;
use super::limit::Note;
use super::reason;
use crate::engine::Record;
use crate::engine::record::{Opened, StateRecord, Trade};
use crate::units::{Money, Timestamp};

/// One thing worth a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alert {
    /// Trading was halted or reduced.
    Tripped(StateRecord),
    /// A reason for it is gone.
    Cleared(StateRecord),
    /// A position was opened.
    Opened(Opened),
    /// A position was closed.
    Closed(Trade),
    /// A run has begun to trade.
    Started(Started),
    /// A run has ended.
    Stopped(Stopped),
    /// A run did not begin, because the account isn't what was left.
    Refused(Refused),
}

/// How a run begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// When.
    pub time: Timestamp,
    /// Cash, and positions taken over at their executable price.
    pub equity: Money,
    /// Positions taken over.
    pub positions: usize,
    /// Markets followed; `None` where they aren't known yet.
    pub markets: Option<usize>,
    /// Halts of an earlier run that are still in force, by code.
    pub halts: Vec<&'static str>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// When.
    pub time: Timestamp,
    /// Why, as the end of a sentence that begins with "It was" or the like.
    pub why: &'static str,
    /// Cash and positions at the executable price.
    pub equity: Money,
    /// Equity against the run's start.
    pub result: Money,
    /// Positions still held.
    pub positions: usize,
    /// Orders that may still rest, for people.
    pub leftovers: Vec<String>,
    /// Whether the picture of the account was in doubt.
    pub has_drift: bool,
}

/// Why a run did not begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// When.
    pub time: Timestamp,
    /// Each difference between the account and what is kept of it, for people.
    pub differences: Vec<String>,
}

impl Alert {
    /// What a record is worth telling, if it is. The end of a run has a mail of its own.
    pub fn of(record: &Record) -> Option<Self> {
        match record {
            Record::State(state) if reason::is_told_elsewhere(state.changed) => None,
            Record::State(state) if state.added => Some(Self::Tripped(state.clone())),
            Record::State(state) => Some(Self::Cleared(state.clone())),
            Record::Opened(opened) => Some(Self::Opened(opened.clone())),
            Record::Closed(trade) => Some(Self::Closed(trade.clone())),
            Record::Decision(_)
            | Record::Order(_)
            | Record::Fill(_)
            | Record::Settled(_)
            | Record::Snapshot(_)
            | Record::Feed(_)
            | Record::Gates(_)
            | Record::Resolved(_) => None,
        }
    }

    /// How much it matters.
    pub fn level(&self) -> Level {
        match self {
            Self::Tripped(state) if reason::is_ordinary(state.changed) => Level::Warning,
            Self::Tripped(_) | Self::Refused(_) => Level::Critical,
            Self::Closed(trade) if trade.net_pnl.is_negative() => Level::Warning,
            Self::Stopped(stopped) if stopped.has_drift || !stopped.leftovers.is_empty() => Level::Warning,
            Self::Cleared(_) | Self::Opened(_) | Self::Closed(_) | Self::Started(_) | Self::Stopped(_) => {
                Level::Info
            }
        }
    }

    /// When it happened.
    pub const fn time(&self) -> Timestamp {
        match self {
            Self::Tripped(state) | Self::Cleared(state) => state.time,
            Self::Opened(opened) => opened.time,
            Self::Closed(trade) => trade.exit_time,
            Self::Started(started) => started.time,
            Self::Stopped(stopped) => stopped.time,
            Self::Refused(refused) => refused.time,
        }
    }

    /// What kind of thing it is, in a few words; the same for all that a digest counts together.
    pub fn kind(&self) -> String {
        match self {
            Self::Tripped(state) if reason::is_drift(state.changed) => {
                format!("Drift found: {}", state.changed)
            }
            Self::Tripped(state) if reason::is_ordinary(state.changed) => {
                format!("Trading reduced: {}", state.changed)
            }
            Self::Tripped(state) => format!("Circuit breaker: {}", state.changed),
            Self::Cleared(state) => format!("Halt cleared: {}", state.changed),
            Self::Opened(_) => "Position opened".to_owned(),
            Self::Closed(_) => "Position closed".to_owned(),
            Self::Started(_) => "Bot started".to_owned(),
            Self::Stopped(stopped) if !stopped.leftovers.is_empty() => {
                "Bot stopped, orders may still rest".to_owned()
            }
            Self::Stopped(stopped) if stopped.has_drift => "Bot stopped, account in doubt".to_owned(),
            Self::Stopped(_) => "Bot stopped".to_owned(),
            Self::Refused(_) => "Drift found: the bot did not start".to_owned(),
        }
    }

    /// What the limit looks at. Positions are told one by one as long as the limit allows; anything else that comes
    /// again soon is only counted.
    pub fn note(&self) -> Note {
        let net = match self {
            Self::Closed(trade) => Some(trade.net_pnl),
            _ => None,
        };
        let kind = self.kind();
        let level = self.level();
        let is_urgent = level == Level::Critical || matches!(self, Self::Started(_) | Self::Stopped(_));
        let is_repeatable = !matches!(self, Self::Opened(_) | Self::Closed(_));
        let topic = is_repeatable.then(|| kind.clone());
        Note { topic, kind, level, is_urgent, time: self.time(), net }
    }
}
