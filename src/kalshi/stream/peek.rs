//! A look at a frame's first bytes. Whoever reads the stream decodes its frames; here only the exchange's answers
//! matter, and those are few. A busy feed must not be decoded twice.

use memchr::memmem;

/// How far into a frame the envelope's numbers are looked for.
const HEAD: usize = 160;

/// Whether a frame may be an answer to a command: `subscribed`, `ok`, `unsubscribed` or `error`. A frame that doesn't
/// begin with its type may be anything.
pub(super) fn may_answer(frame: &str) -> bool {
    let Some(kind) = frame.strip_prefix("{\"type\":\"") else { return true };
    ["subscribed\"", "ok\"", "unsubscribed\"", "error\""].iter().any(|word| kind.starts_with(word))
}

/// Whether a frame is a book.
pub(super) fn is_snapshot(frame: &str) -> bool {
    frame.starts_with("{\"type\":\"orderbook_snapshot\"")
}

/// The numbers before the payload: the command that is answered, and the subscription.
pub(super) fn numbers(frame: &str) -> (Option<u64>, Option<u32>) {
    let head = &frame.as_bytes()[..frame.len().min(HEAD)];
    let head = &head[..memmem::find(head, b"\"msg\"").unwrap_or(head.len())];
    let sid = number(head, b"\"sid\":").and_then(|sid| u32::try_from(sid).ok());
    (number(head, b"\"id\":"), sid)
}

fn number(head: &[u8], name: &[u8]) -> Option<u64> {
    let after = &head[memmem::find(head, name)? + name.len()..];
    let after = after.trim_ascii_start();
    let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&after[..digits]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answers_are_worth_decoding() {
        for answer in [
            r#"{"type":"subscribed","id":1,"msg":{"channel":"trade","sid":1}}"#,
            r#"{"type":"ok","id":2,"sid":1,"seq":9}"#,
            r#"{"id":4,"type":"error","msg":{"code":8,"msg":"Unknown channel"}}"#,
            r#"{"sid":4,"type":"unsubscribed"}"#,
        ] {
            assert!(may_answer(answer), "{answer}");
        }
        for kind in ["orderbook_delta", "orderbook_snapshot", "trade", "ticker", "fill", "okay", "user_order"]
        {
            assert!(!may_answer(&format!("{{\"type\":\"{kind}\",\"sid\":1}}")), "{kind}");
        }
    }

    #[test]
    fn numbers_are_read_before_the_payload_alone() {
        let frame = r#"{"type":"orderbook_snapshot","id": 31,"sid":2,"seq":7,"msg":{"id":5}}"#;
        assert!(is_snapshot(frame));
        assert_eq!(numbers(frame), (Some(31), Some(2)));
        let unasked = r#"{"type":"orderbook_snapshot","seq":7,"msg":{"id":5,"sid":9}}"#;
        assert_eq!(numbers(unasked), (None, None));
        assert_eq!(numbers(r#"{"type":"ok","id":,"sid":99999999999999999999}"#), (None, None));
    }
}
