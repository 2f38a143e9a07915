//! How much the account may ask: its tier's two token buckets, and what requests cost (api section 8). Requests
//! without a signature aren't counted, and shards have no buckets of their own here.

use super::answer::Problem;
use crate::kalshi::limits::{Costs, TokenBucket};
use crate::kalshi::model::{AccountLimits, BucketLimit, EndpointCost, EndpointCosts, Grant};
use crate::units::Timestamp;

/// How much an account may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// 20 plain reads and 10 orders a second.
    Basic,
    /// 30 of each.
    Advanced,
    /// 60 of each.
    Expert,
    /// 120 of each.
    Premier,
    /// 240 of each.
    Paragon,
    /// 480 of each.
    Prime,
    /// 1,200 reads and 960 orders a second.
    Prestige,
    /// As much as it likes; the exchange has no such tier.
    Unlimited,
}

impl Tier {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Basic,
        Self::Advanced,
        Self::Expert,
        Self::Premier,
        Self::Paragon,
        Self::Prime,
        Self::Prestige,
        Self::Unlimited,
    ];

    /// The exchange's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Advanced => "advanced",
            Self::Expert => "expert",
            Self::Premier => "premier",
            Self::Paragon => "paragon",
            Self::Prime => "prime",
            Self::Prestige => "prestige",
            Self::Unlimited => "unlimited",
        }
    }

    /// Tokens a second for reading and for writing.
    const fn rates(self) -> (u32, u32) {
        match self {
            Self::Basic => (200, 100),
            Self::Advanced => (300, 300),
            Self::Expert => (600, 600),
            Self::Premier => (1_200, 1_200),
            Self::Paragon => (2_400, 2_400),
            Self::Prime => (4_800, 4_800),
            Self::Prestige => (12_000, 9_600),
            Self::Unlimited => (10_000_000, 10_000_000),
        }
    }

    fn limits(self) -> (BucketLimit, BucketLimit) {
        let (read, write) = self.rates();
        let read_seconds = if matches!(self, Self::Basic | Self::Advanced) { 3 } else { 1 };
        let write_seconds = if matches!(self, Self::Basic) { 1 } else { 3 };
        (
            BucketLimit { refill_rate: read, bucket_capacity: read * read_seconds },
            BucketLimit { refill_rate: write, bucket_capacity: write * write_seconds },
        )
    }
}

/// What it costs to read or to change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bucket {
    Read,
    Write,
}

/// The account's buckets.
#[derive(Debug)]
pub(super) struct Allowance {
    tier: Tier,
    read: TokenBucket,
    write: TokenBucket,
    costs: Costs,
}

impl Allowance {
    pub(super) fn new(tier: Tier, now: Timestamp) -> Self {
        let (read, write) = tier.limits();
        let full = |limit: &BucketLimit| TokenBucket::full(limit.refill_rate, limit.bucket_capacity, now);
        Self { tier, read: full(&read), write: full(&write), costs: Costs::from(&endpoint_costs()) }
    }

    /// Takes what `items` requests of this kind cost.
    ///
    /// # Errors
    /// 429 when the tokens aren't there; none is taken then.
    pub(super) fn take(
        &mut self,
        now: Timestamp,
        bucket: Bucket,
        (method, path): (&str, &str),
        items: usize,
    ) -> Result<(), Problem> {
        if self.tier == Tier::Unlimited {
            return Ok(());
        }
        let items = u32::try_from(items).unwrap_or(u32::MAX);
        let cost = self.costs.of(method, path).saturating_mul(items);
        let bucket = match bucket {
            Bucket::Read => &mut self.read,
            Bucket::Write => &mut self.write,
        };
        bucket.take(now, cost).map_err(|_| Problem::too_many_requests())
    }

    /// As `GET /account/limits` tells it.
    pub(super) fn told(&self) -> AccountLimits {
        let (read, write) = self.tier.limits();
        let grant = Grant {
            exchange_instance: "event_contract".to_owned(),
            level: self.tier.as_str().to_owned(),
            expires_ts: None,
            source: "manual".to_owned(),
        };
        AccountLimits { usage_tier: self.tier.as_str().to_owned(), read, write, grants: vec![grant] }
    }
}

/// What costs other than the default.
pub(super) fn endpoint_costs() -> EndpointCosts {
    const CHEAP: u32 = 2;
    let cheap = [
        ("DELETE", "/trade-api/v2/portfolio/events/orders"),
        ("DELETE", "/trade-api/v2/portfolio/events/orders/:order_id"),
        ("DELETE", "/trade-api/v2/portfolio/events/orders/batched"),
        ("GET", "/trade-api/v2/portfolio/orders/:order_id"),
    ];
    let endpoint_costs = cheap
        .map(|(method, path)| EndpointCost { method: method.to_owned(), path: path.to_owned(), cost: CHEAP })
        .into();
    EndpointCosts { default_cost: 10, endpoint_costs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const ORDERS: &str = "/trade-api/v2/portfolio/events/orders";

    #[test]
    fn a_basic_account_places_ten_orders_a_second() {
        let now = Timestamp::from_secs(1);
        let mut allowance = Allowance::new(Tier::Basic, now);
        for _ in 0..10 {
            assert_eq!(allowance.take(now, Bucket::Write, ("POST", ORDERS), 1), Ok(()));
        }
        assert!(allowance.take(now, Bucket::Write, ("POST", ORDERS), 1).is_err());
        assert_eq!(allowance.take(now, Bucket::Read, ("GET", ORDERS), 1), Ok(()), "reads have their own");
        let later = now + Duration::from_millis(100);
        assert_eq!(allowance.take(later, Bucket::Write, ("POST", ORDERS), 1), Ok(()));
    }

    #[test]
    fn cancels_are_cheap_and_batches_count_each_order() {
        let now = Timestamp::from_secs(1);
        let mut allowance = Allowance::new(Tier::Basic, now);
        let batch = format!("{ORDERS}/batched");
        assert!(allowance.take(now, Bucket::Write, ("POST", &batch), 11).is_err());
        assert_eq!(allowance.take(now, Bucket::Write, ("DELETE", &batch), 50), Ok(()));
        assert!(allowance.take(now, Bucket::Write, ("DELETE", &format!("{ORDERS}/x")), 1).is_err());
    }
}
