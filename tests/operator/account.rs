//! What the account has: balance, positions, fills, orders.

use crate::exchange::{World, start};
use crate::program::run;

fn world() -> World {
    World {
        orders: vec![["o1", "kb-1k3f9x2a-17", "KXRAIN-26NOV22-NYC"], ["o2", "by-hand", "KXRAIN-26NOV22-SF"]],
        positions: vec![("KXRAIN-26NOV22-NYC", 12, "10.4400"), ("KXRAIN-26NOV22-SF", -20, "2.4000")],
        ..World::default()
    }
}

#[test]
fn lists_are_tables_for_people_and_documents_for_programs() {
    let exchange = start(world());
    for (command, key, word) in [
        (&["balance"][..], "shards", "104.18 of cash on 2 shards"),
        (&["positions"], "positions", "2 positions on the simulated exchange"),
        (&["positions", "--settled"], "settlements", "+1.52 after fees"),
        (&["fills", "--since", "24h"], "fills", "3 fills on the simulated exchange: 37.5 contracts"),
        (&["orders", "list"], "orders", "2 orders on the simulated exchange, 1 of them this bot's"),
    ] {
        let table = run(&exchange, command);
        assert_eq!(table.code, Some(0), "{command:?}: {table:?}");
        assert!(table.stdout.contains(word), "{command:?}: {}", table.stdout);
        assert_eq!(table.stderr, "", "{command:?}");
        let json = run(&exchange, &[command, &["--output", "json"]].concat());
        let document = json.document();
        assert_eq!(document["exchange"], "simulated", "{command:?}");
        let rows = document[key].as_array().unwrap_or_else(|| panic!("{command:?} has no {key}"));
        let csv = run(&exchange, &[command, &["--output", "csv"]].concat());
        assert_eq!(csv.stdout.lines().count(), rows.len() + 1, "{command:?}: {}", csv.stdout);
        assert!(!csv.stdout.contains('\u{1b}') && !table.stdout.contains('\u{1b}'), "{command:?}");
    }
}

#[test]
fn a_resting_order_knows_its_place_in_the_queue() {
    let listed = run(&start(world()), &["orders", "list", "--output", "json"]).document();
    assert_eq!(listed["orders"][0]["queue_ahead"], "120.50");
    assert_eq!(
        (&listed["orders"][0]["is_mine"], &listed["orders"][1]["is_mine"]),
        (&true.into(), &false.into())
    );
    assert_eq!(listed["orders"][0]["price"], "0.9300");
}

#[test]
fn positions_are_marked_at_the_bids_of_their_own_outcome() {
    let held = run(&start(world()), &["positions", "--output", "json"]).document();
    let (yes, no) = (&held["positions"][0], &held["positions"][1]);
    assert_eq!((&yes["mark"], &yes["unrealised"]), (&"0.8800".into(), &"0.120000".into()));
    assert_eq!((&no["outcome"], &no["mark"]), (&"no".into(), &"0.1100".into()));
    assert_eq!(held["totals"]["unrealised"], "-0.080000");
}
