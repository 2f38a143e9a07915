//! How long to wait before the next attempt to connect. Knows no clock and no chance: the draw is handed in.

use std::time::Duration;

/// Pauses that double from the first to the longest. Each is shortened by chance to no less than its half, so that
/// many clients thrown off together don't come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    step: Duration,
}

impl Backoff {
    /// Starts at `first` and doubles to `longest`.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, step: first }
    }

    /// The next pause; the one after it is twice as long. `draw` is any random number.
    pub fn next(&mut self, draw: u64) -> Duration {
        let step = self.step.min(self.longest);
        self.step = (step * 2).min(self.longest);
        shortened(step, draw)
    }

    /// A pause of the longest kind, for what only a person can mend; those after it are no shorter.
    pub fn slowest(&mut self, draw: u64) -> Duration {
        self.step = self.longest;
        shortened(self.longest, draw)
    }

    /// Starts afresh: a connection worked.
    pub const fn reset(&mut self) {
        self.step = self.first;
    }
}

/// Between half of `step` and all of it.
fn shortened(step: Duration, draw: u64) -> Duration {
    let half = step / 2;
    let span = u64::try_from(half.as_nanos()).unwrap_or(u64::MAX).saturating_add(1);
    step.saturating_sub(Duration::from_nanos(draw % span))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backoff() -> Backoff {
        Backoff::new(Duration::from_secs(1), Duration::from_secs(30))
    }

    #[test]
    fn pauses_double_from_one_second_to_thirty() {
        let mut backoff = backoff();
        let pauses: Vec<_> = (0..8).map(|_| backoff.next(0).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn chance_shortens_a_pause_to_no_less_than_its_half() {
        let mut seen = (Duration::MAX, Duration::ZERO);
        for draw in 0..10_000_u64 {
            let pause = backoff().next(draw.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            seen = (seen.0.min(pause), seen.1.max(pause));
        }
        assert!(seen.0 >= Duration::from_millis(500) && seen.0 < Duration::from_millis(510), "{seen:?}");
        assert!(seen.1 <= Duration::from_secs(1) && seen.1 > Duration::from_millis(990), "{seen:?}");
    }

    #[test]
    fn success_starts_afresh_and_a_refusal_slows_down_at_once() {
        let mut backoff = backoff();
        backoff.next(0);
        backoff.next(0);
        backoff.reset();
        assert_eq!(backoff.next(0), Duration::from_secs(1));
        assert_eq!(backoff.slowest(0), Duration::from_secs(30));
        assert_eq!(backoff.next(0), Duration::from_secs(30));
    }
}
