//! Which markets deserve a look: category, volume, liquidity, spread and time to close (the owner's rules), and
//! whether the book can be trusted at all.

use super::book::BookState;
use super::{Market, MarketStatus, Side};
use crate::fees::FeeKind;
use crate::units::{Money, Price, Quantity, Timestamp};
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

/// Why a market isn't looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum FilterReason {
    /// Its category isn't among those wanted.
    Category,
    /// It isn't open for trading.
    NotOpen,
    /// Its close is too near.
    ClosesTooSoon,
    /// Its close is too far.
    ClosesTooLate,
    /// Its fee type has no rule here, so no price can be judged.
    FeeUnknown,
    /// Too little was traded in it so far.
    Volume,
    /// Its book has no snapshot, or can't be trusted until the next.
    BookNotReady,
    /// Nobody stands on one side.
    OneSided,
    /// Both sides stand at the bounds: nobody makes a price.
    AtBounds,
    /// Its spread is too wide.
    Spread,
    /// Too few dollars rest near the touch.
    Liquidity,
    /// The exchange's schedule has it pause too soon: no stop would work meanwhile.
    PausesSoon,
}

impl FilterReason {
    /// All of them, in the order they are checked.
    pub const ALL: [Self; 12] = [
        Self::Category,
        Self::NotOpen,
        Self::ClosesTooSoon,
        Self::ClosesTooLate,
        Self::FeeUnknown,
        Self::Volume,
        Self::BookNotReady,
        Self::OneSided,
        Self::AtBounds,
        Self::Spread,
        Self::Liquidity,
        Self::PausesSoon,
    ];

    /// The stable word for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Category => "category_not_wanted",
            Self::NotOpen => "market_not_open",
            Self::ClosesTooSoon => "closes_too_soon",
            Self::ClosesTooLate => "closes_too_late",
            Self::FeeUnknown => "fee_type_unknown",
            Self::Volume => "volume_too_low",
            Self::BookNotReady => "book_not_ready",
            Self::OneSided => "book_one_sided",
            Self::AtBounds => "book_at_bounds",
            Self::Spread => "spread_too_wide",
            Self::Liquidity => "liquidity_too_low",
            Self::PausesSoon => "exchange_pauses_soon",
        }
    }
}

impl Filter {
    /// Whether the market deserves a look, or the first reason why not.
    ///
    /// # Errors
    /// The first [`FilterReason`] that holds, in the order of [`FilterReason::ALL`].
    pub fn check(&self, market: &Market, now: Timestamp) -> Result<(), FilterReason> {
        let spec = &market.spec;
        if !self.wants_category(&spec.category) {
            return Err(FilterReason::Category);
        }
        if spec.status != MarketStatus::Active || now < spec.open || now >= spec.close {
            return Err(FilterReason::NotOpen);
        }
        let left = now.until(spec.close);
        if left < self.min_time_to_close {
            return Err(FilterReason::ClosesTooSoon);
        }
        if left > self.max_time_to_close {
            return Err(FilterReason::ClosesTooLate);
        }
        if spec.fees.kind == FeeKind::Unknown {
            return Err(FilterReason::FeeUnknown);
        }
        if spec.volume < self.min_volume {
            return Err(FilterReason::Volume);
        }
        self.check_book(market)
    }

    fn wants_category(&self, category: &str) -> bool {
        self.categories.is_empty()
            || self.categories.iter().any(|wanted| wanted.eq_ignore_ascii_case(category))
    }

    fn check_book(&self, market: &Market) -> Result<(), FilterReason> {
        let book = &market.book;
        if book.state() != BookState::Synced {
            return Err(FilterReason::BookNotReady);
        }
        let (Some(bid), Some(ask)) = (book.best(Side::Bid), book.best(Side::Ask)) else {
            return Err(FilterReason::OneSided);
        };
        let grid = &market.spec.grid;
        let lowest = grid.step_above(Price::ZERO);
        let highest = Price::ONE - grid.step_below(Price::ONE);
        if bid.price <= lowest && ask.price >= highest {
            return Err(FilterReason::AtBounds);
        }
        if ask.price - bid.price > self.max_spread {
            return Err(FilterReason::Spread);
        }
        if book.resting_within(self.liquidity_reach) < self.min_liquidity {
            return Err(FilterReason::Liquidity);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
