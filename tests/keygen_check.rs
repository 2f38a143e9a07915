//! `keygen-check` as an operator meets it: keys that are fit and unfit, new keys, and an exchange that takes them or not.

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use axum::body::Body;
use axum::http::Response;
use kalshi_bot::kalshi::sign::{KeyKind, Signer, generate};
use secrecy::ExposeSecret;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// The program, without what this environment may set for it.
fn bot() -> Command {
    let mut command = cargo_bin_cmd!("kalshi-bot");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().to_uppercase().starts_with("KALSHI_") {
            command.env_remove(name);
        }
    }
    command
}

fn keygen_check(arguments: &[&str]) -> Output {
    bot().arg("keygen-check").args(arguments).output().expect("the program starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn said(output: &Output) -> String {
    stdout(output) + &String::from_utf8_lossy(&output.stderr)
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A file that only its owner may touch.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("written");
        set_mode(&path, 0o600);
        path
    }
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("set");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in text")
}

#[test]
fn a_new_key_is_written_for_its_owner_alone_and_passes_the_check() {
    use std::os::unix::fs::PermissionsExt;
    for (flags, kind) in [(&[][..], "Ed25519, 256 bits"), (&["--kind", "rsa"][..], "RSA, 2048 bits")] {
        let folder = Folder::new();
        let path = folder.path("key.pem");
        let made = keygen_check(&[&["--new", text(&path)], flags].concat());
        assert_eq!(made.status.code(), Some(0), "{}", said(&made));
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        let private = fs::read_to_string(&path).expect("read");
        let public = Signer::from_pem(&private).expect("sound").verifier();
        assert!(stdout(&made).contains(&public.to_pem()), "{}", said(&made));
        assert!(!said(&made).contains(private.lines().nth(1).expect("a line")));

        let checked = keygen_check(&["--key", text(&path), "--offline"]);
        assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
        let lines = stdout(&checked);
        for expected in [kind, "PKCS#8", &public.fingerprint(), "ms for a signature"] {
            assert!(lines.contains(expected), "{expected}: {lines}");
        }
        assert!(lines.lines().all(|line| line.starts_with("ok ")), "{lines}");
        assert!(private.lines().all(|line| !lines.contains(line)), "{lines}");
    }
}

#[test]
fn a_key_is_never_overwritten() {
    let folder = Folder::new();
    let path = folder.file("key.pem", "dear");
    let output = keygen_check(&["--new", text(&path)]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("never overwritten"), "{}", said(&output));
    assert_eq!(fs::read_to_string(&path).expect("read"), "dear");
}

#[test]
fn an_unfit_key_is_named_with_how_to_mend_it() {
    let folder = Folder::new();
    let pair = generate(KeyKind::Ed25519);
    let pem = pair.private_pem.expose_secret();
    let open = folder.file("open.pem", pem);
    set_mode(&open, 0o644);
    let elliptic = rcgen::KeyPair::generate().expect("made").serialize_pem();
    let cut = &pem[..pem.len() - 30];
    for (path, what, mend) in [
        (folder.path("missing.pem"), "does not exist", "--new"),
        (folder.0.path().to_owned(), "is a directory", "KALSHI_PRIVATE_KEY_PATH"),
        (open.clone(), "mode 0644", &*format!("chmod 600 {}", open.display())),
        (folder.file("public.pem", &pair.public_pem), "is a public key", "private key"),
        (folder.file("words.pem", "key: 12345"), "not a key in PEM", "BEGIN and END"),
        (folder.file("ec.pem", &elliptic), "an EC key", "--new"),
        (folder.file("cut.pem", cut), "damaged", "BEGIN and END"),
    ] {
        let output = keygen_check(&["--key", text(&path), "--offline"]);
        let lines = stdout(&output);
        assert_eq!(output.status.code(), Some(2), "{lines}");
        let failed: Vec<&str> = lines.lines().skip_while(|line| !line.starts_with("fail ")).collect();
        assert_eq!(failed.len(), 2, "{lines}");
        assert!(failed[0].contains(what), "{what}: {lines}");
        assert!(failed[1].contains("next: ") && failed[1].contains(mend), "{mend}: {lines}");
        assert!(pem.lines().all(|line| !said(&output).contains(line)));
    }
}

#[test]
fn the_document_for_programs_holds_every_check() {
    let folder = Folder::new();
    let path = folder.file("key.pem", generate(KeyKind::Ed25519).private_pem.expose_secret());
    let document = |arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&stdout(&keygen_check(arguments))).expect("one document")
    };
    let sound = document(&["--key", text(&path), "--offline", "--output", "json"]);
    assert_eq!(sound["sound"], true);
    let names: Vec<&str> = sound["checks"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|check| check["name"].as_str())
        .collect();
    assert_eq!(names, ["file", "permissions", "format", "type", "public key", "signature", "speed"]);
    set_mode(&path, 0o640);
    let open = document(&["--key", text(&path), "--offline", "--output", "json"]);
    assert_eq!((&open["sound"], &open["checks"][0]["verdict"]), (&false.into(), &"fail".into()));
    assert!(open["checks"][0]["mend"].as_str().expect("a text").contains("chmod 600"));
    let made = document(&["--new", text(&folder.path("new.pem")), "--output", "json"]);
    assert!(made["public_key"].as_str().expect("a text").starts_with("-----BEGIN PUBLIC KEY-----"));
}

#[test]
fn flags_that_contradict_each_other_are_mistakes_of_usage() {
    for arguments in [
        &["--new", "a", "--key", "b"][..],
        &["--new", "a", "--offline"],
        &["--kind", "rsa"],
        &["--new", "a", "--kind", "dsa"],
        &["--production", "--api-url", "https://example.com"],
    ] {
        let output = keygen_check(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert_eq!(stdout(&output), "");
    }
}

/// An exchange that gives everybody the same answer; it lives as long as the runtime.
struct Exchange {
    url: String,
    _runtime: tokio::runtime::Runtime,
}

impl Exchange {
    /// `late` seconds behind this machine, by its own account.
    fn start(status: u16, body: &'static str, late: i64) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("threads");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let answer = move || async move {
            let now = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(late);
            let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
            let response = Response::builder().status(status).header("date", date.expect("a date"));
            response.body(Body::from(body)).expect("sound")
        };
        runtime.spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
        Self { url: format!("http://127.0.0.1:{port}/trade-api/v2"), _runtime: runtime }
    }
}

fn asked(url: &str, key_id: &str) -> (Option<i32>, String) {
    let folder = Folder::new();
    let path = folder.file("key.pem", generate(KeyKind::Ed25519).private_pem.expose_secret());
    let mut command = bot();
    command.args(["keygen-check", "--api-url", url]).env("KALSHI_PRIVATE_KEY_PATH", &path);
    let output = command.env("KALSHI_API_KEY_ID", key_id).output().expect("the program starts");
    assert!(key_id.is_empty() || !said(&output).contains(key_id), "{}", said(&output));
    (output.status.code(), said(&output))
}

const LIMITS: &str = r#"{"usage_tier":"advanced","read":{"refill_rate":300,"bucket_capacity":900},
                         "write":{"refill_rate":200,"bucket_capacity":600}}"#;

#[test]
fn an_exchange_that_takes_the_key_tells_tier_limits_and_time() {
    let (code, said) = asked(&Exchange::start(200, LIMITS, 0).url, "0a1b-id");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("simulated, http://127.0.0.1:"), "{said}");
    assert!(
        said.contains("tier advanced: 300 tokens a second to read with (at most 900), 200 to write"),
        "{said}"
    );
    assert!(said.contains("agree to the second"), "{said}");
}

#[test]
fn a_clock_that_is_off_is_a_warning_and_then_a_failure() {
    let (code, said) = asked(&Exchange::start(200, LIMITS, 3).url, "0a1b-id");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("\nwarn  clock "), "{said}");
    let (code, said) = asked(&Exchange::start(200, LIMITS, -60).url, "0a1b-id");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("\nfail  clock ") && said.contains("s behind the exchange"), "{said}");
}

#[test]
fn refused_credentials_exit_with_3_and_say_what_to_compare() {
    for (status, body, mend) in [
        (
            401,
            r#"{"error":{"code":"authentication_error","details":"INCORRECT_API_KEY_SIGNATURE"}}"#,
            "belong together",
        ),
        (
            401,
            r#"{"error":{"code":"authentication_error","details":"NOT_FOUND"}}"#,
            "check KALSHI_API_KEY_ID",
        ),
        (401, r#"{"error":{"code":"header_timestamp_expired"}}"#, "clock"),
        (403, r#"{"error":{"code":"forbidden"}}"#, "scopes"),
    ] {
        let (code, said) = asked(&Exchange::start(status, body, 0).url, "0a1b-id");
        assert_eq!(code, Some(3), "{said}");
        assert!(said.contains("\nfail  credentials ") && said.contains(mend), "{mend}: {said}");
    }
}

#[test]
fn an_exchange_that_is_not_there_exits_with_4_and_a_missing_id_with_2() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/trade-api/v2", listener.local_addr().expect("bound"));
    drop(listener);
    let (code, said) = asked(&url, "0a1b-id");
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("cannot be reached"), "{said}");
    let (code, said) = asked(&url, "");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("KALSHI_API_KEY_ID"), "{said}");
}
