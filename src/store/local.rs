//! The local store's rows: `SQLite` as a [`RowStore`].

use super::row::{Condition, Row, RowFault, Test, Value, of_text};
use super::table::{Column, Kind, TABLES, Table};
use super::{RowStore, Store, StoreError, rows};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};
use std::fmt::Write as _;

impl RowStore for Store {
    fn name(&self) -> String {
        format!("SQLite at {}", self.path.display())
    }

    fn read(&self, table: &'static Table, conditions: &[Condition]) -> Result<Vec<Row>, StoreError> {
        self.select_rows(table, conditions, &table.local_key.join(", "))
    }

    fn last(
        &self,
        table: &'static Table,
        by: &'static str,
        conditions: &[Condition],
    ) -> Result<Option<Row>, StoreError> {
        let rows = self.select_rows(table, conditions, &format!("{by} DESC LIMIT 1"))?;
        Ok(rows.into_iter().next())
    }

    fn upsert(&self, table: &'static Table, rows: &[Row]) -> Result<(), StoreError> {
        let statement = insertion(table);
        let write = || -> rusqlite::Result<()> {
            let transaction = self.connection.unchecked_transaction()?;
            {
                let mut statement = transaction.prepare_cached(&statement)?;
                for row in rows {
                    let values = table.columns.iter().zip(&row.values);
                    statement.execute(params_from_iter(
                        values.filter(|(column, _)| column.local.is_none()).map(|(_, value)| value),
                    ))?;
                }
            }
            transaction.commit()
        };
        write().map_err(|cause| self.fault(cause))
    }
}

impl Store {
    fn select_rows(
        &self,
        table: &'static Table,
        conditions: &[Condition],
        order: &str,
    ) -> Result<Vec<Row>, StoreError> {
        let mut statement = selection(table);
        let mut values = Vec::new();
        for condition in conditions {
            let gap = if values.is_empty() { " WHERE" } else { " AND" };
            let column = condition.column;
            let (test, value) = match &condition.test {
                Test::From(at) => (">= ?", rows::time(*at)),
                Test::Before(at) => ("< ?", rows::time(*at)),
                // One value however many texts there are: statements have a limit on values.
                Test::Among(texts) => (
                    "IN (SELECT value FROM json_each(?))",
                    serde_json::Value::from(texts.clone()).to_string(),
                ),
            };
            let _ = write!(statement, "{gap} {column} {test}");
            values.push(value);
        }
        let _ = write!(statement, " ORDER BY {order}");
        let read = || -> rusqlite::Result<Vec<Row>> {
            let mut statement = self.connection.prepare_cached(&statement)?;
            statement.query_map(params_from_iter(values), |row| of_sqlite(table, row))?.collect()
        };
        read().map_err(|cause| self.fault(cause))
    }
}

/// Prepares a selection of every table, which fails where a table or a column is missing.
pub(super) fn check(connection: &Connection) -> rusqlite::Result<()> {
    TABLES.into_iter().try_for_each(|table| connection.prepare(&selection(table)).map(drop))
}

/// The row that a key of the spool names, as it stands now.
pub(super) fn row_of_key(
    connection: &Connection,
    table: &'static Table,
    key: &str,
) -> rusqlite::Result<Option<Row>> {
    let mut statement = selection(table);
    for (index, column) in table.local_key.iter().enumerate() {
        let gap = if index == 0 { "WHERE" } else { "AND" };
        let _ = write!(statement, " {gap} {column} = json_extract(?1, '$[{index}]')");
    }
    let mut statement = connection.prepare_cached(&statement)?;
    let mut rows = statement.query_map([key], |row| of_sqlite(table, row))?;
    rows.next().transpose()
}

/// `SELECT` of every column, in their order.
fn selection(table: &Table) -> String {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.local.unwrap_or(column.name)).collect();
    format!("SELECT {} FROM {}", columns.join(", "), table.name)
}

/// `INSERT` of every column that the local table has, which overwrites the row of the same key.
fn insertion(table: &Table) -> String {
    let columns: Vec<&str> =
        table.columns.iter().filter(|column| column.local.is_none()).map(|column| column.name).collect();
    let changes: Vec<String> = columns
        .iter()
        .filter(|column| !table.local_key.contains(column))
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    let places = vec!["?"; columns.len()].join(", ");
    let conflict = if changes.is_empty() {
        "DO NOTHING".to_owned()
    } else {
        format!("({}) DO UPDATE SET {}", table.local_key.join(", "), changes.join(", "))
    };
    format!("INSERT INTO {} ({}) VALUES ({places}) ON CONFLICT {conflict}", table.name, columns.join(", "))
}

fn of_sqlite(table: &'static Table, row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let values = table.columns.iter().enumerate().map(|(index, column)| {
        let value = row.get_ref(index)?;
        of_stored(column, value).ok_or_else(|| {
            let fault = RowFault::unfit(table, column.name, format!("{value:?}"));
            rusqlite::Error::FromSqlConversionFailure(index, value.data_type(), Box::new(fault))
        })
    });
    Ok(Row { table, values: values.collect::<Result<_, _>>()? })
}

fn of_stored(column: &Column, value: ValueRef<'_>) -> Option<Value> {
    match (column.kind, value) {
        (_, ValueRef::Null) => Some(Value::Null),
        (Kind::Integer, ValueRef::Integer(number)) => Some(Value::Integer(number)),
        (Kind::Flag, ValueRef::Integer(number)) => Some(Value::Flag(number != 0)),
        (kind, ValueRef::Text(text)) => of_text(kind, std::str::from_utf8(text).ok()?),
        _ => None,
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::from(rusqlite::types::Null),
            Self::Text(text) => ToSqlOutput::from(text.as_str()),
            Self::Integer(number) => ToSqlOutput::from(*number),
            Self::Flag(flag) => ToSqlOutput::from(*flag),
            Self::Json(json) => ToSqlOutput::from(json.to_string()),
        })
    }
}
