//! The whole bot in a world made from a seed: markets, exchange, network, disk and clock are simulated, everything goes
//! wrong that can, and after every step it is asked whether anything that must hold no longer does.
//!
//! One seed is one life of at least some simulated hours. The bot in it is the one that trades: [`crate::bot::run`]
//! with its start, recovery, stream, REST client, gateway, engine, journal and store. It runs on one thread in a runtime
//! whose timers are paused, so that time jumps from one thing to the next, and what is left to chance is drawn from the
//! seed. The same seed gives the same life to the byte.
//!
//! | room | holds |
//! |---|---|
//! | `plan` | what a seed stands for: the settings, and everything that will go wrong and when |
//! | `markets` | the markets of that world |
//! | `weather`, `network` | what befalls requests and frames between the bot and the exchange |
//! | `life` | the bot's lives one after another, until the time is over |
//! | `audit` | what must hold, and whether it did |
//! | `range` | many seeds, and what they came to |
//! | `shrink` | the least that has to go wrong for a violation to show |

mod audit;
mod life;
mod markets;
mod network;
mod plan;
mod range;
mod shrink;
mod weather;

pub use audit::{Counts, Violation};
pub use life::{Life, SoakError, live};
pub use plan::{Fault, Kill, Plan, Planned};
pub use range::{Span, Tally, run};
pub use shrink::shrink;
