//! Why a mail could not be sent: at which step, the cause, and what mends it. The password is quoted nowhere.

use crate::config::{Email, MailSecurity};
use lettre::transport::smtp::Error as SmtpError;
use rustls::{CertificateError, Error as TlsError};
use secrecy::ExposeSecret;
use std::error::Error;
use std::fmt;
use std::io;

/// The steps from the settings to the server's word that it has the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// What is set can be used.
    Settings,
    /// The server's name has an address.
    Dns,
    /// The server takes a connection and greets.
    Connect,
    /// The connection is encrypted, and the server is who it says.
    Encryption,
    /// The server takes the name and the password.
    Login,
    /// The server takes the sender.
    Sender,
    /// The server takes the recipient.
    Recipient,
    /// The server takes the mail.
    Content,
}

impl Step {
    /// The stable word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Encryption => "encryption",
            Self::Login => "login",
            Self::Sender => "sender",
            Self::Recipient => "recipient",
            Self::Content => "content",
        }
    }
}

/// Why a mail could not be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFault {
    /// The step that failed.
    pub step: Step,
    /// Why.
    pub cause: String,
    /// What mends it.
    pub mend: String,
    /// Whether trying again can't help.
    pub is_lasting: bool,
}

impl fmt::Display for MailFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step.as_str(), self.cause)
    }
}

impl Error for MailFault {}

impl MailFault {
    /// One that stays until somebody mends it.
    pub(super) fn lasting(step: Step, cause: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { step, cause: cause.into(), mend: mend.into(), is_lasting: true }
    }

    /// One that may pass.
    pub(super) fn passing(step: Step, cause: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { step, cause: cause.into(), mend: mend.into(), is_lasting: false }
    }

    /// The fault behind an error of the mail library. `asked` is the step that was being taken, where that is known.
    pub(super) fn of(error: &SmtpError, asked: Option<Step>, settings: &Email) -> Self {
        let fault = Self::read(error, asked, settings);
        Self { cause: without_secret(&fault.cause, settings), ..fault }
    }

    fn read(error: &SmtpError, asked: Option<Step>, settings: &Email) -> Self {
        if let Some(status) = error.status() {
            let code: u16 = status.into();
            return refused(code, &words(error), asked, settings);
        }
        if let Some(fault) = causes(error).find_map(|cause| cause.downcast_ref::<TlsError>()) {
            return untrusted(fault, settings);
        }
        if let Some(fault) = causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()) {
            return broken(fault, asked, settings);
        }
        let text = error.to_string();
        if text.contains("STARTTLS is not supported") {
            return no_starttls(settings);
        }
        if text.contains("authentication mechanism") {
            let mend = "use a server or port that offers AUTH PLAIN or LOGIN (usually 587 with starttls), or \
                        set security = \"none\" and no password for a relay on this machine";
            return Self::lasting(Step::Login, "the server offers no login that is known here", mend);
        }
        let step = asked.unwrap_or(Step::Content);
        Self::passing(step, text, format!("check that a mail server answers at {}", address(settings)))
    }
}

/// What the server's refusal means.
fn refused(code: u16, words: &str, asked: Option<Step>, settings: &Email) -> MailFault {
    let step = asked.unwrap_or(match code {
        530 | 534 | 535 | 538 => Step::Login,
        550 | 551 | 553 | 450 => Step::Recipient,
        _ => Step::Content,
    });
    let cause = format!("the server answers {code} {words}");
    if (400..500).contains(&code) {
        let mend = "the server asks to try again later (greylisting, or too many mails): a running bot does so by \
                    itself; otherwise try again in some minutes";
        return MailFault::passing(step, cause, mend);
    }
    let mend = match step {
        Step::Login => login_mend(settings),
        Step::Sender => format!(
            "set alerts.email.from_email to an address that {} may send as; with SES, verify it there first",
            user(settings)
        ),
        Step::Recipient => format!(
            "check alerts.email.to_email = {}; with SES in its sandbox the recipient must be verified too",
            settings.to_email
        ),
        Step::Connect => format!(
            "ask whoever runs {} why this machine may not use it, or use another server",
            settings.smtp_host
        ),
        Step::Settings | Step::Dns | Step::Encryption | Step::Content => {
            "read the server's words; its administrator knows the rule behind them".to_owned()
        }
    };
    MailFault::lasting(step, cause, mend)
}

fn login_mend(settings: &Email) -> String {
    let keys = "check alerts.email.username and alerts.email.password";
    if settings.smtp_host.to_lowercase().ends_with("gmail.com") {
        format!("{keys}: Gmail takes an app password alone (Google account, Security, 2-Step Verification)")
    } else if settings.smtp_host.to_lowercase().contains("amazonaws.com") {
        format!("{keys}: SES has SMTP credentials of its own, which aren't the AWS access keys")
    } else {
        keys.to_owned()
    }
}

/// What a failed handshake means.
fn untrusted(fault: &TlsError, settings: &Email) -> MailFault {
    let host = &settings.smtp_host;
    let lasting = |cause: String, mend: String| MailFault::lasting(Step::Encryption, cause, mend);
    match fault {
        TlsError::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => lasting(
            format!("the server's certificate isn't for {host}: {fault}"),
            "set alerts.email.smtp_host to a name that stands in the certificate".to_owned(),
        ),
        TlsError::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => lasting(
            format!("the server's certificate isn't good today: {fault}"),
            "check this machine's clock; if it is right, the server needs a new certificate".to_owned(),
        ),
        TlsError::InvalidCertificate(_) => lasting(
            format!("no authority trusted here stands behind the server's certificate: {fault}"),
            "install the system's roots (Debian: ca-certificates), or name the authority's certificate in \
             alerts.email.ca_file"
                .to_owned(),
        ),
        _ => lasting(format!("the connection can't be encrypted: {fault}"), security_mend(settings)),
    }
}

/// What a broken connection means.
fn broken(fault: &io::Error, asked: Option<Step>, settings: &Email) -> MailFault {
    let server = address(settings);
    match fault.kind() {
        io::ErrorKind::ConnectionRefused => MailFault::passing(
            Step::Connect,
            format!("{server} refuses the connection"),
            "check alerts.email.smtp_host and alerts.email.smtp_port, and that the server runs",
        ),
        // What a timeout while reading is called differs from system to system.
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => MailFault::passing(
            asked.unwrap_or(Step::Connect),
            format!("{server} didn't answer within {} s", settings.timeout.as_secs()),
            format!(
                "check the port (587 starttls, 465 tls), and that a firewall lets it out: clouds often block port \
                 25; {}",
                security_mend(settings)
            ),
        ),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => MailFault::passing(
            Step::Connect,
            format!("{server} can't be reached: {fault}"),
            "check this machine's network",
        ),
        _ if fault.to_string().contains("lookup address") => unknown_name(fault, settings),
        _ => MailFault::passing(
            asked.unwrap_or(Step::Connect),
            format!("the connection to {server} broke off: {fault}"),
            security_mend(settings),
        ),
    }
}

/// The server's name leads nowhere.
pub(super) fn unknown_name(fault: &io::Error, settings: &Email) -> MailFault {
    MailFault::passing(
        Step::Dns,
        format!("{} has no address: {fault}", settings.smtp_host),
        "check alerts.email.smtp_host for a slip, and this machine's name server",
    )
}

fn no_starttls(settings: &Email) -> MailFault {
    MailFault::lasting(
        Step::Encryption,
        format!("{} doesn't offer STARTTLS, and nothing is said to it unencrypted", address(settings)),
        "use the server's port for STARTTLS (587), or set alerts.email.security = \"tls\" with its port for TLS (465)",
    )
}

fn security_mend(settings: &Email) -> String {
    let now = match settings.security {
        MailSecurity::StartTls => "starttls, which port 587 speaks; port 465 wants tls",
        MailSecurity::Tls => "tls, which port 465 speaks; port 587 wants starttls",
        MailSecurity::None => "none",
    };
    format!("alerts.email.security is {now}")
}

/// The server, for people.
pub(super) fn address(settings: &Email) -> String {
    format!("{}:{}", settings.smtp_host, settings.smtp_port)
}

/// The name that is logged in with.
pub(super) fn user(settings: &Email) -> &str {
    if settings.username.is_empty() { &settings.from_email } else { &settings.username }
}

/// The server's own words, on one line.
fn words(error: &SmtpError) -> String {
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// An error and everything behind it. What an I/O error wraps is no source of it, but counts as one here.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        match error.downcast_ref::<io::Error>() {
            Some(wrapping) => wrapping.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

/// A server may repeat what it was told.
fn without_secret(text: &str, settings: &Email) -> String {
    let secret = settings.password.expose_secret();
    if secret.is_empty() { text.to_owned() } else { text.replace(secret, "(the password)") }
}

#[cfg(test)]
mod tests;
