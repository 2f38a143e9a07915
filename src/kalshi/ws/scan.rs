//! The hot path: one pass over an `orderbook_delta` in the key order the exchange writes.
//!
//! The scan knows one template and gives up at the first byte that differs, whatever the reason; the frame then
//! takes the general way through `serde`. So it never has to be complete, only never wrong: what it accepts is what
//! `serde` would accept, with the same result, and it allocates nothing.

use super::message::{Delta, OutcomeSide};
use super::{Frame, Message};
use crate::units::{Price, Quantity, Timestamp};
use memchr::memchr;
use std::borrow::Cow;

/// The delta a frame holds, if it has the usual form.
#[inline]
pub(super) fn delta(frame: &[u8]) -> Option<Frame<'_>> {
    let mut at = Cursor(frame);
    at.literal(b"{\"type\":\"orderbook_delta\",\"sid\":")?;
    let sid = u32::try_from(at.integer()?).ok()?;
    at.literal(b",\"seq\":")?;
    let seq = at.integer()?;
    let mut sent = at.optional_millis(b",\"sending_ts_ms\":")?;
    at.literal(b",\"msg\":{\"market_ticker\":\"")?;
    let ticker = std::str::from_utf8(at.text()?).ok()?;
    at.literal(b",\"market_id\":\"")?;
    at.text()?;
    at.literal(b",\"price_dollars\":\"")?;
    let price = Price::parse_bytes(at.short_text()?).ok()?;
    at.literal(b",\"delta_fp\":\"")?;
    let change = Quantity::parse_bytes(at.short_text()?).ok()?;
    at.literal(b",\"side\":\"")?;
    let side = match at.short_text()? {
        b"yes" => OutcomeSide::Yes,
        b"no" => OutcomeSide::No,
        _ => return None,
    };
    if at.literal(b",\"ts\":\"").is_some() {
        at.text()?;
    }
    let time = at.optional_millis(b",\"ts_ms\":")?;
    at.literal(b"}")?;
    if sent.is_none() {
        sent = at.optional_millis(b",\"sending_ts_ms\":")?;
    }
    at.literal(b"}")?;
    at.end()?;
    let delta = Delta { ticker: Cow::Borrowed(ticker), price, change, side, client_order_id: None, time };
    Some(Frame { id: None, sid: Some(sid), seq: Some(seq), sent, message: Message::Delta(delta) })
}

/// What is left of the frame.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    /// Steps over exactly this text.
    #[inline]
    fn literal(&mut self, text: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// A JSON integer without sign, of as many digits as surely fit. A point or an exponent after it is left for
    /// the next literal to stumble over.
    #[inline]
    fn integer(&mut self) -> Option<u64> {
        const LONGEST: usize = 19;
        let digits = self.0.iter().take(LONGEST + 1).take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || digits > LONGEST || (digits > 1 && self.0[0] == b'0') {
            return None;
        }
        let (text, rest) = self.0.split_at(digits);
        self.0 = rest;
        Some(text.iter().fold(0, |value, byte| value * 10 + u64::from(byte - b'0')))
    }

    /// A time in milliseconds after `name`, if it stands here; `None` when it does and isn't one.
    #[inline]
    #[allow(clippy::option_option)]
    fn optional_millis(&mut self, name: &[u8]) -> Option<Option<Timestamp>> {
        if self.literal(name).is_none() {
            return Some(None);
        }
        i64::try_from(self.integer()?).ok().map(Timestamp::from_millis).map(Some)
    }

    /// A string up to and over its closing quote: printable ASCII without escapes, which needs no decoding.
    #[inline]
    fn text(&mut self) -> Option<&'a [u8]> {
        let text = &self.0[..memchr(b'"', self.0)?];
        // A fold, not `any`: without the early return the compiler compares many bytes at once.
        let odd =
            text.iter().fold(0, |odd, byte| odd | u8::from(!matches!(byte, b' '..=b'~') || *byte == b'\\'));
        self.0 = &self.0[text.len() + 1..];
        (odd == 0).then_some(text)
    }

    /// A string of a few bytes up to and over its closing quote, whose reader takes none but its own characters.
    #[inline]
    fn short_text(&mut self) -> Option<&'a [u8]> {
        let text = &self.0[..self.0.iter().position(|byte| *byte == b'"')?];
        self.0 = &self.0[text.len() + 1..];
        Some(text)
    }

    /// Nothing but white space is left.
    #[inline]
    fn end(&self) -> Option<()> {
        self.0.iter().all(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).then_some(())
    }
}
