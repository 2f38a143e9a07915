//! What is set about alerts by e-mail.

use super::layers::View;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// How much an alert matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AlertLevel {
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warning,
    /// Trading stopped, or the books are in doubt.
    Critical,
}

impl AlertLevel {
    /// The word for it, as it stands in subjects.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
        }
    }
}

/// How the connection to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// By the STARTTLS command, before anything else is said.
    StartTls,
    /// From the first byte.
    Tls,
    /// Not at all: to this machine alone.
    None,
}

/// Alerts by e-mail. Where they are enabled, what is needed to send one is there.
#[derive(Debug, Clone)]
pub struct Email {
    /// Whether any are sent.
    pub enabled: bool,
    /// Mail server.
    pub smtp_host: String,
    /// Its port.
    pub smtp_port: u16,
    /// How the connection is encrypted.
    pub security: MailSecurity,
    /// One more certificate authority to trust.
    pub ca_file: Option<PathBuf>,
    /// Name to log in with; empty takes the sender.
    pub username: String,
    /// Password to log in with; may be empty where the connection isn't encrypted.
    pub password: SecretString,
    /// Sender.
    pub from_email: String,
    /// Recipient.
    pub to_email: String,
    /// Least level that is sent.
    pub min_level: AlertLevel,
    /// Most mails in a window.
    pub max_mails: u32,
    /// Length of that window.
    pub window: Duration,
    /// How long the server is waited for.
    pub timeout: Duration,
}

/// The settings of the mail, as they are in force.
pub(super) fn read(view: &View<'_>) -> Email {
    Email {
        enabled: view.get("alerts.email.enabled"),
        smtp_host: view.get("alerts.email.smtp_host"),
        smtp_port: view.get("alerts.email.smtp_port"),
        security: view.get("alerts.email.security"),
        ca_file: view.get("alerts.email.ca_file"),
        username: view.get("alerts.email.username"),
        password: view.get("alerts.email.password"),
        from_email: view.get("alerts.email.from_email"),
        to_email: view.get("alerts.email.to_email"),
        min_level: view.get("alerts.email.min_level"),
        max_mails: view.get("alerts.email.max_mails"),
        window: view.get("alerts.email.window_minutes"),
        timeout: view.get("alerts.email.timeout"),
    }
}

/// The keys without which no mail can be sent. A server on this machine may do without a login.
pub(super) const fn needed(security: MailSecurity) -> &'static [&'static str] {
    match security {
        MailSecurity::StartTls | MailSecurity::Tls => {
            &["alerts.email.from_email", "alerts.email.to_email", "alerts.email.password"]
        }
        MailSecurity::None => &["alerts.email.from_email", "alerts.email.to_email"],
    }
}
