//! What a run leaves behind: every record is in the database, to the last digit, and stays there.

use kalshi_bot::engine::Record;
use kalshi_bot::engine::funnel::GateCount;
use kalshi_bot::engine::record::{
    AccountSnapshot, Decision, ExitReason, FeedRecord, FillRecord, GatesRecord, Opened, OrderRecord,
    Resolved, SettlementRecord, StateRecord, Trade,
};
use kalshi_bot::execution::{OrderId, OrderState, Purpose};
use kalshi_bot::market::{Outcome, Resolution, Side};
use kalshi_bot::store::{RunDescription, RunKind, Store, StoreCounts, StoreError};
use kalshi_bot::units::{Money, Price, Quantity, Ratio, Timestamp};
use rusqlite::Connection;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const MARKET: &str = "KXBTC-26NOV22-B91000";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time of this test")
}

fn noon() -> Timestamp {
    at("2026-11-22T12:00:00Z")
}

fn price(text: &str) -> Price {
    text.parse().expect("a price of this test")
}

fn dollars(text: &str) -> Money {
    text.parse().expect("an amount of this test")
}

fn run(id: &str, kind: RunKind) -> RunDescription {
    RunDescription {
        id: id.to_owned(),
        kind,
        source: "generated markets, seed 7".to_owned(),
        settings: "entry_threshold = \"0.85\"".to_owned(),
        started: noon(),
    }
}

fn trade(id: u64, exit_time: Timestamp) -> Trade {
    Trade {
        id,
        market: MARKET.into(),
        series: "KXBTC".into(),
        outcome: Outcome::No,
        quantity: Quantity::from_raw(123_456),
        entry_price: price("0.853301"),
        exit_price: price("0.87"),
        entry_cost: dollars("1053.451283"),
        exit_proceeds: dollars("1074.0672"),
        entry_time: noon(),
        exit_time,
        exit_reason: ExitReason::TakeProfit,
        gross_pnl: dollars("20.615917"),
        fees: dollars("20.615918"),
        net_pnl: dollars("-0.000001"),
    }
}

fn order(state: OrderState, filled: i64) -> Record {
    Record::Order(OrderRecord {
        time: noon(),
        order: OrderId(1),
        market: MARKET.into(),
        side: Side::Ask,
        price: price("0.15"),
        quantity: Quantity::from_contracts(10),
        filled: Quantity::from_contracts(filled),
        purpose: Purpose::Entry,
        state,
        reason: (state == OrderState::Cancelled).then_some("market_closed"),
    })
}

fn fill(id: &str, contracts: i64) -> Record {
    Record::Fill(FillRecord {
        trade_id: id.into(),
        order: OrderId(1),
        market: MARKET.into(),
        side: Side::Ask,
        price: price("0.15"),
        quantity: Quantity::from_contracts(contracts),
        fee: dollars("0.008925"),
        is_taker: true,
        time: noon(),
        purpose: Purpose::Entry,
    })
}

fn state(reason: &'static str, added: bool, latched: bool) -> Record {
    Record::State(StateRecord {
        time: noon(),
        trading: if added { "halted" } else { "active" },
        reasons: if added { vec![reason] } else { Vec::new() },
        changed: reason,
        added,
        latched,
        detail: "lost 501.000000 of 10000.000000".to_owned(),
    })
}

fn decision() -> Record {
    Record::Decision(Decision {
        time: noon(),
        market: MARKET.into(),
        outcome: Outcome::No,
        price: price("0.85"),
        quantity: Quantity::from_contracts(10),
        target: price("0.87"),
        stop: price("0.83"),
        net_win: price("0.004"),
        net_loss: price("0.036"),
        break_even: Ratio::from_raw(900_000),
        bound_by: "max_position_size",
        order: OrderId(1),
    })
}

fn opened() -> Record {
    Record::Opened(Opened {
        time: noon(),
        market: MARKET.into(),
        outcome: Outcome::No,
        entry_price: price("0.85"),
        quantity: Quantity::from_contracts(10),
        target: price("0.87"),
        stop: price("0.83"),
    })
}

fn settlement() -> Record {
    Record::Settled(SettlementRecord {
        market: MARKET.into(),
        result: Resolution::Scalar(price("0.25")),
        quantity: Quantity::from_contracts(-10),
        payout: dollars("7.5"),
        time: noon(),
    })
}

fn snapshot(open_positions: u32) -> Record {
    Record::Snapshot(AccountSnapshot {
        time: noon(),
        cash: dollars("9000"),
        equity: dollars("10000.25"),
        open_positions,
        daily_pnl: dollars("-0.75"),
        total_pnl: dollars("0.25"),
    })
}

/// The day's gates so far: later ones take the place of earlier ones.
fn gates(passed: u64) -> Record {
    let refused = [("spread_too_wide", 3)].into();
    let gates = vec![GateCount { gate: "filter", passed, refused }];
    Record::Gates(GatesRecord { time: noon(), day: noon(), gates })
}

fn resolved(result: Resolution) -> Record {
    Record::Resolved(Resolved { market: MARKET.into(), result, time: noon() })
}

fn gap() -> Record {
    Record::Feed(FeedRecord {
        time: noon(),
        fault: "gap",
        market: Some(MARKET.into()),
        detail: "after 41 came 43".to_owned(),
    })
}

/// One value of the database, as text.
fn value(folder: &Path, query: &str) -> String {
    let connection = Connection::open(folder.join("kalshi-bot.db")).expect("the database opens");
    connection
        .query_row(query, [], |row| {
            Ok(match row.get_ref(0)? {
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                other => other.as_str_or_null()?.unwrap_or("null").to_owned(),
            })
        })
        .unwrap_or_else(|fault| panic!("{query}: {fault}"))
}

fn fresh() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(folder.path()).expect("a fresh store opens");
    (folder, store)
}

#[test]
fn rows_and_sums_equal_what_was_recorded() {
    let (folder, store) = fresh();
    let writer = store.start_run(&run("r1", RunKind::Paper)).unwrap();
    let trades: Vec<Trade> = (1..=1_200).map(|id| trade(id, noon())).collect();
    for record in [
        decision(),
        order(OrderState::Sent, 0),
        order(OrderState::Resting, 0),
        fill("f1", 4),
        order(OrderState::PartiallyFilled, 4),
        opened(),
        order(OrderState::Cancelled, 4),
        snapshot(1),
        snapshot(0),
        gap(),
        state("daily_loss", true, true),
        settlement(),
        gates(2),
        gates(5),
        resolved(Resolution::Yes),
        resolved(Resolution::No),
    ] {
        writer.record(&record);
    }
    for trade in &trades {
        writer.record(&Record::Closed(trade.clone()));
    }
    let counts = writer.finish(at("2026-11-22T13:00:00Z")).unwrap();
    let expected = StoreCounts {
        decisions: 1,
        orders: 1,
        fills: 1,
        trades: 1_200,
        settlements: 1,
        snapshots: 2,
        halts: 1,
        logs: 3,
        lines: 0,
        // What stays as it is isn't written again.
        gates: 3,
        results: 2,
    };
    assert_eq!(counts, expected);
    let verdicts =
        "SELECT group_concat(day || ' ' || gate || ' ' || verdict || ' ' || markets, ', ') FROM gates";
    assert_eq!(
        value(folder.path(), verdicts),
        "2026-11-22 filter passed 5, 2026-11-22 filter spread_too_wide 3"
    );
    assert_eq!(value(folder.path(), "SELECT result || ' ' || yes_value FROM results"), "no 0.000000");

    let day = jiff::civil::date(2026, 11, 22);
    let stored = store.trades_of_day(day, &jiff::tz::TimeZone::UTC).unwrap();
    assert_eq!(stored.iter().map(|stored| stored.trade.clone()).collect::<Vec<_>>(), trades);
    assert_eq!((stored[0].id.as_str(), stored[0].run.as_str()), ("r1-1", "r1"));
    let net: Money = stored.iter().map(|stored| stored.trade.net_pnl).sum();
    assert_eq!(net, dollars("-0.0012"));

    let folder = folder.path();
    assert_eq!(value(folder, "SELECT net_pnl FROM trades WHERE id = 'r1-1'"), "-0.000001");
    assert_eq!(value(folder, "SELECT size FROM trades WHERE id = 'r1-1'"), "1234.56");
    assert_eq!(value(folder, "SELECT exit_price FROM trades WHERE id = 'r1-1'"), "0.870000");
    assert_eq!(
        value(folder, "SELECT position_id FROM trades WHERE id = 'r1-1'"),
        format!("r1/{MARKET}/2026-11-22T12:00:00.000000Z")
    );
    assert_eq!(value(folder, "SELECT state || filled || reason FROM orders"), "cancelled4.00market_closed");
    assert_eq!(value(folder, "SELECT fee FROM fills"), "0.008925");
    assert_eq!(value(folder, "SELECT break_even || ' ' || net_win FROM decisions"), "0.900000 0.004000");
    assert_eq!(
        value(folder, "SELECT yes_value || ' ' || payout || ' ' || size FROM settlements"),
        "0.250000 7.500000 -10.00"
    );
    assert_eq!(value(folder, "SELECT group_concat(open_positions) FROM account_snapshots"), "1,0");
    assert_eq!(
        value(folder, "SELECT group_concat(logger || ':' || level) FROM logs"),
        "execution:INFO,market:WARN,risk:WARN"
    );
    assert_eq!(value(folder, "SELECT data ->> 'detail' FROM logs WHERE message = 'gap'"), "after 41 came 43");
    assert_eq!(value(folder, "SELECT ended_at FROM runs"), "2026-11-22T13:00:00.000000Z");
}

#[test]
fn the_owners_columns_are_all_there() {
    let (folder, _store) = fresh();
    let columns = "id, position_id, market_id, entry_price, exit_price, size, entry_time, exit_time, gross_pnl, \
                   net_pnl, exit_reason, created_at";
    assert_eq!(value(folder.path(), &format!("SELECT count(*) FROM (SELECT {columns} FROM trades)")), "0");
    let columns = "id, timestamp, balance, open_positions, daily_pnl, total_pnl, created_at";
    assert_eq!(
        value(folder.path(), &format!("SELECT count(*) FROM (SELECT {columns} FROM account_snapshots)")),
        "0"
    );
    let columns = "id, timestamp, level, logger, message, data, created_at";
    assert_eq!(value(folder.path(), &format!("SELECT count(*) FROM (SELECT {columns} FROM logs)")), "0");
    for (table, column) in
        [("trades", "market_id"), ("trades", "entry_time"), ("logs", "timestamp"), ("logs", "level")]
    {
        let query =
            format!("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name = '{table}_{column}'");
        assert_eq!(value(folder.path(), &query), "1", "index on {table}.{column}");
    }
}

#[test]
fn the_same_fill_and_trade_are_kept_once() {
    let (folder, store) = fresh();
    let writer = store.start_run(&run("r1", RunKind::Paper)).unwrap();
    for _ in 0..3 {
        writer.record(&fill("f1", 4));
        writer.record(&Record::Closed(trade(1, noon())));
    }
    let counts = writer.finish(noon()).unwrap();
    assert_eq!((counts.fills, counts.trades), (1, 1));
    assert_eq!(value(folder.path(), "SELECT count(*) FROM fills"), "1");
}

#[test]
fn a_day_is_whole_and_ends_where_the_next_begins() {
    let (_folder, store) = fresh();
    let writer = store.start_run(&run("r1", RunKind::Paper)).unwrap();
    // New York is five hours behind; its 1 November 2026 has 25 hours.
    let ends = [
        "2026-11-01T03:59:59.999999Z",
        "2026-11-01T04:00:00Z",
        "2026-11-02T04:59:59.999999Z",
        "2026-11-02T05:00:00Z",
    ];
    for (id, end) in (1..).zip(ends) {
        writer.record(&Record::Closed(trade(id, at(end))));
    }
    writer.finish(noon()).unwrap();
    let numbers = |day, zone: &jiff::tz::TimeZone| {
        let trades = store.trades_of_day(day, zone).unwrap();
        trades.into_iter().map(|stored| stored.trade.id).collect::<Vec<_>>()
    };
    let new_york = jiff::tz::TimeZone::get("America/New_York").expect("the zone is known");
    assert_eq!(numbers(jiff::civil::date(2026, 10, 31), &new_york), [1]);
    assert_eq!(numbers(jiff::civil::date(2026, 11, 1), &new_york), [2, 3]);
    assert_eq!(numbers(jiff::civil::date(2026, 11, 2), &new_york), [4]);
    assert_eq!(numbers(jiff::civil::date(2026, 11, 1), &jiff::tz::TimeZone::UTC), [1, 2]);
    let last_day = store.trades_of_day(jiff::civil::Date::MAX, &new_york);
    assert!(matches!(last_day, Err(StoreError::Day { .. })));
}

#[test]
fn a_latched_halt_survives_until_it_is_cleared() {
    let (folder, store) = fresh();
    let writer = store.start_run(&run("r1", RunKind::Live)).unwrap();
    writer.record(&state("feed_stale", true, false));
    writer.record(&state("daily_loss", true, true));
    writer.record(&state("daily_loss", true, true));
    writer.record(&state("losing_streak", true, true));
    writer.record(&state("losing_streak", false, true));
    assert_eq!(writer.finish(noon()).unwrap().halts, 2);
    drop(store);

    let store = Store::open(folder.path()).unwrap();
    let halts = store.latched_halts(RunKind::Live).unwrap();
    assert_eq!(halts.len(), 1);
    assert_eq!((halts[0].reason.as_str(), halts[0].run.as_deref()), ("daily_loss", Some("r1")));
    assert_eq!((halts[0].latched_at, halts[0].detail.as_str()), (noon(), "lost 501.000000 of 10000.000000"));
    assert_eq!(store.latched_halts(RunKind::Paper).unwrap(), []);

    assert_eq!(store.clear_halts(RunKind::Paper, noon()).unwrap(), 0);
    assert_eq!(store.clear_halts(RunKind::Live, noon()).unwrap(), 1);
    assert_eq!(store.latched_halts(RunKind::Live).unwrap(), []);
    let writer = store.start_run(&run("r2", RunKind::Live)).unwrap();
    writer.record(&state("daily_loss", true, true));
    writer.finish(noon()).unwrap();
    assert_eq!(store.latched_halts(RunKind::Live).unwrap()[0].run.as_deref(), Some("r2"));
    assert_eq!(value(folder.path(), "SELECT count(*) FROM halts"), "3");
}

#[test]
fn a_dropped_writer_stores_what_it_was_given() {
    let (folder, store) = fresh();
    let writer = store.start_run(&run("r1", RunKind::Paper)).unwrap();
    for id in 1..=700 {
        writer.record(&Record::Closed(trade(id, noon())));
    }
    drop(writer);
    assert_eq!(value(folder.path(), "SELECT count(*) FROM trades"), "700");
    let runs = store.runs().unwrap();
    assert_eq!((runs[0].id.as_str(), runs[0].started, runs[0].ended), ("r1", noon(), None));
}

#[test]
fn runs_pile_up_over_openings_and_ids_are_unique() {
    let (folder, store) = fresh();
    store.start_run(&run("b", RunKind::Paper)).unwrap().finish(noon()).unwrap();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    store.start_run(&run("a", RunKind::Live)).unwrap().finish(noon()).unwrap();
    let fault = store.start_run(&run("b", RunKind::Paper)).unwrap_err();
    assert!(matches!(fault, StoreError::RunExists { .. }), "{fault}");
    let runs = store.runs().unwrap();
    let seen: Vec<_> = runs.iter().map(|run| (run.id.as_str(), run.kind, run.ended)).collect();
    assert_eq!(seen, [("b", RunKind::Paper, Some(noon())), ("a", RunKind::Live, Some(noon()))]);
    assert_eq!(runs[0].source, "generated markets, seed 7");
}

#[test]
fn a_folder_serves_one_at_a_time() {
    let (folder, store) = fresh();
    let fault = Store::open(folder.path()).unwrap_err();
    assert!(matches!(fault, StoreError::InUse { .. }), "{fault}");
    assert!(fault.to_string().contains(&folder.path().display().to_string()), "{fault}");

    let writer = store.start_run(&run("r1", RunKind::Paper)).unwrap();
    drop(store);
    assert!(matches!(Store::open(folder.path()), Err(StoreError::InUse { .. })), "the writer still writes");
    writer.finish(noon()).unwrap();
    Store::open(folder.path()).expect("the folder is free again");
}

#[test]
fn folder_and_files_are_for_their_owner_alone() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("a").join("state");
    let store = Store::open(&folder).unwrap();
    let _writer = store.start_run(&run("r1", RunKind::Paper)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_place_that_cannot_hold_a_store_is_named() {
    let outer = tempfile::tempdir().unwrap();
    let file = outer.path().join("file");
    fs::write(&file, "").unwrap();
    for folder in [file.clone(), file.join("state")] {
        let fault = Store::open(&folder).unwrap_err();
        assert!(matches!(fault, StoreError::Folder { .. }), "{fault}");
        assert!(fault.to_string().contains(&folder.display().to_string()), "{fault}");
    }
    // A folder in the database's place can't be opened for writing, whoever asks.
    fs::create_dir_all(outer.path().join("state/kalshi-bot.db")).unwrap();
    let fault = Store::open(&outer.path().join("state")).unwrap_err();
    assert!(matches!(fault, StoreError::Folder { .. }), "{fault}");
}

/// Makes a store, changes its database as a stranger would, and opens it again.
fn reopened_after(change: &str) -> StoreError {
    let (folder, store) = fresh();
    drop(store);
    let connection = Connection::open(folder.path().join("kalshi-bot.db")).expect("the database opens");
    connection.execute_batch(change).expect(change);
    drop(connection);
    Store::open(folder.path()).expect_err(change)
}

#[test]
fn a_newer_database_is_refused() {
    let fault = reopened_after(
        "INSERT INTO refinery_schema_history SELECT 99, 'later', applied_on, checksum FROM refinery_schema_history \
         LIMIT 1",
    );
    assert!(matches!(fault, StoreError::Newer { found: 99, .. }), "{fault}");
    assert!(fault.to_string().contains("Use the newer program"), "{fault}");
}

#[test]
fn altered_tables_are_refused() {
    for change in [
        "UPDATE refinery_schema_history SET checksum = '1'",
        "UPDATE refinery_schema_history SET checksum = 'none'",
        "UPDATE refinery_schema_history SET name = 'other'",
        "UPDATE refinery_schema_history SET applied_on = 'yesterday'",
        "UPDATE refinery_schema_history SET checksum = NULL",
        "ALTER TABLE refinery_schema_history DROP COLUMN checksum",
        "DROP TABLE refinery_schema_history",
        "DELETE FROM refinery_schema_history",
        "DROP TABLE halts",
        "ALTER TABLE trades DROP COLUMN net_pnl",
    ] {
        let fault = reopened_after(change);
        assert!(matches!(fault, StoreError::Altered { .. }), "{change}: {fault}");
    }
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("kalshi-bot.db"), "not a database at all, ".repeat(100)).unwrap();
    let fault = Store::open(folder.path()).unwrap_err();
    assert!(matches!(fault, StoreError::Damaged { .. }), "{fault}");
}

/// Set in the child process of the test below: the folder to write to until killed.
const CHILD_FOLDER: &str = "KALSHI_BOT_TEST_STORE_FOLDER";

#[test]
fn a_killed_run_leaves_whole_batches() {
    if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
        return record_until_killed(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_run_leaves_whole_batches"])
        .env(CHILD_FOLDER, folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let told = lines.by_ref().map_while(Result::ok).find(|line| line.contains("the second run has begun"));
    assert!(told.is_some(), "the child began its second run");
    while value(folder.path(), "SELECT count(*) FROM account_snapshots WHERE run_id = 'r2'") == "0" {
        assert!(child.try_wait().unwrap().is_none(), "the child runs until it is killed");
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let store = Store::open(folder.path()).expect("a killed process leaves a sound store");
    assert_eq!(value(folder.path(), "PRAGMA integrity_check"), "ok");
    assert_eq!(value(folder.path(), "SELECT count(*) FROM trades WHERE run_id = 'r1'"), "700");
    let holes = "SELECT max(seq) - count(*) FROM account_snapshots WHERE run_id = 'r2'";
    assert_eq!(value(folder.path(), holes), "0", "no record is missing before the last one stored");
    let ends: Vec<_> = store.runs().unwrap().into_iter().map(|run| run.ended).collect();
    assert_eq!(ends, [Some(noon()), None]);
}

fn record_until_killed(folder: &Path) {
    let store = Store::open(folder).expect("a fresh store opens");
    let writer = store.start_run(&run("r1", RunKind::Paper)).expect("the run starts");
    for id in 1..=700 {
        writer.record(&Record::Closed(trade(id, noon())));
    }
    writer.finish(noon()).expect("everything is stored");
    let writer = store.start_run(&run("r2", RunKind::Paper)).expect("the run starts");
    writeln!(std::io::stdout(), "the second run has begun").expect("the test listens");
    for _ in 0..100_000 {
        writer.record(&snapshot(0));
    }
    // Nothing ever comes on stdin; it closes if the test that waits for this process is gone.
    std::io::stdin().read_line(&mut String::new()).expect("stdin is a pipe");
}
