//! The queue of lines that go to the store. The thread of the store takes them out; nobody waits for it.
//!
//! Before a run begins there is nothing to store lines under: the first warnings and errors of that time wait for it.
//! Once the run has ended nothing is taken any more.

use super::line::Line;
use crate::telemetry::queue::Queue;
use crate::units::Timestamp;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use tracing::Level;

/// Lines that wait at most.
const LONGEST_QUEUE: usize = 8_192;
/// Of these, lines that wait for a run to begin.
const MOST_EARLY: u64 = 256;

/// Who takes the lines out: nobody yet, the store, nobody any more.
const WAITING: u8 = 0;
const TAKING: u8 = 1;
const OVER: u8 = 2;

/// A line as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLine {
    /// When it was logged, by the machine's clock.
    pub time: Timestamp,
    /// `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`.
    pub level: &'static str,
    /// The module it comes from.
    pub logger: String,
    /// What happened.
    pub message: String,
    /// Its fields, a JSON object.
    pub fields: String,
}

#[derive(Debug)]
pub(super) struct StoreQueue {
    level: Level,
    lines: SyncSender<StoredLine>,
    inbox: Mutex<Option<Receiver<StoredLine>>>,
    phase: AtomicU8,
    /// Lines handed over, dropped ones left out.
    sent: AtomicU64,
    taken: AtomicU64,
    dropped: AtomicU64,
}

impl StoreQueue {
    /// A queue for lines of `level` and above.
    pub(super) fn new(level: Level) -> Self {
        let (lines, inbox) = sync_channel(LONGEST_QUEUE);
        Self {
            level,
            lines,
            inbox: Mutex::new(Some(inbox)),
            phase: AtomicU8::new(WAITING),
            sent: AtomicU64::new(0),
            taken: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// Whether such a line belongs here. What a record told of is stored with the record.
    pub(super) fn wants(&self, line: &Line) -> bool {
        if line.level > self.level || super::RECORDED.contains(&line.logger.as_str()) {
            return false;
        }
        match self.phase.load(Ordering::Relaxed) {
            WAITING => line.level <= Level::WARN,
            TAKING => true,
            _ => false,
        }
    }

    /// Hands a line over, or drops it.
    pub(super) fn send(&self, line: Line, fields: String) {
        let is_early = self.phase.load(Ordering::Relaxed) == WAITING;
        let has_room = !is_early || self.sent.load(Ordering::Relaxed) < MOST_EARLY;
        let stored = StoredLine {
            time: line.time,
            level: line.level.as_str(),
            logger: line.logger,
            message: line.message,
            fields,
        };
        if has_room && self.lines.try_send(stored).is_ok() {
            self.sent.fetch_add(1, Ordering::Relaxed);
        } else {
            self.lose(1);
        }
    }

    pub(super) fn lose(&self, lines: u64) {
        self.dropped.fetch_add(lines, Ordering::Relaxed);
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn queue(&self) -> Queue {
        let depth = self.sent.load(Ordering::Relaxed).saturating_sub(self.taken.load(Ordering::Relaxed));
        Queue::new("log_store", depth, self.dropped())
    }

    /// Where the lines arrive. Only the first who asks gets it.
    pub(super) fn begin(&self) -> Option<Receiver<StoredLine>> {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take();
        if inbox.is_some() {
            self.phase.store(TAKING, Ordering::Relaxed);
        }
        inbox
    }

    pub(super) fn note_taken(&self, lines: usize) {
        self.taken.fetch_add(u64::try_from(lines).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn end(&self) {
        self.phase.store(OVER, Ordering::Relaxed);
    }
}
