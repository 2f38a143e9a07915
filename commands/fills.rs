//! `kalshi-bot fills`: what the account traded, newest first.

use crate::cli::account::{FillsArguments, Since};
use crate::connection;
use crate::exit::{ExitCode, Failure};
use crate::figures::{Digits, amount, contracts, counted};
use crate::listing::{self, Column, Figure, List};
use crate::output::Output;
use crate::start::wall_clock;
use kalshi_bot::kalshi::model::{Fill, OutcomeSide};
use kalshi_bot::kalshi::rest::query::FillQuery;
use kalshi_bot::units::{Money, Price, Quantity, Timestamp};
use serde::Serialize;
use std::collections::HashSet;

const COLUMNS: &[Column<Fill>] = &[
    Column::new("time", "Time", |fill| Figure::of(time(fill), Figure::Time)),
    Column::new("market", "Market", |fill| Figure::Name(fill.ticker.clone())),
    Column::new("outcome", "Bought", |fill| Figure::Text(outcome(fill.outcome_side).to_owned())),
    Column::new("quantity", "Contracts", |fill| Figure::Contracts(fill.count_fp)),
    Column::new("price", "Price", |fill| Figure::Price(own_price(fill))),
    Column::unseen("yes_price", |fill| Figure::Price(fill.yes_price_dollars)),
    Column::new("fee", "Fee", |fill| Figure::Dollars(fill.fee_cost)),
    Column::new("is_taker", "Taker", |fill| Figure::Flag(fill.is_taker)),
    Column::unseen("shard", |fill| Figure::Count(u64::from(fill.exchange_index))),
    Column::unseen("order_id", |fill| Figure::Name(fill.order_id.clone())),
    Column::unseen("fill_id", |fill| Figure::Name(fill.fill_id.clone())),
];

/// The document of `fills`.
#[derive(Serialize)]
struct Document<'a> {
    exchange: &'static str,
    fills: List<'a, Fill>,
    totals: Totals,
}

/// Sums over the fills listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Totals {
    fills: u64,
    quantity: Quantity,
    fees: Money,
}

/// Lists the fills.
pub(crate) fn run(arguments: &FillsArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings = connection::settings(&arguments.exchange, Vec::new())?;
    let client = connection::client(&settings)?;
    let query = FillQuery {
        limit: Some(connection::page_size(arguments.limit)),
        ticker: arguments.ticker.clone(),
        min: arguments.since.map(|since| beginning(since, wall_clock())),
        ..FillQuery::default()
    };
    let fills = connection::runtime()?.block_on(connection::first(client.fills(&query), arguments.limit))?;
    let fills = once_each(fills);
    let exchange = settings.api.exchange().kind.as_str();
    let document =
        Document { exchange, fills: List { columns: COLUMNS, rows: &fills }, totals: totals(&fills) };
    let ending = ending(exchange, &document.totals);
    listing::print(output, arguments.output, &document.fills, &document, ("", &ending))?;
    Ok(ExitCode::Done)
}

/// Seconds since 1970 at which the list begins.
fn beginning(since: Since, now: Timestamp) -> i64 {
    let at = match since {
        Since::Ago(span) => now - span,
        Since::At(at) => at,
    };
    at.micros().div_euclid(1_000_000)
}

/// Pages shift while they are read, so that a fill can come twice.
fn once_each(mut fills: Vec<Fill>) -> Vec<Fill> {
    let mut seen = HashSet::new();
    fills.retain(|fill| seen.insert(fill.fill_id.clone()));
    fills
}

fn totals(fills: &[Fill]) -> Totals {
    Totals {
        fills: fills.len() as u64,
        quantity: fills.iter().map(|fill| fill.count_fp).sum(),
        fees: fills.iter().map(|fill| fill.fee_cost).sum(),
    }
}

fn ending(exchange: &str, totals: &Totals) -> String {
    if totals.fills == 0 {
        return format!("No such fills on the {exchange} exchange.");
    }
    format!(
        "{} on the {exchange} exchange: {} contracts, {} of fees.",
        counted(totals.fills, "fill"),
        contracts(totals.quantity),
        amount(totals.fees, Digits::Cents)
    )
}

fn time(fill: &Fill) -> Option<Timestamp> {
    fill.created_time.or_else(|| fill.ts.map(Timestamp::from_secs))
}

const fn own_price(fill: &Fill) -> Price {
    match fill.outcome_side {
        OutcomeSide::Yes => fill.yes_price_dollars,
        OutcomeSide::No => fill.no_price_dollars,
    }
}

/// The outcome's word.
pub(crate) const fn outcome(side: OutcomeSide) -> &'static str {
    match side {
        OutcomeSide::Yes => "yes",
        OutcomeSide::No => "no",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn fills() -> Vec<Fill> {
        let fill = |id: &str, side: &str, book: &str, yes: &str, no: &str, fee: &str| {
            format!(
                r#"{{"fill_id":"{id}","trade_id":"{id}","order_id":"o-{id}","ticker":"KXRAIN-26DEC01-NYC",
                    "exchange_index":0,"outcome_side":"{side}","book_side":"{book}","count_fp":"12.50",
                    "yes_price_dollars":"{yes}","no_price_dollars":"{no}","is_taker":{},"fee_cost":"{fee}",
                    "created_time":"2026-11-22T15:04:05.25Z"}}"#,
                side == "yes"
            )
        };
        let taker = fill("f1", "yes", "bid", "0.8700", "0.1300", "0.0990");
        let maker = fill("f2", "no", "ask", "0.0900", "0.9100", "0.0000");
        serde_json::from_str(&format!("[{taker},{maker},{taker}]")).expect("fills")
    }

    #[test]
    fn a_fill_shows_the_price_of_the_outcome_it_bought() {
        let fills = once_each(fills());
        insta::assert_snapshot!(List { columns: COLUMNS, rows: &fills }.table(100));
        let totals = totals(&fills);
        assert_eq!(ending("demo", &totals), "2 fills on the demo exchange: 25 contracts, 0.10 of fees.");
    }

    #[test]
    fn a_list_begins_a_span_before_now_or_at_a_time() {
        let now = Timestamp::from_secs(1_795_370_000);
        assert_eq!(beginning(Since::Ago(Duration::from_hours(1)), now), 1_795_366_400);
        assert_eq!(beginning(Since::At(Timestamp::from_millis(1_500)), now), 1);
    }
}
