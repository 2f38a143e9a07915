//! One order as a row.

use crate::fills::outcome;
use crate::listing::{Column, Figure};
use kalshi_bot::execution::client_id::{ClientOrderId, Prefix};
use kalshi_bot::kalshi::model::{Order, OrderStatus, OutcomeSide};
use kalshi_bot::units::{Price, Quantity};

/// An order and what else is known of it.
#[derive(Debug, Clone)]
pub(crate) struct OrderRow {
    /// As the exchange tells it.
    pub(crate) order: Order,
    /// Contracts that stand before it.
    pub(crate) ahead: Option<Quantity>,
    /// Whether this bot placed it.
    pub(crate) is_mine: bool,
}

/// The columns of a list of orders.
pub(crate) const COLUMNS: &[Column<OrderRow>] = &[
    Column::new("order_id", "Order", |row| Figure::Name(row.order.order_id.clone())),
    Column::new("market", "Market", |row| Figure::Name(row.order.ticker.clone())),
    Column::new("outcome", "Buys", |row| Figure::Text(outcome(row.order.outcome_side).to_owned())),
    Column::new("price", "Price", |row| Figure::Price(own_price(&row.order))),
    Column::unseen("yes_price", |row| Figure::Price(row.order.yes_price_dollars)),
    Column::unseen("quantity", |row| Figure::Contracts(row.order.initial_count_fp)),
    Column::new("remaining", "Left", |row| Figure::Contracts(row.order.remaining_count_fp)),
    Column::new("filled", "Filled", |row| Figure::Contracts(row.order.fill_count_fp)),
    Column::new("queue_ahead", "Ahead", |row| Figure::of(row.ahead, Figure::Contracts)),
    Column::new("status", "Status", |row| Figure::Text(status(row.order.status).to_owned())),
    Column::new("is_mine", "Bot", |row| Figure::Flag(row.is_mine)),
    Column::unseen("client_order_id", |row| Figure::Name(row.order.client_order_id.clone())),
    Column::unseen("fees", |row| {
        Figure::Dollars(row.order.taker_fees_dollars + row.order.maker_fees_dollars)
    }),
    Column::new("created", "Created", |row| Figure::of(row.order.created_time, Figure::Time)),
    Column::unseen("expires", |row| Figure::of(row.order.expiration_time, Figure::Time)),
    Column::unseen("shard", |row| Figure::Count(u64::from(row.order.exchange_index.unwrap_or_default()))),
];

impl OrderRow {
    /// The row of an order whose place in the queue isn't known.
    pub(crate) fn new(order: Order, prefix: &Prefix) -> Self {
        let is_mine = is_mine(&order, prefix);
        Self { order, ahead: None, is_mine }
    }
}

/// Whether a bot with this prefix placed the order.
pub(crate) fn is_mine(order: &Order, prefix: &Prefix) -> bool {
    ClientOrderId::of(prefix, &order.client_order_id).is_some()
}

const fn own_price(order: &Order) -> Price {
    match order.outcome_side {
        OutcomeSide::Yes => order.yes_price_dollars,
        OutcomeSide::No => order.no_price_dollars,
    }
}

/// Where an order stands, in the exchange's words.
const fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Resting => "resting",
        OrderStatus::Canceled => "canceled",
        OrderStatus::Executed => "executed",
        OrderStatus::Unknown => "unknown",
    }
}

/// Orders for tests.
#[cfg(test)]
pub(crate) mod samples {
    use super::Order;

    /// A resting order for 10 NO at 0.93, of which 4 are filled.
    pub(crate) fn order(id: &str, client_order_id: &str, ticker: &str) -> Order {
        serde_json::from_value(serde_json::json!({
            "order_id": id, "user_id": "u1", "client_order_id": client_order_id, "ticker": ticker,
            "outcome_side": "no", "book_side": "ask", "type": "limit", "status": "resting",
            "yes_price_dollars": "0.0700", "no_price_dollars": "0.9300",
            "initial_count_fp": "10.00", "fill_count_fp": "4.00", "remaining_count_fp": "6.00",
            "taker_fill_cost_dollars": "0.0000", "maker_fill_cost_dollars": "3.7200",
            "taker_fees_dollars": "0.0000", "maker_fees_dollars": "0.0125",
            "created_time": "2026-11-22T15:04:05Z", "exchange_index": 2,
        }))
        .expect("an order")
    }
}
