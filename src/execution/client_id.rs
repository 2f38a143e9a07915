//! The bot's own name for an order: `{prefix}-{run}-{sequence}`, such as `kb-1k3f9x2a-17`.
//!
//! The prefix tells the bot's orders from all others of the account, the run tells which run sent it, and the sequence
//! is the order's number within that run. The same order keeps the same name on every retry, and an order found on
//! the exchange after a crash can be traced back to its row in the store. Only what [`ClientOrderId`] itself would
//! print is read back: a name that merely looks like ours (upper case, leading zeros, one part more) is foreign.

use super::OrderId;
use crate::units::Timestamp;
use std::fmt;
use std::str::FromStr;

/// Most characters of a prefix.
const LONGEST_PREFIX: usize = 12;
/// Digits of a run's tag.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// What all orders of a bot begin with: 1 to 12 of `a-z` and `0-9`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix(Box<str>);

/// A text that can't be a prefix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} can't begin the names of orders: expected 1 to {LONGEST_PREFIX} of a-z and 0-9, such as kb")]
pub struct PrefixError(String);

impl Prefix {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Prefix {
    fn default() -> Self {
        Self("kb".into())
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let is_sound = (1..=LONGEST_PREFIX).contains(&text.len()) && text.bytes().all(is_digit);
        if is_sound { Ok(Self(text.into())) } else { Err(PrefixError(text.chars().take(40).collect())) }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A run's part of the names of its orders: when it started, in milliseconds, in base 36.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunTag(u64);

impl RunTag {
    /// The tag of a run that started then. Runs that start within one millisecond share it.
    pub fn of_start(started: Timestamp) -> Self {
        Self(u64::try_from(started.micros() / 1_000).unwrap_or(0))
    }

    /// When the run started, to the millisecond.
    pub fn started(self) -> Timestamp {
        Timestamp::from_millis(i64::try_from(self.0).unwrap_or(i64::MAX))
    }
}

impl FromStr for RunTag {
    type Err = ClientOrderIdError;

    fn from_str(text: &str) -> Result<Self, ClientOrderIdError> {
        canonical(text, 36).map(Self).ok_or_else(|| ClientOrderIdError::new(text))
    }
}

impl fmt::Display for RunTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 36^13 is above 2^64.
        let mut digits = [0_u8; 13];
        let mut rest = self.0;
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] = DIGITS[usize::try_from(rest % 36).unwrap_or(0)];
            rest /= 36;
            if rest == 0 {
                break;
            }
        }
        digits[first..].iter().try_for_each(|digit| write!(f, "{}", char::from(*digit)))
    }
}

/// An order's name on the exchange: at most 47 characters of the 64 that it takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientOrderId {
    /// Whose order it is.
    pub prefix: Prefix,
    /// The run that sent it.
    pub run: RunTag,
    /// Its number within the run.
    pub order: OrderId,
}

/// A text that no bot of this kind gives an order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{input:?} isn't the name of an order of this bot: expected prefix-run-sequence, such as kb-1k3f9x2a-17"
)]
pub struct ClientOrderIdError {
    input: String,
}

impl ClientOrderIdError {
    fn new(input: &str) -> Self {
        Self { input: input.chars().take(64).collect() }
    }
}

impl ClientOrderId {
    /// Whether the bot with this prefix sent it.
    pub fn belongs_to(&self, prefix: &Prefix) -> bool {
        self.prefix == *prefix
    }

    /// Reads a name that the exchange shows; `None` unless the bot with this prefix gave it.
    pub fn of(prefix: &Prefix, text: &str) -> Option<Self> {
        text.parse().ok().filter(|id: &Self| id.belongs_to(prefix))
    }
}

impl FromStr for ClientOrderId {
    type Err = ClientOrderIdError;

    fn from_str(text: &str) -> Result<Self, ClientOrderIdError> {
        let parse = || {
            let (prefix, rest) = text.split_once('-')?;
            let (run, order) = rest.split_once('-')?;
            Some(Self {
                prefix: prefix.parse().ok()?,
                run: run.parse().ok()?,
                order: OrderId(canonical(order, 10)?),
            })
        };
        parse().ok_or_else(|| ClientOrderIdError::new(text))
    }
}

impl fmt::Display for ClientOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.prefix, self.run, self.order.0)
    }
}

const fn is_digit(letter: u8) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit()
}

/// A number as it would be printed: lower case, no sign, no leading zero.
fn canonical(text: &str, radix: u32) -> Option<u64> {
    let is_plain = text.bytes().all(is_digit) && (text.len() == 1 || !text.starts_with('0'));
    is_plain.then(|| u64::from_str_radix(text, radix).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kb() -> Prefix {
        Prefix::default()
    }

    #[test]
    fn a_name_tells_prefix_run_and_number() {
        let started: Timestamp = "2026-11-22T15:04:05.678Z".parse().expect("a time");
        let id = ClientOrderId { prefix: kb(), run: RunTag::of_start(started), order: OrderId(17) };
        assert_eq!(id.to_string(), "kb-mwrywawe-17");
        assert_eq!(id.to_string().parse(), Ok(id.clone()));
        assert_eq!(id.run.started(), started);
        assert!(id.belongs_to(&kb()) && !id.belongs_to(&"kb2".parse().expect("a prefix")));
    }

    #[test]
    fn names_that_merely_look_like_ours_are_foreign() {
        for foreign in [
            "",
            "kb",
            "kb-1",
            "kb--1",
            "kb-1k3f9x2a-",
            "-1k3f9x2a-17",
            "kb-1k3f9x2a-17-1",
            "kb-1k3f9x2a-017",
            "kb-01k3f9x2a-17",
            "kb-1k3f9x2a-+17",
            "kb-1k3f9x2a--17",
            "kb-1K3F9X2A-17",
            "KB-1k3f9x2a-17",
            "kb-1k3f9x2a-17 ",
            " kb-1k3f9x2a-17",
            "kb_1k3f9x2a_17",
            "kbx-1k3f9x2a-17",
            "k-1k3f9x2a-17",
            "xkb-1k3f9x2a-17",
            "kb-1k3f9x2a-1a",
            "kb-zzzzzzzzzzzzzz-1",
            "kb-1k3f9x2a-18446744073709551616",
            "6f1c7c50-8f3f-4c39-9d1f-3f1d2f0f6a11",
        ] {
            assert_eq!(ClientOrderId::of(&kb(), foreign), None, "{foreign:?}");
        }
        assert!(ClientOrderId::of(&kb(), "kb-1k3f9x2a-17").is_some());
    }

    #[test]
    fn a_prefix_is_short_and_plain() {
        for sound in ["k", "kb", "bot7", "abcdefghijkl"] {
            assert_eq!(sound.parse::<Prefix>().map(|prefix| prefix.to_string()), Ok(sound.to_owned()));
        }
        for refused in ["", "KB", "k-b", "k_b", "abcdefghijklm", "k b", "é"] {
            assert!(refused.parse::<Prefix>().is_err(), "{refused:?}");
        }
    }

    proptest! {
        #[test]
        fn every_name_reads_back_and_fits(prefix in "[a-z0-9]{1,12}", run: u64, order: u64) {
            let id = ClientOrderId { prefix: prefix.parse().expect("sound"), run: RunTag(run), order: OrderId(order) };
            let text = id.to_string();
            prop_assert!(text.len() <= 64);
            prop_assert_eq!(text.parse(), Ok(id));
        }

        #[test]
        fn what_is_read_prints_the_same(text in "kb-[a-z0-9]{1,9}-[0-9]{1,5}") {
            if let Some(id) = ClientOrderId::of(&kb(), &text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
