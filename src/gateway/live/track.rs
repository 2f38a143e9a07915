//! One order and all that the exchange has said of it, in whatever order it came.

use super::carry::{Search, Wanted};
use crate::execution::{CancelReason, Fill, OrderRequest, OrderUpdate, RejectReason, TimeInForce};
use crate::fees::FeeSchedule;
use crate::kalshi::model;
use crate::market::MarketSpec;
use crate::units::{Money, Price, Quantity, Timestamp};
use std::collections::HashSet;
use std::time::Duration;

/// How long fills are waited for before they are asked for.
const FILL_PATIENCE: Duration = Duration::from_secs(1);
/// Time between two look-ups of one order.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long an order must stay absent before it counts as never arrived.
const ABSENCE: Duration = Duration::from_secs(5);
/// In how many reads, each made after its answer was lost.
const ABSENT_READS: u32 = 3;
/// How long after its expiry an order's end is waited for before it is asked for.
const EXPIRY_PATIENCE: Duration = Duration::from_secs(3);

/// An execution, whichever way it was told.
#[derive(Debug)]
pub(super) struct Execution<'a> {
    pub(super) trade_id: &'a str,
    /// YES price.
    pub(super) price: Price,
    pub(super) quantity: Quantity,
    pub(super) fee: Option<Money>,
    pub(super) is_taker: bool,
    pub(super) time: Timestamp,
}

/// How an order's end was heard of.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// The exchange told it: so much had been filled.
    Told { filled: Quantity, reason: CancelReason },
    /// It was read from the account, which corrects what was told.
    Read { filled: Quantity, reason: CancelReason },
}

/// Whether it is known that the order got in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// The request is under way.
    Sending,
    /// The answer was lost.
    Doubtful { since: Timestamp, must_exist: bool, absent: u32 },
    /// It got in.
    In,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cancel {
    None,
    Wanted,
    Sent,
}

/// An order of this run.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) request: OrderRequest,
    pub(super) ticker: String,
    pub(super) exchange_id: Option<String>,
    pub(super) filled: Quantity,
    shard: u8,
    fees: FeeSchedule,
    client_id: String,
    sent: Timestamp,
    expires: Option<Timestamp>,
    entry: Entry,
    trades: HashSet<Box<str>>,
    /// Contracts that the exchange says were filled, at the least.
    told: Quantity,
    ended: Option<CancelReason>,
    cancel: Cancel,
    is_done: bool,
    /// When it is looked up next, if nothing is heard of it until then.
    look_at: Option<Timestamp>,
    is_looking: bool,
}

impl Tracked {
    pub(super) fn new(
        request: OrderRequest,
        spec: &MarketSpec,
        client_id: String,
        sent: Timestamp,
        expires: Option<Timestamp>,
    ) -> Self {
        Self {
            request,
            ticker: spec.ticker.clone(),
            exchange_id: None,
            filled: Quantity::ZERO,
            shard: spec.shard,
            fees: spec.fees,
            client_id,
            sent,
            expires,
            entry: Entry::Sending,
            trades: HashSet::new(),
            told: Quantity::ZERO,
            ended: None,
            cancel: Cancel::None,
            is_done: false,
            look_at: None,
            is_looking: false,
        }
    }

    /// Whether nothing more can come of it but what is known already.
    pub(super) const fn is_done(&self) -> bool {
        self.is_done
    }

    /// Whether the answer to it came or was lost.
    pub(super) fn is_sent(&self) -> bool {
        self.entry != Entry::Sending
    }

    pub(super) fn is_cancel_sent(&self) -> bool {
        self.cancel == Cancel::Sent
    }

    /// Whether it rests and nothing of it is waited for.
    pub(super) fn is_at_rest(&self) -> bool {
        self.entry == Entry::In
            && self.cancel == Cancel::None
            && self.ended.is_none()
            && self.told <= self.filled
            && !self.is_looking
            && self.look_at.is_none()
    }

    pub(super) fn want_cancel(&mut self) {
        if self.cancel == Cancel::None {
            self.cancel = Cancel::Wanted;
        }
    }

    /// Has it looked up as soon as may be.
    pub(super) const fn ask(&mut self, now: Timestamp) {
        self.look_at = Some(now);
    }

    /// The exchange took it.
    pub(super) fn created(
        &mut self,
        now: Timestamp,
        answer: &model::CreatedOrder,
        out: &mut Vec<OrderUpdate>,
    ) {
        self.enter(out);
        self.told = self.told.max(answer.fill_count);
        let ends_at_once = self.request.time_in_force == TimeInForce::ImmediateOrCancel;
        if ends_at_once || !answer.remaining_count.is_positive() {
            let reason = if ends_at_once { CancelReason::ImmediateOrCancel } else { CancelReason::Exchange };
            self.ended.get_or_insert(reason);
        }
        self.settle(now, out);
    }

    /// It stands on the book, with so much filled.
    pub(super) fn rests(&mut self, filled: Quantity, out: &mut Vec<OrderUpdate>) {
        self.enter(out);
        self.told = self.told.max(filled);
    }

    /// It did not get in. What is known to have got in can't have been refused, and is looked up instead.
    pub(super) fn reject(&mut self, now: Timestamp, reason: RejectReason, out: &mut Vec<OrderUpdate>) {
        if self.exchange_id.is_some() || self.entry == Entry::In {
            self.enter(out);
            self.ask(now);
            return;
        }
        self.is_done = true;
        out.push(OrderUpdate::Rejected { order: self.request.id, reason });
    }

    /// The answer was lost. `must_exist` where the exchange has said that it knows the order.
    pub(super) fn doubt(&mut self, now: Timestamp, must_exist: bool, out: &mut Vec<OrderUpdate>) {
        if self.is_done || self.entry == Entry::In {
            self.ask(now);
            return;
        }
        let must_exist = must_exist || self.exchange_id.is_some();
        self.entry = Entry::Doubtful { since: now, must_exist, absent: 0 };
        out.push(OrderUpdate::Unknown { order: self.request.id });
        self.ask(now);
    }

    /// A cancel took so much off.
    pub(super) fn canceled(&mut self, now: Timestamp, reduced_by: Quantity, out: &mut Vec<OrderUpdate>) {
        let filled = (self.request.quantity - reduced_by).max(Quantity::ZERO);
        self.end(now, End::Told { filled, reason: CancelReason::Requested }, out);
    }

    /// A cancel was refused, never left, or its answer was lost.
    pub(super) fn cancel_failed(&mut self, now: Timestamp, in_doubt: bool, out: &mut Vec<OrderUpdate>) {
        self.cancel = Cancel::None;
        if self.is_done {
            return;
        }
        let order = self.request.id;
        out.push(if in_doubt {
            OrderUpdate::Unknown { order }
        } else {
            OrderUpdate::CancelRejected { order }
        });
        if in_doubt && self.entry == Entry::In {
            // It is known to the exchange, and only its state is in doubt.
            self.entry = Entry::Doubtful { since: now, must_exist: true, absent: 0 };
        }
        self.ask(now);
    }

    /// It is off the book; its end is told once all its fills are booked.
    pub(super) fn end(&mut self, now: Timestamp, end: End, out: &mut Vec<OrderUpdate>) {
        let reason = match end {
            End::Told { filled, reason } => {
                self.told = self.told.max(filled);
                reason
            }
            End::Read { filled, reason } => {
                self.told = filled.max(self.filled);
                reason
            }
        };
        self.ended.get_or_insert(reason);
        self.settle(now, out);
    }

    /// Books an execution, unless it is known.
    pub(super) fn fill(&mut self, now: Timestamp, execution: &Execution<'_>, out: &mut Vec<OrderUpdate>) {
        if !self.trades.insert(execution.trade_id.into()) {
            return;
        }
        self.filled += execution.quantity;
        let Execution { price, quantity, is_taker, time, .. } = *execution;
        out.push(OrderUpdate::Filled(Fill {
            trade_id: execution.trade_id.into(),
            order: self.request.id,
            market: self.request.market,
            side: self.request.side,
            price,
            quantity,
            fee: execution.fee.unwrap_or_else(|| self.fees.estimate(price, quantity, is_taker)),
            is_taker,
            time,
        }));
        if let Entry::Doubtful { must_exist, .. } = &mut self.entry {
            *must_exist = true;
        }
        self.settle(now, out);
    }

    /// What a look-up found, as the account showed it at `as_of` or later.
    pub(super) fn looked(
        &mut self,
        now: Timestamp,
        found: Option<&model::Order>,
        as_of: Option<Timestamp>,
        out: &mut Vec<OrderUpdate>,
    ) {
        self.is_looking = false;
        let again = Some(now + LOOK_EVERY);
        let Some(order) = found else {
            self.look_at = again;
            self.miss(now, as_of, out);
            return;
        };
        match order.status {
            // Reads trail the engine: what is known to have ended is not resting again.
            model::OrderStatus::Resting if self.ended.is_some() => self.look_at = again,
            model::OrderStatus::Resting => {
                self.look_at = again.filter(|_| self.expires.is_some_and(|expires| now >= expires));
                self.rests(order.fill_count_fp, out);
            }
            model::OrderStatus::Canceled | model::OrderStatus::Executed => {
                let was_due = self.expires.is_some_and(|expires| now >= expires);
                let reason = was_due.then_some("ExpiryCancel").filter(|_| !self.is_cancel_sent());
                let reason = end_reason(&self.request, reason, self.is_cancel_sent());
                self.look_at = again;
                self.end(now, End::Read { filled: order.fill_count_fp, reason }, out);
            }
            model::OrderStatus::Unknown => self.look_at = again,
        }
    }

    /// Counts a look-up that found nothing; enough of them prove that the order never arrived.
    fn miss(&mut self, now: Timestamp, as_of: Option<Timestamp>, out: &mut Vec<OrderUpdate>) {
        let Entry::Doubtful { since, must_exist: false, absent } = &mut self.entry else { return };
        if as_of.is_none_or(|as_of| as_of <= *since) {
            return;
        }
        *absent += 1;
        if *absent >= ABSENT_READS && now.since(*since) >= ABSENCE {
            self.is_done = true;
            out.push(OrderUpdate::Rejected { order: self.request.id, reason: RejectReason::Other });
        }
    }

    /// What it is waiting for, if that is due; it counts as sent from here on.
    pub(super) fn next(&mut self, now: Timestamp) -> Option<Wanted> {
        if self.ended.is_none()
            && self.cancel == Cancel::Wanted
            && self.entry == Entry::In
            && let Some(order_id) = self.exchange_id.clone()
        {
            self.cancel = Cancel::Sent;
            return Some(Wanted::Cancel(model::BatchCancelItem {
                order_id,
                subaccount: None,
                exchange_index: Some(self.shard),
                market_ticker: Some(self.ticker.clone()),
            }));
        }
        let overdue =
            self.expires.map(|expires| expires + EXPIRY_PATIENCE).filter(|_| self.look_at.is_none());
        let missing = (self.look_at.is_none() && self.told > self.filled).then_some(now + FILL_PATIENCE);
        if missing.is_some() {
            self.look_at = missing;
        }
        let is_due = self.look_at.or(overdue).is_some_and(|due| now >= due);
        if self.is_looking || self.entry == Entry::Sending || !is_due {
            return None;
        }
        (self.is_looking, self.look_at) = (true, None);
        Some(Wanted::Look(Search {
            ticker: self.ticker.clone(),
            client_id: self.client_id.clone(),
            exchange_id: self.exchange_id.clone(),
            sent: self.sent,
            known: self.filled,
        }))
    }

    fn enter(&mut self, out: &mut Vec<OrderUpdate>) {
        if self.entry != Entry::In {
            self.entry = Entry::In;
            out.push(OrderUpdate::Accepted { order: self.request.id });
        }
    }

    /// Tells the end once every fill is booked.
    fn settle(&mut self, now: Timestamp, out: &mut Vec<OrderUpdate>) {
        if self.is_done {
            return;
        }
        if self.filled >= self.request.quantity {
            self.is_done = true;
            return;
        }
        let Some(reason) = self.ended else { return };
        if self.filled >= self.told {
            self.is_done = true;
            out.push(OrderUpdate::Cancelled { order: self.request.id, reason });
        } else if self.look_at.is_none() && !self.is_looking {
            self.look_at = Some(now + FILL_PATIENCE);
        }
    }
}

/// Why an order ended: by the exchange's word where it has one, else by what we know of the order.
pub(super) fn end_reason(request: &OrderRequest, told: Option<&str>, cancel_sent: bool) -> CancelReason {
    match told {
        Some("ExpiryCancel") => CancelReason::Expired,
        Some("CloseCancel") => CancelReason::MarketClosed,
        Some(
            "HaltCancel" | "MarginCancel" | "SelfTradeCancel" | "PostOnlyCrossCancel" | "ReduceOnlyCancel",
        ) => CancelReason::Exchange,
        _ if request.time_in_force == TimeInForce::ImmediateOrCancel => CancelReason::ImmediateOrCancel,
        _ if cancel_sent => CancelReason::Requested,
        _ => CancelReason::Exchange,
    }
}
