//! What the exchange can be asked, before the bodies.
#![allow(missing_docs, unused_variables, clippy::todo, clippy::missing_errors_doc, clippy::needless_pass_by_value, clippy::unused_self)]

use super::{
    AccountId, Amendment, Exchange, ExchangeSettings, FillView, GroupKey, GroupView, Happening, MarketView, NewOrder,
    OrderKey, OrderView, Placed, PositionView, PrintView, Reduction, Refusal, SettlementView,
};
use crate::engine::Event;
use crate::market::{Book, MarketSpec, PriceGrid};
use crate::units::{Money, Quantity, Timestamp};

/// Bodies come after.
impl Exchange {
    pub fn new(settings: ExchangeSettings) -> Self { todo!() }
    /// Cash by shard; shards not named hold nothing.
    pub fn open_account(&mut self, cash_by_shard: &[(u8, Money)]) -> AccountId { todo!() }
    /// Lists a market, or replaces what is known of it.
    pub fn list(&mut self, now: Timestamp, spec: MarketSpec) { todo!() }
    /// Does everything due by now. Every other call that takes the time does the same first.
    pub fn advance(&mut self, now: Timestamp) { todo!() }
    pub fn next_due(&self) -> Option<Timestamp> { todo!() }
    pub fn follow(&mut self, now: Timestamp, event: &Event<'_>) { todo!() }
    pub fn drain(&mut self, out: &mut Vec<Happening>) { todo!() }

    pub fn place(&mut self, now: Timestamp, account: AccountId, order: NewOrder) -> Result<Placed, Refusal> { todo!() }
    /// Contracts taken off.
    pub fn cancel(&mut self, now: Timestamp, account: AccountId, order: OrderKey) -> Result<Quantity, Refusal> { todo!() }
    /// The orders taken off; those that can't be cancelled now stay.
    pub fn cancel_all(&mut self, now: Timestamp, account: AccountId) -> Vec<OrderKey> { todo!() }
    /// `filled`, `average_*` are of the amendment's own fills.
    pub fn amend(&mut self, now: Timestamp, account: AccountId, order: OrderKey, amendment: Amendment) -> Result<Placed, Refusal> { todo!() }
    /// Contracts that still rest.
    pub fn decrease(&mut self, now: Timestamp, account: AccountId, order: OrderKey, reduction: Reduction) -> Result<Quantity, Refusal> { todo!() }

    /// 1 to 1,000,000 contracts, else `InvalidQuantity`.
    pub fn create_group(&mut self, now: Timestamp, account: AccountId, shard: u8, limit: Quantity) -> Result<GroupKey, Refusal> { todo!() }
    pub fn reset_group(&mut self, now: Timestamp, account: AccountId, group: GroupKey) -> Result<(), Refusal> { todo!() }
    pub fn trigger_group(&mut self, now: Timestamp, account: AccountId, group: GroupKey) -> Result<(), Refusal> { todo!() }
    pub fn limit_group(&mut self, now: Timestamp, account: AccountId, group: GroupKey, limit: Quantity) -> Result<(), Refusal> { todo!() }
    pub fn delete_group(&mut self, now: Timestamp, account: AccountId, group: GroupKey) -> Result<(), Refusal> { todo!() }

    /// Sets which pauses hold from now on, on one shard or on all: `trading` and `exchange` say what is paused,
    /// both false resumes.
    pub fn pause(&mut self, now: Timestamp, shard: Option<u8>, trading: bool, exchange: bool) { todo!() }
    pub fn close_early(&mut self, now: Timestamp, ticker: &str) -> Result<(), Refusal> { todo!() }
    pub fn change_grid(&mut self, now: Timestamp, ticker: &str, grid: PriceGrid) -> Result<(), Refusal> { todo!() }

    pub fn market(&self, ticker: &str) -> Option<MarketView<'_>> { todo!() }
    /// In the order of listing.
    pub fn markets(&self) -> impl DoubleEndedIterator<Item = MarketView<'_>> { std::iter::empty() }
    /// `None` for an unknown ticker; empty before anything came.
    pub fn book(&self, ticker: &str) -> Option<&Book> { todo!() }
    pub fn order(&self, key: OrderKey) -> Option<&OrderView> { todo!() }
    pub fn order_by_client_id(&self, account: AccountId, client_order_id: &str) -> Option<&OrderView> { todo!() }
    /// All orders ever, newest last.
    pub fn orders(&self, account: AccountId) -> impl DoubleEndedIterator<Item = &OrderView> { std::iter::empty() }
    /// Newest last.
    pub fn fills(&self, account: AccountId) -> &[FillView] { todo!() }
    /// By market in the order of listing; settled ones stay, with `is_settled`.
    pub fn positions(&self, account: AccountId) -> impl DoubleEndedIterator<Item = &PositionView> { std::iter::empty() }
    /// Newest last.
    pub fn settlements(&self, account: AccountId) -> &[SettlementView] { todo!() }
    /// All cash on the shard, what resting orders reserve included.
    pub fn cash(&self, account: AccountId, shard: u8) -> Money { todo!() }
    /// What resting orders reserve of it.
    pub fn reserved(&self, account: AccountId, shard: u8) -> Money { todo!() }
    /// Shards with cash or a reservation, and the cash there, ascending.
    pub fn shards(&self, account: AccountId) -> impl Iterator<Item = (u8, Money)> { std::iter::empty() }
    /// The last thousand, newest last.
    pub fn prints(&self, ticker: &str) -> impl DoubleEndedIterator<Item = &PrintView> { std::iter::empty() }
    /// Contracts ahead of a resting order at its price.
    pub fn queue_ahead(&self, key: OrderKey) -> Option<Quantity> { todo!() }
    pub fn groups(&self, account: AccountId) -> Vec<GroupView> { todo!() }
    pub fn group(&self, account: AccountId, group: GroupKey) -> Option<GroupView> { todo!() }
    /// Whether orders are taken on the shard.
    pub fn is_trading(&self, shard: u8) -> bool { todo!() }
    /// Whether cancels are taken on the shard.
    pub fn is_active(&self, shard: u8) -> bool { todo!() }
}
