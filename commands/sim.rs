//! `kalshi-bot sim`: a simulated exchange in one command, for as long as nobody ends it.

use crate::cli::sim::{FaultArguments, KeyKindWord, MixWord, SimArguments};
use crate::exit::{ExitCode, Failure};
use crate::output::Output;
use kalshi_bot::exchange::core::ExchangeSettings;
use kalshi_bot::exchange::generated::{GeneratedMarkets, GeneratedSettings, Mix};
use kalshi_bot::exchange::server::{Faults, KeySource, Running, Server, ServerSettings};
use kalshi_bot::fees::BalancePrecision;
use kalshi_bot::kalshi::sign::KeyKind;
use kalshi_bot::replay::recording::Recording;
use kalshi_bot::replay::source::Source;
use kalshi_bot::units::Timestamp;
use serde::Serialize;
use std::io;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long generated markets go on.
const GENERATED: Duration = Duration::from_hours(48);

/// What is told when the exchange is ready.
#[derive(Serialize)]
struct Ready<'a> {
    rest: String,
    ws: String,
    api_key_id: &'a str,
    private_key_path: Option<String>,
}

/// Serves until a signal ends it.
pub(crate) fn run(arguments: &SimArguments, output: &mut Output) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Failure::new(
            ExitCode::Failed,
            "the exchange can't start",
            error,
            "free some memory or threads, then try again",
        )
    })?;
    let settings = settings(arguments)?;
    runtime.block_on(async {
        let signals = Signals::watch().map_err(|error| {
            let next = "check that the system allows signal handlers; nothing was served";
            Failure::new(ExitCode::Failed, "Ctrl-C can't be watched for", error, next)
        })?;
        let running = Server::start(settings).await.map_err(|error| {
            let next = "name another port with --listen or another folder with --state-dir, or mend the key";
            Failure::new(ExitCode::Failed, "the exchange can't be served", error, next)
        })?;
        output.print(ready(&running)?);
        signals.wait().await;
        running.shutdown().await;
        Ok(ExitCode::Done)
    })
}

fn ready(running: &Running) -> Result<String, Failure> {
    let ready = Ready {
        rest: running.rest(),
        ws: running.ws(),
        api_key_id: running.key_id(),
        private_key_path: running.private_key_path().map(|path| path.display().to_string()),
    };
    serde_json::to_string(&ready).map_err(|error| {
        Failure::new(
            ExitCode::Failed,
            "the exchange can't say where it is",
            error,
            "name a --state-dir in plain letters",
        )
    })
}

/// What ends the exchange.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn watch() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

fn settings(arguments: &SimArguments) -> Result<ServerSettings, Failure> {
    let start = crate::start::wall_clock();
    let mut cash = vec![(0, arguments.cash)];
    for &(shard, amount) in &arguments.cash_shard {
        cash.retain(|(known, _)| *known != shard);
        cash.push((shard, amount));
    }
    Ok(ServerSettings {
        listen: arguments.listen,
        key: key(arguments)?,
        cash,
        tier: arguments.tier,
        exchange: ExchangeSettings {
            precision: BalancePrecision::Direct,
            settlement_timer: Duration::from_secs(u64::from(arguments.settlement_timer)),
        },
        source: Some(source(arguments, start)?),
        start: Some(start),
        speed: arguments.speed,
        quiet_markets: arguments.quiet_markets,
        faults: faults(&arguments.faults),
        ..ServerSettings::default()
    })
}

fn key(arguments: &SimArguments) -> Result<KeySource, Failure> {
    let (Some(path), Some(key_id)) = (&arguments.public_key, &arguments.key_id) else {
        let kind = match arguments.key_kind {
            KeyKindWord::Ed25519 => KeyKind::Ed25519,
            KeyKindWord::Rsa => KeyKind::Rsa2048,
        };
        return Ok(KeySource::Folder { dir: arguments.state_dir.clone(), kind });
    };
    let public_pem = std::fs::read_to_string(path).map_err(|error| {
        let what = format!("the public key {} can't be read", path.display());
        Failure::new(
            ExitCode::Usage,
            what,
            error,
            "check the path, or leave --public-key out for a key made here",
        )
    })?;
    Ok(KeySource::Given { key_id: key_id.clone(), public_pem })
}

fn source(arguments: &SimArguments, start: Timestamp) -> Result<Box<dyn Source + Send>, Failure> {
    if arguments.replay.is_empty() {
        let generated = GeneratedSettings {
            seed: arguments.seed,
            markets: arguments.markets as usize,
            start,
            duration: GENERATED,
            mix: match arguments.mix {
                MixWord::Varied => Mix::Varied,
                MixWord::QuarterHour => Mix::QuarterHour,
            },
            ..GeneratedSettings::default()
        };
        return Ok(Box::new(GeneratedMarkets::new(&generated)));
    }
    let recording = Recording::open(&arguments.replay).map_err(|error| {
        let next = "check the path, or run without --replay for generated markets";
        Failure::new(ExitCode::Failed, "the recordings can't be played", error, next)
    })?;
    Ok(Box::new(recording))
}

const fn faults(arguments: &FaultArguments) -> Faults {
    Faults {
        drop_sockets_every_s: arguments.drop_sockets_every,
        skip_sequence_every: arguments.skip_sequence_every,
        delay_ms: arguments.delay_ms,
        lose_order_answer_every: arguments.lose_order_answer_every,
        server_error_every: arguments.server_error_every,
        rate_limit_every: arguments.rate_limit_every,
        duplicate_fills: arguments.duplicate_fills,
        clock_skew_s: arguments.clock_skew,
    }
}
