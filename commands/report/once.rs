//! One mail a day: what was sent is noted in the state folder, under what it told and to whom.
//!
//! The note is locked while the mail is under way and written once it was taken. Two at once therefore send one; a crash
//! in between sends it again rather than never.

use crate::start::wall_clock;
use kalshi_bot::report::daily::Period;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Where notes are kept, inside the state folder.
const FOLDER: &str = "reports";

/// Whether a mail is still to be sent.
#[derive(Debug)]
pub(super) enum Turn {
    /// It is; nobody else sends it while this is held.
    Ours(Note),
    /// It was, at this time.
    Sent(String),
    /// Another process is sending it now.
    Another,
}

/// A note that isn't written yet, locked.
#[derive(Debug)]
pub(super) struct Note {
    file: File,
}

/// Looks whether the mail of this period to this address was sent, and takes the turn if not, or if it is to be sent
/// `again`.
///
/// # Errors
/// Whatever keeps the folder from being used, with the path.
pub(super) fn turn(
    state: &Path,
    period: &Period,
    recipient: &str,
    again: bool,
) -> Result<Turn, (PathBuf, io::Error)> {
    let folder = state.join(FOLDER);
    let path = folder.join(name(period, recipient));
    let look = || -> io::Result<Turn> {
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Turn::Another),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let mut sent = String::new();
        file.read_to_string(&mut sent)?;
        if sent.trim().is_empty() || again {
            return Ok(Turn::Ours(Note { file }));
        }
        Ok(Turn::Sent(sent.trim().to_owned()))
    };
    look().map_err(|error| (path.clone(), error))
}

impl Note {
    /// Notes that the mail was taken.
    ///
    /// # Errors
    /// Whatever keeps the note from being written.
    pub(super) fn write(mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        writeln!(self.file, "{}", wall_clock())?;
        self.file.sync_all()
    }
}

/// What tells notes apart: kind, account, days, zone and address, in letters that any file system takes.
fn name(period: &Period, recipient: &str) -> String {
    let account = period.account.as_deref().unwrap_or("all");
    let whole = [
        period.kind.as_str(),
        account,
        &period.from_day.to_string(),
        &period.to_day.to_string(),
        &period.zone,
        recipient,
    ]
    .map(plain)
    .join("_");
    format!("daily_{whole}")
}

/// Letters, digits and a few signs stand for themselves, everything else for its number, so that no two texts become one.
fn plain(text: &str) -> String {
    use std::fmt::Write as _;
    text.chars().fold(String::new(), |mut plain, letter| {
        if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '@' | '+') {
            plain.push(letter);
        } else {
            let _ = write!(plain, "%{:x}", u32::from(letter));
        }
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kalshi_bot::store::RunKind;
    use kalshi_bot::units::Timestamp;

    fn period(day: &str) -> Period {
        let day = day.parse().expect("a date");
        Period {
            kind: RunKind::Live,
            account: None,
            from_day: day,
            to_day: day,
            zone: "America/New_York".to_owned(),
            from: Timestamp::EPOCH,
            to: Timestamp::EPOCH,
            seconds: 86_400,
            last_day_with_trades: None,
            runs: Vec::new(),
        }
    }

    fn take(state: &Path, day: &str, recipient: &str, again: bool) -> Turn {
        turn(state, &period(day), recipient, again).expect("a usable folder")
    }

    fn ours(turn: Turn) -> Note {
        match turn {
            Turn::Ours(note) => note,
            other => panic!("expected our turn, got {other:?}"),
        }
    }

    #[test]
    fn a_mail_is_sent_once_for_what_it_tells_and_to_whom() {
        let state = tempfile::tempdir().expect("a folder");
        ours(take(state.path(), "2026-11-23", "a@example.com", false)).write().expect("written");
        assert!(matches!(take(state.path(), "2026-11-23", "a@example.com", false), Turn::Sent(_)));
        ours(take(state.path(), "2026-11-24", "a@example.com", false));
        ours(take(state.path(), "2026-11-23", "b@example.com", false));
        ours(take(state.path(), "2026-11-23", "a@example.com", true));
    }

    #[test]
    fn a_mail_that_was_not_taken_is_sent_again() {
        let state = tempfile::tempdir().expect("a folder");
        drop(ours(take(state.path(), "2026-11-23", "a@example.com", false)));
        ours(take(state.path(), "2026-11-23", "a@example.com", false));
    }

    #[test]
    fn two_at_once_send_one() {
        let state = tempfile::tempdir().expect("a folder");
        let note = ours(take(state.path(), "2026-11-23", "a@example.com", false));
        assert!(matches!(take(state.path(), "2026-11-23", "a@example.com", true), Turn::Another));
        note.write().expect("written");
        assert!(matches!(take(state.path(), "2026-11-23", "a@example.com", false), Turn::Sent(_)));
    }

    #[test]
    fn no_two_addresses_share_a_note() {
        let period = period("2026-11-23");
        let names = ["a/b@example.com", "a_b@example.com", "a%2fb@example.com", "ä@example.com"]
            .map(|recipient| name(&period, recipient));
        let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{names:?}");
        assert!(names.iter().all(|name| name.is_ascii() && !name.contains('/')), "{names:?}");
    }
}
