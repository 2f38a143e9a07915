//! One WebSocket: the signed handshake, then commands in and frames out until either side ends it.

use super::answer::Problem;
use super::gate;
use super::outbox::{Batch, Outbox};
use super::{Venue, WS_PATH};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

/// How often a client is pinged.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Largest message.
const LARGEST: usize = 64 << 20;
/// Bytes that are gathered before they are written.
const WRITE_BUFFER: usize = 128 << 10;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// `GET /trade-api/ws/v2`: nobody gets in without a signature.
pub(super) async fn connect(State(venue): State<Arc<Venue>>, request: Request) -> Response {
    match accept(&venue, request) {
        Ok((upgrade, answer)) => {
            tokio::spawn(open(venue, upgrade));
            answer
        }
        Err(problem) => problem.into_response(),
    }
}

fn accept(venue: &Venue, mut request: Request) -> Result<(OnUpgrade, Response), Problem> {
    let wall = gate::believed_wall(venue);
    if !gate::is_signed(venue, request.headers(), request.method(), WS_PATH, wall)? {
        return Err(Problem::unauthorised("MISSING_HEADERS"));
    }
    let key = handshake_key(request.headers())
        .ok_or_else(|| Problem::bad_request("expected the handshake of a WebSocket, version 13"))?;
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()))
        .map_err(|_| Problem::bad_request("sec-websocket-key: it can't be answered"))?;
    let upgrade = hyper::upgrade::on(&mut request);
    let headers = [
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::CONNECTION, HeaderValue::from_static("Upgrade")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ];
    Ok((upgrade, (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()))
}

/// The key of a handshake that is one.
fn handshake_key(headers: &HeaderMap) -> Option<&HeaderValue> {
    let says = |name: header::HeaderName, word: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(word)))
    };
    let is_handshake = says(header::UPGRADE, "websocket")
        && says(header::CONNECTION, "upgrade")
        && says(header::SEC_WEBSOCKET_VERSION, "13");
    headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| is_handshake)
}

/// Waits for the connection to become a WebSocket and talks over it to its end.
async fn open(venue: Arc<Venue>, upgrade: OnUpgrade) {
    let upgraded = match upgrade.await {
        Ok(upgraded) => upgraded,
        Err(error) => {
            tracing::debug!("a WebSocket wasn't opened: {error}");
            return;
        }
    };
    let config = WebSocketConfig::default()
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST))
        .write_buffer_size(WRITE_BUFFER);
    let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
    let outbox = Arc::new(Outbox::new(venue.session_buffer));
    let session = venue.with(|floor, _| floor.sessions.join(Arc::clone(&outbox)));
    let (sink, stream) = socket.split();
    let ended = tokio::select! {
        biased;
        ended = listen(&venue, session, stream) => ended,
        ended = speak(&outbox, sink) => ended,
        () = venue.stopped() => Ok(()),
    };
    venue.with(|floor, _| floor.sessions.leave(session));
    if let Err(error) = ended {
        tracing::debug!("a WebSocket ended: {error}");
    }
}

/// Takes commands until the client leaves.
async fn listen(venue: &Venue, session: u64, mut stream: SplitStream<Socket>) -> Result<(), Error> {
    while let Some(message) = stream.next().await {
        if let Message::Text(text) = message? {
            venue.with(|floor, now| floor.command(session, &text, now));
        }
    }
    Ok(())
}

/// Sends what the exchange has to say, and pings.
async fn speak(outbox: &Outbox, mut sink: SplitSink<Socket, Message>) -> Result<(), Error> {
    let mut beat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            batch = outbox.next() => match batch {
                Batch::Frames(frames) => {
                    for frame in frames {
                        sink.feed(Message::Text(frame)).await?;
                    }
                    sink.flush().await?;
                    outbox.sent();
                }
                Batch::Broken => return Ok(()),
            },
            _ = beat.tick() => sink.send(Message::Ping("heartbeat".into())).await?,
        }
    }
}
