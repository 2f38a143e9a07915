//! Engine and paper venue together under random markets: whatever the feed, the venue and a person do, the money
//! adds up, the limits hold, and no market is left with a position that nobody looks after.

use super::*;
use crate::execution::orders::Order;
use crate::fees::BalancePrecision;
use crate::gateway::paper::{PaperSettings, PaperVenue};
use proptest::prelude::*;
use proptest::strategy::Strategy;

const LATENCY: Duration = Duration::from_millis(80);
const LIFETIME: Duration = Duration::from_mins(5);
/// The last two are markets of one event.
const MARKETS: [(&str, &str); 5] = [("A", "A"), ("B", "B"), ("C", "C"), ("D", "E"), ("E", "E")];

/// One thing that happens, with prices in cents and sizes in contracts.
#[derive(Debug, Clone)]
enum Happening {
    Quote { market: usize, bid: i64, spread: i64, size: i64 },
    Delta { market: usize, side: Side, behind: i64, change: i64 },
    Print { market: usize, taker: Side, beyond: i64, count: i64 },
    Wait { millis: u64 },
    Status { market: usize, status: MarketStatus },
    Close { market: usize, secs: u64 },
    Grid { market: usize, step: &'static str },
    Settled { market: usize, resolution: Resolution },
    Exchange { trading: bool },
    Disconnected,
    Gap,
    Broken { market: usize },
    Operator(Operator),
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let market = || 0..MARKETS.len();
    let side = || prop_oneof![Just(Side::Bid), Just(Side::Ask)];
    // Mostly near where entries are made and let go, on both outcomes.
    let bid = prop_oneof![6 => 84..95_i64, 3 => 5..13_i64, 1 => 1..98_i64];
    let resolution =
        prop_oneof![Just(Resolution::Yes), Just(Resolution::No), Just(Resolution::Scalar(price("0.3333")))];
    let status = prop_oneof![3 => Just(MarketStatus::Active), 1 => Just(MarketStatus::Inactive)];
    let operator =
        prop_oneof![1 => Just(Operator::Halt), 3 => Just(Operator::Resume)].prop_map(Happening::Operator);
    let one = prop_oneof![
        24 => (market(), bid, 1..3_i64, 1..2_000_i64)
            .prop_map(|(market, bid, spread, size)| Happening::Quote { market, bid, spread, size }),
        16 => (market(), side(), -1..3_i64, -900..900_i64)
            .prop_map(|(market, side, behind, change)| Happening::Delta { market, side, behind, change }),
        10 => (market(), side(), -1..4_i64, 1..900_i64)
            .prop_map(|(market, taker, beyond, count)| Happening::Print { market, taker, beyond, count }),
        20 => prop_oneof![(1..200_u64), (200..4_000_u64)].prop_map(|millis| Happening::Wait { millis }),
        2 => (market(), status).prop_map(|(market, status)| Happening::Status { market, status }),
        1 => (market(), 1..300_u64).prop_map(|(market, secs)| Happening::Close { market, secs }),
        1 => (market(), prop_oneof![Just("0.01"), Just("0.001"), Just("0.05")])
            .prop_map(|(market, step)| Happening::Grid { market, step }),
        1 => (market(), resolution).prop_map(|(market, resolution)| Happening::Settled { market, resolution }),
        1 => prop_oneof![1 => Just(false), 2 => Just(true)].prop_map(|trading| Happening::Exchange { trading }),
        1 => Just(Happening::Disconnected),
        1 => Just(Happening::Gap),
        1 => market().prop_map(|market| Happening::Broken { market }),
        1 => operator,
    ];
    prop::collection::vec(one, 1..250)
}

fn setups() -> impl Strategy<Value = Setup> {
    let settings = (any::<bool>(), any::<bool>(), any::<bool>(), 1..4_u64, 1..6_u32, any::<bool>());
    settings.prop_map(|(rests_in, rests_out, holds, cooldown, max_positions, breakers)| {
        let mut setup = Setup::default().limits(|limits| {
            limits.max_positions = max_positions;
            limits.circuit_breaker_enabled = breakers;
            limits.max_event_exposure = ratio("0.15");
        });
        let filter = &mut setup.rules.filter;
        (filter.min_volume, filter.min_liquidity) = (Quantity::ZERO, Money::ZERO);
        filter.min_time_to_close = Duration::from_secs(40);
        setup.parameters(|p| {
            p.entry_style = if rests_in { EntryStyle::Maker } else { EntryStyle::Taker };
            p.take_profit_style = if rests_out { TakeProfitStyle::Maker } else { TakeProfitStyle::Taker };
            p.profit_target = ratio("0.03");
            p.hold_to_settlement = holds && max_positions == 1;
            p.maker_entry_lifetime = Duration::from_secs(5);
            p.exit_before_close = Duration::from_secs(20);
            p.cooldown = Duration::from_secs(cooldown);
        })
    })
}

/// Engine, venue and clock, driven as a run drives them.
struct World {
    desk: Desk,
    venue: PaperVenue,
    next_timer: Timestamp,
    wants_snapshots: bool,
}

impl World {
    fn new(setup: Setup) -> Self {
        let venue = PaperVenue::new(PaperSettings {
            latency: LATENCY,
            starting_cash: Money::from_dollars(10_000),
            precision: BalancePrecision::Direct,
        });
        let mut world = Self { desk: setup.desk(), venue, next_timer: START, wants_snapshots: false };
        for (ticker, event) in MARKETS {
            world.desk.list_in(ticker, event);
            world.take(&Event::CloseMoved { ticker, close: START + LIFETIME });
        }
        world
    }

    fn take(&mut self, event: &Event<'_>) {
        let now = self.desk.now;
        let is_active = |desk: &Desk| desk.engine.trading().state() == TradingState::Active;
        let was_active = is_active(&self.desk);
        let commands = self.desk.step(event);
        let may_enter = was_active || is_active(&self.desk);
        self.venue.observe(now, event, self.desk.engine.catalogue());
        for command in &commands {
            match command {
                Command::Place(order) if order.purpose == Purpose::Entry => {
                    assert!(may_enter, "an entry was sent while trading was stopped");
                    self.check_entry(order);
                }
                Command::Place(order) => self.check_exit(order),
                Command::Cancel { .. } => {}
                Command::Resync { .. } => self.wants_snapshots = true,
            }
            self.venue.submit(now, command, self.desk.engine.catalogue());
        }
        self.check();
    }

    /// Lets time pass: beats and the venue's answers in their order.
    fn advance(&mut self, to: Timestamp) {
        loop {
            let due = self.venue.next_due().unwrap_or(Timestamp::MAX);
            let next = due.min(self.next_timer);
            if next > to {
                break;
            }
            self.desk.now = self.desk.now.max(next);
            if next == self.next_timer {
                self.next_timer = self.next_timer + Duration::from_secs(1);
                self.take(&Event::Timer);
            } else {
                self.hear_venue();
            }
        }
        self.desk.now = to;
    }

    fn hear_venue(&mut self) {
        let mut updates = Vec::new();
        self.venue.advance(self.desk.now, self.desk.engine.catalogue(), &mut updates);
        for update in updates {
            if let OrderUpdate::Filled(fill) = &update {
                let order =
                    self.desk.engine.orders().get(fill.order).expect("only orders that were sent fill");
                assert!(order.request.side.accepts(order.request.price, fill.price), "{fill:?} {order:?}");
                assert!(order.filled + fill.quantity <= order.request.quantity, "{fill:?} {order:?}");
            }
            self.take(&Event::Order(update));
        }
    }

    fn happen(&mut self, happening: &Happening) {
        match *happening {
            Happening::Quote { market, bid, spread, size } => self.quote(market, bid, spread, size),
            Happening::Delta { market, side, behind, change } => self.delta(market, side, behind, change),
            Happening::Print { market, taker, beyond, count } => self.print(market, taker, beyond, count),
            Happening::Wait { millis } => {
                self.advance(self.desk.now + Duration::from_millis(millis));
                if std::mem::take(&mut self.wants_snapshots) {
                    (0..MARKETS.len()).for_each(|market| self.quote(market, 60, 1, 1_000));
                }
            }
            Happening::Status { market, status } if self.is_open(market) => {
                self.take(&Event::Status { ticker: MARKETS[market].0, status });
            }
            Happening::Close { market, secs } if self.is_open(market) => {
                let close = self.desk.now + Duration::from_secs(secs);
                self.take(&Event::CloseMoved { ticker: MARKETS[market].0, close });
            }
            Happening::Grid { market, step } => {
                let grid = PriceGrid::uniform(price(step));
                self.take(&Event::GridChanged { ticker: MARKETS[market].0, grid: &grid });
            }
            Happening::Settled { market, resolution } if self.is_open(market) => {
                self.take(&Event::Settled { ticker: MARKETS[market].0, resolution });
            }
            Happening::Exchange { trading } => self.take(&Event::Exchange { trading }),
            Happening::Disconnected => {
                self.take(&Event::Disconnected);
                self.advance(self.desk.now + Duration::from_secs(3));
                self.desk.seq = 0;
                self.take(&Event::Connected);
                self.wants_snapshots = true;
            }
            Happening::Gap => self.desk.seq += 1,
            Happening::Broken { market } => {
                let stamp = self.desk.stamp();
                let bids = [Level { price: price("0.02"), size: contracts(10) }];
                let asks = [Level { price: price("1.00"), size: contracts(10) }];
                self.take(&Event::Snapshot { ticker: MARKETS[market].0, stamp, bids: &bids, asks: &asks });
            }
            Happening::Operator(operator) => self.take(&Event::Operator(operator)),
            Happening::Status { .. } | Happening::Close { .. } | Happening::Settled { .. } => {}
        }
    }

    fn market(&self, market: usize) -> &Market {
        let id = self.desk.engine.catalogue().find(MARKETS[market].0).expect("it was listed");
        self.desk.engine.catalogue().get(id)
    }

    fn is_open(&self, market: usize) -> bool {
        self.market(market).resolution.is_none()
    }

    fn quote(&mut self, market: usize, bid: i64, spread: i64, size: i64) {
        let level = |cents, size| Level { price: Price::from_raw(cents * 10_000), size: contracts(size) };
        let bids = [level(bid, size), level((bid - 4).max(0), 700)];
        let asks = [level((bid + spread).min(99), size), level(bid + spread + 3, 700)];
        let bids = bids.into_iter().filter(|level| level.price.is_positive()).collect::<Vec<_>>();
        let asks = asks.into_iter().filter(|level| level.price < Price::ONE).collect::<Vec<_>>();
        let stamp = self.desk.stamp();
        self.take(&Event::Snapshot { ticker: MARKETS[market].0, stamp, bids: &bids, asks: &asks });
    }

    /// A change near the touch, at times one that can't be.
    fn delta(&mut self, market: usize, side: Side, behind: i64, change: i64) {
        let Some(best) = self.market(market).book.best(side) else { return };
        let away = Price::from_raw(behind * 10_000);
        let at = if side == Side::Bid { best.price - away } else { best.price + away };
        let stamp = self.desk.stamp();
        let change = contracts(change);
        self.take(&Event::Delta { ticker: MARKETS[market].0, stamp, side, price: at, change });
    }

    fn print(&mut self, market: usize, taker: Side, beyond: i64, count: i64) {
        let Some(best) = self.market(market).book.best(taker.opposite()) else { return };
        let away = Price::from_raw(beyond * 10_000);
        let at = if taker == Side::Bid { best.price + away } else { best.price - away };
        let stamp = self.desk.stamp();
        let (ticker, quantity) = (MARKETS[market].0, contracts(count));
        self.take(&Event::Print { ticker, stamp, price: at, quantity, taker, is_block: false });
    }

    /// What has to hold for an entry at the moment it is sent.
    fn check_entry(&self, order: &OrderRequest) {
        let engine = &self.desk.engine;
        let market = engine.catalogue().get(order.market);
        assert!(engine.positions().get(order.market).is_none(), "an entry beside a position");
        assert!(market.spec.status == MarketStatus::Active && market.resolution.is_none());
        assert_eq!(engine.orders().working_in(order.market).count(), 1, "an entry beside another order");
        let cost = |held: &dyn Fn(MarketId) -> bool| -> Money {
            let held_cost =
                engine.positions().iter().filter(|p| held(p.market)).map(|p| p.cost + p.fees).sum::<Money>();
            let orders = engine.orders().working().filter(|o| o.request.purpose == Purpose::Entry);
            let reserved = orders.filter(|o| held(o.request.market)).map(|o| {
                let plan = engine.plan(o.request.market).expect("an entry has a plan");
                plan.reserve.times(o.remaining(), Rounding::Ceil)
            });
            held_cost + reserved.sum()
        };
        let limits = &engine.limits;
        let capital = engine.ledger().cash() + engine.positions().total_cost();
        let part = |ratio| capital.times_ratio(ratio, Rounding::Floor);
        let event_of = |id: MarketId| &engine.catalogue().get(id).spec.event;
        assert!(cost(&|id| id == order.market) <= part(limits.max_position_size));
        assert!(cost(&|id| event_of(id) == event_of(order.market)) <= part(limits.max_event_exposure));
        assert!(cost(&|_| true) <= part(limits.max_total_exposure));
        let entering = engine.orders().working().filter(|o| o.request.purpose == Purpose::Entry);
        let entering = entering.filter(|o| engine.positions().get(o.request.market).is_none()).count();
        assert!(engine.positions().len() + entering <= limits.max_positions as usize);
    }

    /// What has to hold for an exit at the moment it is sent: it closes what is held and no more.
    fn check_exit(&self, order: &OrderRequest) {
        let engine = &self.desk.engine;
        let position = engine.positions().get(order.market).expect("an exit needs a position");
        assert_eq!(order.side, position.outcome.buying_side().opposite());
        assert!(engine.catalogue().get(order.market).spec.grid.contains(order.price), "{order:?}");
        let exits = engine.orders().working_in(order.market).filter(|o| o.request.purpose != Purpose::Entry);
        let selling = exits.map(Order::remaining).sum::<Quantity>();
        assert!(selling <= position.quantity, "exits for {selling} of {}", position.quantity);
    }

    /// What has to hold after every step. That the ledger closes is checked by the desk.
    fn check(&self) {
        let engine = &self.desk.engine;
        for reason in [HaltReason::LedgerDrift, HaltReason::PositionDrift] {
            assert!(!engine.trading().has(reason), "{:?}", self.desk.records.last());
        }
        for market in engine.catalogue() {
            let orders = engine.orders().working_in(market.id).collect::<Vec<_>>();
            let entries = orders.iter().filter(|order| order.request.purpose == Purpose::Entry).count();
            assert!(entries <= 1, "{entries} entries work in {}", market.spec.ticker);
            let is_busy = engine.positions().get(market.id).is_some() || !orders.is_empty();
            assert_eq!(engine.plan(market.id).is_some(), is_busy, "{}", market.spec.ticker);
        }
    }

    /// Engine and venue have the same account once nothing is under way between them.
    fn check_account(&self) {
        let engine = &self.desk.engine;
        if self.venue.next_due().is_some_and(|due| due <= self.desk.now + LATENCY) {
            return;
        }
        for market in engine.catalogue() {
            let held = engine.positions().get(market.id).map(Position::signed_quantity).unwrap_or_default();
            assert_eq!(held, self.venue.position(market.id), "{}", market.spec.ticker);
        }
        assert_eq!(engine.ledger().cash(), self.venue.cash());
    }

    /// Ends the run and waits for the last answers.
    fn finish(&mut self) {
        self.take(&Event::Operator(Operator::Shutdown));
        while let Some(due) = self.venue.next_due() {
            self.desk.now = self.desk.now.max(due);
            self.hear_venue();
        }
        assert_eq!(self.desk.engine.orders().working().count(), 0, "nothing is left at the venue");
        self.check_account();
    }
}

fn records_of(setup: Setup, happenings: &[Happening]) -> Vec<Record> {
    let mut world = World::new(setup);
    for happening in happenings {
        world.happen(happening);
        world.check_account();
    }
    world.finish();
    world.desk.records
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn whatever_happens_the_books_close_and_the_limits_hold(setup in setups(), happenings in happenings()) {
        let records = records_of(setup.clone(), &happenings);
        prop_assert!(records == records_of(setup, &happenings), "the same events give the same records");
    }
}
