//! The health of the feed: sequence numbers, silence, and when to ask for books again.
//!
//! Numbers count per subscription over all its markets (api section 7), so one hole makes every book of that
//! subscription suspect. A recording that left other markets' frames out has holes by nature; there only a number
//! that falls back tells of a new subscription.

use crate::units::Timestamp;
use std::time::Duration;

/// How the numbers of a subscription are expected to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SequencePolicy {
    /// Each is one more than the last: the live feed.
    #[default]
    Contiguous,
    /// Each is more than the last: a recording of some of the subscription's markets.
    Increasing,
}

/// What a frame's number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequence {
    /// As expected, or the first one seen.
    InOrder,
    /// Something was lost or came twice.
    Broken {
        /// The number that was due.
        expected: u64,
        /// The number that came.
        got: u64,
    },
}

/// One subscription.
#[derive(Debug, Clone, Copy)]
struct Subscription {
    sid: u32,
    last: u64,
    resync_asked: Option<Timestamp>,
}

/// Tally of what the feed brought and what was wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FeedCounts {
    /// Snapshots and deltas that changed a book.
    pub applied: u64,
    /// Holes in a subscription's numbers.
    pub gaps: u64,
    /// Snapshots asked for again.
    pub resyncs: u64,
    /// Frames for markets that aren't in the catalogue.
    pub unknown_tickers: u64,
    /// Deltas for a book that waits for its snapshot; they were left out.
    pub before_snapshot: u64,
    /// Books found broken: a negative level, crossed sides, a level that can't exist.
    pub broken_books: u64,
}

/// The feed as the engine knows it.
#[derive(Debug, Clone, Default)]
pub struct Feed {
    policy: SequencePolicy,
    subscriptions: Vec<Subscription>,
    last_frame: Option<Timestamp>,
    /// What it brought so far.
    pub counts: FeedCounts,
}

impl Feed {
    /// How long to wait for the snapshots asked for before asking again.
    const RESYNC_PATIENCE: Duration = Duration::from_secs(5);

    /// A feed whose numbers run by `policy`.
    pub fn new(policy: SequencePolicy) -> Self {
        Self { policy, ..Self::default() }
    }

    /// Notes that something arrived.
    #[inline]
    pub fn alive(&mut self, now: Timestamp) {
        self.last_frame = Some(now);
    }

    /// How long nothing has arrived; nothing before the first frame.
    pub fn silence(&self, now: Timestamp) -> Duration {
        self.last_frame.map_or(Duration::ZERO, |last| now.since(last))
    }

    /// Checks a frame's number against its subscription and takes it as the last one seen.
    #[inline]
    pub fn check(&mut self, sid: u32, seq: Option<u64>) -> Sequence {
        let Some(seq) = seq else { return Sequence::InOrder };
        let Some(subscription) = self.subscriptions.iter_mut().find(|known| known.sid == sid) else {
            self.subscriptions.push(Subscription { sid, last: seq, resync_asked: None });
            return Sequence::InOrder;
        };
        let expected = subscription.last.saturating_add(1);
        subscription.last = seq;
        let in_order = match self.policy {
            SequencePolicy::Contiguous => seq == expected,
            SequencePolicy::Increasing => seq >= expected,
        };
        if in_order {
            return Sequence::InOrder;
        }
        self.counts.gaps += 1;
        Sequence::Broken { expected, got: seq }
    }

    /// Whether a resync should be asked for now; asking again waits a while for the answer.
    pub fn should_resync(&mut self, sid: u32, now: Timestamp) -> bool {
        let Some(subscription) = self.subscriptions.iter_mut().find(|known| known.sid == sid) else {
            return false;
        };
        if subscription.resync_asked.is_some_and(|asked| now.since(asked) < Self::RESYNC_PATIENCE) {
            return false;
        }
        subscription.resync_asked = Some(now);
        self.counts.resyncs += 1;
        true
    }

    /// Forgets all subscriptions: numbers start afresh on a new connection.
    pub fn reset(&mut self) {
        self.subscriptions.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(expected: u64, got: u64) -> Sequence {
        Sequence::Broken { expected, got }
    }

    #[test]
    fn holes_and_repeats_break_a_contiguous_subscription_alone() {
        let mut feed = Feed::new(SequencePolicy::Contiguous);
        assert_eq!(feed.check(1, Some(7)), Sequence::InOrder);
        assert_eq!(feed.check(2, Some(1)), Sequence::InOrder);
        assert_eq!(feed.check(1, Some(8)), Sequence::InOrder);
        assert_eq!(feed.check(1, Some(10)), broken(9, 10));
        assert_eq!(feed.check(1, Some(10)), broken(11, 10));
        assert_eq!(feed.check(1, Some(11)), Sequence::InOrder);
        assert_eq!(feed.check(2, Some(2)), Sequence::InOrder);
        assert_eq!(feed.check(2, None), Sequence::InOrder);
        assert_eq!(feed.counts.gaps, 2);
        feed.reset();
        assert_eq!(feed.check(1, Some(1)), Sequence::InOrder);
    }

    #[test]
    fn an_increasing_subscription_minds_only_falling_numbers() {
        let mut feed = Feed::new(SequencePolicy::Increasing);
        assert_eq!(feed.check(1, Some(7)), Sequence::InOrder);
        assert_eq!(feed.check(1, Some(90)), Sequence::InOrder);
        assert_eq!(feed.check(1, Some(3)), broken(91, 3));
        assert_eq!(feed.check(1, Some(4)), Sequence::InOrder);
    }

    #[test]
    fn a_number_at_the_end_of_its_range_is_a_hole_like_any_other() {
        for policy in [SequencePolicy::Contiguous, SequencePolicy::Increasing] {
            let mut feed = Feed::new(policy);
            assert_eq!(feed.check(1, Some(u64::MAX)), Sequence::InOrder);
            assert_eq!(feed.check(1, Some(7)), broken(u64::MAX, 7));
            assert_eq!(feed.check(1, Some(8)), Sequence::InOrder);
        }
    }

    #[test]
    fn a_resync_is_asked_for_once_in_a_while() {
        let mut feed = Feed::default();
        let start = Timestamp::from_secs(100);
        assert!(!feed.should_resync(1, start), "an unknown subscription can't be asked");
        feed.check(1, Some(1));
        assert!(feed.should_resync(1, start));
        assert!(!feed.should_resync(1, start + Duration::from_secs(4)));
        assert!(feed.should_resync(1, start + Duration::from_secs(5)));
        assert_eq!(feed.counts.resyncs, 2);
    }
}
