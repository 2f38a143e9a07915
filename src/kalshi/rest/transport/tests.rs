use super::*;
use crate::kalshi::credentials::{KEY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use crate::kalshi::model::{BatchCancelItem, BookSide, CreateOrder, SelfTradePrevention, TimeInForce};
use crate::kalshi::rest::Client;
use crate::kalshi::rest::query::PositionQuery;
use crate::kalshi::sign::{KeyKind, Signer, Verifier, generate};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::ExposeSecret;
use server::{Reply, Seen, Server};

mod broken;
mod server;

const CREATED: &str = r#"{"order_id":"o1","fill_count":"0.00","remaining_count":"1.00","ts_ms":1}"#;
const BALANCE: &str = r#"{"balance":1,"balance_dollars":"0.0100","portfolio_value":0,"updated_ts":1}"#;
const STATUS: &str = r#"{"exchange_active":false,"trading_active":false}"#;
const QUICK: Persistence =
    Persistence { reads: 4, writes: 3, first: Duration::from_millis(6), most: Duration::from_millis(20) };

/// A client with a new key, its requests' public key, and rates that never make a test wait.
fn client(url: &str, timeout: Duration) -> (Client, Verifier) {
    let pair = generate(KeyKind::Ed25519);
    let signer = Signer::from_pem(pair.private_pem.expose_secret()).expect("sound");
    let verifier = signer.verifier();
    let settings = TransportSettings {
        base_url: url.to_owned(),
        credentials: Some(Arc::new(Credentials::new("the-key", signer))),
        timeout,
        reads_per_second: 10_000,
        writes_per_second: 10_000,
    };
    (Client::new(Transport::persistent(settings, QUICK).expect("usable")), verifier)
}

fn patient(url: &str) -> (Client, Verifier) {
    client(url, Duration::from_secs(20))
}

fn anonymous(url: &str) -> Client {
    let settings = TransportSettings {
        base_url: url.to_owned(),
        credentials: None,
        timeout: Duration::from_secs(20),
        reads_per_second: 20,
        writes_per_second: 10,
    };
    Client::new(Transport::persistent(settings, QUICK).expect("usable"))
}

fn order() -> CreateOrder {
    CreateOrder {
        ticker: "KXTEST-1".to_owned(),
        side: BookSide::Bid,
        count: "1".parse().expect("sound"),
        price: "0.42".parse().expect("sound"),
        time_in_force: TimeInForce::ImmediateOrCancel,
        self_trade_prevention_type: SelfTradePrevention::TakerAtCross,
        client_order_id: Some("kb-1-1".to_owned()),
        expiration_time: None,
        post_only: None,
        reduce_only: None,
        cancel_order_on_pause: None,
        order_group_id: None,
        subaccount: None,
        exchange_index: Some(0),
    }
}

/// Checks that a request is signed by the key, and gives its instant.
fn signed_at(seen: &Seen, verifier: &Verifier) -> i64 {
    assert_eq!(seen.header(KEY_HEADER), Some("the-key"));
    let millis: i64 = seen.header(TIMESTAMP_HEADER).expect("signed").parse().expect("a number");
    let signature = BASE64_STANDARD.decode(seen.header(SIGNATURE_HEADER).expect("signed")).expect("base64");
    let text = format!("{millis}{}{}", seen.method, seen.path);
    assert!(verifier.verify(text.as_bytes(), &signature), "{text}");
    millis
}

#[tokio::test]
async fn requests_are_signed_with_method_and_path_and_only_where_needed() {
    let server = Server::start([Reply::text(200, BALANCE), Reply::text(200, STATUS)]).await;
    let (client, verifier) = patient(&server.url);
    client.balance().await.expect("answered");
    client.exchange_status().await.expect("answered");
    let seen = server.seen();
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str()), ("GET", "/trade-api/v2/portfolio/balance"));
    signed_at(&seen[0], &verifier);
    assert_eq!(seen[1].header(KEY_HEADER), None);
    assert_eq!(seen[1].header(SIGNATURE_HEADER), None);
    assert!(seen.iter().all(|request| request.header("accept-language").is_none()));
}

#[tokio::test]
async fn without_a_key_nothing_is_sent_for_an_account() {
    let server = Server::start([Reply::text(200, BALANCE)]).await;
    let fault = anonymous(&server.url).balance().await.expect_err("no key");
    assert!(matches!(&fault, ApiError::Credentials(refusal) if refusal.code == "no_key"), "{fault}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn reads_are_repeated_while_the_exchange_is_busy_or_broken() {
    let replies = [
        Reply::text(503, "<html><title>Down</title></html>"),
        Reply::text(429, r#"{"error":"too many requests"}"#),
        Reply::text(500, ""),
        Reply::text(200, BALANCE),
    ];
    let server = Server::start(replies).await;
    let (client, verifier) = patient(&server.url);
    assert_eq!(client.balance().await.expect("answered").balance, 1);
    let instants: Vec<i64> = server.seen().iter().map(|seen| signed_at(seen, &verifier)).collect();
    assert_eq!(instants.len(), 4);
    assert!(instants.is_sorted_by(|a, b| a < b), "each is signed anew: {instants:?}");
}

#[tokio::test]
async fn reads_are_given_up_after_a_while_and_at_once_where_nothing_would_change() {
    for (reply, attempts, expected) in [
        (Reply::text(502, "<html>"), 4, "no answer from HOST: 502 a web page"),
        (Reply::text(429, ""), 4, "the exchange takes no more requests for now (429)"),
        (
            Reply::text(404, r#"{"code":"not_found","message":"no"}"#),
            1,
            "the exchange refused: 404 not_found no",
        ),
        (Reply::text(200, "{"), 1, "GET /portfolio/balance: the answer makes no sense: EOF"),
        (Reply::text(200, ""), 1, "GET /portfolio/balance: the answer makes no sense: it is empty"),
    ] {
        let server = Server::start([reply]).await;
        let fault = patient(&server.url).0.balance().await.expect_err("no balance").to_string();
        assert!(fault.starts_with(&expected.replace("HOST", &server.host())), "{fault}");
        assert_eq!(server.seen().len(), attempts, "{fault}");
    }
}

#[tokio::test]
async fn refusals_say_that_nothing_was_done() {
    let (key, other) =
        (r#"{"error":{"code":"Authentication_Error","message":"m","details":"NOT_FOUND"}}"#, "{}");
    for (status, body, is_about_the_key) in [
        (400, r#"{"error":{"code":"invalid_price","message":"off grid"}}"#, false),
        (401, key, true),
        (403, other, true),
        (404, r#"{"msg":"gone"}"#, false),
        (409, r#"{"error":"order already exists"}"#, false),
        (410, r#"{"code":"deprecated_v1_order_endpoint"}"#, false),
    ] {
        let server = Server::start([Reply::text(status, body)]).await;
        let fault = patient(&server.url).0.create_order(&order()).await.expect_err("refused");
        assert_eq!(matches!(fault, ApiError::Credentials(_)), is_about_the_key, "{fault}");
        assert_eq!(fault.status(), Some(status));
        assert!(!fault.leaves_doubt());
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_write_whose_outcome_is_unknown_is_never_sent_again() {
    for reply in [
        Reply::text(500, r#"{"error":{"code":"internal"}}"#),
        Reply::text(502, "<html>"),
        Reply::text(503, STATUS),
        Reply::text(504, ""),
        Reply::text(408, ""),
        Reply::text(201, r#"{"order_id":"o1""#),
        Reply::text(201, ""),
        Reply::text(200, "<html>"),
        Reply::Never,
    ] {
        let server = Server::start([reply.clone()]).await;
        let timeout = Duration::from_millis(if matches!(reply, Reply::Never) { 250 } else { 20_000 });
        let (client, _) = client(&server.url, timeout);
        let fault = client.create_order(&order()).await.expect_err("unknown");
        assert!(fault.leaves_doubt(), "{reply:?}: {fault}");
        assert_eq!(server.seen().len(), 1, "{reply:?}");
    }
}

#[tokio::test]
async fn a_write_that_was_one_too_many_goes_again_signed_anew() {
    let busy = Reply::text(429, r#"{"error":{"code":"too_many_requests"}}"#);
    let server = Server::start([busy.clone(), Reply::text(201, CREATED)]).await;
    let (client, verifier) = patient(&server.url);
    assert_eq!(client.create_order(&order()).await.expect("taken").order_id, "o1");
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert!(signed_at(&seen[0], &verifier) < signed_at(&seen[1], &verifier));
    assert_eq!(seen[0].body, seen[1].body);

    let server = Server::start([busy]).await;
    let fault = patient(&server.url).0.create_order(&order()).await.expect_err("still too many");
    assert_eq!(fault, ApiError::RateLimited);
    assert!(!fault.leaves_doubt());
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn an_order_signed_ahead_is_sent_with_that_signature_once() {
    let server = Server::start([Reply::text(201, CREATED)]).await;
    let (client, verifier) = patient(&server.url);
    client.sign_order_ahead();
    let ahead = lock(&client.transport().shared.ahead).as_ref().expect("signed").at.micros() / 1_000;
    while wall_clock().micros() / 1_000 == ahead {
        tokio::task::yield_now().await;
    }
    client.create_order(&order()).await.expect("taken");
    client.create_order(&order()).await.expect("taken");
    let instants: Vec<i64> = server.seen().iter().map(|seen| signed_at(seen, &verifier)).collect();
    assert_eq!(instants[0], ahead);
    assert!(instants[1] > ahead);
    // One that has lain too long, or comes from a clock that was set back, isn't used.
    let (transport, path) = (client.transport(), "/trade-api/v2/portfolio/events/orders");
    for late in [wall_clock() + Duration::from_secs(3), wall_clock() - Duration::from_secs(3)] {
        client.sign_order_ahead();
        assert!(transport.signed_ahead(&Method::POST, path, late).is_none());
    }
    client.sign_order_ahead();
    assert!(transport.signed_ahead(&Method::DELETE, path, wall_clock()).is_none());
    assert!(transport.signed_ahead(&Method::POST, path, wall_clock()).is_some());
}

#[tokio::test]
async fn an_exchange_that_is_down_may_still_say_so() {
    for status in [200, 500, 503, 504] {
        let server = Server::start([Reply::text(status, STATUS)]).await;
        let said = anonymous(&server.url).exchange_status().await.expect("answered");
        assert!(!said.exchange_active);
        assert_eq!(server.seen().len(), 1);
    }
    let server = Server::start([Reply::text(503, "{}")]).await;
    let fault = anonymous(&server.url).exchange_status().await.expect_err("no status");
    assert!(matches!(fault, ApiError::NoAnswer { .. }), "{fault}");
}

#[tokio::test]
async fn pages_are_read_to_the_end_and_never_in_a_circle() {
    let page = |cursor: &str| Reply::text(200, &format!(r#"{{"market_positions":[],"cursor":{cursor}}}"#));
    let server = Server::start([page("\"a b\""), page("\"c\""), page("null")]).await;
    let (client, verifier) = patient(&server.url);
    let query = PositionQuery { ticker: Some("KX-1".to_owned()), ..PositionQuery::default() };
    client.positions(&query).all().await.expect("three pages");
    let queries: Vec<String> = server.seen().into_iter().map(|seen| seen.query).collect();
    assert_eq!(queries, ["ticker=KX-1", "ticker=KX-1&cursor=a+b", "ticker=KX-1&cursor=c"]);
    signed_at(&server.seen()[1], &verifier);

    let server = Server::start([page("\"a\""), page("\"b\""), page("\"a\"")]).await;
    let fault = patient(&server.url).0.positions(&query).all().await.expect_err("a circle");
    assert_eq!(fault, ApiError::CursorLoop { what: "GET /portfolio/positions".to_owned() });
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn the_exchanges_clock_is_compared_with_ours() {
    let hour = 3_600_000;
    let ahead = wall_clock() + Duration::from_hours(1);
    let date = jiff::Timestamp::from_microsecond(ahead.micros()).expect("a time");
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date).expect("a date");
    let server = Server::start([Reply::text(200, BALANCE).with("date", &date)]).await;
    let (client, _) = patient(&server.url);
    assert_eq!(client.transport().clock_skew(), None);
    let before = wall_clock();
    client.balance().await.expect("answered");
    let skew = client.transport().clock_skew().expect("measured");
    assert!((skew + hour).abs() < 60_000, "{skew}");
    assert!(client.transport().clock_measured_at() >= Some(before));
}

#[tokio::test]
async fn the_limits_that_the_exchange_tells_are_kept() {
    let limits = r#"{"usage_tier":"basic","read":{"refill_rate":200,"bucket_capacity":600},
                     "write":{"refill_rate":1,"bucket_capacity":14}}"#;
    let costs = r#"{"default_cost":10,"endpoint_costs":[
                     {"method":"DELETE","path":"/trade-api/v2/portfolio/events/orders/:order_id","cost":2}]}"#;
    let canceled = r#"{"order_id":"o1","reduced_by":"1.00","ts_ms":1}"#;
    let replies = [limits, costs, CREATED, canceled].map(|body| Reply::text(200, body));
    let server = Server::start(replies).await;
    let (client, _) = client(&server.url, Duration::from_millis(900));
    assert_eq!(client.load_limits().await.expect("told").usage_tier, "basic");
    client.create_order(&order()).await.expect("the first has its tokens");
    let fault = client.create_order(&order()).await.expect_err("the second hasn't");
    assert!(matches!(fault, ApiError::NoTokens { .. }), "{fault}");
    assert!(!fault.leaves_doubt());
    let item = BatchCancelItem {
        order_id: "o1".to_owned(),
        subaccount: None,
        exchange_index: Some(0),
        market_ticker: None,
    };
    client.cancel_order(&item).await.expect("a cancel has its tokens");
    assert_eq!(server.seen().len(), 4);
}
