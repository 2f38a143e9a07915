//! How much may be asked: token buckets that fill steadily, and what each request takes out of them (api section 8).
//!
//! An account has one bucket for requests that read and one for requests that change something; orders that name a shard
//! above zero have a bucket of their own there. The last tokens for writing are kept for cancels: an order that can't be
//! taken off is worse than one that can't be placed. Everything is integers and time is passed in, so that the bot and
//! the simulated exchange count alike.

mod costs;

pub use costs::Costs;

use super::model::AccountLimits;
use crate::units::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// Tokens are counted in millionths, so that a rate a second times microseconds comes out even.
const MICROS: u64 = 1_000_000;
/// Tokens for writing that only cancels may take: ten cancels at their usual cost.
const KEPT_FOR_CANCELS: u32 = 20;
/// What a request costs until the exchange has said.
pub const DEFAULT_COST: u32 = 10;
/// Seconds of requests without a signature that may come at once: the exchange counts those by address.
const ANONYMOUS_BURST: u32 = 3;

/// A bucket of tokens that fills steadily.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenBucket {
    rate: u32,
    capacity: u32,
    micro_tokens: u64,
    at: Timestamp,
}

impl TokenBucket {
    /// A full bucket that takes up to `capacity` tokens and gains `rate` of them a second.
    pub const fn full(rate: u32, capacity: u32, now: Timestamp) -> Self {
        Self { rate, capacity, micro_tokens: capacity as u64 * MICROS, at: now }
    }

    /// Whole tokens in it.
    pub fn tokens(&mut self, now: Timestamp) -> u32 {
        self.refill(now);
        u32::try_from(self.micro_tokens / MICROS).unwrap_or(u32::MAX)
    }

    /// Takes `cost` tokens.
    ///
    /// # Errors
    /// How long to wait until they are there; [`Duration::MAX`] when they never will be. Nothing is taken then.
    pub fn take(&mut self, now: Timestamp, cost: u32) -> Result<(), Duration> {
        self.take_leaving(now, cost, 0)
    }

    /// Takes `cost` tokens, and leaves `kept` for others. A bucket too small for both keeps what it can.
    ///
    /// # Errors
    /// How long to wait until they are there; [`Duration::MAX`] when they never will be. Nothing is taken then.
    pub fn take_leaving(&mut self, now: Timestamp, cost: u32, kept: u32) -> Result<(), Duration> {
        self.wait(now, cost, kept).map_or_else(
            || {
                self.micro_tokens -= u64::from(cost) * MICROS;
                Ok(())
            },
            Err,
        )
    }

    /// How long `cost` tokens beside the `kept` ones are away; `None` when they are there.
    fn wait(&mut self, now: Timestamp, cost: u32, kept: u32) -> Option<Duration> {
        self.refill(now);
        if cost > self.capacity {
            return Some(Duration::MAX);
        }
        let wanted = u64::from(cost.saturating_add(kept).min(self.capacity)) * MICROS;
        let missing = wanted.checked_sub(self.micro_tokens).filter(|missing| *missing > 0)?;
        Some(match self.rate {
            0 => Duration::MAX,
            rate => Duration::from_micros(missing.div_ceil(u64::from(rate))),
        })
    }

    /// Pours it out: the exchange says that it is empty there.
    pub const fn empty(&mut self, now: Timestamp) {
        self.micro_tokens = 0;
        self.at = now;
    }

    /// A new rate and size; it stays as full as it was, as far as that fits.
    pub fn resize(&mut self, now: Timestamp, rate: u32, capacity: u32) {
        self.refill(now);
        let spent = (u64::from(self.capacity) * MICROS).saturating_sub(self.micro_tokens);
        (self.rate, self.capacity) = (rate, capacity);
        self.micro_tokens = (u64::from(capacity) * MICROS).saturating_sub(spent);
    }

    /// A clock that steps back adds nothing and takes nothing away.
    fn refill(&mut self, now: Timestamp) {
        let elapsed = u64::try_from(now.since(self.at).as_micros()).unwrap_or(u64::MAX);
        let gained = elapsed.saturating_mul(u64::from(self.rate));
        self.micro_tokens = self.micro_tokens.saturating_add(gained).min(u64::from(self.capacity) * MICROS);
        self.at = now;
    }
}

/// Which bucket a request that changes something is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The account's own: shard 0, and every batch.
    Account,
    /// A shard's, named by the request; 0 is the account's own.
    Shard(u8),
    /// The exchange finds the shard: the account's own and every shard's.
    Unnamed,
}

impl From<Option<u8>> for Route {
    fn from(shard: Option<u8>) -> Self {
        shard.map_or(Self::Unnamed, Self::Shard)
    }
}

/// What a request is, as far as its price goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// Reads without a signature; counted by address.
    Anonymous,
    /// Reads for the account.
    Read,
    /// Changes something.
    Write {
        /// Where it is counted.
        route: Route,
        /// How many orders it carries; at least one.
        items: u32,
        /// Whether it takes orders off, and so may use the last tokens.
        is_cancel: bool,
    },
}

impl Charge {
    /// Places or changes one order or group.
    pub const fn change(route: Route) -> Self {
        Self::Write { route, items: 1, is_cancel: false }
    }

    /// Takes one order off, or all.
    pub const fn cancel(route: Route) -> Self {
        Self::Write { route, items: 1, is_cancel: true }
    }

    /// Whether it changes something.
    pub const fn is_write(self) -> bool {
        matches!(self, Self::Write { .. })
    }
}

/// Whole tokens that are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// For requests that read.
    pub read: u32,
    /// For requests that change something, cancels included.
    pub write: u32,
}

/// The buckets of one account.
#[derive(Debug)]
pub struct Limits {
    anonymous: TokenBucket,
    read: TokenBucket,
    write: TokenBucket,
    shards: BTreeMap<u8, TokenBucket>,
    costs: Costs,
}

impl Limits {
    /// What is assumed until the exchange has said: so many requests a second, each at the default cost.
    pub fn assumed(reads_per_second: u32, writes_per_second: u32, now: Timestamp) -> Self {
        let rate = |requests: u32| requests.max(1).saturating_mul(DEFAULT_COST);
        let (read, write) = (rate(reads_per_second), rate(writes_per_second));
        Self {
            anonymous: TokenBucket::full(read, read.saturating_mul(ANONYMOUS_BURST), now),
            read: TokenBucket::full(read, read, now),
            write: TokenBucket::full(write, write, now),
            shards: BTreeMap::new(),
            costs: Costs::default(),
        }
    }

    /// Takes the account's own limits and the exchange's costs.
    pub fn load(&mut self, limits: &AccountLimits, costs: Costs, now: Timestamp) {
        self.read.resize(now, limits.read.refill_rate, limits.read.bucket_capacity);
        let write = &limits.write;
        self.write.resize(now, write.refill_rate, write.bucket_capacity);
        for bucket in self.shards.values_mut() {
            bucket.resize(now, write.refill_rate, write.bucket_capacity);
        }
        self.costs = costs;
    }

    /// Takes what a request costs, from every bucket it is counted in or from none.
    ///
    /// # Errors
    /// How long to wait; [`Duration::MAX`] when no wait would do.
    pub fn take(&mut self, now: Timestamp, method: &str, path: &str, charge: Charge) -> Result<(), Duration> {
        let each = self.costs.of(method, path);
        match charge {
            Charge::Anonymous => self.anonymous.take(now, each),
            Charge::Read => self.read.take(now, each),
            Charge::Write { route, items, is_cancel } => {
                let cost = each.saturating_mul(items.max(1));
                let kept = if is_cancel { 0 } else { KEPT_FOR_CANCELS };
                let mut buckets = self.counted_in(route, now);
                let wait = buckets.iter_mut().filter_map(|bucket| bucket.wait(now, cost, kept)).max();
                if let Some(wait) = wait {
                    return Err(wait);
                }
                buckets.into_iter().try_for_each(|bucket| bucket.take_leaving(now, cost, kept))
            }
        }
    }

    /// What is left for requests that read, and for those that change something.
    pub fn tokens(&mut self, now: Timestamp) -> Tokens {
        Tokens { read: self.read.tokens(now), write: self.write.tokens(now) }
    }

    /// The exchange refused for want of tokens: the buckets of such a request are empty.
    pub fn refused(&mut self, now: Timestamp, charge: Charge) {
        match charge {
            Charge::Anonymous => self.anonymous.empty(now),
            Charge::Read => self.read.empty(now),
            Charge::Write { route, .. } => {
                for bucket in self.counted_in(route, now) {
                    bucket.empty(now);
                }
            }
        }
    }

    fn counted_in(&mut self, route: Route, now: Timestamp) -> Vec<&mut TokenBucket> {
        match route {
            Route::Account | Route::Shard(0) => vec![&mut self.write],
            Route::Shard(shard) => {
                let (rate, capacity) = (self.write.rate, self.write.capacity);
                let bucket =
                    self.shards.entry(shard).or_insert_with(|| TokenBucket::full(rate, capacity, now));
                vec![bucket]
            }
            Route::Unnamed => std::iter::once(&mut self.write).chain(self.shards.values_mut()).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
