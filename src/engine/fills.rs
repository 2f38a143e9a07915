//! The venue's word on our orders: states, fills, and what they do to positions and cash.

use super::exits::EXIT_PATIENCE;
use super::record::{ExitReason, FillRecord, Opened, OrderRecord, Record, Trade};
use super::{Engine, Outbox, Plan};
use crate::execution::orders::Applied;
use crate::execution::positions::Closed;
use crate::execution::{CancelReason, Fill, OrderId, OrderUpdate, Purpose, RejectReason, TimeInForce};
use crate::market::{MarketId, Outcome};
use crate::risk::HaltReason;
use crate::strategy::ExitPlan;
use crate::units::{Price, Timestamp};

impl Engine {
    pub(super) fn on_order(&mut self, now: Timestamp, update: &OrderUpdate, out: &mut Outbox) {
        match self.orders.apply(now, update) {
            Applied::Changed { order, finished } => {
                self.record_order(now, order, out);
                if finished {
                    self.on_finished(now, order, update, out);
                }
            }
            Applied::Fill { order, finished } => {
                self.book(now, order, update, out);
                if finished {
                    self.on_finished(now, order, update, out);
                }
            }
            Applied::Unchanged | Applied::Duplicate => {}
            Applied::UnknownOrder => self.doubt(now, "the venue speaks of an order that was never sent", out),
            Applied::Contradiction(what) => {
                if let OrderUpdate::Filled(fill) = update {
                    self.book(now, fill.order, update, out);
                }
                self.doubt(now, what, out);
            }
        }
    }

    fn doubt(&mut self, now: Timestamp, what: &'static str, out: &mut Outbox) {
        self.set_reason(now, HaltReason::PositionDrift, true, out, || what.to_owned());
    }

    pub(super) fn record_order(&self, now: Timestamp, id: OrderId, out: &mut Outbox) {
        let Some(order) = self.orders.get(id) else { return };
        out.records.push(Record::Order(OrderRecord {
            time: now,
            order: id,
            market: self.slot(order.request.market).name.clone(),
            side: order.request.side,
            price: order.request.price,
            quantity: order.request.quantity,
            filled: order.filled,
            purpose: order.request.purpose,
            state: order.state,
            reason: order.reason,
        }));
    }

    /// Books a fill into positions and ledger, and records what came of it.
    fn book(&mut self, now: Timestamp, id: OrderId, update: &OrderUpdate, out: &mut Outbox) {
        let OrderUpdate::Filled(fill) = update else { return };
        let Some(purpose) = self.orders.get(id).map(|order| order.request.purpose) else { return };
        self.record_order(now, id, out);
        out.records.push(Record::Fill(FillRecord {
            trade_id: fill.trade_id.clone(),
            order: id,
            market: self.slot(fill.market).name.clone(),
            side: fill.side,
            price: fill.price,
            quantity: fill.quantity,
            fee: fill.fee,
            is_taker: fill.is_taker,
            time: fill.time,
            purpose,
        }));
        let effect = self.positions.apply_fill(fill);
        self.ledger.apply(&effect, fill.fee);
        let shard = self.catalogue.get(fill.market).spec.shard;
        self.shard_cash.add(shard, effect.cash_flow - fill.fee);
        if let Some(closed) = &effect.closed {
            self.close_trade(now, fill.market, closed, exit_reason(purpose), out);
        }
        if effect.opened {
            self.on_opened(now, fill, purpose, out);
        }
        // The exchange settled what this fill left there; only the word of the fill came after the word of that.
        if let Some(resolution) = self.catalogue.get(fill.market).resolution {
            self.pay_out(now, fill.market, resolution, out);
        }
        self.check_ledger(now, out);
        self.manage(now, fill.market, out);
    }

    fn on_opened(&mut self, now: Timestamp, fill: &Fill, purpose: Purpose, out: &mut Outbox) {
        let outcome = fill.side.outcome();
        let own = outcome.yes_price(fill.price);
        let slot = self.slots.get_mut(fill.market);
        slot.last_mark = own;
        let plan = slot.plan.or(slot.past_plan.filter(|past| past.entry == Some(fill.order)));
        slot.plan = Some(match plan.filter(|plan| purpose == Purpose::Entry && plan.outcome == outcome) {
            Some(plan) => plan,
            None => unasked(outcome, now),
        });
        slot.seen.execution(Ok(()));
        slot.misses = 0;
        let exit = slot.plan.map_or(ExitPlan { target: Price::ONE, stop: Price::ZERO }, |plan| plan.exit);
        out.records.push(Record::Opened(Opened {
            time: now,
            market: slot.name.clone(),
            outcome,
            entry_price: own,
            quantity: fill.quantity,
            target: exit.target,
            stop: exit.stop,
        }));
        self.note_held(now, fill.market, out);
    }

    /// What an order's end means for its market's plan.
    fn on_finished(&mut self, now: Timestamp, id: OrderId, update: &OrderUpdate, out: &mut Outbox) {
        let Some(order) = self.orders.get(id) else { return };
        let market = order.request.market;
        let opened_nothing = order.request.purpose == Purpose::Entry && order.filled.is_zero();
        let slot = self.slots.get_mut(market);
        if opened_nothing {
            slot.seen.execution(Err(match update {
                OrderUpdate::Rejected { reason, .. } => Some(*reason),
                _ => None,
            }));
        }
        // An order the exchange refuses will be refused again a moment later; a price that moved away may come back,
        // but a book that flickers must not be chased with an order for every flicker.
        if let OrderUpdate::Rejected { reason, .. } = update
            && opened_nothing
            && !matches!(reason, RejectReason::PostOnlyCross | RejectReason::NotSent)
        {
            slot.cooldown_until = now + slot.rules.parameters.cooldown;
        }
        if opened_nothing && found_nothing(update) {
            slot.rest_after_miss(now);
        }
        if order.request.purpose != Purpose::Entry && ended_unasked(update) {
            let was_refused = matches!(update, OrderUpdate::Rejected { .. });
            let crosses = order.request.time_in_force == TimeInForce::ImmediateOrCancel;
            self.plan_mut(market, |plan| {
                if crosses {
                    plan.retry_at = now + EXIT_PATIENCE;
                } else {
                    plan.rest_target(now, was_refused);
                }
            });
        }
        self.manage(now, market, out);
        self.forget_finished_plan(market);
        // The count was closed when the run was told to end, and this order's verdict has come after it.
        if self.trading.has(HaltReason::ShuttingDown) {
            self.record_gates(now, out);
        }
    }

    /// Drops the plan of a market that is flat and quiet.
    fn forget_finished_plan(&mut self, market: MarketId) {
        if self.positions.get(market).is_none() && self.orders.working_in(market).next().is_none() {
            let slot = self.slots.get_mut(market);
            slot.past_plan = slot.plan.take().or(slot.past_plan);
        }
    }

    /// Records a round trip, starts the market's cooldown and tells the breakers.
    pub(super) fn close_trade(
        &mut self,
        now: Timestamp,
        market: MarketId,
        closed: &Closed,
        exit_reason: ExitReason,
        out: &mut Outbox,
    ) {
        self.trades += 1;
        let gross = closed.exit_proceeds - closed.entry_cost;
        let net = gross - closed.fees;
        let slot = self.slots.get_mut(market);
        slot.cooldown_until = now + slot.rules.parameters.cooldown;
        out.records.push(Record::Closed(Trade {
            id: self.trades,
            market: slot.name.clone(),
            series: slot.series.clone(),
            outcome: closed.outcome,
            quantity: closed.quantity,
            entry_price: closed.entry_cost.per_contract(closed.quantity).unwrap_or(Price::ZERO),
            exit_price: closed.exit_proceeds.per_contract(closed.quantity).unwrap_or(Price::ZERO),
            entry_cost: closed.entry_cost,
            exit_proceeds: closed.exit_proceeds,
            entry_time: closed.opened_at,
            exit_time: closed.closed_at,
            exit_reason,
            gross_pnl: gross,
            fees: closed.fees,
            net_pnl: net,
        }));
        self.cancel_working(now, market, out);
        self.forget_finished_plan(market);
        self.on_trade_closed(now, net, out);
    }
}

/// Whether an order ended without being filled or called back: sending the same again at once would be no use.
const fn ended_unasked(update: &OrderUpdate) -> bool {
    match update {
        OrderUpdate::Rejected { .. } => true,
        OrderUpdate::Cancelled { reason, .. } => !matches!(reason, CancelReason::Requested),
        _ => false,
    }
}

/// Whether an order came too late for the price it was sent for, or could not be sent in time.
const fn found_nothing(update: &OrderUpdate) -> bool {
    match update {
        OrderUpdate::Rejected { reason, .. } => {
            matches!(reason, RejectReason::PostOnlyCross | RejectReason::NotSent)
        }
        OrderUpdate::Cancelled { reason, .. } => {
            matches!(reason, CancelReason::ImmediateOrCancel | CancelReason::Exchange)
        }
        _ => false,
    }
}

/// The plan for a position that no entry of this market asked for: close it.
const fn unasked(outcome: Outcome, now: Timestamp) -> Plan {
    Plan {
        outcome,
        exit: ExitPlan { target: Price::ONE, stop: Price::ZERO },
        entry: None,
        entry_deadline: None,
        reserve: Price::ZERO,
        leaving: Some(Purpose::Flatten),
        retry_at: now,
        target_at: now,
        target_refusals: 0,
    }
}

/// Why a position ended, from the order whose fill ended it. An entry that ends a position bought the other
/// outcome, which nothing here does on purpose.
const fn exit_reason(purpose: Purpose) -> ExitReason {
    match purpose {
        Purpose::TakeProfit => ExitReason::TakeProfit,
        Purpose::Stop => ExitReason::StopLoss,
        Purpose::TimeExit => ExitReason::TimeExit,
        Purpose::Flatten | Purpose::Entry => ExitReason::Flatten,
    }
}
