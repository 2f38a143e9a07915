use super::*;
use crate::kalshi::ws::encode;
use crate::units::Timestamp;

fn price(text: &str) -> Price {
    text.parse().expect("a price")
}

fn quantity(text: &str) -> Quantity {
    text.parse().expect("a quantity")
}

/// What a lifecycle frame of market `M` with these fields means.
fn lifecycle(fields: &str) -> String {
    format!(r#"{{"type":"market_lifecycle_v2","sid":5,"seq":9,"msg":{{"market_ticker":"M",{fields}}}}}"#)
}

fn assert_event(frame: &str, expected: Option<Event<'_>>) {
    let expected = expected.map_or(Incoming::Nothing, Incoming::Event);
    assert_eq!(Inbound::new(false).translate(frame.as_bytes()), Ok(expected), "{frame}");
}

fn fault(frame: &str) -> String {
    Inbound::new(false).translate(frame.as_bytes()).expect_err(frame).to_string()
}

const STAMP: Stamp = Stamp { sid: 1, seq: Some(4) };

fn delta(side: OutcomeSide) -> Vec<u8> {
    let mut frame = Vec::new();
    let (price, change) = (price("0.3200"), quantity("-46.02"));
    let delta = Delta { ticker: "M".into(), price, change, side, client_order_id: None, time: None };
    encode::delta(&mut frame, 1, 4, &delta);
    frame
}

#[test]
fn a_no_level_is_an_ask_at_one_dollar_less_its_price_unless_prices_are_yes_prices() {
    for (use_yes_price, wire, side, yes_price) in [
        (false, OutcomeSide::Yes, Side::Bid, "0.32"),
        (false, OutcomeSide::No, Side::Ask, "0.68"),
        (true, OutcomeSide::Yes, Side::Bid, "0.32"),
        (true, OutcomeSide::No, Side::Ask, "0.32"),
    ] {
        let expected = Event::Delta {
            ticker: "M",
            stamp: STAMP,
            side,
            price: price(yes_price),
            change: quantity("-46.02"),
        };
        assert_eq!(Inbound::new(use_yes_price).translate(&delta(wire)), Ok(Incoming::Event(expected)));
    }
}

#[test]
fn a_snapshot_comes_in_yes_prices_and_replaces_the_one_before() {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let size = quantity("10");
    let (yes, no) = ([(price("0.30"), size), (price("0.31"), size)], [(price("0.60"), size)]);
    encode::snapshot(&mut first, 1, 4, &Snapshot { ticker: "M".into(), yes: &yes, no: &no });
    encode::snapshot(&mut second, 1, 5, &Snapshot { ticker: "M".into(), yes: &[], no: &no });
    for (use_yes_price, ask) in [(false, "0.40"), (true, "0.60")] {
        let mut inbound = Inbound::new(use_yes_price);
        let bids = yes.map(|(price, size)| Level { price, size });
        let asks = [Level { price: price(ask), size }];
        let expected = Event::Snapshot { ticker: "M", stamp: STAMP, bids: &bids, asks: &asks };
        assert_eq!(inbound.translate(&first), Ok(Incoming::Event(expected)));
        let stamp = Stamp { sid: 1, seq: Some(5) };
        let expected = Event::Snapshot { ticker: "M", stamp, bids: &[], asks: &asks };
        assert_eq!(inbound.translate(&second), Ok(Incoming::Event(expected)));
    }
}

#[test]
fn a_trade_is_told_by_the_side_that_took() {
    let frame = r#"{"type":"trade","sid":1,"seq":4,"msg":{"trade_id":"t","market_ticker":"M","yes_price_dollars":"0.6800","no_price_dollars":"0.3200","count_fp":"46.02","taker_outcome_side":"no","taker_book_side":"ask","is_block_trade":true}}"#;
    let expected = Event::Print {
        ticker: "M",
        stamp: STAMP,
        price: price("0.68"),
        quantity: quantity("46.02"),
        taker: Side::Ask,
        is_block: true,
    };
    assert_event(frame, Some(expected));
}

#[test]
fn a_ticker_tells_the_volume() {
    let mut frame = Vec::new();
    let ticker = Ticker { ticker: "M".into(), volume: quantity("275971.78"), ..Ticker::default() };
    encode::ticker(&mut frame, 3, &ticker);
    let expected = Event::Ticker { ticker: "M", volume: quantity("275971.78") };
    assert_eq!(Inbound::new(false).translate(&frame), Ok(Incoming::Event(expected)));
}

#[test]
fn the_steps_of_a_market_s_life_become_events() {
    let status = |status| Some(Event::Status { ticker: "M", status });
    let settled = |resolution| Some(Event::Settled { ticker: "M", resolution });
    for (fields, expected) in [
        (r#""event_type":"activated""#, status(MarketStatus::Active)),
        (r#""event_type":"deactivated","is_deactivated":true"#, status(MarketStatus::Inactive)),
        (
            r#""event_type":"close_date_updated","close_ts":1785902400"#,
            Some(Event::CloseMoved { ticker: "M", close: Timestamp::from_secs(1_785_902_400) }),
        ),
        (r#""event_type":"determined","result":"yes","settlement_value":"1.0000""#, settled(Resolution::Yes)),
        (r#""event_type":"determined","result":"no""#, settled(Resolution::No)),
        (
            r#""event_type":"determined","result":"scalar","settlement_value":"0.3300""#,
            settled(Resolution::Scalar(price("0.33"))),
        ),
        (r#""event_type":"determined","result":"""#, status(MarketStatus::Determined)),
        (r#""event_type":"settled","settled_ts":1785902400"#, status(MarketStatus::Finalized)),
        (r#""event_type":"metadata_updated","floor_strike":95000.5"#, None),
        (r#""event_type":"something_new""#, None),
    ] {
        assert_event(&lifecycle(fields), expected);
    }
    let created = lifecycle(r#""event_type":"created","open_ts":1,"close_ts":2"#);
    let expected = Ok(Incoming::Created { ticker: "M" });
    assert_eq!(Inbound::new(false).translate(created.as_bytes()), expected);
}

#[test]
fn the_account_s_own_frames_are_handed_on() {
    let group = r#"{"type":"order_group_updates","sid":1,"seq":4,"msg":{"event_type":"triggered","order_group_id":"g","ts_ms":1}}"#;
    let position = r#"{"type":"market_position","sid":4,"msg":{"market_ticker":"M","position_fp":"1.00","position_cost_dollars":"0.5","realized_pnl_dollars":"0","fees_paid_dollars":"0","volume_fp":"1.00"}}"#;
    let fill = r#"{"type":"fill","sid":3,"msg":{"trade_id":"t1","order_id":"o1","client_order_id":"kb-1-2","market_ticker":"M","exchange_index":0,"is_taker":false,"outcome_side":"yes","book_side":"bid","yes_price_dollars":"0.4200","count_fp":"5.00","fee_cost":"0.000000","post_position_fp":"5.00","ts_ms":1795370001000}}"#;
    let order = r#"{"type":"user_order","sid":3,"msg":{"order_id":"o1","client_order_id":"kb-1-2","ticker":"M","exchange_index":0,"status":"resting","outcome_side":"yes","book_side":"bid","yes_price_dollars":"0.4200","initial_count_fp":"5.00","fill_count_fp":"0.00","remaining_count_fp":"5.00","taker_fill_cost_dollars":"0","maker_fill_cost_dollars":"0","created_ts_ms":1}}"#;
    let mut inbound = Inbound::new(false);
    for frame in [group, position, fill, order] {
        let incoming = inbound.translate(frame.as_bytes()).expect(frame);
        assert_eq!(incoming.event(), None, "nothing of it is for the engine as it stands");
    }
    assert!(
        matches!(inbound.translate(group.as_bytes()), Ok(Incoming::OrderGroup(update)) if update.event_type == "triggered")
    );
    assert!(
        matches!(inbound.translate(position.as_bytes()), Ok(Incoming::MarketPosition(held)) if held.ticker == "M")
    );
    assert!(matches!(inbound.translate(fill.as_bytes()), Ok(Incoming::Fill(fill)) if fill.trade_id == "t1"));
    assert!(
        matches!(inbound.translate(order.as_bytes()), Ok(Incoming::UserOrder(order)) if order.order_id == "o1")
    );
}

#[test]
fn a_grid_change_carries_the_new_grid() {
    let ranges = |list: &str| {
        lifecycle(&format!(r#""event_type":"price_level_structure_updated","price_ranges":{list}"#))
    };
    let deci_cent = PriceGrid::uniform(price("0.001"));
    assert_event(
        &ranges(r#"[{"start":"0.0000","end":"1.0000","step":"0.0010"}]"#),
        Some(Event::GridChanged { ticker: "M", grid: &deci_cent }),
    );
    assert!(fault(&ranges("[]")).contains("the price grid has no ranges"));
}

#[test]
fn fees_are_known_only_when_both_type_and_multiplier_are_given() {
    for (kind, multiplier, fees) in [
        ("\"quadratic\"", "1", FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 }),
        (
            "\"quadratic_with_maker_fees\"",
            "0.5",
            FeeSchedule { kind: FeeKind::QuadraticWithMakerFees, multiplier_ppm: 500_000 },
        ),
        (
            "\"quadratic_with_combo_maker_fees\"",
            "0",
            FeeSchedule { kind: FeeKind::QuadraticWithComboMakerFees, multiplier_ppm: 0 },
        ),
        ("\"flat\"", "1", FeeSchedule { kind: FeeKind::Unknown, multiplier_ppm: 1_000_000 }),
        ("null", "null", FeeSchedule { kind: FeeKind::Unknown, multiplier_ppm: 0 }),
        ("\"quadratic\"", "null", FeeSchedule { kind: FeeKind::Unknown, multiplier_ppm: 0 }),
    ] {
        let frame = format!(
            r#"{{"type":"event_fee_update","sid":5,"msg":{{"event_ticker":"E","fee_type_override":{kind},"fee_multiplier_override":{multiplier}}}}}"#
        );
        assert_event(&frame, Some(Event::FeesChanged { event: "E", fees }));
    }
    let negative = r#"{"type":"event_fee_update","msg":{"event_ticker":"E","fee_type_override":"quadratic","fee_multiplier_override":-1}}"#;
    assert!(fault(negative).contains("the fee multiplier -1.000000 makes no sense"));
}

#[test]
fn frames_without_a_meaning_still_take_their_number() {
    for frame in [
        r#"{"type":"ok","id":2,"sid":1,"seq":4,"msg":{"market_tickers":["M"]}}"#,
        r#"{"type":"unsubscribed","id":3,"sid":1,"seq":4}"#,
        r#"{"type":"error","id":3,"sid":1,"seq":4,"msg":{"code":25,"msg":"overflow"}}"#,
        r#"{"type":"something_new","sid":1,"seq":4,"msg":[1]}"#,
    ] {
        assert_event(frame, Some(Event::Sequence(STAMP)));
    }
    for frame in [
        r#"{"type":"subscribed","id":1,"msg":{"channel":"orderbook_delta","sid":1}}"#,
        r#"{"type":"error","id":3,"msg":{"code":8,"msg":"Unknown channel name"}}"#,
    ] {
        assert_event(frame, None);
    }
}

#[test]
fn the_lifecycle_channel_s_count_is_not_passed_on() {
    let mut inbound = Inbound::new(false);
    let opened = lifecycle(r#""event_type":"activated""#);
    assert!(matches!(inbound.translate(opened.as_bytes()), Ok(Incoming::Event(Event::Status { .. }))));
    let closed = br#"{"type":"unsubscribed","id":3,"sid":5,"seq":90}"#;
    assert_eq!(inbound.translate(closed), Ok(Incoming::Nothing));
    let mut book = Vec::new();
    encode::snapshot(&mut book, 5, 1, &Snapshot { ticker: "M".into(), yes: &[], no: &[] });
    assert!(matches!(inbound.translate(&book), Ok(Incoming::Event(Event::Snapshot { .. }))));
    let ok = br#"{"type":"ok","id":4,"sid":5,"seq":2,"msg":{}}"#;
    assert_eq!(inbound.translate(ok), Ok(Incoming::Event(Event::Sequence(Stamp { sid: 5, seq: Some(2) }))));
}

#[test]
fn prices_outside_a_dollar_are_refused() {
    for wild in ["1.0001", "-0.0100", "-9223372036854.775807", "9223372036854.775807"] {
        for side in ["yes", "no"] {
            let delta = format!(
                r#"{{"type":"orderbook_delta","sid":1,"seq":4,"msg":{{"market_ticker":"M","price_dollars":"{wild}","delta_fp":"1.00","side":"{side}"}}}}"#
            );
            let snapshot = format!(
                r#"{{"type":"orderbook_snapshot","sid":1,"seq":4,"msg":{{"market_ticker":"M","{side}_dollars_fp":[["{wild}","1.00"]]}}}}"#
            );
            for frame in [delta, snapshot] {
                assert!(fault(&frame).contains("lies outside 0 to 1 dollar"), "{frame}");
            }
        }
    }
}

#[test]
fn an_escaped_ticker_is_the_same_ticker() {
    let frame = r#"{"type":"ticker","sid":3,"msg":{"market_ticker":"\u004d","price_dollars":"0","yes_bid_dollars":"0","yes_bid_size_fp":"0","yes_ask_dollars":"1","yes_ask_size_fp":"0","volume_fp":"7","open_interest_fp":"0"}}"#;
    assert_event(frame, Some(Event::Ticker { ticker: "M", volume: quantity("7") }));
}
