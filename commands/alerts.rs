//! `kalshi-bot alerts test`: does a mail arrive, and if not, at which step does it fail?

use crate::checks::{Check, Report};
use crate::cli::alerts::{AlertsArguments, AlertsCommand};
use crate::cli::{ConfigFiles, Format};
use crate::config;
use crate::exit::{ExitCode, Failure};
use crate::output::Output;
use crate::start::wall_clock;
use kalshi_bot::alert::check::{Finding, check};
use kalshi_bot::alert::{MailFault, Step};

/// Sends a test mail.
pub(crate) fn run(arguments: &AlertsArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    match &arguments.command {
        AlertsCommand::Test { files, output: format } => test(files, *format, output),
    }
}

fn test(files: &ConfigFiles, format: Format, output: &mut Output) -> Result<ExitCode, Failure> {
    let settings = config::load(files, Vec::new()).map_err(|error| Failure::config(&error))?;
    settings
        .require(settings.needed_for_mail(), "no mail can be sent without it")
        .map_err(|error| Failure::config(&error))?;
    let email = &settings.alerts.email;
    let mut report = Report::default();
    for finding in check(email, wall_clock()) {
        report.push(line(finding));
    }
    if report.code() == ExitCode::Done && !email.enabled {
        let mend = "set alerts.email.enabled = true".to_owned();
        report.push(Check::warn("enabled", "the bot sends no alerts yet".to_owned(), mend));
    }
    output.print(report.render(format)?);
    Ok(report.code())
}

fn line(finding: Finding) -> Check {
    let name = finding.step.as_str();
    match finding.outcome {
        Ok(found) => Check::ok(name, found),
        Err(fault) => {
            let code = code(&fault);
            Check::fail(name, fault.cause, code, fault.mend)
        }
    }
}

/// What a script can tell apart.
const fn code(fault: &MailFault) -> ExitCode {
    match fault.step {
        Step::Settings => ExitCode::Usage,
        // A server that asks to try again later has not refused the password.
        Step::Login if fault.is_lasting => ExitCode::CredentialsRefused,
        Step::Dns | Step::Connect | Step::Encryption => ExitCode::Unreachable,
        Step::Login | Step::Sender | Step::Recipient | Step::Content => ExitCode::Failed,
    }
}
