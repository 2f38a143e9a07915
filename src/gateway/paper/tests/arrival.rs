use super::*;

/// Sends one order to a fresh floor and says what was answered first.
fn answer_to(change: impl FnOnce(&mut Floor, &mut OrderRequest)) -> OrderUpdate {
    let mut floor = Floor::open();
    let mut request = floor.order(Side::Bid, "0.61", 10);
    change(&mut floor, &mut request);
    floor.send(ms(1_000), request);
    floor.advance(ms(2_000));
    floor.told[0].clone()
}

#[test]
fn a_sound_order_is_accepted() {
    assert_eq!(answer_to(|_, _| {}), OrderUpdate::Accepted { order: OrderId(1) });
    assert_eq!(answer_to(|_, request| request.post_only = true), OrderUpdate::Accepted { order: OrderId(1) });
}

#[test]
fn every_fault_has_its_reason() {
    type Change = fn(&mut Floor, &mut OrderRequest);
    let cases: [(RejectReason, Change); 14] = [
        (RejectReason::InvalidPrice, |_, request| request.price = price("0.615")),
        (RejectReason::InvalidPrice, |_, request| request.price = Price::ONE),
        (RejectReason::InvalidQuantity, |_, request| request.quantity = Quantity::ZERO),
        (RejectReason::InvalidQuantity, |_, request| request.quantity = contracts(-1)),
        (RejectReason::InsufficientBalance, |_, request| request.quantity = contracts(1_640)),
        (RejectReason::PostOnlyCross, |_, request| {
            (request.post_only, request.price) = (true, price("0.62"));
        }),
        (RejectReason::ReduceOnly, |_, request| {
            (request.reduce_only, request.time_in_force) = (true, TimeInForce::ImmediateOrCancel);
        }),
        (RejectReason::Other, |_, request| request.reduce_only = true),
        (RejectReason::Other, |_, request| {
            request.time_in_force = TimeInForce::GoodTillCancelled { expires: Some(ms(1_050)) };
        }),
        (RejectReason::Other, |_, request| request.market = MarketId(7)),
        (RejectReason::Other, |floor, _| {
            floor.catalogue.get_mut(floor.market).spec.fees.kind = FeeKind::Unknown;
        }),
        (RejectReason::MarketInactive, |floor, _| {
            floor.catalogue.get_mut(floor.market).spec.status = MarketStatus::Initialized;
        }),
        (RejectReason::MarketInactive, |floor, _| {
            floor.catalogue.get_mut(floor.market).spec.close = ms(1_050);
        }),
        (RejectReason::MarketInactive, |floor, _| floor.catalogue.get_mut(floor.market).book.suspect()),
    ];
    for (at, (reason, change)) in cases.into_iter().enumerate() {
        assert_eq!(answer_to(change), rejected(OrderId(1), reason), "case {at}");
    }
}

#[test]
fn the_balance_must_cover_cost_and_fee_to_the_last_digit() {
    // 60 contracts at 0.61 cost 36.60 and, as taker, 0.07·60·0.61·0.39 = 0.99918 → 0.9992.
    for (cash, answer) in [
        ("37.5992", OrderUpdate::Accepted { order: OrderId(1) }),
        ("37.5991", rejected(OrderId(1), RejectReason::InsufficientBalance)),
    ] {
        let settings = PaperSettings {
            latency: LATENCY,
            starting_cash: cash.parse().unwrap(),
            precision: BalancePrecision::Direct,
        };
        let given = answer_to(|floor, request| {
            floor.venue = PaperVenue::new(settings);
            request.quantity = contracts(60);
        });
        assert_eq!(given, answer, "{cash}");
    }
}

#[test]
fn resting_orders_tie_up_their_cost() {
    let mut floor = Floor::open();
    floor.rest(ms(1_000), Side::Bid, "0.60", 1_000);
    let second = floor.rest(ms(1_001), Side::Bid, "0.60", 1_000);
    assert_eq!(floor.last_word(ms(2_000)), Some(&rejected(second, RejectReason::InsufficientBalance)));
}

#[test]
fn closing_needs_no_cash_but_opening_beyond_it_does() {
    let mut floor = Floor::open();
    floor.snapshot(ms(100), &[("0.60", 5_000)], &[("0.62", 1_560)]);
    floor.take(ms(1_000), Side::Bid, "0.62", 1_560);
    floor.advance(ms(2_000));
    assert!(floor.venue.cash() < Money::from_dollars(20));
    let closing = floor.rest(ms(2_000), Side::Ask, "0.70", 1_560);
    assert_eq!(floor.last_word(ms(3_000)), Some(&OrderUpdate::Accepted { order: closing }));
    let opening = floor.rest(ms(3_000), Side::Ask, "0.70", 100);
    assert_eq!(floor.last_word(ms(4_000)), Some(&rejected(opening, RejectReason::InsufficientBalance)));
}

#[test]
fn reduce_only_stops_at_flat() {
    let mut floor = Floor::open();
    floor.take(ms(1_000), Side::Bid, "0.62", 4);
    floor.advance(ms(2_000));
    let order = floor.reduce(ms(2_000), Side::Ask, "0.59", 10);
    floor.advance(ms(3_000));
    assert_eq!(floor.traded()[1..], [(price("0.60"), contracts(4))]);
    assert_eq!(floor.told.last(), Some(&cancelled(order, CancelReason::ImmediateOrCancel)));
    assert_eq!(floor.venue.position(floor.market), Quantity::ZERO);
    let nothing = floor.reduce(ms(3_000), Side::Ask, "0.59", 10);
    assert_eq!(floor.last_word(ms(4_000)), Some(&rejected(nothing, RejectReason::ReduceOnly)));
}

#[test]
fn an_id_that_rests_is_taken() {
    let mut floor = Floor::open();
    let request = floor.order(Side::Bid, "0.60", 1);
    let order = floor.send(ms(1_000), request.clone());
    floor.send(ms(1_001), request);
    assert_eq!(floor.last_word(ms(2_000)), Some(&rejected(order, RejectReason::Other)));
}

#[test]
fn a_resync_is_none_of_its_business() {
    let mut floor = Floor::open();
    floor.venue.submit(ms(1_000), &Command::Resync { sid: 1 }, &floor.catalogue);
    assert_eq!(floor.venue.next_due(), None);
}
