//! The synchronous heart: events in, commands out.
//!
//! [`Engine::step`] joins market, strategy, risk and execution. It never awaits, reads a clock, draws a random
//! number, logs or touches a float; time comes in with the event. The same events therefore give the same commands
//! and records, byte for byte, which is what makes live trading, paper, replay and crash tests the same thing.

pub mod command;
pub mod event;
pub mod funnel;
pub mod record;

pub use command::{Command, Outbox};
pub use event::{Event, Operator, Stamp};
pub use record::Record;
