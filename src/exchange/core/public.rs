//! The public: everybody else on the exchange, as a generated or recorded source tells of them. The source knows nothing
//! of the accounts here, so its flow is fitted in by these rules.
//!
//! - **The public's liquidity mirrors the source's book**, less what accounts took from it. What is taken is gone: when the
//!   source later takes the same size away, only what is left goes. A snapshot makes good for everything.
//! - **A positive delta** is a public order. It first meets accounts' orders that it crosses, best price first, and takes
//!   them as a taker would; the rest joins the back of its level. The public's own liquidity that it would cross is stale:
//!   the source is about to take it away, so it goes at once.
//! - **A negative delta** takes from the public at that level, from the back, and never below zero.
//! - **A print** is a public taker. Accounts' orders at better prices than the print's are filled first, since in this book
//!   they stood before what the source's taker found. What is left works its way through the queue at the print's own price.
//!   The public's share leaves the book once, with the delta that tells of the same trade, whichever comes first (`floor`).
//!   The public's makers lose all that the delta says, also where an account's order was filled in their stead: they are
//!   the source's, and there they have traded.
//! - A print is told as one trade for each account's order that it filled and one for what is left. Block trades are off the
//!   book: they count for the volume alone.
//! - **While a market doesn't trade** (a pause, or before its opening) the public moves, but nobody meets: prints fill no
//!   account, and what would cross an account's order doesn't join. After its close nothing moves.

use super::floor::Resting;
use super::matching::Trade;
use super::orders::is_over;
use super::{Exchange, OrderKey};
use crate::engine::Event;
use crate::fees::FeeSchedule;
use crate::market::{Level, Side};
use crate::units::{Price, Quantity, Timestamp};
use std::collections::BTreeMap;

impl Exchange {
    /// Takes in what a source tells. What concerns markets that aren't listed, and what isn't the exchange's own business,
    /// is left out.
    pub fn follow(&mut self, now: Timestamp, event: &Event<'_>) {
        self.advance(now);
        match *event {
            Event::Listed(spec) => match self.find(&spec.ticker) {
                Some(market) => self.relist(market, spec),
                None => self.list(now, spec.clone()),
            },
            Event::Snapshot { ticker, bids, asks, .. } => {
                if let Some(market) = self.moving(ticker) {
                    self.replace_public(market, bids, asks);
                }
            }
            Event::Delta { ticker, side, price, change, .. } => {
                if let Some(market) = self.moving(ticker) {
                    self.change_public(market, side, price, change);
                }
            }
            Event::Print { ticker, price, quantity, taker, is_block, .. } => {
                if let Some(market) = self.moving(ticker).filter(|_| quantity.is_positive()) {
                    self.follow_print(market, price, quantity, taker, is_block);
                }
            }
            Event::Exchange { trading } => self.pause(now, None, !trading, false),
            Event::FeesChanged { event, fees } => self.change_fees(event, fees),
            _ => self.follow_life(event),
        }
    }

    fn follow_life(&mut self, event: &Event<'_>) {
        match *event {
            Event::Ticker { ticker, volume } => {
                if let Some(market) = self.find(ticker) {
                    let known = &mut self.markets[market].spec.volume;
                    *known = volume.max(*known);
                }
            }
            Event::Status { ticker, status } => {
                if let Some(market) = self.find(ticker) {
                    self.set_status(market, status);
                }
            }
            Event::CloseMoved { ticker, close } => {
                if let Some(market) = self.find(ticker) {
                    self.move_close(market, close);
                }
            }
            Event::GridChanged { ticker, grid } => {
                if let Some(market) = self.find(ticker) {
                    self.set_grid(market, grid.clone());
                }
            }
            Event::Settled { ticker, resolution } => {
                if let Some(market) = self.find(ticker) {
                    self.determine(market, resolution);
                }
            }
            _ => {}
        }
    }

    /// The market, unless trading there is over.
    #[inline]
    fn moving(&self, ticker: &str) -> Option<usize> {
        self.find(ticker).filter(|market| !is_over(self.markets[*market].spec.status))
    }

    fn change_fees(&mut self, event: &str, fees: FeeSchedule) {
        for market in self.by_event.get(event).cloned().unwrap_or_default() {
            self.markets[market].spec.fees = fees;
            self.reserve_all(market);
        }
    }

    fn change_public(&mut self, market: usize, side: Side, price: Price, change: Quantity) {
        if price <= Price::ZERO || price >= Price::ONE {
            return;
        }
        if change.is_positive() {
            self.add_public(market, side, price, change);
            return;
        }
        let now = self.clock;
        let taken = self.floor(market).withdraw(now, side, price, -change);
        if taken.is_positive() {
            self.tell_book(market, side, price, -taken, None);
        }
    }

    /// A public order: it takes what it crosses, and the rest joins.
    fn add_public(&mut self, market: usize, side: Side, price: Price, size: Quantity) {
        let mut left = size;
        while let Some((at, resting)) = self.floor(market).best(side.opposite()) {
            if !side.accepts(price, at) {
                break;
            }
            match resting {
                Resting::Public(stale) => {
                    let gone = self.floor(market).remove_public(side.opposite(), at, stale);
                    self.tell_book(market, side.opposite(), at, -gone, None);
                }
                Resting::Order(..) if !self.may_match(market) => return,
                Resting::Order(key, standing) => {
                    let quantity = left.min(standing);
                    self.hit(market, at, quantity, side, key);
                    left -= quantity;
                    if left.is_zero() {
                        return;
                    }
                }
            }
        }
        self.floor(market).join_public(side, price, left);
        self.tell_book(market, side, price, left, None);
    }

    fn follow_print(&mut self, market: usize, price: Price, quantity: Quantity, taker: Side, is_block: bool) {
        if is_block {
            self.markets[market].spec.volume += quantity;
            return;
        }
        let mut left = quantity;
        if self.may_match(market) && self.markets[market].floor.is_some() {
            left = self.fill_better(market, price, left, taker);
            let filled = quantity - left;
            let now = self.clock;
            self.floor(market).settle_ghosts(now, taker.opposite(), price, filled);
            left -= self.fill_in_queue(market, price, left, taker);
        }
        if left.is_positive() {
            self.print(market, price, left, taker);
        }
    }

    /// Fills accounts' orders at better prices than a print's; gives what is left of it.
    fn fill_better(&mut self, market: usize, price: Price, print: Quantity, taker: Side) -> Quantity {
        let mut left = print;
        while left.is_positive() {
            let Some((at, key, size)) = self.floor(market).order_before(taker.opposite(), price) else {
                break;
            };
            let quantity = left.min(size);
            self.hit(market, at, quantity, taker, key);
            left -= quantity;
        }
        left
    }

    /// Works a print through the queue at its price; gives what of it filled accounts' orders.
    fn fill_in_queue(&mut self, market: usize, price: Price, print: Quantity, taker: Side) -> Quantity {
        let (now, side) = (self.clock, taker.opposite());
        let (mut left, mut filled) = (print, Quantity::ZERO);
        loop {
            let floor = self.floor(market);
            let (passed, lost) = floor.pass_print(now, side, price, left);
            left -= passed;
            if lost.is_positive() {
                self.tell_book(market, side, price, -lost, None);
            }
            let Some((key, size)) =
                self.floor(market).first_order(side, price).filter(|_| left.is_positive())
            else {
                break;
            };
            let quantity = left.min(size);
            self.hit(market, price, quantity, taker, key);
            self.floor(market).settle_ghosts(now, side, price, quantity);
            left -= quantity;
            filled += quantity;
        }
        filled
    }

    /// The public takes from an account's order.
    fn hit(&mut self, market: usize, price: Price, quantity: Quantity, taker: Side, maker: OrderKey) {
        let trade = Trade { market, price, quantity, taker_side: taker, taker: None, maker: Some(maker) };
        self.trade(&trade);
    }

    /// The public's liquidity becomes what a snapshot says.
    fn replace_public(&mut self, market: usize, bids: &[Level], asks: &[Level]) {
        self.floor(market).forget_owed();
        let wanted = [(Side::Bid, by_price(bids)), (Side::Ask, by_price(asks))];
        for (side, levels) in &wanted {
            for standing in self.floor(market).public_levels(*side) {
                let size = levels.get(&standing.price).copied().unwrap_or_default();
                let surplus = standing.size - size;
                if surplus.is_positive() {
                    self.floor(market).remove_public(*side, standing.price, surplus);
                    self.tell_book(market, *side, standing.price, -surplus, None);
                }
            }
        }
        for (side, levels) in wanted {
            let standing = by_price(&self.floor(market).public_levels(side));
            for (price, size) in levels {
                let missing = size - standing.get(&price).copied().unwrap_or_default();
                if missing.is_positive() {
                    self.add_public(market, side, price, missing);
                }
            }
        }
    }
}

/// The levels that can exist, by price.
fn by_price(levels: &[Level]) -> BTreeMap<Price, Quantity> {
    let sound =
        |level: &&Level| level.price > Price::ZERO && level.price < Price::ONE && level.size.is_positive();
    levels.iter().filter(sound).map(|level| (level.price, level.size)).collect()
}
