//! Why the store can't do what it was asked, worded so that a person can mend it.

use rusqlite::ErrorCode;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why the store can't be opened, read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The state folder, or a file in it, can't be created or opened.
    #[error("{path}: can't be used to keep state: {cause}. Give a folder that this user may write to")]
    Folder {
        /// The folder or the file in it.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Another process has the state folder.
    #[error(
        "{folder}: another kalshi-bot is using this state folder. Stop it, or give this one a folder of its own"
    )]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// No room on the disk.
    #[error("{path}: the disk is full. Make room; what was stored before is safe")]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// The file or its folder may not be written.
    #[error("{path}: can't be opened for writing. Check owner and permissions of the file and of its folder")]
    Unwritable {
        /// The database.
        path: PathBuf,
    },
    /// Another program keeps it locked.
    #[error("{path}: another program keeps the database locked. Close it (an open sqlite3 shell, a backup)")]
    Locked {
        /// The database.
        path: PathBuf,
    },
    /// It isn't a database, or it is damaged.
    #[error("{path}: isn't a sound SQLite database: {cause}. Restore it, or move it away to start afresh")]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What `SQLite` said.
        cause: rusqlite::Error,
    },
    /// A newer program made it.
    #[error(
        "{path}: was made by a newer kalshi-bot (schema {found}, this one knows up to {known}). Use the newer program"
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// The schema it has.
        found: i32,
        /// The newest schema this program knows.
        known: i32,
    },
    /// Its tables aren't those that this program makes.
    #[error("{path}: its tables were altered: {problem}. Restore the file, or move it away to start afresh")]
    Altered {
        /// The database.
        path: PathBuf,
        /// What differs.
        problem: String,
    },
    /// A run's id is taken.
    #[error("{path}: there already is a run {run}. Give every run an id of its own")]
    RunExists {
        /// The database.
        path: PathBuf,
        /// The id.
        run: String,
    },
    /// A day that the calendar can't bound.
    #[error("{day}: isn't a day with a beginning and an end in the calendar: {cause}")]
    Day {
        /// The day asked for.
        day: jiff::civil::Date,
        /// What the calendar said.
        cause: jiff::Error,
    },
    /// Anything else that `SQLite` refuses.
    #[error("{path}: {cause}")]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// What `SQLite` said.
        cause: rusqlite::Error,
    },
    /// A row that isn't what this program writes.
    #[error(transparent)]
    Row(#[from] super::row::RowFault),
    /// The run is over and some of its records are not in the database.
    #[error("{records} records of the run could not be stored. {cause}")]
    Unsaved {
        /// How many.
        records: usize,
        /// Why the last attempt failed.
        cause: Box<StoreError>,
    },
    /// The thread that writes ended before the run did.
    #[error("{path}: the thread that writes the database died; the records after that are lost")]
    WriterDied {
        /// The database.
        path: PathBuf,
    },
}

impl StoreError {
    /// Sorts what `SQLite` says by what a person can do about it.
    pub(super) fn from_sqlite(path: &Path, cause: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match cause.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::Unwritable { path }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged { path, cause },
            _ => Self::Sqlite { path, cause },
        }
    }
}
