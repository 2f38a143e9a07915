//! How long each stage takes, kept as histograms.

use hdrhistogram::Histogram;
use serde::Serialize;
use std::fmt;
use std::time::Duration;

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

/// Collects one stage's durations; percentiles are exact to three digits, the largest is exact.
#[derive(Clone)]
pub struct Stage {
    name: &'static str,
    histogram: Histogram<u64>,
    /// Exactly; the histogram only knows the bucket.
    largest: u64,
}

impl Stage {
    /// An empty stage.
    ///
    /// # Panics
    /// Never: the histogram's bounds are constants that it accepts.
    pub fn new(name: &'static str) -> Self {
        const LONGEST: u64 = 3_600_000_000_000;
        let histogram = Histogram::new_with_bounds(1, LONGEST, 3).expect("the bounds are sound");
        Self { name, histogram, largest: 0 }
    }

    /// Adds one duration. In the percentiles anything over an hour counts as an hour.
    #[inline]
    pub fn record(&mut self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.largest = self.largest.max(nanos);
        self.histogram.saturating_record(nanos);
    }

    /// What was collected, or nothing if nothing was.
    pub fn summary(&self) -> Option<StageLatency> {
        (!self.histogram.is_empty()).then(|| StageLatency {
            stage: self.name,
            count: self.histogram.len(),
            p50: self.histogram.value_at_quantile(0.5).min(self.largest),
            p99: self.histogram.value_at_quantile(0.99).min(self.largest),
            max: self.largest,
        })
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage")
            .field("name", &self.name)
            .field("count", &self.histogram.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_within_three_digits() {
        let mut stage = Stage::new("decode");
        assert_eq!(stage.summary(), None);
        for micros in 1..=1_000 {
            stage.record(Duration::from_micros(micros));
        }
        let summary = stage.summary().expect("something was recorded");
        assert_eq!(summary.count, 1_000);
        assert!(summary.p50.abs_diff(500_000) <= 500, "{summary:?}");
        assert!(summary.p99.abs_diff(990_000) <= 990, "{summary:?}");
        assert_eq!(summary.max, 1_000_000);
    }
}
