//! Whether what a journal says can all be true: orders change state as orders do, no name stands for two orders, no
//! trade is booked twice, and positions are what their fills add up to.

use super::entry::{Entry, Intent, Send, Sent};
use super::picture::{Held, Picture};
use super::read::{Contents, Numbered, Place};
use crate::engine::record::{FillRecord, OrderRecord, SettlementRecord, Trade};
use crate::execution::{OrderId, OrderState};
use crate::market::Outcome;
use crate::units::Quantity;
use std::collections::{BTreeMap, BTreeSet};

/// Something that can't be true together with what stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The entry.
    pub seq: u64,
    /// Where it stands.
    pub place: Place,
    /// What is wrong, for people.
    pub what: String,
}

/// An order as its records have it.
#[derive(Debug, Clone, Copy)]
struct Known {
    state: Option<OrderState>,
    filled: Quantity,
    /// What its fills add up to; unknown where the first of them may be missing.
    booked: Option<Quantity>,
    is_intended: bool,
}

/// Every contradiction, in order.
pub fn contradictions(contents: &Contents) -> Vec<Contradiction> {
    let mut check = Check::default();
    for numbered in &contents.entries {
        if let Err(what) = check.entry(numbered) {
            check.found.push(Contradiction { seq: numbered.seq, place: numbered.place, what });
        }
        check.picture.apply(numbered.seq, &numbered.entry);
    }
    check.found
}

#[derive(Debug, Default)]
struct Check {
    picture: Picture,
    orders: BTreeMap<OrderId, Known>,
    client_ids: BTreeSet<String>,
    trades: BTreeSet<String>,
    /// Whether the run under way is there from its start; of an older one entries may have been removed.
    is_whole: bool,
    found: Vec<Contradiction>,
}

impl Check {
    fn entry(&mut self, numbered: &Numbered) -> Result<(), String> {
        match &numbered.entry {
            Entry::Snapshot(picture) => self.snapshot(numbered.seq, picture),
            Entry::RunStarted(_) => {
                self.orders.clear();
                self.is_whole = true;
                Ok(())
            }
            Entry::Intent(intent) => self.intent(intent),
            Entry::Send(send) => self.send(*send),
            Entry::Order(order) => self.order(order),
            Entry::Fill(fill) => self.fill(fill),
            Entry::Closed(trade) => self.closed(trade),
            Entry::Settled(settled) => self.settled(settled),
            _ => Ok(()),
        }
    }

    /// The first one says what was before; each later one has to say the same as the entries.
    fn snapshot(&mut self, seq: u64, picture: &Picture) -> Result<(), String> {
        let is_first = self.picture == Picture::default();
        if !is_first && *picture != self.picture {
            return Err(format!("the snapshot isn't what the entries up to {seq} come to"));
        }
        if is_first {
            self.trades = picture.trades.iter().cloned().collect();
            for order in &picture.orders {
                let known =
                    Known { state: Some(order.state), filled: order.filled, booked: None, is_intended: true };
                self.orders.insert(order.order, known);
                self.client_ids.extend(order.client_id.clone());
            }
        }
        Ok(())
    }

    fn known(&mut self, order: OrderId) -> &mut Known {
        let is_whole = self.is_whole;
        self.orders.entry(order).or_insert(Known {
            state: None,
            filled: Quantity::ZERO,
            booked: is_whole.then_some(Quantity::ZERO),
            is_intended: !is_whole,
        })
    }

    fn intent(&mut self, intent: &Intent<'_>) -> Result<(), String> {
        self.known(intent.order).is_intended = true;
        if self.client_ids.insert(intent.client_id.clone().into_owned()) {
            Ok(())
        } else {
            Err(format!("the name {} stands for two orders", intent.client_id))
        }
    }

    fn send(&mut self, send: Send) -> Result<(), String> {
        let is_intended = self.known(send.order).is_intended;
        if send.request == Sent::Cancel || is_intended {
            Ok(())
        } else {
            Err(format!("order {} is sent without an intent", send.order.0))
        }
    }

    fn order(&mut self, order: &OrderRecord) -> Result<(), String> {
        let is_whole = self.is_whole;
        let known = self.known(order.order);
        let before = known.state.replace(order.state);
        let filled = std::mem::replace(&mut known.filled, order.filled);
        if !(may_follow(before, order.state) || before.is_none() && !is_whole) {
            let before = before.map_or("nothing", OrderState::as_str);
            return Err(format!("order {}: {} follows {before}", order.order.0, order.state.as_str()));
        }
        if order.filled < filled {
            return Err(format!(
                "order {}: {filled} were filled before, now {}",
                order.order.0, order.filled
            ));
        }
        Ok(())
    }

    fn fill(&mut self, fill: &FillRecord) -> Result<(), String> {
        if !self.trades.insert((*fill.trade_id).to_owned()) {
            return Err(format!("the trade {} is booked twice", fill.trade_id));
        }
        let known = self.known(fill.order);
        let Some(booked) = &mut known.booked else { return Ok(()) };
        *booked += fill.quantity;
        let (booked, filled) = (*booked, known.filled);
        if booked == filled {
            return Ok(());
        }
        let order = fill.order.0;
        Err(format!("order {order}: its fills add up to {booked}, and {filled} are told to be filled"))
    }

    fn signed(&self, market: &str) -> Quantity {
        match self.picture.positions.get(market) {
            Some(Held { outcome: Outcome::Yes, quantity, .. }) => *quantity,
            Some(Held { quantity, .. }) => -*quantity,
            None => Quantity::ZERO,
        }
    }

    /// The fill or payout that closed it stands before it.
    fn closed(&self, trade: &Trade) -> Result<(), String> {
        match self.picture.positions.get(&*trade.market).filter(|held| held.outcome == trade.outcome) {
            Some(held) => {
                Err(format!("{}: closed, and {} are held by the fills", trade.market, held.quantity))
            }
            None => Ok(()),
        }
    }

    fn settled(&self, settled: &SettlementRecord) -> Result<(), String> {
        let held = self.signed(&settled.market);
        if held == settled.quantity {
            return Ok(());
        }
        let (market, paid) = (&settled.market, settled.quantity);
        Err(format!("{market}: {paid} contracts were paid out, and the fills add up to {held}"))
    }
}

/// Whether an order may go from one state to the other. A state is told again when a cancel of the order was refused.
fn may_follow(before: Option<OrderState>, after: OrderState) -> bool {
    use OrderState::{
        Cancelled, Expired, Filled, Intended, PartiallyFilled, Rejected, Resting, Sent, Unknown,
    };
    match before {
        None => matches!(after, Intended | Sent),
        Some(Intended | Sent) => true,
        Some(Unknown) => !matches!(after, Intended | Sent),
        Some(Resting | PartiallyFilled) => !matches!(after, Intended | Sent | Rejected),
        // The fill that came after the cancel.
        Some(Cancelled) => matches!(after, Cancelled | Filled),
        Some(Expired) => matches!(after, Expired | Filled),
        Some(Filled | Rejected) => false,
    }
}
