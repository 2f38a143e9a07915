//! A live account: whose it is, what was there before the bot, what its runs did, and which orders are ours.
//!
//! Runs of one account and the rows beside them carry an [`AccountKey`]. Everything that moves its cash is read back as
//! [`Books`], from which `execution::reconcile` reckons what the exchange should show. What only the exchange knew is
//! added by `recovered`.

mod recovered;

use super::read::{parsed, worded};
use super::rows::{self, RunKey};
use super::{RunDescription, RunKind, Store, StoreError, Writer};
use crate::config::exchange::ExchangeKind;
use crate::execution::OrderId;
use crate::execution::client_id::{ClientOrderId, Prefix, RunTag};
use crate::execution::reconcile::{Baseline, BookedFill, Books, LocalAccount, Payout, WorkingOrder};
use crate::market::{Resolution, Side};
use crate::units::{Price, Quantity, Timestamp};
use aws_lc_rs::digest::{SHA256, digest};
use rusqlite::{Connection, Row, TransactionBehavior, params};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

/// Bytes of the key id's hash that tell accounts apart.
const HASH_BYTES: usize = 6;

/// Which account on which exchange, such as `demo-3f9a0c1b2d4e`: the kind of exchange and a hash of the key's id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountKey(String);

impl AccountKey {
    /// The account that this key opens. The id itself isn't kept.
    pub fn new(exchange: ExchangeKind, key_id: &str) -> Self {
        let hash = digest(&SHA256, key_id.as_bytes());
        let mut text = format!("{}-", exchange.as_str());
        for byte in &hash.as_ref()[..HASH_BYTES] {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The account of that name, as it was kept.
    pub(super) fn kept(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The id of a live run of the account: many accounts may share a second store.
    pub fn run(&self, prefix: &Prefix, tag: RunTag) -> String {
        format!("{self}-{prefix}-{tag}")
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a live run adds to its row.
#[derive(Debug, Clone)]
pub(super) struct LiveRun {
    pub(super) account: AccountKey,
    pub(super) prefix: Prefix,
    pub(super) tag: RunTag,
}

const BASELINES: &str =
    "SELECT number, taken_at, cash FROM account_baselines WHERE account = ? ORDER BY number";
const BASELINE_POSITIONS: &str =
    "SELECT market_id, size FROM account_baseline_positions WHERE account = ? AND number = ?";
const BASELINE_KNOWN: &str = "SELECT kind, name FROM account_baseline_known WHERE account = ? AND number = ?";
const ADD_BASELINE: &str = "INSERT INTO account_baselines (account, number, taken_at, cash) VALUES (?, \
     (SELECT coalesce(max(number), 0) + 1 FROM account_baselines WHERE account = ?1), ?, ?) RETURNING number";
const ADD_BASELINE_POSITION: &str =
    "INSERT INTO account_baseline_positions (account, number, market_id, size) VALUES (?, ?, ?, ?)";
const ADD_BASELINE_KNOWN: &str =
    "INSERT INTO account_baseline_known (account, number, kind, name) VALUES (?, ?, ?, ?)";
const OUR_FILLS: &str = "SELECT fills.trade_id, fills.market_id, fills.side, fills.price, fills.size, fills.fee, \
     fills.is_taker, fills.timestamp FROM fills JOIN runs ON runs.id = fills.run_id WHERE runs.account = ? \
     GROUP BY fills.trade_id";
const FOREIGN_FILLS: &str = "SELECT trade_id, market_id, side, price, size, fee, is_taker, timestamp, exchange_id \
     FROM account_foreign_fills WHERE account = ?";
const PAYOUTS: &str = "SELECT settlements.market_id, result, yes_value, timestamp FROM settlements \
     JOIN runs ON runs.id = settlements.run_id WHERE runs.account = ?1 \
     UNION ALL SELECT market_id, result, yes_value, timestamp FROM account_payouts WHERE account = ?1";
const WORKING: &str = "SELECT orders.run_id, runs.prefix, runs.tag, orders.order_id, exchange_orders.exchange_id, \
     orders.market_id, orders.side, orders.price, orders.size, orders.filled, orders.submitted_at FROM orders \
     JOIN runs ON runs.id = orders.run_id LEFT JOIN exchange_orders \
     ON exchange_orders.run_id = orders.run_id AND exchange_orders.order_id = orders.order_id \
     WHERE runs.account = ? AND runs.tag IS NOT NULL \
     AND orders.state NOT IN ('filled', 'cancelled', 'expired', 'rejected')";
const LAST_FILL: &str = "SELECT max(timestamp) FROM (SELECT fills.timestamp FROM fills \
     JOIN runs ON runs.id = fills.run_id WHERE runs.account = ?1 \
     UNION ALL SELECT timestamp FROM account_foreign_fills WHERE account = ?1)";
const RUN_OF_TAG: &str = "SELECT id FROM runs WHERE account = ? AND prefix = ? AND tag = ?";
const NAME_ORDER: &str = "INSERT INTO exchange_orders (account, exchange_id, client_id, run_id, order_id) \
     VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";

/// Every statement of this room, to be checked against the tables.
pub(super) const STATEMENTS: [&str; 13] = [
    BASELINES,
    BASELINE_POSITIONS,
    BASELINE_KNOWN,
    OUR_FILLS,
    FOREIGN_FILLS,
    PAYOUTS,
    WORKING,
    LAST_FILL,
    RUN_OF_TAG,
    NAME_ORDER,
    recovered::FILL,
    recovered::PAYOUT,
    recovered::NAME_OF,
];

impl Store {
    /// Like [`Store::start_run`], for a run that trades this account. Its orders are called prefix, the tag of its
    /// start, and their number; the run itself by the account, the prefix and the tag.
    ///
    /// # Errors
    /// Those of [`Store::start_run`]. The id is also taken when another run of the account started in the same
    /// millisecond.
    pub fn start_live_run(
        &self,
        run: &RunDescription,
        account: &AccountKey,
        prefix: &Prefix,
    ) -> Result<Writer, StoreError> {
        let tag = RunTag::of_start(run.started);
        let run = RunDescription { id: account.run(prefix, tag), kind: RunKind::Live, ..run.clone() };
        self.begin_run(&run, Some(LiveRun { account: account.clone(), prefix: prefix.clone(), tag }))
    }

    /// The account by what is kept of it.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be read.
    pub fn live_account(&self, account: &AccountKey) -> Result<LocalAccount, StoreError> {
        self.books(account).map(|books| books.reckon())
    }

    /// All that is kept of the account.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be read.
    pub fn books(&self, account: &AccountKey) -> Result<Books, StoreError> {
        let key = params![account.as_str()];
        let mut fills = self.select(OUR_FILLS, key, |row| fill(row, true))?;
        fills.extend(self.select(FOREIGN_FILLS, key, |row| fill(row, false))?);
        let payouts = self.select(PAYOUTS, key, payout)?;
        let payouts: BTreeMap<_, _> = payouts.into_iter().map(|one| (one.ticker.clone(), one)).collect();
        Ok(Books {
            baselines: self.baselines(account)?,
            fills,
            payouts: payouts.into_values().collect(),
            orders: self.select(WORKING, key, working_order)?,
        })
    }

    /// What was there that the bot did not bring about, the first one first; empty before the bot's first start.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be read.
    pub fn baselines(&self, account: &AccountKey) -> Result<Vec<Baseline>, StoreError> {
        let taken = self.select(BASELINES, params![account.as_str()], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                Baseline { cash: parsed(row, 2)?, ..Baseline::empty(parsed(row, 1)?) },
            ))
        })?;
        let mut baselines = Vec::with_capacity(taken.len());
        for (number, mut baseline) in taken {
            let key = params![account.as_str(), number];
            let positions = self.select(BASELINE_POSITIONS, key, |row| Ok((row.get(0)?, parsed(row, 1)?)))?;
            baseline.positions = positions.into_iter().collect();
            let known = self.select(BASELINE_KNOWN, key, |row| Ok((row.get(0)?, row.get(1)?)))?;
            for (kind, name) in known {
                let kind: String = kind;
                match kind.as_str() {
                    "order" => baseline.orders.insert(name),
                    "fill" => baseline.fills.insert(name),
                    _ => baseline.payouts.insert(name),
                };
            }
            baselines.push(baseline);
        }
        Ok(baselines)
    }

    /// Adds a baseline: the first of the account, or what a person accepted since. It is on the disk when this returns:
    /// a power loss that took it would have the next start take one anew, and count the bot's own positions as another's.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be written.
    pub fn add_baseline(&self, account: &AccountKey, baseline: &Baseline) -> Result<(), StoreError> {
        insert_baseline(&self.connection, account, baseline)
            .and_then(|()| sync(&self.connection))
            .map_err(|cause| self.fault(cause))
    }

    /// Time of the last fill that is kept.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be read.
    pub fn last_fill_time(&self, account: &AccountKey) -> Result<Option<Timestamp>, StoreError> {
        let last = self.select(LAST_FILL, params![account.as_str()], |row| {
            row.get::<_, Option<String>>(0)?.map(|_| parsed(row, 0)).transpose()
        })?;
        Ok(last.into_iter().flatten().next())
    }

    /// The run that sent an order, by the order's name.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be read.
    pub fn run_of(&self, account: &AccountKey, order: &ClientOrderId) -> Result<Option<String>, StoreError> {
        let key = params![account.as_str(), order.prefix.as_str(), order.run.to_string()];
        Ok(self.select(RUN_OF_TAG, key, |row| row.get(0))?.into_iter().next())
    }
}

/// In one transaction of its own: a baseline is whole or not there.
fn insert_baseline(
    connection: &Connection,
    account: &AccountKey,
    baseline: &Baseline,
) -> rusqlite::Result<()> {
    let transaction = rusqlite::Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let account = account.as_str();
    let taken_at = rows::time(baseline.taken_at);
    let cash = rows::money(baseline.cash);
    let number: i64 =
        transaction.query_row(ADD_BASELINE, params![account, taken_at, cash], |row| row.get(0))?;
    for (ticker, size) in &baseline.positions {
        transaction
            .execute(ADD_BASELINE_POSITION, params![account, number, ticker, rows::contracts(*size)])?;
    }
    let kinds = [("order", &baseline.orders), ("fill", &baseline.fills), ("payout", &baseline.payouts)];
    for (kind, names) in kinds {
        for name in names {
            transaction.execute(ADD_BASELINE_KNOWN, params![account, number, kind, name])?;
        }
    }
    transaction.commit()
}

/// Brings all that was committed from the log into the database, and both to the disk. A reader that holds an older
/// state for longer than a statement waits is a fault, as the log can't be emptied then.
fn sync(connection: &Connection) -> rusqlite::Result<()> {
    let is_busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0))?;
    if is_busy {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
            None,
        ));
    }
    Ok(())
}

/// Writes the exchange's name for an order of a live run; a paper run has none.
pub(super) fn name_order(
    connection: &Connection,
    run: &RunKey,
    order: OrderId,
    exchange_id: &str,
) -> rusqlite::Result<()> {
    let Some(live) = &run.live else { return Ok(()) };
    let client_id = ClientOrderId { prefix: live.prefix.clone(), run: live.tag, order };
    connection.prepare_cached(NAME_ORDER)?.execute(params![
        live.account.as_str(),
        exchange_id,
        client_id.to_string(),
        run.id,
        rows::number(order),
    ])?;
    Ok(())
}

fn fill(row: &Row<'_>, is_ours: bool) -> rusqlite::Result<BookedFill> {
    Ok(BookedFill {
        trade_id: row.get(0)?,
        exchange_order: if is_ours { None } else { Some(row.get(8)?) },
        ticker: row.get(1)?,
        side: side(row, 2)?,
        price: parsed(row, 3)?,
        quantity: parsed(row, 4)?,
        fee: parsed(row, 5)?,
        is_taker: row.get(6)?,
        time: parsed(row, 7)?,
        is_ours,
    })
}

fn payout(row: &Row<'_>) -> rusqlite::Result<Payout> {
    let value: Price = parsed(row, 2)?;
    let resolution = worded(row, 1, |word| Resolution::from_word(word, value))?;
    Ok(Payout { ticker: row.get(0)?, resolution, time: parsed(row, 3)? })
}

fn working_order(row: &Row<'_>) -> rusqlite::Result<WorkingOrder> {
    let number: i64 = row.get(3)?;
    let order = u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(3, number))?;
    let size: Quantity = parsed(row, 8)?;
    let filled: Quantity = parsed(row, 9)?;
    Ok(WorkingOrder {
        run: row.get(0)?,
        client_id: ClientOrderId { prefix: parsed(row, 1)?, run: parsed(row, 2)?, order: OrderId(order) },
        exchange_id: row.get(4)?,
        ticker: row.get(5)?,
        side: side(row, 6)?,
        price: parsed(row, 7)?,
        remaining: size - filled,
        submitted: parsed(row, 10)?,
    })
}

fn side(row: &Row<'_>, column: usize) -> rusqlite::Result<Side> {
    worded(row, column, |word| [Side::Bid, Side::Ask].into_iter().find(|side| side.as_str() == word))
}
