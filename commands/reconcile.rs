//! `kalshi-bot reconcile`: whether the books and the exchange are the same account.

use crate::cli::control::ReconcileArguments;
use crate::connection;
use crate::exit::{ExitCode, Failure};
use crate::figures::{Digits, counted, signed};
use crate::folder;
use crate::listing::{self, Column, Figure, List};
use crate::output::Output;
use crate::start::{unstored, wall_clock};
use kalshi_bot::bot::recovery::{self, Inspection, RecoveryError};
use kalshi_bot::config::Settings;
use kalshi_bot::execution::reconcile::{Baseline, Difference};
use kalshi_bot::kalshi::rest::Client;
use kalshi_bot::store::{AccountKey, Store, StoreError};
use kalshi_bot::units::Money;
use secrecy::ExposeSecret;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// How long what differs while a bot runs has to differ. Orders on their way and rows not written yet are no drift.
const SETTLING: Duration = Duration::from_secs(3);

const COLUMNS: &[Column<Difference>] = &[
    Column::new("kind", "Difference", |row| Figure::Name(row.kind().to_owned())),
    Column::new("ticker", "Market", |row| Figure::of(row.ticker(), |ticker| Figure::Name(ticker.to_owned()))),
    Column::new("reference", "Fill or order", |row| Figure::of(row.reference(), Figure::Name)),
    Column::new("here", "Here", |row| figure(row.here())),
    Column::new("there", "On the exchange", |row| figure(row.there())),
    Column::unseen("mend", |row| Figure::Text(row.mend().to_owned())),
];

fn figure(text: String) -> Figure {
    if text.is_empty() { Figure::Nothing } else { Figure::Text(text) }
}

/// The document of `reconcile`.
#[derive(Serialize)]
struct Document<'a> {
    exchange: &'static str,
    account: &'a str,
    bot_running: bool,
    clean: bool,
    cash_here: Option<Money>,
    cash_there: Money,
    differences: List<'a, Difference>,
}

/// Where an account is kept and who asks the exchange for it.
struct Books<'a> {
    settings: &'a Settings,
    client: Client,
    store: Store,
    key: AccountKey,
    /// Whether a bot has the folder, so that nothing may be written.
    is_held: bool,
}

/// Compares store and exchange, or takes the exchange's figures as they are.
pub(crate) fn run(arguments: &ReconcileArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings =
        connection::settings(&arguments.exchange, folder::overrides(arguments.state_dir.as_deref()))?;
    let folder = folder::of_settings(&settings)?;
    let client = connection::client(&settings)?;
    let exchange = settings.api.exchange().kind;
    let key = AccountKey::new(exchange, settings.api.key_id.expose_secret().trim());
    let (store, is_held) = open(&folder, arguments.accept).map_err(|error| unstored(&error))?;
    if !is_held {
        folder::take_in(&store, &folder)?;
    }
    let books = Books { settings: &settings, client, store, key, is_held };
    if arguments.accept { accept(&books, output) } else { compare(&books, arguments, output) }
}

/// The store, for this program alone; to look at, where a bot holds it.
fn open(folder: &Path, to_write: bool) -> Result<(Store, bool), StoreError> {
    match Store::open(folder) {
        Err(StoreError::InUse { .. }) if !to_write => Ok((Store::open_to_read(folder)?, true)),
        opened => Ok((opened?, false)),
    }
}

fn compare(
    books: &Books<'_>,
    arguments: &ReconcileArguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let seen = look(books)?;
    let differences = &seen.differences;
    let document = Document {
        exchange: books.settings.api.exchange().kind.as_str(),
        account: books.key.as_str(),
        bot_running: books.is_held,
        clean: differences.is_empty(),
        cash_here: seen.here.cash,
        cash_there: seen.there.cash,
        differences: List { columns: COLUMNS, rows: differences },
    };
    let heading = if differences.is_empty() {
        format!(
            "Nothing differs: {} of cash, {}, {}.",
            seen.there.cash,
            counted(seen.there.positions.len() as u64, "position"),
            counted(seen.there.orders.len() as u64, "resting order")
        )
    } else {
        let count = counted(differences.len() as u64, "difference");
        format!("{count} between what is kept here and the {} exchange.", document.exchange)
    };
    let ending = mends(differences);
    listing::print(output, arguments.output, &document.differences, &document, (&heading, &ending))?;
    Ok(if differences.is_empty() { ExitCode::Done } else { ExitCode::Drift })
}

/// What mends each kind of difference, a line each.
fn mends(differences: &[Difference]) -> String {
    let mut told = BTreeSet::new();
    let lines = differences
        .iter()
        .map(|difference| (difference.kind(), difference.mend()))
        .filter(|mend| told.insert(*mend))
        .map(|(kind, mend)| format!("{kind}: {mend}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Compares; while a bot runs, twice, and what differs only once is left out.
fn look(books: &Books<'_>) -> Result<Inspection, Failure> {
    let Books { client, store, key, settings, is_held } = books;
    let runtime = connection::runtime()?;
    let inspect = || {
        let prefix = &settings.execution.order_prefix;
        runtime.block_on(recovery::inspect(client, store, key, prefix, wall_clock())).map_err(failed)
    };
    let first = inspect()?;
    if !first.has_baseline {
        return Err(Failure::new(
            ExitCode::Failed,
            "there is nothing to compare with",
            format!("the account {key} has no baseline in this folder: no bot has traded it from here yet"),
            "start the bot once, or take the exchange's figures as they are with --accept",
        ));
    }
    if !is_held || first.differences.is_empty() {
        return Ok(first);
    }
    std::thread::sleep(SETTLING);
    let mut second = inspect()?;
    second.differences.retain(|difference| first.differences.contains(difference));
    Ok(second)
}

fn accept(books: &Books<'_>, output: &mut Output) -> Result<ExitCode, Failure> {
    let Books { client, store, key, settings, .. } = books;
    let is_first = store.baselines(key).map_err(|error| unstored(&error))?.is_empty();
    let prefix = &settings.execution.order_prefix;
    let accepted = connection::runtime()?
        .block_on(recovery::accept(client, store, key, prefix, wall_clock()))
        .map_err(failed)?;
    output.print(told(&accepted, is_first));
    Ok(ExitCode::Done)
}

/// What was accepted, for people.
fn told(accepted: &Baseline, is_first: bool) -> String {
    let baseline = if is_first { "the baseline is taken" } else { "the exchange's figures are taken" };
    let mut text = format!("{baseline}: cash {}", signed(accepted.cash, Digits::Fine));
    for (ticker, quantity) in &accepted.positions {
        let _ = write!(text, ", {ticker} {quantity}");
    }
    text.push_str("\na halt for drift stays until `kalshi-bot resume`");
    text
}

fn failed(error: RecoveryError) -> Failure {
    let next = match error {
        RecoveryError::Exchange { cause, .. } => return Failure::from(cause),
        RecoveryError::Store(error) => return unstored(&error),
        RecoveryError::OrdersRest { .. } | RecoveryError::AnotherBot { .. } => {
            "`kalshi-bot cancel-all --mine`, then run it again"
        }
        RecoveryError::StillResting { .. } | RecoveryError::Unsteady => "run it again",
    };
    Failure::new(ExitCode::Failed, "the account can't be taken down", error, next)
}
