//! What a journal comes to: a fold over its entries that knows nothing else. A segment begins with the picture of all
//! before it, so that older ones can go.

use super::entry::{AdoptedPosition, AdoptedPositions, Entry, Intent, RunStarted};
use crate::engine::record::{FillRecord, OrderRecord, SettlementRecord, StateRecord};
use crate::execution::{OrderId, OrderState, Purpose};
use crate::market::{Outcome, Side};
use crate::units::{Money, Price, Quantity, Rounding, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// So many of the latest trade ids are kept: the exchange repeats fills of the last minutes, never older ones.
const TRADES_KEPT: usize = 4_096;

/// All that the entries so far come to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Picture {
    /// Number of the last entry.
    pub seq: u64,
    /// Runs so far.
    pub runs: u64,
    /// The latest run.
    pub run: Option<LatestRun>,
    /// Its orders that have not ended, in the order in which they were sent.
    pub orders: Vec<Working>,
    /// What is held, by market.
    pub positions: BTreeMap<String, Held>,
    /// The latest trade ids, oldest first.
    pub trades: VecDeque<String>,
    /// Reasons that only a person clears and that hold, by code.
    pub halts: BTreeMap<String, Latched>,
    /// What moved cash since the journal began.
    pub cash: Flows,
}

/// The latest run and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestRun {
    /// Its id in the store.
    pub id: String,
    /// The account, by its name in the store.
    pub account: String,
    /// What the names of its orders begin with.
    pub prefix: String,
    /// The run's part of these names.
    pub tag: String,
    /// When it started.
    pub started: Timestamp,
    /// When it ended in order; empty while it runs and after a crash.
    pub ended: Option<Timestamp>,
}

/// An order that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Working {
    /// Its number within the run.
    pub order: OrderId,
    /// Our name for it, once its intent was written.
    pub client_id: Option<String>,
    /// The exchange's name for it, once it is known.
    pub exchange_id: Option<String>,
    /// Where.
    pub market: String,
    /// Bid or ask.
    pub side: Side,
    /// YES limit.
    pub price: Price,
    /// Contracts.
    pub quantity: Quantity,
    /// Filled so far.
    pub filled: Quantity,
    /// Why it was sent.
    pub purpose: Purpose,
    /// Where it stands.
    pub state: OrderState,
}

/// What is held in one market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// What.
    pub outcome: Outcome,
    /// Contracts, above zero.
    pub quantity: Quantity,
    /// What they have cost, fees apart.
    pub cost: Money,
    /// Fees since the market was last flat.
    pub fees: Money,
}

/// A reason that latched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latched {
    /// When.
    pub since: Timestamp,
    /// The figures behind it, for people.
    pub detail: String,
}

/// What moved cash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Flows {
    /// Paid for contracts.
    pub paid: Money,
    /// Got for contracts.
    pub got: Money,
    /// Paid in fees.
    pub fees: Money,
    /// Paid out by markets that resolved.
    pub payouts: Money,
}

impl Picture {
    /// Takes the next entry. What it can't make sense of (a fill of an order it doesn't know) it takes for what it
    /// says; whether entries contradict each other is for `verify` to find.
    pub fn apply(&mut self, seq: u64, entry: &Entry<'_>) {
        self.seq = seq;
        match entry {
            Entry::Snapshot(picture) => *self = Self::clone(picture),
            Entry::RunStarted(started) => self.start(started),
            Entry::Adopted(adopted) => self.adopt(adopted),
            Entry::Intent(intent) => self.intend(intent),
            Entry::Named(named) => {
                if let Some(order) = self.working(named.order) {
                    order.exchange_id = Some(named.exchange_id.clone().into_owned());
                }
            }
            Entry::Order(order) => self.change(order),
            Entry::Fill(fill) => self.fill(fill),
            Entry::Settled(settled) => self.settle(settled),
            Entry::State(state) => self.latch(state),
            Entry::RunEnded(ended) => {
                if let Some(run) = &mut self.run {
                    run.ended = Some(ended.time);
                }
            }
            Entry::Reconciled(_)
            | Entry::Send(_)
            | Entry::Decision(_)
            | Entry::Opened(_)
            | Entry::Closed(_)
            | Entry::Resolved(_) => {}
        }
    }

    /// Whatever orders an earlier run had, the start has brought to their end.
    fn start(&mut self, started: &RunStarted<'_>) {
        self.runs += 1;
        self.orders.clear();
        self.halts.retain(|code, _| started.halts.iter().any(|held| held == code));
        self.run = Some(LatestRun {
            id: started.run.clone().into_owned(),
            account: started.account.clone().into_owned(),
            prefix: started.prefix.clone().into_owned(),
            tag: started.tag.clone().into_owned(),
            started: started.time,
            ended: None,
        });
    }

    fn adopt(&mut self, adopted: &AdoptedPositions) {
        let held = adopted.positions.iter().map(|position| {
            let &AdoptedPosition { outcome, quantity, cost, fees, .. } = position;
            (position.market.clone(), Held { outcome, quantity, cost, fees })
        });
        self.positions = held.collect();
    }

    fn intend(&mut self, intent: &Intent<'_>) {
        let client_id = Some(intent.client_id.clone().into_owned());
        // The record of the order stands before its intent, and is written with it.
        if let Some(order) = self.working(intent.order) {
            order.client_id = client_id;
            return;
        }
        self.orders.push(Working {
            order: intent.order,
            client_id,
            exchange_id: None,
            market: intent.market.clone().into_owned(),
            side: intent.side,
            price: intent.price,
            quantity: intent.quantity,
            filled: Quantity::ZERO,
            purpose: intent.purpose,
            state: OrderState::Intended,
        });
    }

    fn working(&mut self, order: OrderId) -> Option<&mut Working> {
        self.orders.iter_mut().find(|working| working.order == order)
    }

    fn change(&mut self, record: &OrderRecord) {
        if record.state.is_final() {
            self.orders.retain(|order| order.order != record.order);
            return;
        }
        if let Some(order) = self.working(record.order) {
            (order.filled, order.state) = (record.filled, record.state);
            return;
        }
        self.orders.push(Working {
            order: record.order,
            client_id: None,
            exchange_id: None,
            market: (*record.market).to_owned(),
            side: record.side,
            price: record.price,
            quantity: record.quantity,
            filled: record.filled,
            purpose: record.purpose,
            state: record.state,
        });
    }

    /// Buys the outcome of the fill's side, or sells what is held of the other one and buys with the rest.
    fn fill(&mut self, fill: &FillRecord) {
        if self.trades.iter().any(|known| **known == *fill.trade_id) {
            return;
        }
        if self.trades.len() == TRADES_KEPT {
            self.trades.pop_front();
        }
        self.trades.push_back((*fill.trade_id).to_owned());
        self.cash.fees += fill.fee;
        let bought = fill.side.outcome();
        let (mut opening, mut fee) = (fill.quantity, fill.fee);
        if let Some(held) = self.positions.get_mut(&*fill.market).filter(|held| held.outcome != bought) {
            let closing = opening.min(held.quantity);
            let closing_fee = fee.share(closing, opening, Rounding::Floor);
            self.cash.got += held.outcome.yes_price(fill.price).times(closing, Rounding::Floor);
            held.cost -= held.cost.share(closing, held.quantity, Rounding::Floor);
            held.quantity -= closing;
            held.fees += closing_fee;
            if held.quantity.is_zero() {
                self.positions.remove(&*fill.market);
            }
            opening -= closing;
            fee -= closing_fee;
        }
        if opening.is_positive() {
            let cost = bought.yes_price(fill.price).times(opening, Rounding::Ceil);
            self.cash.paid += cost;
            let nothing =
                || Held { outcome: bought, quantity: Quantity::ZERO, cost: Money::ZERO, fees: Money::ZERO };
            let held = self.positions.entry((*fill.market).to_owned()).or_insert_with(nothing);
            held.quantity += opening;
            held.cost += cost;
            held.fees += fee;
        }
    }

    fn settle(&mut self, settled: &SettlementRecord) {
        self.cash.payouts += settled.payout;
        self.positions.remove(&*settled.market);
    }

    fn latch(&mut self, state: &StateRecord) {
        if !state.added {
            self.halts.remove(state.changed);
        } else if state.latched {
            let latched = Latched { since: state.time, detail: state.detail.clone() };
            self.halts.entry(state.changed.to_owned()).or_insert(latched);
        }
    }
}
