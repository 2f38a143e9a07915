//! Recordings: every form, merged in order of time, and every way in which they may be broken.

#[path = "recordings/exchange.rs"]
mod exchange;
#[path = "recordings/made.rs"]
mod made;

use flate2::Compression;
use flate2::write::GzEncoder;
use kalshi_bot::fees::FeeKind;
use kalshi_bot::market::{PriceGrid, Resolution};
use kalshi_bot::replay::source::{Source, SourceFaults};
use kalshi_bot::units::{Price, Quantity, Timestamp};
use made::{
    Brought, GOLD, NOON, at, by_type, delta, enveloped, event_body, file, gzip, open, play, play_all, quoted,
    refusal, session,
};
use proptest::prelude::*;
use std::fs;
use std::io::Write;
use tempfile::TempDir;

fn temporary() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

#[test]
fn enveloped_frames_come_with_listing_and_settlement() {
    let folder = temporary();
    let frames = [delta(GOLD, 7), delta(GOLD, 9)];
    let lines = enveloped(-10_000, &frames[0]) + &enveloped(-9_000, &frames[1]);
    file(&folder, "KXGOLD15M-26AUG050800.event.json", event_body("KXGOLD15M-26AUG050800", "no"));
    let packed = file(&folder, "packed-under-a-plain-name.ndjson", gzip(&lines));
    let mut recording = open(&[&packed]).expect("a recording");
    assert_eq!(recording.start(), at(-10_000));
    assert_eq!(recording.files().collect::<Vec<_>>(), [packed.as_path()]);
    assert!(!recording.uses_yes_price());

    let played = play(&mut recording);
    assert_eq!(
        played.items,
        [
            (at(-10_000), Brought::Connected),
            (at(-10_000), Brought::Listed(GOLD.to_owned())),
            (at(-10_000), Brought::Frame(frames[0].clone())),
            (at(-9_000), Brought::Frame(frames[1].clone())),
            (at(4_500), Brought::Settled(GOLD.to_owned(), Resolution::No)),
        ]
    );
    assert!(!played.contiguous, "the subscription carried other markets");
    assert_eq!(played.faults, SourceFaults::default());
    let spec = &played.specs[0];
    assert_eq!((spec.event.as_str(), spec.series.as_str()), ("KXGOLD15M-26AUG050800", "KXGOLD15M"));
    assert_eq!((spec.category.as_str(), spec.title.as_str(), spec.shard), ("Commodities", "Gold up?", 2));
    assert_eq!((spec.open, spec.close), (at(-900_000), at(0)));
    assert_eq!(spec.grid, PriceGrid::cents());
    assert_eq!(spec.volume, Quantity::ZERO, "the final volume is the future");

    let plain = temporary();
    let plain = file(&plain, "plain-under-a-packed-name.ndjson.gz", &lines);
    assert_eq!(play_all(&[&plain]).frames(), played.frames());
}

#[test]
fn a_frame_passes_whatever_its_numbers_and_whatever_surrounds_it() {
    let folder = temporary();
    let odd = [
        r#"{"type":"orderbook_delta","msg":{"market_ticker":"A-B","delta_fp":NaN}}"#,
        r#"{"type":"orderbook_delta","msg":{"market_ticker":"A-B","delta_fp":"1e999999999999999999"}}"#,
        r#"{"type":"trade","msg":{"market_ticker":"A-B","note":"}"}}"#,
    ];
    let usual: String = odd.iter().rev().map(|frame| enveloped(0, frame)).collect();
    let unusual =
        format!("{{ \"event\" : {} , \"recv_ms\" : {} , \"more\" : {{}} }}\r\n\n", odd[2], NOON + 1);
    let path = file(&folder, "odd.ndjson", usual + &unusual);
    let played = play_all(&[&path]);
    assert_eq!(played.frames(), [odd[2], odd[1], odd[0], odd[2]]);
    assert_eq!(played.faults, SourceFaults::default());
}

#[test]
fn a_session_by_type_becomes_frames_again() {
    let folder = temporary();
    session(&folder, "20260805T1159Z");
    let (first, second) = ("KXBTC15M-26AUG050800-00".to_owned(), "KXBTC15M-26AUG050815-15".to_owned());
    file(&folder, "results.json", format!(r#"{{"{first}":"yes","{second}":"no"}}"#));
    let played = play_all(&[folder.path()]);
    let book = |ticker: &str| {
        let frame = r#"{"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"market_ticker":"T","yes_dollars_fp":[["0.0510","5.00"]]}}"#;
        Brought::Frame(frame.replace("\"T\"", &format!("{ticker:?}")))
    };
    let change = |ticker: &str| {
        let frame = r#"{"type":"orderbook_delta","sid":1,"seq":2,"msg":{"market_ticker":"T","price_dollars":"0.4200","delta_fp":"1.00","side":"no"}}"#;
        Brought::Frame(frame.replace("\"T\"", &format!("{ticker:?}")))
    };
    let running =
        r#"{"type":"ticker","sid":2,"msg":{"market_ticker":"KXBTC15M-26AUG050800-00","volume_fp":"12.00"}}"#;
    assert_eq!(
        played.items,
        [
            (at(-8), Brought::Connected),
            (at(-5), Brought::Listed(first.clone())),
            (at(-5), book(&first)),
            (at(-5), change(&first)),
            (at(-5), Brought::Frame(running.to_owned())),
            (at(0), Brought::Settled(first, Resolution::Yes)),
            (at(101), Brought::Connected),
            (at(102), Brought::Listed(second.clone())),
            (at(102), book(&second)),
            (at(103), change(&second)),
            (at(900_000), Brought::Settled(second, Resolution::No)),
        ]
    );
    assert!(played.contiguous);
    assert_eq!(played.faults, SourceFaults::default());
    let spec = &played.specs[0];
    assert_eq!((spec.event.as_str(), spec.series.as_str()), ("KXBTC15M-26AUG050800", "KXBTC15M"));
    assert_eq!((spec.category.as_str(), spec.open, spec.close), ("Unknown", at(-5), at(0)));
    assert!(spec.grid.contains(Price::from_raw(51_000)) && !spec.grid.contains(Price::from_raw(511_000)));
}

#[test]
fn verbatim_frames_take_the_exchanges_time() {
    let folder = temporary();
    let ack = r#"{"type":"ok","id":6,"sid":1,"seq":1,"msg":{"market_tickers":["KXMLBGAME-26AUG05X-NYY"]}}"#;
    let frame = delta("KXMLBGAME-26AUG05X-NYY", 2);
    let later = frame.replace(&NOON.to_string(), &(NOON + 5).to_string());
    let path = file(&folder, "frames.jsonl", format!("{ack}\n\n{frame}\n\n{later}\r\n\n{ack}\n"));
    let played = play_all(&[&path]);
    assert_eq!(
        played.items,
        [
            (at(0), Brought::Connected),
            (at(0), Brought::Frame(ack.to_owned())),
            (at(0), Brought::Listed("KXMLBGAME-26AUG05X-NYY".to_owned())),
            (at(0), Brought::Frame(frame)),
            (at(5), Brought::Frame(later)),
            (at(5), Brought::Frame(ack.to_owned())),
        ]
    );
    assert!(played.contiguous);
    let spec = &played.specs[0];
    assert_eq!((spec.fees.kind, spec.fees.multiplier_ppm), (FeeKind::QuadraticWithMakerFees, 500_000));
    assert_eq!(spec.close, Timestamp::MAX, "the ticker tells the start of the game, not the close");
}

#[test]
fn quoted_frames_are_unquoted() {
    let folder = temporary();
    let frame = delta("KXBTC-26AUG0508-B1", 1);
    let path = file(&folder, "quoted.jsonl", quoted(0, &format!("{frame}\n")));
    let played = play_all(&[&path]);
    assert_eq!(played.frames(), [frame]);
    assert_eq!(played.items[0], (at(0), Brought::Connected));
    assert_eq!(played.specs[0].close, at(0), "08 New York summer time is 12 UTC");
}

#[test]
fn a_document_is_cut_into_compact_frames() {
    let folder = temporary();
    let document = format!(
        r#"{{ "note": "\"frames\": [", "shape": {{"frames": [1]}}, "frames": [
            {{ "received_ms": {NOON}, "frame": {{ "type": "trade", "msg": {{ "market_ticker": "A-B-C", "note": "a \" b ]" }} }} }},
            {{ "received_ms": {}, "frame": {{ "type": "ok", "sid": 1, "seq": 2 }} }}
        ], "after": 1 }}"#,
        NOON + 1
    );
    let expected = [
        r#"{"type":"trade","msg":{"market_ticker":"A-B-C","note":"a \" b ]"}}"#,
        r#"{"type":"ok","sid":1,"seq":2}"#,
    ];
    let one_line = document.replace('\n', " ");
    for (name, text) in [("pretty.json", document.as_str()), ("one-line.json", &one_line)] {
        let path = file(&folder, name, text);
        let played = play_all(&[&path]);
        assert_eq!(played.frames(), expected);
        assert_eq!(played.items.last().map(|(time, _)| *time), Some(at(1)));
        assert_eq!(played.faults, SourceFaults::default());
    }
    let cut = file(&folder, "cut.json", &document[..document.len() - 60]);
    let played = play_all(&[&cut]);
    assert_eq!((played.frames().len(), played.faults.malformed_lines), (1, 1));
    let told = &played.faults.examples[0];
    assert!(told.contains("cut.json, frame 2: the file breaks off here"), "{told}");
}

#[test]
fn recordings_are_merged_in_order_of_time() {
    let folder = temporary();
    let (one, other) = ("A-A-A", "B-B-B");
    let early = file(&folder, "z.ndjson", enveloped(0, &delta(one, 1)) + &enveloped(20, &delta(one, 2)));
    let late = file(&folder, "a.ndjson", enveloped(10, &delta(other, 1)) + &enveloped(20, &delta(other, 2)));
    let after = file(&folder, "b.ndjson", enveloped(30, &delta(one, 5)));
    let played = play_all(&[&late, &early, &after]);
    assert_eq!(
        played.items.into_iter().map(|(_, item)| item).collect::<Vec<_>>(),
        [
            Brought::Connected,
            Brought::Listed(one.to_owned()),
            Brought::Frame(delta(one, 1)),
            // Beside a running connection, so no Connected: the other book stays good.
            Brought::Listed(other.to_owned()),
            Brought::Frame(delta(other, 1)),
            Brought::Frame(delta(other, 2)),
            Brought::Frame(delta(one, 2)),
            Brought::Connected,
            Brought::Frame(delta(one, 5)),
        ]
    );
}

#[test]
fn numbers_of_two_connections_side_by_side_say_nothing() {
    let folder = temporary();
    let one = file(&folder, "a.jsonl", quoted(0, &delta("A-A", 1)) + &quoted(20, &delta("A-A", 2)));
    let beside = file(&folder, "b.jsonl", quoted(10, &delta("B-B", 1)));
    let after = file(&folder, "c.jsonl", quoted(30, &delta("C-C", 1)));
    assert!(play_all(&[&one, &after]).contiguous);
    assert!(!play_all(&[&one, &beside]).contiguous);
}

// ---- bad input ---------------------------------------------------------------------------------------------------

#[test]
fn a_bad_line_is_left_out_and_named() {
    let folder = temporary();
    let good = enveloped(0, &delta(GOLD, 1));
    let text = format!("{good}not JSON\n{}\n{good}{}", &good[..60], &good[..90]);
    let path = file(&folder, "bad.ndjson", text);
    let played = play_all(&[&path]);
    assert_eq!((played.frames().len(), played.faults.malformed_lines), (2, 3));
    let told = &played.faults.examples[0];
    assert!(
        told.contains("bad.ndjson:2: not of this recording's form") && told.contains("left out"),
        "{told}"
    );
}

#[test]
fn many_bad_lines_do_not_hide_that_the_file_is_cut() {
    let folder = temporary();
    let text = enveloped(0, &delta(GOLD, 1)) + &"bad\n".repeat(50) + &"x".repeat(2_000_000);
    let played = play_all(&[&file(&folder, "bad.ndjson", text)]);
    assert_eq!((played.faults.malformed_lines, played.faults.examples.len()), (51, 11));
    let told = &played.faults.examples[10];
    assert!(told.ends_with("bad.ndjson:52: the file breaks off here (a line is longer than 1 MiB); it was played up to this point"), "{told}");
}

#[test]
fn bad_lines_at_the_head_do_not_hide_the_form() {
    let folder = temporary();
    let text = format!("\n# made by hand\n{}", enveloped(0, &delta(GOLD, 1)));
    let played = play_all(&[&file(&folder, "head.ndjson", text)]);
    assert_eq!((played.frames().len(), played.faults.malformed_lines), (1, 1));
}

#[test]
fn a_time_outside_the_calendar_is_a_bad_line() {
    let folder = temporary();
    let frame = delta(GOLD, 1);
    let at = |millis: &str| format!("{{\"recv_ms\":{millis},\"event\":{frame}}}\n");
    let outside = ["9223372036854775807", "99999999999999999999", "4", "-4"].map(at).concat();
    let text = enveloped(0, &frame) + &outside;
    let played = play_all(&[&file(&folder, "when.ndjson", text)]);
    assert_eq!((played.frames().len(), played.faults.malformed_lines), (1, 4));
    assert!(played.faults.examples[0].contains("isn't between 2000 and 2100"));
}

#[test]
fn a_truncated_archive_is_played_as_far_as_it_goes() {
    let folder = temporary();
    let lines: String =
        (0..5_000).map(|n| enveloped(n, &delta(GOLD, n.unsigned_abs() * 7919 % 10_007))).collect();
    let packed = gzip(&lines);
    let cut = file(&folder, "cut.ndjson.gz", &packed[..packed.len() / 2]);
    let whole = file(&folder, "whole.ndjson", enveloped(10_000, &delta(GOLD, 1)));
    let played = play_all(&[&cut, &whole]);
    let before_the_cut = played.frames().len() - 1;
    assert!((100..5_000).contains(&before_the_cut), "{before_the_cut} frames");
    assert_eq!(played.items.last().map(|(time, _)| *time), Some(at(10_000)), "the other file is played");
    assert_eq!(played.faults.malformed_lines, 1);
    let told = &played.faults.examples[0];
    assert!(
        told.contains(&format!("cut.ndjson.gz:{}: the file breaks off here", before_the_cut + 1)),
        "{told}"
    );

    let stub = file(&folder, "stub.ndjson.gz", &packed[..12]);
    assert!(refusal(&[&stub]).contains("breaks off before its first whole frame"));
}

#[test]
fn times_that_run_backwards_are_held_and_counted() {
    let folder = temporary();
    let frame = delta(GOLD, 1);
    let text: String = [0, 50, 20, 60].iter().map(|millis| enveloped(*millis, &frame)).collect();
    let played = play_all(&[&file(&folder, "back.ndjson", text)]);
    let frames = played.items.iter().filter(|(_, item)| matches!(item, Brought::Frame(_)));
    assert_eq!(frames.map(|(time, _)| *time).collect::<Vec<_>>(), [at(0), at(50), at(50), at(60)]);
    assert_eq!(played.faults.backward_times, 1);
    assert!(played.faults.examples[0].contains("back.ndjson:3: time runs backwards by 30000 µs"));
}

#[test]
fn an_empty_file_is_refused_alone_and_noted_beside_others() {
    let (folder, blank) = (temporary(), temporary());
    let good = file(&folder, "good.ndjson", enveloped(0, &delta(GOLD, 1)));
    let empties =
        [("zero.ndjson", Vec::new()), ("blank.ndjson", b"\n\n".to_vec()), ("zero.ndjson.gz", gzip(""))];
    for (name, content) in empties {
        let empty = file(&blank, name, content);
        assert!(refusal(&[&empty]).ends_with("is empty: nothing to replay"), "{name}");
        let played = play_all(&[&empty, &good]);
        assert_eq!(played.frames().len(), 1);
        let told = &played.faults.examples[0];
        assert!(told.contains("is empty: nothing to replay; the other files are played"), "{told}");
    }
    assert!(refusal(&[blank.path()]).contains("(and 2 more can't be played"));
}

#[test]
fn what_is_no_recording_is_refused_with_the_forms() {
    let folder = temporary();
    file(&folder, "KX.event.json", event_body("KX", "no"));
    file(&folder, "results.json", "{}");
    file(&folder, "x.rest.jsonl", "{}");
    file(&folder, "notes.txt", "notes");
    let message = refusal(&[folder.path()]);
    assert!(message.contains("no recording was found here") && message.contains("recv_ms"), "{message}");
    let foreign = file(&folder, "foreign.json", r#"{"markets":[]}"#);
    assert!(refusal(&[&foreign]).contains("isn't a recording; understood are"));
    assert!(refusal(&[]).contains("no file or folder was named"));
    let binary = file(&folder, "binary", [0_u8, 159, 146, 150].repeat(1_000_000));
    assert!(refusal(&[&binary]).contains("isn't a recording"));
}

#[test]
fn a_missing_path_names_the_nearest_folder() {
    let folder = temporary();
    let message = refusal(&[&folder.path().join("no/such/file.ndjson")]);
    let nearest = format!("the nearest folder that does is {}", folder.path().display());
    assert!(message.ends_with(&nearest), "{message}");
}

#[test]
fn a_file_named_twice_is_played_once() {
    let folder = temporary();
    let path = file(&folder, "once.ndjson", enveloped(0, &delta(GOLD, 1)));
    let (path, above) = (path.as_path(), folder.path());
    for paths in [[path, path], [path, above], [above, path], [above, above]] {
        let played = play_all(&paths);
        assert_eq!(played.frames().len(), 1);
        assert!(played.faults.examples[0].contains("played once"), "{:?}", played.faults);
    }
}

#[test]
fn a_broken_body_or_result_leaves_the_market_without_result() {
    let folder = temporary();
    let path = file(&folder, "gold.ndjson", enveloped(0, &delta(GOLD, 1)));
    let (event, body) = ("KXGOLD15M-26AUG050800", "KXGOLD15M-26AUG050800.event.json");
    for (name, content) in [
        (body, "{".to_owned()),
        (body, event_body(event, "perhaps")),
        (body, event_body(event, "no").replace("0.0100", "0.0000")),
        ("results.json", "[]".to_owned()),
        ("results.json", format!(r#"{{"{GOLD}":"perhaps"}}"#)),
    ] {
        let broken = file(&folder, name, content);
        let played = play_all(&[&path]);
        let last = played.items.last().map(|(_, item)| item.clone());
        assert_eq!(last, Some(Brought::Frame(delta(GOLD, 1))), "{name}: nothing settles");
        assert!(played.faults.examples[0].contains(name), "{:?}", played.faults);
        assert_eq!(played.specs[0].series, "KXGOLD15M");
        fs::remove_file(broken).expect("removed");
    }
}

#[test]
fn frames_without_any_time_are_refused() {
    let folder = temporary();
    let path = file(&folder, "untimed.jsonl", "{\"type\":\"ok\",\"sid\":1,\"seq\":1,\"msg\":{}}\n");
    assert!(refusal(&[&path]).contains("has a ts_ms"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        form in 0_usize..6,
        cut in 0_usize..150,
        packed in any::<bool>(),
    ) {
        let folder = temporary();
        let head = [
            String::new(),
            enveloped(0, &delta(GOLD, 1)),
            quoted(0, &delta(GOLD, 1)),
            by_type("orderbook_delta", 0, "2", r#"{"market_ticker":"A-B"}"#),
            format!("{}\n", delta(GOLD, 1)),
            format!("{{\"frames\":[{{\"received_ms\":{NOON},\"frame\":{}}},", delta(GOLD, 1)),
        ];
        let mut content = [head[form].as_bytes(), &bytes, head[form].as_bytes()].concat();
        if packed {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&content).expect("a Vec takes every write");
            content = encoder.finish().expect("a Vec takes every write");
        }
        content.truncate(content.len().saturating_sub(cut));
        let path = file(&folder, "any.ndjson", content);
        if let Ok(mut recording) = open(&[&path]) {
            let played = play(&mut recording);
            prop_assert!(played.items.len() < 1_000);
        }
    }
}
