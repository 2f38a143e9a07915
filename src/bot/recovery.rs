//! What a live run does before its first order: it takes off what still rests, brings in what only the exchange knows,
//! and checks that the books and the exchange are the same account.
//!
//! [`recover`] can be cut short anywhere and run again: what it adds is added once, and twice in a row it gives the
//! same. The first start of an account writes its baseline. [`inspect`] only looks, for `reconcile`; [`accept`] takes
//! the exchange's figures as they are, which mends what nothing else does. In doubt all three fail or report a
//! difference; none of them guesses.

mod cancel;
mod look;

use crate::execution::OrderState;
use crate::execution::client_id::{ClientOrderId, Prefix};
use crate::execution::reconcile::{
    Adopted, Baseline, BookedFill, Difference, ExchangeAccount, LocalAccount, RestingOrder, WorkingOrder,
    compare,
};
use crate::kalshi::error::ApiError;
use crate::kalshi::model::OrderStatus;
use crate::kalshi::rest::Client;
use crate::kalshi::rest::query::OrderQuery;
use crate::store::{AccountKey, Store, StoreError};
use crate::units::{Quantity, Timestamp};
pub(super) use look::read;
use look::{Look, look};
use std::collections::BTreeMap;
use std::time::Duration;

/// How far before the last thing known the exchange is asked from: its lists trail, and clocks differ.
const MARGIN: Duration = Duration::from_hours(1);
/// How long to wait before looking again where something differs: the exchange's reads trail its engine.
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// What a recovery found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// Cash of all shards, as the exchange shows it.
    pub cash: crate::units::Money,
    /// Positions of ours that the run takes over.
    pub adopted: Vec<Adopted>,
    /// Positions that aren't ours. Their markets are better left alone: the exchange nets what is held there.
    pub foreign: Vec<ForeignPosition>,
    /// What still differs. Anything here is drift.
    pub differences: Vec<Difference>,
    /// Orders of ours that rest although they were to be cancelled.
    pub still_resting: Vec<RestingOrder>,
    /// Orders of earlier runs that were taken off.
    pub cancelled: usize,
    /// Fills that only the exchange knew.
    pub fills: usize,
    /// Payouts that only the exchange knew.
    pub payouts: usize,
    /// Whether this was the account's first start, which wrote its baseline.
    pub is_first: bool,
}

/// A position that isn't ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignPosition {
    /// The market.
    pub ticker: String,
    /// Above zero YES, below zero NO.
    pub quantity: Quantity,
}

/// What a look without a change found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Whether there is a baseline; without one there is nothing to compare with.
    pub has_baseline: bool,
    /// What differs.
    pub differences: Vec<Difference>,
    /// The account by the books.
    pub here: LocalAccount,
    /// The account by the exchange.
    pub there: ExchangeAccount,
}

/// Why a recovery can't be completed.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// The exchange gave no useful answer.
    #[error("{what}: {cause}")]
    Exchange {
        /// What it was asked for.
        what: &'static str,
        /// What it said.
        cause: ApiError,
    },
    /// The store can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Cash that orders reserve would be taken for cash that is gone.
    #[error(
        "{count} orders of this bot rest on the exchange, so its cash can't be taken down: cancel them first"
    )]
    OrdersRest {
        /// How many.
        count: usize,
    },
    /// Another bot may be at work on the account.
    #[error(
        "orders rest that carry this bot's prefix and belong to no run of this folder: {}. Either another kalshi-bot \
         trades the account: give this one its own execution.order_prefix. Or none does: take them off with \
         `kalshi-bot cancel-all` first",
        .orders.join("; ")
    )]
    AnotherBot {
        /// The orders, for people.
        orders: Vec<String>,
    },
    /// Nothing is taken over while an order that nobody looks after may still be filled.
    #[error(
        "{} of an earlier run still rest and can't be cancelled now ({}): trading is paused there, or has just ended; \
         once the exchange takes cancels again, the next start takes them off", .orders.len(), .orders.join(", ")
    )]
    StillResting {
        /// Each of them with its market, for people.
        orders: Vec<String>,
    },
    /// New fills came in faster than they could be read.
    #[error("the account changes while it is read; let nothing else trade it for a moment and try again")]
    Unsteady,
}

impl RecoveryError {
    /// Makes a call's error one of a recovery.
    fn at(what: &'static str) -> impl FnOnce(ApiError) -> Self {
        move |cause| Self::Exchange { what, cause }
    }
}

/// Whose account it is and where it is kept.
#[derive(Debug, Clone, Copy)]
struct Account<'a> {
    client: &'a Client,
    store: &'a Store,
    key: &'a AccountKey,
    prefix: &'a Prefix,
}

/// Prepares a live run: cancels our resting orders, books what is missing, compares.
///
/// # Errors
/// [`RecoveryError::AnotherBot`] before anything is done, [`RecoveryError`] when the exchange or the store can't be used. What was done by then stands, and the next
/// recovery goes on from there.
pub async fn recover(
    client: &Client,
    store: &Store,
    key: &AccountKey,
    prefix: &Prefix,
    now: Timestamp,
) -> Result<Recovered, RecoveryError> {
    let account = Account { client, store, key, prefix };
    account.check_alone().await?;
    let taken_off = cancel::ours(client, prefix).await?;
    let still_resting = taken_off.still_resting;
    let is_first = store.baselines(key)?.is_empty();
    let mut booked = Booked::default();
    if is_first {
        account.take_baseline(now, &mut booked).await?;
    }
    let mut seen = account.look_and_book(account.since(now)?, &mut booked).await?;
    account.end_orders(&still_resting, now).await?;
    let mut here = store.live_account(key)?;
    let mut differences = compare(&here, &seen.there);
    if !differences.is_empty() {
        tokio::time::sleep(SECOND_LOOK).await;
        seen = account.look_and_book(account.beginning(now)?, &mut booked).await?;
        here = store.live_account(key)?;
        differences = compare(&here, &seen.there);
    }
    let foreign = here.foreign.iter();
    Ok(Recovered {
        cash: seen.there.cash,
        adopted: here.adopt(&seen.there),
        foreign: foreign
            .map(|(ticker, quantity)| ForeignPosition { ticker: ticker.clone(), quantity: *quantity })
            .collect(),
        differences,
        still_resting,
        cancelled: taken_off.cancelled,
        fills: booked.fills,
        payouts: booked.payouts,
        is_first,
    })
}

/// Compares without changing anything, here or there.
///
/// # Errors
/// [`RecoveryError`] when the exchange or the store can't be used.
pub async fn inspect(
    client: &Client,
    store: &Store,
    key: &AccountKey,
    prefix: &Prefix,
    now: Timestamp,
) -> Result<Inspection, RecoveryError> {
    let account = Account { client, store, key, prefix };
    let has_baseline = !store.baselines(key)?.is_empty();
    let seen = look(account, account.since(now)?).await?;
    let here = store.live_account(key)?;
    let differences = compare(&here, &seen.there);
    Ok(Inspection { has_baseline, differences, here, there: seen.there })
}

/// Takes the exchange's figures as they are: books what is ours, and adds what is left as a baseline. Returns it; one
/// that changes nothing isn't added.
///
/// # Errors
/// [`RecoveryError`]; [`RecoveryError::OrdersRest`] while orders of ours rest.
pub async fn accept(
    client: &Client,
    store: &Store,
    key: &AccountKey,
    prefix: &Prefix,
    now: Timestamp,
) -> Result<Baseline, RecoveryError> {
    let account = Account { client, store, key, prefix };
    account.take_baseline(now, &mut Booked::default()).await
}

/// What was brought in.
#[derive(Debug, Default)]
struct Booked {
    fills: usize,
    payouts: usize,
}

impl Account<'_> {
    /// Makes sure that what rests under our prefix is of runs that this store knows: their start is stored before their
    /// first order is sent.
    async fn check_alone(self) -> Result<(), RecoveryError> {
        let mut strange = Vec::new();
        for order in look::resting(self.client, self.prefix).await? {
            let Some(name) = &order.client_id else { continue };
            if self.store.run_of(self.key, name)?.is_none() {
                let RestingOrder { ticker, remaining, price, .. } = &order;
                strange.push(format!("{name} in {ticker}, {remaining} contracts at {price}"));
            }
        }
        if strange.is_empty() { Ok(()) } else { Err(RecoveryError::AnotherBot { orders: strange }) }
    }

    /// From when on the exchange is asked: an hour before the last fill known, or before the baseline.
    fn since(self, now: Timestamp) -> Result<Timestamp, StoreError> {
        let beginning = self.beginning(now)?;
        let last = self.store.last_fill_time(self.key)?;
        Ok(last.map_or(beginning, |last| beginning.max(last - MARGIN)))
    }

    /// An hour before the account's baseline; without one, before now.
    fn beginning(self, now: Timestamp) -> Result<Timestamp, StoreError> {
        let baselines = self.store.baselines(self.key)?;
        Ok(baselines.first().map_or(now, |first| first.taken_at) - MARGIN)
    }

    /// Adds what the books are short of as a baseline: all of it at the first start.
    async fn take_baseline(self, now: Timestamp, booked: &mut Booked) -> Result<Baseline, RecoveryError> {
        let is_first = self.store.baselines(self.key)?.is_empty();
        let since = self.beginning(now)?;
        let seen =
            if is_first { look(self, since).await? } else { self.look_and_book(since, booked).await? };
        let ours = seen.there.orders.iter().filter(|order| order.client_id.is_some()).count();
        if ours > 0 {
            return Err(RecoveryError::OrdersRest { count: ours });
        }
        let payouts = seen.payouts.iter().map(|payout| payout.ticker.clone()).collect();
        let baseline = self.store.books(self.key)?.missing(&seen.there, &payouts, now);
        if is_first || baseline != Baseline::empty(now) {
            self.store.add_baseline(self.key, &baseline)?;
        }
        Ok(baseline)
    }

    /// Looks at the exchange and brings in what only it knows: fills of our orders, fills of orders that rested before
    /// the bot came, payouts.
    async fn look_and_book(self, since: Timestamp, booked: &mut Booked) -> Result<Look, RecoveryError> {
        let seen = look(self, since).await?;
        let here = self.store.live_account(self.key)?;
        for owned in &seen.owners {
            let ours = self.ours(&owned.client_id);
            self.store.keep_client_id(self.key, &owned.exchange_id, &owned.client_id, ours.as_ref())?;
        }
        for fill in seen.there.fills.iter().filter(|fill| !here.fills.contains(&fill.trade_id)) {
            booked.fills += usize::from(self.book(fill, &here)?);
        }
        for payout in seen.payouts.iter().filter(|payout| !here.payouts.contains(&payout.ticker)) {
            booked.payouts += usize::from(self.store.insert_recovered_settlement(self.key, payout)?);
        }
        Ok(seen)
    }

    fn book(self, fill: &BookedFill, here: &LocalAccount) -> Result<bool, StoreError> {
        let exchange_order = fill.exchange_order.as_deref().unwrap_or_default();
        let client_id = self.store.client_id_of(self.key, exchange_order)?.unwrap_or_default();
        match self.ours(&client_id) {
            Some(order) => self.store.insert_recovered_fill(self.key, &order, fill),
            None if here.foreign_orders.contains(exchange_order) => {
                self.store.insert_foreign_fill(self.key, fill)
            }
            // Somebody else trades the account: that is drift, and stays for the comparison to find.
            None => Ok(false),
        }
    }

    fn ours(self, client_id: &str) -> Option<ClientOrderId> {
        ClientOrderId::of(self.prefix, client_id)
    }

    /// Notes how the orders ended that the books have as working and that don't rest.
    async fn end_orders(self, still_resting: &[RestingOrder], now: Timestamp) -> Result<(), RecoveryError> {
        let working = self.store.live_account(self.key)?.orders;
        let rests =
            |id: &ClientOrderId| still_resting.iter().any(|order| order.client_id.as_ref() == Some(id));
        let mut by_ticker: BTreeMap<&str, Vec<&WorkingOrder>> = BTreeMap::new();
        for (_, order) in working.iter().filter(|(id, _)| !rests(id)) {
            by_ticker.entry(&order.ticker).or_default().push(order);
        }
        for (ticker, orders) in by_ticker {
            let first = orders.iter().map(|order| order.submitted).min().unwrap_or(now);
            let query = OrderQuery {
                limit: Some(1_000),
                ticker: Some(ticker.to_owned()),
                min: Some(seconds(first - MARGIN)),
                ..OrderQuery::default()
            };
            let listed = self.client.orders(&query).all().await;
            let listed = listed.map_err(RecoveryError::at("how the orders of earlier runs ended"))?;
            for order in orders {
                let name = order.client_id.to_string();
                let found = listed.iter().find(|one| one.client_order_id == name);
                let (state, filled) = match found {
                    Some(found) => (
                        ended(found.status, found.fill_count_fp, found.initial_count_fp),
                        Some(found.fill_count_fp),
                    ),
                    // It never got in.
                    None => (OrderState::Rejected, None),
                };
                self.store.end_order(order, state, filled, now)?;
            }
        }
        Ok(())
    }
}

/// How an order ended that no longer rests.
fn ended(status: OrderStatus, filled: Quantity, size: Quantity) -> OrderState {
    if status == OrderStatus::Executed || filled >= size { OrderState::Filled } else { OrderState::Cancelled }
}

/// As the exchange's filters take it; rounded down.
const fn seconds(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}
