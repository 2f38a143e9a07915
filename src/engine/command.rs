//! What the engine asks of the world, and where it leaves it.

use super::Record;
use crate::execution::{OrderId, OrderRequest};

/// Something to be carried out by a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Send an order.
    Place(OrderRequest),
    /// Take an order off.
    Cancel {
        /// Which.
        order: OrderId,
    },
    /// Ask for fresh snapshots of every market on this subscription.
    Resync {
        /// Which subscription.
        sid: u32,
    },
}

/// What one or more steps produced. The caller drains it; its buffers are reused, so a quiet step allocates nothing.
#[derive(Debug, Default)]
pub struct Outbox {
    /// For the gateway, in order.
    pub commands: Vec<Command>,
    /// For store, journal, mail and display, in order.
    pub records: Vec<Record>,
}

impl Outbox {
    /// Forgets everything, keeping the buffers.
    pub fn clear(&mut self) {
        self.commands.clear();
        self.records.clear();
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.records.is_empty()
    }
}
