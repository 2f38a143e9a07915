use super::*;

#[test]
fn commands_and_answers_take_one_latency_each() {
    let mut floor = Floor::open();
    let order = floor.take(ms(1_000), Side::Bid, "0.62", 4);
    assert_eq!(floor.venue.next_due(), Some(ms(1_050)));
    floor.advance(ms(1_049));
    assert_eq!(floor.venue.position(floor.market), Quantity::ZERO);
    floor.advance(ms(1_050));
    assert_eq!(floor.venue.position(floor.market), contracts(4));
    assert_eq!(floor.venue.next_due(), Some(ms(1_100)));
    floor.advance(ms(1_099));
    assert_eq!(floor.told, []);
    floor.advance(ms(1_100));
    assert_eq!(floor.told[0], OrderUpdate::Accepted { order });
    let fill = floor.fills()[0];
    assert_eq!((fill.time, fill.is_taker, &*fill.trade_id), (ms(1_050), true, "paper-1"));
    assert_eq!(floor.venue.next_due(), None);
}

#[test]
fn a_late_advance_still_matches_at_the_time_of_arrival() {
    let mut floor = Floor::open();
    floor.take(ms(1_000), Side::Bid, "0.62", 4);
    floor.advance(ms(9_000));
    assert_eq!(floor.fills()[0].time, ms(1_050));
}

#[test]
fn the_book_at_arrival_counts_not_the_book_at_sending() {
    let mut floor = Floor::open();
    let order = floor.take(ms(1_000), Side::Bid, "0.62", 4);
    floor.delta(ms(1_020), Side::Ask, price("0.62"), contracts(-10));
    assert_eq!(floor.last_word(ms(2_000)), Some(&cancelled(order, CancelReason::ImmediateOrCancel)));
    assert_eq!(floor.traded(), []);
}

#[test]
fn it_walks_the_levels_to_its_limit_and_cancels_the_rest() {
    let mut floor = Floor::open();
    let order = floor.take(ms(1_000), Side::Bid, "0.63", 50);
    floor.advance(ms(2_000));
    assert_eq!(floor.traded(), [(price("0.62"), contracts(10)), (price("0.63"), contracts(20))]);
    assert_eq!(floor.told.first(), Some(&OrderUpdate::Accepted { order }));
    assert_eq!(floor.told.last(), Some(&cancelled(order, CancelReason::ImmediateOrCancel)));
}

#[test]
fn displayed_size_is_taken_once() {
    let mut floor = Floor::open();
    floor.take(ms(1_000), Side::Bid, "0.62", 7);
    floor.take(ms(1_001), Side::Bid, "0.62", 7);
    floor.advance(ms(2_000));
    assert_eq!(floor.traded(), [(price("0.62"), contracts(7)), (price("0.62"), contracts(3))]);
    // The level shrinks: what was taken shrinks with it. It grows: only the growth is there to take.
    floor.delta(ms(2_000), Side::Ask, price("0.62"), contracts(-6));
    floor.delta(ms(2_001), Side::Ask, price("0.62"), contracts(5));
    floor.take(ms(2_002), Side::Bid, "0.62", 7);
    floor.advance(ms(3_000));
    assert_eq!(floor.traded()[2..], [(price("0.62"), contracts(5))]);
    // The level goes and comes back: it is a new one.
    floor.delta(ms(3_000), Side::Ask, price("0.62"), contracts(-9));
    floor.delta(ms(3_001), Side::Ask, price("0.62"), contracts(8));
    floor.take(ms(3_002), Side::Bid, "0.62", 9);
    floor.advance(ms(4_000));
    assert_eq!(floor.traded()[3..], [(price("0.62"), contracts(8))]);
}

#[test]
fn the_rest_of_a_marketable_order_rests() {
    let mut floor = Floor::open();
    let request = floor.order(Side::Bid, "0.62", 15);
    floor.send(ms(1_000), request);
    floor.advance(ms(2_000));
    assert_eq!(floor.traded(), [(price("0.62"), contracts(10))]);
    // The same ten contracts, still displayed, don't fill it again; five more do.
    floor.delta(ms(2_000), Side::Ask, price("0.63"), contracts(1));
    floor.delta(ms(2_001), Side::Ask, price("0.62"), contracts(2));
    floor.advance(ms(3_000));
    assert_eq!(floor.traded()[1..], [(price("0.62"), contracts(2))]);
    assert!(floor.fills()[0].is_taker && !floor.fills()[1].is_taker);
    floor.delta(ms(3_000), Side::Ask, price("0.62"), contracts(50));
    floor.advance(ms(4_000));
    assert_eq!(floor.traded()[2..], [(price("0.62"), contracts(3))]);
}

#[test]
fn an_ask_takes_bids_downward() {
    let mut floor = Floor::open();
    floor.take(ms(1_000), Side::Ask, "0.59", 40);
    floor.advance(ms(2_000));
    assert_eq!(floor.traded(), [(price("0.60"), contracts(30)), (price("0.59"), contracts(10))]);
    assert_eq!(floor.venue.position(floor.market), contracts(-40));
}

#[test]
fn it_stops_short_of_our_own_resting_order() {
    let mut floor = Floor::open();
    floor.rest(ms(1_000), Side::Ask, "0.63", 5);
    let order = floor.take(ms(1_001), Side::Bid, "0.63", 20);
    floor.advance(ms(2_000));
    assert_eq!(floor.traded(), [(price("0.62"), contracts(10))]);
    assert_eq!(floor.told.last(), Some(&cancelled(order, CancelReason::Exchange)));
    let post_only = floor.rest(ms(2_000), Side::Bid, "0.63", 1);
    assert_eq!(floor.last_word(ms(3_000)), Some(&rejected(post_only, RejectReason::PostOnlyCross)));
}
