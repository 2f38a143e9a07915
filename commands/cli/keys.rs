//! The flags of `keygen-check`.

use super::Format;
use super::exchange::ExchangeArguments;
use clap::{Args, ValueEnum};
use kalshi_bot::kalshi::sign::KeyKind;
use std::path::PathBuf;

/// The flags of `keygen-check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot keygen-check                         the configured key, and whether the demo exchange takes it
  kalshi-bot keygen-check --production            the same at the production exchange
  kalshi-bot keygen-check --key my.pem --offline  the file alone; nothing is sent
  kalshi-bot keygen-check --new my.pem            make a new key")]
pub(crate) struct KeygenCheckArguments {
    /// The private key's file [default: the one that the configuration names].
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,

    /// Look at the key alone; send nothing.
    #[arg(long)]
    pub(crate) offline: bool,

    /// Make a new key instead: the private one goes to this file, which must not exist, the public one is printed.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "offline", "production", "api_url"])]
    pub(crate) new: Option<PathBuf>,

    /// Kind of the new key: Ed25519 signs more than ten times faster.
    #[arg(long, value_enum, default_value_t, requires = "new")]
    pub(crate) kind: NewKeyKind,

    /// The exchange.
    #[command(flatten)]
    pub(crate) exchange: ExchangeArguments,

    /// The form of the result.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Format,
}

/// A kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum NewKeyKind {
    /// Ed25519.
    #[default]
    Ed25519,
    /// RSA of 2,048 bits.
    Rsa,
}

impl From<NewKeyKind> for KeyKind {
    fn from(kind: NewKeyKind) -> Self {
        match kind {
            NewKeyKind::Ed25519 => Self::Ed25519,
            NewKeyKind::Rsa => Self::Rsa2048,
        }
    }
}
