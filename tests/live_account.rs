//! What a live account keeps beyond its runs: its baseline, its books, and which orders are its own.

use kalshi_bot::config::exchange::ExchangeKind;
use kalshi_bot::engine::Record;
use kalshi_bot::engine::record::{FillRecord, OrderRecord, SettlementRecord};
use kalshi_bot::execution::client_id::{ClientOrderId, Prefix, RunTag};
use kalshi_bot::execution::reconcile::{Baseline, BookedFill, Payout};
use kalshi_bot::execution::{OrderId, OrderState, Purpose};
use kalshi_bot::market::{Outcome, Resolution, Side};
use kalshi_bot::store::{AccountKey, RunDescription, RunKind, Store, StoreError, Writer};
use kalshi_bot::units::{Money, Quantity, Timestamp};
use rusqlite::Connection;
use tempfile::TempDir;

const MARKET: &str = "KXBTC-26NOV22-B91000";

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(1_795_370_000 + second)
}

fn dollars(text: &str) -> Money {
    text.parse().expect("an amount of this test")
}

fn fresh() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(folder.path()).expect("a fresh store opens");
    (folder, store)
}

fn demo() -> AccountKey {
    AccountKey::new(ExchangeKind::Demo, "6f1c7c50-8f3f-4c39-9d1f-3f1d2f0f6a11")
}

fn run(second: i64) -> RunDescription {
    RunDescription {
        id: format!("live-{second}"),
        kind: RunKind::Live,
        source: "demo".to_owned(),
        settings: String::new(),
        started: at(second),
    }
}

fn start(store: &Store, second: i64) -> Writer {
    store.start_live_run(&run(second), &demo(), &Prefix::default()).expect("the run starts")
}

fn order(number: u64, state: OrderState, filled: i64) -> Record {
    Record::Order(OrderRecord {
        time: at(1),
        order: OrderId(number),
        market: MARKET.into(),
        side: Side::Bid,
        price: "0.85".parse().expect("a price"),
        quantity: Quantity::from_contracts(10),
        filled: Quantity::from_contracts(filled),
        purpose: Purpose::Entry,
        state,
        reason: None,
    })
}

fn fill(trade: &str, contracts: i64, second: i64) -> Record {
    Record::Fill(FillRecord {
        trade_id: trade.into(),
        order: OrderId(1),
        market: MARKET.into(),
        side: Side::Bid,
        price: "0.85".parse().expect("a price"),
        quantity: Quantity::from_contracts(contracts),
        fee: dollars("0.01"),
        is_taker: true,
        time: at(second),
        purpose: Purpose::Entry,
    })
}

fn booked(trade: &str, second: i64) -> BookedFill {
    BookedFill {
        trade_id: trade.to_owned(),
        exchange_order: Some("o-9".to_owned()),
        ticker: MARKET.to_owned(),
        side: Side::Bid,
        price: "0.80".parse().expect("a price"),
        quantity: Quantity::from_contracts(2),
        fee: Money::ZERO,
        is_taker: false,
        time: at(second),
        is_ours: true,
    }
}

fn name(second: i64, order: u64) -> ClientOrderId {
    ClientOrderId { prefix: Prefix::default(), run: RunTag::of_start(at(second)), order: OrderId(order) }
}

fn baseline(cash: &str) -> Baseline {
    Baseline {
        cash: dollars(cash),
        positions: [("KXOTHER".to_owned(), Quantity::from_contracts(-3))].into(),
        orders: ["o-theirs".to_owned()].into(),
        fills: ["t-before".to_owned()].into(),
        payouts: ["KXPAID".to_owned()].into(),
        ..Baseline::empty(at(0))
    }
}

fn count(folder: &TempDir, query: &str) -> i64 {
    let database = Connection::open(folder.path().join("kalshi-bot.db")).expect("the database");
    database.query_row(query, [], |row| row.get(0)).unwrap_or_else(|fault| panic!("{query}: {fault}"))
}

#[test]
fn accounts_have_names_that_do_not_tell_the_key() {
    let production = AccountKey::new(ExchangeKind::Production, "6f1c7c50-8f3f-4c39-9d1f-3f1d2f0f6a11");
    assert_ne!(production, demo());
    assert!(demo().as_str().starts_with("demo-") && demo().as_str().len() == "demo-".len() + 12);
    assert!(!demo().as_str().contains("6f1c7c50"));
    assert_ne!(demo(), AccountKey::new(ExchangeKind::Demo, "another"));
}

#[test]
fn a_baseline_reads_back_as_it_was_and_further_ones_add_up() {
    let (folder, store) = fresh();
    assert_eq!(store.live_account(&demo()).unwrap().cash, None);
    store.add_baseline(&demo(), &baseline("100.000001")).unwrap();
    let accepted = Baseline { cash: dollars("-40"), ..Baseline::empty(at(50)) };
    store.add_baseline(&demo(), &accepted).unwrap();
    drop(store);

    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.baselines(&demo()).unwrap(), [baseline("100.000001"), accepted]);
    let here = store.live_account(&demo()).unwrap();
    assert_eq!(here.cash, Some(dollars("60.000001")));
    assert_eq!(here.foreign["KXOTHER"], Quantity::from_contracts(-3));
    assert!(here.fills.contains("t-before") && here.payouts.contains("KXPAID"));
    assert!(here.foreign_orders.contains("o-theirs"));
    let other = AccountKey::new(ExchangeKind::Production, "another");
    assert_eq!(store.baselines(&other).unwrap(), []);
}

#[test]
fn a_baseline_survives_a_power_loss_from_the_moment_it_is_taken() {
    let (folder, store) = fresh();
    store.add_baseline(&demo(), &baseline("100")).unwrap();
    // What a power loss leaves at the worst: nothing of the log, which is synced with a checkpoint and not before.
    let left = tempfile::tempdir().unwrap();
    std::fs::copy(folder.path().join("kalshi-bot.db"), left.path().join("kalshi-bot.db")).unwrap();
    let store = Store::open(left.path()).unwrap();
    assert_eq!(store.baselines(&demo()).unwrap(), [baseline("100")]);
}

#[test]
fn runs_of_an_account_add_up_and_other_runs_stay_out() {
    let (_folder, store) = fresh();
    store.add_baseline(&demo(), &baseline("100")).unwrap();
    let paper = RunDescription { id: "paper".to_owned(), kind: RunKind::Paper, ..run(1) };
    let writer = store.start_run(&paper).unwrap();
    writer.record(&fill("t-paper", 50, 2));
    writer.finish(at(3)).unwrap();
    let other = AccountKey::new(ExchangeKind::Production, "another");
    let writer = store.start_live_run(&run(4), &other, &Prefix::default()).unwrap();
    writer.record(&fill("t-other", 50, 5));
    writer.finish(at(6)).unwrap();
    for second in [10, 20] {
        let writer = start(&store, second);
        writer.record(&fill(&format!("t-{second}"), 5, second));
        writer.finish(at(second)).unwrap();
    }
    let here = store.live_account(&demo()).unwrap();
    assert_eq!(here.cash, Some(dollars("91.48")));
    let position = &here.positions[MARKET];
    assert_eq!((position.outcome, position.quantity), (Outcome::Yes, Quantity::from_contracts(10)));
    assert_eq!((position.cost, position.fees, position.opened_at), (dollars("8.5"), dollars("0.02"), at(10)));
    assert_eq!(store.last_fill_time(&demo()).unwrap(), Some(at(20)));

    let writer = start(&store, 30);
    writer.record(&Record::Settled(SettlementRecord {
        market: MARKET.into(),
        result: Resolution::Scalar("0.25".parse().unwrap()),
        quantity: Quantity::from_contracts(10),
        payout: dollars("2.5"),
        time: at(31),
    }));
    writer.finish(at(32)).unwrap();
    let here = store.live_account(&demo()).unwrap();
    assert_eq!((here.cash, here.positions.len()), (Some(dollars("93.98")), 0));
}

#[test]
fn orders_that_have_not_ended_are_known_by_both_names() {
    let (folder, store) = fresh();
    let writer = start(&store, 0);
    writer.exchange_order(OrderId(1), "o-1", 1);
    writer.record(&order(1, OrderState::Sent, 0));
    writer.record(&order(1, OrderState::PartiallyFilled, 4));
    writer.record(&order(2, OrderState::Unknown, 0));
    writer.record(&order(3, OrderState::Filled, 10));
    writer.exchange_order(OrderId(1), "o-1", 1);
    writer.finish(at(9)).unwrap();

    let working = store.live_account(&demo()).unwrap().orders;
    let first = &working[&name(0, 1)];
    assert_eq!(first.client_id.to_string(), format!("kb-{}-1", RunTag::of_start(at(0))));
    assert_eq!((first.exchange_id.as_deref(), first.remaining), (Some("o-1"), Quantity::from_contracts(6)));
    assert_eq!((working[&name(0, 2)].exchange_id.as_deref(), working.len()), (None, 2));
    assert_eq!(store.client_id_of(&demo(), "o-1").unwrap(), Some(name(0, 1).to_string()));
    let run = format!("{}-kb-{}", demo(), RunTag::of_start(at(0)));
    assert_eq!(store.run_of(&demo(), &name(0, 7)).unwrap(), Some(run));
    assert_eq!(store.run_of(&demo(), &name(1, 1)).unwrap(), None);

    store.end_order(first, OrderState::Cancelled, Some(Quantity::from_contracts(5)), at(60)).unwrap();
    store.end_order(&working[&name(0, 2)], OrderState::Rejected, None, at(60)).unwrap();
    assert!(store.live_account(&demo()).unwrap().orders.is_empty());
    assert_eq!(
        count(&folder, "SELECT count(*) FROM orders WHERE reason = 'recovered' AND filled = '5.00'"),
        1
    );
}

#[test]
fn what_is_recovered_is_counted_once_however_often_it_is_found() {
    let (folder, store) = fresh();
    store.add_baseline(&demo(), &baseline("100")).unwrap();
    let writer = start(&store, 0);
    writer.record(&order(1, OrderState::Resting, 0));
    writer.record(&fill("t-1", 1, 1));
    writer.finish(at(2)).unwrap();

    let found = booked("t-2", 3);
    assert!(store.insert_recovered_fill(&demo(), &name(0, 1), &found).unwrap());
    assert!(!store.insert_recovered_fill(&demo(), &name(0, 1), &found).unwrap());
    // The same trade under another run, and one that the run itself had stored.
    assert!(!store.insert_recovered_fill(&demo(), &name(40, 1), &found).unwrap());
    assert!(!store.insert_recovered_fill(&demo(), &name(0, 1), &booked("t-1", 1)).unwrap());
    assert_eq!(count(&folder, "SELECT count(*) FROM fills WHERE purpose = 'entry'"), 2);
    // An order of a run that this store never had.
    assert!(store.insert_recovered_fill(&demo(), &name(40, 3), &booked("t-3", 41)).unwrap());
    assert_eq!(count(&folder, "SELECT count(*) FROM fills WHERE purpose = 'unknown' AND order_id = 3"), 1);

    let foreign = BookedFill { is_ours: false, ..booked("t-4", 5) };
    assert!(store.insert_foreign_fill(&demo(), &foreign).unwrap());
    assert!(!store.insert_foreign_fill(&demo(), &foreign).unwrap());
    let here = store.live_account(&demo()).unwrap();
    assert_eq!(here.positions[MARKET].quantity, Quantity::from_contracts(5));
    assert_eq!(here.foreign[MARKET], Quantity::from_contracts(2));
    assert_eq!(here.cash, Some(dollars("94.34")));

    let payout = Payout { ticker: MARKET.to_owned(), resolution: Resolution::Yes, time: at(90) };
    assert!(store.insert_recovered_settlement(&demo(), &payout).unwrap());
    assert!(!store.insert_recovered_settlement(&demo(), &payout).unwrap());
    assert_eq!(store.live_account(&demo()).unwrap().cash, Some(dollars("101.34")));

    store.keep_client_id(&demo(), "o-x", "someone-else", None).unwrap();
    assert_eq!(store.client_id_of(&demo(), "o-x").unwrap().as_deref(), Some("someone-else"));
    assert_eq!(store.client_id_of(&demo(), "o-y").unwrap(), None);
}

#[test]
fn a_person_can_halt_an_account_while_no_run_is_up() {
    let (folder, store) = fresh();
    assert!(store.halt(RunKind::Live, "away", at(0)).unwrap());
    assert!(!store.halt(RunKind::Live, "still away", at(1)).unwrap());
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    let halts = store.latched_halts(RunKind::Live).unwrap();
    assert_eq!(halts.len(), 1);
    assert_eq!((halts[0].reason.as_str(), halts[0].detail.as_str()), ("operator", "away"));
    assert_eq!((halts[0].latched_at, &halts[0].run), (at(0), &None));
    assert_eq!(store.latched_halts(RunKind::Paper).unwrap(), []);
}

#[test]
fn a_store_that_is_held_can_be_looked_at_and_not_written() {
    let (folder, store) = fresh();
    store.add_baseline(&demo(), &baseline("100")).unwrap();
    let writer = start(&store, 0);
    let other = Store::open_to_read(folder.path()).expect("it can be read");
    assert_eq!(other.live_account(&demo()).unwrap().cash, Some(dollars("100")));
    assert!(matches!(other.halt(RunKind::Live, "", at(0)), Err(StoreError::Unwritable { .. })));
    let refused = other.start_live_run(&run(5), &demo(), &Prefix::default());
    assert!(matches!(refused, Err(StoreError::Unwritable { .. })), "{refused:?}");
    writer.finish(at(1)).unwrap();
    let nowhere = tempfile::tempdir().unwrap();
    assert!(Store::open_to_read(nowhere.path()).is_err());
    assert_eq!(std::fs::read_dir(nowhere.path()).unwrap().count(), 0, "looking leaves nothing behind");
}

#[test]
fn a_database_of_the_first_version_is_brought_up_with_its_halts() {
    let folder = tempfile::tempdir().unwrap();
    // As the first version left it: its tables, its history, and a halt in force.
    let store = Store::open(folder.path()).unwrap();
    drop(store);
    let database = Connection::open(folder.path().join("kalshi-bot.db")).unwrap();
    let (applied, checksum): (String, String) = database
        .query_row("SELECT applied_on, checksum FROM refinery_schema_history WHERE version = 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    drop(database);
    let folder = tempfile::tempdir().unwrap();
    let database = Connection::open(folder.path().join("kalshi-bot.db")).unwrap();
    database.execute_batch(include_str!("../migrations/sqlite/V1__tables.sql")).unwrap();
    database
        .execute_batch(&format!(
            "CREATE TABLE refinery_schema_history (version INT4 PRIMARY KEY, name VARCHAR(255), \
             applied_on VARCHAR(255), checksum VARCHAR(255)); \
             INSERT INTO refinery_schema_history VALUES (1, 'tables', '{applied}', '{checksum}'); \
             INSERT INTO runs (id, kind, source, settings, started_at) \
             VALUES ('r1', 'live', 'demo', '', '2026-11-22T12:00:00.000000Z'); \
             INSERT INTO halts (run_id, seq, kind, reason, detail, latched_at) \
             VALUES ('r1', 4, 'live', 'daily_loss', 'lost', '2026-11-22T12:00:01.000000Z');"
        ))
        .unwrap();
    drop(database);
    let store = Store::open(folder.path()).unwrap();
    let halts = store.latched_halts(RunKind::Live).unwrap();
    assert_eq!((halts[0].reason.as_str(), halts[0].run.as_deref()), ("daily_loss", Some("r1")));
    assert_eq!(store.runs().unwrap()[0].id, "r1");
}
