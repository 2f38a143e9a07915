//! What goes wrong in a life, and when it no longer does.

use super::super::network::Process;
use super::super::plan::{Fault, Kill, Planned};
use super::{KILL_PATIENCE, Lived, PendingKill};
use crate::clock;
use crate::exchange::server::Faults;
use crate::market::PriceGrid;
use crate::units::Price;
use std::time::Duration;
use tokio::time::Instant;

impl Lived<'_> {
    /// When something goes wrong, or no longer does.
    pub(super) fn next_change(&self) -> Instant {
        let begins = self.plan.faults.get(self.next).map(|planned| self.began + planned.at);
        let ends = self.now.iter().map(|(until, _)| *until).min();
        let killed = self.pending.map(|kill| kill.latest);
        let far = Instant::now() + Duration::from_hours(24);
        [begins, ends, killed].into_iter().flatten().min().unwrap_or(far)
    }

    /// Does what is due: faults come and go, a kill that found no moment comes.
    pub(super) fn change(&mut self, process: Option<&Process>) {
        let now = Instant::now();
        while let Some(planned) = self.plan.faults.get(self.next).filter(|next| self.began + next.at <= now) {
            self.next += 1;
            self.begin_fault(*planned, process);
        }
        if self.now.iter().any(|(until, _)| *until <= now) {
            let over: Vec<_> = self.now.extract_if(.., |(until, _)| *until <= now).collect();
            self.reckon();
            for (_, fault) in over {
                if let Fault::Pause { shard, .. } = fault {
                    self.pause(shard, false, false);
                }
            }
        }
        if let Some(process) = process.filter(|_| self.pending.is_some_and(|kill| kill.latest <= now)) {
            process.die();
        }
    }

    fn begin_fault(&mut self, planned: Planned, process: Option<&Process>) {
        *self.faults.entry(planned.fault.kind()).or_default() += 1;
        match planned.fault {
            Fault::Kill { kill, down, power_loss, resumes } => {
                // Nobody can be killed who doesn't live.
                let Some(process) = process else { return };
                let now = Instant::now();
                let latest = if kill == Kill::Now { now } else { now + KILL_PATIENCE };
                self.pending = Some(PendingKill { latest, down, power_loss, resumes });
                match kill {
                    Kill::Now => process.die(),
                    Kill::AtAppend(nth) => process.disk.fail_nth_append(u64::from(nth)),
                    _ => self.world.weather().arm(kill),
                }
            }
            Fault::BrokenStream => self.world.breaks.notify_waiters(),
            Fault::EarlyClose { market } => {
                let ticker = self.ticker(market);
                // One that is closed already is no loss.
                let _ = self.world.exchange.control(|exchange, _, now| exchange.close_early(now, &ticker));
            }
            Fault::OtherGrid { market } => {
                let ticker = self.ticker(market);
                self.world.exchange.control(|exchange, _, now| {
                    let grid = exchange.market(&ticker).map(|view| view.spec.grid.clone());
                    let other = match grid {
                        Some(grid) if grid == PriceGrid::cents() => {
                            PriceGrid::uniform(Price::from_raw(1_000))
                        }
                        _ => PriceGrid::cents(),
                    };
                    let _ = exchange.change_grid(now, &ticker, other);
                });
            }
            fault => {
                self.now.push((Instant::now() + planned.lasts, fault));
                self.reckon();
                if let Fault::Pause { all, shard } = fault {
                    self.pause(shard, true, all);
                }
            }
        }
    }

    fn ticker(&self, market: usize) -> String {
        self.tickers[market % self.tickers.len()].clone()
    }

    pub(super) fn pause(&self, shard: Option<u8>, trading: bool, all: bool) {
        self.world.exchange.control(|exchange, _, now| exchange.pause(now, shard, trading, all));
    }

    /// Makes the network and the exchange what is wrong now.
    pub(super) fn reckon(&self) {
        let now: Vec<Fault> = self.now.iter().map(|(_, fault)| *fault).collect();
        let mut faults = Faults::default();
        for fault in &now {
            match fault {
                Fault::SkippedNumbers(every) => faults.skip_sequence_every = *every,
                Fault::DoubleFills => faults.duplicate_fills = true,
                _ => {}
            }
        }
        self.world.exchange.set_faults(faults);
        self.disk.set_full(now.contains(&Fault::FullDisk));
        self.world.audit().calm(clock::wall_clock(), now.is_empty());
        self.world.weather().change(now);
    }
}
