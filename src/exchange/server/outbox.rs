//! Frames on their way to one WebSocket. The exchange appends them to one buffer; the connection's task takes the
//! whole buffer at once and cuts it into messages without copying.

use bytes::Bytes;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// A connection's outgoing frames.
#[derive(Debug)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    changed: Notify,
    /// Bytes that may wait.
    limit: usize,
}

#[derive(Debug, Default)]
struct Queue {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Bytes that were taken and aren't on the wire yet.
    on_the_way: usize,
    is_broken: bool,
}

/// What a connection has to do next.
#[derive(Debug)]
pub(super) enum Batch {
    /// Send these.
    Frames(Vec<Utf8Bytes>),
    /// Break the connection off.
    Broken,
}

impl Outbox {
    pub(super) fn new(limit: usize) -> Self {
        Self { queue: Mutex::default(), changed: Notify::new(), limit }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a frame, whatever waits already.
    pub(super) fn push(&self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut queue = self.queue();
        write(&mut queue.bytes);
        let end = queue.bytes.len();
        queue.ends.push(end);
        drop(queue);
        self.changed.notify_one();
    }

    /// Whether more waits than may wait: the client doesn't read.
    pub(super) fn overflows(&self) -> bool {
        let queue = self.queue();
        queue.bytes.len() + queue.on_the_way > self.limit
    }

    /// Breaks the connection off without a word.
    pub(super) fn break_off(&self) {
        self.queue().is_broken = true;
        self.changed.notify_one();
    }

    /// What was said so far is on the wire.
    pub(super) fn sent(&self) {
        self.queue().on_the_way = 0;
    }

    /// Waits for something to do. Nothing is lost when the wait is given up.
    pub(super) async fn next(&self) -> Batch {
        loop {
            if let Some(batch) = self.take() {
                return batch;
            }
            self.changed.notified().await;
        }
    }

    fn take(&self) -> Option<Batch> {
        let (bytes, ends) = {
            let mut queue = self.queue();
            if queue.is_broken {
                return Some(Batch::Broken);
            }
            if queue.ends.is_empty() {
                return None;
            }
            queue.on_the_way += queue.bytes.len();
            (std::mem::take(&mut queue.bytes), std::mem::take(&mut queue.ends))
        };
        let bytes = Bytes::from(bytes);
        let mut start = 0;
        let frames = ends.into_iter().filter_map(|end| {
            let frame = bytes.slice(start..end);
            start = end;
            // Frames are written as text, so none is left out here.
            Utf8Bytes::try_from(frame).ok()
        });
        Some(Batch::Frames(frames.collect()))
    }

    /// Everything that waits, as text.
    #[cfg(test)]
    pub(super) fn texts(&self) -> Vec<String> {
        match self.take() {
            Some(Batch::Frames(frames)) => {
                self.sent();
                frames.iter().map(|frame| frame.as_str().to_owned()).collect()
            }
            _ => Vec::new(),
        }
    }
}
