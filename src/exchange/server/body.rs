//! Bodies of requests: JSON, of the type that the operation wants.

use super::answer::Problem;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A body that has been read.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_json = kind.is_some_and(|kind| kind.trim().starts_with("application/json"));
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|error| Problem::bad_request(error.body_text()))?;
        if !is_json {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "invalid_content_type",
                "invalid content type",
            ));
        }
        let refused = |error: serde_json::Error| Problem::bad_request(error.to_string());
        let mut body: Value = serde_json::from_slice(&bytes).map_err(refused)?;
        forget_open_shards(&mut body);
        serde_json::from_value(body).map(Self).map_err(refused)
    }
}

/// `exchange_index` of -1 leaves the shard to the exchange, like none at all.
fn forget_open_shards(body: &mut Value) {
    match body {
        Value::Object(fields) => {
            if fields.get("exchange_index").and_then(Value::as_i64) == Some(-1) {
                fields.remove("exchange_index");
            }
            fields.values_mut().for_each(forget_open_shards);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_open_shards),
        _ => {}
    }
}
