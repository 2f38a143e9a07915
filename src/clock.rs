//! The clocks of the edge: the machine's, and the exchange's days. The core knows neither; time comes to it with events.

use crate::units::Timestamp;
use jiff::Zoned;
use jiff::civil::Date;
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
