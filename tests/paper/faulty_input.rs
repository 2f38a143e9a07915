//! Command lines, configurations and folders that can't be used: each is refused with its exit code, what is wrong,
//! and how to mend it, and nothing is run.

use crate::program::{SHORT, bot, said};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn file(folder: &TempDir, name: &str, content: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).expect("the file is written");
    path
}

#[test]
fn a_bad_command_line_is_refused_with_what_it_takes() {
    for (arguments, words) in [
        (&["--sed", "7"][..], &["unexpected argument '--sed'", "'--seed'"][..]),
        (&["--for", "soon"], &["'soon' for '--for <DURATION>'", "such as 90s, 30m, 6h or 1d"]),
        (&["--for", "0s"], &["a span of time above zero"]),
        (&["--for", "-5m"], &["'-5'"]),
        (&["--speed", "fast"], &["'fast' for '--speed <N|max>'", "such as 60, or `max`"]),
        (&["--speed", "0"], &["simulated seconds per second"]),
        (&["--speed", "2000000"], &["paper.speed = 2000000", "between 0 and 1000000"]),
        (&["--capital", "abc"], &["'abc' for '--capital <DOLLARS>'", "such as 0.4200"]),
        (&["--capital", "NaN"], &["'NaN' for '--capital <DOLLARS>'"]),
        (&["--capital", "0.0000001"], &["has more than 6 decimals"]),
        (&["--capital", "99999999999999999999"], &["is too large"]),
        (&["--capital", "0.5"], &["paper.capital = 0.5", "between 1 and 1000000000"]),
        (&["--seed", "18446744073709551616"], &["'--seed <N>'", "too large"]),
        (&["--markets", "20000"], &["paper.markets = 20000", "between 1 and 10000"]),
        (&["--replay"], &["a value is required for '--replay <PATH>...'"]),
        (&["--replay", "x", "--seed", "1"], &["'--replay <PATH>...'", "'--seed <N>'"]),
        (&["--config", "/nowhere/at/all.toml"], &["/nowhere/at/all.toml: can't be read"]),
    ] {
        said(bot(&["paper"]).args(arguments)).assert_refused(2, words);
    }
}

#[test]
fn ten_faults_of_a_configuration_are_told_in_one_report() {
    let folder = folder();
    let faulty = "\
[trading]
entry_treshold = 0.9
profit_target = 7
stop_loss = \"little\"
entry_style = \"sideways\"
max_positions = 1.5
[markets]
min_volume = -1
max_spread = nan
[risk]
max_daily_loss = 0
[papper]
seed = 1
[paper]
speed = true
";
    let path = file(&folder, "faulty.toml", faulty);
    let said = said(bot(&SHORT).arg("--config").arg(&path));
    said.assert_refused(
        2,
        &[
            "error: the configuration has 10 faults\n  cause: ",
            ":2: trading.entry_treshold: no such key; did you mean trading.entry_threshold?",
            ":3: trading.profit_target = 7: must lie between 0.001 and 0.5",
            ":4: trading.stop_loss = \"little\": must be a fraction",
            ":5: trading.entry_style = \"sideways\": must be one of taker, maker",
            ":6: trading.max_positions = 1.5: must be a whole number",
            ":8: markets.min_volume = -1: must lie between 0 and 1000000000",
            ":9: markets.max_spread",
            ":11: risk.max_daily_loss = 0: must lie between 0.0001 and 1",
            ":13: papper.seed: no such key; did you mean paper.seed?",
            ":15: paper.speed = true: must be a number",
            "\n  next:  ",
        ],
    );
    let named = said.stderr.matches(path.to_str().expect("a path in text")).count();
    assert_eq!(named, 10, "each fault names the file: {}", said.stderr);
}

#[test]
fn a_configuration_that_is_no_toml_is_refused_at_its_line() {
    let folder = folder();
    let path = file(&folder, "broken.toml", "[trading]\nstop_loss = = 1\n");
    said(bot(&SHORT).arg("--config").arg(&path)).assert_refused(2, &["broken.toml:2"]);
}

#[test]
fn a_faulty_variable_is_refused_by_its_name() {
    said(bot(&SHORT).env("KALSHI_BOT__RISK__MAX_DAILY_LOSS", "all"))
        .assert_refused(2, &["KALSHI_BOT__RISK__MAX_DAILY_LOSS", "risk.max_daily_loss = all"]);
    said(bot(&SHORT).env("KALSHI_BOT__RISK__MAX_DAILY_LOS", "0.1"))
        .assert_refused(2, &["KALSHI_BOT__RISK__MAX_DAILY_LOS", "did you mean"]);
}

#[test]
fn recordings_that_are_not_there_are_refused_with_the_nearest_folder() {
    let folder = folder();
    said(bot(&["paper", "--replay"]).arg(folder.path().join("nowhere/at.all"))).assert_refused(
        1,
        &[
            "error: the recordings can't be played\n  cause: ",
            "nowhere/at.all: doesn't exist; the nearest folder that does is ",
            "\n  next:  ",
        ],
    );
}

#[test]
fn files_and_folders_without_recordings_are_refused_with_what_is_understood() {
    let folder = folder();
    let empty = file(&folder, "empty.ndjson", "");
    said(bot(&["paper", "--replay"]).arg(&empty))
        .assert_refused(1, &["empty.ndjson: is empty: nothing to replay"]);
    fs::remove_file(empty).expect("it goes");
    file(&folder, "readme.txt", "hello");
    let other = file(&folder, "other.json", "{\"hello\": 1}");
    let forms = "understood are, plain or gzip: lines {\"recv_ms\":N,\"event\":FRAME}";
    said(bot(&["paper", "--replay"]).arg(folder.path()))
        .assert_refused(1, &["no recording was found here", forms]);
    said(bot(&["paper", "--replay"]).arg(other)).assert_refused(1, &["other.json: isn't a recording", forms]);
}

#[test]
fn a_state_folder_that_is_a_file_is_refused() {
    let folder = folder();
    let path = file(&folder, "account", "hello");
    let words = ["error: the account can't be kept", ": can't be used to keep state: ", "--state-dir"];
    said(bot(&SHORT).arg("--state-dir").arg(&path)).assert_refused(4, &words);
    said(bot(&SHORT).arg("--state-dir").arg(path.join("below"))).assert_refused(4, &words);
    assert_eq!(fs::read_to_string(&path).expect("it is there"), "hello", "the file is left alone");
    said(bot(&["resume", "--state-dir"]).arg(&path)).assert_refused(2, &["account is not a folder"]);
}

#[test]
fn a_database_that_is_none_is_refused_and_left_alone() {
    let folder = folder();
    let path = file(
        &folder,
        "kalshi-bot.db",
        "this is no database, and longer than a header of a hundred bytes, \
                    so that nobody can take it for an empty one or for one that broke off",
    );
    let before = fs::read(&path).expect("it is there");
    said(bot(&SHORT).arg("--state-dir").arg(folder.path()))
        .assert_refused(4, &["kalshi-bot.db: isn't a sound SQLite database", "move it away to start afresh"]);
    assert_eq!(fs::read(&path).expect("it is there"), before);
}

#[test]
fn resume_needs_an_account() {
    said(&mut bot(&["resume"])).assert_refused(2, &["there is no account", "--state-dir"]);
    let folder = folder();
    said(bot(&["resume", "--state-dir"]).arg(folder.path().join("none")))
        .assert_refused(2, &["none is not a folder"]);
    assert!(!folder.path().join("none").exists(), "nothing is made by asking");
}
