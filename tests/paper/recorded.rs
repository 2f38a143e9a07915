//! The recorded gold markets, where they are at hand.

use crate::program::{bot, list, told_in_json};
use crate::reckoning::reckon;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The folder, or `None` where it is absent.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn gold() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/ws/gold15m-2026-08");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is not here", folder.display());
    None
}

/// Lines of all recordings in the folder, counted without the code under test.
fn lines_in(folder: &Path) -> usize {
    let paths = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "gz"))
        .map(|path| {
            let mut text = String::new();
            let file = fs::File::open(path).expect("a recording");
            flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).expect("whole gzip");
            text.lines().count()
        })
        .sum()
}

fn replay(folder: &Path) -> std::process::Command {
    bot(&["paper", "--speed", "max", "--replay", folder.to_str().expect("a path in text")])
}

#[test]
fn the_gold_folder_is_replayed_whole_and_the_funnel_says_why_nothing_is_traded() {
    let Some(folder) = gold() else { return };
    let document = told_in_json(&mut replay(&folder));
    assert_eq!(document["frames"]["decoded"], lines_in(&folder));
    for fault in ["malformed", "gaps", "unknown_tickers", "before_snapshot", "broken_books"] {
        assert_eq!(document["frames"][fault], 0, "{fault}");
    }
    assert_eq!(document["run"].get("seed"), None);
    assert_eq!(list(&document["trades"]).len(), 0);
    let filter = &document["funnel"]["filter"];
    assert_eq!((&filter["refused"]["closes_too_soon"], &filter["passed"]), (&9.into(), &0.into()));
    assert!(document["latency"]["decode"]["p99"].is_u64(), "recordings are timed by this machine's clock");
}

#[test]
fn loosened_rules_trade_the_gold_folder_and_the_sums_close() {
    let Some(folder) = gold() else { return };
    let loosened = [
        ("KALSHI_BOT__MARKETS__TIME_TO_EVENT__MIN_HOURS", "0.01"),
        ("KALSHI_BOT__MARKETS__MIN_VOLUME", "0"),
        ("KALSHI_BOT__MARKETS__MIN_LIQUIDITY", "0"),
        ("KALSHI_BOT__MARKETS__MAX_SPREAD", "0.04"),
        ("KALSHI_BOT__TRADING__ENTRY_THRESHOLD", "0.80"),
        ("KALSHI_BOT__TRADING__PROFIT_TARGET", "0.05"),
        ("KALSHI_BOT__TRADING__STOP_LOSS", "0.05"),
        ("KALSHI_BOT__TRADING__EXIT_BEFORE_CLOSE_MINUTES", "0"),
        ("KALSHI_BOT__TRADING__COOLDOWN_MINUTES", "0"),
        ("KALSHI_BOT__RISK__MAX_CONSECUTIVE_LOSSES", "1000"),
    ];
    let document = told_in_json(replay(&folder).envs(loosened));
    assert!(!list(&document["trades"]).is_empty(), "{}", document["funnel"]);
    reckon(&document).assert_agrees_with(&document);
}
