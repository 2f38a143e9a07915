use super::*;
use std::io::{Read, Write};
use std::net::TcpStream;

/// What comes back on one connection.
fn said(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("somebody listens");
    stream.write_all(request.as_bytes()).expect("it is taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    answer
}

async fn asked(address: SocketAddr, request: &'static str) -> String {
    tokio::task::spawn_blocking(move || said(address, request)).await.expect("the thread")
}

async fn endpoint() -> Endpoint {
    Endpoint::bind("127.0.0.1:0".parse().expect("an address")).await.expect("a free port")
}

const GET: &str = "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_told_as_they_were_given() {
    let mut endpoint = endpoint().await;
    let answer = tokio::spawn(asked(endpoint.address(), GET));
    let mut figures = Figures::default();
    figures.counter("frames", "Frames.", 7);
    endpoint.next().await.send(figures);
    let answer = answer.await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains(CONTENT_TYPE), "{answer}");
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body);
    let expected = "# HELP kalshi_bot_frames Frames.\n# TYPE kalshi_bot_frames counter\nkalshi_bot_frames_total 7\n# EOF\n";
    assert_eq!(body, Some(expected));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_else_is_there_and_the_bot_is_not_asked_for_it() {
    let mut endpoint = endpoint().await;
    let others = [
        "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        "POST /metrics HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "GET /metrics/../etc HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    ];
    let address = endpoint.address();
    let asked = async {
        for request in others {
            let answer = asked(address, request).await;
            assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{request}: {answer}");
        }
    };
    tokio::select! {
        () = asked => {}
        _ = endpoint.next() => panic!("the bot was asked"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_that_gives_no_figures_is_said_to_be_ending() {
    let mut endpoint = endpoint().await;
    let answer = tokio::spawn(asked(endpoint.address(), GET));
    drop(endpoint.next().await);
    let answer = answer.await.expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n") && answer.contains("ending"),
        "{answer}"
    );
}
