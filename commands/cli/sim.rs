//! The flags of `sim`.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use kalshi_bot::exchange::server::Tier;
use kalshi_bot::units::Money;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

/// The flags of `sim`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot sim                                        120 generated markets, in real time, on a free port
  kalshi-bot sim --listen 127.0.0.1:8080 --speed 60     an hour a minute, on port 8080
  kalshi-bot sim --replay recordings/ --cash 500        recorded markets
  kalshi-bot sim --lose-order-answer-every 5            takes every fifth order without answering")]
pub(crate) struct SimArguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,

    /// Seed of the generated markets.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "replay")]
    pub(crate) seed: u64,

    /// How many markets are generated.
    #[arg(long, value_name = "N", default_value_t = 120, conflicts_with = "replay")]
    pub(crate) markets: u32,

    /// Which markets are generated.
    #[arg(long, value_enum, default_value_t, conflicts_with = "replay")]
    pub(crate) mix: MixWord,

    /// Replay these recordings instead of generating markets: files, or folders of them.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(crate) replay: Vec<PathBuf>,

    /// Markets listed beside those, in which nothing happens.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) quiet_markets: u32,

    /// Simulated seconds per second.
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) speed: NonZeroU32,

    /// The account's cash on shard 0, in dollars.
    #[arg(long, value_name = "DOLLARS", default_value = "10000", value_parser = cash, allow_hyphen_values = true)]
    pub(crate) cash: Money,

    /// Cash on another shard, such as 2=500; can be given more than once.
    #[arg(long, value_name = "SHARD=DOLLARS", value_parser = shard_cash)]
    pub(crate) cash_shard: Vec<(u8, Money)>,

    /// How much the account may ask.
    #[arg(long, value_parser = tiers(), default_value = "basic")]
    pub(crate) tier: Tier,

    /// Seconds between a market's result and its payout.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) settlement_timer: u32,

    /// The account's public key in PEM, instead of a key made here.
    #[arg(long, value_name = "FILE", requires = "key_id", conflicts_with_all = ["key_kind", "state_dir"])]
    pub(crate) public_key: Option<PathBuf>,

    /// The id of that key.
    #[arg(long, value_name = "ID", requires = "public_key")]
    pub(crate) key_id: Option<String>,

    /// What kind of key is made.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) key_kind: KeyKindWord,

    /// Where the key is kept and found again [default: a fresh folder that goes with the exchange].
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,

    /// What goes wrong.
    #[command(flatten)]
    pub(crate) faults: FaultArguments,
}

/// What goes wrong on purpose; all of it can be turned later with POST /sim/faults.
#[derive(Debug, Args)]
#[command(next_help_heading = "Faults (0 is off)")]
pub(crate) struct FaultArguments {
    /// Break every WebSocket connection each N seconds.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) drop_sockets_every: u32,

    /// Leave a sequence number out before every Nth frame.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) skip_sequence_every: u32,

    /// Answer every request N milliseconds late.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) delay_ms: u64,

    /// Take every Nth order and break the connection instead of answering.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) lose_order_answer_every: u32,

    /// Answer every Nth request with 503, without doing anything.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) server_error_every: u32,

    /// Answer every Nth request with 429, without doing anything.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) rate_limit_every: u32,

    /// Send every fill frame twice.
    #[arg(long)]
    pub(crate) duplicate_fills: bool,

    /// Set the exchange's wall clock N seconds ahead, or behind if negative.
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) clock_skew: i64,
}

/// Which markets are generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum MixWord {
    /// Several series and categories, from quiet to fast.
    #[default]
    Varied,
    /// Fifteen-minute markets alone, all opening at the start.
    QuarterHour,
}

/// A kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum KeyKindWord {
    /// Ed25519.
    #[default]
    Ed25519,
    /// RSA of 2,048 bits.
    Rsa,
}

fn tiers() -> impl TypedValueParser<Value = Tier> {
    PossibleValuesParser::new(Tier::ALL.map(Tier::as_str)).map(|word| {
        // Only the words above get here.
        Tier::ALL.into_iter().find(|tier| tier.as_str() == word).unwrap_or(Tier::Basic)
    })
}

fn cash(text: &str) -> Result<Money, String> {
    let amount: Money = text.parse().map_err(|error| format!("{error}"))?;
    if amount.is_negative() { Err("expected an amount of zero or more".to_owned()) } else { Ok(amount) }
}

fn shard_cash(text: &str) -> Result<(u8, Money), String> {
    let (shard, amount) = text.split_once('=').ok_or("expected SHARD=DOLLARS, such as 2=500")?;
    let shard = shard.parse().map_err(|_| format!("{shard:?} is no shard: expected a number such as 2"))?;
    Ok((shard, cash(amount)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cash_of_a_shard_names_both() {
        assert_eq!(shard_cash("2=500"), Ok((2, Money::from_dollars(500))));
        for refused in ["500", "x=1", "2=-1", "2=", "300=1"] {
            assert!(shard_cash(refused).is_err(), "{refused}");
        }
    }
}
