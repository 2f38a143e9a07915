//! Mails that wait to be sent, and when they are tried: at once, and after a failure again with growing pauses. Nothing
//! here reads a clock or sends; both are handed in.

use super::Level;
use crate::units::Timestamp;
use std::time::Duration;

/// How often a mail is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience {
    /// Pause after the first failure; it doubles with each one.
    pub(super) first: Duration,
    /// Longest pause.
    pub(super) longest: Duration,
    /// After how many attempts a mail is given up.
    pub(super) attempts: u32,
}

impl Default for Patience {
    /// Eight attempts within about two minutes.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_mins(1), attempts: 8 }
    }
}

impl Patience {
    fn pause(self, failures: u32) -> Duration {
        let doubled = 2_u32.checked_pow(failures.saturating_sub(1));
        doubled.and_then(|times| self.first.checked_mul(times)).map_or(self.longest, |p| p.min(self.longest))
    }
}

/// A mail that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting<M> {
    /// The mail.
    pub(super) mail: M,
    level: Level,
    number: u64,
    failures: u32,
    due: Timestamp,
}

/// The mails that wait.
#[derive(Debug)]
pub(super) struct Outbox<M> {
    waiting: Vec<Waiting<M>>,
    patience: Patience,
    numbers: u64,
}

impl<M> Outbox<M> {
    pub(super) const fn new(patience: Patience) -> Self {
        Self { waiting: Vec::new(), patience, numbers: 0 }
    }

    pub(super) fn push(&mut self, now: Timestamp, level: Level, mail: M) {
        self.numbers += 1;
        self.waiting.push(Waiting { mail, level, number: self.numbers, failures: 0, due: now });
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// When the next one is due.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.waiting.iter().map(|waiting| waiting.due).min()
    }

    /// Of those that are due, the one that matters most, and of these the oldest.
    pub(super) fn next(&mut self, now: Timestamp) -> Option<Waiting<M>> {
        let due = self.waiting.iter().enumerate().filter(|(_, waiting)| waiting.due <= now);
        let best = due
            .max_by_key(|(_, waiting)| (waiting.level, std::cmp::Reverse(waiting.number)))
            .map(|(at, _)| at)?;
        Some(self.waiting.remove(best))
    }

    /// Takes a mail back that could not be sent; gives back after which pause it is tried again.
    ///
    /// # Errors
    /// The mail, when it has been tried often enough.
    pub(super) fn retry(&mut self, now: Timestamp, failed: Waiting<M>) -> Result<Duration, M> {
        let failures = failed.failures + 1;
        if failures >= self.patience.attempts {
            return Err(failed.mail);
        }
        let pause = self.patience.pause(failures);
        self.waiting.push(Waiting { failures, due: now + pause, ..failed });
        Ok(pause)
    }

    /// Makes all of them due: there may be no time later.
    pub(super) fn hurry(&mut self, now: Timestamp) {
        for waiting in &mut self.waiting {
            waiting.due = waiting.due.min(now);
        }
    }

    /// All that still wait.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = M> + '_ {
        self.waiting.drain(..).map(|waiting| waiting.mail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_end_with_the_attempts() {
        let mut outbox = Outbox::new(Patience::default());
        outbox.push(at(0), Level::Info, "one");
        let (mut now, mut pauses) = (at(0), Vec::new());
        let given_up = loop {
            let waiting = outbox.next(now).expect("it is due after its pause");
            match outbox.retry(now, waiting) {
                Ok(pause) => {
                    assert_eq!(outbox.next(now), None, "it isn't due before");
                    pauses.push(pause.as_secs());
                    now = now + pause;
                }
                Err(mail) => break mail,
            }
        };
        assert_eq!((given_up, pauses), ("one", vec![1, 2, 4, 8, 16, 32, 60]));
        assert_eq!(outbox.len(), 0);
    }

    #[test]
    fn what_matters_most_goes_first_then_what_is_oldest() {
        let mut outbox = Outbox::new(Patience::default());
        for (level, mail) in
            [(Level::Info, "a"), (Level::Critical, "b"), (Level::Info, "c"), (Level::Critical, "d")]
        {
            outbox.push(at(0), level, mail);
        }
        let first = outbox.next(at(0)).expect("four are due");
        assert_eq!(first.mail, "b");
        assert!(outbox.retry(at(0), first).is_ok());
        let order: Vec<&str> =
            std::iter::from_fn(|| outbox.next(at(0))).map(|waiting| waiting.mail).collect();
        assert_eq!(order, ["d", "a", "c"], "the one that failed doesn't hold up the others");
        assert_eq!(outbox.due(), Some(at(1)));
        outbox.hurry(at(0));
        assert_eq!(outbox.next(at(0)).map(|waiting| waiting.mail), Some("b"));
    }
}
