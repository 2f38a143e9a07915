use super::*;
use crate::kalshi::ws::{Decoder, Message};

/// Two markets with a level on each side.
struct Books;

impl Board for Books {
    fn levels(&self, ticker: &str, yes: &mut Vec<(Price, Quantity)>, no: &mut Vec<(Price, Quantity)>) {
        if ticker.starts_with("KX") {
            yes.push((Price::from_raw(400_000), Quantity::from_contracts(3)));
            no.push((Price::from_raw(550_000), Quantity::from_contracts(4)));
        }
    }

    fn figures<'a>(&'a self, ticker: &'a str, now: Timestamp) -> Option<Ticker<'a>> {
        Some(Ticker { ticker: Cow::Borrowed(ticker), time: Some(now), ..Ticker::default() })
    }
}

fn session() -> Session {
    Session::new(Arc::new(Outbox::new(1_000)))
}

fn said(session: &mut Session, command: &str) -> Vec<String> {
    session.command(command, &Books, Timestamp::from_secs(1));
    session.outbox.texts()
}

fn delta(session: &mut Session, ticker: &str, skip_every: u32) -> Vec<String> {
    let payload = Payload { plain: b"\"plain\":1", yes_price: b"\"yes\":1" };
    session.send(Channel::Book, Some(ticker), "orderbook_delta", payload, skip_every);
    session.outbox.texts()
}

const BOOKS: &str = r#"{"id":1,"cmd":"subscribe","params":{"channels":["orderbook_delta"],"market_tickers":["KXA","KXB"],"use_yes_price":true}}"#;

#[test]
fn a_subscription_is_acknowledged_then_shown_then_counted() {
    let mut session = session();
    let frames = said(&mut session, BOOKS);
    assert_eq!(frames.len(), 3, "{frames:?}");
    assert_eq!(frames[0], r#"{"type":"subscribed","id":1,"msg":{"channel":"orderbook_delta","sid":1}}"#);
    let mut decoder = Decoder::default();
    for (frame, expected) in frames[1..].iter().zip(1..) {
        let frame = decoder.decode(frame.as_bytes()).expect("a frame");
        assert_eq!((frame.sid, frame.seq), (Some(1), Some(expected)));
        let Message::Snapshot(snapshot) = frame.message else { panic!("{frame:?}") };
        assert_eq!(snapshot.no[0].0, Price::from_raw(450_000), "side no has YES prices, as was asked for");
    }
    assert_eq!(
        delta(&mut session, "KXB", 0),
        [r#"{"type":"orderbook_delta","sid":1,"seq":3,"msg":{"yes":1}}"#]
    );
    assert_eq!(delta(&mut session, "KXC", 0), [""; 0], "nobody asked for that market");
}

#[test]
fn a_second_subscribe_joins_the_first() {
    let mut session = session();
    said(&mut session, BOOKS);
    let again =
        r#"{"id":2,"cmd":"subscribe","params":{"channels":["orderbook_delta"],"market_ticker":"KXC"}}"#;
    let frames = said(&mut session, again);
    assert_eq!(
        frames[0],
        r#"{"type":"ok","id":2,"sid":1,"seq":3,"msg":{"market_tickers":["KXA","KXB","KXC"]}}"#
    );
    assert!(frames[1].contains(r#""seq":4"#) && frames[1].contains("KXC"), "{frames:?}");
    assert_eq!(frames.len(), 2, "only the market that is new is shown");
}

#[test]
fn updates_add_take_away_and_show_again() {
    let mut session = session();
    said(&mut session, BOOKS);
    let update = |action: &str, ticker: &str| {
        format!(
            r#"{{"id":9,"cmd":"update_subscription","params":{{"sids":[1],"action":"{action}","market_tickers":["{ticker}"]}}}}"#
        )
    };
    let frames = said(&mut session, &update("delete_markets", "KXB"));
    assert_eq!(frames, [r#"{"type":"ok","id":9,"sid":1,"seq":3,"msg":{"market_tickers":["KXA"]}}"#]);
    let frames = said(&mut session, &update("get_snapshot", "KXA"));
    assert!(frames[0].starts_with(r#"{"type":"orderbook_snapshot","id":9,"sid":1,"seq":4,"#), "{frames:?}");
    let frames = said(&mut session, &update("get_snapshot", "KXB"));
    assert!(
        frames[0].starts_with(r#"{"type":"error","id":9,"sid":1,"seq":5,"msg":{"code":11"#)
            && frames[0].contains(r#""market_ticker":"KXB""#),
        "an error on a subscription takes a number there: {frames:?}"
    );
    let frames = said(&mut session, &update("add_markets", "KXB"));
    assert!(frames[0].contains(r#""seq":6"#) && frames[1].contains(r#""seq":7"#), "{frames:?}");
}

#[test]
fn what_makes_no_sense_has_its_code() {
    let cases = [
        ("nonsense", 1),
        (r#"{"id":1,"cmd":"subscribe"}"#, 2),
        (r#"{"id":1,"cmd":"subscribe","params":{}}"#, 3),
        (r#"{"id":1,"cmd":"unsubscribe","params":{}}"#, 4),
        (r#"{"id":1,"cmd":"dance","params":{}}"#, 5),
        (r#"{"id":1,"cmd":"unsubscribe","params":{"sids":[7]}}"#, 7),
        (r#"{"id":1,"cmd":"subscribe","params":{"channels":["ticker_v2"]}}"#, 8),
        (r#"{"id":1,"cmd":"subscribe","params":{"channels":"trade"}}"#, 11),
        (r#"{"id":1,"cmd":"update_subscription","params":{"action":"add_markets"}}"#, 12),
        (r#"{"id":1,"cmd":"update_subscription","params":{"sid":1,"sids":[1]}}"#, 12),
        (r#"{"id":1,"cmd":"update_subscription","params":{"sid":1,"action":"sing"}}"#, 13),
        (r#"{"id":1,"cmd":"subscribe","params":{"channels":["orderbook_delta"]}}"#, 14),
        (r#"{"id":1,"cmd":"update_subscription","params":{"sid":1}}"#, 15),
    ];
    for (command, code) in cases {
        let frames = said(&mut session(), command);
        assert!(
            frames.len() == 1 && frames[0].contains(&format!(r#""code":{code},"#)),
            "{command}: {frames:?}"
        );
    }
}

#[test]
fn channels_without_numbers_count_their_acknowledgements_alone() {
    let mut session = session();
    said(&mut session, r#"{"id":1,"cmd":"subscribe","params":{"channels":["fill","trade"]}}"#);
    session.send(Channel::Fill, Some("KXA"), "fill", Payload::one(b"\"x\":1"), 0);
    session.send(Channel::Trade, Some("KXA"), "trade", Payload::one(b"\"x\":1"), 0);
    assert_eq!(
        session.outbox.texts(),
        [r#"{"type":"fill","sid":1,"msg":{"x":1}}"#, r#"{"type":"trade","sid":2,"seq":1,"msg":{"x":1}}"#]
    );
    let list = said(&mut session, r#"{"id":3,"cmd":"list_subscriptions"}"#);
    assert_eq!(
        list,
        [r#"{"type":"ok","id":3,"msg":[{"channel":"fill","sid":1},{"channel":"trade","sid":2}]}"#]
    );
    let last = said(&mut session, r#"{"id":4,"cmd":"unsubscribe","params":{"sids":[1]}}"#);
    assert_eq!(last, [r#"{"type":"unsubscribed","id":4,"sid":1,"seq":1}"#]);
    session.send(Channel::Fill, Some("KXA"), "fill", Payload::one(b"\"x\":1"), 0);
    assert_eq!(session.outbox.texts(), [""; 0]);
}

#[test]
fn numbers_are_left_out_where_that_is_asked_for() {
    let mut session = session();
    said(&mut session, BOOKS);
    let numbers: Vec<u64> = (0..6)
        .map(|_| {
            let frame = delta(&mut session, "KXA", 3).remove(0);
            Decoder::default().decode(frame.replace("orderbook_delta", "x").as_bytes()).expect("a frame").seq
        })
        .map(|seq| seq.expect("a number"))
        .collect();
    assert_eq!(numbers, [3, 4, 6, 7, 8, 10]);
}

#[test]
fn a_client_that_doesnt_read_loses_its_subscription() {
    let mut session = session();
    said(&mut session, BOOKS);
    let payload = Payload::one(b"\"x\":\"0123456789012345678901234567890123456789\"");
    for _ in 0..40 {
        session.send(Channel::Book, Some("KXA"), "orderbook_delta", payload, 0);
    }
    let frames = session.outbox.texts();
    let last = frames.last().expect("frames");
    assert!(last.contains(r#""code":25"#) && last.contains(r#""sid":1,"seq":"#), "{last}");
    assert!(frames.len() < 20, "nothing follows the end: {}", frames.len());
    assert_eq!(delta(&mut session, "KXA", 0), [""; 0]);
    let frames = said(&mut session, BOOKS);
    assert!(frames[0].contains(r#""sid":2"#), "it may subscribe again: {frames:?}");
}
