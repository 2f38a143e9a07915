//! What the exchange holds for us when a run starts, and what of it the run takes over.

use crate::market::Outcome;
use crate::units::{Money, Quantity, Timestamp};

/// A position found on the exchange that the run takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// Where.
    pub ticker: String,
    /// What is held.
    pub outcome: Outcome,
    /// Contracts, above zero.
    pub quantity: Quantity,
    /// What they have cost, fees apart.
    pub cost: Money,
    /// Fees of the fills that brought them.
    pub fees: Money,
    /// When the first of them were bought.
    pub opened_at: Timestamp,
}
