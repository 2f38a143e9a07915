//! Cash by shard. The exchange keeps every account's cash in as many purses as it has shards, and an order can spend
//! only what lies on its market's (api section 4): an account may be rich and still too poor for one order.

use crate::units::Money;
use std::collections::BTreeMap;

/// What lies on each shard, as far as that matters: a paper account has one purse for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShardCash {
    purses: Option<BTreeMap<u8, Money>>,
}

impl ShardCash {
    /// Purses that are kept apart. A shard that isn't named has nothing.
    pub fn apart(purses: impl IntoIterator<Item = (u8, Money)>) -> Self {
        Self { purses: Some(purses.into_iter().collect()) }
    }

    /// Cash on a shard; `None` where one purse serves all.
    pub fn on(&self, shard: u8) -> Option<Money> {
        self.purses.as_ref().map(|purses| purses.get(&shard).copied().unwrap_or_default())
    }

    /// The purses that are kept apart; `None` where one serves all.
    pub const fn purses(&self) -> Option<&BTreeMap<u8, Money>> {
        self.purses.as_ref()
    }

    /// Adds what came in, or takes what went out.
    pub fn add(&mut self, shard: u8, change: Money) {
        if let Some(purses) = &mut self.purses {
            *purses.entry(shard).or_default() += change;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purses_are_apart_or_one_serves_all() {
        let mut apart = ShardCash::apart([(0, Money::from_dollars(10))]);
        apart.add(2, Money::from_dollars(3));
        apart.add(0, Money::from_dollars(-4));
        assert_eq!(apart.on(0), Some(Money::from_dollars(6)));
        assert_eq!(apart.on(2), Some(Money::from_dollars(3)));
        assert_eq!(apart.on(1), Some(Money::ZERO));
        let mut one = ShardCash::default();
        one.add(0, Money::from_dollars(5));
        assert_eq!(one.on(0), None);
    }
}
