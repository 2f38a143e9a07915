//! The JSON document: every field that `docs/paper.md` names, in the form it promises, with sums that close.

use crate::program::{SHORT, bot, list, micros, told_in_json};
use crate::reckoning::reckon;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// An hour on 40 markets that ends with trades won, trades lost and something still held.
const HOUR: [&str; 9] = ["paper", "--speed", "max", "--for", "1h", "--markets", "40", "--seed", "5"];

/// An hour in which two of the positions held to settlement settle.
fn held_to_settlement() -> Value {
    told_in_json(bot(&["paper", "--speed", "max", "--for", "1h", "--markets", "40", "--seed", "1"]).envs([
        ("KALSHI_BOT__TRADING__HOLD_TO_SETTLEMENT", "true"),
        ("KALSHI_BOT__MARKETS__TIME_TO_EVENT__MIN_HOURS", "0.01"),
    ]))
}

/// A documented field and whether it may be `null`.
type Fields = BTreeMap<String, bool>;

/// The tables of `docs/paper.md`, by section.
fn documented() -> BTreeMap<String, Fields> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/paper.md");
    let mut sections: BTreeMap<String, Fields> = BTreeMap::new();
    let mut section = String::new();
    for line in fs::read_to_string(path).expect("the document's description").lines() {
        if let Some(name) = line.strip_prefix("## ") {
            name.trim_matches('`').trim_end_matches("[]").clone_into(&mut section);
        } else if let Some(row) = line.strip_prefix("| `") {
            let (names, meaning) = row.split_once(" | ").expect("a name and its meaning");
            for name in format!("`{names}").split(", ") {
                let may_be_null = name.ends_with('*') || meaning.contains("`null`");
                let name = name.trim_end_matches('*').trim_matches('`').to_owned();
                sections.entry(section.clone()).or_default().insert(name, may_be_null);
            }
        }
    }
    sections
}

/// Asserts that a value has the form that its field promises.
fn assert_form(field: &str, value: &Value) {
    let is_sound = match field {
        "started" | "ended" | "time" | "entry_time" | "exit_time" => value.as_str().is_some_and(is_time),
        "id" | "order" | "seed" | "held_seconds" | "trades" | "wins" | "losses" | "decoded" | "applied"
        | "malformed" | "gaps" | "resyncs" | "unknown_tickers" | "before_snapshot" | "broken_books" => {
            value.is_u64()
        }
        "interrupted" | "is_taker" | "interval_contains_zero" => value.is_boolean(),
        "source" | "speed" | "market" | "series" | "outcome" | "exit_reason" | "trade_id" | "side"
        | "purpose" | "bound_by" | "result" | "trading" => value.is_string(),
        "reasons" => list(value).iter().all(Value::is_string),
        _ => value.as_str().is_some_and(is_decimal),
    };
    assert!(is_sound, "{field}: {value}");
}

fn is_time(text: &str) -> bool {
    text.ends_with('Z') && text.contains('T') && text.parse::<jiff::Timestamp>().is_ok()
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.split_once('.').is_some_and(|(whole, fraction)| {
        [whole, fraction]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

fn has_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(elements) => elements.iter().any(has_float),
        Value::Object(fields) => fields.values().any(has_float),
        _ => false,
    }
}

/// Asserts that the object has the documented fields, no others, each in its form.
fn assert_documented(section: &str, fields: &Fields, object: &Value) {
    let object = object.as_object().unwrap_or_else(|| panic!("{section}: {object} is no object"));
    assert_eq!(
        object.keys().collect::<BTreeSet<_>>(),
        fields.keys().collect::<BTreeSet<_>>(),
        "fields of {section} and those in docs/paper.md"
    );
    for (field, value) in object {
        assert!(!value.is_null() || fields[field], "{section}.{field} is null");
        if !value.is_null() {
            assert_form(field, value);
        }
    }
}

#[test]
fn the_document_has_every_documented_field_and_no_other() {
    let held = held_to_settlement();
    let traded = told_in_json(&mut bot(&HOUR));
    let sections = documented();
    let mut seen = BTreeSet::new();
    for document in [&held, &traded] {
        assert!(!has_float(document), "there are no floats");
        for (name, fields) in &sections {
            match &document[name] {
                Value::Array(elements) => {
                    for element in elements {
                        assert_documented(name, fields, element);
                        seen.insert(name.clone());
                    }
                }
                object => {
                    assert_documented(name, fields, object);
                    seen.insert(name.clone());
                }
            }
        }
        let tally = |gate: &str| {
            document["funnel"][gate]["passed"].is_u64() && document["funnel"][gate]["refused"].is_object()
        };
        assert!(["filter", "signal", "risk", "execution"].into_iter().all(tally), "{}", document["funnel"]);
        let others = ["exits", "funnel"].map(str::to_owned);
        let top: BTreeSet<&String> = document.as_object().expect("an object").keys().collect();
        assert_eq!(top, sections.keys().chain(&others).collect());
    }
    assert_eq!(
        seen.iter().collect::<BTreeSet<_>>(),
        sections.keys().collect(),
        "something of every section was seen"
    );
}

#[test]
fn fills_marks_and_fees_add_up_to_the_balance() {
    let document = told_in_json(&mut bot(&HOUR));
    reckon(&document).assert_agrees_with(&document);
    let summary = &document["summary"];
    for count in ["trades", "wins", "losses"] {
        assert_ne!(summary[count], 0, "the run has {count}");
    }
    assert!(micros(&summary["fees"]) > 0);
}

#[test]
fn positions_that_are_still_held_are_worth_what_could_be_got_for_them() {
    let document = told_in_json(bot(&SHORT).args(["--seed", "4"]));
    assert!(!list(&document["open_positions"]).is_empty(), "the run ends with something held");
    reckon(&document).assert_agrees_with(&document);
}

#[test]
fn payouts_add_up_to_the_balance() {
    let document = held_to_settlement();
    assert!(!list(&document["settlements"]).is_empty(), "something held was settled");
    reckon(&document).assert_agrees_with(&document);
}

#[test]
fn makers_add_up_to_the_balance_too() {
    let document = told_in_json(bot(&HOUR).env("KALSHI_BOT__TRADING__ENTRY_STYLE", "maker"));
    let is_maker_entry = |fill: &Value| fill["purpose"] == "entry" && fill["is_taker"] == false;
    assert!(list(&document["fills"]).iter().any(is_maker_entry), "a resting entry was filled");
    reckon(&document).assert_agrees_with(&document);
}

#[test]
fn capital_is_what_the_run_starts_with() {
    let document = told_in_json(bot(&SHORT).args(["--capital", "2500.50"]));
    assert_eq!(document["summary"]["starting_balance"], "2500.500000");
    reckon(&document).assert_agrees_with(&document);
}
