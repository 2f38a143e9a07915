//! What the gateway tells of the account, and what it is told of it beside its own requests.

use super::{Answer, LiveGateway, track::Tracked};
use crate::execution::OrderId;
use crate::kalshi::model;
use crate::units::Timestamp;
use std::collections::BTreeMap;

impl LiveGateway {
    /// The order groups, by shard.
    pub const fn groups(&self) -> &BTreeMap<u8, String> {
        &self.settings.groups
    }

    /// Whether an order group is one of this run's.
    pub fn has_group(&self, id: &str) -> bool {
        self.settings.groups.values().any(|group| group == id)
    }

    /// Puts all further orders of a shard into this group.
    pub fn join_group(&mut self, shard: u8, id: String) {
        self.settings.groups.insert(shard, id);
    }

    /// Whether what may have been missed is being asked for.
    pub const fn is_catching_up(&self) -> bool {
        self.catching_up || self.catch_up_at.is_some()
    }

    /// Whether nothing is under way in a market: orders may rest there, but no answer, cancel or fill is waited for.
    pub fn is_calm_in(&self, ticker: &str) -> bool {
        let open = self.open.iter().filter_map(|order| self.tracked.get(order));
        open.filter(|tracked| tracked.ticker == ticker).all(Tracked::is_at_rest)
    }

    /// Markets in which an order of this run was ever sent.
    pub fn markets(&self) -> impl Iterator<Item = &str> {
        self.tracked.values().map(|tracked| tracked.ticker.as_str())
    }

    /// Whether this run sent an order with this number.
    pub fn has_sent(&self, order: OrderId) -> bool {
        self.tracked.contains_key(&order)
    }

    /// Has an order looked up that has not ended; false where there is none.
    pub fn look_up(&mut self, now: Timestamp, order: OrderId) -> bool {
        let Some(tracked) = self.tracked.get_mut(&order).filter(|tracked| !tracked.is_done()) else {
            return false;
        };
        tracked.ask(now);
        self.attend(now, order);
        true
    }

    /// From when on fills are read beside the stream. What was filled before the run is the recovery's, which has booked
    /// it.
    pub fn read_from(&self) -> Timestamp {
        (self.last_fill - super::CATCH_UP_MARGIN).max(self.settings.started)
    }

    /// Books those of these fills that are ours and weren't heard of.
    pub fn book_fills(&mut self, now: Timestamp, fills: &[model::Fill]) {
        for fill in fills {
            if let Some(&order) = self.by_exchange.get(&fill.order_id) {
                self.book_read(now, order, fill);
                self.attend(now, order);
            }
        }
    }

    /// Asks for everything that may have been missed while the stream was down.
    pub(super) fn read_missed(&self) {
        let since = self.read_from();
        let known = self.by_exchange.keys().cloned().collect();
        let client = self.client.clone();
        self.carry(async move { Answer::CaughtUp(super::carry::catch_up(&client, since, known).await) });
    }
}
