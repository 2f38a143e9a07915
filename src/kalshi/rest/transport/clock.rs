//! The exchange's clock, as its answers tell it.

use crate::units::Timestamp;
use reqwest::header::{AGE, DATE, HeaderMap};

/// The `Date` header tells whole seconds, rounded down: on average it is this much behind.
const ROUNDED_OFF_MICROS: i64 = 500_000;

/// How far this machine's clock and the exchange's are apart.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ServerClock {
    latest: Option<(i64, Timestamp)>,
}

impl ServerClock {
    /// Measures by an answer. One that a cache has kept for a while says nothing.
    pub(super) fn observe(&mut self, headers: &HeaderMap, sent: Timestamp, received: Timestamp) {
        let is_kept = headers.get(AGE).is_some_and(|age| age.as_bytes() != b"0");
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let Some(date) = date.filter(|_| !is_kept).and_then(date_micros) else { return };
        let half_way = sent.micros().midpoint(received.micros());
        let ahead = half_way.saturating_sub(date.saturating_add(ROUNDED_OFF_MICROS));
        self.latest = Some((ahead / 1_000, received));
    }

    pub(super) const fn skew_millis(self) -> Option<i64> {
        match self.latest {
            Some((millis, _)) => Some(millis),
            None => None,
        }
    }

    pub(super) const fn measured_at(self) -> Option<Timestamp> {
        match self.latest {
            Some((_, at)) => Some(at),
            None => None,
        }
    }
}

fn date_micros(text: &str) -> Option<i64> {
    jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skew(headers: &[(&'static str, &'static str)], local: &str) -> Option<i64> {
        let map = headers
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect();
        let received: Timestamp = local.parse().expect("a time");
        let mut clock = ServerClock::default();
        clock.observe(&map, received - std::time::Duration::from_millis(200), received);
        assert_eq!(clock.measured_at(), clock.skew_millis().map(|_| received));
        clock.skew_millis()
    }

    #[test]
    fn the_skew_is_told_from_the_date_of_an_answer() {
        let date = ("date", "Sun, 22 Nov 2026 15:04:05 GMT");
        assert_eq!(skew(&[date], "2026-11-22T15:04:05.6Z"), Some(0));
        assert_eq!(skew(&[date], "2026-11-22T15:04:12.6Z"), Some(7_000));
        assert_eq!(skew(&[date], "2026-11-22T15:04:02.6Z"), Some(-3_000));
        assert_eq!(skew(&[date, ("age", "12")], "2026-11-22T15:04:12.6Z"), None);
        assert_eq!(skew(&[date, ("age", "0")], "2026-11-22T15:04:12.6Z"), Some(7_000));
        assert_eq!(skew(&[("date", "yesterday")], "2026-11-22T15:04:12Z"), None);
        assert_eq!(skew(&[], "2026-11-22T15:04:12Z"), None);
    }
}
