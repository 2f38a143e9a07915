//! `kalshi-bot resume`: clears the halts of an account that only a person may clear.

use crate::cli::ResumeArguments;
use crate::config;
use crate::exit::{ExitCode, Failure};
use crate::output::Output;
use crate::start::{unstored, wall_clock};
use kalshi_bot::store::{RunKind, Store};
use std::fmt::Write as _;

/// Clears every latched halt of the paper account, and says which they were.
pub(crate) fn run(arguments: &ResumeArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let overrides = arguments.state_dir.iter().map(|dir| ("state.dir".to_owned(), dir.display().to_string()));
    let settings =
        config::load(&arguments.files, overrides.collect()).map_err(|error| Failure::config(&error))?;
    let folder = settings.state.dir.ok_or_else(|| {
        let next = "name the account's folder with --state-dir or the key state.dir";
        Failure::new(
            ExitCode::Usage,
            "no account to resume",
            "a run without a state folder keeps no halts",
            next,
        )
    })?;
    if !folder.is_dir() {
        let cause = format!("{} is not a folder", folder.display());
        let next = "check the path given with --state-dir or the key state.dir";
        return Err(Failure::new(ExitCode::Usage, "no account to resume", cause, next));
    }
    let store = Store::open(&folder).map_err(|error| unstored(&error))?;
    let halts = store.latched_halts(RunKind::Paper).map_err(|error| unstored(&error))?;
    store.clear_halts(RunKind::Paper, wall_clock()).map_err(|error| unstored(&error))?;
    let mut words = String::new();
    for halt in &halts {
        let _ = writeln!(words, "cleared {} of {}: {}", halt.reason, halt.latched_at, halt.detail);
    }
    if halts.is_empty() {
        words.push_str("nothing to clear: no halt is in force\n");
    }
    output.print(words.trim_end());
    Ok(ExitCode::Done)
}
