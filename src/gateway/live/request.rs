//! Orders in the exchange's words, and its refusals in ours.

use super::LiveSettings;
use crate::execution::client_id::ClientOrderId;
use crate::execution::{OrderRequest, RejectReason, TimeInForce};
use crate::kalshi::error::{ApiError, Refusal};
use crate::kalshi::model::{self, BookSide, CreateOrder, CreateOrderGroup, SelfTradePrevention};
use crate::kalshi::rest::Client;
use crate::market::{MarketSpec, Side};
use crate::units::Timestamp;

/// The body of an order. What rests is taken off by the exchange when trading pauses, and after a while in any case:
/// nobody looks after it once the bot is gone.
pub(super) fn create_order(
    request: &OrderRequest,
    spec: &MarketSpec,
    id: &ClientOrderId,
    now: Timestamp,
    settings: &LiveSettings,
) -> CreateOrder {
    let (time_in_force, expires) = match request.time_in_force {
        TimeInForce::ImmediateOrCancel => (model::TimeInForce::ImmediateOrCancel, None),
        TimeInForce::GoodTillCancelled { expires } => {
            let latest = now + settings.order_lifetime;
            (
                model::TimeInForce::GoodTillCanceled,
                Some(expires.map_or(latest, |expires| expires.min(latest))),
            )
        }
    };
    let rests = expires.is_some();
    CreateOrder {
        ticker: spec.ticker.clone(),
        side: match request.side {
            Side::Bid => BookSide::Bid,
            Side::Ask => BookSide::Ask,
        },
        count: request.quantity,
        price: request.price,
        time_in_force,
        self_trade_prevention_type: SelfTradePrevention::TakerAtCross,
        client_order_id: Some(id.to_string()),
        expiration_time: expires.map(whole_seconds),
        post_only: request.post_only.then_some(true),
        reduce_only: request.reduce_only.then_some(true),
        cancel_order_on_pause: rests.then_some(true),
        order_group_id: settings.groups.get(&spec.shard).cloned(),
        subaccount: None,
        exchange_index: Some(spec.shard),
    }
}

/// Whole seconds, the next ones.
const fn whole_seconds(time: Timestamp) -> i64 {
    -(-time.micros()).div_euclid(1_000_000)
}

/// What a refusal of an order means. Codes embed ids and vary in their spelling, so words are looked for.
pub fn reject_reason(refusal: &Refusal) -> RejectReason {
    let said = format!("{} {} {}", refusal.code, refusal.message, refusal.details).to_ascii_lowercase();
    let said = said.replace([' ', '-'], "_");
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if says(&["post_only"]) {
        RejectReason::PostOnlyCross
    } else if says(&["reduce_only", "sell_position_floor"]) {
        RejectReason::ReduceOnly
    } else if says(&["balance"]) {
        RejectReason::InsufficientBalance
    } else if says(&["exchange_paused", "trading_paused", "trading_is_paused", "exchange_is_paused"]) {
        RejectReason::ExchangePaused
    } else if says(&["market_inactive", "market_already_closed", "market_closed", "market_not_found"]) {
        RejectReason::MarketInactive
    } else if says(&["invalid_order_size", "invalid_count", "invalid_quantity"]) {
        RejectReason::InvalidQuantity
    } else if says(&["invalid_price"]) {
        RejectReason::InvalidPrice
    } else {
        RejectReason::Other
    }
}

/// Makes a group: should more than `contracts` of its orders match within fifteen seconds, the exchange takes all of them
/// off and refuses new ones.
///
/// # Errors
/// [`ApiError`] when it can't be made.
pub async fn open_group(client: &Client, shard: u8, contracts: u32) -> Result<String, ApiError> {
    let group = CreateOrderGroup {
        contracts_limit: Some(contracts),
        exchange_index: Some(shard),
        ..CreateOrderGroup::default()
    };
    Ok(client.create_order_group(&group).await?.order_group_id)
}
