//! The accounts' equity, added up: where it began, where it ended, and how far it fell on the way.

use crate::store::history::{AccountHistory, StoredSnapshot};
use crate::units::{Money, Ratio, Timestamp};
use serde::Serialize;

/// What the accounts held, and what the days changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// Equity at the beginning: cash, and open positions at the price they could be sold at.
    pub starting_balance: Money,
    /// Equity at the end.
    pub ending_balance: Money,
    /// What changed: open positions are part of it.
    pub pnl: Money,
    /// The change as a fraction of the beginning, rounded down.
    pub pnl_ratio: Option<Ratio>,
    /// Cash at the end.
    pub ending_cash: Money,
    /// Positions still open at the end.
    pub open_positions: u64,
    /// Largest fall of the equity from a peak.
    pub max_drawdown: Money,
    /// The accounts, by name.
    pub accounts: Vec<AccountFigures>,
}

/// What one account held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountFigures {
    /// The live account's name, or the paper run's id.
    pub name: String,
    /// Equity at the beginning.
    pub starting_balance: Money,
    /// Equity at the end.
    pub ending_balance: Money,
    /// What changed.
    pub pnl: Money,
    /// Positions still open at the end.
    pub open_positions: u32,
}

/// The equity at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EquityPoint {
    /// When.
    pub time: Timestamp,
    /// Equity of all accounts.
    pub equity: Money,
    /// How far below the highest so far.
    pub drawdown: Money,
}

/// Adds the accounts up. Each counts from the beginning with what it had before the days, or at its first snapshot.
pub(super) fn of(accounts: &[AccountHistory]) -> (Option<Balance>, Vec<EquityPoint>) {
    let known: Vec<(&AccountHistory, &StoredSnapshot, &StoredSnapshot)> = accounts
        .iter()
        .filter_map(|account| {
            let first = account.opening.as_ref().or(account.snapshots.first())?;
            let last = account.snapshots.last().unwrap_or(first);
            Some((account, first, last))
        })
        .collect();
    if known.is_empty() {
        return (None, Vec::new());
    }
    let starting: Money = known.iter().map(|(_, first, _)| first.equity).sum();
    let ending: Money = known.iter().map(|(_, _, last)| last.equity).sum();
    let curve = added_up(&known, starting);
    let mut figures: Vec<AccountFigures> = known
        .iter()
        .map(|(account, first, last)| AccountFigures {
            name: account.name.clone(),
            starting_balance: first.equity,
            ending_balance: last.equity,
            pnl: last.equity - first.equity,
            open_positions: last.open_positions,
        })
        .collect();
    figures.sort_by(|one, other| one.name.cmp(&other.name));
    let balance = Balance {
        starting_balance: starting,
        ending_balance: ending,
        pnl: ending - starting,
        pnl_ratio: (ending - starting).ratio_of(starting),
        ending_cash: known.iter().map(|(_, _, last)| last.cash).sum(),
        open_positions: known.iter().map(|(_, _, last)| u64::from(last.open_positions)).sum(),
        max_drawdown: curve.iter().map(|point| point.drawdown).max().unwrap_or_default(),
        accounts: figures,
    };
    (Some(balance), curve)
}

/// One point for every moment at which an account was looked at.
fn added_up(
    accounts: &[(&AccountHistory, &StoredSnapshot, &StoredSnapshot)],
    starting: Money,
) -> Vec<EquityPoint> {
    let mut changes: Vec<(Timestamp, Money)> = Vec::new();
    for (account, first, _) in accounts {
        let mut before = first.equity;
        for snapshot in &account.snapshots {
            changes.push((snapshot.time, snapshot.equity - before));
            before = snapshot.equity;
        }
    }
    changes.sort_by_key(|(time, _)| *time);
    let (mut equity, mut peak) = (starting, starting);
    let mut curve: Vec<EquityPoint> = Vec::new();
    for moment in changes.chunk_by(|one, other| one.0 == other.0) {
        equity += moment.iter().map(|(_, change)| *change).sum();
        peak = peak.max(equity);
        let time = moment[0].0;
        curve.push(EquityPoint { time, equity, drawdown: peak - equity });
    }
    curve
}
