//! Commands that only read.

use super::sim::{Hand, Sim, said};
use serde_json::Value;
use std::fs;
use std::process::Command;

#[test]
fn markets_are_judged_and_shown() {
    let sim = Sim::start(&["--seed", "3", "--markets", "60", "--quiet-markets", "500", "--tier", "prime"]);
    let document = said(&mut sim.bot(&["markets", "scan", "--all", "--output", "json"])).ended(0).document();
    let seen = document["summary"]["seen"].as_u64().expect("a number");
    assert!(seen > 500, "{seen}");
    assert_eq!(document["exchange"], "simulated");
    let rows = document["markets"].as_array().expect("a list");
    assert_eq!(rows.len() as u64, seen);
    let refused = document["summary"]["refused"].as_object().expect("an object").values();
    let refused: u64 = refused.filter_map(Value::as_u64).sum();
    assert_eq!(refused + document["summary"]["entered"].as_u64().expect("a number"), seen);

    let csv = said(&mut sim.bot(&["markets", "scan", "--all", "--output", "csv"])).ended(0).stdout;
    assert_eq!(csv.lines().count() as u64, seen + 1, "a header and a line for each");
    let table = said(&mut sim.bot(&["markets", "scan", "--all", "--limit", "3"])).ended(0).stdout;
    assert!(table.contains("Why not") && table.contains("3 of them are"), "{table}");

    let ticker = rows[0]["market"].as_str().expect("a name");
    let shown = said(&mut sim.bot(&["markets", "show", ticker, "--output", "json"])).ended(0).document();
    assert_eq!(shown["market"]["ticker"], ticker);
    assert!(!shown["book"].as_array().expect("a list").is_empty());
    let table = said(&mut sim.bot(&["markets", "show", ticker])).ended(0).stdout;
    assert!(table.contains(ticker), "{table}");
    let unknown = said(&mut sim.bot(&["markets", "show", "KXNOSUCH-1"])).ended(1);
    assert!(unknown.stderr.contains("KXNOSUCH-1"), "{unknown:#?}");
}

#[test]
fn an_account_without_anything_is_told_as_such() {
    let sim =
        Sim::start(&["--quiet-markets", "3", "--markets", "1", "--cash", "250.5", "--cash-shard", "2=40"]);
    let balance = said(&mut sim.bot(&["balance", "--output", "json"])).ended(0).document();
    assert_eq!((&balance["cash"], &balance["exchange"]), (&"290.500000".into(), &"simulated".into()));
    assert_eq!(balance["shards"][1]["cash"], "40.000000");
    assert!(said(&mut sim.bot(&["balance"])).ended(0).stdout.contains("290.50"));
    assert_eq!(said(&mut sim.bot(&["balance", "--output", "csv"])).ended(0).stdout.lines().count(), 3);
    for (command, list) in [("positions", "positions"), ("fills", "fills")] {
        let document = said(&mut sim.bot(&[command, "--output", "json"])).ended(0).document();
        assert_eq!(document[list], serde_json::json!([]));
        assert_eq!(said(&mut sim.bot(&[command, "--output", "csv"])).ended(0).stdout.lines().count(), 1);
        assert!(!said(&mut sim.bot(&[command])).ended(0).stdout.is_empty());
    }
    let settled = said(&mut sim.bot(&["positions", "--settled", "--output", "json"])).ended(0).document();
    assert_eq!(settled["settlements"], serde_json::json!([]));
    assert_eq!(said(&mut sim.bot(&["orders", "list", "--output", "csv"])).ended(0).stdout.lines().count(), 1);
    let nothing = said(&mut sim.bot(&["cancel-all"])).ended(0);
    assert!(nothing.stdout.contains("othing") || nothing.stderr.contains("othing"), "{nothing:#?}");
}

#[test]
fn a_key_is_checked_against_the_exchange() {
    let sim = Sim::start(&["--quiet-markets", "3", "--markets", "1"]);
    let good = said(&mut sim.bot(&["keygen-check"])).ended(0).stdout;
    assert!(good.contains("the exchange takes the key"), "{good}");
    let document = said(&mut sim.bot(&["keygen-check", "--output", "json"])).ended(0).document();
    assert!(document.is_object() || document.is_array());

    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("other.pem");
    said(sim.bot(&["keygen-check", "--new"]).arg(&other)).ended(0);
    let refused = said(sim.bot(&["keygen-check"]).env("KALSHI_PRIVATE_KEY_PATH", &other)).ended(3);
    assert!(refused.stdout.contains("fail"), "{refused:#?}");
    for command in [["balance"].as_slice(), &["orders", "list"], &["positions"], &["fills"], &["cancel-all"]]
    {
        said(sim.bot(command).env("KALSHI_PRIVATE_KEY_PATH", &other)).ended(3);
    }
    let state = folder.path().join("state");
    let run = said(
        sim.bot(&["run", "--for", "2s", "--state-dir"]).arg(&state).env("KALSHI_PRIVATE_KEY_PATH", &other),
    );
    let run = run.ended(3);
    assert!(run.stderr.contains("credentials"), "{run:#?}");
    open_to_all(&other);
    said(sim.bot(&["balance"]).env("KALSHI_PRIVATE_KEY_PATH", &other)).ended(2);

    // A clock that is a minute off: every signature is refused for its time.
    Hand::new(&sim).turn("faults", &serde_json::json!({"clock_skew_s": 60}));
    let late = said(&mut sim.bot(&["keygen-check"])).ended(3).stdout;
    assert!(late.contains("clock"), "{late}");
    said(&mut sim.bot(&["balance"])).ended(3);
}

fn open_to_all(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).expect("our own file");
}

#[test]
fn an_exchange_that_is_gone_ends_every_command_with_4() {
    let sim = Sim::start(&["--quiet-markets", "3", "--markets", "1"]);
    let elsewhere = |arguments: &[&str]| {
        let mut command: Command = sim.bot(arguments);
        command.env("KALSHI_BOT__API__BASE_URL", "http://127.0.0.1:1/trade-api/v2");
        command
    };
    for command in [
        ["balance"].as_slice(),
        &["positions"],
        &["fills"],
        &["orders", "list"],
        &["cancel-all"],
        &["flatten"],
        &["markets", "scan"],
        &["markets", "show", "A"],
        &["keygen-check"],
        &["paper", "--feed", "http://127.0.0.1:1/trade-api/v2", "--for", "1s"],
    ] {
        let gone = said(&mut elsewhere(command)).ended(4);
        assert!(gone.stderr.contains("127.0.0.1") || gone.stdout.contains("127.0.0.1"), "{gone:#?}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    said(elsewhere(&["run", "--for", "1s", "--state-dir"]).arg(folder.path().join("state"))).ended(4);
}
