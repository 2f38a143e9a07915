//! What a running bot answers to those who ask.

use super::figures::{feed_age, queues};
use super::trading::Bot;
use crate::control::{
    ClearedHalt, Gate, GateVerdict, HeldPosition, MarketWhy, Proposal, Refusal, Reply, Request, StageTimes,
    Status, Why, WorkingOrder,
};
use crate::engine::{Engine, Event};
use crate::market::book::BookState;
use crate::market::{Market, MarketStatus, Side};
use crate::risk::HaltReason;
use crate::units::{Money, Rounding, Timestamp};

/// Carries a request out and says what came of it.
pub(super) fn reply(bot: &mut Bot<'_>, now: Timestamp, request: Request) -> Reply {
    match request {
        Request::Status => Reply::Status(Box::new(status(bot, now))),
        Request::Halt { note } => {
            let was_halted = bot.parts.engine.trading().has(HaltReason::Operator);
            let detail = note.unwrap_or_default();
            bot.step(now, &Event::Halt { reason: HaltReason::Operator, in_force: true, detail: &detail });
            Reply::Halted { was_halted }
        }
        Request::Resume => {
            let cleared = bot.causes.values().filter(|cause| cause.latched).map(|cause| ClearedHalt {
                reason: cause.code.clone(),
                since: cause.since,
                detail: cause.detail.clone(),
            });
            let cleared = cleared.collect();
            bot.resume(now);
            Reply::Resumed { cleared, trading: bot.parts.engine.trading().state().as_str().to_owned() }
        }
        Request::Why { ticker } => why(&bot.parts.engine, now, ticker.as_deref()),
        Request::Stop => Reply::Stopping,
    }
}

fn status(bot: &Bot<'_>, now: Timestamp) -> Status {
    let parts = &bot.parts;
    let engine = &parts.engine;
    let progress = bot.progress(now);
    Status {
        trading: progress.trading.to_owned(),
        reasons: bot.causes.values().cloned().collect(),
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_seconds: bot.begun.elapsed().as_secs(),
        exchange: parts.settings.api.exchange().kind.as_str().to_owned(),
        connected: parts.stream.is_connected(),
        markets: engine.catalogue().len() as u64,
        frames: progress.frames.decoded,
        gaps: progress.frames.gaps,
        positions: engine.positions().iter().map(|position| held(engine, position)).collect(),
        orders: working(bot),
        cash: progress.cash,
        equity: progress.equity,
        daily_pnl: engine.daily_pnl(),
        signals: engine.signals(),
        trades: engine.trades(),
        reconciled: bot.checks.last.clone(),
        latency: bot.stages.summaries().iter().map(StageTimes::from).collect(),
        feed_age_ms: feed_age(bot).map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
        queues: queues(bot),
        metrics: parts.endpoint.as_ref().map(|endpoint| format!("http://{}/metrics", endpoint.address())),
        errors: parts.logs.recent(),
    }
}

fn held(engine: &Engine, position: &crate::execution::positions::Position) -> HeldPosition {
    let market = engine.catalogue().get(position.market);
    let mark = engine.mark(position);
    HeldPosition {
        ticker: market.spec.ticker.clone(),
        outcome: position.outcome,
        quantity: position.quantity,
        entry: position.average_price(),
        mark: market.book.own_bid(position.outcome).map(|bid| bid.price),
        unrealised: position.unrealised(mark),
    }
}

fn working(bot: &Bot<'_>) -> Vec<WorkingOrder> {
    let engine = &bot.parts.engine;
    let orders = engine.orders().working().map(|order| WorkingOrder {
        client_id: bot.names.of(order.request.id),
        ticker: engine.catalogue().get(order.request.market).spec.ticker.clone(),
        side: order.request.side,
        price: order.request.price,
        remaining: order.remaining(),
        purpose: order.request.purpose.as_str().to_owned(),
        state: order.state.as_str().to_owned(),
    });
    orders.collect()
}

fn why(engine: &Engine, now: Timestamp, ticker: Option<&str>) -> Reply {
    let gates = engine.funnel().iter().map(Gate::from).collect();
    let Some(ticker) = ticker else { return Reply::Why(Box::new(Why { gates, market: None })) };
    let Some(id) = engine.catalogue().find(ticker) else {
        return Reply::Refused { message: format!("{ticker} isn't among the markets that are followed") };
    };
    let market = engine.catalogue().get(id);
    let verdicts = engine.funnel_of(id).into_iter().map(|gate| GateVerdict {
        gate: gate.gate.to_owned(),
        passed: gate.passed > 0,
        refused: gate.refused.keys().map(|reason| (*reason).to_owned()).collect(),
    });
    let (refusal, signal) = match engine.judge(now, id) {
        Ok(signal) => (None, Some(signal)),
        Err((gate, reason)) => (Some(Refusal { gate: gate.to_owned(), reason: reason.to_owned() }), None),
    };
    let best = |side| {
        (market.book.state() == BookState::Synced)
            .then(|| market.book.best(side))
            .flatten()
            .map(|level| level.price)
    };
    let (bid, ask) = (best(Side::Bid), best(Side::Ask));
    let market = MarketWhy {
        ticker: ticker.to_owned(),
        status: word(market.spec.status).to_owned(),
        bid,
        ask,
        spread: bid.zip(ask).map(|(bid, ask)| ask - bid),
        depth: depth(engine, market),
        volume: market.spec.volume,
        closes: market.spec.close,
        seconds_left: now.until(market.spec.close).as_secs(),
        verdicts: verdicts.collect(),
        refusal,
        signal: signal.map(|signal| Proposal {
            outcome: signal.outcome,
            price: signal.price,
            target: signal.plan.target,
            stop: signal.plan.stop,
        }),
    };
    Reply::Why(Box::new(Why { gates, market: Some(market) }))
}

/// Dollars that rest within the filter's reach of the touch, both sides together.
fn depth(engine: &Engine, market: &Market) -> Money {
    let reach = engine.rules(market.id).filter.liquidity_reach;
    [Side::Bid, Side::Ask]
        .into_iter()
        .flat_map(|side| {
            let touch = market.book.best(side).map(|level| level.price);
            market
                .book
                .levels(side)
                .take_while(move |level| {
                    touch.is_some_and(|touch| level.price <= touch + reach && level.price >= touch - reach)
                })
                .map(move |level| side.outcome().yes_price(level.price).times(level.size, Rounding::Floor))
        })
        .sum()
}

const fn word(status: MarketStatus) -> &'static str {
    match status {
        MarketStatus::Initialized => "initialized",
        MarketStatus::Active => "active",
        MarketStatus::Inactive => "inactive",
        MarketStatus::Closed => "closed",
        MarketStatus::Determined => "determined",
        MarketStatus::Finalized => "finalized",
    }
}
