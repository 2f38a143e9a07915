//! The exchange as a whole: whether it trades, when it does, what an account may ask of it (api sections 4 and 8).

use super::null_as_default;
use crate::units::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether the exchange trades; the top level speaks of shard 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeStatus {
    /// Whether anything is taken, cancels included.
    pub exchange_active: bool,
    /// Whether orders are taken.
    pub trading_active: bool,
    /// Whether cash can be moved between shards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intra_exchange_transfers_active: Option<bool>,
    /// When it is expected back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_estimated_resume_time: Option<Timestamp>,
    /// Each shard by itself.
    #[serde(default, deserialize_with = "null_as_default")]
    pub exchange_index_statuses: Vec<ShardStatus>,
}

/// Whether a shard trades.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardStatus {
    /// Which.
    pub exchange_index: u8,
    /// What it holds.
    #[serde(default)]
    pub description: String,
    /// Whether anything is taken, cancels included.
    pub exchange_active: bool,
    /// Whether orders are taken.
    pub trading_active: bool,
    /// Whether cash can be moved to and from it.
    #[serde(default)]
    pub intra_exchange_transfers_active: bool,
}

/// The exchange's hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleEnvelope {
    /// Them.
    pub schedule: Schedule,
}

/// The exchange's hours, Eastern time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Hours by weekday.
    pub standard_hours: Vec<WeeklySchedule>,
    /// When it is away beside them.
    pub maintenance_windows: Vec<MaintenanceWindow>,
}

/// Hours of every weekday, in force for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklySchedule {
    /// From when on.
    pub start_time: Timestamp,
    /// Until when.
    pub end_time: Timestamp,
    /// Hours.
    pub monday: Vec<DailyHours>,
    /// Hours.
    pub tuesday: Vec<DailyHours>,
    /// Hours.
    pub wednesday: Vec<DailyHours>,
    /// Hours.
    pub thursday: Vec<DailyHours>,
    /// Hours.
    pub friday: Vec<DailyHours>,
    /// Hours.
    pub saturday: Vec<DailyHours>,
    /// Hours.
    pub sunday: Vec<DailyHours>,
}

/// A stretch of a day, `HH:MM` Eastern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyHours {
    /// Its start.
    pub open_time: String,
    /// Its end.
    pub close_time: String,
}

/// A stretch in which the exchange is away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceWindow {
    /// Its start.
    pub start_datetime: Timestamp,
    /// Its end.
    pub end_datetime: Timestamp,
}

/// Before when rows have moved to the historical endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoricalCutoff {
    /// Markets, by their payout.
    pub market_settled_ts: Timestamp,
    /// Trades and fills.
    pub trades_created_ts: Timestamp,
    /// Orders.
    pub orders_updated_ts: Timestamp,
    /// Positions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market_positions_last_updated_ts: Option<Timestamp>,
}

/// How fresh the portfolio reads are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDataTimestamp {
    /// They show the account as of then.
    pub as_of_time: Timestamp,
}

/// How much an account may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLimits {
    /// Its tier.
    pub usage_tier: String,
    /// Tokens of requests that read.
    pub read: BucketLimit,
    /// Tokens of requests that send or cancel orders.
    pub write: BucketLimit,
    /// Why it has that tier.
    #[serde(default, deserialize_with = "null_as_default")]
    pub grants: Vec<Grant>,
}

/// A token bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketLimit {
    /// Tokens a second.
    pub refill_rate: u32,
    /// Most tokens at once.
    pub bucket_capacity: u32,
}

/// A tier that an account was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Where.
    pub exchange_instance: String,
    /// Which.
    pub level: String,
    /// Until when, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_ts: Option<i64>,
    /// Why.
    pub source: String,
}

/// What requests cost in tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointCosts {
    /// Every request that isn't listed.
    pub default_cost: u32,
    /// The exceptions.
    pub endpoint_costs: Vec<EndpointCost>,
}

/// What one kind of request costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointCost {
    /// Its method.
    pub method: String,
    /// Its path, with `:name` for a part that varies.
    pub path: String,
    /// Tokens.
    pub cost: u32,
}
