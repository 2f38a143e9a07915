//! An alert in words: a title, a sentence or two, its figures, and whose alert it is. Both forms of a mail, text and
//! HTML, are made from this.

use super::event::{Alert, Refused, Started, Stopped};
use super::identity::{RunIdentity, Stake};
use super::limit::Digest;
use super::{Level, reason};
use crate::engine::record::{ExitReason, Opened, StateRecord, Trade};
use crate::figures::{Digits, amount, contracts, counted, grouped, moment, percent, signed, span};
use crate::market::Outcome;
use crate::units::{Money, Price, Rounding, Timestamp};
use jiff::tz::TimeZone;

/// How a figure should strike the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// As any other.
    Plain,
    /// Money was made.
    Good,
    /// Money was lost, or something is amiss.
    Bad,
}

/// A figure with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) tone: Tone,
}

impl Row {
    fn new(label: &'static str, value: impl Into<String>) -> Self {
        Self { label, value: value.into(), tone: Tone::Plain }
    }

    fn money(label: &'static str, value: impl Into<String>, sign: Money) -> Self {
        let tone = if sign.is_positive() {
            Tone::Good
        } else if sign.is_negative() {
            Tone::Bad
        } else {
            Tone::Plain
        };
        Self { label, value: value.into(), tone }
    }
}

/// What a digest counts under one head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) level: Level,
    pub(super) kind: String,
    pub(super) times: String,
    pub(super) between: String,
}

/// An alert in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) level: Level,
    /// What is at stake, in a word, where anything is.
    pub(super) stake: &'static str,
    /// The subject without its beginning.
    pub(super) title: String,
    /// What happened.
    pub(super) lead: String,
    pub(super) rows: Vec<Row>,
    pub(super) counted: Vec<Counted>,
    /// Things to be listed, each on its own.
    pub(super) list: Vec<String>,
    /// What goes on meanwhile, or what to do.
    pub(super) next: String,
    /// Whose alert it is, and when.
    pub(super) foot: Vec<Row>,
}

impl Letter {
    /// The words for an alert.
    pub(super) fn of(alert: &Alert, identity: &RunIdentity) -> Self {
        let letter = match alert {
            Alert::Tripped(state) => tripped(state),
            Alert::Cleared(state) => cleared(state),
            Alert::Opened(opened) => self::opened(opened),
            Alert::Closed(trade) => closed(trade),
            Alert::Started(started) => self::started(started, identity),
            Alert::Stopped(stopped) => self::stopped(stopped, identity.stake),
            Alert::Refused(refused) => self::refused(refused),
        };
        let stake = identity.stake.word();
        Self { level: alert.level(), stake, foot: foot(identity, alert.time()), ..letter.titled(alert) }
    }

    /// The words for what was held back.
    pub(super) fn of_digest(digest: &Digest, identity: &RunIdentity, now: Timestamp) -> Self {
        let counted = digest.entries.iter().map(|entry| Counted {
            level: entry.level,
            kind: entry.kind.clone(),
            times: grouped(entry.count),
            between: between(entry.first, entry.last),
        });
        let mut letter = Self {
            level: digest.level(),
            stake: identity.stake.word(),
            title: format!("Digest: {}", self::counted(digest.count(), "message")),
            foot: foot(identity, now),
            counted: counted.collect(),
            ..words(
                "So much happened that not every message got a mail of its own; a kind that comes again and again is \
                 mailed once. These were held back.",
                "`kalshi-bot status` shows how the bot stands now.",
            )
        };
        if let Some(net) = digest.net() {
            letter.rows = vec![Row::money("Closed positions", dollars(net), net)];
        }
        letter
    }

    /// The words of a mail that only tries whether mails arrive.
    pub(super) fn of_test(now: Timestamp) -> Self {
        Self {
            title: "Test mail".to_owned(),
            foot: times(now),
            ..words(
                "This is a test. Alerts of the bot will arrive here: circuit breakers, drift, positions opened and \
                 closed, starts, stops and daily summaries.",
                "Nothing was traded, and nothing has to be done.",
            )
        }
    }

    fn titled(self, alert: &Alert) -> Self {
        let kind = alert.kind();
        let title = match alert {
            Alert::Opened(opened) => format!("{kind}: {}", opened.market),
            Alert::Closed(trade) => {
                format!("{kind}: {} {}", trade.market, signed(trade.net_pnl, Digits::Cents))
            }
            _ => kind,
        };
        Self { title, ..self }
    }
}

fn words(lead: impl Into<String>, next: impl Into<String>) -> Letter {
    Letter {
        level: Level::Info,
        stake: "",
        title: String::new(),
        lead: lead.into(),
        rows: Vec::new(),
        counted: Vec::new(),
        list: Vec::new(),
        next: next.into(),
        foot: Vec::new(),
    }
}

fn tripped(state: &StateRecord) -> Letter {
    let StateRecord { trading, changed, latched, detail, .. } = state;
    let mut rows = vec![Row { label: "Reason", value: (*changed).to_owned(), tone: Tone::Bad }];
    rows.extend((!detail.is_empty()).then(|| Row::new("Figures", detail.clone())));
    rows.push(Row::new("Trading", *trading));
    rows.push(Row::new("Ends", if *latched { "when somebody resumes it" } else { "by itself" }));
    Letter { rows, ..words(reason::sentence(changed), reason::consequence(changed, *latched)) }
}

fn cleared(state: &StateRecord) -> Letter {
    let StateRecord { trading, reasons, changed, detail, .. } = state;
    let mut rows = vec![Row::new("Reason", *changed), Row::new("Trading", *trading)];
    rows.extend((!detail.is_empty()).then(|| Row::new("How", detail.clone())));
    let next = if reasons.is_empty() {
        "Positions may be opened again.".to_owned()
    } else {
        format!("Still in force: {}.", reasons.join(", "))
    };
    Letter { rows, ..words("A reason not to trade is gone.", next) }
}

fn opened(opened: &Opened) -> Letter {
    let Opened { market, outcome, entry_price, quantity, target, stop, .. } = opened;
    let value = entry_price.times(*quantity, Rounding::Ceil);
    let lead =
        format!("Bought {} {} at {} a contract.", contracts(*quantity), named(*outcome), price(*entry_price));
    let rows = vec![
        Row::new("Market", &**market),
        Row::new("Outcome", named(*outcome)),
        Row::new("Entry", price(*entry_price)),
        Row::new("Size", format!("{} (first fill)", contracts(*quantity))),
        Row::new("Value", amount_in_dollars(value)),
        Row::new("Target", price(*target)),
        Row::new("Stop", price(*stop)),
    ];
    let next = "The stop sells at whatever is bid then, which may be less than the stop's price.";
    Letter { rows, ..words(lead, next) }
}

fn closed(trade: &Trade) -> Letter {
    let verb = if trade.net_pnl.is_negative() {
        "Lost"
    } else if trade.net_pnl.is_positive() {
        "Made"
    } else {
        "Neither made nor lost: made"
    };
    let plus = if trade.net_pnl.is_positive() { "+" } else { "" };
    let share = trade.net_pnl.ratio_of(trade.entry_cost).map(percent);
    let result = match &share {
        Some(share) => format!("{} ({plus}{share} of what was paid)", dollars(trade.net_pnl)),
        None => dollars(trade.net_pnl),
    };
    let lead = format!(
        "{verb} {} with {} {}, fees paid.",
        amount_in_dollars(trade.net_pnl.abs()),
        contracts(trade.quantity),
        named(trade.outcome)
    );
    let rows = vec![
        Row::new("Market", &*trade.market),
        Row::new("Outcome", named(trade.outcome)),
        Row::new("Entry", price(trade.entry_price)),
        Row::new("Exit", price(trade.exit_price)),
        Row::new("Size", contracts(trade.quantity)),
        Row::money("P&L", result, trade.net_pnl),
        Row::new("Fees", amount_in_dollars(trade.fees)),
        Row::new("Reason", exit_words(trade.exit_reason)),
        Row::new("Held", span(trade.exit_time.since(trade.entry_time))),
    ];
    Letter { rows, ..words(lead, "") }
}

fn started(started: &Started, identity: &RunIdentity) -> Letter {
    let mut rows = vec![
        Row::new("Equity", amount_in_dollars(started.equity)),
        Row::new("Positions", format!("{} taken over", started.positions)),
    ];
    let markets = started.markets.and_then(|markets| u64::try_from(markets).ok());
    rows.extend(markets.map(|markets| Row::new("Markets", grouped(markets))));
    let next = if started.halts.is_empty() {
        "It opens and closes positions by its rules until it is stopped.".to_owned()
    } else {
        format!(
            "It opens nothing: a halt of an earlier run is in force ({}). Look, then run `kalshi-bot resume`.",
            started.halts.join(", ")
        )
    };
    Letter { rows, ..words(format!("The bot trades with {}.", identity.stake.as_str()), next) }
}

fn stopped(stopped: &Stopped, stake: Stake) -> Letter {
    let Stopped { why, equity, result, positions, leftovers, has_drift, .. } = stopped;
    let rows = vec![
        Row::new("Equity", amount_in_dollars(*equity)),
        Row::money("Result of the run", dollars(*result), *result),
        Row::new("Positions", format!("{positions} still held")),
    ];
    let next = if !leftovers.is_empty() {
        "Look with `kalshi-bot orders list`, and take off what rests with `kalshi-bot cancel-all`."
    } else if *has_drift {
        "The account differs from what is kept of it; `kalshi-bot reconcile` says where."
    } else if stake == Stake::Paper {
        "Paper positions end with their run."
    } else if *positions > 0 {
        "No order of it rests. What is held has no stop until a run takes it over."
    } else {
        "No order of it rests, and nothing is held."
    };
    Letter { rows, list: leftovers.clone(), ..words(format!("The bot has stopped: {why}."), next) }
}

fn refused(refused: &Refused) -> Letter {
    Letter {
        list: refused.differences.clone(),
        ..words(
            "The account isn't what the last run left, so the bot did not start. It trades again when somebody has \
             looked.",
            "`kalshi-bot reconcile` shows what differs and what mends it.",
        )
    }
}

fn foot(identity: &RunIdentity, time: Timestamp) -> Vec<Row> {
    let mut rows = vec![
        Row::new("At stake", identity.stake.as_str()),
        Row::new("Account", identity.account.clone()),
        Row::new("Run", identity.run.clone()),
    ];
    rows.extend(times(time));
    rows
}

/// The same instant in UTC and on the exchange's clock.
fn times(time: Timestamp) -> Vec<Row> {
    let mut rows = vec![Row::new("Time (UTC)", moment(time))];
    rows.extend(eastern(time).map(|text| Row::new("Time (Eastern)", text)));
    rows
}

/// The exchange keeps Eastern time; `None` beyond the calendar.
fn eastern(time: Timestamp) -> Option<String> {
    let zone = TimeZone::get("America/New_York").ok()?;
    let at = jiff::Timestamp::from_microsecond(time.micros()).ok()?;
    Some(at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S %Z").to_string())
}

fn between(first: Timestamp, last: Timestamp) -> String {
    if first == last { moment(first) } else { format!("{} to {}", moment(first), moment(last)) }
}

fn exit_words(exit: ExitReason) -> String {
    let meaning = match exit {
        ExitReason::TakeProfit => "the target was reached",
        ExitReason::StopLoss => "the stop was reached",
        ExitReason::TimeExit => "the market was about to close",
        ExitReason::Settlement => "the market resolved",
        ExitReason::Flatten => "somebody had it sold",
    };
    format!("{}: {meaning}", exit.as_str())
}

fn named(outcome: Outcome) -> String {
    outcome.as_str().to_uppercase()
}

fn price(price: Price) -> String {
    format!("${price:.2}")
}

fn amount_in_dollars(money: Money) -> String {
    format!("${}", amount(money, Digits::Cents))
}

/// Won or lost, with its sign before the dollars.
fn dollars(money: Money) -> String {
    let text = signed(money, Digits::Cents);
    match text.strip_prefix(['+', '-']) {
        Some(rest) => format!("{}${rest}", &text[..1]),
        None => format!("${text}"),
    }
}
