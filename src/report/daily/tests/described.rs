//! `docs/report.md` names every field of the document, where it stands, and whether it may be `null`.

use super::*;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// Fields by the object they stand in, such as `period.runs[]`; the document itself is `document`.
type Fields = BTreeMap<String, BTreeSet<String>>;

const WHOLE: &str = "document";

/// What the page names, and which of it may be `null`.
fn described() -> (Fields, Fields) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.md");
    let page = fs::read_to_string(path).expect("the document's description");
    let (_, tables) = page.split_once("\n# The JSON document\n").expect("a part on the document");
    let (mut named, mut may_be_null) = (Fields::new(), Fields::new());
    let mut sections: Vec<&str> = Vec::new();
    for line in tables.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            sections = heading.split(", ").map(|section| section.trim_matches('`')).collect();
        } else if let Some(row) = line.strip_prefix("| `") {
            let (names, meaning) = row.split_once(" | ").expect("a name and its meaning");
            for name in names.split(", ") {
                let is_optional = name.ends_with('*') || meaning.contains("`null`");
                let name = name.trim_matches(['`', '*']).to_owned();
                for section in &sections {
                    let is_first = named.entry((*section).to_owned()).or_default().insert(name.clone());
                    assert!(is_first, "{section}.{name} is described twice");
                    if is_optional {
                        may_be_null.entry((*section).to_owned()).or_default().insert(name.clone());
                    }
                }
            }
        }
    }
    (named, may_be_null)
}

/// Adds the fields of every object in `value` to `fields`, and those that are `null` to `nulls`.
fn walk(path: &str, value: &Value, fields: &mut Fields, nulls: &mut Fields) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                fields.entry(path.to_owned()).or_default().insert(name.clone());
                if value.is_null() {
                    nulls.entry(path.to_owned()).or_default().insert(name.clone());
                }
                let inner = if path == WHOLE { name.clone() } else { format!("{path}.{name}") };
                walk(&inner, value, fields, nulls);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                walk(&format!("{path}[]"), element, fields, nulls);
            }
        }
        Value::Number(number) => assert!(!number.is_f64(), "{path} is a float"),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

#[test]
fn the_page_names_every_field_of_the_document_and_no_other() {
    let reports = [
        DailyReport::of(&full_day(), &request()),
        DailyReport::of(&nothing(), &request()),
        report_of(&[
            Made::new(1, "0.87", "0.89", ExitReason::TakeProfit).with(|trade| trade.is_decided = false)
        ]),
    ];
    let (mut fields, mut nulls) = (Fields::new(), Fields::new());
    for report in &reports {
        let document = serde_json::to_value(report).expect("it serialises");
        walk(WHOLE, &document, &mut fields, &mut nulls);
    }
    let (named, may_be_null) = described();
    assert_eq!(fields, named, "fields of the document and those in docs/report.md");
    for (section, names) in &nulls {
        let allowed = may_be_null.get(section).cloned().unwrap_or_default();
        let unsaid: Vec<&String> = names.difference(&allowed).collect();
        assert!(unsaid.is_empty(), "{section}: {unsaid:?} may be null, and docs/report.md doesn't say so");
    }
}
