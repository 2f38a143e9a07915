//! A running bot, watched and steered from other shells, and its account compared with the exchange.

use super::sim::{Hand, Sim, said, signal, wait};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A command with a state folder, and rules that trade much.
fn kept(sim: &Sim, arguments: &[&str], state: &Path) -> Command {
    let mut command = sim.bot(arguments);
    command.arg("--state-dir").arg(state);
    for (key, value) in [
        ("MARKETS__MIN_VOLUME", "0"),
        ("MARKETS__MIN_LIQUIDITY", "0"),
        ("RISK__CIRCUIT_BREAKER_ENABLED", "false"),
        ("TRADING__COOLDOWN_MINUTES", "0"),
    ] {
        command.env(format!("KALSHI_BOT__{key}"), value);
    }
    command
}

fn busy() -> Sim {
    Sim::start(&["--seed", "3", "--markets", "80", "--speed", "20", "--tier", "prime"])
}

/// Starts a run and waits until it answers.
fn start(sim: &Sim, state: &Path) -> Child {
    let mut command = kept(sim, &["run"], state);
    let mut run =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let until = Instant::now() + Duration::from_secs(30);
    while said(&mut kept(sim, &["status"], state)).code == Some(1) {
        assert!(run.try_wait().expect("a child").is_none(), "the run ended");
        assert!(Instant::now() < until, "the run never answered");
        std::thread::sleep(Duration::from_millis(100));
    }
    run
}

#[test]
fn a_running_bot_is_asked_halted_and_resumed() {
    let sim = busy();
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("account");
    said(&mut kept(&sim, &["status"], &state)).ended(2);
    std::fs::create_dir(&state).expect("a folder");
    said(&mut kept(&sim, &["status"], &state)).ended(1);
    said(&mut kept(&sim, &["why"], &state)).ended(1);
    let mut run = start(&sim, &state);

    let status = said(&mut kept(&sim, &["status", "--output", "json"], &state)).ended(0).document();
    assert_eq!((&status["running"], &status["exchange"]), (&true.into(), &"simulated".into()));
    assert_eq!(status["pid"], run.id());
    assert!(
        said(&mut kept(&sim, &["status"], &state))
            .ended(0)
            .stdout
            .contains("active on the simulated exchange")
    );
    let second = said(&mut kept(&sim, &["run", "--for", "1s"], &state));
    assert_ne!(second.code, Some(0), "two bots on one account: {second:#?}");

    said(&mut kept(&sim, &["halt", "--note", "lunch"], &state)).ended(0);
    let halted = said(&mut kept(&sim, &["status", "--output", "json"], &state)).ended(6).document();
    assert_eq!(halted["reasons"][0]["code"], "operator");
    assert_eq!(halted["reasons"][0]["detail"], "lunch");
    said(&mut kept(&sim, &["resume"], &state)).ended(0);
    said(&mut kept(&sim, &["status"], &state)).ended(0);

    let why = said(&mut kept(&sim, &["why", "--output", "json"], &state)).ended(0).document();
    assert_eq!(why["gates"].as_array().expect("a list").len(), 4);
    assert!(said(&mut kept(&sim, &["why"], &state)).ended(0).stdout.contains("spread_too_wide"));

    signal(&run, "TERM");
    assert_eq!(wait(&mut run, Duration::from_secs(10)), Some(0));
    said(&mut kept(&sim, &["status"], &state)).ended(1);
    let resting = said(&mut sim.bot(&["orders", "list", "--output", "json"])).ended(0).document();
    assert_eq!(resting["orders"], serde_json::json!([]));
}

#[test]
fn a_halt_without_a_bot_waits_for_the_next_one() {
    let sim = busy();
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("account");
    std::fs::create_dir(&state).expect("a folder");
    said(&mut kept(&sim, &["halt", "--note", "before the weekend"], &state)).ended(0);
    let run = said(&mut kept(&sim, &["run", "--for", "2s", "--output", "json"], &state)).ended(6);
    assert_eq!(run.document()["trades"], serde_json::json!([]), "a halted bot opens nothing");
    let fills = said(&mut sim.bot(&["fills", "--output", "json"])).ended(0).document();
    assert_eq!(fills["fills"], serde_json::json!([]));
    said(&mut kept(&sim, &["resume"], &state)).ended(0);
    said(&mut kept(&sim, &["run", "--for", "2s"], &state)).ended(0);
}

#[test]
fn the_books_agree_until_somebody_trades_by_hand() {
    let sim = busy();
    let hand = Hand::new(&sim);
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("account");
    std::fs::create_dir(&state).expect("a folder");
    let none = said(&mut kept(&sim, &["reconcile"], &state)).ended(1);
    assert!(none.stderr.contains("baseline"), "{none:#?}");

    said(&mut kept(&sim, &["run", "--for", "6s"], &state)).ended(0);
    let clean = said(&mut kept(&sim, &["reconcile", "--output", "json"], &state)).ended(0).document();
    assert_eq!((&clean["clean"], &clean["cash_here"]), (&true.into(), &clean["cash_there"]));
    let fills = said(&mut sim.bot(&["fills", "--output", "json"])).ended(0).document();
    assert!(!fills["fills"].as_array().expect("a list").is_empty(), "it traded");

    hand.buy_one(&sim);
    let drift = said(&mut kept(&sim, &["reconcile", "--output", "json"], &state)).ended(7).document();
    let kinds: Vec<_> =
        drift["differences"].as_array().expect("a list").iter().map(|it| it["kind"].clone()).collect();
    assert!(kinds.contains(&"cash".into()) && kinds.contains(&"position_unknown_here".into()), "{drift}");
    assert!(said(&mut kept(&sim, &["reconcile"], &state)).ended(7).stdout.contains("position_unknown_here"));
    let run = said(&mut kept(&sim, &["run", "--for", "2s"], &state)).ended(7);
    assert!(run.stderr.contains("reconcile"), "{run:#?}");
    said(&mut kept(&sim, &["reconcile", "--accept"], &state)).ended(0);
    said(&mut kept(&sim, &["reconcile", "--output", "csv"], &state)).ended(0);
}
