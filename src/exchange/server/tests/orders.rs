//! An order's life over REST.

use super::*;

#[tokio::test]
async fn an_order_fills_rests_and_comes_off() {
    let client = open().await;
    let (status, placed) =
        client.place(with(order("bid", "0.4500", "15"), "client_order_id", "kb-1-1")).await;
    assert_eq!(status, 201, "{placed}");
    assert_eq!((&placed["fill_count"], &placed["remaining_count"]), (&json!("10.00"), &json!("5.00")));
    assert_eq!(placed["average_fill_price"], "0.4500");
    let id = placed["order_id"].as_str().expect("an id").to_owned();

    let (status, again) = client.place(with(order("bid", "0.4500", "15"), "client_order_id", "kb-1-1")).await;
    assert_eq!((status, &again["error"]["code"]), (409, &json!("conflict")), "the first one got in");

    let fills = client.read("/portfolio/fills").await;
    assert_eq!(fills["fills"][0]["order_id"], json!(id));
    assert_eq!(fills["fills"][0]["yes_price_dollars"], "0.4500");
    let positions = client.read("/portfolio/positions").await;
    assert_eq!(positions["market_positions"][0]["position_fp"], "10.00");
    assert_eq!(positions["event_positions"][0]["event_ticker"], "KXTEST-26NOV23");
    let balance = client.read("/portfolio/balance").await;
    // 4.50 and a fee of 0.1733 are paid; 2.25 and at most 0.0868 of fees are set aside for what rests.
    assert_eq!(balance["balance_dollars"], "9992.989900");
    assert_eq!(
        client.read("/portfolio/summary/total_resting_order_value").await["total_resting_order_value"],
        233
    );
    let queue = client.read(&format!("/portfolio/orders/queue_positions?market_tickers={MARKET}")).await;
    assert_eq!(queue["queue_positions"][0]["queue_position_fp"], "0.00");

    let (status, decreased) = client
        .ask(
            Method::POST,
            &format!("/portfolio/events/orders/{id}/decrease"),
            Some(json!({"reduce_by": "2"})),
        )
        .await;
    assert_eq!((status, &decreased["remaining_count"]), (200, &json!("3.00")), "{decreased}");
    let amend = with(
        with(order("bid", "0.4100", "14"), "updated_client_order_id", "kb-1-2"),
        "client_order_id",
        "kb-1-1",
    );
    let (status, amended) =
        client.ask(Method::POST, &format!("/portfolio/events/orders/{id}/amend"), Some(amend)).await;
    assert_eq!((status, &amended["remaining_count"]), (200, &json!("4.00")), "{amended}");

    let (status, canceled) =
        client.ask(Method::DELETE, &format!("/portfolio/events/orders/{id}"), None).await;
    assert_eq!((status, &canceled["reduced_by"]), (200, &json!("4.00")), "{canceled}");
    assert_eq!(canceled["client_order_id"], "kb-1-2");
    assert_eq!(client.ask(Method::DELETE, &format!("/portfolio/events/orders/{id}"), None).await.0, 404);
    let read = client.read(&format!("/portfolio/orders/{id}")).await;
    assert_eq!(read["order"]["status"], "canceled");
    assert_eq!(client.read("/portfolio/orders?status=resting").await["orders"], json!([]));
}

#[tokio::test]
async fn refusals_have_their_status_and_code() {
    let client = open().await;
    let cases = [
        (order("bid", "0.4550", "1"), 400, "invalid_price"),
        (order("bid", "0.4000", "0"), 400, "invalid_order_size"),
        (order("bid", "0.4000", "1000000"), 400, "available_balance_too_low"),
        (with(order("bid", "0.4500", "1"), "post_only", true), 400, "invalid_order"),
        (with(order("bid", "0.4500", "99"), "time_in_force", "fill_or_kill"), 400, "invalid_order"),
        (with(order("bid", "0.4000", "1"), "expiration_time", 1), 400, "invalid_order"),
        (with(order("bid", "0.4000", "1"), "client_order_id", "no spaces"), 400, "invalid_order"),
        (with(order("bid", "0.4000", "1"), "order_group_id", "none"), 404, "not_found"),
        (with(order("bid", "0.4000", "1"), "exchange_index", 2), 400, "invalid_order"),
        (with(order("bid", "0.4000", "1"), "subaccount", 3), 400, "bad_request"),
        (with(order("bid", "0.4000", "1"), "ticker", "KXNONE"), 404, "not_found"),
        (with(order("bid", "0.4000", "1"), "side", "yes"), 400, "bad_request"),
        (json!({"ticker": MARKET}), 400, "bad_request"),
    ];
    for (order, status, code) in cases {
        let (answered, body) = client.place(order.clone()).await;
        assert_eq!((answered, body["error"]["code"].as_str()), (status, Some(code)), "{order}: {body}");
    }
    let open_shard = with(order("bid", "0.1000", "1"), "exchange_index", -1);
    assert_eq!(client.place(open_shard).await.0, 201, "-1 leaves the shard to the exchange");
}

#[tokio::test]
async fn what_went_before_is_gone() {
    let client = open().await;
    for (method, path) in [
        (Method::POST, "/portfolio/orders"),
        (Method::DELETE, "/portfolio/orders/x"),
        (Method::POST, "/portfolio/orders/x/amend"),
        (Method::POST, "/portfolio/orders/batched"),
    ] {
        let (status, body) = client.ask(method, path, Some(json!({}))).await;
        assert_eq!((status, &body["error"]["code"]), (410, &json!("deprecated_v1_order_endpoint")), "{path}");
    }
    assert_eq!(client.get("/communications/id").await.0, 404);
}

#[tokio::test]
async fn cash_lies_on_its_shard_and_cancels_need_their_way() {
    let cash = vec![(0, crate::units::Money::from_dollars(100)), (2, crate::units::Money::from_dollars(5))];
    let client =
        started(ServerSettings { cash, tier: super::super::Tier::Unlimited, ..ServerSettings::default() })
            .await;
    client.list("KXCOIN-26NOV23-A", 2);
    let coin = |count: &str| with(order("bid", "0.4000", count), "ticker", "KXCOIN-26NOV23-A");
    assert_eq!(client.place(coin("20")).await.1["error"]["code"], "available_balance_too_low");
    let (status, placed) = client.place(coin("10")).await;
    assert_eq!(status, 201, "{placed}");
    let path = format!("/portfolio/events/orders/{}", placed["order_id"].as_str().expect("an id"));
    assert_eq!(client.ask(Method::DELETE, &path, None).await.0, 404, "an id alone leads to shard 0");
    let headers = client.signed(&Method::DELETE, &path, None).query(&[("market_ticker", "KXCOIN-26NOV23-A")]);
    assert_eq!(answered(headers).await.0, 200);
    let balance = client.read("/portfolio/balance?exchange_index=2").await;
    assert_eq!(balance["balance"], 500);
}

#[tokio::test]
async fn batches_tell_of_each_order() {
    let client = open().await;
    let path = "/portfolio/events/orders/batched";
    let batch = json!({"orders": [order("bid", "0.1000", "1"), order("bid", "0.1050", "1")]});
    let (status, body) = client.ask(Method::POST, path, Some(batch)).await;
    assert_eq!(status, 201);
    assert_eq!(body["orders"][1]["error"]["code"], "invalid_price");
    let id = body["orders"][0]["order_id"].clone();
    let batch = json!({"orders": [{"order_id": id}, {"order_id": "nobody's"}]});
    let (status, body) = client.ask(Method::DELETE, path, Some(batch)).await;
    assert_eq!(status, 200);
    assert_eq!(body["orders"][0]["reduced_by"], "1.00");
    assert_eq!(body["orders"][1]["error"]["code"], "not_found");
    client.place(order("bid", "0.2000", "1")).await;
    assert_eq!(client.ask(Method::DELETE, "/portfolio/events/orders", None).await, (204, Value::Null));
    assert_eq!(client.read("/portfolio/orders?status=resting").await["orders"], json!([]));
}

#[tokio::test]
async fn a_group_brakes_what_is_in_it() {
    let client = open().await;
    let (status, made) =
        client.ask(Method::POST, "/portfolio/order_groups/create", Some(json!({"contracts_limit": 5}))).await;
    assert_eq!(status, 201, "{made}");
    let id = made["order_group_id"].as_str().expect("an id");
    let grouped = with(order("bid", "0.2000", "1"), "order_group_id", id);
    assert_eq!(client.place(grouped.clone()).await.0, 201);
    let one = client.read(&format!("/portfolio/order_groups/{id}")).await;
    assert_eq!(one["orders"].as_array().map(Vec::len), Some(1));
    let path = |action: &str| format!("/portfolio/order_groups/{id}{action}");
    assert_eq!(client.ask(Method::PUT, &path("/trigger"), None).await, (200, json!({})));
    let (status, body) = client.place(grouped.clone()).await;
    assert_eq!((status, &body["error"]["details"]), (400, &json!("EXCEEDED_ORDER_GROUP_RISK_LIMIT")));
    assert_eq!(client.ask(Method::PUT, &path("/reset"), None).await.0, 200);
    assert_eq!(client.place(grouped).await.0, 201);
    let limit = Some(json!({"contracts_limit_fp": "7.00"}));
    assert_eq!(client.ask(Method::PUT, &path("/limit"), limit).await.0, 200);
    let list = client.read("/portfolio/order_groups").await;
    assert_eq!(list["order_groups"][0]["contracts_limit_fp"], "7.00");
    assert_eq!(client.ask(Method::DELETE, &path(""), None).await.0, 200);
    assert_eq!(client.get(&path("")).await.0, 404);
}

#[tokio::test]
async fn a_quiet_market_wakes_when_it_is_traded() {
    let settings = ServerSettings {
        quiet_markets: 30,
        tier: super::super::Tier::Unlimited,
        ..ServerSettings::default()
    };
    let client = started(settings).await;
    let ticker = "KXQUIETVOTE-E1-T3";
    let book = client.read(&format!("/markets/{ticker}/orderbook")).await;
    let taker =
        with(with(order("bid", "0.9900", "5"), "ticker", ticker), "time_in_force", "immediate_or_cancel");
    let (status, placed) = client.place(taker).await;
    assert_eq!((status, &placed["fill_count"]), (201, &json!("5.00")), "{placed} on {book}");
    let after = client.read(&format!("/markets/{ticker}/orderbook")).await;
    assert_ne!(book, after, "what was taken is gone");
    let all = client.read("/markets?limit=1000").await;
    assert_eq!(all["markets"].as_array().map(Vec::len), Some(30), "it is still listed once");
}

#[tokio::test]
async fn a_settled_market_pays() {
    let client = started(ServerSettings {
        exchange: crate::exchange::core::ExchangeSettings {
            settlement_timer: Duration::ZERO,
            ..ServerSettings::default().exchange
        },
        tier: super::super::Tier::Unlimited,
        ..ServerSettings::default()
    })
    .await;
    client.list(MARKET, 0);
    client.place(order("bid", "0.4500", "10")).await;
    let told = client.steer(&format!("/sim/market/{MARKET}/settle?result=yes"), None).await;
    assert_eq!(told["market"]["result"], "yes", "{told}");
    let settlements = client.read("/portfolio/settlements").await;
    assert_eq!(settlements["settlements"][0]["revenue"], 1_000, "{settlements}");
    assert_eq!(client.read("/portfolio/positions").await["market_positions"], json!([]));
    let settled = client.read("/portfolio/positions?settlement_status=settled").await;
    assert_eq!(settled["market_positions"].as_array().map(Vec::len), Some(1));
    let (status, body) = client.place(order("bid", "0.4500", "10")).await;
    assert_eq!((status, &body["error"]["details"]), (400, &json!("MARKET_ALREADY_CLOSED")));
}
