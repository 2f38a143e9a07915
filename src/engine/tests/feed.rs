use super::*;

#[test]
fn a_hole_in_the_numbers_distrusts_every_book_until_its_snapshot() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.list("B");
    desk.quote("A", "0.50", "0.51");
    desk.quote("B", "0.50", "0.51");
    desk.seq += 1;
    assert_eq!(desk.quote("A", "0.50", "0.51"), [Command::Resync { sid: 1 }]);
    let stamp = desk.stamp();
    let delta =
        Event::Delta { ticker: "B", stamp, side: Side::Bid, price: price("0.50"), change: contracts(1) };
    desk.step(&delta);
    let counts = desk.engine.feed_counts();
    assert_eq!((counts.gaps, counts.resyncs, counts.before_snapshot), (1, 1, 1));
    placed(&desk.quote("A", "0.90", "0.91"));
    placed(&desk.quote("B", "0.90", "0.91"));
}

#[test]
fn books_still_suspect_are_asked_for_again() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.list("B");
    desk.quote("A", "0.50", "0.51");
    desk.quote("B", "0.50", "0.51");
    desk.seq += 1;
    desk.quote("A", "0.50", "0.51");
    assert_eq!(desk.wait(Duration::from_secs(4)), []);
    assert_eq!(desk.wait(Duration::from_secs(1)), [Command::Resync { sid: 1 }]);
}

#[test]
fn a_book_that_contradicts_itself_is_resynced() {
    for (side, at, change, word) in [
        (Side::Bid, "0.50", contracts(-5_001), "negative_level"),
        (Side::Bid, "0.51", contracts(1), "crossed_book"),
        (Side::Ask, "1.00", contracts(1), "impossible_level"),
    ] {
        let mut desk = Setup::default().desk();
        desk.list("A");
        desk.quote("A", "0.50", "0.51");
        let stamp = desk.stamp();
        let delta = Event::Delta { ticker: "A", stamp, side, price: price(at), change };
        assert_eq!(desk.step(&delta), [Command::Resync { sid: 1 }]);
        let Some(Record::Feed(told)) = desk.records.last() else { panic!("nothing was told") };
        assert_eq!(told.fault, word);
        assert_eq!(desk.engine.feed_counts().broken_books, 1);
    }
}

#[test]
fn unknown_tickers_and_deltas_before_their_snapshot_are_counted() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.quote("nobody", "0.50", "0.51");
    let stamp = desk.stamp();
    let side = Side::Bid;
    desk.step(&Event::Delta { ticker: "A", stamp, side, price: price("0.50"), change: contracts(1) });
    let counts = desk.engine.feed_counts();
    assert_eq!((counts.unknown_tickers, counts.before_snapshot, counts.applied), (1, 1, 0));
}

#[test]
fn a_lost_connection_distrusts_every_book_and_numbers_start_afresh() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.quote("A", "0.50", "0.51");
    desk.step(&Event::Disconnected);
    assert_eq!(desk.engine.catalogue().iter().filter(|m| m.book.spread().is_some()).count(), 1);
    desk.step(&Event::Connected);
    desk.seq = 0;
    placed(&desk.quote("A", "0.90", "0.91"));
    assert_eq!(desk.engine.feed_counts().gaps, 0);
}

#[test]
fn a_grid_that_changes_mid_life_moves_targets_to_its_prices() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let fine = PriceGrid::uniform(price("0.001"));
    desk.step(&Event::GridChanged { ticker: "A", grid: &fine });
    let entry = placed(&desk.quote("A", "0.907", "0.909"));
    let target = placed(&desk.fill(&entry, "0.909", entry.quantity));
    assert_eq!(target.price, price("0.928"), "0.909 and two per cent, up to the next tick");
}

#[test]
fn time_never_runs_backwards() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.hold("A");
    desk.now = START - Duration::from_hours(9);
    desk.step(&Event::Timer);
    let Some(Record::Snapshot(snapshot)) = desk.records.iter().rfind(|r| matches!(r, Record::Snapshot(_)))
    else {
        panic!("no snapshot");
    };
    assert_eq!(snapshot.time, START);
}
