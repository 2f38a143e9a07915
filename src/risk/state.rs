//! Whether the bot may trade: a set of reasons, and the state that follows from it.
//!
//! Reasons that heal by themselves leave the bot reduce-only and go when their cause goes. Reasons that need a
//! person latch: they halt, are stored, survive a restart, and only a resume clears them. Exits stay allowed while
//! losses halt the bot, because a position without its stop is worse than a halted bot; they stop only where the
//! bot's own picture is in doubt, since an exit sent on a wrong position opens a new one.

use serde::Serialize;

/// Why the bot may not trade freely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum HaltReason {
    /// Nothing has come from the feed for too long, or it is disconnected. Heals.
    FeedStale,
    /// The exchange isn't trading. Heals.
    ExchangePaused,
    /// The exchange refuses requests for their number. Heals.
    RateLimited,
    /// What may have been missed while the stream was down is being asked for. Heals.
    CatchingUp,
    /// The run is ending. Goes with the run.
    ShuttingDown,
    /// The journal can't be written, so that what is sent would not be known after a crash. Heals.
    JournalFailed,
    /// The day's loss reached its limit. Latches.
    DailyLoss,
    /// Too many losing trades in a row. Latches.
    LosingStreak,
    /// The equity fell too far from its peak. Latches.
    Drawdown,
    /// The books of cash and positions don't close. Latches.
    LedgerDrift,
    /// Fills and positions contradict the exchange. Latches.
    PositionDrift,
    /// The exchange refuses the credentials. Latches.
    AuthFailed,
    /// Another bot sends orders under this one's names. Latches.
    SecondInstance,
    /// A person said so. Latches.
    Operator,
}

impl HaltReason {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::FeedStale,
        Self::ExchangePaused,
        Self::RateLimited,
        Self::CatchingUp,
        Self::ShuttingDown,
        Self::JournalFailed,
        Self::DailyLoss,
        Self::LosingStreak,
        Self::Drawdown,
        Self::LedgerDrift,
        Self::PositionDrift,
        Self::AuthFailed,
        Self::SecondInstance,
        Self::Operator,
    ];

    /// The stable word for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::FeedStale => "feed_stale",
            Self::ExchangePaused => "exchange_paused",
            Self::RateLimited => "rate_limited",
            Self::CatchingUp => "catching_up",
            Self::ShuttingDown => "shutting_down",
            Self::JournalFailed => "journal_failed",
            Self::DailyLoss => "daily_loss",
            Self::LosingStreak => "losing_streak",
            Self::Drawdown => "drawdown",
            Self::LedgerDrift => "ledger_drift",
            Self::PositionDrift => "position_drift",
            Self::AuthFailed => "auth_failed",
            Self::SecondInstance => "second_instance",
            Self::Operator => "operator",
        }
    }

    /// The reason with this stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// Whether only a person clears it.
    pub const fn latches(self) -> bool {
        !matches!(
            self,
            Self::FeedStale
                | Self::ExchangePaused
                | Self::RateLimited
                | Self::CatchingUp
                | Self::ShuttingDown
                | Self::JournalFailed
        )
    }

    /// Whether it puts the bot's own picture in doubt, so that not even exits are sent.
    const fn blocks_exits(self) -> bool {
        matches!(self, Self::LedgerDrift | Self::PositionDrift | Self::AuthFailed)
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// What the bot may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TradingState {
    /// Open and close positions.
    Active,
    /// Close positions only, until a reason heals.
    ReduceOnly,
    /// Close positions at most, until a person resumes.
    Halted,
}

impl TradingState {
    /// The stable word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ReduceOnly => "reduce_only",
            Self::Halted => "halted",
        }
    }
}

/// The reasons in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trading {
    reasons: u16,
}

impl Trading {
    /// Adds a reason; true if it is new.
    pub const fn add(&mut self, reason: HaltReason) -> bool {
        let is_new = !self.has(reason);
        self.reasons |= reason.bit();
        is_new
    }

    /// Clears a reason; true if it was in force.
    pub const fn clear(&mut self, reason: HaltReason) -> bool {
        let was = self.has(reason);
        self.reasons &= !reason.bit();
        was
    }

    /// Whether a reason is in force.
    pub const fn has(&self, reason: HaltReason) -> bool {
        self.reasons & reason.bit() != 0
    }

    /// The reasons in force.
    pub fn reasons(&self) -> impl Iterator<Item = HaltReason> + '_ {
        HaltReason::ALL.into_iter().filter(|reason| self.has(*reason))
    }

    /// What the bot may do.
    pub fn state(&self) -> TradingState {
        if self.reasons == 0 {
            TradingState::Active
        } else if self.reasons().any(HaltReason::latches) {
            TradingState::Halted
        } else {
            TradingState::ReduceOnly
        }
    }

    /// Whether exits may be sent.
    pub fn allows_exits(&self) -> bool {
        !self.reasons().any(HaltReason::blocks_exits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latched_reasons_halt_and_healing_ones_only_reduce() {
        let mut trading = Trading::default();
        assert_eq!(trading.state(), TradingState::Active);
        assert!(trading.add(HaltReason::FeedStale));
        assert!(!trading.add(HaltReason::FeedStale), "a reason is added once");
        assert_eq!(trading.state(), TradingState::ReduceOnly);
        assert!(trading.add(HaltReason::DailyLoss));
        assert_eq!(trading.state(), TradingState::Halted);
        assert!(trading.clear(HaltReason::FeedStale));
        assert_eq!(trading.state(), TradingState::Halted);
        assert!(trading.clear(HaltReason::DailyLoss));
        assert!(!trading.clear(HaltReason::DailyLoss));
        assert_eq!(trading.state(), TradingState::Active);
    }

    #[test]
    fn exits_go_on_under_losses_and_stop_under_doubt() {
        for reason in HaltReason::ALL {
            let mut trading = Trading::default();
            trading.add(reason);
            let in_doubt = ["ledger_drift", "position_drift", "auth_failed"].contains(&reason.code());
            assert_eq!(trading.allows_exits(), !in_doubt, "{}", reason.code());
        }
    }

    #[test]
    fn codes_name_their_reasons() {
        for reason in HaltReason::ALL {
            assert_eq!(HaltReason::from_code(reason.code()), Some(reason));
        }
        assert_eq!(HaltReason::from_code("nonsense"), None);
    }
}
