//! Frames of the stream: one alone, and a whole connection of them through to the engine.

use kalshi_bot::config::{self, Settings, Sources};
use kalshi_bot::engine::{Command, Engine, EngineSettings, Event, Outbox};
use kalshi_bot::execution::Purpose;
use kalshi_bot::execution::shards::ShardCash;
use kalshi_bot::fees::{FeeKind, FeeSchedule};
use kalshi_bot::gateway::inbound::{Inbound, Incoming};
use kalshi_bot::market::book::{Book, BookState};
use kalshi_bot::market::feed::SequencePolicy;
use kalshi_bot::market::{MarketSpec, MarketStatus, PriceGrid, Side};
use kalshi_bot::strategy::HighProbability;
use kalshi_bot::units::{Money, Price, Quantity, Timestamp};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

/// Markets that are listed; frames of others meet an engine that doesn't know them.
const MARKETS: usize = 8;
/// Frames that are played; more only take time.
const FRAMES: usize = 256;
/// When the connection begins.
const START: Timestamp = Timestamp::from_secs(1_795_442_400);
/// Time between two frames.
const STEP: Duration = Duration::from_millis(700);
/// The account's cash.
const CASH: Money = Money::from_dollars(10_000);

/// Rules under which nearly every book is worth an entry.
static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    let set = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let overrides = vec![
        set("markets.min_volume", "0"),
        set("markets.min_liquidity", "0"),
        set("markets.max_spread", "0.99"),
        set("markets.time_to_event.min_hours", "0"),
        set("trading.exit_before_close_minutes", "0"),
        set("trading.entry_threshold", "0.5"),
        set("trading.cooldown_minutes", "0"),
    ];
    config::load(&Sources { overrides, ..Sources::default() }).expect("sound settings")
});

/// One frame through the decoder and on to the engine's events, under both readings of its prices.
pub fn ws_frame(frame: &[u8]) {
    for use_yes_price in [false, true] {
        if let Err(error) = Inbound::new(use_yes_price).translate(frame) {
            assert!(error.at() <= frame.len());
            assert!(error.to_string().len() < 1_200);
        }
    }
}

/// A connection: a frame a line, into books and an engine that trades on them. Twice the same gives the same.
pub fn feed(frames: &[u8]) {
    let first = play(frames);
    assert_eq!(first, play(frames), "the same frames gave other commands");
}

fn play(frames: &[u8]) -> Vec<Command> {
    let mut inbound = Inbound::new(true);
    let mut engine = engine();
    let mut out = Outbox::default();
    let mut listed = BTreeSet::new();
    let mut commands = Vec::new();
    let mut now = START;
    engine.step(now, &Event::Connected, &mut out);
    for frame in frames.split(|byte| *byte == b'\n').take(FRAMES) {
        now = now + STEP;
        let Ok(Incoming::Event(event)) = inbound.translate(frame) else { continue };
        if let Some(ticker) = ticker_of(&event)
            && listed.len() < MARKETS
            && listed.insert(ticker.to_owned())
        {
            engine.step(now, &Event::Listed(&spec(ticker)), &mut out);
        }
        engine.step(now, &event, &mut out);
        engine.step(now, &Event::Timer, &mut out);
        assert_orders(&engine, &out.commands);
        commands.append(&mut out.commands);
        out.clear();
    }
    for market in engine.catalogue() {
        assert_sound(&market.book);
    }
    assert_eq!(engine.ledger().cash(), CASH, "money moved without a fill");
    assert_eq!(engine.equity(), CASH);
    commands
}

/// An entry needs a book that can be trusted, and is no larger than the account.
fn assert_orders(engine: &Engine, commands: &[Command]) {
    for command in commands {
        let Command::Place(order) = command else { continue };
        assert_eq!(order.purpose, Purpose::Entry, "there is nothing to let go");
        let market = engine.catalogue().get(order.market);
        assert_eq!(market.book.state(), BookState::Synced, "{order:?}");
        assert!(
            order.quantity.is_positive() && order.quantity <= Quantity::from_contracts(10_000),
            "{order:?}"
        );
        assert!(order.price > Price::ZERO && order.price < Price::ONE, "{order:?}");
    }
}

/// Levels go from the best to the worst, each within the market and with a size.
fn assert_sound(book: &Book) {
    if book.state() != BookState::Synced {
        return;
    }
    for side in [Side::Bid, Side::Ask] {
        let levels: Vec<_> = book.levels(side).collect();
        let total: Quantity = levels.iter().map(|level| level.size).sum();
        assert_eq!((levels.len(), total), (book.depth(side), book.total_size(side)));
        for level in &levels {
            assert!(
                level.size.is_positive() && level.price > Price::ZERO && level.price < Price::ONE,
                "{level:?}"
            );
        }
        let is_in_order = levels.windows(2).all(|pair| match side {
            Side::Bid => pair[0].price > pair[1].price,
            Side::Ask => pair[0].price < pair[1].price,
        });
        assert!(is_in_order, "{levels:?}");
        assert_eq!(book.best(side), levels.first().copied());
    }
}

fn ticker_of<'a>(event: &Event<'a>) -> Option<&'a str> {
    match event {
        Event::Snapshot { ticker, .. } | Event::Delta { ticker, .. } => Some(ticker),
        _ => None,
    }
}

fn engine() -> Engine {
    Engine::new(EngineSettings {
        limits: SETTINGS.risk.clone(),
        starting_cash: CASH,
        shard_cash: ShardCash::default(),
        sequence: SequencePolicy::Contiguous,
        rules: Box::new(|spec| SETTINGS.rules_for(&spec.series, &spec.category)),
        strategy: Box::new(HighProbability),
        latched: Vec::new(),
    })
}

fn spec(ticker: &str) -> MarketSpec {
    MarketSpec {
        ticker: ticker.to_owned(),
        event: ticker.to_owned(),
        series: "KXFED".to_owned(),
        category: "Sports".to_owned(),
        title: String::new(),
        open: START - Duration::from_hours(1),
        close: START + Duration::from_hours(3),
        grid: PriceGrid::cents(),
        fees: FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 },
        status: MarketStatus::Active,
        volume: Quantity::from_contracts(20_000),
        shard: 0,
    }
}
