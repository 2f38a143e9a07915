//! Decimal text to scaled integer and back, the one pair of routines behind every unit.

use std::fmt;

/// Why a text is not a decimal of the wanted kind. It quotes what was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{input:?} is not {what}: {fault}")]
pub struct DecimalError {
    what: &'static str,
    input: String,
    fault: Fault,
}

/// The kinds of fault, each worded for the person who has to mend the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Empty,
    Malformed,
    TooPrecise(u32),
    TooLarge,
}

impl DecimalError {
    pub(super) fn new(what: &'static str, input: &[u8], fault: Fault) -> Self {
        const SHOWN: usize = 48;
        let mut shown = String::from_utf8_lossy(&input[..input.len().min(SHOWN)]).into_owned();
        if input.len() > SHOWN {
            shown.push('…');
        }
        Self { what, input: shown, fault }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::Malformed => f.write_str("expected digits with at most one decimal point, such as 0.4200"),
            Self::TooPrecise(decimals) => write!(f, "it has more than {decimals} decimals"),
            Self::TooLarge => f.write_str("it is too large"),
        }
    }
}

/// Reads `[-]digits[.digits]` as an integer scaled by `10^decimals`. Zeros beyond the scale are dropped: they
/// carry nothing. Exponents, plus signs, spaces, separators and a bare point are refused.
#[inline]
pub(super) fn parse(text: &[u8], decimals: u32) -> Result<i64, Fault> {
    let (negative, digits) = match text {
        [] => return Err(Fault::Empty),
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut value: i64 = 0;
    let mut at = 0;
    while at < digits.len() && digits[at].is_ascii_digit() {
        value = push_digit(value, digits[at])?;
        at += 1;
    }
    if at == 0 {
        return Err(Fault::Malformed);
    }
    let mut missing = decimals;
    if at < digits.len() {
        if digits[at] != b'.' || at + 1 == digits.len() {
            return Err(Fault::Malformed);
        }
        for &byte in &digits[at + 1..] {
            if !byte.is_ascii_digit() {
                return Err(Fault::Malformed);
            }
            if missing > 0 {
                value = push_digit(value, byte)?;
                missing -= 1;
            } else if byte != b'0' {
                return Err(Fault::TooPrecise(decimals));
            }
        }
    }
    while missing > 0 {
        value = value.checked_mul(10).ok_or(Fault::TooLarge)?;
        missing -= 1;
    }
    Ok(if negative { -value } else { value })
}

#[inline]
fn push_digit(value: i64, digit: u8) -> Result<i64, Fault> {
    value.checked_mul(10).and_then(|v| v.checked_add(i64::from(digit - b'0'))).ok_or(Fault::TooLarge)
}

/// Most characters of a magnitude: the digits of 2^64 and a point.
const LONGEST: usize = 21;

/// Prints with at least `shown` decimals, and more only where they carry something: nothing is rounded away. Allocates
/// nothing: the journal writes an order's figures with it before the order leaves.
pub(super) fn print(f: &mut fmt::Formatter<'_>, raw: i64, decimals: usize, shown: usize) -> fmt::Result {
    let mut digits = [b'0'; LONGEST];
    let mut first = LONGEST;
    let mut rest = raw.unsigned_abs();
    let mut width = decimals;
    while width > shown && rest.is_multiple_of(10) {
        rest /= 10;
        width -= 1;
    }
    let has_point = width > 0;
    while rest > 0 || width > 0 || first == LONGEST || digits[first] == b'.' {
        first -= 1;
        digits[first] = b"0123456789"[usize::try_from(rest % 10).unwrap_or(0)];
        rest /= 10;
        if has_point && width == 1 {
            first -= 1;
            digits[first] = b'.';
        }
        width = width.saturating_sub(1);
    }
    f.pad_integral(raw >= 0, "", std::str::from_utf8(&digits[first..]).unwrap_or_default())
}
