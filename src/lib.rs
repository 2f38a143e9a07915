//! The library behind `kalshi-bot`: everything that trades, and nothing that prints.
//!
//! One synchronous [`engine`] is fed events and answers with commands; what feeds it and what carries its commands
//! out differs between live trading, paper trading and replay, the engine does not. Money is integers throughout
//! ([`units`]). Start with [`engine`], then read the rooms it joins: [`market`], [`strategy`], [`risk`] and
//! [`execution`].

pub mod alert;
pub mod bot;
pub mod clock;
pub mod config;
pub mod control;
pub mod engine;
pub mod exchange;
pub mod execution;
pub mod fees;
pub mod figures;
pub mod gateway;
pub mod journal;
pub mod kalshi;
pub mod market;
pub mod replay;
pub mod report;
pub mod risk;
pub mod soak;
pub mod store;
pub mod strategy;
pub mod telemetry;
pub mod units;
