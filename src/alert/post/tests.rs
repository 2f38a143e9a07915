use super::*;
use crate::alert::samples::{self, at, identity};
use crate::alert::{Stake, Step};
use crate::config::{Sources, load};
use crate::engine::record::Opened;
use std::sync::Mutex;

/// Takes mails, after it has failed so often; `None` fails for ever.
#[derive(Clone, Default)]
struct Desk {
    taken: Arc<Mutex<Vec<String>>>,
    failures: Arc<Mutex<Option<u32>>>,
    is_lasting: bool,
}

impl Desk {
    fn failing(times: Option<u32>) -> Self {
        Self { failures: Arc::new(Mutex::new(times)), ..Self::default() }
    }

    fn subjects(&self) -> Vec<String> {
        self.taken.lock().expect("no panic").clone()
    }
}

impl Carrier for Desk {
    fn carry(&mut self, mail: &Mail) -> Result<(), MailFault> {
        let mut failures = self.failures.lock().expect("no panic");
        if *failures == Some(0) {
            self.taken.lock().expect("no panic").push(mail.subject());
            return Ok(());
        }
        *failures = failures.map(|left| left - 1);
        let fault = MailFault::passing(Step::Connect, "nobody there", "start it");
        Err(MailFault { is_lasting: self.is_lasting, ..fault })
    }
}

fn settings() -> Email {
    let overrides = [("alerts.email.max_mails", "9"), ("alerts.email.min_level", "INFO")];
    let overrides = overrides.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    load(&Sources { overrides, ..Sources::default() }).expect("sound").alerts.email
}

const QUICK: Patience =
    Patience { first: Duration::from_millis(1), longest: Duration::from_millis(4), attempts: 4 };

fn alerts(desk: &Desk, settings: &Email) -> Alerts {
    Alerts::with(Box::new(desk.clone()), settings, QUICK, identity(Stake::Demo), None, at(0))
}

/// Waits until the counts are as wanted.
fn until(alerts: &Alerts, wanted: impl Fn(&MailCounts) -> bool) -> MailCounts {
    let patience = Instant::now() + Duration::from_secs(20);
    loop {
        let counts = alerts.counts();
        if wanted(&counts) {
            return counts;
        }
        assert!(Instant::now() < patience, "{counts:?}");
        thread::yield_now();
    }
}

#[test]
fn a_flapping_breaker_sends_two_mails_and_loses_nothing() {
    let desk = Desk::failing(Some(0));
    let alerts = alerts(&desk, &settings());
    let counter = alerts.counter.clone();
    for _ in 0..100 {
        alerts.tell(samples::tripped("feed_stale"));
    }
    alerts.end(Duration::from_secs(20));
    let subjects =
        ["[CRITICAL] HFT Bot - Circuit breaker: feed_stale", "[CRITICAL] HFT Bot - Digest: 99 messages"];
    assert_eq!(desk.subjects(), subjects);
    let counts = counter.snapshot();
    assert_eq!((counts.sent, counts.digests, counts.held_back, counts.waiting), (2, 1, 99, 0));
}

#[test]
fn a_mail_is_tried_again_and_arrives() {
    let desk = Desk::failing(Some(2));
    let alerts = alerts(&desk, &settings());
    alerts.tell(samples::tripped("daily_loss"));
    let counts = until(&alerts, |counts| counts.sent == 1);
    assert_eq!((counts.retried, counts.failed, counts.last_error), (2, 0, None));
    alerts.end(Duration::from_secs(20));
}

#[test]
fn a_mail_that_never_goes_is_given_up_and_the_next_ones_tried() {
    let desk = Desk::failing(None);
    let alerts = alerts(&desk, &settings());
    alerts.tell(samples::tripped("daily_loss"));
    let counts = until(&alerts, |counts| counts.failed == 1);
    assert_eq!((counts.retried, counts.sent), (3, 0));
    assert_eq!(counts.last_error.as_deref(), Some("connect: nobody there"));
    *desk.failures.lock().expect("no panic") = Some(0);
    alerts.tell(samples::tripped("drawdown"));
    until(&alerts, |counts| counts.sent == 1);
    alerts.end(Duration::from_secs(20));
}

#[test]
fn what_somebody_has_to_mend_is_not_tried_again() {
    let desk = Desk { is_lasting: true, ..Desk::failing(None) };
    let alerts = alerts(&desk, &settings());
    alerts.tell(samples::tripped("daily_loss"));
    let counts = until(&alerts, |counts| counts.failed == 1);
    assert_eq!(counts.retried, 0);
    alerts.end(Duration::from_secs(20));
}

#[test]
fn what_matters_less_than_asked_for_is_not_mailed() {
    let desk = Desk::failing(Some(0));
    let alerts = alerts(&desk, &Email { min_level: Level::Critical, ..settings() });
    alerts.tell(Alert::Opened(samples::opened()));
    alerts.tell(samples::tripped("exchange_paused"));
    alerts.tell(samples::tripped("position_drift"));
    alerts.end(Duration::from_secs(20));
    assert_eq!(desk.subjects(), ["[CRITICAL] HFT Bot - Drift found: position_drift"]);
}

#[test]
fn a_position_that_is_taken_over_is_not_told_as_new() {
    let desk = Desk::failing(Some(0));
    let alerts = alerts(&desk, &settings());
    let opened = |seconds| Record::Opened(Opened { time: at(seconds), ..samples::opened() });
    alerts.record(&opened(-1));
    alerts.record(&opened(1));
    alerts.end(Duration::from_secs(20));
    assert_eq!(desk.subjects(), [format!("[INFO] HFT Bot - Position opened: {}", samples::MARKET)]);
}

/// A server that takes a connection and never says a word.
struct Silent(Receiver<()>);

impl Carrier for Silent {
    fn carry(&mut self, _: &Mail) -> Result<(), MailFault> {
        // Ends when the test does.
        let _ = self.0.recv();
        Err(MailFault::passing(Step::Connect, "silence", "none"))
    }
}

#[test]
fn neither_the_bot_nor_its_end_waits_for_a_silent_server() {
    let (test, server) = sync_channel(1);
    let alerts =
        Alerts::with(Box::new(Silent(server)), &settings(), QUICK, identity(Stake::Demo), None, at(0));
    alerts.tell(samples::tripped("daily_loss"));
    let begun = Instant::now();
    let too_many = QUEUE + 700;
    for _ in 0..too_many {
        alerts.tell(samples::tripped("feed_stale"));
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "handing over waits for nothing");
    let told = u64::try_from(too_many + 1).expect("small");
    until(&alerts, |counts| counts.waiting + counts.held_back + counts.dropped == told);
    let begun = Instant::now();
    alerts.end(Duration::from_millis(50));
    assert!(begun.elapsed() < Duration::from_secs(5));
    drop(test);
}

#[test]
fn alerts_that_are_off_cost_nothing_and_say_so() {
    let alerts = Alerts::off();
    alerts.tell(samples::tripped("daily_loss"));
    assert_eq!(alerts.counts(), MailCounts::default());
    alerts.end(Duration::ZERO);
}
