//! Every connected session, and what each of them is told when something happens.

use super::outbox::Outbox;
use super::session::{Board, Channel, Payload, Session};
use super::wire::{self, Frames};
use crate::exchange::core::{Exchange, Happening};
use crate::kalshi::ws::message::{EventFees, LifecycleChange, MarketResult};
use crate::market::{MarketStatus, Resolution};
use crate::units::{Quantity, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the faults ask of frames.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FrameFaults {
    pub(super) skip_every: u32,
    pub(super) duplicate_fills: bool,
}

/// The sessions, by number.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    connected: BTreeMap<u64, Session>,
    last: u64,
    frames: Frames,
    /// Markets whose running figures have changed since they were last told.
    changed: BTreeSet<Arc<str>>,
}

impl Sessions {
    /// Takes a new connection in; its number.
    pub(super) fn join(&mut self, outbox: Arc<Outbox>) -> u64 {
        self.last += 1;
        self.connected.insert(self.last, Session::new(outbox));
        self.last
    }

    pub(super) fn leave(&mut self, session: u64) {
        self.connected.remove(&session);
    }

    pub(super) fn command(&mut self, session: u64, text: &str, board: &dyn Board, now: Timestamp) {
        if let Some(session) = self.connected.get_mut(&session) {
            session.command(text, board, now);
        }
    }

    /// Breaks every connection off.
    pub(super) fn break_off(&mut self) {
        for session in std::mem::take(&mut self.connected).into_values() {
            session.outbox().break_off();
        }
    }

    /// Tells what happened, in order.
    pub(super) fn publish(
        &mut self,
        happenings: &[Happening],
        exchange: &Exchange,
        now: Timestamp,
        faults: FrameFaults,
    ) {
        if self.connected.is_empty() {
            return;
        }
        for happening in happenings {
            self.tell(happening, exchange, now, faults);
        }
    }

    fn tell(&mut self, happening: &Happening, exchange: &Exchange, now: Timestamp, faults: FrameFaults) {
        let Self { connected, frames, changed, .. } = self;
        let mut send = |channel: Channel, ticker: Option<&str>, kind: &str, payload: Payload<'_>| {
            for session in connected.values_mut() {
                session.send(channel, ticker, kind, payload, faults.skip_every);
            }
        };
        match happening {
            Happening::Book { ticker, side, price, change, owner } => {
                changed.insert(Arc::clone(ticker));
                let client_order_id = owner.as_ref().and_then(|(_, id)| id.as_deref());
                let (plain, yes_price) = frames.delta(ticker, (*side, *price, *change), client_order_id, now);
                send(Channel::Book, Some(ticker), "orderbook_delta", Payload { plain, yes_price });
            }
            Happening::Print(print) => {
                changed.insert(Arc::clone(&print.ticker));
                send(Channel::Trade, Some(&print.ticker), "trade", Payload::one(frames.trade(print)));
            }
            Happening::Fill(fill) => {
                let payload = Payload::one(frames.fill(fill));
                send(Channel::Fill, Some(&fill.ticker), "fill", payload);
                if faults.duplicate_fills {
                    send(Channel::Fill, Some(&fill.ticker), "fill", payload);
                }
            }
            Happening::Order(order) => {
                let payload = Payload::one(frames.order(order));
                send(Channel::UserOrders, Some(&order.request.ticker), "user_order", payload);
            }
            Happening::Position { position, .. } => {
                let payload = Payload::one(frames.position(position));
                send(Channel::Positions, Some(&position.ticker), "market_position", payload);
            }
            Happening::Group { change, group, .. } => {
                let payload = Payload::one(frames.group(change, group, now));
                send(Channel::Groups, None, "order_group_updates", payload);
            }
            Happening::Listed { ticker }
            | Happening::Status { ticker, .. }
            | Happening::CloseMoved { ticker, .. }
            | Happening::GridChanged { ticker, .. }
            | Happening::Determined { ticker, .. }
            | Happening::Settled { ticker, .. } => {
                if let Some(change) = step(happening, exchange) {
                    let payload = Payload::one(frames.lifecycle(ticker, change));
                    send(Channel::Lifecycle, None, "market_lifecycle_v2", payload);
                }
            }
        }
    }

    /// Tells an event's new fees.
    pub(super) fn event_fees(&mut self, fees: &EventFees<'_>, skip_every: u32) {
        let payload = Payload::one(self.frames.event_fees(fees));
        for session in self.connected.values_mut() {
            session.send(Channel::Lifecycle, None, "event_fee_update", payload, skip_every);
        }
    }

    /// Tells the running figures that have changed.
    pub(super) fn tell_figures(&mut self, exchange: &Exchange, now: Timestamp) {
        for ticker in std::mem::take(&mut self.changed) {
            if !self.connected.values().any(|session| session.follows(Channel::Ticker, Some(&ticker))) {
                continue;
            }
            let Some(view) = exchange.market(&ticker) else { continue };
            let figures = wire::figures(&view, last_size(exchange, &ticker), now);
            let payload = Payload::one(self.frames.ticker(&figures));
            for session in self.connected.values_mut() {
                session.send(Channel::Ticker, Some(&ticker), "ticker", payload, 0);
            }
        }
    }
}

/// Contracts of a market's last trade.
pub(super) fn last_size(exchange: &Exchange, ticker: &str) -> Quantity {
    exchange.prints(ticker).next_back().map_or(Quantity::ZERO, |print| print.quantity)
}

/// What a happening means in a market's life, if anything.
fn step<'a>(happening: &'a Happening, exchange: &'a Exchange) -> Option<LifecycleChange<'a>> {
    Some(match happening {
        Happening::Listed { ticker } => wire::created(exchange.market(ticker)?.spec),
        Happening::Status { status: MarketStatus::Active, .. } => LifecycleChange::Activated,
        Happening::Status { status: MarketStatus::Inactive, .. } => LifecycleChange::Deactivated,
        Happening::CloseMoved { close, .. } => LifecycleChange::CloseDateUpdated { close: *close },
        Happening::GridChanged { grid, .. } => LifecycleChange::PriceLevelStructureUpdated {
            structure: wire::structure(grid).into(),
            ranges: wire::frame_ranges(grid),
        },
        Happening::Determined { resolution, time, .. } => LifecycleChange::Determined {
            result: match resolution {
                Resolution::Yes => MarketResult::Yes,
                Resolution::No => MarketResult::No,
                Resolution::Scalar(_) => MarketResult::Scalar,
            },
            settlement_value: Some(resolution.yes_value()),
            time: Some(*time),
        },
        Happening::Settled { time, .. } => LifecycleChange::Settled { time: Some(*time) },
        _ => return None,
    })
}
