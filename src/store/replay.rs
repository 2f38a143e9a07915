//! The journal is the store's write-ahead log: what a run wrote there and its writer had not stored yet when the process
//! ended is stored by the next start, through the same rows, before anything else reads the store.
//!
//! The mark says up to which entry the rows are in. It changes in the transaction that writes them, here and in the
//! writer, so that nothing is stored twice and nothing is left out.

use super::account::{LiveRun, name_order};
use super::rows::{self, RunKey, StoreCounts};
use super::{AccountKey, RunKind, Store, StoreError};
use crate::journal::entry::RunStarted;
use crate::journal::picture::LatestRun;
use crate::journal::{Contents, Entry, Numbered};
use rusqlite::{Connection, TransactionBehavior, params};

pub(super) const MARK: &str = "SELECT seq FROM journal_mark";
pub(super) const SET_MARK: &str = "UPDATE journal_mark SET seq = ?1 WHERE seq < ?1";
const RUN: &str = "INSERT INTO runs (id, kind, source, settings, started_at, account, prefix, tag) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
const RUN_ENDED: &str = "UPDATE runs SET ended_at = ? WHERE id = ? AND ended_at IS NULL";
/// The last number that a record of the run has in the tables that number them.
const LAST_RECORD: &str = "SELECT max(seq) FROM (SELECT max(seq) AS seq FROM logs WHERE run_id = ?1 \
     UNION ALL SELECT max(seq) FROM account_snapshots WHERE run_id = ?1 \
     UNION ALL SELECT max(seq) FROM halts WHERE run_id = ?1 UNION ALL SELECT 0)";

/// Every statement of this room, to be checked against the tables.
pub(super) const STATEMENTS: [&str; 5] = [MARK, SET_MARK, RUN, RUN_ENDED, LAST_RECORD];

/// Notes that the rows of all entries up to this one are in.
pub(super) fn set_mark(connection: &Connection, seq: u64) -> rusqlite::Result<()> {
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    connection.prepare_cached(SET_MARK)?.execute(params![seq]).map(drop)
}

fn mark(connection: &Connection) -> rusqlite::Result<u64> {
    let seq: i64 = connection.prepare_cached(MARK)?.query_row([], |row| row.get(0))?;
    Ok(u64::try_from(seq).unwrap_or(0))
}

impl Store {
    /// The number of the last journal entry whose rows are in.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be read.
    pub fn journal_mark(&self) -> Result<u64, StoreError> {
        mark(&self.connection).map_err(|cause| self.fault(cause))
    }

    /// The number of the last journal entry whose rows are in and on the disk itself; `None` while that can't be said,
    /// because somebody reads the database.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be read or written.
    pub fn safe_journal_mark(&self) -> Result<Option<u64>, StoreError> {
        let read = || {
            let seq = mark(&self.connection)?;
            let (is_busy, pages, safe): (i64, i64, i64) =
                self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?;
            Ok((is_busy == 0 && pages == safe).then_some(seq))
        };
        read().map_err(|cause| self.fault(cause))
    }

    /// Stores what the journal has and the store has not. Returns the rows that this added.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be written; nothing of it is stored then.
    pub fn replay(&self, contents: &Contents) -> Result<StoreCounts, StoreError> {
        let replay = || {
            let transaction =
                rusqlite::Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
            let mut replay = Replay { connection: &transaction, run: None, counts: StoreCounts::default() };
            let mark = mark(&transaction)?;
            for numbered in &contents.entries {
                replay.take(numbered, numbered.seq > mark)?;
            }
            if contents.last() > mark {
                set_mark(&transaction, contents.last())?;
            }
            let counts = replay.counts;
            transaction.commit()?;
            Ok(counts)
        };
        replay().map_err(|cause| self.fault(cause))
    }
}

/// A run and the number of its last record.
struct Current {
    key: RunKey,
    last: i64,
}

struct Replay<'a> {
    connection: &'a Connection,
    run: Option<Current>,
    counts: StoreCounts,
}

impl Replay<'_> {
    fn take(&mut self, numbered: &Numbered, is_missing: bool) -> rusqlite::Result<()> {
        match &numbered.entry {
            Entry::Snapshot(picture) => {
                if let (None, Some(run)) = (&self.run, &picture.run) {
                    // The store is older than the journal's beginning.
                    if is_missing {
                        self.add_run(&known_of(run))?;
                    }
                    self.run = self.current(key_of(run))?;
                }
            }
            Entry::RunStarted(started) => {
                if is_missing {
                    self.add_run(started)?;
                }
                self.run =
                    self.current(key(&started.run, &started.account, &started.prefix, &started.tag))?;
            }
            entry if is_missing => return self.store(entry),
            _ => {}
        }
        Ok(())
    }

    fn store(&mut self, entry: &Entry<'_>) -> rusqlite::Result<()> {
        let Some(run) = &mut self.run else { return Ok(()) };
        match entry {
            Entry::Named(named) => {
                name_order(self.connection, &run.key, named.order, &named.exchange_id)?;
            }
            Entry::RunEnded(ended) => {
                let mut statement = self.connection.prepare_cached(RUN_ENDED)?;
                statement.execute(params![rows::time(ended.time), run.key.id])?;
            }
            entry => {
                if let Some(record) = entry.to_record() {
                    run.last += 1;
                    rows::insert(self.connection, &run.key, run.last, &record, &mut self.counts)?;
                }
            }
        }
        Ok(())
    }

    fn add_run(&self, started: &RunStarted<'_>) -> rusqlite::Result<()> {
        self.connection.prepare_cached(RUN)?.execute(params![
            started.run,
            RunKind::Live.as_str(),
            started.source,
            started.settings,
            rows::time(started.time),
            started.account,
            started.prefix,
            started.tag,
        ])?;
        Ok(())
    }

    fn current(&self, key: Option<RunKey>) -> rusqlite::Result<Option<Current>> {
        let Some(key) = key else { return Ok(None) };
        let mut statement = self.connection.prepare_cached(LAST_RECORD)?;
        let last = statement.query_row(params![key.id], |row| row.get(0))?;
        Ok(Some(Current { key, last }))
    }
}

/// What the journal knows of a run whose start it no longer has.
fn known_of(run: &LatestRun) -> RunStarted<'_> {
    RunStarted {
        time: run.started,
        run: run.id.as_str().into(),
        account: run.account.as_str().into(),
        prefix: run.prefix.as_str().into(),
        tag: run.tag.as_str().into(),
        version: "".into(),
        source: "known from the journal alone".into(),
        settings: "".into(),
        halts: Vec::new(),
    }
}

fn key_of(run: &LatestRun) -> Option<RunKey> {
    key(&run.id, &run.account, &run.prefix, &run.tag)
}

/// `None` where the names aren't ones that this program gives.
fn key(id: &str, account: &str, prefix: &str, tag: &str) -> Option<RunKey> {
    let live =
        LiveRun { account: AccountKey::kept(account), prefix: prefix.parse().ok()?, tag: tag.parse().ok()? };
    Some(RunKey { id: id.to_owned(), kind: RunKind::Live, live: Some(live) })
}

#[cfg(test)]
mod tests;
