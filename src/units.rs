//! Prices, quantities, money and time as integers, and the only place that parses or prints decimals.
//!
//! The exchange sends every price, amount and contract count as a decimal string. Here each becomes an `i64` in
//! its own newtype, so that dollars can't be added to contracts and nothing ever passes through a float:
//!
//! | type | unit | why that unit |
//! |---|---|---|
//! | [`Price`] | 0.000001 dollar a contract | responses carry up to six decimals |
//! | [`Money`] | 0.000001 dollar | fees are rounded to that unit |
//! | [`Quantity`] | 0.01 contract | the exchange's smallest count |
//! | [`Ratio`] | 0.000001 | thresholds and limits from the configuration |
//! | [`Timestamp`] | 1 microsecond since 1970 UTC | what both stores keep |
//!
//! A product of two of them goes through `i128` and its name says how it rounds.

mod decimal;
mod time;

pub use decimal::DecimalError;
pub use time::{Timestamp, TimestampError};

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

/// Micro-units in one whole: the scale of [`Price`], [`Money`] and [`Ratio`].
pub const MICROS: i64 = 1_000_000;
/// Hundredths in one contract: the scale of [`Quantity`].
pub const CENTIS: i64 = 100;

/// Which way a product that doesn't come out even is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Toward minus infinity.
    Floor,
    /// Toward plus infinity.
    Ceil,
}

/// Divides with the named rounding.
///
/// # Panics
/// When `divisor` is not positive, which is a bug in the caller.
pub const fn divide(dividend: i128, divisor: i128, rounding: Rounding) -> i128 {
    assert!(divisor > 0, "the divisor must be positive");
    match rounding {
        Rounding::Floor => dividend.div_euclid(divisor),
        Rounding::Ceil => -((-dividend).div_euclid(divisor)),
    }
}

/// Narrows a product to the range of `i64`, saturating: a sum of money beyond nine trillion dollars stays there
/// and fails every limit check rather than wrapping to a small one.
#[allow(clippy::cast_possible_truncation)]
pub const fn narrow(value: i128) -> i64 {
    if value > i64::MAX as i128 {
        i64::MAX
    } else if value < i64::MIN as i128 {
        i64::MIN
    } else {
        value as i64
    }
}

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident, $decimals:literal, $shown:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(i64);

        impl $name {
            /// Nothing of it.
            pub const ZERO: Self = Self(0);
            /// The largest that fits.
            pub const MAX: Self = Self(i64::MAX);

            /// From the smallest unit of the type.
            pub const fn from_raw(raw: i64) -> Self {
                Self(raw)
            }

            /// In the smallest unit of the type.
            pub const fn raw(self) -> i64 {
                self.0
            }

            /// Whether it is zero.
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// Whether it is above zero.
            pub const fn is_positive(self) -> bool {
                self.0 > 0
            }

            /// Whether it is below zero.
            pub const fn is_negative(self) -> bool {
                self.0 < 0
            }

            /// Without its sign.
            #[must_use]
            pub const fn abs(self) -> Self {
                Self(self.0.saturating_abs())
            }

            /// Reads a decimal of the exchange's form from bytes, without allocating.
            ///
            /// # Errors
            /// [`DecimalError`], quoting the input, when it isn't a plain decimal, has more significant
            /// decimals than the type holds, or doesn't fit.
            #[inline]
            pub fn parse_bytes(text: &[u8]) -> Result<Self, DecimalError> {
                decimal::parse(text, $decimals).map(Self).map_err(|fault| DecimalError::new($what, text, fault))
            }
        }

        impl FromStr for $name {
            type Err = DecimalError;

            fn from_str(text: &str) -> Result<Self, DecimalError> {
                Self::parse_bytes(text.as_bytes())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                decimal::print(f, self.0, $decimals, f.precision().unwrap_or($shown))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
        }

        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self(self.0.saturating_neg())
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl SubAssign for $name {
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
                iter.fold(Self::ZERO, Add::add)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

unit! {
    /// Dollars a contract, in micro-dollars. Unless a name says otherwise it is the **YES** price: buying NO at
    /// `q` is an ask at `1 − q`.
    Price, 6, 4, "a price"
}
unit! {
    /// An amount of dollars, in micro-dollars; negative when it is owed or lost.
    Money, 6, 6, "an amount"
}
unit! {
    /// Contracts, in hundredths; negative for a NO position or a level that shrinks.
    Quantity, 2, 2, "a quantity"
}
unit! {
    /// A dimensionless fraction, in millionths: 0.02 is two per cent.
    Ratio, 6, 6, "a ratio"
}

impl Price {
    /// What a winning contract pays: one dollar.
    pub const ONE: Self = Self(MICROS);

    /// The other outcome's price: YES and NO add up to one dollar.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self(MICROS - self.0)
    }

    /// Price times quantity, rounded to the micro-dollar. On the exchange's own grids (0.0001 dollar times 0.01
    /// contract) it always comes out even.
    pub const fn times(self, quantity: Quantity, rounding: Rounding) -> Money {
        Money(narrow(divide(self.0 as i128 * quantity.0 as i128, CENTIS as i128, rounding)))
    }

    /// This price moved by a fraction of itself, rounded.
    #[must_use]
    pub const fn times_ratio(self, ratio: Ratio, rounding: Rounding) -> Self {
        Self(narrow(divide(self.0 as i128 * ratio.0 as i128, MICROS as i128, rounding)))
    }
}

impl Money {
    /// Whole dollars.
    pub const fn from_dollars(dollars: i64) -> Self {
        Self(dollars.saturating_mul(MICROS))
    }

    /// A fraction of this amount, rounded.
    #[must_use]
    pub const fn times_ratio(self, ratio: Ratio, rounding: Rounding) -> Self {
        Self(narrow(divide(self.0 as i128 * ratio.0 as i128, MICROS as i128, rounding)))
    }

    /// The share `part / whole` of this amount, rounded: cost taken off a position that is closed in part.
    /// A `whole` of zero gives nothing.
    #[must_use]
    pub const fn share(self, part: Quantity, whole: Quantity, rounding: Rounding) -> Self {
        if whole.0 == 0 {
            return Self::ZERO;
        }
        Self(narrow(divide(self.0 as i128 * part.0 as i128, whole.0 as i128, rounding)))
    }

    /// This amount as a fraction of `base`, rounded down; `None` when `base` isn't positive.
    pub fn ratio_of(self, base: Self) -> Option<Ratio> {
        base.is_positive().then(|| {
            Ratio(narrow(divide(
                i128::from(self.0) * i128::from(MICROS),
                i128::from(base.0),
                Rounding::Floor,
            )))
        })
    }

    /// Average price of `quantity` contracts that cost this much, rounded down to the micro-dollar; `None` for
    /// no contracts.
    pub fn per_contract(self, quantity: Quantity) -> Option<Price> {
        quantity.is_positive().then(|| {
            Price(narrow(divide(
                i128::from(self.0) * i128::from(CENTIS),
                i128::from(quantity.0),
                Rounding::Floor,
            )))
        })
    }

    /// How many contracts this much buys at `each`, rounded down to the hundredth; nothing when either isn't
    /// positive.
    pub fn buys(self, each: Price) -> Quantity {
        if self.0 <= 0 || each.0 <= 0 {
            return Quantity::ZERO;
        }
        Quantity(narrow(i128::from(self.0) * i128::from(CENTIS) / i128::from(each.0)))
    }
}

impl Quantity {
    /// Whole contracts.
    pub const fn from_contracts(contracts: i64) -> Self {
        Self(contracts.saturating_mul(CENTIS))
    }

    /// Rounded down to whole contracts.
    #[must_use]
    pub const fn whole_contracts(self) -> Self {
        Self(self.0 - self.0.rem_euclid(CENTIS))
    }
}

impl Ratio {
    /// All of it.
    pub const ONE: Self = Self(MICROS);

    /// `part` of `whole`, rounded down; `None` when `whole` is zero.
    pub fn of_counts(part: u64, whole: u64) -> Option<Self> {
        (whole > 0).then(|| Self(narrow(i128::from(part) * i128::from(MICROS) / i128::from(whole))))
    }

    /// As per cent, rounded down to two decimals, for people: `12.34 %`.
    pub fn percent(self) -> String {
        let hundredths = self.0.div_euclid(100);
        format!("{:.2} %", Self(hundredths.saturating_mul(10_000)))
    }
}

#[cfg(test)]
mod tests;
