//! The requests themselves, each run in a task of its own, and what comes back from them.

use crate::execution::OrderId;
use crate::kalshi::error::ApiError;
use crate::kalshi::model;
use crate::kalshi::rest::Client;
use crate::kalshi::rest::query::{FillQuery, OrderQuery};
use crate::units::{Quantity, Timestamp};
use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

/// How much earlier than an order was sent its rows are looked for: clocks differ.
const SEARCH_MARGIN: Duration = Duration::from_mins(1);
/// Rows a page.
const PAGE: u64 = 200;

/// What came of a request.
#[derive(Debug)]
pub enum Answer {
    /// An order was sent.
    Created {
        /// Which.
        order: OrderId,
        /// What came of it.
        result: Result<model::CreatedOrder, ApiError>,
        /// How long the answer took.
        took: Duration,
    },
    /// A cancel was sent.
    Canceled {
        /// Of which order.
        order: OrderId,
        /// What came of it.
        result: Result<model::CanceledOrder, ApiError>,
    },
    /// An order was looked up.
    Looked {
        /// Which.
        order: OrderId,
        /// What was found.
        result: Result<Look, ApiError>,
    },
    /// What may have been missed was asked for.
    CaughtUp(Result<CaughtUp, ApiError>),
}

/// What an order is waiting for.
#[derive(Debug)]
pub(super) enum Wanted {
    Cancel(model::BatchCancelItem),
    Look(Search),
}

/// How an order is looked up.
#[derive(Debug)]
pub(super) struct Search {
    pub(super) ticker: String,
    pub(super) client_id: String,
    pub(super) exchange_id: Option<String>,
    pub(super) sent: Timestamp,
    /// Contracts known to be filled: only more than these are asked for.
    pub(super) known: Quantity,
}

/// What was found of an order.
#[derive(Debug, Default)]
pub struct Look {
    /// The account as of when the reads showed it at the latest; only asked where the order's name is unknown.
    pub(super) as_of: Option<Timestamp>,
    pub(super) order: Option<model::Order>,
    pub(super) fills: Vec<model::Fill>,
}

/// What was found of everything.
#[derive(Debug)]
pub struct CaughtUp {
    /// Orders that rest.
    pub(super) resting: Vec<model::Order>,
    /// Fills since the last known one, and some before.
    pub(super) fills: Vec<model::Fill>,
    /// The orders of fills that nothing was known of.
    pub(super) owners: Vec<model::Order>,
}

/// Looks an order up: by the exchange's name for it, or else by ours among all orders and fills of its market.
pub(super) async fn look(client: &Client, search: &Search) -> Result<Look, ApiError> {
    let (as_of, order) = match &search.exchange_id {
        Some(id) => (None, read_order(client, id).await?),
        None => find(client, search).await?,
    };
    let fills = match &order {
        Some(order) if order.fill_count_fp > search.known => {
            let query =
                FillQuery { limit: Some(PAGE), order: Some(order.order_id.clone()), ..FillQuery::default() };
            client.fills(&query).all().await?
        }
        _ => Vec::new(),
    };
    Ok(Look { as_of, order, fills })
}

/// What the account shows of an order with our name. How fresh it is, is read first, so that the rest is no older.
async fn find(
    client: &Client,
    search: &Search,
) -> Result<(Option<Timestamp>, Option<model::Order>), ApiError> {
    let as_of = client.user_data_timestamp().await?.as_of_time;
    let ticker = Some(search.ticker.clone());
    let min = Some(seconds(search.sent - SEARCH_MARGIN));
    let query = OrderQuery { limit: Some(PAGE), ticker: ticker.clone(), min, ..OrderQuery::default() };
    let orders = client.orders(&query).all().await?;
    let listed: BTreeSet<String> = orders.iter().map(|order| order.order_id.clone()).collect();
    if let Some(order) = orders.into_iter().find(|order| order.client_order_id == search.client_id) {
        return Ok((Some(as_of), Some(order)));
    }
    let fills =
        client.fills(&FillQuery { limit: Some(PAGE), ticker, min, ..FillQuery::default() }).all().await?;
    let owners: BTreeSet<String> = fills.into_iter().map(|fill| fill.order_id).collect();
    for id in owners.difference(&listed) {
        let order = read_order(client, id).await?;
        if let Some(order) = order.filter(|order| order.client_order_id == search.client_id) {
            return Ok((Some(as_of), Some(order)));
        }
    }
    Ok((Some(as_of), None))
}

/// Reads what rests and what was filled since then; `known` are the orders whose owner needn't be asked for.
pub(super) async fn catch_up(
    client: &Client,
    since: Timestamp,
    known: HashSet<String>,
) -> Result<CaughtUp, ApiError> {
    let fills = FillQuery { limit: Some(PAGE), min: Some(seconds(since)), ..FillQuery::default() };
    let fills = client.fills(&fills).all().await?;
    let resting = OrderQuery { limit: Some(PAGE), status: Some("resting"), ..OrderQuery::default() };
    let resting = client.orders(&resting).all().await?;
    let listed: HashSet<&str> = resting.iter().map(|order| order.order_id.as_str()).collect();
    let unknown: BTreeSet<&str> = fills
        .iter()
        .map(|fill| fill.order_id.as_str())
        .filter(|id| !known.contains(*id) && !listed.contains(id))
        .collect();
    let mut owners = Vec::new();
    for id in unknown {
        owners.extend(read_order(client, id).await?);
    }
    Ok(CaughtUp { resting, fills, owners })
}

/// An order by the exchange's name for it. One that isn't there may not be there yet: reads trail the engine.
async fn read_order(client: &Client, id: &str) -> Result<Option<model::Order>, ApiError> {
    match client.order(id).await {
        Ok(order) => Ok(Some(order)),
        Err(ApiError::Refused(refusal)) if refusal.status == 404 => Ok(None),
        Err(error) => Err(error),
    }
}

const fn seconds(time: Timestamp) -> i64 {
    time.micros().div_euclid(1_000_000)
}
