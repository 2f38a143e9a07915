//! Orders taken off: all, some, none, and those that won't go.

use crate::exchange::{World, start};
use crate::program::run;

fn orders() -> World {
    World {
        orders: vec![
            ["o1", "kb-1k3f9x2a-17", "KXRAIN-26NOV22-NYC"],
            ["o2", "by-hand", "KXRAIN-26NOV22-NYC"],
            ["o3", "by-hand", "KXGOLD-26NOV22-T4000"],
        ],
        ..World::default()
    }
}

#[test]
fn everything_goes_by_one_request_and_once_only() {
    let exchange = start(World { trails: 2, ..orders() });
    let first = run(&exchange, &["cancel-all"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(
        first.stdout.contains("Cancelled: 3 orders of 18 contracts. None of it rests any more."),
        "{first:?}"
    );
    let second = run(&exchange, &["cancel-all"]);
    assert_eq!(second.code, Some(0), "{second:?}");
    assert!(second.stdout.contains("Nothing to cancel rests"), "{second:?}");
    let changes = exchange.changes();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!((changes[0].0.as_str(), changes[0].1.as_str()), ("DELETE", "/portfolio/events/orders"));
}

#[test]
fn only_what_the_flags_mean_goes() {
    for (flags, left) in [
        (&["--mine"][..], &["o2", "o3"][..]),
        (&["--series", "KXRAIN"], &["o3"]),
        (&["--ticker", "KXGOLD-26NOV22-T4000"], &["o1", "o2"]),
        (&["--series", "KXRAIN", "--mine"], &["o2", "o3"]),
    ] {
        let exchange = start(orders());
        let ended = run(&exchange, &[&["cancel-all"], flags].concat());
        assert_eq!(ended.code, Some(0), "{flags:?}: {ended:?}");
        let resting: Vec<&str> = exchange.world().orders.iter().map(|order| order[0]).collect();
        assert_eq!(resting, left, "{flags:?}");
        let cancel = &exchange.changes()[0];
        assert_eq!(cancel.1, "/portfolio/events/orders/batched", "{flags:?}");
        assert_eq!(cancel.2["orders"][0]["exchange_index"], 2, "{flags:?}");
    }
}

#[test]
fn a_dry_run_changes_nothing() {
    let exchange = start(orders());
    let ended = run(&exchange, &["cancel-all", "--dry-run", "--output", "json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let document = ended.document();
    assert_eq!((&document["dry_run"], document["orders"].as_array().map(Vec::len)), (&true.into(), Some(3)));
    assert_eq!(exchange.changes(), []);
}

#[test]
fn what_still_rests_is_listed_and_exits_with_5() {
    let exchange = start(World { keeps_orders: true, ..orders() });
    let ended = run(&exchange, &["cancel-all", "--mine", "--output", "json"]);
    assert_eq!(ended.code, Some(5), "{ended:?}");
    assert_eq!(ended.document()["left"][0]["order_id"], "o1");
    assert!(ended.stderr.contains("1 order still on the book: o1"), "{}", ended.stderr);
    assert!(ended.stderr.contains("next:"), "{}", ended.stderr);
}

#[test]
fn orders_are_cancelled_by_their_ids() {
    let exchange = start(orders());
    let ended = run(&exchange, &["orders", "cancel", "o3", "ended"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("order ended has ended"), "{}", ended.stderr);
    assert_eq!(exchange.world().orders.len(), 2);
    let again = run(&exchange, &["orders", "cancel", "ended"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    let unknown = run(&exchange, &["orders", "cancel", "nobody"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.stderr.contains("knows no order nobody"), "{}", unknown.stderr);
    let partly = run(&exchange, &["orders", "cancel", "o1", "nobody"]);
    assert_eq!(partly.code, Some(5), "{partly:?}");
    assert_eq!(exchange.world().orders.len(), 1);
}
