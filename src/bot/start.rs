//! The start, in the order in which nothing is sent before everything is known.

use super::markets::Loader;
use super::trading::{Bot, Parts};
use super::{BotError, BotSettings, wall_clock};
use crate::control::Listener;
use crate::engine::{Engine, EngineSettings, Event, Outbox};
use crate::execution::client_id::{ClientOrderId, Prefix, RunTag};
use crate::execution::reconcile::Adopted;
use crate::gateway::live::{LiveGateway, LiveSettings, open_groups};
use crate::kalshi::error::ApiError;
use crate::kalshi::model;
use crate::kalshi::rest::Client;
use crate::kalshi::rest::query::{OrderQuery, PositionQuery};
use crate::kalshi::stream::{Stream, StreamSettings};
use crate::market::MarketSpec;
use crate::market::feed::SequencePolicy;
use crate::replay::driver::Observer;
use crate::risk::HaltReason;
use crate::store::{RunDescription, RunKind, Store};
use crate::strategy::HighProbability;
use crate::units::{Money, Quantity, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Clocks that are more milliseconds apart than this make signatures that the exchange refuses sooner or later.
const MOST_SKEW: u64 = 5_000;
/// Clocks that are more milliseconds apart than this deserve a word.
const WORTH_A_WORD: u64 = 1_500;

/// What the account holds at the start.
struct Account {
    cash: Money,
    adopted: Vec<Adopted>,
    /// Positions that aren't the bot's, signed as the exchange counts.
    foreign: BTreeMap<String, Quantity>,
}

/// Starts everything, up to the stream that is about to connect.
pub(super) async fn start<'a>(
    bot: BotSettings,
    client: Client,
    observer: &'a mut dyn Observer,
) -> Result<Bot<'a>, BotError> {
    let BotSettings { settings, credentials, folder, duration } = bot;
    check_exchange(&client).await?;
    let store = Store::open(&folder)?;
    let latched = latched(&store)?;
    let listener = Listener::bind(&folder)?;
    let started = wall_clock();
    let prefix = settings.execution.order_prefix.clone();
    let account = account(&client, &prefix).await?;

    let mut loader = Loader::new(client.clone(), settings.clone());
    let specs = markets(&mut loader, &account, started).await?;
    let groups = match settings.execution.order_group_contracts {
        0 => BTreeMap::new(),
        contracts => {
            let shards: BTreeSet<u8> = specs.iter().map(|spec| spec.shard).collect();
            open_groups(&client, &shards, contracts)
                .await
                .map_err(during("the order groups can't be made"))?
        }
    };

    let writer = store.start_run(&description(&settings, started))?;
    let mut engine = engine(&settings, account.cash, latched.clone());
    let mut out = Outbox::default();
    for spec in &specs {
        engine.step(started, &Event::Listed(spec), &mut out);
    }
    for adopted in &account.adopted {
        engine.step(started, &Event::Adopted(adopted), &mut out);
    }
    let live = LiveSettings {
        prefix,
        run: RunTag::of_start(started),
        started,
        order_lifetime: settings.execution.order_lifetime,
        groups,
    };
    let (gateway, answers) = LiveGateway::new(client.clone(), live);
    let url = settings.api.exchange().websocket;
    let mut stream = Stream::new(StreamSettings::signed(url, credentials))?;
    stream.follow(&specs.iter().map(|spec| spec.ticker.as_str()).collect::<Vec<_>>());
    Ok(Bot::new(
        Parts {
            settings,
            client,
            engine,
            gateway,
            answers,
            stream,
            listener,
            store,
            writer,
            foreign: account.foreign,
            out,
            started,
            ends: duration.map(|duration| started + duration),
            was_halted: !latched.is_empty(),
        },
        loader,
        observer,
    ))
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

/// Takes off what an earlier run left on the book, and reads what the account holds. Positions are left to whoever
/// opened them.
async fn account(client: &Client, prefix: &Prefix) -> Result<Account, BotError> {
    let resting = OrderQuery { status: Some("resting"), ..OrderQuery::default() };
    let resting = client.orders(&resting).all().await.map_err(during("the orders can't be read"))?;
    for order in resting.iter().filter(|order| ClientOrderId::of(prefix, &order.client_order_id).is_some()) {
        tracing::warn!(
            order = order.client_order_id,
            market = order.ticker,
            "taking off what an earlier run left"
        );
        match client.cancel_order(&cancel_of(order)).await {
            Ok(_) => {}
            Err(ApiError::Refused(refusal)) if refusal.status == 404 => {}
            Err(cause) => return Err(during("an earlier run's order can't be taken off")(cause)),
        }
    }
    let query = PositionQuery { count_filter: Some("position"), ..PositionQuery::default() };
    let held = client.positions(&query).all().await.map_err(during("the positions can't be read"))?;
    let balance = client.balance().await.map_err(during("the balance can't be read"))?;
    let foreign = held.into_iter().map(|position| (position.ticker, position.position_fp)).collect();
    Ok(Account { cash: balance.balance_dollars, adopted: Vec::new(), foreign })
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
    let listed: BTreeSet<&String> = specs.iter().map(|spec| &spec.ticker).collect();
    let held: BTreeSet<String> = account.adopted.iter().map(|adopted| adopted.ticker.clone()).collect();
    let missing: BTreeSet<String> = held.iter().filter(|ticker| !listed.contains(ticker)).cloned().collect();
    specs.extend(loader.load_held(&missing, now).await.map_err(during("the markets held can't be read"))?);
    let missing: Vec<String> = held
        .into_iter()
        .filter(|ticker| !specs.iter().any(|spec| spec.ticker == *ticker))
        .map(|ticker| format!("{ticker} is held and can't be listed"))
        .collect();
    if missing.is_empty() { Ok(specs) } else { Err(BotError::Drift { differences: missing }) }
}

fn engine(settings: &crate::config::Settings, cash: Money, latched: Vec<HaltReason>) -> Engine {
    let rules = settings.clone();
    Engine::new(EngineSettings {
        limits: settings.risk.clone(),
        starting_cash: cash,
        sequence: SequencePolicy::Contiguous,
        rules: Box::new(move |spec| rules.rules_for(&spec.series, &spec.category)),
        strategy: Box::new(HighProbability),
        latched,
    })
}

fn description(settings: &crate::config::Settings, started: Timestamp) -> RunDescription {
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
