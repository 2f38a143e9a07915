//! A small exchange for tests: an account whose lists are what the test says, with orders that can be cancelled.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// What the account shows. Lists are rows as the exchange writes them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account {
    pub(crate) cash: String,
    pub(crate) positions: Vec<Value>,
    pub(crate) orders: Vec<Value>,
    pub(crate) fills: Vec<Value>,
    pub(crate) settlements: Vec<Value>,
    /// Exchange's ids of orders that can't be cancelled, because their market is closed.
    pub(crate) stuck: Vec<String>,
    /// Every cancel that was asked for, by the exchange's id.
    pub(crate) cancels: Vec<String>,
    /// Every read, by path.
    pub(crate) reads: Vec<String>,
}

/// The exchange, at an address of this machine. It ends with the runtime it was started on.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    account: Arc<Mutex<Account>>,
    pub(crate) url: String,
}

impl Exchange {
    /// Starts it with this account.
    pub(crate) async fn start(account: Account) -> Self {
        let account = Arc::new(Mutex::new(account));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/trade-api/v2", listener.local_addr().expect("an address"));
        let routes = Router::new()
            .route("/portfolio/balance", get(balance))
            .route("/portfolio/positions", get(positions))
            .route("/portfolio/orders", get(orders))
            .route("/portfolio/orders/{id}", get(order))
            .route("/portfolio/fills", get(fills))
            .route("/portfolio/settlements", get(settlements))
            .route("/portfolio/events/orders/{id}", delete(cancel))
            .with_state(Arc::clone(&account));
        let routes = Router::new().nest("/trade-api/v2", routes);
        tokio::spawn(async move { axum::serve(listener, routes).await.expect("it serves") });
        Self { account, url }
    }

    /// The account, to look at and to change.
    pub(crate) fn account(&self) -> MutexGuard<'_, Account> {
        lock(&self.account)
    }
}

type Shared = State<Arc<Mutex<Account>>>;
type Filter = Query<HashMap<String, String>>;

fn lock(account: &Mutex<Account>) -> MutexGuard<'_, Account> {
    account.lock().expect("no test panics while it holds the account")
}

async fn balance(State(account): Shared) -> Json<Value> {
    let mut account = lock(&account);
    account.reads.push("balance".to_owned());
    Json(json!({"balance": 0, "balance_dollars": account.cash, "portfolio_value": 0, "updated_ts": 0}))
}

async fn positions(State(account): Shared) -> Json<Value> {
    Json(json!({"market_positions": lock(&account).positions, "event_positions": [], "cursor": ""}))
}

async fn orders(State(account): Shared, Query(filter): Filter) -> Json<Value> {
    let is_wanted = |order: &&Value| {
        ["status", "ticker"]
            .into_iter()
            .all(|key| filter.get(key).is_none_or(|wanted| order[key] == **wanted))
    };
    let orders: Vec<_> = lock(&account).orders.iter().filter(is_wanted).cloned().collect();
    Json(json!({"orders": orders, "cursor": ""}))
}

async fn order(State(account): Shared, Path(id): Path<String>) -> Response {
    let mut account = lock(&account);
    account.reads.push(format!("order {id}"));
    match account.orders.iter().find(|order| order["order_id"] == *id) {
        Some(order) => Json(json!({"order": order})).into_response(),
        None => not_found(),
    }
}

/// Newest first, from `min_ts` on, two rows a page.
async fn fills(State(account): Shared, Query(filter): Filter) -> Json<Value> {
    let mut account = lock(&account);
    account.reads.push(format!("fills from {}", filter["min_ts"]));
    let min: i64 = filter["min_ts"].parse().expect("seconds");
    let fills: Vec<_> = account.fills.iter().rev().filter(|fill| fill["ts"].as_i64() >= Some(min)).collect();
    let first: usize = filter.get("cursor").map_or(0, |cursor| cursor.parse().expect("our own cursor"));
    let page = &fills[first..fills.len().min(first + 2)];
    let next = first + page.len();
    let cursor = if next < fills.len() { next.to_string() } else { String::new() };
    Json(json!({"fills": page, "cursor": cursor}))
}

async fn settlements(State(account): Shared) -> Json<Value> {
    Json(json!({"settlements": lock(&account).settlements, "cursor": ""}))
}

async fn cancel(State(account): Shared, Path(id): Path<String>) -> Response {
    let mut account = lock(&account);
    account.cancels.push(id.clone());
    let is_stuck = account.stuck.contains(&id);
    let order =
        account.orders.iter_mut().find(|order| order["order_id"] == *id && order["status"] == "resting");
    match order {
        Some(_) if is_stuck => refused(StatusCode::BAD_REQUEST, "market_inactive"),
        Some(order) => {
            order["status"] = json!("canceled");
            Json(json!({"order_id": id, "reduced_by": order["remaining_count_fp"], "ts_ms": 0}))
                .into_response()
        }
        None => not_found(),
    }
}

fn not_found() -> Response {
    refused(StatusCode::NOT_FOUND, "not_found")
}

fn refused(status: StatusCode, code: &str) -> Response {
    (status, Json(json!({"error": {"code": code, "message": code}}))).into_response()
}

/// An order of ten contracts, as the exchange lists it.
pub(crate) fn order_row(id: &str, client_id: &str, ticker: &str, status: &str, filled: &str) -> Value {
    json!({
        "order_id": id, "client_order_id": client_id, "ticker": ticker, "outcome_side": "yes", "book_side": "bid",
        "type": "limit", "status": status, "yes_price_dollars": "0.8500", "no_price_dollars": "0.1500",
        "initial_count_fp": "10.00", "fill_count_fp": filled,
        "remaining_count_fp": if status == "resting" { "10.00" } else { "0.00" },
        "taker_fill_cost_dollars": "0", "maker_fill_cost_dollars": "0", "taker_fees_dollars": "0",
        "maker_fees_dollars": "0", "exchange_index": 2
    })
}

/// A fill of a bid at 0.85 with a fee of a cent.
pub(crate) fn fill_row(id: &str, order: &str, ticker: &str, count: &str, seconds: i64) -> Value {
    json!({
        "fill_id": id, "trade_id": id, "order_id": order, "ticker": ticker, "outcome_side": "yes",
        "book_side": "bid", "count_fp": count, "yes_price_dollars": "0.8500", "no_price_dollars": "0.1500",
        "is_taker": true, "fee_cost": "0.010000", "ts": seconds
    })
}

/// A position, above zero YES.
pub(crate) fn position_row(ticker: &str, contracts: &str) -> Value {
    json!({
        "ticker": ticker, "position_fp": contracts, "market_exposure_dollars": "0", "total_traded_dollars": "0",
        "realized_pnl_dollars": "0", "fees_paid_dollars": "0", "last_updated_ts": "2026-11-22T12:00:00Z"
    })
}

/// A market that resolved yes and paid.
pub(crate) fn settlement_row(ticker: &str, seconds: i64) -> Value {
    let at = kalshi_bot::units::Timestamp::from_secs(seconds).to_string();
    json!({
        "ticker": ticker, "market_result": "yes", "yes_count_fp": "0.00", "yes_total_cost_dollars": "0",
        "no_count_fp": "0.00", "no_total_cost_dollars": "0", "revenue": 0, "settled_time": at, "fee_cost": "0"
    })
}
