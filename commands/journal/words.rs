//! What an entry says, in one line for people.

use kalshi_bot::execution::TimeInForce;
use kalshi_bot::journal::entry::{Intent, Sent};
use kalshi_bot::journal::{Cause, Entry};

/// The line.
pub(super) fn of(entry: &Entry<'_>) -> String {
    match entry {
        Entry::Snapshot(picture) => format!(
            "up to entry {}: {} orders work, {} positions",
            picture.seq,
            picture.orders.len(),
            picture.positions.len()
        ),
        Entry::RunStarted(started) => {
            format!("{}, {}, version {}", started.run, started.source, started.version)
        }
        Entry::Reconciled(found) => format!(
            "cash {}, {} orders cancelled, {} fills and {} payouts brought in",
            found.cash, found.cancelled, found.fills, found.payouts
        ),
        Entry::Adopted(adopted) => format!("{} positions taken over", adopted.positions.len()),
        Entry::Intent(intent) => of_intent(intent),
        Entry::Send(send) => match send.request {
            Sent::Create => "the order leaves".to_owned(),
            Sent::Cancel => "a cancel leaves".to_owned(),
        },
        Entry::Named(named) => format!("the exchange calls it {}", named.exchange_id),
        Entry::Decision(decision) => format!(
            "buy {} at {} of {}, target {}, stop {}, bound by {}",
            decision.quantity,
            decision.price,
            decision.outcome.as_str(),
            decision.target,
            decision.stop,
            decision.bound_by
        ),
        Entry::Order(order) => {
            let reason = order.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
            format!("{}{reason}, {} of {} filled", order.state.as_str(), order.filled, order.quantity)
        }
        Entry::Fill(fill) => format!(
            "{} {} at {}, fee {}, trade {}",
            fill.side.as_str(),
            fill.quantity,
            fill.price,
            fill.fee,
            fill.trade_id
        ),
        Entry::Opened(opened) => {
            format!("{} {} at {}", opened.outcome.as_str(), opened.quantity, opened.entry_price)
        }
        Entry::Closed(trade) => format!(
            "{} {} by {}, net {}",
            trade.outcome.as_str(),
            trade.quantity,
            trade.exit_reason.as_str(),
            trade.net_pnl
        ),
        Entry::Settled(settled) => {
            format!("{}: {} contracts paid {}", settled.result.as_str(), settled.quantity, settled.payout)
        }
        Entry::State(state) => {
            let change = if state.added { "added" } else { "cleared" };
            format!("{}: {} {change} {}", state.trading, state.changed, state.detail).trim_end().to_owned()
        }
        Entry::Resolved(resolved) => resolved.result.as_str().to_owned(),
        Entry::RunEnded(_) => "in order".to_owned(),
    }
}

fn of_intent(intent: &Intent<'_>) -> String {
    let stands = match intent.time_in_force {
        TimeInForce::ImmediateOrCancel => "immediate or cancel",
        TimeInForce::GoodTillCancelled { .. } => "resting",
    };
    let only = match (intent.post_only, intent.reduce_only) {
        (true, _) => ", post only",
        (_, true) => ", reduce only",
        _ => "",
    };
    let Intent { side, quantity, price, purpose, cause, .. } = intent;
    let (side, purpose) = (side.as_str(), purpose.as_str());
    format!("{purpose}: {side} {quantity} at {price}, {stands}{only}, after {}", of_cause(cause))
}

fn of_cause(cause: &Cause<'_>) -> String {
    let frame = |what: &str, sid: &u32, seq: &Option<u64>| match seq {
        Some(seq) => format!("{what} {seq} of subscription {sid}"),
        None => format!("{what} of subscription {sid}"),
    };
    match cause {
        Cause::Snapshot { sid, seq } => frame("snapshot", sid, seq),
        Cause::Delta { sid, seq, side, price, change } => {
            format!("{} ({} {change} at {price})", frame("delta", sid, seq), side.as_str())
        }
        Cause::Print { sid, seq, price } => format!("{} at {price}", frame("trade", sid, seq)),
        Cause::Market { what } => what.replace('_', " "),
        Cause::Feed { is_up: true } => "the feed came".to_owned(),
        Cause::Feed { is_up: false } => "the feed went".to_owned(),
        Cause::Fill { order } => format!("a fill of order {}", order.0),
        Cause::Order { order, what } => format!("{} of order {}", what.replace('_', " "), order.0),
        Cause::Adopted => "a position was taken over".to_owned(),
        Cause::Exchange { trading: true } => "the exchange trades".to_owned(),
        Cause::Exchange { trading: false } => "the exchange paused".to_owned(),
        Cause::Halt { reason, in_force: true } => format!("{reason} came"),
        Cause::Halt { reason, in_force: false } => format!("{reason} went"),
        Cause::Operator { what } => format!("{what} by a person"),
        Cause::Timer => "a second".to_owned(),
        Cause::Day => "a new day".to_owned(),
    }
}
