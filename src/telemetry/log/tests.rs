use super::*;
use crate::config::{LogDestination, LogFormat, LogRotation};
use serde_json::Value;
use std::path::Path;
use tracing::subscriber::with_default;

/// Where a console's lines are gathered.
#[derive(Clone, Default)]
struct Gathered(Arc<Mutex<Vec<u8>>>);

impl Write for Gathered {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Gathered {
    fn lines(&self) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).expect("text");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    fn messages(&self) -> Vec<String> {
        self.lines().iter().map(|line| line["message"].as_str().expect("a text").to_owned()).collect()
    }
}

fn logging(level: Level, modules: &[(&str, LevelFilter)], file: Option<&Path>) -> Logging {
    Logging {
        level,
        modules: modules.iter().map(|(module, level)| ((*module).to_owned(), *level)).collect(),
        format: LogFormat::Json,
        destination: LogDestination::Stderr,
        file: file.map(Path::to_owned),
        rotation: LogRotation::Never,
        keep_files: 1,
        store_level: Level::INFO,
    }
}

fn start(logging: &Logging) -> (Logs, Gathered) {
    let gathered = Gathered::default();
    (Logs::start_with(logging, gathered.clone()).expect("a log"), gathered)
}

/// Runs with this log as the thread's own.
fn logged(logs: &Logs, act: impl FnOnce()) {
    with_default(Registry::default().with(logs.layer()), act);
    logs.flush();
}

#[test]
fn one_event_is_one_line_for_the_console_the_file_and_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let (logs, console) = start(&logging(Level::INFO, &[], Some(folder.path())));
    logs.begin_run("run-1");
    let stored = logs.stored().expect("the first who asks");
    assert!(logs.stored().is_none(), "there is one run");
    logged(&logs, || tracing::warn!(order = "kb-1-2", ms = 250, ok = false, "slow"));

    let line = &console.lines()[0];
    assert_eq!(
        (&line["level"], &line["message"], &line["run"]),
        (&"WARN".into(), &"slow".into(), &"run-1".into())
    );
    assert_eq!(line["logger"], "kalshi_bot::telemetry::log::tests");
    assert_eq!(line["fields"], serde_json::json!({"order": "kb-1-2", "ms": 250, "ok": false}));
    let file = std::fs::read_to_string(folder.path().join("kalshi-bot.log")).expect("a file");
    assert_eq!(serde_json::from_str::<Value>(file.trim_end()).expect("JSON"), *line);
    let rows = stored.take(10);
    assert_eq!((rows.len(), rows[0].level, rows[0].message.as_str()), (1, "WARN", "slow"));
    assert_eq!(rows[0].time.to_string(), line["time"].as_str().expect("a time"));
    assert_eq!(serde_json::from_str::<Value>(&rows[0].fields).expect("JSON"), line["fields"]);
    let recent = logs.recent();
    assert_eq!((recent.len(), recent[0].text.as_str()), (1, "slow order=kb-1-2 ms=250 ok=false"));
    assert_eq!(
        logs.queues().iter().map(|queue| (queue.depth, queue.dropped)).collect::<Vec<_>>(),
        [(0, 0); 3]
    );
}

#[test]
fn modules_have_their_own_levels() {
    let modules = [("kalshi_bot::bot", LevelFilter::DEBUG), ("hyper", LevelFilter::OFF)];
    let (logs, console) = start(&logging(Level::INFO, &modules, None));
    logged(&logs, || {
        tracing::debug!(target: "kalshi_bot::bot::trading", "1");
        tracing::debug!(target: "kalshi_bot::store", "not this");
        tracing::info!(target: "kalshi_bot::store", "2");
        tracing::info!(target: "refinery", "nor the steps of another crate");
        tracing::warn!(target: "refinery", "3");
        tracing::error!(target: "hyper::client", "nor this");
    });
    assert_eq!(console.messages(), ["1", "2", "3"]);
}

#[test]
fn other_crates_never_say_everything() {
    let modules = [("tungstenite", LevelFilter::TRACE)];
    let (logs, console) = start(&logging(Level::TRACE, &modules, None));
    logged(&logs, || {
        tracing::trace!(target: "tungstenite::handshake::client", "Request: KALSHI-ACCESS-KEY: 1234");
        tracing::debug!(target: "tungstenite::handshake::client", "1");
        tracing::trace!(target: "kalshi_bot::bot", "2");
    });
    assert_eq!(console.messages(), ["1", "2"]);
}

#[test]
fn lines_for_the_store_have_their_level_and_wait_for_the_run() {
    let (logs, console) = start(&logging(Level::TRACE, &[], None));
    logged(&logs, || {
        tracing::info!("before the run");
        (0..300).for_each(|number| tracing::warn!(number, "early"));
    });
    let stored = logs.stored().expect("the first who asks");
    assert_eq!(stored.take(1_000).len(), 256, "the first warnings wait, and no more");
    logged(&logs, || {
        tracing::debug!("too fine");
        tracing::info!(target: "risk", "stored with its record");
        tracing::info!("2");
    });
    let rows = stored.take(1_000);
    let messages: Vec<&str> = rows.iter().map(|row| row.message.as_str()).collect();
    assert_eq!(messages, ["2", "log lines were dropped"]);
    let told: Vec<u64> = console
        .lines()
        .iter()
        .filter(|line| line["message"] == "log lines were dropped")
        .map(|line| line["fields"]["store"].as_u64().expect("a number"))
        .collect();
    let dropped = logs.queues()[1].dropped;
    assert!(dropped >= 44, "{dropped}");
    assert_eq!(told.iter().sum::<u64>(), dropped, "each is told of once: {told:?}");
    drop(stored);
    logged(&logs, || tracing::error!("after the run"));
    assert_eq!(
        logs.queues()[1],
        Queue::new("log_store", 0, dropped),
        "nobody misses what comes after the run"
    );
}

#[test]
fn a_full_queue_drops_lines_and_says_how_many() {
    let (logs, console) = start(&logging(Level::INFO, &[], None));
    let stored = logs.stored().expect("the first who asks");
    logged(&logs, || (0..9_000).for_each(|number| tracing::info!(number, "storm")));
    let first = stored.take(10_000);
    assert_eq!(first.len(), 8_192);
    logged(&logs, || tracing::info!("calm"));
    let told: Vec<Value> =
        console.lines().into_iter().filter(|line| line["message"] == "log lines were dropped").collect();
    let store: u64 = told.iter().map(|line| line["fields"]["store"].as_u64().expect("a number")).sum();
    assert_eq!(store, logs.queues()[1].dropped, "every dropped line is told of once: {told:?}");
    assert!(store >= 808, "{store}");
    let lines: u64 = console.lines().len() as u64;
    let dropped = logs.queues()[0].dropped;
    assert_eq!(lines + dropped, 9_001 + told.len() as u64, "every line is written or counted");
}

#[test]
fn the_latest_warnings_and_errors_are_kept() {
    let (logs, _) = start(&logging(Level::INFO, &[], None));
    logged(&logs, || {
        (0..12).for_each(|number| tracing::warn!(number, "warned"));
        tracing::info!("all is well");
        tracing::error!("broken");
    });
    let recent = logs.recent();
    assert_eq!(recent.len(), 10);
    assert_eq!((recent[0].text.as_str(), recent[9].level.as_str()), ("warned number=3", "ERROR"));
}
