use super::*;
use crate::execution::OrderId;
use crate::execution::client_id::{Prefix, RunTag};
use crate::market::Resolution;
use proptest::prelude::*;

const MARKET: &str = "KXBTC-26NOV22-B91000";

fn price(text: &str) -> Price {
    text.parse().expect("a price of this test")
}

fn dollars(text: &str) -> Money {
    text.parse().expect("an amount of this test")
}

fn contracts(text: &str) -> Quantity {
    text.parse().expect("a quantity of this test")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

fn fill(id: &str, side: Side, quantity: &str, yes: &str, is_ours: bool) -> BookedFill {
    BookedFill {
        trade_id: id.to_owned(),
        exchange_order: Some(format!("order-of-{id}")),
        ticker: MARKET.to_owned(),
        side,
        price: price(yes),
        quantity: contracts(quantity),
        fee: dollars("0.01"),
        is_taker: true,
        time: at(10),
        is_ours,
    }
}

fn baseline(cash: &str, positions: &[(&str, &str)]) -> Baseline {
    let positions =
        positions.iter().map(|(ticker, quantity)| ((*ticker).to_owned(), contracts(quantity))).collect();
    Baseline { cash: dollars(cash), positions, ..Baseline::empty(at(0)) }
}

fn shown(cash: &str, positions: &[(&str, &str)]) -> ExchangeAccount {
    let baseline = baseline(cash, positions);
    ExchangeAccount { cash: baseline.cash, positions: baseline.positions, ..ExchangeAccount::default() }
}

fn working(number: u64) -> WorkingOrder {
    let run = RunTag::of_start(at(5));
    WorkingOrder {
        run: "live-5".to_owned(),
        client_id: ClientOrderId { prefix: Prefix::default(), run, order: OrderId(number) },
        exchange_id: None,
        ticker: MARKET.to_owned(),
        side: Side::Bid,
        price: price("0.85"),
        remaining: contracts("10"),
        submitted: at(5),
    }
}

fn resting(exchange_id: &str, client_id: Option<ClientOrderId>) -> RestingOrder {
    RestingOrder {
        exchange_id: exchange_id.to_owned(),
        client_id,
        ticker: MARKET.to_owned(),
        shard: Some(2),
        side: Side::Ask,
        price: price("0.9"),
        remaining: contracts("2.50"),
    }
}

fn kinds(differences: &[Difference]) -> Vec<&'static str> {
    differences.iter().map(Difference::kind).collect()
}

#[test]
fn the_same_account_has_no_difference() {
    let books = Books {
        baselines: vec![baseline("100", &[])],
        fills: vec![fill("a", Side::Bid, "10", "0.85", true)],
        ..Books::default()
    };
    let here = books.reckon();
    assert_eq!(here.cash, Some(dollars("91.49")));
    assert_eq!(compare(&here, &shown("91.49", &[(MARKET, "10")])), []);
}

#[test]
fn a_micro_dollar_and_a_hundredth_of_a_contract_show() {
    let books = Books { baselines: vec![baseline("100", &[(MARKET, "3")])], ..Books::default() };
    let differences = compare(&books.reckon(), &shown("99.999999", &[(MARKET, "2.99")]));
    assert_eq!(kinds(&differences), ["cash", "position_quantity"]);
    assert_eq!((differences[0].here(), differences[0].there()), ("100.000000".into(), "99.999999".into()));
    assert_eq!((differences[1].here(), differences[1].there()), ("3.00".into(), "2.99".into()));
    assert!(differences.iter().all(|one| one.mend().contains("reconcile --accept")));
}

#[test]
fn what_was_there_before_us_is_no_difference() {
    let mut before = baseline("50", &[("KXOTHER", "-7")]);
    before.orders.insert("theirs".to_owned());
    let books = Books { baselines: vec![before], ..Books::default() };
    let mut there = shown("50", &[("KXOTHER", "-7")]);
    there.orders.push(resting("theirs", None));
    assert_eq!(compare(&books.reckon(), &there), []);
    assert_eq!(books.reckon().adopt(&there), [], "what isn't ours isn't taken over");
}

#[test]
fn every_kind_of_difference_is_named_once() {
    let ours = WorkingOrder { exchange_id: Some("o-3".to_owned()), ..working(1) };
    let books = Books {
        baselines: vec![baseline("100", &[("KXGONE", "4")])],
        orders: vec![ours.clone()],
        ..Books::default()
    };
    let mut there = shown("100", &[("KXNEW", "1")]);
    there.fills = vec![fill("late", Side::Ask, "1", "0.2", false)];
    there.orders = vec![resting("o-1", Some(working(2).client_id)), resting("o-2", None)];
    let differences = compare(&books.reckon(), &there);
    let expected = [
        "position_missing_there",
        "position_unknown_here",
        "fill_unknown_here",
        "order_unknown_here",
        "order_unknown_here",
        "order_missing_there",
    ];
    assert_eq!(kinds(&differences), expected);
    let reference = |index: usize| differences[index].reference().expect("one");
    assert_eq!((reference(2), reference(3)), ("late".to_owned(), "o-1".to_owned()));
    assert_eq!(reference(5), ours.client_id.to_string());
    assert_eq!(differences[2].there(), "ask 1.00 at 0.2000, fee 0.010000");
    assert!(differences[3].mend().starts_with("the next start"));
    assert!(differences[4].mend().starts_with("cancel it on the exchange"));
}

#[test]
fn an_order_of_ours_that_rests_as_known_is_no_difference() {
    let books = Books { baselines: vec![baseline("1", &[])], orders: vec![working(1)], ..Books::default() };
    let mut there = shown("1", &[]);
    there.orders.push(resting("o-1", Some(working(1).client_id)));
    assert_eq!(compare(&books.reckon(), &there), []);
}

#[test]
fn an_order_that_never_arrived_is_no_difference() {
    let books = Books { baselines: vec![baseline("1", &[])], orders: vec![working(1)], ..Books::default() };
    assert_eq!(compare(&books.reckon(), &shown("1", &[])), []);
}

#[test]
fn resting_orders_may_reserve_a_dollar_a_contract_and_no_more() {
    let mut before = baseline("50", &[]);
    before.orders.insert("theirs".to_owned());
    let here = Books { baselines: vec![before], ..Books::default() }.reckon();
    for (cash, kinds_found) in
        [("50", &[][..]), ("47.5", &[]), ("47.499999", &["cash"]), ("50.000001", &["cash"])]
    {
        let mut there = shown(cash, &[]);
        there.orders.push(resting("theirs", None));
        assert_eq!(kinds(&compare(&here, &there)), kinds_found, "{cash}");
    }
}

#[test]
fn our_fills_net_against_what_was_there_before() {
    // Ten NO were there; buying four YES sells four of them, so cash comes in.
    let books = Books {
        baselines: vec![baseline("100", &[(MARKET, "-10")])],
        fills: vec![fill("a", Side::Bid, "4", "0.85", true)],
        ..Books::default()
    };
    let here = books.reckon();
    assert_eq!(here.cash, Some(dollars("100") + dollars("0.60") - dollars("0.01")));
    assert_eq!(here.expected(MARKET), contracts("-6"));
    let there = shown("100.59", &[(MARKET, "-6")]);
    assert_eq!(compare(&here, &there), []);
    assert_eq!(here.adopt(&there), [], "our YES can't be sold while the account is short");
}

#[test]
fn a_payout_turns_what_was_held_into_cash() {
    let payout = |resolution| Payout { ticker: MARKET.to_owned(), resolution, time: at(20) };
    for (side, resolution, cash) in [
        (Side::Bid, Resolution::Yes, "101.49"),
        (Side::Bid, Resolution::No, "91.49"),
        (Side::Ask, Resolution::No, "108.49"),
        (Side::Ask, Resolution::Scalar(price("0.25")), "105.99"),
    ] {
        let books = Books {
            baselines: vec![baseline("100", &[])],
            fills: vec![fill("a", side, "10", "0.85", true)],
            payouts: vec![payout(resolution)],
            ..Books::default()
        };
        let here = books.reckon();
        assert_eq!((here.cash, here.positions.len()), (Some(dollars(cash)), 0), "{side:?} {resolution:?}");
    }
}

#[test]
fn a_payout_noted_by_a_clock_that_is_behind_comes_after_the_fills_all_the_same() {
    let payout = Payout { ticker: MARKET.to_owned(), resolution: Resolution::Yes, time: at(-3_600) };
    let books = Books {
        baselines: vec![baseline("100", &[])],
        fills: vec![fill("a", Side::Bid, "10", "0.85", true)],
        payouts: vec![payout],
        ..Books::default()
    };
    assert_eq!(compare(&books.reckon(), &shown("101.49", &[])), []);
}

#[test]
fn a_position_is_taken_over_with_its_cost_and_never_beyond_what_is_there() {
    let books = Books {
        baselines: vec![baseline("100", &[])],
        fills: vec![fill("a", Side::Ask, "10", "0.15", true), fill("b", Side::Ask, "2", "0.10", true)],
        ..Books::default()
    };
    let here = books.reckon();
    let whole = Adopted {
        ticker: MARKET.to_owned(),
        outcome: Outcome::No,
        quantity: contracts("12"),
        cost: dollars("10.30"),
        fees: dollars("0.02"),
        opened_at: at(10),
    };
    assert_eq!(here.adopt(&shown("0", &[(MARKET, "-12")])), std::slice::from_ref(&whole));
    assert_eq!(here.adopt(&shown("0", &[(MARKET, "-20")])), std::slice::from_ref(&whole));
    let part = Adopted { quantity: contracts("3"), cost: dollars("2.575"), ..whole };
    assert_eq!(here.adopt(&shown("0", &[(MARKET, "-3")])), [part]);
    assert_eq!(here.adopt(&shown("0", &[(MARKET, "5")])), []);
}

#[test]
fn without_a_baseline_cash_is_unknown() {
    assert_eq!(Books::default().reckon().cash, None);
}

proptest! {
    /// Whatever the books hold and the exchange shows: once the missing part is accepted, nothing differs.
    #[test]
    fn accepting_what_is_missing_leaves_no_difference(
        fills in prop::collection::vec((any::<bool>(), 1_i64..500, 1_i64..100, any::<bool>()), 0..8),
        has_baseline: bool,
        shown in (-10_000_i64..10_000, -600_i64..600),
    ) {
        let fills = fills.into_iter().enumerate().map(|(index, (bids, size, cents, is_ours))| BookedFill {
            quantity: Quantity::from_raw(size),
            price: Price::from_raw(cents * 10_000),
            time: at(i64::try_from(index).unwrap_or(0)),
            ..fill(&index.to_string(), if bids { Side::Bid } else { Side::Ask }, "1", "0.5", is_ours)
        });
        let mut books = Books { fills: fills.collect(), ..Books::default() };
        if has_baseline {
            books.baselines.push(baseline("25", &[("KXOTHER", "2"), (MARKET, "-1.5")]));
        }
        let there = ExchangeAccount {
            cash: Money::from_raw(shown.0),
            positions: [(MARKET.to_owned(), Quantity::from_raw(shown.1))].into(),
            orders: vec![resting("theirs", None)],
            fills: vec![fill("unheard", Side::Bid, "1", "0.5", false)],
        };
        let missing = books.missing(&there, &BTreeSet::new(), at(1_000));
        books.baselines.push(missing);
        prop_assert_eq!(compare(&books.reckon(), &there), []);
    }
}
