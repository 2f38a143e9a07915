//! The program, run to its end beside what answers it.

use assert_cmd::cargo::cargo_bin_cmd;
use rcgen::{KeyPair, PKCS_ED25519};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The key's id.
pub(crate) const KEY: &str = "key-of-the-operator";

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

/// Runs the program with this state folder, on a thread of its own.
pub(crate) async fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let mut command = cargo_bin_cmd!("kalshi-bot");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().to_uppercase().starts_with("KALSHI") {
            command.env_remove(name);
        }
    }
    command.env_remove("COLUMNS").args(arguments).arg("--state-dir").arg(folder);
    let key = folder.with_extension("pem");
    if key.exists() {
        command.env("KALSHI_API_KEY_ID", KEY).env("KALSHI_PRIVATE_KEY_PATH", key);
    }
    let ended = tokio::task::spawn_blocking(move || command.output().expect("the program starts"));
    let output = ended.await.expect("the thread");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Puts a key beside the folder.
pub(crate) fn give_key(folder: &Path) {
    let path = folder.with_extension("pem");
    let key = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
    fs::write(&path, key.serialize_pem()).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("kept to its owner");
}
