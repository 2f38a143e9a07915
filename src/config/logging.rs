//! What is logged, how its lines look and where they go.

use std::path::PathBuf;
use tracing::Level;
use tracing::level_filters::LevelFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

/// Where log lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogDestination {
    /// Standard error, apart from results.
    Stderr,
    /// Standard output.
    Stdout,
}

/// How often a new log file is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogRotation {
    /// At midnight UTC.
    Daily,
    /// At every full hour.
    Hourly,
    /// Never: one file grows.
    Never,
}

/// The log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logging {
    /// Least severity that is logged.
    pub level: Level,
    /// Least severity of single modules, which beats `level` there; the longest name that fits counts.
    pub modules: Vec<(String, LevelFilter)>,
    /// How lines look.
    pub format: LogFormat,
    /// Where they go.
    pub destination: LogDestination,
    /// The folder of the log files; `None` writes none.
    pub file: Option<PathBuf>,
    /// How often a new file is begun.
    pub rotation: LogRotation,
    /// How many files are kept, the one in use included.
    pub keep_files: usize,
    /// Least severity that goes to the store, of what is logged.
    pub store_level: Level,
}

/// Reads levels of modules, such as `kalshi_bot::bot=debug,hyper=off`.
///
/// # Errors
/// What is wrong, as the end of a sentence that begins with the key.
pub(super) fn modules(text: &str) -> Result<Vec<(String, LevelFilter)>, String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(module).collect()
}

fn module(text: &str) -> Result<(String, LevelFilter), String> {
    let form = "each part is a module and its level, such as kalshi_bot::bot=debug";
    let (module, level) = text.split_once('=').ok_or_else(|| format!("has {text:?}, but {form}"))?;
    let (module, level) = (module.trim(), level.trim());
    let is_name = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if !module.split("::").all(is_name) {
        return Err(format!("has {module:?}, which is no module's name: {form}"));
    }
    let words = ["off", "error", "warn", "info", "debug", "trace"];
    let word = words.iter().find(|word| word.eq_ignore_ascii_case(level));
    match word.and_then(|word| word.parse().ok()) {
        Some(level) => Ok((module.to_owned(), level)),
        None => Err(format!("gives {module} the level {level:?}, which must be one of {}", words.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_modules_are_read() {
        assert_eq!(modules(""), Ok(Vec::new()));
        assert_eq!(
            modules("kalshi_bot::bot=debug, hyper=OFF,"),
            Ok(vec![
                ("kalshi_bot::bot".to_owned(), LevelFilter::DEBUG),
                ("hyper".to_owned(), LevelFilter::OFF)
            ])
        );
    }

    #[test]
    fn what_is_no_level_of_a_module_is_named() {
        for (text, problem) in [
            ("debug", "has \"debug\", but each part is a module and its level"),
            ("a b=info", "has \"a b\", which is no module's name"),
            ("kalshi_bot:=info", "has \"kalshi_bot:\", which is no module's name"),
            ("=info", "has \"\", which is no module's name"),
            ("hyper=5", "gives hyper the level \"5\", which must be one of off, error, warn"),
            ("hyper=", "gives hyper the level \"\""),
        ] {
            let fault = modules(text).expect_err(text);
            assert!(fault.starts_with(problem), "{text}: {fault}");
        }
    }
}
