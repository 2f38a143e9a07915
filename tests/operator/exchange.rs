//! An exchange with three markets and one account. It answers with the bodies of the real one and can be told to
//! misbehave: to trail, to keep what should go, to take nothing.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::thread;

/// The only key that the exchange knows.
pub(crate) const KEY: &str = "key-of-the-operator";
/// What it says to others.
const STRANGER: &str = r#"{"error":{"code":"authentication_error","message":"who?","details":"NOT_FOUND"}}"#;

/// How the exchange behaves, and what the account has.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// Resting orders: id, client order id, ticker.
    pub(crate) orders: Vec<[&'static str; 3]>,
    /// Positions: ticker, contracts, cost.
    pub(crate) positions: Vec<(&'static str, i64, &'static str)>,
    /// Cancels are answered with success and nothing goes.
    pub(crate) keeps_orders: bool,
    /// So many readings after a change show what was before.
    pub(crate) trails: usize,
    /// Sales fill nothing.
    pub(crate) takes_nothing: bool,
    /// Cancelled, to be shown to readings that trail.
    pub(crate) gone: Vec<[&'static str; 3]>,
    /// What was asked: method, path, body.
    pub(crate) requests: Vec<(String, String, Value)>,
}

/// A running exchange. It ends with the process.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    /// Where it answers.
    pub(crate) url: String,
    world: Arc<Mutex<World>>,
}

impl Exchange {
    /// What it is like now.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no panic under the lock")
    }

    /// The requests that changed something.
    pub(crate) fn changes(&self) -> Vec<(String, String, Value)> {
        self.world().requests.iter().filter(|request| request.0 != "GET").cloned().collect()
    }
}

/// Starts an exchange.
pub(crate) fn start(world: World) -> Exchange {
    let world = Arc::new(Mutex::new(world));
    let (sender, receiver) = mpsc::channel();
    let served = Arc::clone(&world);
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            sender.send(listener.local_addr().expect("an address")).expect("waited for");
            let router = Router::new().fallback(answer).with_state(served);
            axum::serve(listener, router).await.expect("serves");
        });
    });
    let address = receiver.recv().expect("started");
    Exchange { url: format!("http://{address}/trade-api/v2"), world }
}

async fn answer(State(world): State<Arc<Mutex<World>>>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let path = parts.uri.path().trim_start_matches("/trade-api/v2").to_owned();
    let query = parts.uri.query().unwrap_or_default();
    let mut world = world.lock().expect("no panic under the lock");
    world.requests.push((parts.method.to_string(), path.clone(), body.clone()));
    let is_private = path.starts_with("/portfolio") || path == "/account/limits";
    let key = parts.headers.get("KALSHI-ACCESS-KEY").and_then(|key| key.to_str().ok());
    if is_private && key != Some(KEY) {
        return (StatusCode::UNAUTHORIZED, STRANGER).into_response();
    }
    let said = if is_private {
        private(&mut world, &parts.method, &path, query, &body)
    } else {
        public(&path, query)
    };
    match said {
        Some(Value::Null) => StatusCode::NO_CONTENT.into_response(),
        Some(body) => axum::Json(body).into_response(),
        None => {
            let body = json!({ "error": { "code": "not_found", "message": "not found" } });
            (StatusCode::NOT_FOUND, axum::Json(body)).into_response()
        }
    }
}

/// The value of a name in a query.
fn value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|pair| pair.0 == name).map(|pair| pair.1)
}

fn private(world: &mut World, method: &Method, path: &str, query: &str, body: &Value) -> Option<Value> {
    match (method.as_str(), path) {
        ("GET", "/account/limits") => {
            let bucket = json!({ "refill_rate": 10_000, "bucket_capacity": 10_000 });
            Some(json!({ "usage_tier": "prime", "read": bucket, "write": bucket }))
        }
        ("GET", "/portfolio/balance") => Some(json!({
            "balance": 10_417, "balance_dollars": "104.1763", "portfolio_value": 2_300,
            "updated_ts": 1_795_370_000,
            "balance_breakdown": [{ "exchange_index": 0, "balance": "90.1763" }, { "exchange_index": 2, "balance": "14.0000" }],
        })),
        ("GET", "/portfolio/positions") => {
            Some(json!({ "market_positions": positions(world), "cursor": "" }))
        }
        ("GET", "/portfolio/settlements") => Some(json!({ "settlements": [{
            "ticker": "KXRAIN-26NOV21-NYC", "exchange_index": 0, "event_ticker": "KXRAIN-26NOV21",
            "market_result": "yes", "yes_count_fp": "12.50", "yes_total_cost_dollars": "10.8750",
            "no_count_fp": "0.00", "no_total_cost_dollars": "0.0000", "revenue": 1_250,
            "settled_time": "2026-11-22T00:00:00Z", "fee_cost": "0.1100",
        }], "cursor": "" })),
        ("GET", "/portfolio/fills") => Some(fills(query)),
        ("GET", "/portfolio/orders/queue_positions") => {
            let places = world.orders.iter().map(|[id, _, ticker]| {
                json!({ "order_id": id, "market_ticker": ticker, "queue_position_fp": "120.50" })
            });
            Some(json!({ "queue_positions": places.collect::<Vec<_>>() }))
        }
        ("GET", "/portfolio/orders") => {
            let mut listed = world.orders.clone();
            if world.trails > 0 && !world.gone.is_empty() {
                world.trails -= 1;
                listed.extend(world.gone.clone());
            }
            let ticker = value(query, "ticker");
            listed.retain(|order| ticker.is_none_or(|ticker| ticker == order[2]));
            let orders: Vec<Value> = listed.iter().map(|order| self::order(order, "resting")).collect();
            Some(json!({ "orders": orders, "cursor": "" }))
        }
        ("GET", "/portfolio/orders/ended") => {
            Some(json!({ "order": order(&["ended", "", "KXRAIN-26NOV22-NYC"], "executed") }))
        }
        ("DELETE", "/portfolio/events/orders") => {
            remove(world, |_| true);
            Some(Value::Null)
        }
        ("DELETE", "/portfolio/events/orders/batched") => {
            let named: Vec<String> =
                body["orders"].as_array()?.iter().map(|item| text(&item["order_id"])).collect();
            remove(world, |order| named.iter().any(|id| id == order[0]));
            let answers = named.iter().map(|id| json!({ "order_id": id, "reduced_by": "6.00", "ts_ms": 1 }));
            Some(json!({ "orders": answers.collect::<Vec<_>>() }))
        }
        ("POST", "/portfolio/events/orders") => Some(sell(world, body)),
        _ => None,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn remove(world: &mut World, goes: impl Fn(&[&'static str; 3]) -> bool) {
    if !world.keeps_orders {
        let (gone, stays) = world.orders.drain(..).partition(goes);
        world.orders = stays;
        world.gone = gone;
    }
}

fn sell(world: &mut World, order: &Value) -> Value {
    let position = world.positions.iter().position(|(ticker, _, _)| order["ticker"] == *ticker);
    let filled = match position.filter(|_| !world.takes_nothing) {
        Some(at) => format!("{}.00", world.positions.remove(at).1.abs()),
        None => "0.00".to_owned(),
    };
    json!({ "order_id": "sale", "client_order_id": order["client_order_id"], "fill_count": filled,
        "remaining_count": "0.00", "ts_ms": 1_795_370_000_000_i64 })
}

fn positions(world: &World) -> Vec<Value> {
    let bodies = world.positions.iter().map(|(ticker, contracts, cost)| {
        json!({ "ticker": ticker, "exchange_index": 2, "position_fp": format!("{contracts}.00"),
            "market_exposure_dollars": cost, "total_traded_dollars": cost, "realized_pnl_dollars": "0.0000",
            "fees_paid_dollars": "0.1200", "last_updated_ts": "2026-11-22T15:00:00Z" })
    });
    bodies.collect()
}

fn order([id, client_id, ticker]: &[&str; 3], status: &str) -> Value {
    json!({ "order_id": id, "user_id": "u1", "client_order_id": client_id, "ticker": ticker,
        "outcome_side": "no", "book_side": "ask", "type": "limit", "status": status,
        "yes_price_dollars": "0.0700", "no_price_dollars": "0.9300", "initial_count_fp": "10.00",
        "fill_count_fp": "4.00", "remaining_count_fp": "6.00", "taker_fill_cost_dollars": "0.0000",
        "maker_fill_cost_dollars": "3.7200", "taker_fees_dollars": "0.0000", "maker_fees_dollars": "0.0125",
        "created_time": "2026-11-22T15:04:05Z", "exchange_index": 2 })
}

/// Three fills over two pages, one of them twice.
fn fills(query: &str) -> Value {
    let fill = |id: &str| {
        json!({ "fill_id": id, "trade_id": id, "order_id": "o1", "ticker": "KXRAIN-26NOV22-NYC",
            "market_ticker": "KXRAIN-26NOV22-NYC", "exchange_index": 2, "outcome_side": "yes",
            "book_side": "bid", "count_fp": "12.50", "yes_price_dollars": "0.8700",
            "no_price_dollars": "0.1300", "is_taker": true, "fee_cost": "0.0990",
            "created_time": "2026-11-22T15:04:05Z" })
    };
    match value(query, "cursor") {
        None => json!({ "fills": [fill("f3"), fill("f2")], "cursor": "more" }),
        Some(_) => json!({ "fills": [fill("f2"), fill("f1")], "cursor": "" }),
    }
}

/// The markets: one to enter, one too wide, one that trades too little.
fn listed() -> Vec<Value> {
    vec![
        market("KXRAIN-26NOV22-NYC", "0.8800", "0.8900", "22000.00"),
        market("KXRAIN-26NOV22-SF", "0.7000", "0.8900", "22000.00"),
        market("KXRAIN-26NOV22-LA", "0.8800", "0.8900", "9.00"),
    ]
}

fn market(ticker: &str, bid: &str, ask: &str, volume: &str) -> Value {
    let close = Timestamp::now() + SignedDuration::from_hours(8);
    json!({ "ticker": ticker, "event_ticker": "KXRAIN-26NOV22", "market_type": "binary",
        "title": format!("Rain, {ticker}?"), "yes_sub_title": "Rain", "no_sub_title": "No rain",
        "created_time": "2026-11-20T00:00:00Z", "updated_time": "2026-11-20T00:00:00Z",
        "open_time": "2026-11-21T00:00:00Z", "close_time": close.to_string(),
        "latest_expiration_time": close.to_string(), "settlement_timer_seconds": 60, "status": "active",
        "yes_bid_dollars": bid, "yes_bid_size_fp": "40.00", "yes_ask_dollars": ask, "yes_ask_size_fp": "25.00",
        "no_bid_dollars": "0.1100", "no_ask_dollars": "0.1200", "last_price_dollars": "0.8900",
        "previous_yes_bid_dollars": "0.0000", "previous_yes_ask_dollars": "0.0000",
        "previous_price_dollars": "0.0000", "volume_fp": volume, "volume_24h_fp": volume,
        "open_interest_fp": "700.00", "notional_value_dollars": "1.0000", "result": "",
        "can_close_early": true, "expiration_value": "", "rules_primary": "If it rains.",
        "rules_secondary": "", "price_level_structure": "linear_cent",
        "price_ranges": [{ "start": "0.0000", "end": "1.0000", "step": "0.0100" }], "exchange_index": 2 })
}

fn public(path: &str, query: &str) -> Option<Value> {
    let book = json!({ "yes_dollars": [["0.8700", "900.00"], ["0.8800", "40.00"]],
        "no_dollars": [["0.1000", "5.00"], ["0.1100", "25.00"]] });
    let series = json!({ "ticker": "KXRAIN", "title": "Rain", "frequency": "daily",
        "category": "Climate and Weather", "fee_type": "quadratic", "fee_multiplier": 1 });
    let event = json!({ "event_ticker": "KXRAIN-26NOV22", "series_ticker": "KXRAIN", "title": "Rain today" });
    let named: HashMap<String, Value> =
        listed().into_iter().map(|market| (text(&market["ticker"]), market)).collect();
    match path {
        "/account/endpoint_costs" => Some(json!({ "default_cost": 10, "endpoint_costs": [] })),
        "/series" => Some(json!({ "series": [series] })),
        "/series/KXRAIN" => Some(json!({ "series": series })),
        "/events" => Some(json!({ "events": [event], "cursor": "" })),
        "/events/KXRAIN-26NOV22" => Some(json!({ "event": event, "markets": [] })),
        "/markets" => Some(page_of_markets(query)),
        "/markets/orderbooks" => {
            let wanted = query.split('&').filter_map(|pair| pair.strip_prefix("tickers="));
            let books = wanted.map(|ticker| json!({ "ticker": ticker, "orderbook_fp": book }));
            Some(json!({ "orderbooks": books.collect::<Vec<_>>() }))
        }
        "/markets/trades" => Some(json!({ "trades": [{
            "trade_id": "t1", "ticker": "KXRAIN-26NOV22-NYC", "count_fp": "12.50", "yes_price_dollars": "0.8900",
            "no_price_dollars": "0.1100", "taker_outcome_side": "yes", "taker_book_side": "bid",
            "created_time": "2026-11-22T14:59:00Z", "is_block_trade": false,
        }], "cursor": "" })),
        path => {
            let ticker = path.strip_prefix("/markets/")?;
            match ticker.strip_suffix("/orderbook") {
                Some(_) => Some(json!({ "orderbook_fp": book })),
                None => Some(json!({ "market": named.get(ticker)? })),
            }
        }
    }
}

/// The markets, two a page, or those of the names asked for.
fn page_of_markets(query: &str) -> Value {
    let mut markets = listed();
    if let Some(tickers) = value(query, "tickers") {
        markets.retain(|market| tickers.contains(&text(&market["ticker"])));
        return json!({ "markets": markets, "cursor": "" });
    }
    match value(query, "cursor") {
        None => json!({ "markets": markets[..2], "cursor": "more" }),
        Some(_) => json!({ "markets": markets[2..], "cursor": "" }),
    }
}
