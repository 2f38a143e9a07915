//! Rows as both stores give and take them: values in one form, whichever database they come from, so that equal rows are
//! equal.

use super::table::{Column, Kind, Table};
use crate::units::Timestamp;
use serde_json::{Map, Value as Json};
use std::str::FromStr;

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A text, a decimal or a time.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
    /// A JSON document.
    Json(Json),
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Whose row it is.
    pub table: &'static Table,
    /// One value a column, in their order.
    pub values: Vec<Value>,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table}.{column} holds {found}, which {expected}")]
pub struct RowFault {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: String,
    /// What is there.
    pub found: String,
    /// What should be.
    pub expected: String,
}

impl RowFault {
    /// A value that doesn't fit its column.
    pub(super) fn unfit(table: &Table, column: &str, found: String) -> Self {
        let (column, expected) = (column.to_owned(), "makes no sense there".to_owned());
        Self { table: table.name, column, found, expected }
    }
}

/// A condition on one column; several of them have to hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The column.
    pub column: &'static str,
    /// What has to hold.
    pub test: Test,
}

/// What a column is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// At or after this instant.
    From(Timestamp),
    /// Before this instant.
    Before(Timestamp),
    /// One of these texts.
    Among(Vec<String>),
}

impl Condition {
    /// The column lies in the half-open interval `from..to`.
    pub fn within(column: &'static str, from: Timestamp, to: Timestamp) -> [Self; 2] {
        [Self { column, test: Test::From(from) }, Self { column, test: Test::Before(to) }]
    }

    /// The column is one of these texts.
    pub fn among(column: &'static str, texts: impl IntoIterator<Item = String>) -> Self {
        Self { column, test: Test::Among(texts.into_iter().collect()) }
    }
}

impl Row {
    /// The value of a column; `Null` for one that the table doesn't have.
    pub fn value(&self, column: &str) -> &Value {
        self.table.position(column).and_then(|at| self.values.get(at)).unwrap_or(&Value::Null)
    }

    /// A value that has to be there.
    ///
    /// # Errors
    /// [`RowFault`] when it is missing or can't be read as what is asked for.
    pub fn read<T: FromStr>(&self, column: &str) -> Result<T, RowFault> {
        self.read_optional(column)?.ok_or_else(|| self.fault(column, "has to be there"))
    }

    /// A value that may be missing.
    ///
    /// # Errors
    /// [`RowFault`] when it can't be read as what is asked for.
    pub fn read_optional<T: FromStr>(&self, column: &str) -> Result<Option<T>, RowFault> {
        let text = match self.value(column) {
            Value::Null => return Ok(None),
            Value::Text(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Json(json) => json.to_string(),
        };
        text.parse()
            .map(Some)
            .map_err(|_| RowFault::unfit(self.table, column, format!("{:?}", self.value(column))))
    }

    /// One of a set of words.
    ///
    /// # Errors
    /// [`RowFault`] when it is none that this program writes.
    pub fn word<T>(&self, column: &str, of_word: impl FnOnce(&str) -> Option<T>) -> Result<T, RowFault> {
        let word: String = self.read(column)?;
        of_word(&word).ok_or_else(|| self.fault(column, "is no word of this program"))
    }

    fn fault(&self, column: &str, expected: &str) -> RowFault {
        let found = format!("{:?}", self.value(column));
        RowFault { expected: expected.to_owned(), ..RowFault::unfit(self.table, column, found) }
    }

    /// As a JSON object with a member a column. Decimals and times are texts.
    pub(super) fn to_json(&self) -> Json {
        let members = self.table.columns.iter().zip(&self.values).map(|(column, value)| {
            let value = match value {
                Value::Null => Json::Null,
                Value::Text(text) => Json::String(text.clone()),
                Value::Integer(number) => Json::from(*number),
                Value::Flag(flag) => Json::Bool(*flag),
                Value::Json(json) => json.clone(),
            };
            (column.name.to_owned(), value)
        });
        Json::Object(members.collect::<Map<_, _>>())
    }

    /// Out of a JSON object.
    ///
    /// # Errors
    /// [`RowFault`] for the first member that doesn't fit its column.
    pub(super) fn of_json(table: &'static Table, object: &Map<String, Json>) -> Result<Self, RowFault> {
        let values = table.columns.iter().map(|column| {
            let json = object.get(column.name).unwrap_or(&Json::Null);
            of_json(column, json).ok_or_else(|| RowFault::unfit(table, column.name, json.to_string()))
        });
        Ok(Self { table, values: values.collect::<Result<_, _>>()? })
    }
}

fn of_json(column: &Column, json: &Json) -> Option<Value> {
    match (column.kind, json) {
        (_, Json::Null) => Some(Value::Null),
        (Kind::Json, json) => Some(Value::Json(json.clone())),
        (Kind::Integer, Json::Number(number)) => number.as_i64().map(Value::Integer),
        (Kind::Flag, Json::Bool(flag)) => Some(Value::Flag(*flag)),
        (kind, Json::String(text)) => of_text(kind, text),
        _ => None,
    }
}

/// A text in the one form that a column of this kind has.
pub(super) fn of_text(kind: Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Text => Some(Value::Text(text.to_owned())),
        Kind::Decimal(digits) => decimal(text, digits).map(Value::Text),
        Kind::Time => instant(text).map(|at| Value::Text(at.to_string())),
        Kind::Json => serde_json::from_str(text).ok().map(Value::Json),
        Kind::Integer | Kind::Flag => None,
    }
}

/// The decimal with just as many digits after the point; `None` for what isn't one or has more that matter.
fn decimal(text: &str, digits: usize) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let magnitude = whole.strip_prefix('-').unwrap_or(whole);
    if magnitude.is_empty() || !is_number(magnitude) || !is_number(fraction) {
        return None;
    }
    let (kept, rest) = fraction.split_at(fraction.len().min(digits));
    rest.bytes().all(|byte| byte == b'0').then(|| format!("{whole}.{kept:0<digits$}"))
}

/// RFC 3339 with any offset.
fn instant(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_have_one_form() {
        assert_eq!(decimal("0.85", 6).as_deref(), Some("0.850000"));
        assert_eq!(decimal("-12", 2).as_deref(), Some("-12.00"));
        assert_eq!(decimal("1234.560000", 2).as_deref(), Some("1234.56"));
        for refused in ["", "-", ".5", "1e3", "0.1234567", "1,5", "NaN", "--1"] {
            assert_eq!(decimal(refused, 6), None, "{refused}");
        }
    }

    #[test]
    fn instants_have_one_form() {
        let of = |text| of_text(Kind::Time, text);
        assert_eq!(of("2026-11-24T13:00:00+00:00"), of("2026-11-24T08:00:00.000000-05:00"));
        assert_eq!(of("2026-11-24T13:00:00Z"), Some(Value::Text("2026-11-24T13:00:00.000000Z".to_owned())));
        assert_eq!(of("yesterday"), None);
    }
}
