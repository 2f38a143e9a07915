//! One channel on one connection: which markets it carries, which it should, and the one command under way.
//!
//! The exchange works on a connection's commands side by side and may answer them out of order, so a channel sends
//! its next command only when the last one is answered. What it carries then never has to be guessed.

use super::channel::Channel;
use super::command::{Command, Ticker};
use super::roster::Pace;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// How long the first of the books asked for is waited for, while nothing else can be asked.
const SNAPSHOT_PATIENCE: Duration = Duration::from_secs(5);

/// What a command asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    Subscribe,
    Unsubscribe,
    Add,
    Delete,
    Snapshot,
}

/// A command without an answer.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) id: u64,
    pub(super) request: Request,
    pub(super) tickers: Vec<Ticker>,
    pub(super) deadline: Instant,
    /// Sent a second time.
    is_repeated: bool,
}

/// What a refusal comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// The channel helps itself; nobody needs to know.
    Silent,
    /// The channel goes on without what was refused.
    Surfaced {
        /// The market that is left out.
        ticker: Option<Ticker>,
    },
    /// The subscription was up and is over.
    Ended,
}

/// One channel's subscription.
#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) channel: Channel,
    /// Its number on this connection, once the exchange has told it.
    pub(super) sid: Option<u32>,
    pub(super) pending: Option<Pending>,
    /// Nothing is sent before then.
    pub(super) not_before: Option<Instant>,
    /// The markets it carries.
    carried: BTreeSet<Ticker>,
    /// Markets the exchange refuses here.
    barred: BTreeSet<Ticker>,
    /// Markets whose books are to be asked for.
    snapshots: BTreeSet<Ticker>,
    /// Most markets of the next command.
    chunk: usize,
    /// The exchange takes no more markets here.
    is_full: bool,
    /// Failures in a row.
    failures: u32,
}

impl Subscription {
    pub(super) const fn new(channel: Channel, chunk: usize) -> Self {
        Self {
            channel,
            sid: None,
            pending: None,
            not_before: None,
            carried: BTreeSet::new(),
            barred: BTreeSet::new(),
            snapshots: BTreeSet::new(),
            chunk,
            is_full: false,
            failures: 0,
        }
    }

    /// The command under way that is due again, or else the next one. `id` is taken only by a new one.
    ///
    /// # Errors
    /// A command that stays without an answer twice: the connection is no good.
    pub(super) fn command(
        &mut self,
        wanted: &BTreeSet<Ticker>,
        id: u64,
        now: Instant,
        pace: &Pace,
    ) -> Result<Option<String>, String> {
        if let Some(overdue) =
            self.pending.take_if(|pending| pending.request == Request::Snapshot && now >= pending.deadline)
        {
            // Markets that are over have no book to send. Whoever still misses one asks again.
            tracing::debug!(id = overdue.id, "no book came of those asked for");
        }
        if let Some(pending) = &mut self.pending {
            if now < pending.deadline {
                return Ok(None);
            }
            if pending.is_repeated {
                let Pending { id, request, .. } = pending;
                return Err(format!("no answer to command {id} ({request:?} on {})", self.channel));
            }
            pending.is_repeated = true;
            pending.deadline = now + pace.patience;
            tracing::warn!(id = pending.id, channel = %self.channel, "a command has no answer; it is sent again");
            return Ok(self.encode());
        }
        if self.not_before.is_some_and(|start| now < start) {
            return Ok(None);
        }
        self.not_before = None;
        let Some((request, tickers)) = self.next_request(wanted) else { return Ok(None) };
        let patience = match request {
            Request::Snapshot => pace.patience.min(SNAPSHOT_PATIENCE),
            _ => pace.patience,
        };
        self.pending = Some(Pending { id, request, tickers, deadline: now + patience, is_repeated: false });
        Ok(self.encode())
    }

    /// What is missing most. Markets are added before others are taken off: a channel without any might mean all of
    /// them, or be closed.
    fn next_request(&mut self, wanted: &BTreeSet<Ticker>) -> Option<(Request, Vec<Ticker>)> {
        let chunk = self.chunk.max(1);
        let missing = |subscription: &Self| -> Vec<Ticker> {
            let candidates = wanted.difference(&subscription.carried);
            candidates.filter(|ticker| !subscription.barred.contains(*ticker)).take(chunk).cloned().collect()
        };
        if self.sid.is_none() {
            if !self.channel.follows_markets() {
                return Some((Request::Subscribe, Vec::new()));
            }
            return Some((Request::Subscribe, missing(self))).filter(|(_, tickers)| !tickers.is_empty());
        }
        if !self.channel.follows_markets() {
            return None;
        }
        if wanted.is_disjoint(&self.carried) && missing(self).is_empty() {
            return Some((Request::Unsubscribe, Vec::new()));
        }
        if !self.is_full {
            let tickers = missing(self);
            if !tickers.is_empty() {
                return Some((Request::Add, tickers));
            }
        }
        let surplus: Vec<Ticker> = self.carried.difference(wanted).take(chunk).cloned().collect();
        if surplus.len() == self.carried.len() {
            return Some((Request::Unsubscribe, Vec::new()));
        }
        if !surplus.is_empty() {
            return Some((Request::Delete, surplus));
        }
        let due: Vec<Ticker> = self.snapshots.iter().take(chunk).cloned().collect();
        for ticker in &due {
            self.snapshots.remove(ticker);
        }
        Some((Request::Snapshot, due)).filter(|(_, tickers)| !tickers.is_empty())
    }

    fn encode(&self) -> Option<String> {
        let Pending { id, request, tickers, .. } = self.pending.as_ref()?;
        let (channel, sid) = (self.channel, self.sid.unwrap_or_default());
        let command = match request {
            Request::Subscribe => Command::Subscribe { channel, tickers },
            Request::Unsubscribe => Command::Unsubscribe { sid },
            Request::Add => Command::AddMarkets { channel, sid, tickers },
            Request::Delete => Command::DeleteMarkets { sid, tickers },
            Request::Snapshot => Command::GetSnapshot { sid, tickers },
        };
        Some(command.encode(*id))
    }

    /// Whether this is the command under way. An answer without an id may be meant for it.
    pub(super) fn awaits(&self, id: Option<u64>, request: Request) -> bool {
        let named = id.filter(|id| *id != 0);
        self.pending.as_ref().is_some_and(|pending| {
            pending.request == request && named.is_none_or(|named| pending.id == named)
        })
    }

    pub(super) fn has_sent(&self, id: u64) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.id == id)
    }

    /// The exchange named the subscription's number.
    pub(super) fn opened(&mut self, sid: u32) {
        self.sid = Some(sid);
    }

    /// The command under way was carried out.
    pub(super) fn settle(&mut self, full_chunk: usize) {
        let Some(Pending { request, tickers, .. }) = self.pending.take() else { return };
        self.failures = 0;
        self.chunk = self.chunk.saturating_mul(2).min(full_chunk);
        match request {
            Request::Subscribe | Request::Add => self.carried.extend(tickers),
            Request::Delete => {
                for ticker in &tickers {
                    self.carried.remove(ticker);
                    self.snapshots.remove(ticker);
                }
                self.is_full = false;
            }
            Request::Unsubscribe => self.close(),
            Request::Snapshot => {}
        }
    }

    /// The exchange said no to the command under way, or ended the subscription.
    pub(super) fn refuse(&mut self, code: i64, ticker: Option<&str>, now: Instant, pace: &Pace) -> Remedy {
        let asked = self.pending.as_ref().map(|pending| pending.request);
        match code {
            // The subscription is over (10, 25), or the exchange knows nothing of it (7, 12).
            7 | 10 | 12 | 25 => {
                let was_up = self.sid.is_some() && !self.awaits(None, Request::Unsubscribe);
                self.close();
                self.pause(now, pace);
                if was_up { Remedy::Ended } else { Remedy::Silent }
            }
            // Too many markets.
            26 if matches!(asked, Some(Request::Subscribe | Request::Add)) => {
                self.refuse_markets(true, None, now, pace)
            }
            // Something in the command makes no sense: where it has markets, one of those.
            11 if self.pending.as_ref().is_some_and(|pending| !pending.tickers.is_empty()) => {
                self.refuse_markets(false, ticker, now, pace)
            }
            // Out of time (18), or too many commands (27).
            18 | 27 => {
                self.take_back();
                self.pause(now, pace);
                Remedy::Silent
            }
            _ => {
                self.pending = None;
                self.not_before = Some(now + pace.longest_pause);
                Remedy::Surfaced { ticker: ticker.map(Ticker::from) }
            }
        }
    }

    /// Some markets of the command were refused, or the subscription has no room for all of them: halves find out
    /// which, or how many.
    fn refuse_markets(&mut self, for_room: bool, named: Option<&str>, now: Instant, pace: &Pace) -> Remedy {
        let Some(Pending { request, tickers, .. }) = self.take_back() else {
            return Remedy::Surfaced { ticker: named.map(Ticker::from) };
        };
        let refused = match (&tickers[..], named) {
            ([only], _) => only.clone(),
            (tickers, Some(named)) if tickers.iter().any(|ticker| **ticker == *named) => named.into(),
            (tickers, _) => {
                self.chunk = (tickers.len() / 2).max(1);
                return Remedy::Silent;
            }
        };
        if request == Request::Subscribe {
            // It may be the channel that is refused after all, whatever market is named first.
            self.pause(now, pace);
        }
        if for_room {
            self.is_full = true;
            return Remedy::Surfaced { ticker: None };
        }
        let _ = match request {
            Request::Snapshot => self.snapshots.remove(&refused),
            // It isn't there to be taken off.
            Request::Delete => self.carried.remove(&refused),
            Request::Subscribe | Request::Add | Request::Unsubscribe => self.barred.insert(refused.clone()),
        };
        Remedy::Surfaced { ticker: Some(refused) }
    }

    /// Takes the command under way back, to be sent again in some form.
    fn take_back(&mut self) -> Option<Pending> {
        let pending = self.pending.take()?;
        if pending.request == Request::Snapshot {
            self.snapshots.extend(pending.tickers.iter().cloned());
        }
        Some(pending)
    }

    /// Waits before the next command, longer after each failure in a row.
    fn pause(&mut self, now: Instant, pace: &Pace) {
        let pause = pace.first_pause.saturating_mul(1 << self.failures.min(16));
        self.failures += 1;
        self.not_before = Some(now + pause.clamp(Duration::from_millis(1), pace.longest_pause));
    }

    /// The subscription is no more.
    fn close(&mut self) {
        self.sid = None;
        self.pending = None;
        self.carried.clear();
        self.snapshots.clear();
        self.is_full = false;
    }

    /// A market is no longer wanted: should it come back, it gets another chance.
    pub(super) fn forgive(&mut self, ticker: &str) {
        self.barred.remove(ticker);
    }

    /// Has the books of all its markets asked for.
    pub(super) fn ask_for_snapshots(&mut self) {
        self.snapshots.clone_from(&self.carried);
    }

    /// When it has something to do next, if that is certain.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.pending.as_ref().map(|pending| pending.deadline).or(self.not_before)
    }
}
