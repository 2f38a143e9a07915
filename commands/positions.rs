//! `kalshi-bot positions`: what the account holds, at the prices it could be sold for now, or what was paid out.

use crate::balance::cents;
use crate::cli::account::PositionsArguments;
use crate::connection;
use crate::exit::{ExitCode, Failure};
use crate::figures::{Digits, amount, counted, signed};
use crate::holdings::{self, Holding};
use crate::listing::{self, Column, Figure, List};
use crate::output::Output;
use crate::report_table::wrapped;
use crate::start::wall_clock;
use kalshi_bot::kalshi::model::Settlement;
use kalshi_bot::kalshi::rest::query::SettlementQuery;
use kalshi_bot::units::{Money, Price, Rounding, Timestamp};
use serde::Serialize;

/// A position and what the time is.
struct Row {
    holding: Holding,
    now: Timestamp,
}

const COLUMNS: &[Column<Row>] = &[
    Column::new("market", "Market", |row| Figure::Name(row.holding.position.ticker.clone())),
    Column::new("outcome", "Side", |row| Figure::Text(row.holding.outcome().as_str().to_owned())),
    Column::new("quantity", "Contracts", |row| Figure::Contracts(row.holding.quantity())),
    Column::new("entry_price", "Entry", |row| Figure::of(row.entry_price(), Figure::Price)),
    Column::new("mark", "Mark", |row| Figure::of(row.holding.mark(), Figure::Price)),
    Column::new("cost", "Cost", |row| Figure::Dollars(row.cost())),
    Column::new("value", "Value", |row| Figure::of(row.value(), Figure::Dollars)),
    Column::new("unrealised", "P&L", |row| Figure::of(row.unrealised(), Figure::Profit)),
    Column::new("fees", "Fees", |row| Figure::Dollars(row.holding.position.fees_paid_dollars)),
    Column::unseen("realised", |row| Figure::Profit(row.holding.position.realized_pnl_dollars)),
    Column::new("pays", "Pays", |row| Figure::Dollars(row.pays())),
    Column::new("seconds_to_close", "Closes in", |row| {
        Figure::of(row.holding.market.as_ref(), |market| Figure::Span(row.now.until(market.close_time)))
    }),
    Column::unseen("shard", |row| Figure::Count(u64::from(row.holding.position.exchange_index))),
];

impl Row {
    const fn cost(&self) -> Money {
        self.holding.position.market_exposure_dollars
    }

    fn entry_price(&self) -> Option<Price> {
        self.cost().per_contract(self.holding.quantity())
    }

    /// What it is worth at the best bid.
    fn value(&self) -> Option<Money> {
        Some(self.holding.mark()?.times(self.holding.quantity(), Rounding::Floor))
    }

    fn unrealised(&self) -> Option<Money> {
        Some(self.value()? - self.cost())
    }

    /// What it pays if its outcome comes true.
    const fn pays(&self) -> Money {
        Price::ONE.times(self.holding.quantity(), Rounding::Floor)
    }
}

/// Sums over the positions; those that nobody bids for count as worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Totals {
    positions: u64,
    cost: Money,
    value: Money,
    unrealised: Money,
    fees: Money,
    pays: Money,
}

/// The document of `positions`.
#[derive(Serialize)]
struct Document<'a> {
    exchange: &'static str,
    positions: List<'a, Row>,
    totals: Totals,
}

/// Lists positions or pay-outs.
pub(crate) fn run(arguments: &PositionsArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if arguments.settled {
        return paid_out(arguments, output);
    }
    let settings = connection::settings(&arguments.exchange, Vec::new())?;
    let client = connection::client(&settings)?;
    let holdings = connection::runtime()?.block_on(holdings::read(&client, &[]))?;
    let now = wall_clock();
    let rows: Vec<Row> =
        holdings.into_iter().take(arguments.limit).map(|holding| Row { holding, now }).collect();
    let exchange = settings.api.exchange().kind.as_str();
    let totals = totals(&rows);
    let document = Document { exchange, positions: List { columns: COLUMNS, rows: &rows }, totals };
    let ending = wrapped(&ending(exchange, &totals), output.width());
    listing::print(output, arguments.output, &document.positions, &document, ("", &ending))?;
    Ok(ExitCode::Done)
}

fn totals(rows: &[Row]) -> Totals {
    let sum = |figure: fn(&Row) -> Money| rows.iter().map(figure).sum();
    let (cost, value) = (sum(Row::cost), sum(|row| row.value().unwrap_or_default()));
    Totals {
        positions: rows.len() as u64,
        cost,
        value,
        unrealised: value - cost,
        fees: sum(|row| row.holding.position.fees_paid_dollars),
        pays: sum(Row::pays),
    }
}

fn ending(exchange: &str, totals: &Totals) -> String {
    if totals.positions == 0 {
        return format!("No positions on the {exchange} exchange.");
    }
    let shown = |money| amount(money, Digits::Cents);
    format!(
        "{} on the {exchange} exchange: cost {}, worth {} at the best bids ({}), {} of fees paid. If all come true they \
         pay {}.",
        counted(totals.positions, "position"),
        shown(totals.cost),
        shown(totals.value),
        signed(totals.unrealised, Digits::Cents),
        shown(totals.fees),
        shown(totals.pays)
    )
}

const SETTLED: &[Column<Settlement>] = &[
    Column::new("settled", "Settled", |row| Figure::Time(row.settled_time)),
    Column::new("market", "Market", |row| Figure::Name(row.ticker.clone())),
    Column::new("result", "Result", |row| Figure::Text(row.market_result.clone())),
    Column::new("yes_quantity", "Yes", |row| Figure::Contracts(row.yes_count_fp)),
    Column::new("no_quantity", "No", |row| Figure::Contracts(row.no_count_fp)),
    Column::new("cost", "Cost", |row| Figure::Dollars(settled_cost(row))),
    Column::new("revenue", "Paid out", |row| Figure::Dollars(cents(row.revenue))),
    Column::new("fees", "Fees", |row| Figure::Dollars(row.fee_cost)),
    Column::new("net", "P&L", |row| Figure::Profit(net(row))),
    Column::unseen("shard", |row| Figure::Count(u64::from(row.exchange_index))),
];

fn settled_cost(row: &Settlement) -> Money {
    row.yes_total_cost_dollars + row.no_total_cost_dollars
}

fn net(row: &Settlement) -> Money {
    cents(row.revenue) - settled_cost(row) - row.fee_cost
}

/// The document of `positions --settled`.
#[derive(Serialize)]
struct SettledDocument<'a> {
    exchange: &'static str,
    settlements: List<'a, Settlement>,
}

fn paid_out(arguments: &PositionsArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings = connection::settings(&arguments.exchange, Vec::new())?;
    let client = connection::client(&settings)?;
    let query =
        SettlementQuery { limit: Some(connection::page_size(arguments.limit)), ..SettlementQuery::default() };
    let pages = client.settlements(&query);
    let rows = connection::runtime()?.block_on(connection::first(pages, arguments.limit))?;
    let exchange = settings.api.exchange().kind.as_str();
    let ending = match rows.len() as u64 {
        0 => format!("Nothing was paid out on the {exchange} exchange yet."),
        count => {
            let net: Money = rows.iter().map(net).sum();
            let net = signed(net, Digits::Cents);
            format!("{} paid out on the {exchange} exchange: {net} after fees.", counted(count, "market"))
        }
    };
    let document = SettledDocument { exchange, settlements: List { columns: SETTLED, rows: &rows } };
    listing::print(output, arguments.output, &document.settlements, &document, ("", &ending))?;
    Ok(ExitCode::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::holdings::samples::holding;

    #[test]
    fn positions_are_valued_at_what_they_could_be_sold_for() {
        let now = "2026-11-22T20:00:00Z".parse().expect("a time");
        let mut unwanted = holding("KXRAIN-26NOV22-LA", "3.00", "2.7000");
        unwanted.book = kalshi_bot::market::Book::default();
        let holdings = [
            holding("KXRAIN-26NOV22-NYC", "12.50", "10.8750"),
            holding("KXRAIN-26NOV22-SF", "-20.00", "2.4000"),
            unwanted,
        ];
        let rows: Vec<Row> = holdings.into_iter().map(|holding| Row { holding, now }).collect();
        insta::assert_snapshot!(List { columns: COLUMNS, rows: &rows }.table(100));
        let totals = totals(&rows);
        assert_eq!(totals.value.to_string(), "13.200000");
        assert_eq!(totals.unrealised.to_string(), "-2.775000");
        assert_eq!(totals.pays.to_string(), "35.500000");
    }

    #[test]
    fn a_pay_out_in_cents_is_reckoned_with_costs_in_dollars() {
        let row: Settlement = serde_json::from_str(
            r#"{"ticker":"KXRAIN-26NOV22-NYC","event_ticker":"KXRAIN-26NOV22","market_result":"yes",
                "yes_count_fp":"12.50","yes_total_cost_dollars":"10.8750","no_count_fp":"0.00",
                "no_total_cost_dollars":"0.0000","revenue":1250,"settled_time":"2026-11-23T00:00:00Z",
                "fee_cost":"0.1100"}"#,
        )
        .expect("a settlement");
        assert_eq!(net(&row).to_string(), "1.515000");
    }
}
