//! Commands as the exchange reads them: `{"id":N,"cmd":"...","params":{...}}`.

use super::channel::Channel;
use serde::Serialize;
use std::sync::Arc;

/// A market's ticker, shared between the sets that hold it.
pub type Ticker = Arc<str>;

/// Something to be asked of the exchange over the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command<'a> {
    /// Open a channel, with its first markets where it has any.
    Subscribe {
        /// Which channel.
        channel: Channel,
        /// Its first markets.
        tickers: &'a [Ticker],
    },
    /// Close a channel.
    Unsubscribe {
        /// Its subscription.
        sid: u32,
    },
    /// Put markets on a channel.
    AddMarkets {
        /// Which channel.
        channel: Channel,
        /// Its subscription.
        sid: u32,
        /// The markets.
        tickers: &'a [Ticker],
    },
    /// Take markets off a channel.
    DeleteMarkets {
        /// Its subscription.
        sid: u32,
        /// The markets.
        tickers: &'a [Ticker],
    },
    /// Send these books anew.
    GetSnapshot {
        /// The books' subscription.
        sid: u32,
        /// The markets.
        tickers: &'a [Ticker],
    },
}

#[derive(Serialize)]
struct Envelope<P> {
    id: u64,
    cmd: &'static str,
    params: P,
}

/// An option is written only where it is on: an exchange that doesn't know one yet has less to stumble over.
#[derive(Serialize)]
struct SubscribeParams<'a> {
    channels: [&'static str; 1],
    #[serde(skip_serializing_if = "<[Ticker]>::is_empty")]
    market_tickers: &'a [Ticker],
    #[serde(skip_serializing_if = "is_off")]
    use_yes_price: bool,
    #[serde(skip_serializing_if = "is_off")]
    send_initial_snapshot: bool,
    #[serde(skip_serializing_if = "is_off")]
    skip_ticker_ack: bool,
}

#[derive(Serialize)]
struct UnsubscribeParams {
    sids: [u32; 1],
}

#[derive(Serialize)]
struct UpdateParams<'a> {
    sids: [u32; 1],
    action: &'static str,
    market_tickers: &'a [Ticker],
    #[serde(skip_serializing_if = "is_off")]
    send_initial_snapshot: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
const fn is_off(flag: &bool) -> bool {
    !*flag
}

impl Command<'_> {
    /// The frame to send, under this id.
    pub fn encode(&self, id: u64) -> String {
        match *self {
            Self::Subscribe { channel, tickers } => {
                let params = SubscribeParams {
                    channels: [channel.as_str()],
                    market_tickers: tickers,
                    use_yes_price: channel == Channel::OrderbookDelta,
                    send_initial_snapshot: channel == Channel::Ticker,
                    // With thousands of markets an answer that repeats them all is longer than the command.
                    skip_ticker_ack: channel.follows_markets(),
                };
                text(&Envelope { id, cmd: "subscribe", params })
            }
            Self::Unsubscribe { sid } => {
                text(&Envelope { id, cmd: "unsubscribe", params: UnsubscribeParams { sids: [sid] } })
            }
            Self::AddMarkets { channel, sid, tickers } => {
                update(id, sid, "add_markets", tickers, channel == Channel::Ticker)
            }
            Self::DeleteMarkets { sid, tickers } => update(id, sid, "delete_markets", tickers, false),
            Self::GetSnapshot { sid, tickers } => update(id, sid, "get_snapshot", tickers, false),
        }
    }
}

fn update(id: u64, sid: u32, action: &'static str, tickers: &[Ticker], initial: bool) -> String {
    let params =
        UpdateParams { sids: [sid], action, market_tickers: tickers, send_initial_snapshot: initial };
    text(&Envelope { id, cmd: "update_subscription", params })
}

fn text(command: &impl Serialize) -> String {
    serde_json::to_string(command).expect("texts and integers always make JSON")
}
