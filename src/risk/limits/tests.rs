use super::*;
use crate::units::Ratio;
use proptest::prelude::*;
use std::time::Duration;

fn owners_limits() -> Limits {
    Limits {
        max_position_size: Ratio::from_raw(100_000),
        max_event_exposure: Ratio::from_raw(200_000),
        max_total_exposure: Ratio::from_raw(300_000),
        max_positions: 5,
        max_daily_loss: Ratio::from_raw(50_000),
        max_drawdown: Ratio::from_raw(150_000),
        max_consecutive_losses: 5,
        circuit_breaker_enabled: true,
        max_feed_silence: Duration::from_secs(15),
        pause_margin: Duration::from_mins(10),
    }
}

fn account() -> Account {
    Account {
        capital: Money::from_dollars(10_000),
        free_cash: Money::from_dollars(10_000),
        shard_cash: None,
        total_exposure: Money::ZERO,
        event_exposure: Money::ZERO,
        positions: 0,
        state: TradingState::Active,
    }
}

fn entry() -> Entry {
    Entry {
        price: "0.90".parse().expect("a price"),
        fee: "0.0063".parse().expect("a price"),
        displayed: None,
    }
}

fn judge(change: impl FnOnce(&mut Account, &mut Entry)) -> Result<(i64, RiskReason), RiskReason> {
    let (mut account, mut entry) = (account(), entry());
    change(&mut account, &mut entry);
    let approved = owners_limits().approve(&entry, &account)?;
    Ok((approved.quantity.raw() / 100, approved.bound_by))
}

#[test]
fn the_tightest_limit_binds_and_is_named() {
    let dollars = Money::from_dollars;
    // 1,000 dollars at 0.9063 each.
    assert_eq!(judge(|_, _| {}), Ok((1_103, RiskReason::MaxPositionSize)));
    assert_eq!(judge(|a, _| a.event_exposure = dollars(1_500)), Ok((551, RiskReason::MaxEventExposure)));
    assert_eq!(judge(|a, _| a.total_exposure = dollars(2_900)), Ok((110, RiskReason::MaxTotalExposure)));
    assert_eq!(judge(|a, _| a.free_cash = dollars(9)), Ok((9, RiskReason::Cash)));
    let few = Some(Quantity::from_raw(1_250));
    assert_eq!(judge(|_, e| e.displayed = few), Ok((12, RiskReason::DisplayedSize)));
}

#[test]
fn each_limit_refuses_by_its_own_name() {
    let dollars = Money::from_dollars;
    assert_eq!(judge(|a, _| a.state = TradingState::Halted), Err(RiskReason::Halted));
    assert_eq!(judge(|a, _| a.state = TradingState::ReduceOnly), Err(RiskReason::ReduceOnly));
    assert_eq!(judge(|a, _| a.positions = 5), Err(RiskReason::MaxPositions));
    assert_eq!(judge(|a, _| a.event_exposure = dollars(2_000)), Err(RiskReason::MaxEventExposure));
    assert_eq!(judge(|a, _| a.event_exposure = dollars(3_000)), Err(RiskReason::MaxEventExposure));
    assert_eq!(judge(|a, _| a.total_exposure = dollars(3_000)), Err(RiskReason::MaxTotalExposure));
    assert_eq!(judge(|a, _| a.free_cash = Money::ZERO), Err(RiskReason::Cash));
    assert_eq!(judge(|a, _| a.capital = Money::ZERO), Err(RiskReason::MaxPositionSize));
    assert_eq!(judge(|_, e| e.displayed = Some(Quantity::from_raw(99))), Err(RiskReason::DisplayedSize));
}

#[test]
fn a_free_contract_is_refused_not_bought_without_bound() {
    let nothing = judge(|_, e| (e.price, e.fee) = (Price::ZERO, Price::ZERO));
    assert_eq!(nothing, Err(RiskReason::MaxPositionSize));
}

proptest! {
    #[test]
    fn no_approval_exceeds_any_limit(
        capital in 0..100_000_000_000_i64,
        cash in 0..100_000_000_000_i64,
        total in 0..50_000_000_000_i64,
        event in 0..20_000_000_000_i64,
        price in 10_000..999_900_i64,
    ) {
        let account = Account {
            capital: Money::from_raw(capital),
            free_cash: Money::from_raw(cash),
            shard_cash: None,
            total_exposure: Money::from_raw(total),
            event_exposure: Money::from_raw(event),
            ..account()
        };
        let entry = Entry { price: Price::from_raw(price), fee: Price::from_raw(20_000), displayed: None };
        let limits = owners_limits();
        if let Ok(approved) = limits.approve(&entry, &account) {
            let cost = (entry.price + entry.fee).times(approved.quantity, Rounding::Ceil);
            let part = |ratio| account.capital.times_ratio(ratio, Rounding::Floor);
            prop_assert!(cost <= part(limits.max_position_size));
            prop_assert!(cost + account.event_exposure <= part(limits.max_event_exposure));
            prop_assert!(cost + account.total_exposure <= part(limits.max_total_exposure));
            prop_assert!(cost <= account.free_cash);
        }
    }
}
