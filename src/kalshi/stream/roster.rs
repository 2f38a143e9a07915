//! Everything a connection is subscribed to, and what it should be: the channels, the markets wanted on them, and
//! the commands that bring the one to the other. It outlives connections, does no I/O and is told the time.

use super::channel::Channel;
use super::command::Ticker;
use super::subscription::{Remedy, Request, Subscription};
use crate::kalshi::ws::{Frame, Message};
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;
use tokio::time::Instant;

/// How fast and how large commands may be.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    /// How long an answer is waited for.
    pub(super) patience: Duration,
    /// The wait after a first failure.
    pub(super) first_pause: Duration,
    /// The longest wait.
    pub(super) longest_pause: Duration,
    /// Most markets of a command.
    pub(super) chunk: usize,
}

/// The least time between commands once the exchange has found them too many, and the most.
const SPACINGS: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(1)];

/// What an answer means beyond the subscriptions.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing.
    Nothing,
    /// A channel was opened.
    Opened,
    /// A refusal the connection can't mend by itself.
    Fault { code: i64, message: String, ticker: Option<String> },
    /// A channel that was up is over; it will be asked for again.
    Ended { channel: Channel, reason: String },
    /// The exchange ended something it didn't name.
    Lost(String),
}

/// The subscriptions of a stream.
#[derive(Debug)]
pub(super) struct Roster {
    subscriptions: Vec<Subscription>,
    wanted: BTreeSet<Ticker>,
    next_id: u64,
    pace: Pace,
    /// The least time between two commands; zero until the exchange complains.
    spacing: Duration,
    next_send: Option<Instant>,
}

impl Roster {
    pub(super) fn new(channels: &[Channel], pace: Pace) -> Self {
        let channels: BTreeSet<Channel> = channels.iter().copied().collect();
        // The account's channels come first: a bot that trades must not miss its own fills.
        let (markets, account): (Vec<_>, Vec<_>) =
            channels.into_iter().partition(|channel| channel.follows_markets());
        let subscriptions = account
            .into_iter()
            .chain(markets)
            .map(|channel| Subscription::new(channel, pace.chunk))
            .collect();
        Self {
            subscriptions,
            wanted: BTreeSet::new(),
            next_id: 1,
            pace,
            spacing: Duration::ZERO,
            next_send: None,
        }
    }

    /// A new connection: nothing is subscribed to yet. Ids go on counting.
    pub(super) fn start_over(&mut self) {
        for subscription in &mut self.subscriptions {
            *subscription = Subscription::new(subscription.channel, self.pace.chunk);
        }
        (self.spacing, self.next_send) = (Duration::ZERO, None);
    }

    /// Wants these markets too; whether that is news.
    pub(super) fn follow<T: AsRef<str>>(&mut self, tickers: &[T]) -> bool {
        let before = self.wanted.len();
        for ticker in tickers.iter().map(AsRef::as_ref) {
            if !self.wanted.contains(ticker) {
                self.wanted.insert(ticker.into());
            }
        }
        self.wanted.len() > before
    }

    /// Wants these markets no more; whether that is news.
    pub(super) fn unfollow<T: AsRef<str>>(&mut self, tickers: &[T]) -> bool {
        let before = self.wanted.len();
        for ticker in tickers.iter().map(AsRef::as_ref) {
            if self.wanted.remove(ticker) {
                for subscription in &mut self.subscriptions {
                    subscription.forgive(ticker);
                }
            }
        }
        self.wanted.len() < before
    }

    /// How many markets are wanted.
    pub(super) fn wanted(&self) -> usize {
        self.wanted.len()
    }

    /// Has the books of a subscription asked for; whether there is such a subscription of books.
    pub(super) fn ask_for_snapshots(&mut self, sid: u32) -> bool {
        let mut books = self.subscriptions.iter_mut().filter(|subscription| {
            subscription.sid == Some(sid) && subscription.channel == Channel::OrderbookDelta
        });
        books.next().map(Subscription::ask_for_snapshots).is_some()
    }

    /// The commands that may go out now.
    ///
    /// # Errors
    /// A command that stays without an answer: the connection is no good.
    pub(super) fn commands(&mut self, now: Instant, out: &mut VecDeque<String>) -> Result<(), String> {
        for subscription in &mut self.subscriptions {
            if self.next_send.is_some_and(|start| now < start) {
                break;
            }
            let Some(text) = subscription.command(&self.wanted, self.next_id, now, &self.pace)? else {
                continue;
            };
            self.next_id += 1;
            self.next_send = (!self.spacing.is_zero()).then(|| now + self.spacing);
            out.push_back(text);
        }
        Ok(())
    }

    /// When there may be something to send again without anything having come: later than now.
    pub(super) fn next_due(&self, now: Instant) -> Option<Instant> {
        let due = self.subscriptions.iter().filter_map(Subscription::next_due);
        due.chain(self.next_send).filter(|due| *due > now).min()
    }

    /// A book came, with the numbers of its head: it may be one that was asked for.
    pub(super) fn hear_snapshot(&mut self, (id, sid): (Option<u64>, Option<u32>)) -> bool {
        let Some(subscription) = self.subscriptions.iter_mut().find(|subscription| {
            subscription.sid.is_some()
                && subscription.sid == sid
                && subscription.awaits(id, Request::Snapshot)
        }) else {
            return false;
        };
        subscription.settle(self.pace.chunk);
        true
    }

    /// Whether books that were asked for are still to come.
    pub(super) fn awaits_snapshots(&self) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.awaits(None, Request::Snapshot))
    }

    /// Takes the exchange's answer to a command.
    pub(super) fn hear(&mut self, frame: &Frame<'_>, now: Instant) -> Answer {
        let id = frame.id.filter(|id| *id != 0);
        match &frame.message {
            Message::Subscribed(opened) => {
                let known =
                    self.subscriptions.iter_mut().find(|known| known.channel.as_str() == opened.channel);
                let Some(subscription) = known else { return Answer::Nothing };
                subscription.opened(opened.sid);
                if subscription.awaits(id, Request::Subscribe) {
                    subscription.settle(self.pace.chunk);
                }
                Answer::Opened
            }
            Message::Ok(_) => {
                let chunk = self.pace.chunk;
                if let Some(subscription) = self.find(id, None) {
                    // A channel that was open already answers a second `subscribe` like this.
                    if let (None, Some(sid)) = (subscription.sid, frame.sid) {
                        subscription.opened(sid);
                    }
                    if subscription.sid.is_some() {
                        subscription.settle(chunk);
                    }
                }
                Answer::Nothing
            }
            Message::Unsubscribed => {
                let chunk = self.pace.chunk;
                match self.find(id, frame.sid) {
                    Some(subscription) if subscription.awaits(id, Request::Unsubscribe) => {
                        subscription.settle(chunk);
                        Answer::Nothing
                    }
                    // Nobody asked for it: the exchange ended a subscription in its own way.
                    Some(_) => self.refused(None, frame.sid, 10, "unsubscribed unasked", None, now),
                    None => Answer::Nothing,
                }
            }
            Message::Error(refused) => {
                self.refused(id, frame.sid, refused.code, &refused.message, refused.ticker.as_deref(), now)
            }
            _ => Answer::Nothing,
        }
    }

    fn refused(
        &mut self,
        id: Option<u64>,
        sid: Option<u32>,
        code: i64,
        message: &str,
        ticker: Option<&str>,
        now: Instant,
    ) -> Answer {
        if code == 27 {
            let [least, most] = SPACINGS;
            self.spacing = (self.spacing * 2).clamp(least, most);
            self.next_send = Some(now + self.spacing);
        }
        let pace = self.pace.clone();
        let fault = |ticker: Option<&str>| {
            tracing::warn!(
                code,
                error = message,
                market = ticker,
                "the exchange refused a command on the stream"
            );
            Answer::Fault { code, message: message.to_owned(), ticker: ticker.map(str::to_owned) }
        };
        let Some(subscription) = self.find(id, sid) else {
            return match code {
                10 | 25 => Answer::Lost(format!("the exchange ended a subscription: {code} {message}")),
                _ => fault(ticker),
            };
        };
        let channel = subscription.channel;
        match subscription.refuse(code, ticker, now, &pace) {
            Remedy::Silent => {
                tracing::info!(code, error = message, %channel, "a command will be sent again, smaller or later");
                Answer::Nothing
            }
            Remedy::Surfaced { ticker } => fault(ticker.as_deref()),
            Remedy::Ended => {
                tracing::warn!(code, error = message, %channel, "the exchange ended a subscription; it is asked for again");
                Answer::Ended { channel, reason: format!("{code} {message}") }
            }
        }
    }

    /// The subscription whose command has this id, or else the one with this number.
    fn find(&mut self, id: Option<u64>, sid: Option<u32>) -> Option<&mut Subscription> {
        let known = &self.subscriptions;
        let by_id = id.and_then(|id| known.iter().position(|one| one.has_sent(id)));
        let by_sid = || sid.and_then(|sid| known.iter().position(|one| one.sid == Some(sid)));
        let place = by_id.or_else(by_sid)?;
        self.subscriptions.get_mut(place)
    }
}

#[cfg(test)]
#[path = "tests/roster.rs"]
mod tests;
