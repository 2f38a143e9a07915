//! Lists for people and for programs. A command names its columns once, key, title and figure, and here they become a
//! table, a JSON array or CSV. People get figures rounded and grouped, programs get them exact: decimals as strings.

use crate::cli::exchange::ListFormat;
use crate::exit::{ExitCode, Failure};
use crate::figures::{Digits, amount, contracts, grouped, moment, percent, signed, span};
use crate::output::Output;
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};
use kalshi_bot::units::{Money, Price, Quantity, Ratio, Timestamp};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use std::time::Duration;

/// No frame, a rule under the header: what is read are the figures.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Words are broken to no fewer columns than this, even where the table gets wider than the terminal.
const NARROWEST_TEXT: u16 = 17;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Figure {
    /// Words, broken where the table gets too wide.
    Text(String),
    /// A name that has to stay whole, to be copied.
    Name(String),
    /// Dollars a contract.
    Price(Price),
    /// Dollars a contract that aren't on any grid: won, lost or paid in fees.
    Fraction(Price),
    /// Dollars.
    Dollars(Money),
    /// Dollars won or lost.
    Profit(Money),
    /// Contracts.
    Contracts(Quantity),
    /// A fraction.
    Share(Ratio),
    /// A number of things.
    Count(u64),
    /// An instant.
    Time(Timestamp),
    /// A span of time; whole seconds for programs.
    Span(Duration),
    /// Yes or no; people see only the yes.
    Flag(bool),
    /// Nothing is known.
    Nothing,
}

impl Figure {
    /// What `known` makes of it, where something is known.
    pub(crate) fn of<T>(value: Option<T>, known: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Nothing, known)
    }

    /// For people. What the exchange sent can't move their cursor.
    fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Name(text) => {
                text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
            }
            Self::Price(price) => format!("{price:.2}"),
            Self::Fraction(price) => amount(Money::from_raw(price.raw()), Digits::Fine),
            Self::Dollars(money) => amount(*money, Digits::Cents),
            Self::Profit(money) => signed(*money, Digits::Cents),
            Self::Contracts(quantity) => contracts(*quantity),
            Self::Share(ratio) => percent(*ratio),
            Self::Count(count) => grouped(*count),
            Self::Time(time) => moment(*time),
            Self::Span(length) => span(*length),
            Self::Flag(true) => "yes".to_owned(),
            Self::Flag(false) => String::new(),
            Self::Nothing => "-".to_owned(),
        }
    }

    /// For programs, as text; empty where nothing is known.
    fn exact(&self) -> String {
        match self {
            Self::Text(text) | Self::Name(text) => text.clone(),
            Self::Price(price) | Self::Fraction(price) => price.to_string(),
            Self::Dollars(money) | Self::Profit(money) => money.to_string(),
            Self::Contracts(quantity) => quantity.to_string(),
            Self::Share(ratio) => ratio.to_string(),
            Self::Count(count) => count.to_string(),
            Self::Time(time) => time.to_string(),
            Self::Span(length) => length.as_secs().to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Nothing => String::new(),
        }
    }

    const fn is_text(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Name(_) | Self::Time(_) | Self::Flag(_))
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_u64(*count),
            Self::Span(length) => serializer.serialize_u64(length.as_secs()),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Nothing => serializer.serialize_none(),
            other => serializer.serialize_str(&other.exact()),
        }
    }
}

/// A column of rows of `R`.
pub(crate) struct Column<R> {
    /// Its name in JSON and CSV.
    key: &'static str,
    /// Its header in a table; where it is empty, only programs get the column.
    title: &'static str,
    figure: fn(&R) -> Figure,
}

impl<R> Column<R> {
    /// A column for people and programs.
    pub(crate) const fn new(key: &'static str, title: &'static str, figure: fn(&R) -> Figure) -> Self {
        Self { key, title, figure }
    }

    /// A column for programs alone.
    pub(crate) const fn unseen(key: &'static str, figure: fn(&R) -> Figure) -> Self {
        Self { key, title: "", figure }
    }
}

/// Rows under their columns. In JSON it is an array of objects.
pub(crate) struct List<'a, R: 'static> {
    /// The columns, in order.
    pub(crate) columns: &'static [Column<R>],
    /// The rows, in order.
    pub(crate) rows: &'a [R],
}

impl<R> List<'_, R> {
    /// As a table of at most `width` columns, as far as names that stay whole allow.
    pub(crate) fn table(&self, width: u16) -> String {
        let columns: Vec<&Column<R>> =
            self.columns.iter().filter(|column| !column.title.is_empty()).collect();
        let figures: Vec<Vec<Figure>> =
            self.rows.iter().map(|row| columns.iter().map(|column| (column.figure)(row)).collect()).collect();
        let known = |at: usize| figures.iter().map(|row| &row[at]).find(|figure| **figure != Figure::Nothing);
        let alignments = (0..columns.len()).map(|at| match known(at) {
            Some(figure) if !figure.is_text() => CellAlignment::Right,
            _ => CellAlignment::Left,
        });
        let alignments: Vec<CellAlignment> = alignments.collect();
        let header = columns.iter().map(|column| column.title.to_owned());
        let cells = figures.iter().map(|row| row.iter().map(Figure::shown).collect());
        let mut table = tabulate(header.collect(), &alignments, cells, width);
        let widest = |at: usize| {
            let longest = figures.iter().map(|row| row[at].shown().chars().count()).max();
            // One more for the gap before the column.
            let widest = longest.unwrap_or_default().max(columns[at].title.len()) + 1;
            u16::try_from(widest).unwrap_or(u16::MAX).min(NARROWEST_TEXT)
        };
        for (at, column) in table.column_iter_mut().enumerate() {
            column.set_constraint(match known(at) {
                Some(Figure::Text(_)) => ColumnConstraint::LowerBoundary(Width::Fixed(widest(at))),
                _ => ColumnConstraint::ContentWidth,
            });
        }
        table.trim_fmt()
    }

    /// As CSV: a line of keys, and a line for each row.
    pub(crate) fn csv(&self) -> String {
        let mut text: String = self.columns.iter().map(|column| column.key).collect::<Vec<_>>().join(",");
        for row in self.rows {
            for (at, column) in self.columns.iter().enumerate() {
                text.push(if at == 0 { '\n' } else { ',' });
                push_quoted(&mut text, &(column.figure)(row).exact());
            }
        }
        text
    }
}

impl<R> Serialize for List<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.rows.len()))?;
        for row in self.rows {
            rows.serialize_element(&Keyed { columns: self.columns, row })?;
        }
        rows.end()
    }
}

/// One row as an object.
struct Keyed<'a, R: 'static> {
    columns: &'static [Column<R>],
    row: &'a R,
}

impl<R> Serialize for Keyed<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(Some(self.columns.len()))?;
        for column in self.columns {
            fields.serialize_entry(column.key, &(column.figure)(self.row))?;
        }
        fields.end()
    }
}

/// Prints a list in the form asked for: a table under `heading` and above `ending`, `document` as JSON, or CSV. Lines
/// that are empty are left out; an empty list has no table.
///
/// # Errors
/// A [`Failure`] when the document can't be written.
pub(crate) fn print<R>(
    output: &mut Output,
    format: ListFormat,
    list: &List<'_, R>,
    document: &impl Serialize,
    (heading, ending): (&str, &str),
) -> Result<(), Failure> {
    match format {
        ListFormat::Table => {
            let table = if list.rows.is_empty() { String::new() } else { list.table(output.width()) };
            let parts = [heading, &table, ending].into_iter().filter(|part| !part.is_empty());
            output.print(parts.collect::<Vec<_>>().join("\n\n"));
        }
        ListFormat::Json => output.print(json(document)?),
        ListFormat::Csv => output.print(list.csv()),
    }
    Ok(())
}

/// A document as JSON.
///
/// # Errors
/// A [`Failure`] when it can't be written.
pub(crate) fn json(document: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(document).map_err(|error| {
        let next = "use `--output table`; nothing was changed";
        Failure::new(ExitCode::Failed, "the JSON document can't be written", error, next)
    })
}

/// A table of texts, its columns aligned as told.
pub(crate) fn tabulate(
    header: Vec<String>,
    alignments: &[CellAlignment],
    rows: impl IntoIterator<Item = Vec<String>>,
    width: u16,
) -> Table {
    let cells = |texts: Vec<String>| -> Vec<Cell> {
        let aligned = texts.into_iter().zip(alignments);
        aligned.map(|(text, alignment)| Cell::new(text).set_alignment(*alignment)).collect()
    };
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(cells(header));
    for row in rows {
        table.add_row(cells(row));
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((u16::from(index > 0), 0));
    }
    table
}

/// Appends a field of CSV, in quotes where it needs them.
fn push_quoted(text: &mut String, field: &str) {
    if field.contains([',', '"', '\n', '\r']) {
        text.push('"');
        text.push_str(&field.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(field);
    }
}

#[cfg(test)]
mod tests;
