//! Chance in whole numbers: the same seed gives the same draws on every platform.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{RngCore, SeedableRng};

/// A standard deviation of one, as [`Chance::gaussian`] counts it.
pub(crate) const SIGMA: i64 = 1 << 20;

/// A stream of draws.
#[derive(Debug, Clone)]
pub(crate) struct Chance(Pcg64);

/// A distribution by its quantiles: pairs of a cumulated share in thousandths, from 0 to 1000, and the value there;
/// straight between them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quantiles(pub(super) &'static [(i64, i64)]);

/// Waits between events that come independently of each other, in thousandths of the mean wait.
const WAIT: Quantiles = Quantiles(&[
    (0, 0),
    (50, 51),
    (100, 105),
    (250, 288),
    (500, 693),
    (650, 1_050),
    (750, 1_386),
    (850, 1_897),
    (900, 2_303),
    (950, 2_996),
    (980, 3_912),
    (1_000, 7_600),
]);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    /// A stream of its own, so that what one market draws leaves the others as they are.
    pub(crate) fn branch(&mut self) -> Self {
        let (state, stream) = (self.wide(), self.wide());
        Self(Pcg64::new(state, stream))
    }

    /// A whole number from `low` to `high`, both included; `low` when the range is empty.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        let offset = (u128::from(self.0.next_u64()) * u128::from(span)) >> 64;
        low + i64::try_from(offset).expect("the offset is at most high − low")
    }

    /// True `share` times in a thousand.
    pub(crate) fn permille(&mut self, share: i64) -> bool {
        self.between(0, 999) < share
    }

    /// A normally distributed number, in units of [`SIGMA`]: twelve uniform ones added up, which has a variance of
    /// one and ends at six standard deviations.
    pub(crate) fn gaussian(&mut self) -> i64 {
        const DIGITS: u32 = 20;
        const MASK: u64 = (1 << DIGITS) - 1;
        let mut sum = 0;
        for _ in 0..4 {
            let word = self.0.next_u64();
            sum += (word & MASK) + ((word >> DIGITS) & MASK) + ((word >> (2 * DIGITS)) & MASK);
        }
        i64::try_from(sum).expect("twelve numbers of twenty bits") - 6 * SIGMA
    }

    pub(crate) fn draw(&mut self, quantiles: Quantiles) -> i64 {
        const FINE: i64 = 1_000;
        let at = self.between(0, 1_000 * FINE - 1);
        for pair in quantiles.0.windows(2) {
            let ((low, from), (high, to)) = (pair[0], pair[1]);
            if at < high * FINE {
                return from + (to - from) * (at - low * FINE) / ((high - low) * FINE);
            }
        }
        quantiles.0.last().map_or(0, |last| last.1)
    }

    /// A wait with this mean, at least one microsecond.
    pub(crate) fn wait(&mut self, mean: i64) -> i64 {
        (mean * self.draw(WAIT) / 1_000).max(1)
    }

    fn wide(&mut self) -> u128 {
        (u128::from(self.0.next_u64()) << 64) | u128::from(self.0.next_u64())
    }
}
