//! How long each stage takes, kept as histograms.

use serde::Serialize;

/// One stage's latency, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StageLatency {
    /// The stage: `decode`, `step`, `signal_to_order`, …
    pub stage: &'static str,
    /// How many were measured.
    pub count: u64,
    /// Median.
    pub p50: u64,
    /// 99th percentile.
    pub p99: u64,
    /// Largest.
    pub max: u64,
}
