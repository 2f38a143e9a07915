//! What can be wrong with a key, and what to do about it.

use super::{LEAST_RSA_BITS, MOST_RSA_BITS};
use std::path::PathBuf;

/// Why a key can't be used. The text says what is wrong; [`KeyError::mend`] says what to do. Neither ever quotes a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing that looks like PEM.
    #[error("it is not a key in PEM: no line begins with -----BEGIN")]
    NotPem,
    /// A public key where the private one is wanted.
    #[error("it is a public key, which can't sign")]
    PublicKey,
    /// A private key where the public one is wanted.
    #[error("it is a private key, where only the public one belongs")]
    PrivateKey,
    /// A certificate.
    #[error("it is a certificate, not a private key")]
    Certificate,
    /// A private key behind a password.
    #[error("the key is encrypted with a password")]
    Encrypted,
    /// A key of a kind that the exchange doesn't take.
    #[error("it holds {0}, which the exchange doesn't take: it takes RSA and Ed25519")]
    UnsupportedKind(String),
    /// RSA with too few bits.
    #[error("the RSA key has {bits} bits; the least is {LEAST_RSA_BITS}")]
    TooSmall {
        /// Its bits.
        bits: usize,
    },
    /// RSA with too many bits.
    #[error("the RSA key has {bits} bits; the most is {MOST_RSA_BITS}")]
    TooLarge {
        /// Its bits.
        bits: usize,
    },
    /// PEM whose content isn't the key that its label promises.
    #[error("the key is damaged: what stands between BEGIN and END is not a whole key")]
    Damaged,
    /// No file is named.
    #[error("no key file is named")]
    NoPath,
    /// No file there.
    #[error("{path} does not exist")]
    FileMissing {
        /// The file.
        path: PathBuf,
    },
    /// A file that can't be read.
    #[error("{path} can't be read: {cause}")]
    NotReadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// A directory, not a file.
    #[error("{path} is a directory")]
    Directory {
        /// It.
        path: PathBuf,
    },
    /// A file that others than its owner may touch.
    #[error("{path} can be read or changed by others than its owner (mode {mode:04o})")]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// No key id beside the key.
    #[error("no key id is set: the exchange could not tell whose the key is")]
    NoKeyId,
    /// A key id that can't be one.
    #[error("the key id holds characters that no key id has")]
    BadKeyId,
    /// A file whose content can't be used.
    #[error("{path}: {fault}")]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        fault: Box<KeyError>,
    },
}

impl KeyError {
    /// What to do about it, as a clause.
    pub fn mend(&self) -> String {
        match self {
            Self::InFile { fault, .. } => fault.mend(),
            Self::TooOpen { path, .. } => format!("run `chmod 600 {}`", path.display()),
            Self::FileMissing { .. } | Self::Directory { .. } | Self::NoPath => {
                "name the private key's file with KALSHI_PRIVATE_KEY_PATH, or make one with `kalshi-bot keygen-check \
                 --new FILE`"
                    .to_owned()
            }
            Self::NotReadable { .. } => "let the user who runs the bot own and read the file".to_owned(),
            Self::NoKeyId => {
                "set KALSHI_API_KEY_ID to the id that Kalshi shows beside the key, under Account & security, API keys"
                    .to_owned()
            }
            Self::BadKeyId => "copy the key id again from Kalshi's list of API keys; it looks like \
                               0a1b2c3d-0000-0000-0000-000000000000"
                .to_owned(),
            Self::Encrypted => "take the password off: `openssl pkey -in FILE -out NEW`, then `chmod 600 NEW`".to_owned(),
            Self::PrivateKey => "give the public key's file instead".to_owned(),
            Self::PublicKey | Self::Certificate => {
                "name the file with the private key, which Kalshi shows once when the key is made".to_owned()
            }
            Self::UnsupportedKind(_) | Self::TooSmall { .. } | Self::TooLarge { .. } => {
                "make a new key at Kalshi, or with `kalshi-bot keygen-check --new FILE`".to_owned()
            }
            Self::NotPem | Self::Damaged => {
                "save the key again exactly as Kalshi showed it, its BEGIN and END lines included, or make a new one"
                    .to_owned()
            }
        }
    }
}
