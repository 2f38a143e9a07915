//! A folder a session, a file a frame type: the message stands in `payload_json`, its number in `sequence_number`,
//! the receive time in `local_recv_ns`. The frame is put together again around the payload, which isn't parsed.
//!
//! The recorder kept no subscription ids on its frames: books get 1, everything else 2. It also wrote records of its
//! own, which become events (`ws_connected`), tell a market's close (`watch_market`) or carry nothing here.

use super::listing::Watch;
use super::reader::{Fields, Place, Problem, Record, digits, explain};
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::Write;

const TYPE_KEY: &[u8] = b"\"event_type\":\"";
const TIME_KEY: &[u8] = b"\"local_recv_ns\":";
const PAYLOAD_KEY: &[u8] = b"\"payload_json\":";
const NUMBER_KEY: &[u8] = b"\"sequence_number\":";

/// What is needed of a line.
struct Parts<'a> {
    kind: &'a str,
    nanos: i64,
    number: Option<u64>,
    payload: &'a [u8],
}

#[derive(Deserialize)]
struct Line<'a> {
    event_type: &'a str,
    local_recv_ns: i64,
    sequence_number: Option<u64>,
    #[serde(borrow)]
    payload_json: &'a RawValue,
}

/// Reads a line; the frame goes to `rebuilt`.
pub(super) fn parse(line: &[u8], rebuilt: &mut Vec<u8>) -> Result<Fields, Problem> {
    if let Some(parts) = scan(line) {
        return record(&parts, rebuilt);
    }
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| explain(&error))?;
    let parts = Parts {
        kind: line.event_type,
        nanos: line.local_recv_ns,
        number: line.sequence_number,
        payload: line.payload_json.get().as_bytes(),
    };
    record(&parts, rebuilt)
}

/// The usual shape: keys in order of the alphabet and a flat payload, so that the line has exactly four braces.
fn scan(line: &[u8]) -> Option<Parts<'_>> {
    let mut braces = memchr::memchr2_iter(b'{', b'}', line);
    let (outer, opens, closes, end) = (braces.next()?, braces.next()?, braces.next()?, braces.next()?);
    let in_order = line[opens] == b'{' && line[closes] == b'}' && line[end] == b'}';
    if outer != 0 || end != line.len() - 1 || !in_order || braces.next().is_some() {
        return None;
    }
    let (head, tail) = (line[..opens].strip_suffix(PAYLOAD_KEY)?, &line[closes + 1..]);
    let kind = after(head, TYPE_KEY)?;
    let kind = &kind[..memchr::memchr(b'"', kind)?];
    let number = after(tail, NUMBER_KEY)?;
    Some(Parts {
        kind: std::str::from_utf8(kind).ok()?,
        nanos: digits(after(head, TIME_KEY)?)?.0,
        number: match digits(number) {
            Some((number, _)) => Some(u64::try_from(number).ok()?),
            None if number.starts_with(b"null") => None,
            None => return None,
        },
        payload: &line[opens..=closes],
    })
}

fn after<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    memmem::find(text, key).map(|at| &text[at + key.len()..])
}

fn record(parts: &Parts<'_>, rebuilt: &mut Vec<u8>) -> Result<Fields, Problem> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if parts.kind.is_empty() || !parts.kind.bytes().all(is_word) {
        return Err(format!("{:?} is no event_type", parts.kind).into());
    }
    let (order, record) = match parts.kind {
        "ws_connected" => (0, Some(Record::Connected)),
        "watch_market" => {
            let watch: Watch = serde_json::from_slice(parts.payload).map_err(|error| explain(&error))?;
            (0, Some(Record::Watched(Box::new(watch))))
        }
        "market_rotated" => (0, None),
        kind if kind.starts_with("ws_") => (0, None),
        "orderbook_snapshot" | "orderbook_delta" => {
            let number = match parts.number {
                Some(number) => number,
                // The first snapshot of a connection, which the recorder wrote before it had seen a number.
                None if parts.kind == "orderbook_snapshot" => 1,
                None => return Err("a delta without a sequence_number".into()),
            };
            rebuild(rebuilt, format_args!("\"sid\":1,\"seq\":{number}"), parts);
            (number, Some(Record::Frame(Place::Rebuilt)))
        }
        _ => {
            rebuild(rebuilt, format_args!("\"sid\":2"), parts);
            (u64::MAX, Some(Record::Frame(Place::Rebuilt)))
        }
    };
    Ok(Fields { nanos: Some(parts.nanos), order, record })
}

fn rebuild(rebuilt: &mut Vec<u8>, stamp: std::fmt::Arguments<'_>, parts: &Parts<'_>) {
    rebuilt.clear();
    write!(rebuilt, "{{\"type\":\"{}\",{stamp},\"msg\":", parts.kind).expect("a Vec takes every write");
    rebuilt.extend_from_slice(parts.payload);
    rebuilt.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELTA: &str = concat!(
        r#"{"channel":"orderbook_delta","event_type":"orderbook_delta","local_recv_ns":1778677184429775104,"#,
        r#""payload_json":{"delta_fp":"10.00","market_ticker":"KXBTC15M-26MAY130900-00"},"sequence_number":2}"#
    );

    #[test]
    fn the_frame_is_put_together_around_the_payload_either_way() {
        let reordered = DELTA
            .replace(r#""channel":"orderbook_delta","#, r#""sequence_number":2,"channel":"{}","#)
            .replace(r#","sequence_number":2}"#, "}");
        for line in [DELTA, &reordered] {
            assert_eq!(scan(line.as_bytes()).is_some(), line == DELTA);
            let mut frame = Vec::new();
            let fields = parse(line.as_bytes(), &mut frame).expect("a delta");
            assert_eq!((fields.nanos, fields.order), (Some(1_778_677_184_429_775_104), 2));
            assert_eq!(
                String::from_utf8_lossy(&frame),
                concat!(
                    r#"{"type":"orderbook_delta","sid":1,"seq":2,"#,
                    r#""msg":{"delta_fp":"10.00","market_ticker":"KXBTC15M-26MAY130900-00"}}"#
                )
            );
        }
    }

    #[test]
    fn a_book_frame_without_a_number_is_the_first_snapshot_or_malformed() {
        let unnumbered = DELTA.replace(r#""sequence_number":2"#, r#""sequence_number":null"#);
        assert!(parse(unnumbered.as_bytes(), &mut Vec::new()).is_err());
        let first = unnumbered.replace("orderbook_delta", "orderbook_snapshot");
        let mut frame = Vec::new();
        assert_eq!(parse(first.as_bytes(), &mut frame).expect("a snapshot").order, 1);
        assert!(frame.starts_with(br#"{"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"#));
    }
}
