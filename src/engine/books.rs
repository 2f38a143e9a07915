//! Market events: they keep the catalogue and its books, and every change of a book is a reason to look again.

use super::record::{FeedRecord, Record, SettlementRecord};
use super::{Command, Engine, Event, Outbox, Stamp};
use crate::market::book::BookState;
use crate::market::feed::Sequence;
use crate::market::{Book, BookFault, Market, MarketId, MarketStatus, Resolution};
use crate::units::Timestamp;

impl Engine {
    pub(super) fn on_market(&mut self, now: Timestamp, event: &Event<'_>, out: &mut Outbox) {
        if !matches!(event, Event::Disconnected | Event::Listed(_)) {
            self.feed.alive(now);
        }
        match *event {
            Event::Delta { ticker, stamp, side, price, change } => {
                self.change_book(now, ticker, stamp, out, |book| {
                    book.apply(side, price, change)?;
                    if change.is_positive() { book.check_crossed() } else { Ok(()) }
                });
            }
            Event::Snapshot { ticker, stamp, bids, asks } => {
                self.change_book(now, ticker, stamp, out, |book| book.replace(bids, asks));
            }
            Event::Print { stamp, .. } | Event::Sequence(stamp) => self.check_sequence(now, stamp, out),
            Event::Ticker { ticker, volume } => {
                self.update(ticker, |market| market.spec.volume = market.spec.volume.max(volume));
            }
            Event::Status { ticker, status } => self.update(ticker, |market| market.spec.status = status),
            Event::CloseMoved { ticker, close } => self.update(ticker, |market| market.spec.close = close),
            Event::GridChanged { ticker, grid } => {
                self.update(ticker, |market| market.spec.grid = grid.clone());
            }
            Event::FeesChanged { event, fees } => {
                for market in
                    self.catalogue.markets_mut().iter_mut().filter(|market| market.spec.event == event)
                {
                    market.spec.fees = fees;
                }
            }
            Event::Listed(spec) => {
                let id = self.catalogue.list(spec.clone());
                self.slots.list(id, spec, (self.rules)(spec));
            }
            Event::Determined { ticker, resolution } => self.on_determined(now, ticker, resolution, out),
            Event::Settled { ticker, resolution } => self.settle(now, ticker, resolution, out),
            Event::Connected => {
                self.feed.reset();
                record_feed(now, "connected", None, String::new(), out);
            }
            Event::Disconnected => self.disconnect(now, out),
            // That it came is all it says.
            Event::Heartbeat
            // Handled by `step` before market events.
            | Event::Order(_)
            | Event::Operator(_)
            | Event::Adopted(_)
            | Event::Purses(_)
            | Event::Hours { .. }
            | Event::Halt { .. }
            | Event::Exchange { .. }
            | Event::Timer
            | Event::DayStarted => {}
        }
        if let Event::Print { ticker, quantity, is_block: false, .. } = *event {
            self.update(ticker, |market| market.spec.volume += quantity);
        }
    }

    /// Checks the frame's number, changes the book, and looks at the market again if the change made sense.
    fn change_book(
        &mut self,
        now: Timestamp,
        ticker: &str,
        stamp: Stamp,
        out: &mut Outbox,
        change: impl FnOnce(&mut Book) -> Result<(), BookFault>,
    ) {
        self.check_sequence(now, stamp, out);
        let Some(id) = self.catalogue.find(ticker) else {
            self.feed.counts.unknown_tickers += 1;
            return;
        };
        let market = self.catalogue.get_mut(id);
        market.sid = Some(stamp.sid);
        market.last_update = Some(now);
        match change(&mut market.book) {
            Ok(()) => {
                self.feed.counts.applied += 1;
                self.look_again(now, id, out);
            }
            Err(BookFault::BeforeSnapshot) => self.feed.counts.before_snapshot += 1,
            Err(fault) => self.distrust(now, id, stamp.sid, fault, out),
        }
    }

    /// Judges every market once more, if trading has just become active: what was refused only because it stood still
    /// gets no second chance from a quiet book.
    pub(super) fn look_at_all(&mut self, now: Timestamp, out: &mut Outbox) {
        if !std::mem::take(&mut self.looks_at_all) {
            return;
        }
        for index in 0..self.catalogue.len() {
            self.look_again(now, MarketId(u32::try_from(index).unwrap_or(u32::MAX)), out);
        }
    }

    fn look_again(&mut self, now: Timestamp, id: MarketId, out: &mut Outbox) {
        if self.slot(id).plan.is_some() {
            self.manage(now, id, out);
        } else {
            self.consider_entry(now, id, out);
        }
    }

    fn distrust(&mut self, now: Timestamp, id: MarketId, sid: u32, fault: BookFault, out: &mut Outbox) {
        self.feed.counts.broken_books += 1;
        self.catalogue.get_mut(id).book.suspect();
        let word = match fault {
            BookFault::Crossed { .. } => "crossed_book",
            BookFault::Negative { .. } => "negative_level",
            BookFault::Level { .. } | BookFault::BeforeSnapshot => "impossible_level",
        };
        record_feed(now, word, Some(self.slot(id).name.clone()), fault.to_string(), out);
        self.resync(now, sid, out);
    }

    /// A hole in the numbers makes every book of the subscription suspect.
    fn check_sequence(&mut self, now: Timestamp, stamp: Stamp, out: &mut Outbox) {
        let Sequence::Broken { expected, got } = self.feed.check(stamp.sid, stamp.seq) else { return };
        for market in self.catalogue.markets_mut().iter_mut().filter(|market| market.sid == Some(stamp.sid)) {
            market.book.suspect();
        }
        let detail = format!("subscription {}: {expected} was due, {got} came", stamp.sid);
        record_feed(now, "gap", None, detail, out);
        self.resync(now, stamp.sid, out);
    }

    fn resync(&mut self, now: Timestamp, sid: u32, out: &mut Outbox) {
        if self.feed.should_resync(sid, now) {
            out.commands.push(Command::Resync { sid });
        }
    }

    /// Asks again for books that are still suspect. A market that is over gets no snapshot any more.
    pub(super) fn resync_suspects(&mut self, now: Timestamp, out: &mut Outbox) {
        for market in &self.catalogue {
            let is_over = now >= market.spec.close
                || matches!(
                    market.spec.status,
                    MarketStatus::Closed | MarketStatus::Determined | MarketStatus::Finalized
                );
            let is_suspect = market.book.state() == BookState::Suspect;
            let Some(sid) = market.sid.filter(|_| is_suspect && !is_over) else { continue };
            if self.feed.should_resync(sid, now) {
                out.commands.push(Command::Resync { sid });
            }
        }
    }

    fn disconnect(&mut self, now: Timestamp, out: &mut Outbox) {
        for market in self.catalogue.markets_mut() {
            market.book.suspect();
        }
        self.feed.reset();
        record_feed(now, "disconnected", None, String::new(), out);
    }

    fn update(&mut self, ticker: &str, change: impl FnOnce(&mut Market)) {
        match self.catalogue.find(ticker) {
            Some(id) => change(self.catalogue.get_mut(id)),
            None => self.feed.counts.unknown_tickers += 1,
        }
    }

    fn settle(&mut self, now: Timestamp, ticker: &str, resolution: Resolution, out: &mut Outbox) {
        let Some(id) = self.catalogue.find(ticker) else {
            self.feed.counts.unknown_tickers += 1;
            return;
        };
        let market = self.catalogue.get_mut(id);
        market.spec.status = MarketStatus::Determined;
        market.resolution = Some(resolution);
        self.learn_result(now, id, resolution, out);
        self.pay_out(now, id, resolution, out);
    }

    /// Pays out what is held of a market that resolved.
    pub(super) fn pay_out(&mut self, now: Timestamp, id: MarketId, resolution: Resolution, out: &mut Outbox) {
        let Some(settled) = self.positions.settle(id, resolution, now) else { return };
        self.ledger.settle(&settled);
        self.shard_cash.add(self.catalogue.get(id).spec.shard, settled.payout);
        out.records.push(Record::Settled(SettlementRecord {
            market: self.slot(id).name.clone(),
            result: resolution,
            quantity: settled.quantity,
            payout: settled.payout,
            time: now,
        }));
        self.close_trade(now, id, &settled.closed, super::record::ExitReason::Settlement, out);
        self.check_ledger(now, out);
    }
}

fn record_feed(
    time: Timestamp,
    fault: &'static str,
    market: Option<std::sync::Arc<str>>,
    detail: String,
    out: &mut Outbox,
) {
    out.records.push(Record::Feed(FeedRecord { time, fault, market, detail }));
}
