//! The way to the mail server.

use super::fault::{MailFault, Step, user};
use super::mail::Mail;
use crate::config::{Email, MailSecurity};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{SmtpTransport, Transport};
use secrecy::ExposeSecret;

/// Something that takes mails away.
pub(super) trait Carrier: Send {
    /// Sends one mail, and returns when the server has it.
    fn carry(&mut self, mail: &Mail) -> Result<(), MailFault>;
}

/// The configured server. Connections are kept for the next mail.
pub(super) struct Smtp {
    transport: SmtpTransport,
    settings: Email,
}

impl Smtp {
    /// Prepares the way; nothing is sent yet.
    ///
    /// # Errors
    /// [`MailFault`] when the certificate file can't be used or an address is none.
    pub(super) fn new(settings: &Email) -> Result<Self, MailFault> {
        let tls = match encryption(settings)? {
            None => Tls::None,
            Some(parameters) if settings.security == MailSecurity::Tls => Tls::Wrapper(parameters),
            Some(parameters) => Tls::Required(parameters),
        };
        let mut builder = SmtpTransport::builder_dangerous(&settings.smtp_host)
            .port(settings.smtp_port)
            .timeout(Some(settings.timeout))
            .tls(tls);
        if let Some(credentials) = credentials(settings) {
            builder = builder.credentials(credentials);
        }
        Ok(Self { transport: builder.build(), settings: settings.clone() })
    }
}

impl Carrier for Smtp {
    fn carry(&mut self, mail: &Mail) -> Result<(), MailFault> {
        let message = mail.message(&self.settings)?;
        match self.transport.send(&message) {
            Ok(_) => Ok(()),
            Err(error) => Err(MailFault::of(&error, None, &self.settings)),
        }
    }
}

/// How connections are encrypted; `None` when they aren't.
///
/// # Errors
/// [`MailFault`] when the certificate file can't be used.
pub(super) fn encryption(settings: &Email) -> Result<Option<TlsParameters>, MailFault> {
    if settings.security == MailSecurity::None {
        return Ok(None);
    }
    let mut builder = TlsParameters::builder(settings.smtp_host.clone());
    if let Some(path) = &settings.ca_file {
        let unfit = |problem: String| {
            let mend =
                "set alerts.email.ca_file to a certificate in PEM, or leave it empty for the system's roots";
            MailFault::lasting(
                Step::Settings,
                format!("alerts.email.ca_file = {}: {problem}", path.display()),
                mend,
            )
        };
        let pem = std::fs::read(path).map_err(|error| unfit(format!("can't be read: {error}")))?;
        let certificates = pem::parse_many(&pem).map_err(|error| unfit(format!("is no PEM: {error}")))?;
        let mut found = certificates.into_iter().filter(|block| block.tag() == "CERTIFICATE").peekable();
        if found.peek().is_none() {
            return Err(unfit("holds no certificate".to_owned()));
        }
        for block in found {
            let certificate =
                Certificate::from_der(block.into_contents()).map_err(|error| unfit(error.to_string()))?;
            builder = builder.add_root_certificate(certificate);
        }
    }
    let parameters =
        builder.build().map_err(|error| MailFault::of(&error, Some(Step::Settings), settings))?;
    Ok(Some(parameters))
}

/// What is logged in with, where there is a login.
pub(super) fn credentials(settings: &Email) -> Option<Credentials> {
    let password = settings.password.expose_secret();
    (!password.is_empty()).then(|| Credentials::new(user(settings).to_owned(), password.to_owned()))
}

/// Sends one mail at once, without trying again, and returns when the server has it.
///
/// # Errors
/// [`MailFault`]: the step that failed, why, and what mends it.
pub fn send(settings: &Email, mail: &Mail) -> Result<(), MailFault> {
    Smtp::new(settings)?.carry(mail)
}
