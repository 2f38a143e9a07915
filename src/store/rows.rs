//! One record, one row: which table a record goes to and how its values are written.
//!
//! Every insert can be repeated: a key that is there already is left alone.

use super::RunKind;
use super::account::LiveRun;
use crate::clock::exchange_day;
use crate::engine::Record;
use crate::engine::record::{
    AccountSnapshot, Decision, FeedRecord, FillRecord, GatesRecord, Opened, OrderRecord, Resolved,
    SettlementRecord, StateRecord, Trade,
};
use crate::execution::OrderId;
use crate::telemetry::log::StoredLine;
use crate::units::{Money, Price, Quantity, Timestamp};
use rusqlite::{Connection, Result, params};
use serde::Serialize;

/// Rows that a run added, by table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct StoreCounts {
    /// Entries decided on.
    pub decisions: usize,
    /// Orders sent; each is one row, kept at its last state.
    pub orders: usize,
    /// Fills.
    pub fills: usize,
    /// Round trips.
    pub trades: usize,
    /// Settlements.
    pub settlements: usize,
    /// Account snapshots.
    pub snapshots: usize,
    /// Halts that latched.
    pub halts: usize,
    /// Log lines of records: positions opened, changes of the trading state, faults of the feed.
    pub logs: usize,
    /// The program's own log lines.
    pub lines: usize,
    /// Verdicts of gates, by day, as often as they were written or changed.
    pub gates: usize,
    /// Results of markets, as often as they were written or changed.
    pub results: usize,
}

/// The run that rows belong to.
#[derive(Debug, Clone)]
pub(super) struct RunKey {
    pub(super) id: String,
    pub(super) kind: RunKind,
    pub(super) live: Option<LiveRun>,
}

const DECISION: &str = "INSERT INTO decisions (run_id, order_id, timestamp, market_id, outcome, price, size, target, \
     stop, net_win, net_loss, break_even, bound_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
     ON CONFLICT DO NOTHING";
const ORDER: &str = "INSERT INTO orders (run_id, order_id, market_id, side, price, size, filled, purpose, state, \
     reason, submitted_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
const ORDER_CHANGE: &str =
    "UPDATE orders SET filled = ?, state = ?, reason = ?, updated_at = ? WHERE run_id = ? AND order_id = ?";
const FILL: &str = "INSERT INTO fills (run_id, trade_id, order_id, market_id, side, price, size, fee, is_taker, \
     purpose, timestamp) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
const TRADE: &str = "INSERT INTO trades (id, run_id, number, position_id, market_id, series, outcome, size, \
     entry_price, exit_price, entry_cost, exit_proceeds, entry_time, exit_time, gross_pnl, fees, net_pnl, \
     exit_reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
const SETTLEMENT: &str = "INSERT INTO settlements (run_id, market_id, result, yes_value, size, payout, timestamp) \
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
const SNAPSHOT: &str = "INSERT INTO account_snapshots (run_id, seq, timestamp, balance, equity, open_positions, \
     daily_pnl, total_pnl) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
const LATCH: &str = "INSERT INTO halts (run_id, seq, kind, reason, detail, latched_at) VALUES (?, ?, ?, ?, ?, ?) \
     ON CONFLICT DO NOTHING";
const UNLATCH: &str = "UPDATE halts SET cleared_at = ? WHERE kind = ? AND reason = ? AND cleared_at IS NULL";
/// The day's row is brought up to date while the day lasts.
const GATE: &str = "INSERT INTO gates (run_id, day, gate, verdict, markets, updated_at) VALUES (?, ?, ?, ?, ?, ?) \
     ON CONFLICT (run_id, day, gate, verdict) DO UPDATE SET markets = excluded.markets, \
     updated_at = excluded.updated_at WHERE markets <> excluded.markets";
/// The exchange may change a result until it pays out.
const RESULT: &str = "INSERT INTO results (run_id, market_id, result, yes_value, timestamp) VALUES (?, ?, ?, ?, ?) \
     ON CONFLICT (run_id, market_id) DO UPDATE SET result = excluded.result, yes_value = excluded.yes_value, \
     timestamp = excluded.timestamp WHERE yes_value <> excluded.yes_value";
const LOG: &str = "INSERT INTO logs (run_id, seq, timestamp, level, logger, message, data) \
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";

/// Prepares every statement, which fails where a table or a column is missing.
pub(super) fn check(connection: &Connection) -> Result<()> {
    for statement in super::account::STATEMENTS.into_iter().chain(super::replay::STATEMENTS).chain([
        DECISION,
        ORDER,
        ORDER_CHANGE,
        FILL,
        TRADE,
        SETTLEMENT,
        SNAPSHOT,
        LATCH,
        UNLATCH,
        LOG,
        GATE,
        RESULT,
    ]) {
        connection.prepare(statement)?;
    }
    super::local::check(connection)
}

/// Writes the rows of one record and adds them to the counts. `seq` is the record's number within its run.
pub(super) fn insert(
    connection: &Connection,
    run: &RunKey,
    seq: i64,
    record: &Record,
    counts: &mut StoreCounts,
) -> Result<()> {
    match record {
        Record::Decision(decision) => counts.decisions += insert_decision(connection, run, decision)?,
        Record::Order(order) => counts.orders += insert_order(connection, run, order)?,
        Record::Fill(fill) => counts.fills += insert_fill(connection, run, fill)?,
        Record::Closed(trade) => counts.trades += insert_trade(connection, run, trade)?,
        Record::Settled(settlement) => counts.settlements += insert_settlement(connection, run, settlement)?,
        Record::Snapshot(account) => counts.snapshots += insert_snapshot(connection, run, seq, account)?,
        Record::Opened(opened) => {
            counts.logs += insert_log(connection, run, seq, &LogLine::of_opening(opened), opened)?;
        }
        Record::State(state) => {
            counts.halts += insert_halt(connection, run, seq, state)?;
            counts.logs += insert_log(connection, run, seq, &LogLine::of_state(state), state)?;
        }
        Record::Feed(feed) => counts.logs += insert_log(connection, run, seq, &LogLine::of_feed(feed), feed)?,
        Record::Gates(gates) => counts.gates += write_gates(connection, run, gates)?,
        Record::Resolved(resolved) => counts.results += write_result(connection, run, resolved)?,
    }
    Ok(())
}

fn insert_decision(connection: &Connection, run: &RunKey, decision: &Decision) -> Result<usize> {
    connection.prepare_cached(DECISION)?.execute(params![
        run.id,
        number(decision.order),
        time(decision.time),
        &*decision.market,
        decision.outcome.as_str(),
        price(decision.price),
        contracts(decision.quantity),
        price(decision.target),
        price(decision.stop),
        price(decision.net_win),
        price(decision.net_loss),
        format!("{:.6}", decision.break_even),
        decision.bound_by,
    ])
}

/// The first record of an order adds its row, later ones bring it up to date.
fn insert_order(connection: &Connection, run: &RunKey, order: &OrderRecord) -> Result<usize> {
    let changed = connection.prepare_cached(ORDER_CHANGE)?.execute(params![
        contracts(order.filled),
        order.state.as_str(),
        order.reason,
        time(order.time),
        run.id,
        number(order.order),
    ])?;
    if changed > 0 {
        return Ok(0);
    }
    connection.prepare_cached(ORDER)?.execute(params![
        run.id,
        number(order.order),
        &*order.market,
        order.side.as_str(),
        price(order.price),
        contracts(order.quantity),
        contracts(order.filled),
        order.purpose.as_str(),
        order.state.as_str(),
        order.reason,
        time(order.time),
        time(order.time),
    ])
}

fn insert_fill(connection: &Connection, run: &RunKey, fill: &FillRecord) -> Result<usize> {
    connection.prepare_cached(FILL)?.execute(params![
        run.id,
        &*fill.trade_id,
        number(fill.order),
        &*fill.market,
        fill.side.as_str(),
        price(fill.price),
        contracts(fill.quantity),
        money(fill.fee),
        fill.is_taker,
        fill.purpose.as_str(),
        time(fill.time),
    ])
}

fn insert_trade(connection: &Connection, run: &RunKey, trade: &Trade) -> Result<usize> {
    connection.prepare_cached(TRADE)?.execute(params![
        format!("{}-{}", run.id, trade.id),
        run.id,
        i64::try_from(trade.id).unwrap_or(i64::MAX),
        format!("{}/{}/{}", run.id, trade.market, trade.entry_time),
        &*trade.market,
        &*trade.series,
        trade.outcome.as_str(),
        contracts(trade.quantity),
        price(trade.entry_price),
        price(trade.exit_price),
        money(trade.entry_cost),
        money(trade.exit_proceeds),
        time(trade.entry_time),
        time(trade.exit_time),
        money(trade.gross_pnl),
        money(trade.fees),
        money(trade.net_pnl),
        trade.exit_reason.as_str(),
    ])
}

fn insert_settlement(connection: &Connection, run: &RunKey, settlement: &SettlementRecord) -> Result<usize> {
    connection.prepare_cached(SETTLEMENT)?.execute(params![
        run.id,
        &*settlement.market,
        settlement.result.as_str(),
        price(settlement.result.yes_value()),
        contracts(settlement.quantity),
        money(settlement.payout),
        time(settlement.time),
    ])
}

fn insert_snapshot(
    connection: &Connection,
    run: &RunKey,
    seq: i64,
    account: &AccountSnapshot,
) -> Result<usize> {
    connection.prepare_cached(SNAPSHOT)?.execute(params![
        run.id,
        seq,
        time(account.time),
        money(account.cash),
        money(account.equity),
        account.open_positions,
        money(account.daily_pnl),
        money(account.total_pnl),
    ])
}

/// One row for each verdict, under the exchange's day.
fn write_gates(connection: &Connection, run: &RunKey, record: &GatesRecord) -> Result<usize> {
    let mut statement = connection.prepare_cached(GATE)?;
    // Beyond the calendar there are no days to count by.
    let Some(day) = exchange_day(record.day).map(|day| day.to_string()) else { return Ok(0) };
    let updated = time(record.time);
    let mut written = 0;
    for gate in &record.gates {
        let verdicts =
            std::iter::once(("passed", gate.passed)).chain(gate.refused.iter().map(|(r, n)| (*r, *n)));
        for (verdict, markets) in verdicts.filter(|(_, markets)| *markets > 0) {
            let markets = i64::try_from(markets).unwrap_or(i64::MAX);
            written += statement.execute(params![run.id, day, gate.gate, verdict, markets, updated])?;
        }
    }
    Ok(written)
}

fn write_result(connection: &Connection, run: &RunKey, resolved: &Resolved) -> Result<usize> {
    connection.prepare_cached(RESULT)?.execute(params![
        run.id,
        &*resolved.market,
        resolved.result.as_str(),
        price(resolved.result.yes_value()),
        time(resolved.time),
    ])
}

/// Latches a reason that only a person clears, unless it holds already; clears it when it goes. Returns how many
/// latched.
fn insert_halt(connection: &Connection, run: &RunKey, seq: i64, state: &StateRecord) -> Result<usize> {
    let kind = run.kind.as_str();
    if !state.added {
        connection.prepare_cached(UNLATCH)?.execute(params![time(state.time), kind, state.changed])?;
        return Ok(0);
    }
    if !state.latched {
        return Ok(0);
    }
    connection.prepare_cached(LATCH)?.execute(params![
        run.id,
        seq,
        kind,
        state.changed,
        state.detail,
        time(state.time),
    ])
}

/// What a log row says beside its record.
struct LogLine {
    time: Timestamp,
    level: &'static str,
    logger: &'static str,
    message: String,
}

impl LogLine {
    fn of_opening(opened: &Opened) -> Self {
        let message = format!("opened {} in {}", opened.outcome.as_str(), opened.market);
        Self { time: opened.time, level: "INFO", logger: "execution", message }
    }

    fn of_state(state: &StateRecord) -> Self {
        let change = if state.added { "added" } else { "cleared" };
        let level = if state.added { "WARN" } else { "INFO" };
        let message = format!("{}: {} {change}", state.trading, state.changed);
        Self { time: state.time, level, logger: "risk", message }
    }

    fn of_feed(feed: &FeedRecord) -> Self {
        let level = if feed.fault == "connected" { "INFO" } else { "WARN" };
        Self { time: feed.time, level, logger: "market", message: feed.fault.to_owned() }
    }
}

/// Writes a log row with the whole record beside the line.
fn insert_log(
    connection: &Connection,
    run: &RunKey,
    seq: i64,
    line: &LogLine,
    record: &impl Serialize,
) -> Result<usize> {
    let fields = serde_json::to_string(record)
        .map_err(|fault| rusqlite::Error::ToSqlConversionFailure(Box::new(fault)))?;
    connection.prepare_cached(LOG)?.execute(params![
        run.id,
        seq,
        time(line.time),
        line.level,
        line.logger,
        line.message,
        fields,
    ])
}

/// Writes a line of the program's own log. `seq` is its number within the run, below zero.
pub(super) fn insert_line(
    connection: &Connection,
    run: &RunKey,
    seq: i64,
    line: &StoredLine,
) -> Result<usize> {
    let StoredLine { time: at, level, logger, message, fields } = line;
    connection.prepare_cached(LOG)?.execute(params![run.id, seq, time(*at), level, logger, message, fields])
}

pub(super) fn number(order: OrderId) -> i64 {
    i64::try_from(order.0).unwrap_or(i64::MAX)
}

pub(super) fn price(price: Price) -> String {
    format!("{price:.6}")
}

pub(super) fn money(amount: Money) -> String {
    format!("{amount:.6}")
}

pub(super) fn contracts(quantity: Quantity) -> String {
    format!("{quantity:.2}")
}

/// As the columns hold it: fixed in width, so that the order of texts is the order of instants.
pub(super) fn time(at: Timestamp) -> String {
    at.to_string()
}
