//! What happened, as the payloads of WebSocket frames. Each is written once, whoever gets it.

use super::USER_ID;
use super::account::{expiry, group_id, order_id, status};
use crate::exchange::core::{
    FillView, GroupView, MarketView, OrderStatus, OrderView, PositionView, PrintView, Removal, SelfTrade,
};
use crate::kalshi::model;
use crate::kalshi::ws::encode::{self, OrderCosts};
use crate::kalshi::ws::message::{
    self, Created, Delta, EventFees, Lifecycle, LifecycleChange, OrderGroupUpdate, OutcomeSide, Ticker,
    Trade, UserOrder,
};
use crate::market::{MarketSpec, PriceGrid, Side};
use crate::units::{CENTIS, Price, Quantity, Timestamp};
use std::borrow::Cow;

/// Buffers that payloads are written to; they keep their memory.
#[derive(Debug, Default)]
pub(in super::super) struct Frames {
    first: Vec<u8>,
    second: Vec<u8>,
}

const fn outcome(side: Side) -> OutcomeSide {
    match side {
        Side::Bid => OutcomeSide::Yes,
        Side::Ask => OutcomeSide::No,
    }
}

impl Frames {
    fn written(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> &[u8] {
        self.first.clear();
        write(&mut self.first);
        &self.first
    }

    /// A change of a level, at the price that side `no` has on its own and at the YES price.
    pub(in super::super) fn delta(
        &mut self,
        ticker: &str,
        (side, price, change): (Side, Price, Quantity),
        client_order_id: Option<&str>,
        now: Timestamp,
    ) -> (&[u8], &[u8]) {
        let mut delta = Delta {
            ticker: Cow::Borrowed(ticker),
            price,
            change,
            side: outcome(side),
            client_order_id: client_order_id.map(Cow::Borrowed),
            time: Some(now),
        };
        self.first.clear();
        encode::delta_payload(&mut self.first, &delta);
        if side == Side::Bid {
            return (&self.first, &self.first);
        }
        delta.price = price.complement();
        self.second.clear();
        encode::delta_payload(&mut self.second, &delta);
        (&self.second, &self.first)
    }

    /// A public trade.
    pub(in super::super) fn trade(&mut self, print: &PrintView) -> &[u8] {
        let trade = Trade {
            trade_id: Cow::Borrowed(&print.trade_id),
            ticker: Cow::Borrowed(&print.ticker),
            yes_price: print.price,
            quantity: print.quantity,
            taker: outcome(print.taker),
            is_block: false,
            time: Some(print.time),
        };
        self.written(|out| encode::trade_payload(out, &trade))
    }

    /// A market's running figures.
    pub(in super::super) fn ticker(&mut self, figures: &Ticker<'_>) -> &[u8] {
        self.written(|out| encode::ticker_payload(out, figures))
    }

    /// A fill of the account's.
    pub(in super::super) fn fill(&mut self, fill: &FillView) -> &[u8] {
        let message = message::Fill {
            trade_id: Cow::Borrowed(&fill.trade_id),
            order_id: Cow::Owned(order_id(fill.order)),
            client_order_id: fill.client_order_id.as_deref().map(Cow::Borrowed),
            ticker: Cow::Borrowed(&fill.ticker),
            exchange_index: u32::from(fill.shard),
            is_taker: fill.is_taker,
            outcome: outcome(fill.side),
            yes_price: fill.price,
            quantity: fill.quantity,
            fee: Some(fill.fee),
            position_after: Some(fill.position_after),
            time: Some(fill.time),
        };
        self.written(|out| encode::fill_payload(out, &message))
    }

    /// The state of an order of the account's.
    pub(in super::super) fn order(&mut self, order: &OrderView) -> &[u8] {
        let request = &order.request;
        let message = UserOrder {
            order_id: Cow::Owned(order_id(order.key)),
            client_order_id: request.client_order_id.as_deref().map(Cow::Borrowed),
            ticker: Cow::Borrowed(&request.ticker),
            exchange_index: u32::from(order.shard),
            status: match status(order.status) {
                model::OrderStatus::Resting => message::OrderStatus::Resting,
                model::OrderStatus::Canceled => message::OrderStatus::Canceled,
                model::OrderStatus::Executed => message::OrderStatus::Executed,
                model::OrderStatus::Unknown => message::OrderStatus::Unknown,
            },
            outcome: outcome(request.side),
            yes_price: request.price,
            initial: request.quantity,
            filled: order.filled,
            remaining: order.remaining,
            taker_fees: Some(order.taker_fees),
            maker_fees: Some(order.maker_fees),
            order_group_id: request.group.map(|key| Cow::Owned(group_id(key))),
            last_update_reason: reason(order.status).map(Cow::Borrowed),
            created: Some(order.created),
            updated: Some(order.updated),
            expires: expiry(order),
        };
        let costs = OrderCosts {
            taker: order.taker_cost,
            maker: order.maker_cost,
            self_trade_prevention: match request.self_trade {
                SelfTrade::TakerAtCross => "taker_at_cross",
                SelfTrade::Maker => "maker",
            },
        };
        self.written(|out| encode::user_order_payload(out, &message, USER_ID, costs))
    }

    /// What the account holds in a market.
    pub(in super::super) fn position(&mut self, position: &PositionView) -> &[u8] {
        let message = message::MarketPosition {
            ticker: Cow::Borrowed(&position.ticker),
            position: position.quantity,
            cost: position.cost,
            realized_pnl: position.realised,
            fees_paid: position.fees,
            volume: position.volume,
        };
        self.written(|out| encode::market_position_payload(out, &message, USER_ID, position.fees))
    }

    /// A change of a group of the account's.
    pub(in super::super) fn group(&mut self, change: &str, group: &GroupView, now: Timestamp) -> &[u8] {
        let update = OrderGroupUpdate {
            event_type: Cow::Borrowed(change),
            order_group_id: Cow::Owned(group_id(group.key)),
            contracts_limit: Some(group.limit),
            time: Some(now),
        };
        self.written(|out| encode::order_group_payload(out, &update))
    }

    /// A step of a market's life.
    pub(in super::super) fn lifecycle(&mut self, ticker: &str, change: LifecycleChange<'_>) -> &[u8] {
        let lifecycle = Lifecycle { ticker: Cow::Borrowed(ticker), change };
        self.written(|out| encode::lifecycle_payload(out, &lifecycle))
    }

    /// An event's own fees.
    pub(in super::super) fn event_fees(&mut self, fees: &EventFees<'_>) -> &[u8] {
        self.written(|out| encode::event_fees_payload(out, fees))
    }
}

/// Why an order changed last, where the exchange has a word for it.
const fn reason(status: OrderStatus) -> Option<&'static str> {
    let OrderStatus::Cancelled(removal) = status else {
        return match status {
            OrderStatus::Executed => Some("Trade"),
            _ => None,
        };
    };
    match removal {
        Removal::Expired => Some("ExpiryCancel"),
        Removal::MarketClosed => Some("CloseCancel"),
        Removal::Paused => Some("HaltCancel"),
        Removal::SelfTrade => Some("SelfTradeCancel"),
        Removal::ReduceOnly => Some("ReduceOnlyCancel"),
        Removal::Requested | Removal::ImmediateOrCancel | Removal::GroupTriggered => None,
    }
}

/// The step by which a market came to be.
pub(in super::super) fn created(spec: &MarketSpec) -> LifecycleChange<'_> {
    LifecycleChange::Created(Box::new(Created {
        open: Some(spec.open),
        close: Some(spec.close),
        exchange_index: u32::from(spec.shard),
        event_ticker: Some(Cow::Borrowed(&spec.event)),
        title: Some(Cow::Borrowed(&spec.title)),
        ranges: ranges(&spec.grid),
    }))
}

/// A grid in the words of frames.
pub(in super::super) fn ranges(grid: &PriceGrid) -> Vec<message::PriceRange> {
    let range = |range: &crate::market::grid::TickRange| message::PriceRange {
        start: range.start,
        end: range.end,
        step: range.step,
    };
    grid.ranges().iter().map(range).collect()
}

/// A market's running figures.
pub(in super::super) fn figures<'a>(
    view: &MarketView<'a>,
    last_size: Quantity,
    now: Timestamp,
) -> Ticker<'a> {
    let dollars = |contracts: Quantity| contracts.raw() / CENTIS;
    let (bid, ask) = (super::touch(view.bid, Price::ZERO), super::touch(view.ask, Price::ONE));
    Ticker {
        ticker: Cow::Borrowed(&view.spec.ticker),
        last: view.last.unwrap_or(Price::ZERO),
        bid: bid.price,
        bid_size: bid.size,
        ask: ask.price,
        ask_size: ask.size,
        last_size,
        volume: view.spec.volume,
        open_interest: view.open_interest,
        dollar_volume: dollars(view.spec.volume),
        dollar_open_interest: dollars(view.open_interest),
        time: Some(now),
    }
}

#[cfg(test)]
mod tests {
    use super::super::direction;
    use super::*;

    #[test]
    fn a_delta_of_the_ask_side_comes_at_both_prices() {
        let mut frames = Frames::default();
        let level = (Side::Ask, Price::from_raw(450_000), Quantity::from_contracts(-2));
        let (plain, yes_price) = frames.delta("KXA", level, Some("kb-1"), Timestamp::from_secs(1));
        let [plain, yes_price] = [plain, yes_price].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        assert!(plain.contains(r#""price_dollars":"0.5500","delta_fp":"-2.00","side":"no""#), "{plain}");
        assert!(
            yes_price.contains(r#""price_dollars":"0.4500","delta_fp":"-2.00","side":"no""#),
            "{yes_price}"
        );
        assert!(plain.contains(r#""client_order_id":"kb-1""#), "{plain}");
        assert_eq!(direction(Side::Ask).0, model::OutcomeSide::No);
    }
}
