//! What only the exchange knew, brought into the store: fills, payouts, names and ends of orders. Each can be added
//! again without adding anything, so that a recovery that was cut short is simply run once more.

use super::{AccountKey, NAME_ORDER};
use crate::execution::OrderState;
use crate::execution::client_id::{ClientOrderId, RunTag};
use crate::execution::reconcile::{BookedFill, Payout, WorkingOrder};
use crate::store::{RunKind, Store, StoreError, rows};
use crate::units::{Quantity, Timestamp};
use rusqlite::params;

/// The purpose of a fill whose order never reached the store.
const PURPOSE_UNKNOWN: &str = "unknown";

/// Only where no run of the account has the trade. The purpose is that of the order, where it is kept.
pub(super) const FILL: &str = "INSERT INTO fills (run_id, trade_id, order_id, market_id, side, price, size, fee, \
     is_taker, purpose, timestamp) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, coalesce((SELECT purpose FROM orders \
     WHERE run_id = ?1 AND order_id = ?3), ?10), ?11 WHERE NOT EXISTS (SELECT 1 FROM fills \
     JOIN runs ON runs.id = fills.run_id WHERE runs.account = ?12 AND fills.trade_id = ?2)";
/// Only where no run of the account has the payout.
pub(super) const PAYOUT: &str = "INSERT INTO account_payouts (account, market_id, result, yes_value, timestamp) \
     SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM settlements \
     JOIN runs ON runs.id = settlements.run_id WHERE runs.account = ?1 AND settlements.market_id = ?2) \
     ON CONFLICT DO NOTHING";
pub(super) const NAME_OF: &str =
    "SELECT client_id FROM exchange_orders WHERE account = ? AND exchange_id = ?";
const FOREIGN_FILL: &str = "INSERT INTO account_foreign_fills (account, trade_id, exchange_id, market_id, side, price, \
     size, fee, is_taker, timestamp) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
const LOST_RUN: &str = "INSERT INTO runs (id, kind, source, settings, started_at, account, prefix, tag) \
     VALUES (?, ?, 'known from the exchange alone', '', ?, ?, ?, ?) ON CONFLICT DO NOTHING";
const END_ORDER: &str = "UPDATE orders SET state = ?, filled = coalesce(?, filled), reason = ?, updated_at = ? \
     WHERE run_id = ? AND order_id = ?";

impl Store {
    /// Adds a fill of one of our orders, unless it is there. True if it was added.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be written.
    pub fn insert_recovered_fill(
        &self,
        account: &AccountKey,
        order: &ClientOrderId,
        fill: &BookedFill,
    ) -> Result<bool, StoreError> {
        let run = self.run_or_lost(account, order)?;
        self.execute(
            FILL,
            params![
                run,
                fill.trade_id,
                rows::number(order.order),
                fill.ticker,
                fill.side.as_str(),
                rows::price(fill.price),
                rows::contracts(fill.quantity),
                rows::money(fill.fee),
                fill.is_taker,
                PURPOSE_UNKNOWN,
                rows::time(fill.time),
                account.as_str(),
            ],
        )
        .map(|added| added > 0)
    }

    /// Adds a fill of a foreign order that rested before the bot came, unless it is there. True if it was added.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be written.
    pub fn insert_foreign_fill(&self, account: &AccountKey, fill: &BookedFill) -> Result<bool, StoreError> {
        self.execute(
            FOREIGN_FILL,
            params![
                account.as_str(),
                fill.trade_id,
                fill.exchange_order.as_deref().unwrap_or_default(),
                fill.ticker,
                fill.side.as_str(),
                rows::price(fill.price),
                rows::contracts(fill.quantity),
                rows::money(fill.fee),
                fill.is_taker,
                rows::time(fill.time),
            ],
        )
        .map(|added| added > 0)
    }

    /// Adds a payout that came while no run was up, unless it is there. True if it was added.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be written.
    pub fn insert_recovered_settlement(
        &self,
        account: &AccountKey,
        payout: &Payout,
    ) -> Result<bool, StoreError> {
        self.execute(
            PAYOUT,
            params![
                account.as_str(),
                payout.ticker,
                payout.resolution.as_str(),
                rows::price(payout.resolution.yes_value()),
                rows::time(payout.time),
            ],
        )
        .map(|added| added > 0)
    }

    /// The sender's name for an order of the exchange, where it was asked for before; empty where it has none.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be read.
    pub fn client_id_of(
        &self,
        account: &AccountKey,
        exchange_id: &str,
    ) -> Result<Option<String>, StoreError> {
        let names = self.select(NAME_OF, params![account.as_str(), exchange_id], |row| row.get(0))?;
        Ok(names.into_iter().next())
    }

    /// Keeps the sender's name for an order of the exchange, and which of our orders it is, where it is ours.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be written.
    pub fn keep_client_id(
        &self,
        account: &AccountKey,
        exchange_id: &str,
        client_id: &str,
        ours: Option<&ClientOrderId>,
    ) -> Result<(), StoreError> {
        let run = ours.map(|order| self.run_or_lost(account, order)).transpose()?;
        let number = ours.map(|order| rows::number(order.order));
        self.execute(NAME_ORDER, params![account.as_str(), exchange_id, client_id, run, number]).map(drop)
    }

    /// Notes how an order of an earlier run ended. `filled` stays as it is where it isn't given.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be written.
    pub fn end_order(
        &self,
        order: &WorkingOrder,
        state: OrderState,
        filled: Option<Quantity>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let number = rows::number(order.client_id.order);
        let values = params![
            state.as_str(),
            filled.map(rows::contracts),
            "recovered",
            rows::time(now),
            order.run,
            number
        ];
        self.execute(END_ORDER, values).map(drop)
    }

    /// The run of an order; where the store doesn't have it, a run that is known from the exchange alone.
    fn run_or_lost(&self, account: &AccountKey, order: &ClientOrderId) -> Result<String, StoreError> {
        if let Some(run) = self.run_of(account, order)? {
            return Ok(run);
        }
        let run = account.run(&order.prefix, order.run);
        let started = rows::time(RunTag::started(order.run));
        let (prefix, tag) = (order.prefix.as_str(), order.run.to_string());
        let values = params![run, RunKind::Live.as_str(), started, account.as_str(), prefix, tag];
        self.execute(LOST_RUN, values)?;
        Ok(run)
    }
}
