//! What a fill costs, to the last digit the exchange reports (api section 9).
//!
//! A series names a formula ([`FeeKind`]) and a multiplier; together they are a [`FeeSchedule`]. The formula gives a
//! fill's *trade fee*, rounded up to the micro-dollar. The exchange then rounds the change of the account's balance
//! down to the account's precision ([`BalancePrecision`]) and calls what that took the *rounding fee*. Over the fills
//! of one order the rounding fees add up, and whole units of them come back as *rebates*. What a fill reports is
//!
//! ```text
//! fee = trade fee + rounding fee − rebate        (never below zero)
//! ```
//!
//! [`OrderFees`] is that sum, one per order. [`FeeSchedule::estimate`] bounds a fill's fee before it happens, and
//! [`FeeSchedule::per_contract`] is the fee that a decision about one contract reckons with.
//!
//! Of 33 recorded fills of a direct member, 32 come out to the last digit. The other, 71.94 contracts at 0.0130, was
//! charged $0.0001 more: the recordings are of August 2026, when the trade fee was still rounded up to $0.0001 before the
//! balance was, which shows only where price times quantity is no multiple of $0.0001. Under that rule all 33 come out.
//! No two of the fills are known to be of one order, so they show no rebate; the order of rounding and rebate follows the
//! exchange's description: a fill's own rounding fee counts toward the rebate on that fill.

use crate::units::{CENTIS, MICROS, Money, Price, Quantity, Ratio, Rounding, divide, narrow};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How a series charges (`fee_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeKind {
    /// Takers pay 0.07·C·P·(1−P), makers nothing.
    Quadratic,
    /// Takers as above, makers 0.0175·C·P·(1−P).
    QuadraticWithMakerFees,
    /// Takers as above, makers 0.035·C·P·(1−P).
    QuadraticWithComboMakerFees,
    /// A type without a rule here: such markets aren't traded.
    Unknown,
}

/// A fee type and its multiplier, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeSchedule {
    /// The formula.
    pub kind: FeeKind,
    /// Scales the formula: 1,000,000 is the plain fee, 500,000 half of it.
    pub multiplier_ppm: u32,
}

/// A `fee_multiplier` that scales nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "fee_multiplier {text:?}: expected a plain decimal from 0 to 4294 with at most six decimals, such as 0.5"
)]
pub struct FeeError {
    text: String,
}

/// What the exchange rounds an account's balance to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BalancePrecision {
    /// $0.0001: direct members.
    Direct,
    /// $0.01: members through an intermediary.
    Intermediary,
}

/// The fees of one order, fill by fill, taker and maker fills together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFees {
    precision: BalancePrecision,
    overpaid: Money,
}

/// What the formulas' rates count: 0.07 is 700.
const RATE_SCALE: i128 = 10_000;
const TAKER_RATE: i128 = 700;
const MAKER_RATE: i128 = 175;
const COMBO_MAKER_RATE: i128 = 350;
/// Scale left over once multiplier, price and complement, each in millionths, have given micro-dollars.
const MICROS_SQUARED: i128 = MICROS as i128 * MICROS as i128;

impl FeeKind {
    /// The kind behind the exchange's word for it; any other word is [`FeeKind::Unknown`].
    pub fn from_wire(fee_type: &str) -> Self {
        match fee_type {
            "quadratic" => Self::Quadratic,
            "quadratic_with_maker_fees" => Self::QuadraticWithMakerFees,
            "quadratic_with_combo_maker_fees" => Self::QuadraticWithComboMakerFees,
            _ => Self::Unknown,
        }
    }

    const fn rate(self, is_taker: bool) -> i128 {
        match (self, is_taker) {
            (Self::Quadratic, false) => 0,
            (Self::QuadraticWithMakerFees, false) => MAKER_RATE,
            (Self::QuadraticWithComboMakerFees, false) => COMBO_MAKER_RATE,
            (Self::Unknown, _) | (_, true) => TAKER_RATE,
        }
    }
}

impl FeeSchedule {
    /// Reads a series' or event's `fee_type` and the text of its `fee_multiplier`, a JSON number.
    ///
    /// # Errors
    /// [`FeeError`] when the multiplier isn't a plain decimal from 0 to 4294.
    pub fn from_wire(fee_type: &str, multiplier: &str) -> Result<Self, FeeError> {
        let multiplier_ppm =
            multiplier.parse::<Ratio>().ok().and_then(|ratio| u32::try_from(ratio.raw()).ok());
        match multiplier_ppm {
            Some(multiplier_ppm) => Ok(Self { kind: FeeKind::from_wire(fee_type), multiplier_ppm }),
            None => Err(FeeError { text: multiplier.chars().take(48).collect() }),
        }
    }

    /// The formula's fee for a fill of `quantity` at `price`, rounded up to the micro-dollar. The formula is the same
    /// for a YES price and its complement.
    ///
    /// An unknown kind, which can befall a market that is already held, counts as the dearest known: the taker rate
    /// for both sides, at the plain multiplier or more.
    pub fn trade_fee(self, price: Price, quantity: Quantity, is_taker: bool) -> Money {
        let quantity = i128::from(quantity.abs().raw());
        let product = self.fee_of_one(price, is_taker).saturating_mul(quantity);
        Money::from_raw(narrow(divide(
            product,
            RATE_SCALE * MICROS_SQUARED * i128::from(CENTIS),
            Rounding::Ceil,
        )))
    }

    /// The most that a single fill can cost a direct member, for planning: the trade fee rounded up to $0.0001, and
    /// $0.0001 more where price times quantity isn't itself a multiple of that.
    pub fn estimate(self, price: Price, quantity: Quantity, is_taker: bool) -> Money {
        self.estimate_at(BalancePrecision::Direct, price, quantity, is_taker)
    }

    /// As [`FeeSchedule::estimate`], for any account.
    pub fn estimate_at(
        self,
        precision: BalancePrecision,
        price: Price,
        quantity: Quantity,
        is_taker: bool,
    ) -> Money {
        let revenue = price.times(quantity, Rounding::Floor);
        let slack = if precision.floor(revenue) == revenue { Money::ZERO } else { precision.unit() };
        precision.ceil(self.trade_fee(price, quantity, is_taker)) + slack
    }

    /// The formula's fee for one contract at `price`, rounded up to the micro-dollar, without what the rounding of the
    /// balance adds to a whole fill.
    pub fn per_contract(self, price: Price, is_taker: bool) -> Price {
        let fee = divide(self.fee_of_one(price, is_taker), RATE_SCALE * MICROS_SQUARED, Rounding::Ceil);
        Price::from_raw(narrow(fee))
    }

    /// Rate times multiplier times P·(1−P), in micro-dollars scaled by [`RATE_SCALE`] and [`MICROS_SQUARED`].
    fn fee_of_one(self, price: Price, is_taker: bool) -> i128 {
        let price = price.clamp(Price::ZERO, Price::ONE);
        let multiplier = match self.kind {
            FeeKind::Unknown => i128::from(self.multiplier_ppm).max(i128::from(MICROS)),
            _ => i128::from(self.multiplier_ppm),
        };
        self.kind.rate(is_taker) * multiplier * i128::from(price.raw()) * i128::from(price.complement().raw())
    }
}

impl BalancePrecision {
    /// The smallest step of the balance.
    pub const fn unit(self) -> Money {
        match self {
            Self::Direct => Money::from_raw(MICROS / 10_000),
            Self::Intermediary => Money::from_raw(MICROS / 100),
        }
    }

    /// `amount` rounded toward minus infinity.
    pub const fn floor(self, amount: Money) -> Money {
        let unit = self.unit().raw();
        Money::from_raw(amount.raw() - amount.raw().rem_euclid(unit))
    }

    /// `amount` rounded toward plus infinity.
    pub fn ceil(self, amount: Money) -> Money {
        -self.floor(-amount)
    }
}

impl OrderFees {
    /// No fills yet.
    pub const fn new(precision: BalancePrecision) -> Self {
        Self { precision, overpaid: Money::ZERO }
    }

    /// The reported fee of the order's next fill. `revenue` is the fill's signed cash flow before fees: −p·C for
    /// buying YES at p, −(1−p)·C for opening NO, and positive for what a sale brings. The balance changes by
    /// `revenue` less the fee, always a multiple of the account's precision.
    pub fn charge(
        &mut self,
        schedule: FeeSchedule,
        price: Price,
        quantity: Quantity,
        is_taker: bool,
        revenue: Money,
    ) -> Money {
        let trade_fee = schedule.trade_fee(price, quantity, is_taker);
        let before_rebate = revenue - self.precision.floor(revenue - trade_fee);
        self.overpaid += before_rebate - trade_fee;
        let rebate = self.precision.floor(self.overpaid.min(before_rebate));
        self.overpaid -= rebate;
        before_rebate - rebate
    }
}

#[cfg(test)]
mod tests;
