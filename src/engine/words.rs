//! The stable words of records, read back: each is one that some type of this program gives. A word that none gives is
//! refused, since what it means isn't known here.

use crate::execution::{CancelReason, RejectReason};
use crate::risk::{HaltReason, RiskReason, TradingState};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

/// A stable word.
pub(super) type Word = &'static str;

/// Every word of an order's end.
fn order_reasons() -> impl Iterator<Item = Word> {
    RejectReason::ALL.into_iter().map(RejectReason::as_str).chain(CancelReason::ALL.map(CancelReason::as_str))
}

fn known<'de, D: Deserializer<'de>>(
    deserializer: D,
    mut words: impl Iterator<Item = Word>,
) -> Result<Word, D::Error> {
    let text = Cow::<'_, str>::deserialize(deserializer)?;
    words.find(|word| *word == text).ok_or_else(|| unknown(&text))
}

fn unknown<E: Error>(text: &str) -> E {
    E::custom(format_args!("the word {text:?} isn't known to this version"))
}

pub(super) fn bound_by<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    known(deserializer, RiskReason::ALL.into_iter().map(RiskReason::code))
}

pub(super) fn order_reason<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Word>, D::Error> {
    let Some(text) = Option::<Cow<'_, str>>::deserialize(deserializer)? else { return Ok(None) };
    order_reasons().find(|word| *word == text).map(Some).ok_or_else(|| unknown(&text))
}

pub(super) fn trading<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    use TradingState::{Active, Halted, ReduceOnly};
    known(deserializer, [Active, ReduceOnly, Halted].map(TradingState::as_str).into_iter())
}

pub(super) fn halt<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    known(deserializer, HaltReason::ALL.into_iter().map(HaltReason::code))
}

pub(super) fn halts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Word>, D::Error> {
    let texts = Vec::<Cow<'_, str>>::deserialize(deserializer)?;
    let known = |text: &Cow<'_, str>| HaltReason::from_code(text).map(HaltReason::code);
    texts.iter().map(|text| known(text).ok_or_else(|| unknown(text))).collect()
}
