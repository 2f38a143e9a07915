//! A start after whatever happened: the books and the exchange come together, and what can't is reported.

#[path = "canned/exchange.rs"]
mod canned;

use canned::{Account, Exchange, fill_row, order_row, position_row, settlement_row};
use kalshi_bot::bot::recovery::{self, ForeignPosition, Recovered, RecoveryError};
use kalshi_bot::config::exchange::ExchangeKind;
use kalshi_bot::engine::Record;
use kalshi_bot::engine::record::OrderRecord;
use kalshi_bot::execution::client_id::{ClientOrderId, Prefix, RunTag};
use kalshi_bot::execution::reconcile::Difference;
use kalshi_bot::execution::{OrderId, OrderState, Purpose};
use kalshi_bot::kalshi::credentials::Credentials;
use kalshi_bot::kalshi::rest::Client;
use kalshi_bot::kalshi::rest::transport::{Transport, TransportSettings};
use kalshi_bot::kalshi::sign::{self, KeyKind, Signer};
use kalshi_bot::market::{Outcome, Side};
use kalshi_bot::store::{AccountKey, RunDescription, RunKind, Store};
use kalshi_bot::units::{Money, Quantity, Timestamp};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const MARKET: &str = "KXBTC-26NOV22-B91000";
const START: i64 = 1_795_370_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(START + second)
}

fn dollars(text: &str) -> Money {
    text.parse().expect("an amount of this test")
}

/// A bot's folder and the exchange it trades on.
struct Bench {
    exchange: Exchange,
    client: Client,
    store: Store,
    _folder: TempDir,
}

impl Bench {
    async fn new(account: Account) -> Self {
        let exchange = Exchange::start(account).await;
        let pair = sign::generate(KeyKind::Ed25519);
        let signer = Signer::from_pem(pair.private_pem.expose_secret()).expect("a key");
        let transport = Transport::new(TransportSettings {
            base_url: exchange.url.clone(),
            credentials: Some(Arc::new(Credentials::new("key", signer))),
            timeout: Duration::from_secs(10),
            reads_per_second: 10_000,
            writes_per_second: 10_000,
        });
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(folder.path()).expect("a fresh store opens");
        Self { client: Client::new(transport.expect("a transport")), exchange, store, _folder: folder }
    }

    fn key() -> AccountKey {
        AccountKey::new(ExchangeKind::Simulated, "key")
    }

    async fn recover(&self, second: i64) -> Result<Recovered, RecoveryError> {
        recovery::recover(&self.client, &self.store, &Self::key(), &Prefix::default(), at(second)).await
    }

    async fn recovered(&self, second: i64) -> Recovered {
        self.recover(second).await.expect("the account can be recovered")
    }

    async fn accept(&self, second: i64) -> Result<(), RecoveryError> {
        let (key, prefix) = (Self::key(), Prefix::default());
        recovery::accept(&self.client, &self.store, &key, &prefix, at(second)).await.map(drop)
    }

    /// A run that sent orders with these states and died.
    fn dead_run(&self, second: i64, states: &[OrderState]) -> Vec<String> {
        let run = RunDescription {
            id: format!("live-{second}"),
            kind: RunKind::Live,
            source: "simulated".to_owned(),
            settings: String::new(),
            started: at(second),
        };
        let writer =
            self.store.start_live_run(&run, &Self::key(), &Prefix::default()).expect("the run starts");
        let names = (1..).zip(states).map(|(number, state)| {
            writer.record(&Record::Order(OrderRecord {
                time: at(second),
                order: OrderId(number),
                market: MARKET.into(),
                side: Side::Bid,
                price: "0.85".parse().expect("a price"),
                quantity: Quantity::from_contracts(10),
                filled: Quantity::ZERO,
                purpose: Purpose::Entry,
                state: *state,
                reason: None,
            }));
            name(second, number)
        });
        names.collect()
    }
}

fn name(second: i64, number: u64) -> String {
    let run = RunTag::of_start(at(second));
    ClientOrderId { prefix: Prefix::default(), run, order: OrderId(number) }.to_string()
}

fn cash(dollars: &str) -> Account {
    Account { cash: dollars.to_owned(), ..Account::default() }
}

fn kinds(recovered: &Recovered) -> Vec<&'static str> {
    recovered.differences.iter().map(Difference::kind).collect()
}

#[tokio::test]
async fn the_first_start_takes_what_is_there_as_the_baseline() {
    let mut account = cash("104.1763");
    account.positions = vec![position_row("KXOTHER", "-7.00")];
    account.orders = vec![order_row("o-theirs", "", "KXOTHER", "resting", "0.00")];
    account.fills = vec![fill_row("t-before", "o-gone", "KXOTHER", "7.00", START - 60)];
    account.settlements = vec![settlement_row("KXPAID", START - 30)];
    let bench = Bench::new(account).await;

    let first = bench.recovered(0).await;
    assert!(first.is_first);
    assert_eq!((first.cash, first.differences.as_slice()), (dollars("104.1763"), &[][..]));
    let theirs = ForeignPosition { ticker: "KXOTHER".to_owned(), quantity: Quantity::from_contracts(-7) };
    assert_eq!((first.foreign.as_slice(), first.adopted.len()), (&[theirs][..], 0));
    assert!(bench.exchange.account().cancels.is_empty(), "what isn't ours is left alone");

    let second = bench.recovered(60).await;
    assert_eq!(second, Recovered { is_first: false, ..first });
}

#[tokio::test]
async fn a_crash_is_made_good_and_twice_is_once() {
    let bench = Bench::new(cash("100")).await;
    bench.recovered(0).await;
    let names = bench.dead_run(10, &[OrderState::Sent, OrderState::Resting, OrderState::Intended]);
    {
        // The first was filled in part without a word, the second rests, the third never arrived; a fourth did, of which
        // not even the intent was stored.
        let mut there = bench.exchange.account();
        there.orders = vec![
            order_row("o-1", &names[0], MARKET, "canceled", "6.00"),
            order_row("o-2", &names[1], MARKET, "resting", "0.00"),
            order_row("o-4", &name(10, 4), MARKET, "executed", "10.00"),
        ];
        there.fills = vec![
            fill_row("t-1", "o-1", MARKET, "4.00", START + 11),
            fill_row("t-2", "o-1", MARKET, "2.00", START + 12),
            fill_row("t-3", "o-4", MARKET, "10.00", START + 13),
        ];
        there.positions = vec![position_row(MARKET, "16.00")];
        there.cash = String::from("86.37");
    }
    let found = bench.recovered(100).await;
    assert_eq!(kinds(&found), [""; 0]);
    assert_eq!((found.cancelled, found.fills, found.still_resting.len()), (1, 3, 0));
    assert_eq!(bench.exchange.account().cancels, ["o-2"]);
    let adopted = &found.adopted[0];
    assert_eq!((adopted.ticker.as_str(), adopted.outcome), (MARKET, Outcome::Yes));
    assert_eq!((adopted.quantity, adopted.cost), (Quantity::from_contracts(16), dollars("13.6")));
    assert_eq!((adopted.fees, adopted.opened_at), (dollars("0.03"), at(11)));
    assert!(bench.store.live_account(&Bench::key()).unwrap().orders.is_empty(), "no order works any more");

    bench.exchange.account().reads.clear();
    let again = bench.recovered(200).await;
    assert_eq!(again, Recovered { cancelled: 0, fills: 0, ..found });
    let reads = bench.exchange.account().reads.clone();
    assert!(!reads.iter().any(|read| read.starts_with("order ")), "no order is asked for twice: {reads:?}");
    let from = format!("fills from {}", START + 13 - 3_600);
    assert!(reads.contains(&from), "an hour before the last fill known: {reads:?}");
}

#[tokio::test]
async fn payouts_of_the_night_are_booked() {
    let bench = Bench::new(cash("100")).await;
    bench.recovered(0).await;
    let names = bench.dead_run(10, &[OrderState::Filled]);
    {
        let mut there = bench.exchange.account();
        there.orders = vec![order_row("o-1", &names[0], MARKET, "executed", "10.00")];
        there.fills = vec![fill_row("t-1", "o-1", MARKET, "10.00", START + 11)];
        there.settlements = vec![settlement_row(MARKET, START + 5_000)];
        there.cash = String::from("101.49");
    }
    let found = bench.recovered(9_000).await;
    assert_eq!((kinds(&found).len(), found.payouts, found.adopted.len()), (0, 1, 0), "{found:#?}");
    assert_eq!(bench.recovered(9_100).await, Recovered { payouts: 0, fills: 0, ..found });
}

#[tokio::test]
async fn what_somebody_else_did_is_drift_until_it_is_accepted() {
    let bench = Bench::new(cash("100")).await;
    bench.recovered(0).await;
    {
        let mut there = bench.exchange.account();
        there.orders = vec![order_row("o-by-hand", "web-1", MARKET, "executed", "10.00")];
        there.fills = vec![fill_row("t-1", "o-by-hand", MARKET, "10.00", START + 11)];
        there.positions = vec![position_row(MARKET, "10.00")];
        there.cash = String::from("91.49");
    }
    let found = bench.recovered(100).await;
    assert_eq!(kinds(&found), ["cash", "position_unknown_here", "fill_unknown_here"]);
    assert_eq!(
        (found.fills, found.adopted.len()),
        (0, 0),
        "what isn't ours is neither booked nor taken over"
    );
    let again = bench.recovered(200).await;
    assert_eq!(again, found);

    bench.accept(300).await.unwrap();
    let mended = bench.recovered(400).await;
    assert_eq!(kinds(&mended), [""; 0]);
    assert_eq!(mended.foreign[0].quantity, Quantity::from_contracts(10));
    let baselines = bench.store.baselines(&Bench::key()).unwrap().len();
    bench.accept(500).await.unwrap();
    assert_eq!(
        bench.store.baselines(&Bench::key()).unwrap().len(),
        baselines,
        "nothing to accept adds nothing"
    );
}

#[tokio::test]
async fn a_fill_missed_long_ago_is_found_by_the_second_look() {
    let bench = Bench::new(cash("100")).await;
    bench.recovered(0).await;
    let names = bench.dead_run(10, &[OrderState::Resting, OrderState::Resting]);
    let early = fill_row("t-early", "o-1", MARKET, "10.00", START + 20);
    {
        let mut there = bench.exchange.account();
        there.orders = vec![
            order_row("o-1", &names[0], MARKET, "executed", "10.00"),
            order_row("o-2", &names[1], MARKET, "executed", "10.00"),
        ];
        there.fills = vec![fill_row("t-late", "o-2", MARKET, "10.00", START + 50_000)];
        there.positions = vec![position_row(MARKET, "10.00")];
        there.cash = String::from("91.49");
    }
    assert_eq!(kinds(&bench.recovered(50_100).await), [""; 0]);
    {
        let mut there = bench.exchange.account();
        there.fills.insert(0, early);
        there.positions = vec![position_row(MARKET, "20.00")];
        there.cash = String::from("82.98");
    }
    let found = bench.recovered(50_200).await;
    assert_eq!((kinds(&found).len(), found.fills), (0, 1), "{found:#?}");
    assert_eq!(found.adopted[0].quantity, Quantity::from_contracts(20));
}

#[tokio::test]
async fn an_order_that_can_not_be_cancelled_is_reported_and_no_baseline_is_taken_over_it() {
    let mut account = cash("91.5");
    account.orders = vec![order_row("o-1", &name(0, 1), MARKET, "resting", "0.00")];
    account.stuck = vec!["o-1".to_owned()];
    let bench = Bench::new(account).await;
    let fault = bench.recover(10).await.unwrap_err();
    assert!(
        matches!(&fault, RecoveryError::AnotherBot { orders } if orders[0].starts_with(&name(0, 1))),
        "{fault}"
    );
    assert!(bench.exchange.account().cancels.is_empty(), "what may be another bot's is left alone");
    assert!(matches!(bench.accept(10).await, Err(RecoveryError::OrdersRest { count: 1 })));
    assert!(bench.store.baselines(&Bench::key()).unwrap().is_empty());

    bench.exchange.account().orders.clear();
    bench.exchange.account().cash = String::from("100");
    bench.recovered(20).await;
    let names = bench.dead_run(30, &[OrderState::Resting]);
    {
        let mut there = bench.exchange.account();
        there.orders = vec![order_row("o-1", &names[0], MARKET, "resting", "0.00")];
        there.cash = String::from("91.5");
    }
    let found = bench.recovered(40).await;
    assert_eq!(found.still_resting[0].exchange_id, "o-1");
    assert_eq!(kinds(&found), [""; 0], "what it reserves is no drift");
    assert!(matches!(bench.accept(50).await, Err(RecoveryError::OrdersRest { count: 1 })));
}

#[tokio::test]
async fn an_inspection_changes_nothing_here_or_there() {
    let bench = Bench::new(cash("100")).await;
    let inspect = async |second| {
        let (key, prefix) = (Bench::key(), Prefix::default());
        recovery::inspect(&bench.client, &bench.store, &key, &prefix, at(second))
            .await
            .expect("it can be read")
    };
    assert!(!inspect(0).await.has_baseline);
    bench.recovered(1).await;
    {
        let mut there = bench.exchange.account();
        there.orders = vec![
            order_row("o-1", &name(10, 1), MARKET, "executed", "10.00"),
            order_row("o-2", &name(10, 2), MARKET, "resting", "0.00"),
        ];
        there.fills = vec![fill_row("t-1", "o-1", MARKET, "10.00", START + 11)];
        there.positions = vec![position_row(MARKET, "10.00")];
        there.cash = String::from("91.49");
    }
    let before = bench.store.books(&Bench::key()).unwrap();
    for second in [100, 200] {
        let seen = inspect(second).await;
        assert!(seen.has_baseline);
        let kinds: Vec<_> = seen.differences.iter().map(Difference::kind).collect();
        assert_eq!(kinds, ["position_unknown_here", "fill_unknown_here", "order_unknown_here"]);
        assert_eq!(seen.differences[1].mend(), "the next start of the bot books it");
    }
    assert_eq!(bench.store.books(&Bench::key()).unwrap(), before);
    assert!(bench.exchange.account().cancels.is_empty());
}
