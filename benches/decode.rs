//! What a delta costs: read alone, read and applied to its book, and the same through a `serde` enum tagged by
//! `type`, the straightforward way, for reference. Frames are encoded here; where recordings are at hand, they run
//! too.
//!
//! `cargo bench --bench decode`

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flate2::read::MultiGzDecoder;
use kalshi_bot::engine::Event;
use kalshi_bot::gateway::inbound::Inbound;
use kalshi_bot::kalshi::ws::{Decoder, Delta, OutcomeSide, Snapshot, encode};
use kalshi_bot::market::{Book, Level, Outcome};
use kalshi_bot::units::{Price, Quantity, Timestamp};
use serde::Deserialize;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::Path;

const TICKER: &str = "KXGOLD15M-26AUG050000-00";

/// The reference: every message a variant, every text owned, as one writes it first.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tagged {
    OrderbookSnapshot {
        sid: u32,
        seq: u64,
        msg: TaggedSnapshot,
    },
    OrderbookDelta {
        sid: u32,
        seq: u64,
        msg: TaggedDelta,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct TaggedSnapshot {
    #[serde(default)]
    yes_dollars_fp: Vec<(Price, Quantity)>,
    #[serde(default)]
    no_dollars_fp: Vec<(Price, Quantity)>,
}

#[derive(Deserialize)]
struct TaggedDelta {
    market_ticker: String,
    price_dollars: Price,
    delta_fp: Quantity,
    side: Outcome,
    ts_ms: Option<i64>,
}

/// A book and deltas near its touch that bring it back to where it began, so that they can run for ever.
fn generated() -> Vec<Vec<u8>> {
    let level = |cents: i64| (Price::from_raw(cents * 10_000), Quantity::from_contracts(100));
    let (yes, no) = ((1..40).map(level).collect::<Vec<_>>(), (1..55).map(level).collect::<Vec<_>>());
    let mut frames = vec![Vec::new()];
    encode::snapshot(&mut frames[0], 1, 2_146_528, &Snapshot { ticker: TICKER.into(), yes: &yes, no: &no });
    for step in 0..512_i64 {
        let (side, touch) = if step % 4 < 2 { (OutcomeSide::Yes, 39) } else { (OutcomeSide::No, 54) };
        let change = if step % 2 == 0 { 4_602 } else { -4_602 };
        let mut frame = Vec::new();
        let delta = Delta {
            ticker: TICKER.into(),
            price: Price::from_raw((touch - (step / 4) % 6) * 10_000),
            change: Quantity::from_raw(change),
            side,
            client_order_id: None,
            time: Some(Timestamp::from_micros(1_785_901_540_722_003 + step * 1_000)),
        };
        encode::delta(&mut frame, 1, 2_146_643 + step.unsigned_abs(), &delta);
        frames.push(frame);
    }
    frames
}

/// The frames of one recorded market, where the recordings are at hand.
fn recorded() -> Option<Vec<Vec<u8>>> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/data/ws/gold15m-2026-08/KXGOLD15M-26AUG050000-00.ndjson.gz"
    );
    let file = File::open(Path::new(path)).ok()?;
    let lines = BufReader::new(MultiGzDecoder::new(file)).lines().map_while(Result::ok);
    let frames = lines.filter_map(|line| {
        let (_, frame) = line.split_once("\"event\":")?;
        Some(frame.strip_suffix('}')?.as_bytes().to_vec())
    });
    Some(frames.collect())
}

fn apply(inbound: &mut Inbound, book: &mut Book, frame: &[u8]) {
    match inbound.translate(frame).expect("a sound frame").event() {
        Some(Event::Snapshot { bids, asks, .. }) => book.replace(bids, asks).expect("a sound book"),
        Some(Event::Delta { side, price, change, .. }) => {
            book.apply(side, price, change).expect("a sound change");
        }
        _ => {}
    }
}

fn apply_tagged(book: &mut Book, frame: &[u8]) {
    match serde_json::from_slice(frame).expect("a sound frame") {
        Tagged::OrderbookDelta { sid, seq, msg } => {
            black_box((sid, seq, msg.market_ticker, msg.ts_ms));
            let price = msg.side.yes_price(msg.price_dollars);
            book.apply(msg.side.buying_side(), price, msg.delta_fp).expect("a sound change");
        }
        Tagged::OrderbookSnapshot { sid, seq, msg } => {
            black_box((sid, seq));
            let levels = |side: &[(Price, Quantity)], outcome: Outcome| {
                side.iter()
                    .map(|&(price, size)| Level { price: outcome.yes_price(price), size })
                    .collect::<Vec<_>>()
            };
            let (bids, asks) =
                (levels(&msg.yes_dollars_fp, Outcome::Yes), levels(&msg.no_dollars_fp, Outcome::No));
            book.replace(&bids, &asks).expect("a sound book");
        }
        Tagged::Other => {}
    }
}

/// Benches over frames; one iteration is all of them, so criterion's throughput is in frames. A book that is the
/// same after them as before, once it has the snapshot in `first`, lets them run again and again.
fn bench(c: &mut Criterion, name: &str, first: &[u8], frames: &[Vec<u8>]) {
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(frames.len() as u64));
    let mut decoder = Decoder::default();
    group.bench_function("decode", |b| {
        b.iter(|| {
            for frame in frames {
                black_box(decoder.decode(frame).expect("a sound frame"));
            }
        });
    });
    let (mut inbound, mut book) = (Inbound::new(false), Book::default());
    apply(&mut inbound, &mut book, first);
    group.bench_function("decode_and_apply", |b| {
        b.iter(|| frames.iter().for_each(|frame| apply(&mut inbound, &mut book, frame)));
    });
    apply_tagged(&mut book, first);
    group.bench_function("reference_tagged_enum_and_apply", |b| {
        b.iter(|| frames.iter().for_each(|frame| apply_tagged(&mut book, frame)));
    });
    group.finish();
}

fn generated_frames(c: &mut Criterion) {
    let frames = generated();
    bench(c, "generated_deltas", &frames[0], &frames[1..]);
}

fn recorded_frames(c: &mut Criterion) {
    if let Some(frames) = recorded() {
        bench(c, "recorded_market", &frames[0], &frames);
    }
}

criterion_group!(benches, generated_frames, recorded_frames);
criterion_main!(benches);
