//! Starting the program and reading what it says.

use serde_json::Value;
use std::process::{Command, Output};

/// A run of ten simulated minutes on 40 markets, which takes a fraction of a second.
pub(crate) const SHORT: [&str; 7] = ["paper", "--speed", "max", "--for", "10m", "--markets", "40"];

/// The program, without what this environment may set for it.
pub(crate) fn bot(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kalshi-bot"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().to_uppercase().starts_with("KALSHI_BOT") {
            command.env_remove(name);
        }
    }
    command.env_remove("RUST_LOG").args(arguments);
    command
}

/// What a program that has ended left behind.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// The one JSON document on standard output.
    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:#?}"))
    }

    /// Asserts that nothing was done, with this exit code and these words on standard error.
    pub(crate) fn assert_refused(&self, code: i32, words: &[&str]) {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{self:#?}");
        self.assert_told(words);
    }

    /// Asserts that standard error holds these words.
    pub(crate) fn assert_told(&self, words: &[&str]) {
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is missing in {self:#?}");
        }
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program writes text");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// Runs to the end.
pub(crate) fn said(command: &mut Command) -> Said {
    command.output().expect("the program starts").into()
}

/// Runs to the end with `--output json`, which must succeed.
pub(crate) fn told_in_json(command: &mut Command) -> Value {
    let said = said(command.args(["--output", "json"]));
    assert_eq!(said.code, Some(0), "{said:#?}");
    said.document()
}

/// A decimal of the document in millionths.
pub(crate) fn micros(decimal: &Value) -> i128 {
    let text = decimal.as_str().unwrap_or_else(|| panic!("{decimal} is no string"));
    micros_of(text)
}

/// A decimal in millionths.
pub(crate) fn micros_of(text: &str) -> i128 {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(fraction.len() <= 6, "{text} has more than six decimals");
    let number: i128 =
        format!("{whole}{fraction:0<6}").parse().unwrap_or_else(|_| panic!("{text} is no decimal"));
    sign * number
}

/// The elements of a list.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

/// A text.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
