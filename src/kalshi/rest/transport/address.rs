//! Where requests go: the one host that credentials are sent to.

use super::super::query::Query;
use crate::kalshi::error::ApiError;
use crate::kalshi::network::Broken;
use reqwest::Url;
use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// An exchange's address.
#[derive(Debug, Clone)]
pub(super) struct Address {
    base: Url,
    host: String,
    prefix: String,
}

impl Address {
    /// Reads a base URL. Credentials may go to it: it is encrypted, or on this machine.
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        let refused = |cause: &str| ApiError::Unreachable {
            // What stands before an @ may be a password.
            host: text.rsplit('@').next().unwrap_or_default().to_owned(),
            cause: cause.to_owned(),
        };
        let mut base = Url::parse(text).map_err(|error| refused(&format!("it is no URL: {error}")))?;
        let host =
            base.host_str().filter(|host| !host.is_empty()).ok_or_else(|| refused("it names no host"))?;
        let host = host.to_owned();
        if !base.username().is_empty() || base.password().is_some() {
            return Err(refused("a URL with a user or a password is not taken"));
        }
        match base.scheme() {
            "https" => {}
            "http" if names_this_machine(&host) => {}
            "http" => return Err(refused("http is allowed to this machine alone; use https")),
            _ => return Err(refused("it must begin with https://")),
        }
        base.set_query(None);
        base.set_fragment(None);
        let prefix = base.path().trim_end_matches('/').to_owned();
        let host = base.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        Ok(Self { base, host, prefix })
    }

    /// Host and port, for people.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is on this machine and not encrypted.
    pub(super) fn is_loopback(&self) -> bool {
        self.base.scheme() == "http"
    }

    /// The whole path of an operation.
    pub(super) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// The URL of an operation.
    pub(super) fn url(&self, path: &str, query: &Query) -> Url {
        let mut url = self.base.clone();
        url.set_path(&self.path(path));
        if !query.pairs().is_empty() {
            url.query_pairs_mut().extend_pairs(query.pairs());
        }
        url
    }

    /// The request never left.
    pub(super) fn unreachable(&self, error: &reqwest::Error) -> ApiError {
        ApiError::Unreachable { host: self.host.clone(), cause: innermost(error) }
    }

    /// What another network says of a request that brought no answer.
    pub(super) fn broken(&self, broken: Broken) -> ApiError {
        let host = self.host.clone();
        match broken {
            Broken::NotSent(cause) => ApiError::Unreachable { host, cause },
            Broken::NoAnswer(cause) => ApiError::NoAnswer { host, cause },
        }
    }

    /// What a request that failed says about whether it arrived.
    pub(super) fn failure(&self, error: &reqwest::Error, timeout: Duration) -> ApiError {
        let host = self.host.clone();
        if error.is_builder() {
            return self.unreachable(error);
        }
        if error.is_connect() {
            let cause = if error.is_dns() {
                format!("its name can't be resolved ({})", innermost(error))
            } else if error.is_timeout() {
                "no connection came about in time".to_owned()
            } else {
                innermost(error)
            };
            return ApiError::Unreachable { host, cause };
        }
        let cause =
            if error.is_timeout() { format!("nothing came within {timeout:?}") } else { innermost(error) };
        ApiError::NoAnswer { host, cause }
    }
}

/// The first cause of a failure, which says most.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

fn names_this_machine(host: &str) -> bool {
    let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || v6.is_some_and(|host| host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()))
}
