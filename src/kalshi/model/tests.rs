use super::*;
use crate::units::Ratio;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Debug;

/// A recorded body; nothing, said aloud, where the recordings aren't there.
fn recorded(file: &str) -> Option<Value> {
    let path = format!("{}/../shared/data/rest/{file}", env!("CARGO_MANIFEST_DIR"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no recording at {path}");
        return None;
    };
    Some(serde_json::from_str(&text).expect("JSON"))
}

/// The steps of a recorded scenario on the demo exchange.
fn steps(file: &str) -> Vec<Value> {
    let path = format!("{}/../shared/data/rest/{file}", env!("CARGO_MANIFEST_DIR"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no recording at {path}");
        return Vec::new();
    };
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Reads a body, and again what it is written as.
fn read<T: DeserializeOwned + Serialize + PartialEq + Debug>(body: &Value) -> T {
    let text = body.to_string();
    let read: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text:.300}"));
    let written = serde_json::to_string(&read).expect("written");
    assert_eq!(read, serde_json::from_str(&written).expect("read again"), "{written:.300}");
    read
}

#[test]
fn recorded_events_are_read_with_their_markets() {
    let mut events = Vec::new();
    if let Some(Value::Array(all)) = recorded("events_sports_nested.json") {
        events.extend(all);
    }
    if let Some(mut page) = recorded("events_nfl_preseason.json") {
        let page: Events = read(&serde_json::json!({ "events": page["events"].take() }));
        assert_eq!((page.events.len(), page.cursor.as_str()), (32, ""));
    }
    if let Some(series) = recorded("events_mlb_props_nested.json") {
        let by_series = series["events_by_series"].as_object().expect("an object").values();
        events.extend(by_series.flat_map(|events| events.as_array().expect("a list").clone()));
    }
    for event in &events {
        let event: Event = read(event);
        let markets = event.markets.expect("nested");
        assert!(!markets.is_empty());
        for market in markets {
            assert_eq!(market.event_ticker, event.event_ticker);
            assert!(!market.price_ranges.is_empty(), "{}", market.ticker);
            let is_quoted = market.yes_bid_size_fp.is_positive() && market.yes_ask_size_fp.is_positive();
            assert!(!is_quoted || market.yes_bid_dollars < market.yes_ask_dollars, "{}", market.ticker);
        }
    }
}

#[test]
fn recorded_markets_are_read_in_every_state() {
    if let Some(body) = recorded("market_single.json") {
        let single: MarketEnvelope = read(&body["single"]);
        let nested: Market = read(&body["nested"]);
        assert_eq!(single.market.ticker, nested.ticker);
        let book: OrderbookEnvelope = read(&body["orderbook"]);
        assert!(book.orderbook_fp.yes_dollars.is_sorted() && book.orderbook_fp.no_dollars.is_sorted());
    }
    if let Some(mut body) = recorded("markets_settled.json") {
        let page: Markets = read(&serde_json::json!({ "markets": body["markets"].take(), "cursor": null }));
        assert_eq!(page.markets.len(), 44);
        for market in page.markets.iter().filter(|market| market.status == MarketStatus::Finalized) {
            assert!(matches!(market.result.as_str(), "yes" | "no"), "{}", market.ticker);
            assert!(market.settlement_value_dollars.is_some(), "{}", market.ticker);
        }
    }
    if let Some(body) = recorded("combo_priced_markets.json") {
        let combos: Vec<Market> = read(&body["combos"]);
        assert!(combos.iter().all(|market| market.mve_collection_ticker.is_some()));
    }
    if let Some(body) = recorded("combo_orderbooks.json") {
        let books: Orderbooks = read(&serde_json::json!({ "orderbooks": body }));
        assert!(books.orderbooks.iter().any(|book| !book.orderbook_fp.no_dollars.is_empty()));
    }
}

#[test]
fn recorded_candlesticks_and_series_are_read() {
    if let Some(body) = recorded("candlesticks_pregame_mlb.json") {
        let candles: Candlesticks = read(&body["candlesticks_response"]);
        assert_eq!(candles.candlesticks.len(), 50);
    }
    if let Some(body) = recorded("candlesticks_mlb.json") {
        for market in body["markets"].as_object().expect("an object").values() {
            let candles: Vec<Candlestick> = read(&market["candlesticks"]);
            assert!(candles.is_sorted_by_key(|candle| candle.end_period_ts));
        }
    }
    if let Some(body) = recorded("series_fee_fields.json") {
        for (ticker, payload) in body["payloads"].as_object().expect("an object") {
            let SeriesEnvelope { series } = read(payload);
            assert_eq!(&series.ticker, ticker);
            assert!(series.fee_multiplier <= Ratio::ONE && series.fee_multiplier.is_positive(), "{ticker}");
        }
    }
}

#[test]
fn a_recorded_account_is_read() {
    if let Some(body) = recorded("portfolio_settlements_redacted.json") {
        let page: Settlements = read(&body["payload"]);
        assert_eq!(page.settlements.len(), 22);
    }
    if let Some(body) = recorded("portfolio_fills_redacted.json") {
        let page: Fills = read(&body["payload"]);
        assert_eq!(page.fills.len(), 33);
        assert!(page.fills.iter().all(|fill| fill.yes_price_dollars.complement() == fill.no_price_dollars));
    }
}

#[test]
fn recorded_steps_on_the_demo_exchange_are_read() {
    for step in steps("demo_scenario_account_facts.jsonl") {
        match step["step"].as_str().expect("a name") {
            "endpoint_costs" => {
                let costs: EndpointCosts = read(&step["data"]);
                assert_eq!(costs.default_cost, 10);
                let costs = crate::kalshi::limits::Costs::from(&costs);
                assert_eq!(costs.of("DELETE", "/trade-api/v2/portfolio/events/orders/0a1b"), 2);
                assert_eq!(costs.of("DELETE", "/trade-api/v2/portfolio/events/orders/batched"), 2);
                assert_eq!(costs.of("POST", "/trade-api/v2/portfolio/events/orders"), 10);
                assert_eq!(costs.of("GET", "/trade-api/v2/cfbenchmarks/values/one"), 50);
            }
            "api_limits" => {
                let limits: AccountLimits = read(&step["data"]);
                assert_eq!((limits.read.bucket_capacity, limits.write.refill_rate), (400, 100));
            }
            _ => {}
        }
    }
    let mut accounts = 0;
    for file in ["demo_scenario_accept_yes.jsonl", "demo_scenario_accept_no.jsonl"] {
        for step in steps(file) {
            let data = &step["data"];
            match step["step"].as_str().expect("a name") {
                "before_maker" | "before_requester" | "after_maker" | "after_requester" => {
                    let balance: Balance = read(&data["balance"]);
                    assert_eq!(balance.balance_breakdown[0].balance, balance.balance_dollars);
                    let _: Positions = read(&data["positions"]);
                    let _: Fills = read(&data["fills"]);
                    accounts += 1;
                }
                "market_payload" => drop(read::<MarketEnvelope>(data)),
                "orderbook" => drop(read::<OrderbookEnvelope>(data)),
                "fills_by_creator_order_id" => assert_eq!(read::<Fills>(data).fills.len(), 1),
                _ => {}
            }
        }
    }
    assert!(matches!(accounts, 0 | 8), "{accounts}");
}
