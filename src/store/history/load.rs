//! Reads a stretch of time from either store.

use super::{
    AccountHistory, History, StoredDecision, StoredFill, StoredGate, StoredHalt, StoredResult, StoredRun,
    StoredSnapshot, StoredTrade,
};
use crate::clock::{exchange_day, next_day};
use crate::store::row::{Condition, Row, RowFault, Test, Value};
use crate::store::table::{ACCOUNT_SNAPSHOTS, DECISIONS, FILLS, GATES, HALTS, RESULTS, RUNS, TRADES, Table};
use crate::store::{RowStore, RunKind, StoreError};
use crate::units::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// An entry fills at most this long after it was decided on.
const LONGEST_ENTRY: Duration = Duration::from_hours(24);
/// Texts in one condition: they travel in an address, which has its limits.
const TEXTS: usize = 50;

/// What all runs left in the half-open interval `from..to`, by their own clocks, read once.
pub struct Interval<'a> {
    store: &'a dyn RowStore,
    from: Timestamp,
    to: Timestamp,
    snapshots: Vec<Row>,
    trades: Vec<Row>,
    decisions: Vec<Row>,
    halts: Vec<Row>,
}

impl std::fmt::Debug for Interval<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Interval").field("from", &self.from).field("to", &self.to).finish_non_exhaustive()
    }
}

impl<'a> Interval<'a> {
    /// Reads it.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn read(store: &'a dyn RowStore, from: Timestamp, to: Timestamp) -> Result<Self, StoreError> {
        let within = |table, column| store.read(table, &Condition::within(column, from, to));
        Ok(Self {
            store,
            from,
            to,
            snapshots: within(&ACCOUNT_SNAPSHOTS, "timestamp")?,
            trades: within(&TRADES, "exit_time")?,
            decisions: within(&DECISIONS, "timestamp")?,
            halts: within(&HALTS, "latched_at")?,
        })
    }

    /// The runs that left something. Some may be paper runs and some live.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn runs(&self) -> Result<Vec<StoredRun>, StoreError> {
        let mut ids = BTreeSet::new();
        for row in [&self.snapshots, &self.trades, &self.decisions, &self.halts].into_iter().flatten() {
            ids.extend(row.read_optional::<String>("run_id")?);
        }
        let mut runs = of_rows(&rows_among(self.store, &RUNS, "id", ids)?, StoredRun::of)?;
        runs.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
        Ok(runs)
    }

    /// Everything that these runs left. They have to be of one kind.
    ///
    /// # Errors
    /// [`StoreError`] when the store can't be read.
    pub fn history(self, kind: RunKind, runs: Vec<StoredRun>) -> Result<History, StoreError> {
        let Self { store, from, to, snapshots, trades, decisions, halts } = self;
        let other_runs = other_runs(store, &runs)?;
        let ours: BTreeSet<&str> = runs.iter().map(|run| run.id.as_str()).collect();
        let all: BTreeSet<&str> = runs.iter().chain(&other_runs).map(|run| run.id.as_str()).collect();
        let kept = |mut rows: Vec<Row>| {
            rows.retain(|row| is_among(row, &all));
            rows
        };
        let trades = StoredTrade::in_order(&kept(trades))?;
        let earliest = trades.iter().map(|trade| trade.trade.entry_time).fold(from, Timestamp::min);
        // A market of a live account may have been entered by another run.
        let traded: BTreeSet<&str> = trades.iter().map(|trade| &*trade.trade.market).collect();
        let belongs = |time: Timestamp, market: &str| time >= from || traded.contains(market);
        let before = Condition::within("timestamp", earliest - LONGEST_ENTRY, from);
        let decisions = [store.read(&DECISIONS, &before)?, decisions].concat();
        let mut decisions = of_rows(&kept(decisions), StoredDecision::of)?;
        decisions.retain(|one| belongs(one.time, &one.market));
        decisions.sort_by(|a, b| (a.time, &a.run, a.order).cmp(&(b.time, &b.run, b.order)));
        let fills = store.read(&FILLS, &Condition::within("timestamp", earliest, to))?;
        let mut fills = of_rows(&kept(fills), StoredFill::of)?;
        fills.retain(|one| belongs(one.time, &one.market));
        fills.sort_by(|a, b| (a.time, &a.run, &a.trade_id).cmp(&(b.time, &b.run, &b.trade_id)));
        let gates = rows_among(store, &GATES, "day", days(from, to))?;
        let gates = gates.iter().filter(|row| is_among(row, &ours)).map(StoredGate::of);
        let gates = gates.collect::<Result<_, _>>()?;
        let halts = halts_of(halts, kind, &ours)?;
        let snapshots = of_rows(&kept(snapshots), StoredSnapshot::of)?;
        let accounts = accounts(store, &runs, &other_runs, snapshots, from)?;
        let results = results(store, &all, &trades)?;
        Ok(History {
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

/// The last trade that is kept, of whatever kind of run.
///
/// # Errors
/// [`StoreError`] when the store can't be read.
pub fn last_trade(store: &dyn RowStore) -> Result<Option<StoredTrade>, StoreError> {
    Ok(store.last(&TRADES, "exit_time", &[])?.as_ref().map(StoredTrade::of).transpose()?)
}

fn of_rows<T>(rows: &[Row], read: impl Fn(&Row) -> Result<T, RowFault>) -> Result<Vec<T>, StoreError> {
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

fn is_among(row: &Row, runs: &BTreeSet<&str>) -> bool {
    matches!(row.value("run_id"), Value::Text(run) if runs.contains(run.as_str()))
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

/// The halts of this kind of run that latched in these runs, or while no run was up.
fn halts_of(mut rows: Vec<Row>, kind: RunKind, ours: &BTreeSet<&str>) -> Result<Vec<StoredHalt>, StoreError> {
    rows.retain(|row| matches!(row.value("kind"), Value::Text(word) if word == kind.as_str()));
    let mut halts = of_rows(&rows, StoredHalt::of)?;
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
            Condition { column: "timestamp", test: Test::Before(from) },
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
