//! The channels the bot listens to, by the names the exchange gives them.

/// One channel of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Books of the followed markets, with every change.
    OrderbookDelta,
    /// Public trades of the followed markets.
    Trade,
    /// Running figures of the followed markets.
    Ticker,
    /// The account's fills.
    Fill,
    /// The account's orders.
    UserOrders,
    /// The account's positions.
    MarketPositions,
    /// The account's order groups.
    OrderGroupUpdates,
    /// Steps in the life of every market.
    MarketLifecycle,
}

impl Channel {
    /// What a bot that trades needs.
    pub const ALL: [Self; 8] = [
        Self::Fill,
        Self::UserOrders,
        Self::MarketPositions,
        Self::OrderGroupUpdates,
        Self::MarketLifecycle,
        Self::OrderbookDelta,
        Self::Trade,
        Self::Ticker,
    ];
    /// What a bot that only looks needs.
    pub const PUBLIC: [Self; 4] = [Self::MarketLifecycle, Self::OrderbookDelta, Self::Trade, Self::Ticker];

    /// The exchange's name for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderbookDelta => "orderbook_delta",
            Self::Trade => "trade",
            Self::Ticker => "ticker",
            Self::Fill => "fill",
            Self::UserOrders => "user_orders",
            Self::MarketPositions => "market_positions",
            Self::OrderGroupUpdates => "order_group_updates",
            Self::MarketLifecycle => "market_lifecycle_v2",
        }
    }

    /// Whether it is subscribed to market by market. The others tell of everything.
    pub const fn follows_markets(self) -> bool {
        matches!(self, Self::OrderbookDelta | Self::Trade | Self::Ticker)
    }
}

impl std::fmt::Display for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
