//! How markets resolved, of those in which something was held.

use super::*;
use crate::engine::record::Resolved;
use crate::execution::reconcile::Adopted;

/// The results recorded since the last look.
fn resolved(desk: &mut Desk) -> Vec<(String, Resolution)> {
    let records = std::mem::take(&mut desk.records);
    let resolved = records.into_iter().filter_map(|record| match record {
        Record::Resolved(Resolved { market, result, time }) => {
            assert_eq!(time, desk.now);
            Some((market.to_string(), result))
        }
        _ => None,
    });
    resolved.collect()
}

fn once(ticker: &str, resolution: Resolution) -> Vec<(String, Resolution)> {
    vec![(ticker.to_owned(), resolution)]
}

fn determined(desk: &mut Desk, ticker: &str, resolution: Resolution) {
    desk.now = desk.now + Duration::from_secs(1);
    desk.step(&Event::Determined { ticker, resolution });
}

fn settled(desk: &mut Desk, ticker: &str, resolution: Resolution) {
    desk.now = desk.now + Duration::from_secs(1);
    desk.step(&Event::Settled { ticker, resolution });
}

#[test]
fn a_market_that_was_sold_before_it_resolved_has_its_result_recorded_once() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (_, target) = desk.hold("A");
    desk.stop_out("A", &target, "0.87", "0.93");
    assert_eq!(resolved(&mut desk), [], "nobody knows yet");
    determined(&mut desk, "A", Resolution::Yes);
    assert_eq!(resolved(&mut desk), once("A", Resolution::Yes));
    determined(&mut desk, "A", Resolution::Yes);
    settled(&mut desk, "A", Resolution::Yes);
    assert_eq!(resolved(&mut desk), [], "no news");
    assert_eq!(desk.engine.trades(), 1, "nothing was held that could be paid out");
}

#[test]
fn a_result_comes_before_the_payout_and_moves_no_money() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (entry, _) = desk.hold("A");
    let cash = desk.engine.ledger().cash();
    determined(&mut desk, "A", Resolution::Yes);
    assert_eq!(resolved(&mut desk), once("A", Resolution::Yes));
    assert_eq!((desk.engine.ledger().cash(), desk.engine.trades()), (cash, 0));
    settled(&mut desk, "A", Resolution::Yes);
    assert_eq!(resolved(&mut desk), []);
    let paid = Price::ONE.times(entry.quantity, Rounding::Floor);
    assert_eq!((desk.engine.ledger().cash() - cash, desk.engine.trades()), (paid, 1));
}

#[test]
fn a_payout_that_nothing_announced_tells_the_result_as_well() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.hold("A");
    desk.records.clear();
    settled(&mut desk, "A", Resolution::Scalar(price("0.40")));
    let told: Vec<&Record> =
        desk.records.iter().filter(|r| matches!(r, Record::Resolved(_) | Record::Settled(_))).collect();
    assert!(matches!(told[..], [Record::Resolved(_), Record::Settled(_)]), "{told:?}");
    assert_eq!(resolved(&mut desk), once("A", Resolution::Scalar(price("0.40"))));
}

#[test]
fn a_result_that_the_exchange_changes_is_recorded_again() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.hold("A");
    for resolution in [Resolution::Yes, Resolution::No, Resolution::Yes] {
        determined(&mut desk, "A", resolution);
        assert_eq!(resolved(&mut desk), once("A", resolution));
    }
    settled(&mut desk, "A", Resolution::No);
    assert_eq!(resolved(&mut desk), once("A", Resolution::No), "what pays out is the last word");
}

#[test]
fn markets_in_which_nothing_was_ever_held_leave_no_result() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.list("B");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    desk.accept(&entry);
    desk.cancelled(entry.id, CancelReason::ImmediateOrCancel);
    determined(&mut desk, "A", Resolution::Yes);
    settled(&mut desk, "A", Resolution::Yes);
    settled(&mut desk, "B", Resolution::No);
    assert_eq!(resolved(&mut desk), [], "an order that bought nothing holds nothing");
    let unknown = desk.engine.feed_counts().unknown_tickers;
    determined(&mut desk, "ELSEWHERE", Resolution::Yes);
    assert_eq!(resolved(&mut desk), []);
    assert_eq!(desk.engine.feed_counts().unknown_tickers, unknown + 1);
}

#[test]
fn a_fill_that_is_heard_of_after_the_result_brings_the_result_with_it() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    desk.accept(&entry);
    determined(&mut desk, "A", Resolution::No);
    assert_eq!(resolved(&mut desk), []);
    desk.fill(&entry, "0.91", entry.quantity);
    assert_eq!(resolved(&mut desk), once("A", Resolution::No));
    settled(&mut desk, "A", Resolution::No);
    assert_eq!(resolved(&mut desk), []);
}

#[test]
fn a_position_taken_over_from_an_earlier_run_counts_as_held() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.step(&Event::Adopted(&Adopted {
        ticker: "A".into(),
        outcome: Outcome::No,
        quantity: contracts(100),
        cost: "90.00".parse().expect("an amount"),
        fees: Money::ZERO,
        opened_at: START - Duration::from_hours(2),
    }));
    assert_eq!(resolved(&mut desk), []);
    determined(&mut desk, "A", Resolution::No);
    assert_eq!(resolved(&mut desk), once("A", Resolution::No));
}
