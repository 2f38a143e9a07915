//! A running bot that is going to be killed.

use kalshi_bot::units::Timestamp;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What the log says once what an earlier run left is booked and compared.
const RECOVERED: &str = "the account is the one that was left";
/// What it says once the bot is about to trade.
const UP: &str = "the bot is up";
/// Lines of the log that are kept to be shown.
const KEPT_LINES: usize = 40;

/// How far a bot had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// It has not opened its control socket.
    Start,
    /// What an earlier run left is taken off, booked and compared.
    Recovery,
    /// The markets are loaded.
    Markets,
    /// It trades, and no order is on its way.
    Idle,
    /// An order has reached the exchange, and its answer may not have come back.
    OrderInFlight,
}

/// When what was said.
#[derive(Debug, Default)]
struct Said {
    recovered: OnceLock<Instant>,
    up: OnceLock<Instant>,
    last: Mutex<VecDeque<String>>,
}

/// The process.
#[derive(Debug)]
pub(super) struct Victim {
    child: Child,
    spawned: Instant,
    socket: PathBuf,
    socket_before: Option<(u64, i64, i64)>,
    said: Arc<Said>,
    reader: Option<JoinHandle<()>>,
}

impl Victim {
    pub(super) fn start(mut command: Command, folder: &Path) -> Self {
        let socket = folder.join("control.sock");
        let socket_before = identity(&socket);
        let spawned = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let said = Arc::new(Said::default());
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let heard = Arc::clone(&said);
        let reader = std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if line.contains(RECOVERED) {
                    heard.recovered.get_or_init(Instant::now);
                } else if line.contains(UP) {
                    heard.up.get_or_init(Instant::now);
                }
                let mut last = heard.last.lock().expect("no panic while it is held");
                if last.len() == KEPT_LINES {
                    last.pop_front();
                }
                last.push_back(line);
            }
        });
        Self { child, spawned, socket, socket_before, said, reader: Some(reader) }
    }

    /// Time from the start until it was up, once it is.
    pub(super) fn came_up(&self) -> Option<Duration> {
        self.said.up.get().map(|up| up.duration_since(self.spawned))
    }

    pub(super) fn age(&self) -> Duration {
        self.spawned.elapsed()
    }

    pub(super) fn phase(&self) -> Phase {
        if self.said.up.get().is_some() {
            Phase::Idle
        } else if self.said.recovered.get().is_some() {
            Phase::Markets
        } else if identity(&self.socket).is_some_and(|now| Some(now) != self.socket_before) {
            Phase::Recovery
        } else {
            Phase::Start
        }
    }

    /// Waits until it is up.
    pub(super) fn wait_up(&mut self, patience: Duration) -> Duration {
        loop {
            if let Some(took) = self.came_up() {
                return took;
            }
            self.assert_alive();
            assert!(self.age() < patience, "it isn't up after {patience:?}:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// A bot ends when it is told to and not before.
    pub(super) fn assert_alive(&mut self) {
        if let Some(status) = self.child.try_wait().expect("a child") {
            self.read_to_the_end();
            panic!("it ended by itself, {status}:\n{}", self.log());
        }
    }

    /// Kills it; returns when.
    pub(super) fn kill(mut self) -> Timestamp {
        self.assert_alive();
        let at = jiff::Timestamp::now();
        self.child.kill().expect("a child");
        self.child.wait().expect("a child");
        self.read_to_the_end();
        Timestamp::from_micros(at.as_microsecond())
    }

    /// Tells it to end; it has to say that all went well.
    pub(super) fn end(mut self) {
        super::sim::signal(&self.child, "TERM");
        let code = super::sim::wait(&mut self.child, Duration::from_secs(20));
        if code.is_none() {
            self.child.kill().expect("a child");
        }
        self.read_to_the_end();
        assert_eq!(code, Some(0), "how it ended:\n{}", self.log());
    }

    fn read_to_the_end(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader doesn't panic");
        }
    }

    /// The last lines of its log.
    pub(super) fn log(&self) -> String {
        let last = self.said.last.lock().expect("no panic while it is held");
        last.iter().cloned().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // It has ended already, other than when a check failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Which file it is, so that one that was made anew is told from the one before.
fn identity(path: &Path) -> Option<(u64, i64, i64)> {
    let metadata = std::fs::symlink_metadata(path).ok()?;
    Some((metadata.ino(), metadata.ctime(), metadata.ctime_nsec()))
}
