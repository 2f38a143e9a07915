//! Paper trading on a live exchange: its markets as they come, money of paper, and nothing sent.

#[allow(dead_code, reason = "shared by several test programs")]
#[path = "support/sim.rs"]
mod sim;

use serde_json::Value;
use sim::{Sim, bot};

#[test]
fn live_markets_are_traded_on_paper_and_nothing_is_sent() {
    let sim = Sim::start(&["--seed", "3", "--markets", "60", "--speed", "30", "--tier", "prime"]);
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("account");
    let output = sim
        .bot(&["paper", "--feed", sim.field("rest"), "--for", "6s", "--output", "json", "--state-dir"])
        .arg(&state)
        .env("KALSHI_BOT__MARKETS__MIN_VOLUME", "0")
        .output()
        .expect("the program starts");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{complaint}");
    let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert!(document["frames"]["applied"].as_u64().expect("a number") > 100, "{document}");
    assert_eq!(document["frames"]["malformed"], 0);
    assert_eq!(document["run"]["source"], "live markets of the simulated exchange");

    let orders =
        sim.bot(&["orders", "list", "--status", "all", "--output", "json"]).output().expect("it starts");
    let orders: Value = serde_json::from_slice(&orders.stdout).expect("one document");
    assert_eq!(orders["orders"], serde_json::json!([]), "an order was sent");
}

#[test]
fn a_feed_needs_a_key_and_says_so() {
    let output = bot(&["paper", "--feed", "demo", "--for", "1s"]).output().expect("the program starts");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    assert!(complaint.contains("KALSHI_API_KEY_ID"), "{complaint}");
}

#[test]
fn a_feed_is_one_source_of_three() {
    for other in [["--seed", "1"], ["--replay", "nowhere"], ["--speed", "2"]] {
        let output = bot(&["paper", "--feed", "demo"]).args(other).output().expect("the program starts");
        assert_eq!(output.status.code(), Some(2), "{other:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
