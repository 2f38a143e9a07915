//! The layers of the configuration, laid one over another: compiled-in defaults, a file, the file of market
//! overrides, the environment, the command line. Every value of every layer is checked, whether or not a later
//! layer beats it, so that one run reports everything.

use super::document::{self, Leaf};
use super::expand::{self, Expanded};
use super::fault::{Fault, Origin};
use super::schema::{self, KEYS, Key, Kind};
use super::value::{self, Literal, Typed, Value};
use super::{nearest, url};
use std::collections::{BTreeMap, BTreeSet};

/// What the variables that set keys begin with.
pub(super) const PREFIX: &str = "KALSHI_BOT__";

/// A value in force, and why.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) value: Value,
    pub(super) origin: Origin,
    /// Variables it waits for; the value is empty then.
    pub(super) missing: Vec<String>,
}

/// Values by the path of their keys.
pub(super) type Values = BTreeMap<&'static str, Entry>;

/// For which markets a table of `markets.toml` speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    Series(String),
    Category(String),
}

impl Scope {
    pub(super) fn covers(&self, series: &str, category: &str) -> bool {
        match self {
            Self::Series(name) => name.eq_ignore_ascii_case(series),
            Self::Category(name) => name.eq_ignore_ascii_case(category),
        }
    }

    /// The table's name in `markets.toml`.
    pub(super) fn table(&self) -> String {
        let (section, name) = match self {
            Self::Series(name) => ("series", name),
            Self::Category(name) => ("category", name),
        };
        document::dotted(&[section.to_owned(), name.clone()])
    }
}

/// One table of `markets.toml`.
#[derive(Debug, Clone)]
pub(super) struct Override {
    pub(super) scope: Scope,
    pub(super) values: Values,
}

/// The values that hold for one market, or for the account where no override is given.
pub(super) struct View<'a> {
    pub(super) base: &'a Values,
    /// The most specific first.
    pub(super) overrides: Vec<&'a Override>,
}

impl View<'_> {
    /// The entry in force. The environment and the command line beat the overrides of files.
    pub(super) fn entry(&self, path: &str) -> &Entry {
        let base =
            self.base.get(path).expect("default.toml sets every key of the schema; a test compares the two");
        if matches!(base.origin, Origin::Environment { .. } | Origin::Flag) {
            return base;
        }
        self.overrides.iter().find_map(|table| table.values.get(path)).unwrap_or(base)
    }

    /// The value in force.
    pub(super) fn get<T: Typed>(&self, path: &str) -> T {
        T::from_value(&self.entry(path).value)
            .expect("the schema declares each key as the type that its setting has; every test that loads reads them all")
    }
}

/// A value as a layer gives it.
struct Given<'a> {
    /// The full path, for messages.
    shown: String,
    literal: &'a Literal,
    written: &'a str,
    origin: Origin,
}

/// Collects the layers, lowest first.
pub(super) struct Layers<'a> {
    environment: &'a BTreeMap<String, String>,
    pub(super) values: Values,
    pub(super) overrides: Vec<Override>,
    pub(super) faults: Vec<Fault>,
    /// Keys with a fault somewhere: what is in force for them isn't what was meant.
    pub(super) doubtful: BTreeSet<&'static str>,
}

impl<'a> Layers<'a> {
    pub(super) fn new(environment: &'a BTreeMap<String, String>) -> Self {
        Self {
            environment,
            values: Values::new(),
            overrides: Vec::new(),
            faults: Vec::new(),
            doubtful: BTreeSet::new(),
        }
    }

    /// Lays a main document on top; `place` makes the origin of a line.
    pub(super) fn main_document(&mut self, text: &str, place: impl Fn(usize) -> Origin) {
        for leaf in self.leaves(text, &place) {
            let shown = leaf.dotted();
            let origin = place(leaf.line);
            if let Some(key) = schema::find(&shown) {
                let given = Given { shown, literal: &leaf.literal, written: &leaf.written, origin };
                self.set(key, &given, true);
            } else if is_section(&shown) {
                if !leaf.empty_table {
                    self.faults.push(Fault::of(origin, shown, "is a section of keys, not a value"));
                }
            } else if matches!(leaf.path[0].as_str(), "series" | "category") {
                self.faults.push(Fault::of(origin, shown, "belongs in markets.toml"));
            } else {
                self.unknown(origin, shown);
            }
        }
    }

    /// Lays a document of market overrides on top.
    pub(super) fn markets_document(&mut self, text: &str, place: impl Fn(usize) -> Origin) {
        for leaf in self.leaves(text, &place) {
            self.market_leaf(&leaf, place(leaf.line));
        }
    }

    fn market_leaf(&mut self, leaf: &Leaf, origin: Origin) {
        let shown = leaf.dotted();
        let scope = match leaf.path.as_slice() {
            [section, name, ..] if section == "series" => Scope::Series(name.clone()),
            [section, name, ..] if section == "category" => Scope::Category(name.clone()),
            [section] if section == "series" || section == "category" => {
                if !leaf.empty_table {
                    let problem = format!("must be a table of its own for each {section}: [{section}.NAME]");
                    self.faults.push(Fault::of(origin, shown, problem));
                }
                return;
            }
            _ => {
                let problem =
                    "belongs in the main file; this one holds [series.NAME] and [category.NAME] tables";
                self.faults.push(Fault::of(origin, shown, problem));
                return;
            }
        };
        let name = document::dotted(&leaf.path[2..]);
        if leaf.path.len() == 2 || name == "time_to_event" {
            if !leaf.empty_table {
                self.faults.push(Fault::of(origin, shown, "is a section of keys, not a value"));
            }
            return;
        }
        let Some(key) = KEYS.iter().find(|key| key.per_market && key.name() == name) else {
            let mut fault = Fault::of(origin, shown, "no such key");
            if KEYS.iter().any(|key| key.name() == name || key.path == name) {
                "can't be set for one series or category; it holds in the main file alone"
                    .clone_into(&mut fault.problem);
            } else {
                let names = KEYS.iter().filter(|key| key.per_market).map(Key::name);
                fault.suggestion =
                    nearest::find(&name, names).map(|name| format!("{}.{name}", scope.table()));
            }
            self.faults.push(fault);
            return;
        };
        let given = Given { shown, literal: &leaf.literal, written: &leaf.written, origin };
        if let Some(entry) = self.accept(key, &given, true) {
            self.table(scope).values.insert(key.path, entry);
        }
    }

    fn table(&mut self, scope: Scope) -> &mut Override {
        let at = self.overrides.iter().position(|table| table.scope == scope).unwrap_or_else(|| {
            self.overrides.push(Override { scope, values: Values::new() });
            self.overrides.len() - 1
        });
        &mut self.overrides[at]
    }

    /// Lays the variables under [`PREFIX`] on top.
    pub(super) fn environment(&mut self) {
        let mut names = BTreeMap::new();
        for (name, text) in self.environment {
            let Some(tail) = name.get(..PREFIX.len()).filter(|head| head.eq_ignore_ascii_case(PREFIX)) else {
                continue;
            };
            let path = name[tail.len()..].to_ascii_lowercase().replace("__", ".");
            let origin = Origin::Environment { name: name.clone() };
            if let Some(other) = names.insert(path.clone(), name) {
                self.faults.push(Fault::of(
                    origin,
                    path,
                    format!("is also set by {other}; keep one of the two"),
                ));
                continue;
            }
            let Some(key) = schema::find(&path) else {
                let mut fault = Fault::of(origin, path.clone(), "no such key");
                fault.suggestion = nearest::find(&path, KEYS.iter().map(|key| key.path)).map(variable);
                self.faults.push(fault);
                continue;
            };
            let written = document::shorten(text);
            let given =
                Given { shown: path, literal: &Literal::Text(text.clone()), written: &written, origin };
            self.set(key, &given, false);
        }
    }

    /// Lays what the command line sets on top; the last of several for one key holds.
    pub(super) fn flags(&mut self, flags: &[(String, String)]) {
        for (path, text) in flags {
            let Some(key) = schema::find(path) else {
                self.unknown(Origin::Flag, document::shorten(path));
                continue;
            };
            let (literal, written) = (Literal::Text(text.clone()), document::shorten(text));
            let given =
                Given { shown: path.clone(), literal: &literal, written: &written, origin: Origin::Flag };
            self.set(key, &given, false);
        }
    }

    fn leaves(&mut self, text: &str, place: &impl Fn(usize) -> Origin) -> Vec<Leaf> {
        let (leaves, faults) = document::read(text);
        self.faults.extend(faults.into_iter().map(|fault| Fault::at(place(fault.line), fault.problem)));
        leaves
    }

    fn unknown(&mut self, origin: Origin, path: String) {
        let suggestion = nearest::find(&path, KEYS.iter().map(|key| key.path)).map(str::to_owned);
        self.faults.push(Fault { suggestion, ..Fault::of(origin, path, "no such key") });
    }

    fn set(&mut self, key: &'static Key, given: &Given<'_>, expands: bool) {
        if let Some(entry) = self.accept(key, given, expands) {
            self.values.insert(key.path, entry);
        }
    }

    /// Fills in variables where the layer has them, and checks the value; a fault is noted and gives nothing.
    fn accept(&mut self, key: &'static Key, given: &Given<'_>, expands: bool) -> Option<Entry> {
        let expanded = if expands {
            expand::expand(given.literal, self.environment)
        } else {
            Ok(Expanded { literal: given.literal.clone(), missing: Vec::new() })
        };
        let value = expanded.and_then(|Expanded { literal, missing }| {
            if missing.is_empty() {
                return Ok((value::read(key, &literal)?, missing));
            }
            if key.optional {
                return Ok((value::read(key, &Literal::Text(String::new()))?, missing));
            }
            Err(format!("needs {}, which the environment doesn't have", missing.join(" and ")))
        });
        match value {
            Ok((value, missing)) => Some(Entry { value, origin: given.origin.clone(), missing }),
            Err(problem) => {
                let private = key.kind == Kind::Secret || url::may_hold_credentials(given.written);
                self.doubtful.insert(key.path);
                self.faults.push(Fault {
                    value: (!private).then(|| given.written.to_owned()),
                    allowed: Some(key.kind.allowed()),
                    ..Fault::of(given.origin.clone(), given.shown.clone(), problem)
                });
                None
            }
        }
    }
}

/// The variable that sets the key at `path`.
pub(super) fn variable(path: &str) -> String {
    format!("{PREFIX}{}", path.replace('.', "__").to_ascii_uppercase())
}

fn is_section(path: &str) -> bool {
    KEYS.iter().any(|key| key.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}
