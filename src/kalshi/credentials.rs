//! What proves to the exchange who is asking: the key's id, the time, and a signature (api section 2).
//!
//! A signature covers the instant, the method and the path, neither query nor body. It is made when the request is
//! sent, and again when it is sent again: the exchange refuses old ones.

use super::sign::{KeyError, Signer, read_key_file};
use crate::units::Timestamp;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::path::Path;

/// The header with the key's id.
pub const KEY_HEADER: &str = "KALSHI-ACCESS-KEY";
/// The header with the instant, in milliseconds since 1970.
pub const TIMESTAMP_HEADER: &str = "KALSHI-ACCESS-TIMESTAMP";
/// The header with the signature, in base64.
pub const SIGNATURE_HEADER: &str = "KALSHI-ACCESS-SIGNATURE";

/// A key and its id at the exchange.
pub struct Credentials {
    key_id: String,
    signer: Signer,
}

impl Credentials {
    /// Joins a key and its id.
    pub fn new(key_id: &str, signer: Signer) -> Self {
        Self { key_id: key_id.trim().to_owned(), signer }
    }

    /// Reads the key from its file.
    ///
    /// # Errors
    /// [`KeyError`] when there is no id, or when the file or the key in it can't be used.
    pub fn load(key_id: &SecretString, path: &Path) -> Result<Self, KeyError> {
        let key_id = key_id.expose_secret().trim();
        if key_id.is_empty() {
            return Err(KeyError::NoKeyId);
        }
        if !key_id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(KeyError::BadKeyId);
        }
        let pem = read_key_file(path)?;
        let signer = Signer::from_pem(pem.expose_secret())
            .map_err(|fault| KeyError::InFile { path: path.to_owned(), fault: Box::new(fault) })?;
        Ok(Self::new(key_id, signer))
    }

    /// The three headers of a request that is sent now. What follows a `?` in `path` isn't signed.
    pub fn headers(&self, now: Timestamp, method: &str, path: &str) -> [(&'static str, String); 3] {
        let millis = now.micros().div_euclid(1_000);
        let signature = self.signer.sign(signed_text(millis, method, path).as_bytes());
        [
            (KEY_HEADER, self.key_id.clone()),
            (TIMESTAMP_HEADER, millis.to_string()),
            (SIGNATURE_HEADER, BASE64_STANDARD.encode(signature)),
        ]
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({:?})", self.signer)
    }
}

/// What a signature is made of: instant, method and path, one after the other.
pub fn signed_text(millis: i64, method: &str, path: &str) -> String {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    format!("{millis}{}{path}", method.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kalshi::sign::{KeyKind, Verifier, generate};

    fn file(pem: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), pem).expect("it is written");
        file
    }

    #[test]
    fn the_signed_text_has_neither_query_nor_separators() {
        let text = signed_text(1_795_370_000_123, "get", "/trade-api/v2/portfolio/balance?subaccount=2");
        assert_eq!(text, "1795370000123GET/trade-api/v2/portfolio/balance");
    }

    #[test]
    fn the_headers_carry_the_id_the_instant_and_a_signature_of_them() {
        for kind in [KeyKind::Ed25519, KeyKind::Rsa2048] {
            let pair = generate(kind);
            let key = file(pair.private_pem.expose_secret());
            let id = SecretString::from(" an-id\n");
            let credentials = Credentials::load(&id, key.path()).expect("usable");
            let now = Timestamp::from_micros(1_795_370_000_123_999);
            let [(key, id), (timestamp, millis), (signature, made)] =
                credentials.headers(now, "POST", "/a/b?c=d");
            assert_eq!((key, id.as_str()), (KEY_HEADER, "an-id"));
            assert_eq!((timestamp, millis.as_str()), (TIMESTAMP_HEADER, "1795370000123"));
            assert_eq!(signature, SIGNATURE_HEADER);
            let made = BASE64_STANDARD.decode(made).expect("base64");
            let verifier = Verifier::from_pem(&pair.public_pem).expect("sound");
            assert!(verifier.verify(b"1795370000123POST/a/b", &made));
            assert!(!verifier.verify(b"1795370000124POST/a/b", &made));
        }
    }

    #[test]
    fn credentials_without_a_usable_id_or_key_are_refused() {
        let pair = generate(KeyKind::Ed25519);
        let key = file(pair.private_pem.expose_secret());
        let load = |id: &str, path: &Path| Credentials::load(&SecretString::from(id), path).map(|_| ());
        assert_eq!(load(" ", key.path()), Err(KeyError::NoKeyId));
        assert_eq!(load("two words", key.path()), Err(KeyError::BadKeyId));
        let public = file(&pair.public_pem);
        let fault = load("id", public.path()).expect_err("a public key can't sign");
        assert!(fault.to_string().starts_with(&public.path().display().to_string()), "{fault}");
    }

    #[test]
    fn credentials_never_print_themselves() {
        let pair = generate(KeyKind::Ed25519);
        let signer = Signer::from_pem(pair.private_pem.expose_secret()).expect("sound");
        assert_eq!(
            format!("{:?}", Credentials::new("an-id", signer)),
            "Credentials(Signer(Ed25519, 256 bits))"
        );
    }
}
