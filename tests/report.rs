//! The daily report as its reader gets it: its figures recomputed by SQL, its days, its page in a browser, its mails, and
//! the same from the second store.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

#[path = "report/days.rs"]
mod days;
#[path = "report/figures.rs"]
mod figures;
#[path = "report/mailed.rs"]
mod mailed;
#[path = "report/page.rs"]
mod page;
#[allow(dead_code, reason = "shared by several test programs")]
#[path = "support/postgres.rs"]
mod postgres;
#[path = "report/second_store.rs"]
mod second_store;
#[allow(dead_code, reason = "shared by several test programs")]
#[path = "mail/server.rs"]
mod server;
#[allow(dead_code, reason = "shared by several test programs")]
#[path = "support/sim.rs"]
mod sim;

use sim::{bot, said};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The day on which generated markets are traded.
const DAY: &str = "2026-11-23";

/// A state folder with a paper run in it.
struct Kept {
    folder: TempDir,
}

impl Kept {
    /// Trades generated markets for so long, breakers off, so that there is something to tell.
    fn paper(length: &str) -> Self {
        let kept = Self { folder: tempfile::tempdir().expect("a folder") };
        kept.trade("3", length);
        kept
    }

    fn trade(&self, seed: &str, length: &str) {
        let mut paper =
            bot(&["paper", "--speed", "max", "--output", "json", "--seed", seed, "--for", length]);
        paper.arg("--state-dir").arg(self.state()).env("KALSHI_BOT__RISK__CIRCUIT_BREAKER_ENABLED", "false");
        said(&mut paper).ended(0);
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.state().join("kalshi-bot.db")).expect("a database")
    }

    fn report(&self, arguments: &[&str]) -> Command {
        report(&self.state(), arguments)
    }
}

fn report(state: &Path, arguments: &[&str]) -> Command {
    let mut command = bot(&["report", "daily", "--state-dir"]);
    command.arg(state).args(arguments);
    command
}
