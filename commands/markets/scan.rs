//! `kalshi-bot markets scan`: every market of the exchange through the bot's gates.
//!
//! Markets come page by page, and of a page only small rows are kept. A market is judged on the touch that its own
//! description tells; what that lets through is a candidate and judged again on its whole book and with the fees of its
//! event, a hundred candidates a request.

mod candidates;

use super::judge::{NOT_UNDERSTOOD, Rulebook, codes, judge_touch, market};
use super::row::{COLUMNS, ScanRow, sort};
use crate::cli::exchange::ListFormat;
use crate::cli::markets::ScanArguments;
use crate::connection;
use crate::exit::{ExitCode, Failure};
use crate::figures::{counted, grouped};
use crate::listing::{self, List};
use crate::output::Output;
use crate::report_table::wrapped;
use crate::start::wall_clock;
use candidates::{BATCH, Candidate};
use indicatif::{ProgressBar, ProgressStyle};
use kalshi_bot::config::Settings;
use kalshi_bot::engine::Rules;
use kalshi_bot::gateway::listing::{Terms, fill_touch, market_spec, series_of};
use kalshi_bot::kalshi::error::ApiError;
use kalshi_bot::kalshi::model;
use kalshi_bot::kalshi::rest::Client;
use kalshi_bot::kalshi::rest::query::MarketQuery;
use kalshi_bot::market::Book;
use kalshi_bot::strategy::Signal;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// Rows that a table shows unless told otherwise: no person reads more.
const ROWS_OF_A_TABLE: usize = 100;

/// The document of `markets scan`.
#[derive(Serialize)]
struct Document<'a> {
    exchange: &'static str,
    markets: List<'a, ScanRow>,
    summary: &'a Summary,
}

/// What became of all markets, shown or not.
#[derive(Debug, Default, Serialize)]
struct Summary {
    seen: u64,
    entered: u64,
    refused: BTreeMap<&'static str, u64>,
}

/// Everything a scan gathers.
struct Scan<'a> {
    client: &'a Client,
    rules: Rulebook<'a>,
    /// Series by ticker.
    series: HashMap<Arc<str>, SeriesTerms>,
    keeps_refused: bool,
    candidates: Vec<Candidate>,
    events: HashMap<String, model::Event>,
    rows: Vec<ScanRow>,
    summary: Summary,
}

/// What is kept of a series.
#[derive(Debug, Clone)]
struct SeriesTerms {
    name: Arc<str>,
    category: Arc<str>,
    terms: Arc<Terms>,
}

/// Scans and shows.
pub(super) fn run(arguments: &ScanArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings = connection::settings(&arguments.exchange, Vec::new())?;
    let client = connection::public_client(&settings)?;
    let bar = ProgressBar::no_length().with_style(
        ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    bar.enable_steady_tick(Duration::from_millis(200));
    let scanned = connection::runtime()?.block_on(scan(&client, &settings, arguments, &bar));
    bar.finish_and_clear();
    let (mut rows, summary) = scanned?;
    sort(&mut rows);
    let is_table = arguments.output == ListFormat::Table;
    let found = rows.len();
    rows.truncate(arguments.limit.unwrap_or(if is_table { ROWS_OF_A_TABLE } else { usize::MAX }));
    let exchange = settings.api.exchange().kind.as_str();
    let document = Document { exchange, markets: List { columns: COLUMNS, rows: &rows }, summary: &summary };
    let mut ending = ending(exchange, &summary);
    if rows.len() < found {
        let _ = write!(ending, " {} of them are shown; --limit changes that.", grouped(rows.len() as u64));
    }
    let ending = wrapped(&ending, output.width());
    listing::print(output, arguments.output, &document.markets, &document, ("", &ending))?;
    if arguments.output == ListFormat::Csv {
        Output::note(ending);
    }
    Ok(ExitCode::Done)
}

/// Reads and judges every market asked for.
async fn scan(
    client: &Client,
    settings: &Settings,
    arguments: &ScanArguments,
    bar: &ProgressBar,
) -> Result<(Vec<ScanRow>, Summary), ApiError> {
    bar.set_message("reading the series");
    let mut scan = Scan {
        client,
        rules: Rulebook::new(settings, |rules| change(rules, arguments)),
        series: HashMap::new(),
        keeps_refused: arguments.all,
        candidates: Vec::with_capacity(BATCH),
        events: HashMap::new(),
        rows: Vec::new(),
        summary: Summary::default(),
    };
    scan.learn_series(arguments).await?;
    let query = MarketQuery {
        limit: Some(1_000),
        event: arguments.event.clone(),
        series: arguments.series.clone(),
        status: Some(arguments.status.as_str()),
        without_combos: true,
        ..MarketQuery::default()
    };
    let mut pages = client.markets(&query);
    while let Some(page) = pages.next().await? {
        for body in &page {
            scan.consider(body);
            if scan.candidates.len() == BATCH {
                scan.look_closer().await?;
            }
        }
        bar.set_message(format!("{} judged", counted(scan.summary.seen, "market")));
    }
    scan.look_closer().await?;
    Ok((scan.rows, scan.summary))
}

/// What the flags change in the rules of every market.
fn change(rules: &mut Rules, arguments: &ScanArguments) {
    let filter = &mut rules.filter;
    if !arguments.category.is_empty() {
        filter.categories.clone_from(&arguments.category);
    }
    filter.min_volume = arguments.min_volume.unwrap_or(filter.min_volume);
    filter.min_liquidity = arguments.min_liquidity.unwrap_or(filter.min_liquidity);
    filter.max_spread = arguments.max_spread.unwrap_or(filter.max_spread);
    if let Some(hours) = arguments.within {
        filter.max_time_to_close = Duration::from_hours(u64::from(hours.get()));
        filter.min_time_to_close = filter.min_time_to_close.min(filter.max_time_to_close);
    }
}

impl Scan<'_> {
    /// Reads the series that the markets belong to.
    async fn learn_series(&mut self, arguments: &ScanArguments) -> Result<(), ApiError> {
        let named = match (&arguments.series, &arguments.event) {
            (Some(series), _) => Some(series.clone()),
            (None, Some(event)) => Some(self.client.event(event).await?.event.series_ticker),
            (None, None) => None,
        };
        match named {
            Some(series) => self.learn(&self.client.series(&series).await?),
            None => self.client.series_list().await?.iter().for_each(|series| self.learn(series)),
        }
        Ok(())
    }

    fn learn(&mut self, series: &model::Series) {
        let name: Arc<str> = series.ticker.as_str().into();
        let terms = Arc::new(Terms::of_series(series));
        let category = series.category.as_str().into();
        self.series.insert(Arc::clone(&name), SeriesTerms { name, category, terms });
    }

    /// Judges a market on its touch; what that lets through becomes a candidate. So does a market whose series its name
    /// doesn't tell.
    fn consider(&mut self, body: &model::Market) {
        self.summary.seen += 1;
        let Some(series) = self.series.get(series_of(&body.event_ticker)).cloned() else {
            self.candidates.push(Candidate::new(body.clone()));
            return;
        };
        let now = wall_clock();
        let Ok(spec) = market_spec(body, &series.terms) else {
            self.refuse_unread(body, (series.name, series.category));
            return;
        };
        let mut book = Book::default();
        // A touch that makes no sense leaves the book suspect, which the filter refuses.
        let _ = fill_touch(&mut book, body);
        let rules = self.rules.rules_for(&spec);
        let market = market(spec, book);
        match judge_touch(&market, &rules, now) {
            Ok(_) => self.candidates.push(Candidate::new(body.clone())),
            Err(code) => {
                let names = (series.name, series.category);
                self.keep(Err(code), |verdict| ScanRow::new(&market, names, verdict, None, now));
            }
        }
    }

    /// A market whose description can't be understood.
    fn refuse_unread(&mut self, body: &model::Market, (series, category): (Arc<str>, Arc<str>)) {
        self.keep(Err(NOT_UNDERSTOOD), |verdict| ScanRow {
            ticker: body.ticker.as_str().into(),
            title: body.title.as_deref().unwrap_or(&body.yes_sub_title).into(),
            series,
            category,
            close: Some(body.close_time),
            left: Some(wall_clock().until(body.close_time)),
            volume: body.volume_fp,
            spread: None,
            depth: None,
            ask: None,
            verdict,
        });
    }

    /// Counts a verdict, and keeps its row where it is shown.
    fn keep(
        &mut self,
        verdict: Result<Signal, &'static str>,
        row: impl FnOnce(Result<Signal, &'static str>) -> ScanRow,
    ) {
        match verdict {
            Ok(_) => self.summary.entered += 1,
            Err(code) => *self.summary.refused.entry(code).or_default() += 1,
        }
        if verdict.is_ok() || self.keeps_refused {
            self.rows.push(row(verdict));
        }
    }
}

fn ending(exchange: &str, summary: &Summary) -> String {
    let mut text = format!(
        "{} seen on the {exchange} exchange, {} would be entered.",
        counted(summary.seen, "market"),
        grouped(summary.entered)
    );
    let mut gap = " Refused: ";
    for code in codes() {
        if let Some(count) = summary.refused.get(code) {
            let _ = write!(text, "{gap}{} {code}", grouped(*count));
            gap = ", ";
        }
    }
    if gap == ", " {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests;
