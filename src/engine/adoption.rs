//! Positions that were there before the run: what an earlier run left on the exchange is taken over with a plan of
//! its own, as though it had been bought at its average price just now.

use super::record::{Opened, Record};
use super::{Engine, Outbox, Plan};
use crate::execution::reconcile::Adopted;
use crate::units::{Price, Rounding, Timestamp};

impl Engine {
    /// Takes a position over. Cash stays as it is, since the exchange has taken the cost from it long ago; the ledger
    /// books the cost as part of what the run began with, so that it closes and the capital is whole. A position in a
    /// market that isn't listed can't be looked after and isn't taken, nor one in a market that holds one already.
    pub(super) fn on_adopted(&mut self, now: Timestamp, adopted: &Adopted, out: &mut Outbox) {
        let Some(id) = self.catalogue.find(&adopted.ticker) else { return };
        let Some(position) = self.positions.adopt(id, adopted) else { return };
        let entry_price = position.average_price();
        self.ledger.adopt(adopted.cost);
        self.breakers.adopt(entry_price.times(adopted.quantity, Rounding::Floor));
        let parameters = &self.slot(id).rules.parameters;
        let market = self.catalogue.get(id);
        let exit = self.strategy.plan(market, adopted.outcome, entry_price, parameters);
        let slot = self.slots.get_mut(id);
        slot.last_mark = entry_price;
        slot.plan = Some(Plan {
            outcome: adopted.outcome,
            exit,
            entry: None,
            entry_deadline: None,
            reserve: Price::ZERO,
            leaving: None,
            retry_at: now,
            target_at: now,
            target_refusals: 0,
        });
        out.records.push(Record::Opened(Opened {
            time: adopted.opened_at,
            market: slot.name.clone(),
            outcome: adopted.outcome,
            entry_price,
            quantity: adopted.quantity,
            target: exit.target,
            stop: exit.stop,
        }));
        self.note_held(now, id, out);
        self.check_ledger(now, out);
        self.manage(now, id, out);
    }
}
