//! `kalshi-bot balance`: the account's cash, shard by shard, and what its positions are worth.

use crate::cli::account::BalanceArguments;
use crate::connection;
use crate::exit::{ExitCode, Failure};
use crate::figures::{Digits, amount, counted, moment};
use crate::listing::{self, Column, Figure, List};
use crate::output::Output;
use crate::report_table::wrapped;
use kalshi_bot::kalshi::model::{Balance, ShardBalance};
use kalshi_bot::units::{MICROS, Money, Timestamp};
use serde::Serialize;

const COLUMNS: &[Column<ShardBalance>] = &[
    Column::new("shard", "Shard", |row| Figure::Count(u64::from(row.exchange_index))),
    Column::new("cash", "Cash", |row| Figure::Dollars(row.balance)),
];

/// The document of `balance`.
#[derive(Serialize)]
struct Document<'a> {
    exchange: &'static str,
    cash: Money,
    portfolio_value: Money,
    total: Money,
    updated: Timestamp,
    shards: List<'a, ShardBalance>,
}

/// Shows the balance.
pub(crate) fn run(arguments: &BalanceArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings = connection::settings(&arguments.exchange, Vec::new())?;
    let client = connection::client(&settings)?;
    let balance = connection::runtime()?.block_on(client.balance())?;
    let exchange = settings.api.exchange().kind.as_str();
    let document = document(exchange, &balance);
    let heading = wrapped(&heading(&document), output.width());
    listing::print(output, arguments.output, &document.shards, &document, (&heading, ""))?;
    Ok(ExitCode::Done)
}

fn document<'a>(exchange: &'static str, balance: &'a Balance) -> Document<'a> {
    let portfolio_value = cents(balance.portfolio_value);
    Document {
        exchange,
        cash: balance.balance_dollars,
        portfolio_value,
        total: balance.balance_dollars + portfolio_value,
        updated: Timestamp::from_secs(balance.updated_ts),
        shards: List { columns: COLUMNS, rows: &balance.balance_breakdown },
    }
}

fn heading(document: &Document<'_>) -> String {
    let shown = |money| amount(money, Digits::Cents);
    format!(
        "{} on the {} exchange as of {}: {} of cash on {}, and positions worth {}. An order can spend only the cash of \
         its market's shard.",
        shown(document.total),
        document.exchange,
        moment(document.updated),
        shown(document.cash),
        counted(document.shards.rows.len() as u64, "shard"),
        shown(document.portfolio_value)
    )
}

/// An amount that the exchange gives in whole cents.
pub(crate) const fn cents(cents: i64) -> Money {
    Money::from_raw(cents.saturating_mul(MICROS / 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_and_dollars_of_one_body_are_told_apart() {
        let body = r#"{"balance":10417,"balance_dollars":"104.1763","portfolio_value":2300,"updated_ts":1795370000,
            "balance_breakdown":[{"exchange_index":0,"balance":"90.1763"},{"exchange_index":2,"balance":"14.0000"}]}"#;
        let balance: Balance = serde_json::from_str(body).expect("a balance");
        let document = document("demo", &balance);
        assert_eq!(document.total.to_string(), "127.176300");
        let heading = heading(&document);
        assert!(heading.starts_with("127.18 on the demo exchange as of 2026-11-22"), "{heading}");
        assert!(heading.contains("104.18 of cash on 2 shards, and positions worth 23.00"), "{heading}");
        let written = serde_json::to_value(&document).expect("written");
        assert_eq!(written["shards"][1], serde_json::json!({ "shard": 2, "cash": "14.000000" }));
    }
}
