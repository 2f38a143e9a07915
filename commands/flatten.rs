//! `kalshi-bot flatten`: sells what the account holds, and makes sure that nothing is left.
//!
//! Every order may only reduce its position and takes what it can at once, so that nothing it does can open or turn a
//! position. An order whose answer is lost isn't sent again: the positions are read until they are flat or patience
//! ends, and they have the last word.

mod sale;

use crate::cli::account::FlattenArguments;
use crate::cli::exchange::ListFormat;
use crate::connection;
use crate::exit::{ExitCode, Failure};
use crate::figures::{Digits, amount, contracts, counted};
use crate::holdings;
use crate::listing::{self, List};
use crate::orders::cancel::unfinished;
use crate::orders::takedown::{self, Scope, waits};
use crate::output::Output;
use crate::start::wall_clock;
use kalshi_bot::config::Settings;
use kalshi_bot::execution::OrderId;
use kalshi_bot::execution::client_id::{ClientOrderId, RunTag};
use kalshi_bot::fees::{FeeKind, FeeSchedule};
use kalshi_bot::gateway::listing::Terms;
use kalshi_bot::kalshi::error::ApiError;
use kalshi_bot::kalshi::model::{BookSide, CreateOrder, SelfTradePrevention, TimeInForce};
use kalshi_bot::kalshi::rest::Client;
use kalshi_bot::market::Side;
use kalshi_bot::units::{Money, Price, Quantity};
use sale::{Attempt, COLUMNS, Sale};
use serde::Serialize;
use std::collections::HashMap;

/// What is reckoned with where a market's fees can't be read: the dearest.
const UNKNOWN_FEES: FeeSchedule = FeeSchedule { kind: FeeKind::Unknown, multiplier_ppm: 1_000_000 };

/// The document of `flatten`.
#[derive(Serialize)]
struct Document<'a> {
    exchange: &'static str,
    dry_run: bool,
    sales: List<'a, Sale>,
}

/// Sells the positions.
pub(crate) fn run(arguments: &FlattenArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let action = &arguments.action;
    let settings = connection::settings(&action.exchange, Vec::new())?;
    let client = connection::client(&settings)?;
    let runtime = connection::runtime()?;
    let exchange = settings.api.exchange().kind.as_str();
    let mut sales = runtime.block_on(plan(&client, &arguments.ticker, arguments.slippage))?;
    let is_table = action.output == ListFormat::Table;
    if sales.is_empty() {
        report(
            &sales,
            arguments,
            exchange,
            output,
            &format!("No such positions on the {exchange} exchange."),
        )?;
        return Ok(ExitCode::Done);
    }
    let what = wanted(&sales);
    if is_table {
        let heading = format!("To sell on the {exchange} exchange: {what}.");
        let list = List { columns: COLUMNS, rows: &sales };
        listing::print(output, ListFormat::Table, &list, &(), (&heading, ""))?;
        output.print("");
    }
    if action.dry_run {
        let ending = "Nothing was done: this was a dry run.";
        if is_table {
            output.print(ending);
        } else {
            report(&sales, arguments, exchange, output, ending)?;
        }
        return Ok(ExitCode::Done);
    }
    connection::confirm(&settings, action.yes, &format!("Sell {what} on the {exchange} exchange?"))?;
    let verified = runtime.block_on(sell(&client, &settings, &mut sales))?;
    report(&sales, arguments, exchange, output, &ending(&sales))?;
    conclude(&sales, verified)
}

/// Looks at every position, its book and its fees.
async fn plan(client: &Client, tickers: &[String], slippage: Price) -> Result<Vec<Sale>, ApiError> {
    let mut fees: HashMap<String, FeeSchedule> = HashMap::new();
    let mut sales = Vec::new();
    for holding in holdings::read(client, tickers).await? {
        let event = holding.market.as_ref().map(|market| market.event_ticker.clone()).unwrap_or_default();
        let known = match fees.get(&event) {
            Some(known) => *known,
            None => fees_of(client, &event).await.unwrap_or_else(|error| {
                Output::note(format_args!(
                    "the fees of {event} aren't known, the dearest are shown: {error}"
                ));
                UNKNOWN_FEES
            }),
        };
        fees.insert(event, known);
        sales.push(Sale::plan(holding, slippage, known));
    }
    Ok(sales)
}

async fn fees_of(client: &Client, event: &str) -> Result<FeeSchedule, ApiError> {
    let event = client.event(event).await?.event;
    let series = client.series(&event.series_ticker).await?;
    Ok(Terms::new(&event, &series).fees)
}

/// Takes resting orders off, sends the sales, and reads the positions until they are flat; whether they could be read.
async fn sell(
    client: &Client,
    settings: &Settings,
    sales: &mut [Sale],
) -> Result<Result<(), ApiError>, Failure> {
    let tickers: Vec<String> = sales.iter().map(|sale| sale.holding.position.ticker.clone()).collect();
    let scope = Scope { tickers: tickers.clone(), ..Scope::default() };
    let resting = takedown::resting(client, &scope).await?;
    if !resting.is_empty() {
        let takedown = takedown::take_down(client, &scope, &resting)
            .await
            .map_err(|error| unfinished(error, "orders in these markets"))?;
        for order in &takedown.left {
            Output::note(format_args!("order {} in {} still rests", order.order_id, order.ticker));
        }
    }
    let run = RunTag::of_start(wall_clock());
    let prefix = &settings.execution.order_prefix;
    for (number, sale) in (1..).zip(sales.iter_mut()) {
        let name = ClientOrderId { prefix: prefix.clone(), run, order: OrderId(number) };
        let Some(order) = order(sale, name.to_string()) else { continue };
        match client.create_order(&order).await {
            Ok(created) => {
                sale.sold = created.fill_count;
                sale.attempt = Some(Attempt::Taken);
            }
            Err(error @ ApiError::Credentials(_)) if number == 1 => return Err(error.into()),
            Err(error) if error.leaves_doubt() => {
                sale.attempt = Some(Attempt::Unknown(error.to_string()));
            }
            Err(error) => sale.attempt = Some(Attempt::Refused(error.to_string())),
        }
    }
    Ok(verify(client, &tickers, sales).await)
}

/// The order that sells; none where nothing can be sold.
fn order(sale: &Sale, name: String) -> Option<CreateOrder> {
    let limit = sale.terms.as_ref().ok()?.limit;
    let outcome = sale.holding.outcome();
    Some(CreateOrder {
        ticker: sale.holding.position.ticker.clone(),
        side: match outcome.buying_side().opposite() {
            Side::Bid => BookSide::Bid,
            Side::Ask => BookSide::Ask,
        },
        count: sale.holding.quantity(),
        price: outcome.yes_price(limit),
        time_in_force: TimeInForce::ImmediateOrCancel,
        // An order of ours in the way gives way to the sale.
        self_trade_prevention_type: SelfTradePrevention::Maker,
        client_order_id: Some(name),
        expiration_time: None,
        post_only: None,
        reduce_only: Some(true),
        cancel_order_on_pause: None,
        order_group_id: None,
        subaccount: None,
        exchange_index: Some(sale.holding.position.exchange_index),
    })
}

/// Reads the positions until they show what was sold, or patience ends.
async fn verify(client: &Client, tickers: &[String], sales: &mut [Sale]) -> Result<(), ApiError> {
    for wait in waits() {
        tokio::time::sleep(wait).await;
        let positions = holdings::open_positions(client, tickers).await?;
        let left: HashMap<&str, Quantity> =
            positions.iter().map(|position| (position.ticker.as_str(), position.position_fp.abs())).collect();
        for sale in sales.iter_mut() {
            sale.left = left.get(sale.holding.position.ticker.as_str()).copied().unwrap_or_default();
        }
        let is_told = |sale: &Sale| {
            sale.left.is_zero() || sale.terms.is_err() || sale.left == sale.holding.quantity() - sale.sold
        };
        let is_flat = sales.iter().all(|sale| sale.left.is_zero());
        if is_flat || (sales.iter().all(is_told) && sales.iter().all(|sale| !sale.is_doubtful())) {
            break;
        }
    }
    Ok(())
}

fn report(
    sales: &[Sale],
    arguments: &FlattenArguments,
    exchange: &'static str,
    output: &mut Output,
    ending: &str,
) -> Result<(), Failure> {
    let list = List { columns: COLUMNS, rows: sales };
    let document = Document { exchange, dry_run: arguments.action.dry_run, sales: list };
    listing::print(output, arguments.action.output, &document.sales, &document, ("", ending))
}

fn wanted(sales: &[Sale]) -> String {
    let proceeds: Money = sales.iter().filter_map(|sale| Some(sale.terms.as_ref().ok()?.proceeds)).sum();
    format!("{} for about {}", counted(sales.len() as u64, "position"), amount(proceeds, Digits::Cents))
}

fn ending(sales: &[Sale]) -> String {
    let sold: Quantity = sales.iter().map(|sale| sale.sold).sum();
    let flat = sales.iter().filter(|sale| sale.left.is_zero()).count();
    format!("Sold {} contracts; {flat} of {} flat.", contracts(sold), counted(sales.len() as u64, "position"))
}

fn conclude(sales: &[Sale], verified: Result<(), ApiError>) -> Result<ExitCode, Failure> {
    verified.map_err(|error| {
        Failure::new(
            ExitCode::Partial,
            "orders were sent, but what is held now can't be told",
            error,
            "look at `kalshi-bot positions`, then run it again for what is left",
        )
    })?;
    let left: Vec<&Sale> = sales.iter().filter(|sale| !sale.left.is_zero()).collect();
    if left.is_empty() {
        return Ok(ExitCode::Done);
    }
    let held = left.iter().map(|sale| {
        let position = &sale.holding.position;
        format!("{} of {}", contracts(sale.left), position.ticker)
    });
    let what = format!("not everything is sold; left are {}", held.collect::<Vec<_>>().join(", "));
    let causes = left.iter().map(|sale| {
        let cause = match &sale.attempt {
            Some(Attempt::Taken) => "too little was bid for at the limit or above".to_owned(),
            _ => sale.remark(),
        };
        format!("{}: {cause}", sale.holding.position.ticker)
    });
    let next = "run it again, with a larger --slippage if the bids are far away; markets that have closed pay out by \
                themselves";
    Err(Failure::new(ExitCode::Partial, what, causes.collect::<Vec<_>>().join("\n"), next))
}
