//! The account of a running bot beside the exchange's: read every now and then and after every new connection, compared
//! with what engine and gateway know, and mended where that is possible.
//!
//! What differs is looked at again after two seconds, and counts once it lasts
//! ([`Suspicions`](crate::execution::reconcile::Suspicions)). An order that may be gone is looked up, one that rests
//! though it has ended is taken off, missed fills are asked for, a transfer between shards is taken over. What nothing
//! of this mends halts, with both figures and what a person does about it.

use super::recovery::RecoveryError;
use super::trading::Bot;
use crate::control::Reconciled;
use crate::engine::Event;
use crate::execution::client_id::ClientOrderId;
use crate::execution::positions::Position;
use crate::execution::reconcile::running::{
    Comparison, Doubt, Finding, Here, MarketHere, OrderHere, There, compare,
};
use crate::execution::reconcile::{Call, RestingOrder, Suspicions};
use crate::execution::shards::ShardCash;
use crate::kalshi::model::{BatchCancelItem, Fill};
use crate::market::MarketStatus;
use crate::risk::HaltReason;
use crate::store::AccountKey;
use crate::units::{Quantity, Timestamp};
use secrecy::ExposeSecret;
use std::collections::BTreeSet;
use std::time::Duration;

/// How soon something that differs is looked at again.
const AGAIN: Duration = Duration::from_secs(2);

/// What was read of the account.
#[derive(Debug)]
pub(super) struct AccountRead {
    pub(super) there: There,
    /// Fills since a while before the last known one.
    pub(super) fills: Vec<Fill>,
}

/// How often the account was compared, by what came of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) clean: u64,
    pub(super) differing: u64,
    pub(super) failed: u64,
}

/// The comparisons of a run.
#[derive(Debug)]
pub(super) struct Reconciliation {
    suspicions: Suspicions,
    due: Timestamp,
    /// The run's picture when the read that is under way was asked for.
    before: Option<Here>,
    pub(super) last: Option<Reconciled>,
    pub(super) counts: Counts,
}

impl Reconciliation {
    pub(super) fn new(due: Timestamp) -> Self {
        Self { suspicions: Suspicions::default(), due, before: None, last: None, counts: Counts::default() }
    }

    /// What was seen before the stream broke says nothing about what is seen after.
    pub(super) fn forget(&mut self) {
        self.suspicions.clear();
        self.before = None;
    }

    /// Has the account read as soon as may be.
    pub(super) const fn hasten(&mut self, now: Timestamp) {
        self.due = now;
    }
}

impl Bot<'_> {
    /// Asks for the account when that is due and the stream tells what happens meanwhile.
    pub(super) fn reconcile(&mut self, now: Timestamp) {
        let is_blind = !self.parts.stream.is_connected() || self.parts.gateway.is_catching_up();
        if now < self.checks.due || self.checks.before.is_some() || is_blind || self.is_over() {
            return;
        }
        self.checks.due = now + self.parts.settings.execution.reconcile_every;
        self.checks.before = Some(self.picture(now));
        let prefix = self.parts.settings.execution.order_prefix.clone();
        self.asker.account(now, prefix, self.parts.gateway.read_from());
    }

    pub(super) fn take_account(
        &mut self,
        now: Timestamp,
        asked: Timestamp,
        read: Result<AccountRead, RecoveryError>,
    ) {
        // A read that was under way when the stream broke is worth nothing.
        let Some(before) = self.checks.before.take_if(|before| before.at == asked) else { return };
        let read = match read {
            Ok(read) => read,
            Err(error) => {
                tracing::warn!(%error, "the account can't be compared with the exchange's; it is tried again");
                self.checks.counts.failed += 1;
                self.checks.last =
                    Some(Reconciled { at: now, result: "unreadable".to_owned(), differences: Vec::new() });
                return;
            }
        };
        self.parts.gateway.book_fills(now, &read.fills);
        self.deliver(now);
        let after = self.picture(now);
        let comparison = compare(&before, &read.there).and(compare(&after, &read.there));
        let calls = self.checks.suspicions.read(now, &comparison);
        self.note(now, &comparison);
        let is_known = self.has_drift();
        if !self.checks.suspicions.is_empty() && !is_known {
            self.checks.due = now + AGAIN;
        }
        for (doubt, call) in calls {
            let Some(finding) = comparison.found.get(&doubt) else { continue };
            match call {
                Call::Mend => self.mend(now, &doubt, finding, &read.there),
                Call::Halt => self.halt_on(now, &doubt, finding, &read.there),
            }
        }
    }

    fn note(&mut self, now: Timestamp, comparison: &Comparison) {
        let differences: Vec<String> = comparison.found.values().map(ToString::to_string).collect();
        let is_clean = differences.is_empty();
        if is_clean {
            self.checks.counts.clean += 1;
        } else {
            self.checks.counts.differing += 1;
            tracing::debug!(differences = ?differences, "the account differs in this read");
        }
        let result = if is_clean { "clean" } else { "differs" };
        self.checks.last = Some(Reconciled { at: now, result: result.to_owned(), differences });
    }

    fn has_drift(&self) -> bool {
        let trading = self.parts.engine.trading();
        trading.has(HaltReason::PositionDrift) || trading.has(HaltReason::LedgerDrift)
    }

    /// The account as engine and gateway have it.
    fn picture(&self, now: Timestamp) -> Here {
        let (engine, gateway) = (&self.parts.engine, &self.parts.gateway);
        let catalogue = engine.catalogue();
        let prefix = &self.parts.settings.execution.order_prefix;
        let orders = engine.orders().working().map(|order| {
            let name = ClientOrderId { prefix: prefix.clone(), run: gateway.run(), order: order.request.id };
            let order = OrderHere {
                ticker: catalogue.get(order.request.market).spec.ticker.clone(),
                state: order.state,
                is_cancelling: order.cancel_requested,
                since: order.updated_at,
            };
            (name, order)
        });
        let held = engine.positions().iter().map(|held| catalogue.get(held.market).spec.ticker.as_str());
        let tickers: BTreeSet<&str> =
            gateway.markets().chain(held).chain(self.parts.foreign.keys().map(String::as_str)).collect();
        let markets = tickers.into_iter().map(|ticker| (ticker.to_owned(), self.market_here(now, ticker)));
        Here {
            at: now,
            run: gateway.run(),
            orders: orders.collect(),
            markets: markets.collect(),
            cash: engine.ledger().cash(),
            purses: engine.shard_cash().purses().cloned(),
        }
    }

    fn market_here(&self, now: Timestamp, ticker: &str) -> MarketHere {
        let engine = &self.parts.engine;
        let known = engine.catalogue().find(ticker).map(|id| engine.catalogue().get(id));
        let ours = known.and_then(|market| engine.positions().get(market.id)).map(Position::signed_quantity);
        let is_over = known.is_none_or(|market| {
            let is_open = matches!(market.spec.status, MarketStatus::Active | MarketStatus::Inactive);
            !is_open || now >= market.spec.close || market.resolution.is_some()
        });
        MarketHere {
            quantity: ours.unwrap_or(Quantity::ZERO)
                + self.parts.foreign.get(ticker).copied().unwrap_or_default(),
            is_calm: self.parts.gateway.is_calm_in(ticker),
            is_over,
        }
    }

    fn mend(&mut self, now: Timestamp, doubt: &Doubt, finding: &Finding, there: &There) {
        tracing::warn!(%finding, "the account differs from the exchange's, and is mended");
        match doubt {
            Doubt::Phantom(name) | Doubt::Stuck(name) => {
                self.parts.gateway.look_up(now, name.order);
            }
            Doubt::Lingering(id) | Doubt::OtherRun(id) => {
                if let Some(order) = there.account.orders.iter().find(|order| order.exchange_id == *id) {
                    self.take_off_stranger(now, order, finding);
                }
            }
            Doubt::Position(ticker) => {
                self.parts.gateway.catch_up(now);
                self.asker.standing(BTreeSet::from([ticker.clone()]));
            }
            Doubt::Purses => {
                let purses = there.purses.iter().map(|(shard, cash)| (*shard, *cash));
                self.step(now, &Event::Purses(&ShardCash::apart(purses)));
            }
            // It has no mend but a person's.
            Doubt::Cash { .. } => {}
        }
    }

    /// An order of ours that rests and doesn't work here: one of this run is looked up where it may work, and else taken
    /// off like those of earlier runs. An order of nobody we know is another bot's.
    fn take_off_stranger(&mut self, now: Timestamp, order: &RestingOrder, finding: &Finding) {
        let Some(name) = &order.client_id else { return };
        if !self.is_of_ours(name) {
            self.hear_of_another(now, name, &finding.what);
        } else if name.run != self.parts.gateway.run() || !self.parts.gateway.look_up(now, name.order) {
            self.asker.cancel(BatchCancelItem {
                order_id: order.exchange_id.clone(),
                subaccount: None,
                exchange_index: order.shard,
                market_ticker: Some(order.ticker.clone()),
            });
        }
    }

    fn halt_on(&mut self, now: Timestamp, doubt: &Doubt, finding: &Finding, there: &There) {
        let reason = match doubt {
            Doubt::Cash { .. } => HaltReason::LedgerDrift,
            // It was transferred once more meanwhile.
            Doubt::Purses => return self.mend(now, doubt, finding, there),
            // It is another bot's, which has a halt of its own.
            Doubt::OtherRun(_) if self.parts.engine.trading().has(HaltReason::SecondInstance) => return,
            _ => HaltReason::PositionDrift,
        };
        self.step(now, &Event::Halt { reason, in_force: true, detail: &finding.to_string() });
    }

    /// An order that carries our prefix and isn't this run's. One of an earlier run of this folder is no news; any other
    /// means that another bot trades the account under our names.
    pub(super) fn hear_of_another(&mut self, now: Timestamp, name: &ClientOrderId, what: &str) {
        if self.is_of_ours(name) {
            tracing::warn!(what, "an order of an earlier run was heard of");
            return;
        }
        let detail = format!(
            "{what}; no run of this folder is called {}: another bot trades the account under the prefix {}. Give one of \
             the two its own execution.order_prefix, or stop the other one; `kalshi-bot resume` then clears this halt",
            name.run, name.prefix
        );
        let (reason, in_force) = (HaltReason::SecondInstance, true);
        self.step(now, &Event::Halt { reason, in_force, detail: &detail });
    }

    /// Whether this run sent the order, or an earlier one of this folder. What can't be told isn't ours.
    fn is_of_ours(&self, name: &ClientOrderId) -> bool {
        if name.run == self.parts.gateway.run() {
            return self.parts.gateway.has_sent(name.order);
        }
        let api = &self.parts.settings.api;
        let key = AccountKey::new(api.exchange().kind, api.key_id.expose_secret());
        let known = self.parts.store.run_of(&key, name);
        known
            .inspect_err(|error| tracing::error!(%error, "earlier runs can't be read"))
            .is_ok_and(|run| run.is_some())
    }
}
