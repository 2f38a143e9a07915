//! PostgreSQL over a direct connection: where its migrations stand, and applying those that are missing.
//!
//! Everything happens in one transaction that holds a lock of its own: a migration that fails leaves nothing behind, two
//! deploys can't migrate at once, and a rehearsal is the same with its end taken back. Only simple queries are sent, which
//! every pooler lets through. Off this machine the connection is encrypted and the server's certificate is verified.

mod connect;

use super::script::note;
use super::{Applied, Step, StepState, judge, postgres_migrations};
use crate::config::Database;
use crate::store::table::{Kind, TABLES};
use std::error::Error as _;
use thiserror::Error;
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

/// The number of the lock; any that no other program takes.
pub(super) const LOCK: i64 = 5_418_120_260_311;
/// The table of the history, as the library has it that also serves the local store.
pub(super) const HISTORY_TABLE: &str = "CREATE TABLE IF NOT EXISTS refinery_schema_history (\n    version int4 PRIMARY KEY,\n    \
     name varchar(255),\n    applied_on varchar(255),\n    checksum varchar(255)\n)";

/// Why a PostgreSQL can't be migrated.
#[derive(Debug, Error)]
pub enum PostgresError {
    /// The address makes no sense, or would not be safe.
    #[error("database.connection: {0}")]
    Address(String),
    /// It can't be reached.
    #[error("{server}: can't be connected to: {cause}")]
    Unreachable {
        /// Its name and port.
        server: String,
        /// Why.
        cause: String,
    },
    /// It refuses user or password, or the user may not do this.
    #[error("{server}: {cause}")]
    Refused {
        /// Its name and port.
        server: String,
        /// What it said.
        cause: String,
    },
    /// Somebody else migrates it.
    #[error("{server}: another migration is under way")]
    Busy {
        /// Its name and port.
        server: String,
    },
    /// A newer program migrated it.
    #[error("{server}: was migrated by a newer kalshi-bot: it has {file}, which this one doesn't know")]
    Ahead {
        /// Its name and port.
        server: String,
        /// The first migration that isn't known.
        file: String,
    },
    /// Its history or its tables aren't this program's.
    #[error("{server}: was altered: {problem}")]
    Altered {
        /// Its name and port.
        server: String,
        /// What differs.
        problem: String,
    },
    /// A migration failed.
    #[error("{server}: migrations/postgres/{file} can't be applied: {cause}. Nothing was changed")]
    Failed {
        /// Its name and port.
        server: String,
        /// The migration.
        file: String,
        /// What the database said.
        cause: String,
    },
}

/// A direct connection.
pub struct Postgres {
    server: String,
    schema: String,
    client: Client,
    runtime: Runtime,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects to the database that the configuration names directly.
    ///
    /// # Errors
    /// [`PostgresError`] when the address can't be used or the server can't be reached.
    pub fn connect(database: &Database) -> Result<Self, PostgresError> {
        connect::connect(database)
    }

    /// The server's name and port, for people.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Where the migrations stand. Nothing is changed.
    ///
    /// # Errors
    /// [`PostgresError`] when the database can't be read, or all are said to be applied and tables differ all the same.
    pub fn migrations(&self) -> Result<Vec<Step>, PostgresError> {
        self.runtime.block_on(async {
            self.begin().await?;
            let steps = self.steps().await?;
            if steps.iter().all(|step| step.state == StepState::Applied) {
                self.check_columns().await?;
            }
            self.run("ROLLBACK").await?;
            Ok(steps)
        })
    }

    /// Applies what is missing, all or nothing, and returns where the migrations stood before. A rehearsal does the same
    /// and takes it back.
    ///
    /// # Errors
    /// [`PostgresError`]; nothing was changed then.
    pub fn migrate(&self, is_rehearsal: bool) -> Result<Vec<Step>, PostgresError> {
        let migrated = self.runtime.block_on(async {
            self.begin().await?;
            let steps = self.apply().await?;
            self.check_columns().await?;
            self.run(if is_rehearsal { "ROLLBACK" } else { "COMMIT" }).await?;
            Ok(steps)
        });
        if migrated.is_err() {
            // The error is what counts; a connection that is gone has rolled back by itself.
            let _ = self.runtime.block_on(self.client.batch_execute("ROLLBACK"));
        }
        migrated
    }

    async fn begin(&self) -> Result<(), PostgresError> {
        let schema = self.schema.replace('"', "\"\"");
        self.run(&format!("BEGIN; SET LOCAL search_path TO \"{schema}\"; SET LOCAL lock_timeout = '10s'"))
            .await
    }

    async fn apply(&self) -> Result<Vec<Step>, PostgresError> {
        let locked = self.rows(&format!("SELECT pg_try_advisory_xact_lock({LOCK})")).await?;
        if locked.first().and_then(|row| row.get(0)) != Some("t") {
            return Err(PostgresError::Busy { server: self.server.clone() });
        }
        self.run(HISTORY_TABLE).await?;
        let steps = self.steps().await?;
        refuse_strange(&self.server, &steps)?;
        for migration in postgres_migrations() {
            let step = steps.iter().find(|step| step.version == migration.version());
            let Some(step) = step.filter(|step| step.state == StepState::Pending) else { continue };
            let sql = format!("{}\n{}", migration.sql().unwrap_or_default(), note(&migration));
            self.client.batch_execute(&sql).await.map_err(|error| match self.error(&error) {
                refused @ PostgresError::Refused { .. } if error.as_db_error().is_none() => refused,
                other => PostgresError::Failed {
                    server: self.server.clone(),
                    file: step.file(),
                    cause: words(&error).unwrap_or_else(|| other.to_string()),
                },
            })?;
        }
        Ok(steps)
    }

    async fn steps(&self) -> Result<Vec<Step>, PostgresError> {
        let there = self.rows("SELECT to_regclass('refinery_schema_history') IS NOT NULL").await?;
        if there.first().and_then(|row| row.get(0)) != Some("t") {
            return Ok(judge(&postgres_migrations(), &[]));
        }
        let query =
            "SELECT version, name, applied_on, checksum FROM refinery_schema_history ORDER BY version";
        let rows = self.rows(query).await?;
        let text = |row: &SimpleQueryRow, at| row.get(at).unwrap_or_default().to_owned();
        let history: Vec<Applied> = rows
            .iter()
            .map(|row| Applied {
                version: text(row, 0).parse().unwrap_or_default(),
                name: text(row, 1),
                at: text(row, 2),
                checksum: text(row, 3),
            })
            .collect();
        Ok(judge(&postgres_migrations(), &history))
    }

    /// Holds the columns that rows are written to against those there are.
    async fn check_columns(&self) -> Result<(), PostgresError> {
        let query = "SELECT table_name, column_name, data_type FROM information_schema.columns \
                     WHERE table_schema = current_schema()";
        let rows = self.rows(query).await?;
        let type_of = |table: &str, column: &str| {
            rows.iter().find(|row| row.get(0) == Some(table) && row.get(1) == Some(column))?.get(2)
        };
        for table in TABLES {
            for column in table.columns {
                let problem = match type_of(table.name, column.name) {
                    Some(found) if holds(column.kind, found) => continue,
                    Some(found) => format!("{}.{} is of type {found}", table.name, column.name),
                    None => format!("{}.{} is missing", table.name, column.name),
                };
                return Err(PostgresError::Altered { server: self.server.clone(), problem });
            }
        }
        Ok(())
    }

    async fn run(&self, statements: &str) -> Result<(), PostgresError> {
        self.client.batch_execute(statements).await.map_err(|error| self.error(&error))
    }

    async fn rows(&self, query: &str) -> Result<Vec<SimpleQueryRow>, PostgresError> {
        let messages = self.client.simple_query(query).await.map_err(|error| self.error(&error))?;
        let rows = messages.into_iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        Ok(rows.collect())
    }

    fn error(&self, error: &tokio_postgres::Error) -> PostgresError {
        sorted(&self.server, error)
    }
}

/// # Errors
/// [`PostgresError::Ahead`] and [`PostgresError::Altered`] for a history that isn't this program's.
fn refuse_strange(server: &str, steps: &[Step]) -> Result<(), PostgresError> {
    let server = server.to_owned();
    for step in steps {
        match step.state {
            StepState::Applied | StepState::Pending => {}
            StepState::Ahead => return Err(PostgresError::Ahead { server, file: step.file() }),
            StepState::Altered => {
                let problem = format!("what it has as {} isn't what this program has", step.file());
                return Err(PostgresError::Altered { server, problem });
            }
        }
    }
    Ok(())
}

/// Whether a column of this type holds what it has to.
fn holds(kind: Kind, data_type: &str) -> bool {
    match kind {
        Kind::Text => data_type == "text",
        Kind::Integer => matches!(data_type, "bigint" | "integer"),
        Kind::Flag => data_type == "boolean",
        Kind::Decimal(_) => data_type == "numeric",
        Kind::Time => data_type == "timestamp with time zone",
        Kind::Json => data_type == "jsonb",
    }
}

/// Sorts an error by what a person can do about it.
fn sorted(server: &str, error: &tokio_postgres::Error) -> PostgresError {
    let server = server.to_owned();
    let cause = words(error).unwrap_or_else(|| error.to_string());
    match error.code() {
        Some(code) if is_refusal(code) => PostgresError::Refused { server, cause },
        Some(code) if *code == SqlState::LOCK_NOT_AVAILABLE => PostgresError::Busy { server },
        Some(_) => PostgresError::Refused { server, cause },
        None => PostgresError::Unreachable { server, cause },
    }
}

fn is_refusal(code: &SqlState) -> bool {
    [
        SqlState::INVALID_PASSWORD,
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
        SqlState::INSUFFICIENT_PRIVILEGE,
    ]
    .contains(code)
}

/// What the database itself said, or what lay below the error.
fn words(error: &tokio_postgres::Error) -> Option<String> {
    if let Some(said) = error.as_db_error() {
        let code = said.code().code();
        return Some(format!("{} [{code}]", said.message()));
    }
    error.source().map(ToString::to_string)
}
