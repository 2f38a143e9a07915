//! What is wrong with a frame and where.

use std::fmt;

/// How much of a frame an error quotes, in bytes.
const QUOTED: usize = 80;
/// How much of that lies before the fault.
const QUOTED_BEFORE: usize = 40;

/// What kind of fault a frame has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It isn't JSON, or it is cut off.
    Syntax,
    /// It is JSON, but not the message it says it is.
    Shape,
}

/// A frame that can't be read: what is wrong, at which byte, and the text around it. Frames can be large and come
/// from outside, so only a bounded piece is quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} can't be read: {problem}, at byte {at} near {near}")]
pub struct DecodeError {
    fault: Fault,
    what: Box<str>,
    problem: Box<str>,
    at: usize,
    near: Quote,
}

/// A piece of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Quote(Box<str>);

impl fmt::Display for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("the end of an empty frame") } else { write!(f, "{:?}", self.0) }
    }
}

impl DecodeError {
    /// What kind of fault it is.
    pub const fn fault(&self) -> Fault {
        self.fault
    }

    /// The byte of the frame at which it was noticed.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// A message of type `what` that lacks or contradicts something, noticed at byte `at` of the frame.
    pub(super) fn shape(frame: &[u8], what: &str, at: usize, problem: impl fmt::Display) -> Self {
        Self::new(Fault::Shape, frame, what, at, &problem.to_string())
    }

    /// A message of type `what` that reads well but says what can't be.
    #[cold]
    pub(crate) fn refused(frame: &[u8], what: &str, problem: impl fmt::Display) -> Self {
        Self::shape(frame, what, 0, problem)
    }

    /// What `serde_json` found in `part`, which begins at byte `start` of the frame.
    pub(super) fn json(
        frame: &[u8],
        what: &str,
        part: &[u8],
        start: usize,
        error: &serde_json::Error,
    ) -> Self {
        let fault = if error.is_data() { Fault::Shape } else { Fault::Syntax };
        let before: usize = part
            .split_inclusive(|byte| *byte == b'\n')
            .take(error.line().saturating_sub(1))
            .map(<[u8]>::len)
            .sum();
        let at = (start + before + error.column().saturating_sub(1)).min(frame.len());
        let text = error.to_string();
        let problem = text.rsplit_once(" at line ").map_or(text.as_str(), |(problem, _)| problem);
        Self::new(fault, frame, what, at, problem)
    }

    fn new(fault: Fault, frame: &[u8], what: &str, at: usize, problem: &str) -> Self {
        let from = at.min(frame.len()).saturating_sub(QUOTED_BEFORE);
        let piece = &frame[from..frame.len().min(from + QUOTED)];
        let near = Quote(String::from_utf8_lossy(piece).into());
        Self { fault, what: bounded(what), problem: bounded(problem), at, near }
    }
}

/// `serde` quotes what it can't use, whatever its length.
fn bounded(text: &str) -> Box<str> {
    const LONGEST: usize = 200;
    text.char_indices().nth(LONGEST).map_or(text.into(), |(end, _)| format!("{}…", &text[..end]).into())
}
