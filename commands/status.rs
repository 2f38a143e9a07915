//! `kalshi-bot status`: how the running bot stands.

use crate::cli::Format;
use crate::cli::control::StatusArguments;
use crate::exit::{ExitCode, Failure};
use crate::figures::{Digits, amount, counted, latency, moment, signed, span};
use crate::folder;
use crate::listing::{self, Column, Figure, List};
use crate::output::Output;
use kalshi_bot::control::{ClearedHalt, HeldPosition, Reply, Request, StageTimes, Status, WorkingOrder};
use kalshi_bot::store::{RunKind, Store};
use kalshi_bot::telemetry::log::RecentLine;
use kalshi_bot::telemetry::queue::Queue;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

const POSITIONS: &[Column<HeldPosition>] = &[
    Column::new("ticker", "Market", |row| Figure::Name(row.ticker.clone())),
    Column::new("outcome", "Side", |row| Figure::Text(row.outcome.as_str().to_owned())),
    Column::new("quantity", "Qty", |row| Figure::Contracts(row.quantity)),
    Column::new("entry", "Entry", |row| Figure::Price(row.entry)),
    Column::new("mark", "Mark", |row| Figure::of(row.mark, Figure::Price)),
    Column::new("unrealised", "P&L", |row| Figure::Profit(row.unrealised)),
];

const ORDERS: &[Column<WorkingOrder>] = &[
    Column::new("client_id", "Order", |row| Figure::Name(row.client_id.clone())),
    Column::new("ticker", "Market", |row| Figure::Name(row.ticker.clone())),
    Column::new("side", "Side", |row| Figure::Text(row.side.as_str().to_owned())),
    Column::new("price", "YES price", |row| Figure::Price(row.price)),
    Column::new("remaining", "Left", |row| Figure::Contracts(row.remaining)),
    Column::new("purpose", "Purpose", |row| Figure::Text(row.purpose.clone())),
    Column::new("state", "State", |row| Figure::Text(row.state.clone())),
];

const LATENCIES: &[Column<StageTimes>] = &[
    Column::new("stage", "Stage", |row| Figure::Text(row.stage.clone())),
    Column::new("count", "Count", |row| Figure::Count(row.count)),
    Column::new("p50_ns", "Median", |row| Figure::Text(latency(row.p50_ns))),
    Column::new("p99_ns", "99 %", |row| Figure::Text(latency(row.p99_ns))),
    Column::new("max_ns", "Largest", |row| Figure::Text(latency(row.max_ns))),
];

const QUEUES: &[Column<Queue>] = &[
    Column::new("name", "Queue", |row| Figure::Text(row.name.clone())),
    Column::new("depth", "Waiting", |row| Figure::Count(row.depth)),
    Column::new("dropped", "Dropped", |row| Figure::Count(row.dropped)),
];

const ERRORS: &[Column<RecentLine>] = &[
    Column::new("time", "When", |row| Figure::Time(row.time)),
    Column::new("level", "Level", |row| Figure::Name(row.level.clone())),
    Column::new("text", "What", |row| Figure::Text(row.text.clone())),
];

/// The document of `status`: the bot's own, or what is kept while none runs.
#[derive(Serialize)]
#[serde(untagged)]
enum Document<'a> {
    Running {
        running: bool,
        #[serde(flatten)]
        status: &'a Status,
    },
    Stopped {
        running: bool,
        halts: &'a [ClearedHalt],
    },
}

/// Shows how the running bot stands.
pub(crate) fn run(arguments: &StatusArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let folder = folder::of_arguments(&arguments.account)?;
    let status = match folder::ask(&folder, &Request::Status)? {
        Some(Reply::Status(status)) => status,
        Some(reply) => return Err(folder::off_topic(&reply)),
        None => return stopped(&folder, arguments.output, output),
    };
    output.print(match arguments.output {
        Format::Json => listing::json(&Document::Running { running: true, status: &status })?,
        Format::Table => render(&status, output.width()),
    });
    Ok(if status.trading == "halted" { ExitCode::Halted } else { ExitCode::Done })
}

/// What there is to say while no bot runs.
fn stopped(folder: &Path, format: Format, output: &mut Output) -> Result<ExitCode, Failure> {
    // A folder that no run has used yet has no store and no halts.
    let kept = Store::open_to_read(folder).and_then(|store| store.latched_halts(RunKind::Live));
    let halts: Vec<ClearedHalt> = kept.unwrap_or_default().into_iter().map(ClearedHalt::from).collect();
    if format == Format::Json {
        output.print(listing::json(&Document::Stopped { running: false, halts: &halts })?);
    }
    for halt in &halts {
        Output::note(format_args!(
            "the next run starts halted: {} since {}: {}",
            halt.reason,
            moment(halt.since),
            halt.detail
        ));
    }
    Err(folder::not_running(folder))
}

/// For people.
fn render(status: &Status, width: u16) -> String {
    let mut text = heading(status);
    let sections = [
        ("Positions", listed(POSITIONS, &status.positions, width)),
        ("Orders", listed(ORDERS, &status.orders, width)),
        ("Latency", listed(LATENCIES, &status.latency, width)),
        ("Queues", listed(QUEUES, &status.queues, width)),
        ("Last warnings and errors", listed(ERRORS, &status.errors, width)),
    ];
    for (title, table) in sections {
        if !table.is_empty() {
            let _ = write!(text, "\n\n{title}\n{table}");
        }
    }
    text
}

fn listed<R>(columns: &'static [Column<R>], rows: &[R], width: u16) -> String {
    if rows.is_empty() { String::new() } else { List { columns, rows }.table(width) }
}

fn heading(status: &Status) -> String {
    let stream = if status.connected { "connected" } else { "NOT connected" };
    let heard = match status.feed_age_ms {
        None => ", nothing heard yet".to_owned(),
        Some(0) => ", heard just now".to_owned(),
        Some(age) => format!(", last heard {} ago", latency(age.saturating_mul(1_000_000))),
    };
    let mut text = format!("{} on the {} exchange, {stream}{heard}", status.trading, status.exchange);
    for reason in &status.reasons {
        let mend = if reason.latched { "; only `kalshi-bot resume` clears it" } else { "" };
        let _ = write!(text, "\n  {} since {}: {}{mend}", reason.code, moment(reason.since), reason.detail);
    }
    let _ = write!(
        text,
        "\nprocess {}, version {}, up {}\n{} followed, {}, {}\ncash {}, equity {}, today {}; {}, {}",
        status.pid,
        status.version,
        span(Duration::from_secs(status.uptime_seconds)),
        counted(status.markets, "market"),
        counted(status.frames, "frame"),
        counted(status.gaps, "gap"),
        amount(status.cash, Digits::Cents),
        amount(status.equity, Digits::Cents),
        signed(status.daily_pnl, Digits::Cents),
        counted(status.signals, "signal"),
        counted(status.trades, "trade"),
    );
    if status.positions.is_empty() && status.orders.is_empty() {
        let _ = write!(text, "\nno position, no working order");
    } else {
        let _ = write!(
            text,
            "\n{}, {}",
            counted(status.positions.len() as u64, "position"),
            counted(status.orders.len() as u64, "working order")
        );
    }
    if let Some(reconciled) = &status.reconciled {
        let _ = write!(text, "\naccount compared at {}: {}", moment(reconciled.at), reconciled.result);
        for difference in &reconciled.differences {
            let _ = write!(text, "\n  {difference}");
        }
    }
    if let Some(metrics) = &status.metrics {
        let _ = write!(text, "\nmetrics at {metrics}");
    }
    text
}
