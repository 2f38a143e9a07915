//! `kalshi-bot report daily`: the days, the rows, the report, and where it goes.

use super::load::{self, Wanted};
use super::{mail, text};
use crate::cli::report::{DailyArguments, ReportFormat};
use crate::exit::{ExitCode, Failure};
use crate::output::Output;
use crate::start::wall_clock;
use crate::{config, folder};
use kalshi_bot::report::daily::html::{self, PageError};
use kalshi_bot::report::daily::{DailyReport, Days, DaysError, Request, days};
use kalshi_bot::store::RunKind;
use kalshi_bot::units::Timestamp;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Makes the report and prints, writes or mails it.
pub(crate) fn run(arguments: &DailyArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let days = days_of(arguments, wall_clock()).map_err(|error| misnamed(&error))?;
    let overrides = folder::overrides(arguments.account.state_dir.as_deref());
    let settings =
        config::load(&arguments.account.files, overrides).map_err(|error| Failure::config(&error))?;
    let wanted = Wanted {
        days: &days,
        kind: match (arguments.live, arguments.paper) {
            (true, _) => Some(RunKind::Live),
            (_, true) => Some(RunKind::Paper),
            _ => None,
        },
        account: arguments.name.as_deref(),
    };
    let loaded = load::load(&settings, arguments.store, &wanted)?;
    let account = arguments.name.clone();
    let request = Request { days, account, last_trade: loaded.last_trade };
    let report = DailyReport::of(&loaded.history, &request);
    if let Some(path) = &arguments.html {
        let page = html::page(&report).map_err(|error| undrawn(&error))?;
        write(path, &page).map_err(|error| unwritten(path, &error))?;
    }
    if arguments.email {
        mail::post(&report, &settings, arguments.again)?;
    }
    let is_quiet = arguments.email || arguments.html.is_some();
    if !is_quiet || arguments.output != ReportFormat::Table {
        print(&report, arguments.output, output)?;
    }
    Ok(ExitCode::Done)
}

/// The days that the flags name.
fn days_of(arguments: &DailyArguments, now: Timestamp) -> Result<Days, DaysError> {
    let zone = days::zone(&arguments.zone)?;
    let named = |day: Option<&str>| days::day(day.unwrap_or("yesterday"), now, &zone);
    let (first, last) = if let Some(from) = &arguments.from {
        (named(Some(from))?, named(arguments.to.as_deref())?)
    } else {
        let day = named(arguments.day.as_deref())?;
        (day, day)
    };
    Days::new(first, last, &arguments.zone)
}

fn print(report: &DailyReport, format: ReportFormat, output: &mut Output) -> Result<(), Failure> {
    match format {
        ReportFormat::Table => output.print(text::render(report, output.width())?),
        ReportFormat::Json => output.print(report.to_json().map_err(|error| {
            let next = "use `--output table`; nothing was changed";
            Failure::new(ExitCode::Failed, "the JSON document can't be written", error, next)
        })?),
        ReportFormat::Html => output.print(html::page(report).map_err(|error| undrawn(&error))?),
    }
    Ok(())
}

/// Writes a file that its owner alone may read: it tells what an account is worth.
fn write(path: &Path, page: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(page.as_bytes())
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let cause = format!("{}: {error}", path.display());
    Failure::new(
        ExitCode::Failed,
        "the page can't be written",
        cause,
        "name a file that may be written with --html",
    )
}

/// The page can't be made.
pub(super) fn undrawn(error: &PageError) -> Failure {
    let next = "use `--output table` or `--output json`, which draw nothing";
    Failure::new(ExitCode::Failed, "the page can't be made", error, next)
}

/// The days can't be told.
pub(super) fn misnamed(error: &DaysError) -> Failure {
    let next = match error {
        DaysError::Zone { .. } => "name one of the time zone database with --zone, such as America/New_York",
        DaysError::Day { .. } => "give a date such as 2026-11-23, `today` or `yesterday`",
        DaysError::Backwards { .. } => "exchange --from and --to",
        DaysError::Edge { .. } => "name a day that lies within the calendar",
    };
    Failure::new(ExitCode::Usage, "these days can't be told of", error, next)
}
