//! Where a value came from and what is wrong with it, worded for the person who has to mend it.

use serde::Serialize;
use std::fmt;
use std::path::PathBuf;

/// Where a value was written. The order is that of the layers: a later origin beats an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum Origin {
    /// A document compiled into the program.
    Default {
        /// `default.toml` or `markets.toml`.
        file: &'static str,
        /// Counted from one.
        line: usize,
    },
    /// A file on disk.
    File {
        /// As it was named to the program.
        path: PathBuf,
        /// Counted from one; `None` when the file as a whole is meant.
        line: Option<usize>,
    },
    /// A variable of the environment.
    Environment {
        /// Its name.
        name: String,
    },
    /// The command line.
    Flag,
}

impl Origin {
    /// For `config show`, where the place inside the program's own defaults says nothing to the operator.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Default { .. } => "default".to_owned(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default { file, line } => write!(f, "{file}:{line} (built in)"),
            Self::File { path, line: Some(line) } => write!(f, "{}:{line}", path.display()),
            Self::File { path, line: None } => write!(f, "{}", path.display()),
            Self::Environment { name } => write!(f, "environment {name}"),
            Self::Flag => f.write_str("command line"),
        }
    }
}

/// One thing wrong with the configuration. Secrets are never quoted in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where it is written.
    pub origin: Origin,
    /// The full path of the key, where a key is at fault.
    pub key: Option<String>,
    /// The value as it is written, where it may be shown.
    pub value: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What the key takes, where the key is known.
    pub allowed: Option<String>,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl Fault {
    /// A fault that names no key.
    pub(super) fn at(origin: Origin, problem: impl Into<String>) -> Self {
        Self { origin, key: None, value: None, problem: problem.into(), allowed: None, suggestion: None }
    }

    /// A fault of `key`.
    pub(super) fn of(origin: Origin, key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..Self::at(origin, problem) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        if let Some(key) = &self.key {
            f.write_str(key)?;
            if let Some(value) = &self.value {
                write!(f, " = {value}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.problem)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean {suggestion}?"),
            None => Ok(()),
        }
    }
}

/// Everything wrong with the configuration, found in one pass. Prints one fault a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one, in the order of the layers and their lines.
    pub faults: Vec<Fault>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
