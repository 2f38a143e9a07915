//! Recordings with faults are played as far as they make sense, and what was left out is counted and said.

use crate::program::{Said, bot, list, said, text};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::fs;
use std::io::Write;

/// 2026-08-05T11:50:00Z, ten minutes before the market closes.
const START: i64 = 1_785_930_600_000;
const MARKET: &str = "KXGOLD15M-26AUG050800-00";

/// A line with the frame, received so many milliseconds after the start.
fn received(millis: i64, frame: &str) -> String {
    format!("{{\"recv_ms\":{},\"event\":{frame}}}\n", START + millis)
}

fn snapshot(number: u64) -> String {
    format!(
        r#"{{"type":"orderbook_snapshot","sid":1,"seq":{number},"msg":{{"market_ticker":"{MARKET}","yes_dollars_fp":[["0.4000","100.00"]],"no_dollars_fp":[["0.5000","100.00"]]}}}}"#
    )
}

fn delta(number: u64) -> String {
    format!(
        r#"{{"type":"orderbook_delta","sid":1,"seq":{number},"msg":{{"market_ticker":"{MARKET}","price_dollars":"0.4100","delta_fp":"10.00","side":"yes","ts_ms":{START}}}}}"#
    )
}

/// Replays a file with this content; it must be played to its end.
fn replayed(content: impl AsRef<[u8]>) -> (Said, Value) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("faulty.ndjson");
    fs::write(&path, content).expect("the file is written");
    let said = said(bot(&["paper", "--speed", "max", "--output", "json", "--replay"]).arg(path));
    assert_eq!(said.code, Some(0), "{said:#?}");
    let document = said.document();
    (said, document)
}

/// The counts of the frames that aren't zero.
fn counts(document: &Value) -> Vec<(&str, u64)> {
    let frames = document["frames"].as_object().expect("an object");
    let counts = frames.iter().map(|(name, count)| (name.as_str(), count.as_u64().expect("a count")));
    let mut counts: Vec<_> = counts.filter(|(_, count)| *count > 0).collect();
    counts.sort_unstable();
    counts
}

#[test]
fn a_sound_recording_is_played_without_a_word() {
    let (said, document) = replayed(received(0, &snapshot(1)) + &received(5, &delta(2)));
    assert_eq!(counts(&document), [("applied", 2), ("decoded", 2)]);
    assert_eq!(said.stderr, "");
    assert_eq!(text(&document["run"]["started"]), "2026-08-05T11:50:00.000000Z");
    assert_eq!(text(&document["run"]["ended"]), "2026-08-05T11:50:00.005000Z");
    assert!(list(&document["fills"]).is_empty());
}

#[test]
fn a_truncated_archive_is_played_up_to_where_it_breaks_off() {
    let deltas = (1..5_000_u64).map(|at| received(i64::try_from(at).expect("small"), &delta(at + 1)));
    let lines = received(0, &snapshot(1)) + &deltas.collect::<String>();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(lines.as_bytes()).expect("a Vec takes every write");
    let packed = packed.finish().expect("a Vec takes every write");
    let (said, document) = replayed(&packed[..packed.len() / 2]);
    let applied = document["frames"]["applied"].as_u64().expect("a count");
    assert!((1_000..5_000).contains(&applied), "{applied} frames of 5000");
    said.assert_told(&["the file breaks off here", "it was played up to this point"]);
}

#[test]
fn a_line_that_is_no_json_is_left_out_and_named() {
    let lines = received(0, &snapshot(1)) + "this is no JSON\n" + &received(5, &delta(2)) + "{\"recv_ms\":";
    let (said, document) = replayed(lines);
    assert_eq!(counts(&document), [("applied", 2), ("decoded", 2)]);
    said.assert_told(&["faulty.ndjson:2: ", "faulty.ndjson:4: ", "left out", "\"lines\":2"]);
}

#[test]
fn frames_with_numbers_that_make_no_sense_are_counted_as_malformed() {
    let odd = [
        delta(2).replace("\"10.00\"", "NaN"),
        delta(2).replace("\"10.00\"", "\"NaN\""),
        delta(2).replace("\"10.00\"", "1e999"),
        delta(2).replace("\"10.00\"", "\"99999999999999999999999.00\""),
        delta(2).replace("\"10.00\"", "\"10.001\""),
        delta(2).replace("0.4100", "7.0000"),
        delta(2).replace("0.4100", "-0.4100"),
        snapshot(2).replace("0.5000", "Infinity"),
        delta(99_999).replace("99999", "99999999999999999999999999"),
        "[]".to_owned(),
    ];
    let odd_lines: String = odd.iter().map(|frame| received(1, frame)).collect();
    let (said, document) = replayed(received(0, &snapshot(1)) + &odd_lines + &received(2, &delta(3)));
    assert_eq!(counts(&document), [("applied", 2), ("decoded", 2), ("malformed", odd.len() as u64)]);
    said.assert_told(&["a frame made no sense; it is counted and left out"]);
}

#[test]
fn a_level_that_cannot_exist_breaks_its_book_and_nothing_is_traded_on_it() {
    let (_, document) =
        replayed(received(0, &snapshot(1)) + &received(1, &delta(2).replace("10.00", "-10.00")));
    assert_eq!(counts(&document), [("applied", 1), ("broken_books", 1), ("decoded", 2), ("resyncs", 1)]);
    let crossed = delta(2).replace("0.4100", "0.5500");
    let (_, document) = replayed(received(0, &snapshot(1)) + &received(1, &crossed));
    assert_eq!(counts(&document), [("applied", 1), ("broken_books", 1), ("decoded", 2), ("resyncs", 1)]);
}

#[test]
fn frames_of_markets_that_are_not_listed_are_counted() {
    // A ticker with an escape isn't found without decoding the frame, so that no listing goes before it.
    let unlisted = delta(2).replace("\"KXGOLD15M", "\"\\u004bXSILVER15M");
    let (_, document) =
        replayed(received(0, &snapshot(1)) + &received(1, &unlisted) + &received(2, &delta(3)));
    assert_eq!(counts(&document), [("applied", 2), ("decoded", 3), ("unknown_tickers", 1)]);
}

#[test]
fn a_delta_before_its_snapshot_is_counted_and_not_applied() {
    let (_, document) =
        replayed(received(0, &delta(1)) + &received(1, &snapshot(2)) + &received(2, &delta(3)));
    assert_eq!(counts(&document), [("applied", 2), ("before_snapshot", 1), ("decoded", 3)]);
}

#[test]
fn time_that_runs_backwards_stands_still_and_is_said() {
    let (said, document) =
        replayed(received(1_000, &snapshot(1)) + &received(0, &delta(2)) + &received(2_000, &delta(3)));
    assert_eq!(counts(&document), [("applied", 3), ("decoded", 3)]);
    assert_eq!(text(&document["run"]["started"]), "2026-08-05T11:50:01.000000Z");
    assert_eq!(text(&document["run"]["ended"]), "2026-08-05T11:50:02.000000Z");
    said.assert_told(&[
        "faulty.ndjson:2: time runs backwards by 1000000 µs",
        "the clock stood still",
        "\"times\":1",
    ]);
}
