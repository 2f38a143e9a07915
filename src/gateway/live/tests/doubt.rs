//! Answers that were lost: the order is neither in nor out until the exchange has been asked.

use super::*;

fn unknown(order: OrderId) -> Told {
    Told::Update(OrderUpdate::Unknown { order })
}

/// A gateway whose order's answer was lost, and which has begun to ask. The account is shown as of `as_of` seconds
/// after the loss.
async fn in_doubt(time_in_force: TimeInForce, as_of: i64) -> (Desk, OrderId) {
    let mut desk = Desk::open().await;
    let as_of = START.micros() / 1_000_000 + as_of;
    let shown = json!({"as_of_time": Timestamp::from_secs(as_of)});
    desk.exchange.always("GET /exchange/user_data_timestamp", 200, shown);
    desk.exchange.answer("POST /portfolio/events/orders", 503, json!({"error": "try later"}));
    let order = desk.send(time_in_force);
    assert_eq!(desk.answer().await, [unknown(order)]);
    (desk, order)
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_found_by_our_name_for_it() {
    let (mut desk, order) = in_doubt(RESTING, 1).await;
    assert_eq!(desk.answer().await, [], "a first look that finds nothing proves nothing");
    let page = json!({"orders": [Desk::order_body(order, "resting", "0.00")], "cursor": ""});
    desk.exchange.answer("GET /portfolio/orders", 200, page);
    desk.wait(Duration::from_secs(1));
    assert_eq!(desk.answer().await, [accepted(order)]);
    assert_eq!(desk.gateway.open_orders(), 1);
    assert_eq!(desk.exchange.count("POST /portfolio/events/orders"), 1, "it is never sent again");
}

#[tokio::test]
async fn a_lost_order_that_was_filled_meanwhile_is_booked_before_its_end() {
    let (mut desk, order) = in_doubt(IOC, 1).await;
    let page = json!({"orders": [Desk::order_body(order, "canceled", "4.00")], "cursor": ""});
    desk.answer().await;
    desk.exchange.answer("GET /portfolio/orders", 200, page);
    desk.exchange.answer(
        "GET /portfolio/fills",
        200,
        json!({"fills": [Desk::fill_body("t1", "4.00")], "cursor": ""}),
    );
    desk.wait(Duration::from_secs(1));
    let told = desk.answer().await;
    assert_eq!(fills(&told), [ten("t1", "4.00")]);
    assert_eq!(told.last(), Some(&cancelled(order, CancelReason::ImmediateOrCancel)));
}

#[tokio::test]
async fn an_order_never_arrived_only_after_several_later_reads_over_five_seconds() {
    let (mut desk, order) = in_doubt(IOC, 1).await;
    for second in 1..=5 {
        assert_eq!(desk.answer().await, [], "second {second}");
        desk.wait(Duration::from_secs(1));
    }
    assert_eq!(desk.answer().await, [rejected(order, RejectReason::Other)]);
    assert_eq!(desk.gateway.open_orders(), 0);
}

#[tokio::test]
async fn reads_that_show_the_account_before_the_loss_prove_nothing() {
    let (mut desk, _) = in_doubt(IOC, 0).await;
    for _ in 0..20 {
        assert_eq!(desk.answer().await, []);
        desk.wait(Duration::from_secs(1));
    }
    assert_eq!(desk.gateway.open_orders(), 1);
}

#[tokio::test]
async fn a_fill_over_the_stream_proves_that_a_lost_order_got_in() {
    let (mut desk, order) = in_doubt(IOC, 1).await;
    let fill = Desk::fill_frame("t1", order, "4.00");
    assert_eq!(fills(&desk.hear(&fill)), [ten("t1", "4.00")]);
    for _ in 0..10 {
        assert_eq!(desk.answer().await, [], "however often it isn't shown");
        desk.wait(Duration::from_secs(1));
    }
    assert_eq!(desk.gateway.open_orders(), 1);
}

#[tokio::test]
async fn a_name_that_the_exchange_knows_is_the_order_that_got_in_before() {
    let mut desk = Desk::open().await;
    let shown = json!({"as_of_time": START + Duration::from_secs(1)});
    desk.exchange.always("GET /exchange/user_data_timestamp", 200, shown);
    desk.exchange.answer(
        "POST /portfolio/events/orders",
        409,
        json!({"error": {"code": "conflict", "message": ""}}),
    );
    let order = desk.send(RESTING);
    assert_eq!(desk.answer().await, [unknown(order)]);
    for _ in 0..8 {
        assert_eq!(desk.answer().await, [], "it exists, so its absence proves nothing");
        desk.wait(Duration::from_secs(1));
    }
    desk.answer().await;
    let page = json!({"orders": [Desk::order_body(order, "resting", "0.00")], "cursor": ""});
    desk.exchange.answer("GET /portfolio/orders", 200, page);
    desk.wait(Duration::from_secs(1));
    assert_eq!(desk.answer().await, [accepted(order)]);
}

#[tokio::test]
async fn a_cancel_whose_answer_was_lost_leaves_the_order_unknown_until_it_is_shown() {
    let mut desk = Desk::open().await;
    desk.exchange.answer("POST /portfolio/events/orders", 201, created("0.00", "10.00"));
    let order = desk.send(RESTING);
    desk.answer().await;
    desk.exchange.answer("DELETE /portfolio/events/orders/o1", 500, json!({}));
    desk.exchange.answer(
        "GET /portfolio/orders/o1",
        200,
        json!({"order": Desk::order_body(order, "resting", "0.00")}),
    );
    desk.take_off(order);
    assert_eq!(desk.answer().await, [unknown(order)]);
    assert_eq!(desk.answer().await, [accepted(order)], "it stands, and may be cancelled again");
    desk.exchange.answer(
        "DELETE /portfolio/events/orders/o1",
        200,
        json!({"order_id": "o1", "reduced_by": "10.00", "ts_ms": 1}),
    );
    desk.take_off(order);
    assert_eq!(desk.answer().await, [cancelled(order, CancelReason::Requested)]);
}
