use super::*;
use crate::units::{Money, Ratio};
use proptest::prelude::*;

mod recorded;
mod round_trip;

const DELTA: &str = r#"{"type":"orderbook_delta","sid":1,"seq":4,"msg":{"market_ticker":"KXDEMO-26DEC01-T50","market_id":"4f5c2e39-5132-4147-ba3f-b3485ad89427","price_dollars":"0.4500","delta_fp":"-2.50","side":"no","ts":"2026-11-22T15:04:00.46Z","ts_ms":1795370000460}}"#;

fn decode(text: &str) -> Frame<'_> {
    // A decoder lives as long as its frame; a test needs no more than one frame of each.
    let decoder: &'static mut Decoder = Box::leak(Box::default());
    decoder.decode(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn fault(text: &str) -> String {
    Decoder::default().decode(text.as_bytes()).expect_err(text).to_string()
}

fn price(text: &str) -> Price {
    text.parse().expect("a price")
}

fn quantity(text: &str) -> Quantity {
    text.parse().expect("a quantity")
}

#[test]
fn a_delta_reads_the_same_by_scan_and_by_serde() {
    let scanned = scan::delta(DELTA.as_bytes()).expect("the usual form");
    let expected = Frame {
        id: None,
        sid: Some(1),
        seq: Some(4),
        sent: None,
        message: Message::Delta(Delta {
            ticker: "KXDEMO-26DEC01-T50".into(),
            price: price("0.45"),
            change: quantity("-2.5"),
            side: OutcomeSide::No,
            client_order_id: None,
            time: Some(Timestamp::from_millis(1_795_370_000_460)),
        }),
    };
    assert_eq!(scanned, expected);
    assert_eq!(Decoder::default().decode_any(DELTA.as_bytes()), Ok(expected));
}

#[test]
fn the_scan_takes_the_forms_of_a_busy_feed() {
    for (from, to) in [
        ("", ""),
        (r#","ts":"2026-11-22T15:04:00.46Z""#, ""),
        (r#","ts":"2026-11-22T15:04:00.46Z","ts_ms":1795370000460"#, ""),
        (r#""seq":4,"#, r#""seq":4,"sending_ts_ms":1795370000461,"#),
        ("}}", "},\"sending_ts_ms\":1795370000461}\n"),
        ("-2.50", "2"),
    ] {
        let frame = DELTA.replacen(from, to, 1);
        let scanned = scan::delta(frame.as_bytes());
        assert!(scanned.is_some(), "{frame}");
        assert_eq!(scanned, Decoder::default().decode_any(frame.as_bytes()).ok(), "{frame}");
    }
}

#[test]
fn key_order_unknown_fields_and_white_space_do_not_matter() {
    let frame = "\n { \"msg\" : {\"ts_ms\":1795370000460, \"side\":\"no\", \"new\":[{}], \"delta_fp\":\"-2.50\",\
                 \"price_dollars\":\"0.450000\", \"market_ticker\":\"KXDEMO-26DEC01-T50\"},\
                 \"seq\":4, \"other\":1.5e9, \"sid\":1, \"type\":\"orderbook_delta\" } \r\n";
    assert_eq!(scan::delta(frame.as_bytes()), None);
    assert_eq!(decode(frame), decode(DELTA));
}

#[test]
fn text_with_escapes_is_unescaped_and_other_text_borrowed() {
    let frame = DELTA.replace("KXDEMO", r"K\u0058DEMO");
    let Message::Delta(delta) = decode(&frame).message else { panic!("a delta") };
    assert_eq!(delta.ticker, Cow::<str>::Owned("KXDEMO-26DEC01-T50".to_owned()));
    let trade = r#"{"type":"trade","sid":2,"msg":{"trade_id":"t","market_ticker":"M","yes_price_dollars":"0.1","count_fp":"1","taker_side":"no"}}"#;
    let Message::Trade(trade) = decode(trade).message else { panic!("a trade") };
    assert!(matches!(trade.ticker, Cow::Borrowed("M")));
    let fill = r#"{"type":"fill","sid":3,"msg":{"trade_id":"t","order_id":"o","client_order_id":"c","market_ticker":"M","is_taker":true,"book_side":"ask","yes_price_dollars":"0.42","count_fp":"5.00"}}"#;
    let Message::Fill(fill) = decode(fill).message else { panic!("a fill") };
    assert!(matches!(fill.client_order_id, Some(Cow::Borrowed("c"))));
    assert_eq!((fill.outcome, fill.fee), (OutcomeSide::No, None));
}

#[test]
fn one_bad_byte_sends_the_scan_to_serde_which_says_what_is_wrong() {
    for (from, to, expected) in [
        ("\"sid\":1", "\"sid\":NaN", "expected value"),
        ("\"sid\":1", "\"sid\":-1", "invalid value: integer `-1`, expected u32"),
        ("\"sid\":1", "\"sid\":4294967296", "invalid value: integer `4294967296`, expected u32"),
        ("\"sid\":1,", "", "missing field `sid`"),
        ("\"seq\":4", "\"seq\":04", "invalid number"),
        ("\"seq\":4", "\"seq\":4.0", "invalid type: floating point `4.0`, expected u64"),
        ("\"seq\":4", "\"seq\":99999999999999999999", "expected u64"),
        ("\"seq\":4", "\"seq\":null", "missing field `seq`"),
        ("\"0.4500\"", "\"NaN\"", "\"NaN\" is not a price"),
        ("\"0.4500\"", "0.45", "expected a decimal in a string"),
        ("\"0.4500\"", "\"0.45000001\"", "it has more than 6 decimals"),
        ("-2.50", "99999999999999999999", "it is too large"),
        ("\"no\"", "\"maybe\"", "unknown variant `maybe`"),
        ("1795370000460", "1e3", "expected i64"),
        ("}}", "}", "EOF while parsing"),
        ("}}", "}}}", "trailing characters"),
        (",\"msg\":{", ",\"msg\":[", "expected `,` or `]`"),
        ("\"market_ticker\"", "\"ticker\"", "missing field `market_ticker`"),
    ] {
        let frame = DELTA.replacen(from, to, 1);
        assert_ne!(frame, DELTA);
        assert_eq!(scan::delta(frame.as_bytes()), None, "{frame}");
        let message = fault(&frame);
        assert!(message.contains(expected), "{from} -> {to}: {message}");
    }
}

#[test]
fn an_error_says_where_and_quotes_a_bounded_piece() {
    let frame = DELTA.replace("0.4500", "half");
    let error = Decoder::default().decode(frame.as_bytes()).expect_err("no price");
    assert_eq!(error.fault(), Fault::Shape);
    let end_of_price = frame.find("half").expect("it was put there") + "half\"".len() - 1;
    assert_eq!(error.at(), end_of_price);
    let long = format!(r#"{{"type":"error","msg":{{"code":"{}"}}}}"#, "x".repeat(100_000));
    assert!(fault(&long).len() < 600);
    assert_eq!(
        fault(""),
        "a frame can't be read: EOF while parsing a value, at byte 0 near the end of an empty frame"
    );
    assert_eq!(Decoder::default().decode(b"\xff\xfe").expect_err("not UTF-8").fault(), Fault::Syntax);
}

#[test]
fn a_snapshot_reads_both_sides_and_an_absent_one_is_empty() {
    let mut decoder = Decoder::default();
    let full = br#"{"type":"orderbook_snapshot","sid":1,"seq":2,"msg":{"market_ticker":"M","market_id":"x","yes_dollars_fp":[["0.0100","1406474.86"],["0.0200","3"]],"no_dollars_fp":[["0.7300","55555.20"]]}}"#;
    let Message::Snapshot(book) = decoder.decode(full).expect("a snapshot").message else {
        panic!("a snapshot")
    };
    assert_eq!(book.yes, [(price("0.01"), quantity("1406474.86")), (price("0.02"), quantity("3"))]);
    assert_eq!(book.no, [(price("0.73"), quantity("55555.20"))]);
    let empty =
        br#"{"type":"orderbook_snapshot","sid":1,"seq":3,"msg":{"market_ticker":"M","no_dollars_fp":null}}"#;
    let Message::Snapshot(book) = decoder.decode(empty).expect("a snapshot").message else {
        panic!("a snapshot")
    };
    assert_eq!((book.yes, book.no), (&[][..], &[][..]));
    for levels in [r#"[["0.01"]]"#, r#"[["0.01","1","2"]]"#, "[[0.01,1]]", r#"{"0.01":"1"}"#] {
        let frame = format!(
            r#"{{"type":"orderbook_snapshot","sid":1,"seq":3,"msg":{{"market_ticker":"M","yes_dollars_fp":{levels}}}}}"#
        );
        assert!(fault(&frame).starts_with("orderbook_snapshot can't be read"), "{levels}");
    }
}

#[test]
fn own_order_frames_are_read() {
    let order = r#"{"type":"user_order","sid":22,"msg":{"order_id":"o","user_id":"u","ticker":"M","exchange_index":1,"status":"resting","outcome_side":"yes","book_side":"bid","yes_price_dollars":"0.3500","fill_count_fp":"1.00","remaining_count_fp":"9.00","initial_count_fp":"10.00","taker_fill_cost_dollars":"0.0000","maker_fill_cost_dollars":"0.0000","client_order_id":"mine-1","order_group_id":"g","created_ts_ms":1733047200000,"last_update_reason":"Trade","maker_fees_dollars":"0.0100"}}"#;
    let Message::UserOrder(order) = decode(order).message else { panic!("an order") };
    assert_eq!(order.status, OrderStatus::Resting);
    assert_eq!(
        (order.initial, order.filled, order.remaining),
        (quantity("10"), quantity("1"), quantity("9"))
    );
    assert_eq!((order.maker_fees, order.taker_fees), (Some(Money::from_raw(10_000)), None));
    assert_eq!(order.last_update_reason.as_deref(), Some("Trade"));
    let position = r#"{"type":"market_position","sid":14,"msg":{"user_id":"u","market_ticker":"M","position_fp":"-100.00","position_cost_dollars":"50.0000","realized_pnl_dollars":"-10.0000","fees_paid_dollars":"1.0000","position_fee_cost_dollars":"0.5000","volume_fp":"15.00"}}"#;
    let Message::MarketPosition(position) = decode(position).message else { panic!("a position") };
    assert_eq!((position.position, position.realized_pnl), (quantity("-100"), Money::from_dollars(-10)));
    let group = r#"{"type":"order_group_updates","sid":21,"seq":7,"msg":{"event_type":"limit_updated","order_group_id":"og","contracts_limit_fp":"150.00","ts_ms":1}}"#;
    let Message::OrderGroup(group) = decode(group).message else { panic!("a group") };
    assert_eq!((group.event_type.as_ref(), group.contracts_limit), ("limit_updated", Some(quantity("150"))));
}

#[test]
fn a_status_without_a_meaning_is_unknown_rather_than_an_error() {
    let order = r#"{"type":"user_order","msg":{"order_id":"o","ticker":"M","status":"pondering","side":"no","yes_price_dollars":"0.3500","fill_count_fp":"1.00","remaining_count_fp":"9.00","initial_count_fp":"10.00"}}"#;
    let Message::UserOrder(order) = decode(order).message else { panic!("an order") };
    assert_eq!((order.status, order.outcome), (OrderStatus::Unknown, OutcomeSide::No));
}

#[test]
fn lifecycle_frames_that_lack_what_they_announce_are_refused() {
    for (event_type, missing) in [
        ("close_date_updated", "close_ts"),
        ("determined", "result"),
        ("price_level_structure_updated", "price_ranges"),
    ] {
        let frame = format!(
            r#"{{"type":"market_lifecycle_v2","sid":5,"seq":1,"msg":{{"market_ticker":"M","event_type":"{event_type}"}}}}"#
        );
        assert!(fault(&frame).contains(&format!("`{event_type}` needs the field `{missing}`")), "{frame}");
    }
}

#[test]
fn event_frames_and_fee_multipliers_are_read_without_floats() {
    let created = r#"{"type":"event_lifecycle","sid":5,"seq":3,"msg":{"event_ticker":"E","title":"T","subtitle":"","collateral_return_type":"MECNET","series_ticker":"S"}}"#;
    let Message::EventCreated(event) = decode(created).message else { panic!("an event") };
    assert_eq!((event.event.as_ref(), event.series.as_ref()), ("E", "S"));
    for (number, expected) in [("1", Some(1_000_000)), ("0.5", Some(500_000)), ("0", Some(0)), ("null", None)]
    {
        let frame = format!(
            r#"{{"type":"event_fee_update","sid":5,"msg":{{"event_ticker":"E","fee_type_override":null,"fee_multiplier_override":{number}}}}}"#
        );
        let Message::EventFees(fees) = decode(&frame).message else { panic!("fees") };
        assert_eq!(fees.multiplier, expected.map(Ratio::from_raw), "{number}");
    }
}

#[test]
fn answers_to_commands_are_read() {
    let subscribed = decode(r#"{"type":"subscribed","id":1,"msg":{"channel":"orderbook_delta","sid":4}}"#);
    assert_eq!(
        (subscribed.id, subscribed.message),
        (Some(1), Message::Subscribed(Subscription { channel: "orderbook_delta".into(), sid: 4 }))
    );
    let listed = decode(r#"{"id":3,"type":"ok","msg":[{"channel":"trade","sid":2}]}"#).message;
    let Message::Ok(listed) = listed else { panic!("an answer") };
    assert_eq!(listed.subscriptions, [Subscription { channel: "trade".into(), sid: 2 }]);
    let unsubscribed = decode(r#"{"id":3,"sid":1,"seq":10,"type":"unsubscribed"}"#);
    assert_eq!((unsubscribed.seq, unsubscribed.message), (Some(10), Message::Unsubscribed));
    let error = decode(r#"{"id":4,"type":"error","msg":{"code":8,"msg":"Unknown channel name"}}"#).message;
    assert_eq!(
        error,
        Message::Error(Refused { code: 8, message: "Unknown channel name".into(), ticker: None })
    );
    assert_eq!(decode(r#"{"type":"ok","sid":1,"seq":2}"#).message, Message::Ok(Acknowledged::default()));
    let unknown = decode(r#"{"type":"pyth_value","sid":1,"seq":42,"msg":{"value_usd":2365.1}}"#);
    assert_eq!((unknown.seq, unknown.message), (Some(42), Message::Unknown { kind: "pyth_value".into() }));
}

/// Frames to mutate: one of each way through the decoder.
fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        DELTA,
        r#"{"type":"orderbook_snapshot","sid":1,"seq":2,"msg":{"market_ticker":"M","yes_dollars_fp":[["0.0100","1.00"]]}}"#,
        r#"{"type":"market_lifecycle_v2","sid":5,"seq":1,"msg":{"market_ticker":"M","event_type":"determined","result":"yes","settlement_value":"1.0000"}}"#,
        r#"{"type":"event_fee_update","sid":5,"msg":{"event_ticker":"E","fee_type_override":"quadratic","fee_multiplier_override":0.5}}"#,
        r#"{"id":3,"type":"ok","msg":[{"channel":"trade","sid":2}]}"#,
    ];
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Deltas to mutate, in every form the scan takes.
fn deltas() -> Vec<Vec<u8>> {
    let short = DELTA.replace(r#","ts":"2026-11-22T15:04:00.46Z","ts_ms":1795370000460"#, "");
    let sent = DELTA.replace("}}", "},\"sending_ts_ms\":1795370000461}\n");
    [DELTA, &short, &sent].map(|text| text.as_bytes().to_vec()).to_vec()
}

/// A frame with a few bytes changed, left out or doubled.
fn mutated(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(b"\"\\{}[]:,.-+0123456789eE \n".to_vec()),];
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, byte), 0..6);
    (prop::sample::select(seeds), edits).prop_map(|(mut frame, edits)| {
        for (place, kind, byte) in edits {
            let at = place.index(frame.len());
            match kind {
                0 => frame[at] = byte,
                1 => frame.insert(at, byte),
                _ if frame.len() > 1 => drop(frame.remove(at)),
                _ => {}
            }
        }
        frame
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_the_scan_accepts_serde_reads_alike(frame in mutated(deltas())) {
        if let Some(scanned) = scan::delta(&frame) {
            let mut decoder = Decoder::default();
            prop_assert_eq!(Ok(scanned), decoder.decode_any(&frame));
        }
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(frame in prop_oneof![mutated(seeds()), prop::collection::vec(any::<u8>(), 0..200)]) {
        if let Err(error) = Decoder::default().decode(&frame) {
            prop_assert!(error.to_string().len() < 1_200);
            prop_assert!(error.at() <= frame.len());
        }
    }
}
