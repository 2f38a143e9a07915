//! Keeps the house in order: which room may use which, what the core never touches, no floats near money, no long
//! files, every module introduced, nothing left to do.
//!
//! It reads the source text. Comments don't count, and neither do a room's own tests where imports are concerned.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms whose imports are fixed, and what each may use of the others. An entry with `::` allows that item or
/// module alone.
const IMPORTS: [(&str, &[&str]); 14] = [
    ("clock", &["units"]),
    ("units", &[]),
    ("fees", &["units"]),
    ("market", &["units", "fees"]),
    ("execution", &["units", "fees", "market"]),
    ("strategy", &["units", "fees", "market"]),
    ("risk", &["units", "fees", "market", "execution", "strategy"]),
    ("engine", &["units", "fees", "market", "execution", "strategy", "risk"]),
    ("kalshi", &["units", "clock"]),
    ("journal", &["units", "market", "execution", "engine"]),
    ("figures", &["units"]),
    ("alert", &["units", "figures", "market", "risk", "engine", "config"]),
    ("control", &["units", "market", "engine", "store", "telemetry"]),
    (
        "exchange",
        &[
            "units",
            "clock",
            "fees",
            "kalshi",
            "market",
            "engine::Event",
            "engine::Stamp",
            "engine::event",
            "gateway::inbound",
            "replay::source",
        ],
    ),
];

/// The rooms that decide. They know no clock, no chance, no I/O, no log and no edge.
const CORE: [&str; 7] = ["units", "fees", "market", "strategy", "risk", "execution", "engine"];

/// What the core never mentions.
const OUTSIDE_THE_CORE: [&str; 13] = [
    "tokio",
    "reqwest",
    "clap",
    "rusqlite",
    "rand",
    "rand_pcg",
    "tracing",
    "Instant",
    "SystemTime",
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
];

/// The rooms in which money and sizes are integers.
const WITHOUT_FLOATS: [&str; 9] =
    ["units", "fees", "market", "risk", "execution", "engine", "exchange", "gateway", "strategy"];

/// Most lines of a file.
const LONGEST_FILE: usize = 550;

struct Source {
    /// Relative to the package, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The room a library file belongs to: the first part of its path, without the ending.
    fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let first = inside.split('/').next()?;
        Some(first.strip_suffix(".rs").unwrap_or(first))
    }

    /// How many modules deep the file is: 1 for `src/market.rs`.
    fn depth(&self) -> usize {
        self.path.split('/').count() - 1
    }

    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// The code, line for line, without comments.
    fn code(&self) -> String {
        let mut code = String::new();
        for line in self.text.lines() {
            code.push_str(line.find("//").map_or(line, |start| &line[..start]));
            code.push('\n');
        }
        code
    }

    /// The code without the tests at its end.
    fn code_proper(&self) -> String {
        let mut code = self.code();
        if let Some(start) = code.find("#[cfg(test)]\nmod tests {") {
            code.truncate(start);
        }
        code
    }
}

/// A name as it stands in code, a trailing `!` included, with its line.
fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.lines().enumerate().flat_map(|(index, line)| {
        line.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_').map(move |piece| {
            (index + 1, piece.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_' && c != '!'))
        })
    })
}

/// What a file uses of the crate's rooms, as `room` or `room::item`, with the line: paths from `crate::`, grouped or
/// not, and paths from enough `super::` to come out at the crate's root.
fn uses(source: &Source) -> Vec<(usize, String)> {
    let code = source.code_proper();
    let root = "super::".repeat(source.depth());
    let mut found = Vec::new();
    for prefix in ["crate::", root.as_str()] {
        for (start, _) in code.match_indices(prefix) {
            let before = code[..start].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let line = code[..start].lines().count().max(1);
            found.extend(targets(&code[start + prefix.len()..]).into_iter().map(|target| (line, target)));
        }
    }
    found
}

/// The paths named right after `crate::`, two parts of each: one path, or each of a group in braces.
fn targets(after: &str) -> Vec<String> {
    let Some(group) = after.strip_prefix('{') else { return first_two_parts(after) };
    let mut depth = 0_usize;
    let mut item = 0;
    let mut found = Vec::new();
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                found.extend(first_two_parts(&group[item..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.extend(first_two_parts(&group[item..at]));
                item = at + 1;
            }
            _ => {}
        }
    }
    found
}

fn first_two_parts(path: &str) -> Vec<String> {
    let path = path.trim_start();
    let room = identifier(path);
    let Some(rest) = path[room.len()..].strip_prefix("::") else {
        return if room.is_empty() { Vec::new() } else { vec![room.to_owned()] };
    };
    if let Some(group) = rest.strip_prefix('{') {
        return targets(&format!("{{{group}"))
            .into_iter()
            .map(|item| format!("{room}::{}", identifier(&item)))
            .collect();
    }
    vec![format!("{room}::{}", identifier(rest))]
}

fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

fn import_faults(source: &Source, rooms: &BTreeSet<String>) -> Vec<String> {
    let Some(room) = source.room().filter(|_| !source.is_test()) else { return Vec::new() };
    let Some((_, allowed)) = IMPORTS.iter().find(|(name, _)| *name == room) else { return Vec::new() };
    uses(source)
        .into_iter()
        .filter(|(_, target)| {
            let used = identifier(target);
            used != room
                && rooms.contains(used)
                && !allowed.contains(&used)
                && !allowed.contains(&target.as_str())
        })
        .map(|(line, target)| {
            let may = if allowed.is_empty() { "no other room".to_owned() } else { allowed.join(", ") };
            format!("{}:{line}: {room} uses {target}; it may use {may}", source.path)
        })
        .collect()
}

fn word_faults(source: &Source, code: &str, forbidden: &[&str], rule: &str) -> Vec<String> {
    words(code)
        .filter(|(_, word)| forbidden.contains(word))
        .map(|(line, word)| format!("{}:{line}: {word}: {rule}", source.path))
        .collect()
}

fn core_faults(source: &Source) -> Vec<String> {
    if source.is_test() || !source.room().is_some_and(|room| CORE.contains(&room)) {
        return Vec::new();
    }
    let rule = "the core knows no clock, no chance, no I/O and no log; time and events are handed in";
    word_faults(source, &source.code_proper(), &OUTSIDE_THE_CORE, rule)
}

fn float_faults(source: &Source) -> Vec<String> {
    if !source.room().is_some_and(|room| WITHOUT_FLOATS.contains(&room)) {
        return Vec::new();
    }
    word_faults(source, &source.code(), &["f32", "f64"], "money, prices and sizes are integers (units.rs)")
}

fn unfinished_faults(source: &Source) -> Vec<String> {
    word_faults(source, &source.code(), &["todo!", "unimplemented!"], "nothing is left for later")
}

fn shape_faults(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = source.text.lines().count();
    if lines > LONGEST_FILE {
        faults.push(format!(
            "{}:{lines}: {lines} lines; split it by meaning, {LONGEST_FILE} at most",
            source.path
        ));
    }
    if !source.is_test() && !source.text.trim_start().starts_with("//!") {
        faults.push(format!("{}:1: opens without a `//!` paragraph that introduces the module", source.path));
    }
    faults
}

/// Every Rust file of the library and of the front door.
fn sources() -> Vec<Source> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waiting = vec![package.join("src"), package.join("commands")];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).expect("the package has its folders") {
            let path = entry.expect("a folder can be listed").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    let relative = |file: &PathBuf| {
        let path = file.strip_prefix(package).expect("the file is inside the package");
        path.to_str().expect("paths are UTF-8").replace('\\', "/")
    };
    files
        .iter()
        .map(|file| Source {
            path: relative(file),
            text: fs::read_to_string(file).expect("a source file can be read"),
        })
        .collect()
}

fn rooms(sources: &[Source]) -> BTreeSet<String> {
    sources.iter().filter_map(Source::room).filter(|room| *room != "lib").map(str::to_owned).collect()
}

fn assert_clean(faults: &[String]) {
    assert!(
        faults.is_empty(),
        "{} places against the rules of the house:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn every_room_uses_only_the_rooms_it_may() {
    let sources = sources();
    let rooms = rooms(&sources);
    for (room, _) in IMPORTS {
        assert!(rooms.contains(room), "the room {room} is gone; take it out of IMPORTS");
    }
    assert_clean(&sources.iter().flat_map(|source| import_faults(source, &rooms)).collect::<Vec<_>>());
}

#[test]
fn the_core_stays_pure() {
    assert_clean(&sources().iter().flat_map(core_faults).collect::<Vec<_>>());
}

#[test]
fn no_float_comes_near_money() {
    assert_clean(&sources().iter().flat_map(float_faults).collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_to_do() {
    assert_clean(&sources().iter().flat_map(unfinished_faults).collect::<Vec<_>>());
}

#[test]
fn files_are_short_and_introduced() {
    assert_clean(&sources().iter().flat_map(shape_faults).collect::<Vec<_>>());
}

fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}

fn all_rooms() -> BTreeSet<String> {
    ["engine", "exchange", "execution", "fees", "kalshi", "market", "replay", "store", "units"]
        .map(str::to_owned)
        .into()
}

#[test]
fn imports_are_seen_in_every_form() {
    let cases = [
        ("src/market/book.rs", "use crate::store;\n", "src/market/book.rs:1: market uses store"),
        (
            "src/market/book.rs",
            "\nfn f() { crate::engine::run() }\n",
            "src/market/book.rs:2: market uses engine::run",
        ),
        ("src/market.rs", "use crate::{units::{Price, Money}, store::Store};", "market uses store::Store"),
        ("src/market.rs", "use crate::{\n    fees,\n    execution,\n};", "market uses execution"),
        ("src/market.rs", "use super::store::Store;", "market uses store::Store"),
        ("src/market/book.rs", "use super::super::store::Store;", "market uses store::Store"),
        ("src/exchange.rs", "use crate::engine::{Event, Engine};", "exchange uses engine::Engine"),
    ];
    for (path, text, expected) in cases {
        let faults = import_faults(&source(path, text), &all_rooms());
        assert_eq!(faults.len(), 1, "{text:?}: {faults:?}");
        assert!(faults[0].contains(expected), "{text:?}: {faults:?}");
    }
}

#[test]
fn allowed_imports_pass() {
    let cases = [
        ("src/market.rs", "use crate::market::Book;\nuse crate::units::Price;\nuse self::store::Shelf;"),
        ("src/market/book.rs", "use super::store::Shelf;\n// crate::store is another matter"),
        ("src/exchange.rs", "use crate::engine::Event;\nuse crate::replay::source::{Item, Source};"),
        ("src/market/tests.rs", "use crate::engine::Engine;"),
        ("src/market.rs", "#[cfg(test)]\nmod tests {\n    use crate::engine::Engine;\n}"),
        ("src/store.rs", "use crate::engine::Record;"),
    ];
    for (path, text) in cases {
        assert_eq!(import_faults(&source(path, text), &all_rooms()), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn words_are_seen_in_code_alone() {
    let core = |text: &str| core_faults(&source("src/risk/gate.rs", text)).len();
    assert_eq!(core("use std::time::Instant;"), 1);
    assert_eq!(core("fn f() { println!(\"{}\", tracing::Level::INFO) }"), 2);
    assert_eq!(core("use std::time::Duration; // not Instant"), 0);
    assert_eq!(core("let instantly = operand;"), 0);
    let floats = |text: &str| float_faults(&source("src/risk/gate.rs", text)).len();
    assert_eq!(floats("fn f(x: f64) -> f32 { 1_f64; x as f32 }"), 3, "a suffix joined by _ is one word");
    assert_eq!(floats("/// never an f64"), 0);
    assert_eq!(unfinished_faults(&source("src/risk.rs", "fn f() { todo!() }")).len(), 1);
}

#[test]
fn shapes_are_judged() {
    assert!(shape_faults(&source("src/risk.rs", "//! Approves or refuses.\n")).is_empty());
    assert!(shape_faults(&source("src/risk/tests.rs", "use super::*;\n")).is_empty());
    assert_eq!(shape_faults(&source("src/risk.rs", "use std::fmt;\n")).len(), 1);
    let long = format!("//! Long.\n{}", "\n".repeat(LONGEST_FILE));
    assert_eq!(shape_faults(&source("src/risk.rs", &long)).len(), 1);
}
