//! Positions sold.

use crate::exchange::{World, start};
use crate::program::run;

fn world() -> World {
    World {
        orders: vec![["o1", "by-hand", "KXRAIN-26NOV22-NYC"], ["o2", "by-hand", "KXGOLD-26NOV22-T4000"]],
        positions: vec![("KXRAIN-26NOV22-NYC", 12, "10.4400"), ("KXRAIN-26NOV22-SF", -20, "2.4000")],
        ..World::default()
    }
}

#[test]
fn every_position_is_sold_by_an_order_that_can_only_reduce_it() {
    let exchange = start(world());
    let ended = run(&exchange, &["flatten"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("Sold 32 contracts; 2 of 2 positions flat."), "{}", ended.stdout);
    let changes = exchange.changes();
    assert_eq!(changes[0].1, "/portfolio/events/orders/batched", "resting orders go first");
    assert_eq!(changes[0].2["orders"].as_array().map(Vec::len), Some(1), "and only those in the way");
    let (yes, no) = (&changes[1].2, &changes[2].2);
    assert_eq!(
        (&yes["side"], &yes["price"], &yes["count"]),
        (&"ask".into(), &"0.8300".into(), &"12.00".into())
    );
    assert_eq!((&no["side"], &no["price"], &no["count"]), (&"bid".into(), &"0.9400".into(), &"20.00".into()));
    for sale in [yes, no] {
        assert_eq!(sale["reduce_only"], true);
        assert_eq!(sale["time_in_force"], "immediate_or_cancel");
        assert_eq!(sale["exchange_index"], 2);
        assert!(sale["client_order_id"].as_str().is_some_and(|name| name.starts_with("kb-")), "{sale}");
    }
    let again = run(&exchange, &["flatten"]);
    assert_eq!((again.code, exchange.changes().len()), (Some(0), 3), "{again:?}");
}

#[test]
fn a_dry_run_of_flatten_changes_nothing() {
    let exchange = start(world());
    let ended =
        run(&exchange, &["flatten", "--dry-run", "--ticker", "KXRAIN-26NOV22-NYC", "--output", "json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let sales = &ended.document()["sales"];
    assert_eq!(sales.as_array().map(Vec::len), Some(1));
    assert_eq!((&sales[0]["proceeds"], &sales[0]["limit"]), (&"10.560000".into(), &"0.8300".into()));
    assert_eq!(exchange.changes(), []);
}

#[test]
fn what_is_left_is_listed_and_exits_with_5() {
    let exchange = start(World { takes_nothing: true, orders: Vec::new(), ..world() });
    let ended = run(&exchange, &["flatten", "--output", "json"]);
    assert_eq!(ended.code, Some(5), "{ended:?}");
    assert_eq!(ended.document()["sales"][0]["left"], "12.00");
    assert!(
        ended.stderr.contains("left are 12 of KXRAIN-26NOV22-NYC, 20 of KXRAIN-26NOV22-SF"),
        "{}",
        ended.stderr
    );
}
