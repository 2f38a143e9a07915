//! `${NAME}` in the strings of a configuration file, replaced from the environment. What is put in is not expanded
//! again.

use super::value::Literal;
use std::collections::BTreeMap;

/// A literal with its variables filled in.
pub(super) struct Expanded {
    pub(super) literal: Literal,
    /// Variables that the environment lacks or has empty, in the order of their use.
    pub(super) missing: Vec<String>,
}

/// Fills in the variables of a literal.
///
/// # Errors
/// When a `${` isn't followed by a name and `}`; the text is the end of a sentence that begins with the key.
pub(super) fn expand(literal: &Literal, environment: &BTreeMap<String, String>) -> Result<Expanded, String> {
    let mut missing = Vec::new();
    let literal = match literal {
        Literal::Text(text) => Literal::Text(fill(text, environment, &mut missing)?),
        Literal::List(items) => {
            let filled: Result<_, _> =
                items.iter().map(|item| fill(item, environment, &mut missing)).collect();
            Literal::List(filled?)
        }
        other => other.clone(),
    };
    Ok(Expanded { literal, missing })
}

fn fill(
    text: &str,
    environment: &BTreeMap<String, String>,
    missing: &mut Vec<String>,
) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        filled.push_str(&rest[..start]);
        let (name, after) = rest[start + 2..]
            .split_once('}')
            .filter(|(name, _)| is_name(name))
            .ok_or("has a ${ without a variable's name and a } after it")?;
        match environment.get(name).filter(|value| !value.is_empty()) {
            Some(value) => filled.push_str(value),
            None => missing.push(name.to_owned()),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn is_name(name: &str) -> bool {
    let is_start = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.bytes().next().is_some_and(is_start)
        && name.bytes().all(|byte| is_start(byte) || byte.is_ascii_digit())
}
