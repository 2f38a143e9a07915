//! The start, in the order in which nothing is sent before everything is known.

use super::groups::Groups;
use super::instance::Instance;
use super::markets::Loader;
use super::recovery::{Recovered, RecoveryError, recover};
use super::trading::{Bot, Parts};
use super::{BotError, BotSettings, alerts, wall_clock};
use crate::config::Settings;
use crate::control::Listener;
use crate::engine::{Engine, EngineSettings, Event, Outbox};
use crate::execution::client_id::{Prefix, RunTag};
use crate::execution::reconcile::Difference;
use crate::execution::shards::ShardCash;
use crate::gateway::live::{LiveGateway, LiveSettings};
use crate::journal::entry::{AdoptedPositions, Reconciled, RunStarted};
use crate::journal::{self, Disk, Entry, Found, Journal};
use crate::kalshi::error::ApiError;
use crate::kalshi::model;
use crate::kalshi::rest::Client;
use crate::kalshi::stream::{Stream, StreamSettings};
use crate::market::MarketSpec;
use crate::market::feed::SequencePolicy;
use crate::replay::driver::Observer;
use crate::risk::HaltReason;
use crate::store::{AccountKey, RunDescription, RunKind, Store};
use crate::strategy::HighProbability;
use crate::telemetry::metrics::Endpoint;
use crate::units::{Quantity, Timestamp};
use secrecy::ExposeSecret;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

/// Clocks that are more milliseconds apart than this make signatures that the exchange refuses sooner or later.
const MOST_SKEW: u64 = 5_000;
/// Clocks that are more milliseconds apart than this deserve a word.
const WORTH_A_WORD: u64 = 1_500;

/// What the account holds at the start.
struct Account {
    by_shard: ShardCash,
    recovered: Recovered,
    /// Positions that aren't the bot's, signed as the exchange counts.
    foreign: BTreeMap<String, Quantity>,
}

/// Starts everything, up to the stream that is about to connect.
pub(super) async fn start(
    bot: BotSettings,
    client: Client,
    observer: &mut dyn Observer,
) -> Result<Bot<'_>, BotError> {
    let BotSettings { settings, credentials, folder, journal, duration, logs, surroundings } = bot;
    check_exchange(&client).await?;
    let store = Store::open(&folder)?.with_logs(logs.clone());
    let store = if surroundings.has_threads { store } else { store.inline() };
    let shipper = store.ship(&settings.database)?;
    let found = take_in(&store, journal)?;
    let latched = latched(&store)?;
    let key = AccountKey::new(settings.api.exchange().kind, settings.api.key_id.expose_secret());
    let instance = surroundings.has_control.then(|| Instance::claim(&settings, &key)).transpose()?;
    let listener = surroundings.has_control.then(|| Listener::bind(&folder)).transpose()?;
    let endpoint = endpoint(settings.metrics.listen).await?;
    let started = wall_clock();
    let alerts = alerts::open(&settings, &folder, started)?;
    let prefix = settings.execution.order_prefix.clone();
    let account = match account(&client, &store, &key, &settings, started).await {
        Ok(account) => account,
        Err(error) => return Err(alerts::refused(alerts, error, started).await),
    };

    let mut loader = Loader::new(client.clone(), settings.clone());
    let specs = markets(&mut loader, &account, started).await?;
    let groups = Groups::of(&folder, &key);
    let by_shard = open_groups(&groups, &client, &specs, settings.execution.order_group_contracts).await?;

    let run = description(&settings, started);
    let writer = store.start_live_run(&run, &key, &prefix)?;
    let journal = begin(found, &store, &run, (&key, &prefix), (&account, &latched))?;
    let mut engine = engine(&settings, &account, latched.clone());
    let mut out = Outbox::default();
    for spec in &specs {
        engine.step(started, &Event::Listed(spec), &mut out);
    }
    for adopted in &account.recovered.adopted {
        engine.step(started, &Event::Adopted(adopted), &mut out);
    }
    let live = LiveSettings {
        prefix,
        run: RunTag::of_start(started),
        started,
        order_lifetime: settings.execution.order_lifetime,
        groups: by_shard,
    };
    let (gateway, answers) = LiveGateway::new(client.clone(), live);
    let url = settings.api.exchange().websocket;
    let stream_settings =
        StreamSettings { network: surroundings.network, ..StreamSettings::signed(url, credentials) };
    let mut stream = Stream::new(stream_settings)?;
    stream.follow(&specs.iter().map(|spec| spec.ticker.as_str()).collect::<Vec<_>>());
    let mut bot = Bot::new(
        Parts {
            settings,
            client,
            engine,
            gateway,
            answers,
            stream,
            listener,
            endpoint,
            logs,
            store,
            instance,
            groups,
            writer,
            journal,
            shipper,
            alerts,
            foreign: account.foreign,
            out,
            started,
            beat: surroundings.beat,
            ends: duration.map(|duration| started + duration),
            was_halted: !latched.is_empty(),
        },
        loader,
        observer,
    );
    bot.forget_segments();
    Ok(bot)
}

/// Reads the journal and stores what the store doesn't have of it: what an earlier run wrote there before it was killed.
///
/// # Errors
/// [`BotError::Journal`] when it can't be read, [`BotError::Store`] when the store can't be written.
pub fn take_in(store: &Store, disk: Arc<dyn Disk>) -> Result<Found, BotError> {
    let found = journal::open(disk)?;
    if let Some(torn) = &found.contents.torn {
        let journal::Torn { segment, byte, bytes } = torn;
        tracing::warn!(segment, byte, bytes, "a crash tore the end of the journal; it was cut off");
    }
    let mark = store.journal_mark()?;
    let last = found.contents.last();
    let added = store.replay(&found.contents)?;
    if last > mark {
        tracing::info!(
            entries = last - mark,
            orders = added.orders,
            fills = added.fills,
            halts = added.halts,
            "the store has taken in what only the journal had"
        );
    } else if last < mark && !found.contents.entries.is_empty() {
        tracing::warn!(
            last,
            mark,
            "the end of the journal is missing, as after a power loss; the store has it"
        );
    }
    Ok(found)
}

/// Begins the run in the journal. It is on the disk itself before anything is sent.
fn begin(
    found: Found,
    store: &Store,
    run: &RunDescription,
    (key, prefix): (&AccountKey, &Prefix),
    (account, latched): (&Account, &[HaltReason]),
) -> Result<Journal, BotError> {
    let tag = RunTag::of_start(run.started);
    let Recovered { cash, cancelled, fills, payouts, .. } = account.recovered;
    let count = |count| u64::try_from(count).unwrap_or(u64::MAX);
    let entries = [
        Entry::RunStarted(RunStarted {
            time: run.started,
            run: key.run(prefix, tag).into(),
            account: key.as_str().into(),
            prefix: prefix.as_str().into(),
            tag: tag.to_string().into(),
            version: env!("CARGO_PKG_VERSION").into(),
            source: run.source.as_str().into(),
            settings: run.settings.as_str().into(),
            halts: latched.iter().map(|halt| halt.code().into()).collect(),
        }),
        Entry::Reconciled(Reconciled {
            time: run.started,
            cash,
            cancelled: count(cancelled),
            fills: count(fills),
            payouts: count(payouts),
        }),
        Entry::Adopted(AdoptedPositions {
            time: run.started,
            positions: account.recovered.adopted.iter().map(Into::into).collect(),
        }),
    ];
    Ok(found.begin(store.journal_mark()?, &entries)?)
}

/// Removes the order groups that earlier runs left, and makes one for each shard with markets.
async fn open_groups(
    groups: &Groups,
    client: &Client,
    specs: &[MarketSpec],
    contracts: u32,
) -> Result<BTreeMap<u8, String>, BotError> {
    groups.remove_left(client).await;
    let mut by_shard = BTreeMap::new();
    if contracts == 0 {
        return Ok(by_shard);
    }
    for shard in specs.iter().map(|spec| spec.shard).collect::<BTreeSet<u8>>() {
        let id = groups.open(client, shard, contracts).await;
        by_shard.insert(shard, id.map_err(during("the order groups can't be made"))?);
    }
    Ok(by_shard)
}

/// Where the bot's figures are read, if anywhere.
async fn endpoint(listen: Option<SocketAddr>) -> Result<Option<Endpoint>, BotError> {
    let Some(address) = listen else { return Ok(None) };
    let endpoint = Endpoint::bind(address).await.map_err(|cause| BotError::Metrics { address, cause })?;
    tracing::info!(address = %endpoint.address(), "metrics are at /metrics");
    Ok(Some(endpoint))
}

/// Whether the exchange answers, knows the key and keeps our time.
async fn check_exchange(client: &Client) -> Result<(), BotError> {
    client.load_limits().await.map_err(during("the account's limits can't be read"))?;
    let status = client.exchange_status().await.map_err(during("the exchange's status can't be read"))?;
    if !(status.exchange_active && status.trading_active) {
        tracing::warn!("the exchange doesn't trade now; the bot waits for it");
    }
    let Some(skew) = client.transport().clock_skew() else { return Ok(()) };
    if skew.unsigned_abs() > MOST_SKEW {
        return Err(BotError::Clock { skew });
    }
    if skew.unsigned_abs() > WORTH_A_WORD {
        tracing::warn!(ms = skew, "this machine's clock differs from the exchange's");
    }
    Ok(())
}

/// The halts that an earlier run left in force. One that this program doesn't know is taken for a person's.
fn latched(store: &Store) -> Result<Vec<HaltReason>, BotError> {
    let halts = store.latched_halts(RunKind::Live)?;
    Ok(halts.iter().map(|halt| HaltReason::from_code(&halt.reason).unwrap_or(HaltReason::Operator)).collect())
}

/// Has what an earlier run left taken off, booked and compared. Anything that still differs is for a person to look
/// at before a new run adds to it.
async fn account(
    client: &Client,
    store: &Store,
    key: &AccountKey,
    settings: &Settings,
    now: Timestamp,
) -> Result<Account, BotError> {
    let recovered = recover(client, store, key, &settings.execution.order_prefix, now).await?;
    if !recovered.still_resting.is_empty() {
        let orders = &recovered.still_resting;
        let orders = orders.iter().map(|order| format!("{} in {}", order.exchange_id, order.ticker));
        return Err(RecoveryError::StillResting { orders: orders.collect() }.into());
    }
    let differences: Vec<String> = recovered.differences.iter().map(describe).collect();
    if !differences.is_empty() {
        return Err(BotError::Drift { differences });
    }
    tracing::info!(
        cash = %recovered.cash,
        adopted = recovered.adopted.len(),
        foreign = recovered.foreign.len(),
        cancelled = recovered.cancelled,
        fills = recovered.fills,
        payouts = recovered.payouts,
        "the account is the one that was left"
    );
    let foreign =
        recovered.foreign.iter().map(|position| (position.ticker.clone(), position.quantity)).collect();
    let balance = client.balance().await.map_err(during("the balance can't be read"))?;
    let by_shard = by_shard(&balance);
    Ok(Account { by_shard, recovered, foreign })
}

/// An exchange that doesn't break the balance down has one purse.
fn by_shard(balance: &model::Balance) -> ShardCash {
    if balance.balance_breakdown.is_empty() {
        return ShardCash::default();
    }
    ShardCash::apart(balance.balance_breakdown.iter().map(|shard| (shard.exchange_index, shard.balance)))
}

fn describe(difference: &Difference) -> String {
    let figure = |text: String| if text.is_empty() { "nothing".to_owned() } else { text };
    format!(
        "{} {}: {} here, {} on the exchange; {}",
        difference.kind(),
        difference.ticker().unwrap_or("of the account"),
        figure(difference.here()),
        figure(difference.there()),
        difference.mend()
    )
}

/// A cancel of an order as the exchange lists it.
pub(super) fn cancel_of(order: &model::Order) -> model::BatchCancelItem {
    model::BatchCancelItem {
        order_id: order.order_id.clone(),
        subaccount: None,
        exchange_index: order.exchange_index,
        market_ticker: Some(order.ticker.clone()),
    }
}

async fn markets(
    loader: &mut Loader,
    account: &Account,
    now: Timestamp,
) -> Result<Vec<MarketSpec>, BotError> {
    let mut specs = loader.load(now).await.map_err(during("the markets can't be read"))?;
    // The exchange nets what is held in a market, whoever holds it.
    specs.retain(|spec| !account.foreign.contains_key(&spec.ticker));
    let listed: BTreeSet<&String> = specs.iter().map(|spec| &spec.ticker).collect();
    let held: BTreeSet<String> =
        account.recovered.adopted.iter().map(|adopted| adopted.ticker.clone()).collect();
    let missing: BTreeSet<String> = held.iter().filter(|ticker| !listed.contains(ticker)).cloned().collect();
    specs.extend(loader.load_held(&missing, now).await.map_err(during("the markets held can't be read"))?);
    let missing: Vec<String> = held
        .into_iter()
        .filter(|ticker| !specs.iter().any(|spec| spec.ticker == *ticker))
        .map(|ticker| format!("{ticker} is held and can't be listed"))
        .collect();
    if missing.is_empty() { Ok(specs) } else { Err(BotError::Drift { differences: missing }) }
}

fn engine(settings: &Settings, account: &Account, latched: Vec<HaltReason>) -> Engine {
    let rules = settings.clone();
    Engine::new(EngineSettings {
        limits: settings.risk.clone(),
        starting_cash: account.recovered.cash,
        shard_cash: account.by_shard.clone(),
        sequence: SequencePolicy::Contiguous,
        rules: Box::new(move |spec| rules.rules_for(&spec.series, &spec.category)),
        strategy: Box::new(HighProbability),
        latched,
    })
}

fn description(settings: &Settings, started: Timestamp) -> RunDescription {
    let exchange = settings.api.exchange();
    RunDescription {
        id: RunTag::of_start(started).to_string(),
        kind: RunKind::Live,
        source: format!("{} exchange at {}", exchange.kind.as_str(), exchange.rest),
        settings: settings.show(),
        started,
    }
}

/// Puts what was being done before a cause.
pub(super) fn during(during: &'static str) -> impl Fn(ApiError) -> BotError {
    move |cause| BotError::Api { during, cause }
}
