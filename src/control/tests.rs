use super::*;
use crate::market::{Outcome, Side};
use crate::telemetry::log::RecentLine;
use crate::telemetry::queue::Queue;
use crate::units::{Money, Price, Quantity, Timestamp};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn status() -> Status {
    Status {
        trading: "halted".to_owned(),
        reasons: vec![HaltCause {
            code: "operator".to_owned(),
            since: Timestamp::from_secs(1_795_370_000),
            detail: "lunch".to_owned(),
            latched: true,
        }],
        pid: 4_242,
        version: "0.1.0".to_owned(),
        uptime_seconds: 61,
        exchange: "demo".to_owned(),
        connected: true,
        markets: 12,
        frames: 3_456,
        gaps: 1,
        positions: vec![HeldPosition {
            ticker: "KXA-1".to_owned(),
            outcome: Outcome::No,
            quantity: Quantity::from_raw(1_250),
            entry: Price::from_raw(853_301),
            mark: None,
            unrealised: Money::from_raw(-1),
        }],
        orders: vec![WorkingOrder {
            client_id: "kb-1k3f9x2a-17".to_owned(),
            ticker: "KXA-1".to_owned(),
            side: Side::Ask,
            price: Price::from_raw(150_000),
            remaining: Quantity::from_contracts(10),
            purpose: "take_profit".to_owned(),
            state: "resting".to_owned(),
        }],
        cash: Money::from_raw(91_490_001),
        equity: Money::from_dollars(100),
        daily_pnl: Money::ZERO,
        signals: 4,
        trades: 3,
        reconciled: Some(Reconciled {
            at: Timestamp::from_secs(1_795_370_002),
            result: "clean".to_owned(),
            differences: Vec::new(),
        }),
        latency: vec![StageTimes {
            stage: "step".to_owned(),
            count: 9,
            p50_ns: 800,
            p99_ns: 2_000,
            max_ns: 4_000,
        }],
        feed_age_ms: Some(1_240),
        queues: vec![Queue::new("store", 2, 0), Queue::new("log_console", 0, 1_204)],
        metrics: Some("http://127.0.0.1:9464/metrics".to_owned()),
        errors: vec![RecentLine {
            time: Timestamp::from_secs(1_795_370_003),
            level: "WARN".to_owned(),
            logger: "kalshi_bot::kalshi::stream".to_owned(),
            text: "no stream; the next attempt follows after a pause reason=\"timed out\" pause=1.2s"
                .to_owned(),
        }],
    }
}

fn why() -> Why {
    let refused = BTreeMap::from([("spread_too_wide".to_owned(), 7)]);
    Why {
        gates: vec![Gate { gate: "filter".to_owned(), passed: 5, refused }],
        market: Some(MarketWhy {
            ticker: "KXA-1".to_owned(),
            status: "active".to_owned(),
            bid: Some(Price::from_raw(860_000)),
            ask: None,
            spread: None,
            depth: Money::from_dollars(40),
            volume: Quantity::from_contracts(900),
            closes: Timestamp::from_secs(1_795_380_000),
            seconds_left: 10_000,
            verdicts: vec![GateVerdict {
                gate: "filter".to_owned(),
                passed: true,
                refused: vec!["one_sided".to_owned()],
            }],
            refusal: Some(Refusal { gate: "filter".to_owned(), reason: "one_sided".to_owned() }),
            signal: None,
        }),
    }
}

/// Asks on a thread of its own, so that the listener of this one can answer.
fn asked(folder: &Path, request: Request) -> tokio::task::JoinHandle<Result<Reply, ControlError>> {
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || ask(&folder, &request))
}

#[tokio::test]
async fn every_request_and_reply_crosses_the_socket_unchanged() {
    let folder = folder();
    let mut listener = Listener::bind(folder.path()).expect("the socket");
    let cleared = ClearedHalt {
        reason: "daily_loss".to_owned(),
        since: Timestamp::from_secs(5),
        detail: "lost 5".to_owned(),
    };
    for (request, reply) in [
        (Request::Status, Reply::Status(Box::new(status()))),
        (Request::Halt { note: Some("lunch\nbreak".to_owned()) }, Reply::Halted { was_halted: false }),
        (Request::Halt { note: None }, Reply::Halted { was_halted: true }),
        (Request::Resume, Reply::Resumed { cleared: vec![cleared], trading: "active".to_owned() }),
        (Request::Why { ticker: Some("KXA-1".to_owned()) }, Reply::Why(Box::new(why()))),
        (Request::Why { ticker: None }, Reply::Refused { message: "not now".to_owned() }),
        (Request::Stop, Reply::Stopping),
    ] {
        let asked = asked(folder.path(), request.clone());
        let (heard, answer) = listener.next().await;
        assert_eq!(heard, request);
        answer.send(reply.clone());
        assert_eq!(asked.await.expect("the thread").expect("a reply"), reply);
    }
}

#[tokio::test]
async fn only_the_owner_may_open_the_socket_and_it_goes_with_the_listener() {
    let folder = folder();
    let listener = Listener::bind(folder.path()).expect("the socket");
    let path = folder.path().join("control.sock");
    assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing else is left lying about");
    drop(listener);
    assert!(!path.exists());
    let fault = ask(folder.path(), &Request::Status).unwrap_err();
    assert!(matches!(fault, ControlError::NotRunning { .. }), "{fault}");
}

#[tokio::test]
async fn a_dead_socket_is_replaced_and_a_live_one_is_not() {
    let folder = folder();
    let path = folder.path().join("control.sock");
    // What a killed process leaves: a socket that nobody listens on.
    drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket"));
    let fault = ask(folder.path(), &Request::Status).unwrap_err();
    assert!(matches!(fault, ControlError::NotRunning { .. }), "{fault}");

    let mut first = Listener::bind(folder.path()).expect("the dead one is no hindrance");
    let fault = Listener::bind(folder.path()).unwrap_err();
    assert!(matches!(fault, ControlError::AlreadyRunning { .. }), "{fault}");
    let asked = asked(folder.path(), Request::Stop);
    let (_, answer) = first.next().await;
    answer.send(Reply::Stopping);
    assert_eq!(asked.await.expect("the thread").expect("the first still answers"), Reply::Stopping);
}

#[tokio::test]
async fn a_file_in_the_way_and_a_path_too_long_are_named() {
    let folder = folder();
    fs::write(folder.path().join("control.sock"), "notes").expect("a file");
    let fault = Listener::bind(folder.path()).unwrap_err();
    assert!(matches!(fault, ControlError::NotASocket { .. }), "{fault}");

    let deep = folder.path().join("d".repeat(120));
    for fault in [Listener::bind(&deep).unwrap_err(), ask(&deep, &Request::Status).unwrap_err()] {
        assert!(matches!(fault, ControlError::PathTooLong { .. }), "{fault}");
        assert!(fault.to_string().contains("may have 107"), "{fault}");
    }
}

/// Writes a line as any program might and returns the reply's text.
fn said(folder: &Path, line: &[u8]) -> String {
    let mut stream = UnixStream::connect(folder.join("control.sock")).expect("somebody listens");
    stream.write_all(line).expect("it is taken");
    stream.shutdown(std::net::Shutdown::Write).expect("it is open");
    let mut reply = String::new();
    BufReader::new(stream).read_line(&mut reply).expect("a line");
    reply
}

#[tokio::test]
async fn what_makes_no_sense_is_answered_without_the_bot() {
    let folder = folder();
    let mut listener = Listener::bind(folder.path()).expect("the socket");
    let dir = folder.path().to_owned();
    let endless = vec![b'x'; 70_000];
    let said = tokio::task::spawn_blocking(move || {
        [
            &b"nonsense\n"[..],
            b"{\"version\":1,\"request\":{\"kind\":\"dance\"}}\n",
            b"{\"version\":1,\"request\":{\"kind\":\"halt\",\"nota\":\"x\"}}\n",
            b"{\"version\":2,\"request\":{\"kind\":\"status\"}}\n",
            b"{\"version\":1,\"request\":{\"kind\":\"status\"}}",
            &endless,
        ]
        .map(|line| said(&dir, line))
    });
    let said = tokio::select! {
        said = said => said.expect("the thread"),
        (request, _) = listener.next() => panic!("the bot was asked {request:?}"),
    };
    for reply in &said {
        assert!(reply.starts_with(r#"{"version":1,"reply":{"kind":"refused","message":""#), "{reply}");
    }
    assert!(said[3].contains("the request is of version 2"), "{}", said[3]);
    assert!(said[4].contains("one line"), "{}", said[4]);
}

#[tokio::test]
async fn a_bot_that_drops_a_request_or_ends_is_heard() {
    let folder = folder();
    let mut listener = Listener::bind(folder.path()).expect("the socket");
    let dropped = asked(folder.path(), Request::Status);
    drop(listener.next().await);
    let reply = dropped.await.expect("the thread").expect("a reply");
    assert!(matches!(&reply, Reply::Refused { message } if message.contains("ending")), "{reply:?}");

    let stopped = asked(folder.path(), Request::Stop);
    let (_, answer) = listener.next().await;
    answer.send(Reply::Stopping);
    listener.close().await;
    assert_eq!(stopped.await.expect("the thread").expect("a reply"), Reply::Stopping);
    assert!(!folder.path().join("control.sock").exists());
}

#[test]
fn a_reply_of_another_version_is_refused() {
    let folder = folder();
    let listener =
        std::os::unix::net::UnixListener::bind(folder.path().join("control.sock")).expect("a socket");
    let other = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a caller");
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).expect("a request");
        (&stream).write_all(b"{\"version\":9,\"reply\":{\"kind\":\"stopping\"}}\n").expect("it is taken");
    });
    let fault = ask(folder.path(), &Request::Status).unwrap_err();
    assert!(fault.to_string().contains("it speaks version 9"), "{fault}");
    other.join().expect("the other side");
}
