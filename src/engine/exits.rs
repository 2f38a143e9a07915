//! Letting positions go: a resting order at the target, a stop on the executable price, time, or a person's word.
//!
//! Whatever crosses the spread to close is immediate-or-cancel and reduce-only, and is sent only once nothing else
//! of ours works in the market: a resting target left on the book beside a stop could fill too, and open a position
//! the other way. That costs a round trip and is worth it.

use super::{Command, Engine, Outbox, Plan};
use crate::execution::orders::Order;
use crate::execution::positions::Position;
use crate::execution::{OrderId, OrderRequest, Purpose, TimeInForce};
use crate::market::book::BookState;
use crate::market::{MarketId, MarketStatus};
use crate::risk::HaltReason;
use crate::strategy::{ExitSignal, TakeProfitStyle};
use crate::units::{Price, Quantity, Timestamp};
use std::time::Duration;

/// How long to wait before another exit is sent after one that found too few buyers or was refused.
pub(super) const EXIT_PATIENCE: Duration = Duration::from_secs(1);

impl Engine {
    /// Looks after a market that has a plan: its entry, its target, its stop.
    pub(super) fn manage(&mut self, now: Timestamp, id: MarketId, out: &mut Outbox) {
        let Some(plan) = self.slot(id).plan else { return };
        if plan.entry_deadline.is_some_and(|deadline| now >= deadline) {
            self.cancel_entry(now, id, out);
        }
        let Some(position) = self.positions.get(id).cloned() else {
            // What would close a position that isn't there would open one.
            self.cancel_where(now, out, |order| {
                order.request.market == id && order.request.purpose != Purpose::Entry
            });
            return;
        };
        if let Some(mark) = super::executable(self.catalogue.get(id), &position)
            && self.catalogue.get(id).spec.status == MarketStatus::Active
        {
            self.slots.get_mut(id).last_mark = mark;
        }
        let spec = &self.catalogue.get(id).spec;
        // A run that is ending sends nothing more whose answer it might not hear.
        if !self.trading.allows_exits() || self.trading.has(HaltReason::ShuttingDown) {
            self.cancel_working(now, id, out);
            return;
        }
        if self.trading.has(HaltReason::ExchangePaused)
            || spec.status != MarketStatus::Active
            || now >= spec.close
        {
            return;
        }
        let leaving = plan.leaving.or_else(|| self.exit_wanted(now, id, &plan));
        if let Some(purpose) = leaving {
            // Nobody may be left at the target by the time the order arrives: the stop has to be able to speak again.
            if purpose != Purpose::TakeProfit {
                self.plan_mut(id, |plan| plan.leaving = Some(purpose));
            }
            self.leave(now, &position, &plan, purpose, out);
            return;
        }
        self.keep_target(now, &position, &plan, out);
    }

    fn exit_wanted(&self, now: Timestamp, id: MarketId, plan: &Plan) -> Option<Purpose> {
        let market = self.catalogue.get(id);
        if market.book.state() != BookState::Synced {
            return None;
        }
        let parameters = &self.slot(id).rules.parameters;
        let signal = self.strategy.exit(market, plan.outcome, &plan.exit, parameters, now)?;
        Some(match signal {
            ExitSignal::TakeProfit => Purpose::TakeProfit,
            ExitSignal::Stop => Purpose::Stop,
            ExitSignal::TimeExit => Purpose::TimeExit,
        })
    }

    /// Crosses the spread to close, once nothing else of ours works in the market.
    fn leave(
        &mut self,
        now: Timestamp,
        position: &Position,
        plan: &Plan,
        purpose: Purpose,
        out: &mut Outbox,
    ) {
        let id = position.market;
        if self.orders.working_in(id).next().is_some() {
            self.cancel_working(now, id, out);
            return;
        }
        if now < plan.retry_at {
            return;
        }
        let market = self.catalogue.get(id);
        let Some(bid) = super::executable(market, position) else { return };
        let parameters = &self.slot(id).rules.parameters;
        let limit =
            if purpose == Purpose::TakeProfit { plan.exit.target } else { bid - parameters.stop_slippage };
        let lowest = market.spec.grid.own_ceil(position.outcome, Price::from_raw(1));
        let own = market.spec.grid.own_floor(position.outcome, limit).max(lowest);
        let request = OrderRequest {
            id: self.orders.next_id(),
            market: id,
            side: position.outcome.buying_side().opposite(),
            price: position.outcome.yes_price(own),
            quantity: position.quantity,
            time_in_force: TimeInForce::ImmediateOrCancel,
            post_only: false,
            reduce_only: true,
            purpose,
        };
        self.place(now, request, out);
    }

    /// Keeps an order at the target for all that is held, where profits are taken by resting.
    fn keep_target(&mut self, now: Timestamp, position: &Position, plan: &Plan, out: &mut Outbox) {
        let parameters = &self.slot(position.market).rules.parameters;
        let takes_by_resting =
            !parameters.hold_to_settlement && parameters.take_profit_style == TakeProfitStyle::Maker;
        if !takes_by_resting {
            return;
        }
        let resting: Quantity = self
            .orders
            .working_in(position.market)
            .filter(|order| order.request.purpose == Purpose::TakeProfit)
            .map(Order::remaining)
            .sum();
        let missing = position.quantity - resting;
        if !missing.is_positive() || now < plan.target_at {
            return;
        }
        // The grid may have become coarser since the entry, and may then end below the target.
        let own = self.catalogue.get(position.market).spec.grid.own_ceil(position.outcome, plan.exit.target);
        if own >= Price::ONE {
            return;
        }
        let request = OrderRequest {
            id: self.orders.next_id(),
            market: position.market,
            side: position.outcome.buying_side().opposite(),
            price: position.outcome.yes_price(own),
            quantity: missing,
            time_in_force: TimeInForce::GoodTillCancelled { expires: None },
            post_only: false,
            reduce_only: false,
            purpose: Purpose::TakeProfit,
        };
        self.place(now, request, out);
    }

    /// Lets the position of one market go, or all of them, at the price that can be had. Entries are taken off.
    pub(super) fn flatten(&mut self, now: Timestamp, market: Option<MarketId>, out: &mut Outbox) {
        self.cancel_where(now, out, |order| {
            order.request.purpose == Purpose::Entry
                && market.is_none_or(|market| order.request.market == market)
        });
        let held: Vec<MarketId> = self
            .positions
            .iter()
            .map(|position| position.market)
            .filter(|id| market.is_none_or(|market| *id == market))
            .collect();
        for id in held {
            self.plan_mut(id, |plan| plan.leaving = Some(Purpose::Flatten));
            self.manage(now, id, out);
        }
    }

    /// Asks for everything of ours in the market to be taken off.
    pub(super) fn cancel_working(&mut self, now: Timestamp, id: MarketId, out: &mut Outbox) {
        self.cancel_where(now, out, |order| order.request.market == id);
    }

    fn cancel_entry(&mut self, now: Timestamp, id: MarketId, out: &mut Outbox) {
        self.cancel_where(now, out, |order| {
            order.request.market == id && order.request.purpose == Purpose::Entry
        });
    }

    /// Asks for every order that fits and may rest to be taken off, once each. An immediate-or-cancel order ends by
    /// itself.
    pub(super) fn cancel_where(&mut self, now: Timestamp, out: &mut Outbox, fits: impl Fn(&Order) -> bool) {
        let mut ids: [Option<OrderId>; 16] = [None; 16];
        loop {
            let wanted = self.orders.working().filter(|order| {
                !order.cancel_requested
                    && now >= order.cancel_again_at
                    && order.request.time_in_force != TimeInForce::ImmediateOrCancel
                    && fits(order)
            });
            let count = wanted.zip(ids.iter_mut()).map(|(order, id)| *id = Some(order.request.id)).count();
            for order in ids[..count].iter().flatten() {
                if self.orders.request_cancel(now, *order) {
                    out.commands.push(Command::Cancel { order: *order });
                }
            }
            if count < ids.len() {
                return;
            }
        }
    }

    pub(super) fn plan_mut(&mut self, id: MarketId, change: impl FnOnce(&mut Plan)) {
        if let Some(plan) = self.slots.get_mut(id).plan.as_mut() {
            change(plan);
        }
    }
}
