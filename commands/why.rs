//! `kalshi-bot why`: what each gate of the running bot let through and refused, and how one market stands before them.

use crate::cli::Format;
use crate::cli::control::WhyArguments;
use crate::exit::{ExitCode, Failure};
use crate::figures::{Digits, amount, contracts, moment, span};
use crate::folder;
use crate::listing::{self, Column, Figure, List};
use crate::output::Output;
use kalshi_bot::control::{Gate, MarketWhy, Reply, Request, Why};
use kalshi_bot::units::Price;
use std::cmp::Reverse;
use std::fmt::Write as _;
use std::time::Duration;

/// A gate and one reason it refused for.
struct Refused {
    /// The gate and how many it let through, on its first line.
    gate: Option<(String, u64)>,
    reason: Option<(String, u64)>,
}

const GATES: &[Column<Refused>] = &[
    Column::new("gate", "Gate", |row| {
        Figure::Text(row.gate.as_ref().map_or_else(String::new, |(gate, _)| gate.clone()))
    }),
    Column::new("passed", "Let through", |row| match &row.gate {
        Some((_, passed)) => Figure::Count(*passed),
        None => Figure::Text(String::new()),
    }),
    Column::new("reason", "Refused for", |row| {
        Figure::Text(row.reason.as_ref().map_or_else(String::new, |(reason, _)| reason.clone()))
    }),
    Column::new("markets", "Markets", |row| match &row.reason {
        Some((_, markets)) => Figure::Count(*markets),
        None => Figure::Text(String::new()),
    }),
];

/// Asks the running bot why it trades, and why it does not.
pub(crate) fn run(arguments: &WhyArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let folder = folder::of_arguments(&arguments.account)?;
    let request = Request::Why { ticker: arguments.ticker.clone() };
    let why = match folder::ask(&folder, &request)? {
        Some(Reply::Why(why)) => why,
        Some(reply) => return Err(folder::off_topic(&reply)),
        None => return Err(folder::not_running(&folder)),
    };
    output.print(match arguments.output {
        Format::Json => listing::json(&why)?,
        Format::Table => render(&why, output.width()),
    });
    Ok(ExitCode::Done)
}

/// For people.
fn render(why: &Why, width: u16) -> String {
    let rows: Vec<Refused> = why.gates.iter().flat_map(lines).collect();
    let gates = List { columns: GATES, rows: &rows }.table(width);
    match &why.market {
        Some(market) => format!("{}\n\nAll markets, by gate\n{gates}", of_market(market)),
        None => format!("Markets by gate since the start\n{gates}"),
    }
}

/// A gate's lines: a line for each reason, most markets first.
fn lines(gate: &Gate) -> Vec<Refused> {
    let mut reasons: Vec<_> =
        gate.refused.iter().map(|(reason, markets)| (reason.clone(), *markets)).collect();
    reasons.sort_by_key(|(_, markets)| Reverse(*markets));
    let mut reasons = reasons.into_iter();
    let first = Refused { gate: Some((gate.gate.clone(), gate.passed)), reason: reasons.next() };
    let others = reasons.map(|reason| Refused { gate: None, reason: Some(reason) });
    std::iter::once(first).chain(others).collect()
}

fn of_market(market: &MarketWhy) -> String {
    let price = |price: Option<Price>| price.map_or_else(|| "none".to_owned(), |price| format!("{price:.2}"));
    let mut text = format!(
        "{} is {} and closes {}, in {}\nbid {}, ask {}, spread {}, {} near the touch, {} contracts traded",
        market.ticker,
        market.status,
        moment(market.closes),
        span(Duration::from_secs(market.seconds_left)),
        price(market.bid),
        price(market.ask),
        price(market.spread),
        amount(market.depth, Digits::Cents),
        contracts(market.volume)
    );
    match (&market.signal, &market.refusal) {
        (Some(signal), _) => {
            let _ = write!(
                text,
                "\nnow: it would buy {} at {:.2}, target {:.2}, stop {:.2}",
                signal.outcome.as_str(),
                signal.price,
                signal.target,
                signal.stop
            );
            if let Some(refusal) = &market.refusal {
                let _ = write!(text, ", but {} refuses: {}", refusal.gate, refusal.reason);
            }
        }
        (None, Some(refusal)) => {
            let _ = write!(text, "\nnow: {} refuses: {}", refusal.gate, refusal.reason);
        }
        (None, None) => text.push_str("\nnow: no gate refuses it, and nothing is bought"),
    }
    for verdict in &market.verdicts {
        let passed = if verdict.passed { "let it through" } else { "never let it through" };
        let refused = if verdict.refused.is_empty() {
            String::new()
        } else {
            format!("; refused for {}", verdict.refused.join(", "))
        };
        let _ = write!(text, "\nso far: {} {passed}{refused}", verdict.gate);
    }
    text
}
