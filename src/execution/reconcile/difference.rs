//! One difference between the books and the exchange: what it is about, both figures, and what mends it.

use super::{BookedFill, RestingOrder, WorkingOrder};
use crate::market::Side;
use crate::units::{Money, Price, Quantity};

/// What differs. Quantities are signed: above zero YES, below zero NO.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Cash.
    Cash {
        /// What must be there by the books.
        here: Money,
        /// What is there.
        there: Money,
    },
    /// Both know the position, in different sizes.
    PositionQuantity {
        /// The market.
        ticker: String,
        /// By the books.
        here: Quantity,
        /// On the exchange.
        there: Quantity,
    },
    /// The exchange shows a position that the books don't have.
    PositionUnknownHere {
        /// The market.
        ticker: String,
        /// On the exchange.
        there: Quantity,
    },
    /// The books have a position that the exchange doesn't show.
    PositionMissingThere {
        /// The market.
        ticker: String,
        /// By the books.
        here: Quantity,
    },
    /// A fill that the books don't have.
    FillUnknownHere(BookedFill),
    /// An order rests that the books don't have: one of ours, or a foreign one that wasn't there at the baseline.
    OrderUnknownHere(RestingOrder),
    /// An order works by the books and doesn't rest on the exchange.
    OrderMissingThere(WorkingOrder),
}

impl Difference {
    /// The stable word for its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Cash { .. } => "cash",
            Self::PositionQuantity { .. } => "position_quantity",
            Self::PositionUnknownHere { .. } => "position_unknown_here",
            Self::PositionMissingThere { .. } => "position_missing_there",
            Self::FillUnknownHere(_) => "fill_unknown_here",
            Self::OrderUnknownHere(_) => "order_unknown_here",
            Self::OrderMissingThere(_) => "order_missing_there",
        }
    }

    /// The market it is about; none for cash.
    pub fn ticker(&self) -> Option<&str> {
        match self {
            Self::Cash { .. } => None,
            Self::PositionQuantity { ticker, .. }
            | Self::PositionUnknownHere { ticker, .. }
            | Self::PositionMissingThere { ticker, .. } => Some(ticker),
            Self::FillUnknownHere(fill) => Some(&fill.ticker),
            Self::OrderUnknownHere(order) => Some(&order.ticker),
            Self::OrderMissingThere(order) => Some(&order.ticker),
        }
    }

    /// The fill or order it is about, by the exchange's name where it has one.
    pub fn reference(&self) -> Option<String> {
        match self {
            Self::FillUnknownHere(fill) => Some(fill.trade_id.clone()),
            Self::OrderUnknownHere(order) => Some(order.exchange_id.clone()),
            Self::OrderMissingThere(order) => Some(order.client_id.to_string()),
            _ => None,
        }
    }

    /// The figure by the books; empty where they have none.
    pub fn here(&self) -> String {
        match self {
            Self::Cash { here, .. } => here.to_string(),
            Self::PositionQuantity { here, .. } | Self::PositionMissingThere { here, .. } => here.to_string(),
            Self::OrderMissingThere(order) => resting(order.side, order.remaining, order.price),
            Self::PositionUnknownHere { .. } | Self::FillUnknownHere(_) | Self::OrderUnknownHere(_) => {
                String::new()
            }
        }
    }

    /// The figure on the exchange; empty where it has none.
    pub fn there(&self) -> String {
        match self {
            Self::Cash { there, .. } => there.to_string(),
            Self::PositionQuantity { there, .. } | Self::PositionUnknownHere { there, .. } => {
                there.to_string()
            }
            Self::FillUnknownHere(fill) => {
                format!("{}, fee {}", resting(fill.side, fill.quantity, fill.price), fill.fee)
            }
            Self::OrderUnknownHere(order) => resting(order.side, order.remaining, order.price),
            Self::PositionMissingThere { .. } | Self::OrderMissingThere(_) => String::new(),
        }
    }

    /// What mends it.
    pub const fn mend(&self) -> &'static str {
        match self {
            Self::Cash { .. } => {
                "after a deposit, a withdrawal or a trade by hand, take the exchange's figure: kalshi-bot reconcile --accept"
            }
            Self::PositionQuantity { .. } | Self::PositionMissingThere { .. } => {
                "if it was traded by hand or elsewhere, take the exchange's figure: kalshi-bot reconcile --accept"
            }
            Self::PositionUnknownHere { .. } => {
                "close it on the exchange, or leave it to its owner: kalshi-bot reconcile --accept"
            }
            Self::FillUnknownHere(BookedFill { is_ours: true, .. }) => "the next start of the bot books it",
            Self::FillUnknownHere(_) => {
                "another program or a person trades this account; count it as theirs: kalshi-bot reconcile --accept"
            }
            Self::OrderUnknownHere(RestingOrder { client_id: Some(_), .. }) => {
                "the next start of the bot cancels it, or do it now: kalshi-bot orders cancel"
            }
            Self::OrderUnknownHere(_) => {
                "cancel it on the exchange, or leave it to its owner: kalshi-bot reconcile --accept"
            }
            Self::OrderMissingThere(_) => "the next start of the bot notes how it ended",
        }
    }
}

/// `bid 10.00 at 0.8500`.
fn resting(side: Side, quantity: Quantity, price: Price) -> String {
    format!("{} {quantity} at {price}", side.as_str())
}
