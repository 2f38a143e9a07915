//! What is asked for beside trading, each in a task of its own: markets, the exchange's state and hours, payouts,
//! positions, the account.

use super::markets::{self, Loader};
use super::reconcile::AccountRead;
use super::recovery::{self, RecoveryError};
use crate::execution::client_id::Prefix;
use crate::kalshi::error::ApiError;
use crate::kalshi::model;
use crate::kalshi::rest::Client;
use crate::market::{MarketSpec, MarketStatus, Resolution};
use crate::units::Timestamp;
use std::collections::BTreeSet;
use tokio::sync::mpsc;

/// What came back.
#[derive(Debug)]
pub(super) enum Found {
    /// Markets to list, and the loader that read them.
    Markets(Box<Loader>, Result<Vec<MarketSpec>, ApiError>),
    /// Whether the exchange trades.
    Exchange(Result<model::ExchangeStatus, ApiError>),
    /// Where markets stand in which something is held.
    Standing(Result<Vec<(String, MarketStatus, Option<Resolution>)>, ApiError>),
    /// The account as it stands, asked for at this time.
    Account(Timestamp, Result<AccountRead, RecoveryError>),
    /// The order group of a shard.
    Group(u8, Result<String, ApiError>),
    /// When the exchange pauses.
    Schedule(Result<model::Schedule, ApiError>),
}

/// What is loaded.
#[derive(Debug)]
pub(super) enum Load {
    All,
    Named(BTreeSet<String>),
}

/// Asks, and sends what is found.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub(super) client: Client,
    found: mpsc::UnboundedSender<Found>,
}

impl Asker {
    pub(super) fn new(client: Client) -> (Self, mpsc::UnboundedReceiver<Found>) {
        let (found, inbox) = mpsc::unbounded_channel();
        (Self { client, found }, inbox)
    }

    pub(super) fn load(&self, mut loader: Box<Loader>, what: Load, now: Timestamp) {
        self.ask(async move {
            let specs = match what {
                Load::All => loader.load(now).await,
                Load::Named(tickers) => loader.load_new(&tickers, now).await,
            };
            Found::Markets(loader, specs)
        });
    }

    pub(super) fn exchange(&self) {
        let client = self.client.clone();
        self.ask(async move { Found::Exchange(client.exchange_status().await) });
    }

    pub(super) fn standing(&self, tickers: BTreeSet<String>) {
        let client = self.client.clone();
        self.ask(async move { Found::Standing(markets::standing(&client, &tickers).await) });
    }

    pub(super) fn account(&self, asked: Timestamp, prefix: Prefix, since: Timestamp) {
        let client = self.client.clone();
        self.ask(async move { Found::Account(asked, recovery::read(&client, &prefix, since).await) });
    }

    pub(super) fn schedule(&self) {
        let client = self.client.clone();
        self.ask(async move { Found::Schedule(client.exchange_schedule().await) });
    }

    /// Takes an order off that the gateway doesn't look after. Whether it is gone the next read of the account tells.
    pub(super) fn cancel(&self, item: model::BatchCancelItem) {
        let client = self.client.clone();
        tokio::spawn(async move {
            if let Err(error) = client.cancel_order(&item).await {
                tracing::warn!(exchange_order = item.order_id, %error, "an order can't be taken off");
            }
        });
    }

    pub(super) fn reset_group(&self, id: String, shard: u8) {
        let client = self.client.clone();
        tokio::spawn(async move {
            if let Err(error) = client.reset_order_group(&id, shard).await {
                tracing::error!(group = id, %error, "the order group's brake can't be armed again");
            }
        });
    }

    pub(super) fn ask(&self, request: impl Future<Output = Found> + Send + 'static) {
        let found = self.found.clone();
        tokio::spawn(async move {
            // Nobody listens any more once the run has ended.
            let _ = found.send(request.await);
        });
    }
}
