//! What a run did, as log lines: orders with their names, fills, positions, and why it stopped trading. They are made
//! of records when those are delivered, after the orders have gone out.
//!
//! Every line carries the same fields for the same things: `order` is our name for an order, `exchange_order` the
//! exchange's, `market` the ticker, `error` what went wrong.

use crate::engine::Record;
use crate::engine::record::{FeedRecord, FillRecord, Opened, OrderRecord, StateRecord, Trade};
use crate::execution::client_id::{ClientOrderId, Prefix, RunTag};
use crate::execution::{OrderId, OrderState};
use crate::risk::HaltReason;

/// What the orders of a run are called.
#[derive(Debug, Clone)]
pub(super) struct OrderNames {
    pub(super) prefix: Prefix,
    pub(super) run: RunTag,
}

impl OrderNames {
    /// Our name for an order.
    pub(super) fn of(&self, order: OrderId) -> String {
        ClientOrderId { prefix: self.prefix.clone(), run: self.run, order }.to_string()
    }
}

/// Tells of a record. The ones that are stored as log rows carry the words of those.
pub(super) fn tell(record: &Record, names: &OrderNames) {
    match record {
        Record::Order(order) => tell_order(order, names),
        Record::Fill(fill) => tell_fill(fill, names),
        Record::Opened(opened) => tell_opening(opened),
        Record::Closed(trade) => tell_closing(trade),
        Record::Settled(settled) => tracing::info!(
            market = &*settled.market,
            result = settled.result.as_str(),
            quantity = %settled.quantity,
            payout = %settled.payout,
            "a market was settled"
        ),
        Record::State(state) => tell_state(state),
        Record::Feed(feed) => tell_feed(feed),
        Record::Resolved(resolved) => tracing::info!(
            market = &*resolved.market,
            result = resolved.result.as_str(),
            "the result of a market is known"
        ),
        // Each decision is followed by its order, snapshots and gates are figures.
        Record::Decision(_) | Record::Snapshot(_) | Record::Gates(_) => {}
    }
}

fn tell_order(record: &OrderRecord, names: &OrderNames) {
    let order = names.of(record.order);
    let OrderRecord { market, side, price, quantity, filled, purpose, reason, .. } = record;
    let (side, purpose) = (side.as_str(), purpose.as_str());
    match record.state {
        OrderState::Sent => tracing::info!(
            order, market = &**market, side, %price, %quantity, purpose, "an order was sent"
        ),
        OrderState::Resting => tracing::info!(order, market = &**market, "an order rests"),
        OrderState::Filled => tracing::info!(order, market = &**market, %filled, "an order was filled"),
        OrderState::Cancelled | OrderState::Expired => tracing::info!(
            order, market = &**market, state = record.state.as_str(), reason, %filled, "an order was taken off"
        ),
        OrderState::Rejected => {
            tracing::warn!(order, market = &**market, purpose, reason, "an order was rejected");
        }
        OrderState::Unknown => {
            tracing::warn!(
                order,
                market = &**market,
                purpose,
                "an order's fate isn't known; it is asked after"
            );
        }
        // The one is followed by the order's being sent, the other by its fill.
        OrderState::Intended | OrderState::PartiallyFilled => {}
    }
}

fn tell_fill(fill: &FillRecord, names: &OrderNames) {
    tracing::info!(
        order = names.of(fill.order),
        market = &*fill.market,
        trade = &*fill.trade_id,
        side = fill.side.as_str(),
        price = %fill.price,
        quantity = %fill.quantity,
        fee = %fill.fee,
        taker = fill.is_taker,
        purpose = fill.purpose.as_str(),
        "a fill"
    );
}

fn tell_opening(opened: &Opened) {
    tracing::info!(
        target: "execution",
        market = &*opened.market,
        price = %opened.entry_price,
        quantity = %opened.quantity,
        target = %opened.target,
        stop = %opened.stop,
        "opened {} in {}", opened.outcome.as_str(), opened.market
    );
}

fn tell_closing(trade: &Trade) {
    tracing::info!(
        market = &*trade.market,
        reason = trade.exit_reason.as_str(),
        quantity = %trade.quantity,
        entry = %trade.entry_price,
        exit = %trade.exit_price,
        fees = %trade.fees,
        net = %trade.net_pnl,
        "a position was closed"
    );
}

/// Ending is nothing to be warned of, and neither is looking at what was missed.
fn tell_state(state: &StateRecord) {
    let StateRecord { trading, changed, detail, latched, .. } = state;
    let detail = said(detail);
    match (state.added, HaltReason::from_code(changed)) {
        (false, _) => tracing::info!(target: "risk", detail, latched, "{trading}: {changed} cleared"),
        (true, Some(HaltReason::ShuttingDown | HaltReason::CatchingUp)) => {
            tracing::info!(target: "risk", "{trading}: {changed} added");
        }
        (true, _) => tracing::warn!(target: "risk", detail, latched, "{trading}: {changed} added"),
    }
}

/// That the feed comes and goes, the stream has told with its reasons.
fn tell_feed(feed: &FeedRecord) {
    if !matches!(feed.fault, "connected" | "disconnected") {
        tracing::warn!(target: "market", market = feed.market.as_deref(), detail = said(&feed.detail), "{}", feed.fault);
    }
}

fn said(detail: &str) -> Option<&str> {
    (!detail.is_empty()).then_some(detail)
}
