//! The warmed path from frame to book allocates nothing: decode, translate, find the market, apply.

use kalshi_bot::engine::Event;
use kalshi_bot::gateway::inbound::Inbound;
use kalshi_bot::kalshi::ws::{Delta, OutcomeSide, Snapshot, encode};
use kalshi_bot::market::{Book, Side};
use kalshi_bot::units::{Price, Quantity, Timestamp};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A snapshot, and deltas that put up, grow and take off a level on each side, over and over.
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
    let deltas = (2..2_002_u64)
        .zip(changes.iter().cycle())
        .map(|(seq, &(cents, change))| {
            let delta = Delta {
                ticker: "KXDEMO-26DEC01-T50".into(),
                price: Price::from_raw(cents * 10_000 + if seq % 10 < 5 { 0 } else { 5_000 }),
                change: Quantity::from_raw(change),
                side: if (seq / 10) % 2 == 0 { OutcomeSide::Yes } else { OutcomeSide::No },
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
    match inbound.translate(frame) {
        Ok(Some(Event::Snapshot { bids, asks, .. })) => book.replace(bids, asks).is_ok(),
        Ok(Some(Event::Delta { side, price, change, .. })) => book.apply(side, price, change).is_ok(),
        _ => false,
    }
}

#[test]
fn a_warmed_book_takes_snapshots_and_deltas_without_allocating() {
    let (snapshot, deltas) = frames();
    let (mut inbound, mut book) = (Inbound::new(false), Book::default());
    let mut taken = usize::from(apply(&mut inbound, &mut book, &snapshot));
    for frame in &deltas {
        taken += usize::from(apply(&mut inbound, &mut book, frame));
    }
    assert_eq!(taken, 1 + deltas.len());

    let region = Region::new(ALLOCATOR);
    taken = usize::from(apply(&mut inbound, &mut book, &snapshot));
    for frame in &deltas {
        taken += usize::from(apply(&mut inbound, &mut book, frame));
    }
    let used = region.change();
    assert_eq!(taken, 1 + deltas.len());
    assert_eq!((used.allocations, used.reallocations), (0, 0), "{used:?}");
    assert!(book.best(Side::Bid).is_some() && book.best(Side::Ask).is_some());
}
