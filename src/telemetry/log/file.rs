//! Log files in a folder, a new one each hour or day, of which the latest are kept.
//!
//! A file that can't be opened or written is told to whoever writes, and tried again with the next line; nothing is
//! ever printed here, because what would be printed to may be gone.

use crate::config::LogRotation;
use crate::units::Timestamp;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// What the names of the files begin and end with.
const PREFIX: &str = "kalshi-bot";
const SUFFIX: &str = ".log";

/// Writes to the file of the moment.
pub(super) struct Files {
    folder: PathBuf,
    rotation: LogRotation,
    keep: usize,
    clock: fn() -> Timestamp,
    /// The file in use and the part of its name that changes.
    open: Option<(String, File)>,
}

impl Files {
    /// Opens the file of this moment; the folder is made where it isn't there.
    ///
    /// # Errors
    /// Whatever keeps the file from being opened.
    pub(super) fn open(
        folder: &Path,
        rotation: LogRotation,
        keep: usize,
        clock: fn() -> Timestamp,
    ) -> io::Result<Self> {
        let mut files = Self { folder: folder.to_owned(), rotation, keep, clock, open: None };
        files.current()?;
        Ok(files)
    }

    /// The file that a line belongs to now.
    fn current(&mut self) -> io::Result<&mut File> {
        let now = (self.clock)().to_string();
        let period = match self.rotation {
            LogRotation::Daily => now.get(..10),
            LogRotation::Hourly => now.get(..13),
            LogRotation::Never => None,
        };
        let period = period.map_or_else(String::new, |period| format!(".{period}"));
        let is_current = self.open.as_ref().is_some_and(|(open, _)| *open == period);
        if !is_current {
            // The old file goes on being written if the new one can't be opened.
            match self.begin(&period) {
                Ok(file) => self.open = Some((period, file)),
                Err(fault) if self.open.is_none() => return Err(fault),
                Err(_) => {}
            }
        }
        self.open.as_mut().map(|(_, file)| file).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn begin(&self, period: &str) -> io::Result<File> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let path = self.folder.join(format!("{PREFIX}{period}{SUFFIX}"));
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        self.prune();
        Ok(file)
    }

    /// Removes the oldest files beyond those that are kept. One that can't be removed stays.
    fn prune(&self) {
        let Ok(found) = fs::read_dir(&self.folder) else { return };
        let mut names: Vec<_> = found
            .filter_map(|entry| entry.ok().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file())))
            .map(|entry| entry.file_name())
            .filter(|name| name.to_str().is_some_and(is_rotated))
            .collect();
        // The names are as old as they read.
        names.sort();
        for name in names.iter().rev().skip(self.keep) {
            let _ = fs::remove_file(self.folder.join(name));
        }
    }
}

/// Whether a file is one of ours that was begun at a day or an hour; nothing else is ever removed.
fn is_rotated(name: &str) -> bool {
    let period = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix('.')?.strip_suffix(SUFFIX));
    period.is_some_and(|period| {
        matches!(period.len(), 10 | 13)
            && period.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'T'))
    })
}

impl Write for Files {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.current()?.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        static NOW: Cell<i64> = const { Cell::new(1_795_370_000) };
    }

    fn clock() -> Timestamp {
        Timestamp::from_secs(NOW.get())
    }

    fn names(folder: &Path) -> Vec<String> {
        let found = fs::read_dir(folder).expect("a folder");
        let mut names: Vec<String> =
            found.map(|entry| entry.unwrap().file_name().into_string().expect("text")).collect();
        names.sort();
        names
    }

    #[test]
    fn each_day_has_its_file_and_the_latest_are_kept() {
        let outer = tempfile::tempdir().expect("a folder");
        let folder = outer.path().join("logs");
        fs::create_dir(&folder).unwrap();
        for other in ["kalshi-bot.db", "kalshi-bot.notes.log", "kalshi-bot.log"] {
            fs::write(folder.join(other), "not a rotated log").unwrap();
        }
        let mut files = Files::open(&folder, LogRotation::Daily, 2, clock).expect("it opens");
        for day in 0..4 {
            NOW.set(1_795_370_000 + day * 86_400);
            files.write_all(format!("day {day}\n").as_bytes()).unwrap();
            files.write_all(b"again\n").unwrap();
        }
        let expected = [
            "kalshi-bot.2026-11-24.log",
            "kalshi-bot.2026-11-25.log",
            "kalshi-bot.db",
            "kalshi-bot.log",
            "kalshi-bot.notes.log",
        ];
        assert_eq!(names(&folder), expected);
        let last = fs::read_to_string(folder.join("kalshi-bot.2026-11-25.log")).unwrap();
        assert_eq!(last, "day 3\nagain\n");
    }

    #[test]
    fn hours_have_theirs_and_a_file_without_rotation_goes_on_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        NOW.set(1_795_370_000);
        drop(Files::open(folder.path(), LogRotation::Hourly, 5, clock).expect("it opens"));
        assert_eq!(names(folder.path()), ["kalshi-bot.2026-11-22T17.log"]);
        for _ in 0..2 {
            let mut files = Files::open(folder.path(), LogRotation::Never, 1, clock).expect("it opens");
            files.write_all(b"line\n").unwrap();
        }
        assert_eq!(fs::read_to_string(folder.path().join("kalshi-bot.log")).unwrap(), "line\nline\n");
    }

    #[test]
    fn a_new_file_that_cannot_be_begun_leaves_the_old_one_in_use() {
        let folder = tempfile::tempdir().expect("a folder");
        NOW.set(1_795_370_000);
        let mut files = Files::open(folder.path(), LogRotation::Daily, 5, clock).expect("it opens");
        // Something else has the next day's name.
        fs::create_dir(folder.path().join("kalshi-bot.2026-11-23.log")).unwrap();
        NOW.set(1_795_370_000 + 86_400);
        files.write_all(b"still here\n").unwrap();
        assert_eq!(
            fs::read_to_string(folder.path().join("kalshi-bot.2026-11-22.log")).unwrap(),
            "still here\n"
        );

        let blocked = folder.path().join("kalshi-bot.2026-11-22.log");
        assert!(Files::open(&blocked, LogRotation::Daily, 5, clock).is_err(), "a file is no folder");
    }
}
