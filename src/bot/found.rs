//! What is done with what was asked for beside trading: markets are listed, pauses and payouts reach the engine, and
//! positions are compared with what the exchange tells of them over the stream (`reconcile` compares the whole account).

use super::background::{Found, Load};
use super::trading::Bot;
use crate::engine::Event;
use crate::execution::positions::Position;
use crate::kalshi::model::ExchangeStatus;
use crate::market::{MarketSpec, MarketStatus, Resolution};
use crate::units::{Quantity, Timestamp};
use std::collections::BTreeSet;
use std::time::Duration;

/// How often markets are loaded anew.
pub(super) const LOAD_EVERY: Duration = Duration::from_mins(5);
/// How long new markets are gathered before they are asked for together.
const GATHER: Duration = Duration::from_secs(10);
/// How long a position may differ from what the exchange told before the account is asked.
const POSITION_PATIENCE: Duration = Duration::from_secs(5);

impl Bot<'_> {
    pub(super) fn load_markets(&mut self, now: Timestamp) {
        if self.due.gathered.is_none() && !self.wanted.is_empty() {
            self.due.gathered = Some(now + GATHER);
        }
        let load = if now >= self.due.load {
            self.due.load = now + LOAD_EVERY;
            Load::All
        } else if self.due.gathered.is_some_and(|due| now >= due) {
            self.due.gathered = None;
            Load::Named(std::mem::take(&mut self.wanted))
        } else {
            return;
        };
        match self.loader.take() {
            Some(loader) => self.asker.load(loader, load, now),
            // The one before is still at work; this one waits for its turn.
            None => match load {
                Load::All => self.due.load = now + GATHER,
                Load::Named(tickers) => self.wanted.extend(tickers),
            },
        }
    }

    /// Asks how markets stand in which something is held and which are past their close.
    pub(super) fn ask_for_payouts(&self, now: Timestamp) {
        let catalogue = self.parts.engine.catalogue();
        let due: BTreeSet<String> = self
            .parts
            .engine
            .positions()
            .iter()
            .map(|position| &catalogue.get(position.market).spec)
            .filter(|spec| now >= spec.close || !matches!(spec.status, MarketStatus::Active))
            .map(|spec| spec.ticker.clone())
            .collect();
        if !due.is_empty() {
            self.asker.standing(due);
        }
    }

    pub(super) fn take_found(&mut self, now: Timestamp, found: Found) {
        match found {
            Found::Markets(loader, specs) => {
                self.loader = Some(loader);
                match specs {
                    Ok(specs) => self.list(now, specs),
                    Err(error) => tracing::warn!(%error, "markets can't be loaded; it is tried again"),
                }
            }
            Found::Account(asked, read) => self.take_account(now, asked, read),
            Found::Group(shard, group) => {
                let waited = self.take_group(shard, group);
                self.list(now, waited);
            }
            Found::Schedule(Ok(schedule)) => self.take_schedule(now, &schedule),
            Found::Exchange(Ok(status)) => self.take_status(now, &status),
            Found::Standing(Ok(standing)) => self.take_standing(now, standing),
            Found::Exchange(Err(error)) | Found::Schedule(Err(error)) | Found::Standing(Err(error)) => {
                tracing::warn!(%error, "the exchange can't be asked; it is tried again");
            }
        }
    }

    fn list(&mut self, now: Timestamp, specs: Vec<MarketSpec>) {
        let mut names = Vec::new();
        for mut spec in self.with_brakes(specs) {
            if let Some(known) = self.parts.engine.catalogue().find(&spec.ticker) {
                let known = &self.parts.engine.catalogue().get(known).spec;
                spec.volume = spec.volume.max(known.volume);
                if *known == spec || self.paused.contains(&spec.ticker) {
                    continue;
                }
            } else {
                if self.parts.foreign.contains_key(&spec.ticker) {
                    continue;
                }
                names.push(spec.ticker.clone());
            }
            self.step(now, &Event::Listed(&spec));
        }
        self.parts.stream.follow(&names);
    }

    /// Where one shard pauses its markets do; where all of them do the exchange does.
    fn take_status(&mut self, now: Timestamp, status: &ExchangeStatus) {
        let trades = |exchange: bool, trading: bool| exchange && trading;
        let shards = &status.exchange_index_statuses;
        let any = shards.iter().any(|shard| trades(shard.exchange_active, shard.trading_active));
        let trading =
            if shards.is_empty() { trades(status.exchange_active, status.trading_active) } else { any };
        self.step(now, &Event::Exchange { trading });
        let resting: BTreeSet<u8> = shards
            .iter()
            .filter(|shard| !trades(shard.exchange_active, shard.trading_active))
            .map(|shard| shard.exchange_index)
            .collect();
        let mut changes = Vec::new();
        for market in self.parts.engine.catalogue() {
            let (spec, is_paused) = (&market.spec, self.paused.contains(&market.spec.ticker));
            match resting.contains(&spec.shard) {
                true if spec.status == MarketStatus::Active => {
                    changes.push((spec.ticker.clone(), MarketStatus::Inactive));
                }
                false if is_paused && spec.status == MarketStatus::Inactive => {
                    changes.push((spec.ticker.clone(), MarketStatus::Active));
                }
                _ => {}
            }
        }
        for (ticker, status) in changes {
            self.step(now, &Event::Status { ticker: &ticker, status });
            match status {
                MarketStatus::Active => self.paused.remove(&ticker),
                _ => self.paused.insert(ticker),
            };
        }
    }

    fn take_standing(&mut self, now: Timestamp, standing: Vec<(String, MarketStatus, Option<Resolution>)>) {
        for (ticker, status, resolution) in standing {
            let Some(id) = self.parts.engine.catalogue().find(&ticker) else { continue };
            match resolution {
                Some(resolution) => self.step(now, &Event::Settled { ticker: &ticker, resolution }),
                None if self.parts.engine.catalogue().get(id).spec.status != status => {
                    self.step(now, &Event::Status { ticker: &ticker, status });
                }
                None => {}
            }
        }
    }

    /// Has the account compared at once where the exchange's word of a position has differed from ours for a while.
    pub(super) fn check_positions(&mut self, now: Timestamp) {
        let has_lasted = |at: Timestamp| now.since(at) >= POSITION_PATIENCE;
        let doubtful: Vec<String> = self
            .positions
            .iter()
            .filter(|(ticker, (told, at))| has_lasted(*at) && self.differs(ticker, *told))
            .map(|(ticker, _)| ticker.clone())
            .collect();
        for ticker in doubtful {
            self.positions.remove(&ticker);
            self.checks.hasten(now);
        }
    }

    /// Whether so many contracts can't be ours and what was there before us. A market in which the bot never sent an
    /// order and where something is under way can't be judged.
    fn differs(&self, ticker: &str, told: Quantity) -> bool {
        let engine = &self.parts.engine;
        let Some(id) = engine.catalogue().find(ticker) else { return false };
        let ours = engine.positions().get(id).map_or(Quantity::ZERO, Position::signed_quantity);
        let foreign = self.parts.foreign.get(ticker).copied().unwrap_or_default();
        let is_judged = self.parts.gateway.is_quiet_in(ticker)
            && (self.parts.gateway.has_traded(ticker) || !ours.is_zero())
            && engine.catalogue().get(id).resolution.is_none();
        is_judged && ours + foreign != told
    }
}
