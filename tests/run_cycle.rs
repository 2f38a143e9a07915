//! The whole bot before the simulated exchange: entries, a target, a stop and a payout, and an end that leaves nothing
//! on the book and an account that is the exchange's to the micro-dollar.

use kalshi_bot::bot::{self, BotEnd, BotSettings, Ending, Surroundings};
use kalshi_bot::config::{self, Settings, Sources};
use kalshi_bot::engine::event::Stamp;
use kalshi_bot::engine::record::ExitReason;
use kalshi_bot::engine::{Event, Record};
use kalshi_bot::exchange::core::ExchangeSettings;
use kalshi_bot::exchange::server::{Running, Server, ServerSettings};
use kalshi_bot::fees::{BalancePrecision, FeeKind, FeeSchedule};
use kalshi_bot::journal::{FOLDER, FolderDisk};
use kalshi_bot::kalshi::credentials::Credentials;
use kalshi_bot::kalshi::rest::Client;
use kalshi_bot::kalshi::rest::query::{OrderQuery, PositionQuery};
use kalshi_bot::kalshi::rest::transport::{Transport, TransportSettings};
use kalshi_bot::market::{Level, MarketSpec, MarketStatus, PriceGrid, Resolution};
use kalshi_bot::replay::driver::{Observer, Progress};
use kalshi_bot::replay::source::{Item, Source, SourceError};
use kalshi_bot::telemetry::log::Logs;
use kalshi_bot::units::{Price, Quantity, Timestamp};
use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What happens in the markets, and how long after the start.
enum Happens {
    Listed(MarketSpec),
    Quoted(&'static str, [Level; 1], [Level; 1]),
    Settled(&'static str),
}

/// Markets that do what was written down.
struct Written {
    start: Timestamp,
    left: VecDeque<(Duration, Happens)>,
    now: Option<Happens>,
}

impl Source for Written {
    fn next(&mut self) -> Result<Option<(Timestamp, Item<'_>)>, SourceError> {
        let Some((after, happens)) = self.left.pop_front() else { return Ok(None) };
        let stamp = Stamp { sid: 1, seq: None };
        let event = match self.now.insert(happens) {
            Happens::Listed(spec) => Event::Listed(spec),
            Happens::Quoted(ticker, bids, asks) => Event::Snapshot { ticker, stamp, bids, asks },
            Happens::Settled(ticker) => Event::Settled { ticker, resolution: Resolution::Yes },
        };
        Ok(Some((self.start + after, Item::Event(event))))
    }

    fn uses_yes_price(&self) -> bool {
        true
    }

    fn has_contiguous_sequence(&self) -> bool {
        true
    }
}

fn now() -> Timestamp {
    Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
}

fn level(price: &str) -> [Level; 1] {
    let price: Price = price.parse().expect("a price");
    [Level { price, size: Quantity::from_contracts(5_000) }]
}

fn listed(ticker: &str) -> (Duration, Happens) {
    let spec = MarketSpec {
        ticker: ticker.into(),
        event: ticker.into(),
        series: ticker.split('-').next().unwrap_or(ticker).into(),
        category: "Sports".into(),
        title: ticker.into(),
        open: now() - Duration::from_hours(1),
        close: now() + Duration::from_hours(3),
        grid: PriceGrid::cents(),
        fees: FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 },
        status: MarketStatus::Active,
        volume: Quantity::from_contracts(20_000),
        shard: 0,
    };
    (Duration::ZERO, Happens::Listed(spec))
}

fn quoted(after: u64, ticker: &'static str, bid: &str, ask: &str) -> (Duration, Happens) {
    (Duration::from_secs(after), Happens::Quoted(ticker, level(bid), level(ask)))
}

const WINS: &str = "KXWINS-26NOV23";
const LOSES: &str = "KXLOSES-26NOV23";
const PAYS: &str = "KXPAYS-26NOV23";
const UNLIKELY: &str = "KXUNLIKELY-26NOV23";
const WIDE: &str = "KXWIDE-26NOV23";

async fn exchange(script: Vec<(Duration, Happens)>) -> Running {
    let source = Written { start: now(), left: script.into(), now: None };
    let settings = ServerSettings {
        source: Some(Box::new(source)),
        exchange: ExchangeSettings {
            precision: BalancePrecision::Direct,
            settlement_timer: Duration::from_secs(1),
        },
        ..ServerSettings::default()
    };
    Server::start(settings).await.expect("the exchange starts")
}

fn settings(exchange: &Running) -> Settings {
    let set = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let overrides = vec![
        set("api.base_url", &exchange.rest()),
        set("api.key_id", exchange.key_id()),
        set("markets.min_volume", "0"),
        set("markets.min_liquidity", "0"),
    ];
    config::load(&Sources { overrides, ..Sources::default() }).expect("sound settings")
}

fn client(settings: &Settings, credentials: &Arc<Credentials>) -> Client {
    Client::new(
        Transport::new(TransportSettings {
            base_url: settings.api.exchange().rest,
            credentials: Some(credentials.clone()),
            timeout: Duration::from_secs(5),
            reads_per_second: 20,
            writes_per_second: 10,
        })
        .expect("a transport"),
    )
}

/// Ends the run once so many trades are closed and so many positions open, or when it takes too long.
struct Until {
    trades: usize,
    open: usize,
    closed: Vec<ExitReason>,
    patience: Instant,
}

impl Until {
    fn new(trades: usize, open: usize) -> Self {
        Self { trades, open, closed: Vec::new(), patience: Instant::now() + Duration::from_mins(1) }
    }
}

impl Observer for Until {
    fn record(&mut self, record: &Record) {
        if let Record::Closed(trade) = record {
            self.closed.push(trade.exit_reason);
        }
    }

    fn progress(&mut self, progress: &Progress) -> bool {
        assert!(Instant::now() < self.patience, "{progress:?}");
        let targets = progress.orders.iter().filter(|order| order.state == "resting").count();
        self.closed.len() < self.trades || progress.positions.len() < self.open || targets < self.open
    }
}

async fn run(exchange: &Running, folder: &Path, until: &mut Until) -> (BotEnd, Client) {
    let settings = settings(exchange);
    let key = exchange.private_key_path().expect("a key was made").to_owned();
    let credentials = Arc::new(Credentials::load(&settings.api.key_id, &key).expect("a sound key"));
    let client = client(&settings, &credentials);
    let bot = BotSettings {
        settings,
        credentials,
        folder: folder.to_owned(),
        journal: Arc::new(FolderDisk::open(&folder.join(FOLDER)).expect("a folder for the journal")),
        duration: None,
        logs: Logs::default(),
        surroundings: Surroundings::default(),
    };
    (bot::run(bot, client.clone(), until).await.expect("the bot starts"), client)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_trades_to_target_stop_and_payout_and_its_account_is_the_exchange_s() {
    let exchange = exchange(vec![
        listed(WINS),
        listed(LOSES),
        listed(PAYS),
        quoted(0, WINS, "0.90", "0.91"),
        quoted(0, LOSES, "0.90", "0.91"),
        quoted(0, PAYS, "0.90", "0.91"),
        quoted(5, WINS, "0.94", "0.95"),
        quoted(5, LOSES, "0.80", "0.81"),
        (Duration::from_secs(6), Happens::Settled(PAYS)),
    ])
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut until = Until::new(3, 0);
    let (end, client) = run(&exchange, folder.path(), &mut until).await;
    let mut reasons: Vec<&str> = until.closed.iter().map(|reason| reason.as_str()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["settlement", "stop_loss", "take_profit"]);
    assert_eq!((end.ending, end.leftovers.is_empty(), end.has_drift), (Ending::Interrupted, true, false));
    let held = PositionQuery { count_filter: Some("position"), ..PositionQuery::default() };
    assert_eq!(client.positions(&held).all().await.expect("positions"), []);
    assert_eq!(client.balance().await.expect("a balance").balance_dollars, end.run.last.cash);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_ends_leaves_no_order_and_the_next_one_takes_its_position_over() {
    let exchange = exchange(vec![listed(WINS), quoted(0, WINS, "0.90", "0.91")]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (first, client) = run(&exchange, folder.path(), &mut Until::new(0, 1)).await;
    assert_eq!(first.leftovers, Vec::<String>::new());
    let resting = OrderQuery { status: Some("resting"), ..OrderQuery::default() };
    assert_eq!(client.orders(&resting).all().await.expect("orders"), []);
    let (second, _) = run(&exchange, folder.path(), &mut Until::new(0, 1)).await;
    let held = |end: &BotEnd| {
        let position = &end.run.last.positions[0];
        (position.quantity, position.entry_price, position.target, position.since)
    };
    assert_eq!(held(&first), held(&second));
    assert_eq!(second.run.last.cash, first.run.last.cash);
    assert_eq!(second.run.last.positions.len(), 1, "nothing is bought a second time");
}

/// Every row of a query over what the run left in its folder.
fn kept<T>(folder: &Path, query: &str, read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    let database = rusqlite::Connection::open(folder.join("kalshi-bot.db")).expect("a database");
    let mut statement = database.prepare(query).expect("a sound query");
    let rows = statement.query_map([], |row| read(row)).expect("an answer");
    rows.collect::<Result<_, _>>().expect("rows as they were written")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_leaves_what_its_gates_said_and_how_the_markets_resolved_that_it_held() {
    let exchange = exchange(vec![
        listed(WINS),
        listed(PAYS),
        listed(UNLIKELY),
        listed(WIDE),
        quoted(0, WINS, "0.90", "0.91"),
        quoted(0, PAYS, "0.90", "0.91"),
        quoted(0, UNLIKELY, "0.50", "0.51"),
        quoted(0, WIDE, "0.85", "0.95"),
        quoted(5, WINS, "0.94", "0.95"),
        (Duration::from_secs(8), Happens::Settled(WINS)),
        (Duration::from_secs(8), Happens::Settled(UNLIKELY)),
        (Duration::from_secs(8), Happens::Settled(PAYS)),
    ])
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut until = Until::new(2, 0);
    let (end, _) = run(&exchange, folder.path(), &mut until).await;
    let mut reasons: Vec<&str> = until.closed.iter().map(|reason| reason.as_str()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["settlement", "take_profit"], "one is sold before it resolves, one is paid out");

    let results =
        kept(folder.path(), "SELECT market_id, result, yes_value FROM results ORDER BY market_id", |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        });
    let paid = |ticker: &str| (ticker.to_owned(), "yes".to_owned(), "1.000000".to_owned());
    assert_eq!(
        results,
        [paid(PAYS), paid(WINS)],
        "once each, and none of a market in which nothing was held"
    );

    let told: BTreeSet<(String, String)> = end
        .run
        .funnel
        .iter()
        .flat_map(|gate| {
            let passed = std::iter::once(("passed", gate.passed));
            let verdicts = passed.chain(gate.refused.iter().map(|(reason, markets)| (*reason, *markets)));
            verdicts
                .filter(|(_, markets)| *markets > 0)
                .map(|(verdict, _)| (gate.gate.to_owned(), verdict.to_owned()))
        })
        .collect();
    for (gate, verdict) in
        [("filter", "spread_too_wide"), ("signal", "below_threshold"), ("execution", "passed")]
    {
        assert!(told.contains(&(gate.to_owned(), verdict.to_owned())), "{gate} {verdict}: {told:?}");
    }
    let gates = kept(folder.path(), "SELECT DISTINCT gate, verdict FROM gates", |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    });
    assert_eq!(BTreeSet::from_iter(gates), told, "the store and the run's own report say the same");
    let bought = "SELECT sum(markets) FROM gates WHERE gate = 'execution' AND verdict = 'passed'";
    assert_eq!(kept(folder.path(), bought, |row| row.get::<_, i64>(0)), [2]);
}

/// The program itself, with the key of this exchange.
fn program(exchange: &Running, folder: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kalshi-bot"));
    command
        .arg("run")
        .args(arguments)
        .args(["--state-dir", folder.to_str().expect("a plain path")])
        .env("KALSHI_API_KEY_ID", exchange.key_id())
        .env("KALSHI_PRIVATE_KEY_PATH", exchange.private_key_path().expect("a key was made"))
        .env("KALSHI_BOT__MARKETS__MIN_VOLUME", "0")
        .env("KALSHI_BOT__MARKETS__MIN_LIQUIDITY", "0")
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_told_to_end_takes_its_orders_off_and_reports() {
    let exchange = exchange(vec![listed(WINS), quoted(0, WINS, "0.90", "0.91")]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let url = exchange.rest();
    let child = program(&exchange, folder.path(), &["--api-url", &url, "--output", "json"])
        .spawn()
        .expect("it starts");
    let settings = settings(&exchange);
    let key = exchange.private_key_path().expect("a key was made").to_owned();
    let client =
        client(&settings, &Arc::new(Credentials::load(&settings.api.key_id, &key).expect("a sound key")));
    let resting = OrderQuery { status: Some("resting"), ..OrderQuery::default() };
    let patience = Instant::now() + Duration::from_mins(1);
    while client.orders(&resting).all().await.expect("orders").is_empty() {
        assert!(Instant::now() < patience, "its target never came to rest");
    }
    let told = Instant::now();
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
    let output = tokio::task::spawn_blocking(move || child.wait_with_output())
        .await
        .expect("no panic")
        .expect("it ends");
    assert!(told.elapsed() < Duration::from_secs(10), "{:?}", told.elapsed());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(client.orders(&resting).all().await.expect("orders"), []);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert_eq!(report["open_positions"].as_array().map(Vec::len), Some(1), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_money_is_not_traded_without_somebody_who_says_so() {
    let exchange = exchange(vec![listed(WINS)]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let output = program(&exchange, folder.path(), &["--production"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("real money") && said.contains("--yes"), "{said}");
}
