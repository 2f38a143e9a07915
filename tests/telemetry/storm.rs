//! A storm of log lines: every line is written or counted as dropped, and no record is lost to it.

use kalshi_bot::config::{LogDestination, LogFormat, LogRotation, Logging};
use kalshi_bot::engine::Record;
use kalshi_bot::engine::record::AccountSnapshot;
use kalshi_bot::store::{RunDescription, RunKind, Store};
use kalshi_bot::telemetry::log::Logs;
use kalshi_bot::units::{Money, Timestamp};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

/// Counts the lines that it is given.
#[derive(Clone, Default)]
struct Counter(Arc<AtomicU64>);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Each line is written by itself and whole.
        assert!(bytes.ends_with(b"\n"));
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn snapshot(number: i64) -> Record {
    Record::Snapshot(AccountSnapshot {
        time: Timestamp::from_secs(number),
        cash: Money::from_dollars(number),
        equity: Money::from_dollars(number),
        open_positions: 0,
        daily_pnl: Money::ZERO,
        total_pnl: Money::ZERO,
    })
}

/// How long the storm lasts.
const STORM: Duration = Duration::from_secs(1);
/// One of so many lines comes with a record.
const LINES_A_RECORD: u64 = 500;

#[test]
fn every_line_is_written_or_counted_and_every_record_is_stored() {
    let folder = tempfile::tempdir().expect("a folder");
    let logging = Logging {
        level: tracing::Level::INFO,
        // The storm comes from this test, which is another crate.
        modules: vec![("telemetry".to_owned(), tracing::level_filters::LevelFilter::INFO)],
        format: LogFormat::Json,
        destination: LogDestination::Stderr,
        file: Some(folder.path().join("logs")),
        rotation: LogRotation::Never,
        keep_files: 1,
        store_level: tracing::Level::INFO,
    };
    let console = Counter::default();
    let logs = Logs::start_with(&logging, console.clone()).expect("a log");
    let store = Store::open(&folder.path().join("account")).expect("a store").with_logs(logs.clone());
    let run = RunDescription {
        id: "storm".to_owned(),
        kind: RunKind::Paper,
        source: String::new(),
        settings: String::new(),
        started: Timestamp::EPOCH,
    };
    let writer = store.start_run(&run).expect("the run starts");
    let (mut lines, mut records) = (0_u64, 0);
    tracing::subscriber::with_default(Registry::default().with(logs.layer()), || {
        let until = Instant::now() + STORM;
        while Instant::now() < until {
            for _ in 0..LINES_A_RECORD {
                lines += 1;
                tracing::info!(order = "kb-storm-1", number = lines, "a line of the storm");
            }
            records += 1;
            writer.record(&snapshot(records));
        }
    });
    let counts = writer.finish(Timestamp::EPOCH).expect("all is stored");
    logs.flush();
    let queues = logs.queues();
    let dropped = |name: &str| {
        queues
            .iter()
            .find(|queue| queue.name == name)
            .map(|queue| (queue.depth, queue.dropped))
            .expect("a queue")
    };
    assert_eq!(counts.snapshots, usize::try_from(records).expect("few"), "records come first");

    // Beside those of the storm there are the lines that tell of dropped ones.
    let file = std::fs::read_to_string(folder.path().join("logs/kalshi-bot.log")).expect("a file");
    let (depth, lost) = dropped("log_file");
    let written = file.lines().count() as u64;
    assert_eq!(depth, 0);
    assert!(written + lost >= lines, "{written} written and {lost} dropped of {lines}");
    let told = (written + lost) - lines;
    assert!(told <= 3, "{told} lines about dropped ones");
    let (depth, lost) = dropped("log_console");
    assert_eq!((depth, console.0.load(Ordering::Relaxed) + lost), (0, lines + told));
    let (depth, lost) = dropped("log_store");
    assert_eq!(depth, 0);
    let stored = counts.lines as u64;
    assert!(
        stored + lost >= lines && stored + lost <= lines + told,
        "{stored} stored and {lost} dropped of {lines}"
    );
    assert!(stored >= 8_192, "what the queue holds is stored at the end: {stored}");
}
