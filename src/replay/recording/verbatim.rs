//! Frames one a line, as they were received and without a receive time. The exchange's own `ts_ms` stands in for
//! it; a frame without one (a snapshot, an acknowledgement) takes the time of the frame before it, and those at the
//! very start take the first time that follows.

use super::reader::{Fields, NANOS_PER_MILLI, Place, Problem, Record, digits};
use memchr::memmem;

const TIME_KEY: &[u8] = b"\"ts_ms\":";

/// Reads a line that is a frame.
pub(super) fn parse(line: &[u8]) -> Result<Fields, Problem> {
    if !(line.starts_with(b"{") && line.ends_with(b"}")) {
        return Err("not a frame: a JSON object was expected".into());
    }
    Ok(Fields { nanos: time(line), order: 0, record: Some(Record::Frame(Place::Line(0..line.len()))) })
}

/// The frame's own time in nanoseconds.
pub(super) fn time(line: &[u8]) -> Option<i64> {
    let after = memmem::find(line, TIME_KEY)? + TIME_KEY.len();
    let (millis, _) = digits(line[after..].trim_ascii_start())?;
    millis.checked_mul(NANOS_PER_MILLI)
}
