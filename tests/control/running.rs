//! Commands against a listener in this process that answers as a bot would.

use crate::program::{Ended, run};
use kalshi_bot::control::{
    ClearedHalt, Gate, GateVerdict, HaltCause, HeldPosition, Listener, MarketWhy, Proposal, Reconciled,
    Refusal, Reply, Request, StageTimes, Status, Why, WorkingOrder,
};
use kalshi_bot::market::{Outcome, Side};
use kalshi_bot::telemetry::log::RecentLine;
use kalshi_bot::telemetry::queue::Queue;
use kalshi_bot::units::{Money, Price, Quantity, Timestamp};
use std::collections::BTreeMap;

const TICKER: &str = "KXHIGHNY-26DEC01-T50";

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(1_795_370_000 + second)
}

/// Runs a command beside a bot that gets one request and gives one reply.
async fn told(arguments: &[&str], expected: Request, reply: Reply) -> Ended {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut listener = Listener::bind(folder.path()).expect("the socket");
    let bot = async {
        let (request, answer) = listener.next().await;
        assert_eq!(request, expected);
        answer.send(reply);
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = run(folder.path(), arguments) => ended,
        () = bot => unreachable!("the bot goes on"),
    }
}

fn status(trading: &str) -> Reply {
    let reasons = HaltCause {
        code: "operator".to_owned(),
        since: at(0),
        detail: "election night".to_owned(),
        latched: true,
    };
    Reply::Status(Box::new(Status {
        trading: trading.to_owned(),
        reasons: if trading == "active" { Vec::new() } else { vec![reasons] },
        pid: 4_242,
        version: "0.1.0".to_owned(),
        uptime_seconds: 4_000,
        exchange: "demo".to_owned(),
        connected: true,
        markets: 12,
        frames: 34_567,
        gaps: 1,
        positions: vec![HeldPosition {
            ticker: TICKER.to_owned(),
            outcome: Outcome::No,
            quantity: Quantity::from_raw(1_250),
            entry: Price::from_raw(853_301),
            mark: Some(Price::from_raw(870_000)),
            unrealised: Money::from_raw(208_737),
        }],
        orders: vec![WorkingOrder {
            client_id: "kb-1k3f9x2a-17".to_owned(),
            ticker: TICKER.to_owned(),
            side: Side::Bid,
            price: Price::from_raw(120_000),
            remaining: Quantity::from_raw(1_250),
            purpose: "take_profit".to_owned(),
            state: "resting".to_owned(),
        }],
        cash: Money::from_raw(91_490_001),
        equity: Money::from_raw(102_365_001),
        daily_pnl: Money::from_raw(-1_250_000),
        signals: 4,
        trades: 1,
        reconciled: Some(Reconciled {
            at: Timestamp::from_secs(1_795_370_002),
            result: "clean".to_owned(),
            differences: Vec::new(),
        }),
        latency: vec![StageTimes {
            stage: "step".to_owned(),
            count: 34_567,
            p50_ns: 800,
            p99_ns: 2_100,
            max_ns: 4_000_000,
        }],
        feed_age_ms: Some(1_240),
        queues: vec![Queue::new("store", 2, 0), Queue::new("log_console", 0, 1_204)],
        metrics: Some("http://127.0.0.1:9464/metrics".to_owned()),
        errors: vec![RecentLine {
            time: Timestamp::from_secs(1_795_370_003),
            level: "WARN".to_owned(),
            logger: "kalshi_bot::kalshi::stream".to_owned(),
            text: "no stream; the next attempt follows after a pause reason=\"timed out\" pause=1.2s"
                .to_owned(),
        }],
    }))
}

fn why(ticker: Option<&str>) -> Reply {
    let refused = [("volume_too_low", 2), ("spread_too_wide", 7)];
    let refused: BTreeMap<_, _> =
        refused.into_iter().map(|(reason, markets)| (reason.to_owned(), markets)).collect();
    let gates = vec![
        Gate { gate: "filter".to_owned(), passed: 5, refused },
        Gate { gate: "signal".to_owned(), passed: 0, refused: BTreeMap::new() },
    ];
    let market = ticker.map(|ticker| MarketWhy {
        ticker: ticker.to_owned(),
        status: "active".to_owned(),
        bid: Some(Price::from_raw(860_000)),
        ask: None,
        spread: None,
        depth: Money::from_dollars(1_240),
        volume: Quantity::from_contracts(900),
        closes: at(9_000),
        seconds_left: 9_000,
        verdicts: vec![GateVerdict {
            gate: "filter".to_owned(),
            passed: true,
            refused: vec!["one_sided".to_owned(), "spread_too_wide".to_owned()],
        }],
        refusal: Some(Refusal { gate: "filter".to_owned(), reason: "one_sided".to_owned() }),
        signal: None,
    });
    Reply::Why(Box::new(Why { gates, market }))
}

#[tokio::test]
async fn a_halted_bot_is_shown_to_people_with_what_halts_it() {
    let ended = told(&["status"], Request::Status, status("halted")).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(6), ""));
    insta::assert_snapshot!(ended.stdout);
}

#[tokio::test]
async fn a_status_is_one_document_with_decimals_as_strings() {
    let ended = told(&["status", "--output", "json"], Request::Status, status("active")).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let document = ended.document();
    assert_eq!((&document["running"], &document["trading"]), (&true.into(), &"active".into()));
    assert_eq!((&document["cash"], &document["daily_pnl"]), (&"91.490001".into(), &"-1.250000".into()));
    assert_eq!(document["positions"][0]["quantity"], "12.50");
    assert_eq!((&document["uptime_seconds"], &document["gaps"]), (&4_000.into(), &1.into()));
    let page = include_str!("../../docs/control.md");
    for field in document.as_object().expect("an object").keys() {
        assert!(page.contains(&format!("`{field}`")) || page.contains(&format!("`{field}[]`")), "{field}");
    }
}

#[tokio::test]
async fn a_market_is_told_with_what_refuses_it() {
    let request = Request::Why { ticker: Some(TICKER.to_owned()) };
    let ended = told(&["why", TICKER], request.clone(), why(Some(TICKER))).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(ended.stdout);

    let ended = told(&["why", TICKER, "--output", "json"], request, why(Some(TICKER))).await;
    let document = ended.document();
    assert_eq!(document["market"]["refusal"]["reason"], "one_sided");
    assert_eq!(document["gates"][0]["refused"]["spread_too_wide"], 7);
}

#[tokio::test]
async fn a_market_that_would_be_bought_says_at_what() {
    let Reply::Why(mut why) = why(Some(TICKER)) else { unreachable!("it is one") };
    let market = why.market.as_mut().expect("a market");
    let price = |cents: i64| Price::from_raw(cents * 10_000);
    market.refusal = None;
    market.signal =
        Some(Proposal { outcome: Outcome::No, price: price(87), target: price(89), stop: price(85) });
    let request = Request::Why { ticker: Some(TICKER.to_owned()) };
    let ended = told(&["why", TICKER], request, Reply::Why(why)).await;
    assert!(ended.stdout.contains("now: it would buy no at 0.87, target 0.89, stop 0.85"), "{ended:?}");
}

#[tokio::test]
async fn the_gates_are_told_without_a_market() {
    let ended = told(&["why"], Request::Why { ticker: None }, why(None)).await;
    assert_eq!(ended.code, Some(0));
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(lines[0], "Markets by gate since the start");
    assert!(lines[3].contains("spread_too_wide") && lines[4].contains("volume_too_low"), "{ended:?}");
}

#[tokio::test]
async fn what_the_bot_refuses_is_said_and_fails() {
    let refused = Reply::Refused { message: "KXNONE isn't among the markets that are followed".to_owned() };
    let ended = told(&["why", "KXNONE"], Request::Why { ticker: Some("KXNONE".to_owned()) }, refused).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("KXNONE isn't among the markets"), "{ended:?}");
}

#[tokio::test]
async fn a_running_bot_is_halted_and_resumed() {
    let halt = Request::Halt { note: Some("election night".to_owned()) };
    let ended = told(&["halt", "--note", "election night"], halt, Reply::Halted { was_halted: false }).await;
    assert_eq!(ended.code, Some(0));
    assert!(ended.stdout.starts_with("halted: the bot opens nothing"), "{ended:?}");

    let halt =
        ClearedHalt { reason: "operator".to_owned(), since: at(0), detail: "election night".to_owned() };
    let resumed = Reply::Resumed { cleared: vec![halt], trading: "reduce_only".to_owned() };
    let ended = told(&["resume"], Request::Resume, resumed).await;
    assert_eq!(ended.code, Some(0));
    assert_eq!(
        ended.stdout,
        format!(
            "cleared operator of {}: election night\n\
             trading is reduce_only all the same; `kalshi-bot status` says why\n",
            at(0)
        )
    );
}
