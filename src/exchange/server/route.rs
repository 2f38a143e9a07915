//! Which path leads where.

use super::answer::Problem;
use super::{PREFIX, Venue, WS_PATH, control, events, gate, groups, markets, orders, portfolio, socket};
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, delete, get, post, put};
use std::sync::Arc;

/// Everything that can be asked.
pub(super) fn router(venue: Arc<Venue>) -> Router {
    let api =
        public().merge(account()).merge(trading()).fallback(unknown).method_not_allowed_fallback(not_allowed);
    // The gate stands outside the nest, where paths are still whole: signatures cover the whole path.
    let guarded = Router::new().nest(PREFIX, api).layer(from_fn_with_state(Arc::clone(&venue), gate::pass));
    let steering = Router::new()
        .route("/sim/faults", get(control::faults).post(control::turn_faults))
        .route("/sim/pause", post(control::pause))
        .route("/sim/market/{ticker}/{action}", post(control::market))
        .layer(from_fn(control::local));
    Router::new()
        .merge(guarded)
        .route(WS_PATH, get(socket::connect))
        .merge(steering)
        .fallback(unknown)
        .with_state(venue)
}

fn public() -> Router<Arc<Venue>> {
    Router::new()
        .route("/markets", get(markets::list))
        .route("/markets/trades", get(markets::trades))
        .route("/markets/orderbooks", get(markets::orderbooks))
        .route("/markets/{ticker}", get(markets::one))
        .route("/markets/{ticker}/orderbook", get(markets::orderbook))
        .route("/events", get(events::list))
        .route("/events/fee_changes", get(events::event_fee_changes))
        .route("/events/{event}", get(events::one))
        .route("/series", get(events::series_list))
        .route("/series/fee_changes", get(events::series_fee_changes))
        .route("/series/{series}", get(events::series))
        .route("/series/{series}/markets/{ticker}/candlesticks", get(markets::candlesticks))
        .route("/exchange/status", get(events::status))
        .route("/exchange/schedule", get(events::schedule))
        .route("/historical/cutoff", get(events::historical_cutoff))
        .route("/account/endpoint_costs", get(events::endpoint_costs))
}

fn account() -> Router<Arc<Venue>> {
    Router::new()
        .route("/exchange/user_data_timestamp", get(events::user_data_timestamp))
        .route("/account/limits", get(events::account_limits))
        .route("/portfolio/balance", get(portfolio::balance))
        .route("/portfolio/positions", get(portfolio::positions))
        .route("/portfolio/fills", get(portfolio::fills))
        .route("/portfolio/settlements", get(portfolio::settlements))
        .route("/portfolio/summary/total_resting_order_value", get(portfolio::resting_value))
        .route("/portfolio/orders", get(portfolio::orders).post(orders::legacy))
        .route("/portfolio/orders/queue_positions", get(portfolio::queue_positions))
        .route("/portfolio/orders/batched", any(orders::legacy))
        .route("/portfolio/orders/{id}", get(portfolio::order).delete(orders::legacy))
        .route("/portfolio/orders/{id}/queue_position", get(portfolio::queue_position))
        .route("/portfolio/orders/{id}/amend", post(orders::legacy))
        .route("/portfolio/orders/{id}/decrease", post(orders::legacy))
}

fn trading() -> Router<Arc<Venue>> {
    Router::new()
        .route("/portfolio/events/orders", post(orders::create).delete(orders::cancel_all))
        .route("/portfolio/events/orders/batched", post(orders::create_batch).delete(orders::cancel_batch))
        .route("/portfolio/events/orders/{id}", delete(orders::cancel))
        .route("/portfolio/events/orders/{id}/amend", post(orders::amend))
        .route("/portfolio/events/orders/{id}/decrease", post(orders::decrease))
        .route("/portfolio/order_groups", get(groups::list))
        .route("/portfolio/order_groups/create", post(groups::create))
        .route("/portfolio/order_groups/{id}", get(groups::one).delete(groups::delete))
        .route("/portfolio/order_groups/{id}/reset", put(groups::reset))
        .route("/portfolio/order_groups/{id}/trigger", put(groups::trigger))
        .route("/portfolio/order_groups/{id}/limit", put(groups::set_limit))
}

async fn unknown() -> Problem {
    Problem::not_found()
}

async fn not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "method not allowed")
}
