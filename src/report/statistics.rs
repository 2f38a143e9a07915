//! Means and their intervals over amounts of money, in integers: the figures of a report are the same on every
//! machine, to the last digit.

use crate::units::{Money, Ratio, Rounding, divide, narrow};

/// Two-sided 95 % quantiles of Student's t in thousandths, for 1 to 30 degrees of freedom.
const T_95_MILLI: [i128; 30] = [
    12_706, 4_303, 3_182, 2_776, 2_571, 2_447, 2_365, 2_306, 2_262, 2_228, 2_201, 2_179, 2_160, 2_145, 2_131,
    2_120, 2_110, 2_101, 2_093, 2_086, 2_080, 2_074, 2_069, 2_064, 2_060, 2_056, 2_052, 2_048, 2_045, 2_042,
];
/// The same for larger samples: up to 40, 60 and 120 degrees of freedom each takes the quantile of the fewest, so
/// the interval is never too narrow; beyond that, the one for 120.
const T_95_MILLI_WIDE: [(usize, i128); 3] = [(40, 2_042), (60, 2_021), (120, 2_000)];
const T_95_MILLI_MANY: i128 = 1_980;

/// The 95 % interval of a mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// Lower end, rounded down.
    pub low: Money,
    /// Upper end, rounded up.
    pub high: Money,
}

impl Interval {
    /// Whether the sample leaves open that the true mean is nothing.
    pub fn contains_zero(self) -> bool {
        !self.low.is_positive() && !self.high.is_negative()
    }
}

/// The mean, rounded down to the micro-dollar; `None` for no amounts.
pub fn mean(amounts: &[Money]) -> Option<Money> {
    let count = i128::try_from(amounts.len()).ok().filter(|count| *count > 0)?;
    Some(Money::from_raw(narrow(divide(total(amounts), count, Rounding::Floor))))
}

/// The mean, rounded up; `None` for none. A break-even rate is rather named a millionth too high.
pub fn mean_ratio(ratios: &[Ratio]) -> Option<Ratio> {
    let count = i128::try_from(ratios.len()).ok().filter(|count| *count > 0)?;
    let sum = ratios.iter().map(|ratio| i128::from(ratio.raw())).sum();
    Some(Ratio::from_raw(narrow(divide(sum, count, Rounding::Ceil))))
}

/// The 95 % interval of the mean by Student's t, which takes the amounts as independent draws. `None` for fewer
/// than two of them, and for amounts so large that their squares leave the range of the arithmetic.
pub fn interval_95(amounts: &[Money]) -> Option<Interval> {
    let freedom = amounts.len().checked_sub(1).filter(|freedom| *freedom > 0)?;
    let count = i128::try_from(amounts.len()).ok()?;
    let sum = total(amounts);
    let squares = amounts.iter().try_fold(0_i128, |squares, amount| {
        let raw = i128::from(amount.raw());
        squares.checked_add(raw * raw)
    })?;
    // The standard error is sqrt(spread / (count - 1)) / count with spread = count * squares - sum².
    let spread = count.checked_mul(squares)?.checked_sub(sum.checked_mul(sum)?)?;
    let root = root_above(divide(spread, count - 1, Rounding::Ceil));
    let half = root.checked_mul(t_95_milli(freedom))?;
    let scaled_sum = sum.checked_mul(1_000)?;
    let end = |scaled, rounding| Money::from_raw(narrow(divide(scaled, 1_000 * count, rounding)));
    Some(Interval {
        low: end(scaled_sum - half, Rounding::Floor),
        high: end(scaled_sum + half, Rounding::Ceil),
    })
}

/// The square root, rounded up; nothing of what is below zero.
fn root_above(square: i128) -> i128 {
    let root = square.max(0).isqrt();
    if root * root < square { root + 1 } else { root }
}

fn total(amounts: &[Money]) -> i128 {
    amounts.iter().map(|amount| i128::from(amount.raw())).sum()
}

fn t_95_milli(freedom: usize) -> i128 {
    match T_95_MILLI.get(freedom - 1) {
        Some(t) => *t,
        None => {
            T_95_MILLI_WIDE.iter().find(|(most, _)| freedom <= *most).map_or(T_95_MILLI_MANY, |(_, t)| *t)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(amounts: &[i64]) -> Vec<Money> {
        amounts.iter().map(|amount| Money::from_dollars(*amount)).collect()
    }

    #[test]
    fn a_mean_is_rounded_down() {
        assert_eq!(mean(&[]), None);
        assert_eq!(mean(&[Money::from_raw(1), Money::from_raw(2)]), Some(Money::from_raw(1)));
        assert_eq!(mean(&[Money::from_raw(-1), Money::from_raw(-2)]), Some(Money::from_raw(-2)));
    }

    #[test]
    fn the_interval_is_students() {
        // Mean 3, standard deviation 1.581139, standard error 0.707107, t(4) = 2.776: 3 ± 1.962929.
        let interval = interval_95(&dollars(&[1, 2, 3, 4, 5])).expect("five amounts");
        assert_eq!(interval.low.raw(), 1_037_071);
        assert_eq!(interval.high.raw(), 4_962_929);
        assert!(!interval.contains_zero());
    }

    #[test]
    fn equal_amounts_leave_no_width() {
        let interval = interval_95(&dollars(&[-2, -2, -2])).expect("three amounts");
        assert_eq!((interval.low, interval.high), (Money::from_dollars(-2), Money::from_dollars(-2)));
        assert!(!interval.contains_zero());
    }

    #[test]
    fn one_amount_says_nothing_of_its_spread() {
        assert_eq!(interval_95(&dollars(&[4])), None);
        assert_eq!(interval_95(&[]), None);
    }

    #[test]
    fn an_interval_around_zero_says_so() {
        let interval = interval_95(&dollars(&[-3, 2, -1, 4])).expect("four amounts");
        assert!(interval.contains_zero(), "{interval:?}");
    }

    #[test]
    fn the_largest_amounts_give_none_instead_of_a_wrong_figure() {
        assert_eq!(interval_95(&[Money::MAX, Money::MAX, -Money::MAX]), None);
    }

    #[test]
    fn larger_samples_use_smaller_quantiles() {
        let quantiles: Vec<i128> =
            [1, 2, 30, 31, 41, 61, 121, 5_000].iter().map(|n| t_95_milli(*n)).collect();
        assert_eq!(quantiles, [12_706, 4_303, 2_042, 2_042, 2_021, 2_000, 1_980, 1_980]);
    }
}
