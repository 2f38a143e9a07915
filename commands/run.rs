//! `kalshi-bot run`: the bot on an exchange, watched and reported.

use crate::cli::Format;
use crate::cli::run::RunArguments;
use crate::connection;
use crate::exit::{ExitCode, Failure};
use crate::journal::unread;
use crate::logging;
use crate::output::Output;
use crate::report_table;
use crate::start::{unmailed, unstored};
use crate::watch::{Watcher, display, stop_on_signals};
use dialoguer::Input;
use kalshi_bot::bot::{self, BotEnd, BotError, BotSettings, Surroundings};
use kalshi_bot::config::Settings;
use kalshi_bot::config::exchange::ExchangeKind;
use kalshi_bot::journal::{self, FolderDisk};
use kalshi_bot::report::performance::RunRequest;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::Arc;

/// What has to be typed before real money is traded.
const CONFIRMATION: &str = "production";

/// Trades until it is stopped, and reports.
pub(crate) fn run(arguments: &RunArguments, verbose: u8, output: &mut Output) -> Result<ExitCode, Failure> {
    let dir = arguments.state_dir.iter().map(|dir| ("state.dir".to_owned(), dir.display().to_string()));
    let settings = connection::settings(&arguments.exchange, dir.collect())?;
    let logs = logging::follow(&settings.logging, verbose)?;
    let folder = bot::state_folder(&settings).ok_or_else(|| {
        let next = "name a folder with --state-dir or the key state.dir";
        let cause = "neither state.dir nor HOME is set, and halts must outlive the run";
        Failure::new(ExitCode::Usage, "there is no folder to keep the account in", cause, next)
    })?;
    let client = connection::client(&settings)?;
    let credentials = connection::credentials(&settings)?;
    confirm(&settings, arguments.yes)?;
    let stop = stop_on_signals()?;

    let exchange = settings.api.exchange();
    let source = format!("{} exchange at {}", exchange.kind.as_str(), exchange.rest);
    let request = RunRequest { source, seed: None, speed: "1".to_owned() };
    let mut watcher = Watcher::new(display(arguments.output, money(exchange.kind), &request, output), stop);
    let journal = Arc::new(journal_disk(&folder)?);
    let surroundings = Surroundings::default();
    let bot = BotSettings {
        settings,
        credentials,
        folder,
        journal,
        duration: arguments.length,
        logs,
        surroundings,
    };
    let ended = connection::runtime()?.block_on(bot::run(bot, client, &mut watcher));
    // The terminal must be back before anything else is said.
    let collector = watcher.into_collector();
    let end = ended.map_err(failed)?;

    let report = collector.finish(request, &end.run);
    match arguments.output {
        Format::Table => {
            output.print(report_table::render("Run", &report, &end.run.measured, output.width()));
        }
        Format::Json => output.print(report.to_json().map_err(|error| {
            let next = "use `--output table`";
            Failure::new(ExitCode::Failed, "the report can't be written as JSON", error, next)
        })?),
    }
    Ok(conclude(&end))
}

/// Where the journal of this account is.
fn journal_disk(folder: &Path) -> Result<FolderDisk, Failure> {
    let folder = folder.join(journal::FOLDER);
    FolderDisk::open(&folder).map_err(|error| {
        let cause = format!("{}: {error}", folder.display());
        let next = "give a folder that this user may write to, with --state-dir or the key state.dir";
        Failure::new(ExitCode::Failed, "the journal can't be kept", cause, next)
    })
}

/// What is at stake, as the live view says it.
const fn money(exchange: ExchangeKind) -> &'static str {
    match exchange {
        ExchangeKind::Simulated => "SIMULATED",
        ExchangeKind::Demo => "DEMO",
        ExchangeKind::Production => "REAL MONEY",
    }
}

/// The worst of what is to be said at the end decides the code.
fn conclude(end: &BotEnd) -> ExitCode {
    for leftover in &end.leftovers {
        Output::note(leftover);
    }
    if !end.leftovers.is_empty() {
        Output::note("look with `kalshi-bot orders list`, and take it off with `kalshi-bot cancel-all`");
        return ExitCode::Partial;
    }
    if end.has_drift {
        Output::note("the account differs from what is kept here; `kalshi-bot reconcile` says where");
        return ExitCode::Drift;
    }
    if end.was_halted {
        Output::note("a halt of an earlier run was in force at the start; `kalshi-bot resume` clears it");
        return ExitCode::Halted;
    }
    ExitCode::Done
}

/// Has a person type what is about to be traded, on the production exchange.
fn confirm(settings: &Settings, yes: bool) -> Result<(), Failure> {
    if yes || settings.api.exchange().kind != ExchangeKind::Production {
        return Ok(());
    }
    let refused = |cause: String, next: &str| {
        Failure::new(ExitCode::Usage, "nothing was started: this would trade real money", cause, next)
    };
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        let next = "run it again with --yes to go ahead without a question";
        return Err(refused("there is no terminal to ask at".to_owned(), next));
    }
    let prompt = format!("This trades real money. Type {CONFIRMATION} to start");
    let next = "run it again when you want it, or without --production for the demo exchange";
    let typed: String = Input::new()
        .with_prompt(prompt)
        .allow_empty(true)
        .interact_text()
        .map_err(|error| refused(format!("the question can't be asked: {error}"), next))?;
    if typed.trim() == CONFIRMATION { Ok(()) } else { Err(refused(format!("{typed:?} was typed"), next)) }
}

/// What keeps a bot from starting, to the person who typed.
pub(crate) fn failed(error: BotError) -> Failure {
    match error {
        BotError::Api { cause, .. }
        | BotError::Recovery(bot::recovery::RecoveryError::Exchange { cause, .. }) => cause.into(),
        BotError::Recovery(bot::recovery::RecoveryError::Store(error)) | BotError::Store(error) => {
            unstored(&error)
        }
        BotError::Recovery(error @ bot::recovery::RecoveryError::StillResting { .. }) => {
            let next = "start it again in a while; `kalshi-bot orders list` shows them. Nothing was traded";
            Failure::new(ExitCode::Unreachable, "the exchange doesn't take cancels now", error, next)
        }
        BotError::Recovery(error) => {
            let next = "mend what it names, and run it again; what was done so far stands";
            Failure::new(ExitCode::Drift, "what an earlier run left can't be taken over", error, next)
        }
        BotError::Journal(error) => unread(&error),
        BotError::Clock { .. } => {
            let next = "set this machine's clock, with NTP for instance";
            Failure::new(
                ExitCode::CredentialsRefused,
                "signatures of this machine would be refused",
                error,
                next,
            )
        }
        BotError::Control(error) => {
            let next = "stop the other bot, or name another folder with --state-dir";
            Failure::new(ExitCode::Failed, "the bot could not be asked or stopped", error, next)
        }
        BotError::Metrics { .. } => {
            let next = "give another port with the key metrics.listen, or leave it empty for no metrics";
            Failure::new(ExitCode::Failed, "the address for metrics can't be had", error, next)
        }
        BotError::AnotherInstance { .. } => {
            let next = "stop the other bot, or give this one its own execution.order_prefix";
            Failure::new(ExitCode::Failed, "this account is traded already", error, next)
        }
        BotError::Instance { .. } => {
            let next = "allow this process Unix sockets (RestrictAddressFamilies=AF_UNIX in its unit)";
            Failure::new(
                ExitCode::Failed,
                "it can't be told whether another bot trades the account",
                error,
                next,
            )
        }
        BotError::Stream(error) => {
            let next = "check the URLs of the exchange (`kalshi-bot config show`)";
            Failure::new(ExitCode::Usage, "the stream can't be used", error, next)
        }
        BotError::Mail(fault) => unmailed(&fault),
        BotError::Drift { .. } => {
            let next = "look at `kalshi-bot reconcile`; nothing was traded";
            Failure::new(ExitCode::Drift, "the account isn't what was left", error, next)
        }
    }
}
