//! The live gateway: carries the engine's commands to the exchange and brings its word back, whichever way it comes.
//!
//! Every request runs in a task of its own (`carry`), so nobody waits for the network; its outcome comes back as an
//! [`Answer`]. Frames about the account's own orders are heard beside them. `track` joins all that is said of one
//! order: fills before the answer, twice or only by REST; ends before their fills; answers that were lost.
//!
//! What is told of an order is told once it is certain:
//!
//! - A lost answer is [`OrderUpdate::Unknown`] and blocks its market. The exchange is then asked until it shows the
//!   order, or until several reads made after the loss, over five seconds, show neither the order nor a fill of it.
//!   Only then did the order never arrive.
//! - An order's end is told once as many contracts were booked as the exchange says were filled. Fills that don't come
//!   over the stream within a second are asked for.
//! - After every reconnect everything is asked for that may have been missed ([`LiveGateway::catch_up`]), and until that
//!   is known nothing is opened ([`HaltReason::CatchingUp`]).

mod account;
mod carry;
mod request;
mod track;

pub use carry::Answer;
pub use request::{open_group, reject_reason};

use crate::engine::Command;
use crate::execution::client_id::{ClientOrderId, Prefix, RunTag};
use crate::execution::{OrderId, OrderRequest, OrderUpdate, RejectReason};
use crate::kalshi::error::ApiError;
use crate::kalshi::model;
use crate::kalshi::rest::Client;
use crate::kalshi::ws;
use crate::market::Catalogue;
use crate::risk::HaltReason;
use crate::units::Timestamp;
use carry::{CaughtUp, Look, Wanted};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;
use tokio::sync::mpsc;
use track::{End, Execution, Tracked};

/// How long after the last refusal for their number requests count as welcome again.
const LIMIT_PATIENCE: Duration = Duration::from_secs(5);
/// How much earlier than the last known fill a catch-up begins to read.
const CATCH_UP_MARGIN: Duration = Duration::from_mins(2);
/// How long to wait before a catch-up that failed is tried again.
const CATCH_UP_PATIENCE: Duration = Duration::from_secs(2);

/// What the gateway puts into every order.
#[derive(Debug, Clone)]
pub struct LiveSettings {
    /// What the names of all orders begin with.
    pub prefix: Prefix,
    /// The run.
    pub run: RunTag,
    /// When it started.
    pub started: Timestamp,
    /// How long a resting order stands before the exchange takes it off by itself.
    pub order_lifetime: Duration,
    /// The group of each shard's orders, where groups are on.
    pub groups: BTreeMap<u8, String>,
}

/// What the engine has to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The venue's word on an order.
    Update(OrderUpdate),
    /// The exchange's name for an order became known.
    Named {
        /// Which order.
        order: OrderId,
        /// Its name.
        exchange_id: String,
    },
    /// A reason not to trade came or went.
    Halt {
        /// Which.
        reason: HaltReason,
        /// Whether it holds now.
        in_force: bool,
        /// The figures behind it, for people.
        detail: String,
    },
    /// The account's orders or positions in a market were moved by somebody else.
    Foreign {
        /// Where.
        ticker: String,
        /// What was seen, for people.
        what: String,
    },
    /// An order was heard of that carries this bot's prefix and that this run didn't send.
    OtherRun {
        /// Its name.
        name: ClientOrderId,
        /// What was seen, for people.
        what: String,
    },
}

/// The gateway of one run.
#[derive(Debug)]
pub struct LiveGateway {
    client: Client,
    settings: LiveSettings,
    answers: mpsc::UnboundedSender<Answer>,
    /// Every order of the run, so that a fill that comes late or again is known for what it is.
    tracked: BTreeMap<OrderId, Tracked>,
    /// Those of them that have not ended.
    open: BTreeSet<OrderId>,
    by_exchange: HashMap<String, OrderId>,
    told: Vec<Told>,
    limited_since: Option<Timestamp>,
    last_fill: Timestamp,
    catching_up: bool,
    catch_up_at: Option<Timestamp>,
}

impl LiveGateway {
    /// A gateway that sends through `client`, and what its answers arrive on.
    pub fn new(client: Client, settings: LiveSettings) -> (Self, mpsc::UnboundedReceiver<Answer>) {
        let (answers, inbox) = mpsc::unbounded_channel();
        let gateway = Self {
            client,
            last_fill: settings.started,
            settings,
            answers,
            tracked: BTreeMap::new(),
            open: BTreeSet::new(),
            by_exchange: HashMap::new(),
            told: Vec::new(),
            limited_since: None,
            catching_up: false,
            catch_up_at: None,
        };
        (gateway, inbox)
    }

    /// Carries a command out. A resync concerns the feed and is left to the caller.
    pub fn submit(&mut self, now: Timestamp, command: &Command, catalogue: &Catalogue) {
        match command {
            Command::Place(request) => self.place(now, request, catalogue),
            Command::Cancel { order } => {
                if let Some(tracked) = self.tracked.get_mut(order).filter(|tracked| !tracked.is_done()) {
                    tracked.want_cancel();
                    self.attend(now, *order);
                }
            }
            Command::Resync { .. } => {}
        }
    }

    /// What the engine has to be told by now, in order.
    pub fn drain(&mut self, into: &mut Vec<Told>) {
        into.append(&mut self.told);
    }

    /// Orders that have not ended, as far as is known.
    pub fn open_orders(&self) -> usize {
        self.open.len()
    }

    /// Whether nothing of ours works in a market and nothing is under way there.
    pub fn is_quiet_in(&self, ticker: &str) -> bool {
        !self.open.iter().filter_map(|order| self.tracked.get(order)).any(|tracked| tracked.ticker == ticker)
    }

    /// Whether an order of this run was ever sent in a market.
    pub fn has_traded(&self, ticker: &str) -> bool {
        self.tracked.values().any(|tracked| tracked.ticker == ticker)
    }

    /// The run, as it stands in the names of its orders.
    pub const fn run(&self) -> RunTag {
        self.settings.run
    }

    /// Hears of a fill of the account's own.
    pub fn hear_fill(&mut self, now: Timestamp, fill: &ws::Fill<'_>) {
        let Some(order) = self.ours(fill.client_order_id.as_deref(), &fill.order_id) else {
            self.foreign(&fill.ticker, "filled", &fill.order_id, fill.client_order_id.as_deref());
            return;
        };
        self.book(
            now,
            order,
            &fill.order_id,
            &Execution {
                trade_id: &fill.trade_id,
                price: fill.yes_price,
                quantity: fill.quantity,
                fee: fill.fee,
                is_taker: fill.is_taker,
                time: fill.time.unwrap_or(now),
            },
        );
        self.attend(now, order);
    }

    /// Hears of a change of an order of the account's own.
    pub fn hear_order(&mut self, now: Timestamp, told: &ws::UserOrder<'_>) {
        let Some(order) = self.ours(told.client_order_id.as_deref(), &told.order_id) else {
            self.foreign_order(&told.ticker, "changed", &told.order_id, told.client_order_id.as_deref());
            return;
        };
        self.bind(order, &told.order_id);
        let Some(tracked) = self.tracked.get_mut(&order) else { return };
        let reason = told.last_update_reason.as_deref();
        let mut updates = Vec::new();
        match told.status {
            ws::OrderStatus::Resting => tracked.rests(told.filled, &mut updates),
            ws::OrderStatus::Canceled | ws::OrderStatus::Executed => {
                let end = track::end_reason(&tracked.request, reason, tracked.is_cancel_sent());
                tracked.end(now, End::Told { filled: told.filled, reason: end }, &mut updates);
            }
            ws::OrderStatus::Unknown => tracked.ask(now),
        }
        self.tell(updates);
        self.attend(now, order);
    }

    /// Takes what came of a request.
    pub fn take(&mut self, now: Timestamp, answer: Answer) {
        match answer {
            Answer::Created { order, result, .. } => self.take_created(now, order, result),
            Answer::Canceled { order, result } => self.take_canceled(now, order, result),
            Answer::Looked { order, result } => self.take_look(now, order, result),
            Answer::CaughtUp(result) => self.take_caught_up(now, result),
        }
    }

    /// Does what has become due. To be called every second or oftener.
    pub fn beat(&mut self, now: Timestamp) {
        if self.limited_since.is_some_and(|since| now.since(since) >= LIMIT_PATIENCE) {
            self.limited_since = None;
            self.halt(HaltReason::RateLimited, false, String::new());
        }
        if self.catch_up_at.is_some_and(|due| now >= due) {
            self.catch_up(now);
        }
        for order in self.open.iter().copied().collect::<Vec<_>>() {
            self.attend(now, order);
        }
    }

    /// Asks for everything that may have been missed while the stream was down.
    pub fn catch_up(&mut self, now: Timestamp) {
        self.halt(HaltReason::CatchingUp, true, String::new());
        if self.catching_up {
            self.catch_up_at = Some(now);
            return;
        }
        (self.catching_up, self.catch_up_at) = (true, None);
        self.read_missed();
    }

    fn place(&mut self, now: Timestamp, request: &OrderRequest, catalogue: &Catalogue) {
        let spec = &catalogue.get(request.market).spec;
        let id =
            ClientOrderId { prefix: self.settings.prefix.clone(), run: self.settings.run, order: request.id };
        let body = request::create_order(request, spec, &id, now, &self.settings);
        let expires = body.expiration_time.map(Timestamp::from_secs);
        let order = request.id;
        self.tracked.insert(order, Tracked::new(request.clone(), spec, id.to_string(), now, expires));
        self.open.insert(order);
        let client = self.client.clone();
        self.carry(async move {
            let sent = tokio::time::Instant::now();
            let result = client.create_order(&body).await;
            Answer::Created { order, result, took: sent.elapsed() }
        });
    }

    fn take_created(
        &mut self,
        now: Timestamp,
        order: OrderId,
        result: Result<model::CreatedOrder, ApiError>,
    ) {
        self.note_error(now, result.as_ref().err());
        if let Ok(created) = &result {
            self.bind(order, &created.order_id);
        }
        let Some(tracked) = self.tracked.get_mut(&order) else { return };
        let mut updates = Vec::new();
        match result {
            Ok(created) => tracked.created(now, &created, &mut updates),
            Err(ApiError::Refused(refusal)) if refusal.status == 409 => {
                tracked.doubt(now, true, &mut updates);
            }
            Err(ApiError::Refused(refusal)) => tracked.reject(now, reject_reason(&refusal), &mut updates),
            Err(error) if error.leaves_doubt() => tracked.doubt(now, false, &mut updates),
            Err(ApiError::Credentials(_)) => tracked.reject(now, RejectReason::Other, &mut updates),
            Err(_) => tracked.reject(now, RejectReason::NotSent, &mut updates),
        }
        self.tell(updates);
        self.attend(now, order);
    }

    fn take_canceled(
        &mut self,
        now: Timestamp,
        order: OrderId,
        result: Result<model::CanceledOrder, ApiError>,
    ) {
        self.note_error(now, result.as_ref().err());
        let Some(tracked) = self.tracked.get_mut(&order) else { return };
        let mut updates = Vec::new();
        match result {
            Ok(canceled) => tracked.canceled(now, canceled.reduced_by, &mut updates),
            Err(error) => tracked.cancel_failed(now, error.leaves_doubt(), &mut updates),
        }
        self.tell(updates);
        self.attend(now, order);
    }

    fn take_look(&mut self, now: Timestamp, order: OrderId, result: Result<Look, ApiError>) {
        self.note_error(now, result.as_ref().err());
        self.take_found(now, order, result.unwrap_or_default());
    }

    fn take_found(&mut self, now: Timestamp, order: OrderId, look: Look) {
        let found = look.order;
        if let Some(found) = &found {
            self.bind(order, &found.order_id);
        }
        for fill in &look.fills {
            self.book_read(now, order, fill);
        }
        let Some(tracked) = self.tracked.get_mut(&order) else { return };
        let mut updates = Vec::new();
        tracked.looked(now, found.as_ref(), look.as_of, &mut updates);
        self.tell(updates);
        self.attend(now, order);
    }

    fn take_caught_up(&mut self, now: Timestamp, result: Result<CaughtUp, ApiError>) {
        self.catching_up = false;
        self.note_error(now, result.as_ref().err());
        let Ok(CaughtUp { resting, fills, owners }) = result else {
            self.catch_up_at = Some(now + CATCH_UP_PATIENCE);
            return;
        };
        for found in resting.iter().chain(&owners) {
            let name = Some(found.client_order_id.as_str());
            if let Some(order) = self.ours(name, &found.order_id) {
                self.bind(order, &found.order_id);
            } else {
                self.foreign_order(&found.ticker, "found working", &found.order_id, name);
            }
        }
        for fill in &fills {
            if let Some(&order) = self.by_exchange.get(&fill.order_id) {
                self.book_read(now, order, fill);
            }
        }
        for found in resting {
            if let Some(&order) = self.by_exchange.get(&found.order_id) {
                self.take_found(now, order, Look { order: Some(found), ..Look::default() });
            }
        }
        for order in self.open.iter().copied().collect::<Vec<_>>() {
            if let Some(tracked) = self.tracked.get_mut(&order).filter(|tracked| tracked.is_sent()) {
                tracked.ask(now);
            }
            self.attend(now, order);
        }
        // One that began before the stream broke again may have missed what came after it.
        if self.catch_up_at.is_none() {
            self.halt(HaltReason::CatchingUp, false, String::new());
        }
    }

    fn book_read(&mut self, now: Timestamp, order: OrderId, fill: &model::Fill) {
        self.book(
            now,
            order,
            &fill.order_id,
            &Execution {
                trade_id: &fill.trade_id,
                price: fill.yes_price_dollars,
                quantity: fill.count_fp,
                fee: Some(fill.fee_cost),
                is_taker: fill.is_taker,
                time: fill.created_time.or(fill.ts.map(Timestamp::from_secs)).unwrap_or(now),
            },
        );
    }

    fn book(&mut self, now: Timestamp, order: OrderId, exchange_id: &str, execution: &Execution<'_>) {
        self.bind(order, exchange_id);
        self.last_fill = self.last_fill.max(execution.time.min(now));
        let Some(tracked) = self.tracked.get_mut(&order) else { return };
        let mut updates = Vec::new();
        tracked.fill(now, execution, &mut updates);
        self.tell(updates);
    }

    /// Sends what an order is waiting for, and strikes it off once it has ended.
    fn attend(&mut self, now: Timestamp, order: OrderId) {
        let Some(tracked) = self.tracked.get_mut(&order) else { return };
        if tracked.is_done() {
            self.open.remove(&order);
            return;
        }
        let client = self.client.clone();
        match tracked.next(now) {
            Some(Wanted::Cancel(item)) => self
                .carry(async move { Answer::Canceled { order, result: client.cancel_order(&item).await } }),
            Some(Wanted::Look(search)) => self
                .carry(async move { Answer::Looked { order, result: carry::look(&client, &search).await } }),
            None => {}
        }
    }

    /// The order of this run that is meant: by our name for it, or by the exchange's where that is known.
    fn ours(&self, client_id: Option<&str>, exchange_id: &str) -> Option<OrderId> {
        let by_name = client_id
            .and_then(|name| ClientOrderId::of(&self.settings.prefix, name))
            .filter(|id| id.run == self.settings.run)
            .map(|id| id.order)
            .filter(|order| self.tracked.contains_key(order));
        by_name.or_else(|| self.by_exchange.get(exchange_id).copied())
    }

    fn bind(&mut self, order: OrderId, exchange_id: &str) {
        if let Some(tracked) = self.tracked.get_mut(&order)
            && tracked.exchange_id.is_none()
        {
            tracked.exchange_id = Some(exchange_id.to_owned());
            self.by_exchange.insert(exchange_id.to_owned(), order);
            self.told.push(Told::Named { order, exchange_id: exchange_id.to_owned() });
        }
    }

    /// Another person's orders are their own business until they fill; those of another run of this bot are not.
    fn foreign_order(&mut self, ticker: &str, what: &str, exchange_id: &str, client_id: Option<&str>) {
        if client_id.and_then(|name| ClientOrderId::of(&self.settings.prefix, name)).is_some() {
            self.foreign(ticker, what, exchange_id, client_id);
        }
    }

    fn foreign(&mut self, ticker: &str, what: &str, exchange_id: &str, client_id: Option<&str>) {
        let name = client_id.filter(|name| !name.is_empty());
        let shown = name.unwrap_or("without a name");
        let what =
            format!("order {exchange_id} ({shown}) was {what} in {ticker}, and this run didn't send it");
        self.told.push(match name.and_then(|name| ClientOrderId::of(&self.settings.prefix, name)) {
            Some(name) => Told::OtherRun { name, what },
            None => Told::Foreign { ticker: ticker.to_owned(), what },
        });
    }

    /// What an error means beyond the order it befell.
    fn note_error(&mut self, now: Timestamp, error: Option<&ApiError>) {
        match error {
            Some(ApiError::Credentials(refusal)) => {
                self.halt(
                    HaltReason::AuthFailed,
                    true,
                    format!("the exchange refuses the credentials: {refusal}"),
                );
            }
            Some(error @ (ApiError::RateLimited | ApiError::NoTokens { .. })) => {
                self.limited_since = Some(now);
                self.halt(HaltReason::RateLimited, true, error.to_string());
            }
            _ => {}
        }
    }

    fn halt(&mut self, reason: HaltReason, in_force: bool, detail: String) {
        self.told.push(Told::Halt { reason, in_force, detail });
    }

    fn tell(&mut self, updates: Vec<OrderUpdate>) {
        self.told.extend(updates.into_iter().map(Told::Update));
    }

    fn carry(&self, request: impl Future<Output = Answer> + Send + 'static) {
        let answers = self.answers.clone();
        tokio::spawn(async move {
            // Nobody listens any more once the run has ended.
            let _ = answers.send(request.await);
        });
    }
}

#[cfg(test)]
mod tests;
