//! `kalshi-bot orders` and `kalshi-bot cancel-all`: the account's orders, and taking them off.

pub(crate) mod cancel;
mod list;
mod row;
pub(crate) mod takedown;

use crate::cli::orders::{OrdersArguments, OrdersCommand};
use crate::exit::{ExitCode, Failure};
use crate::output::Output;

/// Lists or cancels orders.
pub(crate) fn run(arguments: &OrdersArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    match &arguments.command {
        OrdersCommand::List(arguments) => list::run(arguments, output),
        OrdersCommand::Cancel(arguments) => cancel::some(arguments, output),
    }
}
