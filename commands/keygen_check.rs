//! `kalshi-bot keygen-check`: is the key fit, and does the exchange take it? With `--new` it makes one.
//!
//! Every check is a line: what was looked at, what was found, and how to mend it. Private keys are never printed.

mod exchange;
mod new;

use crate::checks::{Check, Report};
use crate::cli::keys::KeygenCheckArguments;
use crate::connection;
use crate::exit::{ExitCode, Failure};
use crate::output::Output;
use kalshi_bot::config::Settings;
use kalshi_bot::kalshi::credentials::Credentials;
use kalshi_bot::kalshi::sign::{KeyError, Signer, read_key_file};
use secrecy::ExposeSecret;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How many signatures are timed.
const TIMED_SIGNATURES: usize = 15;

/// Checks the key, or makes one.
pub(crate) fn run(arguments: KeygenCheckArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if let Some(path) = &arguments.new {
        return new::write(path, arguments.kind.into(), arguments.output, output);
    }
    // The file alone needs no configuration.
    let settings = match (&arguments.key, arguments.offline) {
        (Some(_), true) => None,
        _ => Some(connection::settings(&arguments.exchange, Vec::new())?),
    };
    let configured = || settings.as_ref().and_then(|settings| settings.api.private_key_path.clone());
    let path: PathBuf = arguments.key.or_else(configured).unwrap_or_default();

    let mut report = Report::default();
    let signer = check_key(&path, &mut report);
    if let (Some(settings), false) = (&settings, arguments.offline) {
        check_exchange(settings, &path, signer.is_some(), &mut report)?;
    }
    output.print(report.render(arguments.output)?);
    Ok(report.code())
}

/// Looks at the file and the key in it.
fn check_key(path: &Path, report: &mut Report) -> Option<Signer> {
    let pem = match read_key_file(path) {
        Ok(pem) => pem,
        Err(fault) => {
            let is_open = matches!(fault, KeyError::TooOpen { .. });
            report.push(unfit(if is_open { "permissions" } else { "file" }, &fault));
            return None;
        }
    };
    report.push(Check::ok("file", path.display().to_string()));
    report.push(Check::ok("permissions", "only its owner may touch it".to_owned()));
    let signer = match Signer::from_pem(pem.expose_secret()) {
        Ok(signer) => signer,
        Err(fault) => {
            report.push(unfit("format", &fault));
            return None;
        }
    };
    report.push(Check::ok("format", format!("{} in PEM", signer.format().as_str())));
    let kind = format!("{}, {} bits", signer.algorithm().as_str(), signer.bits());
    report.push(Check::ok("type", kind));
    let verifier = signer.verifier();
    report.push(Check::ok("public key", format!("SHA-256 {}", verifier.fingerprint())));
    let message = b"a message to try the key with";
    if verifier.verify(message, &signer.sign(message)) {
        report.push(Check::ok("signature", "the public key accepts what the private key signs".to_owned()));
    } else {
        let found = "the public key refuses what the private key signs".to_owned();
        report.push(Check::fail("signature", found, ExitCode::Usage, "make a new key".to_owned()));
    }
    let micros = median_signing_time(&signer, message).as_micros();
    let found = format!("{}.{:03} ms for a signature (median)", micros / 1_000, micros % 1_000);
    report.push(Check::ok("speed", found));
    Some(signer)
}

/// A key that can't be used.
fn unfit(name: &'static str, fault: &KeyError) -> Check {
    Check::fail(name, fault.to_string(), ExitCode::Usage, fault.mend())
}

fn median_signing_time(signer: &Signer, message: &[u8]) -> Duration {
    let mut times = [Duration::ZERO; TIMED_SIGNATURES];
    for time in &mut times {
        let start = Instant::now();
        signer.sign(message);
        *time = start.elapsed();
    }
    times.sort_unstable();
    times[TIMED_SIGNATURES / 2]
}

/// Asks the exchange, where there is something to ask with.
fn check_exchange(
    settings: &Settings,
    path: &Path,
    has_key: bool,
    report: &mut Report,
) -> Result<(), Failure> {
    let key_id = &settings.api.key_id;
    let loaded = if has_key || key_id.expose_secret().trim().is_empty() {
        Credentials::load(key_id, path)
    } else {
        // What is wrong with the key was said already.
        report.push(Check::skipped("exchange", "not asked: there is no key to ask with".to_owned()));
        return Ok(());
    };
    match loaded {
        Ok(credentials) => {
            report.push(Check::ok("key id", "set".to_owned()));
            exchange::check(settings, credentials, report)
        }
        Err(fault) => {
            report.push(unfit("key id", &fault));
            Ok(())
        }
    }
}
