//! The program with its key, pointed at an exchange.

use crate::exchange::{Exchange, KEY};
use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use rcgen::{KeyPair, PKCS_ED25519};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

/// What a run of the program left.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Standard output as the document it must be.
    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs the program against the exchange with the operator's key.
pub(crate) fn run(exchange: &Exchange, arguments: &[&str]) -> Ended {
    run_as(KEY, exchange, arguments)
}

/// Runs the program with another key id.
pub(crate) fn run_as(key: &str, exchange: &Exchange, arguments: &[&str]) -> Ended {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("key.pem");
    let key_pair = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
    fs::write(&path, key_pair.serialize_pem()).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("kept to its owner");
    let mut command = bare();
    command.env("KALSHI_API_KEY_ID", key).env("KALSHI_PRIVATE_KEY_PATH", &path);
    ended(command.args(arguments).args(["--api-url", &exchange.url]))
}

/// The program without what this environment may set for it.
pub(crate) fn bare() -> Command {
    let mut command = cargo_bin_cmd!("kalshi-bot");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().to_uppercase().starts_with("KALSHI") {
            command.env_remove(name);
        }
    }
    command.env_remove("COLUMNS");
    command
}

/// Runs a command to its end.
pub(crate) fn ended(command: &mut Command) -> Ended {
    let output = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}
