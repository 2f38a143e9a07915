//! What can be asked of the exchange without changing anything. Lists are oldest first.

use super::{
    AccountId, Exchange, FillView, Listing, MarketView, OrderKey, OrderStatus, OrderView, PositionView,
    PrintView, SettlementView,
};
use crate::market::{Book, Side};
use crate::units::{Money, Quantity, Timestamp};

impl Exchange {
    /// The latest instant that the exchange has been told of.
    pub const fn clock(&self) -> Timestamp {
        self.clock
    }

    /// A market as it stands.
    pub fn market(&self, ticker: &str) -> Option<MarketView<'_>> {
        Some(self.markets[self.find(ticker)?].view())
    }

    /// All markets, in the order of listing.
    pub fn markets(&self) -> impl DoubleEndedIterator<Item = MarketView<'_>> {
        self.markets.iter().map(Listing::view)
    }

    /// A market's book, empty before anything came; `None` for an unknown ticker.
    pub fn book(&self, ticker: &str) -> Option<&Book> {
        let listing = &self.markets[self.find(ticker)?];
        Some(listing.floor.as_ref().map_or(&self.empty_book, |floor| floor.book()))
    }

    /// An order, ended ones too.
    pub fn order(&self, key: OrderKey) -> Option<&OrderView> {
        self.orders.get(super::place(key)).map(|ticket| &ticket.view)
    }

    /// The account's order with this client id.
    pub fn order_by_client_id(&self, account: AccountId, client_order_id: &str) -> Option<&OrderView> {
        self.order(*self.account(account).client_ids.get(client_order_id)?)
    }

    /// All orders the account ever placed.
    pub fn orders(&self, account: AccountId) -> impl DoubleEndedIterator<Item = &OrderView> {
        self.account(account).orders.iter().map(|key| &self.ticket(*key).view)
    }

    /// All the account's fills.
    pub fn fills(&self, account: AccountId) -> &[FillView] {
        &self.account(account).fills
    }

    /// The account's positions in the order in which their markets were listed; those that were sold or paid out stay, with
    /// nothing held.
    pub fn positions(&self, account: AccountId) -> impl DoubleEndedIterator<Item = &PositionView> {
        self.account(account).positions.values()
    }

    /// What markets have paid the account.
    pub fn settlements(&self, account: AccountId) -> &[SettlementView] {
        &self.account(account).settlements
    }

    /// All the account's cash on a shard, what resting orders reserve included.
    pub fn cash(&self, account: AccountId, shard: u8) -> Money {
        self.account(account).cash(shard)
    }

    /// What the account's resting orders reserve of its cash on a shard.
    pub fn reserved(&self, account: AccountId, shard: u8) -> Money {
        self.account(account).reserved(shard)
    }

    /// The shards on which the account has or had cash, and the cash there, ascending.
    pub fn shards(&self, account: AccountId) -> impl Iterator<Item = (u8, Money)> {
        self.account(account).cash.iter().map(|(shard, cash)| (*shard, *cash))
    }

    /// A market's last thousand trades.
    pub fn prints(&self, ticker: &str) -> impl DoubleEndedIterator<Item = &PrintView> {
        let floor = self.find(ticker).and_then(|market| self.markets[market].floor.as_ref());
        floor.into_iter().flat_map(|floor| floor.prints())
    }

    /// Contracts that stand before a resting order at its price.
    pub fn queue_ahead(&self, key: OrderKey) -> Option<Quantity> {
        let ticket = self.orders.get(super::place(key))?;
        if ticket.view.status != OrderStatus::Resting {
            return None;
        }
        let floor = self.markets[ticket.market].floor.as_ref()?;
        floor.ahead_of(ticket.view.request.side, ticket.view.request.price, key)
    }
}

impl Listing {
    fn view(&self) -> MarketView<'_> {
        let best = |side: Side| self.floor.as_ref().and_then(|floor| floor.book().best(side));
        MarketView {
            spec: &self.spec,
            listed: self.listed,
            updated: self.updated,
            bid: best(Side::Bid),
            ask: best(Side::Ask),
            last: self.last,
            open_interest: self.held[0].max(self.held[1]),
            resolution: self.resolution,
            settled: self.settled,
        }
    }
}
