//! Orders, fills, positions, settlements and groups as the API tells them.

use super::{USER_ID, direction, seconds};
use crate::exchange::core::{
    FillView, GroupKey, OrderKey, OrderStatus, OrderView, PositionView, SelfTrade, SettlementView, Standing,
};
use crate::kalshi::model::{self, SelfTradePrevention};
use crate::units::{Money, Price, Quantity, Timestamp};
use std::collections::BTreeMap;

/// Orders and groups are numbered from one; on the wire the number is the end of a UUID.
const ORDER_ID: &str = "00000000-0000-4000-8001-";
const GROUP_ID: &str = "00000000-0000-4000-8002-";

/// An order's id.
pub(in super::super) fn order_id(key: OrderKey) -> String {
    format!("{ORDER_ID}{:012x}", key.0)
}

/// The order that an id names.
pub(in super::super) fn order_key(id: &str) -> Option<OrderKey> {
    number(id, ORDER_ID).map(OrderKey)
}

/// A group's id.
pub(in super::super) fn group_id(key: GroupKey) -> String {
    format!("{GROUP_ID}{:012x}", key.0)
}

/// The group that an id names.
pub(in super::super) fn group_key(id: &str) -> Option<GroupKey> {
    number(id, GROUP_ID).map(GroupKey)
}

fn number(id: &str, start: &str) -> Option<u64> {
    u64::from_str_radix(id.strip_prefix(start)?, 16).ok()
}

/// When an order takes itself off.
pub(super) const fn expiry(order: &OrderView) -> Option<Timestamp> {
    match order.request.standing {
        Standing::GoodTillCancelled { expires } => expires,
        Standing::ImmediateOrCancel | Standing::FillOrKill => None,
    }
}

/// The API's word for where an order stands.
pub(in super::super) const fn status(status: OrderStatus) -> model::OrderStatus {
    match status {
        OrderStatus::Resting => model::OrderStatus::Resting,
        OrderStatus::Cancelled(_) => model::OrderStatus::Canceled,
        OrderStatus::Executed => model::OrderStatus::Executed,
    }
}

/// An order.
pub(in super::super) fn order(order: &OrderView) -> model::Order {
    let request = &order.request;
    let (outcome_side, book_side) = direction(request.side);
    model::Order {
        order_id: order_id(order.key),
        user_id: USER_ID.to_owned(),
        client_order_id: request.client_order_id.clone().unwrap_or_default(),
        ticker: request.ticker.clone(),
        outcome_side,
        book_side,
        kind: "limit".to_owned(),
        status: status(order.status),
        yes_price_dollars: request.price,
        no_price_dollars: request.price.complement(),
        initial_count_fp: request.quantity,
        fill_count_fp: order.filled,
        remaining_count_fp: order.remaining,
        taker_fill_cost_dollars: order.taker_cost,
        maker_fill_cost_dollars: order.maker_cost,
        taker_fees_dollars: order.taker_fees,
        maker_fees_dollars: order.maker_fees,
        expiration_time: expiry(order),
        created_time: Some(order.created),
        last_update_time: Some(order.updated),
        self_trade_prevention_type: Some(match request.self_trade {
            SelfTrade::TakerAtCross => SelfTradePrevention::TakerAtCross,
            SelfTrade::Maker => SelfTradePrevention::Maker,
        }),
        order_group_id: request.group.map(group_id),
        cancel_order_on_pause: Some(request.cancel_on_pause),
        subaccount_number: Some(0),
        exchange_index: Some(order.shard),
    }
}

/// A fill.
pub(in super::super) fn fill(fill: &FillView) -> model::Fill {
    let (outcome_side, book_side) = direction(fill.side);
    model::Fill {
        fill_id: fill.trade_id.to_string(),
        trade_id: fill.trade_id.to_string(),
        order_id: order_id(fill.order),
        ticker: fill.ticker.to_string(),
        market_ticker: fill.ticker.to_string(),
        exchange_index: fill.shard,
        outcome_side,
        book_side,
        count_fp: fill.quantity,
        yes_price_dollars: fill.price,
        no_price_dollars: fill.price.complement(),
        is_taker: fill.is_taker,
        fee_cost: fill.fee,
        created_time: Some(fill.time),
        ts: Some(seconds(fill.time)),
        subaccount_number: Some(0),
    }
}

/// What is held in a market.
pub(in super::super) fn market_position(position: &PositionView) -> model::MarketPosition {
    model::MarketPosition {
        ticker: position.ticker.to_string(),
        exchange_index: position.shard,
        position_fp: position.quantity,
        market_exposure_dollars: position.cost,
        total_traded_dollars: position.traded,
        realized_pnl_dollars: position.realised,
        fees_paid_dollars: position.fees,
        last_updated_ts: position.updated,
    }
}

/// What is held in the events of these markets.
pub(in super::super) fn event_positions<'a>(
    positions: impl Iterator<Item = &'a PositionView>,
) -> Vec<model::EventPosition> {
    let mut events: BTreeMap<&str, model::EventPosition> = BTreeMap::new();
    for position in positions {
        let event = events.entry(&position.event).or_insert_with(|| model::EventPosition {
            event_ticker: position.event.to_string(),
            total_cost_dollars: Money::ZERO,
            total_cost_shares_fp: Quantity::ZERO,
            event_exposure_dollars: Money::ZERO,
            realized_pnl_dollars: Money::ZERO,
            fees_paid_dollars: Money::ZERO,
        });
        event.total_cost_dollars += position.traded;
        event.total_cost_shares_fp += position.quantity.abs();
        event.event_exposure_dollars += position.cost;
        event.realized_pnl_dollars += position.realised;
        event.fees_paid_dollars += position.fees;
    }
    events.into_values().collect()
}

/// What a market paid.
pub(in super::super) fn settlement(settlement: &SettlementView) -> model::Settlement {
    let (held, cost) = (settlement.quantity, settlement.cost);
    let nothing = (Quantity::ZERO, Money::ZERO);
    let (yes, no) = if held.is_negative() { (nothing, (held.abs(), cost)) } else { ((held, cost), nothing) };
    model::Settlement {
        ticker: settlement.ticker.to_string(),
        exchange_index: settlement.shard,
        event_ticker: settlement.event.to_string(),
        market_result: settlement.resolution.as_str().to_owned(),
        yes_count_fp: yes.0,
        yes_total_cost_dollars: yes.1,
        no_count_fp: no.0,
        no_total_cost_dollars: no.1,
        revenue: cents(settlement.payout.raw()),
        value: Some(cents(settlement.resolution.yes_value().raw())),
        settled_time: settlement.time,
        fee_cost: settlement.fees,
    }
}

/// Whole cents of micro-dollars, cut off.
pub(in super::super) const fn cents(micros: i64) -> i64 {
    micros / (Price::ONE.raw() / 100)
}
