//! Log lines: from an event of `tracing` to the console, to files and to the store, without anyone ever waiting.
//!
//! An event becomes one line (`line`), which is written as JSON once and handed on: to the console (`console`), to a file
//! (`file`) and to the queue of the store (`stored`). Each has a bounded queue and a thread of its own behind it (`sink`;
//! the store has its own): what a queue has no room for is dropped and counted, and the count is itself a line now and
//! then. Spans aren't used.
//!
//! [`Logs`] is the handle of all this. The front door installs one for the process; a run is given it to say which run
//! it is, and its store to take the lines out.

mod console;
mod file;
mod line;
mod sink;
mod stored;

pub use stored::StoredLine;

use crate::clock::wall_clock;
use crate::config::Logging;
use crate::telemetry::queue::Queue;
use crate::units::Timestamp;
use console::Console;
use file::Files;
use line::{Line, is_own};
use serde::{Deserialize, Serialize};
use sink::Sink;
use std::collections::VecDeque;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use stored::StoreQueue;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{FilterExt, Targets, filter_fn};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

/// The loggers of lines that tell of a record. The store writes such a line with its record, so it doesn't take it
/// from here.
const RECORDED: [&str; 3] = ["execution", "risk", "market"];
/// Warnings and errors that are kept to be asked for.
const MOST_RECENT: usize = 10;
/// How often dropped lines are told at most.
const TELL_DROPS_EVERY: Duration = Duration::from_secs(10);
/// How long lines that wait for a file may take to be written at the end.
const LAST_LINES: Duration = Duration::from_secs(1);

/// A warning or an error, as it is asked for later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentLine {
    /// When it was logged.
    pub time: Timestamp,
    /// `ERROR` or `WARN`.
    pub level: String,
    /// The module it comes from.
    pub logger: String,
    /// Message and fields, for people.
    pub text: String,
}

/// Everything that takes log lines. Clones are the same; the default one takes none.
#[derive(Debug, Clone, Default)]
pub struct Logs {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    wanted: Targets,
    console: Option<Console>,
    file: Option<Sink>,
    store: Option<StoreQueue>,
    run: OnceLock<String>,
    recent: Mutex<VecDeque<RecentLine>>,
    told: Told,
}

/// Dropped lines that were told of.
#[derive(Debug, Default)]
struct Told {
    console: AtomicU64,
    file: AtomicU64,
    store: AtomicU64,
    last: Mutex<Option<Instant>>,
}

impl Logs {
    /// For short commands: lines of `level` and above, plain, on standard error, at once.
    pub fn plain(level: LevelFilter) -> Self {
        let wanted = wanted(level);
        Self { shared: Arc::new(Shared { wanted, console: Some(Console::at_once()), ..Shared::default() }) }
    }

    /// For what runs long: as it is configured, and `raised` where that lets more through.
    ///
    /// # Errors
    /// Whatever keeps the log file from being opened.
    pub fn start(logging: &Logging, raised: LevelFilter) -> std::io::Result<Self> {
        let console = Console::queued(logging.destination, logging.format);
        Ok(Self {
            shared: Arc::new(Shared { console: Some(console), ..Shared::configured(logging, raised)? }),
        })
    }

    /// As [`Logs::start`], with a console of the caller's own, which gets JSON.
    ///
    /// # Errors
    /// Whatever keeps the log file from being opened.
    pub fn start_with(logging: &Logging, console: impl Write + Send + 'static) -> std::io::Result<Self> {
        let console = Some(Console::to(console));
        Ok(Self { shared: Arc::new(Shared { console, ..Shared::configured(logging, LevelFilter::OFF)? }) })
    }

    /// Makes this the log of the whole process. The first that is installed stays.
    pub fn install(&self) {
        // A second one would be a second front door in the same process.
        let _ = Registry::default().with(self.layer()).try_init();
    }

    /// What turns events into lines, for a subscriber.
    ///
    /// Other crates' finest details are left out whatever the configuration says: they show headers, which carry
    /// credentials.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let bounded = filter_fn(|metadata| *metadata.level() < Level::TRACE || is_own(metadata.target()));
        Taker { logs: self.clone() }.with_filter(self.shared.wanted.clone().and(bounded))
    }

    /// Says which run lines belong to from now on. A process has one run.
    pub fn begin_run(&self, id: &str) {
        let _ = self.shared.run.set(id.to_owned());
    }

    /// The lines that go to the store, for the first who asks.
    pub(crate) fn stored(&self) -> Option<StoredLines> {
        let inbox = self.shared.store.as_ref()?.begin()?;
        Some(StoredLines { inbox, logs: self.clone() })
    }

    /// Holds back what would go to a terminal, until [`Logs::release`]. Only warnings and errors are held; what goes
    /// well is seen in what owns the terminal.
    pub fn hold(&self) {
        if let Some(console) = &self.shared.console {
            console.hold();
        }
    }

    /// Gives out what was held back, and lets the next lines through.
    pub fn release(&self) {
        if let Some(console) = &self.shared.console {
            console.release();
        }
    }

    /// Tells of lines that were dropped and waits a moment until everything is written, so that what is printed next
    /// stands after it.
    pub fn flush(&self) {
        self.tell_drops();
        if let Some(console) = &self.shared.console {
            console.flush();
        }
        if let Some(file) = &self.shared.file {
            file.flush(LAST_LINES);
        }
    }

    /// Every queue, with what it dropped.
    pub fn queues(&self) -> Vec<Queue> {
        let Shared { console, file, store, .. } = &*self.shared;
        let console = console.as_ref().and_then(Console::queue);
        console
            .into_iter()
            .chain(file.as_ref().map(Sink::queue))
            .chain(store.as_ref().map(StoreQueue::queue))
            .collect()
    }

    /// The latest warnings and errors, oldest first.
    pub fn recent(&self) -> Vec<RecentLine> {
        self.shared.recent.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Makes a line of what was dropped since the last such line, if anything was.
    pub(crate) fn tell_drops(&self) {
        if let Some(line) = self.shared.drops() {
            self.shared.hand_on(line);
        }
    }
}

impl Shared {
    fn configured(logging: &Logging, raised: LevelFilter) -> std::io::Result<Self> {
        let level = LevelFilter::from_level(logging.level).max(raised);
        let modules = logging.modules.iter().map(|(module, level)| (module.clone(), *level));
        let open = |folder: &_| Files::open(folder, logging.rotation, logging.keep_files, wall_clock);
        let file = logging.file.as_deref().map(open).transpose()?;
        Ok(Self {
            wanted: wanted(level).with_targets(modules),
            file: file.map(|files| Sink::new("log_file", files)),
            store: Some(StoreQueue::new(logging.store_level)),
            ..Self::default()
        })
    }

    fn take(&self, line: Line) {
        if line.level <= Level::WARN {
            self.remember(&line);
        }
        self.hand_on(line);
        if self.untold() > 0 && self.is_time_to_tell() {
            // Counted from what is dropped now; the line itself may be dropped again, and is told with the next.
            if let Some(line) = self.drops() {
                self.hand_on(line);
            }
        }
    }

    fn hand_on(&self, line: Line) {
        let stores = self.store.as_ref().is_some_and(|store| store.wants(&line));
        let wants_json = self.file.is_some() || self.console.as_ref().is_some_and(Console::wants_json);
        let fields = if stores || wants_json { line.fields_json() } else { String::new() };
        let json = wants_json.then(|| line.json(self.run.get().map(String::as_str), &fields));
        if let Some(console) = &self.console {
            console.send(&line, json.as_deref());
        }
        if let Some((file, json)) = self.file.as_ref().zip(json.as_deref()) {
            file.send(json);
        }
        if let Some(store) = self.store.as_ref().filter(|_| stores) {
            store.send(line, fields);
        }
    }

    fn remember(&self, line: &Line) {
        // Whoever reads them holds this for a moment; a line that comes just then isn't worth waiting.
        let Ok(mut recent) = self.recent.try_lock() else { return };
        if recent.len() == MOST_RECENT {
            recent.pop_front();
        }
        recent.push_back(RecentLine {
            time: line.time,
            level: line.level.to_string(),
            logger: line.logger.clone(),
            text: line.said(),
        });
    }

    /// What each queue dropped so far: console, file, store.
    fn dropped(&self) -> [u64; 3] {
        let console = self.console.as_ref().and_then(Console::queue).map_or(0, |queue| queue.dropped);
        let file = self.file.as_ref().map_or(0, Sink::dropped);
        [console, file, self.store.as_ref().map_or(0, StoreQueue::dropped)]
    }

    fn untold(&self) -> u64 {
        let told = [&self.told.console, &self.told.file, &self.told.store];
        let counts = self.dropped().into_iter().zip(told);
        counts.map(|(dropped, told)| dropped.saturating_sub(told.load(Ordering::Relaxed))).sum()
    }

    fn is_time_to_tell(&self) -> bool {
        let Ok(mut last) = self.told.last.try_lock() else { return false };
        if last.is_some_and(|last| last.elapsed() < TELL_DROPS_EVERY) {
            return false;
        }
        *last = Some(Instant::now());
        true
    }

    fn drops(&self) -> Option<Line> {
        let [console, file, store] = self.dropped();
        let since = |dropped: u64, told: &AtomicU64| {
            dropped.saturating_sub(told.fetch_max(dropped, Ordering::Relaxed))
        };
        let counts = [
            ("console", since(console, &self.told.console)),
            ("file", since(file, &self.told.file)),
            ("store", since(store, &self.told.store)),
        ];
        let line = Line {
            time: wall_clock(),
            level: Level::WARN,
            logger: module_path!().to_owned(),
            message: "log lines were dropped".to_owned(),
            fields: counts.into_iter().map(|(name, count)| (name, count.into())).collect(),
        };
        counts.iter().any(|(_, count)| *count > 0).then_some(line)
    }
}

/// What is logged at a level, where nothing is said of single modules. The steps of other crates are no steps of the
/// bot: they are among the details.
fn wanted(level: LevelFilter) -> Targets {
    let others = if level <= LevelFilter::INFO { level.min(LevelFilter::WARN) } else { level };
    let ours = RECORDED.into_iter().chain([line::OWN]).map(|logger| (logger, level));
    Targets::new().with_default(others).with_targets(ours)
}

/// Takes events for the log.
struct Taker {
    logs: Logs,
}

impl<S: Subscriber> Layer<S> for Taker {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.logs.shared.take(Line::of(event, wall_clock()));
    }
}

/// The lines of a run on their way to the store. Dropping it closes that way.
#[derive(Debug)]
pub(crate) struct StoredLines {
    inbox: Receiver<StoredLine>,
    logs: Logs,
}

impl StoredLines {
    /// Takes out up to `most` lines that wait.
    pub(crate) fn take(&self, most: usize) -> Vec<StoredLine> {
        let lines: Vec<_> = self.inbox.try_iter().take(most).collect();
        if let Some(store) = &self.logs.shared.store {
            store.note_taken(lines.len());
        }
        lines
    }

    /// Counts lines that were taken out and could not be stored.
    pub(crate) fn lose(&self, lines: usize) {
        if let Some(store) = &self.logs.shared.store {
            store.lose(u64::try_from(lines).unwrap_or(u64::MAX));
        }
    }

    /// Makes a line of what was dropped, so that it can still be stored.
    pub(crate) fn tell_drops(&self) {
        self.logs.tell_drops();
    }

    /// Lets no more lines in; those that wait can still be taken out.
    pub(crate) fn close(&self) {
        if let Some(store) = &self.logs.shared.store {
            store.end();
        }
    }
}

impl Drop for StoredLines {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests;
