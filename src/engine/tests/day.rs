//! What the gates said, counted by the exchange's day.

use super::*;
use crate::engine::record::GatesRecord;

/// The counts recorded since the last look.
fn counted(desk: &mut Desk) -> Vec<GatesRecord> {
    let records = std::mem::take(&mut desk.records);
    let gates = records.into_iter().filter_map(|record| match record {
        Record::Gates(gates) => Some(gates),
        _ => None,
    });
    gates.collect()
}

/// How many markets a gate let through, and whom it refused.
fn of(gates: &[GateCount], name: &str) -> (u64, BTreeMap<&'static str, u64>) {
    let gate = gates.iter().find(|gate| gate.gate == name).expect("a gate");
    (gate.passed, gate.refused.clone())
}

fn only(records: &[GatesRecord]) -> &GatesRecord {
    let [record] = records else { panic!("expected one count, got {records:?}") };
    record
}

#[test]
fn the_days_gates_are_recorded_now_and_then() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.quote("A", "0.90", "0.95");
    desk.wait(Duration::from_secs(1));
    desk.wait(Duration::from_mins(9));
    assert_eq!(counted(&mut desk), [], "not with every beat");
    desk.wait(Duration::from_mins(1));
    let first = counted(&mut desk);
    assert_eq!((only(&first).time, only(&first).day), (desk.now, START));
    assert_eq!(of(&only(&first).gates, "filter"), (0, BTreeMap::from([("spread_too_wide", 1)])));
    desk.quote("A", "0.50", "0.51");
    desk.wait(Duration::from_mins(9));
    assert_eq!(counted(&mut desk), []);
    desk.wait(Duration::from_mins(1));
    let second = counted(&mut desk);
    assert_eq!(of(&only(&second).gates, "filter"), (1, BTreeMap::from([("spread_too_wide", 1)])));
    assert_eq!(of(&only(&second).gates, "signal"), (0, BTreeMap::from([("below_threshold", 1)])));
}

#[test]
fn nothing_is_recorded_of_a_day_on_which_no_gate_was_asked() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.wait(Duration::from_secs(1));
    desk.wait(Duration::from_mins(20));
    desk.step(&Event::DayStarted);
    desk.step(&Event::Operator(Operator::Shutdown));
    assert_eq!(counted(&mut desk), []);
}

#[test]
fn a_new_day_closes_the_count_of_the_one_that_ended_and_counts_afresh() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.list("B");
    desk.quote("A", "0.90", "0.95");
    desk.wait(Duration::from_secs(1));
    desk.now = desk.now + Duration::from_mins(5);
    desk.step(&Event::DayStarted);
    let midnight = desk.now;
    let yesterday = counted(&mut desk);
    assert_eq!((only(&yesterday).time, only(&yesterday).day), (midnight, START));
    assert_eq!(of(&only(&yesterday).gates, "filter").1, BTreeMap::from([("spread_too_wide", 1)]));

    desk.wait(Duration::from_mins(9));
    desk.quote("B", "0.50", "0.51");
    assert_eq!(counted(&mut desk), [], "ten minutes count from the day's beginning");
    desk.wait(Duration::from_mins(1));
    let today = counted(&mut desk);
    assert_eq!(only(&today).day, midnight);
    assert_eq!(of(&only(&today).gates, "filter"), (1, BTreeMap::new()), "yesterday's verdict isn't today's");
    assert_eq!(of(&only(&today).gates, "signal").1, BTreeMap::from([("below_threshold", 1)]));
    assert_eq!(of(&desk.engine.funnel(), "filter"), (1, BTreeMap::from([("spread_too_wide", 1)])));
    let a = desk.engine.catalogue().find("A").expect("listed");
    assert_eq!(of(&desk.engine.funnel_of(a), "filter").1, BTreeMap::from([("spread_too_wide", 1)]));
}

#[test]
fn a_market_refused_on_two_days_counts_on_both_and_once_in_the_run() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    for _ in 0..3 {
        desk.quote("A", "0.90", "0.95");
        desk.wait(Duration::from_secs(1));
        desk.step(&Event::DayStarted);
    }
    let days = counted(&mut desk);
    assert_eq!(days.len(), 3);
    for day in days {
        assert_eq!(of(&day.gates, "filter").1, BTreeMap::from([("spread_too_wide", 1)]));
    }
    assert_eq!(of(&desk.engine.funnel(), "filter").1, BTreeMap::from([("spread_too_wide", 1)]));
}

#[test]
fn a_day_that_begins_before_the_first_beat_closes_the_one_before() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.quote("A", "0.90", "0.95");
    desk.now = desk.now + Duration::from_hours(1);
    desk.step(&Event::DayStarted);
    assert_eq!(only(&counted(&mut desk)).day, START, "the refusal was yesterday's");
    desk.step(&Event::Operator(Operator::Shutdown));
    assert_eq!(counted(&mut desk), []);
}

#[test]
fn the_end_of_a_run_records_what_was_counted_and_what_its_last_orders_came_to() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    desk.step(&Event::Operator(Operator::Shutdown));
    let told = counted(&mut desk);
    assert_eq!(of(&only(&told).gates, "risk").0, 1);
    assert_eq!(of(&only(&told).gates, "execution").0, 0, "the order is under way");
    desk.fill(&entry, "0.91", entry.quantity);
    let last = counted(&mut desk);
    assert_eq!(of(&only(&last).gates, "execution").0, 1);
    assert_eq!(only(&last).gates, desk.engine.funnel(), "of a run of one day the count is the whole");
}
