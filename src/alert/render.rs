//! A letter as text and as HTML. The HTML loads nothing from anywhere, carries its styles in itself as mail programs
//! want it, and follows the reader's choice of light or dark.

use super::Level;
use super::letter::{Letter, Row, Tone};
use super::mail::{Mail, subject};
use askama::Template;

#[derive(Template)]
#[template(path = "alert/templates/letter.html")]
struct Html<'a> {
    subject: &'a str,
    band: &'static str,
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "alert/templates/letter.txt", escape = "none")]
struct Text<'a> {
    letter: &'a Letter,
    width: usize,
}

impl Text<'_> {
    /// The name of a figure, as wide as the widest.
    fn label(&self, row: &Row) -> String {
        format!("{:<width$}", row.label, width = self.width)
    }
}

impl Tone {
    /// The class that dark colours are given by.
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "ink",
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }

    /// The colour on white.
    const fn ink(self) -> &'static str {
        match self {
            Self::Plain => "#1c2126",
            Self::Good => "#17713f",
            Self::Bad => "#b3261e",
        }
    }

    const fn weight(self) -> &'static str {
        match self {
            Self::Plain => "400",
            Self::Good | Self::Bad => "600",
        }
    }
}

/// The colour of the band on top, dark enough for white letters.
const fn band(level: Level) -> &'static str {
    match level {
        Level::Info => "#2f5d8a",
        Level::Warning => "#8a5a00",
        Level::Critical => "#a8201a",
    }
}

/// The mail that says what the letter says.
///
/// # Errors
/// What the template can't do; with the figures of a letter there is nothing it can't.
pub(super) fn mail(letter: &Letter) -> Result<Mail, askama::Error> {
    let subject = subject(letter.level, &letter.title);
    let width = letter.rows.iter().chain(&letter.foot).map(|row| row.label.len()).max().unwrap_or(0);
    let text = Text { letter, width }.render()?;
    let html = Html { subject: &subject, band: band(letter.level), letter }.render()?;
    Ok(Mail {
        level: letter.level,
        title: letter.title.clone(),
        text,
        html: Some(html),
        attachments: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
