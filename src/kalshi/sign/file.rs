//! Key files: only what their owner alone may touch is read.

use super::KeyError;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Longest key file; an RSA key of 4,096 bits takes 3.3 KB.
const MOST_BYTES: u64 = 64 * 1024;

/// Reads a key file.
///
/// # Errors
/// [`KeyError`] when it is missing, unreadable, a directory, open to others than its owner, or no text.
pub fn read_key_file(path: &Path) -> Result<SecretString, KeyError> {
    if path.as_os_str().is_empty() {
        return Err(KeyError::NoPath);
    }
    let unreadable = |error: &std::io::Error| match error.kind() {
        ErrorKind::NotFound => KeyError::FileMissing { path: path.to_owned() },
        ErrorKind::IsADirectory => KeyError::Directory { path: path.to_owned() },
        _ => KeyError::NotReadable { path: path.to_owned(), cause: error.to_string() },
    };
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let metadata = file.metadata().map_err(|error| unreadable(&error))?;
    if metadata.is_dir() {
        return Err(KeyError::Directory { path: path.to_owned() });
    }
    check_mode(path, &metadata)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(4_096));
    file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(SecretString::from(text)),
        Err(_) => Err(KeyError::InFile { path: path.to_owned(), fault: Box::new(KeyError::NotPem) }),
    }
}

#[cfg(unix)]
fn check_mode(path: &Path, metadata: &std::fs::Metadata) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o7777;
    let others = mode & 0o077;
    if others == 0 { Ok(()) } else { Err(KeyError::TooOpen { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &std::fs::Metadata) -> Result<(), KeyError> {
    Ok(())
}
