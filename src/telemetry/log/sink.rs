//! A place that lines are written to by a thread of its own, behind a bounded queue: who logs never waits for it, and
//! what it can't take is counted.

use crate::telemetry::queue::Queue;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};

/// Lines that wait at most; with lines of usual length some megabytes.
const LONGEST_QUEUE: usize = 16_384;
/// How often a flush looks whether it is done.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// A place that lines go to.
#[derive(Debug)]
pub(super) struct Sink {
    name: &'static str,
    lines: NonBlocking,
    /// Lines handed over, dropped ones included.
    sent: AtomicU64,
    counts: Arc<Counts>,
    /// Held as long as lines may come. It is never dropped before the process ends: it would print.
    _thread: WorkerGuard,
}

#[derive(Debug, Default)]
struct Counts {
    written: AtomicU64,
    failed: AtomicU64,
}

/// Counts what becomes of each line. A line that can't be written is lost and costs nothing else: whoever reads may
/// have gone, and a disk may be full for a while.
struct Counted<W> {
    inner: W,
    counts: Arc<Counts>,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let counter = match self.inner.write_all(line) {
            Ok(()) => &self.counts.written,
            Err(_) => &self.counts.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // Nothing is held back here, and what the writer holds back it flushes with its next line.
        let _ = self.inner.flush();
        Ok(())
    }
}

impl Sink {
    /// A sink named `name` that writes to `writer`, on a thread of its own.
    pub(super) fn new(name: &'static str, writer: impl Write + Send + 'static) -> Self {
        let counts = Arc::new(Counts::default());
        let (lines, thread) = NonBlockingBuilder::default()
            .buffered_lines_limit(LONGEST_QUEUE)
            .lossy(true)
            .thread_name(name)
            .finish(Counted { inner: writer, counts: Arc::clone(&counts) });
        Self { name, lines, sent: AtomicU64::new(0), counts, _thread: thread }
    }

    /// Hands a line over, or drops it.
    pub(super) fn send(&self, line: &str) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        // It never fails: what finds no room is counted as dropped.
        let _ = self.lines.clone().write_all(line.as_bytes());
    }

    /// Lines that were lost: for want of room, or because they could not be written.
    pub(super) fn dropped(&self) -> u64 {
        let full = self.lines.error_counter().dropped_lines();
        u64::try_from(full).unwrap_or(u64::MAX).saturating_add(self.counts.failed.load(Ordering::Relaxed))
    }

    /// Lines that were written.
    pub(super) fn written(&self) -> u64 {
        self.counts.written.load(Ordering::Relaxed)
    }

    pub(super) fn queue(&self) -> Queue {
        let done = self.dropped().saturating_add(self.written());
        Queue::new(self.name, self.sent.load(Ordering::Relaxed).saturating_sub(done), self.dropped())
    }

    /// Waits until every line that was handed over is written or lost, but no longer than `patience`.
    pub(super) fn flush(&self, patience: Duration) {
        let until = Instant::now() + patience;
        while self.queue().depth > 0 && Instant::now() < until {
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Condvar, Mutex};

    /// Takes lines once it is opened.
    #[derive(Clone, Default)]
    struct Gate {
        is_open: Arc<(Mutex<bool>, Condvar)>,
        taken: Arc<Mutex<Vec<u8>>>,
    }

    impl Gate {
        fn open(&self) {
            *self.is_open.0.lock().unwrap() = true;
            self.is_open.1.notify_all();
        }
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let guard = self.is_open.0.lock().unwrap();
            drop(self.is_open.1.wait_while(guard, |is_open| !*is_open).unwrap());
            self.taken.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A disk that is full.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    const PATIENCE: Duration = Duration::from_secs(20);

    #[test]
    fn a_writer_that_stands_still_stalls_nobody_and_every_line_is_written_or_counted() {
        let gate = Gate::default();
        let sink = Sink::new("log_file", gate.clone());
        let lines = LONGEST_QUEUE as u64 + 1_000;
        for _ in 0..lines {
            sink.send("line\n");
        }
        let queue = sink.queue();
        assert!(queue.dropped >= 900, "{queue:?}");
        assert_eq!(queue.depth + queue.dropped, lines);
        gate.open();
        sink.flush(PATIENCE);
        assert_eq!(sink.queue(), Queue::new("log_file", 0, queue.dropped));
        assert_eq!(
            (sink.written() + sink.dropped(), sink.written()),
            (lines, gate.taken.lock().unwrap().len() as u64 / 5)
        );
    }

    #[test]
    fn what_a_full_disk_refuses_is_counted_and_later_lines_are_still_taken() {
        let sink = Sink::new("log_file", Full);
        for _ in 0..3 {
            sink.send("line\n");
        }
        sink.flush(PATIENCE);
        assert_eq!(sink.queue(), Queue::new("log_file", 0, 3));
    }
}
