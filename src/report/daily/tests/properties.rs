//! What holds of every day, whatever was traded in it.

use super::*;
use proptest::prelude::*;

fn traded() -> impl Strategy<Value = Vec<Made>> {
    let reasons = [
        ExitReason::TakeProfit,
        ExitReason::StopLoss,
        ExitReason::TimeExit,
        ExitReason::Settlement,
        ExitReason::Flatten,
    ];
    let one = (
        (1_i64..10_000, 1_i64..=10_000, 1_i64..10_000, 1_i64..5_000),
        (0_i64..50_000_000, prop::sample::select(reasons.to_vec())),
        prop::sample::select(vec!["KXA", "KXB", "KXC"]),
        (any::<bool>(), any::<bool>()),
    );
    prop::collection::vec(one, 0..40).prop_map(|trades| {
        let trades = trades.into_iter().zip(1_u64..);
        let made = trades.map(
            |(((entry, exit, signal, contracts), (fees, reason), series, (no, decided)), number)| Made {
                number,
                market: format!("{series}-{number}"),
                series,
                outcome: if no { Outcome::No } else { Outcome::Yes },
                contracts,
                signal: Price::from_raw(signal * 100),
                entry: Price::from_raw(entry * 100),
                stop: price("0.84"),
                exit: Price::from_raw(exit * 100),
                reason,
                fees: Money::from_raw(fees),
                is_decided: decided,
            },
        );
        made.collect()
    })
}

/// Accounts with their equities, in dollars.
fn accounts() -> impl Strategy<Value = Vec<AccountHistory>> {
    let snapshots = prop::collection::vec((0_i64..80_000, -1_000_i64..20_000), 0..30);
    let account = (prop::option::of(0_i64..20_000), snapshots).prop_map(|(opening, mut snapshots)| {
        snapshots.sort_by_key(|(seconds, _)| *seconds);
        let shot = |seconds, dollars: i64| snapshot(RUN, seconds, &dollars.to_string(), 1);
        AccountHistory {
            name: RUN.to_owned(),
            opening: opening.map(|dollars| shot(-90_000, dollars)),
            snapshots: snapshots.into_iter().map(|(seconds, dollars)| shot(seconds, dollars)).collect(),
        }
    });
    prop::collection::vec(account, 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tables_add_up_to_the_whole(trades in traded()) {
        let report = report_of(&trades);
        let whole = &report.trading;
        prop_assert_eq!(whole.net_pnl, whole.gross_pnl - whole.fees);
        prop_assert_eq!(whole.trades, trades.len() as u64);
        for groups in [&report.strategies, &report.series, &report.exits] {
            prop_assert_eq!(groups.iter().map(|group| group.trades).sum::<u64>(), whole.trades);
            prop_assert_eq!(groups.iter().map(|group| group.wins).sum::<u64>(), whole.wins);
            prop_assert_eq!(groups.iter().map(|group| group.gross_pnl).sum::<Money>(), whole.gross_pnl);
            prop_assert_eq!(groups.iter().map(|group| group.fees).sum::<Money>(), whole.fees);
            prop_assert_eq!(groups.iter().map(|group| group.net_pnl).sum::<Money>(), whole.net_pnl);
            for group in groups {
                prop_assert_eq!(group.net_pnl, group.gross_pnl - group.fees);
            }
        }
    }

    #[test]
    fn buckets_part_the_trades(trades in traded()) {
        let report = report_of(&trades);
        let buckets = &report.calibration;
        prop_assert_eq!(buckets.iter().map(|bucket| bucket.trades).sum::<u64>(), report.trading.trades);
        prop_assert_eq!(buckets.iter().map(|bucket| bucket.wins).sum::<u64>(), report.trading.wins);
        prop_assert_eq!(buckets.iter().map(|bucket| bucket.net_pnl).sum::<Money>(), report.trading.net_pnl);
        for pair in buckets.windows(2) {
            prop_assert_eq!(pair[0].to, pair[1].from);
        }
        for bucket in buckets {
            prop_assert!(bucket.came_true <= bucket.known && bucket.known <= bucket.trades);
            if let Some(mean) = bucket.mean_entry_price {
                prop_assert!(bucket.from <= mean && mean <= bucket.to);
            }
        }
    }

    #[test]
    fn slippage_of_the_trades_adds_up(trades in traded()) {
        let report = report_of(&trades);
        let sum = |slips: Vec<Option<Money>>| -> Money { slips.into_iter().flatten().sum() };
        let entries = report.trades.iter().map(|trade| trade.entry_slippage).collect();
        let stops = report.trades.iter().map(|trade| trade.stop_slippage).collect();
        prop_assert_eq!(report.slippage.entries.dollars, sum(entries));
        prop_assert_eq!(report.slippage.stops.dollars, sum(stops));
        let decided = trades.iter().filter(|trade| trade.is_decided);
        prop_assert_eq!(report.slippage.entries.trades, decided.count() as u64);
    }

    #[test]
    fn the_curve_leads_from_the_first_balance_to_the_last_and_never_falls_below_nothing_of_a_peak(
        accounts in accounts()
    ) {
        let report = DailyReport::of(&History { accounts, ..nothing() }, &request());
        let Some(balance) = &report.balance else {
            prop_assert!(report.equity.is_empty());
            return Ok(());
        };
        prop_assert_eq!(balance.pnl, balance.ending_balance - balance.starting_balance);
        prop_assert_eq!(balance.accounts.iter().map(|account| account.pnl).sum::<Money>(), balance.pnl);
        prop_assert!(report.equity.windows(2).all(|pair| pair[0].time < pair[1].time));
        prop_assert!(report.equity.iter().all(|point| !point.drawdown.is_negative()));
        if let Some(last) = report.equity.last() {
            prop_assert_eq!(last.equity, balance.ending_balance);
            let lowest = report.equity.iter().map(|point| point.equity).min().unwrap_or_default();
            prop_assert!(balance.max_drawdown >= balance.starting_balance - lowest);
        }
    }

    #[test]
    fn every_day_can_be_drawn_and_told(trades in traded(), accounts in accounts()) {
        let mut history = History { accounts, ..nothing() };
        for trade in &trades {
            trade.put(&mut history);
        }
        let report = DailyReport::of(&history, &request());
        prop_assert!(html::page(&report).is_ok());
        prop_assert!(report.to_json().is_ok());
    }
}
