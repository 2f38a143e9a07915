//! Orders in and out, V2: one YES book, `bid` buys YES and `ask` sells it (api section 5).

use super::{BookSide, OutcomeSide, Page, null_as_default};
use crate::units::{Money, Price, Quantity, Timestamp};
use serde::{Deserialize, Serialize};

/// How long an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeInForce {
    /// Until cancelled, or until its expiry.
    GoodTillCanceled,
    /// Takes what it can at once.
    ImmediateOrCancel,
    /// All of it at once, or nothing.
    FillOrKill,
}

/// What happens when an account's orders would meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfTradePrevention {
    /// The incoming order's rest is taken off.
    TakerAtCross,
    /// The resting order is taken off.
    Maker,
}

/// An order to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateOrder {
    /// Where.
    pub ticker: String,
    /// Bid or ask.
    pub side: BookSide,
    /// Contracts.
    pub count: Quantity,
    /// YES limit.
    pub price: Price,
    /// How long it stands.
    pub time_in_force: TimeInForce,
    /// What happens when it would meet one of ours.
    pub self_trade_prevention_type: SelfTradePrevention,
    /// Our name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_order_id: Option<String>,
    /// When the exchange takes it off, in seconds since 1970; only with `good_till_canceled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_time: Option<i64>,
    /// Refused rather than crossing the spread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_only: Option<bool>,
    /// Never opens or turns a position; only with `immediate_or_cancel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduce_only: Option<bool>,
    /// Taken off when trading pauses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_order_on_pause: Option<bool>,
    /// The group that limits it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_group_id: Option<String>,
    /// Whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subaccount: Option<u8>,
    /// Its market's shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_index: Option<u8>,
}

/// What became of an order that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedOrder {
    /// The exchange's name for it.
    pub order_id: String,
    /// Ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_order_id: Option<String>,
    /// Contracts filled at once.
    pub fill_count: Quantity,
    /// Contracts that rest.
    pub remaining_count: Quantity,
    /// Average YES price of the fills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_fill_price: Option<Price>,
    /// Fee a contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_fee_paid: Option<Money>,
    /// When the exchange took it, in milliseconds since 1970.
    pub ts_ms: i64,
}

/// What a cancel took off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanceledOrder {
    /// The order.
    pub order_id: String,
    /// Our name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_order_id: Option<String>,
    /// Contracts taken off; what is missing had been filled.
    pub reduced_by: Quantity,
    /// When, in milliseconds since 1970.
    pub ts_ms: i64,
}

/// A change of a resting order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmendOrder {
    /// Its market; must match.
    pub ticker: String,
    /// Its side; must match.
    pub side: BookSide,
    /// New YES limit.
    pub price: Price,
    /// New total, filled contracts included.
    pub count: Quantity,
    /// Our name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_order_id: Option<String>,
    /// Our new name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_client_order_id: Option<String>,
    /// New expiry in seconds since 1970; 0 takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_time: Option<i64>,
    /// Its shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_index: Option<u8>,
}

/// What became of a changed order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmendedOrder {
    /// The order.
    pub order_id: String,
    /// Our name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_order_id: Option<String>,
    /// Contracts that rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_count: Option<Quantity>,
    /// Contracts that the change filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill_count: Option<Quantity>,
    /// Average YES price of those fills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_fill_price: Option<Price>,
    /// Fee a contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_fee_paid: Option<Money>,
    /// When, in milliseconds since 1970.
    pub ts_ms: i64,
}

/// A resting order made smaller; exactly one of the two amounts is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DecreaseOrder {
    /// Contracts to take off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduce_by: Option<Quantity>,
    /// Contracts to leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduce_to: Option<Quantity>,
    /// Its shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_index: Option<u8>,
    /// Its market.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market_ticker: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecreasedOrder {
    /// The order.
    pub order_id: String,
    /// Our name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_order_id: Option<String>,
    /// Contracts that rest.
    pub remaining_count: Quantity,
    /// When, in milliseconds since 1970.
    pub ts_ms: i64,
}

/// Several orders at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchCreate {
    /// The orders.
    pub orders: Vec<CreateOrder>,
}

/// What became of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchCreated {
    /// In the order of the request.
    pub orders: Vec<BatchCreatedItem>,
}

/// What became of one; either `error` or the rest is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BatchCreatedItem {
    /// The exchange's name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// Ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_order_id: Option<String>,
    /// Contracts filled at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fill_count: Option<Quantity>,
    /// Contracts that rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_count: Option<Quantity>,
    /// Average YES price of the fills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_fill_price: Option<Price>,
    /// Fee a contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_fee_paid: Option<Money>,
    /// When, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ts_ms: Option<i64>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
}

/// Several cancels at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchCancel {
    /// The orders.
    pub orders: Vec<BatchCancelItem>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchCancelItem {
    /// The order.
    pub order_id: String,
    /// Whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subaccount: Option<u8>,
    /// Its shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_index: Option<u8>,
    /// Its market.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market_ticker: Option<String>,
}

/// What became of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchCanceled {
    /// In the order of the request.
    pub orders: Vec<BatchCanceledItem>,
}

/// What became of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchCanceledItem {
    /// The order.
    pub order_id: String,
    /// Our name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_order_id: Option<String>,
    /// Contracts taken off.
    pub reduced_by: Quantity,
    /// When, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ts_ms: Option<i64>,
    /// Why nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
}

/// Why something was refused.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ErrorBody {
    /// A word for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// More of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// On the book.
    Resting,
    /// Taken off with something unfilled.
    Canceled,
    /// Filled.
    Executed,
    /// A word that this program doesn't know.
    #[serde(other)]
    Unknown,
}

/// An order as the exchange keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The exchange's name for it.
    pub order_id: String,
    /// Whose.
    #[serde(default)]
    pub user_id: String,
    /// The sender's name for it.
    #[serde(default)]
    pub client_order_id: String,
    /// Where.
    pub ticker: String,
    /// The outcome it buys.
    pub outcome_side: OutcomeSide,
    /// Bid or ask.
    pub book_side: BookSide,
    /// `limit`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// YES limit.
    pub yes_price_dollars: Price,
    /// The same as a NO price.
    pub no_price_dollars: Price,
    /// Contracts asked for.
    pub initial_count_fp: Quantity,
    /// Contracts filled.
    pub fill_count_fp: Quantity,
    /// Contracts that rest.
    pub remaining_count_fp: Quantity,
    /// Cost of what it took.
    pub taker_fill_cost_dollars: Money,
    /// Cost of what others took from it.
    pub maker_fill_cost_dollars: Money,
    /// Fees of what it took.
    pub taker_fees_dollars: Money,
    /// Fees of what others took from it.
    pub maker_fees_dollars: Money,
    /// When the exchange takes it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiration_time: Option<Timestamp>,
    /// When it got in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_time: Option<Timestamp>,
    /// When it last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_update_time: Option<Timestamp>,
    /// What happens when it would meet one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_trade_prevention_type: Option<SelfTradePrevention>,
    /// The group that limits it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_group_id: Option<String>,
    /// Taken off when trading pauses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_order_on_pause: Option<bool>,
    /// Whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subaccount_number: Option<u8>,
    /// Its shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_index: Option<u8>,
}

/// A page of orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orders {
    /// The orders.
    pub orders: Vec<Order>,
    /// Where the next page starts; empty on the last.
    #[serde(default, deserialize_with = "null_as_default")]
    pub cursor: String,
}

impl Page for Orders {
    type Item = Order;

    fn into_parts(self) -> (Vec<Order>, String) {
        (self.orders, self.cursor)
    }
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEnvelope {
    /// It.
    pub order: Order,
}

/// How many contracts stand before an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuePosition {
    /// The order.
    pub order_id: String,
    /// Where.
    pub market_ticker: String,
    /// Contracts ahead of it.
    pub queue_position_fp: Quantity,
}

/// Queue positions of resting orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuePositions {
    /// Them.
    #[serde(default, deserialize_with = "null_as_default")]
    pub queue_positions: Vec<QueuePosition>,
}

/// A new order group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CreateOrderGroup {
    /// Contracts that may match in a rolling 15 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contracts_limit: Option<u32>,
    /// The same, in hundredths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contracts_limit_fp: Option<Quantity>,
    /// Whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subaccount: Option<u8>,
    /// On which shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_index: Option<u8>,
}

/// A group that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedOrderGroup {
    /// Its id.
    pub order_group_id: String,
    /// Whose.
    #[serde(default)]
    pub subaccount: u8,
    /// On which shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_index: Option<u8>,
}

/// A new limit of a group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OrderGroupLimit {
    /// Contracts that may match in a rolling 15 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contracts_limit: Option<u32>,
    /// The same, in hundredths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contracts_limit_fp: Option<Quantity>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderGroup {
    /// Its id.
    pub id: String,
    /// Contracts that may match in a rolling 15 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contracts_limit_fp: Option<Quantity>,
    /// Whether its brake is armed.
    pub is_auto_cancel_enabled: bool,
    /// On which shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_index: Option<u8>,
}

/// The account's groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderGroups {
    /// The groups.
    #[serde(default, deserialize_with = "null_as_default")]
    pub order_groups: Vec<OrderGroup>,
}

/// One group and its orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderGroupEnvelope {
    /// Whether its brake is armed.
    pub is_auto_cancel_enabled: bool,
    /// Contracts that may match in a rolling 15 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contracts_limit_fp: Option<Quantity>,
    /// Ids of its orders.
    #[serde(default)]
    pub orders: Vec<String>,
    /// On which shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_index: Option<u8>,
}
