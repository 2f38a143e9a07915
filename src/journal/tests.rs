use super::entry::{AdoptedPosition, AdoptedPositions, RunStarted};
use super::verify::contradictions;
use super::*;
use crate::engine::record::{FillRecord, OrderRecord, StateRecord};
use crate::execution::client_id::{Prefix, RunTag};
use crate::execution::{OrderState, Purpose, TimeInForce};
use crate::market::{MarketId, Outcome, Side};
use crate::units::{Money, Price, Quantity};
use proptest::prelude::*;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

const MARKETS: [&str; 3] = ["KXRAIN-26DEC01-NYC", "KXHIGHNY-26DEC01-T50", "KXBTC-26NOV22-B91000"];

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(1_795_370_000 + second)
}

fn started(second: i64) -> Entry<'static> {
    let tag = RunTag::of_start(at(second)).to_string();
    Entry::RunStarted(RunStarted {
        time: at(second),
        run: format!("demo-3f9a0c1b2d4e-kb-{tag}").into(),
        account: "demo-3f9a0c1b2d4e".into(),
        prefix: "kb".into(),
        tag: tag.into(),
        version: "0.1.0".into(),
        source: "demo exchange".into(),
        settings: "a = \"b\"\n".into(),
        halts: vec!["daily_loss".into()],
    })
}

fn adopted(market: &str, contracts: i64) -> Entry<'static> {
    Entry::Adopted(AdoptedPositions {
        time: at(1),
        positions: vec![AdoptedPosition {
            market: market.to_owned(),
            outcome: Outcome::Yes,
            quantity: Quantity::from_contracts(contracts),
            cost: Money::from_dollars(contracts),
            fees: Money::from_raw(70),
        }],
    })
}

fn order(id: u64, state: OrderState, filled: i64) -> Record {
    let is_even = id.is_multiple_of(2);
    Record::Order(OrderRecord {
        time: at(2),
        order: OrderId(id),
        market: MARKETS[usize::try_from(id % 3).expect("small")].into(),
        side: if is_even { Side::Ask } else { Side::Bid },
        price: Price::from_raw(850_000),
        quantity: Quantity::from_contracts(10),
        filled: Quantity::from_contracts(filled),
        purpose: Purpose::Entry,
        state,
        reason: (state == OrderState::Cancelled).then_some("requested"),
    })
}

fn fill(id: u64, trade: &str, contracts: i64) -> Record {
    let Record::Order(order) = order(id, OrderState::Filled, contracts) else { unreachable!("it is one") };
    Record::Fill(FillRecord {
        trade_id: trade.into(),
        order: order.order,
        market: order.market,
        side: order.side,
        price: Price::from_raw(847_300),
        quantity: Quantity::from_contracts(contracts),
        fee: Money::from_raw(12_345),
        is_taker: true,
        time: at(3),
        purpose: Purpose::Entry,
    })
}

fn halt(code: &'static str, added: bool) -> Record {
    Record::State(StateRecord {
        time: at(4),
        trading: if added { "halted" } else { "active" },
        reasons: if added { vec![code] } else { Vec::new() },
        changed: code,
        added,
        latched: true,
        detail: "612.30 lost \"today\"\n".to_owned(),
    })
}

fn request(id: u64) -> OrderRequest {
    OrderRequest {
        id: OrderId(id),
        market: MarketId(0),
        side: Side::Bid,
        price: Price::from_raw(850_000),
        quantity: Quantity::from_contracts(10),
        time_in_force: TimeInForce::GoodTillCancelled { expires: Some(at(60)) },
        post_only: true,
        reduce_only: false,
        purpose: Purpose::Entry,
    }
}

fn cause() -> Cause<'static> {
    let (price, change) = (Price::from_raw(840_000), Quantity::from_raw(-50));
    Cause::Delta { sid: 3, seq: Some(91), side: Side::Bid, price, change }
}

/// What may happen to a journal.
#[derive(Debug, Clone)]
enum Act {
    Order(u64, OrderState, i64),
    Intent(u64),
    Named(u64),
    Fill(u64, u8, i64),
    Halt(bool),
    Rotate,
    Restart,
}

fn acts(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Act>> {
    let state = prop_oneof![
        Just(OrderState::Sent),
        Just(OrderState::Resting),
        Just(OrderState::PartiallyFilled),
        Just(OrderState::Unknown),
        Just(OrderState::Cancelled),
    ];
    let act = prop_oneof![
        4 => (1..9_u64, state, 0..10_i64).prop_map(|(id, state, filled)| Act::Order(id, state, filled)),
        3 => (1..9_u64).prop_map(Act::Intent),
        2 => (1..9_u64).prop_map(Act::Named),
        4 => (1..9_u64, any::<u8>(), 1..9_i64).prop_map(|(id, trade, count)| Act::Fill(id, trade, count)),
        1 => any::<bool>().prop_map(Act::Halt),
        1 => Just(Act::Rotate),
        1 => Just(Act::Restart),
    ];
    proptest::collection::vec(act, length)
}

fn begin(disk: &SimulatedDisk, mark: u64, second: i64) -> Journal {
    let found = open(Arc::new(disk.clone())).expect("a sound journal");
    found.begin(mark, &[started(second), adopted(MARKETS[0], 3)]).expect("there is room")
}

fn add(journal: &mut Journal, act: &Act) {
    match act {
        Act::Order(id, state, filled) => {
            journal.record(&order(*id, *state, *filled));
        }
        Act::Intent(id) => {
            let names = (&Prefix::default() as &dyn std::fmt::Display, &"mwrywawe" as &dyn std::fmt::Display);
            journal.intent(at(2), names, MARKETS[0], &request(*id), &cause());
        }
        Act::Named(id) => {
            journal.named(at(2), OrderId(*id), "o-1");
        }
        Act::Fill(id, trade, count) => {
            journal.record(&fill(*id, &format!("t-{trade}"), *count));
        }
        Act::Halt(added) => {
            journal.record(&halt("daily_loss", *added));
        }
        Act::Rotate => journal.rotate().expect("there is room"),
        Act::Restart => unreachable!("the caller restarts"),
    }
    journal.commit().expect("there is room");
}

/// Does all of it on one disk, and returns the last journal.
fn written(disk: &SimulatedDisk, acts: &[Act]) -> Journal {
    let mut journal = begin(disk, 0, 0);
    for (second, act) in (1..).zip(acts) {
        match act {
            Act::Restart => journal = begin(disk, 0, second),
            act => add(&mut journal, act),
        }
    }
    journal
}

fn fold(entries: &[Numbered]) -> Picture {
    let mut picture = Picture::default();
    for numbered in entries {
        picture.apply(numbered.seq, &numbered.entry);
    }
    picture
}

fn file(disk: &SimulatedDisk, number: u64) -> Vec<u8> {
    disk.read(&segment_name(number)).expect("the segment is there")
}

/// A disk with this one file.
fn with(bytes: &[u8]) -> SimulatedDisk {
    let disk = SimulatedDisk::new(1);
    disk.create(&segment_name(1)).expect("it is empty");
    disk.append(&segment_name(1), bytes).expect("there is room");
    disk
}

fn a_day() -> Vec<Act> {
    vec![
        Act::Order(1, OrderState::Sent, 0),
        Act::Intent(1),
        Act::Named(1),
        Act::Order(1, OrderState::Resting, 0),
        Act::Order(1, OrderState::PartiallyFilled, 4),
        Act::Fill(1, 1, 4),
        Act::Halt(true),
        Act::Order(1, OrderState::Cancelled, 4),
    ]
}

proptest! {
    #[test]
    fn a_snapshot_and_the_rest_come_to_what_all_entries_come_to(acts in acts(0..60)) {
        let disk = SimulatedDisk::new(7);
        written(&disk, &acts);
        let contents = read(&disk).expect("it is sound");
        let all: Vec<_> = contents
            .entries
            .iter()
            .enumerate()
            .filter(|(at, numbered)| *at == 0 || !matches!(numbered.entry, Entry::Snapshot(_)))
            .map(|(_, numbered)| numbered.clone())
            .collect();
        let whole = fold(&all);
        for (at, numbered) in contents.entries.iter().enumerate() {
            if matches!(numbered.entry, Entry::Snapshot(_)) {
                prop_assert_eq!(&fold(&contents.entries[at..]), &whole);
            }
        }
        prop_assert_eq!(open(Arc::new(disk)).expect("it is sound").picture(), whole);
    }

    #[test]
    fn power_loss_leaves_what_was_synced_and_a_prefix_of_the_rest(
        acts in acts(1..40), seed in any::<u64>(), mark in 0..200_u64
    ) {
        let disk = SimulatedDisk::new(seed);
        let journal = written(&disk, &acts);
        let (begun, last) = (journal.picture.seq, journal.seq);
        let before = read(&disk).expect("it is sound");
        disk.power_loss(&mut Pcg64::seed_from_u64(seed));
        let next = disk.reopen();
        let found = open(Arc::new(next.clone())).expect("what is left is sound");
        let left = found.contents.last();
        prop_assert!(left <= last && left >= begun.min(left));
        prop_assert_eq!(&before.entries[..found.contents.entries.len()], &found.contents.entries[..]);
        let journal = found.begin(mark, &[started(99)]).expect("there is room");
        prop_assert_eq!(journal.seq, left.max(mark) + 1);
        prop_assert_eq!(read(&next).expect("it is sound").last(), journal.seq);
    }

    #[test]
    fn any_flipped_bit_is_seen(acts in acts(1..12), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let disk = SimulatedDisk::new(7);
        written(&disk, &acts.into_iter().filter(|act| !matches!(act, Act::Rotate | Act::Restart)).collect::<Vec<_>>());
        let mut bytes = file(&disk, 1);
        let before = read(&disk).expect("it is sound");
        let flipped = at.index(bytes.len());
        bytes[flipped] ^= 1 << bit;
        match read(&with(&bytes)) {
            Err(_) => {}
            Ok(after) => {
                let torn = after.torn.expect("a tail is cut where the error is in the last lines");
                let cut = usize::try_from(torn.byte).expect("small");
                prop_assert!(cut <= flipped);
                prop_assert_eq!(&before.entries[..after.entries.len()], &after.entries[..]);
            }
        }
    }
}

#[test]
fn a_tail_torn_at_any_byte_leaves_a_prefix() {
    let disk = SimulatedDisk::new(7);
    written(&disk, &a_day());
    let (bytes, whole) = (file(&disk, 1), read(&disk).expect("it is sound"));
    for length in 0..bytes.len() {
        let torn = with(&bytes[..length]);
        let contents = read(&torn).unwrap_or_else(|error| panic!("{length}: {error}"));
        assert_eq!(contents.entries, whole.entries[..contents.entries.len()], "{length}");
        let tail = contents.torn.as_ref().map_or(0, |torn| torn.bytes);
        let kept = contents.segments.iter().map(|segment| segment.bytes).sum::<u64>();
        assert_eq!(kept + tail, length as u64, "every byte is told of");
        let found = open(Arc::new(torn.clone())).expect("it can be cut");
        let journal = found.begin(0, &[started(9)]).expect("there is room");
        let again = read(&torn).expect("what was cut and goes on is sound");
        assert_eq!((again.torn, again.entries.last().map(|last| last.seq)), (None, Some(journal.seq)));
    }
}

#[test]
fn damage_before_sound_lines_names_file_line_byte_and_what_mends_it() {
    let disk = SimulatedDisk::new(7);
    written(&disk, &a_day());
    let mut bytes = file(&disk, 1);
    let third = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).expect("lines").0 + 1;
    bytes[third + 30] ^= 1;
    let error = read(&with(&bytes)).expect_err("it is damaged").to_string();
    assert!(error.starts_with("a simulated disk/000001.journal, line 3, byte "), "{error}");
    assert!(error.contains(&format!("byte {third}: is damaged: its checksum")), "{error}");
    assert!(error.contains("To mend it, restore the file"), "{error}");
}

#[test]
fn a_missing_line_and_a_shortened_segment_are_damage() {
    let disk = SimulatedDisk::new(7);
    written(&disk, &[a_day(), vec![Act::Rotate, Act::Halt(false)]].concat());
    let lines: Vec<Vec<u8>> =
        file(&disk, 1).split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let without = |gone: usize| {
        let left = lines.iter().enumerate().filter(|(at, _)| *at != gone);
        left.flat_map(|(_, line)| line.clone()).collect::<Vec<u8>>()
    };
    let error = read(&with(&without(4))).expect_err("an entry is missing").to_string();
    assert!(error.contains("entry 5 follows entry 3"), "{error}");
    let error = read(&with(&without(0))).expect_err("the snapshot is missing").to_string();
    assert!(error.contains("doesn't begin with a snapshot"), "{error}");

    disk.truncate(&segment_name(1), without(lines.len() - 1).len() as u64).expect("it can be cut");
    let error = read(&disk).expect_err("the segments don't meet").to_string();
    assert!(error.contains("the segment begins after entry"), "{error}");
}

#[test]
fn what_a_newer_program_wrote_is_refused_and_told_so() {
    let newer = |text: &str| {
        let disk = SimulatedDisk::new(7);
        written(&disk, &[]);
        let mut bytes = file(&disk, 1);
        let mut hasher = crc32fast::Hasher::new();
        let (before, json) = text.split_once('#').expect("a mark");
        hasher.update(before.as_bytes());
        hasher.update(json.as_bytes());
        bytes.extend(format!("{before}{:08x} {json}\n", hasher.finalize()).bytes());
        read(&with(&bytes)).expect_err("it isn't known").to_string()
    };
    let error = newer("kj1 3 #{\"kind\":\"amended\",\"time\":\"2026-11-24T12:00:00Z\"}");
    assert!(error.contains("was written by a newer version: its kind is \"amended\""), "{error}");
    let error = newer("kj2 3 #{}");
    assert!(error.contains("line 4: was written by a newer version: its version is kj2"), "{error}");
}

#[test]
fn on_a_full_disk_nothing_is_lost_and_nothing_is_written_twice() {
    let disk = SimulatedDisk::new(3);
    let mut journal = begin(&disk, 0, 0);
    let before = file(&disk, 1).len();
    disk.set_full(true);
    journal.record(&halt("daily_loss", true));
    let point = journal.point();
    let names = (&"kb" as &dyn std::fmt::Display, &"mwrywawe" as &dyn std::fmt::Display);
    journal.intent(at(2), names, MARKETS[0], &request(1), &cause());
    let fault = journal.commit().expect_err("the disk is full").to_owned();
    assert!(fault.contains("can't be written: the disk is full"), "{fault}");
    journal.take_back(point);
    journal.record(&order(1, OrderState::Rejected, 0));
    for _ in 0..5 {
        assert!(journal.probe().is_err() && journal.commit().is_err() && journal.is_failing());
    }
    disk.set_full(false);
    assert!(journal.commit().is_err(), "only a probe tries again");
    journal.probe().expect("there is room again");
    let contents = read(&disk).expect("what was torn was cut off");
    let kinds: Vec<_> = contents.entries.iter().map(|numbered| numbered.entry.kind()).collect();
    assert_eq!(kinds, ["snapshot", "run_started", "adopted", "state", "order"]);
    assert!(file(&disk, 1).len() > before && contents.torn.is_none());
}

#[test]
fn a_killed_process_leaves_what_it_wrote_and_writes_no_more() {
    let disk = SimulatedDisk::new(3);
    let mut journal = begin(&disk, 0, 0);
    disk.fail_nth_append(2);
    add(&mut journal, &Act::Halt(true));
    assert!(!disk.is_dead());
    add(&mut journal, &Act::Halt(false));
    assert!(disk.is_dead());
    add(&mut journal, &Act::Fill(1, 1, 1));
    let next = disk.reopen();
    let picture = open(Arc::new(next)).expect("it is sound").picture();
    assert!(picture.halts.contains_key("daily_loss") && picture.trades.is_empty(), "{picture:?}");
}

#[test]
fn what_was_settled_outlives_a_loss_of_power() {
    let survives = |settles: bool, seed: u64| {
        let disk = SimulatedDisk::new(seed);
        let mut journal = begin(&disk, 0, 0);
        add(&mut journal, &Act::Halt(true));
        if settles {
            journal.settle().expect("the disk is sound");
        }
        disk.power_loss(&mut Pcg64::seed_from_u64(seed));
        let picture = open(Arc::new(disk.reopen())).expect("it is sound").picture();
        picture.halts.contains_key("daily_loss")
    };
    assert!((0..50).all(|seed| survives(true, seed)));
    assert!(!(0..50).all(|seed| survives(false, seed)), "a loss of power takes what is not settled");
}

#[test]
fn old_segments_go_once_their_rows_are_safe() {
    let disk = SimulatedDisk::new(3);
    let mut journal = begin(&disk, 0, 0);
    for _ in 0..5 {
        add(&mut journal, &Act::Halt(true));
        add(&mut journal, &Act::Rotate);
    }
    let numbers = || read(&disk).expect("sound").segments.iter().map(|one| one.number).collect::<Vec<_>>();
    journal.forget(3);
    assert_eq!(numbers(), [2, 3, 4, 5, 6], "only the first has nothing after entry 3");
    journal.forget(journal.seq);
    assert_eq!(numbers(), [4, 5, 6]);
    assert_eq!(open(Arc::new(disk.clone())).expect("sound").picture().seq, journal.seq);
}

#[test]
fn segments_that_come_back_after_a_power_loss_are_left_out_and_removed() {
    let disk = SimulatedDisk::new(3);
    let journal = begin(&disk, 0, 0);
    disk.create(&segment_name(9)).expect("a new one");
    disk.append(&segment_name(9), &file(&disk, 1)).expect("there is room");
    assert_eq!(read(&disk).expect("sound").segments[0].number, 9);
    let next = begin(&disk, 0, 5);
    let mut names = disk.list().expect("names");
    names.sort();
    assert_eq!(names, ["000009.journal", "000010.journal"]);
    assert!(next.seq > journal.seq);
}

#[test]
fn contradictions_are_found_and_told() {
    use OrderState::{Cancelled, Filled, PartiallyFilled, Rejected, Resting, Sent};
    let told = |records: &[Record]| {
        let disk = SimulatedDisk::new(3);
        let mut journal = begin(&disk, 0, 0);
        let names = (&"kb" as &dyn std::fmt::Display, &"mwrywawe" as &dyn std::fmt::Display);
        journal.intent(at(2), names, MARKETS[0], &request(1), &cause());
        for record in records {
            journal.record(record);
        }
        journal.commit().expect("there is room");
        let found = contradictions(&read(&disk).expect("every line is sound"));
        found.into_iter().map(|found| found.what).collect::<Vec<_>>()
    };
    let sound = [
        order(1, Sent, 0),
        order(1, PartiallyFilled, 4),
        fill(1, "t-1", 4),
        order(1, Cancelled, 4),
        order(1, Filled, 10),
        fill(1, "t-2", 6),
    ];
    assert_eq!(told(&sound), Vec::<String>::new());
    assert_eq!(
        told(&[order(1, Sent, 0), order(1, Resting, 0), order(1, Rejected, 0)]),
        ["order 1: rejected follows resting"]
    );
    assert_eq!(told(&[order(1, Resting, 0)]), ["order 1: resting follows nothing"]);
    let twice = [&sound[..3], &[order(1, PartiallyFilled, 8), fill(1, "t-1", 4)]].concat();
    assert_eq!(told(&twice), ["the trade t-1 is booked twice"]);
    assert_eq!(
        told(&[order(1, Sent, 0), order(1, PartiallyFilled, 5), fill(1, "t-1", 4)]),
        ["order 1: its fills add up to 4.00, and 5.00 are told to be filled"]
    );
    let settled = Record::Settled(crate::engine::record::SettlementRecord {
        market: MARKETS[0].into(),
        result: crate::market::Resolution::Yes,
        quantity: Quantity::from_contracts(4),
        payout: Money::from_dollars(4),
        time: at(9),
    });
    assert_eq!(
        told(&[settled]),
        ["KXRAIN-26DEC01-NYC: 4.00 contracts were paid out, and the fills add up to 3.00"]
    );
}

#[test]
fn one_name_for_two_orders_and_a_request_without_an_intent_are_contradictions() {
    let disk = SimulatedDisk::new(3);
    let mut journal = begin(&disk, 0, 0);
    add(&mut journal, &Act::Intent(1));
    add(&mut journal, &Act::Intent(1));
    journal.send(at(3), OrderId(2), Sent::Create);
    journal.commit().expect("there is room");
    let found = contradictions(&read(&disk).expect("every line is sound"));
    let whats: Vec<_> = found.iter().map(|found| found.what.as_str()).collect();
    assert_eq!(whats, ["the name kb-mwrywawe-1 stands for two orders", "order 2 is sent without an intent"]);
}
