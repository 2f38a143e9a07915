use super::*;

#[test]
fn a_yes_at_the_threshold_is_bought_at_the_ask() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let order = placed(&desk.quote("A", "0.90", "0.91"));
    assert_eq!((order.side, order.price, order.purpose), (Side::Bid, price("0.91"), Purpose::Entry));
    assert_eq!(order.time_in_force, TimeInForce::ImmediateOrCancel);
    // A tenth of 10,000 dollars at 0.91 and 0.005733 fee.
    assert_eq!(order.quantity, contracts(1_092));
    let Some(Record::Decision(decision)) = desk.records.iter().find(|r| matches!(r, Record::Decision(_)))
    else {
        panic!("no decision was recorded");
    };
    assert_eq!((decision.target, decision.stop), (price("0.93"), price("0.87")));
    assert_eq!(decision.net_win, price("0.014267"));
    assert_eq!(decision.net_loss, price("0.04") + price("0.005733") + price("0.007917"));
    assert_eq!(decision.break_even, ratio("0.789934"));
    assert_eq!(decision.bound_by, "max_position_size");
}

#[test]
fn a_cheap_yes_is_a_dear_no_and_is_bought_by_asking() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let order = placed(&desk.quote("A", "0.09", "0.10"));
    assert_eq!((order.side, order.price), (Side::Ask, price("0.09")));
    let target = placed(&desk.fill(&order, "0.09", order.quantity));
    assert_eq!((target.side, target.price, target.purpose), (Side::Bid, price("0.07"), Purpose::TakeProfit));
    let position = desk.engine.positions().iter().next().expect("a position");
    assert_eq!((position.outcome, position.average_price()), (Outcome::No, price("0.91")));
}

#[test]
fn nothing_is_bought_below_the_threshold_or_where_the_target_cannot_pay() {
    let mut desk = Setup::default().desk();
    for ticker in ["cheap", "near one", "beyond", "costly"] {
        desk.list(ticker);
    }
    assert_eq!(desk.quote("cheap", "0.83", "0.84"), []);
    assert_eq!(desk.quote("near one", "0.96", "0.97"), [], "the target 0.99 is one dollar less a tick");
    assert_eq!(desk.quote("beyond", "0.98", "0.99"), []);
    assert_eq!(
        desk.quote("costly", "0.86", "0.88"),
        [],
        "two cents don't clear fee and a spread of two cents"
    );
    let expected = [("below_threshold", 1), ("target_unreachable", 2), ("target_below_costs", 1)];
    assert_eq!(desk.refusals("signal"), BTreeMap::from(expected));
    assert_eq!(desk.engine.signals(), 0);
}

#[test]
fn a_stop_nearer_than_spread_tick_and_fees_is_refused_where_it_may_not_be_widened() {
    let mut desk = Setup::default().parameters(|p| p.widen_stop = false).desk();
    desk.list("A");
    assert_eq!(desk.quote("A", "0.90", "0.91"), []);
    assert_eq!(desk.refusals("signal"), BTreeMap::from([("stop_too_near", 1)]));
    let mut desk = Setup::default()
        .parameters(|p| {
            p.widen_stop = false;
            p.stop_loss = ratio("0.04");
        })
        .desk();
    desk.list("A");
    placed(&desk.quote("A", "0.90", "0.91"));
}

#[test]
fn an_entry_that_finds_nothing_leaves_the_market_free_after_a_moment() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let first = placed(&desk.quote("A", "0.90", "0.91"));
    assert_eq!(desk.quote("A", "0.89", "0.90"), [], "one entry at a time");
    desk.accept(&first);
    desk.cancelled(first.id, CancelReason::ImmediateOrCancel);
    assert_eq!(desk.quote("A", "0.90", "0.91"), []);
    desk.wait(Duration::from_secs(1));
    let second = placed(&desk.quote("A", "0.90", "0.91"));
    assert_ne!(first.id, second.id);
    assert_eq!(desk.refusals("execution"), BTreeMap::from([("not_filled", 1)]));
}

#[test]
fn an_entry_the_exchange_refuses_rests_the_market() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let order = placed(&desk.quote("A", "0.90", "0.91"));
    desk.rejected(&order, RejectReason::InsufficientBalance);
    assert_eq!(desk.quote("A", "0.90", "0.91"), []);
    assert_eq!(desk.refusals("signal"), BTreeMap::from([("cooldown", 1)]));
    assert_eq!(desk.refusals("execution"), BTreeMap::from([("insufficient_balance", 1)]));
    desk.wait(Duration::from_mins(15));
    placed(&desk.quote("A", "0.90", "0.91"));
}

#[test]
fn a_lost_answer_blocks_its_market_until_it_is_known() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let order = placed(&desk.quote("A", "0.90", "0.91"));
    desk.step(&Event::Order(OrderUpdate::Unknown { order: order.id }));
    assert_eq!(desk.quote("A", "0.90", "0.91"), [], "the order may be in");
    desk.fill(&order, "0.91", order.quantity);
    assert_eq!(desk.engine.positions().len(), 1);
}

#[test]
fn a_resting_entry_stands_at_the_bid_and_is_taken_off_in_time() {
    let mut desk = Setup::default().parameters(|p| p.entry_style = EntryStyle::Maker).desk();
    desk.list("A");
    let order = placed(&desk.quote("A", "0.90", "0.91"));
    assert_eq!((order.price, order.post_only), (price("0.90"), true));
    desk.accept(&order);
    assert_eq!(desk.wait(Duration::from_secs(29)), []);
    assert_eq!(desk.wait(Duration::from_secs(1)), [Command::Cancel { order: order.id }]);
    assert_eq!(desk.wait(Duration::from_secs(1)), [], "a cancel is asked for once");
    let half = Quantity::from_raw(order.quantity.raw() / 2);
    desk.fill(&order, "0.90", half);
    assert_eq!(desk.engine.positions().len(), 1, "a fill wins the race against its cancel");
}

#[test]
fn five_positions_of_a_tenth_do_not_fit_into_three_tenths() {
    let mut desk = Setup::default().desk();
    for ticker in ["A", "B", "C", "D"] {
        desk.list(ticker);
    }
    for ticker in ["A", "B", "C"] {
        desk.hold(ticker);
    }
    assert_eq!(desk.quote("D", "0.90", "0.91"), []);
    assert_eq!(desk.refusals("risk"), BTreeMap::from([("max_total_exposure", 1)]));
}

#[test]
fn markets_of_one_event_share_its_limit() {
    let mut desk = Setup::default().desk();
    desk.list_in("A", "E");
    desk.list_in("B", "E");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    assert_eq!(desk.quote("B", "0.90", "0.91"), [], "what is still working counts too");
    desk.fill(&entry, "0.91", entry.quantity);
    assert_eq!(desk.quote("B", "0.90", "0.91"), []);
    assert_eq!(desk.refusals("risk"), BTreeMap::from([("max_event_exposure", 1)]));
}

#[test]
fn no_more_positions_than_allowed() {
    let mut desk = Setup::default().limits(|l| l.max_positions = 1).desk();
    desk.list("A");
    desk.list("B");
    desk.hold("A");
    assert_eq!(desk.quote("B", "0.90", "0.91"), []);
    assert_eq!(desk.refusals("risk"), BTreeMap::from([("max_positions", 1)]));
}

#[test]
fn a_fill_heard_of_after_its_entry_ended_keeps_to_the_plan() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    desk.accept(&entry);
    desk.cancelled(entry.id, CancelReason::ImmediateOrCancel);
    let target = placed(&desk.fill(&entry, "0.91", contracts(100)));
    assert_eq!((target.purpose, target.price), (Purpose::TakeProfit, price("0.93")));
    desk.accept(&target);
    assert_eq!(
        desk.quote("A", "0.87", "0.93"),
        [Command::Cancel { order: target.id }],
        "the stop is known too"
    );
}

#[test]
fn a_resting_entry_is_taken_off_in_time_in_a_paused_market_too() {
    let mut desk = Setup::default().parameters(|p| p.entry_style = EntryStyle::Maker).desk();
    desk.list("A");
    let order = placed(&desk.quote("A", "0.90", "0.91"));
    desk.accept(&order);
    desk.fill(&order, "0.90", contracts(100));
    desk.step(&Event::Status { ticker: "A", status: MarketStatus::Inactive });
    assert_eq!(desk.wait(Duration::from_secs(30)), [Command::Cancel { order: order.id }]);
}

#[test]
fn an_entry_spends_no_more_than_lies_on_its_markets_shard() {
    let shard_cash = ShardCash::apart([(0, Money::from_dollars(300)), (2, Money::from_dollars(9_700))]);
    let mut desk = Setup { shard_cash, ..Setup::default() }.desk();
    desk.list_in("A", "one");
    desk.list_in("B", "two");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    // 300 dollars at 0.91 and 0.005733 of fee a contract; the limits alone would have allowed 1,000 dollars.
    assert_eq!(entry.quantity, contracts(327));
    let Some(Record::Decision(decision)) =
        desk.records.iter().rev().find(|record| matches!(record, Record::Decision(_)))
    else {
        panic!("no decision in {:?}", desk.records)
    };
    assert_eq!(decision.bound_by, "shard_cash");
    desk.accept(&entry);
    assert_eq!(desk.quote("B", "0.90", "0.91"), [], "the entry that works has it all");
    let target = placed(&desk.fill(&entry, "0.91", entry.quantity));
    desk.accept(&target);
    assert_eq!(desk.quote("B", "0.90", "0.91"), []);
    assert_eq!(desk.refusals("risk")["shard_cash"], 1, "counted by market");

    // What the position brings lies on its shard again.
    desk.stop_out("A", &target, "0.80", "0.85");
    let second = placed(&desk.quote("B", "0.90", "0.91"));
    assert!(second.quantity < contracts(327) && second.quantity > contracts(270), "{second:?}");
}
