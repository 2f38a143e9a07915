//! Every order of the run and where it stands.
//!
//! The venue's word may come late, twice, out of order or not at all, so each update is taken for what it proves:
//!
//! - A fill counts once, by its trade id, and whenever it comes: before the acceptance, after the cancel, after the
//!   answer to the order was lost. The exchange is the truth.
//! - An order whose answer was lost is [`OrderState::Unknown`]: it still works as far as anyone knows, and stays so
//!   until the venue says otherwise. It is never taken for rejected.
//! - What can't be true together is a [`Applied::Contradiction`]: the caller stops trading until a person has looked.
//!
//! Working orders are few and kept apart from the finished ones, which are walked by nobody. Finished orders and
//! trade ids are kept for the length of the run, so that a fill that comes late or again is known for what it is;
//! nothing bounds their number but the number of orders sent.

use super::{CancelReason, Fill, OrderId, OrderRequest, OrderState, OrderUpdate, RejectReason};
use crate::market::MarketId;
use crate::units::{Quantity, Timestamp};
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

/// How long to wait for an order's last word before its cancel is sent again.
const CANCEL_PATIENCE: Duration = Duration::from_secs(1);

/// An order and all the venue has said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What was asked for.
    pub request: OrderRequest,
    /// Where it stands.
    pub state: OrderState,
    /// Contracts filled so far. More than were asked for only after a contradiction.
    pub filled: Quantity,
    /// When it was handed over.
    pub sent_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Whether a cancel is under way.
    pub cancel_requested: bool,
    /// Not before then is a cancel sent again, after one that was refused or whose answer was lost.
    pub cancel_again_at: Timestamp,
    /// Why it was refused or taken off, a stable word, where it was.
    pub reason: Option<&'static str>,
}

/// What an update did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The order's state changed.
    Changed {
        /// Which.
        order: OrderId,
        /// Whether the order has ended.
        finished: bool,
    },
    /// A fill that was not known yet, to be booked.
    Fill {
        /// Which order's.
        order: OrderId,
        /// Whether the order has ended.
        finished: bool,
    },
    /// Nothing that was not known already: an acceptance after a fill, a lost answer after the order's end.
    Unchanged,
    /// A fill that was counted before.
    Duplicate,
    /// No such order was placed.
    UnknownOrder,
    /// It can't be true together with what was said before: a stable word for what. Where the update was a fill it
    /// was not known yet and has to be booked all the same, since the exchange will have it in the position.
    Contradiction(&'static str),
}

/// All orders of the run.
#[derive(Debug, Default)]
pub struct Orders {
    last_id: u64,
    working: BTreeMap<OrderId, Order>,
    finished: HashMap<OrderId, Order, RandomState>,
    trade_ids: HashSet<Box<str>, RandomState>,
}

impl Orders {
    /// A number for the next order: 1, 2, 3…
    pub const fn next_id(&mut self) -> OrderId {
        self.last_id += 1;
        OrderId(self.last_id)
    }

    /// Takes in an order that is handed to the gateway now. An id that was placed before keeps its first order: the
    /// same id never stands for two.
    pub fn place(&mut self, now: Timestamp, request: OrderRequest) -> &Order {
        let id = request.id;
        if self.finished.contains_key(&id) {
            return &self.finished[&id];
        }
        self.working.entry(id).or_insert(Order {
            request,
            state: OrderState::Sent,
            filled: Quantity::ZERO,
            sent_at: now,
            updated_at: now,
            cancel_requested: false,
            cancel_again_at: now,
            reason: None,
        })
    }

    /// Notes that an order shall be taken off. True when a cancel has to be sent: the order works, and none is
    /// under way.
    pub fn request_cancel(&mut self, now: Timestamp, id: OrderId) -> bool {
        let Some(order) = self.working.get_mut(&id).filter(|order| !order.cancel_requested) else {
            return false;
        };
        order.cancel_requested = true;
        order.updated_at = now;
        true
    }

    /// Applies the venue's word and says what it changed.
    pub fn apply(&mut self, now: Timestamp, update: &OrderUpdate) -> Applied {
        match update {
            OrderUpdate::Accepted { order } => self.change(now, *order, Order::accept),
            OrderUpdate::Rejected { order, reason } => self.change(now, *order, |it| it.reject(*reason)),
            OrderUpdate::Cancelled { order, reason } => self.change(now, *order, |it| it.cancel(*reason)),
            OrderUpdate::CancelRejected { order } => self.change(now, *order, |it| it.reject_cancel(now)),
            OrderUpdate::Unknown { order } => self.change(now, *order, |it| it.lose_answer(now)),
            OrderUpdate::Filled(fill) => self.fill(now, fill),
        }
    }

    /// An order, working or finished.
    pub fn get(&self, id: OrderId) -> Option<&Order> {
        self.working.get(&id).or_else(|| self.finished.get(&id))
    }

    /// The orders that may still fill, oldest first.
    pub fn working(&self) -> impl Iterator<Item = &Order> {
        self.working.values()
    }

    /// The orders of one market that may still fill, oldest first.
    pub fn working_in(&self, market: MarketId) -> impl Iterator<Item = &Order> {
        self.working().filter(move |order| order.request.market == market)
    }

    /// Whether the answer to an order in this market was lost, so that nobody knows what may still fill there.
    pub fn has_unknown_in(&self, market: MarketId) -> bool {
        self.working_in(market).any(|order| order.state == OrderState::Unknown)
    }

    fn change(&mut self, now: Timestamp, id: OrderId, step: impl FnOnce(&mut Order) -> Step) -> Applied {
        let Some(order) = self.get_mut(id) else { return Applied::UnknownOrder };
        match step(order) {
            Step::Changed => {
                order.updated_at = now;
                Applied::Changed { order: id, finished: self.retire(id) }
            }
            Step::Unchanged => Applied::Unchanged,
            Step::Contradiction(what) => Applied::Contradiction(what),
        }
    }

    fn fill(&mut self, now: Timestamp, fill: &Fill) -> Applied {
        if self.get(fill.order).is_none() {
            return Applied::UnknownOrder;
        }
        if !self.trade_ids.insert(fill.trade_id.clone()) {
            return Applied::Duplicate;
        }
        match self.change(now, fill.order, |order| order.fill(now, fill)) {
            Applied::Changed { order, finished } => Applied::Fill { order, finished },
            other => {
                self.retire(fill.order);
                other
            }
        }
    }

    fn get_mut(&mut self, id: OrderId) -> Option<&mut Order> {
        self.working.get_mut(&id).or_else(|| self.finished.get_mut(&id))
    }

    /// Moves an order that has ended out of the way; true when it has ended.
    fn retire(&mut self, id: OrderId) -> bool {
        let Some(order) = self.working.get(&id) else { return true };
        if order.is_working() {
            return false;
        }
        self.finished.extend(self.working.remove_entry(&id));
        true
    }
}

/// What one word of the venue does to one order.
enum Step {
    Changed,
    Unchanged,
    Contradiction(&'static str),
}

impl Order {
    /// Contracts that may still fill.
    pub fn remaining(&self) -> Quantity {
        if self.is_working() {
            (self.request.quantity - self.filled).max(Quantity::ZERO)
        } else {
            Quantity::ZERO
        }
    }

    /// Whether it may still fill, as far as anyone knows.
    pub const fn is_working(&self) -> bool {
        !self.state.is_final()
    }

    const fn accept(&mut self) -> Step {
        match self.state {
            OrderState::Intended | OrderState::Sent | OrderState::Unknown => {
                self.state =
                    if self.filled.is_positive() { OrderState::PartiallyFilled } else { OrderState::Resting };
                Step::Changed
            }
            OrderState::Rejected => Step::Contradiction("accepted_after_rejected"),
            _ => Step::Unchanged,
        }
    }

    const fn reject(&mut self, reason: RejectReason) -> Step {
        match self.state {
            OrderState::Intended | OrderState::Sent | OrderState::Unknown if self.filled.is_zero() => {
                self.end(OrderState::Rejected, reason.as_str());
                Step::Changed
            }
            OrderState::Rejected => Step::Unchanged,
            _ => Step::Contradiction("rejected_after_accepted"),
        }
    }

    const fn cancel(&mut self, reason: CancelReason) -> Step {
        match self.state {
            OrderState::Cancelled | OrderState::Expired => Step::Unchanged,
            OrderState::Filled => Step::Contradiction("cancelled_after_filled"),
            OrderState::Rejected => Step::Contradiction("cancelled_after_rejected"),
            _ => {
                let end = match reason {
                    CancelReason::Expired => OrderState::Expired,
                    _ => OrderState::Cancelled,
                };
                self.end(end, reason.as_str());
                Step::Changed
            }
        }
    }

    /// The cancel found nothing to cancel. The state stays: what ended the order is still to be heard of.
    fn reject_cancel(&mut self, now: Timestamp) -> Step {
        if !self.is_working() || !self.cancel_requested {
            return Step::Unchanged;
        }
        self.give_cancel_up(now);
        Step::Changed
    }

    /// The answer to the order, or to its cancel, was lost. An order that is known to be in stays known, unless the
    /// cancel may have taken it off; the cancel may then be sent again.
    fn lose_answer(&mut self, now: Timestamp) -> Step {
        let is_new = matches!(self.state, OrderState::Intended | OrderState::Sent);
        if !self.is_working() || !(is_new || self.cancel_requested) {
            return Step::Unchanged;
        }
        self.state = OrderState::Unknown;
        if self.cancel_requested {
            self.give_cancel_up(now);
        }
        Step::Changed
    }

    fn give_cancel_up(&mut self, now: Timestamp) {
        self.cancel_requested = false;
        self.cancel_again_at = now + CANCEL_PATIENCE;
    }

    /// Counts a fill. An order that has ended keeps its state unless this fills the last of it.
    fn fill(&mut self, now: Timestamp, fill: &Fill) -> Step {
        if fill.market != self.request.market || fill.side != self.request.side {
            return Step::Contradiction("filled_elsewhere");
        }
        if !fill.quantity.is_positive() {
            return Step::Contradiction("filled_nothing");
        }
        let was_rejected = self.state == OrderState::Rejected;
        self.filled += fill.quantity;
        self.updated_at = now;
        if self.filled >= self.request.quantity {
            self.state = OrderState::Filled;
            self.reason = None;
            self.cancel_requested = false;
        } else if self.is_working() {
            self.state = OrderState::PartiallyFilled;
        }
        if was_rejected {
            Step::Contradiction("filled_after_rejected")
        } else if self.filled > self.request.quantity {
            Step::Contradiction("overfilled")
        } else if !self.request.side.accepts(self.request.price, fill.price) {
            Step::Contradiction("filled_beyond_limit")
        } else {
            Step::Changed
        }
    }

    const fn end(&mut self, state: OrderState, reason: &'static str) {
        self.state = state;
        self.reason = Some(reason);
        self.cancel_requested = false;
    }
}

#[cfg(test)]
mod tests;
