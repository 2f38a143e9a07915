//! From a changed book to an entry order: filter, strategy, risk, in that order, each with its reason.

use super::record::{Decision, Record};
use super::{Command, Engine, Outbox, Plan};
use crate::execution::{OrderRequest, Purpose, TimeInForce};
use crate::market::MarketId;
use crate::market::filter::FilterReason;
use crate::risk::{Account, Approved, Entry};
use crate::strategy::{EntryStyle, Signal, SignalReason};
use crate::units::{Money, Rounding, Timestamp};

impl Engine {
    /// Judges a market without a plan, and enters it if every gate lets it through.
    pub(super) fn consider_entry(&mut self, now: Timestamp, id: MarketId, out: &mut Outbox) {
        let hours = self.check_hours(now);
        let market = self.catalogue.get(id);
        let slot = self.slots.get_mut(id);
        let filtered = slot.rules.filter.check(market, now).and(hours);
        slot.seen.filter(filtered);
        if filtered.is_err() {
            return;
        }
        let signal = if now < slot.cooldown_until {
            Err(SignalReason::Cooldown)
        } else {
            self.strategy.entry(market, &slot.rules.parameters)
        };
        slot.seen.signal(signal.map(|_| ()));
        let Ok(signal) = signal else { return };
        let entry = Entry { price: signal.price, fee: signal.entry_fee, displayed: signal.displayed };
        let approval = self.limits.approve(&entry, &self.account(id));
        self.slots.get_mut(id).seen.risk(approval.map(|_| ()));
        if let Ok(approved) = approval {
            self.enter(now, id, &signal, approved, out);
        }
    }

    /// What the gates would say of a market as it stands now, changing nothing: what would be bought, or the gate that
    /// refuses it and the gate's reason.
    ///
    /// # Errors
    /// The name of the first gate that refuses the market, and its reason.
    pub fn judge(&self, now: Timestamp, id: MarketId) -> Result<Signal, (&'static str, &'static str)> {
        let (market, slot) = (self.catalogue.get(id), self.slot(id));
        let filtered = slot.rules.filter.check(market, now).and(self.check_hours(now));
        filtered.map_err(|reason| ("filter", reason.code()))?;
        if now < slot.cooldown_until {
            return Err(("signal", SignalReason::Cooldown.code()));
        }
        let signal = self.strategy.entry(market, &slot.rules.parameters);
        let signal = signal.map_err(|reason| ("signal", reason.code()))?;
        let entry = Entry { price: signal.price, fee: signal.entry_fee, displayed: signal.displayed };
        let approved = self.limits.approve(&entry, &self.account(id));
        approved.map(|_| signal).map_err(|reason| ("risk", reason.code()))
    }

    /// Whether the exchange goes on trading long enough for a stop to work.
    fn check_hours(&self, now: Timestamp) -> Result<(), FilterReason> {
        let margin = self.limits.pause_margin;
        let is_near = |(start, end): (Timestamp, Timestamp)| now + margin >= start && now < end;
        let refuses = !margin.is_zero() && self.next_pause.is_some_and(is_near);
        if refuses { Err(FilterReason::PausesSoon) } else { Ok(()) }
    }

    /// What the limits are measured against, for an entry into this market.
    fn account(&self, id: MarketId) -> Account {
        let (event, shard) = (self.slot(id).event, self.catalogue.get(id).spec.shard);
        let mut account = Account {
            capital: self.ledger.cash() + self.positions.total_cost(),
            free_cash: self.ledger.cash(),
            shard_cash: self.shard_cash.on(shard),
            total_exposure: Money::ZERO,
            event_exposure: Money::ZERO,
            positions: 0,
            state: self.trading.state(),
        };
        let mut expose = |market: MarketId, amount: Money| {
            account.total_exposure += amount;
            if self.slot(market).event == event {
                account.event_exposure += amount;
            }
        };
        for position in self.positions.iter() {
            expose(position.market, position.cost + position.fees);
        }
        let (mut reserved, mut reserved_here) = (Money::ZERO, Money::ZERO);
        let mut entering = 0;
        for order in self.orders.working().filter(|order| order.request.purpose == Purpose::Entry) {
            let market = order.request.market;
            let Some(plan) = self.slot(market).plan else { continue };
            let amount = plan.reserve.times(order.remaining(), Rounding::Ceil);
            expose(market, amount);
            reserved += amount;
            if self.catalogue.get(market).spec.shard == shard {
                reserved_here += amount;
            }
            entering += u32::from(self.positions.get(market).is_none());
        }
        account.free_cash -= reserved;
        account.shard_cash = account.shard_cash.map(|cash| cash - reserved_here);
        account.positions = u32::try_from(self.positions.len()).unwrap_or(u32::MAX).saturating_add(entering);
        account
    }

    fn enter(&mut self, now: Timestamp, id: MarketId, signal: &Signal, approved: Approved, out: &mut Outbox) {
        self.signals += 1;
        let order = self.orders.next_id();
        let slot = self.slots.get_mut(id);
        let parameters = &slot.rules.parameters;
        let is_maker = parameters.entry_style == EntryStyle::Maker;
        slot.plan = Some(Plan {
            outcome: signal.outcome,
            exit: signal.plan,
            entry: Some(order),
            entry_deadline: is_maker.then(|| now + parameters.maker_entry_lifetime),
            reserve: signal.price + signal.entry_fee,
            leaving: None,
            retry_at: now,
            target_at: now,
            target_refusals: 0,
        });
        out.records.push(Record::Decision(Decision {
            time: now,
            market: slot.name.clone(),
            outcome: signal.outcome,
            price: signal.price,
            quantity: approved.quantity,
            target: signal.plan.target,
            stop: signal.plan.stop,
            net_win: signal.net_win,
            net_loss: signal.net_loss,
            break_even: signal.break_even(),
            bound_by: approved.bound_by.code(),
            order,
        }));
        let request = OrderRequest {
            id: order,
            market: id,
            side: signal.outcome.buying_side(),
            price: signal.outcome.yes_price(signal.price),
            quantity: approved.quantity,
            time_in_force: if is_maker {
                TimeInForce::GoodTillCancelled { expires: None }
            } else {
                TimeInForce::ImmediateOrCancel
            },
            post_only: is_maker,
            reduce_only: false,
            purpose: Purpose::Entry,
        };
        self.place(now, request, out);
    }

    /// Keeps the order and hands it to the gateway.
    pub(super) fn place(&mut self, now: Timestamp, request: OrderRequest, out: &mut Outbox) {
        let id = request.id;
        self.orders.place(now, request.clone());
        self.record_order(now, id, out);
        out.commands.push(Command::Place(request));
    }
}
