//! `GUARDS.md` and the program say the same: every test that a guard names exists, every guard names one, and every code
//! of every gate, halt and difference stands there.

use kalshi_bot::execution::RejectReason;
use kalshi_bot::market::filter::FilterReason;
use kalshi_bot::risk::{HaltReason, RiskReason};
use kalshi_bot::strategy::SignalReason;
use std::fs;
use std::path::Path;

fn page() -> String {
    read("GUARDS.md").expect("the page is there")
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok()
}

/// What stands in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The guards: rows of tables, without their heads.
fn rows(page: &str) -> impl Iterator<Item = &str> {
    page.lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| guard ") && !line.starts_with("|---"))
}

#[test]
fn every_guard_names_a_test_that_exists() {
    let page = page();
    assert!(rows(&page).count() > 60, "the tables are read");
    for row in rows(&page) {
        let mut tests = quoted(row).filter_map(|word| word.split_once("::")).peekable();
        assert!(tests.peek().is_some(), "no test in {row}");
        for (path, name) in tests {
            let source = read(path).unwrap_or_else(|| panic!("{path} isn't there, in {row}"));
            assert!(source.contains(&format!("fn {name}(")), "{path} has no {name}, in {row}");
        }
    }
}

#[test]
fn every_code_stands_among_the_guards() {
    let page = page();
    let told: Vec<&str> = rows(&page).flat_map(quoted).collect();
    let codes = HaltReason::ALL.map(HaltReason::code).into_iter();
    let codes = codes
        .chain(FilterReason::ALL.map(FilterReason::code))
        .chain(SignalReason::ALL.map(SignalReason::code))
        .chain(RiskReason::ALL.map(RiskReason::code))
        .chain(RejectReason::ALL.map(RejectReason::as_str))
        .chain(["not_filled"])
        .chain(differences());
    let missing: Vec<&str> = codes.filter(|code| !told.contains(code)).collect();
    assert_eq!(missing, [""; 0], "GUARDS.md says nothing of them");
}

/// The words for what may differ between books and exchange, as the source gives them.
fn differences() -> Vec<&'static str> {
    const SOURCE: &str = include_str!("../src/execution/reconcile/difference.rs");
    let kinds = SOURCE.split("fn kind(").nth(1).and_then(|rest| rest.split("\n    }").next());
    let words = kinds.expect("the words are there").split('"').skip(1).step_by(2);
    let words: Vec<_> = words.collect();
    assert!(words.contains(&"cash"), "{words:?}");
    words
}

#[test]
fn every_report_that_a_guard_names_has_its_address() {
    let page = page();
    for row in rows(&page) {
        for number in row.split("[[").skip(1).filter_map(|rest| rest.split("]]").next()) {
            assert!(page.contains(&format!("\n[{number}]: https://")), "[[{number}]] in {row}");
        }
    }
}
