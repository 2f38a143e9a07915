//! Every kind of frame that the simulated exchange sends.

use crate::exchange::{Exchange, MARKET, OTHER, wall};
use crate::{described, faults};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// The schema of each type. `ok` has two: what it acknowledges, and a list of subscriptions.
fn schema(frame: &Value) -> &'static str {
    match frame["type"].as_str().expect("a type") {
        "subscribed" => "subscribedResponsePayload",
        "ok" if frame["msg"].is_array() => "listSubscriptionsResponsePayload",
        "ok" => "okResponsePayload",
        "unsubscribed" => "unsubscribedResponsePayload",
        "error" => "errorResponsePayload",
        "orderbook_snapshot" => "orderbookSnapshotPayload",
        "orderbook_delta" => "orderbookDeltaPayload",
        "ticker" => "tickerPayload",
        "trade" => "tradePayload",
        "fill" => "fillPayload",
        "user_order" => "userOrderPayload",
        "market_position" => "marketPositionPayload",
        "order_group_updates" => "orderGroupUpdatesPayload",
        "market_lifecycle_v2" => "marketLifecycleV2Payload",
        "event_fee_update" => "eventFeeUpdatePayload",
        other => panic!("a frame of an unknown type {other}: {frame}"),
    }
}

/// What is sent at all: types, with the step where a market's life is told.
const KINDS: [&str; 23] = [
    "error",
    "event_fee_update",
    "fill",
    "listed",
    "market_lifecycle_v2 activated",
    "market_lifecycle_v2 close_date_updated",
    "market_lifecycle_v2 created",
    "market_lifecycle_v2 deactivated",
    "market_lifecycle_v2 determined",
    "market_lifecycle_v2 price_level_structure_updated",
    "market_lifecycle_v2 settled",
    "market_position",
    "ok",
    "order_group_updates created",
    "order_group_updates triggered",
    "orderbook_delta",
    "orderbook_snapshot",
    "subscribed",
    "ticker",
    "trade",
    "unsubscribed",
    "user_order canceled",
    "user_order resting",
];

fn kind(frame: &Value) -> String {
    let kind = frame["type"].as_str().expect("a type");
    match kind {
        "ok" if frame["msg"].is_array() => "listed".to_owned(),
        "market_lifecycle_v2" | "order_group_updates" => {
            format!("{kind} {}", frame["msg"]["event_type"].as_str().expect("a step"))
        }
        "user_order" => format!("{kind} {}", frame["msg"]["status"].as_str().expect("a status")),
        _ => kind.to_owned(),
    }
}

#[tokio::test]
async fn every_frame_is_one_that_the_exchange_describes() {
    let Some(description) = described("asyncapi-2026-07.yaml") else { return };
    let exchange = Exchange::open().await;
    let mut request = exchange.running.ws().into_client_request().expect("a URL");
    for (name, value) in exchange.credentials.headers(wall(), "GET", "/trade-api/ws/v2") {
        request.headers_mut().insert(name, value.parse().expect("a header"));
    }
    let (mut socket, _) = connect_async(request).await.expect("the handshake succeeds");
    let account = ["fill", "user_orders", "market_positions", "order_group_updates", "market_lifecycle_v2"];
    for command in [
        json!({"id": 1, "cmd": "subscribe", "params": {
            "channels": ["orderbook_delta", "ticker", "trade"], "market_tickers": [MARKET], "use_yes_price": true,
            "send_initial_snapshot": true}}),
        json!({"id": 2, "cmd": "subscribe", "params": {"channels": account}}),
        json!({"id": 3, "cmd": "update_subscription", "params": {
            "sids": [1], "action": "add_markets", "market_tickers": [OTHER]}}),
        json!({"id": 4, "cmd": "update_subscription", "params": {
            "sids": [1], "action": "get_snapshot", "market_tickers": [MARKET]}}),
        json!({"id": 5, "cmd": "list_subscriptions"}),
        json!({"id": 6, "cmd": "subscribe", "params": {"channels": ["ticker_v2"]}}),
        json!({"id": 7, "cmd": "unsubscribe", "params": {"sids": [3]}}),
        json!({"id": 8, "cmd": "subscribe", "params": {"channels": ["trade"]}}),
    ] {
        socket.send(Message::text(command.to_string())).await.expect("the command is sent");
    }

    let mut seen = BTreeSet::new();
    let mut provoked = false;
    while !KINDS.iter().all(|kind| seen.contains(*kind)) {
        let next = tokio::time::timeout(Duration::from_secs(30), socket.next()).await;
        let missing: Vec<_> = KINDS.iter().filter(|kind| !seen.contains(**kind)).collect();
        let message =
            next.unwrap_or_else(|_| panic!("never sent: {missing:?}")).expect("the connection lives");
        let Message::Text(text) = message.expect("the connection lives") else { continue };
        let frame: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(faults(&description, schema(&frame), &frame), Vec::<String>::new(), "{frame}");
        // The last command has been answered, so everything is followed from here on.
        if frame["id"] == 8 && !provoked {
            provoked = true;
            provoke(&exchange).await;
        }
        seen.insert(kind(&frame));
    }
}

/// Lets everything happen that is told in a frame.
async fn provoke(exchange: &Exchange) {
    let (status, group) =
        exchange.ask("POST", "/portfolio/order_groups/create", Some(&json!({"contracts_limit": 100}))).await;
    assert_eq!(status, 201, "{group}");
    let id = group["order_group_id"].as_str().expect("an id");
    let order = json!({
        "ticker": MARKET, "side": "bid", "price": "0.4500", "count": "12.50", "client_order_id": "kb-1-1",
        "order_group_id": id, "time_in_force": "good_till_canceled", "self_trade_prevention_type": "taker_at_cross",
        "expiration_time": wall().micros() / 1_000_000 + 3_600,
    });
    let (status, placed) = exchange.ask("POST", "/portfolio/events/orders", Some(&order)).await;
    assert_eq!(status, 201, "{placed}");
    let (status, body) = exchange.ask("PUT", &format!("/portfolio/order_groups/{id}/trigger"), None).await;
    assert_eq!(status, 200, "{body}");
    exchange.running.control(|exchange, _, now| {
        exchange.list(now, crate::exchange::spec("KXTEST-26NOV23-C", now));
    });
    for action in ["pause", "activate", "grid?step=0.001", "settle?result=yes"] {
        exchange.steer(&format!("/sim/market/{MARKET}/{action}")).await;
    }
}
