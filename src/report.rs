//! What a run came to: trades, performance figures and the funnel, ready to print or to serialise.
//!
//! A [`performance::Collector`] watches the records of a run; at its end it gives a [`performance::RunReport`], which
//! serialises to the documented JSON document (`docs/paper.md`) and from which the tables for people are drawn.

pub mod performance;
pub mod statistics;
