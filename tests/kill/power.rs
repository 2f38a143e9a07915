//! A power loss: of what was written and not synced, any part at the end may be gone. One function a kind of file; a kind
//! that isn't named here is synced before anybody relies on it, or nobody relies on it.

use super::chance::Chance;
use kalshi_bot::journal::{self, Entry, FolderDisk, segment_name};
use kalshi_bot::units::Timestamp;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bytes that tell a file from the one that had its name before.
const HEAD: usize = 32;
/// Bytes before the first frame of a write-ahead log, and before the page of each.
const LOG_HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;
/// Where the log's header names the size of a page, and the index the frames that a checkpoint may have copied.
const PAGE_SIZE_AT: usize = 8;
const COPIED_AT: usize = 128;

/// What was written to the journal longer ago is on the disk: a sync in the background begins at most 50 ms after the one
/// before it, and takes its time.
const UNSYNCED: Duration = Duration::from_millis(100);

/// Bytes that are gone.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lost {
    pub(super) store: u64,
    pub(super) journal: u64,
}

/// What is on the disk for good: what one power loss has left the next one can't take.
#[derive(Debug, Default)]
pub(super) struct Power {
    /// By file, how it begins and how much of it was left.
    left: BTreeMap<PathBuf, (Vec<u8>, u64)>,
}

impl Power {
    /// Cuts the files of a state folder back, of a bot that was killed then.
    pub(super) fn fail(&mut self, folder: &Path, killed: Timestamp, chance: &mut Chance) -> Lost {
        let mut lost = Lost::default();
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.ends_with(".db-wal") {
                lost.store += self.cut_log(&path, chance);
            } else if name == journal::FOLDER {
                lost.journal += self.cut_journal(&path, killed, chance);
            }
        }
        lost
    }

    /// Keeps at least so much of a file, and what an earlier power loss left of it; returns how much.
    fn cut(&mut self, path: &Path, least: u64, chance: &mut Chance) -> (u64, u64) {
        let bytes = std::fs::read(path).expect("it is there");
        let length = u64::try_from(bytes.len()).expect("a file's length");
        // A log that was begun anew has other salts in its header.
        let head = bytes[..bytes.len().min(HEAD)].to_vec();
        let left =
            self.left.get(path).filter(|(before, _)| head.starts_with(before)).map_or(0, |(_, left)| *left);
        let kept = chance.between(least.max(left).min(length), length);
        self.left.insert(path.to_owned(), (head[..head.len().min(as_index(kept))].to_vec(), kept));
        cut(path, kept);
        (kept, length)
    }

    /// Of the journal the end of the last segment is synced by a thread of its own. Any part of it may be gone, or be there by
    /// its length alone and read as zeros.
    fn cut_journal(&mut self, folder: &Path, killed: Timestamp, chance: &mut Chance) -> u64 {
        let contents = journal::read(&FolderDisk::at(folder)).expect("a kill leaves a sound journal");
        let Some(last) = contents.segments.last() else { return 0 };
        let path = folder.join(segment_name(last.number));
        let entries = contents.entries.iter().filter(|numbered| numbered.place.segment == last.number);
        let unsynced = entries.rev().take_while(|numbered| may_be_lost(&numbered.entry, killed));
        // What the kill itself tore was not synced either.
        let least = unsynced.last().map_or(last.bytes, |first| first.place.byte);
        let (kept, length) = self.cut(&path, least, chance);
        if chance.percent(25) {
            cut(&path, length);
        }
        length - kept
    }

    /// The database's write-ahead log is synced when a checkpoint begins. Frames that were copied by one are on the disk in
    /// both files; of those after them any suffix may be missing, and the last one may be torn. The index beside it lives in
    /// memory alone.
    fn cut_log(&mut self, log: &Path, chance: &mut Chance) -> u64 {
        let index = log.with_extension("db-shm");
        let least = synced(log, &index);
        let _ = std::fs::remove_file(&index);
        let (kept, length) = self.cut(log, least, chance);
        length - kept
    }
}

/// Whether an entry may not have been synced. A run's beginning and end are waited for, as is the start of a segment.
fn may_be_lost(entry: &Entry<'_>, killed: Timestamp) -> bool {
    let is_waited_for = matches!(
        entry,
        Entry::Snapshot(_)
            | Entry::RunStarted(_)
            | Entry::Reconciled(_)
            | Entry::Adopted(_)
            | Entry::RunEnded(_)
    );
    !is_waited_for && entry.time().is_some_and(|time| time + UNSYNCED > killed)
}

/// Bytes of the log that a checkpoint has made sure of.
fn synced(log: &Path, index: &Path) -> u64 {
    let word = |bytes: &[u8], at: usize| -> Option<[u8; 4]> { bytes.get(at..at + 4)?.try_into().ok() };
    let header = std::fs::read(log).unwrap_or_default();
    let shared = std::fs::read(index).unwrap_or_default();
    let page = word(&header, PAGE_SIZE_AT).map_or(0, u32::from_be_bytes);
    match word(&shared, COPIED_AT).map_or(0, u32::from_ne_bytes) {
        0 => 0,
        copied => LOG_HEADER + u64::from(copied) * (FRAME_HEADER + u64::from(page)),
    }
}

fn cut(path: &Path, length: u64) {
    let file = OpenOptions::new().write(true).open(path).expect("it is there");
    file.set_len(length).expect("it can be cut");
}

fn as_index(length: u64) -> usize {
    usize::try_from(length).expect("a file's length")
}
