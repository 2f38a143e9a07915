use super::*;

/// Ten of the public, five of an account, twenty of the public, all bidding 0.50.
fn queue() -> (House, OrderKey) {
    let mut house = House::empty();
    house.delta(Side::Bid, "0.50", 10);
    let key = house.rest(house.ann, bid("0.50", 5));
    house.delta(Side::Bid, "0.50", 20);
    house.news();
    (house, key)
}

#[test]
fn a_print_and_its_delta_come_to_the_same_in_either_order() {
    for delta_first in [false, true] {
        let (mut house, key) = queue();
        if delta_first {
            house.delta(Side::Bid, "0.50", -12);
        }
        house.print(Side::Ask, "0.50", 12);
        if !delta_first {
            house.delta(Side::Bid, "0.50", -12);
        }
        assert_eq!(house.view(key).filled, contracts(2), "delta first: {delta_first}");
        assert_eq!(house.exchange.queue_ahead(key), Some(Quantity::ZERO));
        assert_eq!(house.size(Side::Bid, "0.50"), contracts(3 + 18), "delta first: {delta_first}");
        let public: Quantity = house.exchange.prints(TICKER).map(|print| print.quantity).sum();
        assert_eq!(public, contracts(12));
    }
}

#[test]
fn the_public_ahead_is_found_again_when_the_delta_took_it_first() {
    let mut house = House::empty();
    house.delta(Side::Bid, "0.50", 10);
    let key = house.rest(house.ann, bid("0.50", 5));
    house.delta(Side::Bid, "0.50", 4);
    house.delta(Side::Bid, "0.50", -12);
    assert_eq!(house.exchange.queue_ahead(key), Some(contracts(2)));
    house.print(Side::Ask, "0.50", 12);
    assert_eq!(house.view(key).filled, contracts(2));
    assert_eq!(house.size(Side::Bid, "0.50"), contracts(3 + 2));
}

#[test]
fn a_cancel_comes_from_behind_and_is_no_trade_once_some_time_has_passed() {
    let (mut house, key) = queue();
    house.delta(Side::Bid, "0.50", -15);
    assert_eq!(house.exchange.queue_ahead(key), Some(contracts(10)));
    house.wait(Duration::from_secs(1));
    house.print(Side::Ask, "0.50", 8);
    assert_eq!(house.exchange.queue_ahead(key), Some(contracts(2)));
    house.delta(Side::Bid, "0.50", -8);
    assert_eq!(house.size(Side::Bid, "0.50"), contracts(2 + 5 + 5));
    assert_eq!(house.view(key).filled, Quantity::ZERO);
}

#[test]
fn a_print_fills_better_orders_first() {
    let mut house = House::open();
    let better = house.rest(house.ann, bid("0.61", 4));
    let level = house.rest(house.bob, bid("0.60", 4));
    house.news();
    house.print(Side::Ask, "0.60", 36);
    assert_eq!(house.view(better).filled, contracts(4));
    assert_eq!(house.view(level).filled, contracts(2));
    house.delta(Side::Bid, "0.60", -36);
    assert_eq!(house.size(Side::Bid, "0.60"), contracts(2), "the public's bids are gone, once");
    let prints: Vec<String> = house.words().into_iter().filter(|word| word.starts_with("print")).collect();
    assert_eq!(prints, ["print ask 0.6100 4.00", "print ask 0.6000 2.00", "print ask 0.6000 30.00"]);
}

#[test]
fn a_public_order_takes_the_accounts_orders_that_it_crosses() {
    let mut house = House::open();
    let key = house.rest(house.ann, ask("0.61", 4));
    house.news();
    house.delta(Side::Bid, "0.61", 10);
    assert_eq!(
        house.words(),
        [
            "book ask 0.6100 -4.00 0",
            "print bid 0.6100 4.00",
            "fill 0 maker 0.6100 4.00",
            "order 0 Executed 0.00",
            "position 0 -4.00",
            "book bid 0.6100 6.00 public",
        ]
    );
    assert_eq!(house.view(key).maker_cost, dollars("1.56"));
}

#[test]
fn the_publics_own_stale_quotes_give_way() {
    let mut house = House::open();
    house.news();
    house.delta(Side::Bid, "0.62", 5);
    assert_eq!(house.words(), ["book ask 0.6200 -10.00 public", "book bid 0.6200 5.00 public"]);
    house.delta(Side::Ask, "0.62", -10);
    assert!(house.words().is_empty(), "the removal that comes along finds nothing");
}

#[test]
fn liquidity_that_an_account_took_is_gone_until_a_snapshot() {
    let mut house = House::open();
    house.place(house.ann, immediate(bid("0.62", 10)));
    assert_eq!(house.size(Side::Ask, "0.62"), Quantity::ZERO);
    house.delta(Side::Ask, "0.62", 3);
    house.delta(Side::Ask, "0.62", -13);
    assert_eq!(house.size(Side::Ask, "0.62"), Quantity::ZERO);
    let own = house.rest(house.ann, bid("0.60", 2));
    house.news();
    house.snapshot(&[("0.60", 25)], &[("0.62", 10), ("0.63", 20)]);
    assert_eq!(
        house.words(),
        ["book bid 0.6000 -5.00 public", "book bid 0.5900 -20.00 public", "book ask 0.6200 10.00 public"]
    );
    assert_eq!(house.exchange.queue_ahead(own), Some(contracts(25)));
}

#[test]
fn nobody_meets_during_a_pause_and_the_book_stays_uncrossed() {
    let mut house = House::open();
    let key = house.rest(house.ann, ask("0.61", 4));
    house.exchange.pause(house.now, None, true, false);
    house.delta(Side::Bid, "0.61", 10);
    house.print(Side::Bid, "0.62", 10);
    assert_eq!(house.view(key).filled, Quantity::ZERO);
    assert_eq!(house.size(Side::Bid, "0.61"), Quantity::ZERO);
    house.exchange.book(TICKER).unwrap().check_crossed().unwrap();
}

#[test]
fn a_block_trade_counts_for_the_volume_alone() {
    let mut house = House::open();
    let key = house.rest(house.ann, bid("0.61", 4));
    house.news();
    house.follow(&Event::Print {
        ticker: TICKER,
        stamp: Stamp::default(),
        price: price("0.40"),
        quantity: contracts(100),
        taker: Side::Ask,
        is_block: true,
    });
    assert!(house.words().is_empty());
    assert_eq!(house.view(key).filled, Quantity::ZERO);
    assert_eq!(house.exchange.market(TICKER).unwrap().spec.volume, contracts(100));
    house.follow(&Event::Ticker { ticker: TICKER, volume: contracts(90) });
    assert_eq!(house.exchange.market(TICKER).unwrap().spec.volume, contracts(100));
}

#[test]
fn the_last_thousand_prints_are_kept() {
    let mut house = House::open();
    for _ in 0..1_005 {
        house.print(Side::Ask, "0.60", 1);
    }
    assert_eq!(house.exchange.prints(TICKER).count(), 1_000);
    assert_eq!(house.exchange.market(TICKER).unwrap().last, Some(price("0.60")));
    assert_eq!(house.exchange.prints("KXNONE").count(), 0);
}
