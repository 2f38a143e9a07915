//! From PEM to keys, and from what isn't a usable key to the reason why.

use super::{Algorithm, KeyError, KeyFormat, LEAST_RSA_BITS, MOST_RSA_BITS, PrivateKey, Signer, Verifier};
use aws_lc_rs::signature::{Ed25519KeyPair, RsaKeyPair};
use pem::Pem;
use rsa::pkcs1::{self, UintRef};
use rsa::pkcs8::{ObjectIdentifier, PrivateKeyInfo, SubjectPublicKeyInfoRef};
use secrecy::zeroize::Zeroizing;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// Kinds of keys that people have lying about, by their object identifier.
const OTHER_KINDS: [(&str, &str); 5] = [
    ("1.2.840.10045.2.1", "an EC key"),
    ("1.2.840.10040.4.1", "a DSA key"),
    ("1.2.840.113549.1.1.10", "an RSA key that is bound to PSS"),
    ("1.3.101.110", "an X25519 key"),
    ("1.3.101.113", "an Ed448 key"),
];

pub(super) fn signer(text: &str) -> Result<Signer, KeyError> {
    let (label, der) = block(text)?;
    match label.as_str() {
        "RSA PRIVATE KEY" => rsa(&der, KeyFormat::Pkcs1),
        "PRIVATE KEY" => {
            let key = PrivateKeyInfo::try_from(der.as_slice()).map_err(|_| KeyError::Damaged)?;
            match key.algorithm.oid {
                RSA => rsa(&der, KeyFormat::Pkcs8),
                ED25519 => Ed25519KeyPair::from_pkcs8(&der)
                    .map(|key| Signer { key: PrivateKey::Ed25519(Box::new(key)), format: KeyFormat::Pkcs8 })
                    .map_err(|_| KeyError::Damaged),
                other => Err(unsupported(other)),
            }
        }
        "PUBLIC KEY" | "RSA PUBLIC KEY" | "SSH2 PUBLIC KEY" => Err(KeyError::PublicKey),
        other => Err(not_a_key(other)),
    }
}

pub(super) fn verifier(text: &str) -> Result<Verifier, KeyError> {
    let (label, der) = block(text)?;
    match label.as_str() {
        "PUBLIC KEY" => {
            let key = SubjectPublicKeyInfoRef::try_from(der.as_slice()).map_err(|_| KeyError::Damaged)?;
            match key.algorithm.oid {
                RSA => {
                    let public = key.subject_public_key.as_bytes().ok_or(KeyError::Damaged)?;
                    let public = pkcs1::RsaPublicKey::try_from(public).map_err(|_| KeyError::Damaged)?;
                    checked_rsa_bits(bits(public.modulus))?;
                    Verifier::new(Algorithm::Rsa, &der)
                }
                ED25519 => Verifier::new(Algorithm::Ed25519, &der),
                other => Err(unsupported(other)),
            }
        }
        "PRIVATE KEY" | "RSA PRIVATE KEY" => Err(KeyError::PrivateKey),
        other => Err(not_a_key(other)),
    }
}

/// Judges the length of an RSA key.
pub(super) const fn checked_rsa_bits(bits: usize) -> Result<usize, KeyError> {
    if bits < LEAST_RSA_BITS {
        Err(KeyError::TooSmall { bits })
    } else if bits > MOST_RSA_BITS {
        Err(KeyError::TooLarge { bits })
    } else {
        Ok(bits)
    }
}

/// The length is judged before the library sees the key: it refuses short keys without saying why.
fn rsa(der: &[u8], format: KeyFormat) -> Result<Signer, KeyError> {
    let inner = match format {
        KeyFormat::Pkcs1 => der,
        KeyFormat::Pkcs8 => PrivateKeyInfo::try_from(der).map_err(|_| KeyError::Damaged)?.private_key,
    };
    let parts = pkcs1::RsaPrivateKey::try_from(inner).map_err(|_| KeyError::Damaged)?;
    checked_rsa_bits(bits(parts.modulus))?;
    let key = match format {
        KeyFormat::Pkcs1 => RsaKeyPair::from_der(der),
        KeyFormat::Pkcs8 => RsaKeyPair::from_pkcs8(der),
    };
    key.map(|key| Signer { key: PrivateKey::Rsa(Box::new(key)), format }).map_err(|_| KeyError::Damaged)
}

/// Bits of a number without leading zero bytes.
fn bits(number: UintRef<'_>) -> usize {
    let bytes = number.as_bytes();
    let unused = bytes.first().map_or(0, |first| first.leading_zeros() as usize);
    (bytes.len() * 8).saturating_sub(unused)
}

/// The first block of the PEM text; parameters that OpenSSL writes before an EC key are skipped.
fn block(text: &str) -> Result<(String, Zeroizing<Vec<u8>>), KeyError> {
    if !text.contains("-----BEGIN ") {
        return Err(KeyError::NotPem);
    }
    let blocks = pem::parse_many(text).map_err(|_| KeyError::Damaged)?;
    let is_encrypted =
        |block: &Pem| block.headers().get("Proc-Type").is_some_and(|kind| kind.contains("ENCRYPTED"));
    let block = blocks.into_iter().find(|block| block.tag() != "EC PARAMETERS").ok_or(KeyError::Damaged)?;
    if block.tag() == "ENCRYPTED PRIVATE KEY" || is_encrypted(&block) {
        return Err(KeyError::Encrypted);
    }
    Ok((block.tag().to_owned(), Zeroizing::new(block.into_contents())))
}

fn not_a_key(label: &str) -> KeyError {
    match label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => KeyError::Certificate,
        "EC PRIVATE KEY" => KeyError::UnsupportedKind("an EC key".to_owned()),
        "DSA PRIVATE KEY" => KeyError::UnsupportedKind("a DSA key".to_owned()),
        "OPENSSH PRIVATE KEY" => KeyError::UnsupportedKind("a key in OpenSSH's own format".to_owned()),
        "CERTIFICATE REQUEST" => KeyError::UnsupportedKind("a certificate request".to_owned()),
        _ => KeyError::UnsupportedKind("something else than a key".to_owned()),
    }
}

fn unsupported(kind: ObjectIdentifier) -> KeyError {
    let text = kind.to_string();
    let name = OTHER_KINDS.iter().find(|(identifier, _)| *identifier == text).map(|(_, name)| *name);
    KeyError::UnsupportedKind(name.map_or_else(|| format!("a key of the kind {text}"), str::to_owned))
}
