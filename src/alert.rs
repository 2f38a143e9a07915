//! Alerts by e-mail: what is told, how it reads, and how it is sent without ever holding the bot up.
//!
//! The bot hands its records to [`Alerts`] and goes on. Those that matter become an [`Alert`] (`event`), each is worded
//! once (`letter`) and rendered as text and HTML (`render`) to a [`Mail`]. A thread of its own lets through what the
//! limit allows and gathers the rest in digests ([`limit`]), sends (`smtp`), tries again (`outbox`) and counts
//! (`counts`). A mail that can't be sent is logged and stops nothing.
//!
//! [`send`] sends one mail at once, for commands; [`check`] does the same step by step and says which step failed and
//! what mends it.

pub mod check;
mod counts;
mod event;
mod fault;
mod identity;
mod letter;
pub mod limit;
mod mail;
mod memory;
mod outbox;
mod post;
mod reason;
mod render;
mod smtp;

pub use crate::config::AlertLevel as Level;
pub use counts::MailCounts;
pub use event::{Alert, Refused, Started, Stopped};
pub use fault::{MailFault, Step};
pub use identity::{RunIdentity, Stake};
pub use mail::{Attachment, Mail};
pub use post::Alerts;
pub use smtp::send;

#[cfg(test)]
mod samples;
