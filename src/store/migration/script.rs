//! The migrations as a script, for the SQL editor of a project that can't be connected to directly.

use super::postgres::{HISTORY_TABLE, LOCK};
use super::postgres_migrations;
use std::fmt::Write as _;

/// Everything after version `after` as one script, which is applied as a whole or not at all, and only to a database
/// that stands at that version. Empty when there is nothing after it.
pub fn script(after: i32) -> String {
    let mut migrations = postgres_migrations();
    migrations.retain(|migration| migration.version() > after);
    let (Some(first), Some(last)) = (migrations.first(), migrations.last()) else { return String::new() };
    let mut script = format!(
        "-- kalshi-bot: the tables, from version {} to version {}. Run it as a whole, as the database's owner.\n\n\
         BEGIN;\n\n\
         DO $$ BEGIN\n    IF NOT pg_try_advisory_xact_lock({LOCK}) THEN\n        \
         RAISE EXCEPTION 'another migration of this database is under way';\n    END IF;\nEND $$;\n\n\
         {HISTORY_TABLE};\n\n\
         DO $$ BEGIN\n    IF (SELECT coalesce(max(version), 0) FROM refinery_schema_history) <> {after} THEN\n        \
         RAISE EXCEPTION 'this script goes on from version {after}, and the database stands at version %',\n            \
         (SELECT coalesce(max(version), 0) FROM refinery_schema_history);\n    END IF;\nEND $$;\n",
        first.version(),
        last.version(),
    );
    for migration in &migrations {
        let file = format!("V{}__{}.sql", migration.version(), migration.name());
        let sql = migration.sql().unwrap_or_default();
        let _ = write!(script, "\n-- {file}\n\n{sql}\n{}\n", note(migration));
    }
    script.push_str("\nCOMMIT;\n");
    script
}

/// The statement that notes a migration as applied, now.
pub(super) fn note(migration: &refinery::Migration) -> String {
    format!(
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES ({}, '{}', \
         to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '{}');",
        migration.version(),
        migration.name(),
        migration.checksum()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_holds_what_comes_after_and_nothing_else() {
        let whole = script(0);
        assert!(whole.contains("V1__tables.sql") && whole.contains("CREATE TABLE trades"));
        assert!(whole.trim_end().ends_with("COMMIT;"));
        let rest = script(2);
        assert!(!rest.contains("CREATE TABLE trades") && rest.contains("CREATE TABLE gates"));
        assert!(rest.contains("<> 2"));
        assert_eq!(script(4), "");
    }
}
