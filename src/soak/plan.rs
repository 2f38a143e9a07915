//! What a seed stands for: how the bot is set, how the markets behave, and what goes wrong when.

use crate::exchange::generated::chance::Chance;
use crate::units::Timestamp;
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

/// The first moment of the first seed's life: a Monday, 00:00 in New York.
const FIRST_START: i64 = 1_793_595_600;
/// Seconds of a day.
const DAY: i64 = 86_400;
/// What goes wrong is over this long before the end, so that the end shows whether all was mended.
const CALM_BEFORE_END: Duration = Duration::from_mins(20);
/// Mean time between two faults.
const FAULT_EVERY: Duration = Duration::from_mins(15);

/// When a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill {
    /// At once.
    Now,
    /// Instead of the so-manieth write to the journal from then on.
    AtAppend(u32),
    /// When the so-manieth order from then on is about to leave.
    BeforeSend(u32),
    /// When the exchange has taken the so-manieth order from then on.
    AfterArrival(u32),
    /// When the answer to the so-manieth order from then on is about to come in.
    BeforeAnswer(u32),
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process is killed and started again a while later.
    Kill {
        /// When exactly.
        kill: Kill,
        /// How long nothing runs.
        down: Duration,
        /// Whether what was not synced to the disk is lost.
        power_loss: bool,
        /// Whether a person clears its halts before it starts again.
        resumes: bool,
    },
    /// Every connection of the stream breaks.
    BrokenStream,
    /// Nothing comes over the stream, and the connection stands.
    SilentStream,
    /// Frames come seconds late.
    LateFrames,
    /// Every so-manieth number of a subscription is left out.
    SkippedNumbers(u32),
    /// Every fill is told twice.
    DoubleFills,
    /// Nothing gets through, either way.
    Partition,
    /// Answers take up to this long.
    SlowAnswers(Duration),
    /// Every so-manieth request never arrives.
    LostRequests(u32),
    /// Every so-manieth request is carried out and not answered.
    LostAnswers(u32),
    /// Every so-manieth request arrives twice, and the second answer comes back.
    Replays(u32),
    /// Every so-manieth request is answered with 503 and not carried out.
    Refusals(u32),
    /// Every so-manieth request is carried out and answered with 503.
    FalseRefusals(u32),
    /// Every so-manieth request is answered with 429.
    TooMany(u32),
    /// The disk of the journal is full.
    FullDisk,
    /// The exchange takes no orders; where `all`, no cancels either. On one shard or on every one.
    Pause {
        /// Cancels too.
        all: bool,
        /// Where.
        shard: Option<u8>,
    },
    /// A market closes now.
    EarlyClose {
        /// Which of the world's markets.
        market: usize,
    },
    /// A market gets the other of two price grids.
    OtherGrid {
        /// Which of the world's markets.
        market: usize,
    },
}

impl Fault {
    /// The stable word for its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Kill { power_loss: true, .. } => "power_loss",
            Self::Kill { .. } => "kill",
            Self::BrokenStream => "broken_stream",
            Self::SilentStream => "silent_stream",
            Self::LateFrames => "late_frames",
            Self::SkippedNumbers(_) => "skipped_numbers",
            Self::DoubleFills => "double_fills",
            Self::Partition => "partition",
            Self::SlowAnswers(_) => "slow_answers",
            Self::LostRequests(_) => "lost_requests",
            Self::LostAnswers(_) => "lost_answers",
            Self::Replays(_) => "replays",
            Self::Refusals(_) => "refusals",
            Self::FalseRefusals(_) => "false_refusals",
            Self::TooMany(_) => "too_many",
            Self::FullDisk => "full_disk",
            Self::Pause { .. } => "pause",
            Self::EarlyClose { .. } => "early_close",
            Self::OtherGrid { .. } => "other_grid",
        }
    }
}

/// A fault and its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Its number in the plan, from 0.
    pub number: usize,
    /// When, after the start.
    pub at: Duration,
    /// How long it lasts, where it lasts.
    pub lasts: Duration,
    /// What.
    pub fault: Fault,
}

impl fmt::Display for Planned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.at.as_secs();
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        write!(f, "#{} {hours:02}:{minutes:02}:{seconds:02} {}", self.number, self.fault.kind())?;
        match self.fault {
            Fault::Kill { kill, down, resumes, .. } => {
                write!(f, " {kill:?}, down {down:?}{}", if resumes { ", resumed" } else { "" })
            }
            fault => write!(f, " for {:?}: {fault:?}", self.lasts),
        }
    }
}

/// A whole life.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it was made from.
    pub seed: u64,
    /// The first moment.
    pub start: Timestamp,
    /// Until when things go wrong and markets live.
    pub lasts: Duration,
    /// Settings of the bot that differ from the defaults.
    pub settings: Vec<(String, String)>,
    /// How often the bot looks at its clock: a slow machine does so seldom.
    pub beat: Duration,
    /// What goes wrong, by time.
    pub faults: Vec<Planned>,
    /// What the world's own draws begin with.
    pub(super) world: Chance,
    /// What the network's draws begin with.
    pub(super) network: Chance,
    /// What the disk's draws begin with.
    pub(super) disk: u64,
}

impl Plan {
    /// The plan of a seed: so many hours of it.
    pub fn of_seed(seed: u64, hours: u32) -> Self {
        let mut chance = Chance::new(seed);
        let (world, network) = (chance.branch(), chance.branch());
        let disk = chance.between(0, i64::MAX).unsigned_abs();
        let day = i64::try_from(seed % 28).unwrap_or(0);
        let lasts = Duration::from_hours(u64::from(hours));
        Self {
            seed,
            start: Timestamp::from_secs(FIRST_START + day * DAY),
            lasts,
            settings: settings(&mut chance),
            beat: Duration::from_secs(choose(&mut chance, &[1, 3, 5, 5])),
            faults: faults(&mut chance, lasts),
            world,
            network,
            disk,
        }
    }

    /// The same with no other faults than these, by number.
    #[must_use]
    pub fn only(mut self, numbers: &BTreeSet<usize>) -> Self {
        self.faults.retain(|planned| numbers.contains(&planned.number));
        self
    }
}

/// One of several.
pub(super) fn choose<T: Copy>(chance: &mut Chance, among: &[T]) -> T {
    let last = i64::try_from(among.len()).unwrap_or(i64::MAX) - 1;
    among[usize::try_from(chance.between(0, last)).unwrap_or(0)]
}

/// A span between two, in seconds.
pub(super) fn seconds(chance: &mut Chance, low: i64, high: i64) -> Duration {
    Duration::from_millis(chance.between(low * 1_000, high * 1_000).unsigned_abs())
}

/// Filters are open, so that there is something to trade; the rest of the owner's keys varies from seed to seed.
fn settings(chance: &mut Chance) -> Vec<(String, String)> {
    let mut settings: Vec<(String, String)> = [
        ("markets.min_volume", "0"),
        ("markets.min_liquidity", "0"),
        ("markets.max_spread", "0.04"),
        ("markets.time_to_event.min_hours", "0.25"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    let mut vary = |key: &str, among: &[&str]| {
        settings.push((key.to_owned(), choose(chance, among).to_owned()));
    };
    vary("trading.entry_style", &["taker", "taker", "maker"]);
    vary("trading.take_profit_style", &["maker", "maker", "taker"]);
    vary("trading.profit_target", &["0.02", "0.04", "0.06"]);
    vary("trading.stop_loss", &["0.01", "0.05", "0.10", "0.20"]);
    vary("trading.cooldown_minutes", &["0", "5", "15"]);
    vary("trading.exit_before_close_minutes", &["0", "10", "10"]);
    vary("trading.hold_to_settlement", &["false", "false", "false", "true"]);
    vary("trading.max_positions", &["2", "5", "10"]);
    vary("execution.reconcile_every", &["60", "120", "300"]);
    vary("risk.max_daily_loss", &["0.05", "0.5", "1"]);
    vary("risk.max_consecutive_losses", &["5", "50", "1000"]);
    settings
}

fn faults(chance: &mut Chance, lasts: Duration) -> Vec<Planned> {
    let end = lasts.saturating_sub(CALM_BEFORE_END);
    let mean = i64::try_from(FAULT_EVERY.as_micros()).unwrap_or(i64::MAX);
    let mut faults = Vec::new();
    let mut at = Duration::from_secs(30);
    loop {
        at += Duration::from_micros(chance.wait(mean).unsigned_abs());
        let (fault, lasts) = fault(chance);
        if at + lasts >= end {
            return faults;
        }
        faults.push(Planned { number: faults.len(), at, lasts, fault });
    }
}

/// A fault and how long it lasts.
fn fault(chance: &mut Chance) -> (Fault, Duration) {
    let every = u32::try_from(chance.between(1, 6)).unwrap_or(1);
    let short = seconds(chance, 5, 120);
    let long = seconds(chance, 60, 900);
    match chance.between(0, 27) {
        0..=6 => (kill(chance), Duration::ZERO),
        7 => (Fault::BrokenStream, Duration::ZERO),
        8 => (Fault::SilentStream, short),
        9 => (Fault::LateFrames, long),
        10 => (Fault::SkippedNumbers(every * 20), long),
        11 => (Fault::DoubleFills, long),
        12 => (Fault::Partition, short),
        13 => (Fault::SlowAnswers(seconds(chance, 1, 8)), long),
        14 => (Fault::LostRequests(every), long),
        15..=17 => (Fault::LostAnswers(every), long),
        18 => (Fault::Replays(every), long),
        19 => (Fault::Refusals(every), long),
        20 => (Fault::FalseRefusals(every), long),
        21 => (Fault::TooMany(every), long),
        22 => (Fault::FullDisk, long),
        23 | 24 => {
            let shard = chance.permille(500).then(|| u8::try_from(chance.between(0, 1)).unwrap_or(0));
            (Fault::Pause { all: chance.permille(500), shard }, long)
        }
        25 => (
            Fault::EarlyClose { market: usize::try_from(chance.between(0, 40)).unwrap_or(0) },
            Duration::ZERO,
        ),
        _ => {
            (Fault::OtherGrid { market: usize::try_from(chance.between(0, 40)).unwrap_or(0) }, Duration::ZERO)
        }
    }
}

fn kill(chance: &mut Chance) -> Fault {
    let nth = u32::try_from(chance.between(1, 4)).unwrap_or(1);
    let kill = match chance.between(0, 6) {
        0 | 1 => Kill::Now,
        2 | 3 => Kill::AtAppend(nth * 3),
        4 => Kill::BeforeSend(nth),
        5 => Kill::AfterArrival(nth),
        _ => Kill::BeforeAnswer(nth),
    };
    let down = match chance.between(0, 9) {
        0..=6 => Duration::from_secs(10),
        7 | 8 => seconds(chance, 1, 300),
        _ => seconds(chance, 300, 7_200),
    };
    Fault::Kill { kill, down, power_loss: chance.permille(300), resumes: chance.permille(300) }
}
