//! The report for a terminal, and for the text of a mail.

use super::daily::misnamed;
use crate::exit::Failure;
use crate::listing::tabulate;
use crate::report_table::wrapped;
use comfy_table::{CellAlignment, ColumnConstraint};
use kalshi_bot::report::daily::sections::{self, Section};
use kalshi_bot::report::daily::{DailyReport, days};
use std::fmt::Write as _;

/// Renders the report for a terminal of `width` columns.
///
/// # Errors
/// A [`Failure`] when the report's time zone is unknown here.
pub(super) fn render(report: &DailyReport, width: u16) -> Result<String, Failure> {
    let zone = days::zone(&report.period.zone).map_err(|error| misnamed(&error))?;
    let mut text = format!("{}\n{}\n", sections::title(report), wrapped(&sections::heading(report), width));
    for sentence in sections::sentences(report) {
        let _ = write!(text, "\n{}", wrapped(&sentence, width));
    }
    for section in sections::tables(report, &zone) {
        let _ = write!(text, "\n\n{}\n{}", section.title, table(&section, width));
        if !section.note.is_empty() {
            let _ = write!(text, "\n{}", wrapped(&section.note, width));
        }
    }
    Ok(text)
}

fn table(section: &Section, width: u16) -> String {
    let side = |column: usize| {
        if section.left.contains(&column) { CellAlignment::Left } else { CellAlignment::Right }
    };
    let alignments: Vec<CellAlignment> = (0..section.header.len()).map(side).collect();
    let header = section.header.iter().map(|name| (*name).to_owned()).collect();
    let rows = section.rows.iter().map(|row| row.iter().map(|cell| cell.text.clone()).collect());
    let mut table = tabulate(header, &alignments, rows, width);
    for (at, column) in table.column_iter_mut().enumerate() {
        if section.whole.contains(&at) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests;
