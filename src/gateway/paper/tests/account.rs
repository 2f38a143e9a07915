use super::*;

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn settle(floor: &mut Floor, at: Timestamp, resolution: Resolution) {
    floor.advance(at);
    floor.see(at, &Event::Settled { ticker: TICKER, resolution });
}

#[test]
fn buying_yes_costs_price_and_fee_and_pays_a_dollar_on_yes() {
    let mut floor = Floor::open();
    floor.take(ms(1_000), Side::Bid, "0.62", 10);
    floor.advance(ms(2_000));
    // 6.20 and 0.07·10·0.62·0.38 = 0.16492 → 0.1650.
    assert_eq!(floor.fills()[0].fee, money("0.1650"));
    assert_eq!(floor.venue.cash(), money("993.6350"));
    settle(&mut floor, ms(3_000), Resolution::Yes);
    assert_eq!(floor.venue.cash(), money("1003.6350"));
    assert_eq!(floor.venue.position(floor.market), Quantity::ZERO);
    settle(&mut floor, ms(3_001), Resolution::Yes);
    assert_eq!(floor.venue.cash(), money("1003.6350"), "paid once");
}

#[test]
fn opening_no_costs_the_complement_and_closing_it_brings_it_back() {
    let mut floor = Floor::open();
    floor.take(ms(1_000), Side::Ask, "0.60", 10);
    floor.advance(ms(2_000));
    // 4.00 and 0.07·10·0.6·0.4 = 0.168.
    assert_eq!(floor.venue.cash(), money("995.8320"));
    floor.take(ms(2_000), Side::Bid, "0.62", 10);
    floor.advance(ms(3_000));
    // Back come 3.80 less 0.1650.
    assert_eq!(floor.venue.cash(), money("999.4670"));
    assert_eq!(floor.venue.position(floor.market), Quantity::ZERO);
}

#[test]
fn a_fill_through_flat_closes_and_opens() {
    let mut floor = Floor::open();
    floor.take(ms(1_000), Side::Bid, "0.62", 10);
    floor.take(ms(1_001), Side::Ask, "0.60", 25);
    floor.advance(ms(2_000));
    // 993.6350, then 10 sold at 0.60, 15 NO at 0.40, and 0.07·25·0.6·0.4 = 0.42.
    assert_eq!(floor.venue.cash(), money("993.2150"));
    assert_eq!(floor.venue.position(floor.market), contracts(-15));
    assert_eq!(floor.fills().len(), 2);
    settle(&mut floor, ms(3_000), Resolution::No);
    assert_eq!(floor.venue.cash(), money("1008.2150"));
}

#[test]
fn a_scalar_result_pays_each_outcome_its_share() {
    let value = price("0.25");
    for (side, limit, before, paid) in
        [(Side::Bid, "0.62", "993.6350", "2.5"), (Side::Ask, "0.60", "995.8320", "7.5")]
    {
        let mut floor = Floor::open();
        floor.take(ms(1_000), side, limit, 10);
        settle(&mut floor, ms(3_000), Resolution::Scalar(value));
        assert_eq!(floor.venue.cash(), money(before) + money(paid));
    }
}

#[test]
fn makers_pay_the_maker_fee() {
    let mut floor = Floor::open();
    floor.rest(ms(1_000), Side::Bid, "0.61", 10);
    floor.print(ms(2_000), Side::Ask, price("0.61"), contracts(10));
    floor.advance(ms(3_000));
    // 0.0175·10·0.61·0.39 = 0.0416325 → 0.0417.
    assert_eq!(floor.fills()[0].fee, money("0.0417"));
}

#[test]
fn settlement_takes_resting_orders_off() {
    let mut floor = Floor::open();
    let order = floor.rest(ms(1_000), Side::Bid, "0.61", 10);
    settle(&mut floor, ms(2_000), Resolution::Yes);
    assert_eq!(floor.last_word(ms(3_000)), Some(&cancelled(order, CancelReason::MarketClosed)));
    assert_eq!(floor.venue.cash(), Money::from_dollars(1_000));
}

#[test]
fn fees_that_turn_unknown_leave_the_way_out_open() {
    let mut floor = Floor::open();
    floor.take(ms(1_000), Side::Bid, "0.62", 10);
    floor.advance(ms(2_000));
    floor.catalogue.get_mut(floor.market).spec.fees.kind = FeeKind::Unknown;
    floor.reduce(ms(2_000), Side::Ask, "0.60", 10);
    floor.advance(ms(3_000));
    assert_eq!(floor.venue.position(floor.market), Quantity::ZERO);
}
