//! What goes wrong on purpose. Every switch can be set at the start and turned while the exchange runs; zero is off.

use serde::{Deserialize, Serialize};

/// The switches. "Every Nth" counts from the moment the switch was turned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Breaks every WebSocket connection each so many seconds.
    pub drop_sockets_every_s: u32,
    /// Leaves a sequence number out before every Nth numbered frame of a connection.
    pub skip_sequence_every: u32,
    /// Answers every request so many milliseconds late.
    pub delay_ms: u64,
    /// Takes every Nth order and breaks the connection instead of answering.
    pub lose_order_answer_every: u32,
    /// Answers every Nth request with 503, without doing anything.
    pub server_error_every: u32,
    /// Answers every Nth request with 429, without doing anything.
    pub rate_limit_every: u32,
    /// Sends every fill frame twice.
    pub duplicate_fills: bool,
    /// Sets the exchange's wall clock, which stamps answers and judges signatures, this many seconds ahead of the true
    /// one; below zero, behind it.
    pub clock_skew_s: i64,
}

/// The switches with what they have counted.
#[derive(Debug, Default)]
pub(super) struct FaultDesk {
    faults: Faults,
    orders: u32,
    requests: u32,
    limited: u32,
}

/// What befalls a request before it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mishap {
    ServerError,
    RateLimit,
}

impl FaultDesk {
    pub(super) fn new(faults: Faults) -> Self {
        Self { faults, ..Self::default() }
    }

    pub(super) const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Turns the switches that the JSON object names and leaves the others.
    ///
    /// # Errors
    /// What is wrong with the object; nothing is turned then.
    pub(super) fn turn(&mut self, patch: &[u8]) -> Result<(), String> {
        let patch: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(patch)
            .map_err(|error| format!("expected an object of switches: {error}"))?;
        let mut all = serde_json::to_value(&self.faults).map_err(|error| error.to_string())?;
        for (name, value) in patch {
            all[name] = value;
        }
        *self = Self::new(serde_json::from_value(all).map_err(|error| error.to_string())?);
        Ok(())
    }

    /// What befalls the next request.
    pub(super) fn mishap(&mut self) -> Option<Mishap> {
        if is_due(&mut self.requests, self.faults.server_error_every) {
            return Some(Mishap::ServerError);
        }
        is_due(&mut self.limited, self.faults.rate_limit_every).then_some(Mishap::RateLimit)
    }

    /// Whether the answer to the order that was just taken is lost.
    pub(super) fn loses_answer(&mut self) -> bool {
        is_due(&mut self.orders, self.faults.lose_order_answer_every)
    }
}

/// Counts one more; true for every Nth, never for an N of zero.
pub(super) fn is_due(count: &mut u32, every: u32) -> bool {
    if every == 0 {
        return false;
    }
    *count += 1;
    if *count < every {
        return false;
    }
    *count = 0;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_nth_request_has_its_mishap() {
        let mut desk = FaultDesk::new(Faults { server_error_every: 3, ..Faults::default() });
        let mishaps: Vec<bool> = (0..7).map(|_| desk.mishap().is_some()).collect();
        assert_eq!(mishaps, [false, false, true, false, false, true, false]);
        assert!(!desk.loses_answer(), "a switch that is off never acts");
    }

    #[test]
    fn a_patch_turns_what_it_names() {
        let mut desk = FaultDesk::new(Faults { delay_ms: 5, ..Faults::default() });
        desk.turn(br#"{"rate_limit_every":1}"#).expect("a sound patch");
        assert_eq!(desk.faults(), &Faults { delay_ms: 5, rate_limit_every: 1, ..Faults::default() });
        assert_eq!(desk.mishap(), Some(Mishap::RateLimit));
        for refused in [&br#"{"delay":1}"#[..], b"[]", br#"{"delay_ms":-1}"#] {
            assert!(desk.turn(refused).is_err());
        }
        assert_eq!(desk.faults().delay_ms, 5, "a refused patch changes nothing");
    }
}
