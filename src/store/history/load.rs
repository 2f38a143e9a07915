//! Reads a stretch of time from either store.

use super::{
    AccountHistory, History, StoredDecision, StoredFill, StoredGate, StoredHalt, StoredResult, StoredRun,
    StoredSnapshot, StoredTrade,
};
use crate::replay::driver::next_day;
use crate::store::row::{Condition, Row};
use crate::store::table::{ACCOUNT_SNAPSHOTS, DECISIONS, FILLS, GATES, HALTS, RESULTS, RUNS, TRADES, Table};
use crate::store::{RowStore, RunKind, StoreError};
use crate::units::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// An entry fills at most this long after it was decided on.
const LONGEST_ENTRY: Duration = Duration::from_hours(24);
/// Texts in one condition: they travel in an address, which has its limits.
const TEXTS: usize = 50;

/// Runs that left rows in `from..to`, by their own clocks. Some may be paper runs and some live.
///
/// # Errors
/// [`StoreError`] when the store can't be read.
pub fn active_runs(
    store: &dyn RowStore,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<StoredRun>, StoreError> {
    let mut ids = BTreeSet::new();
    for (table, column) in [
        (&ACCOUNT_SNAPSHOTS, "timestamp"),
        (&TRADES, "exit_time"),
        (&DECISIONS, "timestamp"),
        (&HALTS, "latched_at"),
    ] {
        for row in store.read(table, &Condition::within(column, from, to))? {
            ids.extend(row.read_optional::<String>("run_id")?);
        }
    }
    let mut runs =
        rows_among(store, &RUNS, "id", ids)?.iter().map(StoredRun::of).collect::<Result<Vec<_>, _>>()?;
    runs.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
    Ok(runs)
}

/// The last trade that is kept, of whatever kind of run.
///
/// # Errors
/// [`StoreError`] when the store can't be read.
pub fn last_trade(store: &dyn RowStore) -> Result<Option<StoredTrade>, StoreError> {
    Ok(store.last(&TRADES, "exit_time", &[])?.as_ref().map(StoredTrade::of).transpose()?)
}

impl History {
    /// Everything that these runs left in `from..to`. They have to be of one kind.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn load(
        store: &dyn RowStore,
        kind: RunKind,
        runs: Vec<StoredRun>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Self, StoreError> {
        let other_runs = other_runs(store, &runs)?;
        let ours: BTreeSet<&str> = runs.iter().map(|run| run.id.as_str()).collect();
        let all: BTreeSet<&str> = runs.iter().chain(&other_runs).map(|run| run.id.as_str()).collect();
        let within = |table: &'static Table, column, from, to| -> Result<Vec<Row>, StoreError> {
            let mut rows = store.read(table, &Condition::within(column, from, to))?;
            rows.retain(|row| is_among(row, &all));
            Ok(rows)
        };
        let mut trades = of_rows(&within(&TRADES, "exit_time", from, to)?, StoredTrade::of)?;
        trades.sort_by(|a, b| {
            (a.trade.exit_time, &a.run, a.trade.id).cmp(&(b.trade.exit_time, &b.run, b.trade.id))
        });
        let earliest = trades.iter().map(|trade| trade.trade.entry_time).fold(from, Timestamp::min);
        // A market of a live account may have been entered by another run.
        let traded: BTreeSet<&str> = trades.iter().map(|trade| &*trade.trade.market).collect();
        let belongs = |time: Timestamp, market: &str| time >= from || traded.contains(market);
        let decided = within(&DECISIONS, "timestamp", earliest - LONGEST_ENTRY, to)?;
        let mut decisions = of_rows(&decided, StoredDecision::of)?;
        decisions.retain(|one| belongs(one.time, &one.market));
        decisions.sort_by(|a, b| (a.time, &a.run, a.order).cmp(&(b.time, &b.run, b.order)));
        let mut fills = of_rows(&within(&FILLS, "timestamp", earliest, to)?, StoredFill::of)?;
        fills.retain(|one| belongs(one.time, &one.market));
        fills.sort_by(|a, b| (a.time, &a.run, &a.trade_id).cmp(&(b.time, &b.run, &b.trade_id)));
        let halts = halts(store, kind, &ours, from, to)?;
        let gates = rows_among(store, &GATES, "day", days(from, to))?;
        let gates = gates.iter().filter(|row| is_among(row, &ours)).map(StoredGate::of);
        let gates = gates.collect::<Result<_, _>>()?;
        let snapshots = of_rows(&within(&ACCOUNT_SNAPSHOTS, "timestamp", from, to)?, StoredSnapshot::of)?;
        let accounts = accounts(store, &runs, &other_runs, snapshots, from)?;
        let results = results(store, &all, &trades)?;
        Ok(Self {
            kind,
            from,
            to,
            runs,
            other_runs,
            accounts,
            trades,
            decisions,
            fills,
            halts,
            gates,
            results,
        })
    }
}

fn of_rows<T>(
    rows: &[Row],
    read: impl Fn(&Row) -> Result<T, crate::store::row::RowFault>,
) -> Result<Vec<T>, StoreError> {
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

fn is_among(row: &Row, runs: &BTreeSet<&str>) -> bool {
    matches!(row.value("run_id"), crate::store::row::Value::Text(run) if runs.contains(run.as_str()))
}

/// Rows in which the column is one of these texts.
fn rows_among(
    store: &dyn RowStore,
    table: &'static Table,
    column: &'static str,
    texts: impl IntoIterator<Item = String>,
) -> Result<Vec<Row>, StoreError> {
    let texts: Vec<String> = texts.into_iter().collect();
    let mut rows = Vec::new();
    for some in texts.chunks(TEXTS) {
        rows.extend(store.read(table, &[Condition::among(column, some.iter().cloned())])?);
    }
    Ok(rows)
}

fn halts(
    store: &dyn RowStore,
    kind: RunKind,
    ours: &BTreeSet<&str>,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<StoredHalt>, StoreError> {
    let mut conditions = Condition::within("latched_at", from, to).to_vec();
    conditions.push(Condition::among("kind", [kind.as_str().to_owned()]));
    let mut halts = of_rows(&store.read(&HALTS, &conditions)?, StoredHalt::of)?;
    halts.retain(|halt| halt.run.as_deref().is_none_or(|run| ours.contains(run)));
    halts.sort_by(|a, b| (a.latched_at, &a.reason).cmp(&(b.latched_at, &b.reason)));
    Ok(halts)
}

/// The exchange's days that the interval touches.
fn days(from: Timestamp, to: Timestamp) -> Vec<String> {
    let mut days = Vec::new();
    let mut at = from;
    while at < to {
        days.extend(exchange_day(at).map(|day| day.to_string()));
        at = next_day(at);
    }
    days
}

/// The exchange's day of an instant; none at the calendar's edge.
pub fn exchange_day(at: Timestamp) -> Option<Date> {
    let zone = TimeZone::get("America/New_York").ok()?;
    Some(jiff::Timestamp::from_microsecond(at.micros()).ok()?.to_zoned(zone).date())
}

/// Snapshots by account, each account with the last one before the interval.
fn accounts(
    store: &dyn RowStore,
    runs: &[StoredRun],
    other_runs: &[StoredRun],
    mut snapshots: Vec<StoredSnapshot>,
    from: Timestamp,
) -> Result<Vec<AccountHistory>, StoreError> {
    snapshots.sort_by_key(|snapshot| snapshot.time);
    let names: BTreeMap<&str, &str> = runs.iter().map(|run| (run.id.as_str(), account_of(run))).collect();
    let mut accounts: BTreeMap<&str, Vec<StoredSnapshot>> =
        runs.iter().map(|run| (account_of(run), Vec::new())).collect();
    for snapshot in snapshots {
        if let Some(name) = names.get(snapshot.run.as_str()) {
            accounts.entry(name).or_default().push(snapshot);
        }
    }
    let mut found = Vec::with_capacity(accounts.len());
    for (name, snapshots) in accounts {
        // A paper run is told by its own clock, which may stand anywhere; its start is the wall's.
        let is_before = |run: &StoredRun| run.account.is_none() || run.started < from;
        let mut before: Vec<&StoredRun> =
            runs.iter().chain(other_runs).filter(|run| account_of(run) == name && is_before(run)).collect();
        before.sort_by_key(|run| Reverse(run.started));
        let opening = opening(store, &before, from)?;
        found.push(AccountHistory { name: name.to_owned(), opening, snapshots });
    }
    Ok(found)
}

fn account_of(run: &StoredRun) -> &str {
    run.account.as_deref().unwrap_or(&run.id)
}

/// The last snapshot of an account before the interval. `runs` are those of the account, the newest first: they follow one
/// another, so the newest that has one has the last one.
fn opening(
    store: &dyn RowStore,
    runs: &[&StoredRun],
    from: Timestamp,
) -> Result<Option<StoredSnapshot>, StoreError> {
    for some in runs.chunks(TEXTS) {
        let conditions = [
            Condition { column: "timestamp", test: crate::store::row::Test::Before(from) },
            Condition::among("run_id", some.iter().map(|run| run.id.clone())),
        ];
        if let Some(row) = store.last(&ACCOUNT_SNAPSHOTS, "timestamp", &conditions)? {
            return Ok(Some(StoredSnapshot::of(&row)?));
        }
    }
    Ok(None)
}

/// How the markets resolved that were traded, as these runs saw it.
fn results(
    store: &dyn RowStore,
    runs: &BTreeSet<&str>,
    trades: &[StoredTrade],
) -> Result<Vec<StoredResult>, StoreError> {
    let markets: BTreeSet<String> = trades.iter().map(|trade| trade.trade.market.to_string()).collect();
    let mut rows = rows_among(store, &RESULTS, "market_id", markets)?;
    rows.retain(|row| is_among(row, runs));
    let mut results = of_rows(&rows, StoredResult::of)?;
    results.sort_by(|a, b| (a.time, &a.market, &a.run).cmp(&(b.time, &b.market, &b.run)));
    Ok(results)
}

/// Every other run of the live accounts that these runs trade.
fn other_runs(store: &dyn RowStore, runs: &[StoredRun]) -> Result<Vec<StoredRun>, StoreError> {
    let accounts: BTreeSet<String> = runs.iter().filter_map(|run| run.account.clone()).collect();
    let mut others = of_rows(&rows_among(store, &RUNS, "account", accounts)?, StoredRun::of)?;
    others.retain(|other| runs.iter().all(|run| run.id != other.id));
    others.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
    Ok(others)
}
