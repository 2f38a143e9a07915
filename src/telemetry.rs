//! What the bot tells of itself: log lines, latency histograms, queues, and figures for others to collect.

pub mod latency;
pub mod log;
pub mod metrics;
pub mod queue;
