//! `kalshi-bot halt`: no new positions until a person resumes.

use crate::cli::control::HaltArguments;
use crate::exit::{ExitCode, Failure};
use crate::folder;
use crate::output::Output;
use crate::start::{unstored, wall_clock};
use kalshi_bot::control::{Reply, Request};
use kalshi_bot::store::RunKind;

/// What a halt says that came without a note.
const NO_NOTE: &str = "halted by a person";

/// Halts the running bot; where none runs, the next one.
pub(crate) fn run(arguments: &HaltArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let folder = folder::of_arguments(&arguments.account)?;
    let note = arguments.note.clone().unwrap_or_else(|| NO_NOTE.to_owned());
    let said = match folder::ask(&folder, &Request::Halt { note: Some(note.clone()) })? {
        Some(Reply::Halted { was_halted: false }) => {
            "halted: the bot opens nothing until `kalshi-bot resume`; what it holds it still lets go by its rules"
        }
        Some(Reply::Halted { was_halted: true }) => "it was halted already; `kalshi-bot resume` clears it",
        Some(reply) => return Err(folder::off_topic(&reply)),
        None => {
            let store = folder::store(&folder)?;
            let is_new = store.halt(RunKind::Live, &note, wall_clock()).map_err(|error| unstored(&error))?;
            if is_new {
                "halted: no bot is running, and the next one starts halted until `kalshi-bot resume`"
            } else {
                "live trading was halted already; `kalshi-bot resume` clears it"
            }
        }
    };
    output.print(said);
    Ok(ExitCode::Done)
}
