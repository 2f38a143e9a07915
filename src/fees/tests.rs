use super::*;
use proptest::prelude::*;

const PLAIN: FeeSchedule = FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 };

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn quantity(text: &str) -> Quantity {
    text.parse().unwrap()
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn schedule(kind: FeeKind) -> FeeSchedule {
    FeeSchedule { kind, ..PLAIN }
}

/// The fee of an order's only fill, buying YES.
fn single(schedule: FeeSchedule, precision: BalancePrecision, at: &str, contracts: &str) -> Money {
    let (at, contracts) = (price(at), quantity(contracts));
    let revenue = -at.times(contracts, Rounding::Ceil);
    OrderFees::new(precision).charge(schedule, at, contracts, true, revenue)
}

#[test]
fn worked_examples_come_out() {
    assert_eq!(PLAIN.trade_fee(price("0.055"), quantity("1"), true), money("0.003639"));
    assert_eq!(single(PLAIN, BalancePrecision::Intermediary, "0.055", "1"), money("0.005"));
    assert_eq!(single(PLAIN, BalancePrecision::Direct, "0.055", "1"), money("0.0037"));
    assert_eq!(PLAIN.trade_fee(price("0.42"), quantity("10"), true), money("0.170520"));
    assert_eq!(single(PLAIN, BalancePrecision::Direct, "0.42", "10"), money("0.1706"));
}

#[test]
fn makers_pay_by_kind() {
    let (at, contracts) = (price("0.50"), quantity("100"));
    for (kind, maker) in [
        (FeeKind::Quadratic, "0"),
        (FeeKind::QuadraticWithMakerFees, "0.4375"),
        (FeeKind::QuadraticWithComboMakerFees, "0.875"),
        (FeeKind::Unknown, "1.75"),
    ] {
        assert_eq!(schedule(kind).trade_fee(at, contracts, false), money(maker), "{kind:?}");
        assert_eq!(schedule(kind).trade_fee(at, contracts, true), money("1.75"), "{kind:?}");
    }
    let free = FeeSchedule { multiplier_ppm: 0, ..PLAIN };
    assert_eq!(free.trade_fee(at, contracts, true), Money::ZERO);
    assert_eq!(FeeSchedule { kind: FeeKind::Unknown, ..free }.trade_fee(at, contracts, true), money("1.75"));
}

#[test]
fn one_contract_rounds_up_to_the_micro_dollar() {
    assert_eq!(PLAIN.per_contract(price("0.055"), true), price("0.003639"));
    assert_eq!(PLAIN.per_contract(price("0.87"), true), price("0.007917"));
    assert_eq!(PLAIN.per_contract(price("0.87"), false), Price::ZERO);
}

#[test]
fn wire_words_make_schedules() {
    for (fee_type, multiplier, kind, multiplier_ppm) in [
        ("quadratic", "1", FeeKind::Quadratic, 1_000_000),
        ("quadratic_with_maker_fees", "0.5", FeeKind::QuadraticWithMakerFees, 500_000),
        ("quadratic_with_combo_maker_fees", "1.0", FeeKind::QuadraticWithComboMakerFees, 1_000_000),
        ("quadratic", "0", FeeKind::Quadratic, 0),
        ("flat", "1", FeeKind::Unknown, 1_000_000),
        ("", "1", FeeKind::Unknown, 1_000_000),
    ] {
        assert_eq!(
            FeeSchedule::from_wire(fee_type, multiplier),
            Ok(FeeSchedule { kind, multiplier_ppm }),
            "{fee_type} {multiplier}"
        );
    }
    for multiplier in ["", "-1", "1e0", "0.0000001", "5000", "half"] {
        let error = FeeSchedule::from_wire("quadratic", multiplier).expect_err(multiplier).to_string();
        assert!(error.contains(&format!("{multiplier:?}")), "{error}");
    }
}

#[test]
fn rounding_adds_up_over_an_order_and_whole_units_come_back() {
    // One contract at 0.055 through an intermediary: 0.003639 and 0.001361 rounding each time. The eighth fill brings
    // the overpayment to 0.010888, of which one cent comes back; a fill costs half a cent, so the cent is held back.
    let mut fees = OrderFees::new(BalancePrecision::Intermediary);
    for _ in 0..8 {
        let fee = fees.charge(PLAIN, price("0.055"), quantity("1"), true, money("-0.055"));
        assert_eq!(fee, money("0.005"));
    }
    // A larger fill of the same order pays it back: 0.0175 goes to 0.02 for the balance, less the cent.
    let fee = fees.charge(PLAIN, price("0.5"), quantity("1"), true, money("-0.5"));
    assert_eq!(fee, money("0.01"));
    let fee = fees.charge(PLAIN, price("0.5"), quantity("1"), true, money("-0.5"));
    assert_eq!(fee, money("0.02"), "0.003388 left over and 0.0025 of this fill are short of a cent");
}

#[test]
fn buying_and_selling_round_against_the_account() {
    // 0.0010 dollars times 2.27 contracts is no multiple of 0.0001: the fee brings the balance back to one.
    let (at, contracts) = (price("0.001"), quantity("2.27"));
    let flow = at.times(contracts, Rounding::Floor);
    let bought = OrderFees::new(BalancePrecision::Direct).charge(PLAIN, at, contracts, true, -flow);
    let sold = OrderFees::new(BalancePrecision::Direct).charge(PLAIN, at, contracts, true, flow);
    assert_eq!((flow, bought, sold), (money("0.002270"), money("0.000230"), money("0.000170")));
}

fn any_schedule() -> impl Strategy<Value = FeeSchedule> {
    let kinds = [
        FeeKind::Quadratic,
        FeeKind::QuadraticWithMakerFees,
        FeeKind::QuadraticWithComboMakerFees,
        FeeKind::Unknown,
    ];
    (prop::sample::select(kinds.to_vec()), 0..=3_000_000_u32)
        .prop_map(|(kind, multiplier_ppm)| FeeSchedule { kind, multiplier_ppm })
}

fn any_precision() -> impl Strategy<Value = BalancePrecision> {
    prop_oneof![Just(BalancePrecision::Direct), Just(BalancePrecision::Intermediary)]
}

/// A fill: price in ticks of 0.0001, hundredths of contracts, taker, and what it does to the account.
fn any_fill() -> impl Strategy<Value = (Price, Quantity, bool, Money)> {
    (1..10_000_i64, 1..5_000_000_i64, any::<bool>(), 0..4_u8).prop_map(|(ticks, centis, is_taker, effect)| {
        let (at, contracts) = (Price::from_raw(ticks * 100), Quantity::from_raw(centis));
        let own = if effect % 2 == 0 { at } else { at.complement() };
        let flow = own.times(contracts, Rounding::Floor);
        (at, contracts, is_taker, if effect < 2 { -flow } else { flow })
    })
}

proptest! {
    #[test]
    fn no_fill_costs_more_than_its_estimate(
        schedule in any_schedule(),
        precision in any_precision(),
        fills in prop::collection::vec(any_fill(), 1..20),
    ) {
        let mut fees = OrderFees::new(precision);
        for (at, contracts, is_taker, revenue) in fills {
            let fee = fees.charge(schedule, at, contracts, is_taker, revenue);
            prop_assert!(fee <= schedule.estimate_at(precision, at, contracts, is_taker));
        }
    }

    #[test]
    fn the_balance_stays_on_its_grid_and_fees_cover_the_formula(
        schedule in any_schedule(),
        precision in any_precision(),
        fills in prop::collection::vec(any_fill(), 1..20),
    ) {
        let mut fees = OrderFees::new(precision);
        let (mut charged, mut formula) = (Money::ZERO, Money::ZERO);
        for (at, contracts, is_taker, revenue) in fills {
            let fee = fees.charge(schedule, at, contracts, is_taker, revenue);
            let change = revenue - fee;
            prop_assert_eq!(precision.floor(change), change);
            prop_assert!(!fee.is_negative());
            charged += fee;
            formula += schedule.trade_fee(at, contracts, is_taker);
            prop_assert!(charged >= formula);
            prop_assert_eq!(charged - formula, fees.overpaid);
        }
    }

    #[test]
    fn overpayment_stays_below_a_unit_while_fills_are_dear(
        centis in prop::collection::vec(2_000..100_000_i64, 1..40),
        ticks in 1_000..9_000_i64,
    ) {
        let mut fees = OrderFees::new(BalancePrecision::Direct);
        for centis in centis {
            let (at, contracts) = (Price::from_raw(ticks * 100), Quantity::from_raw(centis));
            fees.charge(PLAIN, at, contracts, true, -at.times(contracts, Rounding::Floor));
            prop_assert!(fees.overpaid < BalancePrecision::Direct.unit());
        }
    }

    #[test]
    fn the_formula_is_the_same_for_both_outcomes(schedule in any_schedule(), fill in any_fill()) {
        let (at, contracts, is_taker, _) = fill;
        prop_assert_eq!(
            schedule.trade_fee(at, contracts, is_taker),
            schedule.trade_fee(at.complement(), contracts, is_taker)
        );
    }

    #[test]
    fn nothing_overflows(schedule in any_schedule(), raw in any::<i64>(), centis in any::<i64>()) {
        let (at, contracts) = (Price::from_raw(raw), Quantity::from_raw(centis));
        prop_assert!(!schedule.trade_fee(at, contracts, true).is_negative());
        prop_assert!(!schedule.per_contract(at, true).is_negative());
    }
}
