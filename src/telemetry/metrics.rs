//! Figures for others to collect, in the text format of Prometheus and `OpenMetrics`.
//!
//! Nothing is counted here: whoever owns the figures puts them together when they are asked for ([`Figures`]), and
//! `endpoint` hands them out over HTTP on this machine. `docs/metrics.md` lists them.

mod endpoint;

pub use endpoint::{Answer, Endpoint};

use super::latency::{Buckets, bound_seconds};
use crate::units::Money;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use std::fmt;

/// What every name begins with.
const PREFIX: &str = "kalshi_bot";

/// Names and values that tell one figure of a kind from another.
pub type Labels = Vec<(&'static str, String)>;

/// All figures at one moment.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    families: Vec<Family>,
}

/// Figures of one name.
#[derive(Debug, Clone)]
struct Family {
    name: &'static str,
    help: &'static str,
    kind: Kind,
    samples: Vec<(Labels, Value)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
    Info,
}

/// One figure.
#[derive(Debug, Clone)]
enum Value {
    Whole(u64),
    Broken(f64),
    Buckets(Box<Buckets>),
    Nothing,
}

impl Figures {
    /// A number that only grows; its name ends with `_total` when it is told.
    pub fn counter(&mut self, name: &'static str, help: &'static str, count: u64) {
        self.counters(name, help, [(Labels::new(), count)]);
    }

    /// Numbers that only grow, told apart by labels.
    pub fn counters(
        &mut self,
        name: &'static str,
        help: &'static str,
        counts: impl IntoIterator<Item = (Labels, u64)>,
    ) {
        let samples = counts.into_iter().map(|(labels, count)| (labels, Value::Whole(count)));
        self.add(name, help, Kind::Counter, samples);
    }

    /// A whole number that comes and goes.
    pub fn gauge(&mut self, name: &'static str, help: &'static str, value: u64) {
        self.gauges(name, help, [(Labels::new(), value)]);
    }

    /// Whole numbers that come and go, told apart by labels.
    pub fn gauges(
        &mut self,
        name: &'static str,
        help: &'static str,
        values: impl IntoIterator<Item = (Labels, u64)>,
    ) {
        let samples = values.into_iter().map(|(labels, value)| (labels, Value::Whole(value)));
        self.add(name, help, Kind::Gauge, samples);
    }

    /// A number with decimals.
    pub fn decimal(&mut self, name: &'static str, help: &'static str, value: f64) {
        self.add(name, help, Kind::Gauge, [(Labels::new(), Value::Broken(value))]);
    }

    /// An amount in dollars. It leaves as a float, as the format has nothing else; nothing is reckoned with it here.
    pub fn dollars(&mut self, name: &'static str, help: &'static str, amount: Money) {
        self.decimal(name, help, amount.to_string().parse().unwrap_or(f64::NAN));
    }

    /// Histograms of seconds, told apart by labels.
    pub fn histograms(
        &mut self,
        name: &'static str,
        help: &'static str,
        buckets: impl IntoIterator<Item = (Labels, Buckets)>,
    ) {
        let samples =
            buckets.into_iter().map(|(labels, buckets)| (labels, Value::Buckets(Box::new(buckets))));
        self.add(name, help, Kind::Histogram, samples);
    }

    /// What never changes, as labels of a figure that is 1; its name ends with `_info` when it is told.
    pub fn info(&mut self, name: &'static str, help: &'static str, labels: Labels) {
        self.add(name, help, Kind::Info, [(labels, Value::Nothing)]);
    }

    fn add(
        &mut self,
        name: &'static str,
        help: &'static str,
        kind: Kind,
        samples: impl IntoIterator<Item = (Labels, Value)>,
    ) {
        self.families.push(Family { name, help, kind, samples: samples.into_iter().collect() });
    }

    /// The text that is told.
    ///
    /// # Errors
    /// Never for figures of this module; the format's own encoder could refuse.
    pub fn encode(self) -> Result<String, fmt::Error> {
        let mut registry = Registry::with_prefix(PREFIX);
        registry.register_collector(Box::new(self));
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry)?;
        Ok(text)
    }
}

impl Collector for Figures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for Family { name, help, kind, samples } in &self.families {
            let mut family = encoder.encode_descriptor(name, help, None, kind.of_the_format())?;
            for (labels, value) in samples {
                match kind {
                    Kind::Info => family.encode_info(labels)?,
                    _ if labels.is_empty() => value.encode(*kind, &mut family)?,
                    _ => value.encode(*kind, &mut family.encode_family(labels)?)?,
                }
            }
        }
        Ok(())
    }
}

impl Kind {
    const fn of_the_format(self) -> MetricType {
        match self {
            Self::Counter => MetricType::Counter,
            Self::Gauge => MetricType::Gauge,
            Self::Histogram => MetricType::Histogram,
            Self::Info => MetricType::Info,
        }
    }
}

impl Value {
    fn encode(&self, kind: Kind, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        match self {
            Self::Whole(count) if kind == Kind::Counter => {
                encoder.encode_counter::<NoLabelSet, _, u64>(count, None)
            }
            Self::Whole(value) => encoder.encode_gauge(value),
            Self::Broken(value) => encoder.encode_gauge(value),
            Self::Buckets(buckets) => {
                let counts: Vec<(f64, u64)> = buckets
                    .counts
                    .iter()
                    .enumerate()
                    .map(|(index, count)| (bound_seconds(index), *count))
                    .collect();
                encoder.encode_histogram::<NoLabelSet>(
                    buckets.sum.as_secs_f64(),
                    buckets.count,
                    &counts,
                    None,
                )
            }
            Self::Nothing => Ok(()),
        }
    }
}
