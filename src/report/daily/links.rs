//! What stands behind a trade: the fills of its entry and of its stop, the decision, and how its market resolved.
//!
//! A live account goes on from run to run, and a position may be opened in one and closed in the next; every paper run
//! is an account of its own. Rows belong together when account, market and time agree.

use crate::execution::Purpose;
use crate::market::Resolution;
use crate::store::StoredTrade;
use crate::store::history::{History, StoredDecision, StoredFill};
use std::collections::HashMap;

/// Finds rows by what they belong to.
#[derive(Debug)]
pub(super) struct Links<'a> {
    /// The live account of each run that has one.
    accounts: HashMap<&'a str, &'a str>,
    decisions: HashMap<(&'a str, u64), &'a StoredDecision>,
    /// By account and market, in the order of time.
    fills: HashMap<(&'a str, &'a str), Vec<&'a StoredFill>>,
    results: HashMap<(&'a str, &'a str), Resolution>,
}

impl<'a> Links<'a> {
    pub(super) fn new(history: &'a History) -> Self {
        let mut links = Self {
            accounts: HashMap::new(),
            decisions: HashMap::new(),
            fills: HashMap::new(),
            results: HashMap::new(),
        };
        for run in history.runs.iter().chain(&history.other_runs) {
            links.accounts.extend(run.account.as_deref().map(|account| (run.id.as_str(), account)));
        }
        for decision in &history.decisions {
            links.decisions.insert((&decision.run, decision.order), decision);
        }
        for fill in &history.fills {
            let key = (links.account(&fill.run), fill.market.as_str());
            links.fills.entry(key).or_default().push(fill);
        }
        // A later word on a result takes the place of an earlier one.
        for result in &history.results {
            links.results.insert((links.account(&result.run), &result.market), result.resolution);
        }
        links
    }

    /// What the run's rows are told apart by: its live account, or the paper run itself.
    fn account<'b>(&self, run: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.accounts.get(run).copied().unwrap_or(run)
    }

    /// The fills that built the trade's position up.
    pub(super) fn entry_fills(&self, stored: &StoredTrade) -> impl Iterator<Item = &'a StoredFill> {
        let side = stored.trade.outcome.buying_side();
        self.fills_of(stored).filter(move |fill| fill.side == side && fill.purpose == Purpose::Entry.as_str())
    }

    /// The fills of its stop.
    pub(super) fn stop_fills(&self, stored: &StoredTrade) -> impl Iterator<Item = &'a StoredFill> {
        let side = stored.trade.outcome.buying_side().opposite();
        self.fills_of(stored).filter(move |fill| fill.side == side && fill.purpose == Purpose::Stop.as_str())
    }

    fn fills_of(&self, stored: &StoredTrade) -> impl Iterator<Item = &'a StoredFill> {
        let trade = &stored.trade;
        let (first, last) = (trade.entry_time, trade.exit_time);
        let fills =
            self.fills.get(&(self.account(&stored.run), &*trade.market)).map_or(&[][..], Vec::as_slice);
        let fills: Vec<&'a StoredFill> =
            fills.iter().copied().filter(|fill| (first..=last).contains(&fill.time)).collect();
        fills.into_iter()
    }

    /// Why the trade was entered; none where it was not this program that decided, or nothing is kept of it.
    pub(super) fn decision(&self, stored: &StoredTrade) -> Option<&'a StoredDecision> {
        self.entry_fills(stored)
            .find_map(|fill| self.decisions.get(&(fill.run.as_str(), fill.order)).copied())
    }

    /// How the trade's market resolved, as far as is known.
    pub(super) fn resolution(&self, stored: &StoredTrade) -> Option<Resolution> {
        let market = &*stored.trade.market;
        self.results.get(&(self.account(&stored.run), market)).copied()
    }
}
