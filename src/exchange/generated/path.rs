//! The hidden value that decides an event, and the probabilities that follow from it.
//!
//! The value starts at zero and wanders until the news ends. Its standard deviation over that whole time is
//! [`SPAN`], and how much of it is still to come follows from the time left, so a market's fair price is exact at
//! every moment: the chance that the value ends inside the market's bracket. Most steps are small and a few are
//! large, which gives prices their jumps; the mean of the squared step is one, so the jumps take nothing from the
//! exactness of the variance.

use super::chance::{Chance, SIGMA};
use crate::units::{MICROS, Ratio};

/// Standard deviation of an event's whole path.
pub(super) const SPAN: i64 = 1 << 24;

/// How a step's size varies: out of a thousand steps so many have a standard deviation of so many thousandths.
/// The mean square is one.
const STEP_SIZES: [(i64, i64); 3] = [(800, 316), (170, 1_225), (30, 4_708)];

/// The normal distribution function at multiples of 1/32, in millionths.
const NORMAL: [i64; 161] = [
    500_000, 512_465, 524_918, 537_346, 549_738, 562_082, 574_366, 586_578, 598_706, 610_741, 622_670,
    634_483, 646_170, 657_721, 669_126, 680_376, 691_462, 702_377, 713_112, 723_660, 734_014, 744_168,
    754_116, 763_853, 773_373, 782_672, 791_748, 800_595, 809_213, 817_598, 825_749, 833_665, 841_345,
    848_788, 855_996, 862_968, 869_705, 876_211, 882_485, 888_530, 894_350, 899_947, 905_324, 910_485,
    915_434, 920_175, 924_712, 929_050, 933_193, 937_146, 940_915, 944_504, 947_919, 951_164, 954_246,
    957_170, 959_941, 962_564, 965_046, 967_390, 969_604, 971_691, 973_658, 975_509, 977_250, 978_885,
    980_420, 981_859, 983_207, 984_468, 985_647, 986_748, 987_776, 988_733, 989_625, 990_455, 991_226,
    991_941, 992_605, 993_221, 993_790, 994_317, 994_804, 995_253, 995_668, 996_049, 996_401, 996_724,
    997_020, 997_292, 997_542, 997_771, 997_980, 998_171, 998_346, 998_505, 998_650, 998_782, 998_903,
    999_012, 999_111, 999_201, 999_282, 999_356, 999_423, 999_483, 999_538, 999_587, 999_631, 999_671,
    999_706, 999_739, 999_767, 999_793, 999_816, 999_837, 999_856, 999_872, 999_887, 999_900, 999_912,
    999_922, 999_931, 999_939, 999_947, 999_953, 999_959, 999_964, 999_968, 999_972, 999_976, 999_979,
    999_981, 999_984, 999_986, 999_988, 999_989, 999_991, 999_992, 999_993, 999_994, 999_995, 999_995,
    999_996, 999_997, 999_997, 999_997, 999_998, 999_998, 999_998, 999_999, 999_999, 999_999, 999_999,
    999_999, 999_999, 999_999, 1_000_000, 1_000_000, 1_000_000, 1_000_000,
];

/// The chance, in millionths, that a normally distributed number lies below `z`, given in units of [`SIGMA`].
pub(super) fn normal(z: i64) -> i64 {
    const STEP: i64 = SIGMA / 32;
    if z < 0 {
        return MICROS - normal(z.saturating_neg());
    }
    let place = usize::try_from(z / STEP).unwrap_or(usize::MAX);
    match (NORMAL.get(place), NORMAL.get(place.saturating_add(1))) {
        (Some(low), Some(high)) => low + (high - low) * (z % STEP) / STEP,
        _ => MICROS,
    }
}

/// The values that make a market resolve YES: from `low` up to but not including `high`, open where absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bracket {
    pub(super) low: Option<i64>,
    pub(super) high: Option<i64>,
}

impl Bracket {
    pub(super) fn contains(self, value: i64) -> bool {
        self.low.is_none_or(|low| value >= low) && self.high.is_none_or(|high| value < high)
    }

    /// The chance, in millionths, that a value now at `value`, with `deviation` still to come, ends inside.
    pub(super) fn probability(self, value: i64, deviation: i64) -> i64 {
        if deviation <= 0 {
            return if self.contains(value) { MICROS } else { 0 };
        }
        let below = |bound: i64| normal((bound - value).saturating_mul(SIGMA) / deviation);
        self.high.map_or(MICROS, below) - self.low.map_or(0, below)
    }
}

/// One event's hidden value over time. Times are microseconds since 1970.
#[derive(Debug, Clone)]
pub(super) struct Path {
    value: i64,
    at: i64,
    from: i64,
    until: i64,
    chance: Chance,
}

impl Path {
    /// Starts at zero at `from`; at `until` the news ends and the value stands.
    pub(super) fn new(from: i64, until: i64, chance: Chance) -> Self {
        Self { value: 0, at: from, from, until: until.max(from + 1), chance }
    }

    pub(super) const fn value(&self) -> i64 {
        self.value
    }

    /// Whether the value stands.
    pub(super) const fn ended(&self) -> bool {
        self.at >= self.until
    }

    /// Moves on to `now`.
    pub(super) fn advance(&mut self, now: i64) {
        let now = now.min(self.until);
        if now <= self.at {
            return;
        }
        let deviation = self.deviation_of(now - self.at) * self.step_size() / 1_000;
        self.value += deviation * self.chance.gaussian() / SIGMA;
        self.at = now;
    }

    /// When to look at it next: often enough that most steps move a price by a tick or less.
    pub(super) fn next_step(&mut self) -> i64 {
        const STEPS: i64 = 1_000;
        const SHORTEST: i64 = 250_000;
        const LONGEST: i64 = 30_000_000;
        let mean = ((self.until - self.at) / STEPS).clamp(SHORTEST, LONGEST);
        (self.at + self.chance.wait(mean)).min(self.until)
    }

    /// The standard deviation of what is still to come, as the crowd takes it: too small by `overconfidence`.
    pub(super) fn quoted_deviation(&self, overconfidence: Ratio) -> i64 {
        self.deviation_of(self.until - self.at) * (MICROS - overconfidence.raw()).max(0) / MICROS
    }

    /// Standard deviation of the path over a stretch of time.
    fn deviation_of(&self, stretch: i64) -> i64 {
        let square =
            i128::from(stretch) * i128::from(SPAN) * i128::from(SPAN) / i128::from(self.until - self.from);
        i64::try_from(square).unwrap_or(i64::MAX).max(0).isqrt()
    }

    fn step_size(&mut self) -> i64 {
        let mut at = self.chance.between(0, 999);
        for (share, size) in STEP_SIZES {
            if at < share {
                return size;
            }
            at -= share;
        }
        1_000
    }
}
