//! Brings a database to the schema this program writes: numbered migrations, each applied once and all or none.

use super::migration::{Applied, Step, StepState, judge};
use super::{StoreError, rows};
use refinery::Migration;
use rusqlite::Connection;
use std::path::Path;

refinery::embed_migrations!("migrations/sqlite");

/// The migrations of the local store.
pub(super) fn migrations() -> Vec<Migration> {
    migrations::runner().get_migrations().clone()
}

/// Applies the migrations that are missing and checks that every statement of this program fits the tables.
///
/// # Errors
/// [`StoreError::Newer`] and [`StoreError::Altered`] when the tables aren't this program's, and whatever `SQLite`
/// refuses.
pub(super) fn bring_up(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    check_history(connection, path)?;
    // In one transaction, so that a kill leaves either no table or all of them with their history.
    let runner = migrations::runner().set_grouped(true);
    runner.run(connection).map_err(|fault| migration_fault(path, &fault))?;
    rows::check(connection).map_err(|fault| altered_or(path, fault))
}

/// Checks tables that are not to be touched.
///
/// # Errors
/// Those of [`bring_up`].
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    check_history(connection, path)?;
    rows::check(connection).map_err(|fault| altered_or(path, fault))
}

/// Applies what is pending of `steps`, checks that every statement fits, and takes it all back.
///
/// # Errors
/// Those of [`bring_up`].
pub(super) fn rehearse(connection: &Connection, path: &Path, steps: &[Step]) -> Result<(), StoreError> {
    check_history(connection, path)?;
    let apply = || -> rusqlite::Result<()> {
        let transaction = connection.unchecked_transaction()?;
        for migration in migrations() {
            let is_due =
                |step: &Step| step.version == migration.version() && step.state == StepState::Pending;
            if steps.iter().any(is_due) {
                transaction.execute_batch(migration.sql().unwrap_or_default())?;
            }
        }
        rows::check(&transaction)?;
        transaction.rollback()
    };
    apply().map_err(|fault| altered_or(path, fault))
}

/// Compares what was applied with what this program would apply, before anything is written.
fn check_history(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let known = migrations();
    let steps = judge(&known, &history(connection, path)?);
    for step in &steps {
        match step.state {
            StepState::Applied | StepState::Pending => {}
            StepState::Ahead => {
                let newest = known.iter().map(Migration::version).max().unwrap_or(0);
                return Err(StoreError::Newer { path: path.to_owned(), found: step.version, known: newest });
            }
            StepState::Altered => {
                let problem = format!("what it has as {} isn't what this program has", step.file());
                return Err(StoreError::Altered { path: path.to_owned(), problem });
            }
        }
    }
    Ok(())
}

/// What was applied; nothing where there is no history.
///
/// # Errors
/// [`StoreError::Altered`] when the history isn't one.
pub(super) fn history(connection: &Connection, path: &Path) -> Result<Vec<Applied>, StoreError> {
    let sqlite = |cause| StoreError::from_sqlite(path, cause);
    if !connection.table_exists(None, "refinery_schema_history").map_err(sqlite)? {
        return Ok(Vec::new());
    }
    let read = || -> rusqlite::Result<Vec<Applied>> {
        let mut history = connection.prepare(
            "SELECT version, name, applied_on, checksum FROM refinery_schema_history ORDER BY version",
        )?;
        let rows = history.query_map([], |row| {
            Ok(Applied { version: row.get(0)?, name: row.get(1)?, at: row.get(2)?, checksum: row.get(3)? })
        })?;
        rows.collect()
    };
    read().map_err(|fault| altered_or(path, fault))
}

fn migration_fault(path: &Path, fault: &refinery::Error) -> StoreError {
    let problem = fault.to_string();
    match std::error::Error::source(fault).and_then(|cause| cause.downcast_ref::<rusqlite::Error>()) {
        Some(rusqlite::Error::SqliteFailure(code, message)) => {
            altered_or(path, rusqlite::Error::SqliteFailure(*code, message.clone()))
        }
        _ => StoreError::Altered { path: path.to_owned(), problem },
    }
}

/// A statement that doesn't fit the tables means that the tables aren't ours.
fn altered_or(path: &Path, fault: rusqlite::Error) -> StoreError {
    match StoreError::from_sqlite(path, fault) {
        StoreError::Sqlite { path, cause } => StoreError::Altered { path, problem: cause.to_string() },
        other => other,
    }
}
