//! Typed rows out of plain ones.

use super::{
    StoredDecision, StoredFill, StoredGate, StoredHalt, StoredResult, StoredRun, StoredSnapshot, StoredTrade,
};
use crate::engine::record::{ExitReason, Trade};
use crate::market::{Outcome, Resolution, Side};
use crate::store::RunKind;
use crate::store::row::{Row, RowFault, Value};
use crate::units::Price;

impl StoredRun {
    pub(super) fn of(row: &Row) -> Result<Self, RowFault> {
        Ok(Self {
            id: row.read("id")?,
            kind: row.word("kind", RunKind::from_word)?,
            source: row.read("source")?,
            started: row.read("started_at")?,
            ended: row.read_optional("ended_at")?,
            account: row.read_optional("account")?,
        })
    }
}

impl StoredTrade {
    /// The trades of these rows, in the order in which they ended.
    pub(in crate::store) fn in_order(rows: &[Row]) -> Result<Vec<Self>, RowFault> {
        let mut trades = rows.iter().map(Self::of).collect::<Result<Vec<_>, _>>()?;
        trades.sort_by(|a, b| {
            (a.trade.exit_time, &a.run, a.trade.id).cmp(&(b.trade.exit_time, &b.run, b.trade.id))
        });
        Ok(trades)
    }

    pub(super) fn of(row: &Row) -> Result<Self, RowFault> {
        let trade = Trade {
            id: row.read("number")?,
            market: row.read::<String>("market_id")?.into(),
            series: row.read::<String>("series")?.into(),
            outcome: row.word("outcome", outcome)?,
            quantity: row.read("size")?,
            entry_price: row.read("entry_price")?,
            exit_price: row.read("exit_price")?,
            entry_cost: row.read("entry_cost")?,
            exit_proceeds: row.read("exit_proceeds")?,
            entry_time: row.read("entry_time")?,
            exit_time: row.read("exit_time")?,
            exit_reason: row.word("exit_reason", ExitReason::from_word)?,
            gross_pnl: row.read("gross_pnl")?,
            fees: row.read("fees")?,
            net_pnl: row.read("net_pnl")?,
        };
        Ok(Self { id: row.read("id")?, run: row.read("run_id")?, trade })
    }
}

impl StoredSnapshot {
    pub(super) fn of(row: &Row) -> Result<Self, RowFault> {
        Ok(Self {
            run: row.read("run_id")?,
            time: row.read("timestamp")?,
            cash: row.read("balance")?,
            equity: row.read("equity")?,
            open_positions: row.read("open_positions")?,
            daily_pnl: row.read("daily_pnl")?,
            total_pnl: row.read("total_pnl")?,
        })
    }
}

impl StoredDecision {
    pub(super) fn of(row: &Row) -> Result<Self, RowFault> {
        Ok(Self {
            run: row.read("run_id")?,
            order: row.read("order_id")?,
            time: row.read("timestamp")?,
            market: row.read("market_id")?,
            outcome: row.word("outcome", outcome)?,
            price: row.read("price")?,
            quantity: row.read("size")?,
            target: row.read("target")?,
            stop: row.read("stop")?,
            net_win: row.read("net_win")?,
            net_loss: row.read("net_loss")?,
            break_even: row.read("break_even")?,
            bound_by: row.read("bound_by")?,
        })
    }
}

impl StoredFill {
    pub(super) fn of(row: &Row) -> Result<Self, RowFault> {
        Ok(Self {
            run: row.read("run_id")?,
            trade_id: row.read("trade_id")?,
            order: row.read("order_id")?,
            market: row.read("market_id")?,
            side: row
                .word("side", |word| [Side::Bid, Side::Ask].into_iter().find(|side| side.as_str() == word))?,
            price: row.read("price")?,
            quantity: row.read("size")?,
            fee: row.read("fee")?,
            is_taker: matches!(row.value("is_taker"), Value::Flag(true)),
            purpose: row.read("purpose")?,
            time: row.read("timestamp")?,
        })
    }
}

impl StoredHalt {
    pub(super) fn of(row: &Row) -> Result<Self, RowFault> {
        Ok(Self {
            run: row.read_optional("run_id")?,
            reason: row.read("reason")?,
            detail: row.read("detail")?,
            latched_at: row.read("latched_at")?,
            cleared_at: row.read_optional("cleared_at")?,
        })
    }
}

impl StoredGate {
    pub(super) fn of(row: &Row) -> Result<Self, RowFault> {
        Ok(Self {
            run: row.read("run_id")?,
            day: row.read("day")?,
            gate: row.read("gate")?,
            verdict: row.read("verdict")?,
            markets: row.read("markets")?,
        })
    }
}

impl StoredResult {
    pub(super) fn of(row: &Row) -> Result<Self, RowFault> {
        let value: Price = row.read("yes_value")?;
        Ok(Self {
            run: row.read("run_id")?,
            market: row.read("market_id")?,
            resolution: row.word("result", |word| Resolution::from_word(word, value))?,
            time: row.read("timestamp")?,
        })
    }
}

fn outcome(word: &str) -> Option<Outcome> {
    Outcome::BOTH.into_iter().find(|outcome| outcome.as_str() == word)
}
