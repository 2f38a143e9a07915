//! What a fill costs, to the last digit the exchange reports (api section 9).

use serde::{Deserialize, Serialize};

/// How a series charges (`fee_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeKind {
    /// Takers pay 0.07·C·P·(1−P), makers nothing.
    Quadratic,
    /// Takers as above, makers 0.0175·C·P·(1−P).
    QuadraticWithMakerFees,
    /// Takers as above, makers 0.035·C·P·(1−P).
    QuadraticWithComboMakerFees,
    /// A type without a rule here: such markets aren't traded.
    Unknown,
}

/// A fee type and its multiplier, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeSchedule {
    /// The formula.
    pub kind: FeeKind,
    /// Scales the formula: 1,000,000 is the plain fee, 500,000 half of it.
    pub multiplier_ppm: u32,
}
