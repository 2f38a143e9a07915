//! What comes from outside the feed: positions found at the start, halts that the edge sees, a person's flatten, and
//! entries that found nothing.

use super::*;
use crate::execution::reconcile::Adopted;

fn adopted(ticker: &str, outcome: Outcome, quantity: i64, cost: &str) -> Adopted {
    Adopted {
        ticker: ticker.into(),
        outcome,
        quantity: contracts(quantity),
        cost: cost.parse().expect("an amount"),
        fees: "0.63".parse().expect("an amount"),
        opened_at: START - Duration::from_hours(2),
    }
}

#[test]
fn an_adopted_position_gets_its_target_and_stop_and_is_neither_gain_nor_loss() {
    let mut desk = Setup::default().desk();
    desk.list("M");
    desk.quote("M", "0.80", "0.81");
    assert!(
        desk.step(&Event::Adopted(&adopted("M", Outcome::Yes, 100, "90.00")))
            .iter()
            .all(|command| matches!(command, Command::Place(request) if request.side == Side::Ask))
    );
    let plan = *desk.engine.plan(desk.engine.catalogue().find("M").expect("listed")).expect("a plan");
    assert_eq!(plan.exit.target, price("0.92"), "two per cent above 0.90, on the grid");
    assert!(plan.exit.stop < price("0.90") && plan.exit.stop >= price("0.86"), "{}", plan.exit.stop);
    assert_eq!(
        desk.engine.ledger().cash(),
        Money::from_dollars(10_000),
        "the exchange has taken the cost long ago"
    );
    assert_eq!(desk.engine.ledger().starting(), Money::from_dollars(10_090));
    assert!(desk.reasons().is_empty(), "what was lost on it before the run is no loss of the run");
}

#[test]
fn an_adopted_position_goes_its_way_and_closes_as_a_trade_with_its_earlier_fees() {
    let mut desk = Setup::default().desk();
    desk.list("M");
    let target = placed(&desk.step(&Event::Adopted(&adopted("M", Outcome::No, 100, "90.00"))));
    assert_eq!((target.side, target.price, target.quantity), (Side::Bid, price("0.08"), contracts(100)));
    desk.accept(&target);
    desk.fill(&target, "0.08", contracts(100));
    let trades = desk.trades();
    assert_eq!(trades.len(), 1);
    assert_eq!(trades[0].entry_price, price("0.90"));
    assert_eq!(trades[0].gross_pnl, Money::from_dollars(2));
    assert_eq!(trades[0].fees, "0.63".parse().expect("an amount"), "a maker's fill was free");
}

#[test]
fn a_position_is_adopted_once_and_only_where_its_market_is_known() {
    let mut desk = Setup::default().desk();
    desk.list("M");
    desk.step(&Event::Adopted(&adopted("ELSEWHERE", Outcome::Yes, 100, "90.00")));
    assert!(desk.engine.positions().is_empty());
    for _ in 0..2 {
        desk.step(&Event::Adopted(&adopted("M", Outcome::Yes, 100, "90.00")));
    }
    assert_eq!(desk.engine.positions().total_cost(), Money::from_dollars(90));
}

#[test]
fn halts_that_the_edge_sees_come_and_go_and_latch_like_any_other() {
    let mut desk = Setup::default().desk();
    let halt = |reason, in_force| Event::Halt { reason, in_force, detail: "429" };
    desk.step(&halt(HaltReason::RateLimited, true));
    assert_eq!(desk.engine.trading().state(), TradingState::ReduceOnly);
    desk.step(&halt(HaltReason::RateLimited, false));
    assert_eq!(desk.engine.trading().state(), TradingState::Active);
    desk.step(&halt(HaltReason::AuthFailed, true));
    assert_eq!(desk.engine.trading().state(), TradingState::Halted);
    let last = desk.records.iter().rev().find_map(|record| match record {
        Record::State(state) => Some(state.clone()),
        _ => None,
    });
    let last = last.expect("a change of state is recorded");
    assert_eq!((last.changed, last.detail.as_str(), last.latched), ("auth_failed", "429", true));
}

#[test]
fn flatten_sells_what_is_held_in_one_market_or_in_all() {
    let mut desk = Setup::default().desk();
    desk.list("M");
    desk.list("N");
    let (_, first) = desk.hold("M");
    let (_, second) = desk.hold("N");
    let id = desk.engine.catalogue().find("M");
    let commands = desk.step(&Event::Operator(Operator::Flatten { market: id }));
    assert_eq!(commands, [Command::Cancel { order: first.id }], "the target comes off first, and only there");
    let exit = placed(&desk.cancelled(first.id, CancelReason::Requested));
    assert_eq!((exit.purpose, exit.reduce_only), (Purpose::Flatten, true));
    desk.fill(&exit, "0.90", exit.quantity);
    assert_eq!(desk.trades()[0].exit_reason.as_str(), "flatten");
    let commands = desk.step(&Event::Operator(Operator::Flatten { market: None }));
    assert_eq!(commands, [Command::Cancel { order: second.id }]);
}

#[test]
fn a_flickering_book_is_not_chased_with_an_order_for_every_flicker() {
    let mut desk = Setup::default().desk();
    desk.list("M");
    let mut sent = 0;
    for _ in 0..600 {
        for command in desk.quote("M", "0.90", "0.91") {
            let Command::Place(order) = command else { panic!("only entries are sent here: {command:?}") };
            sent += 1;
            desk.accept(&order);
            desk.cancelled(order.id, CancelReason::ImmediateOrCancel);
        }
        desk.quote("M", "0.90", "0.95");
        desk.wait(Duration::from_secs(1));
    }
    assert_eq!(sent, 10, "after 1, 2, 4 … 256 s");
    let order = loop {
        desk.wait(Duration::from_secs(10));
        if let [Command::Place(order)] = desk.quote("M", "0.90", "0.91").as_slice() {
            break order.clone();
        }
        assert!(desk.now < START + Duration::from_mins(40), "it rests no longer than after an exit");
    };
    desk.accept(&order);
    let target = placed(&desk.fill(&order, "0.91", order.quantity));
    desk.accept(&target);
    desk.stop_out("M", &target, "0.80", "0.81");
    let again = placed(&desk.quote("M", "0.90", "0.91"));
    desk.cancelled(again.id, CancelReason::ImmediateOrCancel);
    desk.wait(Duration::from_secs(1));
    placed(&desk.quote("M", "0.90", "0.91"));
}
