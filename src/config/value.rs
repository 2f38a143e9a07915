//! From what is written to what is meant: literals, their kinds and ranges, and typed values.

use super::schema::{Key, Kind, Unit};
use super::url;
use super::{AlertLevel, LogDestination, LogFormat, LogRotation, MailSecurity};
use crate::strategy::{EntryStyle, TakeProfitStyle};
use crate::units::{Money, Price, Quantity, Ratio};
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
use std::time::Duration;

/// A value as its source spells it. Numbers stay text, so that no decimal ever passes through a float. Text from
/// the environment and the command line is `Text` for every kind of key.
#[derive(Clone)]
pub(super) enum Literal {
    Number(String),
    Text(String),
    Bool(bool),
    List(Vec<String>),
    Other,
}

/// A value that its key allows.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Price(Price),
    Ratio(Ratio),
    Money(Money),
    Quantity(Quantity),
    Count(u64),
    Span(Duration),
    Bool(bool),
    Choice(&'static str),
    Text(String),
    List(Vec<String>),
    Secret(SecretString),
}

/// Reads a literal as a value of `key`.
///
/// # Errors
/// What is wrong, as the end of a sentence that begins with the key.
pub(super) fn read(key: &Key, literal: &Literal) -> Result<Value, String> {
    let wanted = || format!("must be {}", key.kind.allowed());
    match (key.kind, literal) {
        (Kind::Number { unit, least, most }, Literal::Number(text) | Literal::Text(text)) => {
            number(unit, text.trim(), least, most).map_err(|problem| problem.unwrap_or_else(wanted))
        }
        (Kind::Bool, Literal::Bool(value)) => Ok(Value::Bool(*value)),
        (Kind::Bool, Literal::Text(text)) => text.trim().parse().map(Value::Bool).map_err(|_| wanted()),
        (Kind::Choice(words), Literal::Text(text)) => words
            .iter()
            .find(|word| word.eq_ignore_ascii_case(text.trim()))
            .map(|word| Value::Choice(word))
            .ok_or_else(wanted),
        (Kind::Categories, Literal::List(names)) => categories(names.iter().map(String::as_str)),
        (Kind::Categories, Literal::Text(text)) => categories(text.split(',')),
        (Kind::Secret, Literal::Text(text)) => Ok(Value::Secret(SecretString::from(text.trim()))),
        (Kind::Text | Kind::Address | Kind::Url(_), Literal::Text(text)) => {
            let text = text.trim();
            if text.is_empty() {
                return if key.optional {
                    Ok(Value::Text(String::new()))
                } else {
                    Err("must not be empty".to_owned())
                };
            }
            match key.kind {
                Kind::Url(protocol) => url::check(protocol, text).map(|url| Value::Text(url.to_owned())),
                Kind::Address if !is_address(text) => Err(wanted()),
                _ => Ok(Value::Text(text.to_owned())),
            }
        }
        _ => Err(wanted()),
    }
}

/// Reads a number. The error is `None` when it is no number at all, which the caller words.
fn number(unit: Unit, text: &str, least: &str, most: &str) -> Result<Value, Option<String>> {
    let value = scaled(unit, text)?;
    let bound = |text| {
        scaled(unit, text).expect("the schema's bounds are numbers of its own units; a test reads them all")
    };
    if value < bound(least) || value > bound(most) {
        return Err(Some(format!("must lie between {least} and {most}")));
    }
    let unsigned = u64::try_from(value).map_err(|_| None)?;
    // Spans are read in millionths of their unit, so a second's millionth is a microsecond and the rest follows.
    let micros = |seconds: u64| Value::Span(Duration::from_micros(unsigned.saturating_mul(seconds)));
    let raw = || i64::try_from(value).map_err(|_| None);
    Ok(match unit {
        Unit::Price => Value::Price(Price::from_raw(raw()?)),
        Unit::Ratio | Unit::Multiple => Value::Ratio(Ratio::from_raw(raw()?)),
        Unit::Money => Value::Money(Money::from_raw(raw()?)),
        Unit::Quantity => Value::Quantity(Quantity::from_raw(raw()?)),
        Unit::Count => Value::Count(unsigned),
        Unit::Hours => micros(3_600),
        Unit::Minutes => micros(60),
        Unit::Seconds => micros(1),
        Unit::Milliseconds if unsigned % 1_000 == 0 => Value::Span(Duration::from_micros(unsigned / 1_000)),
        Unit::Milliseconds => return Err(Some("is finer than a microsecond".to_owned())),
    })
}

/// The number in the smallest step of its unit: ones, hundredths of a contract, or millionths.
fn scaled(unit: Unit, text: &str) -> Result<i128, Option<String>> {
    if unit == Unit::Count {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        return if digits { text.parse().map_err(|_| None) } else { Err(None) };
    }
    let (raw, decimals) = match unit {
        Unit::Quantity => (text.parse::<Quantity>().map(Quantity::raw), 2),
        _ => (text.parse::<Ratio>().map(Ratio::raw), 6),
    };
    let is_decimal = || {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        [whole.strip_prefix('-').unwrap_or(whole), fraction]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    raw.map(i128::from).map_err(|_| {
        let too_fine = is_decimal()
            && text.split_once('.').is_some_and(|(_, f)| f.trim_end_matches('0').len() > decimals);
        too_fine.then(|| format!("has more than {decimals} decimals"))
    })
}

fn categories<'a>(names: impl Iterator<Item = &'a str>) -> Result<Value, String> {
    let names: Vec<String> = names.map(|name| name.trim().to_owned()).collect();
    if names.is_empty() || names.iter().any(String::is_empty) {
        return Err("must name at least one category, or \"all\"".to_owned());
    }
    if names.len() > 1 && names.iter().any(|name| name.eq_ignore_ascii_case("all")) {
        return Err("names \"all\" beside others; \"all\" stands alone".to_owned());
    }
    Ok(Value::List(names))
}

/// Enough to catch a password or a host in the wrong place; the mail server is the judge of the rest.
fn is_address(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && text
            .split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'))
}

impl Value {
    /// The text that would set the key to this value, as an override takes it; secrets say only whether they are
    /// set.
    pub(super) fn text(&self, kind: Kind) -> String {
        match self {
            Self::Price(price) => format!("{price:.2}"),
            Self::Ratio(ratio) => format!("{ratio:.0}"),
            Self::Money(money) => format!("{money:.0}"),
            Self::Quantity(quantity) => format!("{quantity:.0}"),
            Self::Count(count) => count.to_string(),
            Self::Span(span) => {
                let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
                let millionths = match kind {
                    Kind::Number { unit: Unit::Hours, .. } => micros / 3_600,
                    Kind::Number { unit: Unit::Minutes, .. } => micros / 60,
                    Kind::Number { unit: Unit::Milliseconds, .. } => micros.saturating_mul(1_000),
                    _ => micros,
                };
                format!("{:.0}", Ratio::from_raw(millionths))
            }
            Self::Bool(value) => value.to_string(),
            Self::Choice(word) => (*word).to_owned(),
            Self::Text(text) => text.clone(),
            Self::List(names) => names.join(", "),
            Self::Secret(_) if self.is_empty() => "(not set)".to_owned(),
            Self::Secret(_) => "(set)".to_owned(),
        }
    }

    /// Whether it is a text or secret without content.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Secret(secret) => secret.expose_secret().is_empty(),
            _ => false,
        }
    }
}

/// A type that a field of the settings has.
pub(super) trait Typed: Sized {
    /// The value as this type; `None` when the schema declares its key as another kind.
    fn from_value(value: &Value) -> Option<Self>;
}

macro_rules! typed {
    ($($type:ty: $pattern:pat => $made:expr;)*) => {$(
        impl Typed for $type {
            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    $pattern => $made,
                    _ => None,
                }
            }
        }
    )*};
}

typed! {
    Price: Value::Price(price) => Some(*price);
    Ratio: Value::Ratio(ratio) => Some(*ratio);
    Money: Value::Money(money) => Some(*money);
    Quantity: Value::Quantity(quantity) => Some(*quantity);
    u64: Value::Count(count) => Some(*count);
    u32: Value::Count(count) => u32::try_from(*count).ok();
    u16: Value::Count(count) => u16::try_from(*count).ok();
    Duration: Value::Span(span) => Some(*span);
    bool: Value::Bool(value) => Some(*value);
    String: Value::Text(text) => Some(text.clone());
    Option<PathBuf>: Value::Text(text) => Some((!text.is_empty()).then(|| PathBuf::from(text)));
    Vec<String>: Value::List(names) => Some(names.clone());
    SecretString: Value::Secret(secret) => Some(secret.clone());
    EntryStyle: Value::Choice(word) => match *word {
        "taker" => Some(Self::Taker),
        "maker" => Some(Self::Maker),
        _ => None,
    };
    TakeProfitStyle: Value::Choice(word) => match *word {
        "taker" => Some(Self::Taker),
        "maker" => Some(Self::Maker),
        _ => None,
    };
    tracing::Level: Value::Choice(word) => word.parse().ok();
    LogFormat: Value::Choice(word) => match *word {
        "auto" => Some(Self::Auto),
        "json" => Some(Self::Json),
        "pretty" => Some(Self::Pretty),
        _ => None,
    };
    AlertLevel: Value::Choice(word) => match *word {
        "INFO" => Some(Self::Info),
        "WARNING" => Some(Self::Warning),
        "CRITICAL" => Some(Self::Critical),
        _ => None,
    };
    MailSecurity: Value::Choice(word) => match *word {
        "starttls" => Some(Self::StartTls),
        "tls" => Some(Self::Tls),
        "none" => Some(Self::None),
        _ => None,
    };
    LogDestination: Value::Choice(word) => match *word {
        "stderr" => Some(Self::Stderr),
        "stdout" => Some(Self::Stdout),
        _ => None,
    };
    LogRotation: Value::Choice(word) => match *word {
        "daily" => Some(Self::Daily),
        "hourly" => Some(Self::Hourly),
        "never" => Some(Self::Never),
        _ => None,
    };
}
