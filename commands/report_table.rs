//! The report of a run for people: every trade, what it came to, why it traded and why it did not.

use crate::figures::{Digits, amount, contracts, counted, grouped, latency, signed, span, time_of_day};
use crate::listing::tabulate;
use comfy_table::CellAlignment;
use kalshi_bot::report::performance::{RunReport, Summary};
use kalshi_bot::report::words;
use kalshi_bot::telemetry::latency::StageLatency;
use std::fmt::Write as _;
use std::time::Duration;

/// Trades that are listed; the JSON document has all.
const TRADES_SHOWN: usize = 40;

/// Renders the report for a terminal of `width` columns. `measured` are the latencies on this machine's clock, which
/// belong to this run alone and therefore aren't part of the report.
pub(crate) fn render(title: &str, report: &RunReport, measured: &[StageLatency], width: u16) -> String {
    let mut text = heading(title, report, width);
    // Of a live run and of a recording both clocks are this machine's.
    let (on_the_runs_clock, on_this_machine) = if report.latency == measured {
        (String::new(), ("Latency", latencies(measured, width)))
    } else {
        (latencies(&report.latency, width), ("Latency on this machine", latencies(measured, width)))
    };
    let sections = [
        ("Trades", trades(report, width)),
        ("Still open", open_positions(report, width)),
        ("Result", result(&report.summary, width)),
        ("Exits", exits(report, width)),
        ("Why it traded, and why not: markets by gate", funnel(report, width)),
        ("Latency on the run's clock", on_the_runs_clock),
        on_this_machine,
        ("Feed", frames(report, width)),
        ("State", state(report)),
    ];
    for (title, body) in sections {
        if !body.is_empty() {
            let _ = write!(text, "\n\n{title}\n{body}");
        }
    }
    text
}

fn heading(title: &str, report: &RunReport, width: u16) -> String {
    let run = &report.run;
    let seed = run.seed.map(|seed| format!(", seed {seed}")).unwrap_or_default();
    let cut = if run.interrupted { ", ended early from outside" } else { "" };
    let text = format!(
        "{title} on {}{seed}: {} to {} ({}){cut}",
        run.source,
        crate::figures::moment(run.started),
        crate::figures::moment(run.ended),
        span(run.ended.since(run.started))
    );
    wrapped(&text, width)
}

fn trades(report: &RunReport, width: u16) -> String {
    if report.trades.is_empty() {
        return String::new();
    }
    let header = ["Closed", "Market", "Bought", "Entry", "Exit", "Reason", "Gross", "Fees", "Net", "Held"];
    let rows = report.trades.iter().take(TRADES_SHOWN).map(|closed| {
        let trade = &closed.trade;
        vec![
            time_of_day(trade.exit_time),
            trade.market.to_string(),
            format!("{} {}", contracts(trade.quantity), trade.outcome.as_str()),
            format!("{:.2}", trade.entry_price),
            format!("{:.2}", trade.exit_price),
            trade.exit_reason.as_str().to_owned(),
            signed(trade.gross_pnl, Digits::Cents),
            amount(trade.fees, Digits::Cents),
            signed(trade.net_pnl, Digits::Cents),
            span(Duration::from_secs(closed.held_seconds)),
        ]
    });
    let mut text = table(&header, &[0, 1, 5], rows, width);
    if let Some(more) = report.trades.len().checked_sub(TRADES_SHOWN).filter(|more| *more > 0) {
        let _ = write!(text, "\n… and {} more; `--output json` lists all", grouped(more as u64));
    }
    text
}

fn open_positions(report: &RunReport, width: u16) -> String {
    if report.open_positions.is_empty() {
        return String::new();
    }
    let header = ["Market", "Side", "Qty", "Entry", "Mark", "Target", "Stop", "P&L", "Held"];
    let rows = report.open_positions.iter().map(|position| {
        vec![
            position.market.to_string(),
            position.outcome.as_str().to_owned(),
            contracts(position.quantity),
            format!("{:.2}", position.entry_price),
            position.mark.map_or_else(|| "none".to_owned(), |mark| format!("{mark:.2}")),
            format!("{:.2}", position.target),
            format!("{:.2}", position.stop),
            signed(position.unrealised, Digits::Cents),
            span(report.run.ended.since(position.since)),
        ]
    });
    table(&header, &[0, 1], rows, width)
}

fn result(summary: &Summary, width: u16) -> String {
    let mut sentences = vec![words::verdict(&summary.trading)];
    sentences.push(format!(
        "The balance went from {} to {}, open positions at the price they could be sold at; its largest fall from a \
         peak was {}.",
        amount(summary.starting_balance, Digits::Cents),
        amount(summary.ending_balance, Digits::Cents),
        amount(summary.max_drawdown, Digits::Cents)
    ));
    sentences.extend(words::win_rate(&summary.trading));
    sentences.extend(words::sizes(&summary.trading));
    sentences.iter().map(|sentence| wrapped(sentence, width)).collect::<Vec<_>>().join("\n")
}

fn exits(report: &RunReport, width: u16) -> String {
    if report.exits.is_empty() {
        return String::new();
    }
    let rows = report.exits.iter().map(|(reason, count)| {
        vec![reason.as_str().to_owned(), grouped(count.trades), signed(count.net_pnl, Digits::Cents)]
    });
    table(&["Reason", "Trades", "Net"], &[0], rows, width)
}

fn funnel(report: &RunReport, width: u16) -> String {
    let mut rows = Vec::new();
    for gate in &report.funnel {
        let mut refused: Vec<_> = gate.refused.iter().collect();
        refused.sort_by_key(|(code, markets)| (std::cmp::Reverse(**markets), **code));
        let mut refused = refused.into_iter().map(|(code, markets)| ((*code).to_owned(), grouped(*markets)));
        let (code, markets) = refused.next().unwrap_or_default();
        rows.push(vec![gate.gate.to_owned(), grouped(gate.passed), code, markets]);
        rows.extend(refused.map(|(code, markets)| vec![String::new(), String::new(), code, markets]));
    }
    table(&["Gate", "Let through", "Refused for", "Markets"], &[0, 2], rows, width)
}

fn latencies(stages: &[StageLatency], width: u16) -> String {
    if stages.is_empty() {
        return String::new();
    }
    let rows = stages.iter().map(|stage| {
        let StageLatency { stage, count, p50, p99, max } = *stage;
        vec![stage.to_owned(), grouped(count), latency(p50), latency(p99), latency(max)]
    });
    table(&["Stage", "Count", "Median", "99 %", "Largest"], &[0], rows, width)
}

fn frames(report: &RunReport, width: u16) -> String {
    let frames = &report.frames;
    let text = format!(
        "{} decoded, {} applied to a book, {} malformed, {}, {}",
        counted(frames.decoded, "frame"),
        grouped(frames.applied),
        grouped(frames.malformed),
        counted(frames.gaps, "gap"),
        counted(frames.resyncs, "resync")
    );
    wrapped(&text, width)
}

fn state(report: &RunReport) -> String {
    let state = &report.state;
    let reasons =
        if state.reasons.is_empty() { String::new() } else { format!(": {}", state.reasons.join(", ")) };
    format!("trading ended {}{reasons}", state.trading)
}

/// A table whose columns are right-aligned but for those at the places `left`.
fn table(header: &[&str], left: &[usize], rows: impl IntoIterator<Item = Vec<String>>, width: u16) -> String {
    let alignment =
        |column: usize| if left.contains(&column) { CellAlignment::Left } else { CellAlignment::Right };
    let alignments: Vec<CellAlignment> = (0..header.len()).map(alignment).collect();
    let header = header.iter().map(|name| (*name).to_owned()).collect();
    tabulate(header, &alignments, rows, width).trim_fmt()
}

/// Breaks a paragraph at spaces to lines of at most `width` columns.
pub(crate) fn wrapped(text: &str, width: u16) -> String {
    let mut lines = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > usize::from(width) {
            lines.push('\n');
            used = 0;
        } else if used > 0 {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += length;
    }
    lines
}

#[cfg(test)]
mod tests;
