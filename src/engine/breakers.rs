//! The breakers: losses of the day, losing trades in a row, drawdown, a silent feed, an exchange that pauses. A trip
//! stops entries, takes resting entries off, and is told with its figures.

use super::record::{AccountSnapshot, Record, StateRecord};
use super::{Engine, Operator, Outbox};
use crate::execution::Purpose;
use crate::risk::{HaltReason, TradingState};
use crate::units::{Money, Timestamp};
use std::time::Duration;

/// How often the account is recorded.
const SNAPSHOT_EVERY: Duration = Duration::from_mins(1);

/// What the loss breakers remember.
#[derive(Debug, Clone, Copy)]
pub(super) struct Breakers {
    starting_equity: Money,
    day_start_equity: Money,
    peak_equity: Money,
    max_drawdown: Money,
    losses_in_a_row: u32,
    next_snapshot: Timestamp,
}

impl Breakers {
    pub(super) const fn new(starting: Money) -> Self {
        Self {
            starting_equity: starting,
            day_start_equity: starting,
            peak_equity: starting,
            max_drawdown: Money::ZERO,
            losses_in_a_row: 0,
            next_snapshot: Timestamp::EPOCH,
        }
    }

    pub(super) const fn max_drawdown(&self) -> Money {
        self.max_drawdown
    }

    pub(super) const fn day_start_equity(&self) -> Money {
        self.day_start_equity
    }

    pub(super) fn start_day(&mut self, equity: Money) {
        self.day_start_equity = equity;
    }

    /// What was adopted was there before the run: it is neither gain nor loss of it.
    pub(super) fn adopt(&mut self, value: Money) {
        self.starting_equity += value;
        self.day_start_equity += value;
        self.peak_equity += value;
    }
}

impl Engine {
    pub(super) fn on_timer(&mut self, now: Timestamp, out: &mut Outbox) {
        self.watch_feed(now, out);
        self.resync_suspects(now, out);
        for index in 0..self.catalogue.len() {
            let id = crate::market::MarketId(u32::try_from(index).unwrap_or(u32::MAX));
            if self.slot(id).plan.is_some() {
                self.manage(now, id, out);
            }
        }
        self.watch_losses(now, out);
        if now >= self.breakers.next_snapshot {
            self.breakers.next_snapshot = now + SNAPSHOT_EVERY;
            self.record_account(now, out);
        }
        self.watch_day(now, out);
    }

    pub(super) fn on_exchange(&mut self, now: Timestamp, trading: bool, out: &mut Outbox) {
        self.set_reason(now, HaltReason::ExchangePaused, !trading, out, String::new);
    }

    pub(super) fn on_operator(&mut self, now: Timestamp, operator: Operator, out: &mut Outbox) {
        match operator {
            Operator::Halt => self.set_reason(now, HaltReason::Operator, true, out, String::new),
            Operator::Shutdown => {
                self.set_reason(now, HaltReason::ShuttingDown, true, out, String::new);
                self.cancel_where(now, out, |_| true);
                self.record_gates(now, out);
                self.record_account(now, out);
            }
            Operator::Flatten { market } => self.flatten(now, market, out),
            Operator::Resume => {
                let latched: Vec<_> = self.trading.reasons().filter(|reason| reason.latches()).collect();
                self.breakers.day_start_equity = self.equity();
                self.breakers.peak_equity = self.equity();
                self.breakers.losses_in_a_row = 0;
                for reason in latched {
                    self.set_reason(now, reason, false, out, || "resumed".to_owned());
                }
            }
        }
    }

    /// Counts a finished trade toward the streak and looks at the losses.
    pub(super) fn on_trade_closed(&mut self, now: Timestamp, net: Money, out: &mut Outbox) {
        if net.is_negative() {
            self.breakers.losses_in_a_row += 1;
        } else {
            self.breakers.losses_in_a_row = 0;
        }
        let (streak, limit) = (self.breakers.losses_in_a_row, self.limits.max_consecutive_losses);
        if self.limits.circuit_breaker_enabled && streak >= limit {
            self.set_reason(now, HaltReason::LosingStreak, true, out, || {
                format!("losing trades in a row: {streak}, and the limit is {limit}")
            });
        }
        self.watch_losses(now, out);
        self.record_account(now, out);
    }

    /// Halts when cash and positions no longer add up.
    pub(super) fn check_ledger(&mut self, now: Timestamp, out: &mut Outbox) {
        if let Err(drift) = self.ledger.check(&self.positions) {
            self.set_reason(now, HaltReason::LedgerDrift, true, out, || drift.to_string());
        }
    }

    fn watch_feed(&mut self, now: Timestamp, out: &mut Outbox) {
        let silence = self.feed.silence(now);
        let is_stale = silence > self.limits.max_feed_silence;
        self.set_reason(now, HaltReason::FeedStale, is_stale, out, || {
            format!("nothing has come from the feed for {} s", silence.as_secs())
        });
    }

    fn watch_losses(&mut self, now: Timestamp, out: &mut Outbox) {
        let equity = self.equity();
        self.breakers.peak_equity = self.breakers.peak_equity.max(equity);
        let fall = self.breakers.peak_equity - equity;
        self.breakers.max_drawdown = self.breakers.max_drawdown.max(fall);
        if !self.limits.circuit_breaker_enabled {
            return;
        }
        let lost = self.breakers.day_start_equity - equity;
        let base = self.breakers.day_start_equity;
        if lost.is_positive() && lost.ratio_of(base).is_none_or(|part| part >= self.limits.max_daily_loss) {
            let limit = self.limits.max_daily_loss;
            self.set_reason(now, HaltReason::DailyLoss, true, out, || {
                format!("{lost:.2} lost today of {base:.2}; the limit is {}", limit.percent())
            });
        }
        let (peak, limit) = (self.breakers.peak_equity, self.limits.max_drawdown);
        if limit.is_positive() && fall.is_positive() && fall.ratio_of(peak).is_none_or(|part| part >= limit) {
            self.set_reason(now, HaltReason::Drawdown, true, out, || {
                format!("equity fell {fall:.2} from its peak of {peak:.2}; the limit is {}", limit.percent())
            });
        }
    }

    /// Adds or clears a reason and tells of it if that changed anything.
    pub(super) fn set_reason(
        &mut self,
        now: Timestamp,
        reason: HaltReason,
        in_force: bool,
        out: &mut Outbox,
        detail: impl FnOnce() -> String,
    ) {
        let changed = if in_force { self.trading.add(reason) } else { self.trading.clear(reason) };
        if !changed {
            return;
        }
        out.records.push(Record::State(StateRecord {
            time: now,
            trading: self.trading.state().as_str(),
            reasons: self.trading.reasons().map(HaltReason::code).collect(),
            changed: reason.code(),
            added: in_force,
            latched: reason.latches(),
            detail: detail(),
        }));
        self.looks_at_all = self.trading.state() == TradingState::Active;
        if !self.looks_at_all {
            let in_doubt = !self.trading.allows_exits();
            self.cancel_where(now, out, |order| in_doubt || order.request.purpose == Purpose::Entry);
        }
    }

    fn record_account(&self, now: Timestamp, out: &mut Outbox) {
        let equity = self.equity();
        out.records.push(Record::Snapshot(AccountSnapshot {
            time: now,
            cash: self.ledger.cash(),
            equity,
            open_positions: u32::try_from(self.positions.len()).unwrap_or(u32::MAX),
            daily_pnl: equity - self.breakers.day_start_equity,
            total_pnl: equity - self.breakers.starting_equity,
        }));
    }
}
