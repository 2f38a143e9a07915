//! The thread that carries spooled rows to the second store.

use super::{Batch, depth, refuse};
use crate::store::row::Row;
use crate::store::table::Table;
use crate::store::{RowStore, StateLock, StoreError};
use crate::telemetry::queue::Queue;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the spool is looked at while nothing is wrong.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long to wait after the first failure; twice as long after each further one.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How the shipping stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpoolCounts {
    /// Changes that wait for the second store.
    pub waiting: u64,
    /// Changes that it will not have; they are tried again at the next start.
    pub refused: u64,
    /// Rows that arrived since the shipping started.
    pub shipped: u64,
    /// Why the last attempt failed; none while all is well.
    pub fault: Option<String>,
}

/// Carries rows to the second store until it is finished or dropped.
#[derive(Debug)]
pub struct Shipper {
    counts: Arc<Mutex<SpoolCounts>>,
    /// Says until when it may go on; the thread also ends when this is gone.
    end: Sender<Instant>,
    /// Hung up by the thread when it has ended.
    gone: Receiver<()>,
}

impl Shipper {
    pub(super) fn spawn(
        connection: Connection,
        path: &Path,
        target: Box<dyn RowStore + Send>,
        lock: Option<Arc<StateLock>>,
    ) -> Result<Self, StoreError> {
        let counts = Arc::new(Mutex::new(SpoolCounts::default()));
        let (end, ended) = channel();
        let (going, gone) = channel();
        let mut work = Work::new(connection, path, target, counts.clone(), lock);
        std::thread::Builder::new()
            .name("shipper".to_owned())
            .spawn(move || {
                work.run(&ended);
                drop((work, going));
            })
            .map_err(|cause| StoreError::Folder { path: path.to_owned(), cause })?;
        Ok(Self { counts, end, gone })
    }

    /// How it stands. Never waits for the second store.
    pub fn counts(&self) -> SpoolCounts {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What waits, and what the second store will not have.
    pub fn queue(&self) -> Queue {
        let counts = self.counts();
        Queue::new("second_store", counts.waiting, counts.refused)
    }

    /// Goes on until nothing waits any more, or until `patience` is over. What waits then stays in the spool for the
    /// next start; an attempt that is under way is left to itself.
    pub fn finish(self, patience: Duration) -> SpoolCounts {
        let _ = self.end.send(Instant::now() + patience);
        // Nothing is ever sent: either it hangs up, or the time is over.
        let _ = self.gone.recv_timeout(patience);
        let counts = self.counts();
        if counts.waiting > 0 || counts.refused > 0 {
            tracing::warn!(
                waiting = counts.waiting,
                refused = counts.refused,
                "rows that the second store doesn't have stay in the spool for the next start"
            );
        }
        counts
    }
}

pub(super) struct Work {
    connection: Connection,
    path: PathBuf,
    target: Box<dyn RowStore + Send>,
    counts: Arc<Mutex<SpoolCounts>>,
    /// Kept until nothing is read any more.
    _lock: Option<Arc<StateLock>>,
}

impl Work {
    pub(super) fn new(
        connection: Connection,
        path: &Path,
        target: Box<dyn RowStore + Send>,
        counts: Arc<Mutex<SpoolCounts>>,
        lock: Option<Arc<StateLock>>,
    ) -> Self {
        Self { connection, path: path.to_owned(), target, counts, _lock: lock }
    }

    fn run(&mut self, ended: &Receiver<Instant>) {
        let mut wait = FIRST_WAIT;
        let mut deadline: Option<Instant> = None;
        loop {
            let shipped = self.carry();
            self.note(&shipped);
            let pause = match shipped {
                // There may be more.
                Ok(Some(_)) => Duration::ZERO,
                Ok(None) if deadline.is_some() => return,
                Ok(None) => LOOK_EVERY,
                // A person has to mend that first.
                Err(ref error) if deadline.is_some() && !error.is_passing() => return,
                Err(_) => wait,
            };
            wait = if shipped.is_err() { (wait * 2).min(LONGEST_WAIT) } else { FIRST_WAIT };
            let left = deadline.map(|until| until.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return;
            }
            match ended.recv_timeout(left.map_or(pause, |left| pause.min(left))) {
                Ok(until) => deadline = Some(until),
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Keeps how it stands, and says so when that changes.
    fn note(&self, shipped: &Result<Option<u64>, StoreError>) {
        let depth = depth(&self.connection).ok();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((waiting, refused)) = depth {
            (counts.waiting, counts.refused) = (waiting.unsigned_abs(), refused.unsigned_abs());
        }
        let waiting = counts.waiting;
        let fault = shipped.as_ref().err().map(ToString::to_string);
        match (&counts.fault, &fault) {
            (Some(_), None) => tracing::info!(waiting, "the second store takes rows again"),
            (before, Some(error)) if before.as_ref() != Some(error) => {
                tracing::warn!(error, waiting, "rows wait for the second store, and are tried again");
            }
            _ => {}
        }
        counts.shipped += shipped.as_ref().ok().copied().flatten().unwrap_or(0);
        counts.fault = fault;
    }

    /// Carries one batch. How many rows arrived; none when nothing waited.
    ///
    /// # Errors
    /// [`StoreError`] when it didn't arrive as a whole. It stays in the spool then.
    pub(super) fn carry(&mut self) -> Result<Option<u64>, StoreError> {
        let batch = self.local(Batch::read(&self.connection))?;
        if batch.changes == 0 {
            return Ok(None);
        }
        let mut arrived = 0;
        for (table, rows) in &batch.rows {
            arrived += self.send(table, rows)?;
        }
        self.local(batch.forget(&self.connection))?;
        Ok(Some(arrived))
    }

    /// Sends rows of one table. Where the second store will not have them, halves are tried, down to the row that is at
    /// fault; it is put aside, and the others go on.
    fn send(&self, table: &'static Table, rows: &[(String, Row)]) -> Result<u64, StoreError> {
        let only: Vec<Row> = rows.iter().map(|(_, row)| row.clone()).collect();
        let error = match self.target.upsert(table, &only) {
            Ok(()) => return Ok(rows.len() as u64),
            Err(error) => error,
        };
        let Some(why) = error.refused_rows() else { return Err(error) };
        if let [(key, _)] = rows {
            tracing::error!(
                table = table.name,
                key,
                why,
                "the second store will not have a row; it is kept here"
            );
            self.local(refuse(&self.connection, table, key, why))?;
            return Ok(0);
        }
        let (first, second) = rows.split_at(rows.len() / 2);
        Ok(self.send(table, first)? + self.send(table, second)?)
    }

    fn local<T>(&self, result: rusqlite::Result<T>) -> Result<T, StoreError> {
        result.map_err(|cause| StoreError::from_sqlite(&self.path, cause))
    }
}
