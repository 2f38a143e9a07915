//! The order groups of this folder's runs: one a shard, made before the first order of the shard is sent. Their ids are
//! kept in a file, so that the next run can remove what a killed one left. A group that isn't in the file is somebody
//! else's and is never touched.

use super::background::Found;
use super::trading::Bot;
use crate::gateway::live::open_group;
use crate::kalshi::error::ApiError;
use crate::kalshi::rest::Client;
use crate::market::MarketSpec;
use crate::store::AccountKey;
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file's name inside the state folder. Each line is an account, a shard and a group's id.
const FILE: &str = "order-groups";

/// What is remembered of the groups of one account.
#[derive(Debug, Clone)]
pub(super) struct Groups {
    path: PathBuf,
    account: String,
}

impl Groups {
    pub(super) fn of(folder: &Path, key: &AccountKey) -> Self {
        Self { path: folder.join(FILE), account: key.to_string() }
    }

    /// Makes the group of a shard and remembers it.
    pub(super) async fn open(&self, client: &Client, shard: u8, contracts: u32) -> Result<String, ApiError> {
        let id = open_group(client, shard, contracts).await?;
        if let Err(error) = self.remember(shard, &id) {
            tracing::warn!(path = %self.path.display(), %error, "an order group stays behind should the bot be killed");
        }
        Ok(id)
    }

    /// Removes what earlier runs left, but for groups in which orders still rest. Nothing depends on it, so what fails
    /// is tried again at the next start.
    pub(super) async fn remove_left(&self, client: &Client) {
        let left = self.lines().map(|lines| self.mine(&lines)).unwrap_or_default();
        if left.is_empty() {
            return;
        }
        let there = match client.order_groups().await {
            Ok(there) => there.into_iter().map(|group| group.id).collect::<BTreeSet<_>>(),
            Err(error) => {
                tracing::warn!(%error, "the order groups of earlier runs can't be read");
                return;
            }
        };
        for (shard, id) in left {
            if !there.contains(&id) || remove(client, shard, &id).await {
                self.forget(&id);
            }
        }
    }

    /// Strikes a group off that is gone.
    pub(super) fn forget(&self, id: &str) {
        let strike = || {
            let lines = self.lines()?;
            let kept = lines.lines().filter(|line| line.rsplit(' ').next() != Some(id));
            let kept: Vec<&str> = kept.flat_map(|line| [line, "\n"]).collect();
            let fresh = self.path.with_extension("new");
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
            file.write_all(kept.concat().as_bytes())?;
            fs::rename(fresh, &self.path)
        };
        if let Err(error) = strike() {
            tracing::warn!(path = %self.path.display(), %error, "an order group that is gone stays remembered");
        }
    }

    fn remember(&self, shard: u8, id: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)?;
        file.write_all(format!("{} {shard} {id}\n", self.account).as_bytes())?;
        file.sync_data()
    }

    fn lines(&self) -> io::Result<String> {
        match fs::read_to_string(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            read => read,
        }
    }

    fn mine(&self, lines: &str) -> Vec<(u8, String)> {
        let read = |line: &str| {
            let mut words = line.split(' ');
            let is_mine = words.next() == Some(self.account.as_str());
            let group = (words.next()?.parse().ok()?, words.next()?.to_owned());
            is_mine.then_some(group)
        };
        lines.lines().filter_map(read).collect()
    }
}

/// Removes a group in which nothing rests; whether it is gone.
async fn remove(client: &Client, shard: u8, id: &str) -> bool {
    let removed = match client.order_group(id).await {
        Ok(group) if !group.orders.is_empty() => {
            tracing::warn!(
                group = id,
                orders = group.orders.len(),
                "an order group of an earlier run still holds orders"
            );
            return false;
        }
        Ok(_) => client.delete_order_group(id, shard).await,
        Err(error) => Err(error),
    };
    match removed {
        Ok(()) => true,
        Err(error) if error.status() == Some(404) => true,
        Err(error) => {
            tracing::warn!(group = id, %error, "an order group of an earlier run can't be removed");
            false
        }
    }
}

impl Bot<'_> {
    /// Of these new markets, those whose orders can go out with every brake. The others wait until their shard has a
    /// group.
    pub(super) fn with_brakes(&mut self, specs: Vec<MarketSpec>) -> Vec<MarketSpec> {
        let contracts = self.parts.settings.execution.order_group_contracts;
        if contracts == 0 {
            return specs;
        }
        let groups = self.parts.gateway.groups();
        let (ready, waiting): (Vec<_>, Vec<_>) =
            specs.into_iter().partition(|spec| groups.contains_key(&spec.shard));
        for spec in waiting {
            let shard = spec.shard;
            let queue = self.brakeless.entry(shard).or_default();
            if queue.is_empty() {
                self.asker.open_group(self.parts.groups.clone(), shard, contracts);
            }
            queue.push(spec);
        }
        ready
    }

    /// Takes the group of a shard over, and the markets that waited for it.
    pub(super) fn take_group(&mut self, shard: u8, group: Result<String, ApiError>) -> Vec<MarketSpec> {
        let waiting = self.brakeless.remove(&shard).unwrap_or_default();
        match group {
            Ok(id) => {
                tracing::info!(shard, group = id, "orders of a further shard have their brake");
                self.parts.gateway.join_group(shard, id);
                waiting
            }
            // The next time that markets are loaded they are there again.
            Err(error) => {
                tracing::warn!(shard, %error, "the order group of a shard can't be made; its markets wait");
                Vec::new()
            }
        }
    }
}

impl super::background::Asker {
    fn open_group(&self, groups: Groups, shard: u8, contracts: u32) {
        let client = self.client.clone();
        self.ask(async move { Found::Group(shard, groups.open(&client, shard, contracts).await) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::exchange::ExchangeKind;

    #[test]
    fn groups_are_remembered_by_account_until_they_are_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let groups = |key: &str| Groups::of(folder.path(), &AccountKey::new(ExchangeKind::Demo, key));
        let (ours, theirs) = (groups("one"), groups("two"));
        let mine = |groups: &Groups| groups.mine(&groups.lines().expect("readable"));
        assert_eq!(mine(&ours), []);
        ours.remember(0, "g1").expect("written");
        ours.remember(2, "g2").expect("written");
        theirs.remember(0, "g3").expect("written");
        assert_eq!(mine(&ours), [(0, "g1".to_owned()), (2, "g2".to_owned())]);
        ours.forget("g1");
        assert_eq!(mine(&ours), [(2, "g2".to_owned())]);
        assert_eq!(mine(&theirs), [(0, "g3".to_owned())]);
    }
}
