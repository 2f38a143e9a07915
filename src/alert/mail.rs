//! A mail, ready to be sent: its subject, its text, the same as HTML, and what is attached.

use super::Level;
use super::fault::{MailFault, Step};
use crate::config::Email;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment as Attached, Mailbox, Message, MultiPart, SinglePart};

/// What a mail carries beside its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its file name.
    pub name: String,
    /// Its media type, such as `text/csv`.
    pub media_type: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// A mail, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// How much it matters.
    pub level: Level,
    /// What stands in the subject after `[LEVEL] HFT Bot - `.
    pub title: String,
    /// Its words.
    pub text: String,
    /// The same as HTML, where there is such.
    pub html: Option<String>,
    /// What goes with it.
    pub attachments: Vec<Attachment>,
}

impl Mail {
    /// The subject: `[LEVEL] HFT Bot - ` and the title.
    pub fn subject(&self) -> String {
        subject(self.level, &self.title)
    }

    /// The mail as it travels.
    ///
    /// # Errors
    /// [`MailFault`] when an address or an attachment's media type is none.
    pub(super) fn message(&self, settings: &Email) -> Result<Message, MailFault> {
        let mut message = Message::builder()
            .from(mailbox("alerts.email.from_email", &settings.from_email)?)
            .to(mailbox("alerts.email.to_email", &settings.to_email)?)
            .subject(self.subject())
            .message_id(None);
        // Nobody's holiday notice answers a program.
        let mut headers = vec![("Auto-Submitted", "auto-generated")];
        if self.level == Level::Critical {
            headers.extend([("Importance", "high"), ("X-Priority", "1")]);
        }
        for (name, value) in headers {
            let name = HeaderName::new_from_ascii_str(name);
            message = message.raw_header(HeaderValue::new(name, value.to_owned()));
        }
        let text = SinglePart::plain(self.text.clone());
        let words = match &self.html {
            Some(html) => {
                MultiPart::alternative().singlepart(text).singlepart(SinglePart::html(html.clone()))
            }
            None => MultiPart::mixed().singlepart(text),
        };
        let whole = if self.attachments.is_empty() {
            words
        } else {
            let mut whole = MultiPart::mixed().multipart(words);
            for attachment in &self.attachments {
                whole = whole.singlepart(attached(attachment)?);
            }
            whole
        };
        message.multipart(whole).map_err(|error| {
            MailFault::lasting(Step::Content, format!("the mail can't be put together: {error}"), "report it")
        })
    }
}

fn attached(attachment: &Attachment) -> Result<SinglePart, MailFault> {
    let Attachment { name, media_type, content } = attachment;
    let kind = ContentType::parse(media_type).map_err(|error| {
        let cause = format!("{media_type:?}, the media type of {name}, is none: {error}");
        MailFault::lasting(Step::Content, cause, "report it")
    })?;
    Ok(Attached::new(name.clone()).body(content.clone(), kind))
}

fn mailbox(key: &'static str, address: &str) -> Result<Mailbox, MailFault> {
    address.parse().map_err(|error| {
        let cause = format!("{key} = {address} is no e-mail address: {error}");
        MailFault::lasting(Step::Settings, cause, format!("set {key} to one, such as bot@example.com"))
    })
}

/// `[LEVEL] HFT Bot - title`. What the exchange sent can't break out of the line.
pub(super) fn subject(level: Level, title: &str) -> String {
    let title: String = title.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    format!("[{}] HFT Bot - {title}", level.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_stays_on_its_line() {
        assert_eq!(
            subject(Level::Warning, "Position closed: A\r\nBcc: somebody"),
            "[WARNING] HFT Bot - Position closed: A  Bcc: somebody"
        );
    }
}
