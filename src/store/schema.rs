//! Brings a database to the schema this program writes: numbered migrations, each applied once and all or none.

use super::{StoreError, rows};
use rusqlite::Connection;
use std::path::Path;

refinery::embed_migrations!("migrations/sqlite");

/// Applies the migrations that are missing and checks that every statement of this program fits the tables.
///
/// # Errors
/// [`StoreError::Newer`] and [`StoreError::Altered`] when the tables aren't this program's, and whatever `SQLite`
/// refuses.
pub(super) fn bring_up(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    // In one transaction, so that a kill leaves either no table or all of them with their history.
    let runner = migrations::runner().set_grouped(true);
    check_history(connection, path, runner.get_migrations())?;
    runner.run(connection).map_err(|fault| migration_fault(path, &fault))?;
    rows::check(connection).map_err(|fault| altered_or(path, fault))
}

/// Checks tables that are not to be touched.
///
/// # Errors
/// Those of [`bring_up`].
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    check_history(connection, path, migrations::runner().get_migrations())?;
    rows::check(connection).map_err(|fault| altered_or(path, fault))
}

/// Compares what was applied with what this program would apply, before anything is written.
fn check_history(
    connection: &Connection,
    path: &Path,
    known: &[refinery::Migration],
) -> Result<(), StoreError> {
    let sqlite = |cause| StoreError::from_sqlite(path, cause);
    if !connection.table_exists(None, "refinery_schema_history").map_err(sqlite)? {
        return Ok(());
    }
    let newest = known.iter().map(refinery::Migration::version).max().unwrap_or(0);
    let mut history = connection
        .prepare("SELECT version, name, applied_on, checksum FROM refinery_schema_history")
        .map_err(|fault| altered_or(path, fault))?;
    let applied = history
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .map_err(sqlite)?;
    for row in applied {
        let (version, name, applied_on, checksum): (i32, String, String, String) =
            row.map_err(|fault| altered_or(path, fault))?;
        if version > newest {
            return Err(StoreError::Newer { path: path.to_owned(), found: version, known: newest });
        }
        let is_ours = known.iter().any(|one| {
            one.version() == version && one.name() == name && one.checksum().to_string() == checksum
        });
        if !is_ours || applied_on.parse::<jiff::Timestamp>().is_err() {
            let problem = format!("migration {version} ({name}) isn't the one this program has");
            return Err(StoreError::Altered { path: path.to_owned(), problem });
        }
    }
    Ok(())
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
