//! A TOML document as a flat list of what it sets, each with its line and its spelling.

use super::value::Literal;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// One value of a document, or a table without content.
pub(super) struct Leaf {
    /// Sections and name, as written.
    pub(super) path: Vec<String>,
    pub(super) literal: Literal,
    /// The value as it stands in the document, shortened.
    pub(super) written: String,
    /// Counted from one.
    pub(super) line: usize,
    pub(super) empty_table: bool,
}

impl Leaf {
    /// The path joined by dots; names that TOML would quote are quoted, so that they match no key of the schema.
    pub(super) fn dotted(&self) -> String {
        dotted(&self.path)
    }
}

/// A place where a document is not TOML.
pub(super) struct SyntaxFault {
    pub(super) line: usize,
    pub(super) problem: String,
}

/// Joins the names of a path by dots, quoting what isn't a bare name.
pub(super) fn dotted(path: &[String]) -> String {
    let names: Vec<String> =
        path.iter().map(|name| if is_bare(name) { name.clone() } else { format!("{name:?}") }).collect();
    names.join(".")
}

fn is_bare(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// Reads a document, going on after each syntax fault, so that one pass finds them all. Lines with a syntax fault
/// give no leaf. Both lists are in the order of their lines.
pub(super) fn read(text: &str) -> (Vec<Leaf>, Vec<SyntaxFault>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let line_of = |offset: usize| {
        let before = &text.as_bytes()[..offset.min(text.len())];
        1 + memchr::memchr_iter(b'\n', before).count()
    };
    let mut faults: Vec<SyntaxFault> = errors
        .iter()
        .map(|error| SyntaxFault {
            line: line_of(error.span().map_or(0, |span| span.start)),
            problem: format!("not TOML: {}", error.message()),
        })
        .collect();
    // One slip often gives several complaints about its line; the first says enough.
    faults.sort_by_key(|fault| fault.line);
    faults.dedup_by_key(|fault| fault.line);

    let mut leaves = Vec::new();
    collect(table.get_ref(), &mut Vec::new(), text, &line_of, &mut leaves);
    leaves.retain(|leaf| faults.iter().all(|fault| fault.line != leaf.line));
    leaves.sort_by_key(|leaf| leaf.line);
    (leaves, faults)
}

fn collect(
    table: &DeTable<'_>,
    path: &mut Vec<String>,
    text: &str,
    line_of: &impl Fn(usize) -> usize,
    leaves: &mut Vec<Leaf>,
) {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() => collect(inner, path, text, line_of, leaves),
            other => leaves.push(Leaf {
                path: path.clone(),
                literal: literal(other),
                written: excerpt(text, value.span()),
                line: line_of(key.span().start),
                empty_table: other.is_table(),
            }),
        }
        path.pop();
    }
}

fn literal(value: &DeValue<'_>) -> Literal {
    match value {
        DeValue::String(text) => Literal::Text(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Literal::Number(number.as_str().to_owned()),
        DeValue::Float(number) => Literal::Number(number.as_str().to_owned()),
        DeValue::Boolean(value) => Literal::Bool(*value),
        DeValue::Array(items) => items
            .iter()
            .map(|item| item.get_ref().as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .map_or(Literal::Other, Literal::List),
        DeValue::Integer(_) | DeValue::Datetime(_) | DeValue::Table(_) => Literal::Other,
    }
}

fn excerpt(text: &str, span: Range<usize>) -> String {
    shorten(text.get(span).unwrap_or_default())
}

/// The first line of a value, cut to what fits a message.
pub(super) fn shorten(text: &str) -> String {
    const SHOWN: usize = 60;
    let first = text.lines().next().unwrap_or_default();
    let mut shown: String = first.chars().take(SHOWN).filter(|c| !c.is_control()).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
