//! The flags of `soak`.

use super::Format;
use clap::Args;
use std::str::FromStr;

/// The flags of `soak`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot soak                          ten lives of a day each
  kalshi-bot soak --seeds 1..1000          a thousand of them, on every core
  kalshi-bot soak --seeds 42 --plan        what goes wrong in one of them, without living it
  kalshi-bot soak --seeds 42 --only 3,17   one of them with two of its faults

Exits with 0 when everything held that must hold, and with 7 when something did not: then each such seed is shown with \
what has to go wrong for it at the least, and with the command that shows it again.")]
pub(crate) struct SoakArguments {
    /// The seeds: one, or the first and the last, such as 1..100.
    #[arg(long, value_name = "A..B", default_value = "1..10")]
    pub(crate) seeds: Seeds,

    /// Simulated hours of each life.
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=720))]
    pub(crate) hours: u32,

    /// Let nothing go wrong but these faults of the plan, by number.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    pub(crate) only: Option<Vec<usize>>,

    /// Show what would go wrong and when, and live nothing.
    #[arg(long)]
    pub(crate) plan: bool,

    /// Show failing seeds as they are, without looking for the least that has to go wrong.
    #[arg(long)]
    pub(crate) no_shrink: bool,

    /// Lives that are lived at the same time [default: one a core].
    #[arg(long, value_name = "THREADS")]
    pub(crate) threads: Option<usize>,

    /// The form of the result.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Format,
}

/// A range of seeds, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seeds {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            text.parse()
                .map_err(|_| format!("{text:?} is no seed: expected a whole number, or two such as 1..100"))
        };
        let (first, last) = match text.split_once("..") {
            Some((first, last)) => (number(first)?, number(last)?),
            None => (number(text)?, number(text)?),
        };
        if first <= last {
            Ok(Self { first, last })
        } else {
            Err(format!("{text} is empty: name the lower one first"))
        }
    }
}
