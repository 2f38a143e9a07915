//! What every request passes before it is looked at: the faults that are switched on, the signature, the tokens.
//!
//! Public reads need no signature; one that is there is checked all the same, and such a request is counted.

use super::answer::Problem;
use super::clock;
use super::faults::Mishap;
use super::limits::Bucket;
use super::{PREFIX, Venue};
use crate::kalshi::credentials::{KEY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, signed_text};
use crate::units::Timestamp;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How far a signature's time may lie from the exchange's.
const TOLERANCE: Duration = Duration::from_secs(10);

/// Marks an answer that must not reach the client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lost;

/// Marks a request of somebody in the same process, who needn't sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trusted;

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Lets a request of the trade API pass, or answers it.
pub(super) async fn pass(State(venue): State<Arc<Venue>>, request: Request, next: Next) -> Response {
    let (delay, skew, mishap) = {
        let mut desk = venue.faults();
        let mishap = desk.mishap();
        (Duration::from_millis(desk.faults().delay_ms), desk.faults().clock_skew_s, mishap)
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let mut response = match mishap {
        Some(Mishap::ServerError) => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "service_unavailable", "service unavailable")
                .into_response()
        }
        Some(Mishap::RateLimit) => Problem::too_many_requests().into_response(),
        None => match admit(&venue, &request, skewed(skew)) {
            Ok(()) => next.run(request).await,
            Err(problem) => problem.into_response(),
        },
    };
    if skew != 0
        && let Some(date) = date(skewed(skew))
    {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// The exchange's wall clock.
fn skewed(seconds: i64) -> Timestamp {
    Timestamp::from_micros(clock::wall().micros().saturating_add(seconds.saturating_mul(1_000_000)))
}

fn date(at: Timestamp) -> Option<HeaderValue> {
    let at = jiff::Timestamp::from_microsecond(at.micros()).ok()?;
    HeaderValue::from_str(&at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()).ok()
}

fn admit(venue: &Venue, request: &Request, wall: Timestamp) -> Result<(), Problem> {
    let (method, path) = (request.method(), request.uri().path());
    let is_trusted = request.extensions().get::<Trusted>().is_some();
    if is_trusted && is_public(method, path) {
        return Ok(());
    }
    let is_signed = is_trusted || is_signed(venue, request.headers(), method, path, wall)?;
    if !is_signed {
        return if is_public(method, path) { Ok(()) } else { Err(Problem::unauthorised("MISSING_HEADERS")) };
    }
    if path.ends_with("/batched") {
        // A batch is counted by what is in it.
        return Ok(());
    }
    let bucket = if method == Method::GET { Bucket::Read } else { Bucket::Write };
    venue.take(bucket, method, path, 1)
}

/// Whether a request may come from anybody.
fn is_public(method: &Method, path: &str) -> bool {
    let Some(rest) = path.strip_prefix(PREFIX) else { return false };
    let is_private = rest.starts_with("/portfolio/")
        || rest == "/account/limits"
        || rest == "/exchange/user_data_timestamp"
        || rest.starts_with("/api_keys");
    method == Method::GET && !is_private
}

/// Whether a request carries a signature of the account's key.
///
/// # Errors
/// 401 when what it carries doesn't hold.
pub(super) fn is_signed(
    venue: &Venue,
    headers: &HeaderMap,
    method: &Method,
    path: &str,
    wall: Timestamp,
) -> Result<bool, Problem> {
    let [key, time, signature] = [KEY_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER]
        .map(|name| headers.get(name).and_then(|value| value.to_str().ok()));
    let (key, time, signature) = match (key, time, signature) {
        (None, None, None) => return Ok(false),
        (Some(key), Some(time), Some(signature)) => (key, time, signature),
        _ => return Err(Problem::unauthorised("MISSING_HEADERS")),
    };
    if key != venue.key.key_id {
        return Err(Problem::unauthorised("NOT_FOUND"));
    }
    let millis: i64 = time.parse().map_err(|_| expired())?;
    let sent = Timestamp::from_millis(millis);
    if sent.since(wall).max(wall.since(sent)) > TOLERANCE {
        return Err(expired());
    }
    let text = signed_text(millis, method.as_str(), path);
    let holds = BASE64_STANDARD
        .decode(signature)
        .is_ok_and(|signature| venue.key.verifier.verify(text.as_bytes(), &signature));
    if holds { Ok(true) } else { Err(Problem::unauthorised("INCORRECT_API_KEY_SIGNATURE")) }
}

fn expired() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "header_timestamp_expired", "header timestamp expired")
}

/// The wall clock as the exchange believes it, for the WebSocket handshake, which takes no other way in.
pub(super) fn believed_wall(venue: &Venue) -> Timestamp {
    skewed(venue.faults().faults().clock_skew_s)
}
