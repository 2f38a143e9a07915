//! The bodies of requests and answers, field by field as they go over the wire.
//!
//! Fields keep the wire's names, so that a body, the exchange's documentation and the code read alike; what a name
//! leaves out is in its type: a decimal string is a [`Price`](crate::units::Price), an amount or a count, an instant
//! is a [`Timestamp`](crate::units::Timestamp), and nothing passes through a float. The same types serve both ends:
//! the client reads what the simulated exchange writes. Unknown fields are ignored, missing ones are forgiven where
//! the bot can do without.

mod exchange;
mod market;
mod order;
mod portfolio;

pub use exchange::*;
pub use market::*;
pub use order::*;
pub use portfolio::*;

use serde::{Deserialize, Deserializer};

/// A page of a list that is read with a cursor.
pub trait Page {
    /// What is listed.
    type Item;

    /// The page's items, and where the next page starts: empty on the last.
    fn into_parts(self) -> (Vec<Self::Item>, String);
}

/// Reads `null` like a field that isn't there.
fn null_as_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// JSON numbers that are read and written digit by digit, so that no float comes between.
mod number {
    use crate::units::Ratio;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::value::RawValue;

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands the field over like this")]
    pub(super) fn serialize<S: Serializer>(ratio: &Ratio, serializer: S) -> Result<S::Ok, S::Error> {
        let text = ratio.to_string();
        let text = text.trim_end_matches('0').trim_end_matches('.');
        RawValue::from_string(text.to_owned()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Ratio, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        raw.get().parse().map_err(serde::de::Error::custom)
    }

    pub(super) mod optional {
        use super::{Deserializer, Ratio, RawValue, Serialize, Serializer};
        use serde::Deserialize;

        #[allow(clippy::ref_option, reason = "serde hands the field over like this")]
        pub(in super::super) fn serialize<S: Serializer>(
            ratio: &Option<Ratio>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match ratio {
                Some(ratio) => super::serialize(ratio, serializer),
                None => None::<()>.serialize(serializer),
            }
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Ratio>, D::Error> {
            let raw = Box::<RawValue>::deserialize(deserializer)?;
            match raw.get() {
                "null" => Ok(None),
                text => text.parse().map(Some).map_err(serde::de::Error::custom),
            }
        }
    }
}

#[cfg(test)]
mod tests;
