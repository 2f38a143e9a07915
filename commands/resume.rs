//! `kalshi-bot resume`: clears the halts of an account that only a person may clear.

use crate::cli::control::ResumeArguments;
use crate::exit::{ExitCode, Failure};
use crate::folder;
use crate::output::Output;
use crate::start::{unstored, wall_clock};
use kalshi_bot::control::{ClearedHalt, Reply, Request};
use kalshi_bot::store::{RunKind, StoreError};
use std::fmt::Write as _;
use std::path::Path;

/// Clears every latched halt and says which they were: those of the running bot, or where none runs those that are
/// kept.
pub(crate) fn run(arguments: &ResumeArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let folder = folder::of_arguments(&arguments.account)?;
    let asked = if arguments.paper { None } else { folder::ask(&folder, &Request::Resume)? };
    let (cleared, trading) = match asked {
        Some(Reply::Resumed { cleared, trading }) => (cleared, Some(trading)),
        Some(reply) => return Err(folder::off_topic(&reply)),
        None => (clear_kept(&folder, arguments)?, None),
    };
    let mut words = String::new();
    for halt in &cleared {
        let _ = writeln!(words, "cleared {} of {}: {}", halt.reason, halt.since, halt.detail);
    }
    if cleared.is_empty() {
        words.push_str("nothing to clear: no halt is in force\n");
    }
    if let Some(trading) = trading.filter(|trading| trading != "active") {
        let _ = writeln!(words, "trading is {trading} all the same; `kalshi-bot status` says why");
    }
    output.print(words.trim_end());
    Ok(ExitCode::Done)
}

/// Clears what the folder keeps: the halts of the kind that was named, or of the only kind that has any.
fn clear_kept(folder: &Path, arguments: &ResumeArguments) -> Result<Vec<ClearedHalt>, Failure> {
    let store = folder::store(folder)?;
    let kept = |kind| store.latched_halts(kind).map_err(|error: StoreError| unstored(&error));
    let (live, paper) = (kept(RunKind::Live)?, kept(RunKind::Paper)?);
    let (kind, halts) = match (arguments.live, arguments.paper) {
        (true, _) => (RunKind::Live, live),
        (_, true) => (RunKind::Paper, paper),
        _ if !live.is_empty() && !paper.is_empty() => {
            let codes = |halts: &[kalshi_bot::store::Halt]| {
                halts.iter().map(|halt| halt.reason.as_str()).collect::<Vec<_>>().join(", ")
            };
            let cause = format!("live trading by {}, paper trading by {}", codes(&live), codes(&paper));
            let next = "say which is meant with --live or --paper";
            return Err(Failure::new(ExitCode::Usage, "both accounts of the folder are halted", cause, next));
        }
        _ if live.is_empty() => (RunKind::Paper, paper),
        _ => (RunKind::Live, live),
    };
    store.clear_halts(kind, wall_clock()).map_err(|error| unstored(&error))?;
    Ok(halts.into_iter().map(ClearedHalt::from).collect())
}
