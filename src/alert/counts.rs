//! What became of the mails, counted as they go and read from anywhere.

use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The counts at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct MailCounts {
    /// Mails the server has, digests among them.
    pub sent: u64,
    /// Digests among them.
    pub digests: u64,
    /// Mails that were given up.
    pub failed: u64,
    /// Attempts that failed and were to be made again.
    pub retried: u64,
    /// Messages that got no mail of their own and are counted in a digest instead.
    pub held_back: u64,
    /// Messages lost because the queue was full.
    pub dropped: u64,
    /// Messages and mails on their way, those held back for the next digest not among them.
    pub waiting: u64,
    /// What went wrong last; `None` after a mail that was sent.
    pub last_error: Option<String>,
}

/// Reads the counts of a run's mails. Cheap to clone, and reading never waits for a mail.
#[derive(Debug, Clone, Default)]
pub(super) struct MailCounter {
    cells: Arc<Cells>,
}

#[derive(Debug, Default)]
struct Cells {
    sent: AtomicU64,
    digests: AtomicU64,
    failed: AtomicU64,
    retried: AtomicU64,
    held_back: AtomicU64,
    dropped: AtomicU64,
    queued: AtomicU64,
    outgoing: AtomicU64,
    last_error: Mutex<Option<String>>,
}

impl MailCounter {
    /// The counts now.
    pub(super) fn snapshot(&self) -> MailCounts {
        let Cells { sent, digests, failed, retried, held_back, dropped, queued, outgoing, last_error } =
            &*self.cells;
        let read = |cell: &AtomicU64| cell.load(Ordering::Relaxed);
        MailCounts {
            sent: read(sent),
            digests: read(digests),
            failed: read(failed),
            retried: read(retried),
            held_back: read(held_back),
            dropped: read(dropped),
            waiting: read(queued) + read(outgoing),
            last_error: last_error.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    pub(super) fn queued(&self) {
        self.cells.queued.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn taken(&self) {
        self.cells.queued.fetch_sub(1, Ordering::Relaxed);
    }

    /// It was counted as queued, and the queue was full.
    pub(super) fn dropped(&self) {
        self.taken();
        self.cells.dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn held_back(&self) {
        self.cells.held_back.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn outgoing(&self, count: usize) {
        self.cells.outgoing.store(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn sent(&self, is_digest: bool) {
        self.cells.sent.fetch_add(1, Ordering::Relaxed);
        self.cells.digests.fetch_add(u64::from(is_digest), Ordering::Relaxed);
        *self.cells.last_error.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn retried(&self, error: String) {
        self.cells.retried.fetch_add(1, Ordering::Relaxed);
        self.erred(error);
    }

    pub(super) fn failed(&self, error: String) {
        self.cells.failed.fetch_add(1, Ordering::Relaxed);
        self.erred(error);
    }

    fn erred(&self, error: String) {
        *self.cells.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}
