//! The figures of a running bot, put together when they are asked for: for Prometheus, and in part for `status`.
//! `docs/metrics.md` lists them by name, which a test compares.

use super::reconcile::Counts;
use super::trading::Bot;
use crate::engine::Record;
use crate::execution::OrderState;
use crate::risk::{HaltReason, TradingState};
use crate::store::spool::Shipper;
use crate::telemetry::metrics::{Figures, Labels};
use crate::telemetry::queue::Queue;
use crate::units::Timestamp;
use std::time::Duration;

/// What is counted of records as they are delivered.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    filled: u64,
    cancelled: u64,
    expired: u64,
    rejected: u64,
    fills: u64,
}

impl Tally {
    pub(super) const fn count(&mut self, record: &Record) {
        match record {
            Record::Fill(_) => self.fills += 1,
            Record::Order(order) => match order.state {
                OrderState::Filled => self.filled += 1,
                OrderState::Cancelled => self.cancelled += 1,
                OrderState::Expired => self.expired += 1,
                OrderState::Rejected => self.rejected += 1,
                _ => {}
            },
            _ => {}
        }
    }
}

/// Every queue of the run, with what it dropped. Whatever else hangs on one belongs here too.
pub(super) fn queues(bot: &Bot<'_>) -> Vec<Queue> {
    let mut queues = vec![bot.parts.writer.queue()];
    queues.extend(bot.parts.shipper.as_ref().map(Shipper::queue));
    let mail = bot.parts.alerts.counts();
    queues.push(Queue::new("mail", mail.waiting, mail.failed + mail.dropped));
    queues.extend(bot.parts.logs.queues());
    queues
}

/// How long nothing has come over the stream; `None` before anything did.
pub(super) fn feed_age(bot: &Bot<'_>) -> Option<Duration> {
    bot.parts.stream.silent_for().or_else(|| bot.heard.map(|heard| heard.elapsed()))
}

/// All of them.
pub(super) fn figures(bot: &Bot<'_>, now: Timestamp) -> Figures {
    let mut figures = Figures::default();
    of_the_process(&mut figures, bot);
    of_trading(&mut figures, bot);
    of_money(&mut figures, bot);
    of_orders(&mut figures, bot);
    of_the_feed(&mut figures, bot, now);
    of_reconciliation(&mut figures, bot, now);
    let queues = queues(bot);
    let by_queue = |count: fn(&Queue) -> u64| -> Vec<(Labels, u64)> {
        queues.iter().map(|queue| (vec![("queue", queue.name.clone())], count(queue))).collect()
    };
    figures.gauges("queue_depth", "What waits in each queue.", by_queue(|queue| queue.depth));
    let help = "What each queue dropped, for want of room or because its other side failed.";
    figures.counters("queue_dropped", help, by_queue(|queue| queue.dropped));
    let stages = bot.stages.all().map(|stage| (labels("component", stage.name()), stage.buckets()));
    let help = "How long each component takes: decode and step of a frame, signal_to_order from a frame to its order, \
                order_to_answer from there to the exchange's answer, signal_to_answer all of it.";
    figures.histograms("latency_seconds", help, stages);
    figures
}

fn labels(name: &'static str, value: &str) -> Labels {
    vec![(name, value.to_owned())]
}

fn of_the_process(figures: &mut Figures, bot: &Bot<'_>) {
    let exchange = bot.parts.settings.api.exchange().kind.as_str();
    let build = vec![("version", env!("CARGO_PKG_VERSION").to_owned()), ("exchange", exchange.to_owned())];
    figures.info("build", "The program's version and the kind of exchange it trades on.", build);
    figures.decimal("uptime_seconds", "Seconds since the run began.", bot.begun.elapsed().as_secs_f64());
    let tokens = bot.parts.client.transport().tokens();
    let tokens = [("read", tokens.read), ("write", tokens.write)];
    let help =
        "Tokens left for requests, as far as this process knows: other programs use the same account's.";
    let by_bucket = tokens.map(|(bucket, tokens)| (labels("bucket", bucket), u64::from(tokens)));
    figures.gauges("rate_limit_tokens", help, by_bucket);
}

fn of_trading(figures: &mut Figures, bot: &Bot<'_>) {
    let trading = bot.parts.engine.trading();
    let states = [TradingState::Active, TradingState::ReduceOnly, TradingState::Halted];
    let by_state = states.map(|state| (labels("state", state.as_str()), u64::from(trading.state() == state)));
    figures.gauges("trading_state", "1 for the state that trading is in, 0 for the others.", by_state);
    let by_reason = HaltReason::ALL.map(|reason| {
        let labels = vec![("reason", reason.code().to_owned()), ("latched", reason.latches().to_string())];
        (labels, u64::from(trading.has(reason)))
    });
    let help = "1 for each reason in force not to trade freely; only `resume` clears those that are latched.";
    figures.gauges("halt", help, by_reason);
}

fn of_money(figures: &mut Figures, bot: &Bot<'_>) {
    let engine = &bot.parts.engine;
    let equity = engine.equity();
    let help = "Cash, and positions at the price they could be sold at.";
    figures.dollars("equity_dollars", help, equity);
    figures.dollars("cash_dollars", "Cash.", engine.ledger().cash());
    figures.dollars("daily_pnl_dollars", "Equity against the day's start.", engine.daily_pnl());
    figures.dollars("total_pnl_dollars", "Equity against the run's start.", equity - bot.starting);
    figures.dollars("exposure_dollars", "What the positions cost.", engine.positions().total_cost());
    figures.dollars(
        "fees_dollars",
        "Fees paid in this run, less what was given back.",
        engine.ledger().fees(),
    );
}

fn of_orders(figures: &mut Figures, bot: &Bot<'_>) {
    let engine = &bot.parts.engine;
    figures.gauge("positions", "Positions held.", engine.positions().len() as u64);
    figures.gauge("working_orders", "Orders that have not ended.", engine.orders().working().count() as u64);
    figures.counter("signals", "Entries that passed the strategy.", engine.signals());
    figures.counter("trades", "Round trips that ended.", engine.trades());
    let Tally { filled, cancelled, expired, rejected, fills } = bot.tally;
    let states = [("filled", filled), ("cancelled", cancelled), ("expired", expired), ("rejected", rejected)];
    let by_state = states.map(|(state, count)| (labels("state", state), count));
    figures.counters("orders", "Orders that ended, by how.", by_state);
    figures.counter("fills", "Fills of our orders.", fills);
}

fn of_reconciliation(figures: &mut Figures, bot: &Bot<'_>, now: Timestamp) {
    let Counts { clean, differing, failed } = bot.checks.counts;
    let by_result = [("clean", clean), ("differs", differing), ("unreadable", failed)]
        .map(|(result, count)| (labels("result", result), count));
    let help = "Comparisons of the account with the exchange's, by what came of them.";
    figures.counters("reconciliations", help, by_result);
    let last = bot.checks.last.as_ref();
    let age = last.map_or(f64::NAN, |last| now.since(last.at).as_secs_f64());
    figures.decimal("reconciliation_age_seconds", "Seconds since the last of them; NaN before.", age);
    let differences = last.map_or(0, |last| last.differences.len());
    figures.gauge("reconciliation_differences", "What differed in the last of them.", differences as u64);
}

fn of_the_feed(figures: &mut Figures, bot: &Bot<'_>, now: Timestamp) {
    let engine = &bot.parts.engine;
    let counts = engine.feed_counts();
    figures.gauge(
        "stream_connected",
        "1 while the stream is up.",
        u64::from(bot.parts.stream.is_connected()),
    );
    let age = feed_age(bot).map_or(f64::NAN, |age| age.as_secs_f64());
    figures.decimal("feed_age_seconds", "Seconds since anything came over the stream; NaN before.", age);
    figures.gauge("markets", "Markets that are followed.", engine.catalogue().len() as u64);
    let tradable = bot.progress(now).tradable;
    figures.gauge(
        "markets_tradable",
        "Markets that are open, with a book that can be trusted.",
        tradable as u64,
    );
    let frames = [("decoded", bot.decoded), ("applied", counts.applied), ("malformed", bot.malformed)];
    let by_result = frames.map(|(result, count)| (labels("result", result), count));
    let help =
        "Frames that were decoded, of these the ones that changed a book, and frames that made no sense.";
    figures.counters("frames", help, by_result);
    figures.counter("feed_gaps", "Holes in the numbers of the feed.", counts.gaps);
    figures.counter("feed_resyncs", "Times that books were asked for anew.", counts.resyncs);
    figures.counter("feed_broken_books", "Books that were found broken.", counts.broken_books);
}
