//! Frames of an account's own channels: fills, orders, positions, order groups.
//!
//! The exchange still sends the names that its present ones replace (`side`, `action`, `is_yes`, `purchased_side`,
//! `ts`), so these do too. They follow from what a message says; what a message leaves out is handed in beside it.

use super::{calendar, millis, put, quoted, seconds, text_field};
use crate::kalshi::ws::message::{
    Fill, MarketPosition, OrderGroupUpdate, OrderStatus, OutcomeSide, UserOrder,
};
use crate::units::{Money, Timestamp};

/// What a `user_order` tells beyond [`UserOrder`].
#[derive(Debug, Clone, Copy)]
pub struct OrderCosts {
    /// Cost of what it took.
    pub taker: Money,
    /// Cost of what others took from it.
    pub maker: Money,
    /// Which order goes when two of one account meet: `taker_at_cross` or `maker`.
    pub self_trade_prevention: &'static str,
}

/// What a `fill` carries.
pub fn fill_payload(out: &mut Vec<u8>, fill: &Fill<'_>) {
    put(out, format_args!("\"trade_id\":"));
    quoted(out, &fill.trade_id);
    text_field(out, "order_id", &fill.order_id);
    if let Some(id) = &fill.client_order_id {
        text_field(out, "client_order_id", id);
    }
    text_field(out, "market_ticker", &fill.ticker);
    put(out, format_args!(",\"exchange_index\":{},\"is_taker\":{}", fill.exchange_index, fill.is_taker));
    let side = fill.outcome.as_str();
    put(out, format_args!(",\"side\":\"{side}\",\"action\":\"buy\",\"purchased_side\":\"{side}\""));
    direction(out, fill.outcome);
    put(
        out,
        format_args!(",\"yes_price_dollars\":\"{}\",\"count_fp\":\"{}\"", fill.yes_price, fill.quantity),
    );
    if let Some(fee) = fill.fee {
        put(out, format_args!(",\"fee_cost\":\"{fee}\""));
    }
    if let Some(position) = fill.position_after {
        put(out, format_args!(",\"post_position_fp\":\"{position}\""));
    }
    if let Some(time) = fill.time {
        put(out, format_args!(",\"ts\":{},\"ts_ms\":{}", seconds(time), millis(time)));
    }
}

/// What a `user_order` carries.
pub fn user_order_payload(out: &mut Vec<u8>, order: &UserOrder<'_>, user_id: &str, costs: OrderCosts) {
    put(out, format_args!("\"order_id\":"));
    quoted(out, &order.order_id);
    text_field(out, "user_id", user_id);
    text_field(out, "client_order_id", order.client_order_id.as_deref().unwrap_or_default());
    text_field(out, "ticker", &order.ticker);
    let status = match order.status {
        OrderStatus::Resting => "resting",
        OrderStatus::Canceled => "canceled",
        OrderStatus::Executed => "executed",
        OrderStatus::Unknown => "unknown",
    };
    put(out, format_args!(",\"exchange_index\":{},\"status\":\"{status}\"", order.exchange_index));
    let is_yes = order.outcome == OutcomeSide::Yes;
    put(out, format_args!(",\"side\":\"{}\",\"is_yes\":{is_yes}", order.outcome.as_str()));
    direction(out, order.outcome);
    put(out, format_args!(",\"yes_price_dollars\":\"{}\"", order.yes_price));
    put(out, format_args!(",\"initial_count_fp\":\"{}\"", order.initial));
    put(out, format_args!(",\"fill_count_fp\":\"{}\"", order.filled));
    put(out, format_args!(",\"remaining_count_fp\":\"{}\"", order.remaining));
    put(out, format_args!(",\"taker_fill_cost_dollars\":\"{}\"", costs.taker));
    put(out, format_args!(",\"maker_fill_cost_dollars\":\"{}\"", costs.maker));
    for (name, fees) in [("taker_fees_dollars", order.taker_fees), ("maker_fees_dollars", order.maker_fees)] {
        if let Some(fees) = fees {
            put(out, format_args!(",\"{name}\":\"{fees}\""));
        }
    }
    text_field(out, "self_trade_prevention_type", costs.self_trade_prevention);
    for (name, text) in
        [("order_group_id", &order.order_group_id), ("last_update_reason", &order.last_update_reason)]
    {
        if let Some(text) = text {
            text_field(out, name, text);
        }
    }
    instant(out, "created_time", "created_ts_ms", order.created);
    instant(out, "last_update_time", "last_updated_ts_ms", order.updated);
    instant(out, "expiration_time", "expiration_ts_ms", order.expires);
}

/// What a `market_position` carries; `fee_cost` is the part of the fees that the contracts still held have cost.
pub fn market_position_payload(
    out: &mut Vec<u8>,
    position: &MarketPosition<'_>,
    user_id: &str,
    fee_cost: Money,
) {
    put(out, format_args!("\"user_id\":"));
    quoted(out, user_id);
    text_field(out, "market_ticker", &position.ticker);
    put(out, format_args!(",\"position_fp\":\"{}\"", position.position));
    put(out, format_args!(",\"position_cost_dollars\":\"{}\"", position.cost));
    put(out, format_args!(",\"realized_pnl_dollars\":\"{}\"", position.realized_pnl));
    put(out, format_args!(",\"fees_paid_dollars\":\"{}\"", position.fees_paid));
    put(out, format_args!(",\"position_fee_cost_dollars\":\"{fee_cost}\""));
    put(out, format_args!(",\"volume_fp\":\"{}\"", position.volume));
}

/// What an `order_group_updates` carries.
pub fn order_group_payload(out: &mut Vec<u8>, update: &OrderGroupUpdate<'_>) {
    put(out, format_args!("\"event_type\":"));
    quoted(out, &update.event_type);
    text_field(out, "order_group_id", &update.order_group_id);
    if let Some(limit) = update.contracts_limit {
        put(out, format_args!(",\"contracts_limit_fp\":\"{limit}\""));
    }
    if let Some(time) = update.time {
        put(out, format_args!(",\"ts_ms\":{}", millis(time)));
    }
}

fn direction(out: &mut Vec<u8>, outcome: OutcomeSide) {
    let (outcome, side) = (outcome.as_str(), outcome.book_side().as_str());
    put(out, format_args!(",\"outcome_side\":\"{outcome}\",\"book_side\":\"{side}\""));
}

/// An instant in both forms, unless there is none.
fn instant(out: &mut Vec<u8>, text: &str, number: &str, time: Option<Timestamp>) {
    if let Some(time) = time {
        put(out, format_args!(",\"{text}\":\""));
        calendar(out, time);
        put(out, format_args!("\",\"{number}\":{}", millis(time)));
    }
}
