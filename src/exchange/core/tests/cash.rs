use super::*;

#[test]
fn a_resting_order_reserves_its_cost_and_a_takers_fee() {
    let mut house = House::empty();
    let key = house.rest(house.ann, bid("0.50", 100));
    // 50 dollars, 1.75 of fee and one step of the balance.
    assert_eq!(house.exchange.reserved(house.ann, 0), dollars("51.7501"));
    assert_eq!(house.exchange.cash(house.ann, 0), Money::from_dollars(1_000));
    house.rest(house.ann, ask("0.90", 100));
    assert_eq!(house.exchange.reserved(house.ann, 0), dollars("51.7501") + dollars("10.6301"));
    house.exchange.cancel_all(house.now, house.ann);
    assert_eq!(house.exchange.reserved(house.ann, 0), Money::ZERO);
    assert_eq!(house.view(key).remaining, Quantity::ZERO);
}

#[test]
fn cash_counts_on_its_own_shard() {
    let mut house = House::with_spec(MarketSpec { shard: 2, ..spec() });
    assert_eq!(house.try_place(house.ann, bid("0.50", 10)), Err(Refusal::InsufficientBalance));
    house.rest(house.ann, bid("0.50", 9));
    assert_eq!(house.exchange.reserved(house.ann, 0), Money::ZERO);
    let shards: Vec<(u8, Money)> = house.exchange.shards(house.ann).collect();
    assert_eq!(shards, [(0, Money::from_dollars(1_000)), (2, Money::from_dollars(5))]);
}

#[test]
fn selling_what_is_held_needs_no_cash_and_each_contract_is_sold_once() {
    let mut house = House::empty();
    house.snapshot(&[("0.89", 10_000)], &[("0.90", 10_000)]);
    house.place(house.ann, immediate(bid("0.90", 1_100)));
    assert!(house.free(house.ann) < Money::from_dollars(4));
    house.rest(house.ann, ask("0.95", 1_100));
    assert_eq!(house.exchange.reserved(house.ann, 0), Money::ZERO);
    assert_eq!(house.try_place(house.ann, ask("0.94", 1_100)), Err(Refusal::InsufficientBalance));
    assert_eq!(house.try_place(house.ann, immediate(ask("0.89", 1_100))), Err(Refusal::InsufficientBalance));
    house.exchange.cancel_all(house.now, house.ann);
    house.place(house.ann, immediate(ask("0.89", 1_100)));
    assert_eq!(house.held(house.ann), Quantity::ZERO);
}

#[test]
fn a_position_is_netted_and_may_turn_over() {
    let mut house = House::empty();
    house.snapshot(&[("0.60", 100)], &[("0.62", 100)]);
    house.place(house.ann, immediate(bid("0.62", 10)));
    let after_buying = house.exchange.cash(house.ann, 0);
    let placed = house.place(house.ann, immediate(ask("0.60", 25)));
    assert_eq!(house.held(house.ann), contracts(-15));
    let fee = house.view(placed.order).taker_fees;
    // Ten sold at 0.60, fifteen NO bought at 0.40: the cash comes out even but for the fee.
    assert_eq!(house.exchange.cash(house.ann, 0), after_buying + dollars("6.00") - dollars("6.00") - fee);
    let position = house.exchange.positions(house.ann).next().unwrap();
    assert_eq!((position.cost, position.realised), (dollars("6.00"), dollars("-0.20")));
    assert_eq!(position.traded, dollars("6.20") + dollars("10.00"));
    assert_eq!(position.volume, contracts(35));
}

#[test]
fn rounding_fees_come_back_over_the_fills_of_one_order() {
    let mut house = House::empty();
    let key = house.rest(house.ann, bid("0.50", 3));
    for _ in 0..300 {
        house.place(house.bob, NewOrder { quantity: Quantity::from_raw(1), ..immediate(ask("0.50", 1)) });
    }
    let fees = house.view(key).maker_fees;
    let whole = spec().fees.trade_fee(price("0.50"), contracts(3), false);
    assert!(fees >= whole && fees - whole < dollars("0.0005"), "{fees} for {whole}");
}

#[test]
fn two_accounts_that_trade_with_each_other_only_lose_the_fees() {
    let mut house = House::empty();
    let trades = [("0.40", 10, true), ("0.55", 25, false), ("0.30", 7, true), ("0.45", 9, false)];
    for (at, count, ann_buys) in trades {
        let (maker, taker) = if ann_buys { (house.bob, house.ann) } else { (house.ann, house.bob) };
        house.rest(maker, ask(at, count));
        house.place(taker, immediate(bid(at, count)));
        assert_eq!(house.held(house.ann) + house.held(house.bob), Quantity::ZERO);
        let held = house.held(house.ann).abs();
        assert_eq!(house.exchange.market(TICKER).unwrap().open_interest, held);
        let fees: Money =
            [house.ann, house.bob].iter().flat_map(|id| house.exchange.fills(*id)).map(|fill| fill.fee).sum();
        let cash = house.exchange.cash(house.ann, 0) + house.exchange.cash(house.bob, 0);
        let pairs = Price::ONE.times(held, Rounding::Floor);
        assert_eq!(cash + fees + pairs, Money::from_dollars(2_000), "a pair of contracts holds a dollar");
    }
}
