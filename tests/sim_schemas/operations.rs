//! Every operation of the client, asked of the simulated exchange.

use crate::exchange::{EVENT, Exchange, MARKET, OTHER, SERIES, wall};
use crate::{described, faults};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The operations that the client's own comments name, such as `GET /markets/{ticker}`.
fn of_the_client() -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/kalshi/rest.rs");
    let source = std::fs::read_to_string(path).expect("the client's source");
    let operations = source.lines().filter_map(|line| {
        let named = line.trim().strip_prefix("/// `")?.split('`').next()?;
        let is_operation =
            ["GET /", "POST /", "PUT /", "DELETE /"].iter().any(|verb| named.starts_with(verb));
        is_operation.then(|| template(named))
    });
    operations.collect()
}

/// An operation with `{}` for every part that varies.
fn template(operation: &str) -> String {
    let parts = operation.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Asks, and holds the answers against their schemas.
struct Visitor {
    exchange: Exchange,
    description: Value,
    covered: BTreeSet<String>,
}

impl Visitor {
    /// Calls an operation: `parts` fill its template's gaps, `query` follows.
    async fn call(&mut self, operation: &str, parts: &[&str], query: &str, body: Option<Value>) -> Value {
        let (method, path) = operation.split_once(' ').expect("method and path");
        let mut parts = parts.iter();
        let filled: Vec<&str> = path
            .split('/')
            .map(|part| if part == "{}" { parts.next().expect("every gap is filled") } else { part })
            .collect();
        let (status, answer) =
            self.exchange.ask(method, &format!("{}{query}", filled.join("/")), body.as_ref()).await;
        let (wanted, schema) = self.answer_of(method, path);
        assert_eq!(status, wanted, "{operation}: {answer}");
        match schema {
            Some(schema) => {
                let faults = faults(&self.description, &schema, &answer);
                assert_eq!(faults, Vec::<String>::new(), "{operation}: {answer}");
            }
            None if status == 204 => assert_eq!(answer, Value::Null, "{operation}"),
            None => assert_eq!(answer, json!({}), "{operation}"),
        }
        self.covered.insert(operation.to_owned());
        answer
    }

    /// The status of an operation's good answer, and its schema.
    fn answer_of(&self, method: &str, path: &str) -> (u16, Option<String>) {
        let paths = self.description["paths"].as_object().expect("paths");
        let found =
            paths.iter().find(|(known, methods)| template(known) == path && methods.get(method).is_some());
        let (_, methods) = found.unwrap_or_else(|| panic!("{method} {path} isn't described"));
        let responses = methods[method]["responses"].as_object().expect("responses");
        let (status, schema) =
            responses.iter().find(|(status, _)| status.starts_with('2')).expect("a good one");
        let schema = schema.as_str().map(|schema| schema.trim_matches('"').to_owned());
        let schema = schema.filter(|schema| schema != "None" && schema != "object");
        (status.parse().expect("a status"), schema)
    }

    async fn markets(&mut self) {
        self.call("GET /exchange/status", &[], "", None).await;
        self.call("GET /exchange/schedule", &[], "", None).await;
        self.call("GET /exchange/user_data_timestamp", &[], "", None).await;
        self.call("GET /historical/cutoff", &[], "", None).await;
        let markets = self.call("GET /markets", &[], "?limit=1&status=open", None).await;
        assert_ne!(markets["cursor"], "", "there is another page");
        self.call("GET /markets/{}", &[MARKET], "", None).await;
        let events = self.call("GET /events", &[], "?with_nested_markets=true", None).await;
        assert_eq!(events["events"][0]["markets"].as_array().map(Vec::len), Some(2));
        self.call("GET /events/{}", &[EVENT], "", None).await;
        self.call("GET /series", &[], "", None).await;
        self.call("GET /series/{}", &[SERIES], "", None).await;
        self.call("GET /series/fee_changes", &[], "", None).await;
        self.call("GET /events/fee_changes", &[], "", None).await;
        let book = self.call("GET /markets/{}/orderbook", &[MARKET], "?depth=10", None).await;
        assert_eq!(book["orderbook_fp"]["yes_dollars"].as_array().map(Vec::len), Some(2));
        let query = format!("?tickers={MARKET}&tickers={OTHER}");
        self.call("GET /markets/orderbooks", &[], &query, None).await;
        self.call("GET /account/limits", &[], "", None).await;
        self.call("GET /account/endpoint_costs", &[], "", None).await;
    }

    async fn orders(&mut self) {
        let order = |side: &str, price: &str, count: &str| {
            json!({
                "ticker": MARKET, "side": side, "price": price, "count": count, "exchange_index": 0,
                "time_in_force": "good_till_canceled", "self_trade_prevention_type": "maker",
                "expiration_time": wall().micros() / 1_000_000 + 3_600, "cancel_order_on_pause": true,
            })
        };
        let orders = "/portfolio/events/orders";
        let create = format!("POST {orders}");
        let placed = self.call(&create, &[], "", Some(order("bid", "0.4500", "12.50"))).await;
        assert_eq!(placed["fill_count"], "10.00");
        let id = placed["order_id"].as_str().expect("an id").to_owned();
        let mut amend = order("bid", "0.4100", "13");
        amend.as_object_mut().expect("an object").retain(|name, _| {
            ["ticker", "side", "price", "count", "exchange_index"].contains(&name.as_str())
        });
        self.call(&format!("POST {orders}/{{}}/amend"), &[&id], "", Some(amend)).await;
        let less = json!({"reduce_to": "2"});
        self.call(&format!("POST {orders}/{{}}/decrease"), &[&id], "", Some(less)).await;
        self.call("GET /portfolio/orders/{}", &[&id], "", None).await;
        let queue = format!("?market_tickers={MARKET}");
        let queue = self.call("GET /portfolio/orders/queue_positions", &[], &queue, None).await;
        assert_eq!(queue["queue_positions"].as_array().map(Vec::len), Some(1));
        self.call(&format!("DELETE {orders}/{{}}"), &[&id], "", None).await;
        let batch = json!({"orders": [order("ask", "0.9000", "1"), order("ask", "0.9050", "1")]});
        let batch = self.call(&format!("POST {orders}/batched"), &[], "", Some(batch)).await;
        let item = json!({"order_id": batch["orders"][0]["order_id"]});
        let batch = json!({"orders": [item, {"order_id": "nobody's"}]});
        self.call(&format!("DELETE {orders}/batched"), &[], "", Some(batch)).await;
        let page = self.call("GET /portfolio/orders", &[], "?limit=1", None).await;
        assert_ne!(page["cursor"], "");
        self.call(&format!("DELETE {orders}"), &[], "", None).await;
    }

    async fn groups(&mut self) {
        let groups = "/portfolio/order_groups";
        let limit = json!({"contracts_limit": 25});
        let made = self.call(&format!("POST {groups}/create"), &[], "", Some(limit.clone())).await;
        let id = made["order_group_id"].as_str().expect("an id").to_owned();
        self.call(&format!("GET {groups}"), &[], "", None).await;
        self.call(&format!("GET {groups}/{{}}"), &[&id], "", None).await;
        self.call(&format!("PUT {groups}/{{}}/trigger"), &[&id], "?exchange_index=0", None).await;
        self.call(&format!("PUT {groups}/{{}}/reset"), &[&id], "", None).await;
        self.call(&format!("PUT {groups}/{{}}/limit"), &[&id], "", Some(limit)).await;
        self.call(&format!("DELETE {groups}/{{}}"), &[&id], "", None).await;
    }

    async fn portfolio(&mut self) {
        let trades = self.call("GET /markets/trades", &[], &format!("?ticker={MARKET}"), None).await;
        assert_ne!(trades["trades"], json!([]));
        let now = wall().micros() / 1_000_000;
        let query = format!("?start_ts=0&end_ts={}&period_interval=60", now + 7_200);
        let candles =
            self.call("GET /series/{}/markets/{}/candlesticks", &[SERIES, MARKET], &query, None).await;
        assert_ne!(candles["candlesticks"], json!([]));
        self.call("GET /portfolio/balance", &[], "", None).await;
        let positions = self.call("GET /portfolio/positions", &[], "", None).await;
        assert_ne!(positions["market_positions"], json!([]));
        let fills = self.call("GET /portfolio/fills", &[], "", None).await;
        assert_ne!(fills["fills"], json!([]));
        self.exchange.steer(&format!("/sim/market/{MARKET}/settle?result=yes")).await;
        let settlements = self.call("GET /portfolio/settlements", &[], "", None).await;
        assert_ne!(settlements["settlements"], json!([]));
        self.call("GET /markets/{}", &[MARKET], "", None).await;
    }
}

#[tokio::test]
async fn every_answer_is_one_that_the_exchange_describes() {
    let Some(description) = described("openapi-3.34-derived.json") else { return };
    let mut visitor = Visitor { exchange: Exchange::open().await, description, covered: BTreeSet::new() };
    visitor.markets().await;
    visitor.orders().await;
    visitor.groups().await;
    visitor.portfolio().await;
    let missing: Vec<_> = of_the_client().difference(&visitor.covered).cloned().collect();
    assert_eq!(missing, Vec::<String>::new(), "operations of the client that weren't asked");
}

#[tokio::test]
async fn refusals_carry_the_body_that_the_exchange_describes() {
    let Some(description) = described("openapi-3.34-derived.json") else { return };
    let exchange = Exchange::open().await;
    for (method, path, body, status) in [
        ("GET", "/markets/KXNONE", None, 404),
        ("GET", "/markets?limit=1001", None, 400),
        ("POST", "/portfolio/events/orders", Some(json!({})), 400),
        ("POST", "/portfolio/orders", Some(json!({})), 410),
        ("PUT", "/markets", None, 405),
    ] {
        let (answered, body) = exchange.ask(method, path, body.as_ref()).await;
        assert_eq!(answered, status, "{path}: {body}");
        assert_eq!(
            faults(&description, "ErrorResponse", &body["error"]),
            Vec::<String>::new(),
            "{path}: {body}"
        );
        assert!(body["error"]["code"].is_string(), "{path}: {body}");
    }
}
