//! Why it trades and why it does not: for every gate, how many markets it let through and how many it refused, by
//! reason.

use serde::Serialize;
use std::collections::BTreeMap;

/// One gate's tally. A market counts once for each reason it was ever refused for, and once as passed if it ever
/// passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GateCount {
    /// The gate: `filter`, `signal`, `risk` or `execution`.
    pub gate: &'static str,
    /// Markets let through at least once.
    pub passed: u64,
    /// Markets refused at least once, by stable reason code.
    pub refused: BTreeMap<&'static str, u64>,
}
