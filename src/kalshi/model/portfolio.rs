//! What an account has: cash by shard, positions, fills, settlements (api section 6).

use super::{BookSide, OutcomeSide, Page, null_as_default};
use crate::units::{Money, Price, Quantity, Timestamp};
use serde::{Deserialize, Serialize};

/// Cash and what the positions are worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Cash in whole cents, truncated.
    pub balance: i64,
    /// Cash, exact.
    pub balance_dollars: Money,
    /// Worth of the positions in cents.
    pub portfolio_value: i64,
    /// As of when, in seconds since 1970.
    pub updated_ts: i64,
    /// Cash by shard: only what lies on a market's shard can be spent there.
    #[serde(default, deserialize_with = "null_as_default")]
    pub balance_breakdown: Vec<ShardBalance>,
}

/// Cash on one shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardBalance {
    /// Which.
    pub exchange_index: u8,
    /// Cash.
    pub balance: Money,
}

/// What is held in one market, netted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketPosition {
    /// Where.
    pub ticker: String,
    /// Its shard.
    #[serde(default)]
    pub exchange_index: u8,
    /// Contracts: above zero YES, below zero NO.
    pub position_fp: Quantity,
    /// What they cost.
    pub market_exposure_dollars: Money,
    /// Dollars traded.
    pub total_traded_dollars: Money,
    /// Profit of what was sold or settled.
    pub realized_pnl_dollars: Money,
    /// Fees.
    pub fees_paid_dollars: Money,
    /// When it last changed.
    pub last_updated_ts: Timestamp,
}

/// What is held in one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPosition {
    /// Which.
    pub event_ticker: String,
    /// Dollars paid.
    pub total_cost_dollars: Money,
    /// Contracts.
    pub total_cost_shares_fp: Quantity,
    /// What is held has cost.
    pub event_exposure_dollars: Money,
    /// Profit of what was sold or settled.
    pub realized_pnl_dollars: Money,
    /// Fees.
    pub fees_paid_dollars: Money,
}

/// A page of positions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Positions {
    /// By market.
    #[serde(default, deserialize_with = "null_as_default")]
    pub market_positions: Vec<MarketPosition>,
    /// By event.
    #[serde(default, deserialize_with = "null_as_default")]
    pub event_positions: Vec<EventPosition>,
    /// Where the next page starts; empty on the last.
    #[serde(default, deserialize_with = "null_as_default")]
    pub cursor: String,
}

impl Page for Positions {
    type Item = MarketPosition;

    fn into_parts(self) -> (Vec<MarketPosition>, String) {
        (self.market_positions, self.cursor)
    }
}

/// One execution against one of the account's orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// Its id; the trade's.
    pub fill_id: String,
    /// The same.
    pub trade_id: String,
    /// The order.
    pub order_id: String,
    /// Where.
    pub ticker: String,
    /// The same.
    #[serde(default)]
    pub market_ticker: String,
    /// Its shard.
    #[serde(default)]
    pub exchange_index: u8,
    /// The outcome that the order buys.
    pub outcome_side: OutcomeSide,
    /// Side of the order.
    pub book_side: BookSide,
    /// Contracts.
    pub count_fp: Quantity,
    /// YES price.
    pub yes_price_dollars: Price,
    /// NO price.
    pub no_price_dollars: Price,
    /// Whether the order took.
    pub is_taker: bool,
    /// Fee.
    pub fee_cost: Money,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_time: Option<Timestamp>,
    /// The same in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ts: Option<i64>,
    /// Whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subaccount_number: Option<u8>,
}

/// A page of fills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fills {
    /// The fills.
    pub fills: Vec<Fill>,
    /// Where the next page starts; empty on the last.
    #[serde(default, deserialize_with = "null_as_default")]
    pub cursor: String,
}

impl Page for Fills {
    type Item = Fill;

    fn into_parts(self) -> (Vec<Fill>, String) {
        (self.fills, self.cursor)
    }
}

/// What a market paid out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Which.
    pub ticker: String,
    /// Its shard.
    #[serde(default)]
    pub exchange_index: u8,
    /// Its event.
    #[serde(default)]
    pub event_ticker: String,
    /// `yes`, `no` or `scalar`.
    pub market_result: String,
    /// YES contracts held.
    pub yes_count_fp: Quantity,
    /// What they had cost.
    pub yes_total_cost_dollars: Money,
    /// NO contracts held.
    pub no_count_fp: Quantity,
    /// What they had cost.
    pub no_total_cost_dollars: Money,
    /// Payout in **cents**.
    pub revenue: i64,
    /// What one YES contract paid, in cents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
    /// When.
    pub settled_time: Timestamp,
    /// Fees.
    pub fee_cost: Money,
}

/// A page of settlements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlements {
    /// The settlements.
    pub settlements: Vec<Settlement>,
    /// Where the next page starts; empty on the last.
    #[serde(default, deserialize_with = "null_as_default")]
    pub cursor: String,
}

impl Page for Settlements {
    type Item = Settlement;

    fn into_parts(self) -> (Vec<Settlement>, String) {
        (self.settlements, self.cursor)
    }
}
