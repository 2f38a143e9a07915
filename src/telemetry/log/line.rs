//! One log line: what an event becomes, and how it looks to machines and to people.

use crate::units::Timestamp;
use serde_json::Value;
use std::fmt::{self, Write as _};
use tracing::field::{Field, Visit};
use tracing::{Event, Level};

/// A text in a line is cut after so many bytes, so that one line can't fill a queue.
const LONGEST_TEXT: usize = 4_096;
/// What the names of this program's own modules begin with.
pub(super) const OWN: &str = "kalshi_bot";

/// One log line.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) time: Timestamp,
    pub(super) level: Level,
    pub(super) logger: String,
    pub(super) message: String,
    pub(super) fields: Vec<(&'static str, Value)>,
}

impl Line {
    /// What an event says.
    pub(super) fn of(event: &Event<'_>, time: Timestamp) -> Self {
        let metadata = event.metadata();
        let mut line = Self {
            time,
            level: *metadata.level(),
            logger: metadata.target().to_owned(),
            message: String::new(),
            fields: Vec::new(),
        };
        event.record(&mut line);
        line
    }

    /// The fields as a JSON object.
    pub(super) fn fields_json(&self) -> String {
        let mut text = String::from("{");
        for (name, value) in &self.fields {
            if text.len() > 1 {
                text.push(',');
            }
            // Names are identifiers, and a value displays as JSON.
            let _ = write!(text, "\"{name}\":{value}");
        }
        text.push('}');
        text
    }

    /// One JSON object, with a line end; `fields` are those of [`Line::fields_json`].
    pub(super) fn json(&self, run: Option<&str>, fields: &str) -> String {
        let mut text = String::with_capacity(160 + self.message.len() + fields.len());
        let _ = write!(
            text,
            "{{\"time\":\"{}\",\"level\":\"{}\",\"logger\":{},\"message\":{}",
            self.time,
            self.level,
            Value::from(self.logger.as_str()),
            Value::from(self.message.as_str())
        );
        if let Some(run) = run {
            let _ = write!(text, ",\"run\":{}", Value::from(run));
        }
        let _ = writeln!(text, ",\"fields\":{fields}}}");
        text
    }

    /// For people. What came from elsewhere can't move their cursor.
    pub(super) fn pretty(&self, has_colour: bool) -> String {
        let mut text = String::with_capacity(96 + self.message.len());
        let (colour, dim, plain) =
            if has_colour { (colour(self.level), "\x1b[2m", "\x1b[0m") } else { ("", "", "") };
        let level = self.level.as_str();
        let _ = write!(text, "{dim}{}{plain} {colour}{level:>5}{plain} ", self.time);
        if !is_own(&self.logger) {
            let _ = write!(text, "{dim}{}:{plain} ", self.logger);
        }
        self.say(&mut text, dim, plain);
        text.push('\n');
        text
    }

    /// Message and fields on one line, for people.
    pub(super) fn said(&self) -> String {
        let mut text = String::with_capacity(64 + self.message.len());
        self.say(&mut text, "", "");
        text
    }

    fn say(&self, text: &mut String, dim: &str, plain: &str) {
        push_harmless(text, &self.message);
        for (name, value) in &self.fields {
            let _ = write!(text, " {dim}{name}={plain}");
            match value {
                Value::String(word) if is_word(word) => text.push_str(word),
                other => push_harmless(text, &other.to_string()),
            }
        }
    }

    fn keep(&mut self, field: &Field, value: Value) {
        match field.name() {
            // A field of that name beside the message is a field.
            "message" if self.message.is_empty() => {
                self.message = match value {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
            }
            // Crates that log by the crate `log` come with their module as a field.
            "log.target" => {
                if let Value::String(target) = value {
                    self.logger = target;
                }
            }
            name if name.starts_with("log.") => {}
            name => self.fields.push((name, value)),
        }
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, Value::String(cut(value.to_owned())));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.keep(field, Value::String(cut(format!("{value:?}"))));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.keep(field, Value::String(cut(value.to_string())));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, Value::from(value));
    }
}

/// Whether a logger is one of this program's own.
pub(super) fn is_own(logger: &str) -> bool {
    // Lines that tell of records carry the name of their room.
    super::RECORDED.contains(&logger)
        || logger.strip_prefix(OWN).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn cut(mut text: String) -> String {
    if text.len() > LONGEST_TEXT {
        text.truncate(text.floor_char_boundary(LONGEST_TEXT));
        text.push('…');
    }
    text
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control() || letter == '"')
}

fn push_harmless(text: &mut String, said: &str) {
    text.extend(said.chars().map(|letter| if letter.is_control() { ' ' } else { letter }));
}

const fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG => "\x1b[34m",
        Level::TRACE => "\x1b[35m",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Line {
        Line {
            time: Timestamp::from_micros(1_795_370_000_000_001),
            level: Level::WARN,
            logger: "kalshi_bot::bot".to_owned(),
            message: "the \"stream\"\nis down".to_owned(),
            fields: vec![
                ("reason", Value::from("no\x1b[2J answer")),
                ("order", Value::from("kb-1-2")),
                ("ms", Value::from(250)),
            ],
        }
    }

    #[test]
    fn a_line_for_machines_is_one_object_on_one_line() {
        let line = line();
        let text = line.json(Some("run-1"), &line.fields_json());
        assert_eq!(text.matches('\n').count(), 1);
        let document: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["time"], "2026-11-22T17:53:20.000001Z");
        assert_eq!((&document["level"], &document["run"]), (&"WARN".into(), &"run-1".into()));
        assert_eq!(document["message"], "the \"stream\"\nis down");
        assert_eq!(
            document["fields"],
            serde_json::json!({"reason": "no\u{1b}[2J answer", "order": "kb-1-2", "ms": 250})
        );
        let without: Value = serde_json::from_str(&line.json(None, "{}")).expect("JSON");
        assert_eq!((without.get("run"), &without["fields"]), (None, &serde_json::json!({})));
    }

    #[test]
    fn a_line_for_people_moves_no_cursor() {
        let text = line().pretty(false);
        assert_eq!(
            text,
            "2026-11-22T17:53:20.000001Z  WARN the \"stream\" is down reason=\"no\\u001b[2J answer\" order=kb-1-2 \
             ms=250\n"
        );
        let coloured = Line { logger: "hyper::client".to_owned(), ..line() }.pretty(true);
        assert!(coloured.contains("\x1b[33m WARN\x1b[0m \x1b[2mhyper::client:\x1b[0m the"), "{coloured:?}");
    }

    #[test]
    fn a_text_without_end_is_cut() {
        let text = cut("é".repeat(4_000));
        assert!(text.len() <= LONGEST_TEXT + 3 && text.ends_with("é…"), "{}", text.len());
        assert_eq!(cut("short".to_owned()), "short");
    }

    #[test]
    fn our_own_modules_are_told_from_others() {
        assert!(is_own("kalshi_bot") && is_own("kalshi_bot::bot::trading") && is_own("execution"));
        assert!(!is_own("kalshi_botany") && !is_own("tungstenite::client"));
    }
}
