//! A simulated exchange as a process of its own, and the program pointed at it.

use kalshi_bot::kalshi::model::{BookSide, CreateOrder, SelfTradePrevention, TimeInForce};
use kalshi_bot::units::{Price, Quantity};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program, without what this environment may set for it.
pub(crate) fn bot(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kalshi-bot"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().to_uppercase();
        if name.starts_with("KALSHI") {
            command.env_remove(name);
        }
    }
    command.env_remove("RUST_LOG").args(arguments);
    command
}

/// Gives a command rules that trade much.
pub(crate) fn trade_much(command: &mut Command) {
    for (key, value) in [
        ("MARKETS__MIN_VOLUME", "0"),
        ("MARKETS__MIN_LIQUIDITY", "0"),
        ("MARKETS__MAX_SPREAD", "0.04"),
        ("RISK__CIRCUIT_BREAKER_ENABLED", "false"),
        ("TRADING__COOLDOWN_MINUTES", "0"),
        ("TRADING__MAX_POSITIONS", "20"),
        ("TRADING__MAX_POSITION_SIZE", "0.02"),
    ] {
        command.env(format!("KALSHI_BOT__{key}"), value);
    }
}

/// A running `kalshi-bot sim`; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Sim {
    process: Child,
    /// The line it printed when it was ready.
    pub(crate) ready: Value,
    _folder: tempfile::TempDir,
}

impl Sim {
    /// Starts it on a free port and waits until it is ready.
    pub(crate) fn start(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("sim");
        let mut command = bot(&["sim", "--listen", "127.0.0.1:0", "--state-dir"]);
        command.arg(&state).args(more).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the program starts");
        let mut line = String::new();
        let mut out = BufReader::new(process.stdout.take().expect("piped"));
        out.read_line(&mut line).expect("a line");
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        // Whatever else it writes must not fill the pipe and stop it.
        std::thread::spawn(move || out.read_to_end(&mut Vec::new()));
        Self { process, ready, _folder: folder }
    }

    /// A field of the ready line.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap_or_else(|| panic!("{name} is missing in {}", self.ready))
    }

    /// The program, pointed at this exchange with this exchange's key.
    pub(crate) fn bot(&self, arguments: &[&str]) -> Command {
        let mut command = bot(arguments);
        command
            .env("KALSHI_BOT__API__BASE_URL", self.field("rest"))
            .env("KALSHI_BOT__API__WEBSOCKET_URL", self.field("ws"))
            .env("KALSHI_API_KEY_ID", self.field("api_key_id"))
            .env("KALSHI_PRIVATE_KEY_PATH", self.field("private_key_path"));
        command
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits for a process to end by itself; its exit code, or `None` when it took longer.
pub(crate) fn wait(process: &mut Child, patience: Duration) -> Option<i32> {
    let until = Instant::now() + patience;
    while Instant::now() < until {
        if let Some(status) = process.try_wait().expect("it is a child") {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

/// Sends a signal by its name, such as `TERM`.
pub(crate) fn signal(process: &Child, name: &str) {
    let status = Command::new("kill").args(["-s", name, &process.id().to_string()]).status();
    assert!(status.expect("kill is there").success());
}

/// What a program that has ended left behind.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// The one JSON document on standard output.
    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:#?}"))
    }

    /// Asserts the exit code and gives it back to be read.
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }
}

/// Runs to the end.
pub(crate) fn said(command: &mut Command) -> Said {
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("the program writes text");
    Said { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// What a person does beside the bot: the exchange's API with the account's own key.
#[derive(Debug)]
pub(crate) struct Hand {
    runtime: tokio::runtime::Runtime,
    client: kalshi_bot::kalshi::rest::Client,
    rest: String,
}

impl Hand {
    pub(crate) fn new(sim: &Sim) -> Self {
        use kalshi_bot::kalshi::credentials::Credentials;
        use kalshi_bot::kalshi::rest::transport::{Transport, TransportSettings};
        let key_id = secrecy::SecretString::from(sim.field("api_key_id"));
        let path = std::path::Path::new(sim.field("private_key_path"));
        let credentials = Credentials::load(&key_id, path).expect("the exchange's own key");
        let transport = Transport::new(TransportSettings {
            base_url: sim.field("rest").to_owned(),
            credentials: Some(std::sync::Arc::new(credentials)),
            timeout: Duration::from_secs(5),
            reads_per_second: 100,
            writes_per_second: 100,
        });
        Self {
            runtime: tokio::runtime::Runtime::new().expect("a runtime"),
            client: kalshi_bot::kalshi::rest::Client::new(transport.expect("a URL of this machine")),
            rest: sim.field("rest").to_owned(),
        }
    }

    /// Asks the exchange.
    pub(crate) fn ask<T>(&self, ask: impl AsyncFnOnce(&kalshi_bot::kalshi::rest::Client) -> T) -> T {
        self.runtime.block_on(ask(&self.client))
    }

    /// Buys one contract in some market in which the account holds nothing.
    pub(crate) fn buy_one(&self, sim: &Sim) {
        let markets =
            said(&mut sim.bot(&["markets", "scan", "--all", "--output", "json"])).ended(0).document();
        let held = said(&mut sim.bot(&["positions", "--output", "json"])).ended(0).document();
        let is_free = |ticker: &str| {
            !held["positions"].as_array().expect("a list").iter().any(|position| position["market"] == ticker)
        };
        let bought = markets["markets"].as_array().expect("a list").iter().any(|market| {
            let ticker = market["market"].as_str().expect("a name");
            is_free(ticker) && {
                let order = CreateOrder {
                    ticker: ticker.to_owned(),
                    side: BookSide::Bid,
                    count: Quantity::from_contracts(1),
                    price: Price::from_raw(990_000),
                    time_in_force: TimeInForce::ImmediateOrCancel,
                    self_trade_prevention_type: SelfTradePrevention::TakerAtCross,
                    client_order_id: None,
                    expiration_time: None,
                    post_only: None,
                    reduce_only: None,
                    cancel_order_on_pause: None,
                    order_group_id: None,
                    subaccount: None,
                    exchange_index: None,
                };
                self.ask(async |client| client.create_order(&order).await)
                    .is_ok_and(|created| created.fill_count.is_positive())
            }
        });
        assert!(bought, "no market sold one contract");
    }

    /// Turns a switch of the simulated exchange: a path after `/sim`, and a body.
    pub(crate) fn turn(&self, path: &str, body: &Value) {
        let url = format!("{}/sim/{path}", self.rest.trim_end_matches("/trade-api/v2"));
        let answer =
            self.runtime.block_on(reqwest::Client::new().post(url).json(body).send()).expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }
}
