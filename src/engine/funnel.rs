//! Why it trades and why it does not: for every gate, how many markets it let through and how many it refused, by
//! reason.
//!
//! A market is judged thousands of times an hour, so judgements are not what a person wants counted. Each market
//! keeps one bit for every reason it was refused for and one for every gate it passed, today and on the days before;
//! the tally counts markets.

use crate::execution::RejectReason;
use crate::market::filter::FilterReason;
use crate::risk::RiskReason;
use crate::strategy::SignalReason;
use serde::Serialize;
use std::collections::BTreeMap;

/// One gate's tally. A market counts once for each reason it was ever refused for, and once as passed if it ever
/// passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GateCount {
    /// The gate: `filter`, `signal`, `risk` or `execution`, in that order.
    pub gate: &'static str,
    /// Markets let through at least once.
    pub passed: u64,
    /// Markets refused at least once, by stable reason code.
    pub refused: BTreeMap<&'static str, u64>,
}

/// What one market's gates ever said: a bit a reason, and the top bit for having passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Seen {
    filter: u16,
    signal: u16,
    risk: u16,
    execution: u16,
}

const PASSED: u16 = 1 << 15;

impl Seen {
    /// What either of them said.
    pub(super) const fn or(self, other: Self) -> Self {
        Self {
            filter: self.filter | other.filter,
            signal: self.signal | other.signal,
            risk: self.risk | other.risk,
            execution: self.execution | other.execution,
        }
    }

    #[inline]
    pub(super) fn filter(&mut self, verdict: Result<(), FilterReason>) {
        self.filter |= verdict.map_or_else(|reason| 1 << reason as u8, |()| PASSED);
    }

    #[inline]
    pub(super) fn signal(&mut self, verdict: Result<(), SignalReason>) {
        self.signal |= verdict.map_or_else(|reason| 1 << reason as u8, |()| PASSED);
    }

    #[inline]
    pub(super) fn risk(&mut self, verdict: Result<(), RiskReason>) {
        self.risk |= verdict.map_or_else(|reason| 1 << reason as u8, |()| PASSED);
    }

    /// An order that opened nothing was refused for a reason, or found nothing and has none.
    #[inline]
    pub(super) fn execution(&mut self, verdict: Result<(), Option<RejectReason>>) {
        self.execution |=
            verdict.map_or_else(|refused| 1 << refused.map_or(0, |reason| reason as u8 + 1), |()| PASSED);
    }
}

/// The codes of the execution gate, in the order of its bits.
fn execution_codes() -> Vec<&'static str> {
    std::iter::once("not_filled").chain(RejectReason::ALL.iter().map(|reason| reason.as_str())).collect()
}

/// Counts markets over all slots.
pub(super) fn tally(seen: impl Iterator<Item = Seen>) -> Vec<GateCount> {
    let seen: Vec<Seen> = seen.collect();
    let gate = |gate, bits: fn(&Seen) -> u16, codes: Vec<&'static str>| {
        let markets_with = |bit: u16| seen.iter().filter(|seen| bits(seen) & bit != 0).count() as u64;
        let refused = codes
            .into_iter()
            .enumerate()
            .map(|(index, code)| (code, markets_with(1 << index)))
            .filter(|(_, markets)| *markets > 0)
            .collect();
        GateCount { gate, passed: markets_with(PASSED), refused }
    };
    vec![
        gate("filter", |seen| seen.filter, FilterReason::ALL.iter().map(|reason| reason.code()).collect()),
        gate("signal", |seen| seen.signal, SignalReason::ALL.iter().map(|reason| reason.code()).collect()),
        gate("risk", |seen| seen.risk, RiskReason::ALL.iter().map(|reason| reason.code()).collect()),
        gate("execution", |seen| seen.execution, execution_codes()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_market_counts_once_a_reason_however_often_it_was_judged() {
        let mut first = Seen::default();
        for _ in 0..3 {
            first.filter(Err(FilterReason::Spread));
        }
        first.filter(Ok(()));
        first.signal(Err(SignalReason::BelowThreshold));
        let mut second = Seen::default();
        second.filter(Err(FilterReason::Spread));
        second.filter(Err(FilterReason::Volume));
        let gates = tally([first, second].into_iter());
        assert_eq!(gates[0].gate, "filter");
        assert_eq!(gates[0].passed, 1);
        assert_eq!(gates[0].refused, BTreeMap::from([("spread_too_wide", 2), ("volume_too_low", 1)]));
        assert_eq!(gates[1].refused, BTreeMap::from([("below_threshold", 1)]));
        assert_eq!((gates[2].passed, gates[3].passed), (0, 0));
    }

    #[test]
    fn every_reason_keeps_clear_of_the_passed_bit() {
        assert!(FilterReason::ALL.len() < 15 && SignalReason::ALL.len() < 15);
        assert!(RiskReason::ALL.len() < 15 && execution_codes().len() < 15);
    }
}
