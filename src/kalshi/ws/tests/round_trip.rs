//! What is encoded is read back unchanged.

use super::*;
use crate::kalshi::ws::encode;

fn prices() -> impl Strategy<Value = Price> {
    prop_oneof![
        (0..=10_000_i64).prop_map(|raw| Price::from_raw(raw * 100)),
        (0..=1_000_000_i64).prop_map(Price::from_raw)
    ]
}

fn sizes() -> impl Strategy<Value = Quantity> {
    prop_oneof![0..100_000_i64, any::<i32>().prop_map(|raw| i64::from(raw).abs())]
        .prop_map(Quantity::from_raw)
}

fn changes() -> impl Strategy<Value = Quantity> {
    any::<i32>().prop_map(|raw| Quantity::from_raw(i64::from(raw)))
}

fn millis() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::of((0..4_102_444_800_000_i64).prop_map(Timestamp::from_millis))
}

fn seconds() -> impl Strategy<Value = Timestamp> {
    (0..4_102_444_800_i64).prop_map(Timestamp::from_secs)
}

/// Mostly tickers, and now and then anything at all.
fn text() -> impl Strategy<Value = Cow<'static, str>> {
    prop_oneof![4 => "KX[A-Z0-9]{2,10}-26[A-Z0-9]{5,7}-[TB][0-9.]{1,8}", 1 => "\\PC{0,12}", 1 => any::<String>()]
        .prop_map(Cow::Owned)
}

fn outcomes() -> impl Strategy<Value = OutcomeSide> {
    prop::sample::select(vec![OutcomeSide::Yes, OutcomeSide::No])
}

fn ladders() -> impl Strategy<Value = Vec<(Price, Quantity)>> {
    prop::collection::vec((prices(), sizes()), 0..12)
}

fn ranges() -> impl Strategy<Value = Vec<PriceRange>> {
    prop::collection::vec((prices(), prices(), prices()), 0..4)
        .prop_map(|all| all.into_iter().map(|(start, end, step)| PriceRange { start, end, step }).collect())
}

fn results() -> impl Strategy<Value = MarketResult<'static>> {
    prop_oneof![
        Just(MarketResult::Yes),
        Just(MarketResult::No),
        Just(MarketResult::Scalar),
        "v[a-z]{2,6}".prop_map(|word| MarketResult::Other(word.into())),
    ]
}

fn lifecycle_changes() -> impl Strategy<Value = LifecycleChange<'static>> {
    let created = (
        prop::option::of(seconds()),
        prop::option::of(seconds()),
        any::<u32>(),
        prop::option::of(text()),
        prop::option::of(text()),
        ranges(),
    );
    prop_oneof![
        created.prop_map(|(open, close, exchange_index, event_ticker, title, ranges)| {
            LifecycleChange::Created(Box::new(Created {
                open,
                close,
                exchange_index,
                event_ticker,
                title,
                ranges,
            }))
        }),
        Just(LifecycleChange::Activated),
        Just(LifecycleChange::Deactivated),
        seconds().prop_map(|close| LifecycleChange::CloseDateUpdated { close }),
        (results(), prop::option::of(prices()), prop::option::of(seconds())).prop_map(
            |(result, settlement_value, time)| LifecycleChange::Determined { result, settlement_value, time }
        ),
        prop::option::of(seconds()).prop_map(|time| LifecycleChange::Settled { time }),
        (text(), ranges()).prop_map(|(structure, ranges)| LifecycleChange::PriceLevelStructureUpdated {
            structure,
            ranges
        }),
        (prop::option::of(text()), prop::option::of(text())).prop_map(|(yes_sub_title, strike_type)| {
            LifecycleChange::MetadataUpdated(Box::new(MetadataUpdated {
                yes_sub_title,
                strike_type,
                floor_strike: Some("60499.99"),
                cap_strike: None,
            }))
        }),
        "x[a-z_]{2,6}".prop_map(|word| LifecycleChange::Other { event_type: word.into() }),
    ]
}

/// Decodes the one frame in `out` and compares it.
fn assert_reads(out: &[u8], sid: u32, seq: Option<u64>, expected: Message<'_>) -> Result<(), TestCaseError> {
    let mut decoder = Decoder::default();
    let frame = decoder.decode(out).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(frame, Frame { id: None, sid: Some(sid), seq, sent: None, message: expected });
    Ok(())
}

proptest! {
    #[test]
    fn snapshots(sid: u32, seq: u64, ticker in text(), yes in ladders(), no in ladders()) {
        let snapshot = Snapshot { ticker, yes: &yes, no: &no };
        let mut out = Vec::new();
        encode::snapshot(&mut out, sid, seq, &snapshot);
        assert_reads(&out, sid, Some(seq), Message::Snapshot(snapshot))?;
    }

    #[test]
    fn deltas(
        (sid, seq) in (any::<u32>(), 0..1_u64 << 60),
        (ticker, client_order_id) in (text(), prop::option::of(text())),
        (price, change, side, time) in (prices(), changes(), outcomes(), millis()),
    ) {
        let delta = Delta { ticker, price, change, side, client_order_id, time };
        let mut out = Vec::new();
        encode::delta(&mut out, sid, seq, &delta);
        let is_plain = delta.ticker.bytes().all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte));
        prop_assert_eq!(scan::delta(&out).is_some(), is_plain && delta.client_order_id.is_none());
        assert_reads(&out, sid, Some(seq), Message::Delta(delta))?;
    }

    #[test]
    fn trades(
        (sid, seq) in any::<(u32, u64)>(),
        (trade_id, ticker) in (text(), text()),
        (yes_price, quantity, taker, is_block, time) in (prices(), sizes(), outcomes(), any::<bool>(), millis()),
    ) {
        let trade = Trade { trade_id, ticker, yes_price, quantity, taker, is_block, time };
        let mut out = Vec::new();
        encode::trade(&mut out, sid, seq, &trade);
        assert_reads(&out, sid, Some(seq), Message::Trade(trade))?;
    }

    #[test]
    fn tickers(
        (sid, ticker, time) in (any::<u32>(), text(), millis()),
        (last, bid, ask) in (prices(), prices(), prices()),
        (bid_size, ask_size, last_size, volume, open_interest) in (sizes(), sizes(), sizes(), sizes(), sizes()),
        (dollar_volume, dollar_open_interest) in any::<(i64, i64)>(),
    ) {
        let ticker = Ticker {
            ticker, last, bid, bid_size, ask, ask_size, last_size, volume, open_interest, dollar_volume,
            dollar_open_interest, time,
        };
        let mut out = Vec::new();
        encode::ticker(&mut out, sid, &ticker);
        assert_reads(&out, sid, None, Message::Ticker(Box::new(ticker)))?;
    }

    #[test]
    fn lifecycles(sid: u32, seq: u64, ticker in text(), change in lifecycle_changes()) {
        let lifecycle = Lifecycle { ticker, change };
        let mut out = Vec::new();
        encode::lifecycle(&mut out, sid, seq, &lifecycle);
        assert_reads(&out, sid, Some(seq), Message::Lifecycle(lifecycle))?;
    }

    #[test]
    fn fees(
        sid: u32, seq: u64, event in text(), fee_type in prop::option::of(text()),
        multiplier in prop::option::of((0..4_000_000_i64).prop_map(Ratio::from_raw)),
    ) {
        let fees = EventFees { event, fee_type, multiplier };
        let mut out = Vec::new();
        encode::event_fees(&mut out, sid, seq, &fees);
        assert_reads(&out, sid, Some(seq), Message::EventFees(fees))?;
    }

    #[test]
    fn answers(id: u64, sid: u32, seq: u64, channel in text(), tickers in prop::collection::vec(text(), 0..4)) {
        let mut out = Vec::new();
        encode::subscribed(&mut out, id, &channel, sid);
        let mut decoder = Decoder::default();
        let frame = decoder.decode(&out).expect("what was just written");
        prop_assert_eq!(frame.id, Some(id));
        prop_assert_eq!(frame.message, Message::Subscribed(Subscription { channel, sid }));
        out.clear();
        let names: Vec<&str> = tickers.iter().map(AsRef::as_ref).collect();
        encode::ok(&mut out, id, sid, seq, &names);
        let mut decoder = Decoder::default();
        let frame = decoder.decode(&out).expect("what was just written");
        prop_assert_eq!((frame.id, frame.sid, frame.seq), (Some(id), Some(sid), Some(seq)));
        let expected = Acknowledged { market_tickers: tickers.clone(), subscriptions: Vec::new() };
        prop_assert_eq!(frame.message, Message::Ok(expected));
    }
}

#[test]
fn a_delta_has_the_form_of_the_exchange() {
    let delta = Delta {
        ticker: "KXDEMO-26DEC01-T50".into(),
        price: price("0.45"),
        change: quantity("-2.5"),
        side: OutcomeSide::No,
        client_order_id: None,
        time: Some(Timestamp::from_millis(1_795_370_000_460)),
    };
    let mut out = Vec::new();
    encode::delta(&mut out, 1, 4, &delta);
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    let (head, rest) = text.split_once("\"market_id\":\"").expect("a market id");
    assert_eq!(
        head,
        r#"{"type":"orderbook_delta","sid":1,"seq":4,"msg":{"market_ticker":"KXDEMO-26DEC01-T50","#
    );
    let (id, tail) = rest.split_at(36);
    assert!(id.split('-').map(str::len).eq([8, 4, 4, 4, 12]), "{id}");
    assert_eq!(
        tail,
        r#"","price_dollars":"0.4500","delta_fp":"-2.50","side":"no","ts":"2026-11-22T17:53:20.46Z","ts_ms":1795370000460}}"#
    );
}
