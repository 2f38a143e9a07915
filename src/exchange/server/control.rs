//! The simulation's own switches: what no exchange offers, unsigned, and taken from this machine alone.

use super::answer::{Answer, Problem, ok};
use super::floor::Floor;
use super::gate::Peer;
use super::parameters::Parameters;
use super::{Venue, wire};
use crate::engine::Event;
use crate::kalshi::model::{MarketEnvelope, PriceRange};
use crate::market::grid::TickRange;
use crate::market::{MarketStatus, PriceGrid, Resolution};
use crate::units::{Price, Timestamp};
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Turns away who isn't on this machine.
pub(super) async fn local(Extension(Peer(peer)): Extension<Peer>, request: Request, next: Next) -> Response {
    if peer.ip().is_loopback() {
        return next.run(request).await;
    }
    Problem::new(StatusCode::FORBIDDEN, "forbidden", "the simulation is steered from its own machine")
        .into_response()
}

/// `GET /sim/faults`.
pub(super) async fn faults(State(venue): State<Arc<Venue>>) -> Answer {
    ok(venue.faults().faults())
}

/// `POST /sim/faults`: turns the switches that the body names.
pub(super) async fn turn_faults(State(venue): State<Arc<Venue>>, body: Bytes) -> Answer {
    let mut desk = venue.faults();
    desk.turn(&body).map_err(Problem::bad_request)?;
    ok(desk.faults())
}

/// What is paused from now on.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pause {
    /// On which shard; on all where none is named.
    #[serde(default)]
    shard: Option<u8>,
    /// Orders are refused.
    #[serde(default)]
    trading: bool,
    /// Cancels too.
    #[serde(default)]
    exchange: bool,
}

/// `POST /sim/pause`: with both `false`, trading goes on.
pub(super) async fn pause(State(venue): State<Arc<Venue>>, body: Bytes) -> Answer {
    let pause: Pause =
        serde_json::from_slice(&body).map_err(|error| Problem::bad_request(error.to_string()))?;
    venue.with(|floor, now| floor.exchange.pause(now, pause.shard, pause.trading, pause.exchange));
    ok(&pause)
}

/// A grid as `POST /sim/market/{ticker}/grid` takes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GridBody {
    price_ranges: Vec<PriceRange>,
}

/// `POST /sim/market/{ticker}/{action}`; the answer is the market as it stands then.
pub(super) async fn market(
    State(venue): State<Arc<Venue>>,
    Path((ticker, action)): Path<(String, String)>,
    parameters: Parameters,
    body: Bytes,
) -> Answer {
    let market = venue.with(|floor, now| {
        floor.wake(now, &ticker);
        if floor.exchange.market(&ticker).is_none() {
            return Err(Problem::not_found());
        }
        let status = |status| Event::Status { ticker: &ticker, status };
        match action.as_str() {
            "close" => floor.exchange.close_early(now, &ticker)?,
            "settle" => settle(floor, now, &ticker, resolution(&parameters)?),
            "pause" => floor.exchange.follow(now, &status(MarketStatus::Inactive)),
            "activate" => floor.exchange.follow(now, &status(MarketStatus::Active)),
            "grid" => floor.exchange.change_grid(now, &ticker, grid(&parameters, &body)?)?,
            _ => return Err(Problem::not_found().with("close, settle, pause, activate or grid")),
        }
        let view = floor.exchange.market(&ticker).ok_or_else(Problem::not_found)?;
        Ok(wire::market(&view, venue.settlement_timer))
    })?;
    ok(&MarketEnvelope { market })
}

/// Closes a market, if it is open, and determines it; it pays after the settlement timer.
fn settle(floor: &mut Floor, now: Timestamp, ticker: &str, resolution: Resolution) {
    // A refusal means that it is closed already, which is just as well.
    let _ = floor.exchange.close_early(now, ticker);
    floor.exchange.follow(now, &Event::Settled { ticker, resolution });
}

/// `result=yes`, `no`, or what one YES contract pays.
fn resolution(parameters: &Parameters) -> Result<Resolution, Problem> {
    match parameters.text("result") {
        Some("yes") => Ok(Resolution::Yes),
        Some("no") => Ok(Resolution::No),
        other => other
            .and_then(|text| text.parse().ok())
            .filter(|value| (Price::ZERO..=Price::ONE).contains(value))
            .map(Resolution::Scalar)
            .ok_or_else(|| Problem::bad_request("result: yes, no, or dollars from 0 to 1")),
    }
}

/// `step=0.001`, or a body with `price_ranges`.
fn grid(parameters: &Parameters, body: &[u8]) -> Result<PriceGrid, Problem> {
    let ranges = if let Some(step) = parameters.text("step") {
        let step = step.parse().map_err(|_| Problem::bad_request("step: dollars, such as 0.001"))?;
        vec![TickRange { start: Price::ZERO, end: Price::ONE, step }]
    } else {
        let body: GridBody =
            serde_json::from_slice(body).map_err(|error| Problem::bad_request(error.to_string()))?;
        let range = |range: PriceRange| TickRange { start: range.start, end: range.end, step: range.step };
        body.price_ranges.into_iter().map(range).collect()
    };
    PriceGrid::new(ranges).map_err(|error| Problem::bad_request(error.to_string()))
}
