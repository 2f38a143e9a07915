//! Quotes over time, for candlesticks: each market's touch, looked at several times a second and kept by the minute
//! for two days.

use crate::exchange::core::{Exchange, PrintView};
use crate::kalshi::model::{Candlestick, QuoteRange, TradeRange};
use crate::units::{Price, Quantity, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

const MINUTE: i64 = 60;
/// Minutes that are kept.
const KEPT: usize = 2 * 24 * 60;

/// Every market's quotes.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    markets: HashMap<Arc<str>, VecDeque<Minute>>,
}

/// A market's touch during one minute.
#[derive(Debug, Clone, Copy)]
struct Minute {
    /// Minutes since 1970.
    number: i64,
    bid: Range,
    ask: Range,
}

/// A price over time.
#[derive(Debug, Clone, Copy)]
struct Range {
    open: Price,
    low: Price,
    high: Price,
    close: Price,
}

impl Range {
    const fn at(price: Price) -> Self {
        Self { open: price, low: price, high: price, close: price }
    }

    fn then(&mut self, later: Self) {
        self.low = self.low.min(later.low);
        self.high = self.high.max(later.high);
        self.close = later.close;
    }

    const fn told(self) -> QuoteRange {
        QuoteRange {
            open_dollars: self.open,
            low_dollars: self.low,
            high_dollars: self.high,
            close_dollars: self.close,
        }
    }
}

impl Quotes {
    /// Looks at every market.
    pub(super) fn look(&mut self, exchange: &Exchange, tickers: &[Arc<str>], now: Timestamp) {
        let number = now.micros().div_euclid(1_000_000 * MINUTE);
        for ticker in tickers {
            let Some(view) = exchange.market(ticker) else { continue };
            let bid = Range::at(view.bid.map_or(Price::ZERO, |level| level.price));
            let ask = Range::at(view.ask.map_or(Price::ONE, |level| level.price));
            let minutes = self.markets.entry(Arc::clone(ticker)).or_default();
            if let Some(last) = minutes.back_mut().filter(|last| last.number == number) {
                last.bid.then(bid);
                last.ask.then(ask);
            } else {
                if minutes.len() == KEPT {
                    minutes.pop_front();
                }
                minutes.push_back(Minute { number, bid, ask });
            }
        }
    }

    /// A market's periods of so many minutes that end from `start` to `end`, in seconds since 1970; only those in
    /// which it was looked at. Open interest is that of now.
    pub(super) fn candlesticks<'a>(
        &self,
        ticker: &str,
        prints: impl Iterator<Item = &'a PrintView>,
        (start, end): (i64, i64),
        minutes: i64,
        open_interest: Quantity,
    ) -> Vec<Candlestick> {
        let length = minutes * MINUTE;
        let end_of = |seconds: i64| (seconds.div_euclid(length) + 1) * length;
        let mut candles: Vec<Candlestick> = Vec::new();
        let mut ranges: Option<(i64, Range, Range)> = None;
        let mut close = |ranges: Option<(i64, Range, Range)>| {
            if let Some((at, bid, ask)) = ranges.filter(|(at, _, _)| (start..=end).contains(at)) {
                candles.push(empty(at, bid, ask, open_interest));
            }
        };
        for minute in self.markets.get(ticker).into_iter().flatten() {
            let at = end_of(minute.number * MINUTE);
            match &mut ranges {
                Some((last, bid, ask)) if *last == at => {
                    bid.then(minute.bid);
                    ask.then(minute.ask);
                }
                _ => close(ranges.replace((at, minute.bid, minute.ask))),
            }
        }
        close(ranges);
        let mut traded: HashMap<i64, Vec<&PrintView>> = HashMap::new();
        for print in prints {
            traded.entry(end_of(print.time.micros().div_euclid(1_000_000))).or_default().push(print);
        }
        let mut previous = None;
        for candle in &mut candles {
            candle.price.previous_dollars = previous;
            if let Some(prints) = traded.get(&candle.end_period_ts) {
                (candle.price, candle.volume_fp) = told(prints, previous);
                previous = candle.price.close_dollars;
            }
        }
        candles
    }
}

fn empty(at: i64, bid: Range, ask: Range, open_interest: Quantity) -> Candlestick {
    Candlestick {
        end_period_ts: at,
        yes_bid: bid.told(),
        yes_ask: ask.told(),
        price: TradeRange {
            open_dollars: None,
            low_dollars: None,
            high_dollars: None,
            close_dollars: None,
            mean_dollars: None,
            previous_dollars: None,
        },
        volume_fp: Quantity::ZERO,
        open_interest_fp: open_interest,
    }
}

/// What was traded in one period, oldest first.
fn told(prints: &[&PrintView], previous: Option<Price>) -> (TradeRange, Quantity) {
    let prices = || prints.iter().map(|print| print.price);
    let volume: Quantity = prints.iter().map(|print| print.quantity).sum();
    let turnover: i128 =
        prints.iter().map(|print| i128::from(print.price.raw()) * i128::from(print.quantity.raw())).sum();
    let mean = turnover.checked_div(i128::from(volume.raw())).and_then(|mean| i64::try_from(mean).ok());
    let range = TradeRange {
        open_dollars: prices().next(),
        low_dollars: prices().min(),
        high_dollars: prices().max(),
        close_dollars: prices().next_back(),
        mean_dollars: mean.map(Price::from_raw),
        previous_dollars: previous,
    };
    (range, volume)
}
