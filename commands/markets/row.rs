//! A judged market as a row: small, since there can be fifty thousand of them.

use super::judge::codes;
use crate::listing::{Column, Figure};
use kalshi_bot::market::{Market, Outcome};
use kalshi_bot::strategy::Signal;
use kalshi_bot::units::{Money, Price, Quantity, Timestamp};
use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

/// A market and what the bot says of it.
#[derive(Debug, Clone)]
pub(super) struct ScanRow {
    pub(super) ticker: Box<str>,
    pub(super) title: Box<str>,
    pub(super) series: Arc<str>,
    pub(super) category: Arc<str>,
    pub(super) close: Option<Timestamp>,
    /// Time to the close.
    pub(super) left: Option<Duration>,
    pub(super) volume: Quantity,
    pub(super) spread: Option<Price>,
    /// Dollars near the touch; only where the whole book was read.
    pub(super) depth: Option<Money>,
    /// The dearer outcome and what it costs: the one that could be entered.
    pub(super) ask: Option<(Outcome, Price)>,
    pub(super) verdict: Result<Signal, &'static str>,
}

/// The columns of a scan.
pub(super) const COLUMNS: &[Column<ScanRow>] = &[
    Column::new("market", "Market", |row| Figure::Name(row.ticker.to_string())),
    Column::new("title", "Title", |row| Figure::Text(row.title.to_string())),
    Column::unseen("series", |row| Figure::Name(row.series.to_string())),
    Column::unseen("category", |row| Figure::Text(row.category.to_string())),
    Column::new("outcome", "Side", |row| {
        Figure::of(row.ask, |(outcome, _)| Figure::Text(outcome.as_str().to_owned()))
    }),
    Column::new("entry_price", "Entry", |row| {
        Figure::of(row.signal().map(|signal| signal.price).or(row.ask.map(|(_, ask)| ask)), Figure::Price)
    }),
    Column::new("spread", "Spread", |row| Figure::of(row.spread, Figure::Price)),
    Column::new("depth", "Depth", |row| Figure::of(row.depth, Figure::Dollars)),
    Column::unseen("close", |row| Figure::of(row.close, Figure::Time)),
    Column::new("seconds_to_close", "Left", |row| Figure::of(row.left, Figure::Span)),
    Column::new("volume", "Volume", |row| Figure::Contracts(row.volume)),
    Column::new("target", "Target", |row| row.of_signal(|signal| Figure::Price(signal.plan.target))),
    Column::new("stop", "Stop", |row| row.of_signal(|signal| Figure::Price(signal.plan.stop))),
    Column::new("net_win", "Wins", |row| row.of_signal(|signal| Figure::Fraction(signal.net_win))),
    Column::new("net_loss", "Loses", |row| row.of_signal(|signal| Figure::Fraction(signal.net_loss))),
    Column::new("break_even", "Needs", |row| row.of_signal(|signal| Figure::Share(signal.break_even()))),
    Column::new("why_not", "Why not", |row| {
        Figure::of(row.verdict.err(), |code| Figure::Name(code.to_owned()))
    }),
];

impl ScanRow {
    /// The row of a market that was judged at `now`. Its depth within `reach` is told where the book is whole.
    pub(super) fn new(
        market: &Market,
        (series, category): (Arc<str>, Arc<str>),
        verdict: Result<Signal, &'static str>,
        reach: Option<Price>,
        now: Timestamp,
    ) -> Self {
        let asks = Outcome::BOTH.into_iter().filter_map(|outcome| {
            let ask = market.book.own_ask(outcome)?;
            Some((outcome, ask.price))
        });
        let ask = match &verdict {
            Ok(signal) => Some((signal.outcome, signal.price)),
            Err(_) => asks.max_by_key(|(outcome, price)| (*price, *outcome == Outcome::Yes)),
        };
        let spec = &market.spec;
        Self {
            ticker: spec.ticker.as_str().into(),
            title: spec.title.as_str().into(),
            series,
            category,
            close: Some(spec.close),
            left: Some(now.until(spec.close)),
            volume: spec.volume,
            spread: market.book.spread(),
            depth: reach.map(|reach| market.book.resting_within(reach)),
            ask,
            verdict,
        }
    }

    pub(super) const fn signal(&self) -> Option<&Signal> {
        match &self.verdict {
            Ok(signal) => Some(signal),
            Err(_) => None,
        }
    }

    fn of_signal(&self, figure: impl FnOnce(&Signal) -> Figure) -> Figure {
        Figure::of(self.signal(), figure)
    }
}

/// Puts those that would be entered first, then those that came furthest, each by their close.
pub(super) fn sort(rows: &mut [ScanRow]) {
    let gates: Vec<&str> = codes().collect();
    let passed = |row: &ScanRow| match row.verdict {
        Ok(_) => gates.len(),
        Err(code) => gates.iter().position(|gate| *gate == code).unwrap_or_default(),
    };
    rows.sort_by(|a, b| {
        let key = |row: &ScanRow| (Reverse(passed(row)), row.close);
        key(a).cmp(&key(b)).then_with(|| a.ticker.cmp(&b.ticker))
    });
}
