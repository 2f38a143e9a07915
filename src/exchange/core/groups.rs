//! Order groups: a brake on the exchange's own side. When the group's orders match more contracts than its limit within
//! any 15 seconds, all of them are taken off and new ones are refused until the group is reset.

use super::{AccountId, Exchange, GroupKey, GroupView, Happening, OrderKey, Refusal, Removal};
use crate::units::{Quantity, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// How far back matched contracts count.
const WINDOW: Duration = Duration::from_secs(15);
/// The limits that a group may have, in contracts.
const LIMITS: std::ops::RangeInclusive<i64> = 1..=1_000_000;

#[derive(Debug)]
pub(super) struct Group {
    account: AccountId,
    shard: u8,
    limit: Quantity,
    is_triggered: bool,
    /// Resting orders.
    orders: BTreeSet<OrderKey>,
    /// When contracts matched, oldest first.
    matched: VecDeque<(Timestamp, Quantity)>,
}

impl Group {
    fn view(&self, key: GroupKey) -> GroupView {
        GroupView {
            key,
            shard: self.shard,
            limit: self.limit,
            is_triggered: self.is_triggered,
            orders: self.orders.iter().copied().collect(),
        }
    }

    /// Whether more matched than may within the time that counts.
    fn is_exceeded(&mut self, now: Timestamp) -> bool {
        while self.matched.front().is_some_and(|&(at, _)| !counts(at, now)) {
            self.matched.pop_front();
        }
        self.room(now).is_negative()
    }

    /// How much more may match before the brake is pulled.
    fn room(&self, now: Timestamp) -> Quantity {
        let matched = self.matched.iter().filter(|(at, _)| counts(*at, now));
        self.limit - matched.map(|&(_, quantity)| quantity).sum()
    }
}

/// Whether what matched at that time still counts.
fn counts(at: Timestamp, now: Timestamp) -> bool {
    at.until(now) < WINDOW
}

/// What groups would have left while an order that is only thought of is filled.
pub(super) struct GroupRoom<'a> {
    exchange: &'a Exchange,
    left: BTreeMap<GroupKey, Quantity>,
}

impl<'a> GroupRoom<'a> {
    pub(super) const fn new(exchange: &'a Exchange) -> Self {
        Self { exchange, left: BTreeMap::new() }
    }

    /// Whether the group's brake would be pulled by now.
    pub(super) fn is_spent(&self, group: Option<GroupKey>) -> bool {
        group.and_then(|group| self.left.get(&group)).is_some_and(|left| left.is_negative())
    }

    pub(super) fn spend(&mut self, group: Option<GroupKey>, quantity: Quantity) {
        let Some(known) = group.and_then(|group| self.exchange.groups.get_key_value(&group)) else { return };
        let (key, group) = known;
        *self.left.entry(*key).or_insert_with(|| group.room(self.exchange.clock)) -= quantity;
    }
}

impl Exchange {
    /// Makes a group on a shard.
    ///
    /// # Errors
    /// [`Refusal::InvalidQuantity`] for a limit that isn't 1 to 1,000,000 contracts.
    pub fn create_group(
        &mut self,
        now: Timestamp,
        account: AccountId,
        shard: u8,
        limit: Quantity,
    ) -> Result<GroupKey, Refusal> {
        self.advance(now);
        check_limit(limit)?;
        let key = GroupKey(self.groups_made);
        self.groups_made += 1;
        let (orders, matched) = (BTreeSet::new(), VecDeque::new());
        self.groups.insert(key, Group { account, shard, limit, is_triggered: false, orders, matched });
        self.tell_group(key, "created");
        Ok(key)
    }

    /// Lets a group's brake go; what matched before no longer counts.
    ///
    /// # Errors
    /// [`Refusal::GroupNotFound`].
    pub fn reset_group(
        &mut self,
        now: Timestamp,
        account: AccountId,
        group: GroupKey,
    ) -> Result<(), Refusal> {
        self.advance(now);
        let known = self.own_group(account, group)?;
        known.is_triggered = false;
        known.matched.clear();
        self.tell_group(group, "reset");
        Ok(())
    }

    /// Pulls a group's brake by hand.
    ///
    /// # Errors
    /// [`Refusal::GroupNotFound`].
    pub fn trigger_group(
        &mut self,
        now: Timestamp,
        account: AccountId,
        group: GroupKey,
    ) -> Result<(), Refusal> {
        self.advance(now);
        self.own_group(account, group)?;
        self.trigger(group);
        Ok(())
    }

    /// Gives a group another limit. One below what has just matched pulls the brake.
    ///
    /// # Errors
    /// [`Refusal::GroupNotFound`], or [`Refusal::InvalidQuantity`] for a limit that isn't 1 to 1,000,000 contracts.
    pub fn limit_group(
        &mut self,
        now: Timestamp,
        account: AccountId,
        group: GroupKey,
        limit: Quantity,
    ) -> Result<(), Refusal> {
        self.advance(now);
        let clock = self.clock;
        let known = self.own_group(account, group)?;
        check_limit(limit)?;
        known.limit = limit;
        let is_exceeded = known.is_exceeded(clock);
        self.tell_group(group, "limit_updated");
        if is_exceeded {
            self.trigger(group);
        }
        Ok(())
    }

    /// Takes a group's orders off and forgets it.
    ///
    /// # Errors
    /// [`Refusal::GroupNotFound`].
    pub fn delete_group(
        &mut self,
        now: Timestamp,
        account: AccountId,
        group: GroupKey,
    ) -> Result<(), Refusal> {
        self.advance(now);
        self.own_group(account, group)?;
        self.remove_of_group(group, Removal::Requested);
        self.tell_group(group, "deleted");
        self.groups.remove(&group);
        Ok(())
    }

    /// An account's groups, oldest first.
    pub fn groups(&self, account: AccountId) -> Vec<GroupView> {
        let own = self.groups.iter().filter(|(_, group)| group.account == account);
        own.map(|(key, group)| group.view(*key)).collect()
    }

    /// One of an account's groups.
    pub fn group(&self, account: AccountId, group: GroupKey) -> Option<GroupView> {
        self.groups.get(&group).filter(|known| known.account == account).map(|known| known.view(group))
    }

    fn own_group(&mut self, account: AccountId, group: GroupKey) -> Result<&mut Group, Refusal> {
        let known = self.groups.get_mut(&group).filter(|known| known.account == account);
        known.ok_or(Refusal::GroupNotFound)
    }

    /// Whether an order may join a group.
    pub(super) fn check_group(&self, account: AccountId, group: GroupKey, shard: u8) -> Result<(), Refusal> {
        match self.groups.get(&group) {
            Some(known) if known.account == account && known.shard == shard => {
                if known.is_triggered {
                    Err(Refusal::GroupTriggered)
                } else {
                    Ok(())
                }
            }
            _ => Err(Refusal::GroupNotFound),
        }
    }

    pub(super) fn is_triggered(&self, group: GroupKey) -> bool {
        self.groups.get(&group).is_some_and(|known| known.is_triggered)
    }

    pub(super) fn join_group(&mut self, group: Option<GroupKey>, order: OrderKey) {
        if let Some(known) = group.and_then(|group| self.groups.get_mut(&group)) {
            known.orders.insert(order);
        }
    }

    pub(super) fn leave_group(&mut self, group: Option<GroupKey>, order: OrderKey) {
        if let Some(known) = group.and_then(|group| self.groups.get_mut(&group)) {
            known.orders.remove(&order);
        }
    }

    /// Counts an order's match and pulls the brake of its group where that was too much.
    pub(super) fn count_for_group(&mut self, order: OrderKey, quantity: Quantity) {
        let now = self.clock;
        let Some(key) = self.ticket(order).view.request.group else { return };
        let Some(group) = self.groups.get_mut(&key) else { return };
        group.matched.push_back((now, quantity));
        if group.is_exceeded(now) && !group.is_triggered {
            self.trigger(key);
        }
    }

    fn trigger(&mut self, key: GroupKey) {
        if let Some(group) = self.groups.get_mut(&key) {
            group.is_triggered = true;
        }
        self.tell_group(key, "triggered");
        self.remove_of_group(key, Removal::GroupTriggered);
    }

    fn remove_of_group(&mut self, key: GroupKey, removal: Removal) {
        let orders = self.groups.get(&key).map(|group| group.orders.clone()).unwrap_or_default();
        for order in orders {
            self.remove(order, removal);
        }
    }

    fn tell_group(&mut self, key: GroupKey, change: &'static str) {
        if let Some(group) = self.groups.get(&key) {
            let (account, group) = (group.account, group.view(key));
            self.tell(Happening::Group { account, change, group });
        }
    }
}

fn check_limit(limit: Quantity) -> Result<(), Refusal> {
    let range = Quantity::from_contracts(*LIMITS.start())..=Quantity::from_contracts(*LIMITS.end());
    if range.contains(&limit) { Ok(()) } else { Err(Refusal::InvalidQuantity) }
}
