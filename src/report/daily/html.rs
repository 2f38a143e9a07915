//! The report as a page: for a browser with charts, for a mail without them.
//!
//! A mail's programs drop drawings or show the bare text of one, so its page has none; every figure that a chart shows
//! stands in a table as well. Styles are in the page itself: it is one file, and loads nothing.

use super::DailyReport;
use super::charts::{self, Chart, DrawingFault};
use super::days::{self, DaysError};
use super::sections::{self, KeyFigure, Section, Tone};
use askama::Template;
use thiserror::Error;

/// Why a page can't be made.
#[derive(Debug, Error)]
pub enum PageError {
    /// A chart can't be drawn.
    #[error("a chart can't be drawn: {0}")]
    Chart(#[from] DrawingFault),
    /// The template can't be filled.
    #[error("the page can't be written: {0}")]
    Template(#[from] askama::Error),
    /// The report's time zone is unknown here.
    #[error(transparent)]
    Zone(#[from] DaysError),
}

#[derive(Template)]
#[template(path = "report/daily/page.html")]
struct Page {
    title: String,
    heading: String,
    tone: Tone,
    sentences: Vec<String>,
    figures: Vec<KeyFigure>,
    charts: Vec<Chart>,
    tables: Vec<Section>,
    has_charts_elsewhere: bool,
}

/// The page with its charts.
///
/// # Errors
/// [`PageError`] when it can't be made.
pub fn page(report: &DailyReport) -> Result<String, PageError> {
    let zone = days::zone(&report.period.zone)?;
    filled(report, charts::all(report, &zone)?, false)
}

/// The page without charts, for a mail to which the other is attached.
///
/// # Errors
/// [`PageError`] when it can't be made.
pub fn mail(report: &DailyReport) -> Result<String, PageError> {
    filled(report, Vec::new(), true)
}

fn filled(report: &DailyReport, charts: Vec<Chart>, has_charts_elsewhere: bool) -> Result<String, PageError> {
    let zone = days::zone(&report.period.zone)?;
    let made = report.made();
    let page = Page {
        title: sections::title(report),
        heading: sections::heading(report),
        tone: if made.is_negative() {
            Tone::Bad
        } else if made.is_positive() {
            Tone::Good
        } else {
            Tone::Plain
        },
        sentences: sections::sentences(report),
        figures: sections::key_figures(report),
        charts,
        tables: sections::tables(report, &zone),
        has_charts_elsewhere,
    };
    Ok(page.render()?)
}

impl Tone {
    /// The class that colours it.
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }
}

impl Section {
    /// The class that aligns a column.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the template hands it over so")]
    fn side(&self, column: &usize) -> &'static str {
        if self.left.contains(column) { "l" } else { "" }
    }
}
