//! The exchange's WebSocket stream: one signed connection, kept up and subscribed to what is wanted.
//!
//! [`Stream::next`] is all there is to wait for. It connects, with fresh headers at every attempt; subscribes to the
//! [`Channel`]s it was made for and, market by market, to what [`Stream::follow`] named; notices a connection that
//! went silent; and begins anew after a pause that doubles from one second to thirty. Every text frame is handed on
//! as it came, answers to commands included, because they take sequence numbers too. Nothing here decodes a book:
//! of data frames only the first bytes are looked at.
//!
//! `connect` makes the handshake, `open` moves frames, `roster` and `subscription` keep what is subscribed to,
//! `backoff` counts the pauses.

mod address;
pub mod backoff;
mod channel;
pub mod command;
mod connect;
mod line;
mod open;
mod peek;
mod roster;
mod subscription;

pub use channel::Channel;
pub use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::clock::{draw, wall_clock};
use crate::kalshi::credentials::Credentials;
use crate::kalshi::network::Network;
use crate::kalshi::ws::Decoder;
use backoff::Backoff;
use connect::{ConnectFault, Socket, connect};
use open::Open;
use roster::{Answer, Pace, Roster};
use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_tungstenite::tungstenite::http::Uri;

/// Makes the headers of one handshake. A signature covers the time, so it is asked at every attempt.
pub type Headers = Arc<dyn Fn() -> Vec<(&'static str, String)> + Send + Sync>;

/// What the exchange says of a handshake that was on its way for too long. The next one is signed anew.
const TOO_OLD: &str = "header_timestamp_expired";
/// How long the farewell to the exchange may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// What a stream needs to know.
#[derive(Clone)]
pub struct StreamSettings {
    /// Where the exchange streams.
    pub url: String,
    /// The headers of a handshake.
    pub headers: Headers,
    /// What is subscribed to.
    pub channels: Vec<Channel>,
    /// How long nothing at all may come before the connection counts as dead.
    pub silence: Duration,
    /// How long a handshake or the answer to a command is waited for.
    pub patience: Duration,
    /// The pause after a first failure.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// Most markets of one command.
    pub markets_per_command: usize,
    /// What leads to the exchange, where that isn't this machine's network.
    pub network: Option<Arc<dyn Network>>,
}

/// What happened on the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEvent {
    /// A connection is up. Its subscriptions have new ids, and books come as snapshots.
    Connected,
    /// A text frame, as it came.
    Frame(Utf8Bytes),
    /// A subscription ended while the connection stayed, and is asked for again. When it is that of the books, none
    /// of them can be trusted until its next snapshot, as after a reconnect.
    Interrupted {
        /// Which channel.
        channel: Channel,
        /// The exchange's words.
        reason: String,
    },
    /// The connection is gone, or an attempt to make one failed. The next follows by itself.
    Disconnected {
        /// Why.
        reason: String,
    },
    /// The exchange refused the handshake because of the credentials. It is tried again, at the longest pause.
    Refused {
        /// HTTP status: 401 or 403.
        status: u16,
        /// What it said.
        body: String,
    },
    /// The exchange refused a command, and the stream goes on without what was refused. The frame itself was handed
    /// on before.
    Fault {
        /// The exchange's number for it.
        code: i64,
        /// Its words for it.
        message: String,
        /// The market it concerns.
        ticker: Option<String>,
    },
}

/// Settings that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// The address.
    #[error("{url} cannot be streamed from: {problem}")]
    Address {
        /// The address.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// The stream.
pub struct Stream {
    address: Uri,
    settings: StreamSettings,
    state: State,
    roster: Roster,
    backoff: Backoff,
    decoder: Decoder,
    events: VecDeque<StreamEvent>,
}

type Connecting = Pin<Box<dyn Future<Output = Result<Socket, ConnectFault>> + Send>>;

enum State {
    /// To connect at the next poll.
    Idle,
    Waiting(Pin<Box<Sleep>>),
    Connecting(Connecting),
    Open(Box<Open>),
}

impl StreamSettings {
    /// As [`new`](Self::new), each handshake signed for the moment it is made in.
    pub fn signed(url: impl Into<String>, credentials: Arc<Credentials>) -> Self {
        let url = url.into();
        // An address that can't be read is refused by `Stream::new`, before anything is signed.
        let path = url.parse::<Uri>().map_or_else(|_| "/".to_owned(), |address| address.path().to_owned());
        let headers = move || credentials.headers(wall_clock(), "GET", &path).to_vec();
        Self::new(url, Arc::new(headers))
    }

    /// Everything a bot that trades listens to, at the usual pace.
    pub fn new(url: impl Into<String>, headers: Headers) -> Self {
        Self {
            url: url.into(),
            headers,
            channels: Channel::ALL.to_vec(),
            silence: Duration::from_secs(30),
            patience: Duration::from_secs(15),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            markets_per_command: 500,
            network: None,
        }
    }
}

impl fmt::Debug for StreamSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamSettings")
            .field("url", &self.url)
            .field("channels", &self.channels)
            .field("silence", &self.silence)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("address", &self.address)
            .field("is_connected", &self.is_connected())
            .field("markets", &self.roster.wanted())
            .finish_non_exhaustive()
    }
}

impl Stream {
    /// A stream that connects at the first [`next`](Self::next).
    ///
    /// # Errors
    /// [`StreamError`] when the address is none to send a signature to.
    pub fn new(settings: StreamSettings) -> Result<Self, StreamError> {
        let address = address::check(&settings.url)?;
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Whoever installed one in the meantime is as good.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        }
        let StreamSettings { patience, first_pause, longest_pause, markets_per_command: chunk, .. } =
            settings;
        let pace = Pace { patience, first_pause, longest_pause, chunk };
        Ok(Self {
            address,
            state: State::Idle,
            roster: Roster::new(&settings.channels, pace),
            backoff: Backoff::new(first_pause, longest_pause),
            decoder: Decoder::default(),
            events: VecDeque::new(),
            settings,
        })
    }

    /// What happens next. It may be given up at any point and called again; nothing is lost.
    pub async fn next(&mut self) -> StreamEvent {
        // A read brings many frames at once; without this the task would keep its thread while they last.
        tokio::task::coop::cooperative(poll_fn(|cx| self.poll_event(cx))).await
    }

    /// Wants these markets on the market channels, now and after every reconnect.
    pub fn follow<T: AsRef<str>>(&mut self, tickers: &[T]) {
        if self.roster.follow(tickers) {
            self.stir();
        }
    }

    /// Wants these markets no more.
    pub fn unfollow<T: AsRef<str>>(&mut self, tickers: &[T]) {
        if self.roster.unfollow(tickers) {
            self.stir();
        }
    }

    /// Asks for the books of every market on this subscription anew. They come as snapshots, the sequence going on.
    /// A subscription without books, or of an earlier connection, has none to ask for.
    pub fn request_snapshots(&mut self, sid: u32) {
        if self.roster.ask_for_snapshots(sid) {
            self.stir();
        } else {
            tracing::debug!(sid, "no books are on this subscription; none are asked for");
        }
    }

    /// Whether there is a connection.
    pub const fn is_connected(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// How long nothing has come, while there is a connection.
    pub fn silent_for(&self) -> Option<Duration> {
        match &self.state {
            State::Open(open) => Some(open.last_heard().elapsed()),
            _ => None,
        }
    }

    /// Closes the connection with a word to the exchange.
    pub async fn close(self) {
        if let State::Open(open) = self.state {
            // Nothing depends on the exchange's answer.
            let _ = timeout(FAREWELL, open.close()).await;
        }
    }

    fn stir(&mut self) {
        if let State::Open(open) = &mut self.state {
            open.stir();
        }
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<StreamEvent> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(event);
            }
            match &mut self.state {
                State::Idle => {
                    let headers = (self.settings.headers)();
                    let Self { address, settings, .. } = &*self;
                    let attempt =
                        connect(address.clone(), headers, settings.patience, settings.network.clone());
                    self.state = State::Connecting(Box::pin(attempt));
                }
                State::Waiting(pause) => {
                    ready!(pause.as_mut().poll(cx));
                    self.state = State::Idle;
                }
                State::Connecting(attempt) => match ready!(attempt.as_mut().poll(cx)) {
                    Ok(socket) => {
                        self.roster.start_over();
                        self.state = State::Open(Box::new(Open::new(socket, self.settings.silence)));
                        self.events.push_back(StreamEvent::Connected);
                    }
                    Err(fault) => self.refused(fault),
                },
                State::Open(open) => match ready!(open.poll_frame(&mut self.roster, cx)) {
                    Ok(text) => self.take(text),
                    Err(reason) => self.disconnect(reason),
                },
            }
        }
    }

    /// Hands a frame on, and listens where it answers a command.
    fn take(&mut self, text: Utf8Bytes) {
        let answer = if peek::may_answer(&text) {
            // A frame that can't be read is for whoever reads the frames to complain about.
            self.decoder
                .decode(text.as_bytes())
                .map_or(Answer::Nothing, |frame| self.roster.hear(&frame, Instant::now()))
        } else if self.roster.awaits_snapshots() && peek::is_snapshot(&text) {
            if self.roster.hear_snapshot(peek::numbers(&text)) {
                self.stir();
            }
            return self.events.push_back(StreamEvent::Frame(text));
        } else {
            return self.events.push_back(StreamEvent::Frame(text));
        };
        self.stir();
        self.events.push_back(StreamEvent::Frame(text));
        match answer {
            Answer::Nothing => {}
            Answer::Opened => self.backoff.reset(),
            Answer::Fault { code, message, ticker } => {
                self.events.push_back(StreamEvent::Fault { code, message, ticker });
            }
            Answer::Ended { channel, reason } => {
                self.events.push_back(StreamEvent::Interrupted { channel, reason });
            }
            Answer::Lost(reason) => self.disconnect(reason),
        }
    }

    fn refused(&mut self, fault: ConnectFault) {
        match fault {
            ConnectFault::Refused { status: status @ (401 | 403), body } if !body.contains(TOO_OLD) => {
                let pause = self.backoff.slowest(draw());
                tracing::error!(
                    status,
                    error = body,
                    ?pause,
                    "the exchange refuses the stream's credentials"
                );
                self.state = State::Waiting(Box::pin(sleep(pause)));
                self.events.push_back(StreamEvent::Refused { status, body });
            }
            ConnectFault::Refused { status, body } => {
                self.disconnect(format!("the exchange refused the handshake: {status} {body}"));
            }
            ConnectFault::Failed(reason) => self.disconnect(reason),
        }
    }

    fn disconnect(&mut self, reason: String) {
        let pause = self.backoff.next(draw());
        tracing::warn!(error = reason, ?pause, "no stream; the next attempt follows after a pause");
        self.state = State::Waiting(Box::pin(sleep(pause)));
        self.events.push_back(StreamEvent::Disconnected { reason });
    }
}

#[cfg(test)]
mod tests;
