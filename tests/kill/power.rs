//! A power loss: of what was written and not synced, any part at the end may be gone. One function a kind of file; a kind
//! that isn't named here is synced before anybody relies on it, or nobody relies on it.

use super::chance::Chance;
use std::fs::OpenOptions;
use std::path::Path;

/// Bytes before the first frame of a write-ahead log, and before the page of each.
const LOG_HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;
/// Where the log's header names the size of a page, and the index the frames that a checkpoint may have copied.
const PAGE_SIZE_AT: usize = 8;
const COPIED_AT: usize = 128;

/// What a run's part of the journal begins with.
const BEGINNING: [&str; 4] = ["snapshot", "run_started", "reconciled", "adopted"];
/// As much of a segment as may wait for its sync.
const UNSYNCED: usize = 8 << 10;

/// Cuts the files of a state folder back; returns how many bytes are gone.
pub(super) fn fail(folder: &Path, chance: &mut Chance) -> u64 {
    let mut lost = 0;
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.ends_with(".db-wal") {
            lost += cut_log(&path, chance);
        } else if name == "journal" {
            lost += cut_journal(&path, chance);
        }
    }
    lost
}

/// Of the journal the last segment is being written, and is synced a moment later by a thread of its own. What a run
/// begins with is synced before anything is sent.
fn cut_journal(folder: &Path, chance: &mut Chance) -> u64 {
    let segments = std::fs::read_dir(folder).expect("the journal is there");
    let segments = segments.map(|entry| entry.expect("an entry").path());
    let last = segments.filter(|path| path.extension().is_some_and(|ending| ending == "journal")).max();
    let Some(last) = last else { return 0 };
    let text = std::fs::read(&last).expect("a segment");
    let is_beginning = |line: &&[u8]| {
        let line = String::from_utf8_lossy(line);
        BEGINNING.iter().any(|kind| line.contains(&format!("\"kind\":\"{kind}\"")))
    };
    let beginning: usize =
        text.split_inclusive(|byte| *byte == b'\n').take_while(is_beginning).map(<[u8]>::len).sum();
    let least = beginning.max(text.len().saturating_sub(UNSYNCED));
    let length = u64::try_from(text.len()).expect("a file's length");
    let kept = chance.between(u64::try_from(least).expect("no longer"), length);
    cut(&last, kept);
    length - kept
}

/// The database's write-ahead log is synced when a checkpoint begins. Frames that were copied by one are on the disk in
/// both files; of those after them any suffix may be missing, and the last one may be torn. The index beside it lives in
/// memory alone.
fn cut_log(log: &Path, chance: &mut Chance) -> u64 {
    let index = log.with_extension("db-shm");
    let length = std::fs::metadata(log).expect("it is there").len();
    let least = synced(log, &index).min(length);
    let _ = std::fs::remove_file(&index);
    let kept = chance.between(least, length);
    cut(log, kept);
    length - kept
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
