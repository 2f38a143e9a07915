//! Taking off what earlier runs left resting, until the exchange shows that nothing of it rests.

use super::RecoveryError;
use super::look::resting;
use crate::execution::client_id::Prefix;
use crate::execution::reconcile::RestingOrder;
use crate::kalshi::error::ApiError;
use crate::kalshi::model::BatchCancelItem;
use crate::kalshi::rest::Client;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often the exchange is asked whether anything of ours still rests.
const ROUNDS: u32 = 4;
/// The first pause between two rounds; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// What became of our resting orders.
#[derive(Debug)]
pub(super) struct TakenOff {
    /// Orders that rested and no longer do.
    pub(super) cancelled: usize,
    /// Orders that rest all the same: their market is closed or paused, or the exchange doesn't answer.
    pub(super) still_resting: Vec<RestingOrder>,
}

/// Cancels every resting order that carries the prefix, and looks until none is left or patience is over. What a cancel
/// answers isn't relied on: only the list says what rests.
pub(super) async fn ours(client: &Client, prefix: &Prefix) -> Result<TakenOff, RecoveryError> {
    let mut seen = BTreeSet::new();
    let mut pause = FIRST_PAUSE;
    let mut round = 0;
    loop {
        let mut orders = resting(client, prefix).await?;
        orders.retain(|order| order.client_id.is_some());
        seen.extend(orders.iter().map(|order| order.exchange_id.clone()));
        round += 1;
        if orders.is_empty() || round == ROUNDS {
            return Ok(TakenOff { cancelled: seen.len() - orders.len(), still_resting: orders });
        }
        for order in &orders {
            cancel(client, order).await?;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
}

async fn cancel(client: &Client, order: &RestingOrder) -> Result<(), RecoveryError> {
    let item = BatchCancelItem {
        order_id: order.exchange_id.clone(),
        subaccount: None,
        exchange_index: order.shard,
        market_ticker: Some(order.ticker.clone()),
    };
    match client.cancel_order(&item).await {
        Ok(_) => Ok(()),
        Err(fault @ ApiError::Credentials(_)) => {
            Err(RecoveryError::at("cancelling orders of earlier runs")(fault))
        }
        // It has ended, or its market takes no cancels, or the answer was lost: the next list tells.
        Err(fault) => {
            tracing::warn!(
                exchange_order = order.exchange_id,
                market = order.ticker,
                error = %fault,
                "an order was not cancelled"
            );
            Ok(())
        }
    }
}
