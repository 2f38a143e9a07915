//! What is wrong at the moment between the bot and the exchange, and what befalls the next request.

use super::plan::{Fault, Kill};
use crate::exchange::generated::chance::Chance;
use std::collections::BTreeMap;
use std::time::Duration;

/// The way there and back, in milliseconds, when nothing is wrong.
const USUAL_TRIP: (i64, i64) = (8, 60);
/// How late frames are when they are late, in milliseconds.
const LATE: (i64, i64) = (500, 6_000);

/// What befalls a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It arrives once and its answer comes back.
    Answered,
    /// It never leaves.
    Unsent,
    /// It never arrives.
    Lost,
    /// It is carried out and not answered.
    Unanswered,
    /// It arrives twice.
    Replayed,
    /// It is refused for a time without being looked at.
    Refused,
    /// It is carried out and the answer says it wasn't.
    FalselyRefused,
    /// There were too many.
    TooMany,
}

/// A request's way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trip {
    pub(super) there: Duration,
    pub(super) back: Duration,
    pub(super) fate: Fate,
    /// At which point of it the process dies.
    pub(super) dies: Option<Death>,
}

/// Where on a request's way the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Death {
    BeforeSend,
    AfterArrival,
    BeforeAnswer,
}

/// The state of the network.
#[derive(Debug)]
pub(super) struct Weather {
    chance: Chance,
    now: Vec<Fault>,
    /// What was counted towards every so-manieth, by the fault's kind.
    counted: BTreeMap<&'static str, u32>,
    /// A death that waits for its order.
    deadly: Option<(Death, u32)>,
}

impl Weather {
    pub(super) fn new(chance: Chance) -> Self {
        Self { chance, now: Vec::new(), counted: BTreeMap::new(), deadly: None }
    }

    /// From now on this is what is wrong.
    pub(super) fn change(&mut self, now: Vec<Fault>) {
        self.now = now;
    }

    /// The process dies with the so-manieth order from now on.
    pub(super) fn arm(&mut self, kill: Kill) {
        self.deadly = match kill {
            Kill::BeforeSend(nth) => Some((Death::BeforeSend, nth)),
            Kill::AfterArrival(nth) => Some((Death::AfterArrival, nth)),
            Kill::BeforeAnswer(nth) => Some((Death::BeforeAnswer, nth)),
            Kill::Now | Kill::AtAppend(_) => None,
        };
    }

    /// No death waits any more.
    pub(super) const fn disarm(&mut self) {
        self.deadly = None;
    }

    /// Whether a connection can be made.
    pub(super) fn connects(&self) -> bool {
        !self.now.contains(&Fault::Partition)
    }

    /// Whether nothing comes over streams.
    pub(super) fn is_silent(&self) -> bool {
        self.now.iter().any(|fault| matches!(fault, Fault::Partition | Fault::SilentStream))
    }

    /// How long some frames are on their way.
    pub(super) fn frames_take(&mut self) -> Duration {
        let (low, high) = if self.now.contains(&Fault::LateFrames) { LATE } else { USUAL_TRIP };
        self.millis(low, high)
    }

    /// How long opening a connection takes.
    pub(super) fn dialling_takes(&mut self) -> Duration {
        self.millis(20, 200)
    }

    /// A request's way. `is_order` where it is to create one.
    pub(super) fn trip(&mut self, is_order: bool) -> Trip {
        let (low, high) = USUAL_TRIP;
        let (there, mut back) = (self.millis(low, high), self.millis(low, high));
        if let Some(longest) = self.now.iter().find_map(|fault| match fault {
            Fault::SlowAnswers(longest) => Some(*longest),
            _ => None,
        }) {
            let millis = i64::try_from(longest.as_millis()).unwrap_or(i64::MAX);
            back += self.millis(0, millis);
        }
        Trip { there, back, fate: self.fate(), dies: self.death(is_order) }
    }

    fn fate(&mut self) -> Fate {
        if !self.connects() {
            return if self.chance.permille(500) { Fate::Unsent } else { Fate::Lost };
        }
        for fault in &self.now {
            let (every, fate) = match *fault {
                Fault::LostRequests(every) => (every, Fate::Lost),
                Fault::LostAnswers(every) => (every, Fate::Unanswered),
                Fault::Replays(every) => (every, Fate::Replayed),
                Fault::Refusals(every) => (every, Fate::Refused),
                Fault::FalseRefusals(every) => (every, Fate::FalselyRefused),
                Fault::TooMany(every) => (every, Fate::TooMany),
                _ => continue,
            };
            let count = self.counted.entry(fault.kind()).or_default();
            *count += 1;
            if *count >= every {
                *count = 0;
                return fate;
            }
        }
        Fate::Answered
    }

    fn death(&mut self, is_order: bool) -> Option<Death> {
        let (death, left) = self.deadly.as_mut().filter(|_| is_order)?;
        *left = left.saturating_sub(1);
        if *left > 0 {
            return None;
        }
        let death = *death;
        self.deadly = None;
        Some(death)
    }

    fn millis(&mut self, low: i64, high: i64) -> Duration {
        Duration::from_micros(self.chance.between(low * 1_000, high * 1_000).unsigned_abs())
    }
}
