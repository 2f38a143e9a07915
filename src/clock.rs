//! The clocks and the chance of the edge: the machine's time, the exchange's days, and a draw that only pauses hang on.
//! The core knows none of them; time comes to it with events.
//!
//! A whole bot can be run in simulated time: inside a runtime whose timers are paused, [`simulate`] makes this thread's
//! clock follow those timers and its draws follow a seed. Everything that asks here then repeats itself exactly.

use crate::units::Timestamp;
use jiff::Zoned;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;
use std::time::Duration;
use tokio::time::Instant;

thread_local! {
    static SIMULATED: Cell<Option<Simulated>> = const { Cell::new(None) };
}

/// This thread's time and chance, where they are simulated.
#[derive(Debug, Clone, Copy)]
struct Simulated {
    start: Timestamp,
    began: Instant,
    draws: u64,
}

/// Time and chance of this thread are simulated for as long as this lives.
#[derive(Debug)]
pub struct SimulatedTime {
    /// It belongs to the thread that made it.
    _here: PhantomData<*const ()>,
}

impl Drop for SimulatedTime {
    fn drop(&mut self) {
        SIMULATED.set(None);
    }
}

/// Simulates time and chance on this thread: it is `start` now, and as much later as the runtime's timers say. Has to
/// be called inside a Tokio runtime.
pub fn simulate(start: Timestamp, seed: u64) -> SimulatedTime {
    SIMULATED.set(Some(Simulated { start, began: Instant::now(), draws: seed }));
    SimulatedTime { _here: PhantomData }
}

/// Now, by the machine's clock.
pub fn wall_clock() -> Timestamp {
    match SIMULATED.get() {
        Some(simulated) => simulated.start + simulated.began.elapsed(),
        None => Timestamp::from_micros(jiff::Timestamp::now().as_microsecond()),
    }
}

/// A random number that nothing but the length of a pause may hang on.
pub fn draw() -> u64 {
    let Some(simulated) = SIMULATED.get() else {
        // A hasher of the standard library is seeded by chance.
        return RandomState::new().hash_one(0);
    };
    // The steps of SplitMix64 (Steele, Lea and Flood, 2014).
    let draws = simulated.draws.wrapping_add(0x9E37_79B9_7F4A_7C15);
    SIMULATED.set(Some(Simulated { draws, ..simulated }));
    let mixed = (draws ^ (draws >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
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
