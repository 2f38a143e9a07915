//! Runs that mail: on the simulated exchange, on paper with its markets, and with a mail server that isn't there.

use super::server::{PASSWORD, Server, point, text};
use super::sim::{Hand, Sim, bot, said, signal, wait};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;

/// Long enough for a run to end.
const PATIENCE: Duration = Duration::from_secs(30);

fn busy() -> Sim {
    Sim::start(&["--seed", "3", "--markets", "80", "--speed", "20", "--tier", "prime"])
}

/// A command with a state folder, rules that trade much, and mails of their own for most of it.
fn kept(sim: &Sim, arguments: &[&str], state: &Path) -> Command {
    let mut command = sim.bot(arguments);
    command.arg("--state-dir").arg(state);
    for (key, value) in [
        ("MARKETS__MIN_VOLUME", "0"),
        ("MARKETS__MIN_LIQUIDITY", "0"),
        ("RISK__CIRCUIT_BREAKER_ENABLED", "false"),
        ("TRADING__COOLDOWN_MINUTES", "0"),
        ("ALERTS__EMAIL__MAX_MAILS", "1000"),
    ] {
        command.env(format!("KALSHI_BOT__{key}"), value);
    }
    command
}

/// A run whose words go to a file: a pipe that nobody reads would stop it.
struct Run {
    process: Child,
    words: NamedTempFile,
}

fn start(command: &mut Command) -> Run {
    let words = NamedTempFile::new().expect("a file");
    let file = || words.reopen().expect("a file");
    let process =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file()).spawn().expect("it starts");
    Run { process, words }
}

/// Ends a run as a supervisor does, and gives back everything it logged.
fn stop(mut run: Run) -> String {
    signal(&run.process, "TERM");
    let code = wait(&mut run.process, PATIENCE);
    let words = std::fs::read_to_string(run.words.path()).expect("text");
    assert_eq!(code, Some(0), "{words}");
    words
}

fn subjects(mails: &[Value]) -> Vec<&str> {
    mails.iter().map(|mail| text(mail, "subject")).collect()
}

#[test]
fn a_run_mails_its_start_its_positions_and_its_end() {
    let Some(mut server) = Server::start(&json!({})) else { return };
    let sim = busy();
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("account");
    let run = start(server.address(&mut kept(&sim, &["-vvv", "run"], &state)));
    let started = server.wait_for("Bot started");
    assert_eq!(started["subject"], "[INFO] HFT Bot - Bot started");
    let opened = text(&server.wait_for("Position opened")["parts"], "text/plain").to_owned();
    for word in ["Entry", "Target", "Stop", "Value", "simulated money", "Time (Eastern)"] {
        assert!(opened.contains(word), "{word}: {opened}");
    }
    let closed = server.wait_for("Position closed");
    let words = text(&closed["parts"], "text/plain");
    for word in ["Entry", "Exit", "P&L", "Fees", "Reason", "Held"] {
        assert!(words.contains(word), "{word}: {words}");
    }
    let level = if words.contains("\nLost ") { "[WARNING]" } else { "[INFO]" };
    assert!(text(closed, "subject").starts_with(level), "{closed}");
    let said = stop(run);
    assert!(!said.contains(PASSWORD), "the password is in what the run said");
    server.wait_for("Bot stopped");
    let mails = server.all();
    assert!(!json!(mails).to_string().contains(PASSWORD), "the password is in a mail");
    assert_eq!(subjects(&mails).iter().filter(|subject| subject.contains("Bot started")).count(), 1);
}

#[test]
fn a_halt_that_comes_again_and_again_is_mailed_once_and_then_counted() {
    let Some(mut server) = Server::start(&json!({})) else { return };
    let sim = busy();
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("account");
    let run = start(server.address(&mut kept(&sim, &["run"], &state)));
    server.wait_for("Bot started");
    let times = 12;
    for _ in 0..times {
        said(&mut kept(&sim, &["halt"], &state)).ended(0);
        said(&mut kept(&sim, &["resume"], &state)).ended(0);
    }
    stop(run);
    let digest = server.wait_for("Digest");
    assert!(text(digest, "subject").starts_with("[CRITICAL] HFT Bot - Digest: "), "{digest}");
    assert_eq!(digest["headers"]["Importance"], "high");
    let words = text(&digest["parts"], "text/plain");
    let counted = times - 1;
    assert!(words.contains(&format!("{counted} x  Circuit breaker: operator (CRITICAL)")), "{words}");
    assert!(words.contains(&format!("{counted} x  Halt cleared: operator (INFO)")), "{words}");
    let mails = server.all();
    let count = |what: &str| subjects(&mails).iter().filter(|subject| subject.contains(what)).count();
    assert_eq!(
        (count("Circuit breaker: operator"), count("Halt cleared: operator"), count("Digest")),
        (1, 1, 1)
    );
}

#[test]
fn a_start_that_is_refused_again_and_again_does_not_flood_the_mailbox() {
    let Some(mut server) = Server::start(&json!({})) else { return };
    let sim = busy();
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("account");
    let run = start(server.address(&mut kept(&sim, &["run"], &state)));
    server.wait_for("Position opened");
    stop(run);
    Hand::new(&sim).buy_one(&sim);
    for _ in 0..4 {
        said(server.address(&mut kept(&sim, &["run", "--for", "2s"], &state))).ended(7);
    }
    let refused = server.wait_for("did not start");
    assert_eq!(refused["subject"], "[CRITICAL] HFT Bot - Drift found: the bot did not start");
    assert!(text(&refused["parts"], "text/plain").contains("kalshi-bot reconcile"), "{refused}");
    server.wait_for("Digest: 1 message");
    let mails = server.all();
    let count = |what: &str| subjects(&mails).iter().filter(|subject| subject.contains(what)).count();
    assert_eq!((count("did not start"), count("Digest")), (1, 1), "{:?}", subjects(&mails));
    let remembered = std::fs::read_to_string(state.join("alerts.json")).expect("it is kept");
    assert!(remembered.contains("\"count\":2"), "the last two wait for the next digest: {remembered}");
}

#[test]
fn a_server_that_is_down_stops_nothing() {
    // A port that was free a moment ago.
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let sim = busy();
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = kept(&sim, &["run", "--for", "6s", "--output", "json"], &folder.path().join("account"));
    let begun = Instant::now();
    let said = said(point(&mut command, "127.0.0.1", port)).ended(0);
    assert!(begun.elapsed() < Duration::from_secs(6) + PATIENCE);
    assert!(said.document()["frames"]["applied"].as_u64().expect("a number") > 100, "it traded on");
    for word in
        ["a mail can't be sent yet", "\"again_in_s\":2", "was not sent before the run ended", "Bot stopped"]
    {
        assert!(said.stderr.contains(word), "{word}: {}", said.stderr);
    }
    assert!(!said.stderr.contains(PASSWORD));
}

#[test]
fn a_server_that_is_busy_gets_the_mail_later() {
    let Some(mut server) = Server::start(&json!({"busy": 2})) else { return };
    let sim = busy();
    let folder = tempfile::tempdir().expect("a folder");
    let run = start(server.address(&mut kept(&sim, &["run"], &folder.path().join("account"))));
    server.wait_for("Bot started");
    let said = stop(run);
    assert!(said.contains("451") && said.contains("\"again_in_s\":1"), "{said}");
}

#[test]
fn a_paper_run_mails_only_what_happens_in_real_markets() {
    let Some(mut server) = Server::start(&json!({})) else { return };
    let sim = busy();
    let generated = ["paper", "--speed", "max", "--for", "2h", "--output", "json"];
    said(server.address(&mut bot(&generated))).ended(0);
    let fed = ["paper", "--feed", sim.field("rest"), "--for", "3s", "--output", "json"];
    said(server.address(&mut sim.bot(&fed))).ended(0);
    let started = server.wait_for("Bot started");
    assert!(text(&started["parts"], "text/plain").contains("paper money"), "{started}");
    server.wait_for("Bot stopped");
    let mails = server.all();
    assert!(
        text(&mails[0], "subject").contains("Bot started"),
        "the generated run mailed: {:?}",
        subjects(&mails)
    );
    assert_eq!(subjects(&mails).iter().filter(|subject| subject.contains("Bot st")).count(), 2);
}

#[test]
fn alerts_without_what_they_need_are_refused_before_anything_is_traded() {
    let sim = busy();
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = kept(&sim, &["run", "--for", "5s"], &folder.path().join("account"));
    point(&mut command, "mail.example.com", 587).env_remove("ALERT_EMAIL_PASSWORD");
    let said = said(&mut command).ended(2);
    assert!(said.stderr.contains("ALERT_EMAIL_PASSWORD is not set"), "{}", said.stderr);
}
