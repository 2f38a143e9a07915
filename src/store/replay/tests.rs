use super::*;
use crate::engine::Record;
use crate::engine::record::{FillRecord, OrderRecord, StateRecord};
use crate::execution::client_id::{Prefix, RunTag};
use crate::execution::{OrderId, OrderState, Purpose};
use crate::journal::{self, Journal, SimulatedDisk};
use crate::market::Side;
use crate::store::{RunDescription, Writer};
use crate::units::{Money, Price, Quantity, Timestamp};
use std::sync::Arc;

const MARKET: &str = "KXRAIN-26DEC01-NYC";

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(1_795_370_000 + second)
}

fn order(state: OrderState, filled: i64) -> Record {
    Record::Order(OrderRecord {
        time: at(1),
        order: OrderId(1),
        market: MARKET.into(),
        side: Side::Bid,
        price: Price::from_raw(850_000),
        quantity: Quantity::from_contracts(10),
        filled: Quantity::from_contracts(filled),
        purpose: Purpose::Entry,
        state,
        reason: None,
    })
}

fn fill() -> Record {
    Record::Fill(FillRecord {
        trade_id: "t-1".into(),
        order: OrderId(1),
        market: MARKET.into(),
        side: Side::Bid,
        price: Price::from_raw(850_000),
        quantity: Quantity::from_contracts(4),
        fee: Money::from_raw(12_345),
        is_taker: true,
        time: at(2),
        purpose: Purpose::Entry,
    })
}

fn state(added: bool) -> Record {
    Record::State(StateRecord {
        time: at(3),
        trading: if added { "halted" } else { "active" },
        reasons: Vec::new(),
        changed: "daily_loss",
        added,
        latched: true,
        detail: String::new(),
    })
}

/// A live run that is killed, its journal and its store.
struct Run {
    disk: SimulatedDisk,
    folder: tempfile::TempDir,
}

impl Run {
    fn new() -> Self {
        Self { disk: SimulatedDisk::new(1), folder: tempfile::tempdir().expect("a folder") }
    }

    fn key() -> AccountKey {
        AccountKey::kept("demo-3f9a0c1b2d4e")
    }

    fn store(&self) -> Store {
        Store::open(self.folder.path()).expect("it opens").inline()
    }

    fn start(&self, store: &Store, second: i64) -> (Journal, Writer) {
        let run = RunDescription {
            id: String::new(),
            kind: RunKind::Live,
            source: "demo".to_owned(),
            settings: String::new(),
            started: at(second),
        };
        let (key, prefix, tag) = (Self::key(), Prefix::default(), RunTag::of_start(at(second)));
        let found = journal::open(Arc::new(self.disk.reopen())).expect("it is sound");
        store.replay(&found.contents).expect("it can be stored");
        let writer = store.start_live_run(&run, &key, &prefix).expect("it starts");
        let started = Entry::RunStarted(RunStarted {
            time: at(second),
            run: key.run(&prefix, tag).into(),
            account: key.as_str().into(),
            prefix: prefix.as_str().into(),
            tag: tag.to_string().into(),
            version: "1".into(),
            source: "demo".into(),
            settings: "".into(),
            halts: Vec::new(),
        });
        let mark = store.journal_mark().expect("it can be read");
        (found.begin(mark, &[started]).expect("there is room"), writer)
    }

    /// Every row that the journal stands for.
    fn rows(store: &Store) -> Vec<String> {
        let queries = [
            "SELECT 'run ' || id FROM runs",
            "SELECT 'order ' || order_id || ' ' || state || ' ' || filled FROM orders",
            "SELECT 'fill ' || trade_id FROM fills",
            "SELECT 'name ' || exchange_id || ' ' || client_id FROM exchange_orders",
            "SELECT 'halt ' || reason FROM halts WHERE cleared_at IS NULL",
            "SELECT 'log ' || message FROM logs ORDER BY seq",
        ];
        queries.iter().flat_map(|query| store.select(query, [], |row| row.get(0)).expect("rows")).collect()
    }
}

/// Hands records to journal and writer, as a run does.
fn told(journal: &mut Journal, writer: &Writer, records: &[Record]) {
    for record in records {
        let seq = journal.record(record);
        journal.commit().expect("there is room");
        writer.journaled(record, seq);
    }
}

fn day() -> Vec<Record> {
    use OrderState::{PartiallyFilled, Resting, Sent};
    vec![order(Sent, 0), order(Resting, 0), order(PartiallyFilled, 4), fill(), state(true)]
}

#[test]
fn what_the_store_lacks_is_stored_once_wherever_the_kill_came() {
    let mut seen = Vec::new();
    for stored in 0..=day().len() {
        let run = Run::new();
        let store = run.store();
        let (mut journal, writer) = run.start(&store, 0);
        told(&mut journal, &writer, &day()[..stored]);
        writer.beat().expect("it can be stored");
        told(&mut journal, &writer, &day()[stored..]);
        let seq = journal.named(at(4), OrderId(1), "o-1");
        journal.commit().expect("there is room");
        writer.exchange_order(OrderId(1), "o-1", seq);
        run.disk.kill();
        drop((journal, writer, store));

        let store = run.store();
        let before = store.journal_mark().expect("a mark");
        assert_eq!(before, if stored == 0 { 0 } else { 1 + stored as u64 }, "a dead writer stores nothing");
        let contents = journal::read(&run.disk.reopen()).expect("it is sound");
        store.replay(&contents).expect("it can be stored");
        let rows = Run::rows(&store);
        assert_eq!(store.replay(&contents).expect("again"), StoreCounts::default());
        assert_eq!(Run::rows(&store), rows, "twice is once");
        assert_eq!(store.journal_mark().expect("a mark"), contents.last());
        seen.push(rows);
    }
    assert!(seen.iter().all(|rows| rows == &seen[0]), "{seen:#?}");
    let tag = RunTag::of_start(at(0));
    let wanted = [
        format!("run demo-3f9a0c1b2d4e-kb-{tag}"),
        "order 1 partially_filled 4.00".to_owned(),
        "fill t-1".to_owned(),
        format!("name o-1 kb-{tag}-1"),
        "halt daily_loss".to_owned(),
    ];
    let is_numbered = |row: &&String| row.starts_with("log ");
    assert_eq!(seen[0].iter().filter(|row| !is_numbered(row)).cloned().collect::<Vec<_>>(), wanted);
    assert_eq!(seen[0].iter().filter(is_numbered).count(), 1, "a line of the log is there once");
}

#[test]
fn a_store_that_lost_the_run_itself_gets_it_back() {
    let run = Run::new();
    let store = run.store();
    let (mut journal, writer) = run.start(&store, 0);
    told(&mut journal, &writer, &day());
    drop((journal, writer, store));
    let other = tempfile::tempdir().expect("a folder");
    let store = Store::open(other.path()).expect("a store from before");
    store.replay(&journal::read(&run.disk).expect("sound")).expect("it can be stored");
    let account = store.live_account(&Run::key()).expect("an account");
    assert_eq!((account.orders.len(), account.fills.len()), (1, 1));
    assert_eq!(store.latched_halts(RunKind::Live).expect("halts").len(), 1);
}

#[test]
fn after_a_power_loss_numbers_go_on_after_the_stores_mark() {
    let run = Run::new();
    let store = run.store();
    let (mut journal, writer) = run.start(&store, 0);
    told(&mut journal, &writer, &day());
    writer.beat().expect("it can be stored");
    let mark = store.journal_mark().expect("a mark");
    drop((journal, writer));
    run.disk.kill();
    let lost = run.disk.reopen();
    let torn = journal::Disk::read(&lost, "000001.journal").expect("bytes").len() - 900;
    journal::Disk::truncate(&lost, "000001.journal", torn as u64).expect("it can be cut");
    let (mut journal, writer) = run.start(&store, 60);
    told(&mut journal, &writer, &[state(false)]);
    let contents = journal::read(&run.disk.reopen()).expect("a later run may begin later");
    assert_eq!(contents.last(), mark + 2);
    writer.beat().expect("it can be stored");
    assert_eq!(store.latched_halts(RunKind::Live).expect("halts"), []);
}

#[test]
fn a_mark_is_safe_once_the_database_is_checkpointed() {
    let run = Run::new();
    let store = run.store();
    let (mut journal, writer) = run.start(&store, 0);
    told(&mut journal, &writer, &day());
    writer.beat().expect("it can be stored");
    let mark = store.journal_mark().expect("a mark");
    assert_eq!(store.safe_journal_mark().expect("a checkpoint"), Some(mark));
}
