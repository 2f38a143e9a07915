//! What must hold after every kill, and what must hold once a bot could end in peace.

use super::scene::{Scene, has_database};
use super::sim::said;
use super::victim::Victim;
use kalshi_bot::exchange::core::{AccountId, Exchange, OrderKey, OrderStatus};
use kalshi_bot::execution::client_id::{ClientOrderId, Prefix};
use kalshi_bot::journal::verify::contradictions;
use kalshi_bot::journal::{self, FolderDisk};
use kalshi_bot::market::Side;
use kalshi_bot::units::{Money, Quantity};
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

/// Two of a hundred of the capital in one position, and a little for a capital that has grown. Twice the size is more.
const LARGEST_POSITION: Money = Money::from_dollars(260);

/// What the exchange shows while no bot runs: every order is one that the bot named, no name and no intent is there
/// twice, what rests closes no more than is held, and no position is larger than one entry makes it.
pub(super) fn exchange(scene: &Scene) {
    scene.look(|exchange, account| {
        orders(exchange, account);
        for position in exchange.positions(account).filter(|position| !position.is_settled) {
            assert!(position.cost <= LARGEST_POSITION, "a position was doubled: {position:?}");
        }
    });
}

fn orders(exchange: &Exchange, account: AccountId) {
    let prefix = Prefix::default();
    let mut intents = BTreeSet::new();
    let mut closing: BTreeMap<(&str, Side), Quantity> = BTreeMap::new();
    for order in exchange.orders(account) {
        let name = order.request.client_order_id.as_deref().unwrap_or_default();
        let named = ClientOrderId::of(&prefix, name);
        let intent = named.unwrap_or_else(|| panic!("an order without a name of ours: {order:?}"));
        assert!(intents.insert(intent), "an order is there twice: {order:?}");
        if order.status == OrderStatus::Resting {
            *closing.entry((&order.request.ticker, order.request.side)).or_default() += order.remaining;
        }
    }
    for ((ticker, side), quantity) in closing {
        let position = exchange.positions(account).find(|position| &*position.ticker == ticker);
        let held = position.map_or(Quantity::ZERO, |position| match side {
            Side::Ask => position.quantity,
            Side::Bid => -position.quantity,
        });
        assert!(quantity <= held, "{quantity} rest to close {held} in {ticker}");
    }
}

/// What the journal says can be read and can all be true; its end may be torn.
pub(super) fn journal(scene: &Scene) {
    let folder = scene.folder().join(journal::FOLDER);
    let contents = journal::read(&FolderDisk::at(&folder)).expect("a kill damages nothing");
    let contradictions = contradictions(&contents);
    assert!(contradictions.is_empty(), "{contradictions:#?}");
}

/// Orders that the exchange took after `before` and that the store of the dead bot has never heard of. The database is
/// read from a copy, so that looking at it neither mends nor syncs anything.
pub(super) fn unheard_of(scene: &Scene, before: Option<OrderKey>) -> usize {
    let folder = scene.folder();
    if !has_database(&folder) {
        return 0;
    }
    let copy = tempfile::tempdir().expect("a folder");
    for name in ["kalshi-bot.db", "kalshi-bot.db-wal"] {
        // There is no log beside a database that was closed in order.
        let _ = std::fs::copy(folder.join(name), copy.path().join(name));
    }
    let names = "SELECT prefix || '-' || tag || '-' || order_id FROM orders JOIN runs ON runs.id = run_id";
    let known: BTreeSet<String> = match open(copy.path()) {
        Ok(database) => rows(&database, names, |row| row.get(0)).unwrap_or_default().into_iter().collect(),
        Err(_) => BTreeSet::new(),
    };
    scene.look(|exchange, account| {
        let new = exchange.orders(account).filter(|order| Some(order.key) > before);
        let names = new.filter_map(|order| order.request.client_order_id.as_deref());
        names.filter(|name| !known.contains(*name)).count()
    })
}

/// Starts a bot in quiet markets, ends it in peace, and compares the books with the exchange. Returns how long it took
/// to come up.
pub(super) fn peace(scene: &Scene) -> Duration {
    scene.stand_still();
    let mut bot = Victim::start(scene.command(&["run"]), &scene.folder());
    let took = bot.wait_up(Duration::from_mins(1));
    std::thread::sleep(Duration::from_secs(1));
    bot.end();
    let resting = scene.look(|exchange, account| {
        exchange.orders(account).filter(|order| order.status == OrderStatus::Resting).count()
    });
    assert_eq!(resting, 0, "orders rest after an end in peace");
    let clean = said(&mut scene.command(&["reconcile", "--output", "json"])).ended(0).document();
    assert_eq!((&clean["clean"], &clean["cash_here"]), (&true.into(), &clean["cash_there"]), "{clean}");
    assert_eq!(clean["foreign"].as_array().map_or(0, Vec::len), 0, "a position of ours isn't known as ours");
    ledger(scene);
    scene.go_on();
    took
}

/// The books by SQL alone: every fill of the exchange is there once, and the cash that they come to is the exchange's.
fn ledger(scene: &Scene) {
    let database = open(&scene.folder()).expect("a database");
    let number = |query: &str| -> i64 { rows(&database, query, |row| row.get(0)).expect("a number")[0] };
    let (fills, cash) = scene.look(|exchange, account| {
        let cash: i64 = exchange.shards(account).map(|(_, cash)| cash.raw()).sum();
        (exchange.fills(account).len(), cash)
    });
    assert_eq!(number("SELECT count(*) FROM account_baselines"), 1, "a baseline was taken a second time");
    assert_eq!(
        number("SELECT count(*) FROM account_foreign_fills"),
        0,
        "a fill of ours is booked as another's"
    );
    let counts = (number("SELECT count(*) FROM fills"), number("SELECT count(DISTINCT trade_id) FROM fills"));
    let there = i64::try_from(fills).expect("not so many");
    assert_eq!(counts, (there, there), "fills booked, trades among them, and the exchange's");
    assert_eq!(
        kept_cash(&database),
        i128::from(cash),
        "cash by the books and at the exchange, micro-dollars"
    );
}

/// What baseline, fills and payouts come to, in micro-dollars. Contracts of NO that are held bind a dollar each.
fn kept_cash(database: &Connection) -> i128 {
    const BASELINE: &str = "SELECT sum(CAST(replace(cash, '.', '') AS INTEGER)) FROM account_baselines";
    const FLOWS: &str = "SELECT market_id, \
         sum(iif(side = 'bid', -1, 1) * CAST(replace(price, '.', '') AS INTEGER) * CAST(replace(size, '.', '') AS INTEGER)), \
         sum(iif(side = 'bid', 1, -1) * CAST(replace(size, '.', '') AS INTEGER)), \
         sum(CAST(replace(fee, '.', '') AS INTEGER)) FROM fills GROUP BY market_id";
    const PAYOUTS: &str = "SELECT market_id, CAST(replace(yes_value, '.', '') AS INTEGER) FROM settlements \
         UNION SELECT market_id, CAST(replace(yes_value, '.', '') AS INTEGER) FROM account_payouts";
    const DOLLAR: i128 = 1_000_000;
    let baseline: Vec<i64> = rows(database, BASELINE, |row| row.get(0)).expect("a sum");
    let payouts = rows(database, PAYOUTS, |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)));
    let payouts: BTreeMap<String, i64> = payouts.expect("payouts").into_iter().collect();
    let flows = rows(database, FLOWS, |row| {
        Ok((row.get::<_, String>(0)?, [row.get::<_, i64>(1)?, row.get(2)?, row.get(3)?].map(i128::from)))
    });
    let mut cash = i128::from(baseline[0]);
    for (market, [flow, held, fees]) in flows.expect("fills") {
        // Prices count in millionths and contracts in hundredths.
        let settled = match payouts.get(&market) {
            Some(value) => held * i128::from(*value),
            None => -(-held).max(0) * DOLLAR,
        };
        assert_eq!((flow + settled) % 100, 0, "{market}: part of a micro-dollar");
        cash += (flow + settled) / 100 - fees;
    }
    cash
}

fn open(folder: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(folder.join("kalshi-bot.db"), OpenFlags::SQLITE_OPEN_READ_WRITE)
}

fn rows<T>(
    database: &Connection,
    query: &str,
    read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut statement = database.prepare(query)?;
    let rows = statement.query_map([], |row| read(row))?;
    rows.collect()
}
