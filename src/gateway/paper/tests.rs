use super::*;
use crate::engine::Stamp;
use crate::execution::{Fill, Purpose};
use crate::fees::FeeSchedule;
use crate::market::{Level, MarketSpec, PriceGrid};

pub(super) const LATENCY: Duration = Duration::from_millis(50);
pub(super) const TICKER: &str = "KXDEMO-26DEC01-T50";

pub(super) fn price(text: &str) -> Price {
    text.parse().unwrap()
}

pub(super) fn contracts(count: i64) -> Quantity {
    Quantity::from_contracts(count)
}

/// Milliseconds into the run.
pub(super) fn ms(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + millis)
}

pub(super) fn levels(pairs: &[(&str, i64)]) -> Vec<Level> {
    pairs.iter().map(|&(at, size)| Level { price: price(at), size: contracts(size) }).collect()
}

pub(super) fn spec() -> MarketSpec {
    MarketSpec {
        ticker: TICKER.into(),
        event: "KXDEMO-26DEC01".into(),
        series: "KXDEMO".into(),
        category: "Demo".into(),
        title: "Demo".into(),
        open: ms(0),
        close: ms(3_600_000),
        grid: PriceGrid::cents(),
        fees: FeeSchedule { kind: FeeKind::QuadraticWithMakerFees, multiplier_ppm: 1_000_000 },
        status: MarketStatus::Active,
        volume: Quantity::ZERO,
        shard: 0,
    }
}

/// A venue, the books it matches against, and everything it has said.
pub(super) struct Floor {
    pub(super) venue: PaperVenue,
    pub(super) catalogue: Catalogue,
    pub(super) market: MarketId,
    pub(super) told: Vec<OrderUpdate>,
    orders: u64,
}

impl Floor {
    /// Bids 30 at 0.60 and 20 at 0.59, asks 10 at 0.62 and 20 at 0.63.
    pub(super) fn open() -> Self {
        let mut floor = Self::with_spec(spec());
        floor.snapshot(ms(0), &[("0.60", 30), ("0.59", 20)], &[("0.62", 10), ("0.63", 20)]);
        floor
    }

    pub(super) fn with_spec(spec: MarketSpec) -> Self {
        let mut catalogue = Catalogue::default();
        let market = catalogue.list(spec);
        let settings = PaperSettings {
            latency: LATENCY,
            starting_cash: Money::from_dollars(1_000),
            precision: BalancePrecision::Direct,
        };
        Self { venue: PaperVenue::new(settings), catalogue, market, told: Vec::new(), orders: 0 }
    }

    pub(super) fn snapshot(&mut self, at: Timestamp, bids: &[(&str, i64)], asks: &[(&str, i64)]) {
        self.advance(at);
        let (bids, asks) = (levels(bids), levels(asks));
        self.catalogue.get_mut(self.market).book.replace(&bids, &asks).unwrap();
        self.see(at, &Event::Snapshot { ticker: TICKER, stamp: Stamp::default(), bids: &bids, asks: &asks });
    }

    pub(super) fn delta(&mut self, at: Timestamp, side: Side, level: Price, change: Quantity) {
        self.advance(at);
        self.catalogue.get_mut(self.market).book.apply(side, level, change).unwrap();
        let stamp = Stamp::default();
        self.see(at, &Event::Delta { ticker: TICKER, stamp, side, price: level, change });
    }

    pub(super) fn print(&mut self, at: Timestamp, taker: Side, price: Price, quantity: Quantity) {
        self.advance(at);
        let stamp = Stamp::default();
        let event = Event::Print { ticker: TICKER, stamp, price, quantity, taker, is_block: false };
        self.see(at, &event);
    }

    pub(super) fn status(&mut self, at: Timestamp, status: MarketStatus) {
        self.advance(at);
        self.catalogue.get_mut(self.market).spec.status = status;
        self.see(at, &Event::Status { ticker: TICKER, status });
    }

    pub(super) fn see(&mut self, at: Timestamp, event: &Event<'_>) {
        self.venue.observe(at, event, &self.catalogue);
    }

    pub(super) fn advance(&mut self, at: Timestamp) {
        self.venue.advance(at, &self.catalogue, &mut self.told);
    }

    /// An order good till cancelled, to be changed before it is sent.
    pub(super) fn order(&mut self, side: Side, at: &str, count: i64) -> OrderRequest {
        self.orders += 1;
        OrderRequest {
            id: OrderId(self.orders),
            market: self.market,
            side,
            price: price(at),
            quantity: contracts(count),
            time_in_force: TimeInForce::GoodTillCancelled { expires: None },
            post_only: false,
            reduce_only: false,
            purpose: Purpose::Entry,
        }
    }

    pub(super) fn send(&mut self, at: Timestamp, request: OrderRequest) -> OrderId {
        let id = request.id;
        self.venue.submit(at, &Command::Place(request), &self.catalogue);
        id
    }

    fn rest(&mut self, at: Timestamp, side: Side, limit: &str, count: i64) -> OrderId {
        let request = OrderRequest { post_only: true, ..self.order(side, limit, count) };
        self.send(at, request)
    }

    fn take(&mut self, at: Timestamp, side: Side, limit: &str, count: i64) -> OrderId {
        let time_in_force = TimeInForce::ImmediateOrCancel;
        let request = OrderRequest { time_in_force, ..self.order(side, limit, count) };
        self.send(at, request)
    }

    fn reduce(&mut self, at: Timestamp, side: Side, limit: &str, count: i64) -> OrderId {
        let time_in_force = TimeInForce::ImmediateOrCancel;
        let request = OrderRequest { time_in_force, reduce_only: true, ..self.order(side, limit, count) };
        self.send(at, request)
    }

    fn cancel(&mut self, at: Timestamp, order: OrderId) {
        self.venue.submit(at, &Command::Cancel { order }, &self.catalogue);
    }

    pub(super) fn fills(&self) -> Vec<&Fill> {
        self.told
            .iter()
            .filter_map(|update| match update {
                OrderUpdate::Filled(fill) => Some(fill),
                _ => None,
            })
            .collect()
    }

    /// What was filled: price and whole contracts of each fill.
    fn traded(&self) -> Vec<(Price, Quantity)> {
        self.fills().iter().map(|fill| (fill.price, fill.quantity)).collect()
    }

    /// The latest thing said by `at`.
    fn last_word(&mut self, at: Timestamp) -> Option<&OrderUpdate> {
        self.advance(at);
        self.told.last()
    }
}

fn rejected(order: OrderId, reason: RejectReason) -> OrderUpdate {
    OrderUpdate::Rejected { order, reason }
}

fn cancelled(order: OrderId, reason: CancelReason) -> OrderUpdate {
    OrderUpdate::Cancelled { order, reason }
}

mod account;
mod arrival;
mod makers;
mod takers;
