//! The clocks of the edge: the machine's, and the exchange's days. The core knows neither; time comes to it with events.

use crate::units::Timestamp;
use jiff::Zoned;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use std::time::Duration;

/// Now, by the machine's clock.
pub fn wall_clock() -> Timestamp {
    Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
}

/// An instant on the exchange's clock, which keeps Eastern time; none beyond the calendar.
pub fn eastern(at: Timestamp) -> Option<Zoned> {
    let zone = TimeZone::get("America/New_York").ok()?;
    Some(jiff::Timestamp::from_microsecond(at.micros()).ok()?.to_zoned(zone))
}

/// The exchange's day of an instant; none beyond the calendar.
pub fn exchange_day(at: Timestamp) -> Option<Date> {
    eastern(at).map(|at| at.date())
}

/// When the exchange's next day begins; a day later where the calendar can't tell.
pub fn next_day(now: Timestamp) -> Timestamp {
    let midnight = || {
        let next = eastern(now)?.tomorrow().ok()?.start_of_day().ok()?;
        Some(Timestamp::from_micros(next.timestamp().as_microsecond()))
    };
    midnight().unwrap_or(now + Duration::from_hours(24))
}

/// The exchange's weekly pause that ends next: Thursday from three to five in the morning; none beyond the calendar.
pub fn weekly_pause(now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let today = eastern(now)?;
    let at = |date: Date, hour| {
        let instant = date.at(hour, 0, 0, 0).to_zoned(today.time_zone().clone()).ok()?;
        Some(Timestamp::from_micros(instant.timestamp().as_microsecond()))
    };
    let mut pauses = (0..=7).filter_map(|days| {
        let date = today.date().checked_add(jiff::Span::new().days(days)).ok()?;
        (date.weekday() == Weekday::Thursday).then_some(())?;
        Some((at(date, 3)?, at(date, 5)?))
    });
    pauses.find(|(_, end)| now < *end)
}
