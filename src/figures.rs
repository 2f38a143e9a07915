//! Figures for people: rounded, grouped and signed. Tables, the live view and mails show these; programs get the exact
//! ones.

use crate::units::{Money, Quantity, Ratio, Timestamp};
use std::time::Duration;

/// Decimals of a dollar that a person is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// 0.01 dollar.
    Cents,
    /// 0.0001 dollar, for what a single trade or contract made.
    Fine,
}

impl Digits {
    const fn count(self) -> usize {
        match self {
            Self::Cents => 2,
            Self::Fine => 4,
        }
    }

    /// Micro-dollars in the last digit shown.
    const fn unit(self) -> u64 {
        match self {
            Self::Cents => 10_000,
            Self::Fine => 100,
        }
    }
}

/// An amount rounded to the nearest digit shown, halves away from zero, with thousands apart: `-1,234.50`.
pub fn amount(money: Money, digits: Digits) -> String {
    let units = (money.raw().unsigned_abs() + digits.unit() / 2) / digits.unit();
    let scale = 1_000_000 / digits.unit();
    let sign = if money.is_negative() && units > 0 { "-" } else { "" };
    format!("{sign}{}.{:0width$}", grouped(units / scale), units % scale, width = digits.count())
}

/// The same with a sign before what is above zero as well.
pub fn signed(money: Money, digits: Digits) -> String {
    let text = amount(money, digits);
    if money.is_positive() { format!("+{text}") } else { text }
}

/// A fraction in per cent, rounded like an amount: `50.36 %`.
pub fn percent(ratio: Ratio) -> String {
    format!("{} %", amount(Money::from_raw(ratio.raw().saturating_mul(100)), Digits::Cents))
}

/// Contracts, with decimals only where there are any.
pub fn contracts(quantity: Quantity) -> String {
    format!("{quantity:.0}")
}

/// A count with thousands apart.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count of things: `1 trade`, `2 trades`.
pub fn counted(count: u64, thing: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {thing}{ending}", grouped(count))
}

/// A span of time in its two largest units: `45s`, `12m 05s`, `3h 20m`, `2d 04h`.
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if days > 0 {
        format!("{days}d {:02}h", hours % 24)
    } else if hours > 0 {
        format!("{hours}h {:02}m", minutes % 60)
    } else if minutes > 0 {
        format!("{minutes}m {:02}s", seconds % 60)
    } else {
        format!("{seconds}s")
    }
}

/// A latency, in the unit that suits it: `840 ns`, `12.3 µs`, `4.5 ms`, `1.2 s`.
pub fn latency(nanoseconds: u64) -> String {
    let tenths = |unit: u64, name| {
        let tenths = nanoseconds / (unit / 10);
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    };
    match nanoseconds {
        0..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => tenths(1_000, "µs"),
        1_000_000..1_000_000_000 => tenths(1_000_000, "ms"),
        _ => tenths(1_000_000_000, "s"),
    }
}

/// Day and time to the second: `2026-11-22 15:04:05Z`.
pub fn moment(time: Timestamp) -> String {
    let text = time.to_string();
    text.get(..19).map_or(text.clone(), |seconds| format!("{}Z", seconds.replace('T', " ")))
}

/// Time of day to the second: `15:04:05`.
pub fn time_of_day(time: Timestamp) -> String {
    let text = time.to_string();
    text.get(11..19).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_to_the_nearest_digit() {
        assert_eq!(amount(Money::from_raw(1_234_565_000), Digits::Cents), "1,234.57");
        assert_eq!(amount(Money::from_raw(-12_344_999), Digits::Cents), "-12.34");
        assert_eq!(amount(Money::from_raw(-4_999), Digits::Cents), "0.00");
        assert_eq!(amount(Money::from_raw(-4_999), Digits::Fine), "-0.0050");
        assert_eq!(signed(Money::from_raw(80_000), Digits::Cents), "+0.08");
        assert_eq!(signed(Money::ZERO, Digits::Cents), "0.00");
        assert_eq!(percent(Ratio::from_raw(503_573)), "50.36 %");
    }

    #[test]
    fn counts_are_grouped_and_named() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "trade"), "1 trade");
        assert_eq!(counted(0, "trade"), "0 trades");
        assert_eq!(contracts(Quantity::from_raw(1_200)), "12");
        assert_eq!(contracts(Quantity::from_raw(1_250)), "12.5");
    }

    #[test]
    fn times_are_told_in_their_largest_units() {
        assert_eq!(
            [45, 725, 12_000, 187_200].map(|secs| span(Duration::from_secs(secs))),
            ["45s", "12m 05s", "3h 20m", "2d 04h"]
        );
        assert_eq!(
            [840, 12_345, 4_560_000, 1_250_000_000].map(latency),
            ["840 ns", "12.3 µs", "4.5 ms", "1.2 s"]
        );
        let at = Timestamp::from_millis(1_785_901_540_025);
        assert_eq!(moment(at), "2026-08-05 03:45:40Z");
        assert_eq!(time_of_day(at), "03:45:40");
    }
}
