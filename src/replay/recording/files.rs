//! Which files are to be played.

use super::faults::Faults;
use crate::replay::source::SourceError;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What the reader says where it finds none of them.
pub(super) const FORMS: &str = "understood are, plain or gzip: lines {\"recv_ms\":N,\"event\":FRAME}, lines \
    {\"recv_ts_ns\":N,\"raw\":\"FRAME\"}, frames one a line, a folder of lines with event_type, local_recv_ns and \
    payload_json, and a JSON document with frames: [{\"received_ms\":N,\"frame\":FRAME}]";

/// A file that may be a recording.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) path: PathBuf,
    /// Whether it was named itself, not found in a folder.
    pub(super) named: bool,
}

/// The files that `paths` stand for, folders replaced by what is below them in order of name, each file once; and
/// the folders that hold none.
///
/// # Errors
/// When a path doesn't exist, a folder can't be read or `paths` is empty.
pub(super) fn find(
    paths: &[PathBuf],
    faults: &mut Faults,
) -> Result<(Vec<Candidate>, Vec<SourceError>), SourceError> {
    let mut found = Vec::new();
    let mut without = Vec::new();
    let mut seen = HashSet::new();
    for path in paths {
        if !path.exists() {
            return Err(missing(path));
        }
        if !path.is_dir() {
            if seen.insert(identity(path)) {
                found.push(Candidate { path: path.clone(), named: true });
            } else {
                faults.note(format!("{}: named twice; it is played once", path.display()));
            }
            continue;
        }
        let before = (found.len(), seen.len());
        let mut repeated = 0;
        walk(path, &mut seen, &mut found, &mut repeated)?;
        if repeated > 0 {
            faults.note(format!(
                "{}: {repeated} of its files or folders were named before; each is played once",
                path.display()
            ));
        } else if found.len() == before.0 {
            without.push(no_recordings(path));
        }
    }
    Ok((found, without))
}

/// Why there is nothing to play: the one reason, or the first of several.
pub(super) fn nothing_playable(paths: &[PathBuf], mut unusable: Vec<SourceError>) -> SourceError {
    let more = unusable.len().saturating_sub(1);
    if unusable.is_empty() {
        return match paths {
            [] => SourceError::Unusable {
                path: "recording".to_owned(),
                problem: "no file or folder was named".to_owned(),
            },
            [first, ..] => no_recordings(first),
        };
    }
    match unusable.swap_remove(0) {
        SourceError::Unusable { path, problem } if more > 0 => SourceError::Unusable {
            path,
            problem: format!("{problem} (and {more} more can't be played; none of the files can)"),
        },
        only => only,
    }
}

fn no_recordings(path: &Path) -> SourceError {
    SourceError::Unusable {
        path: path.display().to_string(),
        problem: format!("no recording was found here; {FORMS}"),
    }
}

fn missing(path: &Path) -> SourceError {
    let parent = path.ancestors().skip(1).find(|parent| !parent.as_os_str().is_empty() && parent.exists());
    SourceError::Unusable {
        path: path.display().to_string(),
        problem: match parent {
            Some(parent) => format!("doesn't exist; the nearest folder that does is {}", parent.display()),
            None => "doesn't exist in the current folder".to_owned(),
        },
    }
}

fn walk(
    folder: &Path,
    seen: &mut HashSet<PathBuf>,
    found: &mut Vec<Candidate>,
    repeated: &mut usize,
) -> Result<(), SourceError> {
    let io = |cause| SourceError::Io { path: folder.display().to_string(), cause };
    if !seen.insert(identity(folder)) {
        *repeated += 1;
        return Ok(());
    }
    let mut below: Vec<PathBuf> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(io)?;
    below.sort();
    for path in below {
        if path.is_dir() {
            walk(&path, seen, found, repeated)?;
        } else if is_recording_name(&path) {
            if seen.insert(identity(&path)) {
                found.push(Candidate { path, named: false });
            } else {
                *repeated += 1;
            }
        }
    }
    Ok(())
}

/// Whether a file found in a folder may be a recording by its name. Bodies of REST answers and results lie beside
/// recordings and are none.
fn is_recording_name(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let bare = name.strip_suffix(".gz").unwrap_or(&name);
    let kept = [".json", ".jsonl", ".ndjson"].iter().any(|ending| bare.ends_with(ending));
    let beside = bare.ends_with(".event.json") || bare.ends_with(".rest.jsonl") || bare == "results.json";
    kept && !beside && !bare.starts_with('.')
}

/// The path by which the same file is known again.
fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}
