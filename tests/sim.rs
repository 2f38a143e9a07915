//! `kalshi-bot sim` as a process: what it says when it is ready, how it ends, and what it refuses.
#![cfg(unix)]

use kalshi_bot::kalshi::credentials::Credentials;
use kalshi_bot::kalshi::sign::{KeyKind, generate};
use kalshi_bot::units::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

fn sim(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kalshi-bot"));
    command.env_remove("RUST_LOG").arg("sim").args(arguments);
    command
}

/// An exchange that is ready.
struct Ready {
    child: Child,
    stdout: BufReader<ChildStdout>,
    line: Value,
}

impl Ready {
    fn wait(arguments: &[&str]) -> Self {
        let mut child = sim(&[&["--markets", "10"], arguments].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        let line = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line:?}"));
        Self { child, stdout, line }
    }

    fn text(&self, name: &str) -> &str {
        self.line[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.line))
    }

    /// Ends it with a signal; how long that took. It must have said nothing more.
    fn end(mut self, signal: &str) -> Duration {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill starts").success());
        let asked = Instant::now();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).expect("text");
        let status = self.child.wait().expect("it ends");
        let took = asked.elapsed();
        let mut stderr = String::new();
        self.child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("text");
        assert_eq!((status.code(), rest.as_str(), stderr.as_str()), (Some(0), "", ""));
        took
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        // It has ended already unless the test has failed.
        let _ = self.child.kill();
    }
}

/// The status of a signed read of the balance.
fn balance(rest: &str, credentials: &Credentials) -> u16 {
    let now = Timestamp::from_micros(jiff::Timestamp::now().as_microsecond());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let request = reqwest::Client::new().get(format!("{rest}/portfolio/balance"));
        let headers = credentials.headers(now, "GET", "/trade-api/v2/portfolio/balance");
        let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        request.send().await.expect("an answer").status().as_u16()
    })
}

fn key(ready: &Ready) -> Credentials {
    let id = SecretString::from(ready.text("api_key_id"));
    Credentials::load(&id, Path::new(ready.text("private_key_path")))
        .expect("the key can be used as it lies there")
}

#[test]
fn a_ready_exchange_says_so_in_one_line_and_ends_on_a_signal() {
    for signal in ["-TERM", "-INT"] {
        let ready = Ready::wait(&[]);
        assert!(
            ready.text("rest").starts_with("http://127.0.0.1:")
                && ready.text("rest").ends_with("/trade-api/v2")
        );
        assert!(
            ready.text("ws").starts_with("ws://127.0.0.1:") && ready.text("ws").ends_with("/trade-api/ws/v2")
        );
        assert_eq!(balance(ready.text("rest"), &key(&ready)), 200);
        let folder = PathBuf::from(ready.text("private_key_path"));
        // A second is what is promised; the rest is for a machine that has other work.
        assert!(ready.end(signal) < Duration::from_secs(5), "{signal}");
        assert!(!folder.exists(), "a folder of its own goes with it");
    }
}

#[test]
fn a_kept_key_is_found_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().join("state");
    let arguments = ["--state-dir", dir.to_str().expect("text"), "--key-kind", "rsa"];
    let first = Ready::wait(&arguments);
    let credentials = key(&first);
    first.end("-TERM");
    let second = Ready::wait(&arguments);
    assert_eq!(balance(second.text("rest"), &credentials), 200);
    second.end("-TERM");
}

#[test]
fn a_key_of_ones_own_may_be_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let pair = generate(KeyKind::Ed25519);
    let path = folder.path().join("public.pem");
    std::fs::write(&path, &pair.public_pem).expect("the key is written");
    let ready = Ready::wait(&["--public-key", path.to_str().expect("text"), "--key-id", "mine"]);
    assert_eq!((ready.text("api_key_id"), &ready.line["private_key_path"]), ("mine", &Value::Null));
    let signer = kalshi_bot::kalshi::sign::Signer::from_pem(pair.private_pem.expose_secret()).expect("a key");
    assert_eq!(balance(ready.text("rest"), &Credentials::new("mine", signer)), 200);
    ready.end("-TERM");
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_served() {
    for (arguments, code, words) in [
        (&["--speed", "0"][..], 2, "--speed"),
        (&["--tier", "golden"], 2, "--tier"),
        (&["--cash-shard", "2"], 2, "SHARD=DOLLARS"),
        (&["--cash", "-5"], 2, "--cash"),
        (&["--key-id", "mine"], 2, "--public-key"),
        (&["--public-key", "/nowhere.pem", "--key-id", "mine"], 2, "/nowhere.pem"),
        (&["--replay", "/nowhere"], 1, "/nowhere"),
        (&["--seed", "2", "--replay", "x"], 2, "--replay"),
        (&["--listen", "192.0.2.1:80"], 1, "192.0.2.1:80"),
    ] {
        let output = sim(arguments).output().expect("the program starts");
        let stderr = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(output.stdout.is_empty() && stderr.contains(words), "{arguments:?}: {stderr}");
    }
}
