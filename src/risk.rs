//! What may be risked: limits on size and exposure, breakers on losses and on the feed, and the trading state that
//! they drive.

pub mod limits;
pub mod state;

pub use limits::{Account, Approved, Entry, RiskReason};
pub use state::{HaltReason, Trading, TradingState};

use crate::units::Ratio;
use std::time::Duration;

/// The risk settings of the whole account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Most of the capital in one position.
    pub max_position_size: Ratio,
    /// Most of the capital in all positions of one event.
    pub max_event_exposure: Ratio,
    /// Most of the capital in all positions.
    pub max_total_exposure: Ratio,
    /// Most positions at once.
    pub max_positions: u32,
    /// Largest loss of a day, of the day's starting equity.
    pub max_daily_loss: Ratio,
    /// Largest fall of the equity from its peak; zero switches it off.
    pub max_drawdown: Ratio,
    /// Most losing trades in a row.
    pub max_consecutive_losses: u32,
    /// Whether the loss breakers trip at all.
    pub circuit_breaker_enabled: bool,
    /// Longest silence of the feed before trading stops by itself.
    pub max_feed_silence: Duration,
    /// How long before a scheduled pause of the exchange entries stop; zero switches it off.
    pub pause_margin: Duration,
}
