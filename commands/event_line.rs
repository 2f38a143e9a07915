//! One record of a run as one line for people: when, what, where, and in words. The live view shows the latest of
//! them, a run without a terminal prints them all.

use crate::figures::{Digits, amount, contracts, moment, percent, signed, span};
use kalshi_bot::engine::Record;
use kalshi_bot::engine::record::{
    Decision, FeedRecord, FillRecord, Opened, OrderRecord, SettlementRecord, StateRecord, Trade,
};
use kalshi_bot::execution::{OrderState, Purpose};
use kalshi_bot::market::Resolution;
use kalshi_bot::units::{Money, Timestamp};
use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

/// How a line should strike the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As any other.
    Plain,
    /// Money was made, or trouble has passed.
    Good,
    /// Money was lost, or trading stopped.
    Bad,
    /// Something was refused or found wanting.
    Warning,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventLine {
    /// When, on the run's clock.
    pub(crate) time: Timestamp,
    /// What kind of event.
    pub(crate) kind: &'static str,
    /// Where, if it concerns one market.
    pub(crate) market: Option<Arc<str>>,
    /// What happened.
    pub(crate) words: String,
    /// How it should look.
    pub(crate) tone: Tone,
}

impl EventLine {
    /// The line for a record. Snapshots of the account and the day's gates have none, nor have results, which settlements
    /// tell where something is still held, nor the states an order merely passes through
    /// or that its fills tell anyway.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        match record {
            Record::Decision(decision) => Some(decided(decision)),
            Record::Order(order) => changed(order),
            Record::Fill(fill) => Some(filled(fill)),
            Record::Opened(position) => Some(opened(position)),
            Record::Closed(trade) => Some(closed(trade)),
            Record::Settled(settlement) => Some(settled(settlement)),
            Record::State(state) => Some(stated(state)),
            Record::Feed(feed) => Some(found(feed)),
            Record::Snapshot(_) | Record::Gates(_) | Record::Resolved(_) => None,
        }
    }

    fn new(time: Timestamp, kind: &'static str, market: &Arc<str>, words: String, tone: Tone) -> Self {
        Self { time, kind, market: Some(market.clone()), words, tone }
    }
}

impl fmt::Display for EventLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { time, kind, market, words, .. } = self;
        write!(f, "{}  {kind:<8}  {:<26}  {words}", moment(*time), market.as_deref().unwrap_or("-"))
    }
}

fn decided(decision: &Decision) -> EventLine {
    let Decision { time, market, outcome, price, quantity, target, stop, break_even, bound_by, .. } =
        decision;
    let words = format!(
        "buy {} {} at {price:.2}, target {target:.2}, stop {stop:.2}, break-even {}, sized by {bound_by}",
        contracts(*quantity),
        outcome.as_str(),
        percent(*break_even)
    );
    EventLine::new(*time, "decision", market, words, Tone::Plain)
}

fn changed(order: &OrderRecord) -> Option<EventLine> {
    let OrderRecord { time, market, side, price, quantity, filled, purpose, state, reason, .. } = order;
    let (fate, tone) = match state {
        OrderState::Intended | OrderState::Sent | OrderState::PartiallyFilled | OrderState::Filled => {
            return None;
        }
        OrderState::Resting => ("was accepted", Tone::Plain),
        OrderState::Cancelled => ("was cancelled", Tone::Plain),
        OrderState::Expired => ("expired", Tone::Plain),
        OrderState::Rejected => ("was rejected", Tone::Warning),
        OrderState::Unknown => ("got no answer", Tone::Warning),
    };
    let mut words =
        format!("{} {} of {} at {price:.2} {fate}", purpose.as_str(), side.as_str(), contracts(*quantity));
    if filled.is_positive() {
        let _ = write!(words, " with {} filled", contracts(*filled));
    }
    if let Some(reason) = reason {
        let _ = write!(words, ": {reason}");
    }
    Some(EventLine::new(*time, "order", market, words, tone))
}

fn filled(fill: &FillRecord) -> EventLine {
    let FillRecord { market, side, price, quantity, fee, is_taker, time, purpose, .. } = fill;
    let role = if *is_taker { "taker" } else { "maker" };
    let words = format!(
        "{} {} {} at {price:.2} as {role}, fee {}",
        purpose.as_str(),
        side.as_str(),
        contracts(*quantity),
        amount(*fee, Digits::Fine)
    );
    let tone = if *purpose == Purpose::Stop { Tone::Warning } else { Tone::Plain };
    EventLine::new(*time, "fill", market, words, tone)
}

fn opened(position: &Opened) -> EventLine {
    let Opened { time, market, outcome, entry_price, quantity, target, stop } = position;
    let words = format!(
        "{} {} at {entry_price:.2}, target {target:.2}, stop {stop:.2}",
        contracts(*quantity),
        outcome.as_str()
    );
    EventLine::new(*time, "opened", market, words, Tone::Plain)
}

fn closed(trade: &Trade) -> EventLine {
    let words = format!(
        "{}, net {}: {} {} from {:.2} to {:.2}, fees {}, held {}",
        trade.exit_reason.as_str(),
        signed(trade.net_pnl, Digits::Cents),
        contracts(trade.quantity),
        trade.outcome.as_str(),
        trade.entry_price,
        trade.exit_price,
        amount(trade.fees, Digits::Cents),
        span(trade.exit_time.since(trade.entry_time))
    );
    EventLine::new(trade.exit_time, "closed", &trade.market, words, tone_of(trade.net_pnl))
}

fn settled(settlement: &SettlementRecord) -> EventLine {
    let SettlementRecord { market, result, quantity, payout, time } = settlement;
    let value = match result {
        Resolution::Scalar(value) => format!("scalar, {value:.2}"),
        other => other.as_str().to_owned(),
    };
    let words = format!(
        "resolved {value}: {} contracts held, {} paid out",
        contracts(quantity.abs()),
        amount(*payout, Digits::Cents)
    );
    EventLine::new(*time, "settled", market, words, Tone::Plain)
}

fn stated(state: &StateRecord) -> EventLine {
    let StateRecord { time, trading, changed, added, latched, detail, .. } = state;
    let what = match (added, latched) {
        (true, true) => "until resumed",
        (true, false) => "set",
        (false, _) => "cleared",
    };
    let mut words = format!("{trading}: {changed} {what}");
    if !detail.is_empty() {
        let _ = write!(words, ", {detail}");
    }
    let tone = if *trading == "active" { Tone::Good } else { Tone::Bad };
    EventLine { time: *time, kind: "state", market: None, words, tone }
}

fn found(feed: &FeedRecord) -> EventLine {
    let FeedRecord { time, fault, market, detail } = feed;
    let (tone, gap) = (
        if *fault == "connected" { Tone::Good } else { Tone::Warning },
        if detail.is_empty() { "" } else { ": " },
    );
    EventLine {
        time: *time,
        kind: "feed",
        market: market.clone(),
        words: format!("{fault}{gap}{detail}"),
        tone,
    }
}

fn tone_of(result: Money) -> Tone {
    if result.is_positive() {
        Tone::Good
    } else if result.is_negative() {
        Tone::Bad
    } else {
        Tone::Plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn every_kind_of_event_has_its_words() {
        let lines: Vec<String> =
            sample::records().iter().filter_map(EventLine::of).map(|line| line.to_string()).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }
}
