//! Recordings of the real exchange: every frame is read, and the books come out as REST tells them.

use super::*;
use crate::engine::Event;
use crate::gateway::inbound::Inbound;
use crate::market::{Book, Side};
use flate2::read::MultiGzDecoder;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

/// A folder of recordings, or `None` with a word about it where they aren't at hand.
fn folder(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")).join(name);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no recordings at {}", path.display());
    None
}

fn lines(path: &PathBuf) -> impl Iterator<Item = String> {
    let file = File::open(path).expect("a readable recording");
    BufReader::new(file).lines().map(|line| line.expect("text"))
}

/// Reads a frame and counts its type; fails the test when it can't be read.
fn count(decoder: &mut Decoder, counts: &mut BTreeMap<String, usize>, frame: &[u8]) {
    let kind = match decoder.decode(frame).unwrap_or_else(|error| panic!("{error}")).message {
        Message::Unknown { kind } => panic!("a type without a meaning: {kind}"),
        message => format!("{message:?}"),
    };
    let word = kind.split(['(', ' ']).next().unwrap_or_default();
    *counts.entry(word.to_owned()).or_default() += 1;
}

#[test]
fn every_verbatim_frame_is_read() {
    let Some(folder) = folder("ws/verbatim") else { return };
    let (mut decoder, mut counts) = (Decoder::default(), BTreeMap::new());
    for line in lines(&folder.join("demo-session-2026-07-01.jsonl")).filter(|line| !line.is_empty()) {
        count(&mut decoder, &mut counts, line.as_bytes());
    }
    for line in lines(&folder.join("kxbtc-2026-04-18.jsonl")) {
        let wrapped: Value = serde_json::from_str(&line).expect("JSON");
        count(&mut decoder, &mut counts, wrapped["raw"].as_str().expect("a frame").as_bytes());
    }
    let text = std::fs::read_to_string(folder.join("mlb-2026-08-07.json")).expect("readable");
    let session: HashMap<String, &RawValue> = serde_json::from_str(&text).expect("JSON");
    let frames: Vec<HashMap<String, &RawValue>> =
        serde_json::from_str(session["frames"].get()).expect("frames");
    for frame in frames {
        count(&mut decoder, &mut counts, frame["frame"].get().as_bytes());
    }
    assert!(counts["Delta"] > 2_885 + 245, "{counts:?}");
    assert_eq!((counts["Fill"], counts["Error"]), (2, 3), "{counts:?}");
}

#[test]
fn every_recorded_frame_of_the_gold_markets_is_read_and_applies() {
    let Some(folder) = folder("ws/gold15m-2026-08") else { return };
    let mut files = 0;
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "gz") {
            continue;
        }
        let reader = BufReader::new(MultiGzDecoder::new(File::open(&path).expect("readable")));
        let (mut inbound, mut book, mut scanned, mut deltas) = (Inbound::new(false), Book::default(), 0, 0);
        for line in reader.lines().take(5_000) {
            let line = line.expect("text");
            let (_, event) = line.split_once("\"event\":").expect("a wrapped frame");
            let frame = event.strip_suffix('}').expect("the end of the wrapping").as_bytes();
            scanned += usize::from(scan::delta(frame).is_some());
            let incoming =
                inbound.translate(frame).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            match incoming.event() {
                Some(Event::Snapshot { bids, asks, .. }) => book.replace(bids, asks).expect("a sound book"),
                Some(Event::Delta { side, price, change, .. }) => {
                    deltas += 1;
                    book.apply(side, price, change).expect("a sound change");
                }
                Some(Event::Print { .. }) => {}
                other => panic!("an event these recordings don't hold: {other:?}"),
            }
        }
        assert!(deltas > 3_000, "{}", path.display());
        assert_eq!(scanned, deltas, "every recorded delta has the usual form");
        files += 1;
    }
    assert_eq!(files, 9);
}

/// A side of a REST book in YES prices.
fn rest_side(book: &Value, name: &str, side: Side) -> Vec<(Price, Quantity)> {
    let text = |value: &Value| value.as_str().expect("a decimal string").to_owned();
    let mut levels: Vec<_> = book["orderbook_fp"][name]
        .as_array()
        .expect("levels")
        .iter()
        .map(|level| (side.outcome().yes_price(price(&text(&level[0]))), quantity(&text(&level[1]))))
        .collect();
    levels.sort();
    levels
}

fn book_side(book: &Book, side: Side) -> Vec<(Price, Quantity)> {
    let mut levels: Vec<_> = book.levels(side).map(|level| (level.price, level.size)).collect();
    levels.sort();
    levels
}

/// The REST bodies were asked for while the session began; each must be the book of its market at some moment of it.
#[test]
fn the_demo_session_passes_through_the_books_that_rest_told() {
    let Some(folder) = folder("ws/verbatim") else { return };
    let mut rest: HashMap<String, (Vec<_>, Vec<_>)> =
        lines(&folder.join("demo-session-2026-07-01.rest.jsonl"))
            .filter_map(|line| {
                let call: Value = serde_json::from_str(&line).expect("JSON");
                let url = call["url"].as_str().expect("an address");
                let ticker = url.strip_suffix("/orderbook")?.rsplit('/').next()?.to_owned();
                let body: Value =
                    serde_json::from_str(call["response_body"].as_str().expect("a body")).expect("JSON");
                let sides =
                    (rest_side(&body, "yes_dollars", Side::Bid), rest_side(&body, "no_dollars", Side::Ask));
                Some((ticker, sides))
            })
            .collect();
    assert_eq!(rest.len(), 5);
    let (mut inbound, mut books, mut expected) = (Inbound::new(false), HashMap::<String, Book>::new(), None);
    for line in lines(&folder.join("demo-session-2026-07-01.jsonl")).filter(|line| !line.is_empty()) {
        let (ticker, stamp) = match inbound.translate(line.as_bytes()).expect("readable").event() {
            Some(Event::Snapshot { ticker, stamp, bids, asks }) => {
                let book = books.entry(ticker.to_owned()).or_default();
                book.replace(bids, asks).expect("a sound book");
                (Some(ticker), stamp)
            }
            Some(Event::Delta { ticker, stamp, side, price, change }) => {
                let book = books.get_mut(ticker).expect("a snapshot came before");
                book.apply(side, price, change).expect("a sound change");
                (Some(ticker), stamp)
            }
            Some(Event::Sequence(stamp)) => (None, stamp),
            None => continue,
            other => panic!("an event this session doesn't hold: {other:?}"),
        };
        let seq = stamp.seq.expect("book frames are numbered");
        assert_eq!(seq, expected.unwrap_or(seq), "no hole in the subscription's numbers");
        expected = Some(seq + 1);
        if let Some(ticker) = ticker {
            let book = &books[ticker];
            rest.retain(|asked, (bids, asks)| {
                asked != ticker || *bids != book_side(book, Side::Bid) || *asks != book_side(book, Side::Ask)
            });
        }
    }
    assert!(rest.is_empty(), "books never seen: {:?}", rest.keys());
}
