use super::*;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs1::der::Encode;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey};
use rsa::rand_core::OsRng;
use rsa::sha2::Sha256;
use rsa::signature::{RandomizedSigner, SignatureEncoding, Verifier as _};
use secrecy::ExposeSecret;
use std::path::Path;

const MESSAGE: &[u8] = b"1795370000123GET/trade-api/v2/portfolio/balance";

fn fault(pem: &str) -> KeyError {
    Signer::from_pem(pem).map(|signer| format!("{signer:?}")).expect_err("no key that signs")
}

#[test]
fn a_new_key_signs_what_its_public_half_accepts() {
    for (kind, algorithm, bits, length) in
        [(KeyKind::Rsa2048, Algorithm::Rsa, 2_048, 256), (KeyKind::Ed25519, Algorithm::Ed25519, 256, 64)]
    {
        let pair = generate(kind);
        let signer = Signer::from_pem(pair.private_pem.expose_secret()).expect("sound");
        assert_eq!((signer.algorithm(), signer.bits(), signer.format()), (algorithm, bits, KeyFormat::Pkcs8));
        let verifier = Verifier::from_pem(&pair.public_pem).expect("sound");
        assert_eq!((verifier.algorithm(), verifier.bits()), (algorithm, bits));
        let signature = signer.sign(MESSAGE);
        assert_eq!(signature.len(), length);
        assert!(verifier.verify(MESSAGE, &signature));
        assert!(!verifier.verify(b"something else", &signature));
        assert!(!verifier.verify(MESSAGE, &signature[1..]));
        assert_eq!(signer.verifier().to_pem(), pair.public_pem);
        assert_eq!(signer.verifier().fingerprint(), verifier.fingerprint());
        let stranger = Signer::from_pem(generate(kind).private_pem.expose_secret()).expect("sound");
        assert!(!stranger.verifier().verify(MESSAGE, &signature));
    }
}

#[test]
fn rsa_signatures_agree_with_another_implementation_both_ways() {
    let pair = generate(KeyKind::Rsa2048);
    let ours = Signer::from_pem(pair.private_pem.expose_secret()).expect("sound");
    let private = rsa::RsaPrivateKey::from_pkcs8_pem(pair.private_pem.expose_secret()).expect("sound");
    let public = rsa::RsaPublicKey::from_public_key_pem(&pair.public_pem).expect("sound");
    // Its default salt is as long as the digest, 32 bytes, and it refuses any other length.
    let theirs = rsa::pss::SigningKey::<Sha256>::new(private.clone());
    let checks = rsa::pss::VerifyingKey::<Sha256>::new(public);
    let signature = ours.sign(MESSAGE);
    checks.verify(MESSAGE, &signature.as_slice().try_into().expect("a signature")).expect("accepted");
    assert!(ours.verifier().verify(MESSAGE, &theirs.sign_with_rng(&mut OsRng, MESSAGE).to_vec()));
    // PKCS#1, as Kalshi hands its keys out.
    let pkcs1 = private.to_pkcs1_pem(rsa::pkcs8::LineEnding::CRLF).expect("written");
    assert!(pkcs1.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    let same = Signer::from_pem(&pkcs1).expect("sound");
    assert_eq!((same.format(), same.bits()), (KeyFormat::Pkcs1, 2_048));
    assert!(ours.verifier().verify(MESSAGE, &same.sign(MESSAGE)));
}

#[test]
fn ed25519_keys_are_read_in_both_versions_of_pkcs8() {
    let key = Ed25519KeyPair::generate().expect("made");
    let first = key.to_pkcs8v1().expect("written");
    let second = key.to_pkcs8().expect("written");
    assert_ne!(first.as_ref(), second.as_ref());
    let signatures = [first, second]
        .map(|der| Signer::from_pem(&encode("PRIVATE KEY", der.as_ref())).expect("sound").sign(MESSAGE));
    assert_eq!(signatures[0], signatures[1]);
}

#[test]
fn a_key_of_the_rfc_signs_as_the_rfc_says() {
    // RFC 8032, section 7.1, test 2.
    let pem = "-----BEGIN PRIVATE KEY-----\n\
               MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n\
               -----END PRIVATE KEY-----\n";
    let signature = "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ\
                     8R2MOHsurrQwKu6wDSkWErsMAA==";
    let made = Signer::from_pem(pem).expect("sound").sign(&[0x72]);
    assert_eq!(BASE64_STANDARD.encode(made), signature);
}

#[test]
fn what_is_no_private_key_is_called_by_its_name() {
    let pair = generate(KeyKind::Ed25519);
    assert_eq!(fault(""), KeyError::NotPem);
    assert_eq!(fault("0a1b2c3d-key-id"), KeyError::NotPem);
    assert_eq!(fault(&pair.public_pem), KeyError::PublicKey);
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
    assert_eq!(fault(&certified.cert.pem()), KeyError::Certificate);
    assert_eq!(
        fault(&certified.signing_key.serialize_pem()),
        KeyError::UnsupportedKind("an EC key".to_owned())
    );
    assert_eq!(fault(&encode("EC PRIVATE KEY", &[1])), KeyError::UnsupportedKind("an EC key".to_owned()));
    assert_eq!(fault(&encode("ENCRYPTED PRIVATE KEY", &[1])), KeyError::Encrypted);
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n\
               -----END RSA PRIVATE KEY-----\n";
    assert_eq!(fault(old), KeyError::Encrypted);
    let private = pair.private_pem.expose_secret();
    assert_eq!(Verifier::from_pem(private).map(|_| ()), Err(KeyError::PrivateKey));
}

#[test]
fn a_damaged_key_is_refused_and_not_quoted() {
    for kind in [KeyKind::Rsa2048, KeyKind::Ed25519] {
        let pem = generate(kind).private_pem;
        let pem = pem.expose_secret();
        let lines: Vec<&str> = pem.lines().collect();
        let cut = lines[..lines.len() - 1].join("\n");
        let gap = [&lines[..1], &lines[2..]].concat().join("\n");
        let typo = pem.replacen("MC", "M!", 1).replacen("MII", "M!I", 1);
        for damaged in [cut, gap, typo] {
            let fault = fault(&damaged);
            assert_eq!(fault, KeyError::Damaged);
            assert!(lines[1..].iter().all(|line| !format!("{fault} {fault:?}").contains(line)));
        }
    }
    assert_eq!(fault(&encode("PRIVATE KEY", &[])), KeyError::Damaged);
    assert_eq!(fault(&encode("RSA PRIVATE KEY", &[0x30, 0])), KeyError::Damaged);
}

#[test]
fn rsa_keys_of_unfit_length_are_refused_with_their_length() {
    let small = rsa::RsaPrivateKey::new(&mut OsRng, 1_024).expect("made");
    let pkcs1 = small.to_pkcs1_pem(rsa::pkcs8::LineEnding::LF).expect("written");
    assert_eq!(fault(&pkcs1), KeyError::TooSmall { bits: 1_024 });
    let pkcs8 = small.to_pkcs8_pem(rsa::pkcs8::LineEnding::LF).expect("written");
    assert_eq!(fault(&pkcs8), KeyError::TooSmall { bits: 1_024 });

    let (modulus, one) = ([0xff; 1_024], [1]);
    let number = |bytes| rsa::pkcs1::UintRef::new(bytes).expect("a number");
    let large = rsa::pkcs1::RsaPrivateKey {
        modulus: number(&modulus),
        public_exponent: number(&one),
        private_exponent: number(&one),
        prime1: number(&one),
        prime2: number(&one),
        exponent1: number(&one),
        exponent2: number(&one),
        coefficient: number(&one),
        other_prime_infos: None,
    };
    let pem = encode("RSA PRIVATE KEY", &large.to_der().expect("written"));
    assert_eq!(fault(&pem), KeyError::TooLarge { bits: 8_192 });
}

#[test]
fn nothing_prints_a_key() {
    let pair = generate(KeyKind::Ed25519);
    let secret = pair.private_pem.expose_secret().lines().nth(1).expect("a line");
    let signer = Signer::from_pem(pair.private_pem.expose_secret()).expect("sound");
    assert_eq!(format!("{signer:?}"), "Signer(Ed25519, 256 bits)");
    assert!(!format!("{pair:?}").contains(secret));
}

#[test]
fn every_fault_says_how_to_mend_it() {
    let path = || Path::new("/keys/k.pem").to_owned();
    let faults = [
        KeyError::NotPem,
        KeyError::PublicKey,
        KeyError::UnsupportedKind("an EC key".to_owned()),
        KeyError::TooSmall { bits: 1_024 },
        KeyError::FileMissing { path: path() },
        KeyError::NotReadable { path: path(), cause: "why".to_owned() },
        KeyError::InFile { path: path(), fault: Box::new(KeyError::Encrypted) },
        KeyError::NoKeyId,
    ];
    assert!(faults.iter().all(|fault| !fault.mend().is_empty() && !fault.to_string().is_empty()));
    let open = KeyError::TooOpen { path: path(), mode: 0o644 };
    assert_eq!(open.mend(), "run `chmod 600 /keys/k.pem`");
    assert!(open.to_string().ends_with("(mode 0644)"), "{open}");
}

#[cfg(unix)]
#[test]
fn only_files_that_their_owner_alone_may_touch_are_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key.pem");
    let fault = |path: &Path| read_key_file(path).map(|_| ()).expect_err("refused");
    assert_eq!(fault(&path), KeyError::FileMissing { path: path.clone() });
    assert_eq!(fault(folder.path()), KeyError::Directory { path: folder.path().to_owned() });
    assert_eq!(fault(Path::new("")), KeyError::NoPath);
    std::fs::write(&path, "text").expect("written");
    for mode in [0o640, 0o604, 0o620, 0o644] {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("set");
        assert_eq!(fault(&path), KeyError::TooOpen { path: path.clone(), mode });
    }
    for mode in [0o600, 0o400] {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("set");
        assert_eq!(read_key_file(&path).expect("read").expose_secret(), "text");
    }
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("set");
    std::fs::write(&path, [0xff, 0x30, 0x82]).expect("written");
    assert_eq!(fault(&path), KeyError::InFile { path, fault: Box::new(KeyError::NotPem) });
}
