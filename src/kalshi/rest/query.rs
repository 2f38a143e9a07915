//! What comes after the question mark.

/// Names and values of a request's query, in order; a name may come more than once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    pairs: Vec<(&'static str, String)>,
}

impl Query {
    /// Adds a text, unless there is none.
    pub fn text(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        self.pairs.extend(value.map(|value| (name, value.to_owned())));
        self
    }

    /// Adds a number, unless there is none.
    pub fn number(&mut self, name: &'static str, value: Option<u64>) -> &mut Self {
        self.pairs.extend(value.map(|value| (name, value.to_string())));
        self
    }

    /// Adds a number that may be negative, unless there is none.
    pub fn signed(&mut self, name: &'static str, value: Option<i64>) -> &mut Self {
        self.pairs.extend(value.map(|value| (name, value.to_string())));
        self
    }

    /// Adds `true`, or nothing.
    pub fn flag(&mut self, name: &'static str, value: bool) -> &mut Self {
        self.pairs.extend(value.then(|| (name, "true".to_owned())));
        self
    }

    /// The names and values, in order.
    pub fn pairs(&self) -> &[(&'static str, String)] {
        &self.pairs
    }
}

/// Which markets are listed. The exchange takes up to 1,000 a page; empty fields ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarketQuery {
    /// Markets a page.
    pub limit: Option<u64>,
    /// Of one event.
    pub event: Option<String>,
    /// Of one series.
    pub series: Option<String>,
    /// Of these names.
    pub tickers: Vec<String>,
    /// `unopened`, `open`, `paused`, `closed` or `settled`.
    pub status: Option<&'static str>,
    /// Closing at or after, in seconds since 1970.
    pub min_close: Option<i64>,
    /// Closing at or before, in seconds since 1970.
    pub max_close: Option<i64>,
    /// Whether combos are left out, as they should be.
    pub without_combos: bool,
}

impl From<&MarketQuery> for Query {
    fn from(query: &MarketQuery) -> Self {
        let mut pairs = Self::default();
        let tickers = (!query.tickers.is_empty()).then(|| query.tickers.join(","));
        pairs
            .number("limit", query.limit)
            .text("event_ticker", query.event.as_deref())
            .text("series_ticker", query.series.as_deref())
            .text("tickers", tickers.as_deref())
            .text("status", query.status)
            .signed("min_close_ts", query.min_close)
            .signed("max_close_ts", query.max_close)
            .text("mve_filter", query.without_combos.then_some("exclude"));
        pairs
    }
}

macro_rules! queries {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ident = $wire:literal),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, PartialEq, Eq)]
            pub struct $name {
                $($(#[$field_doc])* pub $field: Option<queries!(@type $kind)>,)*
            }

            impl From<&$name> for Query {
                fn from(query: &$name) -> Self {
                    let mut pairs = Self::default();
                    $(queries!(@add pairs, $kind, $wire, query.$field);)*
                    pairs
                }
            }
        )*
    };
    (@type text) => { String };
    (@type word) => { &'static str };
    (@type number) => { u64 };
    (@type signed) => { i64 };
    (@add $pairs:ident, text, $wire:literal, $value:expr) => { $pairs.text($wire, $value.as_deref()) };
    (@add $pairs:ident, word, $wire:literal, $value:expr) => { $pairs.text($wire, $value) };
    (@add $pairs:ident, number, $wire:literal, $value:expr) => { $pairs.number($wire, $value) };
    (@add $pairs:ident, signed, $wire:literal, $value:expr) => { $pairs.signed($wire, $value) };
}

queries! {
    /// Which public trades are listed.
    TradeQuery {
        /// Trades a page.
        limit: number = "limit",
        /// Of one market.
        ticker: text = "ticker",
        /// At or after, in seconds since 1970.
        min: signed = "min_ts",
        /// At or before, in seconds since 1970.
        max: signed = "max_ts",
    }

    /// Which positions are listed.
    PositionQuery {
        /// Positions a page.
        limit: number = "limit",
        /// In one market.
        ticker: text = "ticker",
        /// In one event.
        event: text = "event_ticker",
        /// `unsettled`, `settled` or `all`.
        settlement: word = "settlement_status",
        /// Only with one of these above zero: `position`, `total_traded`.
        count_filter: word = "count_filter",
    }

    /// Which fills are listed.
    FillQuery {
        /// Fills a page.
        limit: number = "limit",
        /// In one market.
        ticker: text = "ticker",
        /// Of one order.
        order: text = "order_id",
        /// At or after, in seconds since 1970.
        min: signed = "min_ts",
        /// At or before, in seconds since 1970.
        max: signed = "max_ts",
    }

    /// Which settlements are listed.
    SettlementQuery {
        /// Settlements a page.
        limit: number = "limit",
        /// Of one market.
        ticker: text = "ticker",
        /// At or after, in seconds since 1970.
        min: signed = "min_ts",
    }

    /// Which orders are listed.
    OrderQuery {
        /// Orders a page.
        limit: number = "limit",
        /// In one market.
        ticker: text = "ticker",
        /// In one event.
        event: text = "event_ticker",
        /// `resting`, `canceled` or `executed`.
        status: word = "status",
        /// Created at or after, in seconds since 1970.
        min: signed = "min_ts",
    }
}
