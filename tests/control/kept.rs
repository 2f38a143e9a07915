//! Commands about an account that no bot runs: halts that are kept, and books that are compared.

use crate::canned::{Account, Exchange, fill_row, order_row, position_row, settlement_row};
use crate::program::{Ended, KEY, give_key, run};
use kalshi_bot::config::exchange::ExchangeKind;
use kalshi_bot::engine::Record;
use kalshi_bot::engine::record::FillRecord;
use kalshi_bot::execution::client_id::{Prefix, RunTag};
use kalshi_bot::execution::reconcile::Baseline;
use kalshi_bot::execution::{OrderId, Purpose};
use kalshi_bot::market::Side;
use kalshi_bot::store::{AccountKey, RunDescription, RunKind, Store};
use kalshi_bot::units::{Money, Quantity, Timestamp};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const MARKET: &str = "KXBTC-26NOV22-B91000";
const START: i64 = 1_795_370_000;

/// A folder for the account, inside one that takes the key as well.
fn folder() -> (TempDir, PathBuf) {
    let outer = tempfile::tempdir().expect("a temporary folder");
    let folder = outer.path().join("account");
    std::fs::create_dir(&folder).expect("a folder");
    (outer, folder)
}

fn halts(folder: &Path, kind: RunKind) -> Vec<String> {
    let store = Store::open(folder).expect("the store");
    let halts = store.latched_halts(kind).expect("it can be read");
    halts.into_iter().map(|halt| format!("{}: {}", halt.reason, halt.detail)).collect()
}

#[tokio::test]
async fn nobody_runs_and_status_says_so_with_the_halts_to_come() {
    let (_outer, folder) = folder();
    for command in ["status", "why"] {
        let ended = run(&folder, &[command]).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{command}");
        assert!(ended.stderr.starts_with("error: no bot is running"), "{ended:?}");
    }
    assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 0, "looking leaves nothing behind");

    assert_eq!(run(&folder, &["halt", "--note", "away"]).await.code, Some(0));
    let ended = run(&folder, &["status", "--output", "json"]).await;
    assert_eq!(ended.code, Some(1));
    let document = ended.document();
    assert_eq!(document["running"], false);
    assert_eq!(
        (&document["halts"][0]["reason"], &document["halts"][0]["detail"]),
        (&"operator".into(), &"away".into())
    );
    assert!(ended.stderr.contains("the next run starts halted: operator since"), "{ended:?}");
}

#[tokio::test]
async fn an_account_is_halted_for_its_next_run_and_resumed() {
    let (_outer, folder) = folder();
    let ended = run(&folder, &["halt"]).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(
        ended.stdout.starts_with("halted: no bot is running, and the next one starts halted"),
        "{ended:?}"
    );
    assert_eq!(halts(&folder, RunKind::Live), ["operator: halted by a person"]);
    assert!(halts(&folder, RunKind::Paper).is_empty());
    assert!(run(&folder, &["halt"]).await.stdout.contains("was halted already"));

    let ended = run(&folder, &["resume"]).await;
    assert!(ended.stdout.starts_with("cleared operator of 2"), "{ended:?}");
    assert!(halts(&folder, RunKind::Live).is_empty());
    assert_eq!(run(&folder, &["resume"]).await.stdout, "nothing to clear: no halt is in force\n");
}

#[tokio::test]
async fn where_both_accounts_are_halted_one_has_to_be_named() {
    let (_outer, folder) = folder();
    let store = Store::open(&folder).expect("the store");
    for kind in [RunKind::Live, RunKind::Paper] {
        store.halt(kind, kind.as_str(), Timestamp::from_secs(START)).expect("stored");
    }
    drop(store);
    let ended = run(&folder, &["resume"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("--live or --paper"), "{ended:?}");
    assert!(run(&folder, &["resume", "--paper"]).await.stdout.contains("cleared operator of"));
    assert_eq!(halts(&folder, RunKind::Live), ["operator: live"]);
    assert!(run(&folder, &["resume"]).await.stdout.contains(": live"), "only one is left, so it is meant");
    assert!(halts(&folder, RunKind::Live).is_empty());
}

#[tokio::test]
async fn a_folder_that_is_held_or_not_there_is_named() {
    let (outer, folder) = folder();
    let held = Store::open(&folder).expect("the store");
    let ended = run(&folder, &["halt"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""));
    assert!(ended.stderr.contains("another kalshi-bot is using this state folder"), "{ended:?}");
    drop(held);
    let nowhere = outer.path().join("nowhere");
    for command in ["halt", "resume", "status", "why"] {
        let ended = run(&nowhere, &[command]).await;
        assert_eq!(ended.code, Some(2), "{command}: {ended:?}");
        assert!(ended.stderr.contains("is not a folder"), "{ended:?}");
    }
    assert!(!nowhere.exists());
}

fn key() -> AccountKey {
    AccountKey::new(ExchangeKind::Simulated, KEY)
}

/// An account with a baseline of 100 dollars and one fill of ours, and an exchange that shows the same, and a payout of
/// a market in which nothing was held.
async fn agreeing(folder: &Path) -> Exchange {
    let store = Store::open(folder).expect("the store");
    let at = Timestamp::from_secs;
    let baseline = Baseline { cash: Money::from_dollars(100), ..Baseline::empty(at(START)) };
    store.add_baseline(&key(), &baseline).expect("stored");
    let run = RunDescription {
        id: "live".to_owned(),
        kind: RunKind::Live,
        source: "simulated".to_owned(),
        settings: String::new(),
        started: at(START),
    };
    let writer = store.start_live_run(&run, &key(), &Prefix::default()).expect("the run starts");
    writer.record(&Record::Fill(FillRecord {
        trade_id: "t-1".into(),
        order: OrderId(1),
        market: MARKET.into(),
        side: Side::Bid,
        price: "0.85".parse().expect("a price"),
        quantity: Quantity::from_contracts(10),
        fee: Money::from_raw(10_000),
        is_taker: true,
        time: at(START + 11),
        purpose: Purpose::Entry,
    }));
    writer.finish(at(START + 12)).expect("stored");
    let order = format!("kb-{}-1", RunTag::of_start(at(START)));
    Exchange::start(Account {
        cash: "91.49".to_owned(),
        positions: vec![position_row(MARKET, "10.00")],
        orders: vec![order_row("o-1", &order, MARKET, "executed", "10.00")],
        fills: vec![fill_row("t-1", "o-1", MARKET, "10.00", START + 11)],
        settlements: vec![settlement_row("KXPAID", START + 5)],
        ..Account::default()
    })
    .await
}

async fn reconcile(folder: &Path, exchange: &Exchange, arguments: &[&str]) -> Ended {
    give_key(folder);
    let url = exchange.url.clone();
    run(folder, &[&["reconcile", "--api-url", &url], arguments].concat()).await
}

/// What differs in every way: cash, a position, a fill and an order.
fn disturb(exchange: &Exchange) {
    let mut there = exchange.account();
    there.cash = String::from("70.00");
    there.positions = vec![position_row(MARKET, "7.50"), position_row("KXHIGHNY-26DEC01-T50", "-3.00")];
    there.orders.push(order_row("o-9", "by-hand", MARKET, "resting", "0.00"));
    there.fills.push(fill_row("t-9", "o-8", "KXHIGHNY-26DEC01-T50", "3.00", START + 50));
}

#[tokio::test]
async fn books_that_agree_are_clean() {
    let (_outer, folder) = folder();
    let exchange = agreeing(&folder).await;
    let ended = reconcile(&folder, &exchange, &[]).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    assert_eq!(ended.stdout, "Nothing differs: 91.490000 of cash, 1 position, 0 resting orders.\n");
}

#[tokio::test]
async fn differences_are_shown_with_both_figures_and_what_mends_them() {
    let (_outer, folder) = folder();
    let exchange = agreeing(&folder).await;
    disturb(&exchange);
    let ended = reconcile(&folder, &exchange, &[]).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(7), ""), "{ended:?}");
    insta::assert_snapshot!(ended.stdout);

    let ended = reconcile(&folder, &exchange, &["--output", "json"]).await;
    assert_eq!(ended.code, Some(7));
    let document = ended.document();
    assert_eq!((&document["clean"], &document["bot_running"]), (&false.into(), &false.into()));
    assert_eq!((&document["cash_here"], &document["cash_there"]), (&"91.490000".into(), &"70.000000".into()));
    assert_eq!(document["differences"][0]["kind"], "cash");
    let csv = reconcile(&folder, &exchange, &["--output", "csv"]).await.stdout;
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!((lines[0], lines.len()), ("kind,ticker,reference,here,there,mend", 6), "{csv}");
}

#[tokio::test]
async fn what_is_accepted_no_longer_differs() {
    let (_outer, folder) = folder();
    let exchange = agreeing(&folder).await;
    disturb(&exchange);
    let ended = reconcile(&folder, &exchange, &["--accept"]).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{ended:?}");
    let told = "the exchange's figures are taken: cash -21.4900, KXBTC-26NOV22-B91000 -2.50, KXHIGHNY-26DEC01-T50 -3.00";
    assert!(ended.stdout.starts_with(told), "{ended:?}");
    assert_eq!(reconcile(&folder, &exchange, &[]).await.code, Some(0));
}

#[tokio::test]
async fn without_a_baseline_nothing_is_called_clean() {
    let (_outer, folder) = folder();
    let exchange = Exchange::start(Account { cash: "5".to_owned(), ..Account::default() }).await;
    let ended = reconcile(&folder, &exchange, &[]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
    assert!(ended.stderr.contains("has no baseline in this folder"), "{ended:?}");
    let ended = reconcile(&folder, &exchange, &["--accept"]).await;
    assert!(ended.stdout.starts_with("the baseline is taken: cash +5.0000"), "{ended:?}");
    assert_eq!(reconcile(&folder, &exchange, &[]).await.code, Some(0));
}

#[tokio::test]
async fn a_folder_that_a_bot_holds_is_compared_and_not_changed() {
    let (_outer, folder) = folder();
    let exchange = agreeing(&folder).await;
    let _held = Store::open(&folder).expect("the store");
    let ended = reconcile(&folder, &exchange, &["--output", "json"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.document()["bot_running"], true);
    assert_eq!(reconcile(&folder, &exchange, &["--accept"]).await.code, Some(4));
}

#[tokio::test]
async fn an_exchange_that_is_not_there_is_no_drift() {
    let (_outer, folder) = folder();
    let mut exchange = agreeing(&folder).await;
    exchange.url = "http://127.0.0.1:9/trade-api/v2".to_owned();
    let ended = reconcile(&folder, &exchange, &[]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{ended:?}");
}
