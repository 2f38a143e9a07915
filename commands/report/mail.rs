//! The report as a mail: its words as text and as HTML, the page with charts attached, sent once.

use super::daily::undrawn;
use super::once::{self, Turn};
use super::text;
use crate::exit::{ExitCode, Failure};
use crate::folder;
use crate::output::Output;
use kalshi_bot::alert::{self, Attachment, Level, Mail};
use kalshi_bot::config::Settings;
use kalshi_bot::report::daily::{DailyReport, html, sections};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Columns of the mail's text: what programs show without breaking lines.
const WIDTH: u16 = 100;
/// How long to wait before each further attempt.
const WAITS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(8)];

/// Mails the report unless it was mailed before.
///
/// # Errors
/// A [`Failure`] when it can't be made, sent or noted.
pub(super) fn post(report: &DailyReport, settings: &Settings, again: bool) -> Result<(), Failure> {
    let state = folder::of_settings(settings)?;
    settings
        .require(settings.needed_for_mail(), "no report can be mailed without it")
        .map_err(|error| Failure::config(&error))?;
    let turn = once::turn(&state, &report.period, &settings.alerts.email.to_email, again);
    let note = match turn.map_err(|(path, error)| unnoted(&path, &error))? {
        Turn::Ours(note) => note,
        Turn::Sent(at) => {
            tracing::info!(at, "this report was mailed before; --again sends it once more");
            return Ok(());
        }
        Turn::Another => {
            Output::note("another process is mailing this report");
            return Ok(());
        }
    };
    send(settings, &message(report)?)?;
    note.write().map_err(|error| unnoted(&state, &error))
}

/// The mail: its words as text and as HTML, and the page with charts.
///
/// # Errors
/// A [`Failure`] when the page can't be drawn.
pub(super) fn message(report: &DailyReport) -> Result<Mail, Failure> {
    let days = report.period.in_words().replace(' ', "-");
    let page = html::page(report).map_err(|error| undrawn(&error))?;
    Ok(Mail {
        level: if report.made().is_negative() { Level::Warning } else { Level::Info },
        title: sections::title(report),
        text: text::render(report, WIDTH)?,
        html: Some(html::mail(report).map_err(|error| undrawn(&error))?),
        attachments: vec![Attachment {
            name: format!("daily-{}-{days}.html", report.period.kind.as_str()),
            media_type: "text/html".to_owned(),
            content: page.into_bytes(),
        }],
    })
}

fn unnoted(path: &Path, error: &io::Error) -> Failure {
    let cause = format!("{}: {error}", path.display());
    let next = "give a state folder that this user may write to";
    Failure::new(ExitCode::Failed, "it can't be noted that the report was mailed", cause, next)
}

/// Sends it; again after a while where that may help.
fn send(settings: &Settings, mail: &Mail) -> Result<(), Failure> {
    let mut attempt = alert::send(&settings.alerts.email, mail);
    for wait in WAITS {
        match &attempt {
            Err(fault) if !fault.is_lasting => {
                tracing::warn!(error = %fault, "the report could not be mailed and is tried again");
                std::thread::sleep(wait);
                attempt = alert::send(&settings.alerts.email, mail);
            }
            _ => break,
        }
    }
    attempt.map_err(|fault| {
        Failure::new(ExitCode::Failed, "the report was not mailed", &fault, fault.mend.clone())
    })
}
