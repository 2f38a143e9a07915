//! `kalshi-bot config`: is the configuration sound, and which values are in force?

use crate::cli::{ConfigArguments, ConfigCommand, ConfigFiles, Format};
use crate::exit::{ExitCode, Failure};
use crate::listing::json;
use crate::output::Output;
use kalshi_bot::config::{self, ConfigError, Settings, Sources};
use serde::Serialize;

/// Checks or shows the configuration.
pub(crate) fn run(arguments: ConfigArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    match arguments.command {
        ConfigCommand::Check { files, output: format } => check(&files, format, output),
        ConfigCommand::Show { files, output: format } => show(&files, format, output),
    }
}

/// Reads and checks the configuration of these files, the environment and the flags of a command.
pub(crate) fn load(files: &ConfigFiles, overrides: Vec<(String, String)>) -> Result<Settings, ConfigError> {
    // A variable that isn't Unicode can be none of ours.
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    config::load(&Sources {
        file: files.config.clone(),
        markets_file: files.markets_file.clone(),
        environment: environment.collect(),
        overrides,
    })
}

/// What `config check` found, as JSON.
#[derive(Serialize)]
struct Verdict<'a> {
    sound: bool,
    faults: &'a [config::Fault],
    missing: Vec<Missing>,
}

/// A key that waits for a variable.
#[derive(Serialize)]
struct Missing {
    key: &'static str,
    variable: String,
}

fn check(files: &ConfigFiles, format: Format, output: &mut Output) -> Result<ExitCode, Failure> {
    let loaded = load(files, Vec::new());
    if format == Format::Json {
        let (faults, missing) = match &loaded {
            Ok(settings) => (&[][..], missing(settings)),
            Err(error) => (&error.faults[..], Vec::new()),
        };
        output.print(json(&Verdict { sound: loaded.is_ok(), faults, missing })?);
    }
    let settings = loaded.map_err(|error| Failure::config(&error))?;
    if format == Format::Table {
        let name = files
            .config
            .as_ref()
            .map_or_else(|| "the built-in defaults".to_owned(), |path| path.display().to_string());
        output.print(format_args!("The configuration is sound: {name}."));
        let waiting: Vec<String> = missing(&settings).into_iter().map(|one| one.variable).collect();
        if !waiting.is_empty() {
            output.print(format_args!(
                "The environment doesn't set {}; paper runs need none.",
                waiting.join(", ")
            ));
        }
    }
    Ok(ExitCode::Done)
}

fn missing(settings: &Settings) -> Vec<Missing> {
    settings.missing_secrets().into_iter().map(|one| Missing { key: one.key, variable: one.name }).collect()
}

fn show(files: &ConfigFiles, format: Format, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings = load(files, Vec::new()).map_err(|error| Failure::config(&error))?;
    match format {
        Format::Table => output.print(settings.show().trim_end()),
        Format::Json => output.print(json(&settings.shown())?),
    }
    Ok(ExitCode::Done)
}
