//! One look at the account as the exchange has it: what rests, fills and payouts of late, positions, cash.
//!
//! The parts come by separate requests. Fills are read before and after the rest, and where a new one came in between,
//! everything is read again: cash and positions then belong to the same fills.

use super::{Account, RecoveryError, seconds};
use crate::bot::reconcile::AccountRead;
use crate::execution::client_id::{ClientOrderId, Prefix};
use crate::execution::reconcile::running::There;
use crate::execution::reconcile::{BookedFill, ExchangeAccount, Payout, RestingOrder};
use crate::kalshi::model::{BookSide, Fill, Settlement};
use crate::kalshi::rest::Client;
use crate::kalshi::rest::query::{FillQuery, OrderQuery, PositionQuery, SettlementQuery};
use crate::market::{Resolution, Side};
use crate::units::{MICROS, Money, Price, Quantity, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How often the account may change while it is read.
const ATTEMPTS: usize = 4;
/// Rows a page of the lists that allow as many.
const PAGE: u64 = 1_000;
/// Rows a page of settlements.
const SETTLEMENT_PAGE: u64 = 200;

/// What was seen.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) there: ExchangeAccount,
    pub(super) payouts: Vec<Payout>,
    /// Whose orders had fills that aren't known here, where it was not known before.
    pub(super) owners: Vec<Owner>,
}

/// An order of the exchange and its sender's name for it.
#[derive(Debug)]
pub(super) struct Owner {
    pub(super) exchange_id: String,
    pub(super) client_id: String,
}

/// Looks at the account; fills and payouts from `since` on.
pub(super) async fn look(account: Account<'_>, since: Timestamp) -> Result<Look, RecoveryError> {
    for _ in 0..ATTEMPTS {
        let before = fills(account.client, since).await?;
        let payouts = payouts(account.client, since).await?;
        let orders = resting(account.client, account.prefix).await?;
        let positions = positions(account.client).await?;
        let balance = account.client.balance().await.map_err(RecoveryError::at("the balance"))?;
        let after = fills(account.client, since).await?;
        if ids(&before) != ids(&after) {
            continue;
        }
        let (fills, owners) = attribute(account, after).await?;
        let there = ExchangeAccount { cash: balance.balance_dollars, positions, orders, fills };
        return Ok(Look { there, payouts, owners });
    }
    Err(RecoveryError::Unsteady)
}

/// Looks at the account of a run that trades. What moves between the reads is for the comparison to bear.
pub(in crate::bot) async fn read(
    client: &Client,
    prefix: &Prefix,
    since: Timestamp,
) -> Result<AccountRead, RecoveryError> {
    let fills = fills(client, since).await?;
    let orders = resting(client, prefix).await?;
    let positions = positions(client).await?;
    let balance = client.balance().await.map_err(RecoveryError::at("the balance"))?;
    let purses = balance.balance_breakdown.iter().map(|shard| (shard.exchange_index, shard.balance));
    let purses = purses.collect();
    let account = ExchangeAccount { cash: balance.balance_dollars, positions, orders, fills: Vec::new() };
    Ok(AccountRead { there: There { account, purses }, fills })
}

/// Every order that rests; those with the prefix carry our name.
pub(super) async fn resting(client: &Client, prefix: &Prefix) -> Result<Vec<RestingOrder>, RecoveryError> {
    let query = OrderQuery { limit: Some(PAGE), status: Some("resting"), ..OrderQuery::default() };
    let orders = client.orders(&query).all().await.map_err(RecoveryError::at("the resting orders"))?;
    let orders = orders.into_iter().map(|order| RestingOrder {
        client_id: ClientOrderId::of(prefix, &order.client_order_id),
        exchange_id: order.order_id,
        ticker: order.ticker,
        shard: order.exchange_index,
        side: side(order.book_side),
        price: order.yes_price_dollars,
        remaining: order.remaining_count_fp,
    });
    Ok(orders.collect())
}

async fn fills(client: &Client, since: Timestamp) -> Result<Vec<Fill>, RecoveryError> {
    let query = FillQuery { limit: Some(PAGE), min: Some(seconds(since)), ..FillQuery::default() };
    client.fills(&query).all().await.map_err(RecoveryError::at("the fills"))
}

async fn payouts(client: &Client, since: Timestamp) -> Result<Vec<Payout>, RecoveryError> {
    let query = SettlementQuery {
        limit: Some(SETTLEMENT_PAGE),
        min: Some(seconds(since)),
        ..SettlementQuery::default()
    };
    let settlements = client.settlements(&query).all().await.map_err(RecoveryError::at("the settlements"))?;
    Ok(settlements.into_iter().map(payout).collect())
}

async fn positions(client: &Client) -> Result<BTreeMap<String, Quantity>, RecoveryError> {
    let query =
        PositionQuery { limit: Some(PAGE), count_filter: Some("position"), ..PositionQuery::default() };
    let positions = client.positions(&query).all().await.map_err(RecoveryError::at("the positions"))?;
    let held = positions.into_iter().filter(|position| !position.position_fp.is_zero());
    Ok(held.map(|position| (position.ticker, position.position_fp)).collect())
}

fn ids(fills: &[Fill]) -> BTreeSet<&str> {
    fills.iter().map(|fill| fill.trade_id.as_str()).collect()
}

/// Finds out whose the fills are. Fills carry the exchange's order id alone, so an order that is new here is asked for;
/// one that is gone there is nobody's of ours.
async fn attribute(
    account: Account<'_>,
    fills: Vec<Fill>,
) -> Result<(Vec<BookedFill>, Vec<Owner>), RecoveryError> {
    let known = account.store.live_account(account.key)?.fills;
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut owners = Vec::new();
    let mut booked = Vec::with_capacity(fills.len());
    for fill in fills {
        let id = &fill.order_id;
        if !names.contains_key(id) && !known.contains(&fill.trade_id) {
            let mut name = account.store.client_id_of(account.key, id)?;
            if name.is_none() {
                let asked = ask_name(account.client, id).await?;
                owners.push(Owner { exchange_id: id.clone(), client_id: asked.clone() });
                name = Some(asked);
            }
            let name = name.unwrap_or_default();
            names.insert(id.clone(), name);
        }
        let name = names.get(id).map_or("", String::as_str);
        let is_ours = ClientOrderId::of(account.prefix, name).is_some();
        booked.push(book(fill, is_ours));
    }
    Ok((booked, owners))
}

async fn ask_name(client: &Client, id: &str) -> Result<String, RecoveryError> {
    match client.order(id).await {
        Ok(order) => Ok(order.client_order_id),
        Err(fault) if fault.status() == Some(404) => Ok(String::new()),
        Err(fault) => Err(RecoveryError::at("whose order was filled")(fault)),
    }
}

fn book(fill: Fill, is_ours: bool) -> BookedFill {
    let time = fill.created_time.or_else(|| fill.ts.map(Timestamp::from_secs)).unwrap_or_default();
    BookedFill {
        trade_id: fill.trade_id,
        exchange_order: Some(fill.order_id),
        ticker: fill.ticker,
        side: side(fill.book_side),
        price: fill.yes_price_dollars,
        quantity: fill.count_fp,
        fee: fill.fee_cost,
        is_taker: fill.is_taker,
        time,
        is_ours,
    }
}

fn payout(settlement: Settlement) -> Payout {
    let resolution = match settlement.market_result.as_str() {
        "yes" => Resolution::Yes,
        "no" => Resolution::No,
        _ => Resolution::Scalar(yes_value(&settlement)),
    };
    Payout { ticker: settlement.ticker, resolution, time: settlement.settled_time }
}

/// What one YES contract paid: as told, in cents, or by what all contracts paid together.
fn yes_value(settlement: &Settlement) -> Price {
    const MICROS_IN_CENT: i64 = MICROS / 100;
    let cents = |cents: i64| cents.saturating_mul(MICROS_IN_CENT);
    let each = |held: Quantity| Money::from_raw(cents(settlement.revenue)).per_contract(held);
    settlement
        .value
        .map(|value| Price::from_raw(cents(value)))
        .or_else(|| each(settlement.yes_count_fp))
        .or_else(|| each(settlement.no_count_fp).map(Price::complement))
        .unwrap_or_default()
}

const fn side(side: BookSide) -> Side {
    match side {
        BookSide::Bid => Side::Bid,
        BookSide::Ask => Side::Ask,
    }
}
