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

#[test]
fn nothing_is_entered_shortly_before_a_scheduled_pause_and_what_is_held_keeps_its_stop() {
    let mut desk = Setup::default().desk();
    desk.list("HELD");
    desk.list("NEW");
    let (_, target) = desk.hold("HELD");
    let (start, end) =
        (START + Duration::from_mins(30), START + Duration::from_hours(2) + Duration::from_mins(30));
    desk.step(&Event::Hours { pause: Some((start, end)) });
    desk.wait(Duration::from_mins(20) - Duration::from_micros(1));
    let id = desk.engine.catalogue().find("NEW").expect("a market");
    desk.now = START + Duration::from_mins(20);
    assert_eq!(desk.quote("NEW", "0.90", "0.91"), []);
    assert_eq!(desk.refusals("filter")["exchange_pauses_soon"], 1);
    assert_eq!(desk.engine.judge(desk.now, id), Err(("filter", "exchange_pauses_soon")));
    assert_eq!(desk.quote("HELD", "0.60", "0.62"), [Command::Cancel { order: target.id }], "its stop works");

    // The pause is over, or it was called off.
    desk.now = end;
    assert!(desk.engine.judge(end, id).is_err_and(|refusal| refusal.1 != "exchange_pauses_soon"));
    desk.step(&Event::Hours { pause: None });
    let mut other = Setup::default().limits(|limits| limits.pause_margin = Duration::ZERO).desk();
    other.list("NEW");
    other.step(&Event::Hours { pause: Some((START, end)) });
    placed(&other.quote("NEW", "0.90", "0.91"));
}

#[test]
fn an_entry_can_spend_what_a_transfer_left_on_its_shard() {
    let purses = |dollars| {
        ShardCash::apart([(0, Money::from_dollars(dollars)), (2, Money::from_dollars(10_000 - dollars))])
    };
    let mut desk = Setup { shard_cash: purses(0), ..Setup::default() }.desk();
    desk.list("M");
    assert_eq!(desk.quote("M", "0.90", "0.91"), []);
    desk.step(&Event::Purses(&purses(50)));
    let entry = placed(&desk.quote("M", "0.90", "0.91"));
    assert!(entry.price.times(entry.quantity, Rounding::Ceil) <= Money::from_dollars(50), "{entry:?}");
}

#[test]
fn entries_wait_until_what_was_missed_is_known_and_exits_do_not() {
    let mut desk = Setup::default().desk();
    desk.list("HELD");
    desk.list("NEW");
    let (_, target) = desk.hold("HELD");
    let halt = |in_force| Event::Halt { reason: HaltReason::CatchingUp, in_force, detail: "" };
    desk.step(&Event::Disconnected);
    desk.step(&Event::Connected);
    desk.step(&halt(true));
    assert_eq!(desk.quote("NEW", "0.90", "0.91"), [], "its book is there before the account is");
    assert_eq!(desk.quote("HELD", "0.60", "0.62"), [Command::Cancel { order: target.id }]);
    let entry = placed(&desk.step(&halt(false)));
    assert_eq!(desk.reasons(), [] as [&str; 0]);
    assert_eq!(entry.purpose, Purpose::Entry, "a quiet book gets no second chance from the feed");
    assert_eq!(desk.quote("NEW", "0.90", "0.91"), [], "and it is bought once");
}

#[test]
fn a_book_that_stood_still_is_looked_at_when_the_last_of_several_reasons_is_gone() {
    let mut desk = Setup::default().desk();
    desk.list("NEW");
    let halt = |reason, in_force| Event::Halt { reason, in_force, detail: "" };
    desk.step(&halt(HaltReason::CatchingUp, true));
    desk.step(&Event::Exchange { trading: false });
    assert_eq!(desk.quote("NEW", "0.90", "0.91"), []);
    assert_eq!(desk.step(&halt(HaltReason::CatchingUp, false)), [], "the exchange is still paused");
    placed(&desk.step(&Event::Exchange { trading: true }));
    assert_eq!(desk.step(&Event::Exchange { trading: true }), [], "nothing changed by that");
}

#[test]
fn a_target_that_expires_is_put_up_again_and_never_stands_twice() {
    let mut desk = Setup::default().desk();
    desk.list("M");
    let (entry, mut target) = desk.hold("M");
    for _ in 0..3 {
        assert_eq!(desk.wait(Duration::from_secs(5)), [], "while it stands there is no other");
        assert_eq!(desk.cancelled(target.id, CancelReason::Expired), []);
        let renewed = placed(&desk.wait(Duration::from_secs(1)));
        assert_eq!((renewed.price, renewed.quantity), (target.price, entry.quantity));
        assert_ne!(renewed.id, target.id);
        desk.accept(&renewed);
        target = renewed;
    }
}

#[test]
fn a_cancel_that_a_closed_market_refuses_ends_with_the_exchange_s_own() {
    let mut desk = Setup::default().parameters(|rules| rules.entry_style = EntryStyle::Maker).desk();
    desk.list("M");
    let entry = placed(&desk.quote("M", "0.90", "0.91"));
    desk.accept(&entry);
    assert_eq!(desk.wait(Duration::from_secs(30)), [Command::Cancel { order: entry.id }]);
    desk.step(&Event::Status { ticker: "M", status: MarketStatus::Closed });
    desk.step(&Event::Order(OrderUpdate::CancelRejected { order: entry.id }));
    desk.cancelled(entry.id, CancelReason::MarketClosed);
    for _ in 0..5 {
        assert_eq!(desk.wait(Duration::from_secs(10)), [], "there is nothing left to cancel");
    }
    assert_eq!(desk.reasons(), [] as [&str; 0], "it is no drift");
}
