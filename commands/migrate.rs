//! `kalshi-bot migrate`: brings the stores to the tables that this program needs, or says where they stand.

use crate::cli::Format;
use crate::cli::migrate::{MigrateArguments, StoreChoice};
use crate::config;
use crate::exit::{ExitCode, Failure};
use crate::folder;
use crate::listing::{self, Column, Figure, List};
use crate::output::Output;
use crate::start::unstored;
use kalshi_bot::bot;
use kalshi_bot::config::{Database, Settings};
use kalshi_bot::store::migration::postgres::{Postgres, PostgresError};
use kalshi_bot::store::migration::{Step, StepState, script};
use kalshi_bot::store::supabase::{RemoteError, Supabase};
use kalshi_bot::store::{Store, StoreError};
use secrecy::ExposeSecret;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;

/// One migration of one store, as it is listed.
struct StepRow {
    store: &'static str,
    step: Step,
}

const STEPS: &[Column<StepRow>] = &[
    Column::new("store", "Store", |row| Figure::Text(row.store.to_owned())),
    Column::new("migration", "Migration", |row| Figure::Name(row.step.file())),
    Column::new("state", "State", |row| Figure::Text(row.step.state.as_str().to_owned())),
    Column::new("applied_on", "Applied", |row| Figure::Text(row.step.applied_on.clone().unwrap_or_default())),
];

/// What became of one store.
#[derive(Debug, Serialize)]
struct Migrated {
    store: &'static str,
    place: String,
    /// `current`, `pending`, `applied`, `rehearsed`, `left` or `failed`.
    outcome: &'static str,
    /// How many migrations it lacked before.
    pending: usize,
    migrations: Vec<Step>,
    /// Why it failed or is left to a person; null otherwise.
    problem: Option<String>,
    #[serde(skip)]
    code: ExitCode,
    #[serde(skip)]
    next: &'static str,
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    stores: &'a [Migrated],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    Status,
    Rehearse,
    Apply,
}

/// Migrates, rehearses, shows or prints.
pub(crate) fn run(arguments: &MigrateArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if arguments.print {
        let script = script(arguments.after);
        if script.is_empty() {
            Output::note(format_args!("there is no migration after version {}", arguments.after));
        } else {
            output.print(script.trim_end());
        }
        return Ok(ExitCode::Done);
    }
    let task = match (arguments.status, arguments.dry_run) {
        (true, _) => Task::Status,
        (_, true) => Task::Rehearse,
        _ => Task::Apply,
    };
    let overrides = folder::overrides(arguments.state_dir.as_deref());
    let settings = config::load(&arguments.files, overrides).map_err(|error| Failure::config(&error))?;
    let mut outcomes = Vec::new();
    if arguments.store != StoreChoice::Supabase {
        outcomes.push(local(&settings, task)?);
    }
    if arguments.store != StoreChoice::Local {
        match second(&settings.database, task) {
            Some(outcome) => outcomes.push(outcome),
            None if arguments.store == StoreChoice::Supabase => return Err(no_second_store()),
            None => {}
        }
    }
    output.print(match arguments.output {
        Format::Json => listing::json(&Document { stores: &outcomes })?,
        Format::Table => render(&outcomes, output.width()),
    });
    conclude(&outcomes)
}

/// The one in the state folder.
fn local(settings: &Settings, task: Task) -> Result<Migrated, Failure> {
    let folder = bot::state_folder(settings).ok_or_else(|| {
        let next = "name the account's folder with --state-dir or the key state.dir";
        Failure::new(ExitCode::Usage, "there is no local store", "no state folder is known", next)
    })?;
    let migrated = Store::migrations(&folder).and_then(|steps| migrate_local(&folder, steps, task));
    Ok(match migrated {
        Ok(steps) => Migrated::of("local", folder.display().to_string(), task, steps),
        Err(error) => {
            let code = match &error {
                StoreError::Newer { .. } | StoreError::Altered { .. } => ExitCode::Drift,
                other => unstored(other).code,
            };
            let next = "mend what it names, then run it again; nothing was changed";
            Migrated::failed("local", folder.display().to_string(), &error, code, next)
        }
    })
}

/// A store that is current isn't touched: a bot may be using it.
fn migrate_local(folder: &Path, steps: Vec<Step>, task: Task) -> Result<Vec<Step>, StoreError> {
    match task {
        Task::Status => {}
        Task::Rehearse => drop(Store::rehearse_migrations(folder)?),
        Task::Apply if steps.iter().all(|step| step.state == StepState::Applied) => {}
        Task::Apply => drop(Store::open(folder)?),
    }
    Ok(steps)
}

/// The second store; none where none is configured.
fn second(database: &Database, task: Task) -> Option<Migrated> {
    if !database.connection.expose_secret().is_empty() {
        return Some(direct(database, task));
    }
    let supabase = match Supabase::of_settings(database) {
        Ok(supabase) => supabase?,
        Err(error) => return Some(behind_rest(&database.url, &error)),
    };
    Some(match supabase.migrations() {
        Err(error) => behind_rest(supabase.url(), &error),
        Ok(steps) => {
            let outcome = Migrated::of("supabase", supabase.url().to_owned(), Task::Status, steps);
            if task == Task::Status || outcome.code != ExitCode::Failed { outcome } else { outcome.left() }
        }
    })
}

/// By a direct connection.
fn direct(database: &Database, task: Task) -> Migrated {
    let migrated = Postgres::connect(database).and_then(|postgres| {
        let steps = match task {
            Task::Status => postgres.migrations(),
            Task::Rehearse => postgres.migrate(true),
            Task::Apply => postgres.migrate(false),
        };
        steps.map(|steps| (postgres.server().to_owned(), steps))
    });
    match migrated {
        Ok((server, steps)) => Migrated::of("supabase", server, task, steps),
        Err(error) => {
            let (code, next) = match &error {
                PostgresError::Address(_) => {
                    (ExitCode::Usage, "mend DATABASE_URL; `kalshi-bot config show` says where it is set")
                }
                PostgresError::Unreachable { .. } => (
                    ExitCode::Unreachable,
                    "check host, port, network and database.ca_file, or use `kalshi-bot migrate --print`",
                ),
                PostgresError::Refused { .. } => (
                    ExitCode::CredentialsRefused,
                    "check user and password of DATABASE_URL, and what the user may do",
                ),
                PostgresError::Busy { .. } => (ExitCode::Failed, "run it again when the other one has ended"),
                PostgresError::Ahead { .. } => (ExitCode::Drift, "use the newer program"),
                PostgresError::Altered { .. } => (
                    ExitCode::Drift,
                    "restore the database, or have a new schema and name it in database.schema",
                ),
                PostgresError::Failed { .. } => (ExitCode::Failed, "mend what it names, then run it again"),
            };
            Migrated::failed("supabase", "the direct connection".to_owned(), &error, code, next)
        }
    }
}

fn behind_rest(url: &str, error: &RemoteError) -> Migrated {
    let (code, next) = match error {
        RemoteError::KeyRefused { .. } => {
            (ExitCode::CredentialsRefused, "put the project's service key into SUPABASE_KEY")
        }
        RemoteError::SchemaBehind { .. } => {
            (ExitCode::Drift, "its history says that all was applied: restore what is missing")
        }
        _ => (ExitCode::Unreachable, "see whether the server is up, then run it again"),
    };
    Migrated::failed("supabase", url.to_owned(), error, code, next)
}

fn no_second_store() -> Failure {
    let cause = "neither SUPABASE_URL nor DATABASE_URL is set";
    let next = "set them in secrets.env, or leave --store away";
    Failure::new(ExitCode::Usage, "there is no second store", cause, next)
}

impl Migrated {
    /// What became of a store in which nothing went wrong. `steps` say how it stood before.
    fn of(store: &'static str, place: String, task: Task, mut steps: Vec<Step>) -> Self {
        let pending = steps.iter().filter(|step| step.state == StepState::Pending).count();
        let strange = steps.iter().find(|step| matches!(step.state, StepState::Altered | StepState::Ahead));
        let problem = strange.map(|step| format!("{} is {}", step.file(), step.state.as_str()));
        let (outcome, code, next) = match task {
            _ if problem.is_some() => {
                ("failed", ExitCode::Drift, "use the program that made it, or restore what was altered")
            }
            _ if pending == 0 => ("current", ExitCode::Done, ""),
            Task::Status => ("pending", ExitCode::Failed, "apply it with `kalshi-bot migrate`"),
            Task::Rehearse => ("rehearsed", ExitCode::Done, ""),
            Task::Apply => ("applied", ExitCode::Done, ""),
        };
        if outcome == "applied" {
            for step in &mut steps {
                step.state = StepState::Applied;
            }
        }
        Self { store, place, outcome, pending, migrations: steps, problem, code, next }
    }

    fn failed(
        store: &'static str,
        place: String,
        error: &dyn std::error::Error,
        code: ExitCode,
        next: &'static str,
    ) -> Self {
        let problem = Some(error.to_string());
        Self { store, place, outcome: "failed", pending: 0, migrations: Vec::new(), problem, code, next }
    }

    /// There is no direct connection to apply it by.
    fn left(self) -> Self {
        Self {
            outcome: "left",
            problem: Some("tables can't be made through its REST interface".to_owned()),
            code: ExitCode::Partial,
            next: "set DATABASE_URL and run it again, or run the SQL of `kalshi-bot migrate --print` in its editor",
            ..self
        }
    }

    fn words(&self) -> String {
        let count =
            if self.pending == 1 { "1 migration".to_owned() } else { format!("{} migrations", self.pending) };
        let words = match self.outcome {
            "current" => "is current".to_owned(),
            "pending" => format!("lacks {count}"),
            "applied" => format!("is current: {count} applied"),
            "rehearsed" => format!("{count} can be applied; nothing was changed"),
            "left" => format!("lacks {count}, left for a person to apply"),
            _ => "can't be used".to_owned(),
        };
        format!("{} ({}): {words}", self.store, self.place)
    }
}

fn render(outcomes: &[Migrated], width: u16) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        let _ = writeln!(text, "{}", outcome.words());
    }
    let rows: Vec<StepRow> = outcomes
        .iter()
        .flat_map(|outcome| {
            outcome.migrations.iter().map(|step| StepRow { store: outcome.store, step: step.clone() })
        })
        .collect();
    if !rows.is_empty() {
        let _ = write!(text, "\n{}", List { columns: STEPS, rows: &rows }.table(width));
    }
    text.trim_end().to_owned()
}

/// The first store that isn't as it should be decides the code; a failure of another is noted.
fn conclude(outcomes: &[Migrated]) -> Result<ExitCode, Failure> {
    let mut wrong = outcomes.iter().filter(|outcome| outcome.code != ExitCode::Done);
    let Some(first) = wrong.next() else { return Ok(ExitCode::Done) };
    for other in wrong {
        Output::note(format_args!(
            "{}; {}",
            other.problem.clone().unwrap_or_else(|| other.words()),
            other.next
        ));
    }
    let what = match first.outcome {
        "failed" => format!("the {} store can't be used as it is", first.store),
        _ => format!("the {} store isn't what this program needs", first.store),
    };
    let cause = first.problem.clone().unwrap_or_else(|| "migrations are pending".to_owned());
    Err(Failure::new(first.code, what, cause, first.next))
}
