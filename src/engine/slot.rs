//! What the engine keeps beside each market: the rules in force, the plan for what is held there, and what its
//! gates said.

use super::exits::EXIT_PATIENCE;
use super::funnel::Seen;
use crate::execution::{OrderId, Purpose};
use crate::market::filter::Filter;
use crate::market::{MarketId, MarketSpec, Outcome, Resolution};
use crate::strategy::{ExitPlan, Parameters};
use crate::units::{Price, Timestamp};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a market rests after the first entry in a row that found nothing.
const REST_AFTER_MISS: Duration = Duration::from_secs(1);

/// The rules in force for one market, overrides resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Which markets deserve a look.
    pub filter: Filter,
    /// How they are traded.
    pub parameters: Parameters,
}

/// What is meant to happen with a position, from the decision to enter until the market is flat and quiet again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// What is bought.
    pub outcome: Outcome,
    /// Where it is let go.
    pub exit: ExitPlan,
    /// The order that opens it; none for a position that came unasked.
    pub entry: Option<OrderId>,
    /// When a resting entry is taken off.
    pub entry_deadline: Option<Timestamp>,
    /// What one more contract of the entry may cost, fee included: reserved against the limits.
    pub reserve: Price,
    /// Once set, the position is being closed and nothing brings it back.
    pub leaving: Option<Purpose>,
    /// Not before then is another exit sent, after one found too few buyers.
    pub retry_at: Timestamp,
    /// Not before then is another order put at the target, after one was refused or expired.
    pub target_at: Timestamp,
    /// Orders at the target that were refused in a row.
    pub target_refusals: u32,
}

impl Plan {
    /// Lets the target rest after an order there ended unasked: a second, and after refusals twice as long each time up
    /// to about a minute. The stop doesn't wait for it.
    pub(super) fn rest_target(&mut self, now: Timestamp, was_refused: bool) {
        self.target_refusals = if was_refused { self.target_refusals.saturating_add(1) } else { 0 };
        let doublings = self.target_refusals.saturating_sub(1).min(6);
        self.target_at = now + EXIT_PATIENCE.saturating_mul(1 << doublings);
    }
}

/// One market's slot.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) name: Arc<str>,
    pub(super) series: Arc<str>,
    pub(super) event: u32,
    pub(super) rules: Rules,
    pub(super) plan: Option<Plan>,
    /// The plan before, in case its entry turns out to have been filled after all.
    pub(super) past_plan: Option<Plan>,
    pub(super) cooldown_until: Timestamp,
    /// Entries in a row that found nothing.
    pub(super) misses: u32,
    pub(super) last_mark: Price,
    /// What the gates said today.
    pub(super) seen: Seen,
    /// What they said on the days before.
    pub(super) seen_before: Seen,
    /// Whether the run ever held something here.
    pub(super) was_held: bool,
    /// How the market resolved, as far as it is known: earlier than money moves, and it may change until then.
    pub(super) result: Option<Resolution>,
    /// The result that was last recorded.
    pub(super) recorded_result: Option<Resolution>,
}

impl Slot {
    /// Lets the market rest after an entry that found nothing: a second, twice as long each time, and no longer than
    /// after an exit.
    pub(super) fn rest_after_miss(&mut self, now: Timestamp) {
        let doubled =
            REST_AFTER_MISS.saturating_mul(1_u32.checked_shl(self.misses.min(20)).unwrap_or(u32::MAX));
        self.cooldown_until = self.cooldown_until.max(now + doubled.min(self.rules.parameters.cooldown));
        self.misses = self.misses.saturating_add(1);
    }
}

/// All slots, by market, with events numbered.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    events: HashMap<String, u32, RandomState>,
}

impl Slots {
    /// Adds a slot for a newly listed market, or renews the rules of a known one.
    pub(super) fn list(&mut self, market: MarketId, spec: &MarketSpec, rules: Rules) {
        if let Some(slot) = self.slots.get_mut(market.index()) {
            slot.rules = rules;
            return;
        }
        let next = u32::try_from(self.events.len()).unwrap_or(u32::MAX);
        let event = *self.events.entry(spec.event.clone()).or_insert(next);
        self.slots.push(Slot {
            name: spec.ticker.as_str().into(),
            series: spec.series.as_str().into(),
            event,
            rules,
            plan: None,
            past_plan: None,
            cooldown_until: Timestamp::EPOCH,
            misses: 0,
            last_mark: Price::ZERO,
            seen: Seen::default(),
            seen_before: Seen::default(),
            was_held: false,
            result: None,
            recorded_result: None,
        });
    }

    #[inline]
    pub(super) fn get(&self, market: MarketId) -> &Slot {
        &self.slots[market.index()]
    }

    #[inline]
    pub(super) fn get_mut(&mut self, market: MarketId) -> &mut Slot {
        &mut self.slots[market.index()]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.slots.iter_mut()
    }
}
