//! Everything that can be made to go wrong.

use super::*;
use crate::exchange::server::Faults;

impl Client {
    fn fail(&self, faults: Faults) {
        self.running.set_faults(faults);
    }
}

#[tokio::test]
async fn an_order_whose_answer_is_lost_got_in() {
    let client = open().await;
    client.fail(Faults { lose_order_answer_every: 2, ..Faults::default() });
    assert_eq!(client.place(with(order("bid", "0.1000", "1"), "client_order_id", "a")).await.0, 201);
    let lost = client
        .signed(
            &Method::POST,
            "/portfolio/events/orders",
            Some(&with(order("bid", "0.1100", "1"), "client_order_id", "b")),
        )
        .send()
        .await;
    assert!(lost.is_err(), "{lost:?}");
    let (status, _) = client.place(with(order("bid", "0.1100", "1"), "client_order_id", "b")).await;
    assert_eq!(status, 409);
    assert_eq!(
        client.read("/portfolio/orders?status=resting").await["orders"].as_array().map(Vec::len),
        Some(2)
    );
}

#[tokio::test]
async fn requests_are_refused_before_anything_is_done() {
    let client = open().await;
    for (faults, expected) in [
        (Faults { server_error_every: 2, ..Faults::default() }, 503),
        (Faults { rate_limit_every: 2, ..Faults::default() }, 429),
    ] {
        client.fail(faults);
        let before = client.read("/portfolio/orders").await;
        assert_eq!(client.place(order("bid", "0.1000", "1")).await.0, expected);
        client.fail(Faults::default());
        assert_eq!(client.read("/portfolio/orders").await, before);
    }
}

#[tokio::test]
async fn the_exchanges_clock_can_be_wrong() {
    let client = open().await;
    client.fail(Faults { clock_skew_s: 3_600, ..Faults::default() });
    let answer = client.signed(&Method::GET, "/portfolio/balance", None).send().await.expect("an answer");
    let date = answer.headers()["date"].to_str().expect("text").to_owned();
    assert_eq!(answer.status().as_u16(), 401);
    let told = jiff::fmt::rfc2822::parse(&date.replace("GMT", "+0000")).expect("a date").timestamp();
    let ahead = told.as_second() - jiff::Timestamp::now().as_second();
    assert!((3_590..=3_610).contains(&ahead), "{date}");
    client.fail(Faults { clock_skew_s: -5, ..Faults::default() });
    assert_eq!(client.get("/portfolio/balance").await.0, 200, "within what is tolerated");
}

#[tokio::test]
async fn answers_can_be_late() {
    let client = open().await;
    let told = client.steer("/sim/faults", Some(json!({"delay_ms": 300}))).await;
    assert_eq!(told["delay_ms"], 300);
    let asked = std::time::Instant::now();
    client.read("/markets").await;
    assert!(asked.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn connections_break_off() {
    let client = open().await;
    let mut socket = client.stream().await;
    client.steer("/sim/faults", Some(json!({"drop_sockets_every_s": 1}))).await;
    assert_eq!(socket.next().await, None);
}

#[tokio::test]
async fn numbers_go_missing_and_fills_come_twice() {
    let client = open().await;
    client.fail(Faults { skip_sequence_every: 2, duplicate_fills: true, ..Faults::default() });
    let mut socket = client.stream().await;
    socket.subscribe(1, &["orderbook_delta", "fill"], &[MARKET]).await;
    socket.of_type("orderbook_snapshot").await;
    assert_eq!(client.place(order("bid", "0.4600", "15")).await.0, 201);
    let mut numbers = Vec::new();
    let mut fills = Vec::new();
    while numbers.len() < 2 || fills.len() < 4 {
        let frame = socket.next().await.expect("the connection lives");
        match frame["type"].as_str() {
            Some("orderbook_delta") => numbers.push(frame["seq"].as_u64().expect("a number")),
            Some("fill") => fills.push(frame["msg"]["trade_id"].clone()),
            _ => {}
        }
    }
    assert_eq!(numbers[..2], [2, 4], "the second numbered frame skips one");
    assert!(fills[0] == fills[1] && fills[2] == fills[3] && fills[0] != fills[2], "{fills:?}");
}

#[tokio::test]
async fn a_pause_stops_orders_and_a_longer_one_cancels_too() {
    let client = open().await;
    let (_, placed) = client.place(order("bid", "0.1000", "1")).await;
    let path = format!("/portfolio/events/orders/{}", placed["order_id"].as_str().expect("an id"));
    client.steer("/sim/pause", Some(json!({"exchange": true}))).await;
    assert_eq!(client.ask(Method::DELETE, &path, None).await.0, 400);
    assert_eq!(client.read("/exchange/status").await["exchange_active"], false);
    client.steer("/sim/pause", Some(json!({"trading": true}))).await;
    let (status, body) = client.place(order("bid", "0.1000", "1")).await;
    assert_eq!((status, &body["error"]["details"]), (400, &json!("TRADING_PAUSED")));
    let status = client.read("/exchange/status").await;
    assert_eq!((&status["exchange_active"], &status["trading_active"]), (&json!(true), &json!(false)));
    assert_eq!(client.ask(Method::DELETE, &path, None).await.0, 200);
    client.steer("/sim/pause", Some(json!({}))).await;
    assert_eq!(client.place(order("bid", "0.1000", "1")).await.0, 201);
}

#[tokio::test]
async fn it_ends_when_it_is_told_to() {
    let client = open().await;
    let mut socket = client.stream().await;
    let Client { running, http, .. } = client;
    let rest = running.rest();
    tokio::time::timeout(Duration::from_secs(5), running.shutdown()).await.expect("it ends soon");
    assert_eq!(socket.next().await, None);
    assert!(http.get(format!("{rest}/markets")).send().await.is_err());
}
