//! `kalshi-bot orders cancel` and `kalshi-bot cancel-all`: shows what would go, takes it off, and makes sure.

use super::row::{COLUMNS, OrderRow};
use super::takedown::{self, Scope, Takedown, TakedownError};
use crate::cli::exchange::ListFormat;
use crate::cli::orders::{ActionArguments, CancelAllArguments, CancelArguments};
use crate::connection;
use crate::exit::{ExitCode, Failure};
use crate::figures::{contracts, counted};
use crate::listing::{self, List};
use crate::output::Output;
use kalshi_bot::config::Settings;
use kalshi_bot::execution::client_id::Prefix;
use kalshi_bot::kalshi::error::ApiError;
use kalshi_bot::kalshi::model::{Order, OrderStatus};
use kalshi_bot::kalshi::rest::Client;
use kalshi_bot::units::Quantity;
use serde::Serialize;
use tokio::runtime::Runtime;

/// The document of both commands.
#[derive(Serialize)]
struct Document<'a> {
    exchange: &'static str,
    dry_run: bool,
    /// What was to be cancelled.
    orders: List<'a, OrderRow>,
    /// What rests still.
    left: List<'a, OrderRow>,
}

/// What both commands work with.
struct Desk {
    settings: Settings,
    client: Client,
    runtime: Runtime,
    prefix: Prefix,
}

impl Desk {
    fn open(action: &ActionArguments) -> Result<Self, Failure> {
        let settings = connection::settings(&action.exchange, Vec::new())?;
        let client = connection::client(&settings)?;
        let prefix = settings.execution.order_prefix.clone();
        Ok(Self { client, runtime: connection::runtime()?, prefix, settings })
    }

    fn exchange(&self) -> &'static str {
        self.settings.api.exchange().kind.as_str()
    }

    fn rows(&self, orders: &[Order]) -> Vec<OrderRow> {
        orders.iter().map(|order| OrderRow::new(order.clone(), &self.prefix)).collect()
    }
}

/// Cancels the account's orders, or those that the flags mean.
pub(crate) fn all(arguments: &CancelAllArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let desk = Desk::open(&arguments.action)?;
    let scope = Scope {
        tickers: arguments.ticker.clone(),
        series: arguments.series.clone(),
        prefix: arguments.mine.then(|| desk.prefix.clone()),
        ..Scope::default()
    };
    let orders = desk.runtime.block_on(takedown::resting(&desk.client, &scope))?;
    carry_out(&desk, &scope, &orders, &arguments.action, output)?;
    Ok(ExitCode::Done)
}

/// Cancels the orders named.
pub(crate) fn some(arguments: &CancelArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let desk = Desk::open(&arguments.action)?;
    let scope = Scope { ids: arguments.ids.iter().cloned().collect(), ..Scope::default() };
    let (orders, unknown) = desk.runtime.block_on(find(&desk.client, &scope))?;
    let (resting, ended): (Vec<Order>, Vec<Order>) =
        orders.into_iter().partition(|order| order.status == OrderStatus::Resting);
    for order in &ended {
        Output::note(format_args!("order {} has ended: nothing of it rests", order.order_id));
    }
    if !unknown.is_empty() && resting.is_empty() && ended.is_empty() {
        return Err(unknown_orders(ExitCode::Failed, &unknown));
    }
    carry_out(&desk, &scope, &resting, &arguments.action, output)?;
    if unknown.is_empty() { Ok(ExitCode::Done) } else { Err(unknown_orders(ExitCode::Partial, &unknown)) }
}

/// The orders named, and the names that the exchange doesn't know. Lists trail, so whatever isn't listed as resting is
/// asked for by itself.
async fn find(client: &Client, scope: &Scope) -> Result<(Vec<Order>, Vec<String>), ApiError> {
    let mut orders = takedown::resting(client, scope).await?;
    let mut unknown = Vec::new();
    let listed: Vec<String> = orders.iter().map(|order| order.order_id.clone()).collect();
    for id in scope.ids.iter().filter(|id| !listed.contains(id)) {
        match client.order(id).await {
            Ok(order) => orders.push(order),
            Err(error) if error.status() == Some(404) => unknown.push(id.clone()),
            Err(error) => return Err(error),
        }
    }
    Ok((orders, unknown))
}

fn unknown_orders(code: ExitCode, unknown: &[String]) -> Failure {
    let what = format!("the exchange knows no order {}", unknown.join(", "));
    let cause = "ids are the exchange's, not client order ids, and old orders move to its archive";
    Failure::new(code, what, cause, "take the ids from `kalshi-bot orders list`")
}

/// Shows, asks, cancels and makes sure.
fn carry_out(
    desk: &Desk,
    scope: &Scope,
    orders: &[Order],
    action: &ActionArguments,
    output: &mut Output,
) -> Result<(), Failure> {
    let exchange = desk.exchange();
    let rows = desk.rows(orders);
    let list = List { columns: COLUMNS, rows: &rows };
    let is_table = action.output == ListFormat::Table;
    let nothing: &[OrderRow] = &[];
    let report = |output: &mut Output, left: &[OrderRow], ending: &str| {
        let orders = List { columns: COLUMNS, rows: &rows };
        let left = List { columns: COLUMNS, rows: left };
        if is_table {
            listing::print(output, ListFormat::Table, &left, &(), ("", ending))
        } else {
            let document = Document { exchange, dry_run: action.dry_run, orders, left };
            listing::print(output, action.output, &document.orders, &document, ("", ""))
        }
    };
    if orders.is_empty() {
        return report(output, nothing, &format!("Nothing to cancel rests on the {exchange} exchange."));
    }
    let what = plan(orders);
    if is_table {
        let heading = format!("To cancel on the {exchange} exchange: {what}.");
        listing::print(output, ListFormat::Table, &list, &(), (&heading, ""))?;
        output.print("");
    }
    if action.dry_run {
        return report(output, nothing, "Nothing was done: this was a dry run.");
    }
    connection::confirm(&desk.settings, action.yes, &format!("Cancel {what} on the {exchange} exchange?"))?;
    let Takedown { remarks, left } = desk
        .runtime
        .block_on(takedown::take_down(&desk.client, scope, orders))
        .map_err(|error| unfinished(error, "orders"))?;
    for remark in &remarks {
        Output::note(remark);
    }
    let left = desk.rows(&left);
    let ending = if left.is_empty() {
        format!("Cancelled: {what}. None of it rests any more.")
    } else {
        String::new()
    };
    report(output, &left, &ending)?;
    if left.is_empty() { Ok(()) } else { Err(still_there(&left, &remarks)) }
}

fn plan(orders: &[Order]) -> String {
    let left: Quantity = orders.iter().map(|order| order.remaining_count_fp).sum();
    format!("{} of {} contracts", counted(orders.len() as u64, "order"), contracts(left))
}

/// Orders could not be taken off, or it can't be told whether they were.
pub(crate) fn unfinished(error: TakedownError, what: &str) -> Failure {
    match error {
        TakedownError::Refused(error) => error.into(),
        TakedownError::Unverified(error) => Failure::new(
            ExitCode::Partial,
            format!("cancels were sent, but whether {what} still rest can't be told"),
            error,
            "run it again: what is gone already is left alone",
        ),
    }
}

fn still_there(left: &[OrderRow], remarks: &[String]) -> Failure {
    let names: Vec<&str> = left.iter().map(|row| row.order.order_id.as_str()).collect();
    let what = format!(
        "not all is taken off: {} still on the book: {}",
        counted(left.len() as u64, "order"),
        names.join(", ")
    );
    let cause = if remarks.is_empty() {
        "the exchange goes on listing them: reads trail, or something places new ones".to_owned()
    } else {
        remarks.join("\n")
    };
    let next = "end whatever places orders for this account, then run it again; in a market that has closed the \
                exchange takes them off by itself";
    Failure::new(ExitCode::Partial, what, cause, next)
}
