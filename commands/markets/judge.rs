//! What the bot would say of a market: the engine's own filter and strategy, asked in the engine's order.

use kalshi_bot::config::Settings;
use kalshi_bot::engine::Rules;
use kalshi_bot::market::filter::FilterReason;
use kalshi_bot::market::{Book, Market, MarketId, MarketSpec};
use kalshi_bot::strategy::{HighProbability, Signal, SignalReason, Strategy};
use kalshi_bot::units::{Money, Timestamp};
use std::collections::HashMap;
use std::sync::Arc;

/// The code of a market whose description can't be understood.
pub(super) const NOT_UNDERSTOOD: &str = "not_understood";

/// Every reason to refuse a market, in the order in which they are looked for.
pub(super) fn codes() -> impl Iterator<Item = &'static str> {
    let filter = FilterReason::ALL.iter().map(|reason| reason.code());
    let strategy = SignalReason::ALL.iter().map(|reason| reason.code());
    [NOT_UNDERSTOOD].into_iter().chain(filter).chain(strategy)
}

/// A market outside any catalogue.
pub(super) const fn market(spec: MarketSpec, book: Book) -> Market {
    Market { id: MarketId(0), spec, book, sid: None, resolution: None, last_update: None }
}

/// What the strategy wants of the market, or the code of the first gate that refuses it.
pub(super) fn judge(market: &Market, rules: &Rules, now: Timestamp) -> Result<Signal, &'static str> {
    rules.filter.check(market, now).map_err(FilterReason::code)?;
    HighProbability.entry(market, &rules.parameters).map_err(SignalReason::code)
}

/// The same on nothing but the touch: what rests behind it isn't known, so it isn't asked for.
pub(super) fn judge_touch(market: &Market, rules: &Rules, now: Timestamp) -> Result<Signal, &'static str> {
    let mut rules = rules.clone();
    rules.filter.min_liquidity = Money::ZERO;
    judge(market, &rules, now)
}

/// The rules of each series, found once.
pub(super) struct Rulebook<'a> {
    settings: &'a Settings,
    /// What flags change in the rules of every market.
    change: Box<dyn Fn(&mut Rules) + 'a>,
    rules: HashMap<String, Arc<Rules>>,
}

impl<'a> Rulebook<'a> {
    /// The configuration's rules with a change.
    pub(super) fn new(settings: &'a Settings, change: impl Fn(&mut Rules) + 'a) -> Self {
        Self { settings, change: Box::new(change), rules: HashMap::new() }
    }

    /// The rules for a market.
    pub(super) fn rules_for(&mut self, spec: &MarketSpec) -> Arc<Rules> {
        if let Some(rules) = self.rules.get(&spec.series) {
            return Arc::clone(rules);
        }
        let mut rules = self.settings.rules_for(&spec.series, &spec.category);
        (self.change)(&mut rules);
        let rules = Arc::new(rules);
        self.rules.insert(spec.series.clone(), Arc::clone(&rules));
        rules
    }
}
