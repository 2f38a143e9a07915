//! What a run of rounds came to.

use super::power::Lost;
use super::scene::{Scene, tell};
use super::victim::Phase;
use kalshi_bot::exchange::core::OrderStatus;
use std::collections::BTreeMap;
use std::time::Duration;

/// The figures.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) rounds: usize,
    pub(super) with_faults: usize,
    pub(super) kills: BTreeMap<Phase, usize>,
    pub(super) power_losses: usize,
    pub(super) lost: Lost,
    pub(super) ends_in_peace: usize,
    /// Orders at the exchange that a dead bot's store had not heard of, all kills together.
    pub(super) unheard_of: usize,
    /// From the start of the process until it was up.
    pub(super) came_up: Vec<Duration>,
}

impl Figures {
    /// Half of the starts were up sooner.
    pub(super) fn usual_start(&self) -> Option<Duration> {
        let mut sorted = self.came_up.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }

    pub(super) fn tell(&self, scene: &Scene) {
        let (orders, fills, trades, groups) = scene.look(|exchange, account| {
            let orders = exchange.orders(account).filter(|order| order.status != OrderStatus::Resting);
            let closed = exchange.positions(account).filter(|position| position.quantity.is_zero());
            let groups = exchange.groups(account).len();
            (orders.count(), exchange.fills(account).len(), closed.count(), groups)
        });
        let worst = self.came_up.iter().max().copied().unwrap_or_default();
        let median = self.usual_start().unwrap_or_default();
        tell(&format!("rounds                    {}, {} with faults", self.rounds, self.with_faults));
        for (phase, kills) in &self.kills {
            tell(&format!("killed in {:<15} {kills}", format!("{phase:?}")));
        }
        tell(&format!("power losses              {}", self.power_losses));
        tell(&format!("  bytes gone              store {}, journal {}", self.lost.store, self.lost.journal));
        tell(&format!("orders, fills             {orders}, {fills}"));
        tell(&format!("markets left flat         {trades}"));
        tell(&format!("orders not in the store   {}", self.unheard_of));
        tell(&format!("order groups left         {groups}"));
        tell(&format!("ends in peace, reconciled {}", self.ends_in_peace));
        tell(&format!("came up                   {} times", self.came_up.len()));
        tell(&format!("  median, worst           {} ms, {} ms", median.as_millis(), worst.as_millis()));
    }
}
