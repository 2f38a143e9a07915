//! What is tradable now: the catalogue of markets, their order books, the health of the feed that keeps the books,
//! and the filters that decide which markets deserve a look.
//!
//! A book is one YES book. Both outcomes are seen through it: buying NO at `q` is selling YES at `1 − q`.

pub mod book;
pub mod catalogue;
pub mod feed;
pub mod filter;
pub mod grid;

pub use book::{Book, BookFault};
pub use catalogue::{Catalogue, Market, MarketId, MarketSpec, MarketStatus};
pub use grid::PriceGrid;

use crate::units::{Price, Quantity};
use serde::{Deserialize, Serialize};

/// What a contract pays on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Pays one dollar if the market resolves yes.
    Yes,
    /// Pays one dollar if the market resolves no.
    No,
}

impl Outcome {
    /// Both, YES first.
    pub const BOTH: [Self; 2] = [Self::Yes, Self::No];

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
        }
    }

    /// Turns a price of this outcome into the YES price, and back: it is its own inverse.
    #[must_use]
    pub const fn yes_price(self, own: Price) -> Price {
        match self {
            Self::Yes => own,
            Self::No => own.complement(),
        }
    }

    /// The side of the YES book that an order buying this outcome stands on.
    pub const fn buying_side(self) -> Side {
        match self {
            Self::Yes => Side::Bid,
            Self::No => Side::Ask,
        }
    }

    /// `yes` or `no`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
        }
    }
}

/// A side of the YES book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Buys YES (or sells NO).
    Bid,
    /// Sells YES (or buys NO).
    Ask,
}

impl Side {
    /// The side it trades with.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Bid => Self::Ask,
            Self::Ask => Self::Bid,
        }
    }

    /// The outcome that an order on this side buys when nothing is held.
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Bid => Outcome::Yes,
            Self::Ask => Outcome::No,
        }
    }

    /// Whether a fill on this side at `price` would respect the limit `limit`: a bid pays no more, an ask takes no
    /// less. Both are YES prices.
    pub fn accepts(self, limit: Price, price: Price) -> bool {
        match self {
            Self::Bid => price <= limit,
            Self::Ask => price >= limit,
        }
    }

    /// `bid` or `ask`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bid => "bid",
            Self::Ask => "ask",
        }
    }
}

/// A price and what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// YES price.
    pub price: Price,
    /// Contracts; always above zero in a book.
    pub size: Quantity,
}

/// How a market resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// YES pays one dollar.
    Yes,
    /// NO pays one dollar.
    No,
    /// YES pays this much, NO the rest.
    Scalar(Price),
}

impl Resolution {
    /// What one YES contract pays.
    pub const fn yes_value(self) -> Price {
        match self {
            Self::Yes => Price::ONE,
            Self::No => Price::ZERO,
            Self::Scalar(value) => value,
        }
    }

    /// What one contract of `outcome` pays.
    pub const fn value(self, outcome: Outcome) -> Price {
        outcome.yes_price(self.yes_value())
    }

    /// `yes`, `no` or `scalar`, the exchange's words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Scalar(_) => "scalar",
        }
    }

    /// The resolution of that word; `value` is what one YES contract pays if it is a scalar one.
    pub fn from_word(word: &str, value: Price) -> Option<Self> {
        [Self::Yes, Self::No, Self::Scalar(value)].into_iter().find(|one| one.as_str() == word)
    }
}
