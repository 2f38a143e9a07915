//! What trading came to: trades, performance figures and the funnel, ready to print or to serialise.
//!
//! Of one run: a [`performance::Collector`] watches its records; at its end it gives a [`performance::RunReport`], which
//! serialises to the documented JSON document (`docs/paper.md`) and from which the tables for people are drawn.
//!
//! Of one day or several: a [`daily::DailyReport`] is reckoned from what the store kept of them (`docs/report.md`).

pub mod daily;
pub mod performance;
pub mod statistics;
pub mod trading;
pub mod words;
