//! What must hold, whatever goes wrong, and whether it did. The exchange is seen from inside, the bot from outside: by
//! its records and by where it says that it stands.
//!
//! | rule | what must hold |
//! |---|---|
//! | `order_twice` | no order arrives a second time, unless the network brought it twice or it was put off |
//! | `two_entries` | no entry where another one works or something is held |
//! | `oversold` | no exit is larger than what is held and not for sale already |
//! | `limits` | no entry goes beyond the limits on positions and exposure |
//! | `unprotected` | every order carries its expiry, its group and its word for pauses |
//! | `halted_entry` | no entry while a latched halt is in force |
//! | `forgotten_halt` | a latched halt is in force again after a restart, unless a person cleared it |
//! | `revived_halt` | a latched halt that a person cleared is not in force again after a restart |
//! | `unwritten` | no entry is sent before its intent is in the journal |
//! | `false_drift` | nothing but the bot trades, so it never finds its books wrong |
//! | `fill_twice` | no fill is booked twice |
//! | `wrong_books` | once nothing is wrong any more, positions and cash are the exchange's |
//! | `never_up` | a start comes to an end once nothing is wrong any more |
//! | `failed_start` | a start fails for no other reason than an exchange out of reach |
//! | `bad_end` | a run that is told to end leaves nothing on the book and no doubt |
//! | `wrong_account` | at the end books and exchange are the same account, to the micro-dollar |
//! | `lost_fill` | at the end every fill of the exchange is in the store, once and with its fee |

use super::plan::Plan;
use crate::engine::Record;
use crate::engine::record::OrderRecord;
use crate::exchange::core::{AccountId, Exchange, OrderStatus, OrderView};
use crate::exchange::server::Served;
use crate::execution::{OrderState, Purpose};
use crate::kalshi::model::{BookSide, CreateOrder};
use crate::market::{MarketStatus, Outcome, Side};
use crate::replay::driver::{PositionView, Progress};
use crate::risk::{HaltReason, Limits};
use crate::units::{Money, Quantity, Rounding, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::AddAssign;
use std::time::Duration;

/// How long books may differ from the exchange's once nothing is wrong.
const PATIENCE: Duration = Duration::from_mins(4);

/// The halts that only a person clears. The program's own word for it is not taken.
const LATCHED: [&str; 8] = [
    "daily_loss",
    "losing_streak",
    "drawdown",
    "ledger_drift",
    "position_drift",
    "auth_failed",
    "second_instance",
    "operator",
];

/// Something that must hold and didn't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// When.
    pub time: Timestamp,
    /// The rule, a stable word.
    pub rule: &'static str,
    /// The figures.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.time, self.rule, self.detail)
    }
}

/// What was seen of a life.
#[derive(Debug)]
pub(super) struct Audit {
    limits: Limits,
    pub(super) violation: Option<Violation>,
    /// Orders that left without being in the journal.
    unwritten: BTreeSet<String>,
    /// Orders that have arrived, and may not come again: those put off may.
    arrived: BTreeSet<String>,
    /// Halts that only a person clears and nobody has.
    latched: BTreeSet<&'static str>,
    /// Whether the process has said where it stands.
    is_up: bool,
    /// Fills booked by the run.
    fills: BTreeSet<Box<str>>,
    /// Since when nothing is wrong; none while something is.
    calm_since: Option<Timestamp>,
    differs_since: Option<Timestamp>,
    /// The capital that the bot last spoke of, which may be one fill or payout behind.
    capital: Money,
    trace: Trace,
    pub(super) counts: Counts,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that the exchange answered.
    pub requests: u64,
    /// Orders that arrived there.
    pub orders: u64,
    /// Fills that were booked.
    pub fills: u64,
    /// Round trips.
    pub trades: u64,
    /// Halts that latched.
    pub halts: u64,
    /// How often the bot's standing was taken.
    pub checks: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.requests += more.requests;
        self.orders += more.orders;
        self.fills += more.fills;
        self.trades += more.trades;
        self.halts += more.halts;
        self.checks += more.checks;
    }
}

/// Everything that happened, in one number: two lives that have the same are the same.
#[derive(Debug, Clone, Copy)]
struct Trace(u64);

impl Hasher for Trace {
    /// FNV-1a, which is the same on every platform and in every process.
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Audit {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            violation: None,
            unwritten: BTreeSet::new(),
            arrived: BTreeSet::new(),
            latched: BTreeSet::new(),
            is_up: false,
            fills: BTreeSet::new(),
            calm_since: None,
            differs_since: None,
            capital: Money::ZERO,
            trace: Trace(0xCBF2_9CE4_8422_2325),
            counts: Counts::default(),
        }
    }

    /// Everything so far, in one number.
    pub(super) fn trace(&self) -> u64 {
        self.trace.finish()
    }

    /// Notes a violation. The first one counts: what follows may be its consequence.
    pub(super) fn violated(&mut self, time: Timestamp, rule: &'static str, detail: String) {
        self.violation.get_or_insert(Violation { time, rule, detail });
    }

    /// Something is wrong from now on, or nothing is.
    pub(super) fn calm(&mut self, now: Timestamp, is_calm: bool) {
        self.calm_since = is_calm.then(|| self.calm_since.unwrap_or(now));
        self.differs_since = None;
    }

    /// A process begins. Its halts may have been cleared by a person before.
    pub(super) fn begin_process(&mut self, halts_cleared: bool) {
        self.is_up = false;
        self.fills.clear();
        self.differs_since = None;
        if halts_cleared {
            self.latched.clear();
        }
    }

    /// Whether the process trades, or would if nothing kept it from it.
    pub(super) const fn is_up(&self) -> bool {
        self.is_up
    }

    /// An order leaves the bot without a word of it in the journal.
    pub(super) fn left_unwritten(&mut self, order: &CreateOrder) {
        self.unwritten.extend(order.client_order_id.clone());
    }

    /// An order comes in at the exchange. `is_replay` where the network brings it a second time.
    pub(super) fn arriving(&mut self, order: &CreateOrder, exchange: &Served, is_replay: bool) {
        self.counts.orders += 1;
        let name = order.client_order_id.clone().unwrap_or_default();
        name.hash(&mut self.trace);
        let is_second = !self.arrived.insert(name.clone());
        let is_written = !self.unwritten.contains(&name);
        let (now, wrong) = exchange.control(|exchange, account, now| {
            let (limits, capital) = (&self.limits, self.capital);
            let wrong = Arriving { exchange, account, order, limits, capital, is_written }.wrong();
            (now, wrong)
        });
        if is_replay {
            return;
        }
        if is_second {
            self.violated(now, "order_twice", format!("{name} arrives a second time"));
        }
        if let Some((rule, detail)) = wrong {
            self.violated(now, rule, format!("{name}: {detail}"));
        }
    }

    /// The exchange has put an order off because it had too many requests. Whoever hears that may send it again, under the
    /// same name: should it be in already, the exchange knows it by that.
    pub(super) fn put_off(&mut self, order: &CreateOrder) {
        self.arrived.remove(order.client_order_id.as_deref().unwrap_or_default());
    }

    /// The exchange has answered.
    pub(super) fn answered(&mut self, method: &str, target: &str, status: u16) {
        self.counts.requests += 1;
        (method, target, status).hash(&mut self.trace);
    }

    /// The bot has recorded something.
    pub(super) fn record(&mut self, record: &Record) {
        self.trace.write(format!("{record:?}").as_bytes());
        match record {
            Record::Order(order) => self.order(order),
            Record::Fill(fill) => {
                self.counts.fills += 1;
                if !self.fills.insert(fill.trade_id.clone()) {
                    let detail = format!("{} is booked twice", fill.trade_id);
                    self.violated(fill.time, "fill_twice", detail);
                }
            }
            Record::Closed(_) => self.counts.trades += 1,
            Record::State(state) if LATCHED.contains(&state.changed) => {
                if state.added {
                    self.counts.halts += 1;
                    self.latched.insert(state.changed);
                } else {
                    self.latched.remove(state.changed);
                }
                let doubts = [HaltReason::LedgerDrift, HaltReason::PositionDrift, HaltReason::AuthFailed];
                if state.added && doubts.iter().any(|reason| reason.code() == state.changed) {
                    let detail = format!("{}: {}", state.changed, state.detail);
                    self.violated(state.time, "false_drift", detail);
                }
            }
            _ => {}
        }
    }

    fn order(&mut self, order: &OrderRecord) {
        let is_new = matches!(order.state, OrderState::Intended | OrderState::Sent);
        if is_new && order.purpose == Purpose::Entry && !self.latched.is_empty() {
            let detail = format!("{} is bought although {:?} is in force", order.market, self.latched);
            self.violated(order.time, "halted_entry", detail);
        }
    }

    /// The bot says where it stands.
    pub(super) fn progress(&mut self, progress: &Progress, exchange: &Served) {
        self.counts.checks += 1;
        let cost = |held: &PositionView| held.entry_price.times(held.quantity, Rounding::Ceil);
        self.capital = progress.cash + progress.positions.iter().map(cost).sum();
        if !self.is_up {
            self.is_up = true;
            let forgotten: Vec<_> =
                self.latched.iter().filter(|reason| !progress.reasons.contains(reason)).copied().collect();
            if !forgotten.is_empty() {
                let detail = format!("{forgotten:?} was in force before the restart");
                self.violated(progress.time, "forgotten_halt", detail);
            }
            let is_revived = |reason: &&&str| LATCHED.contains(*reason) && !self.latched.contains(**reason);
            if let Some(revived) = progress.reasons.iter().find(is_revived).copied() {
                let detail =
                    format!("{revived} was not in force before the restart, or a person had cleared it");
                self.violated(progress.time, "revived_halt", detail);
            }
        }
        let Some(calm_since) = self.calm_since else { return };
        let difference = exchange.control(|exchange, account, _| differences(exchange, account, progress));
        let Some(difference) = difference else {
            self.differs_since = None;
            return;
        };
        let since = *self.differs_since.get_or_insert(progress.time);
        if progress.time.since(since.max(calm_since)) >= PATIENCE {
            self.violated(progress.time, "wrong_books", difference);
        }
    }
}

/// What the bot believes to hold and doesn't, or the other way round; cash where it holds nothing that moves.
fn differences(exchange: &Exchange, account: AccountId, progress: &Progress) -> Option<String> {
    let there: BTreeMap<&str, Quantity> = exchange
        .positions(account)
        .filter(|position| !position.quantity.is_zero())
        .map(|position| (&*position.ticker, position.quantity))
        .collect();
    let signed = |outcome, quantity: Quantity| if outcome == Outcome::Yes { quantity } else { -quantity };
    let here: BTreeMap<&str, Quantity> = progress
        .positions
        .iter()
        .map(|position| (&*position.market, signed(position.outcome, position.quantity)))
        .collect();
    if here != there {
        return Some(format!("positions {here:?} here, {there:?} on the exchange"));
    }
    let cash: Money = exchange.shards(account).map(|(_, cash)| cash).sum();
    (cash != progress.cash).then(|| format!("cash {} here, {cash} on the exchange", progress.cash))
}

/// An order as it comes in.
struct Arriving<'a> {
    exchange: &'a Exchange,
    account: AccountId,
    order: &'a CreateOrder,
    limits: &'a Limits,
    /// What the bot took for its capital.
    capital: Money,
    is_written: bool,
}

impl Arriving<'_> {
    /// The rule that it breaks, if it breaks one.
    fn wrong(&self) -> Option<(&'static str, String)> {
        let Self { exchange, account, order, .. } = self;
        let market = exchange.market(&order.ticker)?;
        // One that comes too late is refused, whatever it wants, and so is one that is in already.
        let name = order.client_order_id.as_deref().unwrap_or_default();
        let is_known = exchange.order_by_client_id(*account, name).is_some();
        if market.spec.status != MarketStatus::Active || is_known {
            return None;
        }
        if let Some(missing) = self.missing() {
            return Some(("unprotected", format!("it lacks {missing}")));
        }
        let held = exchange
            .positions(*account)
            .find(|position| *position.ticker == *order.ticker)
            .map_or(Quantity::ZERO, |position| position.quantity);
        let side = if order.side == BookSide::Bid { Side::Bid } else { Side::Ask };
        let working = || {
            exchange
                .orders(*account)
                .filter(|view| view.status == OrderStatus::Resting && view.request.ticker == order.ticker)
        };
        let reduces =
            if side == Side::Bid { !held.is_positive() } else { !(-held).is_positive() } && !held.is_zero();
        if reduces {
            let for_sale: Quantity =
                working().filter(|view| view.request.side == side).map(|view| view.remaining).sum();
            let all = for_sale + order.count;
            let most = held.max(-held);
            return (all > most).then(|| {
                (
                    "oversold",
                    format!(
                        "{} of {} and {for_sale} for sale already: {most} held",
                        order.count, order.ticker
                    ),
                )
            });
        }
        if !self.is_written && self.is_entry() {
            return Some(("unwritten", "the journal says nothing of it".to_owned()));
        }
        let first = working().next();
        if !held.is_zero() || first.is_some() {
            let detail =
                format!("{held} of {} held, working {:?}", order.ticker, first.map(|view| &view.request));
            return Some(("two_entries", detail));
        }
        self.beyond_limits(side)
    }

    /// Whether it was meant to open a position. What closes is reduce-only, or rests where it may also match at once.
    fn is_entry(&self) -> bool {
        let order = self.order;
        let rests = order.time_in_force == crate::kalshi::model::TimeInForce::GoodTillCanceled;
        order.reduce_only != Some(true) && (!rests || order.post_only == Some(true))
    }

    fn missing(&self) -> Option<&'static str> {
        let order = self.order;
        let rests = order.time_in_force == crate::kalshi::model::TimeInForce::GoodTillCanceled;
        if rests && order.expiration_time.is_none() {
            return Some("an expiry");
        }
        if order.order_group_id.is_none() {
            return Some("a group");
        }
        (rests && order.cancel_order_on_pause != Some(true)).then_some("its word for pauses")
    }

    /// Limits on the size of an entry, on all positions and on their number. The bot reckons with fees and with what it
    /// knew a moment before, hence a little tolerance.
    fn beyond_limits(&self, side: Side) -> Option<(&'static str, String)> {
        let Self { exchange, account, order, limits, capital, .. } = self;
        let own = if side == Side::Bid { order.price } else { order.price.complement() };
        let cost = own.times(order.count, Rounding::Ceil);
        let entries = |view: &&OrderView| view.status == OrderStatus::Resting;
        let held: Vec<_> = exchange.positions(*account).filter(|one| !one.quantity.is_zero()).collect();
        let exposed: Money = held.iter().map(|position| position.cost).sum();
        let mut markets: BTreeSet<&str> = held.iter().map(|position| &*position.ticker).collect();
        let mut pending = Money::ZERO;
        for view in exchange.orders(*account).filter(entries) {
            if markets.contains(view.request.ticker.as_str()) {
                continue;
            }
            let own = match view.request.side {
                Side::Bid => view.request.price,
                Side::Ask => view.request.price.complement(),
            };
            pending += own.times(view.remaining, Rounding::Ceil);
            markets.insert(&view.request.ticker);
        }
        let cash: Money = exchange.shards(*account).map(|(_, cash)| cash).sum();
        let capital = (*capital).max(cash + exposed);
        let tolerance = Money::from_dollars(1);
        let most = |ratio| capital.times_ratio(ratio, Rounding::Ceil) + tolerance;
        let total = exposed + pending + cost;
        let count = markets.len() + 1;
        if cost > most(limits.max_position_size) {
            return Some(("limits", format!("it costs {cost} of a capital of {capital}")));
        }
        if total > most(limits.max_total_exposure) {
            return Some(("limits", format!("{total} would be exposed of a capital of {capital}")));
        }
        let max = usize::try_from(limits.max_positions).unwrap_or(usize::MAX);
        (count > max).then(|| ("limits", format!("it would be position {count} of {max}")))
    }
}

/// The limits that a plan's settings come to.
pub(super) fn audit_of(plan: &Plan, limits: Limits) -> Audit {
    let mut audit = Audit::new(limits);
    plan.seed.hash(&mut audit.trace);
    audit
}

#[cfg(test)]
mod tests;
