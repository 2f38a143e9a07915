//! The key of the simulated account: one that is given, or a pair that is made and kept in a folder.

use super::ServerError;
use crate::kalshi::sign::{self, KeyKind, Signer, Verifier};
use secrecy::{ExposeSecret, SecretString};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where the account's key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A public key; who has the private one may ask.
    Given {
        /// The key's id.
        key_id: String,
        /// The public key in PEM.
        public_pem: String,
    },
    /// A pair in this folder, made when it isn't there; without a folder, in a fresh one that goes with the exchange.
    Folder {
        /// The folder.
        dir: Option<PathBuf>,
        /// What is made.
        kind: KeyKind,
    },
}

/// The account's key while the exchange runs.
#[derive(Debug)]
pub(super) struct AccountKey {
    pub(super) key_id: String,
    pub(super) verifier: Verifier,
    /// Where the private key lies and what it is, where it was made here.
    pub(super) private: Option<(PathBuf, SecretString)>,
    /// Removes a folder of our own at the end.
    _folder: Option<TemporaryFolder>,
}

const PRIVATE_KEY: &str = "private_key.pem";
const KEY_ID: &str = "api_key_id";

impl AccountKey {
    pub(super) fn obtain(source: &KeySource) -> Result<Self, ServerError> {
        match source {
            KeySource::Given { key_id, public_pem } => {
                let verifier =
                    Verifier::from_pem(public_pem).map_err(|fault| ServerError::Key(fault.to_string()))?;
                Ok(Self { key_id: key_id.clone(), verifier, private: None, _folder: None })
            }
            KeySource::Folder { dir: Some(dir), kind } => Self::kept(dir, *kind, None),
            KeySource::Folder { dir: None, kind } => {
                let folder =
                    TemporaryFolder::new().map_err(|cause| unusable(&std::env::temp_dir(), &cause))?;
                let path = folder.0.clone();
                Self::kept(&path, *kind, Some(folder))
            }
        }
    }

    fn kept(dir: &Path, kind: KeyKind, folder: Option<TemporaryFolder>) -> Result<Self, ServerError> {
        let path = dir.join(PRIVATE_KEY);
        if !path.exists() {
            make(dir, &path, kind).map_err(|cause| unusable(dir, &cause))?;
        }
        let pem =
            fs::read_to_string(&path).map(SecretString::from).map_err(|cause| unusable(&path, &cause))?;
        let signer = Signer::from_pem(pem.expose_secret())
            .map_err(|fault| ServerError::Key(format!("{}: {fault}", path.display())))?;
        let id_path = dir.join(KEY_ID);
        let key_id = fs::read_to_string(&id_path).map_err(|cause| unusable(&id_path, &cause))?;
        Ok(Self {
            key_id: key_id.trim().to_owned(),
            verifier: signer.verifier(),
            private: Some((path, pem)),
            _folder: folder,
        })
    }
}

/// Makes a pair: the private key readable by its owner alone, and an id made from the public one.
fn make(dir: &Path, path: &Path, kind: KeyKind) -> io::Result<()> {
    folder(dir)?;
    let pair = sign::generate(kind);
    let signer = Signer::from_pem(pair.private_pem.expose_secret()).map_err(io::Error::other)?;
    fs::write(dir.join("public_key.pem"), &pair.public_pem)?;
    fs::write(dir.join(KEY_ID), uuid(&signer.verifier().fingerprint()))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(pair.private_pem.expose_secret().as_bytes())
}

fn folder(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Thirty-two hexadecimal digits in the form of a UUID.
fn uuid(fingerprint: &str) -> String {
    let digits: String = fingerprint.chars().filter(char::is_ascii_hexdigit).take(32).collect();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| digits.get(range).unwrap_or("0"));
    parts.join("-")
}

fn unusable(path: &Path, cause: &io::Error) -> ServerError {
    ServerError::Folder { path: path.to_owned(), cause: cause.to_string() }
}

/// A folder that is removed with everything in it.
#[derive(Debug)]
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn new() -> io::Result<Self> {
        let nanos = jiff::Timestamp::now().as_nanosecond();
        let path = std::env::temp_dir().join(format!("kalshi-sim-{}-{nanos}", std::process::id()));
        folder(&path)?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!("{} can't be removed: {error}", self.0.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_that_was_made_is_found_again() {
        let dir = tempfile::tempdir().expect("a folder");
        let source = KeySource::Folder { dir: Some(dir.path().join("state")), kind: KeyKind::Ed25519 };
        let first = AccountKey::obtain(&source).expect("a pair is made");
        let second = AccountKey::obtain(&source).expect("the pair is found");
        assert_eq!(first.key_id, second.key_id);
        assert_eq!(first.verifier.spki(), second.verifier.spki());
        assert_eq!(first.key_id.len(), 36);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = dir.path().join("state").join(PRIVATE_KEY);
            let mode = fs::metadata(path).expect("the key is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_folder_of_our_own_goes_with_the_key() {
        let source = KeySource::Folder { dir: None, kind: KeyKind::Ed25519 };
        let key = AccountKey::obtain(&source).expect("a pair is made");
        let (path, _) = key.private.clone().expect("it is kept");
        assert!(path.exists());
        drop(key);
        assert!(!path.exists());
    }
}
