//! One line of a journal: `kj1 <number> <checksum> <json>`. The checksum (CRC-32) covers the version, the number and the
//! JSON, and the rest has one form only, so that no bit of a line can change unseen.

use super::entry::Entry;
use crc32fast::Hasher;
use serde::Deserialize;
use std::io::{self, Write};

/// The version that this program writes and reads.
const VERSION: &[u8] = b"kj1";
/// What every version's lines begin with.
const FAMILY: &[u8] = b"kj";
/// Digits of the checksum.
const DIGITS: usize = 8;

/// What a line turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// An entry and its number.
    Entry(u64, Box<Entry<'static>>),
    /// Sound, and written by a newer program: what it says isn't known here.
    Newer(String),
    /// Not what any program wrote.
    Bad(&'static str),
}

/// Appends a line. Nothing is left of one that can't be written out.
///
/// # Errors
/// When the entry has no form as JSON.
pub(super) fn push(into: &mut Vec<u8>, number: u64, entry: &Entry<'_>) -> io::Result<()> {
    let start = into.len();
    let written = write(into, start, number, entry);
    if written.is_err() {
        into.truncate(start);
    }
    written
}

fn write(into: &mut Vec<u8>, start: usize, number: u64, entry: &Entry<'_>) -> io::Result<()> {
    into.extend_from_slice(VERSION);
    write!(into, " {number} ")?;
    let checksum = into.len();
    into.extend_from_slice(b"00000000 ");
    let json = into.len();
    serde_json::to_writer(&mut *into, entry)?;
    let digits = digits(&into[start..checksum], &into[json..]);
    into[checksum..checksum + DIGITS].copy_from_slice(&digits);
    into.push(b'\n');
    Ok(())
}

fn digits(before: &[u8], json: &[u8]) -> [u8; DIGITS] {
    let mut hasher = Hasher::new();
    hasher.update(before);
    hasher.update(json);
    let mut rest = hasher.finalize();
    let mut digits = [0; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[usize::try_from(rest & 15).unwrap_or(0)];
        rest >>= 4;
    }
    digits
}

/// Reads a line, without the end of line.
pub(super) fn parse(line: &[u8]) -> Line {
    let Some((before, number, json)) = split(line) else {
        return Line::Bad("it isn't of the form `kj1 number checksum json`");
    };
    let checksum = &line[before.len()..before.len() + DIGITS];
    if checksum != digits(before, json) {
        return Line::Bad("its checksum isn't that of what it says");
    }
    if !before.starts_with(b"kj1 ") {
        let version = before.split(|byte| *byte == b' ').next().unwrap_or_default();
        return Line::Newer(format!("its version is {}", String::from_utf8_lossy(version)));
    }
    match serde_json::from_slice(json) {
        Ok(entry) => Line::Entry(number, Box::new(entry)),
        Err(error) => Line::Newer(match serde_json::from_slice::<Kind>(json) {
            Ok(Kind { kind }) => format!("its kind is {kind:?}: {error}"),
            Err(_) => error.to_string(),
        }),
    }
}

#[derive(Deserialize)]
struct Kind {
    kind: String,
}

/// What stands before the checksum, the number in it, and the JSON.
fn split(line: &[u8]) -> Option<(&[u8], u64, &[u8])> {
    let version = line.iter().position(|byte| *byte == b' ')?;
    let is_version = line[..version].strip_prefix(FAMILY)?.iter().all(u8::is_ascii_digit);
    let digits = line[version + 1..].iter().position(|byte| *byte == b' ')?;
    let before = version + 1 + digits + 1;
    let number = std::str::from_utf8(&line[version + 1..before - 1]).ok()?.parse().ok()?;
    let gap = line.get(before + DIGITS)?;
    (is_version && *gap == b' ').then(|| (&line[..before], number, &line[before + DIGITS + 1..]))
}
