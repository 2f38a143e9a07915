//! A run before the simulated exchange, with rules that trade much.

use super::sim::{Sim, said, signal, wait};
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(1);

/// A run and what it writes.
pub(super) struct Running {
    pub(super) sim: Sim,
    process: Child,
    folder: tempfile::TempDir,
}

impl Running {
    /// Starts a run with these arguments and these keys of the configuration.
    pub(super) fn start(arguments: &[&str], keys: &[(&str, &str)]) -> Self {
        Self::start_with(arguments, keys, |_, _| {})
    }

    /// As [`Running::start`]; `prepare` may change the command, whose outputs go to files by then.
    pub(super) fn start_with(
        arguments: &[&str],
        keys: &[(&str, &str)],
        prepare: impl FnOnce(&mut Command, &Path),
    ) -> Self {
        let sim = Sim::start(&["--seed", "3", "--markets", "80", "--speed", "20", "--tier", "prime"]);
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = sim.bot(&["run"]);
        command.args(arguments).arg("--state-dir").arg(folder.path().join("account"));
        set(&mut command, keys);
        let file = |name: &str| File::create(folder.path().join(name)).expect("a file");
        command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
        prepare(&mut command, folder.path());
        let process = command.spawn().expect("it starts");
        Self { sim, process, folder }
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn state(&self) -> PathBuf {
        self.folder.path().join("account")
    }

    /// What it wrote so far to one of its outputs.
    pub(super) fn wrote(&self, output: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(output)).expect("text")
    }

    /// Its status, once it answers and `wanted` holds of it.
    pub(super) fn status(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let state = self.state();
            let mut ask = self.sim.bot(&["status", "--output", "json", "--state-dir"]);
            // A bot that has not made its folder yet, or isn't up yet, is no fault.
            let answer = said(ask.arg(state));
            let status = serde_json::from_str(&answer.stdout).unwrap_or(Value::Null);
            if wanted(&status) {
                return status;
            }
            assert!(
                self.process.try_wait().expect("a child").is_none(),
                "the run ended: {}",
                self.wrote("stderr")
            );
            assert!(Instant::now() < until, "it never came to that: {answer:#?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends it as systemd would; its exit code.
    pub(super) fn end(&mut self) -> Option<i32> {
        signal(&self.process, "TERM");
        wait(&mut self.process, Duration::from_secs(20))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn set(command: &mut Command, keys: &[(&str, &str)]) {
    let busy = [
        ("MARKETS__MIN_VOLUME", "0"),
        ("MARKETS__MIN_LIQUIDITY", "0"),
        ("RISK__CIRCUIT_BREAKER_ENABLED", "false"),
        ("TRADING__COOLDOWN_MINUTES", "0"),
    ];
    for (key, value) in busy.iter().chain(keys) {
        command.env(format!("KALSHI_BOT__{key}"), value);
    }
}

/// Whether the bot has sent an order and holds what it bought.
pub(super) fn has_traded(status: &Value) -> bool {
    status["positions"].as_array().is_some_and(|held| !held.is_empty())
}
