//! Queues between what produces and what takes its time: how long each is, and what it had to drop.

use serde::{Deserialize, Serialize};

/// One queue at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// What is on its other side, a stable word: `store`, `log_console`, …
    pub name: String,
    /// How many wait in it.
    pub depth: u64,
    /// How many were dropped since the start, because it was full or its other side failed.
    pub dropped: u64,
}

impl Queue {
    /// A queue as it stands.
    pub fn new(name: &str, depth: u64, dropped: u64) -> Self {
        Self { name: name.to_owned(), depth, dropped }
    }
}
