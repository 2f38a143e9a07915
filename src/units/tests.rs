use super::*;
use proptest::prelude::*;

#[test]
fn reads_every_form_the_exchange_sends() {
    for (text, micros) in [
        ("0.42", 420_000),
        ("0.4200", 420_000),
        ("0.0370", 37_000),
        ("0.0001", 100),
        ("0.055000", 55_000),
        ("1", 1_000_000),
        ("1.0000", 1_000_000),
        ("0", 0),
        ("-12.5", -12_500_000),
        ("0.42000000", 420_000),
    ] {
        assert_eq!(text.parse::<Price>().map(Price::raw), Ok(micros), "{text}");
    }
    for (text, centis) in
        [("12.50", 1_250), ("0.01", 1), ("1406474.86", 140_647_486), ("-46.02", -4_602), ("3", 300)]
    {
        assert_eq!(text.parse::<Quantity>().map(Quantity::raw), Ok(centis), "{text}");
    }
}

#[test]
fn refuses_the_rest_and_quotes_it() {
    for text in [
        "", "-", ".", ".5", "5.", "+1", "1e3", "NaN", "inf", " 1", "1 ", "0x1", "1,000", "1_000", "--1",
        "1.2.3",
    ] {
        let error = text.parse::<Price>().expect_err(text).to_string();
        assert!(error.contains(&format!("{text:?}")), "{error}");
    }
    assert_eq!(
        "0.1234567".parse::<Price>().expect_err("seven decimals").to_string(),
        "\"0.1234567\" is not a price: it has more than 6 decimals"
    );
    assert_eq!(
        "1.005".parse::<Quantity>().expect_err("three decimals").to_string(),
        "\"1.005\" is not a quantity: it has more than 2 decimals"
    );
    assert_eq!(
        "9223372036854775808".parse::<Money>().expect_err("too large").to_string(),
        "\"9223372036854775808\" is not an amount: it is too large"
    );
}

#[test]
fn prints_the_decimals_that_carry_something() {
    assert_eq!(Price::from_raw(420_000).to_string(), "0.4200");
    assert_eq!(Price::from_raw(55_125).to_string(), "0.055125");
    assert_eq!(Money::from_raw(-10).to_string(), "-0.000010");
    assert_eq!(format!("{:.2}", Money::from_raw(12_500_000)), "12.50");
    assert_eq!(format!("{:.2}", Money::from_raw(12_503_000)), "12.503");
    assert_eq!(format!("{:>8}", Quantity::from_raw(-150)), "   -1.50");
    assert_eq!(Ratio::from_raw(123_456).percent(), "12.34 %");
    assert_eq!(Ratio::from_raw(-50_000).percent(), "-5.00 %");
}

#[test]
fn times_print_as_rfc_3339_and_read_back() {
    let at = Timestamp::from_millis(1_785_901_540_025);
    assert_eq!(at.to_string(), "2026-08-05T03:45:40.025000Z");
    assert_eq!(at.to_string().parse(), Ok(at));
    assert_eq!("2026-08-05T04:00:00Z".parse(), Ok(Timestamp::from_secs(1_785_902_400)));
    assert!("yesterday".parse::<Timestamp>().is_err());
    assert_eq!(at.since(at + std::time::Duration::from_secs(1)), std::time::Duration::ZERO);
}

#[test]
fn products_round_by_name() {
    let third = Price::from_raw(333_333);
    let quantity = Quantity::from_raw(1);
    assert_eq!(third.times(quantity, Rounding::Floor).raw(), 3_333);
    assert_eq!(third.times(quantity, Rounding::Ceil).raw(), 3_334);
    assert_eq!(third.times(-quantity, Rounding::Floor).raw(), -3_334);
    assert_eq!(Money::from_dollars(10).buys(Price::from_raw(870_000)).raw(), 1_149);
    assert_eq!(Money::from_dollars(10).buys(Price::ZERO), Quantity::ZERO);
    assert_eq!(Quantity::from_raw(1_199).whole_contracts(), Quantity::from_contracts(11));
}

proptest! {
    #[test]
    fn every_value_reads_back_as_printed(raw in any::<i64>().prop_filter("no positive twin", |v| *v != i64::MIN)) {
        prop_assert_eq!(Price::from_raw(raw).to_string().parse(), Ok(Price::from_raw(raw)));
        prop_assert_eq!(Money::from_raw(raw).to_string().parse(), Ok(Money::from_raw(raw)));
        prop_assert_eq!(Quantity::from_raw(raw).to_string().parse(), Ok(Quantity::from_raw(raw)));
    }

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC*") {
        let _ = text.parse::<Price>();
        let _ = text.parse::<Quantity>();
        let _ = text.parse::<Timestamp>();
    }

    #[test]
    fn a_price_and_its_complement_make_a_dollar(raw in 0..=MICROS) {
        let price = Price::from_raw(raw);
        prop_assert_eq!(price + price.complement(), Price::ONE);
        prop_assert_eq!(price.complement().complement(), price);
    }

    #[test]
    fn products_on_the_grid_are_exact(ticks in 0..=10_000_i64, centis in 0..=10_000_000_i64) {
        let (price, quantity) = (Price::from_raw(ticks * 100), Quantity::from_raw(centis));
        let floor = price.times(quantity, Rounding::Floor);
        prop_assert_eq!(floor, price.times(quantity, Rounding::Ceil));
        prop_assert_eq!(i128::from(floor.raw()), i128::from(ticks) * i128::from(centis));
    }
}
