//! The seeded bugs of `tests/mutations` fit the sources as they are, say what they are, and stand in `docs/mutations.md`.
//! Whether simulated lives catch them takes a build for each: `tests/mutations/run`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every patch by its name.
fn patches() -> Vec<(String, String)> {
    let folder = fs::read_dir(root().join("tests/mutations")).expect("the folder is there");
    let paths = folder.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "patch")).collect();
    paths.sort();
    let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), read(path))).collect()
}

/// A change of one place: the lines that are there before and after it.
#[derive(Default)]
struct Hunk {
    file: String,
    before: String,
    after: String,
}

/// The changes of a patch whose first two lines are its head.
fn hunks(patch: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut file = String::new();
    for line in patch.lines().skip(2) {
        if line.starts_with("--- a/") {
            continue;
        }
        if let Some(path) = line.strip_prefix("+++ b/") {
            path.clone_into(&mut file);
        } else if line.starts_with("@@ ") {
            hunks.push(Hunk { file: file.clone(), ..Hunk::default() });
        } else {
            let hunk = hunks.last_mut().expect("a change begins with @@");
            let (kind, text) = line.split_at_checked(1).unwrap_or((" ", ""));
            for (side, is_on_it) in [(&mut hunk.before, kind != "+"), (&mut hunk.after, kind != "-")] {
                if is_on_it {
                    side.push_str(text);
                    side.push('\n');
                }
            }
        }
    }
    hunks
}

#[test]
fn every_seeded_bug_fits_the_sources() {
    let patches = patches();
    assert!(patches.len() >= 16, "the patches are read");
    for (name, patch) in patches {
        let hunks = hunks(&patch);
        assert!(!hunks.is_empty(), "{name} changes nothing");
        for Hunk { file, before, after } in hunks {
            assert!(file.starts_with("src/") && !file.starts_with("src/soak"), "{name} changes {file}");
            let source = read(&root().join(&file));
            assert_eq!(source.matches(&before).count(), 1, "{name} doesn't fit {file}: make its patch anew");
            assert_ne!(before, after, "{name} changes nothing in {file}");
        }
    }
}

#[test]
fn every_seeded_bug_says_what_it_is_and_which_rule_catches_it() {
    let rules = read(&root().join("src/soak/audit.rs"));
    for (name, patch) in patches() {
        let mut head = patch.lines();
        let bug = head.next().and_then(|line| line.strip_prefix("# bug: "));
        assert!(bug.is_some_and(|bug| bug.len() > 20), "{name} doesn't say what it breaks");
        let caught = head.next().and_then(|line| line.strip_prefix("# caught by: "));
        let caught = caught.unwrap_or_else(|| panic!("{name} doesn't say what catches it"));
        if caught.starts_with("nothing, because ") {
            continue;
        }
        for rule in caught.split(", ") {
            assert!(rules.contains(&format!("//! | `{rule}` |")), "{name}: there is no rule {rule}");
        }
    }
}

#[test]
fn the_table_of_results_has_every_seeded_bug_and_no_other() {
    let page = read(&root().join("docs/mutations.md"));
    let listed: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split_once('`'))
        .map(|(name, _)| name)
        .collect();
    let patches = patches();
    let there: BTreeSet<&str> = patches.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(listed, there);
}
