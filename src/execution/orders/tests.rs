use super::*;
use crate::execution::{Purpose, TimeInForce};
use crate::market::Side;
use crate::units::{Money, Price};
use proptest::prelude::*;

const MARKET: MarketId = MarketId(3);

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(second)
}

fn contracts(count: i64) -> Quantity {
    Quantity::from_contracts(count)
}

fn request(id: OrderId, market: MarketId) -> OrderRequest {
    OrderRequest {
        id,
        market,
        side: Side::Bid,
        price: Price::from_raw(420_000),
        quantity: contracts(10),
        time_in_force: TimeInForce::GoodTillCancelled { expires: None },
        post_only: false,
        reduce_only: false,
        purpose: Purpose::Entry,
    }
}

/// One order for ten contracts at 0.42, sent at second 1.
fn sent() -> (Orders, OrderId) {
    let mut orders = Orders::default();
    let id = orders.next_id();
    orders.place(at(1), request(id, MARKET));
    (orders, id)
}

fn fill(order: OrderId, trade_id: &str, count: i64) -> OrderUpdate {
    OrderUpdate::Filled(Fill {
        trade_id: trade_id.into(),
        order,
        market: MARKET,
        side: Side::Bid,
        price: Price::from_raw(410_000),
        quantity: contracts(count),
        fee: Money::ZERO,
        is_taker: true,
        time: at(1),
    })
}

fn accepted(order: OrderId) -> OrderUpdate {
    OrderUpdate::Accepted { order }
}

fn rejected(order: OrderId) -> OrderUpdate {
    OrderUpdate::Rejected { order, reason: RejectReason::InsufficientBalance }
}

fn cancelled(order: OrderId) -> OrderUpdate {
    OrderUpdate::Cancelled { order, reason: CancelReason::Requested }
}

fn unknown(order: OrderId) -> OrderUpdate {
    OrderUpdate::Unknown { order }
}

fn state(orders: &Orders, id: OrderId) -> (OrderState, Quantity) {
    let order = orders.get(id).expect("it was placed");
    (order.state, order.filled)
}

#[test]
fn an_order_goes_from_sent_to_filled() {
    let (mut orders, id) = sent();
    assert_eq!(id, OrderId(1));
    assert_eq!(state(&orders, id), (OrderState::Sent, Quantity::ZERO));
    assert_eq!(orders.apply(at(2), &accepted(id)), Applied::Changed { order: id, finished: false });
    assert_eq!(state(&orders, id), (OrderState::Resting, Quantity::ZERO));
    assert_eq!(orders.apply(at(3), &fill(id, "a", 4)), Applied::Fill { order: id, finished: false });
    assert_eq!(state(&orders, id), (OrderState::PartiallyFilled, contracts(4)));
    assert_eq!(orders.get(id).map(Order::remaining), Some(contracts(6)));
    assert_eq!(orders.working_in(MARKET).count(), 1);
    assert_eq!(orders.apply(at(4), &fill(id, "b", 6)), Applied::Fill { order: id, finished: true });
    assert_eq!(state(&orders, id), (OrderState::Filled, contracts(10)));
    assert_eq!(orders.working().count(), 0);
    let order = orders.get(id).expect("finished orders stay known");
    assert_eq!((order.sent_at, order.updated_at, order.remaining()), (at(1), at(4), Quantity::ZERO));
}

#[test]
fn a_fill_may_come_before_the_acceptance() {
    let (mut orders, id) = sent();
    orders.apply(at(2), &fill(id, "a", 4));
    assert_eq!(orders.apply(at(3), &accepted(id)), Applied::Unchanged);
    assert_eq!(state(&orders, id), (OrderState::PartiallyFilled, contracts(4)));
    orders.apply(at(4), &fill(id, "b", 6));
    assert_eq!(orders.apply(at(5), &accepted(id)), Applied::Unchanged);
    assert_eq!(state(&orders, id), (OrderState::Filled, contracts(10)));
}

#[test]
fn a_fill_counts_once() {
    let (mut orders, id) = sent();
    orders.apply(at(2), &fill(id, "a", 4));
    assert_eq!(orders.apply(at(3), &fill(id, "a", 4)), Applied::Duplicate);
    orders.apply(at(4), &cancelled(id));
    assert_eq!(orders.apply(at(5), &fill(id, "a", 4)), Applied::Duplicate, "also after the order's end");
    assert_eq!(state(&orders, id), (OrderState::Cancelled, contracts(4)));
    assert_eq!(orders.get(id).map(|order| order.updated_at), Some(at(4)));
}

#[test]
fn a_late_fill_of_a_cancelled_order_counts() {
    let (mut orders, id) = sent();
    orders.apply(at(2), &cancelled(id));
    assert_eq!(orders.apply(at(3), &fill(id, "a", 4)), Applied::Fill { order: id, finished: true });
    assert_eq!(state(&orders, id), (OrderState::Cancelled, contracts(4)));
    assert_eq!(orders.get(id).and_then(|order| order.reason), Some("requested"));
    assert_eq!(orders.apply(at(4), &fill(id, "b", 6)), Applied::Fill { order: id, finished: true });
    assert_eq!(state(&orders, id), (OrderState::Filled, contracts(10)));
    assert_eq!(orders.get(id).and_then(|order| order.reason), None, "nothing was taken off after all");
}

#[test]
fn an_expiry_is_told_from_a_cancel() {
    let (mut orders, id) = sent();
    orders.apply(at(2), &OrderUpdate::Cancelled { order: id, reason: CancelReason::Expired });
    assert_eq!(state(&orders, id).0, OrderState::Expired);
    assert_eq!(orders.apply(at(3), &cancelled(id)), Applied::Unchanged);
    assert_eq!(state(&orders, id).0, OrderState::Expired);
}

#[test]
fn a_lost_answer_is_not_a_rejection() {
    let (mut orders, id) = sent();
    assert_eq!(orders.apply(at(2), &unknown(id)), Applied::Changed { order: id, finished: false });
    assert!(orders.has_unknown_in(MARKET));
    assert!(!orders.has_unknown_in(MarketId(4)));
    assert_eq!(orders.working_in(MARKET).map(Order::remaining).sum::<Quantity>(), contracts(10));
    assert_eq!(orders.apply(at(3), &unknown(id)), Applied::Unchanged);

    for (word, end) in [
        (accepted(id), OrderState::Resting),
        (rejected(id), OrderState::Rejected),
        (cancelled(id), OrderState::Cancelled),
        (fill(id, "a", 4), OrderState::PartiallyFilled),
        (fill(id, "a", 10), OrderState::Filled),
    ] {
        let (mut orders, id) = sent();
        orders.apply(at(2), &unknown(id));
        orders.apply(at(3), &word);
        assert_eq!(state(&orders, id).0, end, "{word:?}");
        assert!(!orders.has_unknown_in(MARKET), "{word:?}");
    }
}

#[test]
fn an_order_that_is_known_to_be_in_stays_known_unless_its_cancel_is_lost() {
    let (mut orders, id) = sent();
    orders.apply(at(2), &accepted(id));
    assert_eq!(orders.apply(at(3), &unknown(id)), Applied::Unchanged);
    assert!(orders.request_cancel(at(4), id));
    assert_eq!(orders.apply(at(5), &unknown(id)), Applied::Changed { order: id, finished: false });
    assert_eq!(state(&orders, id).0, OrderState::Unknown);
    assert!(orders.request_cancel(at(6), id), "the cancel may be sent again");
    orders.apply(at(7), &cancelled(id));
    assert_eq!(orders.apply(at(8), &unknown(id)), Applied::Unchanged);
    assert_eq!(state(&orders, id).0, OrderState::Cancelled);
}

#[test]
fn a_cancel_is_sent_once_and_again_only_when_it_was_refused() {
    let (mut orders, id) = sent();
    assert!(orders.request_cancel(at(2), id));
    assert!(!orders.request_cancel(at(3), id));
    let refused = OrderUpdate::CancelRejected { order: id };
    assert_eq!(orders.apply(at(4), &refused), Applied::Changed { order: id, finished: false });
    assert_eq!(state(&orders, id).0, OrderState::Sent);
    assert_eq!(orders.apply(at(5), &refused), Applied::Unchanged);
    assert!(orders.request_cancel(at(6), id));
    orders.apply(at(7), &fill(id, "a", 10));
    assert_eq!(orders.apply(at(8), &refused), Applied::Unchanged);
    assert!(!orders.request_cancel(at(9), id), "it has ended");
    assert!(!orders.request_cancel(at(9), OrderId(99)), "nobody placed it");
}

#[test]
fn what_cannot_be_true_together_is_a_contradiction() {
    let (mut orders, id) = sent();
    orders.apply(at(2), &rejected(id));
    assert_eq!(orders.get(id).and_then(|order| order.reason), Some("insufficient_balance"));
    assert_eq!(orders.apply(at(3), &rejected(id)), Applied::Unchanged);
    assert_eq!(orders.apply(at(3), &accepted(id)), Applied::Contradiction("accepted_after_rejected"));
    assert_eq!(orders.apply(at(3), &cancelled(id)), Applied::Contradiction("cancelled_after_rejected"));
    assert_eq!(state(&orders, id), (OrderState::Rejected, Quantity::ZERO));
    assert_eq!(orders.get(id).map(|order| order.updated_at), Some(at(2)));
    assert_eq!(orders.apply(at(4), &fill(id, "a", 1)), Applied::Contradiction("filled_after_rejected"));
    assert_eq!(state(&orders, id), (OrderState::Rejected, contracts(1)), "it is counted all the same");

    let (mut orders, id) = sent();
    orders.apply(at(2), &accepted(id));
    assert_eq!(orders.apply(at(3), &rejected(id)), Applied::Contradiction("rejected_after_accepted"));
    orders.apply(at(4), &fill(id, "a", 10));
    assert_eq!(orders.apply(at(5), &cancelled(id)), Applied::Contradiction("cancelled_after_filled"));
    assert_eq!(state(&orders, id).0, OrderState::Filled);

    let (mut orders, id) = sent();
    orders.apply(at(2), &fill(id, "a", 1));
    orders.apply(at(3), &unknown(id));
    assert_eq!(orders.apply(at(4), &rejected(id)), Applied::Contradiction("rejected_after_accepted"));
    assert_eq!(state(&orders, id).0, OrderState::PartiallyFilled);
}

#[test]
fn more_than_was_asked_for_is_counted_and_contradicts() {
    let (mut orders, id) = sent();
    orders.apply(at(2), &fill(id, "a", 9));
    assert_eq!(orders.apply(at(3), &fill(id, "b", 2)), Applied::Contradiction("overfilled"));
    assert_eq!(state(&orders, id), (OrderState::Filled, contracts(11)));
    assert_eq!(orders.working().count(), 0);
    assert_eq!(orders.apply(at(4), &fill(id, "b", 2)), Applied::Duplicate);
    assert_eq!(orders.apply(at(5), &fill(id, "c", 1)), Applied::Contradiction("overfilled"));
}

#[test]
fn a_fill_has_to_fit_its_order() {
    let changed = |id, trade_id: &str, change: fn(&mut Fill)| {
        let OrderUpdate::Filled(mut fill) = fill(id, trade_id, 1) else { unreachable!("it is a fill") };
        change(&mut fill);
        OrderUpdate::Filled(fill)
    };
    let (mut orders, id) = sent();
    for (word, update) in [
        ("filled_elsewhere", changed(id, "a", |fill| fill.market = MarketId(4))),
        ("filled_elsewhere", changed(id, "b", |fill| fill.side = Side::Ask)),
        ("filled_nothing", changed(id, "c", |fill| fill.quantity = Quantity::ZERO)),
        ("filled_nothing", changed(id, "d", |fill| fill.quantity = contracts(-1))),
    ] {
        assert_eq!(orders.apply(at(2), &update), Applied::Contradiction(word));
        assert_eq!(state(&orders, id), (OrderState::Sent, Quantity::ZERO), "{word}");
    }
    let dear = changed(id, "e", |fill| fill.price = Price::from_raw(420_100));
    assert_eq!(orders.apply(at(3), &dear), Applied::Contradiction("filled_beyond_limit"));
    assert_eq!(state(&orders, id), (OrderState::PartiallyFilled, contracts(1)), "it is counted all the same");
    let at_limit = changed(id, "f", |fill| fill.price = Price::from_raw(420_000));
    assert_eq!(orders.apply(at(4), &at_limit), Applied::Fill { order: id, finished: false });
}

#[test]
fn words_about_orders_never_placed_are_told_apart() {
    let (mut orders, _) = sent();
    let stranger = OrderId(99);
    for update in [
        accepted(stranger),
        rejected(stranger),
        cancelled(stranger),
        unknown(stranger),
        fill(stranger, "a", 1),
    ] {
        assert_eq!(orders.apply(at(2), &update), Applied::UnknownOrder);
    }
    assert!(orders.get(stranger).is_none());
}

#[test]
fn an_id_never_stands_for_two_orders() {
    let (mut orders, id) = sent();
    assert_eq!(orders.place(at(2), request(id, MarketId(7))).request.market, MARKET);
    orders.apply(at(3), &cancelled(id));
    assert_eq!(orders.place(at(4), request(id, MarketId(7))).state, OrderState::Cancelled);
    assert_eq!(orders.working().count(), 0);
    assert_eq!(orders.next_id(), OrderId(2));
}

/// One word about one of a few orders, or a wish to cancel it.
#[derive(Debug, Clone)]
enum Step {
    Apply(OrderUpdate),
    Cancel(OrderId),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Four orders of which three are placed; few trade ids, so that duplicates are common.
    let step = (1..=4_u64, 0..12_u8, 0..15_u8, 0..=6_i64).prop_map(|(order, kind, trade, count)| {
        let order = OrderId(order);
        let update = match kind {
            0 => accepted(order),
            1 => rejected(order),
            2 => cancelled(order),
            3 => OrderUpdate::Cancelled { order, reason: CancelReason::Expired },
            4 => OrderUpdate::CancelRejected { order },
            5 => unknown(order),
            6 => return Step::Cancel(order),
            _ => fill(order, &trade.to_string(), count),
        };
        Step::Apply(update)
    });
    prop::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn any_sequence_of_words_keeps_the_orders_sound(steps in steps()) {
        let mut orders = Orders::default();
        for _ in 0..3 {
            let id = orders.next_id();
            orders.place(at(0), request(id, MARKET));
        }
        let mut counted: BTreeMap<OrderId, Quantity> = BTreeMap::new();
        let mut contradicted: HashSet<OrderId> = HashSet::new();
        let mut seen: HashSet<Box<str>> = HashSet::new();
        for (second, step) in (1..).zip(&steps) {
            let now = at(second);
            let update = match step {
                Step::Apply(update) => update,
                Step::Cancel(id) => {
                    let could = orders.get(*id).is_some_and(|order| order.is_working() && !order.cancel_requested);
                    prop_assert_eq!(orders.request_cancel(now, *id), could);
                    continue;
                }
            };
            let before: Vec<Order> = (1..=3).filter_map(|id| orders.get(OrderId(id)).cloned()).collect();
            let applied = orders.apply(now, update);
            let after: Vec<Order> = (1..=3).filter_map(|id| orders.get(OrderId(id)).cloned()).collect();
            if let (OrderUpdate::Filled(fill), false) = (update, applied == Applied::UnknownOrder) {
                let is_new = seen.insert(fill.trade_id.clone());
                prop_assert_eq!(is_new, applied != Applied::Duplicate);
                if is_new {
                    *counted.entry(fill.order).or_default() += fill.quantity;
                }
                if matches!(applied, Applied::Contradiction(_)) {
                    contradicted.insert(fill.order);
                }
            }
            match applied {
                Applied::Unchanged | Applied::Duplicate | Applied::UnknownOrder => prop_assert_eq!(&before, &after),
                Applied::Changed { order, finished } | Applied::Fill { order, finished } => {
                    let order = orders.get(order).expect("it changed");
                    prop_assert_eq!(finished, order.state.is_final());
                    prop_assert_eq!(order.updated_at, now);
                }
                Applied::Contradiction(_) if matches!(update, OrderUpdate::Filled(_)) => {}
                Applied::Contradiction(_) => prop_assert_eq!(&before, &after),
            }
            for (old, new) in before.iter().zip(&after) {
                let filled_up = new.state == OrderState::Filled && new.filled >= new.request.quantity;
                prop_assert!(!old.state.is_final() || new.state == old.state || filled_up, "{old:?} {new:?}");
                prop_assert!(new.filled >= old.filled);
            }
        }
        for id in (1..=3).map(OrderId) {
            let order = orders.get(id).expect("placed orders stay known");
            prop_assert_eq!(order.filled, counted.get(&id).copied().unwrap_or_default());
            prop_assert!(order.filled <= order.request.quantity || contradicted.contains(&id));
            prop_assert_eq!(orders.working().any(|working| working.request.id == id), order.is_working());
        }
    }
}
