use super::*;
use crate::engine::record::ExitReason;

#[test]
fn a_filled_target_ends_the_trade_and_starts_the_cooldown() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (entry, target) = desk.hold("A");
    assert_eq!((target.side, target.price, target.quantity), (Side::Ask, price("0.93"), entry.quantity));
    desk.fill(&target, "0.93", target.quantity);
    let trade = desk.trades()[0].clone();
    assert_eq!(trade.exit_reason, ExitReason::TakeProfit);
    assert_eq!(trade.gross_pnl, price("0.02").times(entry.quantity, Rounding::Floor));
    assert_eq!(trade.fees, price("0.005733").times(entry.quantity, Rounding::Ceil));
    assert_eq!(trade.net_pnl, trade.gross_pnl - trade.fees);
    assert_eq!(desk.engine.ledger().cash(), Money::from_dollars(10_000) + trade.net_pnl);
    assert_eq!(desk.quote("A", "0.90", "0.91"), []);
    assert_eq!(desk.refusals("signal"), BTreeMap::from([("cooldown", 1)]));
    desk.wait(Duration::from_mins(15));
    placed(&desk.quote("A", "0.90", "0.91"));
}

#[test]
fn a_target_filled_in_part_stays_for_the_rest() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (_, target) = desk.hold("A");
    assert_eq!(desk.fill(&target, "0.93", contracts(100)), []);
    desk.wait(Duration::from_secs(2));
    assert_eq!(desk.quote("A", "0.91", "0.92"), [], "the rest still rests");
    desk.fill(&target, "0.93", target.quantity - contracts(100));
    assert_eq!(desk.trades().len(), 1);
}

#[test]
fn a_stop_takes_the_target_off_first_and_then_sells_what_is_held() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (entry, target) = desk.hold("A");
    assert_eq!(desk.quote("A", "0.88", "0.93"), [], "0.88 is above the stop at 0.87");
    assert_eq!(desk.quote("A", "0.80", "0.85"), [Command::Cancel { order: target.id }]);
    assert_eq!(desk.quote("A", "0.90", "0.91"), [], "a stop that was reached is not taken back");
    desk.quote("A", "0.80", "0.85");
    let stop = placed(&desk.cancelled(target.id, CancelReason::Requested));
    assert_eq!((stop.side, stop.purpose, stop.reduce_only), (Side::Ask, Purpose::Stop, true));
    assert_eq!(stop.price, price("0.75"), "five cents below the bid");
    assert_eq!(stop.quantity, entry.quantity);
    desk.fill(&stop, "0.80", stop.quantity);
    let trade = desk.trades()[0];
    assert_eq!((trade.exit_reason, trade.exit_price), (ExitReason::StopLoss, price("0.80")));
    assert!(desk.engine.positions().is_empty());
}

#[test]
fn a_stop_that_finds_too_few_buyers_tries_again() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (entry, target) = desk.hold("A");
    desk.quote("A", "0.80", "0.85");
    let stop = placed(&desk.cancelled(target.id, CancelReason::Requested));
    desk.fill(&stop, "0.80", contracts(92));
    assert_eq!(desk.cancelled(stop.id, CancelReason::ImmediateOrCancel), []);
    let again = placed(&desk.wait(Duration::from_secs(1)));
    assert_eq!((again.quantity, again.purpose), (entry.quantity - contracts(92), Purpose::Stop));
}

#[test]
fn a_no_position_is_stopped_by_its_own_executable_price() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.09", "0.10"));
    let target = placed(&desk.fill(&entry, "0.09", entry.quantity));
    desk.accept(&target);
    assert_eq!(desk.quote("A", "0.11", "0.12"), [], "NO can be sold at 0.88");
    assert_eq!(
        desk.quote("A", "0.12", "0.13"),
        [Command::Cancel { order: target.id }],
        "NO fetches 0.87, the stop"
    );
    let stop = placed(&desk.cancelled(target.id, CancelReason::Requested));
    assert_eq!((stop.side, stop.price), (Side::Bid, price("0.18")));
}

#[test]
fn time_ends_a_position_before_the_close() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (_, target) = desk.hold("A");
    assert_eq!(desk.wait(Duration::from_secs(10_200 - 1)), [], "ten minutes before the close and a second");
    assert_eq!(desk.wait(Duration::from_secs(1)), [Command::Cancel { order: target.id }]);
    let exit = placed(&desk.cancelled(target.id, CancelReason::Requested));
    assert_eq!(exit.purpose, Purpose::TimeExit);
    desk.fill(&exit, "0.90", exit.quantity);
    assert_eq!(desk.trades()[0].exit_reason, ExitReason::TimeExit);
}

#[test]
fn settlement_pays_what_is_still_held() {
    for (resolution, payout) in [(Resolution::Yes, 1_092), (Resolution::No, 0)] {
        let mut desk = Setup::default().desk();
        desk.list("A");
        let (entry, target) = desk.hold("A");
        desk.now = START + Duration::from_hours(3);
        desk.step(&Event::Settled { ticker: "A", resolution });
        let trade = desk.trades()[0].clone();
        assert_eq!(trade.exit_reason, ExitReason::Settlement);
        assert_eq!(trade.exit_proceeds, Money::from_dollars(payout));
        assert_eq!(trade.entry_cost, price("0.91").times(entry.quantity, Rounding::Floor));
        assert_eq!(desk.cancelled(target.id, CancelReason::MarketClosed), []);
        assert_eq!(desk.engine.equity(), Money::from_dollars(10_000) + trade.net_pnl);
    }
}

#[test]
fn held_to_settlement_means_no_target_and_no_stop() {
    let mut desk = Setup::default().parameters(|p| p.hold_to_settlement = true).desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.96", "0.97"));
    assert_eq!(desk.fill(&entry, "0.97", entry.quantity), []);
    assert_eq!(desk.quote("A", "0.50", "0.51"), []);
    assert_eq!(desk.wait(Duration::from_hours(3)), []);
    desk.step(&Event::Settled { ticker: "A", resolution: Resolution::Yes });
    assert_eq!(desk.trades()[0].exit_reason, ExitReason::Settlement);
}

#[test]
fn a_taken_profit_crosses_once_the_bid_reaches_the_target() {
    let mut desk = Setup::default().parameters(|p| {
        p.take_profit_style = TakeProfitStyle::Taker;
        p.profit_target = ratio("0.04");
    });
    desk.rules.filter.min_time_to_close = Duration::ZERO;
    let mut desk = desk.desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    assert_eq!(desk.fill(&entry, "0.91", entry.quantity), []);
    assert_eq!(desk.quote("A", "0.94", "0.96"), []);
    let exit = placed(&desk.quote("A", "0.95", "0.96"));
    assert_eq!((exit.price, exit.purpose), (price("0.95"), Purpose::TakeProfit));
    assert_eq!(exit.time_in_force, TimeInForce::ImmediateOrCancel);
}

#[test]
fn a_fill_told_twice_counts_once() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    desk.fill(&entry, "0.91", contracts(100));
    desk.fills -= 1;
    desk.fill(&entry, "0.91", contracts(100));
    assert_eq!(desk.engine.positions().iter().map(|p| p.quantity).sum::<Quantity>(), contracts(100));
}

/// A position with a taken profit in its plan, after a first attempt at 0.95 that found nobody.
fn a_missed_target() -> (Desk, OrderRequest) {
    let mut setup = Setup::default().parameters(|p| {
        p.take_profit_style = TakeProfitStyle::Taker;
        p.profit_target = ratio("0.04");
    });
    setup.rules.filter.min_time_to_close = Duration::ZERO;
    let mut desk = setup.desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    desk.fill(&entry, "0.91", entry.quantity);
    let exit = placed(&desk.quote("A", "0.95", "0.96"));
    desk.accept(&exit);
    assert_eq!(desk.cancelled(exit.id, CancelReason::ImmediateOrCancel), []);
    (desk, entry)
}

#[test]
fn a_target_that_was_missed_leaves_the_stop_in_force() {
    let (mut desk, entry) = a_missed_target();
    desk.quote("A", "0.94", "0.95");
    desk.wait(Duration::from_secs(1));
    let stop = placed(&desk.quote("A", "0.80", "0.82"));
    assert_eq!((stop.purpose, stop.price, stop.quantity), (Purpose::Stop, price("0.75"), entry.quantity));
}

#[test]
fn a_target_that_was_missed_is_not_pursued_below_its_price() {
    let (mut desk, _) = a_missed_target();
    assert_eq!(desk.quote("A", "0.92", "0.93"), []);
    assert_eq!(desk.wait(Duration::from_secs(2)), [], "nobody buys at the target, and 0.92 is no stop");
}

#[test]
fn a_stop_is_not_read_off_a_book_in_doubt() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (_, target) = desk.hold("A");
    let level = |at| Level { price: price(at), size: contracts(5_000) };
    let stamp = desk.stamp();
    let (bids, asks) = ([level("0.10")], [level("0.91"), level("0.91"), level("0.90")]);
    let broken = Event::Snapshot { ticker: "A", stamp, bids: &bids, asks: &asks };
    assert_eq!(desk.step(&broken), [Command::Resync { sid: 1 }]);
    assert_eq!(desk.wait(Duration::from_secs(1)), [], "the bid at 0.10 came with a book that can't be");
    assert_eq!(desk.quote("A", "0.90", "0.91"), []);
    assert_eq!(desk.quote("A", "0.80", "0.85"), [Command::Cancel { order: target.id }]);
}

#[test]
fn a_refused_cancel_is_not_repeated_with_every_change_of_the_book() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (_, target) = desk.hold("A");
    let cancel = [Command::Cancel { order: target.id }];
    assert_eq!(desk.quote("A", "0.80", "0.85"), cancel);
    for told in [OrderUpdate::CancelRejected { order: target.id }, OrderUpdate::Unknown { order: target.id }]
    {
        desk.step(&Event::Order(told));
        assert_eq!(desk.quote("A", "0.79", "0.85"), []);
        assert_eq!(desk.quote("A", "0.80", "0.85"), []);
        assert_eq!(desk.wait(Duration::from_secs(1)), cancel);
    }
}

#[test]
fn a_cancel_whose_answer_is_lost_again_is_sent_again() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (_, target) = desk.hold("A");
    let cancel = [Command::Cancel { order: target.id }];
    assert_eq!(desk.quote("A", "0.80", "0.85"), cancel);
    for _ in 0..3 {
        desk.step(&Event::Order(OrderUpdate::Unknown { order: target.id }));
        assert_eq!(desk.wait(Duration::from_secs(1)), cancel);
    }
}

#[test]
fn an_order_that_the_exchange_takes_off_is_not_sent_again_at_once() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (_, target) = desk.hold("A");
    assert_eq!(desk.cancelled(target.id, CancelReason::Exchange), []);
    assert_eq!(desk.quote("A", "0.89", "0.92"), []);
    let again = placed(&desk.wait(Duration::from_secs(1)));
    assert_eq!((again.purpose, again.quantity), (Purpose::TakeProfit, target.quantity));
}

#[test]
fn a_fill_heard_of_after_the_settlement_is_paid_out_too() {
    for (resolution, sold) in [(Resolution::Yes, "0.93"), (Resolution::No, "0.93")] {
        let mut desk = Setup::default().desk();
        desk.list("A");
        let (_, target) = desk.hold("A");
        desk.step(&Event::Settled { ticker: "A", resolution });
        desk.fill(&target, sold, target.quantity);
        assert!(desk.engine.positions().is_empty(), "the exchange pays out once and so do we");
        let nets = desk.trades().iter().map(|trade| trade.net_pnl).sum();
        assert_eq!(desk.engine.ledger().cash(), Money::from_dollars(10_000) + nets);
        let gross = desk.trades().iter().map(|trade| trade.gross_pnl).sum::<Money>();
        assert_eq!(
            gross,
            price("0.02").times(target.quantity, Rounding::Floor),
            "bought at 0.91, sold at 0.93"
        );
    }
}

#[test]
fn a_target_that_outlived_its_position_is_taken_off_until_it_is_gone() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (_, target) = desk.hold("A");
    let cancel = [Command::Cancel { order: target.id }];
    assert_eq!(desk.step(&Event::Settled { ticker: "A", resolution: Resolution::Yes }), cancel);
    desk.step(&Event::Order(OrderUpdate::Unknown { order: target.id }));
    assert_eq!(desk.wait(Duration::from_secs(1)), cancel);
}

#[test]
fn a_refused_target_is_tried_again_less_and_less_often_and_the_stop_does_not_wait_for_it() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    desk.accept(&entry);
    let mut target = placed(&desk.fill(&entry, "0.91", entry.quantity));
    for pause in [1, 2, 4, 8, 16, 32, 64, 64] {
        assert_eq!(desk.rejected(&target, RejectReason::Other), []);
        assert_eq!(desk.wait(Duration::from_millis(pause * 1_000 - 1)), []);
        let again = desk.wait(Duration::from_millis(1));
        assert_eq!(placed(&again).purpose, Purpose::TakeProfit, "after {pause} s");
        target = placed(&again);
    }
    desk.rejected(&target, RejectReason::Other);
    let stop = placed(&desk.quote("A", "0.80", "0.85"));
    assert_eq!(stop.purpose, Purpose::Stop);
}
