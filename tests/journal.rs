//! The journal of a run that is killed: sound however it ended, and taken in by the next start.

#[allow(dead_code, reason = "shared by several test programs")]
#[path = "support/sim.rs"]
mod sim;

use serde_json::Value;
use sim::{Sim, said, signal, wait};
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// An exchange with an account in a folder of its own.
struct Scene {
    sim: Sim,
    state: PathBuf,
    _folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let sim = Sim::start(&["--seed", "3", "--markets", "80", "--speed", "20", "--tier", "prime"]);
        let folder = tempfile::tempdir().expect("a folder");
        Self { sim, state: folder.path().join("account"), _folder: folder }
    }

    /// A command with rules that trade much.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.sim.bot(arguments);
        command.arg("--state-dir").arg(&self.state);
        sim::trade_much(&mut command);
        command
    }

    fn shown(&self) -> Vec<Value> {
        let shown = said(&mut self.command(&["journal", "show", "--last", "100000", "--output", "json"]));
        shown.ended(0).document()["entries"].as_array().expect("a list").clone()
    }

    /// Runs until the journal has so many fills of this run, and kills it.
    fn killed_after_fills(&self, fills: usize) {
        let before = self.fills();
        let mut command = self.command(&["run"]);
        let mut run = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let until = Instant::now() + Duration::from_secs(90);
        while self.fills() < before + fills {
            assert!(run.try_wait().expect("a child").is_none(), "the run ended");
            assert!(Instant::now() < until, "the run was never filled");
        }
        kill(&mut run);
    }

    fn fills(&self) -> usize {
        if !self.state.is_dir() {
            return 0;
        }
        self.shown().iter().filter(|entry| entry["kind"] == "fill").count()
    }

    fn verified(&self) -> Value {
        said(&mut self.command(&["journal", "verify", "--output", "json"])).ended(0).document()
    }

    /// Runs for a moment and ends in order.
    fn runs_once_more(&self) {
        let run = said(&mut self.command(&["run", "--for", "2s", "--output", "json"]));
        assert_eq!(run.code, Some(0), "{run:#?}");
    }

    fn journal(&self) -> PathBuf {
        self.state.join("journal")
    }
}

fn kill(run: &mut Child) {
    signal(run, "KILL");
    wait(run, Duration::from_secs(10));
}

fn last_segment(journal: &Path) -> PathBuf {
    let entries = fs::read_dir(journal).expect("the journal's folder");
    entries.map(|entry| entry.expect("a file").path()).max().expect("a segment")
}

fn database(state: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(state.join("kalshi-bot.db")).expect("the store")
}

fn count(state: &Path, query: &str) -> i64 {
    database(state).query_row(query, [], |row| row.get(0)).expect("a number")
}

#[test]
fn a_killed_run_leaves_a_sound_journal_and_the_next_start_takes_it_in() {
    let scene = Scene::new();
    scene.killed_after_fills(3);
    let verified = scene.verified();
    assert_eq!(verified["sound"], true);
    let shown = scene.shown();
    let of_kind = |kind: &str| shown.iter().filter(|entry| entry["kind"] == kind).collect::<Vec<_>>();
    let intents = of_kind("intent");
    assert!(
        !intents.is_empty() && intents.iter().all(|intent| intent["entry"]["cause"]["event"].is_string())
    );
    let one = of_kind("fill")[0]["order"].as_str().expect("an order").to_owned();
    let life = said(&mut scene.command(&["journal", "show", "--order", &one, "--output", "csv"])).ended(0);
    for word in ["seq,time,kind,order,market,what", ",intent,", ",send,", ",fill,"] {
        assert!(life.stdout.contains(word), "{word}: {}", life.stdout);
    }
    let table = said(&mut scene.command(&["journal", "verify"])).ended(0);
    assert!(table.stdout.trim_end().ends_with(": sound."), "{}", table.stdout);

    scene.runs_once_more();
    let stored = count(&scene.state, "SELECT count(*) FROM fills");
    assert!(stored >= i64::try_from(scene.fills()).expect("few"), "every journaled fill is stored");
    for order in of_kind("order") {
        let number = order["entry"]["order"].as_u64().expect("a number");
        let query = format!("SELECT count(*) FROM orders WHERE order_id = {number} ORDER BY run_id LIMIT 1");
        assert!(count(&scene.state, &query) >= 1, "{order}");
    }
    let runs: Vec<Value> = scene.shown();
    assert_eq!(runs.last().expect("entries")["kind"], "run_ended");
    assert_eq!(scene.verified()["segments"].as_array().expect("a list").len(), 2);
}

#[test]
fn a_torn_end_is_told_cut_off_and_survived_again_and_again() {
    let scene = Scene::new();
    scene.killed_after_fills(1);
    for cut in [1, 77, 301, 1_024] {
        let file = last_segment(&scene.journal());
        let length = fs::metadata(&file).expect("a file").len();
        let kept = length.saturating_sub(cut).max(1);
        OpenOptions::new().write(true).open(&file).expect("a file").set_len(kept).expect("it can be cut");
        let verified = scene.verified();
        assert_eq!(
            (&verified["sound"], verified["torn"].is_object()),
            (&Value::Bool(true), true),
            "{verified}"
        );
        scene.runs_once_more();
        assert!(scene.verified()["torn"].is_null());
    }
}

#[test]
fn damage_is_named_and_a_start_refuses_it() {
    let scene = Scene::new();
    scene.runs_once_more();
    let file = last_segment(&scene.journal());
    let mut bytes = fs::read(&file).expect("a file");
    let second = bytes.iter().position(|byte| *byte == b'\n').expect("a line") + 40;
    bytes[second] ^= 1;
    fs::write(&file, bytes).expect("it can be written");
    let verified = said(&mut scene.command(&["journal", "verify", "--output", "json"])).ended(7).document();
    assert_eq!((&verified["sound"], &verified["faults"][0]["line"]), (&Value::Bool(false), &2.into()));
    let run = said(&mut scene.command(&["run", "--for", "2s"])).ended(7);
    assert!(
        run.stderr.contains("000001.journal, line 2, byte") && run.stderr.contains("To mend it"),
        "{run:?}"
    );
}
