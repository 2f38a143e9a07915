//! Connections that don't come about, break, or lead elsewhere.

use super::server::{Reply, Server};
use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Takes connections, handles each as told, and counts them.
async fn listen<F>(handle: fn(TcpStream) -> F) -> (u16, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(handle(stream));
        }
    });
    (port, count)
}

#[tokio::test]
async fn a_connection_that_breaks_after_sending_leaves_doubt() {
    let (port, count) = listen(|mut stream| async move {
        let _ = stream.read(&mut [0; 4_096]).await;
    })
    .await;
    let (client, _) = patient(&format!("http://127.0.0.1:{port}/trade-api/v2"));
    let fault = client.create_order(&order()).await.expect_err("broken");
    assert!(matches!(fault, ApiError::NoAnswer { .. }) && fault.leaves_doubt(), "{fault}");
    assert_eq!(count.load(Ordering::SeqCst), 1);
    client.balance().await.expect_err("broken");
    assert_eq!(count.load(Ordering::SeqCst), 5, "a read is tried four times");
}

#[tokio::test]
async fn an_answer_that_ends_in_the_middle_leaves_doubt() {
    let (port, count) = listen(|mut stream| async move {
        let _ = stream.read(&mut [0; 4_096]).await;
        let _ = stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{\"order_id\":").await;
    })
    .await;
    let (client, _) = patient(&format!("http://127.0.0.1:{port}/trade-api/v2"));
    let fault = client.create_order(&order()).await.expect_err("cut off");
    assert!(matches!(fault, ApiError::NoAnswer { .. }), "{fault}");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refused_connection_leaves_no_doubt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    let (client, _) = patient(&format!("http://127.0.0.1:{port}/trade-api/v2"));
    let fault = client.create_order(&order()).await.expect_err("nobody is there");
    assert!(matches!(fault, ApiError::Unreachable { .. }) && !fault.leaves_doubt(), "{fault}");
    let said = fault.to_string();
    assert!(said.starts_with(&format!("127.0.0.1:{port} cannot be reached: ")), "{said}");
    assert!(said.contains("refused"), "{said}");
}

#[tokio::test]
async fn a_host_without_an_address_leaves_no_doubt() {
    let (client, _) = patient("https://exchange.invalid/trade-api/v2");
    let fault = client.create_order(&order()).await.expect_err("no such host");
    assert!(matches!(fault, ApiError::Unreachable { .. }), "{fault}");
    let said = fault.to_string();
    assert!(said.starts_with("exchange.invalid cannot be reached: its name can't be resolved"), "{said}");
}

#[tokio::test]
async fn an_exchange_whose_certificate_nobody_vouches_for_gets_nothing() {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
    let key =
        rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("sound")
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("sound");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let accepted = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        acceptor.accept(stream).await.is_ok()
    });
    let (client, _) = patient(&format!("https://localhost:{port}/trade-api/v2"));
    let fault = client.create_order(&order()).await.expect_err("not trusted");
    assert!(matches!(fault, ApiError::Unreachable { .. }) && !fault.leaves_doubt(), "{fault}");
    assert!(fault.to_string().contains("certificate"), "{fault}");
    assert!(!accepted.await.expect("ended"), "the connection was given up before anything was sent");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start([Reply::text(200, BALANCE)]).await;
    let to = format!("{}/portfolio/balance", elsewhere.url);
    let server = Server::start([Reply::text(307, "").with("location", &to)]).await;
    let (client, _) = patient(&server.url);
    let fault = client.balance().await.expect_err("a redirect");
    assert!(fault.to_string().contains("isn't followed"), "{fault}");
    client.create_order(&order()).await.expect_err("a redirect");
    assert!(elsewhere.seen().is_empty());
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn credentials_go_nowhere_else_than_to_a_safe_address() {
    let (client, _) = patient("https://api.example.com/trade-api/v2/");
    assert!(format!("{client:?}").contains("api.example.com"));
    assert!(!format!("{client:?}").contains("the-key"));
    for (url, why) in [
        ("http://api.example.com/trade-api/v2", "this machine alone"),
        ("http://127.0.0.1.example.com/", "this machine alone"),
        ("ws://127.0.0.1/", "https://"),
        ("https://user:secret@api.example.com/", "password"),
        ("api.example.com", "no URL"),
        ("", "no URL"),
    ] {
        let settings = TransportSettings {
            base_url: url.to_owned(),
            credentials: None,
            timeout: Duration::from_secs(1),
            reads_per_second: 20,
            writes_per_second: 10,
        };
        let said = Transport::new(settings).expect_err("refused").to_string();
        assert!(said.contains(why) && !said.contains("secret"), "{said}");
    }
    for url in ["http://localhost:1/", "http://127.8.8.8/", "http://[::1]:8080/trade-api/v2"] {
        assert!(Address::parse(url).is_ok(), "{url}");
    }
}
