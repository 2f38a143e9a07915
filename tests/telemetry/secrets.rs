//! No secret shows up anywhere, however much is logged.

use super::running::{Running, has_traded};
use std::fs;
use std::path::Path;

const DATABASE_KEY: &str = "mark-of-the-database-key-5c1e7d";
const MAIL_PASSWORD: &str = "mark-of-the-mail-password-9af304";

/// Every file below a folder, with its bytes.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let kind = fs::symlink_metadata(&path).expect("it is there").file_type();
        if kind.is_dir() {
            files(&path, found);
        } else if kind.is_file() {
            found.push((path.display().to_string(), fs::read(&path).expect("it can be read")));
        }
    }
}

fn contains(bytes: &[u8], mark: &str) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark.as_bytes())
}

#[test]
fn a_run_that_logs_everything_shows_no_secret() {
    let mut run = Running::start_with(
        &["-vvv"],
        &[
            ("LOGGING__LEVEL", "TRACE"),
            ("LOGGING__STORE_LEVEL", "TRACE"),
            ("LOGGING__FORMAT", "json"),
            (
                "LOGGING__MODULES",
                "tungstenite=trace,tokio_tungstenite=trace,hyper=trace,h2=trace,reqwest=trace,rustls=trace",
            ),
        ],
        |command, folder| {
            command.env("KALSHI_BOT__LOGGING__FILE", folder.join("logs"));
            command.env("SUPABASE_KEY", DATABASE_KEY).env("ALERT_EMAIL_PASSWORD", MAIL_PASSWORD);
        },
    );
    run.status(has_traded);
    assert_eq!(run.end(), Some(0), "{}", run.wrote("stderr"));

    let key_file = run.sim.field("private_key_path").to_owned();
    let pem = fs::read_to_string(key_file).expect("the key of the exchange");
    let body: Vec<&str> = pem.lines().filter(|line| !line.starts_with("-----") && line.len() >= 16).collect();
    assert!(!body.is_empty(), "a key has a body");
    let mut marks = vec![DATABASE_KEY, MAIL_PASSWORD, run.sim.field("api_key_id"), "KALSHI-ACCESS-SIGNATURE"];
    marks.extend(body);

    let mut found = Vec::new();
    files(run.folder(), &mut found);
    let names: Vec<&str> = found.iter().map(|(name, _)| name.rsplit('/').next().unwrap_or(name)).collect();
    for part in ["stdout", "stderr", "kalshi-bot.db"] {
        assert!(names.contains(&part), "{part} is missing in {names:?}");
    }
    assert!(names.iter().any(|name| name.starts_with("kalshi-bot.20")), "{names:?}");
    let debug = b"\"level\":\"DEBUG\"";
    assert!(
        found
            .iter()
            .any(|(name, bytes)| name.ends_with("stderr") && bytes.windows(debug.len()).any(|w| w == debug)),
        "everything was logged"
    );
    for (name, bytes) in &found {
        for mark in &marks {
            assert!(!contains(bytes, mark), "{name} shows {mark}");
            assert!(!contains(bytes, &mark.to_lowercase()), "{name} shows {mark}");
        }
    }
}
