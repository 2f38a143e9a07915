//! `kalshi-bot orders list`.

use super::row::{COLUMNS, OrderRow};
use crate::cli::orders::OrderListArguments;
use crate::connection;
use crate::exit::{ExitCode, Failure};
use crate::figures::{contracts, counted};
use crate::listing::{self, List};
use crate::output::Output;
use kalshi_bot::kalshi::error::ApiError;
use kalshi_bot::kalshi::model::OrderStatus;
use kalshi_bot::kalshi::rest::Client;
use kalshi_bot::kalshi::rest::query::OrderQuery;
use kalshi_bot::units::Quantity;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};

/// Markets whose queues are asked for in one request.
const MARKETS_A_REQUEST: usize = 100;

/// The document of `orders list`.
#[derive(Serialize)]
struct Document<'a> {
    exchange: &'static str,
    orders: List<'a, OrderRow>,
}

/// Lists orders.
pub(super) fn run(arguments: &OrderListArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings = connection::settings(&arguments.exchange, Vec::new())?;
    let client = connection::client(&settings)?;
    let query = OrderQuery {
        limit: Some(connection::page_size(arguments.limit)),
        ticker: arguments.ticker.clone(),
        status: arguments.status.filter(),
        ..OrderQuery::default()
    };
    let prefix = &settings.execution.order_prefix;
    let rows = connection::runtime()?.block_on(async {
        let orders = connection::first(client.orders(&query), arguments.limit).await?;
        let mut rows: Vec<OrderRow> = orders.into_iter().map(|order| OrderRow::new(order, prefix)).collect();
        if let Err(error) = place_in_queues(&client, &mut rows).await {
            Output::note(format_args!("how many contracts stand before the orders isn't known: {error}"));
        }
        Ok::<_, ApiError>(rows)
    })?;
    let exchange = settings.api.exchange().kind.as_str();
    let document = Document { exchange, orders: List { columns: COLUMNS, rows: &rows } };
    listing::print(output, arguments.output, &document.orders, &document, ("", &ending(exchange, &rows)))?;
    Ok(ExitCode::Done)
}

/// Asks how many contracts stand before the orders that rest.
async fn place_in_queues(client: &Client, rows: &mut [OrderRow]) -> Result<(), ApiError> {
    let resting = rows.iter().filter(|row| row.order.status == OrderStatus::Resting);
    let tickers: BTreeSet<String> = resting.map(|row| row.order.ticker.clone()).collect();
    let tickers: Vec<&str> = tickers.iter().map(String::as_str).collect();
    let mut ahead: HashMap<String, Quantity> = HashMap::new();
    for some in tickers.chunks(MARKETS_A_REQUEST) {
        let positions = client.queue_positions(some).await?;
        ahead.extend(positions.into_iter().map(|position| (position.order_id, position.queue_position_fp)));
    }
    for row in rows {
        row.ahead = ahead.get(&row.order.order_id).copied();
    }
    Ok(())
}

fn ending(exchange: &str, rows: &[OrderRow]) -> String {
    if rows.is_empty() {
        return format!("No such orders on the {exchange} exchange.");
    }
    let resting = rows.iter().filter(|row| row.order.status == OrderStatus::Resting);
    let left: Quantity = resting.map(|row| row.order.remaining_count_fp).sum();
    let mine = rows.iter().filter(|row| row.is_mine).count() as u64;
    format!(
        "{} on the {exchange} exchange, {mine} of them this bot's; {} contracts rest.",
        counted(rows.len() as u64, "order"),
        contracts(left)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::row::samples::order;
    use kalshi_bot::execution::client_id::Prefix;

    #[test]
    fn orders_of_this_bot_are_marked() {
        let prefix = Prefix::default();
        let named =
            [("o1", "kb-1k3f9x2a-17"), ("o2", "by-hand"), ("o3", "kb-hand"), ("o4", "xx-1k3f9x2a-17")];
        let mut rows: Vec<OrderRow> = named
            .into_iter()
            .map(|(id, client_id)| OrderRow::new(order(id, client_id, "KXRAIN-26DEC01-NYC"), &prefix))
            .collect();
        rows[1].ahead = Some(Quantity::from_raw(12_050));
        rows[2].order.status = OrderStatus::Canceled;
        assert_eq!(rows.iter().map(|row| row.is_mine).collect::<Vec<_>>(), [true, false, false, false]);
        insta::assert_snapshot!(List { columns: COLUMNS, rows: &rows }.table(100));
        assert_eq!(
            ending("demo", &rows),
            "4 orders on the demo exchange, 1 of them this bot's; 18 contracts rest."
        );
    }
}
