//! What a command found that checks one thing after another: a line each for people, a document for programs.

use crate::cli::Format;
use crate::exit::{ExitCode, Failure};
use serde::Serialize;
use std::fmt::Write as _;

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    Warn,
    Fail,
    Skipped,
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skipped => "-",
        }
    }
}

/// One check.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    name: &'static str,
    verdict: Verdict,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
    #[serde(skip)]
    code: Option<ExitCode>,
}

impl Check {
    /// Nothing to mend.
    pub(crate) const fn ok(name: &'static str, found: String) -> Self {
        Self { name, verdict: Verdict::Ok, found, mend: None, code: None }
    }

    /// Not made.
    pub(crate) const fn skipped(name: &'static str, found: String) -> Self {
        Self { name, verdict: Verdict::Skipped, found, mend: None, code: None }
    }

    /// Works, but better mended.
    pub(crate) const fn warn(name: &'static str, found: String, mend: String) -> Self {
        Self { name, verdict: Verdict::Warn, found, mend: Some(mend), code: None }
    }

    /// Must be mended.
    pub(crate) const fn fail(name: &'static str, found: String, code: ExitCode, mend: String) -> Self {
        Self { name, verdict: Verdict::Fail, found, mend: Some(mend), code: Some(code) }
    }
}

/// All checks, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Report {
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Document<'a> {
    sound: bool,
    checks: &'a [Check],
}

impl Report {
    pub(crate) fn push(&mut self, check: Check) {
        self.checks.push(check);
    }

    /// The exit code: the first failure's.
    pub(crate) fn code(&self) -> ExitCode {
        self.checks.iter().find_map(|check| check.code).unwrap_or(ExitCode::Done)
    }

    pub(crate) fn render(&self, format: Format) -> Result<String, Failure> {
        match format {
            Format::Table => Ok(self.lines()),
            Format::Json => {
                let document = Document { sound: self.code() == ExitCode::Done, checks: &self.checks };
                serde_json::to_string_pretty(&document).map_err(|error| {
                    let next = "use `--output table`; nothing was changed";
                    Failure::new(ExitCode::Failed, "the JSON document can't be written", error, next)
                })
            }
        }
    }

    fn lines(&self) -> String {
        let mut text = String::new();
        for Check { name, verdict, found, mend, .. } in &self.checks {
            let _ = writeln!(text, "{:<5} {name:<12} {found}", verdict.as_str());
            if let Some(mend) = mend {
                let _ = writeln!(text, "{:<18} next: {mend}", "");
            }
        }
        text.truncate(text.trim_end().len());
        text
    }
}
