//! `kalshi-bot journal verify`: every line, and whether they can all be true.

use super::{disk, unread};
use crate::cli::Format;
use crate::cli::journal::VerifyArguments;
use crate::exit::{ExitCode, Failure};
use crate::figures::{counted, grouped, moment};
use crate::listing;
use crate::output::Output;
use kalshi_bot::journal::verify::{Contradiction, contradictions};
use kalshi_bot::journal::{self, Contents, Disk, FolderDisk, JournalError, Segment};
use kalshi_bot::units::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;

/// The document of `journal verify`.
#[derive(Debug, Serialize)]
struct Document {
    journal: String,
    sound: bool,
    entries: u64,
    last_seq: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    segments: Vec<Part>,
    torn: Option<TornEnd>,
    faults: Vec<Fault>,
}

#[derive(Debug, Serialize)]
struct Part {
    file: String,
    entries: u64,
    bytes: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct TornEnd {
    file: String,
    byte: u64,
    bytes: u64,
}

#[derive(Debug, Serialize)]
struct Fault {
    file: String,
    line: u64,
    byte: u64,
    what: String,
    mend: &'static str,
}

/// What a person does about entries that contradict each other.
const LOOK: &str =
    "look at it with `kalshi-bot journal show`, compare the account with `kalshi-bot reconcile`";

/// Checks the journal. Nothing is changed.
pub(super) fn run(arguments: &VerifyArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let disk = disk(&arguments.account)?;
    let document = match journal::read(&disk) {
        Ok(contents) => judge(&disk, &contents),
        Err(JournalError::Damaged { file, line, byte, problem, mend }) => Document {
            faults: vec![Fault { file, line, byte, what: problem, mend }],
            sound: false,
            ..judge(&disk, &Contents::default())
        },
        Err(error) => return Err(unread(&error)),
    };
    match arguments.output {
        Format::Table => output.print(table(&document)),
        Format::Json => output.print(listing::json(&document)?),
    }
    Ok(if document.sound { ExitCode::Done } else { ExitCode::Drift })
}

fn judge(disk: &FolderDisk, contents: &Contents) -> Document {
    let segments = &contents.segments;
    let faults: Vec<Fault> = contradictions(contents).iter().map(|found| fault(disk, found)).collect();
    Document {
        journal: disk.place(),
        sound: faults.is_empty(),
        entries: segments.iter().map(|segment| segment.entries).sum(),
        last_seq: contents.last(),
        first: segments.iter().find_map(|segment| segment.first),
        last: segments.iter().rev().find_map(|segment| segment.last),
        segments: segments.iter().map(part).collect(),
        torn: contents.torn.as_ref().map(|torn| TornEnd {
            file: journal::segment_name(torn.segment),
            byte: torn.byte,
            bytes: torn.bytes,
        }),
        faults,
    }
}

fn part(segment: &Segment) -> Part {
    let &Segment { number, bytes, entries, first, last, .. } = segment;
    Part { file: journal::segment_name(number), entries, bytes, first, last }
}

fn fault(disk: &FolderDisk, found: &Contradiction) -> Fault {
    let file = format!("{}/{}", disk.place(), journal::segment_name(found.place.segment));
    let what = format!("entry {}: {}", found.seq, found.what);
    Fault { file, line: found.place.line, byte: found.place.byte, what, mend: LOOK }
}

fn table(document: &Document) -> String {
    let mut text = String::new();
    if document.segments.is_empty() && document.sound {
        return format!("There is no journal in {} yet: the first live run begins it.", document.journal);
    }
    let span = |first: Option<Timestamp>, last: Option<Timestamp>| match (first, last) {
        (Some(first), Some(last)) => format!(", {} to {}", moment(first), moment(last)),
        _ => String::new(),
    };
    for part in &document.segments {
        let Part { file, entries, bytes, first, last } = part;
        let entries = counted_entries(*entries);
        let _ = writeln!(text, "{file}: {entries}, {} bytes{}", grouped(*bytes), span(*first, *last));
    }
    if let Some(TornEnd { file, byte, bytes }) = &document.torn {
        let bytes = counted(*bytes, "byte");
        let _ = writeln!(
            text,
            "{file}: {bytes} from byte {byte} on are no whole line: a crash or a full disk tore them, or they are being written"
        );
    }
    for Fault { file, line, byte, what, mend } in &document.faults {
        let _ = writeln!(text, "{file}, line {line}, byte {byte}: {what}\n  to mend it, {mend}");
    }
    let entries = counted_entries(document.entries);
    let verdict = match document.faults.len() as u64 {
        0 => "sound".to_owned(),
        faults => counted(faults, "fault"),
    };
    let _ = write!(text, "{entries}{}: {verdict}.", span(document.first, document.last));
    text
}

fn counted_entries(entries: u64) -> String {
    if entries == 1 { "1 entry".to_owned() } else { format!("{} entries", grouped(entries)) }
}
