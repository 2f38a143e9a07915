use super::*;

/// Well after the first moments in which prints don't count.
const SETTLED: i64 = 2_000;

#[test]
fn prints_at_its_price_move_the_queue_and_then_fill_it() {
    let mut floor = Floor::open();
    floor.rest(ms(1_000), Side::Bid, "0.60", 10);
    floor.print(ms(SETTLED), Side::Ask, price("0.60"), contracts(25));
    floor.delta(ms(SETTLED), Side::Bid, price("0.60"), contracts(-25));
    assert_eq!(floor.venue.position(floor.market), Quantity::ZERO);
    floor.print(ms(SETTLED + 1), Side::Ask, price("0.60"), contracts(9));
    assert_eq!(floor.venue.position(floor.market), contracts(4));
    floor.print(ms(SETTLED + 2), Side::Ask, price("0.60"), contracts(50));
    floor.advance(ms(3_000));
    assert_eq!(floor.traded(), [(price("0.60"), contracts(4)), (price("0.60"), contracts(6))]);
    assert!(floor.fills().iter().all(|fill| !fill.is_taker));
}

#[test]
fn a_delta_before_its_print_is_the_same_trade() {
    let mut floor = Floor::open();
    floor.rest(ms(1_000), Side::Bid, "0.60", 10);
    floor.delta(ms(SETTLED), Side::Bid, price("0.60"), contracts(-30));
    floor.print(ms(SETTLED), Side::Ask, price("0.60"), contracts(30));
    floor.advance(ms(3_000));
    assert_eq!(floor.traded(), [], "the thirty stood ahead");
    floor.print(ms(3_000), Side::Ask, price("0.60"), contracts(3));
    floor.advance(ms(4_000));
    assert_eq!(floor.traded(), [(price("0.60"), contracts(3))]);
}

#[test]
fn what_a_delta_took_waits_for_its_print_only_so_long() {
    let mut floor = Floor::open();
    floor.rest(ms(1_000), Side::Bid, "0.60", 10);
    floor.delta(ms(SETTLED), Side::Bid, price("0.60"), contracts(-30));
    floor.print(ms(SETTLED + 101), Side::Ask, price("0.60"), contracts(3));
    floor.advance(ms(3_000));
    assert_eq!(floor.traded(), [(price("0.60"), contracts(3))]);
}

#[test]
fn cancels_come_from_behind_while_they_can() {
    let mut floor = Floor::open();
    floor.rest(ms(1_000), Side::Bid, "0.60", 10);
    floor.delta(ms(SETTLED), Side::Bid, price("0.60"), contracts(20));
    floor.delta(ms(SETTLED + 1), Side::Bid, price("0.60"), contracts(-20));
    floor.print(ms(SETTLED + 2), Side::Ask, price("0.60"), contracts(30));
    assert_eq!(floor.venue.position(floor.market), Quantity::ZERO);
    floor.print(ms(SETTLED + 3), Side::Ask, price("0.60"), contracts(1));
    assert_eq!(floor.venue.position(floor.market), contracts(1));
}

#[test]
fn prints_of_its_first_moments_dont_count() {
    let mut floor = Floor::open();
    floor.rest(ms(1_000), Side::Bid, "0.61", 10);
    floor.print(ms(1_149), Side::Ask, price("0.60"), contracts(5));
    assert_eq!(floor.venue.position(floor.market), Quantity::ZERO);
    floor.print(ms(1_150), Side::Ask, price("0.60"), contracts(5));
    assert_eq!(floor.venue.position(floor.market), contracts(5));
}

#[test]
fn a_print_through_its_price_fills_it_at_its_price() {
    let mut floor = Floor::open();
    floor.rest(ms(1_000), Side::Bid, "0.60", 10);
    floor.print(ms(SETTLED), Side::Ask, price("0.59"), contracts(7));
    floor.advance(ms(3_000));
    assert_eq!(floor.traded(), [(price("0.60"), contracts(7))]);
}

#[test]
fn other_prints_leave_it_alone() {
    let mut floor = Floor::open();
    floor.rest(ms(1_000), Side::Bid, "0.61", 10);
    floor.print(ms(SETTLED), Side::Bid, price("0.61"), contracts(9));
    floor.print(ms(SETTLED), Side::Ask, price("0.62"), contracts(9));
    let stamp = Stamp::default();
    let block = Event::Print {
        ticker: TICKER,
        stamp,
        price: price("0.40"),
        quantity: contracts(9),
        taker: Side::Ask,
        is_block: true,
    };
    floor.see(ms(SETTLED), &block);
    assert_eq!(floor.venue.position(floor.market), Quantity::ZERO);
}

#[test]
fn one_print_fills_two_orders_with_its_contracts_only() {
    let mut floor = Floor::open();
    let second = floor.rest(ms(1_000), Side::Ask, "0.62", 6);
    let first = floor.rest(ms(1_001), Side::Ask, "0.61", 4);
    let third = floor.rest(ms(1_002), Side::Ask, "0.62", 6);
    // Four at 0.61, then ten that stood ahead at 0.62, then three.
    floor.print(ms(SETTLED), Side::Bid, price("0.62"), contracts(17));
    floor.advance(ms(3_000));
    let filled: Vec<_> = floor.fills().iter().map(|fill| (fill.order, fill.quantity)).collect();
    assert_eq!(filled, [(first, contracts(4)), (second, contracts(3))]);
    floor.print(ms(3_000), Side::Bid, price("0.62"), contracts(5));
    floor.advance(ms(4_000));
    let filled: Vec<_> = floor.fills()[2..].iter().map(|fill| (fill.order, fill.quantity)).collect();
    assert_eq!(filled, [(second, contracts(3)), (third, contracts(2))]);
}

#[test]
fn a_book_that_reaches_it_fills_it_by_what_is_displayed() {
    let mut floor = Floor::open();
    floor.rest(ms(1_000), Side::Bid, "0.61", 10);
    floor.delta(ms(SETTLED), Side::Ask, price("0.61"), contracts(4));
    floor.delta(ms(SETTLED + 1), Side::Ask, price("0.61"), contracts(1));
    floor.advance(ms(3_000));
    assert_eq!(floor.traded(), [(price("0.61"), contracts(4)), (price("0.61"), contracts(1))]);
    // What traded with the resting order is gone for a taker, too.
    floor.take(ms(3_000), Side::Bid, "0.61", 5);
    floor.advance(ms(4_000));
    assert_eq!(floor.traded().len(), 2);
}

#[test]
fn a_snapshot_beyond_it_fills_it_at_its_price() {
    let mut floor = Floor::open();
    floor.rest(ms(1_000), Side::Bid, "0.60", 10);
    floor.snapshot(ms(SETTLED), &[("0.57", 5)], &[("0.58", 3), ("0.60", 4), ("0.61", 50)]);
    floor.advance(ms(3_000));
    assert_eq!(floor.traded(), [(price("0.60"), contracts(3)), (price("0.60"), contracts(4))]);
}

#[test]
fn a_book_crossed_for_a_moment_fills_nothing() {
    let mut floor = Floor::open();
    floor.rest(ms(1_000), Side::Bid, "0.60", 10);
    floor.delta(ms(SETTLED), Side::Ask, price("0.60"), contracts(8));
    assert_eq!(floor.venue.position(floor.market), Quantity::ZERO);
    floor.delta(ms(SETTLED), Side::Bid, price("0.60"), contracts(-30));
    assert_eq!(floor.venue.position(floor.market), contracts(8));
}

#[test]
fn a_cancel_loses_to_a_fill_on_its_way() {
    let mut floor = Floor::open();
    let order = floor.rest(ms(1_000), Side::Bid, "0.61", 10);
    floor.advance(ms(SETTLED));
    floor.cancel(ms(SETTLED), order);
    floor.print(ms(SETTLED + 20), Side::Ask, price("0.61"), contracts(10));
    floor.advance(ms(3_000));
    assert_eq!(floor.traded(), [(price("0.61"), contracts(10))]);
    assert_eq!(floor.told.last(), Some(&OrderUpdate::CancelRejected { order }));
}

#[test]
fn a_cancel_takes_off_what_is_left() {
    let mut floor = Floor::open();
    let order = floor.rest(ms(1_000), Side::Bid, "0.61", 10);
    floor.print(ms(SETTLED), Side::Ask, price("0.61"), contracts(4));
    floor.cancel(ms(SETTLED), order);
    floor.print(ms(SETTLED + 60), Side::Ask, price("0.61"), contracts(10));
    floor.advance(ms(3_000));
    assert_eq!(floor.traded(), [(price("0.61"), contracts(4))]);
    assert_eq!(floor.told.last(), Some(&cancelled(order, CancelReason::Requested)));
    floor.cancel(ms(3_000), OrderId(99));
    assert_eq!(floor.last_word(ms(4_000)), Some(&OrderUpdate::CancelRejected { order: OrderId(99) }));
}

#[test]
fn an_expiry_ends_it_at_its_instant() {
    let mut floor = Floor::open();
    let expires = Some(ms(5_000));
    let request = OrderRequest {
        time_in_force: TimeInForce::GoodTillCancelled { expires },
        ..floor.order(Side::Bid, "0.61", 10)
    };
    let order = floor.send(ms(1_000), request);
    floor.advance(ms(1_200));
    assert_eq!(floor.venue.next_due(), Some(ms(5_000)));
    floor.print(ms(5_000), Side::Ask, price("0.61"), contracts(10));
    assert_eq!(floor.last_word(ms(5_050)), Some(&cancelled(order, CancelReason::Expired)));
    assert_eq!(floor.traded(), []);
}

#[test]
fn the_close_ends_it_wherever_it_moves() {
    let mut floor = Floor::open();
    let order = floor.rest(ms(1_000), Side::Bid, "0.61", 10);
    floor.advance(ms(SETTLED));
    assert_eq!(floor.venue.next_due(), Some(ms(3_600_000)));
    let close = ms(10_000);
    floor.catalogue.get_mut(floor.market).spec.close = close;
    floor.see(ms(SETTLED), &Event::CloseMoved { ticker: TICKER, close });
    assert_eq!(floor.venue.next_due(), Some(close));
    floor.cancel(ms(9_980), order);
    floor.advance(ms(11_000));
    let last = [cancelled(order, CancelReason::MarketClosed), OrderUpdate::CancelRejected { order }];
    assert_eq!(floor.told[1..], last);
    let late = floor.rest(ms(11_000), Side::Bid, "0.61", 10);
    assert_eq!(floor.last_word(ms(12_000)), Some(&rejected(late, RejectReason::MarketInactive)));
}

#[test]
fn a_pause_takes_it_off() {
    for (status, reason) in [
        (MarketStatus::Inactive, CancelReason::Exchange),
        (MarketStatus::Closed, CancelReason::MarketClosed),
        (MarketStatus::Determined, CancelReason::MarketClosed),
    ] {
        let mut floor = Floor::open();
        let order = floor.rest(ms(1_000), Side::Bid, "0.61", 10);
        floor.status(ms(SETTLED), status);
        assert_eq!(floor.last_word(ms(3_000)), Some(&cancelled(order, reason)), "{status:?}");
        let late = floor.rest(ms(3_000), Side::Bid, "0.61", 10);
        assert_eq!(floor.last_word(ms(4_000)), Some(&rejected(late, RejectReason::MarketInactive)));
    }
}

#[test]
fn an_exchange_wide_pause_takes_it_off_and_still_hears_cancels() {
    let mut floor = Floor::open();
    let order = floor.rest(ms(1_000), Side::Bid, "0.61", 10);
    floor.advance(ms(SETTLED));
    floor.see(ms(SETTLED), &Event::Exchange { trading: false });
    assert_eq!(floor.last_word(ms(2_500)), Some(&cancelled(order, CancelReason::Exchange)));
    let late = floor.rest(ms(2_500), Side::Bid, "0.61", 10);
    assert_eq!(floor.last_word(ms(3_000)), Some(&rejected(late, RejectReason::ExchangePaused)));
    floor.cancel(ms(3_000), order);
    assert_eq!(floor.last_word(ms(3_500)), Some(&OrderUpdate::CancelRejected { order }));
    floor.see(ms(3_500), &Event::Exchange { trading: true });
    let again = floor.rest(ms(3_500), Side::Bid, "0.61", 10);
    assert_eq!(floor.last_word(ms(4_000)), Some(&OrderUpdate::Accepted { order: again }));
}
