use super::*;
use crate::config::{LogDestination, LogFormat, LogRotation, Logging};
use crate::engine::record::AccountSnapshot;
use crate::store::{RunDescription, RunKind, Store};
use crate::units::Money;
use tracing_subscriber::layer::SubscriberExt;

fn snapshot(number: i64) -> Record {
    Record::Snapshot(AccountSnapshot {
        time: Timestamp::from_secs(number),
        cash: Money::from_dollars(number),
        equity: Money::from_dollars(number),
        open_positions: 0,
        daily_pnl: Money::ZERO,
        total_pnl: Money::ZERO,
    })
}

/// A store with one run, and a backlog that writes to it on this thread. The folder lives as long as the guard.
fn backlog() -> (tempfile::TempDir, Store, Backlog) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(folder.path()).expect("a fresh store opens");
    let run = RunDescription {
        id: "run".to_owned(),
        kind: RunKind::Paper,
        source: "seed 1".to_owned(),
        settings: String::new(),
        started: Timestamp::EPOCH,
    };
    store.start_run(&run).expect("the run starts").finish(Timestamp::EPOCH).expect("nothing to store");
    let connection = crate::store::connect(store.path()).expect("a second connection opens");
    connection.busy_timeout(Duration::ZERO).expect("the wait can be set");
    let backlog = Backlog::new(connection, store.path(), RunKey { id: run.id, kind: run.kind, live: None });
    (folder, store, backlog)
}

fn snapshots(store: &Store) -> Vec<i64> {
    let connection = Connection::open(store.path()).expect("the database opens");
    let mut statement =
        connection.prepare("SELECT seq FROM account_snapshots ORDER BY id").expect("the table is there");
    let rows = statement.query_map([], |row| row.get(0)).expect("the table can be read");
    rows.collect::<rusqlite::Result<_>>().expect("seq is an integer")
}

#[test]
fn what_a_locked_database_refuses_waits_and_is_stored_later() {
    let (_folder, store, mut backlog) = backlog();
    let other = Connection::open(store.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for number in 1..=3 {
        backlog.push(snapshot(number));
    }
    let fault = backlog.store().unwrap_err();
    assert!(matches!(fault, StoreError::Locked { .. }), "{fault}");
    assert_eq!((backlog.waiting.len(), backlog.counts.snapshots), (3, 0));

    other.execute_batch("ROLLBACK").unwrap();
    backlog.push(snapshot(4));
    backlog.store().unwrap();
    assert_eq!((backlog.waiting.len(), backlog.counts.snapshots), (0, 4));
    assert_eq!(snapshots(&store), [1, 2, 3, 4]);
}

#[test]
fn a_full_disk_keeps_whole_batches_and_says_how_many_records_are_missing() {
    let (_folder, store, backlog) = backlog();
    // The database may grow by a few pages: enough for the first batches, not for all.
    let pages: i64 = backlog.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    backlog.connection.pragma_update(None, "max_page_count", pages + 40).unwrap();
    let (messages, inbox) = channel();
    for number in 1..=4_000 {
        messages.send(Message::Entry(snapshot(number).into())).unwrap();
    }
    messages.send(Message::End(Some(Timestamp::EPOCH))).unwrap();

    let fault = write_all(backlog, &inbox).unwrap_err();
    let StoreError::Unsaved { records, cause } = &fault else { panic!("{fault}") };
    assert!(matches!(**cause, StoreError::Full { .. }), "{fault}");
    let stored = snapshots(&store);
    assert!(!stored.is_empty() && stored.len().is_multiple_of(BATCH_RECORDS), "{} rows", stored.len());
    assert_eq!(stored.len() + records, 4_000);
    assert!(fault.to_string().contains("the disk is full. Make room"), "{fault}");
}

#[test]
fn a_batch_that_is_written_twice_adds_nothing() {
    let (_folder, store, mut backlog) = backlog();
    backlog.push(snapshot(1));
    let again = backlog.waiting.clone();
    backlog.store().unwrap();
    backlog.waiting = again;
    backlog.store().unwrap();
    assert_eq!(snapshots(&store), [1]);
    assert_eq!(backlog.counts.snapshots, 1);
}

/// A log whose lines go to the store and nowhere else that could be seen.
fn logs() -> Logs {
    let logging = Logging {
        level: tracing::Level::INFO,
        modules: Vec::new(),
        format: LogFormat::Json,
        destination: LogDestination::Stderr,
        file: None,
        rotation: LogRotation::Never,
        keep_files: 1,
        store_level: tracing::Level::INFO,
    };
    Logs::start_with(&logging, std::io::sink()).expect("nothing to open")
}

/// The numbers and messages of the program's own lines, in the order in which they were written.
fn lines(store: &Store) -> Vec<(i64, String)> {
    let connection = Connection::open(store.path()).expect("the database opens");
    let mut statement =
        connection.prepare("SELECT seq, message FROM logs ORDER BY id").expect("the table is there");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("the table can be read");
    rows.collect::<rusqlite::Result<_>>().expect("numbers and texts")
}

#[test]
fn log_lines_come_after_records_some_at_a_time_and_count_down() {
    let (_folder, store, mut backlog) = backlog();
    let logs = logs();
    backlog.lines = logs.stored();
    let log = |number: usize| {
        tracing::subscriber::with_default(tracing_subscriber::registry().with(logs.layer()), || {
            tracing::info!("line {number}");
        });
    };
    (1..=BATCH_LINES + 2).for_each(log);
    backlog.push(snapshot(1));
    let other = Connection::open(store.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(backlog.store().is_err() && backlog.store_lines().is_err());
    other.execute_batch("ROLLBACK").unwrap();

    backlog.store().unwrap();
    assert_eq!((snapshots(&store), lines(&store)), (vec![1], Vec::new()));
    backlog.store_lines().unwrap();
    assert_eq!((lines(&store).len(), backlog.counts.lines), (BATCH_LINES, BATCH_LINES));
    log(BATCH_LINES + 3);
    backlog.store_last_lines();
    let expected: Vec<(i64, String)> = (1..=BATCH_LINES + 3)
        .map(|number| (-i64::try_from(number).unwrap(), format!("line {number}")))
        .collect();
    assert_eq!(lines(&store), expected);
    log(0);
    assert_eq!(
        logs.queues().last(),
        Some(&Queue::new("log_store", 0, 0)),
        "nobody waits for lines after the end"
    );
}

#[test]
fn lines_that_cannot_be_stored_at_the_end_are_counted_as_dropped() {
    let (_folder, store, mut backlog) = backlog();
    let logs = logs();
    backlog.lines = logs.stored();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(logs.layer()), || {
        tracing::info!("a line");
    });
    let other = Connection::open(store.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    backlog.store_last_lines();
    assert_eq!(logs.queues().last(), Some(&Queue::new("log_store", 0, 1)));
}
