//! A whole exchange without a clock, a socket or a thread: it is told what time it is and what is asked of it, and
//! leaves in order what happened. The server puts REST and WebSocket before it; fault simulation calls it directly.
//!
//! Every call that takes the time first does what was due by then (`lifecycle`), so nothing depends on how often
//! [`Exchange::advance`] is called, and the clock never runs backwards. There is no chance and no float in it, and maps
//! are ordered wherever their order shows: the same calls give the same answers, byte for byte.
//!
//! | room | holds |
//! |---|---|
//! | `floor` | one market's book and the queues at prices where accounts stand |
//! | `matching` | orders that meet, and what a trade does to order, position and cash |
//! | `orders` | placing, cancelling, amending, and every reason to refuse |
//! | `amend` | resting orders changed |
//! | `account` | cash, what resting orders reserve of it, positions |
//! | `public` | the flow of a generated or recorded source |
//! | `groups` | the brake on contracts matched in 15 seconds |
//! | `lifecycle` | listing, opening, closing, results and payouts |
//! | `faults` | pauses, early closes and changes of the grid |
//! | `reads` | what can be asked without changing anything |

mod account;
mod amend;
mod faults;
mod floor;
mod groups;
mod lifecycle;
mod matching;
mod orders;
mod public;
mod reads;
mod types;

pub use types::*;

use crate::fees::OrderFees;
use crate::market::{Book, MarketSpec, MarketStatus, Resolution, Side};
use crate::units::{Money, Price, Quantity, Timestamp};
use account::Account;
use floor::Floor;
use foldhash::fast::RandomState;
use groups::Group;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The exchange: its markets, its accounts, and what it has not told yet.
#[derive(Debug)]
pub struct Exchange {
    settings: ExchangeSettings,
    /// The latest instant it has been told of.
    clock: Timestamp,
    markets: Vec<Listing>,
    by_ticker: HashMap<Arc<str>, usize, RandomState>,
    /// The markets of each event.
    by_event: HashMap<Arc<str>, Vec<usize>, RandomState>,
    accounts: Vec<Account>,
    /// All orders ever; an order's key is its place.
    orders: Vec<Ticket>,
    /// Those that rest.
    resting: BTreeSet<OrderKey>,
    groups: BTreeMap<GroupKey, Group>,
    groups_made: u64,
    trades: u64,
    dues: BTreeSet<(Timestamp, Due)>,
    /// What holds on shards without a word of their own.
    pause: Pause,
    pauses: BTreeMap<u8, Pause>,
    happenings: Vec<Happening>,
    /// What is shown of a market that nothing came for yet.
    empty_book: Book,
}

/// A market. One that nothing came for has no floor.
#[derive(Debug)]
struct Listing {
    ticker: Arc<str>,
    event: Arc<str>,
    spec: MarketSpec,
    listed: Timestamp,
    updated: Timestamp,
    last: Option<Price>,
    /// Contracts that accounts hold, by outcome.
    held: [Quantity; 2],
    resolution: Option<Resolution>,
    settled: Option<Timestamp>,
    floor: Option<Box<Floor>>,
}

/// An order and what only the exchange knows of it.
#[derive(Debug)]
struct Ticket {
    view: OrderView,
    market: usize,
    fees: OrderFees,
}

/// What happens by itself at some time. Of things due at one instant an earlier kind goes first. An entry may have become
/// void: each is checked when its time comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// An order's expiry.
    Expiry(OrderKey),
    /// A market's close.
    Close(usize),
    /// What rested at the close is taken off.
    Sweep(usize),
    /// A determined market pays.
    Payout(usize),
    /// A market's opening.
    Open(usize),
}

/// What is paused.
#[derive(Debug, Clone, Copy, Default)]
struct Pause {
    trading: bool,
    exchange: bool,
}

impl Exchange {
    /// An exchange without markets and accounts.
    pub fn new(settings: ExchangeSettings) -> Self {
        Self {
            settings,
            clock: Timestamp::EPOCH,
            markets: Vec::new(),
            by_ticker: HashMap::default(),
            by_event: HashMap::default(),
            accounts: Vec::new(),
            orders: Vec::new(),
            resting: BTreeSet::new(),
            groups: BTreeMap::new(),
            groups_made: 0,
            trades: 0,
            dues: BTreeSet::new(),
            pause: Pause::default(),
            pauses: BTreeMap::new(),
            happenings: Vec::new(),
            empty_book: floor::empty_book(),
        }
    }

    /// A new account with cash by shard; shards not named hold nothing.
    pub fn open_account(&mut self, cash_by_shard: &[(u8, Money)]) -> AccountId {
        let id = AccountId(u32::try_from(self.accounts.len()).unwrap_or(u32::MAX));
        self.accounts.push(Account::new(cash_by_shard));
        id
    }

    /// Moves what has happened since the last call to the end of `out`, in order.
    pub fn drain(&mut self, out: &mut Vec<Happening>) {
        out.append(&mut self.happenings);
    }

    fn tell(&mut self, happening: Happening) {
        self.happenings.push(happening);
    }

    fn find(&self, ticker: &str) -> Option<usize> {
        self.by_ticker.get(ticker).copied()
    }

    fn ticket(&self, key: OrderKey) -> &Ticket {
        &self.orders[place(key)]
    }

    fn ticket_mut(&mut self, key: OrderKey) -> &mut Ticket {
        &mut self.orders[place(key)]
    }

    fn account(&self, id: AccountId) -> &Account {
        &self.accounts[id.0 as usize]
    }

    fn account_mut(&mut self, id: AccountId) -> &mut Account {
        &mut self.accounts[id.0 as usize]
    }

    /// A market's floor, made when first needed.
    fn floor(&mut self, market: usize) -> &mut Floor {
        self.markets[market].floor.get_or_insert_with(Box::default)
    }

    fn pause_of(&self, shard: u8) -> Pause {
        self.pauses.get(&shard).copied().unwrap_or(self.pause)
    }

    /// Whether orders can meet in a market now.
    fn may_match(&self, market: usize) -> bool {
        let spec = &self.markets[market].spec;
        spec.status == MarketStatus::Active && self.is_trading(spec.shard)
    }

    /// Tells of a level that has changed.
    fn tell_book(
        &mut self,
        market: usize,
        side: Side,
        price: Price,
        change: Quantity,
        order: Option<OrderKey>,
    ) {
        let owner = order.map(|key| {
            let view = &self.ticket(key).view;
            (view.account, view.request.client_order_id.clone())
        });
        let ticker = Arc::clone(&self.markets[market].ticker);
        self.tell(Happening::Book { ticker, side, price, change, owner });
    }

    /// Tells where an order stands now.
    fn tell_order(&mut self, key: OrderKey) {
        let view = self.ticket(key).view.clone();
        self.tell(Happening::Order(view));
    }
}

/// Where an order is kept.
fn place(key: OrderKey) -> usize {
    usize::try_from(key.0).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
