//! How the program ends: the exit codes scripts rely on, and the failures that people read.

use kalshi_bot::config::ConfigError;
use std::fmt;
use std::fmt::Write as _;

/// Every exit code. The numbers are a contract with scripts and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum ExitCode {
    /// What was asked for is done.
    Done = 0,
    /// It failed for a reason without a code of its own.
    Failed = 1,
    /// The command line or the configuration can't be used.
    Usage = 2,
    /// The exchange or the store refused the credentials.
    CredentialsRefused = 3,
    /// The exchange or the store can't be reached.
    Unreachable = 4,
    /// Some of it is done; the message says what is left.
    Partial = 5,
    /// Trading was halted by a risk limit.
    Halted = 6,
    /// Positions, orders or cash differ from the exchange's.
    Drift = 7,
}

impl ExitCode {
    /// All of them, ascending.
    const ALL: [Self; 8] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::CredentialsRefused,
        Self::Unreachable,
        Self::Partial,
        Self::Halted,
        Self::Drift,
    ];

    const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "bad usage or configuration",
            Self::CredentialsRefused => "credentials refused",
            Self::Unreachable => "exchange or store unreachable",
            Self::Partial => "done in part",
            Self::Halted => "halted by risk",
            Self::Drift => "drift found",
        }
    }

    /// The table of codes, for the help.
    pub(crate) fn table() -> String {
        Self::ALL.iter().fold("Exit codes:".to_owned(), |mut text, code| {
            let _ = write!(text, "\n  {}  {}", *code as u8, code.meaning());
            text
        })
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

/// Why a command could not do what was asked: what went wrong, why, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: ExitCode,
    what: String,
    cause: String,
    next: String,
}

impl Failure {
    /// A failure: one sentence, its cause, and the next step to take.
    pub(crate) fn new(
        code: ExitCode,
        what: impl Into<String>,
        cause: impl fmt::Display,
        next: impl Into<String>,
    ) -> Self {
        Self { code, what: what.into(), cause: cause.to_string(), next: next.into() }
    }

    /// The configuration has faults; all of them are listed.
    pub(crate) fn config(error: &ConfigError) -> Self {
        let count = error.faults.len();
        let faults = if count == 1 { "one fault".to_owned() } else { format!("{count} faults") };
        let mut cause = String::new();
        for fault in &error.faults {
            let gap = if cause.is_empty() { "" } else { "\n" };
            let _ = write!(cause, "{gap}{fault}");
        }
        let next = "mend each of them where it says, then run `kalshi-bot config check`";
        Self::new(ExitCode::Usage, format!("the configuration has {faults}"), cause, next)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cause = self.cause.replace('\n', "\n         ");
        write!(f, "{}\n  cause: {cause}\n  next:  {}", self.what, self.next)
    }
}
