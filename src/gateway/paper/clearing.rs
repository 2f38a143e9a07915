//! What follows a match: cash, positions, fees, and the word that goes back to the bot.

use super::desk::WorkingOrder;
use crate::execution::{Fill, OrderUpdate};
use crate::fees::FeeSchedule;
use crate::market::{MarketId, Outcome, Resolution, Side};
use crate::units::{Money, Price, Quantity, Rounding, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// The account, and the answers on their way to the bot.
#[derive(Debug)]
pub(super) struct Clearing {
    cash: Money,
    /// Signed: positive YES, negative NO.
    positions: BTreeMap<MarketId, Quantity>,
    latency: Duration,
    /// By the time they reach the bot.
    answers: VecDeque<(Timestamp, OrderUpdate)>,
    /// Fills so far: the last one's number.
    fills: u64,
}

impl Clearing {
    pub(super) fn new(cash: Money, latency: Duration) -> Self {
        Self { cash, positions: BTreeMap::new(), latency, answers: VecDeque::new(), fills: 0 }
    }

    pub(super) const fn cash(&self) -> Money {
        self.cash
    }

    pub(super) fn position(&self, market: MarketId) -> Quantity {
        self.positions.get(&market).copied().unwrap_or_default()
    }

    /// How many contracts an order on `side` can close before it opens anything.
    pub(super) fn reducible(&self, market: MarketId, side: Side) -> Quantity {
        let position = self.position(market);
        match side {
            Side::Bid => -position,
            Side::Ask => position,
        }
        .max(Quantity::ZERO)
    }

    /// Books a fill of `order` and tells the bot. What closes a position brings the price of the outcome that was held;
    /// the rest costs the price of the outcome that is bought; the fee is one for both.
    pub(super) fn fill(
        &mut self,
        order: &mut WorkingOrder,
        price: Price,
        quantity: Quantity,
        is_taker: bool,
        fees: FeeSchedule,
        time: Timestamp,
    ) {
        let (market, side) = (order.market, order.side);
        let closing = quantity.min(self.reducible(market, side));
        let bought = side.outcome().yes_price(price);
        let revenue = bought.complement().times(closing, Rounding::Floor)
            - bought.times(quantity - closing, Rounding::Ceil);
        let fee = order.fees.charge(fees, price, quantity, is_taker, revenue);
        self.cash += revenue - fee;
        *self.positions.entry(market).or_default() += match side {
            Side::Bid => quantity,
            Side::Ask => -quantity,
        };
        order.remaining -= quantity;
        self.fills += 1;
        let trade_id = format!("paper-{}", self.fills).into_boxed_str();
        let fill = Fill { trade_id, order: order.id, market, side, price, quantity, fee, is_taker, time };
        self.answer(time, OrderUpdate::Filled(fill));
    }

    /// Pays out what is held and leaves the market flat; free of fees.
    pub(super) fn settle(&mut self, market: MarketId, resolution: Resolution) {
        let position = self.positions.remove(&market).unwrap_or_default();
        let held = if position.is_negative() { Outcome::No } else { Outcome::Yes };
        self.cash += resolution.value(held).times(position.abs(), Rounding::Floor);
    }

    /// Sends an answer off at `at`. Calls come in order of time.
    pub(super) fn answer(&mut self, at: Timestamp, update: OrderUpdate) {
        self.answers.push_back((at + self.latency, update));
    }

    pub(super) fn next_answer(&self) -> Option<Timestamp> {
        self.answers.front().map(|&(due, _)| due)
    }

    /// Moves the answers that have reached the bot by `now` to `out`.
    pub(super) fn deliver(&mut self, now: Timestamp, out: &mut Vec<OrderUpdate>) {
        let arrived = self.answers.partition_point(|&(due, _)| due <= now);
        out.extend(self.answers.drain(..arrived).map(|(_, update)| update));
    }
}
