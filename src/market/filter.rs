//! Which markets deserve a look: category, volume, liquidity, spread and time to close (the owner's rules), and
//! whether the book can be trusted at all.

use crate::units::{Money, Price, Quantity};
use std::time::Duration;

/// The filter settings in force for one market.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Categories let through, compared without regard to case; empty lets all through.
    pub categories: Vec<String>,
    /// Least contracts traded so far.
    pub min_volume: Quantity,
    /// Least dollars resting within `liquidity_reach` of the touch, both sides together.
    pub min_liquidity: Money,
    /// How far from the touch resting dollars count as liquidity.
    pub liquidity_reach: Price,
    /// Widest spread.
    pub max_spread: Price,
    /// Least time to the close.
    pub min_time_to_close: Duration,
    /// Most time to the close.
    pub max_time_to_close: Duration,
}
