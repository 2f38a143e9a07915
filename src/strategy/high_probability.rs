//! The owner's strategy: buy an outcome that the market holds for nearly certain, shortly before its end, and let
//! it go two per cent higher or one per cent lower.
//!
//! On recorded markets the rules lose three to four cents a contract, and most of that is arithmetic that can be
//! seen beforehand. So an entry is refused when it can't pay even if the price obliges:
//!
//! - the target lies at or beyond one dollar less a tick: nobody can buy there any more;
//! - the target doesn't clear the fees of both ways and the spread that was crossed;
//! - the stop lies nearer than spread, one tick and fees: measured on the executable price it would fire at once.
//!   The nearest sound stop takes its place where the settings allow it.

use super::{EntryStyle, ExitPlan, ExitSignal, Parameters, Signal, SignalReason, Strategy, TakeProfitStyle};
use crate::fees::FeeSchedule;
use crate::market::{Level, Market, Outcome, PriceGrid};
use crate::units::{Price, Quantity, Rounding, Timestamp};

/// Buys whichever outcome is priced at or above the threshold.
#[derive(Debug, Clone, Copy, Default)]
pub struct HighProbability;

impl Strategy for HighProbability {
    fn entry(&self, market: &Market, parameters: &Parameters) -> Result<Signal, SignalReason> {
        let candidate = Outcome::BOTH.into_iter().find_map(|outcome| {
            let ask = market.book.own_ask(outcome)?;
            let bid = market.book.own_bid(outcome)?;
            (ask.price >= parameters.entry_threshold).then_some((outcome, bid, ask))
        });
        let (outcome, bid, ask) = candidate.ok_or(SignalReason::BelowThreshold)?;
        let quote = Quote { outcome, bid, ask, grid: &market.spec.grid, fees: market.spec.fees };
        if parameters.hold_to_settlement {
            return quote.held_to_settlement(parameters);
        }
        quote.round_trip(parameters)
    }

    /// Target and stop as for an entry at this price into a book as tight as the grid allows. A target that nobody can
    /// reach any more leaves the position to its stop and the close.
    fn plan(&self, market: &Market, outcome: Outcome, entry: Price, parameters: &Parameters) -> ExitPlan {
        if parameters.hold_to_settlement {
            return ExitPlan { target: Price::ONE, stop: Price::ZERO };
        }
        let spec = &market.spec;
        let touch = Level { price: entry, size: Quantity::ZERO };
        let quote = Quote { outcome, bid: touch, ask: touch, grid: &spec.grid, fees: spec.fees };
        let target = quote.ceil(entry + entry.times_ratio(parameters.profit_target, Rounding::Ceil));
        let tick = quote.tick_below(entry);
        let fee = spec.fees.per_contract(entry, true);
        let widened = Parameters { widen_stop: true, ..parameters.clone() };
        let stop = quote.stop(entry, tick, fee, &widened).unwrap_or(Price::ZERO);
        ExitPlan { target: target.min(Price::ONE), stop }
    }

    fn exit(
        &self,
        market: &Market,
        outcome: Outcome,
        plan: &ExitPlan,
        parameters: &Parameters,
        now: Timestamp,
    ) -> Option<ExitSignal> {
        if parameters.hold_to_settlement {
            return None;
        }
        let executable = market.book.own_bid(outcome)?.price;
        if executable <= plan.stop {
            return Some(ExitSignal::Stop);
        }
        if parameters.take_profit_style == TakeProfitStyle::Taker && executable >= plan.target {
            return Some(ExitSignal::TakeProfit);
        }
        (now.until(market.spec.close) <= parameters.exit_before_close).then_some(ExitSignal::TimeExit)
    }
}

/// One outcome's touch, in its own prices, with what trading there costs.
struct Quote<'a> {
    outcome: Outcome,
    bid: Level,
    ask: Level,
    grid: &'a PriceGrid,
    fees: FeeSchedule,
}

impl Quote<'_> {
    /// Limit price, what stands there, and the fee a contract.
    fn entry(&self, style: EntryStyle) -> (Price, Option<Quantity>, Price) {
        match style {
            EntryStyle::Taker => {
                let fee = self.fees.per_contract(self.ask.price, true);
                (self.ask.price, Some(self.ask.size), fee)
            }
            EntryStyle::Maker => (self.bid.price, None, self.fees.per_contract(self.bid.price, false)),
        }
    }

    fn round_trip(&self, parameters: &Parameters) -> Result<Signal, SignalReason> {
        let (price, displayed, entry_fee) = self.entry(parameters.entry_style);
        let spread = self.ask.price - self.bid.price;
        let target = self.ceil(price + price.times_ratio(parameters.profit_target, Rounding::Ceil));
        if target >= Price::ONE - self.tick_below(Price::ONE) {
            return Err(SignalReason::TargetUnreachable);
        }
        let is_taker = parameters.take_profit_style == TakeProfitStyle::Taker;
        let net_win = target - price - entry_fee - self.fees.per_contract(target, is_taker);
        let crossed = if parameters.entry_style == EntryStyle::Taker { spread } else { Price::ZERO };
        if net_win <= crossed {
            return Err(SignalReason::TargetBelowCosts);
        }
        let stop = self.stop(price, spread, entry_fee, parameters)?;
        let net_loss = price - stop + entry_fee + self.fees.per_contract(stop, true);
        let plan = ExitPlan { target, stop };
        Ok(Signal { outcome: self.outcome, price, displayed, entry_fee, plan, net_win, net_loss })
    }

    /// The stop asked for, or the nearest sound one: strictly below where the position could be sold at the moment
    /// of purchase, with a tick and the fees to spare.
    fn stop(
        &self,
        price: Price,
        spread: Price,
        entry_fee: Price,
        parameters: &Parameters,
    ) -> Result<Price, SignalReason> {
        let wanted = self.floor(price - price.times_ratio(parameters.stop_loss, Rounding::Ceil));
        let room = spread + self.tick_below(price) + entry_fee + self.fees.per_contract(wanted, true);
        if price - wanted >= room {
            return Ok(wanted);
        }
        if !parameters.widen_stop {
            return Err(SignalReason::StopTooNear);
        }
        let widened = self.floor(price - room);
        if widened.is_positive() { Ok(widened) } else { Err(SignalReason::StopImpossible) }
    }

    fn held_to_settlement(&self, parameters: &Parameters) -> Result<Signal, SignalReason> {
        let (price, displayed, entry_fee) = self.entry(parameters.entry_style);
        let net_win = Price::ONE - price - entry_fee;
        if !net_win.is_positive() {
            return Err(SignalReason::TargetBelowCosts);
        }
        let plan = ExitPlan { target: Price::ONE, stop: Price::ZERO };
        let net_loss = price + entry_fee;
        Ok(Signal { outcome: self.outcome, price, displayed, entry_fee, plan, net_win, net_loss })
    }

    fn floor(&self, own: Price) -> Price {
        self.grid.own_floor(self.outcome, own)
    }

    fn ceil(&self, own: Price) -> Price {
        self.grid.own_ceil(self.outcome, own)
    }

    fn tick_below(&self, own: Price) -> Price {
        match self.outcome {
            Outcome::Yes => self.grid.step_below(own),
            Outcome::No => self.grid.step_above(own.complement()),
        }
    }
}

#[cfg(test)]
mod tests;
