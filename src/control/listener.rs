//! The bot's end of the socket.
//!
//! Every connection is a task of its own that reads one request, hands it over and writes the reply, each within a
//! time limit: a caller that is slow, garbled or gone costs the bot nothing. The socket is put in place under another
//! name and moved, so that it is never there with the wrong mode, and what a killed process left is replaced.

use super::protocol::{ReplyLine, RequestLine};
use super::{ANSWER_WAIT, ControlError, LINE_WAIT, LONGEST_REQUEST, Reply, Request, VERSION, socket};
use serde_json::value::RawValue;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Requests that wait for the bot before further ones wait in the socket.
const WAITING_REQUESTS: usize = 16;
/// How long to wait before accepting again after the system refused.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// The name under which the socket is made; no longer than its own.
const FRESH: &str = "control.new";

/// Takes requests for a running bot. Dropping it takes the socket away.
#[derive(Debug)]
pub struct Listener {
    inbox: mpsc::Receiver<(Request, Answer)>,
    accepting: JoinHandle<()>,
    /// Closes when the last conversation is over.
    conversations: mpsc::Receiver<()>,
    path: PathBuf,
}

/// Where the reply to one request goes. Dropping it tells the caller that the bot can't answer.
#[derive(Debug)]
pub struct Answer {
    reply: oneshot::Sender<Reply>,
}

impl Answer {
    /// Answers. A caller that has gone is no fault.
    pub fn send(self, reply: Reply) {
        let _ = self.reply.send(reply);
    }
}

impl Listener {
    /// Listens in this state folder, which the caller holds for itself. Has to be called inside a Tokio runtime.
    ///
    /// # Errors
    /// [`ControlError`] when another bot listens there, and when the socket can't be made.
    pub fn bind(folder: &Path) -> Result<Self, ControlError> {
        let path = socket(folder)?;
        clear(&path)?;
        let listener =
            listen(folder, &path).map_err(|cause| ControlError::Unusable { path: path.clone(), cause })?;
        let (requests, inbox) = mpsc::channel(WAITING_REQUESTS);
        let (talking, conversations) = mpsc::channel(1);
        let accepting = tokio::spawn(accept(listener, requests, talking));
        Ok(Self { inbox, accepting, conversations, path })
    }

    /// The next request. Safe to abandon and to call again.
    pub async fn next(&mut self) -> (Request, Answer) {
        match self.inbox.recv().await {
            Some(request) => request,
            // The task that accepts holds the other end until this is dropped.
            None => std::future::pending().await,
        }
    }

    /// Takes no more requests and waits until the replies that were given are on their way, so that a bot that is
    /// asked to stop is heard.
    pub async fn close(mut self) {
        self.accepting.abort();
        self.inbox.close();
        while self.inbox.try_recv().is_ok() {}
        let _ = timeout(LINE_WAIT, self.conversations.recv()).await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.accepting.abort();
        let _ = fs::remove_file(&self.path);
    }
}

/// Makes sure that nobody listens there. What a dead process left is no hindrance: the new socket replaces it.
fn clear(path: &Path) -> Result<(), ControlError> {
    let unusable = |cause| ControlError::Unusable { path: path.to_owned(), cause };
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(ControlError::NotASocket { path: path.to_owned() });
        }
        Ok(_) => {}
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(unusable(cause)),
    }
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => Err(ControlError::AlreadyRunning { path: path.to_owned() }),
        Err(cause) if cause.kind() == ErrorKind::ConnectionRefused => Ok(()),
        Err(cause) => Err(unusable(cause)),
    }
}

fn listen(folder: &Path, path: &Path) -> io::Result<UnixListener> {
    let fresh = folder.join(FRESH);
    match fs::remove_file(&fresh) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    let listener = UnixListener::bind(&fresh)?;
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o600))?;
    fs::rename(&fresh, path)?;
    Ok(listener)
}

async fn accept(
    listener: UnixListener,
    requests: mpsc::Sender<(Request, Answer)>,
    talking: mpsc::Sender<()>,
) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (requests, talking) = (requests.clone(), talking.clone());
                tokio::spawn(async move {
                    if let Err(fault) = converse(stream, requests).await {
                        tracing::debug!(error = %fault, "a caller on the control socket went away");
                    }
                    drop(talking);
                });
            }
            Err(fault) => {
                tracing::warn!(error = %fault, "the control socket takes no callers for now");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Reads a request, has it answered and writes the reply.
async fn converse(mut stream: UnixStream, requests: mpsc::Sender<(Request, Answer)>) -> io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut line = Vec::new();
    let mut reader = BufReader::new(reader.take(LONGEST_REQUEST));
    timeout(LINE_WAIT, reader.read_until(b'\n', &mut line)).await.map_err(|_| ErrorKind::TimedOut)??;
    if line.is_empty() {
        return Ok(());
    }
    let reply = match read(&line) {
        Ok(request) => answer(request, requests).await,
        Err(message) => Reply::Refused { message },
    };
    let mut line = serde_json::to_vec(&ReplyLine { version: VERSION, reply })?;
    line.push(b'\n');
    timeout(LINE_WAIT, writer.write_all(&line)).await.map_err(|_| ErrorKind::TimedOut)??;
    writer.shutdown().await
}

async fn answer(request: Request, requests: mpsc::Sender<(Request, Answer)>) -> Reply {
    let refused = |message: &str| Reply::Refused { message: message.to_owned() };
    let (reply, answered) = oneshot::channel();
    let asked = async {
        requests.send((request, Answer { reply })).await.ok()?;
        // Kept no longer than needed: the inbox is over when the last sender is gone.
        drop(requests);
        answered.await.ok()
    };
    match timeout(ANSWER_WAIT, asked).await {
        Ok(Some(reply)) => reply,
        Ok(None) => refused("the bot is ending and takes no more requests"),
        Err(_) => refused("the bot took the request and did not answer in time; ask for its status"),
    }
}

/// The request in a line, or what is wrong with it.
fn read(line: &[u8]) -> Result<Request, String> {
    if !line.ends_with(b"\n") {
        return Err(format!("a request is one line of at most {LONGEST_REQUEST} bytes"));
    }
    let unreadable = |fault: serde_json::Error| format!("the request makes no sense: {fault}");
    let envelope: RequestLine<&RawValue> = serde_json::from_slice(line).map_err(unreadable)?;
    if envelope.version != VERSION {
        let version = envelope.version;
        return Err(format!(
            "this bot speaks version {VERSION} of the protocol, the request is of version {version}"
        ));
    }
    serde_json::from_str(envelope.request.get()).map_err(unreadable)
}
