//! Whose alert it is: what is at stake, which account, which run.

use crate::config::exchange::ExchangeKind;

/// What is at stake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stake {
    /// Paper money.
    Paper,
    /// The money of the simulated exchange.
    Simulated,
    /// The demo exchange's play money.
    Demo,
    /// Real money.
    Production,
}

impl Stake {
    /// What it is called, for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paper => "paper money; nothing is sent to the exchange",
            Self::Simulated => "simulated money, on the simulated exchange",
            Self::Demo => "demo money, on Kalshi's demo exchange",
            Self::Production => "REAL MONEY, on Kalshi's production exchange",
        }
    }

    /// One word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Simulated => "simulated",
            Self::Demo => "demo",
            Self::Production => "production",
        }
    }
}

impl From<ExchangeKind> for Stake {
    fn from(kind: ExchangeKind) -> Self {
        match kind {
            ExchangeKind::Simulated => Self::Simulated,
            ExchangeKind::Demo => Self::Demo,
            ExchangeKind::Production => Self::Production,
        }
    }
}

/// Whose alerts a run sends. Every mail says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunIdentity {
    /// What is at stake.
    pub stake: Stake,
    /// The account, for people: where it is kept.
    pub account: String,
    /// The run's name.
    pub run: String,
}
