//! The log lines of a run: what they tell, where they go, and what happens when they can go nowhere.

use super::running::{Running, has_traded};
use serde_json::Value;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::process::Stdio;

fn parsed(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn with<'a>(lines: &'a [Value], message: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["message"] == message).collect()
}

/// The program's own rows of the table `logs`, by their number.
fn rows(state: &std::path::Path) -> Vec<(i64, String, String, String, Value)> {
    let connection = rusqlite::Connection::open(state.join("kalshi-bot.db")).expect("the database");
    let mut statement = connection
        .prepare("SELECT seq, timestamp, level, message, data FROM logs WHERE seq < 0 ORDER BY seq DESC")
        .expect("the table");
    let rows = statement
        .query_map([], |row| {
            let fields: String = row.get(4)?;
            let fields = serde_json::from_str(&fields).expect("JSON");
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, fields))
        })
        .expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

#[test]
fn an_order_is_followed_by_its_name_on_the_console_in_the_file_and_in_the_store() {
    let mut run = Running::start_with(&[], &[("LOGGING__ROTATION", "never")], |command, folder| {
        command.env("KALSHI_BOT__LOGGING__FILE", folder.join("logs"));
    });
    let status = run.status(has_traded);
    assert_eq!(run.end(), Some(0), "{}", run.wrote("stderr"));
    let names: Vec<&str> = status["queues"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|queue| queue["name"].as_str())
        .collect();
    assert_eq!(names, ["store", "mail", "log_console", "log_file", "log_store"]);

    let console = parsed(&run.wrote("stderr"));
    let sent = with(&console, "an order was sent");
    let order = sent.first().expect("an order")["fields"]["order"].as_str().expect("a name").to_owned();
    assert!(order.starts_with("kb-"), "{order}");
    let of_the_order = |lines: &[Value]| -> Vec<String> {
        let ours = lines.iter().filter(|line| line["fields"]["order"] == order.as_str());
        ours.map(|line| line["message"].as_str().expect("a text").to_owned()).collect()
    };
    let told = of_the_order(&console);
    for message in ["an order was sent", "the exchange took an order", "a fill", "an order was filled"] {
        assert!(told.iter().any(|one| one == message), "{message:?} is missing in {told:?}");
    }
    // The run is called by its account as well.
    let run_id = order.rsplit_once('-').expect("prefix, run and number").0;
    let is_ours = |line: &&Value| line["run"].as_str().is_some_and(|run| run.ends_with(run_id));
    assert!(console.iter().filter(is_ours).count() >= told.len(), "lines carry their run");
    assert!(!with(&console, "the stream is up").is_empty());

    let file = parsed(&fs::read_to_string(run.folder().join("logs/kalshi-bot.log")).expect("a file"));
    assert_eq!(file, console, "both get every line");

    let rows = rows(&run.state());
    let numbers: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let expected: Vec<i64> = (1..=i64::try_from(numbers.len()).expect("few")).map(|number| -number).collect();
    assert_eq!(numbers, expected, "they count down from -1");
    let stored: Vec<&str> =
        rows.iter().filter(|row| row.4["order"] == order.as_str()).map(|row| row.3.as_str()).collect();
    assert_eq!(stored, told);
    let opened = rows.iter().filter(|row| row.3.starts_with("opened ")).count();
    assert_eq!(opened, 0, "what a record told of is there once, with the record");
}

#[test]
fn under_systemd_the_journal_gets_the_severity_in_front() {
    let mut run = Running::start_with(&["--output", "json"], &[], |command, folder| {
        let journal = File::create(folder.join("journal")).expect("a file");
        let at = journal.metadata().expect("a file");
        command.env("JOURNAL_STREAM", format!("{}:{}", at.dev(), at.ino())).stderr(journal);
    });
    run.status(has_traded);
    assert_eq!(run.end(), Some(0));
    let journal = run.wrote("journal");
    assert!(!journal.is_empty());
    for line in journal.lines() {
        let (priority, json) = line.split_at(3);
        let line: Value = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {line}"));
        let expected = match line["level"].as_str().expect("a level") {
            "ERROR" => "<3>",
            "WARN" => "<4>",
            "INFO" => "<6>",
            other => panic!("{other} wasn't asked for"),
        };
        assert_eq!(priority, expected, "{line}");
    }
    serde_json::from_str::<Value>(&run.wrote("stdout")).expect("nothing but the document");
}

#[test]
fn a_reader_that_goes_away_stops_nothing() {
    let mut run = Running::start_with(&[], &[("LOGGING__LEVEL", "DEBUG")], |command, folder| {
        // The reader of the log takes one byte and goes.
        let mut reader = std::process::Command::new("head")
            .args(["-c", "1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("head is there");
        let pipe = reader.stdin.take().expect("a pipe");
        command.stderr(pipe).env("KALSHI_BOT__LOGGING__FILE", folder.join("logs"));
        std::thread::spawn(move || reader.wait());
    });
    let lost = |status: &Value| {
        has_traded(status)
            && status["queues"].as_array().is_some_and(|queues| {
                queues
                    .iter()
                    .any(|queue| queue["name"] == "log_console" && queue["dropped"].as_u64() > Some(0))
            })
    };
    run.status(lost);
    assert_eq!(run.end(), Some(0), "it ends as if nothing had been");
    let console_alone = rows(&run.state()).into_iter().any(|row| row.3 == "log lines were dropped");
    assert!(console_alone, "the count is a line itself");
}
