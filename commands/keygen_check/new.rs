//! Makes a key: the private one goes to a file that only its owner may touch, the public one is shown.

use crate::cli::Format;
use crate::exit::{ExitCode, Failure};
use crate::output::Output;
use kalshi_bot::kalshi::sign::{GeneratedPair, KeyError, KeyKind, Verifier, generate};
use secrecy::ExposeSecret;
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

#[derive(Serialize)]
struct Document<'a> {
    private_key_file: &'a Path,
    kind: &'static str,
    public_key: &'a str,
    fingerprint: String,
}

/// Writes a new key to `path`, which must not exist.
pub(super) fn write(
    path: &Path,
    kind: KeyKind,
    format: Format,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let mut file = create(path).map_err(|error| unwritten(path, &error))?;
    let GeneratedPair { private_pem, public_pem } = generate(kind);
    let verifier = Verifier::from_pem(&public_pem).map_err(|fault| unfit(&fault))?;
    let written = file.write_all(private_pem.expose_secret().as_bytes()).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // Half a key is of no use to anybody; where it can't be removed the message says enough.
        let _ = fs::remove_file(path);
        return Err(unwritten(path, &error));
    }
    match format {
        Format::Table => output.print(instructions(path, &public_pem, &verifier)),
        Format::Json => {
            let document = Document {
                private_key_file: path,
                kind: verifier.algorithm().as_str(),
                public_key: &public_pem,
                fingerprint: verifier.fingerprint(),
            };
            output.print(serde_json::to_string_pretty(&document).map_err(|error| {
                let next = format!("the key was made: `kalshi-bot keygen-check --key {}`", path.display());
                Failure::new(ExitCode::Failed, "the JSON document can't be written", error, next)
            })?);
        }
    }
    Ok(ExitCode::Done)
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn instructions(path: &Path, public_pem: &str, verifier: &Verifier) -> String {
    let (path, kind) = (path.display(), verifier.algorithm().as_str());
    let fingerprint = verifier.fingerprint();
    format!(
        "The private key ({kind}) is in {path}. Keep it there: whoever has it can trade with your money.\n\
         This is its public key, SHA-256 {fingerprint}:\n\
         \n\
         {public_pem}\n\
         Next:\n  \
         1. Register the public key at Kalshi as an API key. Kalshi takes keys of your own from some accounts only;\n     \
         with others it makes the key itself and shows the private one once: save that instead of this one.\n  \
         2. Set KALSHI_API_KEY_ID to the id that Kalshi gives the key, and KALSHI_PRIVATE_KEY_PATH to {path}.\n  \
         3. Run `kalshi-bot keygen-check`."
    )
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let what = format!("the new key can't be written to {}", path.display());
    let next = if error.kind() == ErrorKind::AlreadyExists {
        "name a file that doesn't exist yet: a key is never overwritten"
    } else {
        "name a file in a folder that you may write to"
    };
    Failure::new(ExitCode::Usage, what, error, next)
}

fn unfit(fault: &KeyError) -> Failure {
    Failure::new(ExitCode::Failed, "the new key can't be used", fault, fault.mend())
}
