use super::*;
use crate::kalshi::credentials::{KEY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use crate::kalshi::sign::{KeyKind, Signer, Verifier, generate};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::{SinkExt, StreamExt};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use server::{Server, Session};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_tungstenite::tungstenite::Message;

mod server;

/// Far beyond what any of these takes.
const GENEROUS: Duration = Duration::from_secs(30);

/// Books and nothing else, at a pace for tests.
fn settings(server: &Server) -> StreamSettings {
    let attempts = AtomicU64::new(0);
    let headers: Headers = Arc::new(move || {
        vec![("KALSHI-ACCESS-TIMESTAMP", (1_000 + attempts.fetch_add(1, Ordering::Relaxed)).to_string())]
    });
    StreamSettings {
        channels: vec![Channel::OrderbookDelta],
        first_pause: Duration::from_millis(2),
        longest_pause: Duration::from_millis(20),
        ..StreamSettings::new(server.url(), headers)
    }
}

/// A stream with these books, not yet connected.
fn stream(settings: StreamSettings, tickers: &[&str]) -> Stream {
    let mut stream = Stream::new(settings).expect("an address on this machine");
    stream.follow(tickers);
    stream
}

/// Polls the stream until the script is through. Every step of the script gives up waiting for the stream once.
async fn play<T>(stream: &mut Stream, script: impl Future<Output = T>) -> (Vec<StreamEvent>, T) {
    let played = async {
        let mut script = pin!(script);
        let mut events = Vec::new();
        loop {
            tokio::select! {
                biased;
                end = &mut script => return (events, end),
                event = stream.next() => events.push(event),
            }
        }
    };
    timeout(GENEROUS, played).await.expect("the script comes to its end")
}

/// Polls the stream until an event like this.
async fn until(stream: &mut Stream, like: impl Fn(&StreamEvent) -> bool) -> StreamEvent {
    let found = async {
        loop {
            let event = stream.next().await;
            if like(&event) {
                return event;
            }
        }
    };
    timeout(GENEROUS, found).await.expect("it happens")
}

fn tickers(command: &Value) -> Vec<&str> {
    command["params"]["market_tickers"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn frames(events: &[StreamEvent]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| match event {
            StreamEvent::Frame(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

const DELTA: &str = r#"{"type":"orderbook_delta","sid":1,"seq":2,"msg":{"market_ticker":"A"}}"#;

#[tokio::test]
async fn every_handshake_has_headers_of_its_own() {
    let server = Server::open().await;
    let mut stream = stream(settings(&server), &["A"]);
    let stamp = |session: &Session| session.headers["kalshi-access-timestamp"].clone();
    let (events, ()) = play(&mut stream, async {
        let first = server.accept().await;
        assert_eq!(stamp(&first), "1000");
        assert_eq!(first.path, "/trade-api/ws/v2");
        drop(first);
        assert_eq!(stamp(&server.accept().await), "1001");
    })
    .await;
    assert_eq!(events.first(), Some(&StreamEvent::Connected));
    assert!(matches!(events.get(1), Some(StreamEvent::Disconnected { .. })), "{events:?}");
}

#[tokio::test]
async fn a_signed_handshake_proves_the_key_for_its_moment_and_path() {
    let pair = generate(KeyKind::Ed25519);
    let signer = Signer::from_pem(pair.private_pem.expose_secret()).expect("sound");
    let verifier = Verifier::from_pem(&pair.public_pem).expect("sound");
    let server = Server::open().await;
    let credentials = Arc::new(Credentials::new("an-id", signer));
    let signed = StreamSettings::signed(server.url(), credentials);
    let (_, session) = play(&mut stream(signed, &["A"]), server.accept()).await;
    let header = |name: &str| session.headers[name].to_str().expect("printable").to_owned();
    assert_eq!(header(KEY_HEADER), "an-id");
    let text = format!("{}GET/trade-api/ws/v2", header(TIMESTAMP_HEADER));
    let signature = BASE64_STANDARD.decode(header(SIGNATURE_HEADER)).expect("base64");
    assert!(verifier.verify(text.as_bytes(), &signature), "{text}");
}

#[tokio::test]
async fn after_a_drop_the_followed_markets_are_subscribed_to_again() {
    let server = Server::open().await;
    let mut stream = stream(settings(&server), &["A", "B"]);
    let (_, mut session) = play(&mut stream, async {
        let mut session = server.accept().await;
        let command = session.serve().await;
        assert_eq!(tickers(&command), ["A", "B"]);
        assert_eq!(command["params"]["use_yes_price"], json!(true));
        session
    })
    .await;
    stream.follow(&["C"]);
    let (events, mut session) = play(&mut stream, async {
        let command = session.serve().await;
        assert_eq!((&command["params"]["action"], tickers(&command)), (&json!("add_markets"), vec!["C"]));
        drop(session);
        let mut session = server.accept().await;
        assert_eq!(tickers(&session.serve().await), ["A", "B", "C"]);
        session
    })
    .await;
    assert!(events.iter().any(|event| matches!(event, StreamEvent::Disconnected { .. })), "{events:?}");
    stream.unfollow(&["A", "C"]);
    play(&mut stream, async {
        let command = session.serve().await;
        assert_eq!(
            (&command["params"]["action"], tickers(&command)),
            (&json!("delete_markets"), vec!["A", "C"])
        );
    })
    .await;
}

#[tokio::test]
async fn pauses_grow_until_a_connection_brings_an_answer() {
    let server = Server::open().await;
    let mut stream = stream(settings(&server), &["A"]);
    play(&mut stream, async {
        for _ in 0..3 {
            drop(server.accept().await);
        }
    })
    .await;
    until(&mut stream, |event| matches!(event, StreamEvent::Disconnected { .. })).await;
    let fresh = Backoff::new(Duration::from_millis(2), Duration::from_millis(20));
    assert_ne!(stream.backoff, fresh, "a handshake alone is no success");
    play(&mut stream, async { server.accept().await.serve().await }).await;
    until(&mut stream, |event| matches!(event, StreamEvent::Disconnected { .. })).await;
    let mut once = fresh;
    once.next(0);
    assert_eq!(stream.backoff, once, "the answer made the pauses start afresh");
}

#[tokio::test]
async fn refused_credentials_are_told_and_any_other_refusal_is_waited_out() {
    let server = Server::open().await;
    let mut stream = stream(settings(&server), &["A"]);
    let (events, ()) = play(&mut stream, async {
        server.refuse(401, r#"{"code":"authentication_error"}"#).await;
        server.refuse(429, "slow down").await;
        server.accept().await.serve().await;
    })
    .await;
    let StreamEvent::Refused { status: 401, body } = &events[0] else { panic!("{events:?}") };
    assert!(body.contains("authentication_error"), "{body}");
    let StreamEvent::Disconnected { reason } = &events[1] else { panic!("{events:?}") };
    assert!(reason.contains("429"), "{reason}");
    assert_eq!(events[2], StreamEvent::Connected);
}

#[tokio::test]
async fn frames_before_and_between_answers_are_handed_on_in_their_order() {
    let server = Server::open().await;
    let mut stream = stream(settings(&server), &["A"]);
    let odd = r#"{"sid":1,"type":"subscribed","nonsense":true}"#;
    let (_, mut session) = play(&mut stream, server.accept()).await;
    let (events, ()) = play(&mut stream, async {
        session.send(DELTA).await;
        session.send(odd).await;
        session.socket.send(Message::Ping("heartbeat".into())).await.expect("it is there");
        session.send(DELTA).await;
        session.serve().await;
        loop {
            if let Message::Pong(payload) = session.socket.next().await.expect("there").expect("whole") {
                break assert_eq!(payload, "heartbeat");
            }
        }
    })
    .await;
    assert_eq!(frames(&events)[..3], [DELTA, odd, DELTA]);
    let rest = until(&mut stream, |event| matches!(event, StreamEvent::Frame(_))).await;
    assert!(matches!(rest, StreamEvent::Frame(text) if text.contains("subscribed")));
}

#[tokio::test]
async fn an_overflow_interrupts_the_books_alone_and_they_are_asked_for_again() {
    let server = Server::open().await;
    let mut stream = stream(settings(&server), &["A"]);
    let (_, mut session) = play(&mut stream, async {
        let mut session = server.accept().await;
        session.serve().await;
        session
    })
    .await;
    let (events, ()) = play(&mut stream, async {
        session.send(r#"{"type":"error","sid":1,"seq":3,"msg":{"code":25,"msg":"overflow"}}"#).await;
        assert_eq!(tickers(&session.serve().await), ["A"]);
    })
    .await;
    let frame = events.iter().position(|event| matches!(event, StreamEvent::Frame(_)));
    let interrupted = events
        .iter()
        .position(|event| matches!(event, StreamEvent::Interrupted { channel: Channel::OrderbookDelta, .. }));
    assert!(interrupted.is_some(), "{events:?}");
    assert!(frame < interrupted, "the frame comes first: {events:?}");
    assert!(!events.iter().any(|event| matches!(event, StreamEvent::Disconnected { .. })), "{events:?}");
}

#[tokio::test]
async fn a_refused_command_is_a_fault_and_the_stream_goes_on() {
    let server = Server::open().await;
    let mut stream = stream(settings(&server), &["A"]);
    let (_, mut session) = play(&mut stream, server.accept()).await;
    play(&mut stream, async {
        let id = session.command().await["id"].clone();
        let msg = json!({"code": 9, "msg": "Authentication required"});
        session.send(json!({"id": id, "type": "error", "msg": msg}).to_string()).await;
    })
    .await;
    let fault = until(&mut stream, |event| matches!(event, StreamEvent::Fault { .. })).await;
    let message = "Authentication required".to_owned();
    assert_eq!(fault, StreamEvent::Fault { code: 9, message, ticker: None });
    play(&mut stream, session.serve()).await;
    assert!(stream.is_connected());
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_dropped() {
    let server = Server::open().await;
    let silence = Duration::from_millis(100);
    let mut stream = stream(StreamSettings { silence, ..settings(&server) }, &["A"]);
    let (_, session) = play(&mut stream, server.accept()).await;
    let event = until(&mut stream, |event| matches!(event, StreamEvent::Disconnected { .. })).await;
    assert!(
        matches!(&event, StreamEvent::Disconnected { reason } if reason.contains("nothing came")),
        "{event:?}"
    );
    drop(session);
    play(&mut stream, server.accept()).await;
}

#[tokio::test]
async fn a_command_that_gets_no_answer_ends_the_connection() {
    let server = Server::open().await;
    // The handshake has to be through within it too, on a busy machine.
    let patience = Duration::from_millis(300);
    let mut stream = stream(StreamSettings { patience, ..settings(&server) }, &["A"]);
    let (_, mut session) = play(&mut stream, server.accept()).await;
    play(&mut stream, async {
        let first = session.command().await;
        assert_eq!(session.command().await, first, "it is sent again");
    })
    .await;
    let event = until(&mut stream, |event| matches!(event, StreamEvent::Disconnected { .. })).await;
    assert!(
        matches!(&event, StreamEvent::Disconnected { reason } if reason.contains("no answer")),
        "{event:?}"
    );
}

#[tokio::test]
async fn a_snapshot_of_twenty_mebibytes_passes() {
    let server = Server::open().await;
    let mut stream = stream(settings(&server), &["A"]);
    let big = format!(r#"{{"type":"orderbook_snapshot","pad":"{}"}}"#, "x".repeat(20 << 20));
    let length = big.len();
    let (_, mut session) = play(&mut stream, server.accept()).await;
    let receive = until(&mut stream, |event| matches!(event, StreamEvent::Frame(_)));
    let ((), event) = tokio::join!(session.send(big), receive);
    assert!(matches!(event, StreamEvent::Frame(text) if text.len() == length));
}

#[tokio::test]
async fn giving_up_a_wait_loses_no_frame() {
    const FRAMES: usize = 2_000;
    let server = Server::open().await;
    let mut stream = stream(settings(&server), &["A"]);
    let (mut given_up, mut seen) = (0, Vec::new());
    let send = async {
        let mut session = server.accept().await;
        session.serve().await;
        for seq in 0..FRAMES {
            session.send(format!(r#"{{"type":"orderbook_delta","sid":1,"seq":{seq}}}"#)).await;
            if seq % 16 == 0 {
                tokio::task::yield_now().await;
            }
        }
        session
    };
    let receive = async {
        while seen.len() < FRAMES {
            tokio::select! {
                biased;
                event = stream.next() => match event {
                    StreamEvent::Frame(text) if text.starts_with(r#"{"type":"orderbook_delta""#) => seen.push(text),
                    StreamEvent::Disconnected { reason } => panic!("{reason}"),
                    _ => {}
                },
                // It is ready at once: whatever the stream was waiting for is given up.
                () = tokio::task::yield_now() => given_up += 1,
            }
        }
    };
    let (_session, ()) =
        timeout(GENEROUS, async { tokio::join!(send, receive) }).await.expect("every frame comes");
    assert!(given_up > 20, "{given_up}");
    let expected = (0..FRAMES).map(|seq| format!(r#"{{"type":"orderbook_delta","sid":1,"seq":{seq}}}"#));
    assert!(expected.eq(seen.iter().map(|text| text.as_str().to_owned())), "in their order, none twice");
}

#[tokio::test]
async fn books_are_asked_for_again_on_their_subscription() {
    let server = Server::open().await;
    let settings = StreamSettings { markets_per_command: 2, ..settings(&server) };
    let mut stream = stream(settings, &["A", "B", "C"]);
    let (_, mut session) = play(&mut stream, async {
        let mut session = server.accept().await;
        session.serve().await;
        session.serve().await;
        session
    })
    .await;
    until(&mut stream, |event| matches!(event, StreamEvent::Frame(text) if text.contains("\"ok\""))).await;
    stream.request_snapshots(99);
    stream.request_snapshots(1);
    play(&mut stream, async {
        let mut asked = Vec::new();
        while asked.len() < 3 {
            let command = session.command().await;
            assert_eq!(command["params"]["action"], "get_snapshot");
            asked.extend(tickers(&command).into_iter().map(str::to_owned));
            let id = &command["id"];
            session.send(format!(r#"{{"type":"orderbook_snapshot","id":{id},"sid":1,"seq":5}}"#)).await;
        }
        assert_eq!(asked, ["A", "B", "C"]);
    })
    .await;
}

#[tokio::test]
async fn an_exchange_that_cannot_prove_its_name_gets_no_signature() {
    let server = Server::open().await;
    let url = server.url().replace("ws://127.0.0.1", "wss://localhost");
    let mut stream = stream(StreamSettings { url, ..settings(&server) }, &["A"]);
    let (events, heard) = play(&mut stream, server.accept_as_a_stranger()).await;
    assert!(!heard, "nothing is said to a stranger");
    let event = match events.into_iter().next() {
        Some(event) => event,
        None => until(&mut stream, |_| true).await,
    };
    let StreamEvent::Disconnected { reason } = &event else { panic!("{event:?}") };
    assert!(reason.contains("certificate"), "{reason}");
}

#[tokio::test]
async fn a_stream_says_goodbye() {
    let server = Server::open().await;
    let mut stream = stream(settings(&server), &["A"]);
    let (_, mut session) = play(&mut stream, async {
        let mut session = server.accept().await;
        session.serve().await;
        session
    })
    .await;
    let goodbye = async {
        let last = session.socket.next().await;
        assert!(matches!(last, Some(Ok(Message::Close(_)))), "{last:?}");
    };
    tokio::join!(stream.close(), goodbye);
}
