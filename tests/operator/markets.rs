//! Markets scanned and shown; neither needs a key.

use crate::exchange::{Exchange, World, start};
use crate::program::{Ended, bare, ended};

fn run(exchange: &Exchange, arguments: &[&str]) -> Ended {
    ended(bare().args(arguments).args(["--api-url", &exchange.url]))
}

#[test]
fn a_scan_shows_what_would_be_entered_and_counts_the_rest() {
    let exchange = start(World::default());
    let scanned = run(&exchange, &["markets", "scan"]);
    assert_eq!(scanned.code, Some(0), "{scanned:?}");
    assert!(
        scanned.stdout.contains("KXRAIN-26NOV22-NYC") && !scanned.stdout.contains("KXRAIN-26NOV22-SF"),
        "{scanned:?}"
    );
    let end = "3 markets seen on the simulated exchange, 1 would be entered.";
    assert!(scanned.stdout.contains(end), "{}", scanned.stdout);
    let books = exchange.world().requests.iter().filter(|request| request.1 == "/markets/orderbooks").count();
    assert_eq!(books, 1, "only candidates are asked for their books");
}

#[test]
fn a_scan_of_all_says_why_not() {
    let exchange = start(World::default());
    let document = run(&exchange, &["markets", "scan", "--all", "--output", "json"]).document();
    let reasons: Vec<_> =
        document["markets"].as_array().expect("markets").iter().map(|row| &row["why_not"]).collect();
    assert_eq!(reasons, [&serde_json::Value::Null, &"spread_too_wide".into(), &"volume_too_low".into()]);
    assert_eq!(document["markets"][0]["outcome"], "yes");
    assert_eq!(document["markets"][0]["depth"], "821.450000");
    assert_eq!(document["summary"]["refused"]["volume_too_low"], 1);
    let limited = run(&exchange, &["markets", "scan", "--all", "--limit", "1", "--output", "csv"]);
    assert_eq!(limited.stdout.lines().count(), 2, "{limited:?}");
    assert!(limited.stderr.contains("3 markets seen"), "{}", limited.stderr);
    let loose =
        run(&exchange, &["markets", "scan", "--min-volume", "1", "--max-spread", "0.5", "--output", "json"]);
    let summary = &loose.document()["summary"];
    assert_eq!((&summary["entered"], &summary["refused"]["target_below_costs"]), (&2.into(), &1.into()));
}

#[test]
fn a_market_is_shown_with_its_verdict() {
    let exchange = start(World::default());
    let shown = run(&exchange, &["markets", "show", "KXRAIN-26NOV22-NYC"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(shown.stdout.contains("The bot would buy yes at 0.89"), "{}", shown.stdout);
    let document = run(&exchange, &["markets", "show", "KXRAIN-26NOV22-LA", "--output", "json"]).document();
    assert_eq!(document["verdict"]["why_not"], "volume_too_low");
    assert_eq!(document["book"].as_array().map(Vec::len), Some(4));
    let unknown = run(&exchange, &["markets", "show", "KXNOWHERE"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.stderr.contains("there is no market KXNOWHERE"), "{}", unknown.stderr);
}
