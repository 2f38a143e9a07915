//! What the reasons of a halt mean, in plain words, and what a person does about them.

use crate::risk::{HaltReason, Trading};

/// Whether it is worth no mail: the end of a run has one of its own, and catching up follows every new connection.
pub(super) fn is_told_elsewhere(code: &str) -> bool {
    matches!(HaltReason::from_code(code), Some(HaltReason::ShuttingDown | HaltReason::CatchingUp))
}

/// Whether it is everyday on an exchange and goes by itself.
pub(super) fn is_ordinary(code: &str) -> bool {
    matches!(
        HaltReason::from_code(code),
        Some(
            HaltReason::ExchangePaused
                | HaltReason::RateLimited
                | HaltReason::CatchingUp
                | HaltReason::ShuttingDown
        )
    )
}

/// Whether the books contradict themselves or the exchange.
pub(super) fn is_drift(code: &str) -> bool {
    matches!(HaltReason::from_code(code), Some(HaltReason::LedgerDrift | HaltReason::PositionDrift))
}

/// What happened, in one sentence.
pub(super) fn sentence(code: &str) -> &'static str {
    match HaltReason::from_code(code) {
        Some(HaltReason::FeedStale) => "Nothing has come from the exchange's stream for too long.",
        Some(HaltReason::ExchangePaused) => "The exchange isn't trading.",
        Some(HaltReason::RateLimited) => "The exchange refuses requests for their number.",
        Some(HaltReason::CatchingUp) => "What was missed while the stream was down is being asked for.",
        Some(HaltReason::ShuttingDown) => "The run is ending.",
        Some(HaltReason::JournalFailed) => "The journal can't be written: the disk is full or fails.",
        Some(HaltReason::DailyLoss) => "The day's loss reached its limit.",
        Some(HaltReason::LosingStreak) => "Too many trades in a row lost.",
        Some(HaltReason::Drawdown) => "The equity fell too far from its peak.",
        Some(HaltReason::LedgerDrift) => "Cash and positions no longer add up.",
        Some(HaltReason::PositionDrift) => "Fills and positions contradict the exchange.",
        Some(HaltReason::AuthFailed) => "The exchange refuses the credentials.",
        Some(HaltReason::SecondInstance) => "Another bot sends orders under this one's names.",
        Some(HaltReason::Operator) => "A person, or the exchange's own brake, halted trading.",
        None => "Trading was stopped for a reason this version doesn't know.",
    }
}

/// What goes on meanwhile, and what a person has to do.
pub(super) fn consequence(code: &str, latched: bool) -> &'static str {
    let mut trading = Trading::default();
    if let Some(reason) = HaltReason::from_code(code) {
        trading.add(reason);
    }
    match (latched, trading.allows_exits()) {
        (false, _) => {
            "No position is opened until the cause has gone; then trading goes on by itself. Stops and targets of \
             positions held keep working."
        }
        (true, true) => {
            "No position is opened until somebody has looked and run `kalshi-bot resume`. Stops and targets of \
             positions held keep working."
        }
        (true, false) => {
            "Nothing is sent, not even exits, until somebody has looked: `kalshi-bot reconcile` shows what differs, \
             `kalshi-bot resume` clears the halt."
        }
    }
}
