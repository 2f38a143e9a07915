//! One WebSocket's conversation: commands in, acknowledgements and snapshots out, and what it follows (api section 7).
//!
//! A session has one subscription a channel; a second `subscribe` adds its markets to the first. Numbers count a
//! subscription's frames: acknowledgements and errors on every channel, and what it carries where [`Channel::is_numbered`].
//! Nothing here waits or does I/O: frames go to the [`Outbox`].

mod command;

use super::faults::is_due;
use super::outbox::Outbox;
use crate::kalshi::ws::encode;
use crate::kalshi::ws::message::{Snapshot, Ticker};
use crate::units::{Price, Quantity, Timestamp};
use command::Command;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

/// Most markets of a session.
const MOST_MARKETS: usize = 500_000;

/// What a session can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Channel {
    Book,
    Ticker,
    Trade,
    Fill,
    UserOrders,
    Positions,
    Groups,
    Lifecycle,
    /// Combos, of which there are none here.
    Combos,
    /// Requests for quotes, of which there are none here.
    Communications,
}

impl Channel {
    const ALL: [Self; 10] = [
        Self::Book,
        Self::Ticker,
        Self::Trade,
        Self::Fill,
        Self::UserOrders,
        Self::Positions,
        Self::Groups,
        Self::Lifecycle,
        Self::Combos,
        Self::Communications,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Book => "orderbook_delta",
            Self::Ticker => "ticker",
            Self::Trade => "trade",
            Self::Fill => "fill",
            Self::UserOrders => "user_orders",
            Self::Positions => "market_positions",
            Self::Groups => "order_group_updates",
            Self::Lifecycle => "market_lifecycle_v2",
            Self::Combos => "multivariate_market_lifecycle",
            Self::Communications => "communications",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// Whether what it carries is numbered.
    const fn is_numbered(self) -> bool {
        !matches!(self, Self::Ticker | Self::Fill | Self::UserOrders | Self::Positions)
    }

    /// Whether it can be narrowed to markets.
    const fn takes_markets(self) -> bool {
        !matches!(self, Self::Groups | Self::Lifecycle | Self::Combos | Self::Communications)
    }
}

/// What a session asks about markets.
pub(super) trait Board {
    /// Appends a book: bids for YES at YES prices and bids for NO at NO prices, best last. Nothing for a market that
    /// isn't known.
    fn levels(&self, ticker: &str, yes: &mut Vec<(Price, Quantity)>, no: &mut Vec<(Price, Quantity)>);

    /// A market's running figures.
    fn figures<'a>(&'a self, ticker: &'a str, now: Timestamp) -> Option<Ticker<'a>>;
}

/// Which markets a subscription follows.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Markets {
    All,
    These(HashSet<Arc<str>>),
}

impl Markets {
    fn contains(&self, ticker: Option<&str>) -> bool {
        match (self, ticker) {
            (Self::These(tickers), Some(ticker)) => tickers.contains(ticker),
            _ => true,
        }
    }
}

#[derive(Debug)]
struct Subscription {
    channel: Channel,
    sid: u32,
    seq: u64,
    markets: Markets,
    uses_yes_price: bool,
    skips_tickers: bool,
}

impl Subscription {
    fn next(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }
}

/// A payload in the two forms that a book subscription may ask for; other channels have one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payload<'a> {
    /// The usual one: side `no` at NO prices.
    pub(super) plain: &'a [u8],
    /// With side `no` at YES prices.
    pub(super) yes_price: &'a [u8],
}

impl<'a> Payload<'a> {
    pub(super) const fn one(payload: &'a [u8]) -> Self {
        Self { plain: payload, yes_price: payload }
    }
}

/// One connection's state.
#[derive(Debug)]
pub(super) struct Session {
    outbox: Arc<Outbox>,
    last_sid: u32,
    subscriptions: Vec<Subscription>,
    /// Numbered frames since a number was left out.
    since_gap: u32,
    yes: Vec<(Price, Quantity)>,
    no: Vec<(Price, Quantity)>,
}

/// Why a command can't be carried out: the exchange's number and words, and the market it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    code: u32,
    message: Cow<'static, str>,
    ticker: Option<String>,
}

impl Fault {
    const fn new(code: u32, message: &'static str) -> Self {
        Self { code, message: Cow::Borrowed(message), ticker: None }
    }
}

impl Session {
    pub(super) const fn new(outbox: Arc<Outbox>) -> Self {
        Self { outbox, last_sid: 0, subscriptions: Vec::new(), since_gap: 0, yes: Vec::new(), no: Vec::new() }
    }

    pub(super) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Carries out a command and answers it.
    pub(super) fn command(&mut self, text: &str, board: &dyn Board, now: Timestamp) {
        let (id, command) = command::read(text);
        let outcome = command.and_then(|command| match command {
            Command::Subscribe(wanted) => self.subscribe(id, &wanted, board, now),
            Command::Unsubscribe { sids } => self.unsubscribe(id, &sids),
            Command::Update(update) => self.update(id, &update, board, now),
            Command::List => {
                self.outbox.push(|out| {
                    let list = self.subscriptions.iter().map(|one| (one.channel.name(), one.sid));
                    encode::subscriptions(out, id, list);
                });
                Ok(())
            }
        });
        if let Err(fault) = outcome {
            self.refuse(id, &fault);
        }
    }

    fn refuse(&self, id: u64, fault: &Fault) {
        self.outbox.push(|out| {
            encode::error(out, Some(id), None, (fault.code, &fault.message), fault.ticker.as_deref());
        });
    }

    fn subscribe(
        &mut self,
        id: u64,
        wanted: &command::Subscribe,
        board: &dyn Board,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let followed: usize = self.subscriptions.iter().map(Subscription::count).sum();
        if followed + wanted.tickers.len() * wanted.channels.len() > MOST_MARKETS {
            return Err(Fault::new(26, "Subscription market limit exceeded"));
        }
        for name in &wanted.channels {
            let Some(channel) = Channel::named(name) else {
                self.refuse(id, &Fault::new(8, "Unknown channel name"));
                continue;
            };
            if channel == Channel::Book && wanted.tickers.is_empty() {
                self.refuse(id, &Fault::new(14, "Market Ticker required"));
                continue;
            }
            let (place, is_new) = self.open(id, channel, wanted);
            let added = self.subscriptions[place].add(&wanted.tickers);
            if !is_new {
                self.acknowledge(id, place);
            }
            self.greet(place, &added, wanted.sends_snapshot, board, now);
        }
        Ok(())
    }

    /// The channel's subscription: the one there is, or a new one, and whether it is new.
    fn open(&mut self, id: u64, channel: Channel, wanted: &command::Subscribe) -> (usize, bool) {
        if let Some(place) = self.subscriptions.iter().position(|one| one.channel == channel) {
            let one = &mut self.subscriptions[place];
            one.uses_yes_price = wanted.uses_yes_price.unwrap_or(one.uses_yes_price);
            if wanted.tickers.is_empty() || !channel.takes_markets() {
                one.markets = Markets::All;
            }
            return (place, false);
        }
        self.last_sid += 1;
        let sid = self.last_sid;
        let all = wanted.tickers.is_empty() || !channel.takes_markets();
        self.subscriptions.push(Subscription {
            channel,
            sid,
            seq: 0,
            markets: if all { Markets::All } else { Markets::These(HashSet::new()) },
            uses_yes_price: wanted.uses_yes_price.unwrap_or(false),
            skips_tickers: wanted.skips_tickers,
        });
        self.outbox.push(|out| encode::subscribed(out, id, channel.name(), sid));
        (self.subscriptions.len() - 1, true)
    }

    /// `ok` with the markets that the subscription has now.
    fn acknowledge(&mut self, id: u64, place: usize) {
        let one = &mut self.subscriptions[place];
        let (sid, seq) = (one.sid, one.next());
        match &one.markets {
            Markets::These(tickers) if !one.skips_tickers => {
                let mut tickers: Vec<&str> = tickers.iter().map(AsRef::as_ref).collect();
                tickers.sort_unstable();
                self.outbox.push(|out| encode::ok(out, id, sid, seq, &tickers));
            }
            _ => self.outbox.push(|out| encode::ok_short(out, id, sid, seq)),
        }
    }

    /// The first word on markets that joined a subscription.
    fn greet(
        &mut self,
        place: usize,
        added: &[Arc<str>],
        sends_snapshot: bool,
        board: &dyn Board,
        now: Timestamp,
    ) {
        match self.subscriptions[place].channel {
            Channel::Book => {
                for ticker in added {
                    self.snapshot(None, place, ticker, board);
                }
            }
            Channel::Ticker if sends_snapshot => {
                let sid = self.subscriptions[place].sid;
                for ticker in added {
                    if let Some(figures) = board.figures(ticker, now) {
                        self.outbox.push(|out| encode::ticker(out, sid, &figures));
                    }
                }
            }
            _ => {}
        }
    }

    fn snapshot(&mut self, id: Option<u64>, place: usize, ticker: &str, board: &dyn Board) {
        self.yes.clear();
        self.no.clear();
        board.levels(ticker, &mut self.yes, &mut self.no);
        let one = &mut self.subscriptions[place];
        if one.uses_yes_price {
            for (price, _) in &mut self.no {
                *price = price.complement();
            }
        }
        let (sid, seq) = (one.sid, one.next());
        let snapshot = Snapshot { ticker: Cow::Borrowed(ticker), yes: &self.yes, no: &self.no };
        self.outbox.push(|out| match id {
            Some(id) => encode::requested_snapshot(out, id, sid, seq, &snapshot),
            None => encode::snapshot(out, sid, seq, &snapshot),
        });
    }

    fn unsubscribe(&mut self, id: u64, sids: &[u32]) -> Result<(), Fault> {
        for sid in sids {
            let place = self.place(*sid)?;
            let mut one = self.subscriptions.remove(place);
            let seq = one.next();
            self.outbox.push(|out| encode::unsubscribed(out, id, *sid, seq));
        }
        Ok(())
    }

    fn place(&self, sid: u32) -> Result<usize, Fault> {
        let place = self.subscriptions.iter().position(|one| one.sid == sid);
        place.ok_or(Fault::new(7, "Unknown subscription ID"))
    }

    fn update(
        &mut self,
        id: u64,
        update: &command::Update,
        board: &dyn Board,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let place = self.place(update.sid)?;
        let outcome = self.updated(id, place, update, board, now);
        if let Err(fault) = outcome {
            // A fault of a subscription takes a number there.
            let one = &mut self.subscriptions[place];
            let at = Some((one.sid, one.next()));
            self.outbox.push(|out| {
                encode::error(out, Some(id), at, (fault.code, &fault.message), fault.ticker.as_deref());
            });
        }
        Ok(())
    }

    fn updated(
        &mut self,
        id: u64,
        place: usize,
        update: &command::Update,
        board: &dyn Board,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let one = &mut self.subscriptions[place];
        if !one.channel.takes_markets() {
            return Err(Fault::new(13, "Unsupported action"));
        }
        match update.action {
            command::Action::Add => {
                let added = one.add(&update.tickers);
                self.acknowledge(id, place);
                self.greet(place, &added, update.sends_snapshot, board, now);
            }
            command::Action::Delete => {
                if let Markets::These(tickers) = &mut one.markets {
                    for ticker in &update.tickers {
                        tickers.remove(ticker.as_str());
                    }
                }
                self.acknowledge(id, place);
            }
            command::Action::Snapshot => {
                if one.channel != Channel::Book {
                    return Err(Fault::new(13, "Unsupported action"));
                }
                if let Some(other) = update.tickers.iter().find(|ticker| !one.markets.contains(Some(ticker)))
                {
                    let message = Cow::Borrowed("Invalid parameter: the market isn't in the subscription");
                    return Err(Fault { code: 11, message, ticker: Some(other.clone()) });
                }
                for ticker in &update.tickers {
                    self.snapshot(Some(id), place, ticker, board);
                }
            }
        }
        Ok(())
    }

    /// Whether anything of a channel about a market goes to this session.
    pub(super) fn follows(&self, channel: Channel, ticker: Option<&str>) -> bool {
        self.subscriptions.iter().any(|one| one.channel == channel && one.markets.contains(ticker))
    }

    /// Sends a frame of type `kind` to whom the channel and the market concern. Every `skip_every`th numbered frame
    /// leaves a number out before it.
    pub(super) fn send(
        &mut self,
        channel: Channel,
        ticker: Option<&str>,
        kind: &str,
        payload: Payload<'_>,
        skip_every: u32,
    ) {
        let Some(place) = self.subscriptions.iter().position(|one| one.channel == channel) else { return };
        let one = &mut self.subscriptions[place];
        if !one.markets.contains(ticker) {
            return;
        }
        if self.outbox.overflows() {
            self.overflow(place);
            return;
        }
        let seq = channel.is_numbered().then(|| {
            if is_due(&mut self.since_gap, skip_every) {
                one.next();
            }
            one.next()
        });
        let payload = if one.uses_yes_price { payload.yes_price } else { payload.plain };
        let sid = one.sid;
        self.outbox.push(|out| encode::enveloped(out, kind, sid, seq, payload));
    }

    /// Ends a subscription whose client doesn't read.
    fn overflow(&mut self, place: usize) {
        let mut one = self.subscriptions.remove(place);
        let at = Some((one.sid, one.next()));
        self.outbox.push(|out| encode::error(out, None, at, (25, "Subscription buffer overflow"), None));
    }
}

impl Subscription {
    /// Adds markets; those that weren't followed before.
    fn add(&mut self, tickers: &[String]) -> Vec<Arc<str>> {
        let tickers = tickers.iter().map(|ticker| Arc::from(ticker.as_str()));
        match &mut self.markets {
            Markets::All => tickers.collect(),
            Markets::These(followed) => {
                tickers.filter(|ticker| followed.insert(Arc::clone(ticker))).collect()
            }
        }
    }

    fn count(&self) -> usize {
        match &self.markets {
            Markets::All => 0,
            Markets::These(tickers) => tickers.len(),
        }
    }
}

#[cfg(test)]
mod tests;
