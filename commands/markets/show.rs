//! `kalshi-bot markets show`: one market's description, book and last trades, and what the bot says of it.

use super::judge::market;
use super::words;
use crate::cli::exchange::ListFormat;
use crate::cli::markets::ShowArguments;
use crate::connection;
use crate::exit::{ExitCode, Failure};
use crate::figures::{moment, span};
use crate::fills::outcome;
use crate::listing::{self, Column, Figure, List};
use crate::output::Output;
use crate::report_table::wrapped;
use crate::start::wall_clock;
use kalshi_bot::config::Settings;
use kalshi_bot::engine::Rules;
use kalshi_bot::gateway::listing::{Terms, fill_book, market_spec};
use kalshi_bot::kalshi::error::ApiError;
use kalshi_bot::kalshi::model::{self, Trade};
use kalshi_bot::kalshi::rest::Client;
use kalshi_bot::kalshi::rest::query::TradeQuery;
use kalshi_bot::market::{Book, Market, MarketSpec, Outcome, Side};
use kalshi_bot::strategy::{HighProbability, Strategy};
use kalshi_bot::units::{Price, Quantity, Ratio, Timestamp};
use serde::Serialize;

/// A level of the book.
struct Rung {
    side: Side,
    yes_price: Price,
    size: Quantity,
    /// Contracts from the touch to here.
    total: Quantity,
}

const RUNGS: &[Column<Rung>] = &[
    Column::new("side", "", |rung| Figure::Text(rung.side.as_str().to_owned())),
    Column::new("yes_price", "YES", |rung| Figure::Price(rung.yes_price)),
    Column::new("no_price", "NO", |rung| Figure::Price(rung.yes_price.complement())),
    Column::new("size", "Contracts", |rung| Figure::Contracts(rung.size)),
    Column::new("total", "To here", |rung| Figure::Contracts(rung.total)),
    Column::new("meaning", "Stands to", |rung| {
        Figure::Text(match rung.side {
            Side::Bid => "buy YES".to_owned(),
            Side::Ask => "buy NO".to_owned(),
        })
    }),
];

const TRADES: &[Column<Trade>] = &[
    Column::new("time", "Time", |trade| Figure::Time(trade.created_time)),
    Column::new("yes_price", "YES", |trade| Figure::Price(trade.yes_price_dollars)),
    Column::new("no_price", "NO", |trade| Figure::Price(trade.no_price_dollars)),
    Column::new("quantity", "Contracts", |trade| Figure::Contracts(trade.count_fp)),
    Column::new("taker", "Taker bought", |trade| Figure::Text(outcome(trade.taker_outcome_side).to_owned())),
    Column::unseen("is_block", |trade| Figure::Flag(trade.is_block_trade)),
];

/// The document of `markets show`.
#[derive(Serialize)]
struct Document<'a> {
    exchange: &'static str,
    market: &'a MarketSpec,
    outcomes: [&'a str; 2],
    result: &'a str,
    rules: &'a str,
    book: List<'a, Rung>,
    trades: List<'a, Trade>,
    verdict: &'a Verdict,
}

/// What the bot says of the market.
#[derive(Debug, Serialize)]
struct Verdict {
    enters: bool,
    why_not: Option<&'static str>,
    words: String,
    outcome: Option<Outcome>,
    price: Option<Price>,
    target: Option<Price>,
    stop: Option<Price>,
    net_win: Option<Price>,
    net_loss: Option<Price>,
    break_even: Option<Ratio>,
}

/// What the exchange tells of the market.
struct Told {
    body: model::Market,
    terms: Terms,
    levels: model::Orderbook,
    trades: Vec<Trade>,
}

/// Shows the market.
pub(super) fn run(arguments: &ShowArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings = connection::settings(&arguments.exchange, Vec::new())?;
    let client = connection::public_client(&settings)?;
    let told = connection::runtime()?
        .block_on(ask(&client, arguments))
        .map_err(|error| unknown(error, &arguments.ticker))?;
    let spec = market_spec(&told.body, &told.terms).map_err(|error| {
        let next = "nothing can be said of this market; the bot doesn't trade it either";
        Failure::new(ExitCode::Failed, "the market can't be understood", error, next)
    })?;
    let mut book = Book::default();
    if let Err(fault) = fill_book(&mut book, &told.levels) {
        Output::note(format_args!("the book makes no sense: {fault}"));
    }
    let market = market(spec, book);
    let now = wall_clock();
    let verdict = verdict(&market, &rules(&settings, &market.spec), now);
    let exchange = settings.api.exchange().kind.as_str();
    let depth = if arguments.output == ListFormat::Table { arguments.depth } else { usize::MAX };
    let rungs = rungs(&market.book, depth);
    let document = Document {
        exchange,
        market: &market.spec,
        outcomes: [&told.body.yes_sub_title, &told.body.no_sub_title],
        result: &told.body.result,
        rules: &told.body.rules_primary,
        book: List { columns: RUNGS, rows: &rungs },
        trades: List { columns: TRADES, rows: &told.trades },
        verdict: &verdict,
    };
    let heading = described(&document, &told.body, now, output.width());
    let ending = followed(&document, output.width());
    listing::print(output, arguments.output, &document.book, &document, (&heading, &ending))?;
    Ok(ExitCode::Done)
}

/// Names the market where the exchange knows none by that name.
fn unknown(error: ApiError, ticker: &str) -> Failure {
    if error.status() != Some(404) {
        return error.into();
    }
    let next = "look for it with `kalshi-bot markets scan --all`; markets that were paid out some weeks ago are gone";
    Failure::new(ExitCode::Failed, format!("there is no market {ticker}"), error, next)
}

async fn ask(client: &Client, arguments: &ShowArguments) -> Result<Told, ApiError> {
    let body = client.market(&arguments.ticker).await?;
    let event = client.event(&body.event_ticker).await?.event;
    let series = client.series(&event.series_ticker).await?;
    let levels = client.orderbook(&body.ticker, 0).await?;
    let query = TradeQuery {
        limit: Some(connection::page_size(arguments.trades)),
        ticker: Some(body.ticker.clone()),
        ..TradeQuery::default()
    };
    let trades = connection::first(client.trades(&query), arguments.trades).await?;
    Ok(Told { terms: Terms::new(&event, &series), body, levels, trades })
}

fn rules(settings: &Settings, spec: &MarketSpec) -> Rules {
    settings.rules_for(&spec.series, &spec.category)
}

fn verdict(market: &Market, rules: &Rules, now: Timestamp) -> Verdict {
    let mut verdict = Verdict {
        enters: false,
        why_not: None,
        words: String::new(),
        outcome: None,
        price: None,
        target: None,
        stop: None,
        net_win: None,
        net_loss: None,
        break_even: None,
    };
    if let Err(reason) = rules.filter.check(market, now) {
        verdict.why_not = Some(reason.code());
        verdict.words = words::filtered(reason, market, rules, now);
        return verdict;
    }
    match HighProbability.entry(market, &rules.parameters) {
        Err(reason) => {
            verdict.why_not = Some(reason.code());
            verdict.words = words::unwanted(reason, market, rules);
            verdict
        }
        Ok(signal) => Verdict {
            enters: true,
            words: words::wanted(&signal),
            outcome: Some(signal.outcome),
            price: Some(signal.price),
            target: Some(signal.plan.target),
            stop: Some(signal.plan.stop),
            net_win: Some(signal.net_win),
            net_loss: Some(signal.net_loss),
            break_even: Some(signal.break_even()),
            ..verdict
        },
    }
}

/// The book as one ladder, dearest YES price first: asks, then bids, `depth` of each from the touch.
fn rungs(book: &Book, depth: usize) -> Vec<Rung> {
    let side = |side: Side| {
        let mut total = Quantity::ZERO;
        let rungs = book.levels(side).take(depth).map(move |level| {
            total += level.size;
            Rung { side, yes_price: level.price, size: level.size, total }
        });
        rungs.collect::<Vec<_>>()
    };
    let mut ladder = side(Side::Ask);
    ladder.reverse();
    ladder.extend(side(Side::Bid));
    ladder
}

fn described(document: &Document<'_>, body: &model::Market, now: Timestamp, width: u16) -> String {
    let spec = document.market;
    let ranges = spec.grid.ranges().iter();
    let grid = ranges.map(|range| format!("{:.2} from {:.2} to {:.2}", range.step, range.start, range.end));
    let close = match now.until(spec.close) {
        left if left.is_zero() => format!("closed {}", moment(spec.close)),
        left => format!("closes {}, in {}", moment(spec.close), span(left)),
    };
    let fees = format!(
        "{} times {:.0}",
        word(&spec.fees.kind),
        Ratio::from_raw(i64::from(spec.fees.multiplier_ppm))
    );
    let mut lines = vec![
        format!("{} on the {} exchange: {}", spec.ticker, document.exchange, spec.title),
        format!("Yes: {}. No: {}.", document.outcomes[0], document.outcomes[1]),
        format!(
            "Event {}, series {}, {}; shard {}; {}.",
            spec.event,
            spec.series,
            spec.category,
            spec.shard,
            status(body)
        ),
        format!("Opened {}, {close}; {} contracts traded.", moment(spec.open), words::whole(spec.volume)),
        format!("Fees {fees}; prices in steps of {}.", grid.collect::<Vec<_>>().join(", ")),
    ];
    if !document.rules.is_empty() {
        lines.push(document.rules.to_owned());
    }
    if document.book.rows.is_empty() {
        lines.push("Its book is empty.".to_owned());
    }
    let clean = |line: &String| -> String {
        line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
    };
    lines.iter().map(|line| wrapped(&clean(line), width)).collect::<Vec<_>>().join("\n")
}

/// Where the market stands, in the exchange's words.
fn status(body: &model::Market) -> String {
    let status = word(&body.status);
    if body.result.is_empty() { status } else { format!("{status}, result {}", body.result) }
}

/// The word that a body has for it.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    value.as_ref().and_then(serde_json::Value::as_str).unwrap_or("unknown").to_owned()
}

fn followed(document: &Document<'_>, width: u16) -> String {
    let trades = if document.trades.rows.is_empty() {
        "No trades yet, or none asked for.".to_owned()
    } else {
        format!("Last trades\n{}", document.trades.table(width))
    };
    let verdict = document.verdict;
    let said = match verdict.why_not {
        Some(code) => format!("The bot wouldn't enter ({code}): {}.", verdict.words),
        None => format!("The bot would {}.", verdict.words),
    };
    format!("{trades}\n\n{}", wrapped(&said, width))
}

#[cfg(test)]
mod tests;
