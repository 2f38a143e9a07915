//! Takes orders off the book and makes sure that they are gone.
//!
//! An answer to a cancel isn't the last word: it may get lost, and reads trail the matching engine. So whatever the
//! answers were, the resting orders are read again until none of the wanted ones is among them, or patience ends.

use super::row::is_mine;
use kalshi_bot::execution::client_id::Prefix;
use kalshi_bot::gateway::listing::series_of;
use kalshi_bot::kalshi::error::ApiError;
use kalshi_bot::kalshi::model::{BatchCancel, BatchCancelItem, Order, OrderStatus};
use kalshi_bot::kalshi::rest::Client;
use kalshi_bot::kalshi::rest::query::OrderQuery;
use std::collections::BTreeSet;
use std::time::Duration;

/// Cancels in one request: it must fit the write bucket of the smallest account.
const ORDERS_A_REQUEST: usize = 20;
/// How often what rests is read again.
const READINGS: u32 = 6;
/// How long the first reading waits; each further one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// No reading waits longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Which orders are meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    /// These orders; empty means any.
    pub(crate) ids: BTreeSet<String>,
    /// In these markets; empty means any.
    pub(crate) tickers: Vec<String>,
    /// In markets of this series.
    pub(crate) series: Option<String>,
    /// Placed by the bot with this prefix.
    pub(crate) prefix: Option<Prefix>,
}

impl Scope {
    /// Whether every order of the account is meant.
    pub(crate) fn is_everything(&self) -> bool {
        self.ids.is_empty() && self.tickers.is_empty() && self.series.is_none() && self.prefix.is_none()
    }

    fn covers(&self, order: &Order) -> bool {
        (self.ids.is_empty() || self.ids.contains(&order.order_id))
            && (self.tickers.is_empty() || self.tickers.contains(&order.ticker))
            && self.series.as_ref().is_none_or(|series| series_of(&order.ticker).eq_ignore_ascii_case(series))
            && self.prefix.as_ref().is_none_or(|prefix| is_mine(order, prefix))
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Takedown {
    /// What the exchange said of single orders, or why an answer is missing.
    pub(crate) remarks: Vec<String>,
    /// Orders that rest still.
    pub(crate) left: Vec<Order>,
}

/// The resting orders that are meant.
///
/// # Errors
/// [`ApiError`] when they can't be read.
pub(crate) async fn resting(client: &Client, scope: &Scope) -> Result<Vec<Order>, ApiError> {
    let query = OrderQuery {
        limit: Some(1_000),
        ticker: scope.tickers.first().filter(|_| scope.tickers.len() == 1).cloned(),
        status: Some("resting"),
        ..OrderQuery::default()
    };
    let mut orders = client.orders(&query).all().await?;
    orders.retain(|order| order.status == OrderStatus::Resting && scope.covers(order));
    Ok(orders)
}

/// Cancels `orders`, which are those that `scope` means, and reads again what rests.
///
/// # Errors
/// [`ApiError`] when the exchange refused before anything was done.
pub(crate) async fn take_down(
    client: &Client,
    scope: &Scope,
    orders: &[Order],
) -> Result<Takedown, TakedownError> {
    let mut takedown = Takedown::default();
    if scope.is_everything() {
        tolerate(client.cancel_all().await, &mut takedown.remarks)?;
    } else {
        for (index, some) in orders.chunks(ORDERS_A_REQUEST).enumerate() {
            let sent = cancel(client, some, &mut takedown.remarks).await;
            match sent {
                Err(error) if index > 0 => takedown.remarks.push(error.to_string()),
                sent => tolerate(sent, &mut takedown.remarks)?,
            }
        }
    }
    takedown.left = still_resting(client, scope).await.map_err(TakedownError::Unverified)?;
    Ok(takedown)
}

/// Why it can't be told that orders are gone.
#[derive(Debug)]
pub(crate) enum TakedownError {
    /// Nothing was done.
    Refused(ApiError),
    /// Cancels were sent; what rests now couldn't be read.
    Unverified(ApiError),
}

/// Lets an unknown outcome pass as a remark: what rests is read anyway.
fn tolerate(sent: Result<(), ApiError>, remarks: &mut Vec<String>) -> Result<(), TakedownError> {
    match sent {
        Err(error) if error.leaves_doubt() => {
            remarks.push(error.to_string());
            Ok(())
        }
        sent => sent.map_err(TakedownError::Refused),
    }
}

async fn cancel(client: &Client, orders: &[Order], remarks: &mut Vec<String>) -> Result<(), ApiError> {
    let items = orders.iter().map(|order| BatchCancelItem {
        order_id: order.order_id.clone(),
        subaccount: order.subaccount_number,
        exchange_index: order.exchange_index,
        market_ticker: Some(order.ticker.clone()),
    });
    let answer = client.cancel_orders(&BatchCancel { orders: items.collect() }).await?;
    for item in answer.orders {
        if let Some(error) = item.error {
            let said: Vec<String> =
                [error.code, error.message, error.details].into_iter().flatten().collect();
            remarks.push(format!("{}: {}", item.order_id, said.join(" ")));
        }
    }
    Ok(())
}

async fn still_resting(client: &Client, scope: &Scope) -> Result<Vec<Order>, ApiError> {
    let mut left = Vec::new();
    for wait in waits() {
        tokio::time::sleep(wait).await;
        left = resting(client, scope).await?;
        if left.is_empty() {
            break;
        }
    }
    Ok(left)
}

/// How long to wait before each reading of something that trails.
pub(crate) fn waits() -> impl Iterator<Item = Duration> {
    (0..READINGS).map(|reading| (FIRST_WAIT * 2_u32.pow(reading)).min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::row::samples::order;

    #[test]
    fn a_scope_covers_what_all_its_parts_cover() {
        let ours = order("o1", "kb-1k3f9x2a-17", "KXRAIN-26DEC01-NYC");
        let foreign = order("o2", "by-hand", "KXRAIN-26DEC01-NYC");
        let everything = Scope::default();
        assert!(everything.is_everything() && everything.covers(&ours) && everything.covers(&foreign));
        let mine = Scope { prefix: Some(Prefix::default()), ..Scope::default() };
        assert!(mine.covers(&ours) && !mine.covers(&foreign) && !mine.is_everything());
        let series = Scope { series: Some("kxrain".to_owned()), ..mine };
        assert!(
            series.covers(&ours) && !series.covers(&order("o3", "kb-1k3f9x2a-18", "KXRAINY-26DEC01-NYC"))
        );
        let one = Scope { ids: BTreeSet::from(["o2".to_owned()]), ..Scope::default() };
        assert!(one.covers(&foreign) && !one.covers(&ours));
        let elsewhere = Scope { tickers: vec!["KXRAIN-26DEC01-LA".to_owned()], ..Scope::default() };
        assert!(!elsewhere.covers(&ours));
    }

    #[test]
    fn patience_grows_and_ends() {
        let waits: Vec<u128> = waits().map(|wait| wait.as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1_000, 1_000]);
    }
}
