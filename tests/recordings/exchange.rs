//! Recordings of the exchange itself, counted against an independent reading of the same files.

use crate::made::open;
use kalshi_bot::engine::Event;
use kalshi_bot::fees::FeeKind;
use kalshi_bot::market::{MarketSpec, Resolution};
use kalshi_bot::replay::source::{Item, Source, SourceFaults};
use kalshi_bot::units::{Quantity, Timestamp};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The folder with recordings of the exchange, or `None`, saying so, where it is absent.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn recorded(folder: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/ws")).join(folder);
    let there = path.exists();
    if !there {
        println!("skipped: {} is absent", path.display());
    }
    there.then_some(path)
}

/// Lines that aren't blank, counted without the code under test.
fn lines_in(path: &Path) -> usize {
    let mut text = fs::read(path).expect("recorded file");
    if text.starts_with(&[0x1f, 0x8b]) {
        let packed = std::mem::take(&mut text);
        flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut text).expect("gzip");
    }
    text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count()
}

/// What a recording brought, counted instead of kept.
#[derive(Debug, Default)]
struct Counted {
    files: Vec<PathBuf>,
    frames: usize,
    connected: usize,
    listed: Vec<MarketSpec>,
    settled: BTreeMap<String, (Resolution, Timestamp)>,
    numbers_missed: usize,
    faults: SourceFaults,
}

fn count(path: &Path) -> Counted {
    let mut recording = open(&[path]).expect("a recording");
    let files = recording.files().map(Path::to_path_buf).collect();
    let mut counted = Counted { files, ..Counted::default() };
    let (mut last, mut number) = (Timestamp::EPOCH, 0_u64);
    while let Some((time, item)) = recording.next().expect("the source goes on") {
        assert!(time >= last, "{time} comes after {last}");
        last = time;
        match item {
            Item::Frame(frame) => {
                counted.frames += 1;
                let text = std::str::from_utf8(frame).expect("UTF-8");
                assert!(text.starts_with(r#"{"type":""#) && text.ends_with('}'), "{text}");
                if let Some((_, rest)) = text.split_once(r#""seq":"#) {
                    let found = rest.split(',').next().and_then(|text| text.parse().ok()).expect("a number");
                    counted.numbers_missed += usize::from(found != number + 1);
                    number = found;
                }
            }
            Item::Event(Event::Connected) => {
                counted.connected += 1;
                number = 0;
            }
            Item::Event(Event::Listed(spec)) => counted.listed.push(spec.clone()),
            Item::Event(Event::Settled { ticker, resolution }) => {
                counted.settled.insert(ticker.to_owned(), (resolution, time));
            }
            Item::Event(other) => panic!("a recording brought {other:?}"),
        }
    }
    counted.faults = recording.faults();
    counted
}

#[test]
fn all_nine_gold_markets_are_replayed_and_settle_officially() {
    let Some(folder) = recorded("gold15m-2026-08") else { return };
    let counted = count(&folder);
    assert_eq!(counted.files.len(), 9);
    assert_eq!(counted.frames, counted.files.iter().map(|file| lines_in(file)).sum::<usize>());
    assert_eq!((counted.connected, counted.listed.len(), counted.settled.len()), (9, 9, 9));
    assert_eq!(counted.faults, SourceFaults::default());
    for spec in &counted.listed {
        let body = fs::read(folder.join(format!("{}.event.json", spec.event))).expect("body");
        let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        let market = &body["response"]["markets"][0];
        let (resolution, time) = counted.settled[&spec.ticker];
        assert_eq!(Some(resolution.as_str()), market["result"].as_str());
        assert_eq!(Some(time), market["settlement_ts"].as_str().map(|time| time.parse().expect("a time")));
        assert_eq!((spec.category.as_str(), spec.volume), ("Commodities", Quantity::ZERO));
        assert_eq!((spec.fees.kind, spec.fees.multiplier_ppm), (FeeKind::Quadratic, 1_000_000));
    }
}

#[test]
fn the_bitcoin_sessions_are_replayed_without_a_hole() {
    let Some(folder) = recorded("btc15m-2026-05") else { return };
    let counted = count(&folder);
    let frame_files = counted.files.iter().filter(|file| {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        ["orderbook_snapshot.", "orderbook_delta.", "ticker."].iter().any(|kind| name.starts_with(kind))
    });
    assert_eq!(counted.frames, frame_files.map(|file| lines_in(file)).sum::<usize>());
    assert_eq!((counted.connected, counted.listed.len(), counted.settled.len()), (7, 7, 7));
    assert_eq!(counted.numbers_missed, 0);
    assert_eq!(counted.faults, SourceFaults::default());
    let results = fs::read(folder.join("results.json")).expect("results");
    let results: BTreeMap<String, String> = serde_json::from_slice(&results).expect("JSON");
    for spec in &counted.listed {
        let (resolution, time) = counted.settled[&spec.ticker];
        assert_eq!(resolution.as_str(), results[&spec.ticker]);
        assert_eq!(time, spec.close);
        assert_eq!(spec.grid.ranges().len(), 3, "{}", spec.ticker);
    }
}

#[test]
fn the_verbatim_recordings_are_replayed_whole() {
    let Some(folder) = recorded("verbatim") else { return };
    let files = [
        ("demo-session-2026-07-01.jsonl", 2_898),
        ("kxbtc-2026-04-18.jsonl", 0),
        ("mlb-2026-08-07.json", 269),
    ];
    for (name, frames) in files {
        let path = folder.join(name);
        let counted = count(&path);
        assert_eq!(counted.frames, if frames == 0 { lines_in(&path) } else { frames }, "{name}");
        assert_eq!(counted.connected, 1, "{name}");
        assert!(counted.settled.is_empty(), "{name}");
        assert_eq!(counted.faults, SourceFaults::default(), "{name}");
        assert!(!counted.listed.is_empty(), "{name}");
        assert!(counted.listed.iter().all(|spec| spec.category == "Unknown"), "{name}");
    }
}

#[test]
fn one_folder_above_all_of_them_holds_all_of_them() {
    let Some(folder) = recorded("gold15m-2026-08").and_then(|folder| folder.parent().map(Path::to_path_buf))
    else {
        return;
    };
    let recording = open(&[&folder]).expect("a recording");
    // Nine gold files, three sessions of five files that play something, three verbatim ones.
    assert_eq!(recording.files().count(), 9 + 15 + 3);
    assert_eq!(recording.faults(), SourceFaults::default());
    assert_eq!(recording.start().to_string(), "2026-04-18T05:34:13.460692Z");
}
