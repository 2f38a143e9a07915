//! What to buy, and when to let go.

pub mod high_probability;

pub use high_probability::HighProbability;

use crate::market::{Market, Outcome};
use crate::units::{Price, Quantity, Ratio, Timestamp};
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

/// What a strategy wants to buy, and what it stands to win and lose. All prices are the outcome's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    /// What to buy.
    pub outcome: Outcome,
    /// Limit price.
    pub price: Price,
    /// What stands at that price now; for a resting entry, no bound.
    pub displayed: Option<Quantity>,
    /// Fee a contract at entry, rounded up.
    pub entry_fee: Price,
    /// How it is to be let go.
    pub plan: ExitPlan,
    /// Dollars a contract if the target is reached, fees paid.
    pub net_win: Price,
    /// Dollars a contract lost if it is stopped right at the stop, fees paid.
    pub net_loss: Price,
}

impl Signal {
    /// The share of trades that must win for nothing to be lost: loss over win and loss.
    pub fn break_even(&self) -> Ratio {
        let (win, loss) = (self.net_win.raw().max(0), self.net_loss.raw().max(0));
        Ratio::of_counts(loss.unsigned_abs(), win.unsigned_abs() + loss.unsigned_abs()).unwrap_or(Ratio::ONE)
    }
}

/// Where a position is let go, fixed when it is entered. Prices are the outcome's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExitPlan {
    /// Where profit is taken; one dollar when the position is held to settlement.
    pub target: Price,
    /// Where it is stopped; zero when the position is held to settlement.
    pub stop: Price,
}

/// Why a strategy does not want a market now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum SignalReason {
    /// The market rests after an exit.
    Cooldown,
    /// Neither outcome costs as much as the threshold.
    BelowThreshold,
    /// The target lies at or beyond one dollar less a tick.
    TargetUnreachable,
    /// The target doesn't clear round-trip fees and spread.
    TargetBelowCosts,
    /// The stop is nearer than spread, one tick and fees, and may not be widened.
    StopTooNear,
    /// A sound stop would lie at or below zero.
    StopImpossible,
}

impl SignalReason {
    /// All of them, in the order they are checked.
    pub const ALL: [Self; 6] = [
        Self::Cooldown,
        Self::BelowThreshold,
        Self::TargetUnreachable,
        Self::TargetBelowCosts,
        Self::StopTooNear,
        Self::StopImpossible,
    ];

    /// The stable word for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cooldown => "cooldown",
            Self::BelowThreshold => "below_threshold",
            Self::TargetUnreachable => "target_unreachable",
            Self::TargetBelowCosts => "target_below_costs",
            Self::StopTooNear => "stop_too_near",
            Self::StopImpossible => "stop_impossible",
        }
    }
}

/// Why a position should be let go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitSignal {
    /// The executable price reached the target (only where profits are taken by crossing the spread).
    TakeProfit,
    /// The executable price fell to the stop.
    Stop,
    /// The market is about to close.
    TimeExit,
}

/// Proposes entries and exits. Implementations are pure: the same market gives the same answer.
pub trait Strategy: std::fmt::Debug + Send {
    /// Whether to enter a market whose book can be trusted and has both sides.
    ///
    /// # Errors
    /// The [`SignalReason`] why not.
    fn entry(&self, market: &Market, parameters: &Parameters) -> Result<Signal, SignalReason>;

    /// Where a position of `outcome` that was bought at `entry` is to be let go, whatever the market thinks of it now.
    fn plan(&self, market: &Market, outcome: Outcome, entry: Price, parameters: &Parameters) -> ExitPlan;

    /// Whether to let a position of `outcome` go.
    fn exit(
        &self,
        market: &Market,
        outcome: Outcome,
        plan: &ExitPlan,
        parameters: &Parameters,
        now: Timestamp,
    ) -> Option<ExitSignal>;
}
