//! The loop itself.

use super::{FrameCounts, Observer, Progress, RunEnd};
use crate::clock::next_day;
use crate::engine::{Command, Engine, EngineSettings, Event, Operator, Outbox, Record};
use crate::execution::OrderUpdate;
use crate::gateway::inbound::Inbound;
use crate::gateway::paper::{PaperSettings, PaperVenue};
use crate::replay::source::{Item, Source, SourceError};
use crate::telemetry::latency::{Stage, StageLatency};
use crate::units::{Money, Ratio, Timestamp};
use std::thread;
use std::time::{Duration, Instant};

/// How simulated time runs against the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// As fast as it goes.
    Max,
    /// This many simulated seconds a second; above zero.
    Times(Ratio),
}

/// What a run needs beside its source.
#[derive(Debug)]
pub struct RunSettings {
    /// The engine's start.
    pub engine: EngineSettings,
    /// The paper venue's start.
    pub paper: PaperSettings,
    /// How fast it goes.
    pub speed: Speed,
    /// How long it lasts on its own clock; to the source's end when not given.
    pub duration: Option<Duration>,
    /// Whether the source's time is invented, so that only its own clock may be reported.
    pub is_simulated: bool,
}

/// Runs the source through engine and paper venue to its end, or until the observer or the duration ends it.
///
/// # Errors
/// [`SourceError`] when the source can't go on.
pub fn run(
    source: &mut dyn Source,
    settings: RunSettings,
    observer: &mut dyn Observer,
) -> Result<RunEnd, SourceError> {
    let mut run = Run::new(source.uses_yes_price(), settings, observer);
    while let Some((at, item)) = source.next()? {
        if !run.take(at, item) {
            break;
        }
        for sid in run.resyncs.drain(..) {
            source.resync(sid);
        }
    }
    Ok(run.finish())
}

/// How often a person is shown where the run stands.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);
/// How many items may pass before the wall clock is looked at again.
const ITEMS_BETWEEN_LOOKS: u32 = 1_024;
/// How long the last answers are waited for, on the run's clock.
const FAREWELL: Duration = Duration::from_secs(10);
/// How long before an item the beat runs every second; before that nothing happens.
const LONGEST_SILENCE: Duration = Duration::from_hours(24);
/// The engine's own beat.
const TIMER_EVERY: Duration = Duration::from_secs(1);

struct Run<'a> {
    engine: Engine,
    venue: PaperVenue,
    inbound: Inbound,
    observer: &'a mut dyn Observer,
    speed: Speed,
    duration: Option<Duration>,
    is_simulated: bool,
    starting: Money,
    out: Outbox,
    updates: Vec<OrderUpdate>,
    /// Subscriptions whose books have to be sent again.
    resyncs: Vec<u32>,
    clock: Option<Clock>,
    decoded: u64,
    malformed: u64,
    interrupted: bool,
    stages: Stages,
    last_progress: Instant,
    items: u32,
}

/// The run's clock, from its first item on.
#[derive(Clone, Copy)]
struct Clock {
    started: Timestamp,
    now: Timestamp,
    next_timer: Timestamp,
    next_day: Timestamp,
    wall_start: Instant,
}

#[derive(Debug)]
struct Stages {
    decode: Stage,
    step: Stage,
    signal_to_order: Stage,
    order_to_answer: Stage,
}

impl<'a> Run<'a> {
    fn new(uses_yes_price: bool, settings: RunSettings, observer: &'a mut dyn Observer) -> Self {
        Self {
            engine: Engine::new(settings.engine),
            starting: settings.paper.starting_cash,
            venue: PaperVenue::new(settings.paper),
            inbound: Inbound::new(uses_yes_price),
            observer,
            speed: settings.speed,
            duration: settings.duration,
            is_simulated: settings.is_simulated,
            out: Outbox::default(),
            updates: Vec::new(),
            resyncs: Vec::new(),
            clock: None,
            decoded: 0,
            malformed: 0,
            interrupted: false,
            stages: Stages {
                decode: Stage::new("decode"),
                step: Stage::new("step"),
                signal_to_order: Stage::new("signal_to_order"),
                order_to_answer: Stage::new("order_to_answer"),
            },
            last_progress: Instant::now(),
            items: 0,
        }
    }

    /// Takes one item; false when the run is over.
    fn take(&mut self, at: Timestamp, item: Item<'_>) -> bool {
        let clock = *self.clock.get_or_insert_with(|| Clock::new(at));
        let at = at.max(clock.now);
        if self.ends().is_some_and(|ends| at > ends) {
            if let Some(ends) = self.ends() {
                self.advance(ends);
            }
            return false;
        }
        if !self.keep_pace(at) {
            return false;
        }
        self.advance(at);
        match item {
            Item::Frame(frame) => self.take_frame(at, frame),
            Item::Event(event) => self.take_event(at, &event),
        }
        true
    }

    fn take_frame(&mut self, at: Timestamp, frame: &[u8]) {
        let read = Instant::now();
        let event = match self.inbound.translate(frame) {
            Ok(incoming) => incoming.event(),
            Err(error) => {
                self.malformed += 1;
                if self.malformed == 1 {
                    tracing::warn!(%error, "a frame made no sense; it is counted and left out, like any others to come");
                }
                return;
            }
        };
        self.decoded += 1;
        let decoded = Instant::now();
        self.stages.decode.record(decoded - read);
        let Some(event) = event else { return };
        self.engine.step(at, &event, &mut self.out);
        let stepped = Instant::now();
        self.stages.step.record(stepped - decoded);
        if self.out.commands.iter().any(|command| matches!(command, Command::Place(_))) {
            self.stages.signal_to_order.record(stepped - read);
        }
        self.venue.observe(at, &event, self.engine.catalogue());
        self.deliver(at);
    }

    fn take_event(&mut self, at: Timestamp, event: &Event<'_>) {
        self.engine.step(at, event, &mut self.out);
        self.venue.observe(at, event, self.engine.catalogue());
        self.deliver(at);
    }

    /// Hands commands to the venue and records to the observer.
    fn deliver(&mut self, now: Timestamp) {
        for command in self.out.commands.drain(..) {
            if let Command::Resync { sid } = command {
                self.resyncs.push(sid);
            }
            self.venue.submit(now, &command, self.engine.catalogue());
        }
        for record in self.out.records.drain(..) {
            self.observer.record(&record);
            warn_of(&record);
        }
    }

    /// Brings the clock to `at`, taking days, timers and the venue's answers in their order.
    fn advance(&mut self, at: Timestamp) {
        let Some(mut clock) = self.clock else { return };
        // Days in which nothing comes need no beat; a time far in the future must not take forever.
        clock.next_timer = clock.next_timer.max(at - LONGEST_SILENCE);
        loop {
            let due = self.venue.next_due().unwrap_or(Timestamp::MAX);
            let next = due.min(clock.next_timer).min(clock.next_day);
            if next > at {
                break;
            }
            clock.now = clock.now.max(next);
            if next == clock.next_day {
                clock.next_day = next_day(clock.now);
                self.take_event(clock.now, &Event::DayStarted);
            } else if next == clock.next_timer {
                clock.next_timer = clock.next_timer + TIMER_EVERY;
                self.take_event(clock.now, &Event::Timer);
            } else {
                self.hear_venue(clock.now);
            }
        }
        clock.now = at;
        self.clock = Some(clock);
    }

    fn hear_venue(&mut self, now: Timestamp) {
        self.venue.advance(now, self.engine.catalogue(), &mut self.updates);
        for update in std::mem::take(&mut self.updates) {
            if let OrderUpdate::Accepted { order } | OrderUpdate::Rejected { order, .. } = &update
                && let Some(order) = self.engine.orders().get(*order)
            {
                self.stages.order_to_answer.record(now.since(order.sent_at));
            }
            self.take_event(now, &Event::Order(update));
        }
    }

    /// Waits for the wall clock where there is a pace, and shows where the run stands; false to end it.
    fn keep_pace(&mut self, at: Timestamp) -> bool {
        let Speed::Times(times) = self.speed else {
            self.items += 1;
            if self.items < ITEMS_BETWEEN_LOOKS {
                return true;
            }
            self.items = 0;
            return self.last_progress.elapsed() < PROGRESS_EVERY || self.show_progress();
        };
        let Some(clock) = self.clock else { return true };
        let due = clock.wall_start + slowed(at.since(clock.started), times);
        loop {
            if self.last_progress.elapsed() >= PROGRESS_EVERY && !self.show_progress() {
                return false;
            }
            let wait = due.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                return true;
            }
            thread::sleep(wait.min(PROGRESS_EVERY));
        }
    }

    fn show_progress(&mut self) -> bool {
        self.last_progress = Instant::now();
        let progress = self.progress();
        self.interrupted = !self.observer.progress(&progress);
        !self.interrupted
    }

    fn progress(&self) -> Progress {
        let frames = FrameCounts::new(self.decoded, self.malformed, &self.engine);
        let (now, started) = self.clock.map_or_else(Default::default, |clock| (clock.now, clock.started));
        Progress::read(&self.engine, frames, now, started, self.ends(), self.starting)
    }

    fn ends(&self) -> Option<Timestamp> {
        Some(self.clock?.started + self.duration?)
    }

    /// Takes everything off the book, waits for the last answers, and sums up.
    fn finish(mut self) -> RunEnd {
        let trading = self.progress();
        let mut now = trading.time;
        self.take_event(now, &Event::Operator(Operator::Shutdown));
        let patience = now + FAREWELL;
        while let Some(due) = self.venue.next_due().filter(|due| *due <= patience) {
            now = now.max(due);
            self.hear_venue(now);
        }
        let last =
            Progress { time: now, trading: trading.trading, reasons: trading.reasons, ..self.progress() };
        let measured = summaries([&self.stages.decode, &self.stages.step, &self.stages.signal_to_order]);
        let latency = match (self.is_simulated, self.speed) {
            (true, Speed::Max) => Vec::new(),
            (true, Speed::Times(_)) => summaries([&self.stages.order_to_answer]),
            (false, _) => measured.clone(),
        };
        RunEnd {
            starting_balance: self.starting,
            ending_balance: last.equity,
            max_drawdown: self.engine.max_drawdown(),
            funnel: self.engine.funnel(),
            latency,
            measured,
            interrupted: self.interrupted,
            last,
        }
    }
}

impl Clock {
    fn new(at: Timestamp) -> Self {
        Self { started: at, now: at, next_timer: at, next_day: next_day(at), wall_start: Instant::now() }
    }
}

/// How long a stretch of simulated time takes on the wall clock.
fn slowed(simulated: Duration, times: Ratio) -> Duration {
    let factor = u128::try_from(times.raw().max(1)).unwrap_or(1);
    let micros = simulated.as_micros() * u128::from(Ratio::ONE.raw().unsigned_abs()) / factor;
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// What an operator should find in the logs as well.
fn warn_of(record: &Record) {
    if let Record::State(state) = record
        && state.added
        && state.latched
    {
        tracing::warn!(reason = state.changed, detail = %state.detail, "trading halted until resumed");
    }
}

fn summaries<'a>(stages: impl IntoIterator<Item = &'a Stage>) -> Vec<StageLatency> {
    stages.into_iter().filter_map(Stage::summary).collect()
}
