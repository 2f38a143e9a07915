//! Order groups: the brake on the exchange's side (api section 5).

use super::answer::{Answer, Problem, done, json, ok};
use super::body::Body;
use super::floor::Floor;
use super::orders::own_subaccount;
use super::parameters::Parameters;
use super::{Venue, wire};
use crate::exchange::core::{GroupKey, GroupView, Refusal};
use crate::kalshi::model::{
    CreateOrderGroup, CreatedOrderGroup, OrderGroup, OrderGroupEnvelope, OrderGroupLimit, OrderGroups,
};
use crate::units::{Quantity, Timestamp};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use std::sync::Arc;

/// The limit in whichever of its two forms it came.
fn limit(whole: Option<u32>, exact: Option<Quantity>) -> Result<Quantity, Problem> {
    match (whole, exact) {
        (Some(whole), None) => Ok(Quantity::from_contracts(i64::from(whole))),
        (None, Some(exact)) => Ok(exact),
        _ => {
            Err(Problem::bad_request("exactly one of contracts_limit and contracts_limit_fp has to be given"))
        }
    }
}

/// `POST /portfolio/order_groups/create`.
pub(super) async fn create(State(venue): State<Arc<Venue>>, Body(group): Body<CreateOrderGroup>) -> Answer {
    own_subaccount(group.subaccount)?;
    let limit = limit(group.contracts_limit, group.contracts_limit_fp)?;
    let shard = group.exchange_index.unwrap_or(0);
    let key = venue.with(|floor, now| floor.exchange.create_group(now, floor.account, shard, limit))?;
    let created =
        CreatedOrderGroup { order_group_id: wire::group_id(key), subaccount: 0, exchange_index: Some(shard) };
    Ok(json(StatusCode::CREATED, &created))
}

/// `GET /portfolio/order_groups`.
pub(super) async fn list(State(venue): State<Arc<Venue>>, parameters: Parameters) -> Answer {
    let shard = parameters.shard()?;
    let groups = venue.with(|floor, _| floor.exchange.groups(floor.account));
    let wanted = groups.into_iter().filter(|group| shard.is_none_or(|shard| shard == group.shard));
    let told = wanted.map(|group| OrderGroup {
        id: wire::group_id(group.key),
        contracts_limit_fp: Some(group.limit),
        is_auto_cancel_enabled: !group.is_triggered,
        exchange_index: Some(group.shard),
    });
    ok(&OrderGroups { order_groups: told.collect() })
}

/// The account's group with this id on this shard; reads look on all shards where none is named.
fn find(floor: &Floor, id: &str, shard: Option<u8>) -> Result<GroupView, Problem> {
    let group = wire::group_key(id).and_then(|key| floor.exchange.group(floor.account, key));
    group.filter(|group| shard.is_none_or(|shard| shard == group.shard)).ok_or_else(Problem::not_found)
}

/// `GET /portfolio/order_groups/{id}`.
pub(super) async fn one(
    State(venue): State<Arc<Venue>>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Answer {
    let shard = parameters.shard()?;
    let group = venue.with(|floor, _| find(floor, &id, shard))?;
    ok(&OrderGroupEnvelope {
        is_auto_cancel_enabled: !group.is_triggered,
        contracts_limit_fp: Some(group.limit),
        orders: group.orders.into_iter().map(wire::order_id).collect(),
        exchange_index: Some(group.shard),
    })
}

/// Changes a group; the shard is 0 where none is named.
fn change(
    venue: &Venue,
    id: &str,
    parameters: &Parameters,
    change: impl FnOnce(&mut Floor, Timestamp, GroupKey) -> Result<(), Refusal>,
) -> Answer {
    let shard = parameters.shard()?.unwrap_or(0);
    venue.with(|floor, now| {
        let key = find(floor, id, Some(shard))?.key;
        change(floor, now, key).map_err(Problem::from)
    })?;
    done()
}

/// `PUT /portfolio/order_groups/{id}/reset`.
pub(super) async fn reset(
    State(venue): State<Arc<Venue>>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Answer {
    change(&venue, &id, &parameters, |floor, now, key| floor.exchange.reset_group(now, floor.account, key))
}

/// `PUT /portfolio/order_groups/{id}/trigger`.
pub(super) async fn trigger(
    State(venue): State<Arc<Venue>>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Answer {
    change(&venue, &id, &parameters, |floor, now, key| floor.exchange.trigger_group(now, floor.account, key))
}

/// `PUT /portfolio/order_groups/{id}/limit`.
pub(super) async fn set_limit(
    State(venue): State<Arc<Venue>>,
    Path(id): Path<String>,
    parameters: Parameters,
    Body(new): Body<OrderGroupLimit>,
) -> Answer {
    let limit = limit(new.contracts_limit, new.contracts_limit_fp)?;
    change(&venue, &id, &parameters, |floor, now, key| {
        floor.exchange.limit_group(now, floor.account, key, limit)
    })
}

/// `DELETE /portfolio/order_groups/{id}`.
pub(super) async fn delete(
    State(venue): State<Arc<Venue>>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Answer {
    change(&venue, &id, &parameters, |floor, now, key| floor.exchange.delete_group(now, floor.account, key))
}
