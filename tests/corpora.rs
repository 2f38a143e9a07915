//! What the fuzzers know, without a fuzzer: every input of every corpus in `fuzz/corpus`, and a fixed number of others
//! made from them, go through the functions that the fuzz targets call (fuzz/README.md).

#[allow(unreachable_pub, reason = "it is a library of its own for the fuzzers")]
#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::Path;

/// Chance from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        // An odd multiplier and the upper half: plain, and the same everywhere.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound.max(1)
    }
}

/// The inputs of a corpus, in the order of their names.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry"))
        .map(|entry| {
            let input = fs::read(entry.path()).expect("a file");
            (entry.file_name().to_string_lossy().into_owned(), input)
        })
        .collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "{} is empty", folder.display());
    inputs
}

/// The words of a dictionary, one in quotes a line.
fn words(dictionary: &str) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/dictionaries").join(dictionary);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let quoted = text.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    quoted.map(|word| word.replace("\\\"", "\"").replace("\\x0a", "\n").into_bytes()).collect()
}

/// Changes an input in one to four places.
fn change(input: &mut Vec<u8>, chance: &mut Chance, words: &[Vec<u8>], other: &[u8]) {
    for _ in 0..=chance.below(4) {
        let at = chance.below(input.len() + 1);
        let length = chance.below(24).min(input.len() - at);
        match chance.below(6) {
            0 if at < input.len() => input[at] ^= 1 << chance.below(8),
            1 => drop(input.drain(at..at + length)),
            2 => {
                let again = input[at..at + length].to_vec();
                drop(input.splice(at..at, again));
            }
            3 => {
                let word = words[chance.below(words.len())].clone();
                drop(input.splice(at..at, word));
            }
            4 => {
                let from = chance.below(other.len());
                let until = (from + chance.below(64)).min(other.len());
                drop(input.splice(at..at + length, other[from..until].to_vec()));
            }
            _ => input.truncate(at),
        }
    }
}

/// Says which input it was when a check fails, so that it can be kept and played again.
struct Named<'a>(&'a str, &'a [u8]);

impl Drop for Named<'_> {
    #[allow(clippy::print_stderr, reason = "only the input tells how to repeat the failure")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input, made from {}: {:?}", self.0, String::from_utf8_lossy(self.1));
        }
    }
}

fn replay(target: &str, dictionary: &str, changes: usize, run: fn(&[u8])) {
    let inputs = corpus(target);
    let words = words(dictionary);
    let mut chance = Chance(20_261_124);
    for (name, input) in &inputs {
        {
            let _named = Named(name, input);
            run(input);
        }
        for _ in 0..changes {
            let mut changed = input.clone();
            let other = &inputs[chance.below(inputs.len())].1;
            change(&mut changed, &mut chance, &words, other);
            let _named = Named(name, &changed);
            run(&changed);
        }
    }
}

#[test]
fn frames() {
    replay("ws_frame", "frames.dict", 400, targets::ws_frame);
}

#[test]
fn connections() {
    replay("feed", "frames.dict", 12, targets::feed);
}

#[test]
fn bodies() {
    replay("rest_body", "rest_body.dict", 200, targets::rest_body);
}

#[test]
fn configuration_files() {
    replay("config_file", "config_file.dict", 40, targets::config_file);
}

#[test]
fn recordings() {
    replay("recording", "recording.dict", 40, targets::recording);
}

#[test]
fn journals() {
    replay("journal", "journal.dict", 60, targets::journal);
}

#[test]
fn journals_of_runs_are_written_again_byte_for_byte() {
    let runs: Vec<_> = corpus("journal").into_iter().filter(|(name, _)| name.starts_with("run_")).collect();
    assert!(!runs.is_empty());
    for (name, input) in runs {
        let (there, again) = targets::journal_again(&input).unwrap_or_else(|| panic!("{name} isn't sound"));
        assert!(there == again, "{name} is written otherwise than it was");
    }
}
