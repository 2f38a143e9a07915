//! How single JSON fields become units: decimal strings to integers, integer times to instants, text borrowed.

use crate::units::{DecimalError, Timestamp};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// A decimal string as a unit, without copying the text.
pub(super) fn decimal<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = DecimalError>,
{
    deserializer.deserialize_str(DecimalText(PhantomData))
}

/// A decimal string that may be absent or null.
pub(super) fn optional_decimal<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = DecimalError>,
{
    Ok(Option::<Decimal<T>>::deserialize(deserializer)?.map(|decimal| decimal.0))
}

/// A decimal string as a unit, where a type is wanted rather than a function.
pub(super) struct Decimal<T>(pub(super) T);

impl<'de, T: FromStr<Err = DecimalError>> Deserialize<'de> for Decimal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decimal(deserializer).map(Self)
    }
}

struct DecimalText<T>(PhantomData<T>);

impl<T: FromStr<Err = DecimalError>> Visitor<'_> for DecimalText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal in a string, such as \"0.4200\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Text that may be absent or null, borrowed where it holds no escape.
pub(super) fn optional_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Cow<'de, str>>, D::Error> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    Ok(Option::<Text<'de>>::deserialize(deserializer)?.map(|text| text.0))
}

/// Milliseconds since 1970, absent or null where not told.
pub(super) fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp::from_millis))
}

/// Seconds since 1970, absent or null where not told.
pub(super) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp::from_secs))
}
