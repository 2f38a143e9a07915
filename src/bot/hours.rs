//! When the exchange pauses: every Thursday from three to five in the morning, Eastern time, and whenever its schedule
//! names a maintenance window. The engine is told of the next pause, since no stop works in it.

use super::trading::Bot;
use crate::clock::weekly_pause;
use crate::config::exchange::ExchangeKind;
use crate::engine::Event;
use crate::kalshi::model::Schedule;
use crate::units::Timestamp;
use std::time::Duration;

/// How often the schedule is read.
const READ_EVERY: Duration = Duration::from_hours(1);

/// The pauses that are known.
#[derive(Debug)]
pub(super) struct Hours {
    /// A simulated exchange pauses when it is told to.
    keeps_week: bool,
    windows: Vec<(Timestamp, Timestamp)>,
    due: Timestamp,
    told: Option<(Timestamp, Timestamp)>,
}

impl Hours {
    pub(super) const fn new(exchange: ExchangeKind) -> Self {
        let keeps_week = !matches!(exchange, ExchangeKind::Simulated);
        Self { keeps_week, windows: Vec::new(), due: Timestamp::EPOCH, told: None }
    }

    /// The pause that is next to end.
    fn next(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let weekly = weekly_pause(now).filter(|_| self.keeps_week);
        let windows = self.windows.iter().copied().chain(weekly);
        windows.filter(|(_, end)| now < *end).min()
    }
}

impl Bot<'_> {
    /// Tells the engine of the next pause where that is news, and reads the schedule when that is due.
    pub(super) fn keep_hours(&mut self, now: Timestamp) {
        if now >= self.hours.due {
            self.hours.due = now + READ_EVERY;
            self.asker.schedule();
        }
        let pause = self.hours.next(now);
        if pause != self.hours.told {
            self.hours.told = pause;
            self.step(now, &Event::Hours { pause });
        }
    }

    pub(super) fn take_schedule(&mut self, now: Timestamp, schedule: &Schedule) {
        let windows = schedule.maintenance_windows.iter();
        self.hours.windows = windows.map(|window| (window.start_datetime, window.end_datetime)).collect();
        self.keep_hours(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn the_pause_next_to_end_is_the_week_s_or_a_window_s() {
        let mut hours = Hours::new(ExchangeKind::Production);
        // Wednesday; winter time is five hours behind.
        let now = at("2026-11-25T12:00:00Z");
        let thursday = (at("2026-11-26T08:00:00Z"), at("2026-11-26T10:00:00Z"));
        assert_eq!(hours.next(now), Some(thursday));
        assert_eq!(hours.next(at("2026-11-26T09:59:59Z")), Some(thursday), "it lasts");
        assert_eq!(
            hours.next(at("2026-11-26T10:00:00Z")),
            Some((at("2026-12-03T08:00:00Z"), at("2026-12-03T10:00:00Z")))
        );
        let window = (at("2026-11-25T20:00:00Z"), at("2026-11-25T21:00:00Z"));
        hours.windows = vec![(at("2026-11-20T20:00:00Z"), at("2026-11-20T21:00:00Z")), window];
        assert_eq!(hours.next(now), Some(window));
        let simulated = Hours::new(ExchangeKind::Simulated);
        assert_eq!(simulated.next(now), None);
    }
}
