//! Orders in and off the book, V2 (api section 5).

use super::answer::{Answer, Problem, json, ok};
use super::body::Body;
use super::clock::Clock;
use super::floor::Floor;
use super::gate::Lost;
use super::limits::Bucket;
use super::parameters::Parameters;
use super::{PREFIX, Venue, wire};
use crate::exchange::core::{
    Amendment, Expiry, NewOrder, OrderKey, OrderView, Placed, Reduction, Refusal, SelfTrade, Standing,
};
use crate::kalshi::model::{
    AmendOrder, AmendedOrder, BatchCancel, BatchCancelItem, BatchCanceled, BatchCanceledItem, BatchCreate,
    BatchCreated, BatchCreatedItem, CanceledOrder, CreateOrder, CreatedOrder, DecreaseOrder, DecreasedOrder,
    SelfTradePrevention, TimeInForce,
};
use crate::units::{Quantity, Timestamp};
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Longest client order id.
const LONGEST_ID: usize = 64;

/// `POST /portfolio/events/orders`.
pub(super) async fn create(State(venue): State<Arc<Venue>>, Body(order): Body<CreateOrder>) -> Answer {
    let created = venue.with(|floor, now| place(floor, now, venue.clock, &order))?;
    Ok(taken(&venue, json(StatusCode::CREATED, &created)))
}

/// The answer to an order that was taken, or what stands for an answer that is lost.
fn taken(venue: &Venue, mut response: Response) -> Response {
    if venue.faults().loses_answer() {
        response.extensions_mut().insert(Lost);
    }
    response
}

fn place(
    floor: &mut Floor,
    now: Timestamp,
    clock: Clock,
    order: &CreateOrder,
) -> Result<CreatedOrder, Problem> {
    let client_order_id = order.client_order_id.clone();
    let order = new_order(clock, order)?;
    floor.wake(now, &order.ticker);
    let Placed { order, filled, remaining, average_price, average_fee } =
        floor.exchange.place(now, floor.account, order)?;
    Ok(CreatedOrder {
        order_id: wire::order_id(order),
        client_order_id,
        fill_count: filled,
        remaining_count: remaining,
        average_fill_price: average_price,
        average_fee_paid: average_fee,
        ts_ms: wire::millis(now),
    })
}

fn new_order(clock: Clock, order: &CreateOrder) -> Result<NewOrder, Problem> {
    own_subaccount(order.subaccount)?;
    if let Some(id) = &order.client_order_id {
        let is_sound = |letter: char| letter.is_ascii_alphanumeric() || "_-:+=/".contains(letter);
        if id.len() > LONGEST_ID || !id.chars().all(is_sound) {
            let details = "client_order_id: at most 64 letters, digits and _ - : + = /";
            return Err(Problem::refused(Refusal::InvalidOrder).with(details));
        }
    }
    let expires = order.expiration_time.map(|at| clock.at_wall(Timestamp::from_secs(at)));
    let standing = match (order.time_in_force, expires) {
        (TimeInForce::GoodTillCanceled, expires) => Standing::GoodTillCancelled { expires },
        (_, Some(_)) => return Err(Problem::refused(Refusal::InvalidExpiry)),
        (TimeInForce::ImmediateOrCancel, None) => Standing::ImmediateOrCancel,
        (TimeInForce::FillOrKill, None) => Standing::FillOrKill,
    };
    let group = order
        .order_group_id
        .as_deref()
        .filter(|id| !id.is_empty())
        .map(|id| wire::group_key(id).ok_or(Refusal::GroupNotFound))
        .transpose()?;
    Ok(NewOrder {
        ticker: order.ticker.clone(),
        side: wire::side(order.side),
        price: order.price,
        quantity: order.count,
        standing,
        self_trade: match order.self_trade_prevention_type {
            SelfTradePrevention::TakerAtCross => SelfTrade::TakerAtCross,
            SelfTradePrevention::Maker => SelfTrade::Maker,
        },
        client_order_id: order.client_order_id.clone().filter(|id| !id.is_empty()),
        post_only: order.post_only.unwrap_or(false),
        reduce_only: order.reduce_only.unwrap_or(false),
        cancel_on_pause: order.cancel_order_on_pause.unwrap_or(false),
        group,
        shard: order.exchange_index,
    })
}

/// The account has one subaccount: itself.
pub(super) fn own_subaccount(subaccount: Option<u8>) -> Result<(), Problem> {
    match subaccount {
        None | Some(0) => Ok(()),
        Some(other) => Err(Problem::bad_request(format!("subaccount: there is no {other}, only 0"))),
    }
}

/// The account's order with this id, if it lies on the shard that the request leads to: the one it names, that of the
/// market it names, or 0.
fn routed(
    floor: &Floor,
    id: &str,
    shard: Option<u8>,
    ticker: Option<&str>,
) -> Result<(OrderKey, Option<String>), Problem> {
    let order = own_order(floor, id)?;
    let named = ticker.and_then(|ticker| floor.exchange.market(ticker)).map(|view| view.spec.shard);
    if shard.or(named).unwrap_or(0) != order.shard {
        return Err(Problem::not_found());
    }
    if ticker.is_some_and(|ticker| ticker != order.request.ticker) {
        return Err(Problem::refused(Refusal::TickerMismatch));
    }
    Ok((order.key, order.request.client_order_id.clone()))
}

/// The account's order with this id.
pub(super) fn own_order<'a>(floor: &'a Floor, id: &str) -> Result<&'a OrderView, Problem> {
    let order = wire::order_key(id).and_then(|key| floor.exchange.order(key));
    order.filter(|order| order.account == floor.account).ok_or_else(Problem::not_found)
}

fn take_off(
    floor: &mut Floor,
    now: Timestamp,
    item: &BatchCancelItem,
) -> Result<(Option<String>, Quantity), Problem> {
    own_subaccount(item.subaccount)?;
    let (key, client_order_id) =
        routed(floor, &item.order_id, item.exchange_index, item.market_ticker.as_deref())?;
    let reduced_by = floor.exchange.cancel(now, floor.account, key)?;
    Ok((client_order_id, reduced_by))
}

/// `DELETE /portfolio/events/orders/{id}`.
pub(super) async fn cancel(
    State(venue): State<Arc<Venue>>,
    Path(order_id): Path<String>,
    parameters: Parameters,
) -> Answer {
    let item = BatchCancelItem {
        order_id,
        subaccount: subaccount(&parameters)?,
        exchange_index: parameters.shard()?,
        market_ticker: parameters.text("market_ticker").map(str::to_owned),
    };
    let canceled = venue.with(|floor, now| {
        let (client_order_id, reduced_by) = take_off(floor, now, &item)?;
        let order_id = item.order_id.clone();
        Ok::<_, Problem>(CanceledOrder { order_id, client_order_id, reduced_by, ts_ms: wire::millis(now) })
    })?;
    ok(&canceled)
}

/// A subaccount's number.
pub(super) fn subaccount(parameters: &Parameters) -> Result<Option<u8>, Problem> {
    parameters
        .number("subaccount")?
        .map(|number| u8::try_from(number).map_err(|_| Problem::bad_request("subaccount: from 0 to 63")))
        .transpose()
}

/// `DELETE /portfolio/events/orders`: everything comes off, and 204.
pub(super) async fn cancel_all(State(venue): State<Arc<Venue>>, parameters: Parameters) -> Answer {
    own_subaccount(subaccount(&parameters)?)?;
    venue.with(|floor, now| floor.exchange.cancel_all(now, floor.account));
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /portfolio/events/orders/{id}/amend`.
pub(super) async fn amend(
    State(venue): State<Arc<Venue>>,
    Path(id): Path<String>,
    Body(order): Body<AmendOrder>,
) -> Answer {
    let amendment = Amendment {
        ticker: order.ticker,
        side: wire::side(order.side),
        price: order.price,
        quantity: order.count,
        client_order_id: order.client_order_id,
        new_client_order_id: order.updated_client_order_id,
        expiry: match order.expiration_time {
            None => Expiry::Keep,
            Some(0) => Expiry::Remove,
            Some(at) => Expiry::At(venue.clock.at_wall(Timestamp::from_secs(at))),
        },
    };
    let amended = venue.with(|floor, now| {
        let key = own_order(floor, &id)?.key;
        let Placed { order, filled, remaining, average_price, average_fee } =
            floor.exchange.amend(now, floor.account, key, amendment)?;
        Ok::<_, Problem>(AmendedOrder {
            order_id: wire::order_id(order),
            client_order_id: floor
                .exchange
                .order(order)
                .and_then(|order| order.request.client_order_id.clone()),
            remaining_count: Some(remaining),
            fill_count: Some(filled),
            average_fill_price: average_price,
            average_fee_paid: average_fee,
            ts_ms: wire::millis(now),
        })
    })?;
    ok(&amended)
}

/// `POST /portfolio/events/orders/{id}/decrease`.
pub(super) async fn decrease(
    State(venue): State<Arc<Venue>>,
    Path(id): Path<String>,
    Body(order): Body<DecreaseOrder>,
) -> Answer {
    let reduction = match (order.reduce_by, order.reduce_to) {
        (Some(by), None) => Reduction::By(by),
        (None, Some(to)) => Reduction::To(to),
        _ => return Err(Problem::bad_request("exactly one of reduce_by and reduce_to has to be given")),
    };
    let decreased = venue.with(|floor, now| {
        let (key, client_order_id) =
            routed(floor, &id, order.exchange_index, order.market_ticker.as_deref())?;
        let remaining_count = floor.exchange.decrease(now, floor.account, key, reduction)?;
        let order_id = id.clone();
        Ok::<_, Problem>(DecreasedOrder {
            order_id,
            client_order_id,
            remaining_count,
            ts_ms: wire::millis(now),
        })
    })?;
    ok(&decreased)
}

/// `POST /portfolio/events/orders/batched`: refusals stand inside the answer.
pub(super) async fn create_batch(State(venue): State<Arc<Venue>>, Body(batch): Body<BatchCreate>) -> Answer {
    let path = format!("{PREFIX}/portfolio/events/orders/batched");
    venue.take(Bucket::Write, &Method::POST, &path, batch.orders.len())?;
    let orders = venue.with(|floor, now| {
        let placed = batch.orders.iter().map(|order| match place(floor, now, venue.clock, order) {
            Ok(created) => BatchCreatedItem {
                order_id: Some(created.order_id),
                client_order_id: created.client_order_id,
                fill_count: Some(created.fill_count),
                remaining_count: Some(created.remaining_count),
                average_fill_price: created.average_fill_price,
                average_fee_paid: created.average_fee_paid,
                ts_ms: Some(created.ts_ms),
                error: None,
            },
            Err(problem) => BatchCreatedItem {
                client_order_id: order.client_order_id.clone(),
                error: Some(problem.body()),
                ..BatchCreatedItem::default()
            },
        });
        placed.collect()
    });
    Ok(taken(&venue, json(StatusCode::CREATED, &BatchCreated { orders })))
}

/// `DELETE /portfolio/events/orders/batched`: refusals stand inside the answer.
pub(super) async fn cancel_batch(State(venue): State<Arc<Venue>>, Body(batch): Body<BatchCancel>) -> Answer {
    let path = format!("{PREFIX}/portfolio/events/orders/batched");
    venue.take(Bucket::Write, &Method::DELETE, &path, batch.orders.len())?;
    let orders = venue.with(|floor, now| {
        let canceled = batch.orders.iter().map(|item| {
            let order_id = item.order_id.clone();
            match take_off(floor, now, item) {
                Ok((client_order_id, reduced_by)) => {
                    let ts_ms = Some(wire::millis(now));
                    BatchCanceledItem { order_id, client_order_id, reduced_by, ts_ms, error: None }
                }
                Err(problem) => BatchCanceledItem {
                    order_id,
                    client_order_id: None,
                    reduced_by: Quantity::ZERO,
                    ts_ms: None,
                    error: Some(problem.body()),
                },
            }
        });
        canceled.collect()
    });
    ok(&BatchCanceled { orders })
}

/// What went before V2 and is gone.
pub(super) async fn legacy() -> Problem {
    let message = "this endpoint has been replaced by /portfolio/events/orders";
    Problem::new(StatusCode::GONE, "deprecated_v1_order_endpoint", message)
}
