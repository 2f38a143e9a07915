//! What is asked of the exchange, what it answers, and what it tells of.

use crate::fees::BalancePrecision;
use crate::market::{Level, MarketSpec, MarketStatus, Outcome, PriceGrid, Resolution, Side};
use crate::units::{Money, Price, Quantity, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// An account, by its place in the exchange's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub u32);

/// An order, by the order in which it got in. On the wire it is a text made from this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrderKey(pub u64);

/// A group, by the order in which it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupKey(pub u64);

/// How the exchange behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeSettings {
    /// What balances are rounded to.
    pub precision: BalancePrecision,
    /// Time between a market's determination and its payout.
    pub settlement_timer: Duration,
}

/// How long an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Until cancelled, or until its expiry.
    GoodTillCancelled {
        /// When the exchange takes it off by itself.
        expires: Option<Timestamp>,
    },
    /// Takes what it can at once.
    ImmediateOrCancel,
    /// All of it at once, or nothing.
    FillOrKill,
}

/// Which order goes when two of one account would meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SelfTrade {
    /// The rest of the incoming one.
    TakerAtCross,
    /// The resting one.
    Maker,
}

/// An order as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// Market.
    pub ticker: String,
    /// Side of the YES book.
    pub side: Side,
    /// YES limit.
    pub price: Price,
    /// Contracts.
    pub quantity: Quantity,
    /// How long it stands.
    pub standing: Standing,
    /// What happens when it would meet one of the account's own.
    pub self_trade: SelfTrade,
    /// The sender's name for it; unique among the account's orders.
    pub client_order_id: Option<String>,
    /// Refused rather than crossing the spread.
    pub post_only: bool,
    /// Never opens or turns a position; only immediate-or-cancel.
    pub reduce_only: bool,
    /// Taken off when trading pauses.
    pub cancel_on_pause: bool,
    /// The group that limits it.
    pub group: Option<GroupKey>,
    /// The shard it names, where it names one.
    pub shard: Option<u8>,
}

/// A change of a resting order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// Its market; must match.
    pub ticker: String,
    /// Its side; must match.
    pub side: Side,
    /// New YES limit.
    pub price: Price,
    /// New total: what it has filled and what shall rest.
    pub quantity: Quantity,
    /// The sender's name for it; must match where given.
    pub client_order_id: Option<String>,
    /// The sender's new name for it.
    pub new_client_order_id: Option<String>,
    /// What becomes of its expiry.
    pub expiry: Expiry,
}

/// What an amendment does to an order's expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expiry {
    /// Leaves it.
    Keep,
    /// Takes it away.
    Remove,
    /// Sets it.
    At(Timestamp),
}

/// How a resting order is made smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// Contracts to take off.
    By(Quantity),
    /// Contracts to leave.
    To(Quantity),
}

/// What became of an order that was taken: what it filled at once and what rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The order.
    pub order: OrderKey,
    /// Contracts filled at once.
    pub filled: Quantity,
    /// Contracts that rest.
    pub remaining: Quantity,
    /// Average YES price of the fills.
    pub average_price: Option<Price>,
    /// Fee a contract.
    pub average_fee: Option<Money>,
}

/// Why the exchange refuses something. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// No such market.
    MarketNotFound,
    /// The market isn't open.
    MarketInactive,
    /// Its close has passed: not even cancels are taken.
    MarketClosed,
    /// Not on the grid, or not between 0 and 1 dollar.
    InvalidPrice,
    /// Zero, negative or too large.
    InvalidQuantity,
    /// An expiry that has passed, or with an order that doesn't rest.
    InvalidExpiry,
    /// The order's parts don't fit together.
    InvalidOrder,
    /// Not enough cash on the market's shard.
    InsufficientBalance,
    /// Post-only, and it would cross.
    PostOnlyCross,
    /// Fill-or-kill, and there isn't enough.
    InsufficientVolume,
    /// Reduce-only, and there is nothing to reduce.
    NothingToReduce,
    /// An order with this client id is known.
    DuplicateClientId,
    /// No such order, or it has ended.
    OrderNotFound,
    /// The order's ticker isn't this one.
    TickerMismatch,
    /// The order's side isn't this one.
    SideMismatch,
    /// The order's client id isn't this one.
    ClientIdMismatch,
    /// No such group, or one of another shard.
    GroupNotFound,
    /// The group's brake is pulled.
    GroupTriggered,
    /// The market is on another shard.
    WrongShard,
    /// Trading is paused.
    TradingPaused,
    /// The exchange is paused: not even cancels are taken.
    ExchangePaused,
}

/// Why an order came off the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Removal {
    /// Its owner asked for it, or for all to go.
    Requested,
    /// What an immediate-or-cancel order didn't find.
    ImmediateOrCancel,
    /// Its expiry.
    Expired,
    /// The market closed.
    MarketClosed,
    /// The market or the exchange paused.
    Paused,
    /// It would have met an order of the same account.
    SelfTrade,
    /// Its group's brake.
    GroupTriggered,
    /// Reduce-only, and nothing was left to reduce.
    ReduceOnly,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// On the book.
    Resting,
    /// Taken off with something unfilled.
    Cancelled(Removal),
    /// Filled.
    Executed,
}

/// An order as the exchange keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderView {
    /// Its key.
    pub key: OrderKey,
    /// Whose.
    pub account: AccountId,
    /// What was asked for; amended orders carry the amended price, quantity and expiry.
    pub request: NewOrder,
    /// Where it stands.
    pub status: OrderStatus,
    /// Contracts filled.
    pub filled: Quantity,
    /// Contracts that rest.
    pub remaining: Quantity,
    /// Cost of what it took.
    pub taker_cost: Money,
    /// Cost of what others took from it.
    pub maker_cost: Money,
    /// Fees of what it took.
    pub taker_fees: Money,
    /// Fees of what others took from it.
    pub maker_fees: Money,
    /// When it got in.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Its market's shard.
    pub shard: u8,
}

/// One execution against one of an account's orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FillView {
    /// The trade's id; both parties see the same one.
    pub trade_id: Arc<str>,
    /// Whose.
    pub account: AccountId,
    /// The order.
    pub order: OrderKey,
    /// The sender's name for the order.
    pub client_order_id: Option<String>,
    /// Where.
    pub ticker: Arc<str>,
    /// Its shard.
    pub shard: u8,
    /// Side of the order.
    pub side: Side,
    /// YES price.
    pub price: Price,
    /// Contracts.
    pub quantity: Quantity,
    /// Fee, rounding included.
    pub fee: Money,
    /// Whether the order took.
    pub is_taker: bool,
    /// Signed contracts held after it.
    pub position_after: Quantity,
    /// When.
    pub time: Timestamp,
}

/// What an account holds in one market, with its history there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionView {
    /// Where.
    pub ticker: Arc<str>,
    /// Its event.
    pub event: Arc<str>,
    /// Its shard.
    pub shard: u8,
    /// Signed contracts: above zero YES, below zero NO.
    pub quantity: Quantity,
    /// What they cost, fees apart.
    pub cost: Money,
    /// Profit of what was sold or settled, fees apart.
    pub realised: Money,
    /// Fees.
    pub fees: Money,
    /// Dollars traded.
    pub traded: Money,
    /// Contracts traded.
    pub volume: Quantity,
    /// When it last changed.
    pub updated: Timestamp,
    /// Whether its market has paid out.
    pub is_settled: bool,
}

/// What a market paid an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementView {
    /// Which.
    pub ticker: Arc<str>,
    /// Its event.
    pub event: Arc<str>,
    /// Its shard.
    pub shard: u8,
    /// How it resolved.
    pub resolution: Resolution,
    /// Signed contracts held.
    pub quantity: Quantity,
    /// What they had cost.
    pub cost: Money,
    /// What they paid.
    pub payout: Money,
    /// Fees of all fills there.
    pub fees: Money,
    /// When.
    pub time: Timestamp,
}

/// A public trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintView {
    /// Its id.
    pub trade_id: Arc<str>,
    /// Where.
    pub ticker: Arc<str>,
    /// YES price.
    pub price: Price,
    /// Contracts.
    pub quantity: Quantity,
    /// Side of the order that took.
    pub taker: Side,
    /// When.
    pub time: Timestamp,
}

/// A group as the exchange keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// Its key.
    pub key: GroupKey,
    /// Its shard.
    pub shard: u8,
    /// Contracts that may match in a rolling 15 seconds.
    pub limit: Quantity,
    /// Whether its brake is pulled.
    pub is_triggered: bool,
    /// Its resting orders.
    pub orders: Vec<OrderKey>,
}

/// A market as the exchange keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketView<'a> {
    /// Its description; status, close, grid, fees and volume are those of now.
    pub spec: &'a MarketSpec,
    /// When it was listed.
    pub listed: Timestamp,
    /// When its description last changed.
    pub updated: Timestamp,
    /// Best bid.
    pub bid: Option<Level>,
    /// Best ask.
    pub ask: Option<Level>,
    /// Price of the last trade.
    pub last: Option<Price>,
    /// Contracts held by all.
    pub open_interest: Quantity,
    /// How it resolved.
    pub resolution: Option<Resolution>,
    /// When it paid out.
    pub settled: Option<Timestamp>,
}

/// What happened, in order. The server turns it into frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A level of a book changed.
    Book {
        /// Market.
        ticker: Arc<str>,
        /// Side of the YES book.
        side: Side,
        /// YES price.
        price: Price,
        /// Signed change.
        change: Quantity,
        /// Whose order it was, with its client id, where an account's order caused it.
        owner: Option<(AccountId, Option<String>)>,
    },
    /// A public trade.
    Print(PrintView),
    /// An account's order was filled.
    Fill(FillView),
    /// An account's order changed.
    Order(OrderView),
    /// What an account holds changed.
    Position {
        /// Whose.
        account: AccountId,
        /// What.
        position: PositionView,
    },
    /// A group changed.
    Group {
        /// Whose.
        account: AccountId,
        /// `created`, `triggered`, `reset`, `deleted` or `limit_updated`.
        change: &'static str,
        /// What.
        group: GroupView,
    },
    /// A market was listed.
    Listed {
        /// Market.
        ticker: Arc<str>,
    },
    /// A market was paused or came back; opening and closing on time isn't told.
    Status {
        /// Market.
        ticker: Arc<str>,
        /// Its new status.
        status: MarketStatus,
    },
    /// A market's close moved.
    CloseMoved {
        /// Market.
        ticker: Arc<str>,
        /// Its new close.
        close: Timestamp,
    },
    /// A market's grid changed.
    GridChanged {
        /// Market.
        ticker: Arc<str>,
        /// Its new grid.
        grid: PriceGrid,
    },
    /// A market's result is known.
    Determined {
        /// Market.
        ticker: Arc<str>,
        /// Its result.
        resolution: Resolution,
        /// When.
        time: Timestamp,
    },
    /// A market paid out.
    Settled {
        /// Market.
        ticker: Arc<str>,
        /// When.
        time: Timestamp,
    },
}

/// Which outcome a signed number of contracts is.
pub const fn outcome_held(quantity: Quantity) -> Outcome {
    if quantity.is_negative() { Outcome::No } else { Outcome::Yes }
}
