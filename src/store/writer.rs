//! Writes a run's records on a thread of its own, in batches, so that the thread that trades never waits for a
//! disk.
//!
//! The channel between the two has no bound. A bound would have to either stall the engine or drop records, and
//! trades must not be dropped; records are rare (a few for each order) beside the frames they come from, and the
//! thread writes many times faster than they come. When the database can't be written, records wait in memory and
//! are tried again every second.
//!
//! Log lines come another way, over a bounded queue of their own that drops what it has no room for. They are stored
//! after the records that wait, some at a time, so that no storm of lines keeps a record or a disk busy.
//!
//! What the journal has carries its number there; the last one of a batch is noted in the batch's transaction.
//!
//! A simulated run has no thread: what waits is stored by [`Writer::beat`], and a writer that is dropped without its end
//! has died with the process and stores nothing more.

use super::rows::{self, RunKey, StoreCounts};
use super::{StateLock, StoreError, account, replay};
use crate::engine::Record;
use crate::execution::OrderId;
use crate::telemetry::log::{Logs, StoredLine, StoredLines};
use crate::telemetry::queue::Queue;
use crate::units::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Most records in one transaction.
const BATCH_RECORDS: usize = 500;
/// How long a record waits for others to share its transaction.
const BATCH_WAIT: Duration = Duration::from_millis(100);
/// Most log lines in one transaction, of which there is one for each round of records.
const BATCH_LINES: usize = 256;
/// How often log lines are looked for.
const LINES_EVERY: Duration = BATCH_WAIT;
/// How long to wait before trying again what could not be stored.
const RETRY_WAIT: Duration = Duration::from_secs(1);

enum Message {
    Entry(Entry),
    /// The run is over, at this time; dropped without a word where there is none.
    End(Option<Timestamp>),
}

/// One thing to be stored.
#[derive(Debug, Clone)]
struct Entry {
    what: What,
    /// Its number in the journal, where it is there.
    journaled: Option<u64>,
}

#[derive(Debug, Clone)]
enum What {
    Record(Record),
    /// The exchange's name for an order of the run.
    Named {
        order: OrderId,
        exchange_id: String,
    },
}

impl From<Record> for Entry {
    fn from(record: Record) -> Self {
        Self { what: What::Record(record), journaled: None }
    }
}

/// Takes the records of one run. Dropping it stores what it was given but leaves the run without an end.
#[derive(Debug)]
pub struct Writer {
    way: Way,
    path: PathBuf,
    /// Records that were handed over and aren't stored yet.
    waiting: Arc<AtomicU64>,
    /// Kept until the last row is in.
    _lock: Option<Arc<StateLock>>,
}

/// Who writes.
#[derive(Debug)]
enum Way {
    /// A thread of its own.
    Thread { messages: Sender<Message>, thread: Option<JoinHandle<Result<StoreCounts, StoreError>>> },
    /// Whoever calls.
    Inline(Box<Mutex<Backlog>>),
}

impl Writer {
    /// A writer without a thread.
    pub(super) fn inline(
        connection: Connection,
        path: &Path,
        run: RunKey,
        lock: Option<Arc<StateLock>>,
    ) -> Self {
        let backlog = Backlog::new(connection, path, run);
        let waiting = Arc::clone(&backlog.unstored);
        let way = Way::Inline(Box::new(Mutex::new(backlog)));
        Self { way, path: path.to_owned(), waiting, _lock: lock }
    }

    /// Starts the thread, which owns the connection from here on.
    pub(super) fn spawn(
        connection: Connection,
        path: &Path,
        run: RunKey,
        lock: Option<Arc<StateLock>>,
        logs: &Logs,
    ) -> Result<Self, StoreError> {
        let (messages, inbox) = channel();
        logs.begin_run(&run.id);
        let backlog = Backlog { lines: logs.stored(), ..Backlog::new(connection, path, run) };
        let waiting = Arc::clone(&backlog.unstored);
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || write_all(backlog, &inbox))
            .map_err(|cause| StoreError::Folder { path: path.to_owned(), cause })?;
        let way = Way::Thread { messages, thread: Some(thread) };
        Ok(Self { way, path: path.to_owned(), waiting, _lock: lock })
    }

    /// Hands over a record. Never waits and never fails: what goes wrong is logged when it happens, and
    /// [`Writer::finish`] says what could not be stored.
    ///
    /// The record is in the database within a tenth of a second. A crash of the process before that loses it; a live run
    /// hands it over with [`Writer::journaled`].
    pub fn record(&self, record: &Record) {
        self.hand_over(record.clone().into());
    }

    /// Hands over a record with its number in the journal, if it is there: what a crash loses here the next start
    /// takes from there.
    pub fn journaled(&self, record: &Record, seq: Option<u64>) {
        self.hand_over(Entry { what: What::Record(record.clone()), journaled: seq });
    }

    /// Notes the exchange's name for an order of a live run, with its number in the journal. Like [`Writer::record`],
    /// never waits and never fails.
    pub fn exchange_order(&self, order: OrderId, exchange_id: &str, seq: u64) {
        let what = What::Named { order, exchange_id: exchange_id.to_owned() };
        self.hand_over(Entry { what, journaled: Some(seq) });
    }

    fn hand_over(&self, entry: Entry) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        match &self.way {
            // It only fails once the thread has died, which `finish` reports.
            Way::Thread { messages, .. } => drop(messages.send(Message::Entry(entry))),
            Way::Inline(backlog) => backlog.lock().unwrap_or_else(PoisonError::into_inner).push(entry),
        }
    }

    /// Stores what waits, where no thread does.
    ///
    /// # Errors
    /// [`StoreError`] when it can't be stored; it goes on waiting.
    pub fn beat(&self) -> Result<(), StoreError> {
        match &self.way {
            Way::Thread { .. } => Ok(()),
            Way::Inline(backlog) => backlog.lock().unwrap_or_else(PoisonError::into_inner).store(),
        }
    }

    /// What was handed over and isn't stored yet. Nothing of it is ever dropped.
    pub fn queue(&self) -> Queue {
        Queue::new("store", self.waiting.load(Ordering::Relaxed), 0)
    }

    /// Stores what is left, marks the run as ended and returns how many rows it added.
    ///
    /// # Errors
    /// [`StoreError::Unsaved`] with the reason when something could not be stored even now.
    pub fn finish(mut self, ended: Timestamp) -> Result<StoreCounts, StoreError> {
        self.close(Some(ended))
    }

    fn close(&mut self, ended: Option<Timestamp>) -> Result<StoreCounts, StoreError> {
        match &mut self.way {
            Way::Thread { messages, thread } => {
                let _ = messages.send(Message::End(ended));
                match thread.take().map(JoinHandle::join) {
                    Some(Ok(counts)) => counts,
                    Some(Err(_)) | None => Err(StoreError::WriterDied { path: self.path.clone() }),
                }
            }
            Way::Inline(backlog) => backlog.get_mut().unwrap_or_else(PoisonError::into_inner).finish(ended),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Way::Thread { thread: Some(_), .. } = self.way
            && let Err(fault) = self.close(None)
        {
            tracing::error!("{fault}");
        }
    }
}

fn write_all(mut backlog: Backlog, inbox: &Receiver<Message>) -> Result<StoreCounts, StoreError> {
    let mut failing = false;
    loop {
        let gathered = gather(&mut backlog, inbox, failing);
        if let Gathered::Ended(ended) = gathered {
            return backlog.finish(ended);
        }
        let stored = backlog.store();
        match (stored.and_then(|()| backlog.store_lines()), failing) {
            (Err(fault), false) => {
                tracing::error!("{fault}. Records wait in memory and are tried again every second");
                failing = true;
            }
            (Ok(()), true) => {
                tracing::info!("{}: the database is written again", backlog.path.display());
                failing = false;
            }
            _ => {}
        }
    }
}

enum Gathered {
    Batch,
    Ended(Option<Timestamp>),
}

/// Waits for a record and takes those that follow it closely. Without one it comes back to look for log lines, and to
/// try again what failed.
fn gather(backlog: &mut Backlog, inbox: &Receiver<Message>, is_failing: bool) -> Gathered {
    let mut wait = match (is_failing, &backlog.lines) {
        (true, _) => RETRY_WAIT,
        (false, Some(_)) => LINES_EVERY,
        (false, None) => Duration::MAX,
    };
    let mut deadline = None;
    for _ in 0..BATCH_RECORDS {
        match inbox.recv_timeout(wait) {
            Ok(Message::Entry(entry)) => backlog.push(entry),
            Ok(Message::End(ended)) => return Gathered::Ended(ended),
            Err(RecvTimeoutError::Timeout) => return Gathered::Batch,
            Err(RecvTimeoutError::Disconnected) => return Gathered::Ended(None),
        }
        let now = Instant::now();
        wait = deadline.get_or_insert(now + BATCH_WAIT).saturating_duration_since(now);
    }
    Gathered::Batch
}

/// Records that were accepted and are not in the database yet.
#[derive(Debug)]
struct Backlog {
    connection: Connection,
    path: PathBuf,
    run: RunKey,
    waiting: Vec<(i64, Entry)>,
    /// Number of the last record accepted, from 1.
    last_seq: i64,
    counts: StoreCounts,
    unstored: Arc<AtomicU64>,
    /// Where log lines come from; none for a run that isn't logged.
    lines: Option<StoredLines>,
    /// Lines taken out that aren't stored yet.
    taken: Vec<StoredLine>,
    /// Number of the last line stored: they count down from -1, beside the records' numbers.
    last_line: i64,
}

impl Backlog {
    fn new(connection: Connection, path: &Path, run: RunKey) -> Self {
        let path = path.to_owned();
        Self {
            connection,
            path,
            run,
            waiting: Vec::new(),
            last_seq: 0,
            counts: StoreCounts::default(),
            unstored: Arc::default(),
            lines: None,
            taken: Vec::new(),
            last_line: 0,
        }
    }

    fn push(&mut self, entry: impl Into<Entry>) {
        let entry = entry.into();
        self.last_seq += i64::from(matches!(entry.what, What::Record(_)));
        self.waiting.push((self.last_seq, entry));
    }

    /// Stores everything that waits, oldest first. What could not be stored goes on waiting.
    fn store(&mut self) -> Result<(), StoreError> {
        while !self.waiting.is_empty() {
            let batch = self.waiting.len().min(BATCH_RECORDS);
            self.counts = self.insert(batch).map_err(|cause| StoreError::from_sqlite(&self.path, cause))?;
            self.waiting.drain(..batch);
            self.unstored.fetch_sub(u64::try_from(batch).unwrap_or(0), Ordering::Relaxed);
        }
        Ok(())
    }

    /// Stores some of the log lines that wait. Those that could not be stored are the first of the next time.
    fn store_lines(&mut self) -> Result<(), StoreError> {
        if let (true, Some(lines)) = (self.taken.is_empty(), &self.lines) {
            self.taken = lines.take(BATCH_LINES);
        }
        if !self.taken.is_empty() {
            let (lines, last) =
                self.insert_lines().map_err(|cause| StoreError::from_sqlite(&self.path, cause))?;
            (self.counts.lines, self.last_line) = (self.counts.lines + lines, last);
            self.taken.clear();
        }
        Ok(())
    }

    /// Inserts the lines that were taken out; returns how many rows that made and the last one's number.
    fn insert_lines(&mut self) -> rusqlite::Result<(usize, i64)> {
        let (mut inserted, mut number) = (0, self.last_line);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for line in &self.taken {
            number -= 1;
            inserted += rows::insert_line(&transaction, &self.run, number, line)?;
        }
        transaction.commit()?;
        Ok((inserted, number))
    }

    /// Stores all lines that wait at the end, with one about those that were dropped. What can't be stored is dropped
    /// too: nobody waits for it.
    fn store_last_lines(&mut self) {
        let Some(lines) = &self.lines else { return };
        lines.tell_drops();
        // A storm that goes on would otherwise never let the run end.
        lines.close();
        let mut before = i64::MAX;
        while self.last_line != before {
            before = self.last_line;
            if self.store_lines().is_err() {
                break;
            }
        }
        if let Some(lines) = self.lines.take() {
            lines.lose(self.taken.len());
        }
    }

    /// Inserts the oldest records in one transaction; returns the counts with them.
    fn insert(&mut self, batch: usize) -> rusqlite::Result<StoreCounts> {
        let mut counts = self.counts;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (seq, entry) in &self.waiting[..batch] {
            match &entry.what {
                What::Record(record) => rows::insert(&transaction, &self.run, *seq, record, &mut counts)?,
                What::Named { order, exchange_id } => {
                    account::name_order(&transaction, &self.run, *order, exchange_id)?;
                }
            }
        }
        if let Some(seq) = self.waiting[..batch].iter().filter_map(|(_, entry)| entry.journaled).max() {
            replay::set_mark(&transaction, seq)?;
        }
        transaction.commit()?;
        Ok(counts)
    }

    /// Stores what is left and marks the run as ended, if it is known when.
    fn finish(&mut self, ended: Option<Timestamp>) -> Result<StoreCounts, StoreError> {
        self.store().map_err(|cause| self.unsaved(cause))?;
        self.store_last_lines();
        if let Some(ended) = ended {
            self.end_run(ended)?;
        }
        Ok(self.counts)
    }

    fn end_run(&self, ended: Timestamp) -> Result<(), StoreError> {
        self.connection
            .execute("UPDATE runs SET ended_at = ? WHERE id = ?", params![rows::time(ended), self.run.id])
            .map(|_| ())
            .map_err(|cause| StoreError::from_sqlite(&self.path, cause))
    }

    fn unsaved(&self, cause: StoreError) -> StoreError {
        StoreError::Unsaved { records: self.waiting.len(), cause: Box::new(cause) }
    }
}

#[cfg(test)]
mod tests;
