//! Every operation of the client, called with everything it can be given.

use crate::asked::{Asked, Memory, listen};
use kalshi_bot::kalshi::credentials::Credentials;
use kalshi_bot::kalshi::model::{
    AmendOrder, BatchCancel, BatchCancelItem, BatchCreate, BookSide, CreateOrder, CreateOrderGroup,
    DecreaseOrder, OrderGroupLimit, SelfTradePrevention, TimeInForce,
};
use kalshi_bot::kalshi::rest::Client;
use kalshi_bot::kalshi::rest::query::{
    FillQuery, MarketQuery, OrderQuery, PositionQuery, SettlementQuery, TradeQuery,
};
use kalshi_bot::kalshi::rest::transport::{Transport, TransportSettings};
use kalshi_bot::kalshi::sign::{KeyKind, Signer, generate};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;

/// The operations that the client's own comments name, such as `GET /markets/{ticker}`.
pub(crate) fn of_the_client() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/kalshi/rest.rs");
    let source = std::fs::read_to_string(path).expect("the client's source");
    let operations = source.lines().filter_map(|line| {
        let named = line.trim().strip_prefix("/// `")?.split('`').next()?;
        let is_operation =
            ["GET /", "POST /", "PUT /", "DELETE /"].iter().any(|verb| named.starts_with(verb));
        is_operation.then(|| named.to_owned())
    });
    let operations: Vec<String> = operations.collect();
    let functions =
        source.lines().filter(|line| line.starts_with("    pub async fn ") || line.contains("-> Pages<"));
    // `next` and `all` of a list, `load_limits`, and the function that makes lists are no operations of their own.
    assert_eq!(
        operations.len(),
        functions.count() - 4,
        "a method's comment names no operation: {operations:#?}"
    );
    operations
}

/// Calls everything and gives back what was asked. The answers make no sense to the client, and needn't.
pub(crate) async fn call_all() -> Vec<Asked> {
    let memory = Memory::default();
    let pair = generate(KeyKind::Ed25519);
    let signer = Signer::from_pem(pair.private_pem.expose_secret()).expect("sound");
    let settings = TransportSettings {
        base_url: listen(Arc::clone(&memory)).await,
        credentials: Some(Arc::new(Credentials::new("id", signer))),
        timeout: Duration::from_secs(20),
        reads_per_second: 1_000,
        writes_per_second: 1_000,
    };
    let client = Client::new(Transport::new(settings).expect("usable"));
    markets(&client).await;
    account(&client).await;
    orders(&client).await;
    groups(&client).await;
    std::mem::take(&mut *memory.lock().expect("sound"))
}

async fn markets(client: &Client) {
    let _ = client.exchange_status().await;
    let _ = client.exchange_schedule().await;
    let _ = client.user_data_timestamp().await;
    let _ = client.historical_cutoff().await;
    let query = MarketQuery {
        limit: Some(1_000),
        event: Some("E".to_owned()),
        series: Some("S".to_owned()),
        tickers: vec!["A".to_owned(), "B".to_owned()],
        status: Some("open"),
        min_close: Some(1),
        max_close: Some(2),
        without_combos: true,
    };
    let _ = client.markets(&query).next().await;
    let _ = client.market("M").await;
    let _ = client.events(Some("S"), Some("open"), true).next().await;
    let _ = client.event("E").await;
    let _ = client.series_list().await;
    let _ = client.series("S").await;
    let _ = client.series_fee_changes().await;
    let _ = client.event_fee_changes().next().await;
    let _ = client.orderbook("M", 10).await;
    let _ = client.orderbooks(&["A", "B"]).await;
    let query = TradeQuery { limit: Some(1), ticker: Some("M".to_owned()), min: Some(1), max: Some(2) };
    let _ = client.trades(&query).next().await;
    let _ = client.candlesticks("S", "M", (1, 2), 60).await;
}

async fn account(client: &Client) {
    let _ = client.account_limits().await;
    let _ = client.endpoint_costs().await;
    let _ = client.balance().await;
    let query = PositionQuery {
        limit: Some(1),
        ticker: Some("M".to_owned()),
        event: Some("E".to_owned()),
        settlement: Some("all"),
        count_filter: Some("position"),
    };
    let _ = client.positions(&query).next().await;
    let query = FillQuery {
        limit: Some(1),
        ticker: Some("M".to_owned()),
        order: Some("o".to_owned()),
        min: Some(1),
        max: Some(2),
    };
    let _ = client.fills(&query).next().await;
    let query = SettlementQuery { limit: Some(1), ticker: Some("M".to_owned()), min: Some(1) };
    let _ = client.settlements(&query).next().await;
    let query = OrderQuery {
        limit: Some(1),
        ticker: Some("M".to_owned()),
        event: Some("E".to_owned()),
        status: Some("resting"),
        min: Some(1),
    };
    let _ = client.orders(&query).next().await;
    let _ = client.order("o").await;
    let _ = client.queue_positions(&["A", "B"]).await;
}

/// An order with everything set.
pub(crate) fn order() -> CreateOrder {
    CreateOrder {
        ticker: "M".to_owned(),
        side: BookSide::Bid,
        count: "12.5".parse().expect("sound"),
        price: "0.42".parse().expect("sound"),
        time_in_force: TimeInForce::GoodTillCanceled,
        self_trade_prevention_type: SelfTradePrevention::TakerAtCross,
        client_order_id: Some("kb-1-1".to_owned()),
        expiration_time: Some(1_795_370_000),
        post_only: Some(true),
        reduce_only: Some(false),
        cancel_order_on_pause: Some(true),
        order_group_id: Some("g".to_owned()),
        subaccount: Some(0),
        exchange_index: Some(2),
    }
}

async fn orders(client: &Client) {
    let least = CreateOrder {
        side: BookSide::Ask,
        time_in_force: TimeInForce::ImmediateOrCancel,
        self_trade_prevention_type: SelfTradePrevention::Maker,
        client_order_id: None,
        expiration_time: None,
        post_only: None,
        reduce_only: None,
        cancel_order_on_pause: None,
        order_group_id: None,
        subaccount: None,
        exchange_index: None,
        ..order()
    };
    let _ = client.create_order(&order()).await;
    let _ = client.create_order(&least).await;
    let item = BatchCancelItem {
        order_id: "o".to_owned(),
        subaccount: Some(0),
        exchange_index: Some(2),
        market_ticker: Some("M".to_owned()),
    };
    let _ = client.cancel_order(&item).await;
    let _ = client.cancel_all().await;
    let amended = AmendOrder {
        ticker: "M".to_owned(),
        side: BookSide::Bid,
        price: "0.43".parse().expect("sound"),
        count: "13".parse().expect("sound"),
        client_order_id: Some("kb-1-1".to_owned()),
        updated_client_order_id: Some("kb-1-2".to_owned()),
        expiration_time: Some(0),
        exchange_index: Some(2),
    };
    let _ = client.amend_order("o", &amended).await;
    let decreased = DecreaseOrder {
        reduce_by: Some("1.5".parse().expect("sound")),
        reduce_to: None,
        exchange_index: Some(2),
        market_ticker: Some("M".to_owned()),
    };
    let _ = client.decrease_order("o", &decreased).await;
    let _ = client.create_orders(&BatchCreate { orders: vec![order(), least] }).await;
    let _ = client.cancel_orders(&BatchCancel { orders: vec![item] }).await;
}

async fn groups(client: &Client) {
    let limit = Some("25".parse().expect("sound"));
    let group = CreateOrderGroup {
        contracts_limit: Some(25),
        contracts_limit_fp: limit,
        subaccount: Some(0),
        exchange_index: Some(2),
    };
    let _ = client.order_groups().await;
    let _ = client.order_group("g").await;
    let _ = client.create_order_group(&group).await;
    let _ = client.reset_order_group("g", 2).await;
    let _ = client.trigger_order_group("g", 2).await;
    let change = OrderGroupLimit { contracts_limit: None, contracts_limit_fp: limit };
    let _ = client.limit_order_group("g", 2, &change).await;
    let _ = client.delete_order_group("g", 2).await;
}
