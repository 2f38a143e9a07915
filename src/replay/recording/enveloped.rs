//! Lines that hold a receive time and a frame: `{"recv_ms":N,"event":<frame>}` and, from documents,
//! `{"received_ms":N,"frame":<frame>}`. Recorders that kept the text unparsed write
//! `{"recv_ts_ns":N,"raw":"<frame as text>"}`.
//!
//! The usual shape is read by looking for its bytes; whatever deviates goes through the JSON parser.

use super::reader::{Fields, Place, Problem, Record, digits, explain, nanos_of_millis};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::ops::Range;

/// The two spellings, as they stand at the start of a line and between time and frame.
const SPELLINGS: [(&[u8], &[u8]); 2] =
    [(b"{\"recv_ms\":", b",\"event\":"), (b"{\"received_ms\":", b",\"frame\":")];

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(alias = "received_ms")]
    recv_ms: i64,
    #[serde(borrow, alias = "frame")]
    event: &'a RawValue,
}

#[derive(Deserialize)]
struct Quoted<'a> {
    recv_ts_ns: i64,
    #[serde(borrow)]
    raw: Cow<'a, str>,
}

/// Reads a line whose frame is JSON within JSON. The frame stays where it is, or goes to `rebuilt` when the line
/// has another shape than usual.
#[inline]
pub(super) fn parse(line: &[u8], rebuilt: &mut Vec<u8>) -> Result<Fields, Problem> {
    if let Some((millis, frame)) = scan(line) {
        return Ok(Fields::timed(nanos_of_millis(millis)?, Record::Frame(Place::Line(frame))));
    }
    let envelope: Envelope<'_> = serde_json::from_slice(line).map_err(|error| explain(&error))?;
    rebuilt.clear();
    rebuilt.extend_from_slice(envelope.event.get().as_bytes());
    Ok(Fields::timed(nanos_of_millis(envelope.recv_ms)?, Record::Frame(Place::Rebuilt)))
}

/// Reads a line whose frame is text within JSON.
pub(super) fn parse_quoted(line: &[u8], rebuilt: &mut Vec<u8>) -> Result<Fields, Problem> {
    let quoted: Quoted<'_> = serde_json::from_slice(line).map_err(|error| explain(&error))?;
    rebuilt.clear();
    rebuilt.extend_from_slice(quoted.raw.trim_ascii().as_bytes());
    Ok(Fields::timed(quoted.recv_ts_ns, Record::Frame(Place::Rebuilt)))
}

/// The usual shape: time first, frame second, and three closing braces (message, frame, line) that are the only
/// ones and end the line. Then nothing can follow the frame, and no brace stands in a string.
#[inline]
fn scan(line: &[u8]) -> Option<(i64, Range<usize>)> {
    let frame_end = line.len().checked_sub(1)?;
    if !line.ends_with(b"}}}") || memchr::memchr(b'}', line) != Some(line.len() - 3) {
        return None;
    }
    SPELLINGS.iter().find_map(|(before_time, before_frame)| {
        let (millis, length) = digits(line.strip_prefix(*before_time)?)?;
        let after_time = before_time.len() + length;
        let frame = line[after_time..].strip_prefix(*before_frame)?;
        frame.starts_with(b"{").then(|| (millis, after_time + before_frame.len()..frame_end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: &str = r#"{"recv_ms":1785901540025,"event":{"type":"ok","sid":1,"seq":2,"msg":{"a":1}}}"#;

    #[test]
    fn both_ways_of_reading_give_the_same_frame() {
        let (millis, frame) = scan(USUAL.as_bytes()).expect("the usual shape");
        let slow: Envelope<'_> = serde_json::from_str(USUAL).expect("JSON");
        assert_eq!((millis, &USUAL[frame]), (slow.recv_ms, slow.event.get()));
    }

    #[test]
    fn another_shape_is_left_to_the_parser() {
        for line in [
            r#"{"recv_ms":1785901540025,"event":{"type":"ok"},"more":{"a":{}}}"#,
            r#"{"recv_ms":1785901540025,"event":{"type":"}","msg":{}}}"#,
            r#"{"event":{"type":"ok","msg":{}},"recv_ms":1785901540025}"#,
            r#"{"recv_ms":1785901540025, "event":{"type":"ok","msg":{}}}"#,
            r#"{"recv_ms":1785901540025,"event":[{"msg":{}}}"#,
            "}}}",
            "}",
            "",
        ] {
            assert_eq!(scan(line.as_bytes()), None, "{line}");
        }
    }
}
