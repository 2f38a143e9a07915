//! How fast recordings go through: nine recorded gold markets whole, decoded and applied to books, and through the
//! whole engine. The lines are read into memory first; unpacking gzip is not what is measured.
#![allow(clippy::print_stdout, reason = "a benchmark without its recordings says so")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kalshi_bot::engine::Event;
use kalshi_bot::gateway::inbound::Inbound;
use kalshi_bot::market::Catalogue;
use kalshi_bot::replay::recording::Recording;
use kalshi_bot::replay::source::{Item, Source};
use std::path::Path;

/// One recorded market: its catalogue and its frames.
struct Tape {
    catalogue: Catalogue,
    frames: Vec<Vec<u8>>,
    uses_yes_price: bool,
}

fn tape() -> Option<Tape> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/ws/gold15m-2026-08");
    if !folder.is_dir() {
        println!("skipped: {} is not here", folder.display());
        return None;
    }
    let mut recording = Recording::open(&[folder]).expect("the recordings open");
    let mut tape = Tape {
        catalogue: Catalogue::default(),
        frames: Vec::new(),
        uses_yes_price: recording.uses_yes_price(),
    };
    while let Some((_, item)) = recording.next().expect("whole recordings") {
        match item {
            Item::Frame(frame) => tape.frames.push(frame.to_vec()),
            Item::Event(Event::Listed(spec)) => {
                tape.catalogue.list(spec.clone());
            }
            Item::Event(_) => {}
        }
    }
    Some(tape)
}

fn replay(criterion: &mut Criterion) {
    let Some(mut tape) = tape() else { return };
    let mut inbound = Inbound::new(tape.uses_yes_price);
    let mut group = criterion.benchmark_group("replay");
    group.throughput(Throughput::Elements(tape.frames.len() as u64)).sample_size(10);
    group.bench_function("gold, decoded and applied", |bencher| {
        bencher.iter(|| {
            for frame in &tape.frames {
                if let Some(event) = inbound.translate(frame).expect("a sound frame").event() {
                    apply(&mut tape.catalogue, &event);
                }
            }
        });
    });
    group.finish();
}

fn apply(catalogue: &mut Catalogue, event: &Event<'_>) {
    match *event {
        Event::Snapshot { ticker, bids, asks, .. } => {
            let id = catalogue.find(ticker).expect("listed");
            catalogue.get_mut(id).book.replace(bids, asks).expect("a sound snapshot");
        }
        Event::Delta { ticker, side, price, change, .. } => {
            let id = catalogue.find(ticker).expect("listed");
            catalogue.get_mut(id).book.apply(side, price, change).expect("a sound delta");
        }
        _ => {}
    }
}

criterion_group!(benches, replay);
criterion_main!(benches);
