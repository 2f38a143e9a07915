//! Cash, realised profit and fees, and the sum that has to come out even after every step.
//!
//! Cash turns into contracts at cost and back into cash with a profit or a loss, and a fee leaves for good. So at
//! any time `cash + cost of what is held + fees − realised = starting cash`. The figures come from different places
//! (cash and fees from the fills, costs from the positions), so a fill that was booked into one and not the other
//! shows at once.

use super::positions::{FillEffect, Positions, Settlement};
use crate::units::Money;

/// The account's money since the start of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    starting: Money,
    cash: Money,
    realised: Money,
    fees: Money,
}

/// A ledger that doesn't close, with every figure of the sum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the ledger is off by {drift}: cash {cash} + positions at cost {cost} + fees {fees} - realised {realised} should \
     be the starting cash {starting}; compare cash and positions with the exchange's before trading goes on"
)]
pub struct LedgerDrift {
    /// What the sum is above the starting cash; negative when it is below.
    pub drift: Money,
    /// Cash at the start.
    pub starting: Money,
    /// Cash now.
    pub cash: Money,
    /// What everything held has cost.
    pub cost: Money,
    /// Fees paid.
    pub fees: Money,
    /// Profit of everything sold or settled, fees apart.
    pub realised: Money,
}

impl Ledger {
    /// An account with this much cash and no positions.
    pub const fn new(starting: Money) -> Self {
        Self { starting, cash: starting, realised: Money::ZERO, fees: Money::ZERO }
    }

    /// Takes over a position that has cost this much: the account is as though it had begun with that much more and
    /// spent it. Its fees were paid before the run and aren't the run's.
    pub fn adopt(&mut self, cost: Money) {
        self.starting += cost;
    }

    /// Books what a fill did, and its fee.
    pub fn apply(&mut self, effect: &FillEffect, fee: Money) {
        self.cash += effect.cash_flow - fee;
        self.realised += effect.realised;
        self.fees += fee;
    }

    /// Books a payout.
    pub fn settle(&mut self, settlement: &Settlement) {
        self.cash += settlement.payout;
        self.realised += settlement.realised;
    }

    /// Cash at the start, and the cost of what was taken over then.
    pub const fn starting(&self) -> Money {
        self.starting
    }

    /// Cash now.
    pub const fn cash(&self) -> Money {
        self.cash
    }

    /// Profit of everything sold or settled, fees apart.
    pub const fn realised(&self) -> Money {
        self.realised
    }

    /// Fees paid.
    pub const fn fees(&self) -> Money {
        self.fees
    }

    /// Whether the ledger closes over these positions.
    ///
    /// # Errors
    /// [`LedgerDrift`] with every figure when it doesn't.
    pub fn check(&self, positions: &Positions) -> Result<(), LedgerDrift> {
        let &Self { starting, cash, realised, fees } = self;
        let cost = positions.total_cost();
        let drift = cash + cost + fees - realised - starting;
        if drift.is_zero() {
            Ok(())
        } else {
            Err(LedgerDrift { drift, starting, cash, cost, fees, realised })
        }
    }
}

#[cfg(test)]
mod tests;
