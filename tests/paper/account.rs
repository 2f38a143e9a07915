//! A kept account: what its folder holds after a run, and halts that outlive it.

use crate::program::{SHORT, Said, bot, list, micros, micros_of, said, text, told_in_json};
use rusqlite::Connection;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

fn account() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A short run that trades, keeping its account in the folder.
fn run_in(folder: &Path) -> Command {
    let mut command = bot(&SHORT);
    command.args(["--seed", "4", "--state-dir"]).arg(folder);
    command
}

/// The texts of every row.
fn rows(database: &Connection, query: &str) -> Vec<Vec<String>> {
    let mut statement = database.prepare(query).expect("a query of this test");
    let columns = statement.column_count();
    statement
        .query_map([], |row| (0..columns).map(|column| row.get::<_, String>(column)).collect())
        .expect("a query of this test")
        .collect::<Result<_, _>>()
        .expect("texts")
}

/// The rows that a list of the document should have left, by its fields. Decimals are told in millionths on both sides,
/// since the document leaves trailing zeros out where the database keeps them.
fn told(elements: &Value, texts: &[&str], decimals: &[&str]) -> Vec<Vec<String>> {
    list(elements)
        .iter()
        .map(|element| {
            let texts = texts.iter().map(|field| text(&element[*field]).to_owned());
            texts.chain(decimals.iter().map(|field| micros(&element[*field]).to_string())).collect()
        })
        .collect()
}

/// Rows whose first columns are texts and the others decimals.
fn kept(database: &Connection, query: &str, texts: usize) -> Vec<Vec<String>> {
    let mut kept = rows(database, query);
    for row in &mut kept {
        for decimal in &mut row[texts..] {
            *decimal = micros_of(decimal).to_string();
        }
    }
    kept
}

fn sum(database: &Connection, query: &str) -> i128 {
    rows(database, query).iter().map(|row| micros_of(&row[0])).sum()
}

#[test]
fn the_database_holds_what_the_document_tells() {
    let folder = account();
    let document = told_in_json(&mut run_in(folder.path()));
    let database = Connection::open(folder.path().join("kalshi-bot.db")).expect("the database");

    let trades = "SELECT market_id, outcome, exit_reason, entry_time, exit_time, size, entry_cost, exit_proceeds, fees, \
                  net_pnl FROM trades ORDER BY number";
    let words = ["market", "outcome", "exit_reason", "entry_time", "exit_time"];
    let figures = ["quantity", "entry_cost", "exit_proceeds", "fees", "net_pnl"];
    assert!(!list(&document["trades"]).is_empty());
    assert_eq!(kept(&database, trades, 5), told(&document["trades"], &words, &figures));
    let summary = &document["summary"];
    assert_eq!(sum(&database, "SELECT net_pnl FROM trades"), micros(&summary["net_pnl"]));
    assert_eq!(sum(&database, "SELECT fees FROM trades"), micros(&summary["fees"]));

    let fills =
        "SELECT trade_id, market_id, side, purpose, timestamp, price, size, fee FROM fills ORDER BY rowid";
    let words = ["trade_id", "market", "side", "purpose", "time"];
    assert_eq!(kept(&database, fills, 5), told(&document["fills"], &words, &["price", "quantity", "fee"]));

    let decisions = "SELECT market_id, outcome, bound_by, timestamp, price, size, target, stop, break_even \
                     FROM decisions ORDER BY order_id";
    let words = ["market", "outcome", "bound_by", "time"];
    let figures = ["price", "quantity", "target", "stop", "break_even"];
    assert_eq!(kept(&database, decisions, 4), told(&document["decisions"], &words, &figures));

    let runs = rows(&database, "SELECT kind, source, settings, ended_at FROM runs");
    assert_eq!(runs.len(), 1);
    assert_eq!((runs[0][0].as_str(), &runs[0][1]), ("paper", &text(&document["run"]["source"]).to_owned()));
    assert!(runs[0][2].contains("entry_threshold"), "{}", runs[0][2]);
}

#[test]
fn only_its_owner_may_look_into_an_account() {
    let folder = account();
    let account = folder.path().join("to/be/made");
    assert_eq!(said(&mut run_in(&account)).code, Some(0));
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&account), 0o700);
    let files: Vec<_> =
        fs::read_dir(&account).expect("a folder").map(|file| file.expect("a file").path()).collect();
    assert!(files.contains(&account.join("kalshi-bot.db")), "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

/// Runs with a limit of one losing trade.
fn run_strictly_in(folder: &Path) -> Said {
    said(run_in(folder).env("KALSHI_BOT__RISK__MAX_CONSECUTIVE_LOSSES", "1").args(["--output", "json"]))
}

#[test]
fn a_halt_that_latched_outlives_its_run_until_a_person_clears_it() {
    let folder = account();
    let first = run_strictly_in(folder.path());
    assert_eq!(first.code, Some(0), "it traded before it halted: {first:#?}");
    let document = first.document();
    assert_eq!(document["state"], serde_json::json!({"trading": "halted", "reasons": ["losing_streak"]}));
    assert!(!list(&document["trades"]).is_empty());

    let second = run_strictly_in(folder.path());
    assert_eq!(second.code, Some(6), "{second:#?}");
    second.assert_told(&["a halt of an earlier run was in force", "kalshi-bot resume"]);
    let document = second.document();
    assert_eq!(document["state"]["reasons"], serde_json::json!(["losing_streak"]));
    assert_eq!((list(&document["fills"]).len(), list(&document["decisions"]).len()), (0, 0));
    assert_ne!(
        document["funnel"]["risk"]["refused"]["trading_halted"],
        Value::Null,
        "{}",
        document["funnel"]
    );

    let resume = || said(bot(&["resume", "--state-dir"]).arg(folder.path()));
    let resumed = resume();
    assert_eq!((resumed.code, resumed.stderr.as_str()), (Some(0), ""));
    assert!(resumed.stdout.starts_with("cleared losing_streak of 2"), "{resumed:#?}");
    assert!(resumed.stdout.contains("losing trades in a row: 1, and the limit is 1"), "{resumed:#?}");
    assert_eq!(resume().stdout, "nothing to clear: no halt is in force\n");

    let third = run_strictly_in(folder.path());
    assert_eq!(third.code, Some(0), "{third:#?}");
    assert!(!list(&third.document()["trades"]).is_empty());
}

#[test]
fn an_account_without_halts_goes_on_and_keeps_both_runs() {
    let folder = account();
    let first = told_in_json(&mut run_in(folder.path()));
    let second = told_in_json(run_in(folder.path()).args(["--capital", "5000"]));
    let database = Connection::open(folder.path().join("kalshi-bot.db")).expect("the database");
    assert_eq!(rows(&database, "SELECT id FROM runs WHERE ended_at IS NOT NULL").len(), 2);
    let both = list(&first["trades"]).len() + list(&second["trades"]).len();
    assert_eq!(rows(&database, "SELECT id FROM trades").len(), both);
}
