//! Differences that come, last, and go.

use super::super::running::Finding;
use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(1_795_000_000 + second)
}

fn shows(found: &[Doubt], undecided: &[Doubt]) -> Comparison {
    let finding = Finding { what: String::new(), here: String::new(), there: String::new(), mend: "" };
    Comparison {
        found: found.iter().map(|doubt| (doubt.clone(), finding.clone())).collect(),
        undecided: undecided.iter().cloned().collect(),
    }
}

fn position() -> Doubt {
    Doubt::Position("M".to_owned())
}

const CASH: Doubt = Doubt::Cash { more: true };

/// Reads at these seconds that all show `doubt`; the calls by second.
fn calls(suspicions: &mut Suspicions, doubt: &Doubt, seconds: &[i64]) -> Vec<(i64, Call)> {
    let read = |&second: &i64| {
        let calls = suspicions.read(at(second), &shows(std::slice::from_ref(doubt), &[]));
        calls.into_iter().map(move |(_, call)| (second, call)).collect::<Vec<_>>()
    };
    seconds.iter().flat_map(read).collect()
}

#[test]
fn a_difference_counts_after_three_reads_and_five_seconds() {
    let mut suspicions = Suspicions::default();
    assert_eq!(calls(&mut suspicions, &CASH, &[0, 1, 2, 4]), []);
    assert_eq!(calls(&mut suspicions, &CASH, &[5]), [(5, Call::Halt)]);
    let mut suspicions = Suspicions::default();
    assert_eq!(calls(&mut suspicions, &CASH, &[0, 60]), [], "two reads are not enough");
    assert_eq!(calls(&mut suspicions, &CASH, &[62]), [(62, Call::Halt)]);
}

#[test]
fn a_read_that_agrees_ends_a_suspicion_and_one_that_cannot_tell_does_not() {
    let mut suspicions = Suspicions::default();
    calls(&mut suspicions, &CASH, &[0, 2, 4]);
    suspicions.read(at(6), &shows(&[], &[]));
    assert!(suspicions.is_empty());
    assert_eq!(calls(&mut suspicions, &CASH, &[8, 10]), []);
    for second in [12, 14, 16] {
        assert_eq!(suspicions.read(at(second), &shows(&[], &[CASH])), []);
    }
    assert_eq!(suspicions.len(), 1);
    assert_eq!(calls(&mut suspicions, &CASH, &[18]), [(18, Call::Halt)]);
}

#[test]
fn what_can_be_mended_is_and_only_what_lasts_beyond_that_halts() {
    let mut suspicions = Suspicions::default();
    let reads: Vec<i64> = (0..=12).step_by(2).collect();
    assert_eq!(calls(&mut suspicions, &position(), &reads), [(6, Call::Mend), (12, Call::Halt)]);

    let mut suspicions = Suspicions::default();
    let order = Doubt::Lingering("o1".to_owned());
    let reads: Vec<i64> = (0..=70).step_by(2).collect();
    assert_eq!(calls(&mut suspicions, &order, &reads), [(6, Call::Mend), (66, Call::Halt)]);
}

#[test]
fn a_person_who_resumes_on_a_difference_is_told_again() {
    let mut suspicions = Suspicions::default();
    let reads: Vec<i64> = (0..=12).step_by(2).collect();
    assert_eq!(calls(&mut suspicions, &CASH, &reads), [(6, Call::Halt), (12, Call::Halt)]);
}

#[test]
fn a_new_connection_begins_with_nothing() {
    let mut suspicions = Suspicions::default();
    calls(&mut suspicions, &CASH, &[0, 2, 4]);
    suspicions.clear();
    assert_eq!(calls(&mut suspicions, &CASH, &[6, 8]), []);
}

#[test]
fn differences_last_each_by_itself() {
    let mut suspicions = Suspicions::default();
    suspicions.read(at(0), &shows(&[CASH], &[]));
    suspicions.read(at(3), &shows(&[CASH, position()], &[]));
    assert_eq!(suspicions.read(at(6), &shows(&[CASH, position()], &[])), [(CASH, Call::Halt)]);
    assert_eq!(suspicions.read(at(8), &shows(&[position()], &[])), [(position(), Call::Mend)]);
}
