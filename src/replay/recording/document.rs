//! One JSON document whose top-level `frames` array holds the frames. It is cut into elements as it is read, so a
//! long one needs no more memory than a short one, and one that breaks off is played up to there.

use super::reader::LONGEST_LINE;
use std::io::{self, BufRead, ErrorKind};

/// The key of the array, with its quotes.
const KEY: &[u8] = b"\"frames\"";

/// Where the cutting stands.
#[derive(Debug, Default)]
pub(super) struct Elements {
    inside: bool,
    ended: bool,
}

impl Elements {
    /// Puts the next element into `element`, without the whitespace between its words. Returns whether there was
    /// one.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedEof`] when the document breaks off, [`ErrorKind::InvalidData`] when an element is too
    /// long, and what reading says.
    pub(super) fn next(&mut self, input: &mut dyn BufRead, element: &mut Vec<u8>) -> io::Result<bool> {
        element.clear();
        if !self.inside {
            self.inside = true;
            self.ended = !enter(input)?;
        }
        let mut strings = Strings::default();
        let mut depth = 0_u32;
        while !self.ended {
            let byte = take_byte(input)?.ok_or_else(cut_off)?;
            if !strings.holds(byte) {
                match byte {
                    b' ' | b'\t' | b'\r' | b'\n' => continue,
                    b'{' | b'[' => depth += 1,
                    b']' if depth == 0 => {
                        self.ended = true;
                        break;
                    }
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    b',' if depth == 0 => {
                        if element.is_empty() {
                            continue;
                        }
                        return Ok(true);
                    }
                    _ => {}
                }
            }
            if element.len() == LONGEST_LINE {
                return Err(io::Error::new(ErrorKind::InvalidData, "an element is longer than 1 MiB"));
            }
            element.push(byte);
        }
        Ok(!element.is_empty())
    }
}

/// Reads up to the bracket that opens the array, which must come within the length of a line. Returns whether there
/// is one.
fn enter(input: &mut dyn BufRead) -> io::Result<bool> {
    let mut strings = Strings::default();
    let mut depth = 0_u32;
    let mut word = Vec::with_capacity(KEY.len() + 1);
    let mut at_key = false;
    for _ in 0..LONGEST_LINE {
        let Some(byte) = take_byte(input)? else {
            return if depth == 0 { Ok(false) } else { Err(cut_off()) };
        };
        let opens = byte == b'"' && !strings.open;
        if strings.holds(byte) {
            if opens {
                word.clear();
            }
            if word.len() <= KEY.len() {
                word.push(byte);
            }
            continue;
        }
        match byte {
            b'[' if at_key => return Ok(true),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at_key = match byte {
            b':' => depth == 1 && word == KEY,
            _ => at_key && byte.is_ascii_whitespace(),
        };
    }
    Ok(false)
}

/// Follows which bytes stand within a JSON string.
#[derive(Debug, Default)]
struct Strings {
    open: bool,
    escaped: bool,
}

impl Strings {
    /// Takes the next byte; whether it belongs to a string, quotes included.
    fn holds(&mut self, byte: u8) -> bool {
        let was_open = self.open;
        if self.escaped {
            self.escaped = false;
        } else if byte == b'"' {
            self.open = !self.open;
        } else {
            self.escaped = self.open && byte == b'\\';
        }
        was_open || self.open
    }
}

fn take_byte(input: &mut dyn BufRead) -> io::Result<Option<u8>> {
    let byte = input.fill_buf()?.first().copied();
    if byte.is_some() {
        input.consume(1);
    }
    Ok(byte)
}

fn cut_off() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "the document isn't closed")
}
