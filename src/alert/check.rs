//! Sends one test mail, step by step, and says how each step went.

use super::fault::{MailFault, Step, address, unknown_name, user};
use super::letter::Letter;
use super::mail::Mail;
use super::render;
use super::smtp::{credentials, encryption};
use crate::config::{Email, MailSecurity};
use crate::units::Timestamp;
use lettre::message::Message;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as From, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use std::net::{SocketAddr, ToSocketAddrs};

/// How one step went: what was found, or what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The step.
    pub step: Step,
    /// What was found, for people, or why it failed.
    pub outcome: Result<String, MailFault>,
}

/// Sends a test mail; the findings end with the first step that failed, or with the server's word that it has the mail.
pub fn check(settings: &Email, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Err(fault) = go(settings, now, &mut findings) {
        findings.push(Finding { step: fault.step, outcome: Err(fault) });
    }
    findings
}

fn go(settings: &Email, now: Timestamp, findings: &mut Vec<Finding>) -> Result<(), MailFault> {
    let mut found = |step, text: String| findings.push(Finding { step, outcome: Ok(text) });
    let encryption = encryption(settings)?;
    let message = test_mail(now)?.message(settings)?;
    found(Step::Settings, format!("{} to {}", settings.from_email, settings.to_email));

    let addresses = resolve(settings)?;
    let shown: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    found(Step::Dns, format!("{} is {}", settings.smtp_host, shown.join(", ")));

    let at = |step| move |error: SmtpError| MailFault::of(&error, Some(step), settings);
    let name = ClientId::default();
    let from_the_start = encryption.as_ref().filter(|_| settings.security == MailSecurity::Tls);
    let mut connection = connect(settings, &addresses, &name, from_the_start)?;
    found(Step::Connect, format!("{} greets", address(settings)));

    found(Step::Encryption, encrypt(settings, &mut connection, &name, encryption.as_ref())?);

    let text = match credentials(settings) {
        Some(credentials) => {
            connection.auth(DEFAULT_MECHANISMS, &credentials).map_err(at(Step::Login))?;
            format!("accepted as {}", user(settings))
        }
        None => "not asked for: alerts.email.password is empty".to_owned(),
    };
    found(Step::Login, text);

    deliver(&mut connection, &message, settings, &mut found)?;
    // The mail is the server's by now, whatever it says to a farewell.
    let _ = connection.quit();
    Ok(())
}

/// A mail that only tries whether mails arrive.
fn test_mail(now: Timestamp) -> Result<Mail, MailFault> {
    render::mail(&Letter::of_test(now))
        .map_err(|error| MailFault::lasting(Step::Content, format!("{error}"), "report it"))
}

fn resolve(settings: &Email) -> Result<Vec<SocketAddr>, MailFault> {
    let host = (settings.smtp_host.as_str(), settings.smtp_port);
    let addresses: Vec<SocketAddr> =
        host.to_socket_addrs().map_err(|error| unknown_name(&error, settings))?.collect();
    if addresses.is_empty() {
        let none = std::io::Error::other("the name server knows none");
        return Err(unknown_name(&none, settings));
    }
    Ok(addresses)
}

fn connect(
    settings: &Email,
    addresses: &[SocketAddr],
    name: &ClientId,
    encryption: Option<&TlsParameters>,
) -> Result<SmtpConnection, MailFault> {
    SmtpConnection::connect(addresses, Some(settings.timeout), name, encryption, None)
        .map_err(|error| MailFault::of(&error, Some(Step::Connect), settings))
}

fn encrypt(
    settings: &Email,
    connection: &mut SmtpConnection,
    name: &ClientId,
    encryption: Option<&TlsParameters>,
) -> Result<String, MailFault> {
    match encryption {
        None => Ok("none, to this machine".to_owned()),
        Some(parameters) => {
            if settings.security == MailSecurity::StartTls {
                connection
                    .starttls(parameters, name)
                    .map_err(|error| MailFault::of(&error, Some(Step::Encryption), settings))?;
            }
            Ok(format!("TLS, with a certificate for {}", settings.smtp_host))
        }
    }
}

fn deliver(
    connection: &mut SmtpConnection,
    message: &Message,
    settings: &Email,
    found: &mut impl FnMut(Step, String),
) -> Result<(), MailFault> {
    let at = |step| move |error: SmtpError| MailFault::of(&error, Some(step), settings);
    let envelope = message.envelope();
    connection.command(From::new(envelope.from().cloned(), Vec::new())).map_err(at(Step::Sender))?;
    found(Step::Sender, format!("{} is taken", settings.from_email));
    for recipient in envelope.to() {
        connection.command(Rcpt::new(recipient.clone(), Vec::new())).map_err(at(Step::Recipient))?;
    }
    found(Step::Recipient, format!("{} is taken", settings.to_email));
    connection.command(Data).map_err(at(Step::Content))?;
    let answer = connection.message(&message.formatted()).map_err(at(Step::Content))?;
    found(Step::Content, format!("the server has the mail: {}", answer.first_line().unwrap_or("it says so")));
    Ok(())
}
