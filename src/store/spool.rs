//! The spool: rows that have not gone on to the second store yet.
//!
//! Triggers of the local database put every row that is added or changed into the table `spool`, in the transaction that
//! writes it. [`Shipper`] takes them from there in their order, on a thread of its own: the second store may be away for
//! hours, the process may be killed at any moment, and every row still arrives once, as it stands by then. Nothing that
//! trades waits for any of this.

mod shipper;
#[cfg(test)]
mod tests;

pub use shipper::{Shipper, SpoolCounts};

use super::local::row_of_key;
use super::row::Row;
use super::supabase::Supabase;
use super::table::{TABLES, Table};
use super::{RowStore, Store, StoreError};
use crate::config::Database;
use rusqlite::{Connection, TransactionBehavior, params};
use std::collections::BTreeSet;

/// Most changes that go on together.
const BATCH: u32 = 500;

impl Store {
    /// Has everything that is written from now on spooled for the second store of this name, and everything that is
    /// there already, unless it was spooled for that store before.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be written.
    pub fn spool_for(&self, target: &str) -> Result<(), StoreError> {
        spool_for(&self.connection, target).map_err(|cause| self.fault(cause))
    }

    /// Ends the spooling: there is no second store any more. What waited for it is forgotten; if one is set again, all
    /// rows are spooled anew.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be written.
    pub fn stop_spooling(&self) -> Result<(), StoreError> {
        let statements = "BEGIN IMMEDIATE; DELETE FROM spool_target; DELETE FROM spool; COMMIT;";
        self.connection.execute_batch(statements).map_err(|cause| self.fault(cause))
    }

    /// Starts shipping to the second store that the configuration names; where it names none, nothing is spooled.
    ///
    /// # Errors
    /// [`StoreError`] when the second store can't even be prepared, and those of [`Store::ship_to`]. One that can't be
    /// reached is no error: rows wait for it.
    pub fn ship(&self, database: &Database) -> Result<Option<Shipper>, StoreError> {
        match Supabase::of_settings(database)? {
            Some(supabase) => self.ship_to(Box::new(supabase)).map(Some),
            None => self.stop_spooling().map(|()| None),
        }
    }

    /// Starts shipping to this store. It goes on until the [`Shipper`] is finished or dropped.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be used or the system gives no thread.
    pub fn ship_to(&self, target: Box<dyn RowStore + Send>) -> Result<Shipper, StoreError> {
        self.spool_for(&target.name())?;
        Shipper::spawn(super::connect(&self.path)?, &self.path, target, self.lock.clone())
    }
}

fn spool_for(connection: &Connection, target: &str) -> rusqlite::Result<()> {
    let transaction = rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let is_known =
        transaction.query_row("SELECT count(*) FROM spool_target WHERE name = ?", [target], |row| row.get(0));
    if is_known? {
        // What was refused may be welcome by now.
        transaction.execute("UPDATE spool SET refused = NULL WHERE refused IS NOT NULL", [])?;
        return transaction.commit();
    }
    transaction.execute("DELETE FROM spool", [])?;
    for table in TABLES {
        let (name, key) = (table.name, table.local_key.join(", "));
        transaction.execute(
            &format!(
                "INSERT INTO spool (table_name, row_key) SELECT '{name}', json_array({key}) FROM {name}"
            ),
            [],
        )?;
    }
    transaction.execute(
        "INSERT INTO spool_target (one, name) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET name = excluded.name",
        [target],
    )?;
    transaction.commit()
}

/// Changes that go on together.
#[derive(Debug, Default)]
struct Batch {
    /// Number of the last one.
    last: i64,
    /// How many changes there are.
    changes: usize,
    /// Their rows as they stand now, each once, by table in the order of [`TABLES`].
    rows: Vec<(&'static Table, Vec<(String, Row)>)>,
}

impl Batch {
    /// The oldest changes that wait.
    fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut statement = connection.prepare_cached(
            "SELECT seq, table_name, row_key FROM spool WHERE refused IS NULL ORDER BY seq LIMIT ?",
        )?;
        let changes = statement.query_map([BATCH], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })?;
        let mut batch = Self::default();
        let mut keys: Vec<BTreeSet<String>> = vec![BTreeSet::new(); TABLES.len()];
        for change in changes {
            let (seq, table, key) = change?;
            batch.last = seq;
            batch.changes += 1;
            if let Some(index) = TABLES.iter().position(|one| one.name == table) {
                keys[index].insert(key);
            }
        }
        for (table, keys) in TABLES.into_iter().zip(keys) {
            let mut rows = Vec::with_capacity(keys.len());
            for key in keys {
                if let Some(row) = row_of_key(connection, table, &key)? {
                    rows.push((key, row));
                }
            }
            if !rows.is_empty() {
                batch.rows.push((table, rows));
            }
        }
        Ok(batch)
    }

    /// Forgets the changes, now that their rows have arrived or were refused.
    fn forget(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute("DELETE FROM spool WHERE seq <= ? AND refused IS NULL", [self.last]).map(drop)
    }
}

/// Notes that the second store will not have a row, and why. All its changes in the spool count as refused.
fn refuse(connection: &Connection, table: &Table, key: &str, why: &str) -> rusqlite::Result<()> {
    connection
        .execute(
            "UPDATE spool SET refused = ? WHERE table_name = ? AND row_key = ? AND refused IS NULL",
            params![why, table.name, key],
        )
        .map(drop)
}

/// How many changes wait, and how many were refused.
fn depth(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let statement = "SELECT count(*) FILTER (WHERE refused IS NULL), count(*) FILTER (WHERE refused IS NOT NULL) FROM spool";
    connection.prepare_cached(statement)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
}
