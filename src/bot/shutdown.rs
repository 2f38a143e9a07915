//! The end: nothing is opened any more, what rests is taken off, and the exchange is asked whether it is gone. All of
//! it takes less than ten seconds; what is left then is named.

use super::alerts::{self, Last};
use super::start::cancel_of;
use super::trading::{Bot, Parts, heart};
use super::{BotEnd, BotError, Ending, wall_clock};
use crate::engine::{Event, Operator};
use crate::execution::client_id::{ClientOrderId, Prefix, RunTag};
use crate::kalshi::error::ApiError;
use crate::kalshi::model;
use crate::kalshi::rest::Client;
use crate::kalshi::rest::query::OrderQuery;
use crate::replay::driver::{Progress, RunEnd};
use crate::risk::HaltReason;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// How long the orders' last words are waited for: an order whose answer was lost is known never to have arrived after
/// five seconds.
const LAST_WORDS: Duration = Duration::from_millis(6_500);
/// How long a cancel is waited for before it is sent again.
const AGAIN: Duration = Duration::from_secs(1);
/// How long the exchange is asked whether anything rests.
const LAST_LOOK: Duration = Duration::from_secs(2);
/// How long the removal of the order groups may take.
const LAST_GROUPS: Duration = Duration::from_secs(1);
/// How long the second store is given to take the last rows, if that much is left of [`WHOLE_END`].
const LAST_ROWS: Duration = Duration::from_secs(2);
/// Within this everything but the last mails has to be over.
const WHOLE_END: Duration = Duration::from_millis(9_300);
/// Time between two of these looks.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Ends a run in order.
pub(super) async fn end(mut bot: Bot<'_>, ending: Ending) -> Result<BotEnd, BotError> {
    let begun = Instant::now();
    let trading = bot.progress(wall_clock());
    take_off(&mut bot).await;
    let prefix = bot.parts.settings.execution.order_prefix.clone();
    let looked = timeout(LAST_LOOK, nothing_rests(&bot.parts.client, &prefix, bot.parts.gateway.run())).await;
    let leftovers = match looked {
        Ok(Ok(())) => Vec::new(),
        Ok(Err(left)) => left,
        Err(_) => vec!["the exchange could not be asked in time what still rests".to_owned()],
    };
    if timeout(LAST_GROUPS, remove_groups(&bot)).await.is_err() {
        tracing::warn!("the order groups could not be removed in time; they hold nothing and do no harm");
    }
    // What was still told in the meantime belongs to the run.
    bot.deliver(wall_clock());
    let now = wall_clock();
    let last =
        Progress { time: now, trading: trading.trading, reasons: trading.reasons, ..bot.progress(now) };
    let measured = bot.stages.summaries();
    let Parts {
        engine, listener, stream, writer, journal, shipper, alerts, store, instance, was_halted, ..
    } = bot.parts;
    let run = RunEnd {
        starting_balance: bot.starting,
        ending_balance: last.equity,
        max_drawdown: engine.max_drawdown(),
        funnel: engine.funnel(),
        latency: measured.clone(),
        measured,
        interrupted: ending != Ending::TimeOver,
        last,
    };
    let has_drift =
        [HaltReason::PositionDrift, HaltReason::LedgerDrift].iter().any(|why| engine.trading().has(*why));
    stream.close().await;
    if let Err(error) = journal.end(now) {
        tracing::warn!(%error, "the journal doesn't say that the run ended");
    }
    let written = writer.finish(now);
    if let Some(shipper) = shipper {
        shipper.finish(LAST_ROWS.min(WHOLE_END.saturating_sub(begun.elapsed())));
    }
    if let Some(listener) = listener {
        listener.close().await;
    }
    drop((store, instance));
    let took = begun.elapsed();
    let told = Last { run: &run, ending, leftovers: &leftovers, has_drift, took };
    alerts::stopped(alerts, &told).await;
    written?;
    Ok(BotEnd { run, ending, leftovers, was_halted, has_drift })
}

/// Removes the run's order groups, which nothing uses any more; an order that still rests in one goes with it.
async fn remove_groups(bot: &Bot<'_>) {
    for (shard, id) in bot.parts.gateway.groups() {
        match bot.parts.client.delete_order_group(id, *shard).await {
            Ok(()) => bot.parts.groups.forget(id),
            Err(error) => tracing::warn!(group = id, %error, "an order group can't be removed"),
        }
    }
}

/// Has every order of the run taken off, and goes on hearing of them until all have ended.
async fn take_off(bot: &mut Bot<'_>) {
    let deadline = Instant::now() + LAST_WORDS;
    let mut again = Instant::now();
    let mut beat = heart(bot.parts.beat);
    debug_assert!(bot.is_over(), "only a run that is over is taken apart");
    loop {
        if Instant::now() >= again {
            again = Instant::now() + AGAIN;
            let now = wall_clock();
            bot.step(now, &Event::Operator(Operator::Shutdown));
            bot.deliver(now);
        }
        if bot.parts.gateway.open_orders() == 0 || Instant::now() >= deadline {
            return;
        }
        bot.take_next(&mut beat).await;
    }
}

/// Asks until the exchange shows no resting order of ours, taking off what it does show.
///
/// # Errors
/// What is known to be left when the exchange can't be asked any more.
async fn nothing_rests(client: &Client, prefix: &Prefix, run: RunTag) -> Result<(), Vec<String>> {
    let started = Instant::now();
    loop {
        let left = match ours(client, prefix, run).await {
            Ok(left) if left.is_empty() => return Ok(()),
            Ok(left) => left,
            Err(error) => return Err(vec![format!("the exchange can't be asked what still rests: {error}")]),
        };
        for order in &left {
            match client.cancel_order(&cancel_of(order)).await {
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(order = order.client_order_id, %error, "an order can't be taken off");
                }
            }
        }
        if started.elapsed() + LOOK_EVERY * 2 >= LAST_LOOK {
            return Err(left.iter().map(describe).collect());
        }
        sleep(LOOK_EVERY).await;
    }
}

/// The run's own orders. What rests of earlier runs the start has taken off; any other may be another bot's.
async fn ours(client: &Client, prefix: &Prefix, run: RunTag) -> Result<Vec<model::Order>, ApiError> {
    let query = OrderQuery { status: Some("resting"), ..OrderQuery::default() };
    let mut orders = client.orders(&query).all().await?;
    let is_ours = |name: &str| ClientOrderId::of(prefix, name).is_some_and(|id| id.run == run);
    orders.retain(|order| is_ours(&order.client_order_id));
    Ok(orders)
}

fn describe(order: &model::Order) -> String {
    let model::Order { client_order_id, ticker, remaining_count_fp, yes_price_dollars, .. } = order;
    format!(
        "order {client_order_id} in {ticker}: {remaining_count_fp} contracts at {yes_price_dollars} still rest"
    )
}
