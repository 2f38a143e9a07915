//! The exchange's day: daily figures start afresh with it, and what the gates said is counted by it.
//!
//! The engine knows no calendar. The edge tells that a day began, and a count carries an instant of the day it belongs
//! to, from which whoever keeps it finds the date.

use super::record::{GatesRecord, Record};
use super::{Engine, Outbox, funnel};
use crate::units::Timestamp;
use std::time::Duration;

/// How often the day's gates are recorded.
const GATES_EVERY: Duration = Duration::from_mins(10);

/// The day that is under way.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Day {
    /// An instant of it: its beginning, or the first moment of the run. None before that.
    inside: Option<Timestamp>,
    next_gates: Timestamp,
}

impl Day {
    fn new(now: Timestamp) -> Self {
        Self { inside: Some(now), next_gates: now + GATES_EVERY }
    }

    /// Notes the run's first moment: the next day may begin before the first beat.
    #[inline]
    pub(super) fn begin(&mut self, now: Timestamp) {
        if self.inside.is_none() {
            *self = Self::new(now);
        }
    }
}

impl Engine {
    /// Closes the count of the day that ended and begins the next one.
    pub(super) fn on_day_started(&mut self, now: Timestamp, out: &mut Outbox) {
        self.record_gates(now, out);
        for slot in self.slots.iter_mut() {
            slot.seen_before = slot.seen_before.or(slot.seen);
            slot.seen = funnel::Seen::default();
        }
        self.day = Day::new(now);
        self.breakers.start_day(self.equity());
    }

    /// Records the gates when it is time to.
    pub(super) fn watch_day(&mut self, now: Timestamp, out: &mut Outbox) {
        if now >= self.day.next_gates {
            self.day.next_gates = now + GATES_EVERY;
            self.record_gates(now, out);
        }
    }

    /// Records what the gates let through and refused of the day under way, if they were asked at all.
    pub(super) fn record_gates(&self, now: Timestamp, out: &mut Outbox) {
        let gates = funnel::tally(self.slots.iter().map(|slot| slot.seen));
        if gates.iter().all(|gate| gate.passed == 0 && gate.refused.is_empty()) {
            return;
        }
        let day = self.day.inside.unwrap_or(now);
        out.records.push(Record::Gates(GatesRecord { time: now, day, gates }));
    }
}
