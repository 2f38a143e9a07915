//! What an operator of the exchange does to it, and what simulations of faults do: pauses, early closes, other grids.

use super::orders::is_over;
use super::{Exchange, OrderKey, Pause, Refusal, Removal};
use crate::market::PriceGrid;
use crate::units::Timestamp;

impl Exchange {
    /// Says what is paused from now on, on one shard or on all: `trading` stops orders but not cancels, `exchange` stops
    /// both; neither resumes. Orders that asked for it are taken off when trading stops.
    pub fn pause(&mut self, now: Timestamp, shard: Option<u8>, trading: bool, exchange: bool) {
        self.advance(now);
        let traded: Vec<OrderKey> = self
            .resting
            .iter()
            .copied()
            .filter(|key| self.is_trading(self.ticket(*key).view.shard))
            .collect();
        let pause = Pause { trading, exchange };
        if let Some(shard) = shard {
            self.pauses.insert(shard, pause);
        } else {
            self.pauses.clear();
            self.pause = pause;
        }
        for key in traded {
            let view = &self.ticket(key).view;
            if view.request.cancel_on_pause && !self.is_trading(view.shard) {
                self.remove(key, Removal::Paused);
            }
        }
    }

    /// Closes a market now.
    ///
    /// # Errors
    /// [`Refusal::MarketNotFound`], or [`Refusal::MarketClosed`] when it is closed already.
    pub fn close_early(&mut self, now: Timestamp, ticker: &str) -> Result<(), Refusal> {
        self.advance(now);
        let market = self.known(ticker)?;
        if is_over(self.markets[market].spec.status) {
            return Err(Refusal::MarketClosed);
        }
        self.move_close(market, self.clock);
        Ok(())
    }

    /// Gives a market another price grid. Orders that rest at prices off it stay.
    ///
    /// # Errors
    /// [`Refusal::MarketNotFound`].
    pub fn change_grid(&mut self, now: Timestamp, ticker: &str, grid: PriceGrid) -> Result<(), Refusal> {
        self.advance(now);
        let market = self.known(ticker)?;
        self.set_grid(market, grid);
        Ok(())
    }

    /// Whether orders are taken on the shard.
    pub fn is_trading(&self, shard: u8) -> bool {
        let pause = self.pause_of(shard);
        !pause.trading && !pause.exchange
    }

    /// Whether cancels are taken on the shard.
    pub fn is_active(&self, shard: u8) -> bool {
        !self.pause_of(shard).exchange
    }
}
