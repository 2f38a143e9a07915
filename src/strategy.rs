//! What to buy, and when to let go.

pub mod high_probability;

use crate::units::{Price, Ratio};
use std::time::Duration;

/// How an entry is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryStyle {
    /// Immediate-or-cancel at the ask.
    Taker,
    /// Post-only at the bid, taken off after `maker_entry_lifetime`.
    Maker,
}

/// How a profit is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakeProfitStyle {
    /// An order rests at the target from the moment of entry.
    Maker,
    /// Immediate-or-cancel once the bid reaches the target.
    Taker,
}

/// The strategy settings in force for one market.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters {
    /// Least price of an outcome that makes it a candidate.
    pub entry_threshold: Price,
    /// Distance of the target from the entry price, as a fraction of it.
    pub profit_target: Ratio,
    /// Distance of the stop from the entry price, as a fraction of it.
    pub stop_loss: Ratio,
    /// Whether a stop that lies too near is moved to the nearest sound one; otherwise the entry is refused.
    pub widen_stop: bool,
    /// How entries are made.
    pub entry_style: EntryStyle,
    /// How long a resting entry stands before it is taken off.
    pub maker_entry_lifetime: Duration,
    /// How profits are taken.
    pub take_profit_style: TakeProfitStyle,
    /// How far below the executable price a stop order may sweep.
    pub stop_slippage: Price,
    /// Whether positions are kept to settlement: no stop, no target, no time exit.
    pub hold_to_settlement: bool,
    /// How long before the close a position is closed.
    pub exit_before_close: Duration,
    /// How long a market rests after an exit before it may be entered again.
    pub cooldown: Duration,
}
