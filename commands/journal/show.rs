//! `kalshi-bot journal show`: entries, oldest first, all or those that are asked for.

use super::{disk, unread, words};
use crate::cli::journal::ShowArguments;
use crate::exit::{ExitCode, Failure};
use crate::listing::{self, Column, Figure, List};
use crate::output::Output;
use kalshi_bot::journal::picture::LatestRun;
use kalshi_bot::journal::{self, Contents, Disk, Entry};
use kalshi_bot::units::Timestamp;
use serde::Serialize;
use std::collections::HashMap;

/// How many are shown where nothing narrows them down.
const SHOWN: usize = 50;

const COLUMNS: &[Column<Row>] = &[
    Column::new("seq", "Entry", |row| Figure::Count(row.seq)),
    Column::new("time", "Time", |row| Figure::of(row.time, Figure::Time)),
    Column::new("kind", "Kind", |row| Figure::Name(row.kind.to_owned())),
    Column::new("order", "Order", |row| Figure::of(row.order.clone(), Figure::Name)),
    Column::new("market", "Market", |row| Figure::of(row.market.clone(), Figure::Name)),
    Column::new("what", "What", |row| Figure::Text(row.what.clone())),
];

/// The document of `journal show`.
#[derive(Serialize)]
struct Document<'a> {
    journal: String,
    entries: &'a [Row],
}

/// One entry.
#[derive(Debug, Serialize)]
struct Row {
    seq: u64,
    time: Option<Timestamp>,
    kind: &'static str,
    /// Our name for the order.
    order: Option<String>,
    market: Option<String>,
    what: String,
    entry: Entry<'static>,
}

/// Lists entries.
pub(super) fn run(arguments: &ShowArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let disk = disk(&arguments.account)?;
    let contents = journal::read(&disk).map_err(|error| unread(&error))?;
    let rows = rows(contents, arguments);
    let document = Document { journal: disk.place(), entries: &rows };
    let ending = if rows.is_empty() { "No such entries." } else { "" };
    listing::print(
        output,
        arguments.output,
        &List { columns: COLUMNS, rows: &rows },
        &document,
        ("", ending),
    )?;
    Ok(ExitCode::Done)
}

fn rows(contents: Contents, wanted: &ShowArguments) -> Vec<Row> {
    let mut run: Option<String> = None;
    let mut markets: HashMap<String, String> = HashMap::new();
    let mut exchange: HashMap<String, String> = HashMap::new();
    let mut rows = Vec::new();
    for (at, numbered) in contents.entries.into_iter().enumerate() {
        let entry = numbered.entry;
        match &entry {
            Entry::RunStarted(started) => run = Some(format!("{}-{}", started.prefix, started.tag)),
            Entry::Snapshot(picture) => {
                run = picture.run.as_ref().map(|LatestRun { prefix, tag, .. }| format!("{prefix}-{tag}"));
                // Those within the chain say what the entries say already.
                if at > 0 {
                    continue;
                }
            }
            _ => {}
        }
        let order = entry.order().zip(run.as_ref()).map(|(order, run)| format!("{run}-{}", order.0));
        if let (Some(order), Some(market)) = (&order, entry.market()) {
            markets.entry(order.clone()).or_insert_with(|| market.to_owned());
        }
        if let (Some(order), Entry::Named(named)) = (&order, &entry) {
            exchange.insert(named.exchange_id.clone().into_owned(), order.clone());
        }
        let known = || order.as_ref().and_then(|order| markets.get(order)).cloned();
        rows.push(Row {
            seq: numbered.seq,
            time: entry.time(),
            kind: entry.kind(),
            market: entry.market().map(str::to_owned).or_else(known),
            order,
            what: words::of(&entry),
            entry,
        });
    }
    let order = wanted.order.as_ref().map(|order| exchange.get(order).unwrap_or(order));
    rows.retain(|row| fits(row, wanted, order));
    let narrows = wanted.from.is_some() || wanted.to.is_some() || wanted.order.is_some();
    let last = wanted.last.unwrap_or(if narrows { usize::MAX } else { SHOWN });
    rows.split_off(rows.len().saturating_sub(last))
}

fn fits(row: &Row, wanted: &ShowArguments, order: Option<&String>) -> bool {
    let is_in_time = |time: Timestamp| {
        wanted.from.is_none_or(|from| time >= from) && wanted.to.is_none_or(|to| time <= to)
    };
    let any_time = wanted.from.is_none() && wanted.to.is_none();
    row.time.map_or(any_time, is_in_time)
        && order.is_none_or(|order| row.order.as_ref() == Some(order))
        && wanted.market.as_ref().is_none_or(|market| row.market.as_ref() == Some(market))
}
