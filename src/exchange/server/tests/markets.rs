//! Reading markets, events and series, with and without a signature.

use super::*;
use crate::exchange::server::Tier;
use std::collections::BTreeSet;

#[tokio::test]
async fn public_reads_need_no_signature_and_all_else_does() {
    let client = open().await;
    let unsigned = |method: Method, path: &str| answered(client.request(method, path, None));
    assert_eq!(unsigned(Method::GET, "/markets").await.0, 200);
    assert_eq!(unsigned(Method::GET, "/account/endpoint_costs").await.0, 200);
    for path in
        ["/portfolio/balance", "/portfolio/orders", "/account/limits", "/exchange/user_data_timestamp"]
    {
        let (status, body) = unsigned(Method::GET, path).await;
        assert_eq!((status, &body["error"]["code"]), (401, &json!("authentication_error")), "{path}");
        assert_eq!(client.get(path).await.0, 200, "{path}");
    }
    assert_eq!(unsigned(Method::DELETE, "/portfolio/events/orders").await.0, 401);
}

#[tokio::test]
async fn a_signature_must_hold_be_fresh_and_be_the_accounts() {
    let client = open().await;
    let path = "/portfolio/balance";
    let whole = format!("{}{path}", crate::exchange::server::PREFIX);
    let wall = crate::exchange::server::clock::wall();
    let stranger = Signer::from_pem(
        crate::kalshi::sign::generate(crate::kalshi::sign::KeyKind::Rsa2048).private_pem.expose_secret(),
    )
    .expect("a key");
    let cases = [
        (
            client.credentials.headers(wall - Duration::from_mins(1), "GET", &whole),
            "header_timestamp_expired",
            None,
        ),
        (
            client.credentials.headers(wall + Duration::from_mins(1), "GET", &whole),
            "header_timestamp_expired",
            None,
        ),
        (
            client.credentials.headers(wall, "POST", &whole),
            "authentication_error",
            Some("INCORRECT_API_KEY_SIGNATURE"),
        ),
        (
            Credentials::new("someone-else", stranger).headers(wall, "GET", &whole),
            "authentication_error",
            Some("NOT_FOUND"),
        ),
    ];
    for (headers, code, details) in cases {
        let request =
            headers.into_iter().fold(client.request(Method::GET, path, None), |request, (name, value)| {
                request.header(name, value)
            });
        let (status, body) = answered(request).await;
        assert_eq!((status, body["error"]["code"].as_str()), (401, Some(code)), "{body}");
        assert_eq!(body["error"]["details"].as_str(), details, "{body}");
    }
    let query = format!("{path}?subaccount=0");
    assert_eq!(client.get(&query).await.0, 200, "the query isn't signed");
}

#[tokio::test]
async fn an_account_with_an_rsa_key_may_ask() {
    let pair = crate::kalshi::sign::generate(crate::kalshi::sign::KeyKind::Rsa2048);
    let key = super::super::KeySource::Given { key_id: "my-key".to_owned(), public_pem: pair.public_pem };
    let running =
        Server::start(ServerSettings { key, ..ServerSettings::default() }).await.expect("it starts");
    assert!(running.private_key_path().is_none(), "the private key is the caller's own");
    let signer = Signer::from_pem(pair.private_pem.expose_secret()).expect("a key");
    let client =
        Client { credentials: Credentials::new("my-key", signer), running, http: reqwest::Client::new() };
    assert_eq!(client.get("/portfolio/balance").await.0, 200);
}

#[tokio::test]
async fn every_market_is_listed_once_over_all_pages() {
    let settings =
        ServerSettings { quiet_markets: 2_345, tier: Tier::Unlimited, ..ServerSettings::default() };
    let client = started(settings).await;
    client.list(MARKET, 0);
    let mut tickers = BTreeSet::new();
    let mut cursor = String::new();
    let mut sizes = Vec::new();
    loop {
        let page = client.read(&format!("/markets?limit=1000&mve_filter=exclude&cursor={cursor}")).await;
        let markets = page["markets"].as_array().expect("a list");
        sizes.push(markets.len());
        for market in markets {
            assert!(tickers.insert(market["ticker"].as_str().expect("a ticker").to_owned()), "{market}");
        }
        cursor = page["cursor"].as_str().expect("a cursor").to_owned();
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(sizes, [1_000, 1_000, 346]);
    assert!(tickers.contains(MARKET));
    let (_, page) = client.get("/markets?limit=1").await;
    let cursor = page["cursor"].as_str().expect("a cursor");
    assert_eq!(client.get(&format!("/markets?status=open&cursor={cursor}")).await.0, 400, "other filters");
    let some = client.read("/markets?event_ticker=KXQUIETVOTE-E1&status=open").await;
    assert_eq!(some["markets"].as_array().map(Vec::len), Some(10));
    let events = client.read("/events?with_nested_markets=true&series_ticker=KXQUIETVOTE").await;
    assert_eq!(events["events"][0]["markets"].as_array().map(Vec::len), Some(10));
}

#[tokio::test]
async fn filters_are_words_and_windows_that_go_together() {
    let client = open().await;
    client.list("KXTEST-26NOV23-B", 2);
    let count = async |query: &str| {
        client.read(&format!("/markets?{query}")).await["markets"].as_array().map(Vec::len)
    };
    assert_eq!(count("status=open").await, Some(2));
    client.steer(&format!("/sim/market/{MARKET}/close"), None).await;
    assert_eq!(count("status=open").await, Some(1));
    assert_eq!(count("status=closed").await, Some(1));
    assert_eq!(count("tickers=KXTEST-26NOV23-B,KXNONE").await, Some(1));
    assert_eq!(count("min_close_ts=1&max_close_ts=2").await, Some(0));
    assert_eq!(count("mve_filter=only").await, Some(0));
    for refused in [
        "limit=1001",
        "status=active",
        "status=open&min_close_ts=1",
        "min_updated_ts=1&event_ticker=X",
        "min_created_ts=1&max_close_ts=2",
    ] {
        assert_eq!(client.get(&format!("/markets?{refused}")).await.0, 400, "{refused}");
    }
}

#[tokio::test]
async fn books_have_their_best_last_and_unknown_ones_are_empty() {
    let client = open().await;
    let book = client.read(&format!("/markets/{MARKET}/orderbook")).await;
    assert_eq!(
        book["orderbook_fp"],
        json!({
            "yes_dollars": [["0.3900", "20.00"], ["0.4000", "10.00"]],
            "no_dollars": [["0.5400", "20.00"], ["0.5500", "10.00"]],
        })
    );
    let touch = client.read(&format!("/markets/{MARKET}/orderbook?depth=1")).await;
    assert_eq!(touch["orderbook_fp"]["yes_dollars"], json!([["0.4000", "10.00"]]));
    assert_eq!(client.get(&format!("/markets/{MARKET}/orderbook?depth=101")).await.0, 400);
    let unknown = client.read("/markets/KXNONE/orderbook").await;
    assert_eq!(unknown["orderbook_fp"], json!({"yes_dollars": [], "no_dollars": []}));
    assert_eq!(client.get("/markets/KXNONE").await.0, 404);
    let several = client.read(&format!("/markets/orderbooks?tickers={MARKET}&tickers=KXNONE")).await;
    assert_eq!(several["orderbooks"].as_array().map(Vec::len), Some(1));
    let market = client.read(&format!("/markets/{MARKET}")).await;
    assert_eq!(market["market"]["yes_bid_dollars"], "0.4000");
    assert_eq!(market["market"]["no_ask_dollars"], "0.6000");
}

#[tokio::test]
async fn tokens_run_out_and_the_answer_is_429() {
    let client = started(ServerSettings::default()).await;
    client.list(MARKET, 0);
    let limits = client.read("/account/limits").await;
    assert_eq!(limits["usage_tier"], "basic");
    assert_eq!(limits["write"], json!({"refill_rate": 100, "bucket_capacity": 100}));
    let batch = |orders: usize| json!({"orders": vec![order("bid", "0.1000", "1"); orders]});
    let path = "/portfolio/events/orders/batched";
    let (status, body) = client.ask(Method::POST, path, Some(batch(11))).await;
    assert_eq!(
        (status, &body),
        (429, &json!({"error": {"code": "too_many_requests", "message": "too many requests"}}))
    );
    assert_eq!(client.read("/portfolio/orders").await["orders"], json!([]), "it is refused whole");
    assert_eq!(client.ask(Method::POST, path, Some(batch(10))).await.0, 201);
    assert_eq!(client.ask(Method::POST, path, Some(batch(10))).await.0, 429);
}
