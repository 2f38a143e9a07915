//! Our signatures against those of another implementation: Python's `cryptography`, which OpenSSL stands behind.
//!
//! `KALSHI_BOT_TEST_PYTHON` names the interpreter; without it `python3` is tried, and the test says so where it can't
//! serve.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kalshi_bot::kalshi::credentials::signed_text;
use kalshi_bot::kalshi::sign::{Algorithm, KeyFormat, KeyKind, Signer, generate};
use secrecy::ExposeSecret;
use std::io::Write;
use std::process::{Command, Stdio};

/// An interpreter that has `cryptography`. One that was named must have it.
fn python() -> Option<String> {
    let named = std::env::var("KALSHI_BOT_TEST_PYTHON").ok().filter(|name| !name.is_empty());
    let python = named.clone().unwrap_or_else(|| "python3".to_owned());
    let tried = Command::new(&python).args(["-c", "import cryptography"]).output();
    match tried {
        Ok(output) if output.status.success() => Some(python),
        _ if named.is_some() => panic!("{python} can't import cryptography"),
        _ => {
            println!("skipped: {python} can't import cryptography; name one with KALSHI_BOT_TEST_PYTHON");
            None
        }
    }
}

/// Hands the script a question and gives back its answer.
fn ask(python: &str, question: &serde_json::Value) -> serde_json::Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/signatures/check.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the interpreter starts");
    let mut input = child.stdin.take().expect("piped");
    input.write_all(question.to_string().as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "check.py failed");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn signatures_of_both_kinds_pass_in_python_and_back() {
    let Some(python) = python() else { return };
    let message = signed_text(1_795_370_000_123, "GET", "/trade-api/v2/portfolio/balance");
    for kind in [KeyKind::Rsa2048, KeyKind::Ed25519] {
        let pair = generate(kind);
        let signer = Signer::from_pem(pair.private_pem.expose_secret()).expect("sound");
        let signature = signer.sign(message.as_bytes());
        let answer = ask(
            &python,
            &serde_json::json!({
                "message": message,
                "private_pem": pair.private_pem.expose_secret(),
                "public_pem": pair.public_pem,
                "signature": BASE64_STANDARD.encode(&signature),
                "tampered": BASE64_STANDARD.encode(signer.sign(b"another text")),
            }),
        );
        assert_eq!(answer["accepted"], true, "{kind:?}: Python refuses our signature");
        assert_eq!(answer["tampered_accepted"], false, "{kind:?}: Python accepts anything");
        let theirs = BASE64_STANDARD.decode(answer["signature"].as_str().expect("text")).expect("base64");
        assert!(
            signer.verifier().verify(message.as_bytes(), &theirs),
            "{kind:?}: we refuse Python's signature"
        );
    }
}

#[test]
fn keys_that_python_makes_are_read() {
    let Some(python) = python() else { return };
    let answer = ask(&python, &serde_json::json!({ "make": true }));
    for (name, algorithm, format, bits) in [
        ("rsa_2048_pkcs1", Algorithm::Rsa, KeyFormat::Pkcs1, 2_048),
        ("rsa_3072_pkcs8", Algorithm::Rsa, KeyFormat::Pkcs8, 3_072),
        ("ed25519_pkcs8", Algorithm::Ed25519, KeyFormat::Pkcs8, 256),
    ] {
        let key = &answer[name];
        let text = |field: &str| key[field].as_str().expect("text");
        let signer = Signer::from_pem(text("private_pem")).expect("sound");
        assert_eq!((signer.algorithm(), signer.format(), signer.bits()), (algorithm, format, bits), "{name}");
        assert_eq!(signer.verifier().to_pem(), text("public_pem"), "{name}");
        let theirs = BASE64_STANDARD.decode(text("signature")).expect("base64");
        assert!(signer.verifier().verify(b"made by Python", &theirs), "{name}");
    }
}
