//! The warmed path of a delta from frame to book allocates nothing: decode, translate, apply. Nor does writing an order
//! down before it leaves.

use kalshi_bot::engine::{Event, Stamp};
use kalshi_bot::execution::client_id::{Prefix, RunTag};
use kalshi_bot::execution::{OrderId, OrderRequest, Purpose, TimeInForce};
use kalshi_bot::gateway::inbound::{Inbound, Incoming};
use kalshi_bot::journal::{self, Cause, FolderDisk};
use kalshi_bot::kalshi::ws::{Delta, OutcomeSide, Snapshot, encode};
use kalshi_bot::market::{Book, MarketId, Side};
use kalshi_bot::units::{Price, Quantity, Timestamp};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A snapshot, and deltas that put up, grow, shrink and take off levels on both sides, over and over.
fn frames() -> (Vec<u8>, Vec<Vec<u8>>) {
    let level = |cents: i64| (Price::from_raw(cents * 10_000), Quantity::from_contracts(100));
    let (yes, no) = ((1..40).map(level).collect::<Vec<_>>(), (1..50).map(level).collect::<Vec<_>>());
    let mut snapshot = Vec::new();
    encode::snapshot(
        &mut snapshot,
        1,
        1,
        &Snapshot { ticker: "KXDEMO-26DEC01-T50".into(), yes: &yes, no: &no },
    );
    let changes = [(40, 500), (40, 250), (3, -50), (40, -750), (3, 50)];
    let both =
        [OutcomeSide::Yes, OutcomeSide::No].into_iter().flat_map(|side| changes.map(|change| (side, change)));
    let deltas = (2..2_002_u64)
        .zip(both.cycle())
        .map(|(seq, (side, (cents, change)))| {
            let delta = Delta {
                ticker: "KXDEMO-26DEC01-T50".into(),
                price: Price::from_raw(cents * 10_000),
                change: Quantity::from_raw(change),
                side,
                client_order_id: None,
                time: Some(Timestamp::from_millis(1_795_370_000_460)),
            };
            let mut frame = Vec::new();
            encode::delta(&mut frame, 1, seq, &delta);
            frame
        })
        .collect();
    (snapshot, deltas)
}

/// Applies a frame as the engine does and returns whether the book took it.
fn apply(inbound: &mut Inbound, book: &mut Book, frame: &[u8]) -> bool {
    match inbound.translate(frame).map(Incoming::event) {
        Ok(Some(Event::Snapshot { bids, asks, .. })) => book.replace(bids, asks).is_ok(),
        Ok(Some(Event::Delta { side, price, change, .. })) => book.apply(side, price, change).is_ok(),
        _ => false,
    }
}

#[test]
fn nothing_on_the_way_of_frames_and_orders_allocates() {
    a_warmed_book_takes_deltas_without_allocating();
    an_order_is_written_down_without_allocating();
}

fn a_warmed_book_takes_deltas_without_allocating() {
    let (snapshot, deltas) = frames();
    let (mut inbound, mut book) = (Inbound::new(false), Book::default());
    assert!(apply(&mut inbound, &mut book, &snapshot));
    let warm_up = deltas.iter().filter(|frame| apply(&mut inbound, &mut book, frame)).count();
    assert_eq!(warm_up, deltas.len());

    let region = Region::new(ALLOCATOR);
    let taken = deltas.iter().filter(|frame| apply(&mut inbound, &mut book, frame)).count();
    let used = region.change();
    assert_eq!(taken, deltas.len());
    assert_eq!((used.allocations, used.reallocations), (0, 0), "{used:?}");
    assert!(book.best(Side::Bid).is_some() && book.best(Side::Ask).is_some());
}

fn an_order_is_written_down_without_allocating() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = Arc::new(FolderDisk::open(folder.path()).expect("a folder of this user"));
    let mut journal = journal::open(disk).expect("an empty journal").begin(0, &[]).expect("there is room");
    let (prefix, run) = (Prefix::default(), RunTag::of_start(Timestamp::from_secs(1_795_370_000)));
    let mut write = |number: u64| {
        let now = Timestamp::from_millis(1_795_370_000_460);
        let request = OrderRequest {
            id: OrderId(number),
            market: MarketId(0),
            side: Side::Ask,
            price: Price::from_raw(847_300),
            quantity: Quantity::from_raw(1_250),
            time_in_force: TimeInForce::GoodTillCancelled { expires: Some(now) },
            post_only: true,
            reduce_only: false,
            purpose: Purpose::TakeProfit,
        };
        let (price, change) = (Price::from_raw(910_000), Quantity::from_raw(-75));
        let stamp = Stamp { sid: 4, seq: Some(number) };
        let cause = Cause::of(&Event::Delta { ticker: "KXDEMO", stamp, side: Side::Bid, price, change });
        journal.intent(now, (&prefix, &run), "KXDEMO-26DEC01-T50", &request, &cause);
        journal.commit().expect("there is room");
        if number.is_multiple_of(50) {
            journal.tend();
        }
    };
    // The first hundred make the room that the others use, and start the thread that syncs.
    (1..=100).for_each(&mut write);
    let region = Region::new(ALLOCATOR);
    (101..150).for_each(&mut write);
    let used = region.change();
    assert_eq!((used.allocations, used.reallocations), (0, 0), "{used:?}");
}
