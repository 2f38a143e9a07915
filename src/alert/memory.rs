//! What the limit remembers from one run to the next: a program that is started over and over again, as a supervisor
//! does with one that can't start, must not send a mail each time.

use super::limit::RateLimit;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file's name in the state folder.
const FILE: &str = "alerts.json";

/// Where the limit is kept; nowhere without a folder.
#[derive(Debug)]
pub(super) struct Memory {
    path: Option<PathBuf>,
    kept: RateLimit,
    has_failed: bool,
}

impl Memory {
    /// Reads what an earlier run left. What can't be read is forgotten: then a mail too many may be sent.
    pub(super) fn open(folder: Option<&Path>) -> (Self, RateLimit) {
        let path = folder.map(|folder| folder.join(FILE));
        let kept = path.as_deref().and_then(read).unwrap_or_default();
        (Self { path, kept: kept.clone(), has_failed: false }, kept)
    }

    /// Writes the limit down if it changed.
    pub(super) fn keep(&mut self, limit: &RateLimit) {
        let Some(path) = self.path.as_deref().filter(|_| self.kept != *limit) else { return };
        match write(path, limit) {
            Ok(()) => self.kept = limit.clone(),
            Err(error) if !self.has_failed => {
                self.has_failed = true;
                tracing::warn!(path = %path.display(), %error, "what was mailed can't be kept; the next run may repeat it");
            }
            Err(_) => {}
        }
    }
}

fn read(path: &Path) -> Option<RateLimit> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "what earlier runs mailed can't be read");
            return None;
        }
    };
    serde_json::from_str(&text)
        .inspect_err(|error| {
            tracing::warn!(path = %path.display(), %error, "what earlier runs mailed can't be read");
        })
        .ok()
}

/// Puts the new file in the place of the old one at once, so that a crash leaves one of the two.
fn write(path: &Path, limit: &RateLimit) -> io::Result<()> {
    let beside = path.with_extension("json.new");
    fs::write(&beside, serde_json::to_vec(limit)?)?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::samples;
    use crate::alert::{Alert, limit::Quota};
    use crate::units::Timestamp;
    use std::time::Duration;

    const QUOTA: Quota = Quota { most: 3, window: Duration::from_mins(10) };

    #[test]
    fn what_was_mailed_is_known_to_the_next_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut memory, mut limit) = Memory::open(Some(folder.path()));
        let now = Timestamp::from_secs(1_795_000_000);
        let note = samples::tripped("daily_loss").note();
        assert!(limit.offer(now, &note, QUOTA).is_sent);
        memory.keep(&limit);
        let (mut memory, mut again) = Memory::open(Some(folder.path()));
        assert_eq!(again, limit);
        assert!(!again.offer(now + Duration::from_secs(10), &note, QUOTA).is_sent, "it is a repeat");
        memory.keep(&again);
        let (_, mut later) = Memory::open(Some(folder.path()));
        let digest = later.close(now + QUOTA.window, QUOTA).expect("what was held back is not lost");
        assert_eq!(digest.count(), 1);
    }

    #[test]
    fn a_file_that_makes_no_sense_is_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), "{\"window\": 5}").expect("a file");
        let (_, mut limit) = Memory::open(Some(folder.path()));
        assert_eq!(limit, RateLimit::default());
        let note = Alert::Opened(samples::opened()).note();
        assert!(limit.offer(note.time, &note, QUOTA).is_sent);
    }
}
