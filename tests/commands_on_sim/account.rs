//! Commands that change something: orders and positions made by hand, and taken off by the program.

use super::sim::{Hand, Said, Sim, said};
use kalshi_bot::kalshi::model::{BookSide, CreateOrder, SelfTradePrevention, TimeInForce};
use kalshi_bot::kalshi::rest::query::MarketQuery;
use kalshi_bot::units::{Price, Quantity};
use serde_json::Value;

/// An exchange whose books stand still, and a market of it with both sides.
fn quiet() -> (Sim, Hand, String) {
    let sim = Sim::start(&["--quiet-markets", "40", "--markets", "1", "--tier", "prime"]);
    let hand = Hand::new(&sim);
    let query = MarketQuery { limit: Some(100), status: Some("open"), ..MarketQuery::default() };
    let markets = hand.ask(async |client| client.markets(&query).all().await).expect("markets");
    let (low, high) = (Price::from_raw(100_000), Price::from_raw(900_000));
    let market = markets.into_iter().find(|market| {
        market.yes_bid_size_fp > Quantity::from_contracts(20)
            && market.yes_ask_size_fp > Quantity::from_contracts(20)
            && market.yes_bid_dollars > low
            && market.yes_ask_dollars < high
            && market.close_time.micros() > market.open_time.micros()
    });
    (sim, hand, market.expect("a market with both sides").ticker)
}

fn order(ticker: &str, price: &str, contracts: i64, time_in_force: TimeInForce) -> CreateOrder {
    CreateOrder {
        ticker: ticker.to_owned(),
        side: BookSide::Bid,
        count: Quantity::from_contracts(contracts),
        price: price.parse().expect("a price"),
        time_in_force,
        self_trade_prevention_type: SelfTradePrevention::TakerAtCross,
        client_order_id: None,
        expiration_time: None,
        post_only: None,
        reduce_only: None,
        cancel_order_on_pause: None,
        order_group_id: None,
        subaccount: None,
        exchange_index: None,
    }
}

fn rest(hand: &Hand, ticker: &str, price: &str) -> String {
    let order = order(ticker, price, 5, TimeInForce::GoodTillCanceled);
    hand.ask(async |client| client.create_order(&order).await).expect("it rests").order_id
}

fn listed(sim: &Sim) -> Vec<Value> {
    let document = said(&mut sim.bot(&["orders", "list", "--output", "json"])).ended(0).document();
    document["orders"].as_array().expect("a list").clone()
}

fn left(said: &Said) -> usize {
    said.document()["left"].as_array().expect("a list").len()
}

#[test]
fn orders_are_listed_and_cancelled_and_nothing_rests_in_the_end() {
    let (sim, hand, ticker) = quiet();
    let first = rest(&hand, &ticker, "0.0100");
    let second = rest(&hand, &ticker, "0.0200");
    let third = rest(&hand, &ticker, "0.0200");
    let orders = listed(&sim);
    assert_eq!(orders.len(), 3);
    let of = |id: &str| orders.iter().find(|order| order["order_id"] == id).expect("it is listed");
    assert_eq!(of(&third)["queue_ahead"], "5.00", "the second stands before it");
    assert_eq!(of(&first)["is_mine"], false);
    let table = said(&mut sim.bot(&["orders", "list", "--ticker", &ticker])).ended(0).stdout;
    assert!(table.contains(&first), "{table}");

    let cancelled = said(&mut sim.bot(&["orders", "cancel", &first, "--output", "json"])).ended(0);
    assert_eq!(left(&cancelled), 0);
    said(&mut sim.bot(&["orders", "cancel", &first])).ended(0);
    assert_eq!(listed(&sim).len(), 2);

    let dry = said(&mut sim.bot(&["cancel-all", "--dry-run", "--output", "json"])).ended(0).document();
    assert_eq!((&dry["dry_run"], dry["orders"].as_array().expect("a list").len()), (&true.into(), 2));
    assert_eq!(listed(&sim).len(), 2);
    said(&mut sim.bot(&["cancel-all", "--mine"])).ended(0);
    assert_eq!(listed(&sim).len(), 2, "neither was placed by the bot");
    let all = said(&mut sim.bot(&["cancel-all", "--output", "json"])).ended(0);
    assert_eq!(left(&all), 0);
    assert_eq!(listed(&sim).len(), 0);
    assert!(!orders.iter().any(|order| order["order_id"] == Value::Null), "{second}");
}

#[test]
fn cancels_that_the_exchange_does_not_take_end_with_5_and_name_what_rests() {
    let (sim, hand, ticker) = quiet();
    let id = rest(&hand, &ticker, "0.0100");
    hand.turn("pause", &serde_json::json!({"exchange": true}));
    let refused = said(&mut sim.bot(&["orders", "cancel", &id, "--output", "json"])).ended(5);
    assert_eq!(left(&refused), 1);
    let refused = said(&mut sim.bot(&["cancel-all", "--ticker", &ticker])).ended(5);
    assert!(refused.stdout.contains(&id) || refused.stderr.contains(&id), "{refused:#?}");
    hand.turn("pause", &serde_json::json!({}));
    said(&mut sim.bot(&["cancel-all"])).ended(0);
    assert_eq!(listed(&sim).len(), 0);
}

#[test]
fn a_position_is_shown_and_sold() {
    let (sim, hand, ticker) = quiet();
    let buy = order(&ticker, "0.9900", 7, TimeInForce::ImmediateOrCancel);
    let bought = hand.ask(async |client| client.create_order(&buy).await).expect("it is taken");
    assert_eq!(bought.fill_count, Quantity::from_contracts(7));

    let document = said(&mut sim.bot(&["positions", "--output", "json"])).ended(0).document();
    let position = &document["positions"][0];
    assert_eq!((&position["market"], &position["quantity"]), (&ticker.as_str().into(), &"7.00".into()));
    assert!(position["mark"].is_string(), "{position}");
    let table = said(&mut sim.bot(&["positions"])).ended(0).stdout;
    assert!(table.contains(&ticker), "{table}");
    let fills = said(&mut sim.bot(&["fills", "--ticker", &ticker, "--output", "json"])).ended(0).document();
    assert_eq!(fills["totals"]["quantity"], "7.00");

    rest(&hand, &ticker, "0.0100");
    let dry = said(&mut sim.bot(&["flatten", "--dry-run", "--output", "json"])).ended(0).document();
    assert_eq!(dry["sales"][0]["quantity"], "7.00");
    assert_eq!(listed(&sim).len(), 1, "a dry run cancels nothing");
    let flat = said(&mut sim.bot(&["flatten", "--slippage", "0.5", "--output", "json"])).ended(0).document();
    assert_eq!((&flat["sales"][0]["sold"], &flat["sales"][0]["left"]), (&"7.00".into(), &"0.00".into()));
    let document = said(&mut sim.bot(&["positions", "--output", "json"])).ended(0).document();
    assert_eq!(document["positions"], serde_json::json!([]));
    assert_eq!(listed(&sim).len(), 0, "what rested there went first");
    said(&mut sim.bot(&["flatten"])).ended(0);
}
