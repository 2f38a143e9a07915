//! Another way to an exchange than this machine's network: an exchange that lives in the same process. Requests and
//! streams go through it as they are, bytes for bytes, so that everything above it is what speaks to the real one.

use futures_util::future::BoxFuture;
use std::fmt::Debug;
use std::io;
use tokio::io::DuplexStream;

/// Why a request brought no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// It never left. Nothing was done.
    NotSent(String),
    /// It may have arrived.
    NoAnswer(String),
}

/// Carries what is meant for the exchange. Nothing is signed: whoever stands on the other side knows who speaks.
pub trait Network: Debug + Send + Sync {
    /// Carries a request there and its answer back.
    fn call(&self, request: reqwest::Request) -> BoxFuture<'static, Result<reqwest::Response, Broken>>;

    /// Opens a connection for the stream.
    fn dial(&self) -> BoxFuture<'static, io::Result<DuplexStream>>;
}
