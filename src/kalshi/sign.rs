//! Signatures: the private key that makes them and the public key that checks them.
//!
//! Kalshi takes two kinds of keys, and the key decides which is used (api section 2): RSA signs by RSASSA-PSS with
//! SHA-256, MGF1 over SHA-256 and a salt of 32 bytes; Ed25519 signs the text as it is. A [`Signer`] is read from PEM in
//! PKCS#1 or PKCS#8, a [`Verifier`] from the PEM of a public key. What is wrong with a key is a [`KeyError`], worded for
//! the person who has to mend it; nothing here prints a private key.

mod error;
mod file;
mod read;

pub use error::KeyError;
pub use file::read_key_file;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey, RSA_PSS_2048_8192_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    RsaParameters,
};
use pem::{EncodeConfig, LineEnding, Pem};
use secrecy::SecretString;
use std::fmt;

/// Fewest bits of an RSA key.
pub const LEAST_RSA_BITS: usize = 2_048;
/// Most bits of an RSA key: more only signs slower.
pub const MOST_RSA_BITS: usize = 4_096;

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PSS with SHA-256.
    Rsa,
    /// Ed25519.
    Ed25519,
}

impl Algorithm {
    /// Its name for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Ed25519 => "Ed25519",
        }
    }
}

/// How a private key is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFormat {
    /// `BEGIN RSA PRIVATE KEY`.
    Pkcs1,
    /// `BEGIN PRIVATE KEY`.
    Pkcs8,
}

impl KeyFormat {
    /// Its name for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pkcs1 => "PKCS#1",
            Self::Pkcs8 => "PKCS#8",
        }
    }
}

/// A private key.
pub struct Signer {
    key: PrivateKey,
    format: KeyFormat,
}

enum PrivateKey {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

impl Signer {
    /// Reads a private key: RSA of 2,048 to 4,096 bits in PKCS#1 or PKCS#8, or Ed25519 in PKCS#8.
    ///
    /// # Errors
    /// [`KeyError`] with what the text is instead.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        read::signer(text)
    }

    /// How it signs.
    pub const fn algorithm(&self) -> Algorithm {
        match self.key {
            PrivateKey::Rsa(_) => Algorithm::Rsa,
            PrivateKey::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// How it was wrapped.
    pub const fn format(&self) -> KeyFormat {
        self.format
    }

    /// Its length in bits.
    pub fn bits(&self) -> usize {
        match &self.key {
            PrivateKey::Rsa(key) => key.public_modulus_len() * 8,
            PrivateKey::Ed25519(_) => 256,
        }
    }

    /// The signature of `message`. RSA draws a salt, so that each is another.
    ///
    /// # Panics
    /// When the cryptographic library can't sign with a key that it accepted, which takes a machine out of memory.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            PrivateKey::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature)
                    .expect("a key that was accepted signs");
                signature
            }
            PrivateKey::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    /// What checks its signatures.
    ///
    /// # Panics
    /// When the cryptographic library can't write a public key that it derived itself, which takes a machine out of
    /// memory.
    pub fn verifier(&self) -> Verifier {
        let spki: Result<PublicKeyX509Der<'static>, _> = match &self.key {
            PrivateKey::Rsa(key) => key.public_key().as_der(),
            PrivateKey::Ed25519(key) => key.public_key().as_der(),
        };
        let spki = spki.expect("a derived public key is written");
        Verifier::new(self.algorithm(), spki.as_ref()).expect("a derived public key is read")
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}, {} bits)", self.algorithm().as_str(), self.bits())
    }
}

/// A public key.
pub struct Verifier {
    algorithm: Algorithm,
    key: ParsedPublicKey,
    spki: Vec<u8>,
    bits: usize,
}

impl Verifier {
    /// Reads a public key in PEM (SPKI, `BEGIN PUBLIC KEY`).
    ///
    /// # Errors
    /// [`KeyError`] with what the text is instead.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        read::verifier(text)
    }

    fn new(algorithm: Algorithm, spki: &[u8]) -> Result<Self, KeyError> {
        let (key, bits) = match algorithm {
            Algorithm::Rsa => {
                let public = aws_lc_rs::rsa::PublicKey::from_der(spki).map_err(|_| KeyError::Damaged)?;
                let bits =
                    RsaParameters::public_modulus_len(public.as_ref()).map_err(|_| KeyError::Damaged)?;
                let bits = usize::try_from(bits).map_err(|_| KeyError::Damaged)?;
                (ParsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, spki), read::checked_rsa_bits(bits)?)
            }
            Algorithm::Ed25519 => (ParsedPublicKey::new(&ED25519, spki), 256),
        };
        let key = key.map_err(|_| KeyError::Damaged)?;
        Ok(Self { algorithm, key, spki: spki.to_vec(), bits })
    }

    /// How it checks.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its length in bits.
    pub const fn bits(&self) -> usize {
        self.bits
    }

    /// Whether `signature` was made of `message` by the private key that belongs to this one.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }

    /// The public key in DER (SPKI).
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The public key in PEM (SPKI).
    pub fn to_pem(&self) -> String {
        encode("PUBLIC KEY", &self.spki)
    }

    /// SHA-256 of the DER in hexadecimal: what `openssl pkey -pubin -outform der | sha256sum` prints.
    pub fn fingerprint(&self) -> String {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &self.spki);
        digest.as_ref().iter().fold(String::new(), |mut text, byte| {
            use fmt::Write as _;
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verifier({}, {} bits)", self.algorithm.as_str(), self.bits)
    }
}

/// The kinds of keys that can be made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA of 2,048 bits.
    Rsa2048,
    /// Ed25519.
    Ed25519,
}

/// A new key and its public half.
#[derive(Debug)]
pub struct GeneratedPair {
    /// The private key in PEM (PKCS#8).
    pub private_pem: SecretString,
    /// The public key in PEM (SPKI).
    pub public_pem: String,
}

/// Makes a new key.
///
/// # Panics
/// When the cryptographic library can't make one, which takes a machine without randomness or memory.
pub fn generate(kind: KeyKind) -> GeneratedPair {
    let (key, pkcs8): (_, Result<Pkcs8V1Der<'static>, _>) = match kind {
        KeyKind::Rsa2048 => {
            let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("the machine has randomness");
            let pkcs8 = key.as_der();
            (PrivateKey::Rsa(Box::new(key)), pkcs8)
        }
        KeyKind::Ed25519 => {
            let key = Ed25519KeyPair::generate().expect("the machine has randomness");
            let pkcs8 = key.as_der();
            (PrivateKey::Ed25519(Box::new(key)), pkcs8)
        }
    };
    let private = pkcs8.expect("a key that was made is written");
    let signer = Signer { key, format: KeyFormat::Pkcs8 };
    GeneratedPair {
        private_pem: SecretString::from(encode("PRIVATE KEY", private.as_ref())),
        public_pem: signer.verifier().to_pem(),
    }
}

fn encode(label: &str, der: &[u8]) -> String {
    pem::encode_config(&Pem::new(label, der), EncodeConfig::new().set_line_ending(LineEnding::LF))
}

#[cfg(test)]
mod tests;
