use super::*;

fn state(desk: &Desk) -> TradingState {
    desk.engine.trading().state()
}

#[test]
fn five_losing_trades_in_a_row_halt_until_resumed() {
    let mut desk = Setup::default().limits(|l| l.max_daily_loss = Ratio::ONE).desk();
    desk.list("A");
    for round in 1..=5 {
        assert_eq!(state(&desk), TradingState::Active, "after {} losses", round - 1);
        let (_, target) = desk.hold("A");
        desk.stop_out("A", &target, "0.87", "0.93");
    }
    assert_eq!((state(&desk), desk.reasons()), (TradingState::Halted, vec!["losing_streak"]));
    assert_eq!(desk.quote("A", "0.90", "0.91"), []);
    assert_eq!(desk.refusals("risk"), BTreeMap::from([("trading_halted", 1)]));
    placed(&desk.step(&Event::Operator(Operator::Resume)));
    assert_eq!(state(&desk), TradingState::Active);
}

#[test]
fn a_win_ends_a_losing_streak() {
    let mut desk = Setup::default().limits(|l| l.max_consecutive_losses = 2).desk();
    desk.list("A");
    for wins in [false, true, false] {
        let (_, target) = desk.hold("A");
        if wins {
            desk.fill(&target, "0.93", target.quantity);
            desk.wait(Duration::from_mins(15));
        } else {
            desk.stop_out("A", &target, "0.87", "0.93");
        }
    }
    assert_eq!(state(&desk), TradingState::Active);
}

#[test]
fn a_loss_of_the_day_halts_while_the_position_is_still_open() {
    let mut desk = Setup::default().parameters(|p| p.hold_to_settlement = true).desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    desk.fill(&entry, "0.91", entry.quantity);
    desk.quote("A", "0.46", "0.48");
    desk.wait(Duration::from_secs(1));
    assert_eq!(state(&desk), TradingState::Active, "491.40 and the fee are less than 5 % of 10,000");
    desk.quote("A", "0.45", "0.47");
    desk.wait(Duration::from_secs(1));
    assert_eq!((state(&desk), desk.reasons()), (TradingState::Halted, vec!["daily_loss"]));
    let Some(Record::State(told)) = desk.records.iter().rfind(|r| matches!(r, Record::State(_))) else {
        panic!("nothing was told");
    };
    assert!(told.latched && told.added);
    assert_eq!(told.detail, "508.580436 lost today of 10000.00; the limit is 5.00 %");
    desk.step(&Event::DayStarted);
    desk.wait(Duration::from_secs(1));
    assert_eq!(state(&desk), TradingState::Halted, "a new day does not clear what latched");
}

#[test]
fn a_new_day_starts_from_todays_equity() {
    let mut desk = Setup::default().parameters(|p| p.hold_to_settlement = true).desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    desk.fill(&entry, "0.91", entry.quantity);
    desk.quote("A", "0.46", "0.48");
    desk.step(&Event::DayStarted);
    desk.quote("A", "0.10", "0.12");
    desk.wait(Duration::from_secs(1));
    assert_eq!(desk.reasons(), Vec::<&str>::new(), "a second loss below the day's limit");
}

#[test]
fn a_fall_from_the_peak_halts() {
    let mut desk = Setup::default()
        .parameters(|p| p.hold_to_settlement = true)
        .limits(|l| (l.max_daily_loss, l.max_drawdown) = (Ratio::ONE, ratio("0.02")))
        .desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    desk.fill(&entry, "0.91", entry.quantity);
    desk.quote("A", "0.98", "0.99");
    desk.wait(Duration::from_secs(1));
    desk.quote("A", "0.80", "0.81");
    assert_eq!(state(&desk), TradingState::Active);
    desk.quote("A", "0.79", "0.81");
    desk.wait(Duration::from_secs(1));
    assert_eq!(desk.reasons(), ["drawdown"]);
    assert_eq!(desk.engine.max_drawdown(), price("0.19").times(entry.quantity, Rounding::Floor));
}

#[test]
fn breakers_switched_off_do_not_trip() {
    let mut desk = Setup::default()
        .parameters(|p| p.hold_to_settlement = true)
        .limits(|l| l.circuit_breaker_enabled = false)
        .desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    desk.fill(&entry, "0.91", entry.quantity);
    desk.quote("A", "0.02", "0.03");
    desk.wait(Duration::from_secs(1));
    assert_eq!(desk.reasons(), Vec::<&str>::new());
}

#[test]
fn a_silent_feed_stops_entries_and_heals_when_it_speaks() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.quote("A", "0.50", "0.51");
    desk.hush(Duration::from_secs(15));
    assert_eq!(state(&desk), TradingState::Active);
    desk.hush(Duration::from_secs(1));
    assert_eq!((state(&desk), desk.reasons()), (TradingState::ReduceOnly, vec!["feed_stale"]));
    assert_eq!(desk.quote("A", "0.90", "0.91"), [], "the state heals on the next beat");
    placed(&desk.wait(Duration::from_secs(1)));
    assert_eq!(state(&desk), TradingState::Active);
}

#[test]
fn a_feed_that_lives_and_has_nothing_to_tell_is_not_silent() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.quote("A", "0.50", "0.51");
    for _ in 0..3 {
        desk.hush(Duration::from_secs(10));
        desk.step(&Event::Heartbeat);
        assert_eq!(state(&desk), TradingState::Active);
    }
    placed(&desk.quote("A", "0.90", "0.91"));
}

#[test]
fn an_exchange_pause_stops_entries_and_takes_resting_ones_off() {
    let mut desk = Setup::default().parameters(|p| p.entry_style = EntryStyle::Maker).desk();
    desk.list("A");
    let entry = placed(&desk.quote("A", "0.90", "0.91"));
    desk.accept(&entry);
    assert_eq!(desk.step(&Event::Exchange { trading: false }), [Command::Cancel { order: entry.id }]);
    desk.cancelled(entry.id, CancelReason::Requested);
    assert_eq!(desk.quote("A", "0.90", "0.91"), []);
    assert_eq!(desk.refusals("risk"), BTreeMap::from([("trading_reduce_only", 1)]));
    placed(&desk.step(&Event::Exchange { trading: true }));
}

#[test]
fn an_operators_halt_keeps_stops_working() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (_, target) = desk.hold("A");
    desk.step(&Event::Operator(Operator::Halt));
    assert_eq!(state(&desk), TradingState::Halted);
    desk.stop_out("A", &target, "0.87", "0.93");
    assert_eq!(desk.trades().len(), 1);
}

#[test]
fn a_halt_that_latched_before_the_start_is_still_in_force() {
    let mut desk = Setup { latched: vec![HaltReason::DailyLoss], ..Setup::default() }.desk();
    desk.list("A");
    assert_eq!(desk.quote("A", "0.90", "0.91"), []);
    assert_eq!((state(&desk), desk.reasons()), (TradingState::Halted, vec!["daily_loss"]));
}

#[test]
fn an_answer_that_contradicts_the_orders_halts_everything() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (_, target) = desk.hold("A");
    let foreign = OrderRequest { id: OrderId(99), ..target };
    desk.accept(&foreign);
    assert_eq!(desk.reasons(), ["position_drift"]);
    assert_eq!(desk.quote("A", "0.80", "0.85"), [], "not even an exit is sent on a picture in doubt");
}

#[test]
fn shutting_down_takes_everything_off_and_opens_nothing() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.list("B");
    let (_, target) = desk.hold("A");
    assert_eq!(desk.step(&Event::Operator(Operator::Shutdown)), [Command::Cancel { order: target.id }]);
    assert_eq!(desk.cancelled(target.id, CancelReason::Requested), [], "the target isn't put back");
    assert_eq!(desk.wait(Duration::from_secs(2)), []);
    assert_eq!(desk.quote("B", "0.90", "0.91"), []);
}

#[test]
fn nothing_is_sent_into_a_pause_of_the_exchange() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (_, target) = desk.hold("A");
    desk.step(&Event::Exchange { trading: false });
    assert_eq!(desk.cancelled(target.id, CancelReason::Exchange), []);
    assert_eq!(desk.wait(Duration::from_secs(2)), []);
    assert_eq!(desk.quote("A", "0.80", "0.85"), [], "a stop could not be carried out");
    desk.quote("A", "0.90", "0.91");
    let again = placed(&desk.step(&Event::Exchange { trading: true }));
    assert_eq!((again.purpose, again.quantity), (Purpose::TakeProfit, target.quantity));
}

#[test]
fn shutting_down_puts_no_new_target_up() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.list("B");
    let (_, target) = desk.hold("A");
    let entry = placed(&desk.quote("B", "0.90", "0.91"));
    assert_eq!(desk.step(&Event::Operator(Operator::Shutdown)), [Command::Cancel { order: target.id }]);
    assert_eq!(desk.cancelled(target.id, CancelReason::Requested), []);
    assert_eq!(desk.fill(&entry, "0.91", entry.quantity), [], "nothing would take it off again");
    assert_eq!(desk.wait(Duration::from_secs(2)), []);
}

#[test]
fn word_of_the_exchanges_state_is_no_word_of_the_feed() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    desk.quote("A", "0.50", "0.51");
    for _ in 0..2 {
        desk.hush(Duration::from_secs(8));
        desk.step(&Event::Exchange { trading: true });
    }
    desk.hush(Duration::ZERO);
    assert_eq!(desk.reasons(), ["feed_stale"], "the status is asked for beside the feed");
}

#[test]
fn what_rests_comes_off_when_the_picture_is_in_doubt() {
    let mut desk = Setup::default().desk();
    desk.list("A");
    let (_, target) = desk.hold("A");
    let foreign = OrderRequest { id: OrderId(99), ..target.clone() };
    assert_eq!(desk.accept(&foreign), [Command::Cancel { order: target.id }]);
    assert_eq!(desk.cancelled(target.id, CancelReason::Requested), []);
}
