//! One open connection: frames in, commands out, and the watch over its silence.
//!
//! Everything here is polled and keeps its state between polls, so that a caller may give up waiting at any time
//! and lose nothing.

use super::connect::Socket;
use super::roster::Roster;
use futures_util::{Sink, Stream};
use std::collections::VecDeque;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_tungstenite::tungstenite::{Bytes, Message, Utf8Bytes};

/// An open connection.
#[derive(Debug)]
pub(super) struct Open {
    socket: Socket,
    outgoing: VecDeque<String>,
    needs_flush: bool,
    last_heard: Instant,
    silence: Duration,
    /// Wakes for whatever comes first: silence, a command left without an answer, one that may be sent again.
    alarm: Pin<Box<Sleep>>,
    /// Whether the roster may have something to send.
    is_stirred: bool,
}

impl Open {
    pub(super) fn new(socket: Socket, silence: Duration) -> Self {
        let now = Instant::now();
        Self {
            socket,
            outgoing: VecDeque::new(),
            needs_flush: false,
            last_heard: now,
            silence,
            alarm: Box::pin(sleep_until(now + silence)),
            is_stirred: true,
        }
    }

    /// Has the roster looked through at the next poll.
    pub(super) const fn stir(&mut self) {
        self.is_stirred = true;
    }

    /// When the last frame came.
    pub(super) const fn last_heard(&self) -> Instant {
        self.last_heard
    }

    /// The next text frame, or why there won't be any more.
    pub(super) fn poll_frame(
        &mut self,
        roster: &mut Roster,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Utf8Bytes, String>> {
        loop {
            if self.is_stirred {
                self.consult(roster)?;
            }
            if let Poll::Ready(Err(error)) = self.poll_send(cx) {
                return Poll::Ready(Err(format!("a command could not be sent: {error}")));
            }
            // The socket is read before the silence is judged: a caller that was busy elsewhere finds the frames
            // that came meanwhile.
            if let Poll::Ready(message) = pin!(&mut self.socket).poll_next(cx) {
                self.last_heard = Instant::now();
                // A feed that never pauses must not keep the alarm from being heard.
                self.is_stirred |= self.last_heard >= self.alarm.deadline();
                match read(message)? {
                    Some(text) => return Poll::Ready(Ok(text)),
                    None => continue,
                }
            }
            ready!(self.alarm.as_mut().poll(cx));
            if self.last_heard.elapsed() >= self.silence {
                let silence = self.silence.as_millis();
                return Poll::Ready(Err(format!("nothing came for {silence} ms")));
            }
            self.is_stirred = true;
        }
    }

    /// Takes what the roster has to send, and sets the alarm.
    fn consult(&mut self, roster: &mut Roster) -> Result<(), String> {
        self.is_stirred = false;
        let now = Instant::now();
        roster.commands(now, &mut self.outgoing)?;
        let silent = self.last_heard + self.silence;
        let due = roster.next_due(now).map_or(silent, |due| due.min(silent));
        self.alarm.as_mut().reset(due);
        Ok(())
    }

    /// Sends what waits. Whatever can't go now goes when the socket has room again.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), tokio_tungstenite::tungstenite::Error>> {
        while !self.outgoing.is_empty() {
            ready!(pin!(&mut self.socket).poll_ready(cx))?;
            if let Some(text) = self.outgoing.pop_front() {
                pin!(&mut self.socket).start_send(Message::text(text))?;
                self.needs_flush = true;
            }
        }
        if self.needs_flush {
            ready!(pin!(&mut self.socket).poll_flush(cx))?;
            self.needs_flush = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Says goodbye, if the other side still listens.
    pub(super) async fn close(mut self) {
        if let Err(error) = self.socket.close(None).await {
            tracing::debug!(%error, "the stream was not closed politely");
        }
    }
}

/// What came out of the socket: a text frame, nothing of interest, or the end. Pings are answered by the socket.
fn read(
    message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
) -> Result<Option<Utf8Bytes>, String> {
    match message {
        Some(Ok(Message::Text(text))) => Ok(Some(text)),
        // The exchange sends JSON as text; binary JSON would mean the same.
        Some(Ok(Message::Binary(bytes))) => Ok(as_text(bytes)),
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(None),
        Some(Ok(Message::Close(Some(close)))) => {
            Err(format!("the exchange closed the stream: {} {}", u16::from(close.code), close.reason))
        }
        Some(Ok(Message::Close(None))) => Err("the exchange closed the stream".to_owned()),
        Some(Err(error)) => Err(format!("the stream broke: {error}")),
        None => Err("the stream ended".to_owned()),
    }
}

fn as_text(bytes: Bytes) -> Option<Utf8Bytes> {
    Utf8Bytes::try_from(bytes).inspect_err(|_| tracing::warn!("a binary frame is left out")).ok()
}
