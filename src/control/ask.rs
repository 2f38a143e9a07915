//! Asking a running bot, for commands: connects, asks, waits for the reply.

use super::protocol::{ReplyLine, RequestLine};
use super::{ANSWER_WAIT, ControlError, LINE_WAIT, LONGEST_REPLY, Reply, Request, VERSION, socket};
use serde_json::value::RawValue;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// Asks the bot that keeps its state in this folder. Blocks until it answers, for 15 seconds at most.
///
/// # Errors
/// [`ControlError::NotRunning`] when nobody listens, and whatever keeps the reply from coming.
pub fn ask(folder: &Path, request: &Request) -> Result<Reply, ControlError> {
    let path = socket(folder)?;
    let stream = UnixStream::connect(&path).map_err(|cause| match cause.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
            ControlError::NotRunning { folder: folder.to_owned() }
        }
        _ => ControlError::Unusable { path: path.clone(), cause },
    })?;
    let line = exchange(&stream, request).map_err(|cause| unanswered(path.clone(), cause))?;
    read(&line).map_err(|problem| ControlError::Unreadable { path, problem })
}

fn exchange(mut stream: &UnixStream, request: &Request) -> io::Result<Vec<u8>> {
    stream.set_write_timeout(Some(LINE_WAIT))?;
    stream.set_read_timeout(Some(ANSWER_WAIT + LINE_WAIT))?;
    let mut line = serde_json::to_vec(&RequestLine { version: VERSION, request })?;
    line.push(b'\n');
    stream.write_all(&line)?;
    line.clear();
    BufReader::new(stream.take(LONGEST_REPLY)).read_until(b'\n', &mut line)?;
    Ok(line)
}

fn unanswered(path: PathBuf, cause: io::Error) -> ControlError {
    match cause.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            ControlError::NoAnswer { path, waited: ANSWER_WAIT + LINE_WAIT }
        }
        _ => ControlError::Unusable { path, cause },
    }
}

/// The reply in a line, or what is wrong with it.
fn read(line: &[u8]) -> Result<Reply, String> {
    if line.is_empty() {
        return Err("the bot closed the connection without a word".to_owned());
    }
    let envelope: ReplyLine<&RawValue> = serde_json::from_slice(line).map_err(|fault| fault.to_string())?;
    if envelope.version != VERSION {
        return Err(format!("it speaks version {}, this program speaks {VERSION}", envelope.version));
    }
    serde_json::from_str(envelope.reply.get()).map_err(|fault| fault.to_string())
}
