//! How many mails may be sent: a breaker that flaps must not send five hundred.
//!
//! A window opens with the first message and lasts its time. Within it at most so many mails are sent; a third of them
//! is kept for urgent ones. A message of a kind that came within the last window's time already is a repeat, and is
//! held back, as is everything over the limit. What is held back is counted in one digest at the window's end. A run
//! that ends may give the window's digest out early, once.
//!
//! Nothing here reads a clock: time is handed in. Everything can be written down and read back, so that a program that
//! is started over and over again keeps to the limit too.

use super::Level;
use crate::units::{Money, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What the limit has to know of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What makes the next one of its kind a repeat; `None` when each counts by itself.
    pub topic: Option<String>,
    /// What a digest counts it under.
    pub kind: String,
    /// How much it matters.
    pub level: Level,
    /// Whether it may use what is kept of the quota: CRITICAL ones may, and a run's start and end.
    pub is_urgent: bool,
    /// When it happened.
    pub time: Timestamp,
    /// What a closed position made, fees paid.
    pub net: Option<Money>,
}

/// How much may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Most mails in a window, digests apart.
    pub most: u32,
    /// Length of the window.
    pub window: Duration,
}

impl Quota {
    /// How many of the mails are kept for urgent ones.
    const fn reserve(self) -> u32 {
        self.most.div_ceil(3)
    }
}

/// What was held back, counted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Digest {
    /// By kind, those that matter most first, then in the order in which they came first.
    pub entries: Vec<Entry>,
}

/// All messages of one kind and level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The kind.
    pub kind: String,
    /// How much one of them matters.
    pub level: Level,
    /// How many.
    pub count: u64,
    /// When the first happened.
    pub first: Timestamp,
    /// When the last happened.
    pub last: Timestamp,
    /// What closed positions made together, fees paid.
    pub net: Option<Money>,
}

impl Digest {
    /// Counts one more.
    pub fn add(&mut self, note: &Note) {
        let same = |entry: &&mut Entry| entry.kind == note.kind && entry.level == note.level;
        if let Some(entry) = self.entries.iter_mut().find(same) {
            entry.count += 1;
            entry.first = entry.first.min(note.time);
            entry.last = entry.last.max(note.time);
            if let Some(net) = note.net {
                entry.net = Some(entry.net.unwrap_or_default() + net);
            }
        } else {
            let at = self.entries.partition_point(|entry| entry.level >= note.level);
            let Note { kind, level, time, net, .. } = note.clone();
            self.entries.insert(at, Entry { kind, level, count: 1, first: time, last: time, net });
        }
    }

    /// How many messages it counts.
    pub fn count(&self) -> u64 {
        self.entries.iter().map(|entry| entry.count).sum()
    }

    /// Whether it counts none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The level of what matters most in it.
    pub fn level(&self) -> Level {
        self.entries.first().map_or(Level::Info, |entry| entry.level)
    }

    /// What the closed positions in it made together; `None` when it counts none.
    pub fn net(&self) -> Option<Money> {
        self.entries.iter().filter_map(|entry| entry.net).reduce(|sum, net| sum + net)
    }
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The digest of a window that has ended meanwhile; it goes first.
    pub digest: Option<Digest>,
    /// Whether the message itself is sent; if not, it is counted in a digest to come.
    pub is_sent: bool,
}

/// A span of time with its own count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
    since: Timestamp,
    sent: u32,
    /// Whether its digest was given out early.
    is_digested: bool,
    held: Digest,
}

impl Window {
    fn new(since: Timestamp) -> Self {
        Self { since, sent: 0, is_digested: false, held: Digest::default() }
    }
}

/// The limit, with what it remembers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RateLimit {
    window: Option<Window>,
    /// When a topic came last.
    last: BTreeMap<String, Timestamp>,
}

impl RateLimit {
    /// Takes one message at `now`.
    pub fn offer(&mut self, now: Timestamp, note: &Note, quota: Quota) -> Verdict {
        let digest = self.close(now, quota);
        let is_repeat = note.topic.as_ref().is_some_and(|topic| {
            self.last.insert(topic.clone(), now).is_some_and(|last| apart(last, now) < quota.window)
        });
        let window = self.window.get_or_insert_with(|| Window::new(now));
        let free = if note.is_urgent { quota.most } else { quota.most - quota.reserve() };
        let is_sent = !is_repeat && window.sent < free;
        if is_sent {
            window.sent += 1;
        } else {
            window.held.add(note);
        }
        Verdict { digest, is_sent }
    }

    /// When the window ends, where one is open.
    pub fn ends(&self, quota: Quota) -> Option<Timestamp> {
        self.window.as_ref().map(|window| window.since + quota.window)
    }

    /// Ends the window when its time is over. Its digest is given out, unless one was already: then what it holds
    /// goes on into a new window.
    pub fn close(&mut self, now: Timestamp, quota: Quota) -> Option<Digest> {
        let window = self.window.as_ref()?;
        if apart(window.since, now) < quota.window {
            return None;
        }
        self.last.retain(|_, last| apart(*last, now) < quota.window);
        let Window { is_digested, held, .. } = self.window.take()?;
        if held.is_empty() {
            return None;
        }
        if is_digested {
            self.window = Some(Window { held, ..Window::new(now) });
            return None;
        }
        Some(held)
    }

    /// Gives the window's digest out early, because nobody will be there at its end; `None` when it is empty or was
    /// given out already.
    pub fn hurry(&mut self) -> Option<Digest> {
        let window = self.window.as_mut().filter(|window| !window.is_digested && !window.held.is_empty())?;
        window.is_digested = true;
        Some(std::mem::take(&mut window.held))
    }

    /// How many messages are held back.
    pub fn held(&self) -> u64 {
        self.window.as_ref().map_or(0, |window| window.held.count())
    }
}

/// Time between two instants, whichever is earlier: a clock that was set back must not stretch a window.
fn apart(one: Timestamp, other: Timestamp) -> Duration {
    if other >= one { other.since(one) } else { one.since(other) }
}

#[cfg(test)]
mod tests;
