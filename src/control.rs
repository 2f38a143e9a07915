//! How a running bot is asked and told: JSON lines over a Unix socket in its state folder.
//!
//! The bot keeps a [`Listener`] on `control.sock`; commands such as `status` or `halt` use [`ask`]. One connection
//! carries one request and one reply, a line each, with the protocol's version in front. Only the owner of the state
//! folder can open the socket, and nobody reaches it over a network. The listener hands requests to the loop that owns
//! the engine, which answers when it has carried them out; nothing here decides anything.

mod ask;
mod listener;
mod protocol;

pub use ask::ask;
pub use listener::{Answer, Listener};
pub use protocol::{
    ClearedHalt, Gate, GateVerdict, HaltCause, HeldPosition, MarketWhy, Proposal, Reconciled, Refusal, Reply,
    Request, StageTimes, Status, Why, WorkingOrder,
};

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The socket's name inside the state folder.
const SOCKET: &str = "control.sock";
/// The protocol's version. One that differs is refused by both sides.
const VERSION: u32 = 1;
/// Longest path of a Unix socket, in bytes: the system's 108 less the closing zero.
const LONGEST_PATH: usize = 107;
/// Longest request, in bytes.
const LONGEST_REQUEST: u64 = 64 * 1024;
/// Longest reply, in bytes.
const LONGEST_REPLY: u64 = 16 * 1024 * 1024;
/// How long a request may take to arrive, and a reply to be taken off.
const LINE_WAIT: Duration = Duration::from_secs(5);
/// How long the bot has to answer.
const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// Why a bot can't be asked, or can't be reached by those who ask.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nobody listens in this folder.
    #[error("no bot is running with the state folder {folder}")]
    NotRunning {
        /// The folder.
        folder: PathBuf,
    },
    /// Another bot listens already.
    #[error("{path}: another bot listens there. Stop it, or give this one a state folder of its own")]
    AlreadyRunning {
        /// The socket.
        path: PathBuf,
    },
    /// Something else is in the way.
    #[error("{path}: isn't a socket. Move it away, or give another state folder")]
    NotASocket {
        /// What is in the way.
        path: PathBuf,
    },
    /// The system takes no socket path of this length.
    #[error(
        "{path}: is {length} bytes long and the path of a socket may have {LONGEST_PATH}. Give a state folder with a \
         shorter path, or a short link to it"
    )]
    PathTooLong {
        /// The socket's path.
        path: PathBuf,
        /// Its length.
        length: usize,
    },
    /// The bot took the request and did not answer in time. It may still carry it out.
    #[error("{path}: the bot did not answer within {} s; ask for its status before asking again", .waited.as_secs())]
    NoAnswer {
        /// The socket.
        path: PathBuf,
        /// How long.
        waited: Duration,
    },
    /// What came isn't of this protocol.
    #[error("{path}: the answer makes no sense: {problem}. Use the program that the bot was started with")]
    Unreadable {
        /// The socket.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The socket can't be used.
    #[error("{path}: {cause}. Check that the state folder belongs to this user")]
    Unusable {
        /// The socket or its folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// The socket of a state folder.
fn socket(folder: &Path) -> Result<PathBuf, ControlError> {
    let path = folder.join(SOCKET);
    match path.as_os_str().len() {
        length if length > LONGEST_PATH => Err(ControlError::PathTooLong { path, length }),
        _ => Ok(path),
    }
}

#[cfg(test)]
mod tests;
