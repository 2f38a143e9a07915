//! What is kept of an account, and what follows from it: cash that must be there, positions ours and foreign.
//!
//! Everything is replayed in the order of time. The exchange nets the positions of a market whoever opened them, and a
//! NO contract is a sold YES with one dollar set aside. So cash moves by price times contracts, and by what is set
//! aside for the net position, ours and foreign together.

use super::{LocalAccount, LocalPosition, WorkingOrder};
use crate::execution::positions::Positions;
use crate::execution::{Fill, OrderId};
use crate::market::{MarketId, Resolution, Side};
use crate::units::{Money, Price, Quantity, Rounding, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What was there that the bot did not bring about. The first one of an account is what it held before the bot's
/// first start; later ones are what a person accepted, as changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// When it was taken.
    pub taken_at: Timestamp,
    /// Cash.
    pub cash: Money,
    /// Contracts by ticker: above zero YES, below zero NO.
    pub positions: BTreeMap<String, Quantity>,
    /// Exchange's ids of resting orders that aren't ours.
    pub orders: BTreeSet<String>,
    /// Trade ids of fills that cash and positions contain already.
    pub fills: BTreeSet<String>,
    /// Tickers of payouts that the cash contains already.
    pub payouts: BTreeSet<String>,
}

impl Baseline {
    /// An empty one.
    pub const fn empty(taken_at: Timestamp) -> Self {
        Self {
            taken_at,
            cash: Money::ZERO,
            positions: BTreeMap::new(),
            orders: BTreeSet::new(),
            fills: BTreeSet::new(),
            payouts: BTreeSet::new(),
        }
    }
}

/// A fill as it is kept, or as the exchange lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedFill {
    /// The exchange's id of it.
    pub trade_id: String,
    /// The exchange's id of the order, where it is known.
    pub exchange_order: Option<String>,
    /// Where.
    pub ticker: String,
    /// Side of the order.
    pub side: Side,
    /// YES price.
    pub price: Price,
    /// Contracts, above zero.
    pub quantity: Quantity,
    /// Fee.
    pub fee: Money,
    /// Whether the order took.
    pub is_taker: bool,
    /// When.
    pub time: Timestamp,
    /// Whether the order is ours.
    pub is_ours: bool,
}

impl BookedFill {
    fn signed(&self) -> Quantity {
        match self.side {
            Side::Bid => self.quantity,
            Side::Ask => -self.quantity,
        }
    }

    /// What a bid pays and an ask brings, a NO contract being a sold YES.
    fn flow(&self) -> Money {
        match self.side {
            Side::Bid => -self.price.times(self.quantity, Rounding::Ceil),
            Side::Ask => self.price.times(self.quantity, Rounding::Floor),
        }
    }
}

/// A market that resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    /// Which.
    pub ticker: String,
    /// How.
    pub resolution: Resolution,
    /// When it paid.
    pub time: Timestamp,
}

/// All that is kept of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Books {
    /// In the order in which they were taken.
    pub baselines: Vec<Baseline>,
    /// Ours and foreign ones, in any order; each trade once.
    pub fills: Vec<BookedFill>,
    /// In any order; each market once.
    pub payouts: Vec<Payout>,
    /// Our orders that have not ended.
    pub orders: Vec<WorkingOrder>,
}

enum Step<'a> {
    Baseline(&'a Baseline),
    Fill(&'a BookedFill),
    Payout(&'a Payout),
}

/// The account while its books are replayed.
#[derive(Default)]
struct Replay<'a> {
    cash: Money,
    /// Ours and foreign together.
    net: BTreeMap<&'a str, Quantity>,
    foreign: BTreeMap<&'a str, Quantity>,
    ours: Positions,
    markets: BTreeMap<&'a str, MarketId>,
}

impl Books {
    /// The account that follows from the books.
    pub fn reckon(&self) -> LocalAccount {
        let mut replay = Replay::default();
        for step in self.steps() {
            match step {
                Step::Baseline(baseline) => replay.baseline(baseline),
                Step::Fill(fill) => replay.fill(fill),
                Step::Payout(payout) => replay.payout(payout),
            }
        }
        let baselines = || self.baselines.iter();
        let known_fills = self.fills.iter().map(|fill| &fill.trade_id);
        let known_payouts = self.payouts.iter().map(|payout| &payout.ticker);
        LocalAccount {
            cash: (!self.baselines.is_empty()).then_some(replay.cash),
            positions: replay.positions(),
            foreign: (replay.foreign.iter())
                .filter(|(_, quantity)| !quantity.is_zero())
                .map(|(ticker, quantity)| ((*ticker).to_owned(), *quantity))
                .collect(),
            fills: known_fills.chain(baselines().flat_map(|one| &one.fills)).cloned().collect(),
            payouts: known_payouts.chain(baselines().flat_map(|one| &one.payouts)).cloned().collect(),
            foreign_orders: baselines().flat_map(|one| &one.orders).cloned().collect(),
            orders: self.orders.iter().map(|order| (order.client_id.clone(), order.clone())).collect(),
        }
    }

    /// What has to be added as a baseline for the account to be the one given: cash and positions are the missing
    /// part, and whatever else the exchange shows is taken as it is.
    pub fn missing(
        &self,
        there: &super::ExchangeAccount,
        payouts: &BTreeSet<String>,
        now: Timestamp,
    ) -> Baseline {
        let here = self.reckon();
        let tickers: BTreeSet<&String> =
            here.positions.keys().chain(here.foreign.keys()).chain(there.positions.keys()).collect();
        let positions = tickers.into_iter().filter_map(|ticker| {
            let shown = there.positions.get(ticker).copied().unwrap_or_default();
            let missing = shown - here.expected(ticker);
            (!missing.is_zero()).then(|| (ticker.clone(), missing))
        });
        let mut baseline = Baseline {
            taken_at: now,
            cash: there.cash - here.cash.unwrap_or_default(),
            positions: positions.collect(),
            orders: (there.orders.iter())
                .filter(|order| {
                    order.client_id.is_none() && !here.foreign_orders.contains(&order.exchange_id)
                })
                .map(|order| order.exchange_id.clone())
                .collect(),
            fills: (there.fills.iter().map(|fill| fill.trade_id.clone()))
                .filter(|trade| !here.fills.contains(trade))
                .collect(),
            payouts: payouts.difference(&here.payouts).cloned().collect(),
        };
        // The first baseline comes before everything, so what the fills kept so far did to the cash counts too.
        let mut books = self.clone();
        books.baselines.push(baseline.clone());
        baseline.cash += there.cash - books.reckon().cash.unwrap_or_default();
        baseline
    }

    /// Everything in order: the first baseline before all, then by time, and a market's fills before its payout. Fills
    /// go by the exchange's clock and payouts by ours, which may be behind it.
    fn steps(&self) -> Vec<Step<'_>> {
        let mut steps: Vec<((Timestamp, u8), Step<'_>)> = Vec::new();
        for (index, baseline) in self.baselines.iter().enumerate() {
            let at = if index == 0 { Timestamp::from_micros(i64::MIN) } else { baseline.taken_at };
            steps.push(((at, 2), Step::Baseline(baseline)));
        }
        steps.extend(self.fills.iter().map(|fill| ((fill.time, 0), Step::Fill(fill))));
        let mut last_fills = BTreeMap::new();
        for fill in &self.fills {
            let last = last_fills.entry(fill.ticker.as_str()).or_insert(fill.time);
            *last = fill.time.max(*last);
        }
        steps.extend(self.payouts.iter().map(|payout| {
            let last_fill = last_fills.get(payout.ticker.as_str()).copied().unwrap_or(payout.time);
            ((payout.time.max(last_fill), 1), Step::Payout(payout))
        }));
        steps.sort_by_key(|(at, _)| *at);
        steps.into_iter().map(|(_, step)| step).collect()
    }
}

impl<'a> Replay<'a> {
    fn baseline(&mut self, baseline: &'a Baseline) {
        self.cash += baseline.cash;
        for (ticker, quantity) in &baseline.positions {
            *self.net.entry(ticker).or_default() += *quantity;
            *self.foreign.entry(ticker).or_default() += *quantity;
        }
    }

    fn fill(&mut self, fill: &'a BookedFill) {
        let net = self.net.entry(&fill.ticker).or_default();
        let before = set_aside(*net);
        *net += fill.signed();
        self.cash += fill.flow() - fill.fee - (set_aside(*net) - before);
        if fill.is_ours {
            let market = self.market(&fill.ticker);
            let fill = Fill {
                trade_id: fill.trade_id.as_str().into(),
                order: OrderId(0),
                market,
                side: fill.side,
                price: fill.price,
                quantity: fill.quantity,
                fee: fill.fee,
                is_taker: fill.is_taker,
                time: fill.time,
            };
            self.ours.apply_fill(&fill);
        } else {
            *self.foreign.entry(&fill.ticker).or_default() += fill.signed();
        }
    }

    fn payout(&mut self, payout: &'a Payout) {
        let net = self.net.remove(payout.ticker.as_str()).unwrap_or_default();
        let yes = payout.resolution.yes_value();
        let value = if net.is_negative() { yes.complement() } else { yes };
        self.cash += value.times(net.abs(), Rounding::Floor);
        self.foreign.remove(payout.ticker.as_str());
        let market = self.market(&payout.ticker);
        self.ours.settle(market, payout.resolution, payout.time);
    }

    fn market(&mut self, ticker: &'a str) -> MarketId {
        let next = MarketId(u32::try_from(self.markets.len()).unwrap_or(u32::MAX));
        *self.markets.entry(ticker).or_insert(next)
    }

    fn positions(&self) -> BTreeMap<String, LocalPosition> {
        let held = self.markets.iter().filter_map(|(ticker, market)| {
            let position = self.ours.get(*market)?;
            let local = LocalPosition {
                outcome: position.outcome,
                quantity: position.quantity,
                cost: position.cost,
                fees: position.fees,
                opened_at: position.opened_at,
            };
            Some(((*ticker).to_owned(), local))
        });
        held.collect()
    }
}

/// Dollars that stand behind a net position: one for each NO contract.
const fn set_aside(net: Quantity) -> Money {
    if net.is_negative() { Price::ONE.times(net.abs(), Rounding::Floor) } else { Money::ZERO }
}
