//! What is kept of every run: trades, orders, fills, decisions, snapshots, logs and halts, in a `SQLite` database
//! inside the state folder.
//!
//! [`Store::open`] takes the folder for this process alone and brings the tables up to date. [`Store::start_run`]
//! gives a [`Writer`]: the thread that trades hands it records, a thread of its own stores them. Halts that only a
//! person clears outlive the process here; whoever starts a run reads [`Store::latched_halts`] first.
//!
//! Of a live account there is more: whose it is, what was there before the bot, which of the exchange's orders are ours
//! (`account`). [`Store::live_account`] reckons from it what the exchange should show.
//!
//! The database is in write-ahead mode and every batch is one transaction, so a killed process leaves whole
//! batches and nothing else. What a killed live run had not stored yet its journal has (`replay`). After a power loss the
//! last moments may be missing; the exchange has them.

mod account;
mod error;
pub mod history;
mod local;
pub mod migration;
mod read;
mod replay;
pub mod row;
mod rows;
mod schema;
pub mod spool;
pub mod supabase;
pub mod table;
mod writer;

pub use account::AccountKey;
pub use error::StoreError;
pub(crate) use read::bounds;
pub use read::{Halt, StoredRun, StoredTrade};
pub use rows::StoreCounts;
pub use writer::Writer;

use crate::telemetry::log::Logs;
use crate::units::Timestamp;
use account::LiveRun;
use row::{Condition, Row};
use rows::RunKey;
use rusqlite::{Connection, OpenFlags, params};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use supabase::RemoteError;
use table::Table;

/// The database's name inside the state folder.
const DATABASE: &str = "kalshi-bot.db";
/// The file whose lock says that the folder is taken.
const LOCK: &str = "lock";
/// Statements that are kept ready; the writer has fewer.
const STATEMENTS: usize = 32;
/// How long a statement waits for another program that has the database locked.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// Where rows are kept. The local store is one, Supabase is the other; both hold the same rows in the same form.
pub trait RowStore {
    /// What it is and where, for people.
    fn name(&self) -> String;

    /// The rows of a table that meet every condition, in the order of their key.
    ///
    /// # Errors
    /// [`StoreError`] when it can't be read.
    fn read(&self, table: &'static Table, conditions: &[Condition]) -> Result<Vec<Row>, StoreError>;

    /// Of the rows that meet every condition, the one in which the column `by` is largest.
    ///
    /// # Errors
    /// [`StoreError`] when it can't be read.
    fn last(
        &self,
        table: &'static Table,
        by: &'static str,
        conditions: &[Condition],
    ) -> Result<Option<Row>, StoreError>;

    /// Writes rows of one table, all or none. A row whose key is there already takes its place, so that the same rows
    /// can be written again.
    ///
    /// # Errors
    /// [`StoreError`] when they can't be written; [`supabase::RemoteError::RowsRefused`] among them when it is the rows
    /// that are at fault.
    fn upsert(&self, table: &'static Table, rows: &[Row]) -> Result<(), StoreError>;
}

/// Whether a run trades real money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// It does not: generated or recorded markets, or the live books without orders.
    Paper,
    /// It does.
    Live,
}

impl RunKind {
    /// `paper` or `live`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Live => "live",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Paper, Self::Live].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A run that is about to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDescription {
    /// Its id; no two runs of a store share one.
    pub id: String,
    /// Whether it trades real money.
    pub kind: RunKind,
    /// What feeds it, for people: a seed, a recording, a venue.
    pub source: String,
    /// The settings in force, without secrets.
    pub settings: String,
    /// When it starts, by the wall clock.
    pub started: Timestamp,
}

/// The store of one state folder, held by this process alone.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    connection: Connection,
    /// None where another process holds the folder and this one only reads.
    lock: Option<Arc<StateLock>>,
    /// Whose lines are stored with the runs.
    logs: Logs,
    /// Whether runs are written without a thread.
    is_inline: bool,
}

/// Held while the state folder is in use. The system lets go of it when the process ends, however it ends.
#[derive(Debug)]
struct StateLock {
    _file: File,
}

impl Store {
    /// Opens the store in `folder`, which is created (for its owner alone) where it isn't there, and brings its
    /// tables up to date.
    ///
    /// # Errors
    /// [`StoreError`] when another process uses the folder, when it can't be written, or when the database is
    /// damaged, altered or newer than this program.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let unusable = |path: &Path, cause| StoreError::Folder { path: path.to_owned(), cause };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|cause| unusable(folder, cause))?;
        let lock = StateLock::take(folder)?;
        let path = folder.join(DATABASE);
        // SQLite would create it readable by all; the files it puts beside it take over this one's mode.
        private(&path).map_err(|cause| unusable(&path, cause))?;
        let mut connection = connect(&path)?;
        schema::bring_up(&mut connection, &path)?;
        Ok(Self { path, connection, lock: Some(Arc::new(lock)), logs: Logs::default(), is_inline: false })
    }

    /// Opens the store of a folder that another process holds, to look at what it has written so far. Nothing can be
    /// written through it.
    ///
    /// # Errors
    /// [`StoreError`] when there is no database, or one of another version of this program.
    pub fn open_to_read(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(DATABASE);
        let open = || {
            let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            connection.busy_timeout(BUSY_WAIT)?;
            connection.pragma_update(None, "query_only", true)?;
            Ok(connection)
        };
        let connection = open().map_err(|cause| StoreError::from_sqlite(&path, cause))?;
        schema::check(&connection, &path)?;
        Ok(Self { path, connection, lock: None, logs: Logs::default(), is_inline: false })
    }

    /// Stores the lines of this log as well, with the next run that starts.
    #[must_use]
    pub fn with_logs(self, logs: Logs) -> Self {
        Self { logs, ..self }
    }

    /// Has runs written without a thread of their own: [`Writer::beat`] stores what waits, on the thread that calls it.
    /// What a simulated run stores, and when, is then the same every time.
    #[must_use]
    pub fn inline(self) -> Self {
        Self { is_inline: true, ..self }
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes that a run starts and returns what takes its records. The folder stays taken until both the store and
    /// the writer are gone.
    ///
    /// # Errors
    /// [`StoreError::RunExists`] when the id is taken, and whatever keeps the database from being written.
    pub fn start_run(&self, run: &RunDescription) -> Result<Writer, StoreError> {
        self.begin_run(run, None)
    }

    fn begin_run(&self, run: &RunDescription, live: Option<LiveRun>) -> Result<Writer, StoreError> {
        let (account, prefix, tag) = live.as_ref().map_or((None, None, None), |live| {
            (Some(live.account.as_str()), Some(live.prefix.as_str()), Some(live.tag.to_string()))
        });
        let added = self
            .connection
            .execute(
                "INSERT INTO runs (id, kind, source, settings, started_at, account, prefix, tag) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                params![
                    run.id,
                    run.kind.as_str(),
                    run.source,
                    run.settings,
                    rows::time(run.started),
                    account,
                    prefix,
                    tag
                ],
            )
            .map_err(|cause| self.fault(cause))?;
        if added == 0 {
            return Err(StoreError::RunExists { path: self.path.clone(), run: run.id.clone() });
        }
        let run = RunKey { id: run.id.clone(), kind: run.kind, live };
        let connection = connect(&self.path)?;
        if self.is_inline {
            return Ok(Writer::inline(connection, &self.path, run, self.lock.clone()));
        }
        Writer::spawn(connection, &self.path, run, self.lock.clone(), &self.logs)
    }

    fn fault(&self, cause: rusqlite::Error) -> StoreError {
        StoreError::from_sqlite(&self.path, cause)
    }
}

impl StateLock {
    fn take(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(LOCK);
        let file = private(&path).map_err(|cause| StoreError::Folder { path: path.clone(), cause })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { folder: folder.to_owned() }),
            Err(TryLockError::Error(cause)) => Err(StoreError::Folder { path, cause }),
        }
    }
}

/// Opens a file for writing, created for its owner alone where it isn't there.
fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let set_up = || {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_WAIT)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.pragma_update(None, "journal_mode", "wal")?;
        // A commit is written to the log at once and synced to the disk with the next checkpoint.
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(connection)
    };
    set_up().map_err(|cause| StoreError::from_sqlite(path, cause))
}
