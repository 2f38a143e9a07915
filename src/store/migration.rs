//! Numbered migrations of both stores: which there are, which were applied, and applying those that are missing.
//!
//! They only go forward. Each is known by its number, its name and a checksum of its text, which the database keeps in
//! the table `refinery_schema_history`: a database that has another history than this program isn't touched. The local
//! store brings itself up when it is opened; PostgreSQL is brought up by `kalshi-bot migrate`, over a direct connection
//! ([`postgres`]) or by a script that a person runs ([`script`]).

pub mod postgres;
mod script;

pub use script::script;

use super::supabase::Supabase;
use super::{DATABASE, RemoteError, Store, StoreError, schema};
use refinery::Migration;
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;
use std::path::Path;

mod of_postgres {
    refinery::embed_migrations!("migrations/postgres");
}

/// The migrations of the second store.
fn postgres_migrations() -> Vec<Migration> {
    of_postgres::migrations::runner().get_migrations().clone()
}

/// Where one migration stands in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// It was applied.
    Applied,
    /// It is still to be applied.
    Pending,
    /// What was applied under its number isn't what this program has.
    Altered,
    /// A newer program applied it; this one doesn't know it.
    Ahead,
}

impl StepState {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::Altered => "altered",
            Self::Ahead => "ahead",
        }
    }
}

/// One migration and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its number.
    pub version: i32,
    /// What it is about.
    pub name: String,
    /// Where it stands.
    pub state: StepState,
    /// When it was applied, as the database says it.
    pub applied_on: Option<String>,
}

impl Step {
    /// The file it is in, under the folder of its store's migrations.
    pub fn file(&self) -> String {
        format!("V{}__{}.sql", self.version, self.name)
    }
}

/// A row of a database's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Applied {
    pub(super) version: i32,
    pub(super) name: String,
    pub(super) at: String,
    pub(super) checksum: String,
}

/// Holds a history against the migrations there are, in the order of their numbers.
pub(super) fn judge(known: &[Migration], history: &[Applied]) -> Vec<Step> {
    let newest_applied = history.iter().map(|one| one.version).max().unwrap_or(0);
    let newest_known = known.iter().map(Migration::version).max().unwrap_or(0);
    let mut steps: Vec<Step> = known
        .iter()
        .map(|migration| {
            let applied = history.iter().find(|one| one.version == migration.version());
            let state = match applied {
                Some(one) if is_same(migration, one) => StepState::Applied,
                // A hole in the history isn't one that is still to come.
                None if migration.version() > newest_applied => StepState::Pending,
                Some(_) | None => StepState::Altered,
            };
            Step {
                version: migration.version(),
                name: migration.name().to_owned(),
                state,
                applied_on: applied.map(|one| one.at.clone()),
            }
        })
        .collect();
    let strangers = history.iter().filter(|one| known.iter().all(|known| known.version() != one.version));
    steps.extend(strangers.map(|one| Step {
        version: one.version,
        name: one.name.clone(),
        state: if one.version > newest_known { StepState::Ahead } else { StepState::Altered },
        applied_on: Some(one.at.clone()),
    }));
    steps.sort_by_key(|step| step.version);
    steps
}

fn is_same(migration: &Migration, applied: &Applied) -> bool {
    migration.name() == applied.name
        && migration.checksum().to_string() == applied.checksum
        && applied.at.parse::<jiff::Timestamp>().is_ok()
}

impl Store {
    /// Where the migrations of the store in `folder` stand. Nothing is changed; where there is no store yet, all are
    /// pending.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be read.
    pub fn migrations(folder: &Path) -> Result<Vec<Step>, StoreError> {
        let path = folder.join(DATABASE);
        if !path.exists() {
            return Ok(judge(&schema::migrations(), &[]));
        }
        let open = || {
            let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            connection.busy_timeout(super::BUSY_WAIT)?;
            Ok(connection)
        };
        let connection = open().map_err(|cause| StoreError::from_sqlite(&path, cause))?;
        let steps = judge(&schema::migrations(), &schema::history(&connection, &path)?);
        if steps.iter().all(|step| step.state == StepState::Applied) {
            schema::check(&connection, &path)?;
        }
        Ok(steps)
    }

    /// Applies what is missing and takes it all back, to see whether it can be applied. Returns where the migrations
    /// stand.
    ///
    /// # Errors
    /// [`StoreError`] when they can't be applied.
    pub fn rehearse_migrations(folder: &Path) -> Result<Vec<Step>, StoreError> {
        let steps = Self::migrations(folder)?;
        let path = folder.join(DATABASE);
        let connection = if path.exists() { super::connect(&path) } else { Ok(in_memory(&path)?) }?;
        schema::rehearse(&connection, &path, &steps)?;
        Ok(steps)
    }
}

fn in_memory(path: &Path) -> Result<Connection, StoreError> {
    Connection::open_in_memory().map_err(|cause| StoreError::from_sqlite(path, cause))
}

impl Supabase {
    /// Where the migrations stand, as far as PostgREST shows it.
    ///
    /// # Errors
    /// [`RemoteError`] when it can't be asked; [`RemoteError::SchemaBehind`] when all are said to be applied and a table
    /// or a column is missing all the same.
    pub fn migrations(&self) -> Result<Vec<Step>, RemoteError> {
        let steps = judge(&postgres_migrations(), &self.history()?);
        if steps.iter().all(|step| step.state == StepState::Applied) {
            self.check()?;
        }
        Ok(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(of: &Migration) -> Applied {
        Applied {
            version: of.version(),
            name: of.name().to_owned(),
            at: "2026-11-24T12:00:00Z".to_owned(),
            checksum: of.checksum().to_string(),
        }
    }

    fn states(history: &[Applied]) -> Vec<StepState> {
        judge(&postgres_migrations(), history).iter().map(|step| step.state).collect()
    }

    #[test]
    fn both_stores_have_the_same_numbers() {
        let numbers = |all: Vec<Migration>| all.iter().map(Migration::version).collect::<Vec<_>>();
        assert_eq!(numbers(postgres_migrations()), numbers(schema::migrations()));
    }

    #[test]
    fn a_history_is_current_old_altered_or_ahead() {
        use StepState::{Ahead, Altered, Applied as Done, Pending};
        let all: Vec<_> = postgres_migrations().iter().map(applied).collect();
        assert_eq!(states(&[]), [Pending, Pending, Pending, Pending]);
        assert_eq!(states(&all[..1]), [Done, Pending, Pending, Pending]);
        assert_eq!(states(&all), [Done, Done, Done, Done]);
        assert_eq!(states(&all[1..]), [Altered, Done, Done, Done], "a hole");
        let other = Applied { checksum: "1".to_owned(), ..all[1].clone() };
        assert_eq!(
            states(&[all[0].clone(), other, all[2].clone(), all[3].clone()]),
            [Done, Altered, Done, Done]
        );
        let later = Applied { version: 99, ..all[3].clone() };
        assert_eq!(states(&[all.clone(), vec![later]].concat()), [Done, Done, Done, Done, Ahead]);
    }
}
