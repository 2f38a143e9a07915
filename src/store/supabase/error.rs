//! Why the second store can't do what it was asked, worded so that a person can mend it.

use serde::Deserialize;
use std::error::Error as _;
use thiserror::Error;

/// Longest piece of an answer that is repeated.
const LONGEST_PIECE: usize = 300;

/// Why the second store can't be read or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RemoteError {
    /// Requests can't even be made.
    #[error("{store}: can't be asked: {cause}")]
    Setup {
        /// Where it answers.
        store: String,
        /// Why.
        cause: String,
    },
    /// No answer came.
    #[error("{store}: doesn't answer: {cause}. Check database.url, the network and the server")]
    Unreachable {
        /// Where it answers.
        store: String,
        /// What went wrong on the way.
        cause: String,
    },
    /// It answers, but can't work at the moment.
    #[error("{store}: can't work at the moment ({status}): {message}")]
    Unwell {
        /// Where it answers.
        store: String,
        /// The HTTP status.
        status: u16,
        /// What it said.
        message: String,
    },
    /// The key isn't good for this.
    #[error(
        "{store}: refuses the key ({status}): {message}. Put the project's service key into database.key"
    )]
    KeyRefused {
        /// Where it answers.
        store: String,
        /// The HTTP status.
        status: u16,
        /// What it said.
        message: String,
    },
    /// A table or a column is missing.
    #[error("{store}: lacks tables or columns: {message}. Run `kalshi-bot migrate`")]
    SchemaBehind {
        /// Where it answers.
        store: String,
        /// What is missing.
        message: String,
    },
    /// The rows are at fault.
    #[error("{store}: will not have the rows ({status}): {message}")]
    RowsRefused {
        /// Where it answers.
        store: String,
        /// The HTTP status.
        status: u16,
        /// What it said.
        message: String,
    },
    /// It says something that makes no sense.
    #[error("{store}: {what}. Check that database.url and database.rest_path name a PostgREST server")]
    Nonsense {
        /// Where it answers.
        store: String,
        /// What came.
        what: String,
    },
}

/// PostgREST's own words for what went wrong.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Complaint {
    code: Option<String>,
    message: Option<String>,
    details: Option<String>,
    hint: Option<String>,
}

impl RemoteError {
    /// Whether the same request may well succeed a little later.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Unwell { .. })
    }

    /// Sorts an answer that is no success by what a person can do about it.
    pub(super) fn of_answer(store: &str, status: u16, body: &str) -> Self {
        let store = store.to_owned();
        let complaint: Complaint = serde_json::from_str(body).unwrap_or_default();
        let code = complaint.code.clone().unwrap_or_default();
        let message = complaint.words().unwrap_or_else(|| piece(body));
        match (status, code.as_str()) {
            // Tables and columns that PostgREST or PostgreSQL doesn't know; a schema that isn't exposed.
            (_, "PGRST106" | "PGRST204" | "PGRST205" | "42P01" | "42703" | "3F000") => {
                Self::SchemaBehind { store, message }
            }
            (401 | 403, _) | (_, "42501") => Self::KeyRefused { store, status, message },
            (408 | 429 | 500.., _) => Self::Unwell { store, status, message },
            (400 | 409 | 413 | 422, _) => Self::RowsRefused { store, status, message },
            _ => Self::Nonsense { store, what: format!("answers {status}: {message}") },
        }
    }

    /// What kept an answer from coming, down to its cause.
    pub(super) fn of_transport(store: &str, error: &reqwest::Error) -> Self {
        let mut cause = if error.is_timeout() { "no answer in time".to_owned() } else { String::new() };
        let mut deeper = error.source();
        while let Some(error) = deeper {
            let gap = if cause.is_empty() { "" } else { ": " };
            let words = error.to_string();
            if !cause.ends_with(&words) {
                cause = format!("{cause}{gap}{words}");
            }
            deeper = error.source();
        }
        if cause.is_empty() {
            cause = error.to_string();
        }
        Self::Unreachable { store: store.to_owned(), cause }
    }
}

impl Complaint {
    fn words(self) -> Option<String> {
        let mut words = self.message?;
        for more in [self.details, self.hint].into_iter().flatten() {
            words = format!("{words}; {more}");
        }
        Some(match self.code {
            Some(code) => format!("{words} [{code}]"),
            None => words,
        })
    }
}

/// The beginning of an answer that has no form.
fn piece(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "without a word".to_owned();
    }
    line.chars().take(LONGEST_PIECE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> RemoteError {
        RemoteError::of_answer("https://example.test/rest/v1", status, body)
    }

    #[test]
    fn answers_are_sorted_by_what_mends_them() {
        let missing =
            r#"{"code":"42P01","details":null,"hint":null,"message":"relation \"trades\" does not exist"}"#;
        assert!(matches!(of(404, missing), RemoteError::SchemaBehind { .. }));
        let denied = r#"{"code":"42501","message":"permission denied for table trades"}"#;
        assert!(matches!(of(401, denied), RemoteError::KeyRefused { .. }));
        let twice = r#"{"code":"23505","message":"duplicate key value"}"#;
        assert!(matches!(of(409, twice), RemoteError::RowsRefused { .. }));
        assert!(matches!(of(413, "too much"), RemoteError::RowsRefused { .. }));
        for status in [429, 500, 502, 503, 504] {
            assert!(of(status, "<html>later</html>").is_passing(), "{status}");
        }
        assert!(matches!(of(404, "<html>no such page</html>"), RemoteError::Nonsense { .. }));
    }

    #[test]
    fn what_the_database_said_is_repeated() {
        let body =
            r#"{"code":"23514","message":"new row violates a check","details":"Failing row","hint":null}"#;
        assert!(of(400, body).to_string().contains("new row violates a check; Failing row [23514]"));
        assert!(of(500, "").to_string().contains("without a word"));
    }
}
