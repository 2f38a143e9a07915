//! How markets resolved. The result is known before money moves, and may change until then; it is recorded for every
//! market in which the run ever held something, so that what was bought can be judged by what came true, even where
//! it was sold before.

use super::record::{Record, Resolved};
use super::{Engine, Outbox};
use crate::market::{MarketId, MarketStatus, Resolution};
use crate::units::Timestamp;

impl Engine {
    /// Takes the result of a market whose money moves later.
    pub(super) fn on_determined(
        &mut self,
        now: Timestamp,
        ticker: &str,
        resolution: Resolution,
        out: &mut Outbox,
    ) {
        let Some(id) = self.catalogue.find(ticker) else {
            self.feed.counts.unknown_tickers += 1;
            return;
        };
        self.catalogue.get_mut(id).spec.status = MarketStatus::Determined;
        self.learn_result(now, id, resolution, out);
    }

    pub(super) fn learn_result(
        &mut self,
        now: Timestamp,
        id: MarketId,
        resolution: Resolution,
        out: &mut Outbox,
    ) {
        self.slots.get_mut(id).result = Some(resolution);
        self.record_result(now, id, out);
    }

    /// Notes that something is held in a market. The result may be known by then: the word of a fill can come late.
    pub(super) fn note_held(&mut self, now: Timestamp, id: MarketId, out: &mut Outbox) {
        self.slots.get_mut(id).was_held = true;
        self.record_result(now, id, out);
    }

    /// Records a result that is news, of a market in which something was held.
    fn record_result(&mut self, now: Timestamp, id: MarketId, out: &mut Outbox) {
        let slot = self.slots.get_mut(id);
        let Some(result) = slot.result.filter(|_| slot.was_held && slot.result != slot.recorded_result)
        else {
            return;
        };
        slot.recorded_result = Some(result);
        out.records.push(Record::Resolved(Resolved { market: slot.name.clone(), result, time: now }));
    }
}
