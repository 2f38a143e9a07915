//! Reads one file record by record: unpacks it, cuts it into lines, has each read by the form's own rules, and keeps
//! its clock from running backwards.

use super::document::Elements;
use super::faults::Faults;
use super::files::FORMS;
use super::listing::Watch;
use super::{by_type, enveloped, verbatim};
use crate::replay::source::SourceError;
use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::ops::Range;
use std::path::Path;

/// No frame comes near this: a book of 10,000 levels a side takes half of it.
pub(super) const LONGEST_LINE: usize = 1 << 20;
/// Bytes read at a time.
const BUFFER: usize = 1 << 20;
/// How many lines at the head of a file may be bad before it is held for no recording.
const HEAD_LINES: usize = 100;
/// How many lines of verbatim frames may pass before one has a time.
const UNTIMED_LINES: usize = 10_000;

/// Nanoseconds in a millisecond.
pub(super) const NANOS_PER_MILLI: i64 = 1_000_000;
/// 2000 and 2100: a receive time outside is a fault of the recorder.
const PLAUSIBLE_NANOS: Range<i64> = 946_684_800_000_000_000..4_102_444_800_000_000_000;

/// How a recording is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Enveloped,
    Quoted,
    ByType,
    Verbatim,
    Document,
}

impl Format {
    /// Whether every frame of the connection is there. Lines with `recv_ms` were sorted into one file a market,
    /// though their numbers count over all markets.
    pub(super) const fn has_whole_sequence(self) -> bool {
        !matches!(self, Self::Enveloped)
    }
}

/// What the head of a file says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening {
    pub(super) format: Format,
    /// When its first record arrived, in nanoseconds.
    pub(super) first: i64,
}

/// Why a file can't be played at all.
#[derive(Debug)]
pub(super) enum Unplayable {
    Io(io::Error),
    /// Meant to be a recording, but empty or broken.
    Damaged(String),
    /// Something else than a recording.
    Foreign(String),
}

impl Unplayable {
    /// Whether it is worth telling even of a file that wasn't named itself.
    pub(super) const fn is_damage(&self) -> bool {
        !matches!(self, Self::Foreign(_))
    }

    pub(super) fn into_error(self, path: &Path) -> SourceError {
        let path = path.display().to_string();
        match self {
            Self::Io(cause) => SourceError::Io { path, cause },
            Self::Damaged(problem) | Self::Foreign(problem) => SourceError::Unusable { path, problem },
        }
    }
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem(String);

impl<T: Into<String>> From<T> for Problem {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

/// What the parser says, without its line number, which is always 1.
pub(super) fn explain(error: &serde_json::Error) -> Problem {
    Problem(format!(
        "not of this recording's form ({})",
        error.to_string().replace(" at line 1 column", " at column")
    ))
}

/// What a line holds.
#[derive(Debug)]
pub(super) struct Fields {
    /// Receive time in nanoseconds, or `None` for that of the line before.
    pub(super) nanos: Option<i64>,
    /// Decides between files of one session that received something in the same nanosecond.
    pub(super) order: u64,
    /// `None` when there is nothing to play.
    pub(super) record: Option<Record>,
}

impl Fields {
    pub(super) const fn timed(nanos: i64, record: Record) -> Self {
        Self { nanos: Some(nanos), order: 0, record: Some(record) }
    }
}

/// What is played of a line.
#[derive(Debug)]
pub(super) enum Record {
    Frame(Place),
    /// The connection was made.
    Connected,
    Watched(Box<Watch>),
}

/// Where a frame's bytes are.
#[derive(Debug)]
pub(super) enum Place {
    /// Within the line.
    Line(Range<usize>),
    /// In the buffer of frames that don't stand in the file as they were sent.
    Rebuilt,
}

/// A file being played. After [`Reader::advance`] it stands on a record.
pub(super) struct Reader {
    name: String,
    input: Box<dyn BufRead + Send>,
    format: Format,
    elements: Elements,
    line: Vec<u8>,
    number: u64,
    rebuilt: Vec<u8>,
    nanos: i64,
    order: u64,
    record: Record,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("name", &self.name)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Reader {
    /// Opens a file whose head is known.
    pub(super) fn open(path: &Path, opening: Opening) -> Result<Self, SourceError> {
        let name = path.display().to_string();
        let input = unpacked(path).map_err(|cause| SourceError::Io { path: name.clone(), cause })?;
        Ok(Self {
            name,
            input,
            format: opening.format,
            elements: Elements::default(),
            line: Vec::new(),
            number: 0,
            rebuilt: Vec::new(),
            nanos: opening.first,
            order: 0,
            record: Record::Connected,
        })
    }

    /// Moves to the next record. Returns whether there is one.
    ///
    /// # Errors
    /// When reading fails for a reason that isn't the file's content.
    pub(super) fn advance(&mut self, faults: &mut Faults) -> Result<bool, SourceError> {
        loop {
            match self.next_line() {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(cause) if is_damage(&cause) => {
                    faults.cut_off(self.place(), cause);
                    return Ok(false);
                }
                Err(cause) => return Err(SourceError::Io { path: self.name.clone(), cause }),
            }
            if self.line.is_empty() {
                continue;
            }
            match self.parse() {
                Ok(Fields { record: None, .. }) => {}
                Ok(Fields { nanos, order, record: Some(record) }) => {
                    let nanos = nanos.unwrap_or(self.nanos);
                    if nanos < self.nanos {
                        faults.backward(self.place(), self.nanos - nanos);
                    }
                    self.nanos = self.nanos.max(nanos);
                    self.order = order;
                    self.record = record;
                    return Ok(true);
                }
                Err(Problem(problem)) => faults.malformed(self.place(), problem),
            }
        }
    }

    /// The record it stands on.
    pub(super) const fn record(&self) -> &Record {
        &self.record
    }

    /// When that arrived, in nanoseconds.
    pub(super) const fn nanos(&self) -> i64 {
        self.nanos
    }

    /// What decides among equal times.
    pub(super) const fn order(&self) -> u64 {
        self.order
    }

    /// The frame it stands on; empty where it stands on something else.
    #[inline]
    pub(super) fn frame(&self) -> &[u8] {
        match &self.record {
            Record::Frame(Place::Line(range)) => &self.line[range.clone()],
            Record::Frame(Place::Rebuilt) => &self.rebuilt,
            Record::Connected | Record::Watched(_) => &[],
        }
    }

    fn next_line(&mut self) -> io::Result<bool> {
        self.number += 1;
        match self.format {
            Format::Document => self.elements.next(&mut *self.input, &mut self.line),
            _ => next_line(&mut *self.input, &mut self.line),
        }
    }

    #[inline]
    fn parse(&mut self) -> Result<Fields, Problem> {
        let fields = match self.format {
            Format::Enveloped | Format::Document => enveloped::parse(&self.line, &mut self.rebuilt),
            Format::Quoted => enveloped::parse_quoted(&self.line, &mut self.rebuilt),
            Format::ByType => by_type::parse(&self.line, &mut self.rebuilt),
            Format::Verbatim => verbatim::parse(&self.line),
        }?;
        match fields.nanos {
            Some(nanos) if !PLAUSIBLE_NANOS.contains(&nanos) => {
                Err(format!("its time, {nanos} ns since 1970, isn't between 2000 and 2100").into())
            }
            _ => Ok(fields),
        }
    }

    /// The file, and which of its lines or frames.
    fn place(&self) -> String {
        match self.format {
            Format::Document => format!("{}, frame {}", self.name, self.number),
            _ => format!("{}:{}", self.name, self.number),
        }
    }
}

/// Reads the head of a file: how it is laid out and when it begins. `None` for a part of a recording in which
/// nothing is ever played.
pub(super) fn probe(path: &Path) -> Result<Option<Opening>, Unplayable> {
    let format = format_of(path)?;
    let first = match format {
        Format::Verbatim => first_time(path)?,
        _ => PLAUSIBLE_NANOS.start,
    };
    let opening = Opening { format, first };
    let failed = |error| match error {
        SourceError::Io { cause, .. } => Unplayable::Io(cause),
        SourceError::Unusable { problem, .. } => Unplayable::Damaged(problem),
    };
    let mut reader = Reader::open(path, opening).map_err(failed)?;
    let is_playable = reader.advance(&mut Faults::default()).map_err(failed)?;
    Ok(is_playable.then_some(Opening { format, first: reader.nanos }))
}

/// Tells the form by the first line of it. Before it goes on past a line it can't tell, it looks whether the file
/// is one document, since the frames of that may each stand on a line too.
fn format_of(path: &Path) -> Result<Format, Unplayable> {
    let mut input = unpacked(path).map_err(of_head)?;
    let mut line = Vec::new();
    let mut is_empty = true;
    for _ in 0..HEAD_LINES {
        let is_whole = match next_line(&mut *input, &mut line) {
            Ok(true) => true,
            Ok(false) => break,
            Err(cause) if cause.kind() == ErrorKind::InvalidData && line.len() == LONGEST_LINE => false,
            Err(cause) => return Err(of_head(cause)),
        };
        if line.is_empty() {
            continue;
        }
        if let Some(format) = format_of_line(&line) {
            return Ok(format);
        }
        if is_empty && is_document(path) {
            return Ok(Format::Document);
        }
        is_empty = false;
        if !is_whole {
            break;
        }
    }
    if is_empty {
        Err(Unplayable::Damaged("is empty: nothing to replay".to_owned()))
    } else {
        Err(Unplayable::Foreign(format!("isn't a recording; {FORMS}")))
    }
}

fn is_document(path: &Path) -> bool {
    unpacked(path)
        .is_ok_and(|mut input| Elements::default().next(&mut *input, &mut Vec::new()).unwrap_or(false))
}

fn format_of_line(line: &[u8]) -> Option<Format> {
    #[derive(Deserialize)]
    struct Keys {
        recv_ms: Option<IgnoredAny>,
        received_ms: Option<IgnoredAny>,
        event: Option<IgnoredAny>,
        frame: Option<IgnoredAny>,
        recv_ts_ns: Option<IgnoredAny>,
        raw: Option<IgnoredAny>,
        event_type: Option<IgnoredAny>,
        payload_json: Option<IgnoredAny>,
        frames: Option<IgnoredAny>,
        #[serde(rename = "type")]
        kind: Option<IgnoredAny>,
        msg: Option<IgnoredAny>,
    }
    if !line.starts_with(b"{") {
        return None;
    }
    let keys: Keys = serde_json::from_slice(line).ok()?;
    if keys.frames.is_some() {
        Some(Format::Document)
    } else if keys.recv_ms.or(keys.received_ms).and(keys.event.or(keys.frame)).is_some() {
        Some(Format::Enveloped)
    } else if keys.recv_ts_ns.and(keys.raw).is_some() {
        Some(Format::Quoted)
    } else if keys.event_type.and(keys.payload_json).is_some() {
        Some(Format::ByType)
    } else {
        keys.kind.and(keys.msg).map(|_| Format::Verbatim)
    }
}

/// The first time that a file of verbatim frames tells.
fn first_time(path: &Path) -> Result<i64, Unplayable> {
    let mut input = unpacked(path).map_err(of_head)?;
    let mut line = Vec::new();
    for _ in 0..UNTIMED_LINES {
        match next_line(&mut *input, &mut line) {
            Ok(true) => {}
            Ok(false) => break,
            Err(cause) => return Err(of_head(cause)),
        }
        if let Some(nanos) = verbatim::time(&line).filter(|nanos| PLAUSIBLE_NANOS.contains(nanos)) {
            return Ok(nanos);
        }
    }
    Err(Unplayable::Damaged(format!(
        "none of its frames (of the first {UNTIMED_LINES}) has a ts_ms, so there is no telling when to play them; \
         record the receive time with each frame"
    )))
}

/// Why the head of a file can't be read.
fn of_head(cause: io::Error) -> Unplayable {
    if is_damage(&cause) {
        Unplayable::Damaged(format!("breaks off before its first whole frame ({cause})"))
    } else {
        Unplayable::Io(cause)
    }
}

/// Whether reading failed for what the file holds: a cut or damaged archive, or a line without end.
fn is_damage(cause: &io::Error) -> bool {
    matches!(cause.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput)
}

/// Opens a file, through the decompressor if it starts with gzip's two bytes.
fn unpacked(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    let mut packed = BufReader::with_capacity(BUFFER, File::open(path)?);
    if packed.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        Ok(Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(packed))))
    } else {
        Ok(Box::new(packed))
    }
}

/// Reads a line into `line`, without the whitespace around it. Returns whether there was one.
#[inline]
fn next_line(mut input: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let length = Read::take(&mut input, LONGEST_LINE as u64).read_until(b'\n', line)?;
    if length == LONGEST_LINE && !line.ends_with(b"\n") {
        return Err(io::Error::new(ErrorKind::InvalidData, "a line is longer than 1 MiB"));
    }
    line.truncate(line.trim_ascii_end().len());
    if line.first().is_some_and(u8::is_ascii_whitespace) {
        let indent = line.len() - line.trim_ascii_start().len();
        line.drain(..indent);
    }
    Ok(length > 0)
}

/// The whole number at the start of `text` and how many bytes it takes. `None` where there is none or it is too large.
#[inline]
pub(super) fn digits(text: &[u8]) -> Option<(i64, usize)> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=19).contains(&length) {
        return None;
    }
    let number = text[..length]
        .iter()
        .try_fold(0_i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(digit - b'0')))?;
    Some((number, length))
}

/// Milliseconds as nanoseconds.
pub(super) fn nanos_of_millis(millis: i64) -> Result<i64, Problem> {
    let too_far = || format!("its time, {millis} ms since 1970, isn't between 2000 and 2100").into();
    millis.checked_mul(NANOS_PER_MILLI).ok_or_else(too_far)
}
