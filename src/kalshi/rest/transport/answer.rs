//! What an answer means: done, refused, or not to be told.

use crate::kalshi::error::{ApiError, Refusal};
use crate::kalshi::model::ExchangeStatus;
use reqwest::header::HeaderValue;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Longest text that is taken over from an error's body.
const LONGEST_TEXT: usize = 300;

/// An answer as it came.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: Option<HeaderValue>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The body of a request that was carried out.
    pub(super) fn judge(self, host: &str, what: &str, takes_outage: bool) -> Result<Vec<u8>, ApiError> {
        match self.status {
            200..=299 => Ok(self.body),
            500 | 503 | 504 if takes_outage && says_status(&self.body) => Ok(self.body),
            401 | 403 => Err(ApiError::Credentials(refusal(self.status, &self.body))),
            429 => Err(ApiError::RateLimited),
            // Somebody on the way gave up waiting; the exchange may have got it.
            408 | 500.. => Err(ApiError::NoAnswer {
                host: host.to_owned(),
                cause: refusal(self.status, &self.body).to_string(),
            }),
            400..=499 => Err(ApiError::Refused(refusal(self.status, &self.body))),
            status => {
                let to = self.location.as_ref().and_then(|to| to.to_str().ok()).unwrap_or("nowhere");
                let problem = format!("status {status}, which points to {}, and isn't followed", plain(to));
                Err(ApiError::Unreadable { what: what.to_owned(), problem })
            }
        }
    }
}

/// Reads the body of a request that was carried out.
pub(super) fn parse<T: DeserializeOwned>(what: &str, body: &[u8]) -> Result<T, ApiError> {
    let unreadable = |problem| ApiError::Unreadable { what: what.to_owned(), problem };
    if body.is_empty() {
        return Err(unreadable("it is empty".to_owned()));
    }
    serde_json::from_slice(body).map_err(|error| unreadable(plain(&error.to_string())))
}

fn says_status(body: &[u8]) -> bool {
    serde_json::from_slice::<ExchangeStatus>(body).is_ok()
}

/// Reads the four shapes of error bodies, and what a proxy may send instead.
fn refusal(status: u16, body: &[u8]) -> Refusal {
    let mut refusal = Refusal { status, code: String::new(), message: String::new(), details: String::new() };
    let Ok(Value::Object(outer)) = serde_json::from_slice(body) else {
        refusal.message = prose(body);
        return refusal;
    };
    let inner = match outer.get("error") {
        Some(Value::Object(inner)) => inner,
        Some(Value::String(text)) => {
            refusal.message = plain(text);
            &outer
        }
        _ => &outer,
    };
    let text = |name| match inner.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(plain(text)),
        Some(other) => Some(plain(&other.to_string())),
    };
    refusal.code = text("code").unwrap_or_default().to_ascii_lowercase();
    if let Some(message) = text("message").or_else(|| text("msg")) {
        refusal.message = message;
    }
    refusal.details = text("details").unwrap_or_default();
    refusal
}

/// What a body that isn't the exchange's own says.
fn prose(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let begin = text.get(..15).unwrap_or(text).to_ascii_lowercase();
    if !begin.starts_with("<html") && !begin.starts_with("<!doctype") {
        return plain(text);
    }
    let lower = text.to_ascii_lowercase();
    let title = lower
        .find("<title>")
        .and_then(|start| text.get(start + "<title>".len()..))
        .and_then(|rest| rest.split('<').next());
    title.map_or_else(|| "a web page".to_owned(), |title| format!("a web page: {}", plain(title)))
}

/// On one line, without what a terminal would act on, and not too long.
fn plain(text: &str) -> String {
    let clean = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let text: String = clean.take(LONGEST_TEXT).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> (String, String, String) {
        let Refusal { status, code, message, details } = refusal(400, body.as_bytes());
        assert_eq!(status, 400);
        (code, message, details)
    }

    fn texts(code: &str, message: &str, details: &str) -> (String, String, String) {
        (code.to_owned(), message.to_owned(), details.to_owned())
    }

    #[test]
    fn every_shape_of_error_body_is_read() {
        assert_eq!(
            of(r#"{"error":{"code":"Invalid_Price","message":"off grid","details":"0.3750"}}"#),
            texts("invalid_price", "off grid", "0.3750")
        );
        assert_eq!(
            of(r#"{"code":"BAD_REQUEST","message":"no","details":null}"#),
            texts("bad_request", "no", "")
        );
        assert_eq!(of(r#"{"error":"too many requests"}"#), texts("", "too many requests", ""));
        assert_eq!(of(r#"{"msg":"gone"}"#), texts("", "gone", ""));
        assert_eq!(of(r#"{"error":{"code":7,"details":{"a":1}}}"#), texts("7", "", r#"{"a":1}"#));
    }

    #[derive(serde::Deserialize)]
    struct RecordedError {
        status: u16,
        body: String,
    }

    #[test]
    fn recorded_error_bodies_are_told_apart() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/rest/error_bodies.jsonl");
        let Ok(lines) = std::fs::read_to_string(path) else {
            println!("skipped: no recorded errors at {path}");
            return;
        };
        let recorded: Vec<RecordedError> =
            lines.lines().map(|line| serde_json::from_str(line).expect("sound")).collect();
        assert_eq!(recorded.len(), 8);
        for RecordedError { status, body } in recorded {
            let expected = match status {
                400 => ("insufficient_balance", "insufficient balance"),
                404 => ("not_found", "not found"),
                429 => ("too_many_requests", "too many requests"),
                _ => ("", "a web page"),
            };
            let said = refusal(status, body.as_bytes());
            assert_eq!((said.code.as_str(), said.message.as_str()), expected, "{status} {body}");
        }
    }

    #[test]
    fn what_is_no_error_body_is_read_as_far_as_it_goes() {
        assert_eq!(of(""), texts("", "", ""));
        assert_eq!(of("[]"), texts("", "[]", ""));
        assert_eq!(of("<html>"), texts("", "a web page", ""));
        let page = "<!DOCTYPE html>\n<HTML><head><Title>502 Bad\nGateway</title></head></html>";
        assert_eq!(of(page), texts("", "a web page: 502 Bad Gateway", ""));
        assert_eq!(of("upstream \u{1b}[31mfailed"), texts("", "upstream  [31mfailed", ""));
        assert_eq!(of(&"x".repeat(5_000)).1.len(), LONGEST_TEXT);
    }
}
