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

/// Upper bounds of the buckets that durations are told in, in nanoseconds: from a microsecond up, and at the targets of
/// the stages (10, 50, 100 and 200 ms).
const BOUNDS: [u64; 17] = [
    1_000,
    5_000,
    10_000,
    50_000,
    100_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    200_000_000,
    500_000_000,
    1_000_000_000,
    5_000_000_000,
];

/// One stage's durations in buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buckets {
    /// How many durations fell into each bucket and into no smaller one; the last is what is longer than all bounds.
    pub counts: [u64; BOUNDS.len() + 1],
    /// How many there were.
    pub count: u64,
    /// Their sum.
    pub sum: Duration,
}

/// The upper bound of a bucket in seconds; of the last one, the largest number there is.
pub fn bound_seconds(bucket: usize) -> f64 {
    BOUNDS.get(bucket).map_or(f64::MAX, |nanos| Duration::from_nanos(*nanos).as_secs_f64())
}

/// Collects one stage's durations; percentiles are exact to three digits, the largest is exact.
#[derive(Clone)]
pub struct Stage {
    name: &'static str,
    histogram: Histogram<u64>,
    /// Exactly; the histogram only knows the bucket.
    largest: u64,
    /// Exactly, in nanoseconds.
    sum: u64,
}

impl Stage {
    /// An empty stage.
    ///
    /// # Panics
    /// Never: the histogram's bounds are constants that it accepts.
    pub fn new(name: &'static str) -> Self {
        const LONGEST: u64 = 3_600_000_000_000;
        let histogram = Histogram::new_with_bounds(1, LONGEST, 3).expect("the bounds are sound");
        Self { name, histogram, largest: 0, sum: 0 }
    }

    /// Adds one duration. In the percentiles anything over an hour counts as an hour.
    #[inline]
    pub fn record(&mut self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.largest = self.largest.max(nanos);
        self.sum = self.sum.saturating_add(nanos);
        self.histogram.saturating_record(nanos);
    }

    /// The stage.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What was collected, in buckets. A duration belongs to a bucket as far as three digits tell.
    pub fn buckets(&self) -> Buckets {
        let mut counts = [0; BOUNDS.len() + 1];
        for step in self.histogram.iter_recorded() {
            let least = self.histogram.lowest_equivalent(step.value_iterated_to());
            counts[BOUNDS.partition_point(|bound| *bound < least)] += step.count_at_value();
        }
        Buckets { counts, count: self.histogram.len(), sum: Duration::from_nanos(self.sum) }
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

    #[test]
    fn durations_fall_into_the_bucket_whose_bound_they_do_not_pass() {
        let mut stage = Stage::new("decode");
        let empty = stage.buckets();
        assert_eq!((empty.count, empty.counts.iter().sum::<u64>()), (0, 0));
        for nanos in [1, 1_000, 1_001, 10_000_000, 200_000_000, 200_400_000, 6_000_000_000, 4_000_000_000_000]
        {
            stage.record(Duration::from_nanos(nanos));
        }
        let buckets = stage.buckets();
        let filled: Vec<(usize, u64)> =
            buckets.counts.iter().copied().enumerate().filter(|(_, count)| *count > 0).collect();
        // 1.001 µs has four digits, and three are kept; an hour is the longest that the histogram tells apart.
        assert_eq!(filled, [(0, 2), (1, 1), (9, 1), (13, 1), (14, 1), (17, 2)]);
        assert_eq!(buckets.sum, Duration::from_nanos(4_006_410_402_002));
        assert!((bound_seconds(9) - 0.01).abs() < f64::EPSILON && bound_seconds(17) >= f64::MAX);
    }
}
