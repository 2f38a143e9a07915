//! What a client says over its WebSocket, checked: `{"id":N,"cmd":"…","params":{…}}`.

use super::Fault;
use serde::Deserialize;
use std::borrow::Cow;

/// A command that makes sense.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    Subscribe(Subscribe),
    Unsubscribe { sids: Vec<u32> },
    Update(Update),
    List,
}

/// Channels to be followed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Subscribe {
    pub(super) channels: Vec<String>,
    pub(super) tickers: Vec<String>,
    pub(super) uses_yes_price: Option<bool>,
    pub(super) skips_tickers: bool,
    pub(super) sends_snapshot: bool,
}

/// A change of a subscription.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Update {
    pub(super) sid: u32,
    pub(super) action: Action,
    pub(super) tickers: Vec<String>,
    pub(super) sends_snapshot: bool,
}

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Add,
    Delete,
    Snapshot,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    id: u64,
    #[serde(default)]
    cmd: String,
    params: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Params {
    channels: Option<Vec<String>>,
    market_ticker: Option<String>,
    market_tickers: Option<Vec<String>>,
    market_id: Option<String>,
    market_ids: Option<Vec<String>>,
    use_yes_price: Option<bool>,
    #[serde(default)]
    skip_ticker_ack: bool,
    #[serde(default)]
    send_initial_snapshot: bool,
    sid: Option<u32>,
    sids: Option<Vec<u32>>,
    action: Option<String>,
}

/// A command's id, as far as it can be told, and what it asks for.
pub(super) fn read(text: &str) -> (u64, Result<Command, Fault>) {
    match serde_json::from_str::<Envelope>(text) {
        Ok(envelope) => (envelope.id, checked(envelope)),
        Err(_) => (0, Err(Fault::new(1, "Unable to process message"))),
    }
}

fn checked(envelope: Envelope) -> Result<Command, Fault> {
    let Envelope { cmd, params, .. } = envelope;
    if cmd == "list_subscriptions" {
        return Ok(Command::List);
    }
    if !matches!(cmd.as_str(), "subscribe" | "unsubscribe" | "update_subscription") {
        return Err(Fault::new(5, "Unknown command"));
    }
    let params = params.filter(|params| !params.is_null()).ok_or(Fault::new(2, "Params required"))?;
    let params: Params = serde_json::from_value(params).map_err(|error| Fault {
        code: 11,
        message: Cow::Owned(format!("Invalid parameter: {error}")),
        ticker: None,
    })?;
    match cmd.as_str() {
        "subscribe" => subscribe(params),
        "unsubscribe" => match params.sids {
            Some(sids) if !sids.is_empty() => Ok(Command::Unsubscribe { sids }),
            _ => Err(Fault::new(4, "Subscription IDs required")),
        },
        _ => update(&params),
    }
}

fn subscribe(params: Params) -> Result<Command, Fault> {
    let tickers = params.tickers()?;
    let channels = params.channels.filter(|channels| !channels.is_empty());
    Ok(Command::Subscribe(Subscribe {
        channels: channels.ok_or(Fault::new(3, "Channels required"))?,
        tickers,
        uses_yes_price: params.use_yes_price,
        skips_tickers: params.skip_ticker_ack,
        sends_snapshot: params.send_initial_snapshot,
    }))
}

fn update(params: &Params) -> Result<Command, Fault> {
    let ((Some(sid), None) | (None, Some(&[sid]))) = (params.sid, params.sids.as_deref()) else {
        return Err(Fault::new(12, "Exactly one subscription ID is required"));
    };
    let action = match params.action.as_deref() {
        None | Some("") => return Err(Fault::new(15, "Action required")),
        Some("add_markets") => Action::Add,
        Some("delete_markets") => Action::Delete,
        Some("get_snapshot") => Action::Snapshot,
        Some(_) => return Err(Fault::new(13, "Unsupported action")),
    };
    let tickers = params.tickers()?;
    if tickers.is_empty() {
        return Err(Fault::new(14, "Market Ticker required"));
    }
    Ok(Command::Update(Update { sid, action, tickers, sends_snapshot: params.send_initial_snapshot }))
}

impl Params {
    fn tickers(&self) -> Result<Vec<String>, Fault> {
        if self.market_id.is_some() || self.market_ids.is_some() {
            return Err(Fault::new(11, "Invalid parameter: markets go by ticker here, not by id"));
        }
        match (&self.market_ticker, &self.market_tickers) {
            (Some(_), Some(_)) => {
                Err(Fault::new(11, "Invalid parameter: market_ticker and market_tickers exclude each other"))
            }
            (Some(ticker), None) => Ok(vec![ticker.clone()]),
            (None, tickers) => Ok(tickers.clone().unwrap_or_default()),
        }
    }
}
