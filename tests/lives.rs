//! Lives of the whole bot in simulated worlds in which everything goes wrong: what must hold holds, and the same seed is
//! the same life. `kalshi-bot soak` lives many of them; docs/RELIABILITY.md has its figures.

use kalshi_bot::soak::{Plan, Span, Tally, run};
use std::process::Command;

/// So many hours of these seeds.
fn lives(first: u64, last: u64, hours: u32, threads: usize) -> Tally {
    let span = Span { first, last, hours, only: None, threads };
    run(&span, |_| true).expect("they can be lived")
}

#[test]
fn everything_goes_wrong_and_what_must_hold_holds() {
    let tally = lives(1, 4, 24, 2);
    assert_eq!(tally.violated, []);
    assert!(tally.kills >= 25 && tally.power_losses >= 5, "{tally:#?}");
    assert!(
        tally.counts.fills >= 100 && tally.counts.trades >= 25,
        "a life without trades shows nothing: {tally:#?}"
    );
    assert!(tally.faults.len() >= 18, "of every kind: {:?}", tally.faults);
}

#[test]
fn the_same_seed_is_the_same_life_however_many_are_lived_at_once() {
    let one_by_one = lives(101, 102, 4, 1);
    let at_once = lives(101, 102, 4, 2);
    assert_eq!(one_by_one, at_once);
    assert_ne!(one_by_one.trace, lives(103, 104, 4, 2).trace);
}

#[test]
fn a_plan_without_its_faults_is_a_calm_life() {
    let only = Some(std::collections::BTreeSet::new());
    let span = Span { first: 7, last: 7, hours: 4, only, threads: 1 };
    let tally = run(&span, |_| true).expect("it can be lived");
    assert_eq!((tally.violated.len(), tally.kills, tally.faults.len()), (0, 0, 0));
    // The one that the end of the time kills, and the one that ends in order.
    assert_eq!(tally.recoveries.len(), 2);
}

#[test]
fn a_life_can_be_read_before_it_is_lived() {
    let output = Command::new(env!("CARGO_BIN_EXE_kalshi-bot"))
        .args(["soak", "--seeds", "42", "--plan"])
        .output()
        .expect("the program starts");
    let text = String::from_utf8(output.stdout).expect("it writes text");
    assert!(output.status.success() && text.starts_with("seed 42 from "), "{text}");
    let planned = Plan::of_seed(42, 24).faults.len();
    assert_eq!(text.lines().filter(|line| line.trim_start().starts_with('#')).count(), planned);
}

#[test]
fn a_range_that_is_empty_or_no_range_is_refused() {
    for (seeds, told) in [("9..3", "name the lower one first"), ("many", "expected a whole number")] {
        let output = Command::new(env!("CARGO_BIN_EXE_kalshi-bot"))
            .args(["soak", "--seeds", seeds])
            .output()
            .expect("the program starts");
        let text = String::from_utf8(output.stderr).expect("it writes text");
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(told), "{text}");
    }
}
