//! Small recordings of every form, made on the spot, and what playing them brings.

use flate2::Compression;
use flate2::write::GzEncoder;
use kalshi_bot::engine::Event;
use kalshi_bot::market::{MarketSpec, Resolution};
use kalshi_bot::replay::recording::Recording;
use kalshi_bot::replay::source::{Item, Source, SourceError, SourceFaults};
use kalshi_bot::units::Timestamp;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// 2026-08-05T12:00:00Z.
pub(crate) const NOON: i64 = 1_785_931_200_000;
/// A market that closes then.
pub(crate) const GOLD: &str = "KXGOLD15M-26AUG050800-00";

/// An item that outlives the recording's buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Brought {
    Frame(String),
    Connected,
    Listed(String),
    Settled(String, Resolution),
}

/// Everything a recording brought.
#[derive(Debug, Default)]
pub(crate) struct Played {
    pub(crate) items: Vec<(Timestamp, Brought)>,
    pub(crate) specs: Vec<MarketSpec>,
    pub(crate) faults: SourceFaults,
    pub(crate) contiguous: bool,
}

impl Played {
    pub(crate) fn frames(&self) -> Vec<&str> {
        self.items
            .iter()
            .filter_map(|(_, item)| match item {
                Brought::Frame(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }
}

fn own(item: &Item<'_>, specs: &mut Vec<MarketSpec>) -> Brought {
    match item {
        Item::Frame(bytes) => Brought::Frame(String::from_utf8_lossy(bytes).into_owned()),
        Item::Event(Event::Connected) => Brought::Connected,
        Item::Event(Event::Listed(spec)) => {
            specs.push((*spec).clone());
            Brought::Listed(spec.ticker.clone())
        }
        Item::Event(Event::Settled { ticker, resolution }) => {
            Brought::Settled((*ticker).to_owned(), *resolution)
        }
        Item::Event(other) => panic!("a recording brought {other:?}"),
    }
}

/// Plays to the end; times must not run backwards.
pub(crate) fn play(recording: &mut Recording) -> Played {
    let mut played = Played::default();
    while let Some((time, item)) = recording.next().expect("the source goes on") {
        let item = own(&item, &mut played.specs);
        played.items.push((time, item));
    }
    assert!(played.items.is_sorted_by_key(|(time, _)| *time), "times run backwards");
    played.faults = recording.faults();
    played.contiguous = recording.has_contiguous_sequence();
    played
}

pub(crate) fn open(paths: &[&Path]) -> Result<Recording, SourceError> {
    Recording::open(&paths.iter().map(|path| path.to_path_buf()).collect::<Vec<_>>())
}

pub(crate) fn play_all(paths: &[&Path]) -> Played {
    play(&mut open(paths).expect("there is something to play"))
}

pub(crate) fn refusal(paths: &[&Path]) -> String {
    open(paths).expect_err("there is nothing to play").to_string()
}

pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).expect("a Vec takes every write");
    packed.finish().expect("a Vec takes every write")
}

pub(crate) fn file(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("folder");
    fs::write(&path, content).expect("file");
    path
}

/// So many milliseconds after noon.
pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOON + millis)
}

pub(crate) fn delta(ticker: &str, number: u64) -> String {
    format!(
        r#"{{"type":"orderbook_delta","sid":1,"seq":{number},"msg":{{"market_ticker":"{ticker}","price_dollars":"0.4200","delta_fp":"10.00","side":"yes","ts_ms":{NOON}}}}}"#
    )
}

pub(crate) fn enveloped(millis: i64, frame: &str) -> String {
    format!("{{\"recv_ms\":{},\"event\":{frame}}}\n", NOON + millis)
}

pub(crate) fn quoted(millis: i64, frame: &str) -> String {
    let raw = serde_json::to_string(frame).expect("a string");
    format!("{{\"recv_ts_ns\": {}, \"raw\": {raw}}}\n", (NOON + millis) * 1_000_000)
}

pub(crate) fn by_type(kind: &str, millis: i64, number: &str, payload: &str) -> String {
    let nanos = (NOON + millis) * 1_000_000;
    format!(
        "{{\"channel\":\"x\",\"event_type\":\"{kind}\",\"local_recv_ns\":{nanos},\"payload_json\":{payload},\"sequence_number\":{number}}}\n"
    )
}

pub(crate) fn event_body(event: &str, result: &str) -> String {
    format!(
        r#"{{"response":{{"event":{{"event_ticker":"{event}","series_ticker":"KXGOLD15M","category":"Commodities","exchange_index":2}},
        "markets":[{{"ticker":"{event}-00","title":"Gold up?","open_time":"2026-08-05T11:45:00Z","close_time":"2026-08-05T12:00:00Z",
        "settlement_ts":"2026-08-05T12:00:04.5Z","result":"{result}","volume_fp":"23727.91",
        "price_ranges":[{{"start":"0.0000","end":"1.0000","step":"0.0100"}}]}}]}}}}"#
    )
}

/// A session by type: two connections, for one market each.
pub(crate) fn session(folder: &TempDir, name: &str) {
    let (first, second) = ("KXBTC15M-26AUG050800-00", "KXBTC15M-26AUG050815-15");
    let about = |ticker: &str, rest: &str| format!(r#"{{"market_ticker":"{ticker}",{rest}}}"#);
    let both = |kind: &str,
                (at, number, rest): (i64, &str, &str),
                (later, next, other): (i64, &str, &str)| {
        by_type(kind, at, number, &about(first, rest)) + &by_type(kind, later, next, &about(second, other))
    };
    let book = r#""yes_dollars_fp":[["0.0510","5.00"]]"#;
    let change = r#""price_dollars":"0.4200","delta_fp":"1.00","side":"no""#;
    let (close, next_close) =
        (r#""close_time":"2026-08-05T12:00:00Z""#, r#""close_time":"2026-08-05T12:15:00Z""#);
    let ack = r#"{"id":1,"msg":{"channel":"ticker","sid":1},"type":"subscribed"}"#;
    let parts: [(&str, String); 6] = [
        ("watch_market", both("watch_market", (-9, "null", close), (100, "null", next_close))),
        (
            "ws_connected",
            by_type("ws_connected", -8, "null", "{}") + &by_type("ws_connected", 101, "null", "{}"),
        ),
        ("ws_subscribed", by_type("ws_subscribed", -7, "null", ack)),
        ("orderbook_snapshot", both("orderbook_snapshot", (-5, "null", book), (102, "1", book))),
        ("orderbook_delta", both("orderbook_delta", (-5, "2", change), (103, "2", change))),
        ("ticker", by_type("ticker", -5, "null", &about(first, r#""volume_fp":"12.00""#))),
    ];
    for (kind, lines) in parts {
        file(folder, &format!("{name}/{kind}.ndjson.gz"), gzip(&lines));
    }
}
