//! Markets, their books, their trades and their candlesticks (api section 4).

use super::answer::{Answer, Problem, ok};
use super::floor::{Floor, Shown};
use super::parameters::Parameters;
use super::quiet;
use super::session::Board;
use super::{Venue, wire};
use crate::exchange::core::MarketView;
use crate::kalshi::model::{
    Candlesticks, Market, MarketEnvelope, MarketOrderbook, Markets, Orderbook, OrderbookEnvelope, Orderbooks,
    Trades,
};
use crate::units::Timestamp;
use axum::extract::{Path, State};
use std::sync::Arc;
use std::time::Duration;

/// Most markets a page.
const MOST: usize = 1_000;
/// Most levels of a side; zero asks for all.
const DEEPEST: i64 = 100;

/// `GET /markets`.
pub(super) async fn list(State(venue): State<Arc<Venue>>, parameters: Parameters) -> Answer {
    let page = parameters.page("/markets", 100, MOST)?;
    let filter = Filter::read(&parameters)?;
    let timer = venue.settlement_timer;
    let (markets, cursor) = venue.with(|floor, _| {
        if let Some(tickers) = &filter.tickers {
            page.oldest_first(tickers.len(), |place| found(floor, tickers[place], Some(&filter), timer))
        } else {
            let quiet = floor.quiet.count() as usize;
            page.newest_first(quiet + floor.directory.tickers.len(), |place| match place.checked_sub(quiet) {
                Some(place) => {
                    let view = floor.exchange.market(&floor.directory.tickers[place])?;
                    filter.keeps(&view).then(|| wire::market(&view, timer))
                }
                None => quiet_market(floor, u32::try_from(place).ok()?, &filter, timer),
            })
        }
    });
    ok(&Markets { markets, cursor })
}

/// A quiet market, unless the filter leaves it out; its names are looked at before it is made.
fn quiet_market(floor: &Floor, number: u32, filter: &Filter<'_>, timer: Duration) -> Option<Market> {
    let (event, series) = quiet::names(number);
    if filter.event.is_some_and(|wanted| wanted != event)
        || filter.series.is_some_and(|wanted| wanted != series)
    {
        return None;
    }
    found(floor, &quiet::ticker(number), Some(filter), timer)
}

/// A market of either kind.
pub(super) fn found(
    floor: &Floor,
    ticker: &str,
    filter: Option<&Filter<'_>>,
    timer: Duration,
) -> Option<Market> {
    let told = |view: &MarketView<'_>| {
        filter.is_none_or(|filter| filter.keeps(view)).then(|| wire::market(view, timer))
    };
    if let Some(view) = floor.exchange.market(ticker) {
        return told(&view);
    }
    let market = floor.quiet.market(floor.quiet.find(ticker)?);
    told(&market.view())
}

/// Which markets are wanted.
#[derive(Debug)]
pub(super) struct Filter<'a> {
    event: Option<&'a str>,
    series: Option<&'a str>,
    tickers: Option<Vec<&'a str>>,
    status: Option<&'a str>,
    only_combos: bool,
    created: Window,
    updated: Window,
    close: Window,
    settled: Window,
}

/// A stretch of time, in seconds since 1970; open where nothing is said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window(Option<i64>, Option<i64>);

impl Window {
    pub(super) fn read(parameters: &Parameters, least: &str, most: &str) -> Result<Self, Problem> {
        Ok(Self(parameters.number(least)?, parameters.number(most)?))
    }

    pub(super) fn contains(self, at: Option<Timestamp>) -> bool {
        let Self(least, most) = self;
        if !self.is_set() {
            return true;
        }
        at.is_some_and(|at| {
            let at = wire::seconds(at);
            least.is_none_or(|least| at >= least) && most.is_none_or(|most| at <= most)
        })
    }

    const fn is_set(self) -> bool {
        self.0.is_some() || self.1.is_some()
    }
}

impl<'a> Filter<'a> {
    fn read(parameters: &'a Parameters) -> Result<Self, Problem> {
        let filter = Self {
            event: parameters.text("event_ticker"),
            series: parameters.text("series_ticker"),
            tickers: parameters.list("tickers"),
            status: parameters.text("status"),
            only_combos: match parameters.text("mve_filter") {
                None | Some("exclude") => false,
                Some("only") => true,
                Some(other) => {
                    return Err(Problem::bad_request(format!("mve_filter: {other:?} isn't known")));
                }
            },
            created: Window::read(parameters, "min_created_ts", "max_created_ts")?,
            updated: Window::read(parameters, "min_updated_ts", "max_updated_ts")?,
            close: Window::read(parameters, "min_close_ts", "max_close_ts")?,
            settled: Window::read(parameters, "min_settled_ts", "max_settled_ts")?,
        };
        filter.check()?;
        Ok(filter)
    }

    /// Each window of time goes with some values of `status` only.
    fn check(&self) -> Result<(), Problem> {
        const STATUSES: [&str; 5] = ["unopened", "open", "paused", "closed", "settled"];
        if let Some(status) = self.status.filter(|status| !STATUSES.contains(status)) {
            return Err(Problem::bad_request(format!("status: {status:?} isn't known")));
        }
        let windows: [(Window, &str, &[&str]); 4] = [
            (self.created, "created", &["unopened", "open"]),
            (self.updated, "updated", &[]),
            (self.close, "close", &["closed"]),
            (self.settled, "settled", &["settled"]),
        ];
        for (window, name, allowed) in windows {
            if let Some(status) = self.status.filter(|status| window.is_set() && !allowed.contains(status)) {
                let details =
                    format!("status={status} can't be asked for together with a window of {name} times");
                return Err(Problem::bad_request(details));
            }
        }
        if windows.iter().filter(|(window, _, _)| window.is_set()).count() > 1 {
            return Err(Problem::bad_request("windows of different times exclude each other"));
        }
        if self.updated.is_set() && (self.event.is_some() || self.tickers.is_some()) {
            return Err(Problem::bad_request("a window of updated times goes with series_ticker alone"));
        }
        Ok(())
    }

    fn keeps(&self, view: &MarketView<'_>) -> bool {
        let spec = view.spec;
        !self.only_combos
            && self.event.is_none_or(|event| spec.event == event)
            && self.series.is_none_or(|series| spec.series == series)
            && self.status.is_none_or(|status| wire::status_filter(spec.status) == status)
            && self.created.contains(Some(view.listed))
            && self.updated.contains(Some(view.updated))
            && self.close.contains(Some(spec.close))
            && self.settled.contains(view.settled)
    }
}

/// `GET /markets/{ticker}`.
pub(super) async fn one(State(venue): State<Arc<Venue>>, Path(ticker): Path<String>) -> Answer {
    let market = venue.with(|floor, _| found(floor, &ticker, None, venue.settlement_timer));
    ok(&MarketEnvelope { market: market.ok_or_else(Problem::not_found)? })
}

/// `GET /markets/{ticker}/orderbook`: an unknown market has an empty book.
pub(super) async fn orderbook(
    State(venue): State<Arc<Venue>>,
    Path(ticker): Path<String>,
    parameters: Parameters,
) -> Answer {
    let depth = parameters.number("depth")?.unwrap_or(0);
    if !(0..=DEEPEST).contains(&depth) {
        return Err(Problem::bad_request(format!("depth: from 0 to {DEEPEST}")));
    }
    let depth = usize::try_from(depth).unwrap_or(0);
    ok(&OrderbookEnvelope { orderbook_fp: venue.with(|floor, _| book(floor.shown(), &ticker, depth)) })
}

/// `GET /markets/orderbooks?tickers=…&tickers=…`.
pub(super) async fn orderbooks(State(venue): State<Arc<Venue>>, parameters: Parameters) -> Answer {
    let tickers: Vec<&str> = parameters.all("tickers").collect();
    if tickers.is_empty() || tickers.len() > 100 {
        return Err(Problem::bad_request("tickers: from 1 to 100, each in a parameter of its own"));
    }
    let orderbooks = venue.with(|floor, _| {
        let known = tickers.iter().filter(|ticker| found(floor, ticker, None, Duration::ZERO).is_some());
        known
            .map(|ticker| MarketOrderbook {
                ticker: (*ticker).to_owned(),
                orderbook_fp: book(floor.shown(), ticker, 0),
            })
            .collect()
    });
    ok(&Orderbooks { orderbooks })
}

/// A book, the best `depth` levels of each side, or all.
fn book(shown: Shown<'_>, ticker: &str, depth: usize) -> Orderbook {
    let (mut yes_dollars, mut no_dollars) = (Vec::new(), Vec::new());
    shown.levels(ticker, &mut yes_dollars, &mut no_dollars);
    if depth > 0 {
        for side in [&mut yes_dollars, &mut no_dollars] {
            side.drain(..side.len().saturating_sub(depth));
        }
    }
    Orderbook { yes_dollars, no_dollars }
}

/// `GET /markets/trades`, newest first. A market's last thousand are kept.
pub(super) async fn trades(State(venue): State<Arc<Venue>>, parameters: Parameters) -> Answer {
    let page = parameters.page("/markets/trades", 100, MOST)?;
    let window = Window::read(&parameters, "min_ts", "max_ts")?;
    let ticker = parameters.text("ticker");
    let only_blocks = parameters.flag("is_block_trade");
    let (trades, cursor) = venue.with(|floor, _| {
        let tickers =
            floor.directory.tickers.iter().filter(|known| ticker.is_none_or(|ticker| ticker == &***known));
        let mut prints: Vec<_> = tickers.flat_map(|ticker| floor.exchange.prints(ticker)).collect();
        prints.sort_by_key(|print| print.time);
        page.newest_first(prints.len(), |place| {
            let print = prints[place];
            (!only_blocks && window.contains(Some(print.time))).then(|| wire::trade(print))
        })
    });
    ok(&Trades { trades, cursor })
}

/// `GET /series/{series}/markets/{ticker}/candlesticks`.
pub(super) async fn candlesticks(
    State(venue): State<Arc<Venue>>,
    Path((series, ticker)): Path<(String, String)>,
    parameters: Parameters,
) -> Answer {
    let needed = |name: &str| {
        parameters.number(name)?.ok_or_else(|| Problem::bad_request(format!("{name}: it has to be given")))
    };
    let window = (needed("start_ts")?, needed("end_ts")?);
    let minutes = needed("period_interval")?;
    if ![1, 60, 1440].contains(&minutes) {
        return Err(Problem::bad_request("period_interval: 1, 60 or 1440 minutes"));
    }
    let candlesticks = venue.with(|floor, now| {
        floor.quotes.look(&floor.exchange, &[ticker.as_str().into()], now);
        let view = floor.exchange.market(&ticker).filter(|view| view.spec.series == series)?;
        let prints = floor.exchange.prints(&ticker);
        Some(floor.quotes.candlesticks(&ticker, prints, window, minutes, view.open_interest))
    });
    let candlesticks = candlesticks.ok_or_else(Problem::not_found)?;
    ok(&Candlesticks { ticker, candlesticks })
}
