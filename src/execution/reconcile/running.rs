//! The account while a run trades: the engine's picture beside what the exchange's reads show.
//!
//! Nothing stands still meanwhile. Reads trail the matching engine, fills are under way, and what is read is read piece
//! by piece. So [`compare`] says of everything whether it agrees, differs, or can't be judged now; a read is compared
//! with the picture before it and with the one after it, and only what differs from both counts
//! ([`Comparison::and`]). Whether it lasts is for [`Suspicions`](super::Suspicions) to say.

use super::{ExchangeAccount, RestingOrder};
use crate::execution::OrderState;
use crate::execution::client_id::{ClientOrderId, RunTag};
use crate::units::{Money, Price, Quantity, Rounding, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long an order or its cancel may wait for the exchange's word.
const STUCK_AFTER: Duration = Duration::from_secs(15);

/// An order that works, as the run has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderHere {
    /// Where.
    pub ticker: String,
    /// Where it stands.
    pub state: OrderState,
    /// Whether a cancel is under way.
    pub is_cancelling: bool,
    /// When it last changed.
    pub since: Timestamp,
}

/// A market in which the run holds something, did, or works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarketHere {
    /// What the exchange should show: ours and what was there before, above zero YES, below zero NO.
    pub quantity: Quantity,
    /// Whether nothing is under way there.
    pub is_calm: bool,
    /// Whether it trades no more or isn't followed, so that it may be paid out before that is known here.
    pub is_over: bool,
}

/// The account as the run has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// When.
    pub at: Timestamp,
    /// The run, as it stands in the names of its orders.
    pub run: RunTag,
    /// Orders that work.
    pub orders: BTreeMap<ClientOrderId, OrderHere>,
    /// Markets; the others hold nothing.
    pub markets: BTreeMap<String, MarketHere>,
    /// Cash.
    pub cash: Money,
    /// Cash by shard, where shards are kept apart.
    pub purses: Option<BTreeMap<u8, Money>>,
}

/// The account as the exchange shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct There {
    /// Cash, positions, what rests.
    pub account: ExchangeAccount,
    /// Cash by shard; empty where the exchange has one purse.
    pub purses: BTreeMap<u8, Money>,
}

/// Something that may be wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// An order works here and doesn't rest there.
    Phantom(ClientOrderId),
    /// An order or its cancel waits for the exchange's word for too long.
    Stuck(ClientOrderId),
    /// An order of this run rests there, by the exchange's id, and doesn't work here.
    Lingering(String),
    /// An order of another run rests there, by the exchange's id.
    OtherRun(String),
    /// A market holds something else than what is known here.
    Position(String),
    /// The exchange has more cash, or less.
    Cash {
        /// Whether it has more.
        more: bool,
    },
    /// The cash is the same and lies on other shards.
    Purses,
}

/// A difference, for people: both figures and what mends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was compared, and where.
    pub what: String,
    /// What is known here.
    pub here: String,
    /// What the exchange shows.
    pub there: String,
    /// What mends it.
    pub mend: &'static str,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} here, {} on the exchange; {}", self.what, self.here, self.there, self.mend)
    }
}

/// What a comparison says. What is in neither agrees.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// What differs.
    pub found: BTreeMap<Doubt, Finding>,
    /// What can't be judged now.
    pub undecided: BTreeSet<Doubt>,
}

impl Comparison {
    /// What both say. Where they disagree nothing is decided.
    #[must_use]
    pub fn and(mut self, mut later: Self) -> Self {
        self.undecided.append(&mut later.undecided);
        let only_later = later.found.keys().filter(|doubt| !self.found.contains_key(doubt));
        self.undecided.extend(only_later.cloned());
        let only_before = self.found.keys().filter(|doubt| !later.found.contains_key(doubt));
        self.undecided.extend(only_before.cloned());
        later.found.retain(|doubt, _| !self.undecided.contains(doubt));
        Self { found: later.found, undecided: self.undecided }
    }

    fn find(&mut self, doubt: Doubt, what: String, here: String, there: String, mend: &'static str) {
        self.found.insert(doubt, Finding { what, here, there, mend });
    }
}

/// Lays the run's picture beside the exchange's.
pub fn compare(here: &Here, there: &There) -> Comparison {
    let mut comparison = Comparison::default();
    compare_orders(here, &there.account.orders, &mut comparison);
    compare_positions(here, there, &mut comparison);
    compare_cash(here, there, &mut comparison);
    comparison
}

fn compare_orders(here: &Here, resting: &[RestingOrder], comparison: &mut Comparison) {
    let named: BTreeSet<&ClientOrderId> =
        resting.iter().filter_map(|order| order.client_id.as_ref()).collect();
    for (name, order) in &here.orders {
        let waits = order.is_cancelling || matches!(order.state, OrderState::Sent | OrderState::Unknown);
        let what = || format!("order {name} in {}", order.ticker);
        if waits {
            if here.at.since(order.since) >= STUCK_AFTER {
                let (doubt, state) = (Doubt::Stuck(name.clone()), order.state.as_str().to_owned());
                let there = if named.contains(name) { "resting" } else { "not resting" };
                comparison.find(doubt, what(), state, there.to_owned(), LOOK);
            }
        } else if !named.contains(name) {
            let doubt = Doubt::Phantom(name.clone());
            comparison.find(doubt, what(), order.state.as_str().to_owned(), "not resting".to_owned(), LOOK);
        }
    }
    for order in resting {
        let Some(name) = order.client_id.as_ref().filter(|name| !here.orders.contains_key(name)) else {
            continue;
        };
        let what = format!("order {name} in {}", order.ticker);
        let there = format!("{} contracts resting at {}", order.remaining, order.price);
        let id = order.exchange_id.clone();
        if name.run == here.run {
            comparison.find(Doubt::Lingering(id), what, "not working".to_owned(), there, TAKE_OFF);
        } else {
            comparison.find(Doubt::OtherRun(id), what, "of another run".to_owned(), there, TAKE_OFF);
        }
    }
}

const LOOK: &str = "it is looked up; if that settles nothing, look at `kalshi-bot orders list`";
const TAKE_OFF: &str = "it is taken off; if it stays, `kalshi-bot cancel-all --mine`";
const SOMEBODY: &str = "stop the bot, look at `kalshi-bot fills`, take the exchange's figures with \
                        `kalshi-bot reconcile --accept`, and start it again";
const MOVED: &str = "after a deposit, a withdrawal or a trade by hand: stop the bot, take the exchange's figures with \
                     `kalshi-bot reconcile --accept`, and start it again";

fn compare_positions(here: &Here, there: &There, comparison: &mut Comparison) {
    let shown = &there.account.positions;
    let tickers: BTreeSet<&String> = here.markets.keys().chain(shown.keys()).collect();
    for ticker in tickers {
        let known = here.markets.get(ticker);
        let expected = known.map_or(Quantity::ZERO, |market| market.quantity);
        let held = shown.get(ticker).copied().unwrap_or_default();
        if expected == held {
            continue;
        }
        let doubt = Doubt::Position(ticker.clone());
        if known.is_some_and(|market| !market.is_calm || market.is_over) {
            comparison.undecided.insert(doubt);
        } else {
            let contracts = |quantity: Quantity| format!("{quantity} contracts");
            let what = format!("the position in {ticker}");
            comparison.find(doubt, what, contracts(expected), contracts(held), SOMEBODY);
        }
    }
}

/// Cash is the same to the micro-dollar, but for what resting orders may reserve and for payouts that may be under way:
/// no contract reserves or pays more than a dollar. It can't be judged while fills may be.
fn compare_cash(here: &Here, there: &There, comparison: &mut Comparison) {
    let waits = |order: &OrderHere| {
        order.is_cancelling || matches!(order.state, OrderState::Sent | OrderState::Unknown)
    };
    let is_calm = here.markets.values().all(|market| market.is_calm)
        && !here.orders.values().any(waits)
        && !comparison.found.keys().chain(&comparison.undecided).any(|doubt| {
            // Until it is known what is held, cash says nothing more.
            matches!(doubt, Doubt::Position(ticker) if !is_due(here, ticker))
                || matches!(doubt, Doubt::Phantom(_))
        });
    if !is_calm {
        comparison.undecided.extend([Doubt::Cash { more: true }, Doubt::Cash { more: false }, Doubt::Purses]);
        return;
    }
    let dollars = |contracts: Quantity| Price::ONE.times(contracts, Rounding::Ceil);
    let reserved = dollars(there.account.orders.iter().map(|order| order.remaining).sum());
    let due = dollars(
        here.markets.values().filter(|market| market.is_over).map(|market| market.quantity.abs()).sum(),
    );
    let shown = there.account.cash;
    if shown < here.cash - reserved || shown > here.cash + due {
        let doubt = Doubt::Cash { more: shown > here.cash };
        let what = "the account's cash".to_owned();
        comparison.find(doubt, what, here.cash.to_string(), shown.to_string(), MOVED);
    } else if let Some(purses) = &here.purses
        && !there.purses.is_empty()
        && due.is_zero()
    {
        let shards: BTreeSet<u8> = purses.keys().chain(there.purses.keys()).copied().collect();
        let on = |purses: &BTreeMap<u8, Money>, shard| purses.get(&shard).copied().unwrap_or_default();
        let differs = |shard: &u8| {
            let (known, shown) = (on(purses, *shard), on(&there.purses, *shard));
            shown > known || shown < known - reserved
        };
        if shards.iter().any(differs) {
            let list = |purses: &BTreeMap<u8, Money>| {
                let each = purses.iter().map(|(shard, cash)| format!("{cash} on {shard}"));
                each.collect::<Vec<_>>().join(", ")
            };
            let what = "the cash by shard".to_owned();
            comparison.find(Doubt::Purses, what, list(purses), list(&there.purses), "it is taken over");
        }
    }
}

fn is_due(here: &Here, ticker: &str) -> bool {
    here.markets.get(ticker).is_some_and(|market| market.is_over)
}

#[cfg(test)]
mod tests;
