//! Runs that are ended from outside: by a signal, or by a reader that goes away.

use crate::program::{Said, bot, said};
use crate::reckoning::reckon;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// An hour that would take a minute.
const PACED: [&str; 7] = ["paper", "--for", "1h", "--markets", "40", "--speed", "60"];

/// A program that runs, and its standard output.
fn started(command: &mut Command) -> (Child, BufReader<ChildStdout>) {
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let stdout = child.stdout.take().expect("a pipe");
    (child, BufReader::new(stdout))
}

/// Waits for the run's first line.
fn first_line(stdout: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    stdout.read_line(&mut line).expect("a line");
    line
}

/// Waits until a program has made a file.
fn wait_for(file: &Path) {
    let patience = Instant::now() + Duration::from_secs(30);
    while !file.exists() {
        assert!(Instant::now() < patience, "{} was never made", file.display());
        thread::yield_now();
    }
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill starts");
    assert!(sent.success());
}

/// Waits for the end and gathers what has not been read.
fn ended(mut child: Child, mut stdout: BufReader<ChildStdout>) -> Said {
    let (mut rest, mut stderr) = (String::new(), String::new());
    stdout.read_to_string(&mut rest).expect("text");
    child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("text");
    Said { code: child.wait().expect("it ends").code(), stdout: rest, stderr }
}

#[test]
fn a_signal_ends_a_run_with_its_summary() {
    for signal in ["-INT", "-TERM"] {
        let (child, mut stdout) = started(&mut bot(&PACED));
        assert!(first_line(&mut stdout).ends_with("connected\n"));
        send(signal, &child);
        let said = ended(child, stdout);
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{signal}");
        let summary = said.stdout.find("Paper run on 40 generated markets, seed 1").expect("a summary");
        for words in ["early from outside", "\nResult\n", "\nState\ntrading ended active"] {
            assert!(said.stdout[summary..].contains(words), "{signal}: {words:?} is missing in {said:#?}");
        }
    }
}

#[test]
fn a_signal_ends_a_run_with_its_document() {
    for signal in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (child, stdout) =
            started(bot(&PACED).args(["--output", "json", "--state-dir"]).arg(folder.path()));
        wait_for(&folder.path().join("kalshi-bot.db"));
        send(signal, &child);
        let said = ended(child, stdout);
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{signal}");
        let document = said.document();
        assert_eq!(document["run"]["interrupted"], true);
        reckon(&document).assert_agrees_with(&document);
    }
}

#[test]
fn a_run_that_ends_by_itself_was_not_interrupted_and_leaves_no_order_resting() {
    let said = said(&mut bot(&["paper", "--speed", "max", "--for", "10m", "--markets", "40", "--seed", "4"]));
    assert_eq!(said.code, Some(0), "{said:#?}");
    assert!(!said.stdout.contains("ended early"), "{said:#?}");
    let (_, after) = said.stdout.split_once("shutting_down set").expect("the end is told");
    assert!(after.contains("was cancelled: requested"), "a target was resting: {after}");
    assert!(!after.contains("was accepted"), "{after}");
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let (child, mut stdout) =
        started(&mut bot(&["paper", "--for", "6h", "--markets", "40", "--speed", "3600"]));
    first_line(&mut stdout);
    drop(stdout);
    let output: Said = child.wait_with_output().expect("it ends").into();
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_reader_that_went_before_the_document_is_not_complained_about() {
    for arguments in [
        &["paper", "--speed", "max", "--for", "1m", "--markets", "40", "--output", "json"][..],
        &["paper", "--speed", "max", "--for", "1m", "--markets", "40"],
        &["config", "show"],
        &["--help"],
    ] {
        let (child, stdout) = started(&mut bot(arguments));
        drop(stdout);
        let output: Said = child.wait_with_output().expect("it ends").into();
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn two_runs_cannot_share_an_account() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = |arguments| {
        let mut command = bot(arguments);
        command.arg("--state-dir").arg(folder.path());
        command
    };
    let (child, mut stdout) = started(&mut run(&PACED));
    first_line(&mut stdout);
    let second = said(&mut run(&PACED));
    let resume = said(bot(&["resume", "--state-dir"]).arg(folder.path()));
    send("-INT", &child);
    let first = ended(child, stdout);
    for refused in [second, resume] {
        refused.assert_refused(
            4,
            &[
                "error: the account can't be kept",
                "another kalshi-bot is using this state folder",
                "\n  next:  ",
            ],
        );
    }
    assert_eq!(first.code, Some(0), "the first is left in peace: {first:#?}");
    let third = said(&mut run(&["paper", "--speed", "max", "--for", "1m", "--markets", "40"]));
    assert_eq!(third.code, Some(0), "the folder is free again: {third:#?}");
}
