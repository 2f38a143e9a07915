//! One bot an account and prefix on this machine, whatever folders they keep: two would take each other's orders for
//! their own.
//!
//! The claim is a name in Linux's abstract socket space. It needs no file and no right, is the same for every user, and
//! goes with the process however that ends. Bots on other machines are told by the runs that their orders name.

use super::BotError;
use crate::config::Settings;
use crate::config::exchange::ExchangeKind;
use crate::store::AccountKey;
use std::io::{self, ErrorKind};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

/// Longest name, in bytes, that the system takes.
const LONGEST: usize = 107;

/// The claim, held as long as this lives.
#[derive(Debug)]
pub(super) struct Instance {
    _claim: UnixListener,
}

impl Instance {
    /// Claims the account for the bot with this prefix.
    ///
    /// # Errors
    /// [`BotError::AnotherInstance`] when a bot on this machine has it, [`BotError::Instance`] when it can't be claimed.
    pub(super) fn claim(settings: &Settings, key: &AccountKey) -> Result<Self, BotError> {
        let name = name(settings, key);
        let claim =
            SocketAddr::from_abstract_name(&name).and_then(|address| UnixListener::bind_addr(&address));
        match claim {
            Ok(claim) => Ok(Self { _claim: claim }),
            Err(cause) => Err(refused(settings, key, cause)),
        }
    }
}

fn refused(settings: &Settings, key: &AccountKey, cause: io::Error) -> BotError {
    if cause.kind() == ErrorKind::AddrInUse {
        let prefix = settings.execution.order_prefix.to_string();
        return BotError::AnotherInstance { account: key.to_string(), prefix };
    }
    BotError::Instance { cause }
}

/// Every simulated exchange is another account, whatever its key is called.
fn name(settings: &Settings, key: &AccountKey) -> String {
    let exchange = settings.api.exchange();
    let mut name = format!("kalshi-bot/{key}/{}", settings.execution.order_prefix);
    if exchange.kind == ExchangeKind::Simulated {
        name = format!("{name}/{}", exchange.rest);
    }
    name.chars().take(LONGEST).filter(char::is_ascii).collect()
}
