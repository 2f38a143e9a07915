//! The engine by user story, with the venue's part spoken by the test.

mod breakers;
mod day;
mod entries;
mod exits;
mod feed;
mod outside;
mod results;
mod whole_loop;

use super::record::{Record, Trade};
use super::*;
use crate::execution::shards::ShardCash;
use crate::execution::{
    CancelReason, Fill, OrderId, OrderRequest, OrderUpdate, Purpose, RejectReason, TimeInForce,
};
use crate::fees::{FeeKind, FeeSchedule};
use crate::market::filter::Filter;
use crate::market::{Level, MarketStatus, Outcome, PriceGrid, Resolution, Side};
use crate::risk::TradingState;
use crate::strategy::{EntryStyle, HighProbability, Parameters, TakeProfitStyle};
use crate::units::{Quantity, Ratio};
use std::collections::BTreeMap;
use std::time::Duration;

const START: Timestamp = Timestamp::from_secs(1_795_000_000);

fn price(text: &str) -> Price {
    text.parse().expect("a price")
}

fn contracts(count: i64) -> Quantity {
    Quantity::from_contracts(count)
}

fn ratio(text: &str) -> Ratio {
    text.parse().expect("a ratio")
}

/// An engine, its outbox and the clock, with the words to drive them.
struct Desk {
    engine: Engine,
    out: Outbox,
    now: Timestamp,
    seq: u64,
    fills: u64,
    records: Vec<Record>,
}

/// The owner's settings, to be changed by a test.
#[derive(Debug, Clone)]
struct Setup {
    limits: Limits,
    rules: Rules,
    latched: Vec<HaltReason>,
    shard_cash: ShardCash,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            limits: Limits {
                max_position_size: ratio("0.10"),
                max_event_exposure: ratio("0.10"),
                max_total_exposure: ratio("0.30"),
                max_positions: 5,
                max_daily_loss: ratio("0.05"),
                max_drawdown: ratio("0.15"),
                max_consecutive_losses: 5,
                circuit_breaker_enabled: true,
                max_feed_silence: Duration::from_secs(15),
                pause_margin: Duration::from_mins(10),
            },
            rules: Rules {
                filter: Filter {
                    categories: Vec::new(),
                    min_volume: contracts(10_000),
                    min_liquidity: Money::from_dollars(500),
                    liquidity_reach: price("0.05"),
                    max_spread: price("0.02"),
                    min_time_to_close: Duration::from_hours(1),
                    max_time_to_close: Duration::from_hours(24),
                },
                parameters: Parameters {
                    entry_threshold: price("0.85"),
                    profit_target: ratio("0.02"),
                    stop_loss: ratio("0.01"),
                    widen_stop: true,
                    entry_style: EntryStyle::Taker,
                    maker_entry_lifetime: Duration::from_secs(30),
                    take_profit_style: TakeProfitStyle::Maker,
                    stop_slippage: price("0.05"),
                    hold_to_settlement: false,
                    exit_before_close: Duration::from_mins(10),
                    cooldown: Duration::from_mins(15),
                },
            },
            latched: Vec::new(),
            shard_cash: ShardCash::default(),
        }
    }
}

impl Setup {
    fn parameters(mut self, change: impl FnOnce(&mut Parameters)) -> Self {
        change(&mut self.rules.parameters);
        self
    }

    fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.limits);
        self
    }

    fn desk(self) -> Desk {
        let rules = self.rules;
        let engine = Engine::new(EngineSettings {
            limits: self.limits,
            starting_cash: Money::from_dollars(10_000),
            shard_cash: self.shard_cash,
            sequence: SequencePolicy::Contiguous,
            rules: Box::new(move |_| rules.clone()),
            strategy: Box::new(HighProbability),
            latched: self.latched,
        });
        Desk { engine, out: Outbox::default(), now: START, seq: 0, fills: 0, records: Vec::new() }
    }
}

impl Desk {
    fn step(&mut self, event: &Event<'_>) -> Vec<Command> {
        self.engine.step(self.now, event, &mut self.out);
        self.records.append(&mut self.out.records);
        self.engine.ledger.check(&self.engine.positions).expect("the ledger closes after every step");
        std::mem::take(&mut self.out.commands)
    }

    fn stamp(&mut self) -> Stamp {
        self.seq += 1;
        Stamp { sid: 1, seq: Some(self.seq) }
    }

    /// Lists a market of its own event that closes in three hours.
    fn list(&mut self, ticker: &str) {
        self.list_in(ticker, ticker);
    }

    fn list_in(&mut self, ticker: &str, event: &str) {
        let spec = MarketSpec {
            ticker: ticker.into(),
            event: event.into(),
            series: "KXDEMO".into(),
            category: "Sports".into(),
            title: ticker.into(),
            open: START - Duration::from_hours(1),
            close: START + Duration::from_hours(3),
            grid: PriceGrid::cents(),
            fees: FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 },
            status: MarketStatus::Active,
            volume: contracts(20_000),
            shard: 0,
        };
        self.step(&Event::Listed(&spec));
    }

    /// Replaces a book by one level of 5,000 contracts a side.
    fn quote(&mut self, ticker: &str, bid: &str, ask: &str) -> Vec<Command> {
        let level = |at| Level { price: price(at), size: contracts(5_000) };
        let stamp = self.stamp();
        self.step(&Event::Snapshot { ticker, stamp, bids: &[level(bid)], asks: &[level(ask)] })
    }

    /// Lets time pass on a feed that stays alive.
    fn wait(&mut self, span: Duration) -> Vec<Command> {
        self.now = self.now + span;
        self.step(&Event::Sequence(Stamp { sid: 2, seq: None }));
        self.step(&Event::Timer)
    }

    /// Lets time pass without a word from the feed.
    fn hush(&mut self, span: Duration) -> Vec<Command> {
        self.now = self.now + span;
        self.step(&Event::Timer)
    }

    fn accept(&mut self, order: &OrderRequest) -> Vec<Command> {
        self.step(&Event::Order(OrderUpdate::Accepted { order: order.id }))
    }

    fn cancelled(&mut self, order: OrderId, reason: CancelReason) -> Vec<Command> {
        self.step(&Event::Order(OrderUpdate::Cancelled { order, reason }))
    }

    fn rejected(&mut self, order: &OrderRequest, reason: RejectReason) -> Vec<Command> {
        self.step(&Event::Order(OrderUpdate::Rejected { order: order.id, reason }))
    }

    /// Fills part of an order at a YES price, for the plain taker fee.
    fn fill(&mut self, order: &OrderRequest, at: &str, quantity: Quantity) -> Vec<Command> {
        self.fills += 1;
        let is_taker = order.time_in_force == TimeInForce::ImmediateOrCancel;
        let fees = self.engine.catalogue.get(order.market).spec.fees;
        self.step(&Event::Order(OrderUpdate::Filled(Fill {
            trade_id: format!("t{}", self.fills).into(),
            order: order.id,
            market: order.market,
            side: order.side,
            price: price(at),
            quantity,
            fee: fees.per_contract(price(at), is_taker).times(quantity, Rounding::Ceil),
            is_taker,
            time: self.now,
        })))
    }

    /// Quotes 0.90 to 0.91, takes the entry it provokes in full and the resting target that follows.
    fn hold(&mut self, ticker: &str) -> (OrderRequest, OrderRequest) {
        let entry = placed(&self.quote(ticker, "0.90", "0.91"));
        self.accept(&entry);
        let target = placed(&self.fill(&entry, "0.91", entry.quantity));
        self.accept(&target);
        (entry, target)
    }

    /// Stops a held position out at the given bid, and lets the cooldown pass.
    fn stop_out(&mut self, ticker: &str, target: &OrderRequest, bid: &str, ask: &str) {
        assert_eq!(self.quote(ticker, bid, ask), [Command::Cancel { order: target.id }]);
        let stop = placed(&self.cancelled(target.id, CancelReason::Requested));
        self.fill(&stop, bid, stop.quantity);
        self.wait(Duration::from_mins(15));
    }

    fn trades(&self) -> Vec<&Trade> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Closed(trade) => Some(trade),
                _ => None,
            })
            .collect()
    }

    fn refusals(&self, gate: &str) -> BTreeMap<&'static str, u64> {
        self.engine.funnel().into_iter().find(|tally| tally.gate == gate).expect("a gate").refused
    }

    fn reasons(&self) -> Vec<&'static str> {
        self.engine.trading.reasons().map(HaltReason::code).collect()
    }
}

/// The one order among the commands.
fn placed(commands: &[Command]) -> OrderRequest {
    let [Command::Place(request)] = commands else { panic!("expected one order, got {commands:?}") };
    request.clone()
}
