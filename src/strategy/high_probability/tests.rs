use super::*;
use crate::fees::FeeKind;
use crate::market::{Catalogue, MarketSpec, MarketStatus, Side};
use crate::strategy::Strategy;
use crate::units::Ratio;
use proptest::prelude::*;
use std::time::Duration;

const CLOSE: Timestamp = Timestamp::from_secs(1_795_000_000);

fn owners_parameters() -> Parameters {
    Parameters {
        entry_threshold: Price::from_raw(850_000),
        profit_target: Ratio::from_raw(20_000),
        stop_loss: Ratio::from_raw(10_000),
        widen_stop: true,
        entry_style: EntryStyle::Taker,
        maker_entry_lifetime: Duration::from_secs(30),
        take_profit_style: TakeProfitStyle::Maker,
        stop_slippage: Price::from_raw(50_000),
        hold_to_settlement: false,
        exit_before_close: Duration::from_mins(10),
        cooldown: Duration::from_mins(15),
    }
}

/// A market with this touch, in YES prices.
fn market(bid: Price, ask: Price, grid: PriceGrid, kind: FeeKind) -> Market {
    let mut catalogue = Catalogue::default();
    let id = catalogue.list(MarketSpec {
        ticker: "KXDEMO-1-A".into(),
        event: "KXDEMO-1".into(),
        series: "KXDEMO".into(),
        category: "Sports".into(),
        title: "Demo".into(),
        open: Timestamp::EPOCH,
        close: CLOSE,
        grid,
        fees: FeeSchedule { kind, multiplier_ppm: 1_000_000 },
        status: MarketStatus::Active,
        volume: Quantity::ZERO,
        shard: 0,
    });
    let level = |price| Level { price, size: Quantity::from_contracts(100) };
    catalogue.get_mut(id).book.replace(&[level(bid)], &[level(ask)]).expect("a sound book");
    catalogue.get(id).clone()
}

fn cents(bid: i64, ask: i64) -> Market {
    let price = |cents| Price::from_raw(cents * 10_000);
    market(price(bid), price(ask), PriceGrid::cents(), FeeKind::Quadratic)
}

#[test]
fn the_owners_stop_would_fire_at_once_and_is_widened_past_spread_tick_and_fees() {
    let signal = HighProbability.entry(&cents(90, 91), &owners_parameters()).expect("a signal");
    assert_eq!(signal.plan.stop, Price::from_raw(870_000));
    assert_eq!(
        HighProbability.exit(
            &cents(90, 91),
            Outcome::Yes,
            &signal.plan,
            &owners_parameters(),
            CLOSE - Duration::from_hours(2)
        ),
        None
    );
}

#[test]
fn only_targets_that_exist_are_aimed_at() {
    let verdict = |bid, ask| {
        HighProbability.entry(&cents(bid, ask), &owners_parameters()).map(|signal| signal.plan.target)
    };
    assert_eq!(verdict(95, 96), Ok(Price::from_raw(980_000)));
    assert_eq!(verdict(96, 97), Err(SignalReason::TargetUnreachable));
    assert_eq!(verdict(84, 85), Ok(Price::from_raw(870_000)));
    assert_eq!(verdict(83, 84), Err(SignalReason::BelowThreshold));
}

#[test]
fn both_outcomes_are_judged_alike() {
    let yes = HighProbability.entry(&cents(90, 91), &owners_parameters()).expect("YES at 0.91");
    let no = HighProbability.entry(&cents(9, 10), &owners_parameters()).expect("NO at 0.91");
    assert_eq!((yes.outcome, no.outcome), (Outcome::Yes, Outcome::No));
    assert_eq!(
        (yes.price, yes.plan, yes.net_win, yes.net_loss),
        (no.price, no.plan, no.net_win, no.net_loss)
    );
}

#[test]
fn a_target_taken_across_the_spread_pays_a_second_fee() {
    let mut parameters = owners_parameters();
    parameters.take_profit_style = TakeProfitStyle::Taker;
    let verdict = HighProbability.entry(&cents(86, 87), &parameters);
    assert_eq!(verdict, Err(SignalReason::TargetBelowCosts), "two fees leave less than the spread");
}

#[test]
fn break_even_is_loss_over_win_and_loss() {
    let mut signal = HighProbability.entry(&cents(90, 91), &owners_parameters()).expect("a signal");
    (signal.net_win, signal.net_loss) = (Price::from_raw(10_000), Price::from_raw(40_000));
    assert_eq!(signal.break_even(), Ratio::from_raw(800_000));
    (signal.net_win, signal.net_loss) = (Price::ZERO, Price::ZERO);
    assert_eq!(signal.break_even(), Ratio::ONE);
}

proptest! {
    /// Whatever the touch and the grid, a signal's figures are sound.
    #[test]
    fn every_signal_can_pay_and_does_not_stop_out_at_once(
        bid in 1..=998_i64,
        spread in 1..=60_i64,
        fine in any::<bool>(),
        maker_fees in any::<bool>(),
        style in prop_oneof![Just(EntryStyle::Taker), Just(EntryStyle::Maker)],
        stop in 1_000..200_000_i64,
        target in 1_000..200_000_i64,
    ) {
        let (tick, grid) = if fine {
            (1_000, PriceGrid::uniform(Price::from_raw(1_000)))
        } else {
            (10_000, PriceGrid::cents())
        };
        let (bid, ask) = (Price::from_raw(bid * tick), Price::from_raw((bid + spread) * tick));
        prop_assume!(ask < Price::ONE);
        let kind = if maker_fees { FeeKind::QuadraticWithMakerFees } else { FeeKind::Quadratic };
        let market = market(bid, ask, grid, kind);
        let parameters = Parameters {
            entry_style: style,
            stop_loss: Ratio::from_raw(stop),
            profit_target: Ratio::from_raw(target),
            ..owners_parameters()
        };
        if let Ok(signal) = HighProbability.entry(&market, &parameters) {
            let own_bid = market.book.own_bid(signal.outcome).expect("a bid").price;
            let early = CLOSE - Duration::from_hours(2);
            let grid = &market.spec.grid;
            prop_assert!(signal.net_win.is_positive() && signal.net_loss.is_positive());
            prop_assert!(signal.plan.stop < own_bid, "it could be sold above its stop at the moment of purchase");
            prop_assert!(signal.plan.target > signal.price);
            prop_assert!(grid.contains(signal.outcome.yes_price(signal.plan.target)));
            prop_assert!(grid.contains(signal.outcome.yes_price(signal.plan.stop)));
            prop_assert!(grid.contains(signal.outcome.yes_price(signal.price)));
            prop_assert_eq!(HighProbability.exit(&market, signal.outcome, &signal.plan, &parameters, early), None);
            let entered = match style {
                EntryStyle::Taker => market.book.best(signal.outcome.buying_side().opposite()),
                EntryStyle::Maker => market.book.best(signal.outcome.buying_side()),
            };
            prop_assert_eq!(entered.map(|level| level.price), Some(signal.outcome.yes_price(signal.price)));
            let side = signal.outcome.buying_side();
            prop_assert_eq!(side == Side::Bid, signal.outcome == Outcome::Yes);
        }
    }
}
