//! Markets that their touch lets through, judged on their whole books.

use super::{Scan, SeriesTerms};
use crate::markets::judge::{judge, market};
use crate::markets::row::ScanRow;
use crate::start::wall_clock;
use kalshi_bot::gateway::listing::{Terms, fill_book, market_spec, series_of};
use kalshi_bot::kalshi::error::ApiError;
use kalshi_bot::kalshi::model;
use kalshi_bot::market::Book;
use std::collections::{BTreeSet, HashMap};

/// Markets whose books are asked for in one request.
pub(super) const BATCH: usize = 100;

/// A market that deserves a closer look.
#[derive(Debug)]
pub(super) struct Candidate {
    body: Box<model::Market>,
}

impl Candidate {
    /// The market of this description.
    pub(super) fn new(body: model::Market) -> Self {
        Self { body: Box::new(body) }
    }
}

impl Scan<'_> {
    /// Reads events and books of the candidates at hand, and judges them.
    pub(super) async fn look_closer(&mut self) -> Result<(), ApiError> {
        let candidates = std::mem::take(&mut self.candidates);
        if candidates.is_empty() {
            return Ok(());
        }
        self.learn_events(&candidates).await?;
        let tickers: Vec<&str> = candidates.iter().map(|candidate| candidate.body.ticker.as_str()).collect();
        let answers = self.client.orderbooks(&tickers).await?;
        let mut books: HashMap<String, model::Orderbook> =
            answers.into_iter().map(|answer| (answer.ticker, answer.orderbook_fp)).collect();
        for candidate in &candidates {
            let book = books.remove(&candidate.body.ticker);
            self.judge_whole(&candidate.body, book);
        }
        Ok(())
    }

    /// Reads the events that aren't known yet, and the series of those whose name didn't tell it.
    async fn learn_events(&mut self, candidates: &[Candidate]) -> Result<(), ApiError> {
        let events = candidates.iter().map(|candidate| candidate.body.event_ticker.as_str());
        let unknown: BTreeSet<&str> = events.filter(|event| !self.events.contains_key(*event)).collect();
        let unknown: Vec<&str> = unknown.into_iter().collect();
        if unknown.is_empty() {
            return Ok(());
        }
        for event in self.client.events_named(&unknown).all().await? {
            if !self.series.contains_key(event.series_ticker.as_str()) {
                let series = self.client.series(&event.series_ticker).await?;
                self.learn(&series);
            }
            self.events.insert(event.event_ticker.clone(), event);
        }
        Ok(())
    }

    /// The last word on a market.
    fn judge_whole(&mut self, body: &model::Market, levels: Option<model::Orderbook>) {
        let now = wall_clock();
        let event = self.events.get(&body.event_ticker);
        let Some((event, series)) = event.and_then(|event| Some((event, self.series_of_event(event)?)))
        else {
            // Its fees may be its event's own, so that nothing can be reckoned without it.
            self.refuse_unread(body, (series_of(&body.event_ticker).into(), "".into()));
            return;
        };
        let terms = Terms::clone(&series.terms).with_event(event);
        let Ok(spec) = market_spec(body, &terms) else {
            self.refuse_unread(body, (series.name, series.category));
            return;
        };
        let mut book = Book::default();
        if let Some(levels) = levels {
            // A book that makes no sense is suspect, which the filter refuses.
            let _ = fill_book(&mut book, &levels);
        }
        let rules = self.rules.rules_for(&spec);
        let market = market(spec, book);
        let verdict = judge(&market, &rules, now);
        let names = (series.name, series.category);
        let reach = Some(rules.filter.liquidity_reach);
        self.keep(verdict, |verdict| ScanRow::new(&market, names, verdict, reach, now));
    }

    fn series_of_event(&self, event: &model::Event) -> Option<SeriesTerms> {
        self.series.get(event.series_ticker.as_str()).cloned()
    }
}
