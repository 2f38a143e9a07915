//! What can be typed: the subcommands and their flags, and nothing else.

pub(crate) mod account;
pub(crate) mod alerts;
pub(crate) mod control;
pub(crate) mod exchange;
pub(crate) mod journal;
pub(crate) mod keys;
pub(crate) mod markets;
pub(crate) mod migrate;
pub(crate) mod orders;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod sim;
pub(crate) mod soak;

use crate::exit::ExitCode;
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::{Span, SpanRelativeTo};
use kalshi_bot::units::Money;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

/// Trades the Kalshi prediction-market exchange by itself.
///
/// Start with `kalshi-bot paper`: it trades generated or recorded markets with paper money, by the same engine and the
/// same rules as real ones.
#[derive(Debug, Parser)]
#[command(name = "kalshi-bot", version, max_term_width = 100, after_long_help = ExitCode::table())]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Log more: once for the steps, twice for the details, three times for everything.
    #[arg(short, long, action = clap::ArgAction::Count, global = true, display_order = 100)]
    pub(crate) verbose: u8,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Trade generated or recorded markets with paper money.
    ///
    /// On a terminal the run is shown live; q or Ctrl-C ends it early. Elsewhere every event is a line. At the end comes
    /// a report: every trade, what it cost, why it was made, and why others weren't. Nothing is sent to the exchange.
    Paper(PaperArguments),
    /// Trade on the exchange: the demo exchange unless told otherwise.
    ///
    /// The account is first compared with what an earlier run left, and its resting orders are taken off. On a terminal
    /// the run is shown live; q or Ctrl-C ends it. However it is ended, it takes its orders off the book, checks that they
    /// are gone, and reports. Exits with 3 when the key is refused, 4 when the exchange can't be reached at the start, 5
    /// when an order may still rest, 6 when a halt of an earlier run was in force, and 7 when the account differs.
    Run(run::RunArguments),
    /// Show how the running bot stands: trading state, positions, orders, money, feed and latency.
    Status(control::StatusArguments),
    /// Show why the running bot trades, and why it does not.
    Why(control::WhyArguments),
    /// Open no positions until resumed.
    ///
    /// A running bot is halted at once; it goes on letting go what it holds by its rules. Where none runs, the next one
    /// starts halted.
    Halt(control::HaltArguments),
    /// Clear the halts that only a person may clear.
    ///
    /// A daily loss, a losing streak, a drawdown, drift or `kalshi-bot halt` halts an account until someone has looked.
    /// With a state folder such a halt outlives its run; this clears it, in the running bot where there is one.
    Resume(control::ResumeArguments),
    /// Compare what is kept of a live account with the exchange, to the micro-dollar.
    ///
    /// Every difference is shown with both figures and what mends it. While a bot runs, what differs has to differ for
    /// some seconds.
    Reconcile(control::ReconcileArguments),
    /// Check or show the journal: what a live run was about to do, and what came of it.
    ///
    /// Every order is written there before it leaves. A bot may be running; nothing is changed.
    Journal(journal::JournalArguments),
    /// Look at markets: which the bot would enter, and why not the others.
    Markets(markets::MarketsArguments),
    /// List or cancel orders.
    Orders(orders::OrdersArguments),
    /// Cancel resting orders: all of the account's, or those of some markets, and check that they are gone.
    ///
    /// Without --ticker, --series or --mine the exchange's own cancel-all is used: it reaches every shard, and may take
    /// off orders that are placed in the minute after it as well. Exits with 5 when something still rests.
    CancelAll(orders::CancelAllArguments),
    /// List what the account holds, at the prices it could be sold for now.
    Positions(account::PositionsArguments),
    /// Show the account's cash, shard by shard, and what its positions are worth.
    Balance(account::BalanceArguments),
    /// List the account's fills, newest first.
    Fills(account::FillsArguments),
    /// Sell every position at once, and check that nothing is left.
    ///
    /// Resting orders in these markets are cancelled first. Each position is sold by one order that takes what stands
    /// down to the best bid less --slippage, and never turns the position round. Exits with 5 when something is left.
    Flatten(account::FlattenArguments),
    /// Bring the stores to the tables that this program needs, or show where they stand.
    ///
    /// The local store also brings itself up when it is first used. The second one, PostgreSQL, is migrated over a direct
    /// connection (`DATABASE_URL`), all or nothing and under a lock; without one, --print gives the SQL for a person to run.
    Migrate(migrate::MigrateArguments),
    /// Tell what trading came to, from what the store keeps.
    Report(report::ReportArguments),
    /// Check the private key and whether the exchange takes it, or make a new one.
    ///
    /// Every check is a line with what to do about it: the file, its permissions, the key, a signature, then the
    /// exchange, the account's limits and the clock. Private keys are never printed. Exits with 2 for an unfit key, 3 when
    /// the exchange refuses it, 4 when the exchange can't be reached.
    KeygenCheck(keys::KeygenCheckArguments),
    /// Try whether alerts arrive by e-mail.
    Alerts(alerts::AlertsArguments),
    /// Serve a simulated exchange on this machine.
    ///
    /// It speaks the exchange's REST and WebSocket API, with generated or recorded markets and paper cash, and can be told
    /// to go wrong. When it is ready, one line of JSON says where it is and which key it takes; Ctrl-C ends it.
    Sim(sim::SimArguments),
    /// Live simulated days in which everything goes wrong, and see whether everything holds that must.
    ///
    /// For whoever works on the program. The whole bot runs in a world made from a seed: markets, exchange, network, disk
    /// and clock are simulated, it is killed and started again, and after every step positions, cash, orders, limits and
    /// halts are held against the exchange. The same seed gives the same life.
    Soak(soak::SoakArguments),
    /// Check or show the configuration.
    Config(ConfigArguments),
    /// Print the completion script of a shell.
    Completions(CompletionsArguments),
}

/// The flags of `paper`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot paper                                   generated markets, live view, report
  kalshi-bot paper --seed 11 --for 2h --speed max    other markets, two hours of them, at once
  kalshi-bot paper --replay recordings/ --speed max  recorded markets
  kalshi-bot paper --feed production --for 6h        the real markets as they come
  kalshi-bot paper --speed max --output json | jq .summary")]
pub(crate) struct PaperArguments {
    /// Seed of the generated markets: the same seed gives the same markets, orders and report [default: paper.seed of
    /// the configuration].
    #[arg(long, value_name = "N", conflicts_with = "replay")]
    pub(crate) seed: Option<u64>,

    /// How many markets are generated [default: paper.markets of the configuration].
    #[arg(long, value_name = "N", conflicts_with = "replay")]
    pub(crate) markets: Option<NonZeroU32>,

    /// Simulated seconds per second, or `max` for as fast as it goes [default: paper.speed of the configuration].
    #[arg(long, value_name = "N|max", value_parser = speed)]
    pub(crate) speed: Option<Speed>,

    /// End after this much simulated time, such as 90s, 30m or 6h [default: paper.hours of the configuration; recordings
    /// run to their end].
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub(crate) length: Option<Duration>,

    /// Replay these recordings instead of generating markets: files, or folders of them.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(crate) replay: Vec<PathBuf>,

    /// Trade the live markets of an exchange instead, with paper money: `demo`, `production`, or the URL of one. It needs
    /// a key, because the exchange streams to nobody without; no order is ever sent.
    #[arg(long, value_name = "EXCHANGE", conflicts_with_all = ["replay", "seed", "markets", "speed"])]
    pub(crate) feed: Option<String>,

    /// Paper capital at the start, in dollars [default: paper.capital of the configuration].
    #[arg(long, value_name = "DOLLARS", value_parser = capital, allow_hyphen_values = true)]
    pub(crate) capital: Option<Money>,

    /// Where the run's trades are kept [default: state.dir of the configuration].
    #[arg(long, value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,

    /// The configuration.
    #[command(flatten)]
    pub(crate) files: ConfigFiles,

    /// The report's form. With `json` nothing but one document goes to standard output.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Format,
}

/// The subcommands of `config`.
#[derive(Debug, Args)]
pub(crate) struct ConfigArguments {
    /// Which.
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Report every fault of the configuration, or say that it is sound.
    #[command(after_help = "\
Examples:
  kalshi-bot config check                      the built-in defaults and the environment
  kalshi-bot config check --config my.toml     a file of one's own on top of them")]
    Check {
        /// The configuration.
        #[command(flatten)]
        files: ConfigFiles,
        /// The form of the result.
        #[arg(long, value_enum, default_value_t)]
        output: Format,
    },
    /// Show every value in force and where it was set. Secrets are never shown.
    #[command(after_help = "\
Examples:
  kalshi-bot config show --config my.toml
  kalshi-bot config show --output json | jq '.[] | select(.key == \"trading.stop_loss\")'")]
    Show {
        /// The configuration.
        #[command(flatten)]
        files: ConfigFiles,
        /// The form of the result.
        #[arg(long, value_enum, default_value_t)]
        output: Format,
    },
}

/// Where the configuration is read from.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigFiles {
    /// Configuration file, laid over the built-in defaults.
    #[arg(long, value_name = "FILE", env = "KALSHI_BOT_CONFIG", hide_env_values = true)]
    pub(crate) config: Option<PathBuf>,

    /// File of overrides for series and categories [default: markets.toml beside the configuration file].
    #[arg(long, value_name = "FILE")]
    pub(crate) markets_file: Option<PathBuf>,
}

/// The argument of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kalshi-bot completions bash > ~/.local/share/bash-completion/completions/kalshi-bot
  kalshi-bot completions fish > ~/.config/fish/completions/kalshi-bot.fish")]
pub(crate) struct CompletionsArguments {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// The form of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs; decimals are strings.
    Json,
}

/// A shell that has completions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// GNU Bash.
    Bash,
    /// Z shell.
    Zsh,
    /// Fish.
    Fish,
}

impl Shell {
    /// What generates its script.
    pub(crate) const fn generator(self) -> clap_complete::Shell {
        match self {
            Self::Bash => clap_complete::Shell::Bash,
            Self::Zsh => clap_complete::Shell::Zsh,
            Self::Fish => clap_complete::Shell::Fish,
        }
    }
}

/// How fast a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speed {
    /// As fast as it goes.
    Max,
    /// This many simulated seconds a second.
    Times(NonZeroU32),
}

fn speed(text: &str) -> Result<Speed, String> {
    if text == "max" {
        return Ok(Speed::Max);
    }
    let fault = "expected a whole number of simulated seconds per second, such as 60, or `max`";
    text.parse().map(Speed::Times).map_err(|_| fault.to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    let fault = || "expected a span of time above zero, such as 90s, 30m, 6h or 1d".to_owned();
    let span: Span = text.parse().map_err(|_| fault())?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| fault())?;
    Duration::try_from(length).ok().filter(|length| !length.is_zero()).ok_or_else(fault)
}

fn capital(text: &str) -> Result<Money, String> {
    let amount: Money = text.parse().map_err(|error| format!("{error}"))?;
    if amount.is_positive() { Ok(amount) } else { Err("expected an amount above zero".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn spans_of_time_are_read_as_people_write_them() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("30m"), Ok(Duration::from_mins(30)));
        assert_eq!(duration("1h30m"), Ok(Duration::from_mins(90)));
        assert_eq!(duration("1d"), Ok(Duration::from_hours(24)));
        for refused in ["", "5", "0s", "-3h", "soon", "1mo", "99999999999h"] {
            assert!(duration(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_speed_is_a_number_or_max() {
        assert_eq!(speed("max"), Ok(Speed::Max));
        assert_eq!(speed("60"), Ok(Speed::Times(NonZeroU32::new(60).expect("above zero"))));
        for refused in ["0", "-1", "fast", "1.5", ""] {
            assert!(speed(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn capital_is_above_zero() {
        assert_eq!(capital("2500.50"), Ok(Money::from_raw(2_500_500_000)));
        for refused in ["0", "-5", "1e4", "much"] {
            assert!(capital(refused).is_err(), "{refused}");
        }
    }
}
