//! What the bot has sent, what came back, and what it holds: orders, fills, positions, the ledger that
//! closes, and whether the exchange says the same.

pub mod client_id;
pub mod ledger;
pub mod order;
pub mod orders;
pub mod positions;
pub mod reconcile;
pub mod shards;

pub use order::{
    CancelReason, Fill, OrderId, OrderRequest, OrderState, OrderUpdate, Purpose, RejectReason, TimeInForce,
};
