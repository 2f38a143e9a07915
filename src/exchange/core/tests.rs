use super::*;
use crate::engine::{Event, event::Stamp};
use crate::fees::{BalancePrecision, FeeKind, FeeSchedule};
use crate::market::{Level, PriceGrid};
use crate::units::Rounding;
use std::time::Duration;

mod cash;
mod groups;
mod lifecycle;
mod matching;
mod properties;
mod public;
mod refusals;
mod source;

const TICKER: &str = "KXDEMO-26DEC01-T50";
const EVENT: &str = "KXDEMO-26DEC01";

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn contracts(count: i64) -> Quantity {
    Quantity::from_contracts(count)
}

fn dollars(text: &str) -> Money {
    text.parse().unwrap()
}

/// Milliseconds into the run.
fn ms(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + millis)
}

fn levels(pairs: &[(&str, i64)]) -> Vec<Level> {
    pairs.iter().map(|&(at, size)| Level { price: price(at), size: contracts(size) }).collect()
}

/// A market that closes after an hour.
fn spec() -> MarketSpec {
    MarketSpec {
        ticker: TICKER.into(),
        event: EVENT.into(),
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

fn order(side: Side, at: &str, count: i64) -> NewOrder {
    NewOrder {
        ticker: TICKER.into(),
        side,
        price: price(at),
        quantity: contracts(count),
        standing: Standing::GoodTillCancelled { expires: None },
        self_trade: SelfTrade::TakerAtCross,
        client_order_id: None,
        post_only: false,
        reduce_only: false,
        cancel_on_pause: false,
        group: None,
        shard: None,
    }
}

fn bid(at: &str, count: i64) -> NewOrder {
    order(Side::Bid, at, count)
}

fn ask(at: &str, count: i64) -> NewOrder {
    order(Side::Ask, at, count)
}

fn immediate(order: NewOrder) -> NewOrder {
    NewOrder { standing: Standing::ImmediateOrCancel, ..order }
}

fn amendment(order: &NewOrder) -> Amendment {
    Amendment {
        ticker: order.ticker.clone(),
        side: order.side,
        price: order.price,
        quantity: order.quantity,
        client_order_id: None,
        new_client_order_id: None,
        expiry: Expiry::Keep,
    }
}

/// An exchange with one market and two accounts, and everything it has told.
struct House {
    exchange: Exchange,
    ann: AccountId,
    bob: AccountId,
    now: Timestamp,
    told: Vec<Happening>,
}

impl House {
    /// Nobody stands in the market; both accounts hold 1,000 dollars.
    fn empty() -> Self {
        Self::with_spec(spec())
    }

    fn with_spec(spec: MarketSpec) -> Self {
        let mut exchange = Exchange::new(ExchangeSettings {
            precision: BalancePrecision::Direct,
            settlement_timer: Duration::from_mins(1),
        });
        let cash = [(0, Money::from_dollars(1_000)), (2, Money::from_dollars(5))];
        let (ann, bob) = (exchange.open_account(&cash), exchange.open_account(&cash));
        exchange.list(ms(0), spec);
        Self { exchange, ann, bob, now: ms(0), told: Vec::new() }
    }

    /// The public bids 30 at 0.60 and 20 at 0.59, asks 10 at 0.62 and 20 at 0.63.
    fn open() -> Self {
        let mut house = Self::empty();
        house.snapshot(&[("0.60", 30), ("0.59", 20)], &[("0.62", 10), ("0.63", 20)]);
        house
    }

    fn follow(&mut self, event: &Event<'_>) {
        self.exchange.follow(self.now, event);
    }

    fn snapshot(&mut self, bids: &[(&str, i64)], asks: &[(&str, i64)]) {
        let (bids, asks) = (levels(bids), levels(asks));
        self.follow(&Event::Snapshot { ticker: TICKER, stamp: Stamp::default(), bids: &bids, asks: &asks });
    }

    fn delta(&mut self, side: Side, at: &str, change: i64) {
        let stamp = Stamp::default();
        self.follow(&Event::Delta {
            ticker: TICKER,
            stamp,
            side,
            price: price(at),
            change: contracts(change),
        });
    }

    fn print(&mut self, taker: Side, at: &str, count: i64) {
        self.follow(&Event::Print {
            ticker: TICKER,
            stamp: Stamp::default(),
            price: price(at),
            quantity: contracts(count),
            taker,
            is_block: false,
        });
    }

    fn try_place(&mut self, account: AccountId, order: NewOrder) -> Result<Placed, Refusal> {
        self.exchange.place(self.now, account, order)
    }

    fn place(&mut self, account: AccountId, order: NewOrder) -> Placed {
        self.try_place(account, order).unwrap()
    }

    /// Places an order that rests whole.
    fn rest(&mut self, account: AccountId, order: NewOrder) -> OrderKey {
        let placed = self.place(account, order);
        assert!(placed.filled.is_zero());
        placed.order
    }

    fn wait(&mut self, time: Duration) {
        self.now = self.now + time;
        self.exchange.advance(self.now);
    }

    fn size(&self, side: Side, at: &str) -> Quantity {
        self.exchange.book(TICKER).unwrap().size_at(side, price(at))
    }

    fn view(&self, key: OrderKey) -> &OrderView {
        self.exchange.order(key).unwrap()
    }

    fn held(&self, account: AccountId) -> Quantity {
        let mut positions = self.exchange.positions(account);
        positions.find(|position| &*position.ticker == TICKER).map_or(Quantity::ZERO, |held| held.quantity)
    }

    fn free(&self, account: AccountId) -> Money {
        self.exchange.cash(account, 0) - self.exchange.reserved(account, 0)
    }

    /// What was told since the last look.
    fn news(&mut self) -> Vec<Happening> {
        let mut news = Vec::new();
        self.exchange.drain(&mut news);
        self.told.extend(news.iter().cloned());
        news
    }

    /// The news in few words.
    fn words(&mut self) -> Vec<String> {
        self.news().iter().map(word).collect()
    }
}

fn word(happening: &Happening) -> String {
    match happening {
        Happening::Book { side, price, change, owner, .. } => {
            let owner = owner.as_ref().map_or("public".to_owned(), |(account, _)| account.0.to_string());
            format!("book {} {price} {change} {owner}", side.as_str())
        }
        Happening::Print(print) => {
            format!("print {} {} {}", print.taker.as_str(), print.price, print.quantity)
        }
        Happening::Fill(fill) => {
            let role = if fill.is_taker { "taker" } else { "maker" };
            format!("fill {} {role} {} {}", fill.account.0, fill.price, fill.quantity)
        }
        Happening::Order(view) => {
            format!("order {} {:?} {}", view.account.0, view.status, view.remaining)
        }
        Happening::Position { account, position } => format!("position {} {}", account.0, position.quantity),
        Happening::Group { change, .. } => format!("group {change}"),
        Happening::Listed { .. } => "listed".into(),
        Happening::Status { status, .. } => format!("status {status:?}"),
        Happening::CloseMoved { .. } => "close moved".into(),
        Happening::GridChanged { .. } => "grid changed".into(),
        Happening::Determined { resolution, .. } => format!("determined {}", resolution.as_str()),
        Happening::Settled { .. } => "settled".into(),
    }
}
