//! The configuration in force, for a person or a program, each value with the place it comes from. Secrets say only
//! whether they are set.

use super::Settings;
use super::fault::Origin;
use super::layers::{Entry, View};
use super::schema::{self, KEYS, Key, Kind, Unit};
use super::value::Value;
use serde::Serialize;
use std::fmt::Write as _;

/// One value in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The full path: `trading.stop_loss`, or `series.KXGOLD15M.stop_loss` for an override.
    pub key: String,
    /// As an override would take it; `(set)` or `(not set)` for a secret.
    pub value: String,
    /// Where it was set.
    pub origin: Origin,
    /// Variables it waits for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The table it is shown under.
    #[serde(skip)]
    table: String,
    /// The name inside that table and the value, as TOML spells them.
    #[serde(skip)]
    line: String,
}

impl Settings {
    /// Every value in force in the order of the schema, then the overrides that are in force.
    pub fn shown(&self) -> Vec<Shown> {
        let account = View { base: &self.values, overrides: Vec::new() };
        let mut all: Vec<Shown> = KEYS
            .iter()
            .map(|key| {
                let section = key.path.split('.').next().unwrap_or_default();
                shown(section, key, account.entry(key.path))
            })
            .collect();
        for table in &self.overrides {
            let view = View { base: &self.values, overrides: vec![table] };
            let name = table.scope.table();
            let in_force =
                table.values.iter().filter(|(path, entry)| view.entry(path).origin == entry.origin);
            all.extend(in_force.filter_map(|(path, entry)| Some(shown(&name, schema::find(path)?, entry))));
        }
        all
    }

    /// The same as text in the form of TOML, the origin of each value behind it.
    pub fn show(&self) -> String {
        let all = self.shown();
        let width = all.iter().map(|one| one.line.chars().count()).max().unwrap_or(0).min(60);
        let mut text = String::new();
        let mut table = "";
        for one in &all {
            if one.table != table {
                let gap = if text.is_empty() { "" } else { "\n" };
                let _ = writeln!(text, "{gap}[{}]", one.table);
                table = &one.table;
            }
            let _ = write!(text, "{:width$}  # {}", one.line, one.origin.label());
            if !one.missing.is_empty() {
                let _ = write!(text, ", {} not set", one.missing.join(" and "));
            }
            text.push('\n');
        }
        text
    }
}

fn shown(table: &str, key: &Key, entry: &Entry) -> Shown {
    let value = entry.value.text(key.kind);
    Shown {
        key: format!("{table}.{}", key.name()),
        line: format!("{} = {}", key.name(), spelled(key.kind, &entry.value)),
        value,
        origin: entry.origin.clone(),
        missing: entry.missing.clone(),
        table: table.to_owned(),
    }
}

/// The value as TOML spells it; what TOML's own numbers can't hold is put in quotes.
fn spelled(kind: Kind, value: &Value) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    match value {
        Value::Text(text) => quoted(text),
        Value::Choice(word) => quoted(word),
        Value::List(names) => {
            format!("[{}]", names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", "))
        }
        Value::Count(count) if i64::try_from(*count).is_err() => quoted(&count.to_string()),
        other if matches!(kind, Kind::Number { unit: Unit::Money, .. }) => quoted(&other.text(kind)),
        other => other.text(kind),
    }
}
