//! How a request gets to the exchange and its answer back.

use super::query::Query;
use crate::kalshi::error::ApiError;
use crate::kalshi::model::ExchangeStatus;
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Carries requests to one exchange.
#[derive(Debug, Clone)]
pub struct Transport {
    base_url: String,
}

impl Transport {
    /// Reads, again where that helps.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        _path: &str,
        _query: &Query,
        _signed: bool,
    ) -> Result<T, ApiError> {
        Err(ApiError::RateLimited)
    }

    /// Asks whether the exchange trades.
    pub(super) async fn status(&self) -> Result<ExchangeStatus, ApiError> {
        Err(ApiError::RateLimited)
    }

    /// Changes something, once.
    pub(super) async fn write<T: DeserializeOwned, B: Serialize + Sync>(
        &self,
        _method: Method,
        _path: &str,
        _query: &Query,
        _body: Option<&B>,
    ) -> Result<T, ApiError> {
        Err(ApiError::RateLimited)
    }

    /// Changes something, once, where the answer has no body worth reading.
    pub(super) async fn write_silent<B: Serialize + Sync>(
        &self,
        _method: Method,
        _path: &str,
        _query: &Query,
        _body: Option<&B>,
    ) -> Result<(), ApiError> {
        Err(ApiError::RateLimited)
    }
}
