//! Which instants some days of a time zone span. A day lasts from its first instant to the next day's first, so that a
//! day whose clock changes has 23 or 25 hours and none is lost or counted twice.

use crate::config::nearest;
use crate::store;
use crate::units::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use thiserror::Error;

/// Some days in a row, in a time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    first: Date,
    last: Date,
    zone: TimeZone,
    zone_name: String,
    from: Timestamp,
    to: Timestamp,
}

/// Why days can't be told.
#[derive(Debug, Error)]
pub enum DaysError {
    /// Nobody knows the zone.
    #[error("there is no time zone {name:?}{}", near.as_ref().map(|near| format!("; {near} is one")).unwrap_or_default())]
    Zone {
        /// What was typed.
        name: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// It isn't a day.
    #[error("{text:?} is no day of the calendar")]
    Day {
        /// What was typed.
        text: String,
    },
    /// They end before they begin.
    #[error("the first day, {first}, comes after the last, {last}")]
    Backwards {
        /// First day.
        first: Date,
        /// Last day.
        last: Date,
    },
    /// The calendar ends there.
    #[error("{day} has no beginning or no end in the calendar: {cause}")]
    Edge {
        /// The day.
        day: Date,
        /// What the calendar said.
        cause: jiff::Error,
    },
}

/// The time zone of this name, such as `America/New_York`.
///
/// # Errors
/// [`DaysError::Zone`], with a name that is near, when there is none.
pub fn zone(name: &str) -> Result<TimeZone, DaysError> {
    TimeZone::get(name).map_err(|_| DaysError::Zone { name: name.to_owned(), near: near(name) })
}

/// The known zone that was probably meant: the same but for a few letters, or a city without its continent.
fn near(typed: &str) -> Option<String> {
    // Parts of a name are told apart by points there.
    let comparable = |name: &str| name.trim().to_lowercase().replace('/', ".").replace(' ', "_");
    let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let compared: Vec<String> = known.iter().map(|name| comparable(name)).collect();
    let found = nearest::find(&comparable(typed), compared.iter().map(String::as_str))?;
    compared.iter().position(|name| name == found).map(|at| known[at].clone())
}

/// Reads a day: a date such as `2026-11-23`, `today` or `yesterday`.
///
/// # Errors
/// [`DaysError::Day`] when it is none of these.
pub fn day(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Date, DaysError> {
    let unknown = || DaysError::Day { text: text.to_owned() };
    let today = || date_of(now, zone).ok_or_else(unknown);
    match text {
        "today" => today(),
        "yesterday" => today()?.yesterday().map_err(|_| unknown()),
        date => date.parse().map_err(|_| unknown()),
    }
}

fn date_of(at: Timestamp, zone: &TimeZone) -> Option<Date> {
    let instant = jiff::Timestamp::from_microsecond(at.micros()).ok()?;
    Some(instant.to_zoned(zone.clone()).date())
}

impl Days {
    /// The days from `first` to `last`, both of them included.
    ///
    /// # Errors
    /// [`DaysError`] when there is no such zone, when they end before they begin, or at the calendar's edge.
    pub fn new(first: Date, last: Date, zone_name: &str) -> Result<Self, DaysError> {
        let zone = zone(zone_name)?;
        if first > last {
            return Err(DaysError::Backwards { first, last });
        }
        let bounds = |day| store::bounds(day, &zone).map_err(|cause| DaysError::Edge { day, cause });
        let (from, to) = (bounds(first)?.0, bounds(last)?.1);
        Ok(Self { first, last, zone, zone_name: zone_name.to_owned(), from, to })
    }

    /// The first day.
    pub const fn first(&self) -> Date {
        self.first
    }

    /// The last day.
    pub const fn last(&self) -> Date {
        self.last
    }

    /// The zone's name.
    pub fn zone_name(&self) -> &str {
        &self.zone_name
    }

    /// The zone.
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The first instant.
    pub const fn from(&self) -> Timestamp {
        self.from
    }

    /// The first instant after them.
    pub const fn to(&self) -> Timestamp {
        self.to
    }

    /// The day of an instant; none beyond the calendar.
    pub fn day_of(&self, at: Timestamp) -> Option<Date> {
        date_of(at, &self.zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EASTERN: &str = "America/New_York";

    fn date(text: &str) -> Date {
        text.parse().expect("a date")
    }

    fn hours(first: &str, last: &str) -> u64 {
        let days = Days::new(date(first), date(last), EASTERN).expect("days");
        days.to().since(days.from()).as_secs() / 3_600
    }

    #[test]
    fn days_of_a_clock_change_have_23_and_25_hours() {
        assert_eq!(hours("2026-11-23", "2026-11-23"), 24);
        assert_eq!(hours("2026-03-08", "2026-03-08"), 23);
        assert_eq!(hours("2026-11-01", "2026-11-01"), 25);
        assert_eq!(hours("2026-03-07", "2026-03-09"), 71);
    }

    #[test]
    fn a_day_begins_at_midnight_of_its_zone() {
        let days = Days::new(date("2026-11-23"), date("2026-11-24"), EASTERN).expect("days");
        assert_eq!(days.from(), "2026-11-23T05:00:00Z".parse().expect("a time"));
        assert_eq!(days.to(), "2026-11-25T05:00:00Z".parse().expect("a time"));
        assert_eq!(days.day_of("2026-11-24T04:59:59Z".parse().expect("a time")), Some(date("2026-11-23")));
    }

    #[test]
    fn a_zone_nobody_knows_is_told_with_a_near_one() {
        let told = |name| zone(name).expect_err("no zone").to_string();
        assert_eq!(
            told("America/NewYork"),
            "there is no time zone \"America/NewYork\"; America/New_York is one"
        );
        assert_eq!(told("New York"), "there is no time zone \"New York\"; America/New_York is one");
        assert_eq!(told("Nowhere/Land-Of-Milk"), "there is no time zone \"Nowhere/Land-Of-Milk\"");
        assert!(zone("Europe/Berlin").is_ok());
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        let eastern = zone(EASTERN).expect("a zone");
        // Half past nine in the evening in New York is the next day in London.
        let now: Timestamp = "2026-11-24T02:30:00Z".parse().expect("a time");
        let read = |text| day(text, now, &eastern).map_err(|error| error.to_string());
        assert_eq!(read("today"), Ok(date("2026-11-23")));
        assert_eq!(read("yesterday"), Ok(date("2026-11-22")));
        assert_eq!(read("2024-02-29"), Ok(date("2024-02-29")));
        for wrong in ["2026-02-30", "23.11.2026", "tomorrow", ""] {
            assert_eq!(read(wrong), Err(format!("{wrong:?} is no day of the calendar")));
        }
    }

    #[test]
    fn days_run_forward_and_stay_within_the_calendar() {
        let new = |first, last| Days::new(first, last, EASTERN);
        let backwards = new(date("2026-11-24"), date("2026-11-23")).expect_err("backwards");
        assert_eq!(backwards.to_string(), "the first day, 2026-11-24, comes after the last, 2026-11-23");
        assert!(matches!(new(Date::MAX, Date::MAX), Err(DaysError::Edge { .. })));
    }
}
