//! How long a difference has to last before it counts, and what is done about it then.
//!
//! A difference that one read shows may be gone with the next: reads trail the exchange's engine. It counts once three
//! reads in a row show it over five seconds; a read that can't judge it neither adds to that nor ends it. Then what can
//! be mended is mended, and only what lasts beyond that is for a person.

use super::running::{Comparison, Doubt};
use crate::units::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// In how many reads a difference has to show.
const READS: u32 = 3;
/// Over how long.
const LASTING: Duration = Duration::from_secs(5);
/// How long a mended order may take to settle: it is looked up, or its cancel is on its way.
const ORDER_PATIENCE: Duration = Duration::from_mins(1);

/// What has to be done about a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Mend it.
    Mend,
    /// Nothing mends it: stop, and leave it to a person.
    Halt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Suspicion {
    since: Timestamp,
    reads: u32,
    is_mended: bool,
}

impl Suspicion {
    const fn new(at: Timestamp, is_mended: bool) -> Self {
        Self { since: at, reads: 0, is_mended }
    }
}

/// The differences that may be real.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suspicions {
    open: BTreeMap<Doubt, Suspicion>,
}

impl Suspicions {
    /// Takes a read made at `at` in, and says what it gives cause for.
    pub fn read(&mut self, at: Timestamp, comparison: &Comparison) -> Vec<(Doubt, Call)> {
        let Comparison { found, undecided } = comparison;
        self.open.retain(|doubt, _| found.contains_key(doubt) || undecided.contains(doubt));
        let mut calls = Vec::new();
        for doubt in found.keys() {
            let suspicion = self.open.entry(doubt.clone()).or_insert_with(|| Suspicion::new(at, false));
            suspicion.reads += 1;
            let patience = if suspicion.is_mended { after_mending(doubt) } else { LASTING };
            if suspicion.reads < READS || at.since(suspicion.since) < patience {
                continue;
            }
            let call = if is_mendable(doubt) && !suspicion.is_mended { Call::Mend } else { Call::Halt };
            calls.push((doubt.clone(), call));
            // What a person has been told of is looked at afresh, so that it is told again where they were wrong.
            *suspicion = Suspicion::new(at, call == Call::Mend);
        }
        calls
    }

    /// Forgets everything: what was read before says nothing about now.
    pub fn clear(&mut self) {
        self.open.clear();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
}

const fn is_mendable(doubt: &Doubt) -> bool {
    !matches!(doubt, Doubt::Cash { .. })
}

const fn after_mending(doubt: &Doubt) -> Duration {
    match doubt {
        Doubt::Position(_) | Doubt::Cash { .. } | Doubt::Purses => LASTING,
        Doubt::Phantom(_) | Doubt::Stuck(_) | Doubt::Lingering(_) | Doubt::OtherRun(_) => ORDER_PATIENCE,
    }
}

#[cfg(test)]
mod tests;
