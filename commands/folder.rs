//! The account's folder, and the bot that may be running with it.

use crate::cli::control::AccountArguments;
use crate::config;
use crate::exit::{ExitCode, Failure};
use crate::run::failed;
use crate::start::unstored;
use kalshi_bot::bot;
use kalshi_bot::config::Settings;
use kalshi_bot::control::{self, ControlError, Reply, Request};
use kalshi_bot::journal::{self, FolderDisk};
use kalshi_bot::store::Store;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What `--state-dir` sets.
pub(crate) fn overrides(state_dir: Option<&Path>) -> Vec<(String, String)> {
    state_dir.map(|dir| ("state.dir".to_owned(), dir.display().to_string())).into_iter().collect()
}

/// The folder that the flags or the configuration name.
///
/// # Errors
/// A [`Failure`] of usage when none is named or the one named isn't there.
pub(crate) fn of_arguments(arguments: &AccountArguments) -> Result<PathBuf, Failure> {
    let overrides = overrides(arguments.state_dir.as_deref());
    let settings = config::load(&arguments.files, overrides).map_err(|error| Failure::config(&error))?;
    of_settings(&settings)
}

/// The folder of these settings.
///
/// # Errors
/// Those of [`of_arguments`].
pub(crate) fn of_settings(settings: &Settings) -> Result<PathBuf, Failure> {
    let what = "there is no account to speak of";
    let Some(folder) = bot::state_folder(settings) else {
        let next = "name the account's folder with --state-dir or the key state.dir";
        return Err(Failure::new(ExitCode::Usage, what, "a run without a state folder keeps none", next));
    };
    if !folder.is_dir() {
        let cause = format!("{} is not a folder", folder.display());
        let next = "check the path given with --state-dir or the key state.dir";
        return Err(Failure::new(ExitCode::Usage, what, cause, next));
    }
    Ok(folder)
}

/// The store of a folder that no bot holds, with what a killed run had written to its journal and not stored yet.
///
/// # Errors
/// A [`Failure`] when the store or the journal can't be used.
pub(crate) fn store(folder: &Path) -> Result<Store, Failure> {
    let store = Store::open(folder).map_err(|error| unstored(&error))?;
    take_in(&store, folder)?;
    Ok(store)
}

/// Stores what a killed run had written to its journal and not stored yet.
///
/// # Errors
/// A [`Failure`] when the store or the journal can't be used.
pub(crate) fn take_in(store: &Store, folder: &Path) -> Result<(), Failure> {
    let folder = folder.join(journal::FOLDER);
    if folder.is_dir() {
        bot::take_in(store, Arc::new(FolderDisk::at(&folder))).map_err(failed)?;
    }
    Ok(())
}

/// Asks the bot that runs with this folder; `None` when none does.
///
/// # Errors
/// A [`Failure`] when it can't be reached, doesn't answer or can't do what it was asked.
pub(crate) fn ask(folder: &Path, request: &Request) -> Result<Option<Reply>, Failure> {
    match control::ask(folder, request) {
        Ok(Reply::Refused { message }) => {
            let next = "mend what it names, and ask again; `kalshi-bot status` shows how it stands";
            Err(Failure::new(ExitCode::Failed, "the bot refuses", message, next))
        }
        Ok(reply) => Ok(Some(reply)),
        Err(ControlError::NotRunning { .. }) => Ok(None),
        Err(error @ (ControlError::PathTooLong { .. } | ControlError::NotASocket { .. })) => {
            let next = "name the folder that the bot was started with";
            Err(Failure::new(ExitCode::Usage, "no bot can be asked", error, next))
        }
        Err(error) => {
            let next =
                "look for its process and its log; `kalshi-bot cancel-all` takes off orders without it";
            Err(Failure::new(ExitCode::Failed, "the bot can't be asked", error, next))
        }
    }
}

/// An answer to something else.
pub(crate) fn off_topic(reply: &Reply) -> Failure {
    let cause = format!("it said {reply:?}");
    let next = "use the program that the bot was started with";
    Failure::new(ExitCode::Failed, "the bot's answer makes no sense", cause, next)
}

/// No bot runs with this folder.
pub(crate) fn not_running(folder: &Path) -> Failure {
    let cause = format!("nobody listens in {}", folder.display());
    let next = "start it with `kalshi-bot run`, or name the folder that it was started with";
    Failure::new(ExitCode::Failed, "no bot is running", cause, next)
}
