//! A market's life: listed, open, closed, determined, paid out.
//!
//! Opening and closing happen on time and aren't told. A moment after the close ([`SWEEP_DELAY`]) all that rests is taken
//! off, the public's liquidity too; until then it stands there and can't be cancelled. A result takes everything off at
//! once; payout follows after the settlement timer.

use super::orders::is_over;
use super::{
    AccountId, Due, Exchange, Happening, Listing, OrderKey, Refusal, Removal, SettlementView, outcome_held,
};
use crate::market::{MarketSpec, MarketStatus, PriceGrid, Resolution, Side};
use crate::units::{Money, Quantity, Rounding, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// From a market's close until what rests there is taken off.
pub(super) const SWEEP_DELAY: Duration = Duration::from_secs(1);

impl Exchange {
    /// Lists a market, or replaces what is known of it: a moved close, another grid and a pause are told as such.
    pub fn list(&mut self, now: Timestamp, spec: MarketSpec) {
        self.advance(now);
        match self.find(&spec.ticker) {
            Some(market) => self.relist(market, &spec),
            None => self.list_new(spec),
        }
    }

    /// Does everything due by `now`: expiries, openings, closes and payouts. Every other call that takes the time does the
    /// same first.
    pub fn advance(&mut self, now: Timestamp) {
        while let Some(&(at, due)) = self.dues.first().filter(|(at, _)| *at <= now) {
            self.dues.remove(&(at, due));
            self.clock = self.clock.max(at);
            match due {
                Due::Expiry(order) => self.expire(order),
                Due::Open(market) => self.open_on_time(market),
                Due::Close(market) => self.close_on_time(market),
                Due::Sweep(market) => self.sweep_on_time(market),
                Due::Payout(market) => self.pay_out(market),
            }
        }
        self.clock = self.clock.max(now);
    }

    /// When [`Exchange::advance`] may next have something to do.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.dues.first().map(|&(at, _)| at)
    }

    fn list_new(&mut self, mut spec: MarketSpec) {
        let market = self.markets.len();
        let ticker: Arc<str> = spec.ticker.as_str().into();
        let event = match self.by_event.get_key_value(spec.event.as_str()) {
            Some((event, _)) => Arc::clone(event),
            None => spec.event.as_str().into(),
        };
        if matches!(spec.status, MarketStatus::Initialized | MarketStatus::Active) {
            spec.status = status_by_clock(&spec, self.clock);
        }
        self.expect_times(market, &spec);
        self.by_ticker.insert(Arc::clone(&ticker), market);
        self.by_event.entry(Arc::clone(&event)).or_default().push(market);
        self.markets.push(Listing {
            ticker: Arc::clone(&ticker),
            event,
            spec,
            listed: self.clock,
            updated: self.clock,
            last: None,
            held: [Quantity::ZERO; 2],
            resolution: None,
            settled: None,
            floor: None,
        });
        self.tell(Happening::Listed { ticker });
    }

    /// What is known of a market by now counts for its volume; its event and shard never change.
    pub(super) fn relist(&mut self, market: usize, spec: &MarketSpec) {
        let listing = &mut self.markets[market];
        listing.updated = self.clock;
        let known = &mut listing.spec;
        known.series.clone_from(&spec.series);
        known.category.clone_from(&spec.category);
        known.title.clone_from(&spec.title);
        known.open = spec.open;
        known.fees = spec.fees;
        known.volume = known.volume.max(spec.volume);
        let (has_moved, has_grid) = (known.close != spec.close, known.grid != spec.grid);
        self.reserve_all(market);
        if has_grid {
            self.set_grid(market, spec.grid.clone());
        }
        if has_moved {
            self.move_close(market, spec.close);
        }
        let known = &self.markets[market].spec;
        let (is_unopened, open) = (known.status == MarketStatus::Initialized, known.open);
        if is_unopened {
            self.expect(open, Due::Open(market));
        }
        if !is_unopened || spec.status != MarketStatus::Active {
            self.set_status(market, spec.status);
        }
    }

    /// Follows a status that a source names. Results come with their own words, and what time brings can't be undone.
    pub(super) fn set_status(&mut self, market: usize, status: MarketStatus) {
        let before = self.markets[market].spec.status;
        if is_over(before) || before == status {
            return;
        }
        match status {
            MarketStatus::Active => {
                self.change_status(market, MarketStatus::Active);
                if before == MarketStatus::Inactive {
                    self.tell_status(market);
                    self.remove_resting(market, Removal::Paused, false);
                }
            }
            MarketStatus::Inactive => {
                self.change_status(market, MarketStatus::Inactive);
                self.tell_status(market);
                self.remove_resting(market, Removal::Paused, true);
            }
            MarketStatus::Closed => self.close(market),
            MarketStatus::Initialized | MarketStatus::Determined | MarketStatus::Finalized => {}
        }
    }

    /// Moves a market's close, which may close it or open it again.
    pub(super) fn move_close(&mut self, market: usize, close: Timestamp) {
        let clock = self.clock;
        let listing = &mut self.markets[market];
        listing.updated = clock;
        listing.spec.close = close;
        let ticker = Arc::clone(&listing.ticker);
        self.tell(Happening::CloseMoved { ticker, close });
        let spec = &self.markets[market].spec;
        match spec.status {
            MarketStatus::Closed if close > clock => {
                let status = status_by_clock(spec, clock);
                self.change_status(market, status);
                self.expect(close, Due::Close(market));
            }
            status if is_over(status) => {}
            _ if close <= clock => self.close(market),
            _ => self.expect(close, Due::Close(market)),
        }
    }

    pub(super) fn set_grid(&mut self, market: usize, grid: PriceGrid) {
        let clock = self.clock;
        let listing = &mut self.markets[market];
        listing.updated = clock;
        listing.spec.grid = grid.clone();
        let ticker = Arc::clone(&listing.ticker);
        self.tell(Happening::GridChanged { ticker, grid });
    }

    /// Notes a result: trading is over, and payout is due after the timer.
    pub(super) fn determine(&mut self, market: usize, resolution: Resolution) {
        let time = self.clock;
        let listing = &mut self.markets[market];
        if listing.resolution.is_some() {
            return;
        }
        listing.resolution = Some(resolution);
        let ticker = Arc::clone(&listing.ticker);
        self.change_status(market, MarketStatus::Determined);
        self.sweep(market);
        self.tell(Happening::Determined { ticker, resolution, time });
        self.dues.insert((time + self.settings.settlement_timer, Due::Payout(market)));
    }

    /// Reckons anew what all accounts reserve in a market: its fees may have changed.
    pub(super) fn reserve_all(&mut self, market: usize) {
        for index in 0..self.accounts.len() {
            self.reserve(AccountId(u32::try_from(index).unwrap_or(u32::MAX)), market);
        }
    }

    fn expect(&mut self, at: Timestamp, due: Due) {
        self.dues.insert((at, due));
    }

    fn expect_times(&mut self, market: usize, spec: &MarketSpec) {
        if is_over(spec.status) {
            return;
        }
        self.expect(spec.close, Due::Close(market));
        if spec.status == MarketStatus::Initialized {
            self.expect(spec.open, Due::Open(market));
        }
    }

    fn open_on_time(&mut self, market: usize) {
        let spec = &self.markets[market].spec;
        if spec.status == MarketStatus::Initialized && spec.open <= self.clock {
            self.change_status(market, MarketStatus::Active);
        }
    }

    fn close_on_time(&mut self, market: usize) {
        let spec = &self.markets[market].spec;
        if !is_over(spec.status) && spec.close <= self.clock {
            self.close(market);
        }
    }

    fn close(&mut self, market: usize) {
        self.change_status(market, MarketStatus::Closed);
        self.expect(self.clock + SWEEP_DELAY, Due::Sweep(market));
    }

    fn sweep_on_time(&mut self, market: usize) {
        if is_over(self.markets[market].spec.status) {
            self.sweep(market);
        }
    }

    /// Takes everything off the book.
    fn sweep(&mut self, market: usize) {
        self.remove_resting(market, Removal::MarketClosed, false);
        if self.markets[market].floor.is_none() {
            return;
        }
        for side in [Side::Bid, Side::Ask] {
            for level in self.floor(market).public_levels(side) {
                self.floor(market).remove_public(side, level.price, level.size);
                self.tell_book(market, side, level.price, -level.size, None::<OrderKey>);
            }
        }
        self.floor(market).forget_owed();
    }

    fn change_status(&mut self, market: usize, status: MarketStatus) {
        let clock = self.clock;
        let listing = &mut self.markets[market];
        listing.spec.status = status;
        listing.updated = clock;
    }

    fn tell_status(&mut self, market: usize) {
        let listing = &self.markets[market];
        let (ticker, status) = (Arc::clone(&listing.ticker), listing.spec.status);
        self.tell(Happening::Status { ticker, status });
    }

    fn pay_out(&mut self, market: usize) {
        let time = self.clock;
        let Some(resolution) = self.markets[market].resolution else { return };
        for index in 0..self.accounts.len() {
            self.pay(AccountId(u32::try_from(index).unwrap_or(u32::MAX)), market, resolution);
        }
        self.change_status(market, MarketStatus::Finalized);
        let listing = &mut self.markets[market];
        listing.settled = Some(time);
        listing.held = [Quantity::ZERO; 2];
        let ticker = Arc::clone(&listing.ticker);
        self.tell(Happening::Settled { ticker, time });
    }

    /// Pays an account for what it holds. A payout beyond the balance's precision is rounded down to it.
    fn pay(&mut self, account: AccountId, market: usize, resolution: Resolution) {
        let (time, precision) = (self.clock, self.settings.precision);
        let owner = self.account_mut(account);
        let Some(position) = owner.positions.get_mut(&market) else { return };
        position.is_settled = true;
        position.updated = time;
        let quantity = position.quantity;
        if quantity.is_zero() {
            return;
        }
        let value = resolution.value(outcome_held(quantity));
        let payout = precision.floor(value.times(quantity.abs(), Rounding::Floor));
        let cost = std::mem::replace(&mut position.cost, Money::ZERO);
        position.quantity = Quantity::ZERO;
        position.realised += payout - cost;
        *owner.cash.entry(position.shard).or_default() += payout;
        owner.settlements.push(SettlementView {
            ticker: Arc::clone(&position.ticker),
            event: Arc::clone(&position.event),
            shard: position.shard,
            resolution,
            quantity,
            cost,
            payout,
            fees: position.fees,
            time,
        });
        self.tell_position(account, market);
    }

    /// The market of a ticker that somebody names.
    pub(super) fn known(&self, ticker: &str) -> Result<usize, Refusal> {
        self.find(ticker).ok_or(Refusal::MarketNotFound)
    }
}

/// Where a market that nobody paused stands by the clock alone.
fn status_by_clock(spec: &MarketSpec, now: Timestamp) -> MarketStatus {
    if now >= spec.close {
        MarketStatus::Closed
    } else if now >= spec.open {
        MarketStatus::Active
    } else {
        MarketStatus::Initialized
    }
}
