use super::*;
use crate::engine::record::{FillRecord, StateRecord};
use crate::exchange::core::{ExchangeSettings, NewOrder, SelfTrade, Standing};
use crate::exchange::server::{KeySource, ServerSettings};
use crate::execution::OrderId;
use crate::fees::{BalancePrecision, FeeKind, FeeSchedule};
use crate::kalshi::model::{SelfTradePrevention, TimeInForce};
use crate::kalshi::sign::{KeyKind, generate};
use crate::market::{Level, MarketSpec, PriceGrid};
use crate::replay::driver::{FrameCounts, PositionView};
use crate::units::{Price, Ratio};

const TICKER: &str = "KXSOAK-1-Y";

fn limits() -> Limits {
    Limits {
        max_position_size: Ratio::from_raw(100_000),
        max_event_exposure: Ratio::from_raw(100_000),
        max_total_exposure: Ratio::from_raw(150_000),
        max_positions: 2,
        max_daily_loss: Ratio::from_raw(50_000),
        max_drawdown: Ratio::from_raw(0),
        max_consecutive_losses: 5,
        circuit_breaker_enabled: true,
        max_feed_silence: Duration::from_secs(15),
        pause_margin: Duration::ZERO,
    }
}

fn price(text: &str) -> Price {
    text.parse().expect("a price")
}

fn contracts(count: i64) -> Quantity {
    Quantity::from_contracts(count)
}

/// An exchange with 1,000 dollars and a market quoted at 0.89 and 0.90.
fn exchange() -> Served {
    let key =
        KeySource::Given { key_id: "audit".to_owned(), public_pem: generate(KeyKind::Ed25519).public_pem };
    let settings = ServerSettings {
        key,
        cash: vec![(0, Money::from_dollars(1_000))],
        exchange: ExchangeSettings {
            precision: BalancePrecision::Direct,
            settlement_timer: Duration::from_secs(1),
        },
        ..ServerSettings::default()
    };
    let (served, _) = Served::open(settings).expect("an exchange");
    served.control(|exchange, _, now| {
        exchange.list(now, spec(TICKER, now));
        exchange.list(now, spec("KXSOAK-2-Y", now));
        for ticker in [TICKER, "KXSOAK-2-Y"] {
            let level = |text| [Level { price: price(text), size: contracts(5_000) }];
            let (bids, asks) = (level("0.89"), level("0.90"));
            let stamp = crate::engine::Stamp::default();
            exchange.follow(now, &crate::engine::Event::Snapshot { ticker, stamp, bids: &bids, asks: &asks });
        }
    });
    served
}

fn spec(ticker: &str, now: Timestamp) -> MarketSpec {
    MarketSpec {
        ticker: ticker.to_owned(),
        event: ticker.to_owned(),
        series: "KXSOAK".to_owned(),
        category: "Soak".to_owned(),
        title: ticker.to_owned(),
        open: now - Duration::from_hours(1),
        close: now + Duration::from_hours(3),
        grid: PriceGrid::cents(),
        fees: FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 },
        status: MarketStatus::Active,
        volume: contracts(20_000),
        shard: 0,
    }
}

fn order(name: &str, side: BookSide, at: &str, count: i64) -> CreateOrder {
    CreateOrder {
        ticker: TICKER.to_owned(),
        side,
        count: contracts(count),
        price: price(at),
        time_in_force: TimeInForce::ImmediateOrCancel,
        self_trade_prevention_type: SelfTradePrevention::TakerAtCross,
        client_order_id: Some(name.to_owned()),
        expiration_time: None,
        post_only: None,
        reduce_only: None,
        cancel_order_on_pause: None,
        order_group_id: Some("a group".to_owned()),
        subaccount: None,
        exchange_index: None,
    }
}

/// Has an order carried out at the exchange, past the audit.
fn place(served: &Served, name: &str, ticker: &str, side: Side, at: &str, count: i64, rests: bool) {
    let placed = served.control(|exchange, account, now| {
        let standing =
            if rests { Standing::GoodTillCancelled { expires: None } } else { Standing::ImmediateOrCancel };
        let order = NewOrder {
            ticker: ticker.to_owned(),
            side,
            price: price(at),
            quantity: contracts(count),
            standing,
            self_trade: SelfTrade::TakerAtCross,
            client_order_id: Some(name.to_owned()),
            post_only: false,
            reduce_only: false,
            cancel_on_pause: false,
            group: None,
            shard: None,
        };
        exchange.place(now, account, order)
    });
    placed.expect("it is taken");
}

fn rule(audit: &Audit) -> Option<&'static str> {
    audit.violation.as_ref().map(|violation| violation.rule)
}

/// What the audit says of one order that arrives.
fn arriving(served: &Served, order: &CreateOrder) -> Option<&'static str> {
    let mut audit = Audit::new(limits());
    audit.arriving(order, served, false);
    rule(&audit)
}

fn state(code: &'static str, added: bool) -> Record {
    Record::State(StateRecord {
        time: Timestamp::EPOCH,
        trading: "halted",
        reasons: vec![code],
        changed: code,
        added,
        latched: true,
        detail: String::new(),
    })
}

fn entry() -> Record {
    Record::Order(OrderRecord {
        time: Timestamp::EPOCH,
        order: OrderId(1),
        market: TICKER.into(),
        side: Side::Bid,
        price: price("0.90"),
        quantity: contracts(1),
        filled: Quantity::ZERO,
        purpose: Purpose::Entry,
        state: OrderState::Sent,
        reason: None,
    })
}

fn progress(time: Timestamp, cash: Money, reasons: &[&'static str]) -> Progress {
    Progress {
        time,
        started: Timestamp::EPOCH,
        ends: None,
        markets: 1,
        tradable: 1,
        frames: FrameCounts::default(),
        signals: 0,
        trading: "active",
        reasons: reasons.to_vec(),
        cash,
        equity: cash,
        total_pnl: Money::ZERO,
        positions: Vec::new(),
        orders: Vec::new(),
    }
}

#[tokio::test]
async fn an_order_arrives_once_unless_the_network_brings_it_again() {
    let served = exchange();
    let mut audit = Audit::new(limits());
    let order = order("kb-1-1", BookSide::Bid, "0.90", 10);
    audit.arriving(&order, &served, false);
    audit.arriving(&order, &served, true);
    audit.put_off(&order);
    assert_eq!(rule(&audit), None);
    audit.arriving(&order, &served, false);
    assert_eq!(rule(&audit), None, "nothing was done with it before");
    audit.arriving(&order, &served, false);
    assert_eq!(rule(&audit), Some("order_twice"));
}

#[tokio::test]
async fn nothing_is_bought_where_something_is_held_or_works() {
    let served = exchange();
    let entry = order("kb-1-2", BookSide::Bid, "0.90", 10);
    assert_eq!(arriving(&served, &entry), None);
    place(&served, "kb-1-1", TICKER, Side::Bid, "0.80", 10, true);
    assert_eq!(arriving(&served, &entry), Some("two_entries"), "one works");
    let served = exchange();
    place(&served, "kb-1-1", TICKER, Side::Bid, "0.90", 10, false);
    assert_eq!(arriving(&served, &entry), Some("two_entries"), "something is held");
}

#[tokio::test]
async fn no_more_is_sold_than_is_held_and_not_for_sale_already() {
    let served = exchange();
    place(&served, "kb-1-1", TICKER, Side::Bid, "0.90", 10, false);
    assert_eq!(arriving(&served, &order("kb-1-2", BookSide::Ask, "0.89", 10)), None);
    assert_eq!(arriving(&served, &order("kb-1-2", BookSide::Ask, "0.89", 11)), Some("oversold"));
    place(&served, "kb-1-2", TICKER, Side::Ask, "0.95", 4, true);
    assert_eq!(arriving(&served, &order("kb-1-3", BookSide::Ask, "0.89", 6)), None);
    assert_eq!(arriving(&served, &order("kb-1-3", BookSide::Ask, "0.89", 7)), Some("oversold"));
    // The same with NO, which is bought with an ask.
    let served = exchange();
    place(&served, "kb-1-1", TICKER, Side::Ask, "0.89", 10, false);
    assert_eq!(arriving(&served, &order("kb-1-2", BookSide::Bid, "0.90", 10)), None);
    assert_eq!(arriving(&served, &order("kb-1-2", BookSide::Bid, "0.90", 11)), Some("oversold"));
}

#[tokio::test]
async fn limits_hold_for_one_position_for_all_and_for_their_number() {
    let served = exchange();
    assert_eq!(arriving(&served, &order("kb-1-1", BookSide::Bid, "0.90", 111)), None);
    assert_eq!(
        arriving(&served, &order("kb-1-1", BookSide::Bid, "0.90", 120)),
        Some("limits"),
        "one of 10 %"
    );
    place(&served, "kb-1-1", "KXSOAK-2-Y", Side::Bid, "0.90", 100, false);
    assert_eq!(arriving(&served, &order("kb-1-2", BookSide::Bid, "0.90", 50)), None);
    assert_eq!(arriving(&served, &order("kb-1-2", BookSide::Bid, "0.90", 80)), Some("limits"), "all of 15 %");
    let mut audit = Audit::new(Limits { max_positions: 1, ..limits() });
    audit.arriving(&order("kb-1-2", BookSide::Bid, "0.90", 1), &served, false);
    assert_eq!(rule(&audit), Some("limits"), "one position");
}

#[tokio::test]
async fn every_order_carries_its_own_end() {
    let served = exchange();
    let rests = CreateOrder {
        time_in_force: TimeInForce::GoodTillCanceled,
        expiration_time: Some(1),
        cancel_order_on_pause: Some(true),
        ..order("kb-1-1", BookSide::Bid, "0.90", 1)
    };
    assert_eq!(arriving(&served, &rests), None);
    for lacking in [
        CreateOrder { expiration_time: None, ..rests.clone() },
        CreateOrder { cancel_order_on_pause: None, ..rests.clone() },
        CreateOrder { order_group_id: None, ..rests },
    ] {
        assert_eq!(arriving(&served, &lacking), Some("unprotected"), "{lacking:?}");
    }
}

#[tokio::test]
async fn a_latched_halt_stops_entries_and_outlives_a_restart() {
    let served = exchange();
    let now = served.now();
    let mut audit = Audit::new(limits());
    audit.record(&entry());
    assert_eq!(rule(&audit), None);
    audit.record(&state("losing_streak", true));
    audit.begin_process(false);
    audit.progress(&progress(now, Money::from_dollars(1_000), &["losing_streak"]), &served);
    assert_eq!(rule(&audit), None);
    audit.begin_process(false);
    audit.progress(&progress(now, Money::from_dollars(1_000), &[]), &served);
    assert_eq!(rule(&audit), Some("forgotten_halt"));

    let mut audit = Audit::new(limits());
    audit.record(&state("losing_streak", true));
    audit.record(&entry());
    assert_eq!(rule(&audit), Some("halted_entry"));

    let mut audit = Audit::new(limits());
    audit.record(&state("losing_streak", true));
    audit.begin_process(true);
    audit.progress(&progress(now, Money::from_dollars(1_000), &[]), &served);
    audit.record(&entry());
    assert_eq!(rule(&audit), None, "a person cleared it");
}

#[tokio::test]
async fn a_halt_that_a_person_cleared_does_not_come_back() {
    let served = exchange();
    let mut audit = Audit::new(limits());
    audit.record(&state("losing_streak", true));
    audit.begin_process(true);
    audit.progress(&progress(served.now(), Money::from_dollars(1_000), &["feed_stale"]), &served);
    assert_eq!(rule(&audit), None, "one that heals may be in force at any time");
    audit.begin_process(false);
    audit.progress(&progress(served.now(), Money::from_dollars(1_000), &["losing_streak"]), &served);
    assert_eq!(rule(&audit), Some("revived_halt"));
}

#[tokio::test]
async fn an_entry_is_in_the_journal_before_it_leaves() {
    let served = exchange();
    let entry = order("kb-1-1", BookSide::Bid, "0.90", 1);
    let mut audit = Audit::new(limits());
    audit.left_unwritten(&entry);
    audit.arriving(&CreateOrder { reduce_only: Some(true), ..entry.clone() }, &served, false);
    assert_eq!(rule(&audit), None, "what closes is sent all the same");
    audit = Audit::new(limits());
    audit.left_unwritten(&entry);
    audit.arriving(&entry, &served, false);
    assert_eq!(rule(&audit), Some("unwritten"));
}

#[test]
fn drift_that_nobody_caused_is_false() {
    for code in ["position_drift", "ledger_drift", "auth_failed"] {
        let mut audit = Audit::new(limits());
        audit.record(&state(code, true));
        assert_eq!(rule(&audit), Some("false_drift"));
    }
}

#[test]
fn a_fill_is_booked_once() {
    let fill = Record::Fill(FillRecord {
        trade_id: "trade".into(),
        order: OrderId(1),
        market: TICKER.into(),
        side: Side::Bid,
        price: price("0.90"),
        quantity: contracts(1),
        fee: Money::ZERO,
        is_taker: true,
        time: Timestamp::EPOCH,
        purpose: Purpose::Entry,
    });
    let mut audit = Audit::new(limits());
    audit.record(&fill);
    assert_eq!(rule(&audit), None);
    audit.record(&fill);
    assert_eq!(rule(&audit), Some("fill_twice"));
}

#[tokio::test]
async fn books_that_stay_wrong_are_found_and_those_that_catch_up_are_not() {
    let served = exchange();
    let start = served.now();
    let right = Money::from_dollars(1_000);
    let wrong = right - Money::from_raw(1);
    let held = PositionView {
        market: TICKER.into(),
        outcome: Outcome::Yes,
        quantity: contracts(1),
        entry_price: price("0.90"),
        mark: None,
        target: Price::ONE,
        stop: Price::ZERO,
        unrealised: Money::ZERO,
        since: start,
    };
    let at = |minutes| start + Duration::from_mins(minutes);
    let mut audit = Audit::new(limits());
    audit.calm(start, true);
    for minute in 0..3 {
        audit.progress(&progress(at(minute), wrong, &[]), &served);
    }
    audit.progress(&progress(at(3), right, &[]), &served);
    for minute in 4..8 {
        audit.progress(&progress(at(minute), wrong, &[]), &served);
    }
    assert_eq!(rule(&audit), None);
    audit.progress(&progress(at(8), wrong, &[]), &served);
    assert_eq!(rule(&audit), Some("wrong_books"), "a micro-dollar for four minutes");

    let mut audit = Audit::new(limits());
    audit.calm(start, true);
    for minute in 0..=4 {
        let progress = Progress { positions: vec![held.clone()], ..progress(at(minute), right, &[]) };
        audit.progress(&progress, &served);
    }
    assert_eq!(rule(&audit), Some("wrong_books"), "a position that isn't there");

    let mut audit = Audit::new(limits());
    for minute in 0..60 {
        audit.progress(&progress(at(minute), wrong, &[]), &served);
    }
    assert_eq!(rule(&audit), None, "while things go wrong it may be behind");
}
