use super::*;
use crate::kalshi::model::{BucketLimit, EndpointCost, EndpointCosts};

const ORDERS: &str = "/trade-api/v2/portfolio/events/orders";

const fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_000_000 + millis)
}

fn costs(listed: &[(&str, &str, u32)]) -> Costs {
    let endpoint_costs = listed.iter().map(|(method, path, cost)| EndpointCost {
        method: (*method).to_owned(),
        path: (*path).to_owned(),
        cost: *cost,
    });
    Costs::from(&EndpointCosts { default_cost: 10, endpoint_costs: endpoint_costs.collect() })
}

fn limits(write: u32, listed: &[(&str, &str, u32)]) -> Limits {
    let mut limits = Limits::assumed(20, 10, at(0));
    let account = AccountLimits {
        usage_tier: "basic".to_owned(),
        read: BucketLimit { refill_rate: 200, bucket_capacity: 600 },
        write: BucketLimit { refill_rate: write, bucket_capacity: write },
        grants: Vec::new(),
    };
    limits.load(&account, costs(listed), at(0));
    limits
}

const fn create(shard: u8) -> Charge {
    Charge::change(Route::Shard(shard))
}

fn taken(limits: &mut Limits, now: Timestamp, charge: Charge) -> u32 {
    (0..1_000)
        .take_while(|_| limits.take(now, "POST", ORDERS, charge).is_ok())
        .count()
        .try_into()
        .expect("few")
}

#[test]
fn a_bucket_fills_steadily_and_never_beyond_its_size() {
    let mut bucket = TokenBucket::full(3, 5, at(0));
    assert_eq!(bucket.take(at(0), 5), Ok(()));
    assert_eq!(bucket.take(at(0), 1), Err(Duration::from_micros(333_334)));
    assert_eq!(bucket.take(at(333), 1), Err(Duration::from_micros(334)));
    assert_eq!(bucket.take(at(334), 1), Ok(()));
    // Nothing is lost to rounding: three tokens came in the whole second.
    assert_eq!(bucket.tokens(at(1_000)), 2);
    assert_eq!(bucket.tokens(at(100_000)), 5);
    assert_eq!(bucket.take(at(100_000), 6), Err(Duration::MAX));
}

#[test]
fn a_clock_that_steps_back_neither_gives_nor_takes() {
    let mut bucket = TokenBucket::full(10, 10, at(0));
    assert_eq!(bucket.take(at(0), 10), Ok(()));
    assert_eq!(bucket.tokens(at(500)), 5);
    assert_eq!(bucket.tokens(at(-60_000)), 5);
    assert_eq!(bucket.tokens(at(-59_900)), 6);
}

#[test]
fn a_bucket_that_grows_stays_spent() {
    let mut bucket = TokenBucket::full(100, 100, at(0));
    assert_eq!(bucket.take(at(0), 30), Ok(()));
    bucket.resize(at(0), 300, 900);
    assert_eq!(bucket.tokens(at(0)), 870);
    bucket.resize(at(0), 1, 10);
    assert_eq!(bucket.tokens(at(0)), 0);
}

#[test]
fn the_last_tokens_are_kept_for_cancels() {
    let mut limits = limits(100, &[("DELETE", "/trade-api/v2/portfolio/events/orders/:order_id", 2)]);
    assert_eq!(taken(&mut limits, at(0), create(0)), 8);
    let cancel = Charge::cancel(Route::Shard(0));
    let path = format!("{ORDERS}/abc");
    let cancels = (0..100).take_while(|_| limits.take(at(0), "DELETE", &path, cancel).is_ok()).count();
    assert_eq!(cancels, 10);
    assert_eq!(limits.take(at(0), "DELETE", &path, cancel), Err(Duration::from_millis(20)));
    assert_eq!(limits.take(at(0), "POST", ORDERS, create(0)), Err(Duration::from_millis(300)));
}

#[test]
fn a_bucket_too_small_to_keep_any_still_serves() {
    let mut limits = Limits::assumed(1, 1, at(0));
    assert_eq!(taken(&mut limits, at(0), create(0)), 1);
    assert_eq!(limits.take(at(0), "POST", ORDERS, create(0)), Err(Duration::from_secs(1)));
}

#[test]
fn reads_writes_and_requests_without_a_key_are_counted_apart() {
    let mut limits = Limits::assumed(20, 10, at(0));
    assert_eq!(taken(&mut limits, at(0), Charge::Read), 20);
    assert_eq!(taken(&mut limits, at(0), create(0)), 8);
    assert_eq!(taken(&mut limits, at(0), Charge::Anonymous), 60);
    assert_eq!(taken(&mut limits, at(100), Charge::Read), 2);
}

#[test]
fn shards_have_buckets_of_their_own_unless_none_is_named() {
    let mut limits = limits(100, &[]);
    assert_eq!(taken(&mut limits, at(0), create(2)), 8);
    assert_eq!(taken(&mut limits, at(0), create(3)), 8);
    // Shard 2 is spent, and an order that names none is counted there too.
    assert_eq!(taken(&mut limits, at(0), Charge::change(Route::Unnamed)), 0);
    // None of the attempts took anything from the account's own.
    assert_eq!(taken(&mut limits, at(0), create(0)), 8);
}

#[test]
fn a_batch_costs_as_many_times_as_it_has_orders() {
    let mut limits = limits(100, &[]);
    let batch = |items| Charge::Write { route: Route::Account, items, is_cancel: false };
    let path = format!("{ORDERS}/batched");
    assert_eq!(limits.take(at(0), "POST", &path, batch(11)), Err(Duration::MAX));
    assert_eq!(limits.take(at(0), "POST", &path, batch(8)), Ok(()));
    assert_eq!(limits.take(at(0), "POST", &path, batch(2)), Err(Duration::from_millis(200)));
}

#[test]
fn a_refusal_for_want_of_tokens_empties_the_bucket() {
    let mut limits = limits(100, &[]);
    limits.refused(at(0), create(0));
    assert_eq!(
        limits.take(at(0), "POST", ORDERS, Charge::cancel(Route::Account)),
        Err(Duration::from_millis(100))
    );
    assert_eq!(limits.take(at(0), "POST", ORDERS, create(1)), Ok(()));
}

#[test]
fn the_most_specific_pattern_gives_the_cost() {
    let costs = costs(&[
        ("DELETE", "/trade-api/v2/*rest", 7),
        ("DELETE", "/trade-api/v2/portfolio/events/orders/:order_id", 2),
        ("DELETE", "/trade-api/v2/portfolio/events/orders/batched", 3),
        ("GET", "/trade-api/v2/passthrough/*path", 50),
    ]);
    assert_eq!(costs.of("DELETE", &format!("{ORDERS}/0a1b")), 2);
    assert_eq!(costs.of("DELETE", &format!("{ORDERS}/batched")), 3);
    assert_eq!(costs.of("DELETE", &format!("{ORDERS}/0a1b/amend")), 7);
    assert_eq!(costs.of("POST", &format!("{ORDERS}/0a1b")), 10);
    assert_eq!(costs.of("GET", "/trade-api/v2/passthrough/a/b"), 50);
    assert_eq!(costs.of("GET", "/trade-api/v2/markets"), 10);
}

proptest::proptest! {
    #[test]
    fn nobody_ever_takes_more_than_the_bucket_held_and_gained(
        rate in 0_u32..2_000,
        capacity in 1_u32..3_000,
        asked in proptest::collection::vec((0_i64..3_000, 1_u32..200), 1..60),
    ) {
        let mut bucket = TokenBucket::full(rate, capacity, at(0));
        let (mut now, mut taken) = (0, 0_i64);
        for (later, cost) in asked {
            now += later;
            match bucket.take(at(now), cost) {
                Ok(()) => taken += i64::from(cost),
                // The wait that is named is enough, and nothing shorter is.
                Err(wait) if wait < Duration::MAX => {
                    let mut early = bucket.clone();
                    let just_before = wait.saturating_sub(Duration::from_micros(1));
                    proptest::prop_assert!(early.take(at(now) + just_before, cost).is_err());
                    proptest::prop_assert_eq!(bucket.clone().take(at(now) + wait, cost), Ok(()));
                }
                Err(_) => proptest::prop_assert!(rate == 0 || cost > capacity),
            }
            proptest::prop_assert!(taken * 1_000 <= i64::from(capacity) * 1_000 + i64::from(rate) * now);
        }
    }
}
