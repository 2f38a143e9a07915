//! The WebSocket, over its port.

use super::*;
use crate::exchange::generated::{GeneratedMarkets, GeneratedSettings, Mix};
use crate::exchange::server::Tier;
use crate::market::Book;
use crate::market::Side;
use std::collections::HashMap;
use std::num::NonZeroU32;

#[tokio::test]
async fn nobody_gets_in_without_a_signature() {
    let client = open().await;
    let refused = connect_async(client.running.ws()).await.expect_err("no signature");
    let Error::Http(answer) = refused else { panic!("{refused}") };
    assert_eq!(answer.status().as_u16(), 401);
}

#[tokio::test]
async fn an_accounts_order_is_told_on_every_channel() {
    let client = open().await;
    let mut socket = client.stream().await;
    let own = ["fill", "user_orders", "market_positions", "order_group_updates", "market_lifecycle_v2"];
    socket.subscribe(1, &["orderbook_delta", "trade", "ticker"], &[MARKET]).await;
    socket.subscribe(2, &own, &[]).await;
    for sid in 1..=8 {
        assert_eq!(socket.of_type("subscribed").await["msg"]["sid"], sid);
    }
    let (status, _) = client.place(with(order("bid", "0.4500", "12"), "client_order_id", "kb-1-7")).await;
    assert_eq!(status, 201);
    let mut seen: HashMap<String, Value> = HashMap::new();
    while seen.len() < 6 {
        let frame = socket.next().await.expect("the connection lives");
        let kind = frame["type"].as_str().expect("a type").to_owned();
        seen.insert(kind, frame);
    }
    let fill = &seen["fill"]["msg"];
    assert_eq!((&fill["client_order_id"], &fill["post_position_fp"]), (&json!("kb-1-7"), &json!("10.00")));
    assert_eq!(seen["trade"]["msg"]["taker_book_side"], "bid");
    assert_eq!(seen["market_position"]["msg"]["position_fp"], "10.00");
    assert_eq!(seen["user_order"]["msg"]["status"], "resting");
    assert_eq!(
        seen["orderbook_delta"]["msg"]["client_order_id"], "kb-1-7",
        "the rest of the order, told last"
    );
    assert_eq!(seen["ticker"]["msg"]["yes_bid_dollars"], "0.4500");
}

#[tokio::test]
async fn a_markets_life_is_told() {
    let client = open().await;
    let mut socket = client.stream().await;
    socket.subscribe(1, &["market_lifecycle_v2"], &[]).await;
    socket.of_type("subscribed").await;
    let new = "KXTEST-26NOV23-C";
    client.list(new, 0);
    for (action, body) in [
        ("pause", None),
        ("activate", None),
        ("grid?step=0.001", None),
        ("grid", Some(json!({"price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}]}))),
        ("settle?result=no", None),
    ] {
        client.steer(&format!("/sim/market/{new}/{action}"), body).await;
    }
    let mut told = Vec::new();
    for seq in 1..=7 {
        let frame = socket.of_type("market_lifecycle_v2").await;
        assert_eq!(frame["seq"], seq, "{frame}");
        told.push(frame["msg"]["event_type"].as_str().expect("a step").to_owned());
    }
    let grid = "price_level_structure_updated";
    assert_eq!(told, ["created", "deactivated", "activated", grid, grid, "close_date_updated", "determined"]);
}

/// Books built from the frames alone end up as the exchange's, however fast they come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deltas_add_up_to_the_exchanges_books() {
    let start = crate::exchange::server::clock::wall();
    let generated = GeneratedSettings {
        markets: 12,
        start,
        duration: Duration::from_mins(10),
        mix: Mix::QuarterHour,
        ..GeneratedSettings::default()
    };
    let client = started(ServerSettings {
        source: Some(Box::new(GeneratedMarkets::new(&generated))),
        start: Some(start),
        speed: NonZeroU32::new(60).expect("above zero"),
        tier: Tier::Unlimited,
        ..ServerSettings::default()
    })
    .await;
    let tickers: Vec<String> = loop {
        let tickers = client.running.control(|exchange, _, _| {
            exchange.markets().map(|view| view.spec.ticker.clone()).collect::<Vec<_>>()
        });
        if tickers.len() == 12 {
            break tickers;
        }
        tokio::task::yield_now().await;
    };
    let wanted: Vec<&str> = tickers.iter().map(String::as_str).collect();
    let mut socket = client.stream().await;
    socket.subscribe(1, &["orderbook_delta"], &wanted).await;
    socket.of_type("subscribed").await;
    let mut books: HashMap<String, Book> = HashMap::new();
    let mut inbound = crate::gateway::inbound::Inbound::new(true);
    let mut last = 0;
    let mut deltas = 0;
    // The markets stop after ten minutes of their time, which is ten seconds of ours.
    while deltas < 20_000 {
        let frame = socket.next().await.expect("the connection lives");
        let seq = frame["seq"].as_u64().expect("a number");
        assert_eq!(seq, last + 1, "{frame}");
        last = seq;
        let text = frame.to_string();
        match inbound.translate(text.as_bytes()).expect("a frame").event() {
            Some(Event::Snapshot { ticker, bids, asks, .. }) => {
                books.entry(ticker.to_owned()).or_default().replace(bids, asks).expect("a sound book");
            }
            Some(Event::Delta { ticker, side, price, change, .. }) => {
                deltas += 1;
                let book = books.get_mut(ticker).expect("its snapshot came first");
                book.apply(side, price, change).expect("a sound change");
            }
            other => panic!("{other:?}"),
        }
    }
    let get_snapshot = json!({
        "id": 5, "cmd": "update_subscription",
        "params": {"sid": 1, "action": "get_snapshot", "market_tickers": wanted},
    });
    socket.say(get_snapshot).await;
    let mut compared = 0;
    while compared < wanted.len() {
        let frame = socket.next().await.expect("the connection lives");
        let text = frame.to_string();
        match inbound.translate(text.as_bytes()).expect("a frame").event() {
            Some(Event::Delta { ticker, side, price, change, .. }) => {
                let book = books.get_mut(ticker).expect("its snapshot came first");
                book.apply(side, price, change).expect("a sound change");
            }
            Some(Event::Snapshot { ticker, bids, asks, .. }) => {
                assert_eq!(frame["id"], 5);
                let mut whole = Book::default();
                whole.replace(bids, asks).expect("a sound book");
                for side in [Side::Bid, Side::Ask] {
                    assert!(books[ticker].levels(side).eq(whole.levels(side)), "{ticker}");
                }
                compared += 1;
            }
            other => panic!("{other:?}"),
        }
    }
}
