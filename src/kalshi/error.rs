//! What can go wrong between the bot and the exchange, told apart by what the caller has to do about it.

use std::time::Duration;

/// What the exchange said when it refused, whichever of its four body shapes it used (api section 5, errors).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Its word for the reason, lower case; empty where the body carried none.
    pub code: String,
    /// Its sentence.
    pub message: String,
    /// More of it.
    pub details: String,
}

/// Why a request has no useful answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The exchange refused the credentials (401) or what they may do (403).
    #[error("the exchange refuses the credentials: {0}")]
    Credentials(Refusal),
    /// The exchange understood and said no: nothing was done.
    #[error("the exchange refused: {0}")]
    Refused(Refusal),
    /// Too many requests, and no patience was left: nothing was done.
    #[error("the exchange takes no more requests for now (429)")]
    RateLimited,
    /// The request never left: no connection, no name, no TLS. Nothing was done.
    #[error("{host} cannot be reached: {cause}")]
    Unreachable {
        /// Which host.
        host: String,
        /// Why.
        cause: String,
    },
    /// The request may have arrived: a time-out, a connection that broke, a 5xx. For a request that changes
    /// something this means **unknown**, never rejected.
    #[error("no answer from {host}: {cause}")]
    NoAnswer {
        /// Which host.
        host: String,
        /// Why.
        cause: String,
    },
    /// An answer came that can't be read. For a request that changes something: unknown.
    #[error("{what}: the answer makes no sense: {problem}")]
    Unreadable {
        /// Method and path.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A page's cursor came a second time.
    #[error("{what}: the cursor of a page came twice, so the list would never end")]
    CursorLoop {
        /// Method and path.
        what: String,
    },
    /// The account's request limit left no room in time. Nothing was sent.
    #[error("the request limit leaves no room for {what} within {waited:?}")]
    NoTokens {
        /// Method and path.
        what: String,
        /// How long it would have waited.
        waited: Duration,
    },
}

impl ApiError {
    /// Whether a request that changes something may have been carried out.
    pub const fn leaves_doubt(&self) -> bool {
        matches!(self, Self::NoAnswer { .. } | Self::Unreadable { .. })
    }

    /// The HTTP status, where an answer came.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Credentials(refusal) | Self::Refused(refusal) => Some(refusal.status),
            Self::RateLimited => Some(429),
            _ => None,
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, code, message, details } = self;
        write!(f, "{status}")?;
        for text in [code, message, details].into_iter().filter(|text| !text.is_empty()) {
            write!(f, " {text}")?;
        }
        Ok(())
    }
}
