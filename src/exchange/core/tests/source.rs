//! The exchange follows generated markets.

use super::*;
use crate::exchange::generated::{GeneratedMarkets, GeneratedSettings, Mix};
use crate::gateway::inbound::Inbound;
use crate::replay::source::{Item, Source};
use std::collections::BTreeMap;

/// The books as the source has them.
#[derive(Default)]
struct Mirror(BTreeMap<String, Book>);

impl Mirror {
    fn follow(&mut self, event: &Event<'_>) {
        match *event {
            Event::Snapshot { ticker, bids, asks, .. } => {
                self.0.entry(ticker.to_owned()).or_default().replace(bids, asks).unwrap();
            }
            Event::Delta { ticker, side, price, change, .. } => {
                self.0.get_mut(ticker).unwrap().apply(side, price, change).unwrap();
            }
            _ => {}
        }
    }
}

/// Quarter-hour markets through an exchange; `act` is called after each event, with the event's ticker where it has one.
fn follow(markets: usize, mut act: impl FnMut(&mut Exchange, Timestamp, Option<&str>)) -> (Exchange, Mirror) {
    let settings = GeneratedSettings {
        mix: Mix::QuarterHour,
        markets,
        duration: Duration::from_mins(4),
        ..GeneratedSettings::default()
    };
    let mut source = GeneratedMarkets::new(&settings);
    let mut inbound = Inbound::new(source.uses_yes_price());
    let mut mirror = Mirror::default();
    let mut exchange = Exchange::new(ExchangeSettings {
        precision: BalancePrecision::Direct,
        settlement_timer: Duration::from_secs(5),
    });
    exchange.open_account(&[(0, Money::from_dollars(10_000)), (2, Money::from_dollars(10_000))]);
    while let Some((at, item)) = source.next().unwrap() {
        let event = match item {
            Item::Frame(frame) => inbound.translate(frame).unwrap().event(),
            Item::Event(event) => Some(event),
        };
        let Some(event) = event else { continue };
        mirror.follow(&event);
        exchange.follow(at, &event);
        let ticker = match event {
            Event::Delta { ticker, .. } => Some(ticker),
            _ => None,
        };
        act(&mut exchange, at, ticker);
    }
    (exchange, mirror)
}

fn shown(book: &Book) -> Vec<Level> {
    book.levels(Side::Bid).chain(book.levels(Side::Ask)).collect()
}

#[test]
fn without_accounts_the_book_is_the_sources() {
    let mut happenings = Vec::new();
    let mut deltas = 0_usize;
    let (exchange, mirror) = follow(3, |exchange, _, ticker| {
        happenings.clear();
        exchange.drain(&mut happenings);
        if ticker.is_some() {
            deltas += 1;
            assert!(
                matches!(happenings[..], [Happening::Book { owner: None, .. }]),
                "a delta is one change: {happenings:?}"
            );
        }
    });
    assert!(deltas > 10_000, "{deltas}");
    for (ticker, book) in &mirror.0 {
        assert_eq!(shown(exchange.book(ticker).unwrap()), shown(book), "{ticker}");
    }
}

#[test]
fn an_account_that_quotes_trades_with_the_public_and_leaves_no_size_behind() {
    let ann = AccountId(0);
    let mut deltas = 0_usize;
    let (mut exchange, mirror) = follow(3, |exchange, now, ticker| {
        let Some(ticker) = ticker else { return };
        deltas += 1;
        let book = exchange.book(ticker).unwrap();
        book.check_crossed().unwrap();
        if !deltas.is_multiple_of(40) {
            return;
        }
        let (side, immediate) = if deltas.is_multiple_of(80) {
            (Side::Bid, deltas.is_multiple_of(400))
        } else {
            (Side::Ask, false)
        };
        let Some(touch) = book.best(if immediate { side.opposite() } else { side }) else { return };
        let standing = if immediate {
            Standing::ImmediateOrCancel
        } else {
            Standing::GoodTillCancelled { expires: Some(now + Duration::from_secs(3)) }
        };
        let request = NewOrder {
            ticker: ticker.to_owned(),
            price: touch.price,
            standing,
            self_trade: SelfTrade::Maker,
            ..order(side, "0.50", 7)
        };
        exchange.place(now, ann, request).unwrap();
    });
    let fills = exchange.fills(ann);
    let makers = fills.iter().filter(|fill| !fill.is_taker).count();
    assert!(makers > 50 && fills.len() - makers > 50, "{makers} of {} fills are makers'", fills.len());
    exchange.cancel_all(exchange.clock(), ann);
    for (ticker, book) in &mirror.0 {
        let ours = exchange.book(ticker).unwrap();
        for side in [Side::Bid, Side::Ask] {
            for level in ours.levels(side) {
                assert!(level.size <= book.size_at(side, level.price), "{ticker} {side:?} {level:?}");
            }
        }
    }
}
