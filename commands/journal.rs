//! `kalshi-bot journal`: what a live account's journal says, and whether it can be believed.

mod show;
mod verify;
mod words;

use crate::cli::control::AccountArguments;
use crate::cli::journal::{JournalArguments, JournalCommand};
use crate::exit::{ExitCode, Failure};
use crate::folder;
use crate::output::Output;
use kalshi_bot::journal::{self, FolderDisk, JournalError};

/// Checks or shows the journal.
pub(crate) fn run(arguments: &JournalArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    match &arguments.command {
        JournalCommand::Verify(arguments) => verify::run(arguments, output),
        JournalCommand::Show(arguments) => show::run(arguments, output),
    }
}

/// The journal of the account that is meant, to look at.
fn disk(arguments: &AccountArguments) -> Result<FolderDisk, Failure> {
    Ok(FolderDisk::at(&folder::of_arguments(arguments)?.join(journal::FOLDER)))
}

/// A journal that can't be read.
pub(crate) fn unread(error: &JournalError) -> Failure {
    let what = "the journal can't be used";
    match error {
        JournalError::Damaged { .. } => {
            Failure::new(ExitCode::Drift, what, error, "`kalshi-bot journal verify` looks at it again")
        }
        JournalError::Newer { .. } => {
            Failure::new(ExitCode::Failed, what, error, "nothing was changed; the newer program reads it")
        }
        JournalError::Disk { .. } => {
            Failure::new(ExitCode::Failed, what, error, "mend what the system names, and run it again")
        }
    }
}
