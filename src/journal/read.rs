//! Reading a journal: its segments in order, every line checked, and what a crash cut off at its end told from damage.
//!
//! A crash can only tear the end: bytes that were being written when the process or the power went. Such a tail is no
//! fault; [`Contents::torn`] says how much it is. A line that makes no sense with sound ones after it is damage, which
//! no crash makes, and so is a number that is missing.

use super::disk::Disk;
use super::entry::Entry;
use super::line::{self, Line};
use super::{ENDING, JournalError, segment_name};
use crate::units::Timestamp;
use std::io::ErrorKind;

/// What mends damage.
const MEND: &str = "restore the file from a copy, or move the journal's folder away: the next start then takes orders, \
                    fills and positions from the store and the exchange";

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The segment's number.
    pub segment: u64,
    /// The line, from 1.
    pub line: u64,
    /// The byte it begins at, from 0.
    pub byte: u64,
}

/// An entry with its number and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// Its number. A snapshot has that of the last entry before it.
    pub seq: u64,
    /// Where it stands.
    pub place: Place,
    /// What it says.
    pub entry: Entry<'static>,
}

/// One file of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its number.
    pub number: u64,
    /// Bytes of its sound lines.
    pub bytes: u64,
    /// Its entries, the snapshot apart.
    pub entries: u64,
    /// The number of the last entry before it.
    pub after: u64,
    /// When the first of its entries happened.
    pub first: Option<Timestamp>,
    /// When the last of them happened.
    pub last: Option<Timestamp>,
}

/// Bytes at the end that are no whole line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// The segment's number.
    pub segment: u64,
    /// Where they begin.
    pub byte: u64,
    /// How many they are.
    pub bytes: u64,
}

/// All that a journal holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    /// Its segments, oldest first.
    pub segments: Vec<Segment>,
    /// Its entries, oldest first, with the snapshots that segments begin with.
    pub entries: Vec<Numbered>,
    /// What a crash cut off.
    pub torn: Option<Torn>,
}

impl Contents {
    /// The number of the last entry; zero where there is none.
    pub fn last(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.seq)
    }
}

fn number_of(name: &str) -> Option<u64> {
    let number = name.strip_suffix(ENDING)?.parse().ok()?;
    (segment_name(number) == name).then_some(number)
}

/// The numbers of the segments that belong together: the last ones that follow each other. Older ones that a power loss
/// brought back after they had been removed are left out; `all` gives them too.
pub(super) fn numbers(disk: &dyn Disk, all: bool) -> Result<Vec<u64>, JournalError> {
    let names = disk.list().map_err(|cause| JournalError::disk(disk, "", "listed", cause))?;
    let mut numbers: Vec<u64> = names.iter().filter_map(|name| number_of(name)).collect();
    numbers.sort_unstable();
    let gap = numbers.windows(2).rposition(|pair| pair[0] + 1 != pair[1]).map_or(0, |at| at + 1);
    Ok(if all { numbers } else { numbers.split_off(gap) })
}

/// Reads the whole journal. Nothing is changed, and a bot may be writing it.
///
/// # Errors
/// [`JournalError`] when it can't be read, was written by a newer program, or is damaged.
pub fn read(disk: &dyn Disk) -> Result<Contents, JournalError> {
    let mut reader = Reader { disk, contents: Contents::default(), bad: None };
    for number in numbers(disk, false)? {
        let bytes = match disk.read(&segment_name(number)) {
            Ok(bytes) => bytes,
            // The bot removed it meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound && reader.contents.segments.is_empty() => {
                continue;
            }
            Err(cause) => return Err(JournalError::disk(disk, &segment_name(number), "read", cause)),
        };
        reader.segment(number, &bytes)?;
    }
    let Reader { mut contents, bad, .. } = reader;
    contents.torn = bad.map(|(place, _, bytes)| Torn { segment: place.segment, byte: place.byte, bytes });
    Ok(contents)
}

struct Reader<'a> {
    disk: &'a dyn Disk,
    contents: Contents,
    /// Where lines that make no sense begin, what is wrong with the first of them, and how many bytes they are; no
    /// sound line may follow.
    bad: Option<(Place, &'static str, u64)>,
}

impl Reader<'_> {
    fn segment(&mut self, number: u64, bytes: &[u8]) -> Result<(), JournalError> {
        self.contents.segments.push(Segment {
            number,
            bytes: 0,
            entries: 0,
            after: 0,
            first: None,
            last: None,
        });
        let mut place = Place { segment: number, line: 1, byte: 0 };
        for text in bytes.split_inclusive(|byte| *byte == b'\n') {
            let length = u64::try_from(text.len()).unwrap_or(0);
            match text.strip_suffix(b"\n").map_or(Line::Bad("it has no end"), line::parse) {
                Line::Bad(problem) => {
                    self.bad.get_or_insert((place, problem, 0)).2 += length;
                }
                Line::Newer(what) => return Err(self.newer(place, what)),
                Line::Entry(seq, entry) => {
                    self.check(place, seq, &entry)?;
                    self.take(Numbered { seq, place, entry: *entry }, length);
                }
            }
            place.line += 1;
            place.byte += length;
        }
        // Nothing at all where its snapshot should be: it was being made when the crash came.
        if bytes.is_empty() && self.bad.is_none() {
            self.bad = Some((place, "the segment is empty", 0));
        }
        Ok(())
    }

    fn take(&mut self, numbered: Numbered, length: u64) {
        let Some(segment) = self.contents.segments.last_mut() else { return };
        segment.bytes += length;
        match numbered.entry.time() {
            None => segment.after = numbered.seq,
            Some(time) => {
                segment.entries += 1;
                segment.first.get_or_insert(time);
                segment.last = Some(time);
            }
        }
        self.contents.entries.push(numbered);
    }

    /// Whether an entry may stand here with this number.
    fn check(&self, place: Place, seq: u64, entry: &Entry<'_>) -> Result<(), JournalError> {
        if let Some((place, problem, _)) = self.bad {
            return Err(self.damaged(place, problem.to_owned()));
        }
        let before = self.contents.entries.last().map(|entry| entry.seq);
        match (place.line, entry) {
            (1, Entry::Snapshot(picture)) => {
                if picture.seq != seq || before.is_some_and(|before| before != seq) {
                    let before = before.unwrap_or(seq);
                    return Err(self.damaged(
                        place,
                        format!(
                            "the segment begins after entry {seq}, and the one before it ends with {before}"
                        ),
                    ));
                }
            }
            (1, _) => return Err(self.damaged(place, "the segment doesn't begin with a snapshot".to_owned())),
            (_, Entry::Snapshot(_)) => {
                return Err(self.damaged(place, "a snapshot stands within the segment".to_owned()));
            }
            // What was synced last may be later than what a power loss left; the store remembers.
            (_, Entry::RunStarted(_)) if before.is_some_and(|before| seq > before) => {}
            _ if before.is_some_and(|before| before.checked_add(1) == Some(seq)) => {}
            _ => {
                let before = before.unwrap_or(0);
                return Err(self.damaged(place, format!("entry {seq} follows entry {before}")));
            }
        }
        Ok(())
    }

    fn file(&self, place: Place) -> String {
        format!("{}/{}", self.disk.place(), segment_name(place.segment))
    }

    fn damaged(&self, place: Place, problem: String) -> JournalError {
        let Place { line, byte, .. } = place;
        JournalError::Damaged { file: self.file(place), line, byte, problem, mend: MEND }
    }

    fn newer(&self, place: Place, what: String) -> JournalError {
        JournalError::Newer { file: self.file(place), line: place.line, what }
    }
}
