//! The report as a mail: its words as text and as HTML, the page with charts attached, sent once.

use super::daily::undrawn;
use super::once::{self, Turn};
use super::text;
use crate::exit::{ExitCode, Failure};
use crate::folder;
use crate::output::Output;
use kalshi_bot::config::Settings;
use kalshi_bot::report::daily::{DailyReport, html, sections};
use std::io;
use std::path::Path;

/// Columns of the mail's text: what programs show without breaking lines.
const WIDTH: u16 = 100;

/// A mail, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// Whether money was lost.
    pub(super) is_loss: bool,
    /// What stands in the subject after `[LEVEL] HFT Bot - `.
    pub(super) title: String,
    /// Its words.
    pub(super) text: String,
    /// The same as HTML, without charts.
    pub(super) html: String,
    /// The attached page's name.
    pub(super) page_name: String,
    /// The page with charts.
    pub(super) page: String,
}

/// Mails the report unless it was mailed before.
///
/// # Errors
/// A [`Failure`] when it can't be made, sent or noted.
pub(super) fn post(report: &DailyReport, settings: &Settings, again: bool) -> Result<(), Failure> {
    let state = folder::of_settings(settings)?;
    let recipient = recipient(settings)?;
    let turn = once::turn(&state, &report.period, &recipient, again);
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

/// The mail's parts.
///
/// # Errors
/// A [`Failure`] when the page can't be drawn.
pub(super) fn message(report: &DailyReport) -> Result<Message, Failure> {
    let days = report.period.in_words().replace(' ', "-");
    Ok(Message {
        is_loss: report.made().is_negative(),
        title: sections::title(report),
        text: text::render(report, WIDTH)?,
        html: html::mail(report).map_err(|error| undrawn(&error))?,
        page_name: format!("daily-{}-{days}.html", report.period.kind.as_str()),
        page: html::page(report).map_err(|error| undrawn(&error))?,
    })
}

fn unnoted(path: &Path, error: &io::Error) -> Failure {
    let cause = format!("{}: {error}", path.display());
    let next = "give a state folder that this user may write to";
    Failure::new(ExitCode::Failed, "it can't be noted that the report was mailed", cause, next)
}

/// The address that reports go to.
fn recipient(settings: &Settings) -> Result<String, Failure> {
    let email = &settings.alerts.email;
    if email.enabled {
        return Ok(email.to_email.clone());
    }
    let next = "set alerts.email.enabled and what belongs to it, then run `kalshi-bot config check`";
    let cause = "alerts.email.enabled is false";
    Err(Failure::new(ExitCode::Usage, "the report can't be mailed", cause, next))
}

/// The one place that knows how mails are sent.
fn send(_settings: &Settings, message: &Message) -> Result<(), Failure> {
    let cause = format!("this program has no way to send {:?} yet", message.title);
    Err(Failure::new(
        ExitCode::Failed,
        "the report was not mailed",
        cause,
        "use --html FILE and send the file",
    ))
}
