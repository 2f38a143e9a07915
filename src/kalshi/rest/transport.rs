//! How a request gets to the exchange and its answer back.

use super::query::Query;
use crate::kalshi::credentials::Credentials;
use crate::kalshi::error::ApiError;
use crate::kalshi::model::ExchangeStatus;
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;

/// Carries requests to one exchange.
#[derive(Debug, Clone)]
pub struct Transport {
    base_url: String,
}

/// How requests are sent.
#[derive(Debug, Clone)]
pub struct TransportSettings {
    /// Where the exchange answers.
    pub base_url: String,
    /// Who asks.
    pub credentials: Option<Arc<Credentials>>,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// Most reads a second.
    pub reads_per_second: u32,
    /// Most writes a second.
    pub writes_per_second: u32,
}

impl Transport {
    /// Sends to `settings.base_url`.
    ///
    /// # Errors
    /// [`ApiError`] when connections can't be prepared.
    #[allow(
        clippy::missing_const_for_fn,
        clippy::unnecessary_wraps,
        reason = "the signature is the whole transport's"
    )]
    pub fn new(settings: TransportSettings) -> Result<Self, ApiError> {
        Ok(Self { base_url: settings.base_url })
    }

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
