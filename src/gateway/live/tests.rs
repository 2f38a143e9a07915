//! The live gateway before an exchange whose answers are written down, over a real connection.

mod doubt;
mod scripted;

use super::*;
use crate::execution::{CancelReason, Fill, Purpose, TimeInForce};
use crate::fees::{FeeKind, FeeSchedule};
use crate::market::{MarketId, MarketSpec, MarketStatus, PriceGrid, Side};
use crate::units::{Price, Quantity};
use scripted::Scripted;
use serde_json::{Value, json};

const START: Timestamp = Timestamp::from_secs(1_795_000_000);
const OK_EMPTY: Duration = Duration::from_secs(20);

fn price(text: &str) -> Price {
    text.parse().expect("a price")
}

/// A gateway, its exchange, and the words to drive both.
struct Desk {
    exchange: Scripted,
    gateway: LiveGateway,
    inbox: mpsc::UnboundedReceiver<Answer>,
    catalogue: Catalogue,
    now: Timestamp,
    orders: u64,
    /// Names that became known.
    named: Vec<(OrderId, String)>,
}

impl Desk {
    async fn open() -> Self {
        let exchange = Scripted::start().await;
        let settings = LiveSettings {
            prefix: Prefix::default(),
            run: RunTag::of_start(START),
            started: START,
            order_lifetime: Duration::from_mins(5),
            groups: BTreeMap::from([(2, "g2".to_owned())]),
        };
        let (gateway, inbox) = LiveGateway::new(exchange.client(), settings);
        let mut catalogue = Catalogue::default();
        catalogue.list(MarketSpec {
            ticker: "M".into(),
            event: "E".into(),
            series: "S".into(),
            category: "Crypto".into(),
            title: "M".into(),
            open: START - Duration::from_hours(1),
            close: START + Duration::from_hours(3),
            grid: PriceGrid::cents(),
            fees: FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 },
            status: MarketStatus::Active,
            volume: Quantity::from_contracts(20_000),
            shard: 2,
        });
        Self { exchange, gateway, inbox, catalogue, now: START, orders: 0, named: Vec::new() }
    }

    fn name(order: OrderId) -> String {
        ClientOrderId { prefix: Prefix::default(), run: RunTag::of_start(START), order }.to_string()
    }

    fn send(&mut self, time_in_force: TimeInForce) -> OrderId {
        self.orders += 1;
        let is_ioc = time_in_force == TimeInForce::ImmediateOrCancel;
        let request = OrderRequest {
            id: OrderId(self.orders),
            market: MarketId(0),
            side: Side::Bid,
            price: price("0.91"),
            quantity: Quantity::from_contracts(10),
            time_in_force,
            post_only: !is_ioc,
            reduce_only: false,
            purpose: Purpose::Entry,
        };
        self.gateway.submit(self.now, &Command::Place(request), &self.catalogue);
        OrderId(self.orders)
    }

    fn take_off(&mut self, order: OrderId) {
        self.gateway.submit(self.now, &Command::Cancel { order }, &self.catalogue);
    }

    /// Takes the next answer and tells what follows from it.
    async fn answer(&mut self) -> Vec<Told> {
        let answer = tokio::time::timeout(OK_EMPTY, self.inbox.recv()).await.expect("an answer in time");
        self.gateway.take(self.now, answer.expect("the gateway lives"));
        self.told()
    }

    fn told(&mut self) -> Vec<Told> {
        let mut told = Vec::new();
        self.gateway.drain(&mut told);
        told.retain(|told| match told {
            Told::Named { order, exchange_id } => {
                self.named.push((*order, exchange_id.clone()));
                false
            }
            _ => true,
        });
        told
    }

    /// Lets time pass and tells what follows from that alone.
    fn wait(&mut self, span: Duration) -> Vec<Told> {
        self.now = self.now + span;
        self.gateway.beat(self.now);
        self.told()
    }

    /// Hears a frame of the account's own.
    fn hear(&mut self, frame: &Value) -> Vec<Told> {
        let frame = frame.to_string();
        let mut decoder = ws::Decoder::default();
        match decoder.decode(frame.as_bytes()).expect("a sound frame").message {
            ws::Message::Fill(fill) => self.gateway.hear_fill(self.now, &fill),
            ws::Message::UserOrder(order) => self.gateway.hear_order(self.now, &order),
            other => panic!("not of the account: {other:?}"),
        }
        self.told()
    }

    fn fill_frame(trade: &str, order: OrderId, contracts: &str) -> Value {
        json!({"type": "fill", "sid": 3, "msg": {
            "trade_id": trade, "order_id": "o1", "client_order_id": Self::name(order), "market_ticker": "M",
            "exchange_index": 2, "is_taker": true, "outcome_side": "yes", "book_side": "bid",
            "yes_price_dollars": "0.9000", "count_fp": contracts, "fee_cost": "0.0100", "ts_ms": 1_795_000_000_100_i64}})
    }

    fn order_frame(order: OrderId, status: &str, filled: &str, reason: Option<&str>) -> Value {
        json!({"type": "user_order", "sid": 4, "msg": {
            "order_id": "o1", "client_order_id": Self::name(order), "ticker": "M", "exchange_index": 2,
            "status": status, "outcome_side": "yes", "book_side": "bid", "yes_price_dollars": "0.9100",
            "initial_count_fp": "10.00", "fill_count_fp": filled, "remaining_count_fp": "0.00",
            "taker_fill_cost_dollars": "0", "maker_fill_cost_dollars": "0", "created_ts_ms": 1_795_000_000_000_i64,
            "last_update_reason": reason}})
    }

    fn order_body(order: OrderId, status: &str, filled: &str) -> Value {
        json!({"order_id": "o1", "client_order_id": Self::name(order), "ticker": "M", "outcome_side": "yes",
            "book_side": "bid", "type": "limit", "status": status, "yes_price_dollars": "0.9100",
            "no_price_dollars": "0.0900", "initial_count_fp": "10.00", "fill_count_fp": filled,
            "remaining_count_fp": "0.00", "taker_fill_cost_dollars": "0", "maker_fill_cost_dollars": "0",
            "taker_fees_dollars": "0", "maker_fees_dollars": "0"})
    }

    fn fill_body(trade: &str, contracts: &str) -> Value {
        json!({"fill_id": trade, "trade_id": trade, "order_id": "o1", "ticker": "M", "exchange_index": 2,
            "outcome_side": "yes", "book_side": "bid", "count_fp": contracts, "yes_price_dollars": "0.9000",
            "no_price_dollars": "0.1000", "is_taker": true, "fee_cost": "0.0100", "ts": 1_795_000_000})
    }
}

const RESTING: TimeInForce = TimeInForce::GoodTillCancelled { expires: None };
const IOC: TimeInForce = TimeInForce::ImmediateOrCancel;

fn created(filled: &str, remaining: &str) -> Value {
    json!({"order_id": "o1", "fill_count": filled, "remaining_count": remaining, "ts_ms": 1_795_000_000_050_i64})
}

fn accepted(order: OrderId) -> Told {
    Told::Update(OrderUpdate::Accepted { order })
}

fn cancelled(order: OrderId, reason: CancelReason) -> Told {
    Told::Update(OrderUpdate::Cancelled { order, reason })
}

fn catching_up(in_force: bool) -> Told {
    Told::Halt { reason: HaltReason::CatchingUp, in_force, detail: String::new() }
}

fn rejected(order: OrderId, reason: RejectReason) -> Told {
    Told::Update(OrderUpdate::Rejected { order, reason })
}

/// Trade ids and contracts of the fills among what was told.
fn fills(told: &[Told]) -> Vec<(String, Quantity)> {
    told.iter()
        .filter_map(|told| match told {
            Told::Update(OrderUpdate::Filled(Fill { trade_id, quantity, .. })) => {
                Some((trade_id.to_string(), *quantity))
            }
            _ => None,
        })
        .collect()
}

fn ten(trade: &str, contracts: &str) -> (String, Quantity) {
    (trade.to_owned(), contracts.parse().expect("a count"))
}

#[tokio::test]
async fn an_order_goes_out_with_every_brake_that_the_exchange_offers() {
    let mut desk = Desk::open().await;
    desk.exchange.answer("POST /portfolio/events/orders", 201, created("0.00", "10.00"));
    desk.exchange.answer("POST /portfolio/events/orders", 201, created("0.00", "0.00"));
    let resting = desk.send(RESTING);
    assert_eq!(desk.answer().await, [accepted(resting)]);
    assert_eq!(desk.named, [(resting, "o1".to_owned())]);
    let taking = desk.send(IOC);
    assert_eq!(desk.answer().await, [accepted(taking), cancelled(taking, CancelReason::ImmediateOrCancel)]);
    let sent = desk.exchange.bodies("POST /portfolio/events/orders");
    let expected = json!({"ticker": "M", "side": "bid", "count": "10.00", "price": "0.910000",
        "time_in_force": "good_till_canceled", "self_trade_prevention_type": "taker_at_cross",
        "client_order_id": Desk::name(resting), "expiration_time": 1_795_000_300, "post_only": true,
        "cancel_order_on_pause": true, "order_group_id": "g2", "exchange_index": 2});
    assert_eq!(same_decimals(&sent[0]), same_decimals(&expected));
    assert_eq!(sent[1]["time_in_force"], "immediate_or_cancel");
    assert_eq!(
        (&sent[1]["expiration_time"], &sent[1]["cancel_order_on_pause"]),
        (&Value::Null, &Value::Null)
    );
}

/// Decimals may carry more noughts or fewer.
fn same_decimals(body: &Value) -> Value {
    let mut body = body.clone();
    body["price"] = price(body["price"].as_str().expect("a price")).to_string().into();
    body
}

#[tokio::test]
async fn fills_that_come_early_or_twice_are_booked_once() {
    let mut desk = Desk::open().await;
    desk.exchange.answer("POST /portfolio/events/orders", 201, created("10.00", "0.00"));
    let order = desk.send(IOC);
    let first = Desk::fill_frame("t1", order, "4.00");
    assert_eq!(fills(&desk.hear(&first)), [ten("t1", "4.00")], "before the answer");
    assert_eq!(desk.answer().await, [accepted(order)], "six contracts are still to come");
    assert_eq!(desk.hear(&first), []);
    let second = Desk::fill_frame("t2", order, "6.00");
    assert_eq!(fills(&desk.hear(&second)), [ten("t2", "6.00")]);
    assert_eq!(desk.gateway.open_orders(), 0, "all of it is filled");
    assert_eq!(desk.hear(&second), []);
}

#[tokio::test]
async fn an_end_is_told_after_its_fills_which_are_asked_for_if_they_do_not_come() {
    let mut desk = Desk::open().await;
    desk.exchange.answer("POST /portfolio/events/orders", 201, created("4.00", "0.00"));
    let order = desk.send(IOC);
    assert_eq!(desk.answer().await, [accepted(order)]);
    assert_eq!(desk.wait(Duration::from_millis(500)), []);
    assert_eq!(desk.exchange.count("GET /portfolio/orders/o1"), 0);
    desk.exchange.answer(
        "GET /portfolio/orders/o1",
        200,
        json!({"order": Desk::order_body(order, "canceled", "4.00")}),
    );
    desk.exchange.answer(
        "GET /portfolio/fills",
        200,
        json!({"fills": [Desk::fill_body("t1", "4.00")], "cursor": ""}),
    );
    assert_eq!(desk.wait(Duration::from_secs(1)), []);
    let told = desk.answer().await;
    assert_eq!(fills(&told), [ten("t1", "4.00")]);
    assert_eq!(told[1..], [cancelled(order, CancelReason::ImmediateOrCancel)]);
    assert_eq!(desk.gateway.open_orders(), 0);
    let late = Desk::fill_frame("t1", order, "4.00");
    assert_eq!(desk.hear(&late), [], "the stream's own word on it comes after all");
}

#[tokio::test]
async fn refusals_are_told_by_their_reason_and_never_sent_again() {
    for (status, code, expected) in [
        (400, "invalid_price", RejectReason::InvalidPrice),
        (400, "available_balance_too_low", RejectReason::InsufficientBalance),
        (400, "MARKET_INACTIVE", RejectReason::MarketInactive),
        (400, "invalid_order: post only cross", RejectReason::PostOnlyCross),
        (400, "REDUCE_ONLY", RejectReason::ReduceOnly),
        (400, "trading_paused", RejectReason::ExchangePaused),
        (400, "something_new", RejectReason::Other),
    ] {
        let mut desk = Desk::open().await;
        desk.exchange.answer(
            "POST /portfolio/events/orders",
            status,
            json!({"error": {"code": code, "message": ""}}),
        );
        let order = desk.send(IOC);
        assert_eq!(desk.answer().await, [rejected(order, expected)], "{code}");
        assert_eq!(desk.gateway.open_orders(), 0);
        assert_eq!(desk.exchange.count("POST /portfolio/events/orders"), 1);
    }
}

#[tokio::test]
async fn refused_credentials_halt_until_a_person_has_looked() {
    let mut desk = Desk::open().await;
    let body = json!({"error": {"code": "authentication_error", "message": "no"}});
    desk.exchange.answer("POST /portfolio/events/orders", 401, body);
    let order = desk.send(IOC);
    let told = desk.answer().await;
    assert!(
        matches!(&told[0], Told::Halt { reason: HaltReason::AuthFailed, in_force: true, detail } if detail.contains("401")),
        "{told:?}"
    );
    assert_eq!(told[1..], [rejected(order, RejectReason::Other)]);
}

#[tokio::test]
async fn a_cancel_waits_for_its_order_to_get_in_and_tells_its_end_after_the_fills() {
    let mut desk = Desk::open().await;
    desk.exchange.answer("POST /portfolio/events/orders", 201, created("0.00", "10.00"));
    let taken = json!({"order_id": "o1", "reduced_by": "7.00", "ts_ms": 1});
    desk.exchange.answer("DELETE /portfolio/events/orders/o1", 200, taken);
    let order = desk.send(RESTING);
    desk.take_off(order);
    assert_eq!(
        desk.exchange.count("DELETE /portfolio/events/orders/o1"),
        0,
        "nothing is known to cancel yet"
    );
    assert_eq!(desk.answer().await, [accepted(order)]);
    assert_eq!(desk.answer().await, [], "three contracts were filled first");
    let fill = Desk::fill_frame("t1", order, "3.00");
    let told = desk.hear(&fill);
    assert_eq!(fills(&told), [ten("t1", "3.00")]);
    assert_eq!(told[1..], [cancelled(order, CancelReason::Requested)]);
}

#[tokio::test]
async fn a_cancel_that_finds_nothing_has_the_order_looked_up() {
    let mut desk = Desk::open().await;
    desk.exchange.answer("POST /portfolio/events/orders", 201, created("0.00", "10.00"));
    let order = desk.send(RESTING);
    desk.answer().await;
    desk.exchange.answer(
        "DELETE /portfolio/events/orders/o1",
        404,
        json!({"error": {"code": "not_found", "message": ""}}),
    );
    desk.exchange.answer(
        "GET /portfolio/orders/o1",
        200,
        json!({"order": Desk::order_body(order, "executed", "10.00")}),
    );
    desk.exchange.answer(
        "GET /portfolio/fills",
        200,
        json!({"fills": [Desk::fill_body("t1", "10.00")], "cursor": ""}),
    );
    desk.take_off(order);
    assert_eq!(desk.answer().await, [Told::Update(OrderUpdate::CancelRejected { order })]);
    assert_eq!(fills(&desk.answer().await), [ten("t1", "10.00")]);
    assert_eq!(desk.gateway.open_orders(), 0);
}

#[tokio::test]
async fn the_exchange_s_own_cancels_are_told_by_their_reason() {
    for (word, expected) in [
        (Some("ExpiryCancel"), CancelReason::Expired),
        (Some("CloseCancel"), CancelReason::MarketClosed),
        (Some("PostOnlyCrossCancel"), CancelReason::Exchange),
        (None, CancelReason::Exchange),
    ] {
        let mut desk = Desk::open().await;
        desk.exchange.answer("POST /portfolio/events/orders", 201, created("0.00", "10.00"));
        let order = desk.send(RESTING);
        desk.answer().await;
        let frame = Desk::order_frame(order, "canceled", "0.00", word);
        assert_eq!(desk.hear(&frame), [cancelled(order, expected)], "{word:?}");
        assert_eq!(desk.hear(&frame), []);
    }
}

#[tokio::test]
async fn what_was_missed_while_the_stream_was_down_is_caught_up_with() {
    let mut desk = Desk::open().await;
    desk.exchange.answer("POST /portfolio/events/orders", 201, created("0.00", "10.00"));
    let order = desk.send(RESTING);
    desk.answer().await;
    let mut strange = Desk::fill_body("t9", "1.00");
    strange["order_id"] = "o9".into();
    let mut stranger = Desk::order_body(order, "executed", "1.00");
    (stranger["order_id"], stranger["client_order_id"]) = ("o9".into(), "kb-1-7".into());
    let missed = json!({"fills": [Desk::fill_body("t1", "4.00"), strange], "cursor": ""});
    desk.exchange.answer("GET /portfolio/fills", 200, missed);
    desk.exchange.answer("GET /portfolio/orders/o9", 200, json!({"order": stranger}));
    desk.exchange.answer(
        "GET /portfolio/orders/o1",
        200,
        json!({"order": Desk::order_body(order, "canceled", "4.00")}),
    );
    desk.gateway.catch_up(desk.now);
    assert_eq!(desk.told(), [catching_up(true)], "nothing is opened on what may be an old picture");
    let told = desk.answer().await;
    assert!(
        matches!(&told[0], Told::OtherRun { name, what } if name.to_string() == "kb-1-7" && what.contains("in M")),
        "{told:?}"
    );
    assert_eq!(fills(&told), [ten("t1", "4.00")]);
    assert_eq!(told.last(), Some(&catching_up(false)));
    assert_eq!(
        desk.answer().await,
        [cancelled(order, CancelReason::Exchange)],
        "it no longer rests, so it is looked up"
    );
}

#[tokio::test]
async fn a_catch_up_that_fails_or_is_overtaken_keeps_entries_off_until_one_succeeds() {
    let mut desk = Desk::open().await;
    let missed = || json!({"fills": [], "cursor": ""});
    // A read is tried four times.
    for _ in 0..4 {
        desk.exchange.answer("GET /portfolio/fills", 503, json!({}));
    }
    desk.gateway.catch_up(desk.now);
    assert_eq!(desk.told(), [catching_up(true)]);
    assert_eq!(desk.answer().await, []);
    desk.exchange.answer("GET /portfolio/fills", 200, missed());
    assert_eq!(desk.wait(Duration::from_secs(2)), [catching_up(true)], "it is asked again");
    // The stream breaks once more before the answer is there.
    desk.gateway.catch_up(desk.now);
    assert_eq!(desk.answer().await, [catching_up(true)], "that answer is of before the break");
    assert!(desk.gateway.is_catching_up());
    desk.exchange.answer("GET /portfolio/fills", 200, missed());
    desk.wait(Duration::from_secs(1));
    assert_eq!(desk.answer().await, [catching_up(false)]);
    assert!(!desk.gateway.is_catching_up());
}

#[tokio::test]
async fn a_market_is_calm_while_its_orders_only_rest() {
    let mut desk = Desk::open().await;
    desk.exchange.answer("POST /portfolio/events/orders", 201, created("0.00", "10.00"));
    let order = desk.send(RESTING);
    assert!(!desk.gateway.is_calm_in("M") && desk.gateway.is_calm_in("OTHER"));
    desk.answer().await;
    assert!(desk.gateway.is_calm_in("M") && !desk.gateway.is_quiet_in("M"));
    desk.hear(&Desk::order_frame(order, "resting", "4.00", None));
    assert!(!desk.gateway.is_calm_in("M"), "its fill is still to come");
    desk.hear(&Desk::fill_frame("t1", order, "4.00"));
    let read: model::Fill = serde_json::from_value(Desk::fill_body("t1", "4.00")).expect("a fill");
    desk.gateway.book_fills(desk.now, &[read]);
    assert_eq!(desk.told(), [], "it is known");
    let read: model::Fill = serde_json::from_value(Desk::fill_body("t2", "1.00")).expect("a fill");
    desk.gateway.book_fills(desk.now, &[read]);
    assert_eq!(fills(&desk.told()), [ten("t2", "1.00")], "the stream never told of it");
    desk.take_off(order);
    assert!(!desk.gateway.is_calm_in("M"));
}

#[tokio::test]
async fn an_order_that_should_have_expired_is_looked_up() {
    let mut desk = Desk::open().await;
    desk.exchange.answer("POST /portfolio/events/orders", 201, created("0.00", "10.00"));
    let order = desk.send(RESTING);
    desk.answer().await;
    assert_eq!(desk.wait(Duration::from_mins(5)), []);
    assert_eq!(desk.exchange.count("GET /portfolio/orders/o1"), 0);
    desk.exchange.answer(
        "GET /portfolio/orders/o1",
        200,
        json!({"order": Desk::order_body(order, "canceled", "0.00")}),
    );
    desk.wait(Duration::from_secs(3));
    assert_eq!(desk.answer().await, [cancelled(order, CancelReason::Expired)]);
}
