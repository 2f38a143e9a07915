//! How long things take, from a frame to the exchange's answer to the order it gave rise to.

use crate::execution::OrderId;
use crate::telemetry::latency::{Stage, StageLatency};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// From signal to answer anything longer deserves a line in the log.
const SLOW: Duration = Duration::from_millis(200);

/// The stages of a run.
pub(super) struct Stages {
    /// From a frame in hand to its event.
    decode: Stage,
    /// From the event to what the engine decided.
    step: Stage,
    /// From the frame to the order that it gave rise to, ready to be sent.
    signal_to_order: Stage,
    /// From an order being sent to the exchange's answer.
    order_to_answer: Stage,
    /// From the frame to the exchange's answer: the sum of all.
    signal_to_answer: Stage,
    /// When the frame was in hand whose orders are about to be sent.
    signal: Option<Instant>,
    /// The same, of orders that wait for their answer.
    unanswered: BTreeMap<OrderId, Instant>,
}

impl Stages {
    pub(super) fn new() -> Self {
        Self {
            decode: Stage::new("decode"),
            step: Stage::new("step"),
            signal_to_order: Stage::new("signal_to_order"),
            order_to_answer: Stage::new("order_to_answer"),
            signal_to_answer: Stage::new("signal_to_answer"),
            signal: None,
            unanswered: BTreeMap::new(),
        }
    }

    pub(super) fn decoded(&mut self, read: Instant, decoded: Instant) {
        self.decode.record(decoded - read);
    }

    /// The engine has taken a frame's event; `has_orders` if orders follow from it.
    pub(super) fn stepped(&mut self, read: Instant, decoded: Instant, has_orders: bool) {
        let stepped = Instant::now();
        self.step.record(stepped - decoded);
        if has_orders {
            self.signal_to_order.record(stepped - read);
            self.signal = Some(read);
        }
    }

    /// When the frame was in hand that the next orders follow from; only the first who asks is told.
    pub(super) const fn take_signal(&mut self) -> Option<Instant> {
        self.signal.take()
    }

    /// An order is sent, because of a frame where it is one that it follows from.
    pub(super) fn sent(&mut self, order: OrderId, signal: Option<Instant>) {
        if let Some(signal) = signal {
            self.unanswered.insert(order, signal);
        }
    }

    /// The exchange answered to an order, or the answer is lost. Returns how long all of it took where that was slow.
    pub(super) fn answered(&mut self, order: OrderId, took: Duration) -> Option<Duration> {
        self.order_to_answer.record(took);
        let signal = self.unanswered.remove(&order).map(|signal| signal.elapsed());
        if let Some(signal) = signal {
            self.signal_to_answer.record(signal);
        }
        Some(signal.unwrap_or(took)).filter(|all| *all > SLOW)
    }

    /// All of them.
    pub(super) fn all(&self) -> [&Stage; 5] {
        [&self.decode, &self.step, &self.signal_to_order, &self.order_to_answer, &self.signal_to_answer]
    }

    pub(super) fn summaries(&self) -> Vec<StageLatency> {
        self.all().into_iter().filter_map(Stage::summary).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_the_way_is_measured_for_orders_that_follow_from_a_frame() {
        let mut stages = Stages::new();
        let read = Instant::now();
        stages.decoded(read, read);
        stages.stepped(read, read, true);
        let signal = stages.take_signal();
        assert_eq!(signal, Some(read));
        assert_eq!(stages.take_signal(), None, "the next orders follow from something else");
        stages.sent(OrderId(1), signal);
        stages.sent(OrderId(2), None);
        assert_eq!(stages.answered(OrderId(2), Duration::from_millis(201)), Some(Duration::from_millis(201)));
        assert_eq!(stages.answered(OrderId(2), Duration::from_millis(200)), None);
        stages.answered(OrderId(1), Duration::from_millis(1));
        let counts: Vec<(&str, u64)> =
            stages.summaries().iter().map(|stage| (stage.stage, stage.count)).collect();
        let expected = [
            ("decode", 1),
            ("step", 1),
            ("signal_to_order", 1),
            ("order_to_answer", 3),
            ("signal_to_answer", 1),
        ];
        assert_eq!(counts, expected);
    }
}
