use super::*;
use crate::config::{Sources, load};

fn settings(host: &str) -> Email {
    let set = [
        ("alerts.email.smtp_host", host),
        ("alerts.email.from_email", "bot@example.com"),
        ("alerts.email.to_email", "me@example.com"),
        ("alerts.email.password", "hunter2hunter2"),
    ];
    let overrides = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    load(&Sources { overrides, ..Sources::default() }).expect("sound").alerts.email
}

fn line(fault: &MailFault) -> String {
    let kind = if fault.is_lasting { "lasting" } else { "passing" };
    format!("{kind} {fault}\n  mend: {}", fault.mend)
}

#[test]
fn every_refusal_has_its_cause_and_mend() {
    let gmail = settings("smtp.gmail.com");
    let ses = settings("email-smtp.us-east-1.amazonaws.com");
    let own = settings("mail.example.com");
    let certificate = |error| untrusted(&TlsError::InvalidCertificate(error), &own);
    let io = |kind, words: &str| broken(&io::Error::new(kind, words.to_owned()), Some(Step::Connect), &own);
    let faults = [
        refused(535, "5.7.8 Username and Password not accepted", Some(Step::Login), &gmail),
        refused(535, "Authentication Credentials Invalid", None, &ses),
        refused(454, "4.7.0 Too many login attempts", Some(Step::Login), &gmail),
        refused(554, "Message rejected: Email address is not verified", None, &ses),
        refused(553, "sender address rejected", Some(Step::Sender), &own),
        refused(550, "5.1.1 no such user", Some(Step::Recipient), &own),
        refused(550, "5.1.1 no such user", None, &own),
        refused(451, "4.7.1 greylisted", Some(Step::Recipient), &own),
        refused(554, "no SMTP service here", Some(Step::Connect), &own),
        certificate(CertificateError::UnknownIssuer),
        certificate(CertificateError::NotValidForName),
        certificate(CertificateError::Expired),
        untrusted(&TlsError::DecryptError, &own),
        no_starttls(&own),
        io(io::ErrorKind::ConnectionRefused, "refused"),
        io(io::ErrorKind::WouldBlock, "would block"),
        io(io::ErrorKind::NetworkUnreachable, "network is unreachable"),
        io(io::ErrorKind::ConnectionReset, "reset by peer"),
        io(io::ErrorKind::Other, "failed to lookup address information: Name or service not known"),
    ];
    let lines: Vec<String> = faults.iter().map(line).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_password_that_a_server_repeats_is_not_repeated_here() {
    let settings = settings("mail.example.com");
    assert_eq!(without_secret("535 hunter2hunter2 is wrong", &settings), "535 (the password) is wrong");
}

#[test]
fn what_an_io_error_wraps_is_found() {
    let tls = TlsError::InvalidCertificate(CertificateError::UnknownIssuer);
    let wrapped = io::Error::new(io::ErrorKind::InvalidData, tls.clone());
    let found = causes(&wrapped).find_map(|cause| cause.downcast_ref::<TlsError>());
    assert_eq!(found, Some(&tls));
}
