//! Figures of the bot itself: latency histograms and counters.

pub mod latency;
