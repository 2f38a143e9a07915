//! How much of an entry may be bought: the limits on size, exposure and number of positions.
//!
//! The limits are fractions of the capital and don't add up by themselves (five positions of 10 % don't fit into
//! 30 %), so the tightest one sets the quantity and its name goes with the approval or the refusal. A figure that
//! can't be computed refuses.

use super::{Limits, TradingState};
use crate::units::{Money, Price, Quantity, Rounding};

/// What the limits are measured against, taken at the moment of the decision. Exposure is what positions cost, fees
/// included, plus what working entries may still cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Cash and positions at cost: what the limits are fractions of.
    pub capital: Money,
    /// Cash less what working entries may still cost.
    pub free_cash: Money,
    /// The same for the market's shard alone, where shards keep their cash apart.
    pub shard_cash: Option<Money>,
    /// Exposure in all markets.
    pub total_exposure: Money,
    /// Exposure in the markets of the entry's event.
    pub event_exposure: Money,
    /// Positions held and entries working.
    pub positions: u32,
    /// Whether entries are allowed at all.
    pub state: TradingState,
}

/// An entry to be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Price a contract, of the outcome bought.
    pub price: Price,
    /// Fee a contract.
    pub fee: Price,
    /// What stands at the price, where that bounds the entry.
    pub displayed: Option<Quantity>,
}

/// An entry that may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approved {
    /// Whole contracts, at least one.
    pub quantity: Quantity,
    /// The limit that set the quantity.
    pub bound_by: RiskReason,
}

/// The limit that refused an entry or set its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum RiskReason {
    /// Trading is halted.
    Halted,
    /// Positions may only be reduced.
    ReduceOnly,
    /// As many positions as allowed.
    MaxPositions,
    /// One position may be no larger.
    MaxPositionSize,
    /// The markets of one event may hold no more.
    MaxEventExposure,
    /// All positions may hold no more.
    MaxTotalExposure,
    /// There is no more cash.
    Cash,
    /// There is no more cash on the market's shard.
    ShardCash,
    /// No more stands at the price.
    DisplayedSize,
}

impl RiskReason {
    /// All of them, in the order they are checked.
    pub const ALL: [Self; 9] = [
        Self::Halted,
        Self::ReduceOnly,
        Self::MaxPositions,
        Self::MaxPositionSize,
        Self::MaxEventExposure,
        Self::MaxTotalExposure,
        Self::Cash,
        Self::ShardCash,
        Self::DisplayedSize,
    ];

    /// The stable word for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Halted => "trading_halted",
            Self::ReduceOnly => "trading_reduce_only",
            Self::MaxPositions => "max_positions",
            Self::MaxPositionSize => "max_position_size",
            Self::MaxEventExposure => "max_event_exposure",
            Self::MaxTotalExposure => "max_total_exposure",
            Self::Cash => "cash",
            Self::ShardCash => "shard_cash",
            Self::DisplayedSize => "displayed_size",
        }
    }
}

impl Limits {
    /// The largest entry that every limit allows.
    ///
    /// # Errors
    /// The [`RiskReason`] that leaves no room for a single contract.
    pub fn approve(&self, entry: &Entry, account: &Account) -> Result<Approved, RiskReason> {
        match account.state {
            TradingState::Halted => return Err(RiskReason::Halted),
            TradingState::ReduceOnly => return Err(RiskReason::ReduceOnly),
            TradingState::Active => {}
        }
        if account.positions >= self.max_positions {
            return Err(RiskReason::MaxPositions);
        }
        let part = |ratio| account.capital.times_ratio(ratio, Rounding::Floor);
        let rooms = [
            (part(self.max_position_size), RiskReason::MaxPositionSize),
            (part(self.max_event_exposure) - account.event_exposure, RiskReason::MaxEventExposure),
            (part(self.max_total_exposure) - account.total_exposure, RiskReason::MaxTotalExposure),
            (account.free_cash, RiskReason::Cash),
            (account.shard_cash.unwrap_or(Money::MAX), RiskReason::ShardCash),
        ];
        let each = entry.price + entry.fee;
        let mut approved = Approved { quantity: Quantity::MAX, bound_by: RiskReason::DisplayedSize };
        for (room, reason) in rooms {
            let quantity = room.buys(each);
            if quantity < approved.quantity {
                approved = Approved { quantity, bound_by: reason };
            }
        }
        if let Some(quantity) = entry.displayed.filter(|displayed| *displayed < approved.quantity) {
            approved = Approved { quantity, bound_by: RiskReason::DisplayedSize };
        }
        approved.quantity = approved.quantity.whole_contracts();
        if approved.quantity.is_positive() { Ok(approved) } else { Err(approved.bound_by) }
    }
}

#[cfg(test)]
mod tests;
