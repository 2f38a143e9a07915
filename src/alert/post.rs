//! The thread that sends, and the bot's end of the line to it.
//!
//! The bot hands an alert over and goes on: the queue is bounded, and what doesn't fit is counted and dropped rather
//! than waited for. The thread lets through what the limit allows, tries what fails again, and when the run ends sends
//! what it can in the time it is given, then says what was not sent.

use super::counts::{MailCounter, MailCounts};
use super::event::Alert;
use super::fault::MailFault;
use super::identity::RunIdentity;
use super::letter::Letter;
use super::limit::{Quota, RateLimit};
use super::mail::Mail;
use super::memory::Memory;
use super::outbox::{Outbox, Patience};
use super::smtp::{Carrier, Smtp};
use super::{Level, render};
use crate::config::Email;
use crate::engine::Record;
use crate::units::Timestamp;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

/// Most alerts that wait for the thread. It takes them at once unless a server keeps it waiting.
const QUEUE: usize = 512;
/// How long the thread sleeps at most.
const NAP: Duration = Duration::from_mins(1);

/// The bot's end of the line. Dropping it ends the thread without waiting.
#[derive(Debug)]
pub struct Alerts {
    /// `None` where no alerts are sent.
    line: Option<Line>,
    counter: MailCounter,
}

#[derive(Debug)]
struct Line {
    alerts: SyncSender<Alert>,
    least: Level,
    since: Timestamp,
    deadline: Arc<OnceLock<Instant>>,
    ended: Receiver<()>,
}

impl Alerts {
    /// Sends nothing.
    pub fn off() -> Self {
        Self { line: None, counter: MailCounter::default() }
    }

    /// Starts the thread, if alerts are enabled. `now` is the time by the clock that alerts carry; what was mailed is
    /// remembered in `folder`.
    ///
    /// # Errors
    /// [`MailFault`] when the settings can't be used.
    pub fn open(
        settings: &Email,
        identity: RunIdentity,
        folder: Option<&Path>,
        now: Timestamp,
    ) -> Result<Self, MailFault> {
        if !settings.enabled {
            return Ok(Self::off());
        }
        let carrier = Smtp::new(settings)?;
        Ok(Self::with(Box::new(carrier), settings, Patience::default(), identity, folder, now))
    }

    fn with(
        carrier: Box<dyn Carrier>,
        settings: &Email,
        patience: Patience,
        identity: RunIdentity,
        folder: Option<&Path>,
        now: Timestamp,
    ) -> Self {
        let (alerts, taken) = sync_channel(QUEUE);
        let (end, ended) = sync_channel(1);
        let deadline = Arc::new(OnceLock::new());
        let counter = MailCounter::default();
        let (memory, limit) = Memory::open(folder);
        let postman = Postman {
            carrier,
            identity,
            quota: Quota { most: settings.max_mails, window: settings.window },
            limit,
            memory,
            outbox: Outbox::new(patience),
            counter: counter.clone(),
            dropped: 0,
            clock: Clock { wall: now, since: Instant::now() },
            deadline: deadline.clone(),
        };
        let spawned = thread::Builder::new().name("mail".to_owned()).spawn(move || {
            postman.work(&taken);
            // Nobody waits for the end of a run that failed to start.
            let _ = end.send(());
        });
        match spawned {
            Ok(_) => {
                let line = Some(Line { alerts, least: settings.min_level, since: now, deadline, ended });
                Self { line, counter }
            }
            Err(error) => {
                tracing::error!(%error, "the system gives no thread for mails; none are sent");
                Self { line: None, counter }
            }
        }
    }

    /// Hands a record over, if it is worth an alert. Never waits. A position that was opened before this run began was
    /// told by the run that opened it.
    pub fn record(&self, record: &Record) {
        let Some(line) = &self.line else { return };
        if matches!(record, Record::Opened(opened) if opened.time < line.since) {
            return;
        }
        if let Some(alert) = Alert::of(record) {
            self.tell(alert);
        }
    }

    /// Hands an alert over. Never waits.
    pub fn tell(&self, alert: Alert) {
        let Some(line) = self.line.as_ref().filter(|line| alert.level() >= line.least) else { return };
        self.counter.queued();
        if line.alerts.try_send(alert).is_err() {
            self.counter.dropped();
        }
    }

    /// What became of the mails so far.
    pub fn counts(&self) -> MailCounts {
        self.counter.snapshot()
    }

    /// Gives the thread so long to send what waits, and waits for it. What is not sent by then is logged.
    pub fn end(self, patience: Duration) {
        let Some(line) = self.line else { return };
        // The thread looks at it once the line is gone.
        let _ = line.deadline.set(Instant::now() + patience);
        drop(line.alerts);
        if line.ended.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            let waiting = self.counter.snapshot().waiting;
            tracing::error!(waiting, "the mail server didn't answer in time; these mails are not sent");
        }
    }
}

/// The time by the clock that alerts carry. It never jumps.
struct Clock {
    wall: Timestamp,
    since: Instant,
}

impl Clock {
    fn now(&self) -> Timestamp {
        self.wall + self.since.elapsed()
    }
}

/// A mail on its way.
struct Outgoing {
    mail: Mail,
    is_digest: bool,
}

/// What the thread works with.
struct Postman {
    carrier: Box<dyn Carrier>,
    identity: RunIdentity,
    quota: Quota,
    limit: RateLimit,
    memory: Memory,
    outbox: Outbox<Outgoing>,
    counter: MailCounter,
    /// How many dropped alerts were told of.
    dropped: u64,
    clock: Clock,
    deadline: Arc<OnceLock<Instant>>,
}

impl Postman {
    fn work(mut self, alerts: &Receiver<Alert>) {
        loop {
            match alerts.recv_timeout(self.pause()) {
                Ok(alert) => self.take(&alert),
                Err(RecvTimeoutError::Timeout) => {
                    let now = self.clock.now();
                    if let Some(digest) = self.limit.close(now, self.quota) {
                        self.push(now, &Letter::of_digest(&digest, &self.identity, now), true);
                    }
                    self.send_one(now);
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.memory.keep(&self.limit);
            self.tell_of_dropped();
        }
        self.finish();
    }

    /// How long there is nothing to do but to wait for alerts.
    fn pause(&self) -> Duration {
        let now = self.clock.now();
        let next = [self.outbox.due(), self.limit.ends(self.quota)].into_iter().flatten().min();
        next.map_or(NAP, |next| now.until(next).min(NAP))
    }

    fn take(&mut self, alert: &Alert) {
        let now = self.clock.now();
        let verdict = self.limit.offer(now, &alert.note(), self.quota);
        if let Some(digest) = verdict.digest {
            self.push(now, &Letter::of_digest(&digest, &self.identity, now), true);
        }
        if verdict.is_sent {
            self.push(now, &Letter::of(alert, &self.identity), false);
        } else {
            self.counter.held_back();
        }
        self.counter.taken();
    }

    fn push(&mut self, now: Timestamp, letter: &Letter, is_digest: bool) {
        match render::mail(letter) {
            Ok(mail) => self.outbox.push(now, letter.level, Outgoing { mail, is_digest }),
            Err(error) => {
                self.counter.failed(error.to_string());
                tracing::error!(%error, title = letter.title, "a mail can't be written");
            }
        }
        self.counter.outgoing(self.outbox.len());
    }

    /// Tries one of the mails that are due; whether there was one.
    fn send_one(&mut self, now: Timestamp) -> bool {
        let Some(waiting) = self.outbox.next(now) else { return false };
        let Outgoing { mail, is_digest } = &waiting.mail;
        match self.carrier.carry(mail) {
            Ok(()) => self.counter.sent(*is_digest),
            Err(fault) if fault.is_lasting => self.give_up(&waiting.mail.mail, &fault),
            Err(fault) => match self.outbox.retry(self.clock.now(), waiting) {
                Ok(pause) => {
                    self.counter.retried(fault.to_string());
                    tracing::warn!(error = %fault, again_in_s = pause.as_secs(), "a mail can't be sent yet");
                }
                Err(outgoing) => self.give_up(&outgoing.mail, &fault),
            },
        }
        self.counter.outgoing(self.outbox.len());
        true
    }

    fn give_up(&self, mail: &Mail, fault: &MailFault) {
        self.counter.failed(fault.to_string());
        tracing::error!(subject = mail.subject(), error = %fault, next = fault.mend, "a mail can't be sent");
    }

    fn tell_of_dropped(&mut self) {
        let dropped = self.counter.snapshot().dropped;
        if dropped > self.dropped {
            tracing::error!(count = dropped - self.dropped, "alerts were lost: too many waited to be mailed");
            self.dropped = dropped;
        }
    }

    /// Sends what it can until the deadline. Without one, the run came to nothing and nobody waits.
    fn finish(mut self) {
        let Some(deadline) = self.deadline.get().copied() else { return };
        let now = self.clock.now();
        if let Some(digest) = self.limit.hurry() {
            self.push(now, &Letter::of_digest(&digest, &self.identity, now), true);
        }
        self.memory.keep(&self.limit);
        self.tell_of_dropped();
        self.outbox.hurry(now);
        while self.outbox.len() > 0 && Instant::now() < deadline {
            if !self.send_one(self.clock.now()) {
                let until_due = self.outbox.due().map_or(Duration::ZERO, |due| self.clock.now().until(due));
                thread::sleep(until_due.min(deadline.saturating_duration_since(Instant::now())));
            }
        }
        for outgoing in self.outbox.drain() {
            self.counter.failed("the run ended before it could be sent".to_owned());
            tracing::error!(subject = outgoing.mail.subject(), "a mail was not sent before the run ended");
        }
        self.counter.outgoing(0);
    }
}

#[cfg(test)]
mod tests;
