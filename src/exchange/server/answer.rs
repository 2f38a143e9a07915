//! What a request is answered with: a JSON body, or a refusal in the exchange's commonest form,
//! `{"error":{"code","message","details"?}}` (api section 5).

use crate::exchange::core::Refusal;
use crate::kalshi::model::ErrorBody;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// What an operation comes to.
pub(super) type Answer = Result<Response, Problem>;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) details: Option<String>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: None }
    }

    /// The same with more to say.
    pub(super) fn with(self, details: impl Into<String>) -> Self {
        Self { details: Some(details.into()), ..self }
    }

    /// 400: the request makes no sense.
    pub(super) fn bad_request(details: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", "bad request").with(details)
    }

    /// 404.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "not found")
    }

    /// 401.
    pub(super) fn unauthorised(details: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "authentication_error", "authentication error").with(details)
    }

    /// 429: nothing was done.
    pub(super) fn too_many_requests() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "too many requests")
    }

    /// What the exchange says to an order that it refuses.
    pub(super) fn refused(refusal: Refusal) -> Self {
        use Refusal as R;
        let bad = |code, message: &str| Self::new(StatusCode::BAD_REQUEST, code, message);
        let order = |details: &str| bad("invalid_order", "invalid order").with(details);
        match refusal {
            R::MarketNotFound => Self::not_found().with("MARKET_NOT_FOUND"),
            R::MarketInactive => bad("market_inactive", "market is inactive").with("MARKET_INACTIVE"),
            R::MarketClosed => bad("market_inactive", "market has closed").with("MARKET_ALREADY_CLOSED"),
            R::InvalidPrice => bad("invalid_price", "invalid price"),
            R::InvalidQuantity => bad("invalid_order_size", "invalid order size"),
            R::InvalidExpiry => order("expiration_time has passed, or the order doesn't rest"),
            R::InvalidOrder => order("the order's parts don't fit together"),
            R::InsufficientBalance => {
                bad("available_balance_too_low", "available balance too low").with("INSUFFICIENT_BALANCE")
            }
            R::PostOnlyCross => order("POST_ONLY_CROSS"),
            R::InsufficientVolume => order("FOK_INSUFFICIENT_VOLUME"),
            R::NothingToReduce => order("REDUCE_ONLY"),
            R::DuplicateClientId => Self::new(StatusCode::CONFLICT, "conflict", "order already exists")
                .with("ORDER_ALREADY_EXISTS"),
            R::OrderNotFound => Self::not_found(),
            R::TickerMismatch => bad("order_ticker_mismatch", "the order is in another market"),
            R::SideMismatch => bad("order_side_mismatch", "the order is on the other side"),
            R::ClientIdMismatch => {
                bad("order_id_and_client_order_id_mismatch", "the order has another client_order_id")
            }
            R::GroupNotFound => Self::not_found().with("ORDER_GROUP_NOT_FOUND"),
            R::GroupTriggered => order("EXCEEDED_ORDER_GROUP_RISK_LIMIT"),
            R::WrongShard => order("the market is on another exchange_index"),
            R::TradingPaused => bad("bad_request", "trading is paused").with("TRADING_PAUSED"),
            R::ExchangePaused => bad("bad_request", "the exchange is paused").with("EXCHANGE_PAUSED"),
        }
    }

    /// As it stands inside the answer to a batch.
    pub(super) fn body(self) -> ErrorBody {
        ErrorBody { code: Some(self.code.to_owned()), message: Some(self.message), details: self.details }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::refused(refusal)
    }
}

/// The body of a refusal.
#[derive(Serialize)]
struct Refused {
    error: ErrorBody,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        json(status, &Refused { error: self.body() })
    }
}

/// A JSON body.
pub(super) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let kind = HeaderValue::from_static("application/json");
            (status, [(header::CONTENT_TYPE, kind)], bytes).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// A JSON body with 200.
#[allow(clippy::unnecessary_wraps, reason = "it ends operations, which may refuse")]
pub(super) fn ok<T: Serialize>(body: &T) -> Answer {
    Ok(json(StatusCode::OK, body))
}

/// `{}`: something was changed and there is nothing to tell.
pub(super) fn done() -> Answer {
    ok(&serde_json::Map::new())
}
