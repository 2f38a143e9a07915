//! The main job from outside: whole runs of `kalshi-bot paper`, from the command line to the exit code.

#[path = "paper/account.rs"]
mod account;
#[path = "paper/document.rs"]
mod document;
#[path = "paper/endings.rs"]
mod endings;
#[path = "paper/faulty_input.rs"]
mod faulty_input;
#[path = "paper/faulty_recordings.rs"]
mod faulty_recordings;
#[path = "paper/program.rs"]
mod program;
#[path = "paper/reckoning.rs"]
mod reckoning;
#[path = "paper/recorded.rs"]
mod recorded;
#[path = "paper/repeatable.rs"]
mod repeatable;
