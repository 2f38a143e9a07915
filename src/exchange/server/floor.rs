//! Everything that one lock guards: the exchange, the sessions that watch it, the markets in which nothing happens,
//! and what the API tells of markets beyond what the exchange keeps.

use super::history::Quotes;
use super::quiet::QuietMarkets;
use super::session::Board;
use super::sessions::{FrameFaults, Sessions, last_size};
use super::wire;
use crate::engine::{Event, Stamp};
use crate::exchange::core::{AccountId, Exchange, Happening};
use crate::fees::FeeSchedule;
use crate::kalshi::ws::message::{EventFees, Ticker};
use crate::market::Side;
use crate::market::book::BookState;
use crate::units::{Price, Quantity, Ratio, Timestamp};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// The exchange and who watches it.
#[derive(Debug)]
pub(super) struct Floor {
    pub(super) exchange: Exchange,
    pub(super) account: AccountId,
    pub(super) sessions: Sessions,
    pub(super) quiet: QuietMarkets,
    pub(super) directory: Directory,
    pub(super) quotes: Quotes,
    happenings: Vec<Happening>,
}

/// Events and series in the order of their first listing.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) tickers: Vec<Arc<str>>,
    pub(super) events: Vec<EventEntry>,
    event_places: HashMap<String, usize>,
    pub(super) series: Vec<SeriesEntry>,
    series_places: HashMap<String, usize>,
}

/// An event and its markets.
#[derive(Debug)]
pub(super) struct EventEntry {
    pub(super) ticker: String,
    pub(super) series: String,
    pub(super) markets: Vec<Arc<str>>,
}

/// A series and what its first market said of it.
#[derive(Debug)]
pub(super) struct SeriesEntry {
    pub(super) ticker: String,
    pub(super) category: String,
    pub(super) title: String,
    pub(super) fees: FeeSchedule,
    pub(super) shard: u8,
}

impl Directory {
    pub(super) fn event(&self, ticker: &str) -> Option<&EventEntry> {
        self.event_places.get(ticker).map(|place| &self.events[*place])
    }

    pub(super) fn series(&self, ticker: &str) -> Option<&SeriesEntry> {
        self.series_places.get(ticker).map(|place| &self.series[*place])
    }

    fn add(&mut self, ticker: &Arc<str>, exchange: &Exchange) {
        let Some(spec) = exchange.market(ticker).map(|view| view.spec) else { return };
        let place = *self.event_places.entry(spec.event.clone()).or_insert_with(|| {
            let (ticker, series) = (spec.event.clone(), spec.series.clone());
            self.events.push(EventEntry { ticker, series, markets: Vec::new() });
            self.events.len() - 1
        });
        let event = &mut self.events[place];
        if event.markets.contains(ticker) {
            return;
        }
        event.markets.push(Arc::clone(ticker));
        self.tickers.push(Arc::clone(ticker));
        self.series_places.entry(spec.series.clone()).or_insert_with(|| {
            self.series.push(SeriesEntry {
                ticker: spec.series.clone(),
                category: spec.category.clone(),
                title: spec.title.split(" on ").next().unwrap_or_default().to_owned(),
                fees: spec.fees,
                shard: spec.shard,
            });
            self.series.len() - 1
        });
    }
}

impl Floor {
    pub(super) fn new(exchange: Exchange, account: AccountId, quiet: QuietMarkets) -> Self {
        Self {
            exchange,
            account,
            sessions: Sessions::default(),
            quiet,
            directory: Directory::default(),
            quotes: Quotes::default(),
            happenings: Vec::new(),
        }
    }

    /// Tells the sessions what has happened since the last time.
    pub(super) fn publish(&mut self, now: Timestamp, faults: FrameFaults) {
        self.exchange.drain(&mut self.happenings);
        for happening in &self.happenings {
            if let Happening::Listed { ticker } = happening {
                self.directory.add(ticker, &self.exchange);
            }
        }
        self.sessions.publish(&self.happenings, &self.exchange, now, faults);
        self.happenings.clear();
    }

    /// Follows one event of a source.
    pub(super) fn follow(&mut self, now: Timestamp, event: &Event<'_>, faults: FrameFaults) {
        self.exchange.follow(now, event);
        self.publish(now, faults);
        if let Event::FeesChanged { event, fees } = event {
            let fees = EventFees {
                event: Cow::Borrowed(event),
                fee_type: Some(Cow::Borrowed(wire::fee_type(fees.kind))),
                multiplier: Some(Ratio::from_raw(i64::from(fees.multiplier_ppm))),
            };
            self.sessions.event_fees(&fees, faults.skip_every);
        }
    }

    /// Carries out a session's command.
    pub(super) fn command(&mut self, session: u64, text: &str, now: Timestamp) {
        let board = Shown { exchange: &self.exchange, quiet: &self.quiet };
        self.sessions.command(session, text, &board, now);
    }

    /// Hands a quiet market to the exchange, where it can be traded. Its book is known to whoever follows it, so
    /// nothing is told.
    pub(super) fn wake(&mut self, now: Timestamp, ticker: &str) {
        if self.exchange.market(ticker).is_some() {
            return;
        }
        let Some(number) = self.quiet.find(ticker) else { return };
        let market = self.quiet.market(number);
        self.exchange.list(now, market.spec);
        let snapshot =
            Event::Snapshot { ticker, stamp: Stamp::default(), bids: &market.bids, asks: &market.asks };
        self.exchange.follow(now, &snapshot);
        self.exchange.drain(&mut self.happenings);
        self.happenings.clear();
    }

    /// What is shown of books.
    pub(super) const fn shown(&self) -> Shown<'_> {
        Shown { exchange: &self.exchange, quiet: &self.quiet }
    }
}

/// Books of the exchange and of the quiet markets alike.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    exchange: &'a Exchange,
    quiet: &'a QuietMarkets,
}

impl Board for Shown<'_> {
    fn levels(&self, ticker: &str, yes: &mut Vec<(Price, Quantity)>, no: &mut Vec<(Price, Quantity)>) {
        if let Some(book) = self.exchange.book(ticker) {
            if book.state() != BookState::Awaiting {
                yes.extend(book.levels(Side::Bid).map(|level| (level.price, level.size)));
                no.extend(book.levels(Side::Ask).map(|level| (level.price.complement(), level.size)));
            }
        } else if let Some(number) = self.quiet.find(ticker) {
            let market = self.quiet.market(number);
            yes.extend(market.bids.map(|level| (level.price, level.size)));
            no.extend(market.asks.map(|level| (level.price.complement(), level.size)));
        }
        yes.reverse();
        no.reverse();
    }

    fn figures<'a>(&'a self, ticker: &'a str, now: Timestamp) -> Option<Ticker<'a>> {
        let view = self.exchange.market(ticker)?;
        Some(wire::figures(&view, last_size(self.exchange, ticker), now))
    }
}
