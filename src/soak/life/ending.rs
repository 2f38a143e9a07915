//! How processes and the life itself end, and whether they may end like that.

use super::super::network::{Process, SimulatedNetwork};
use super::super::plan::Fault;
use super::bot::{account, client};
use super::{CALM, Gone, LAST_START, LOOK_EVERY, Lived, RESTART, SoakError};
use crate::bot::recovery::{RecoveryError, inspect};
use crate::bot::{BotEnd, BotError};
use crate::clock;
use crate::journal::JournalError;
use crate::kalshi::network::Network;
use crate::store::{Store, StoreError};
use crate::units::Money;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::time::{Instant, sleep};

impl Lived<'_> {
    /// Whether a process may have ended by itself in this way.
    pub(super) fn judge(&mut self, ended: Result<BotEnd, BotError>) {
        let is_excused = match &ended {
            // A full disk takes no run's beginning either.
            Err(BotError::Api { .. } | BotError::Journal(JournalError::Disk { .. })) => true,
            Err(BotError::Recovery(error)) => {
                use RecoveryError::{Exchange, StillResting, Unsteady};
                matches!(error, Exchange { .. } | StillResting { .. } | Unsteady)
            }
            _ => false,
        };
        self.world.audit().begin_process(false);
        if !is_excused {
            let told = match ended {
                Ok(end) => format!("it ended by itself: {:?}", end.ending),
                Err(error) => error.to_string(),
            };
            self.world.audit().violated(clock::wall_clock(), "failed_start", told);
        }
    }

    /// Nothing goes wrong any more. The bot comes up, runs a while and is told to end; then the books are compared.
    pub(super) async fn end(&mut self, stop: &Arc<AtomicBool>) -> Result<(), SoakError> {
        for (_, fault) in std::mem::take(&mut self.now) {
            if let Fault::Pause { shard, .. } = fault {
                self.pause(shard, false, false);
            }
        }
        self.next = self.plan.faults.len();
        self.pending = None;
        self.reckon();
        self.world.audit().begin_process(false);
        sleep(RESTART).await;
        let latest = Instant::now() + LAST_START;
        let stopper = tokio::spawn({
            let (stop, world) = (Arc::clone(stop), Arc::clone(&self.world));
            async move {
                while !world.audit().is_up() {
                    sleep(LOOK_EVERY).await;
                }
                sleep(CALM).await;
                stop.store(true, Ordering::Relaxed);
            }
        });
        let ended = loop {
            match self.process(latest + CALM, stop).await {
                Some(Gone::Ended(ended)) => match *ended {
                    Ok(end) => break Some(end),
                    ended => {
                        self.judge(ended);
                        sleep(RESTART).await;
                    }
                },
                Some(Gone::Killed(_)) => {}
                None => break None,
            }
            if self.violation().is_some() {
                break None;
            }
        };
        stopper.abort();
        if let Some(end) = ended {
            return self.compare(&end).await;
        }
        let detail = format!("nothing came up within {LAST_START:?} of calm");
        self.world.audit().violated(clock::wall_clock(), "never_up", detail);
        Ok(())
    }

    async fn compare(&self, end: &BotEnd) -> Result<(), SoakError> {
        let now = clock::wall_clock();
        if end.has_drift || !end.leftovers.is_empty() {
            self.world.audit().violated(now, "bad_end", format!("{:?}", end.leftovers));
        }
        let stored = |error: StoreError| SoakError::Machine(error.to_string());
        let store = Store::open(self.folder).map_err(stored)?;
        let process = Arc::new(Process::new(self.disk.clone()));
        let network: Arc<dyn Network> =
            Arc::new(SimulatedNetwork { world: Arc::clone(&self.world), process });
        let client =
            client(&self.settings, network).map_err(|error| SoakError::Machine(error.to_string()))?;
        let key = account(&self.settings);
        let prefix = &self.settings.execution.order_prefix;
        let inspected = inspect(&client, &store, &key, prefix, now).await;
        let inspected = inspected.map_err(|error| SoakError::Machine(error.to_string()))?;
        if let Some(difference) = inspected.differences.first() {
            let detail = format!("{difference:?}, one of {}", inspected.differences.len());
            self.world.audit().violated(now, "wrong_account", detail);
        }
        let books = store.books(&key).map_err(stored)?;
        let booked: BTreeMap<&str, Money> =
            books.fills.iter().map(|fill| (fill.trade_id.as_str(), fill.fee)).collect();
        let lost = self.world.exchange.control(|exchange, account, _| {
            let fills = exchange.fills(account);
            let missing = fills.iter().find(|fill| booked.get(&*fill.trade_id) != Some(&fill.fee));
            let lost = missing.map(|fill| format!("{} with its fee of {}", fill.trade_id, fill.fee));
            lost.or_else(|| {
                (fills.len() != booked.len()).then(|| format!("{} there, {} here", fills.len(), booked.len()))
            })
        });
        if let Some(detail) = lost {
            self.world.audit().violated(now, "lost_fill", detail);
        }
        Ok(())
    }
}
