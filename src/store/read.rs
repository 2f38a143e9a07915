//! What the store is asked: which halts hold, which runs there were, which trades a day had.

use super::row::Condition;
use super::rows;
use super::table::TRADES;
use super::{RowStore, RunKind, Store, StoreError};
use crate::engine::record::Trade;
use crate::risk::HaltReason;
use crate::units::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::types::Type;
use rusqlite::{Row, params};
use std::str::FromStr;

/// A reason to stop that only a person clears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halt {
    /// Its stable code.
    pub reason: String,
    /// The figures behind it, for people.
    pub detail: String,
    /// When it latched, by the run's clock.
    pub latched_at: Timestamp,
    /// The run it latched in; none where a person halted while no run was up.
    pub run: Option<String>,
}

/// A run, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRun {
    /// Its id.
    pub id: String,
    /// Paper or live.
    pub kind: RunKind,
    /// What fed it.
    pub source: String,
    /// When it started, by its own clock.
    pub started: Timestamp,
    /// When it ended; `None` while it runs and when it crashed.
    pub ended: Option<Timestamp>,
    /// The live account it trades; paper runs have none.
    pub account: Option<String>,
}

/// A round trip, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTrade {
    /// Run and number.
    pub id: String,
    /// The run.
    pub run: String,
    /// The round trip.
    pub trade: Trade,
}

impl Store {
    /// The halts of this kind of run that latched and were not cleared, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be read.
    pub fn latched_halts(&self, kind: RunKind) -> Result<Vec<Halt>, StoreError> {
        self.select(
            "SELECT reason, detail, latched_at, run_id FROM halts WHERE kind = ? AND cleared_at IS NULL ORDER BY id",
            params![kind.as_str()],
            |row| {
                Ok(Halt { reason: row.get(0)?, detail: row.get(1)?, latched_at: parsed(row, 2)?, run: row.get(3)? })
            },
        )
    }

    /// Clears every halt of this kind of run, at `cleared`. Returns how many there were.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be written.
    pub fn clear_halts(&self, kind: RunKind, cleared: Timestamp) -> Result<usize, StoreError> {
        self.execute(
            "UPDATE halts SET cleared_at = ? WHERE kind = ? AND cleared_at IS NULL",
            params![rows::time(cleared), kind.as_str()],
        )
    }

    /// Every run, in the order in which they were started.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be read.
    pub fn runs(&self) -> Result<Vec<StoredRun>, StoreError> {
        self.select(
            "SELECT id, kind, source, started_at, ended_at, account FROM runs ORDER BY rowid",
            [],
            |row| {
                Ok(StoredRun {
                    id: row.get(0)?,
                    kind: worded(row, 1, RunKind::from_word)?,
                    source: row.get(2)?,
                    started: parsed(row, 3)?,
                    ended: row.get::<_, Option<String>>(4)?.map(|_| parsed(row, 4)).transpose()?,
                    account: row.get(5)?,
                })
            },
        )
    }

    /// The trades that ended on this day of this time zone: from its first instant to the last before the next
    /// day's first, whatever its length. Oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the day lies at the calendar's edge or the database can't be read.
    pub fn trades_of_day(&self, day: Date, zone: &TimeZone) -> Result<Vec<StoredTrade>, StoreError> {
        let (first, next) = bounds(day, zone).map_err(|cause| StoreError::Day { day, cause })?;
        let rows = self.read(&TRADES, &Condition::within("exit_time", first, next))?;
        Ok(StoredTrade::in_order(&rows)?)
    }

    /// Notes that a person halts this kind of run, at `now`, for the next one to start halted. False if a person had
    /// done so before.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be written.
    pub fn halt(&self, kind: RunKind, note: &str, now: Timestamp) -> Result<bool, StoreError> {
        let reason = HaltReason::Operator.code();
        self.execute(
            "INSERT INTO halts (kind, reason, detail, latched_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            params![kind.as_str(), reason, note, rows::time(now)],
        )
        .map(|added| added > 0)
    }

    /// Runs one statement; returns how many rows it changed.
    pub(super) fn execute(
        &self,
        statement: &str,
        values: impl rusqlite::Params,
    ) -> Result<usize, StoreError> {
        let run = || self.connection.prepare_cached(statement)?.execute(values);
        run().map_err(|cause| self.fault(cause))
    }

    pub(super) fn select<T>(
        &self,
        statement: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = || -> rusqlite::Result<Vec<T>> {
            let mut statement = self.connection.prepare_cached(statement)?;
            statement.query_map(values, read)?.collect()
        };
        rows().map_err(|cause| self.fault(cause))
    }
}

/// The day's first instant and the next day's.
pub(crate) fn bounds(day: Date, zone: &TimeZone) -> Result<(Timestamp, Timestamp), jiff::Error> {
    let first = |day: Date| {
        let instant = day.to_zoned(zone.clone())?.timestamp();
        Ok::<_, jiff::Error>(Timestamp::from_micros(instant.as_microsecond()))
    };
    Ok((first(day)?, first(day.tomorrow()?)?))
}

/// A decimal or a time out of a text column.
pub(super) fn parsed<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: String = row.get(column)?;
    text.parse()
        .map_err(|fault| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(fault)))
}

/// One of a set of words out of a text column.
pub(super) fn worded<T>(
    row: &Row<'_>,
    column: usize,
    read: impl FnOnce(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let word: String = row.get(column)?;
    read(&word).ok_or_else(|| {
        let fault = format!("{word:?} is not a word this program writes");
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, fault.into())
    })
}
