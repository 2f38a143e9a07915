//! Recordings: any bytes are refused or played to an end, with time that never runs backwards.

use flate2::Compression;
use flate2::write::GzEncoder;
use kalshi_bot::engine::Event;
use kalshi_bot::replay::recording::Recording;
use kalshi_bot::replay::source::{Item, Source};
use kalshi_bot::units::Timestamp;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use tempfile::TempDir;

/// Between two files of one folder.
const SEPARATOR: &[u8] = b"\n#file\n";
/// The names of a session's files.
const NAMES: [&str; 3] = ["orderbook_delta.ndjson", "orderbook_snapshot.ndjson", "ticker.ndjson"];

/// The first byte says how the rest lies on the disk: `f` one file, `z` the same packed, anything else a folder of up to
/// three files. Packed files can also be given as they are, with `f`.
pub fn recording(input: &[u8]) {
    let Some((kind, bytes)) = input.split_first() else { return };
    let folder = tempfile::tempdir().expect("a folder for some files");
    match kind {
        b'f' => write(&folder, "recording.jsonl", bytes),
        b'z' => {
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(bytes).expect("memory takes it");
            write(&folder, "recording.jsonl.gz", &packed.finish().expect("memory takes it"));
        }
        _ => {
            for (name, part) in NAMES.iter().zip(parts(bytes)) {
                write(&folder, name, part);
            }
        }
    }
    let path = [folder.path().to_path_buf()];
    assert_eq!(play(&path), play(&path), "the same files gave something else");
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) {
    std::fs::write(folder.path().join(name), bytes).expect("a file in an own folder");
}

fn parts(bytes: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(SEPARATOR.len()).position(|window| window == SEPARATOR) {
        parts.push(&rest[..at]);
        rest = &rest[at + SEPARATOR.len()..];
    }
    parts.push(rest);
    parts
}

/// Plays everything; all that came, in words.
fn play(paths: &[PathBuf]) -> String {
    let mut told = String::new();
    let mut recording = match Recording::open(paths) {
        Ok(recording) => recording,
        Err(error) => return error.to_string(),
    };
    let mut clock = Timestamp::from_micros(i64::MIN);
    loop {
        match recording.next() {
            Ok(Some((at, item))) => {
                assert!(at >= clock, "time ran backwards");
                clock = at;
                let _ = match item {
                    Item::Frame(frame) => writeln!(told, "{at:?} {}", String::from_utf8_lossy(frame)),
                    Item::Event(Event::Listed(spec)) => writeln!(told, "{at:?} listed {}", spec.ticker),
                    Item::Event(event) => writeln!(told, "{at:?} {event:?}"),
                };
            }
            Ok(None) => break,
            Err(error) => {
                let _ = writeln!(told, "{error}");
                break;
            }
        }
    }
    let faults = recording.faults();
    let _ = writeln!(told, "{faults:?}");
    told
}
