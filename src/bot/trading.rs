//! The loop that owns the engine. Everything that happens reaches it here, one thing after another.

use super::background::{Asker, Found};
use super::figures::{Tally, figures};
use super::found::LOAD_EVERY;
use super::groups::Groups;
use super::hours::Hours;
use super::instance::Instance;
use super::journaling::{Steps, is_entry};
use super::latency::Stages;
use super::markets::Loader;
use super::reconcile::Reconciliation;
use super::told::{self, OrderNames};
use super::{BotEnd, BotError, Ending, alerts, shutdown, status, wall_clock};
use crate::alert::Alerts;
use crate::clock::next_day;
use crate::config::Settings;
use crate::control::{Answer as ControlAnswer, HaltCause, Listener, Request};
use crate::engine::{Command, Engine, Event, Operator, Outbox, Record};
use crate::gateway::inbound::{Inbound, Incoming};
use crate::gateway::live::{Answer, LiveGateway, Told};
use crate::journal::Journal;
use crate::kalshi::rest::Client;
use crate::kalshi::stream::{Channel, Stream, StreamEvent};
use crate::market::{MarketSpec, MarketStatus};
use crate::replay::driver::{FrameCounts, Observer, Progress};
use crate::risk::HaltReason;
use crate::store::spool::Shipper;
use crate::store::{Store, Writer};
use crate::telemetry::log::Logs;
use crate::telemetry::metrics::{self, Endpoint};
use crate::units::{Money, Quantity, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// The engine's own beat.
const TIMER_EVERY: Duration = Duration::from_secs(1);
/// How often the exchange is asked whether it trades.
const STATUS_EVERY: Duration = Duration::from_secs(15);
/// How often payouts are asked for where they are due.
const PAYOUTS_EVERY: Duration = Duration::from_secs(5);

/// What the loop is made of.
pub(super) struct Parts {
    pub(super) settings: Settings,
    pub(super) client: Client,
    pub(super) engine: Engine,
    pub(super) gateway: LiveGateway,
    pub(super) answers: UnboundedReceiver<Answer>,
    pub(super) stream: Stream,
    /// Where a person asks, if anywhere.
    pub(super) listener: Option<Listener>,
    /// Where figures are asked for, if anywhere.
    pub(super) endpoint: Option<Endpoint>,
    pub(super) logs: Logs,
    /// Keeps the state folder for this process.
    pub(super) store: Store,
    /// Keeps the account's names on this machine for this process.
    pub(super) instance: Option<Instance>,
    pub(super) groups: Groups,
    pub(super) writer: Writer,
    pub(super) journal: Journal,
    /// Carries what is stored on to the second store, where there is one.
    pub(super) shipper: Option<Shipper>,
    pub(super) alerts: Alerts,
    /// Positions that aren't the bot's, signed as the exchange counts.
    pub(super) foreign: BTreeMap<String, Quantity>,
    pub(super) out: Outbox,
    pub(super) started: Timestamp,
    /// How often the loop looks at the clock and shows where it stands.
    pub(super) beat: Duration,
    pub(super) ends: Option<Timestamp>,
    pub(super) was_halted: bool,
}

/// When what is due next.
pub(super) struct Due {
    timer: Timestamp,
    day: Timestamp,
    status: Timestamp,
    pub(super) load: Timestamp,
    pub(super) gathered: Option<Timestamp>,
    payouts: Timestamp,
}

/// A bot that runs.
pub(super) struct Bot<'a> {
    pub(super) parts: Parts,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) starting: Money,
    /// Why it doesn't trade freely, since when and why, by code.
    pub(super) causes: BTreeMap<&'static str, HaltCause>,
    pub(super) stages: Stages,
    pub(super) tally: Tally,
    pub(super) names: OrderNames,
    /// When the last frame came.
    pub(super) heard: Option<Instant>,
    pub(super) decoded: u64,
    pub(super) malformed: u64,
    pub(super) begun: Instant,
    inbound: Inbound,
    pub(super) asker: Asker,
    found: UnboundedReceiver<Found>,
    /// Absent while it is at work.
    pub(super) loader: Option<Box<Loader>>,
    pub(super) told: Vec<Told>,
    pub(super) steps: Steps,
    /// How often it has looked at its clock.
    pub(super) beats: u32,
    pub(super) due: Due,
    pub(super) checks: Reconciliation,
    pub(super) hours: Hours,
    /// Markets that wait until their shard has its order group.
    pub(super) brakeless: BTreeMap<u8, Vec<MarketSpec>>,
    /// Markets to be loaded by name.
    pub(super) wanted: BTreeSet<String>,
    /// Markets taken for paused because their shard is.
    pub(super) paused: BTreeSet<String>,
    /// What the exchange last told of positions, and when.
    pub(super) positions: BTreeMap<String, (Quantity, Timestamp)>,
    ending: Option<Ending>,
}

enum Happened {
    Stream(StreamEvent),
    Answer(Box<Answer>),
    Found(Found),
    Control(Request, ControlAnswer),
    Figures(metrics::Answer),
    Beat,
}

impl<'a> Bot<'a> {
    pub(super) fn new(parts: Parts, loader: Loader, observer: &'a mut dyn Observer) -> Self {
        let (asker, found) = Asker::new(parts.client.clone());
        let now = parts.started;
        Self {
            starting: parts.engine.equity(),
            observer,
            causes: parts
                .engine
                .trading()
                .reasons()
                .map(|reason| (reason.code(), earlier(reason, now)))
                .collect(),
            stages: Stages::new(),
            tally: Tally::default(),
            names: OrderNames {
                prefix: parts.settings.execution.order_prefix.clone(),
                run: parts.gateway.run(),
            },
            heard: None,
            decoded: 0,
            malformed: 0,
            begun: Instant::now(),
            inbound: Inbound::new(true),
            asker,
            found,
            loader: Some(Box::new(loader)),
            told: Vec::new(),
            steps: Steps::begun(parts.out.commands.len()),
            beats: 0,
            due: Due {
                timer: now,
                day: next_day(now),
                status: now,
                load: now + LOAD_EVERY,
                gathered: None,
                payouts: now,
            },
            checks: Reconciliation::new(now + parts.settings.execution.reconcile_every),
            hours: Hours::new(parts.settings.api.exchange().kind),
            brakeless: BTreeMap::new(),
            wanted: BTreeSet::new(),
            paused: BTreeSet::new(),
            positions: BTreeMap::new(),
            ending: None,
            parts,
        }
    }

    /// Trades until something ends it, and ends in order.
    pub(super) async fn trade(mut self) -> Result<BotEnd, BotError> {
        alerts::started(&self.parts.alerts, &self.parts.engine, self.parts.started);
        self.deliver(self.parts.started);
        let mut beat = heart(self.parts.beat);
        let ending = loop {
            let happened = self.next(&mut beat).await;
            self.take(happened);
            if let Some(ending) = self.ending {
                break ending;
            }
        };
        Box::pin(shutdown::end(self, ending)).await
    }

    async fn next(&mut self, beat: &mut Interval) -> Happened {
        let Parts { stream, answers, listener, endpoint, .. } = &mut self.parts;
        // What comes seldom first: a feed that never pauses must not keep anything else waiting.
        tokio::select! {
            biased;
            _ = beat.tick() => Happened::Beat,
            Some(answer) = answers.recv() => Happened::Answer(Box::new(answer)),
            (request, answer) = requested(listener) => Happened::Control(request, answer),
            Some(found) = self.found.recv() => Happened::Found(found),
            answer = asked(endpoint) => Happened::Figures(answer),
            event = stream.next() => Happened::Stream(event),
        }
    }

    /// Takes one more thing that happens, while the bot is about to end.
    pub(super) async fn take_next(&mut self, beat: &mut Interval) {
        let happened = self.next(beat).await;
        self.take(happened);
    }

    fn take(&mut self, happened: Happened) {
        let now = wall_clock();
        match happened {
            Happened::Stream(event) => self.take_stream(now, event),
            Happened::Answer(answer) => {
                if let Answer::Created { order, took, .. } = &*answer
                    && let Some(all) = self.stages.answered(*order, *took)
                {
                    tracing::warn!(
                        order = self.names.of(*order),
                        ms = millis(all),
                        answer_ms = millis(*took),
                        "slow from the signal to the exchange's answer"
                    );
                }
                self.parts.gateway.take(now, *answer);
            }
            Happened::Found(found) => self.take_found(now, found),
            Happened::Control(request, answer) => self.take_request(now, request, answer),
            Happened::Figures(answer) => answer.send(figures(self, now)),
            Happened::Beat => self.take_beat(now),
        }
        self.deliver(now);
    }

    fn take_stream(&mut self, now: Timestamp, event: StreamEvent) {
        match event {
            StreamEvent::Frame(frame) => self.take_frame(now, frame.as_bytes()),
            StreamEvent::Connected => {
                tracing::info!(markets = self.parts.engine.catalogue().len(), "the stream is up");
                self.inbound = Inbound::new(true);
                self.step(now, &Event::Connected);
                self.checks.forget();
                self.parts.gateway.catch_up(now);
                // What changed meanwhile is no longer in the exchange's cache by then.
                self.due.load = self.due.load.min(now + Duration::from_secs(20));
            }
            // What goes wrong with it the stream has told itself.
            StreamEvent::Interrupted { channel, .. } => {
                if channel == Channel::OrderbookDelta {
                    self.step(now, &Event::Disconnected);
                }
                self.checks.forget();
                self.parts.gateway.catch_up(now);
            }
            StreamEvent::Disconnected { .. } => self.step(now, &Event::Disconnected),
            StreamEvent::Refused { status, body } => {
                let detail = format!("the exchange refuses the stream's credentials: {status} {body}");
                self.step(
                    now,
                    &Event::Halt { reason: HaltReason::AuthFailed, in_force: true, detail: &detail },
                );
            }
            StreamEvent::Fault { .. } => {}
        }
    }

    fn take_frame(&mut self, now: Timestamp, frame: &[u8]) {
        let read = Instant::now();
        self.heard = Some(read);
        let incoming = match self.inbound.translate(frame) {
            Ok(incoming) => incoming,
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
        self.stages.decoded(read, decoded);
        let event = match incoming {
            // Money moves later, and the result may change until then.
            Incoming::Event(Event::Settled { ticker, resolution }) => {
                Event::Determined { ticker, resolution }
            }
            Incoming::Event(event) => event,
            Incoming::Fill(fill) => return self.parts.gateway.hear_fill(now, &fill),
            Incoming::UserOrder(order) => return self.parts.gateway.hear_order(now, &order),
            Incoming::MarketPosition(position) => {
                self.positions.insert(position.ticker.into_owned(), (position.position, now));
                return;
            }
            Incoming::OrderGroup(update) => {
                if update.event_type == "triggered" && self.parts.gateway.has_group(&update.order_group_id) {
                    let detail =
                        format!("the exchange pulled the brake of order group {}", update.order_group_id);
                    let (reason, in_force) = (HaltReason::Operator, true);
                    self.step(now, &Event::Halt { reason, in_force, detail: &detail });
                }
                return;
            }
            Incoming::Created { ticker } => {
                self.wanted.insert(ticker.to_owned());
                return;
            }
            Incoming::Nothing => return,
        };
        match event {
            Event::Status { status: MarketStatus::Finalized, .. } => self.due.payouts = now,
            Event::FeesChanged { event, .. } => {
                let markets =
                    self.parts.engine.catalogue().iter().filter(|market| market.spec.event == event);
                self.wanted.extend(markets.map(|market| market.spec.ticker.clone()));
                if let Some(loader) = &mut self.loader {
                    loader.forget_event(event);
                }
            }
            _ => {}
        }
        self.parts.engine.step(now, &event, &mut self.parts.out);
        self.steps.took(&event, self.parts.out.commands.len());
        let has_orders = self.parts.out.commands.iter().any(|command| matches!(command, Command::Place(_)));
        self.stages.stepped(read, decoded, has_orders);
    }

    /// Hands on what the engine left, until it and the gateway have nothing more to say to each other. It is written
    /// into the journal before anything else happens to it.
    pub(super) fn deliver(&mut self, now: Timestamp) {
        loop {
            let signal = self.stages.take_signal();
            let may_enter = self.write_down(now);
            let Parts { out, writer, .. } = &mut self.parts;
            for (record, seq) in out.records.iter().zip(&self.steps.numbers) {
                writer.journaled(record, *seq);
                self.observer.record(record);
                note(&mut self.causes, record);
                self.tally.count(record);
            }
            self.submit(now, signal, may_enter);
            let Parts { out, alerts, gateway, .. } = &mut self.parts;
            for record in out.records.drain(..) {
                told::tell(&record, &self.names);
                alerts.record(&record);
            }
            gateway.drain(&mut self.told);
            if self.told.is_empty() {
                return;
            }
            for told in std::mem::take(&mut self.told) {
                self.hear(now, told);
            }
        }
    }

    /// Has the engine's commands carried out; where they may not, entries are put back.
    fn submit(&mut self, now: Timestamp, signal: Option<Instant>, may_enter: bool) {
        let mut commands = std::mem::take(&mut self.parts.out.commands);
        for command in commands.drain(..) {
            if !may_enter && is_entry(&command) {
                self.withhold(&command);
                continue;
            }
            match &command {
                Command::Resync { sid } => {
                    tracing::info!(sid, "the books of a subscription are asked for anew");
                    self.parts.stream.request_snapshots(*sid);
                    continue;
                }
                Command::Place(request) => self.stages.sent(request.id, signal),
                Command::Cancel { .. } => {}
            }
            let Parts { gateway, engine, .. } = &mut self.parts;
            gateway.submit(now, &command, engine.catalogue());
        }
        self.parts.out.commands = commands;
    }

    fn hear(&mut self, now: Timestamp, told: Told) {
        match told {
            Told::Update(update) => self.step(now, &Event::Order(update)),
            Told::Halt { reason, in_force, detail } => {
                if reason == HaltReason::CatchingUp && !in_force {
                    self.checks.hasten(now);
                }
                self.step(now, &Event::Halt { reason, in_force, detail: &detail });
            }
            Told::Named { order, exchange_id } => {
                let seq = self.parts.journal.named(now, order, &exchange_id);
                self.parts.writer.exchange_order(order, &exchange_id, seq);
                tracing::info!(
                    order = self.names.of(order),
                    exchange_order = exchange_id,
                    "the exchange took an order"
                );
            }
            Told::OtherRun { name, what } => self.hear_of_another(now, &name, &what),
            Told::Foreign { ticker, what } => {
                tracing::warn!(market = ticker, what, "the account was used by somebody else");
            }
        }
    }

    pub(super) fn step(&mut self, now: Timestamp, event: &Event<'_>) {
        self.parts.engine.step(now, event, &mut self.parts.out);
        self.steps.took(event, self.parts.out.commands.len());
    }

    fn take_beat(&mut self, now: Timestamp) {
        let is_due = now >= self.due.timer;
        self.tend_books(now, is_due);
        if is_due {
            let since_last = now.since(self.due.timer) + TIMER_EVERY;
            self.due.timer = now + TIMER_EVERY;
            self.parts.gateway.beat(now);
            self.check_positions(now);
            // Quiet markets are no silence: the exchange pings every ten seconds.
            if self.parts.stream.silent_for().is_some_and(|silent| silent <= since_last) {
                self.step(now, &Event::Heartbeat);
            }
            self.step(now, &Event::Timer);
        }
        if now >= self.due.day {
            self.due.day = next_day(now);
            self.step(now, &Event::DayStarted);
        }
        if now >= self.due.status {
            self.due.status = now + STATUS_EVERY;
            self.asker.exchange();
            self.keep_hours(now);
        }
        self.reconcile(now);
        if now >= self.due.payouts {
            self.due.payouts = now + PAYOUTS_EVERY;
            self.ask_for_payouts(now);
        }
        self.load_markets(now);
        if self.parts.ends.is_some_and(|ends| now >= ends) {
            self.ending.get_or_insert(Ending::TimeOver);
        }
        let progress = self.progress(now);
        if !self.observer.progress(&progress) {
            self.ending.get_or_insert(Ending::Interrupted);
        }
    }

    fn take_request(&mut self, now: Timestamp, request: Request, answer: ControlAnswer) {
        if matches!(request, Request::Stop) {
            self.ending.get_or_insert(Ending::Asked);
        }
        answer.send(status::reply(self, now, request));
    }

    /// Clears what latched, here and on the exchange's side.
    pub(super) fn resume(&mut self, now: Timestamp) {
        for (shard, id) in self.parts.gateway.groups() {
            self.asker.reset_group(id.clone(), *shard);
        }
        self.step(now, &Event::Operator(Operator::Resume));
    }

    pub(super) fn progress(&self, now: Timestamp) -> Progress {
        let Parts { engine, started, ends, .. } = &self.parts;
        let frames = FrameCounts::new(self.decoded, self.malformed, engine);
        Progress::read(engine, frames, now, *started, *ends, self.starting)
    }

    pub(super) fn is_over(&self) -> bool {
        self.ending.is_some()
    }
}

/// The next request of a person; nobody ever where there is no socket.
async fn requested(listener: &mut Option<Listener>) -> (Request, ControlAnswer) {
    match listener {
        Some(listener) => listener.next().await,
        None => std::future::pending().await,
    }
}

/// The next who asks for figures; nobody ever where there is no place to ask.
async fn asked(endpoint: &mut Option<Endpoint>) -> metrics::Answer {
    match endpoint {
        Some(endpoint) => endpoint.next().await,
        None => std::future::pending().await,
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// The loop's own beat; what was missed is not made up for.
pub(super) fn heart(every: Duration) -> Interval {
    let mut beat = interval(every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat
}

/// Keeps why the bot doesn't trade freely, and since when.
fn note(causes: &mut BTreeMap<&'static str, HaltCause>, record: &Record) {
    let Record::State(state) = record else { return };
    if !state.added {
        causes.remove(state.changed);
        return;
    }
    causes.insert(
        state.changed,
        HaltCause {
            code: state.changed.to_owned(),
            since: state.time,
            detail: state.detail.clone(),
            latched: state.latched,
        },
    );
}

fn earlier(reason: HaltReason, now: Timestamp) -> HaltCause {
    HaltCause {
        code: reason.code().to_owned(),
        since: now,
        detail: "left by an earlier run".to_owned(),
        latched: reason.latches(),
    }
}
