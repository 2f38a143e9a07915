use super::*;
use crate::market::Resolution;

impl House {
    fn status(&self) -> MarketStatus {
        self.exchange.market(TICKER).unwrap().spec.status
    }

    fn source_status(&mut self, status: MarketStatus) {
        self.follow(&Event::Status { ticker: TICKER, status });
    }

    fn settle(&mut self, resolution: Resolution) {
        self.follow(&Event::Settled { ticker: TICKER, resolution });
    }
}

#[test]
fn a_market_opens_and_closes_on_time_without_a_word() {
    let mut house = House::with_spec(MarketSpec { open: ms(1_000), close: ms(5_000), ..spec() });
    assert_eq!(house.words(), ["listed"]);
    assert_eq!(house.status(), MarketStatus::Initialized);
    assert_eq!(house.try_place(house.ann, bid("0.50", 1)), Err(Refusal::MarketInactive));
    assert_eq!(house.exchange.next_due(), Some(ms(1_000)));
    house.now = ms(1_000);
    house.rest(house.ann, bid("0.50", 1));
    house.news();
    house.wait(Duration::from_secs(4));
    assert_eq!(house.status(), MarketStatus::Closed);
    assert!(house.news().is_empty());
}

#[test]
fn after_the_close_nothing_is_taken_until_the_exchange_clears_the_book() {
    let mut house = House::open();
    let key = house.rest(house.ann, bid("0.50", 3));
    house.news();
    house.now = ms(3_600_000);
    assert_eq!(house.exchange.cancel(house.now, house.ann, key), Err(Refusal::MarketClosed));
    assert_eq!(house.try_place(house.ann, bid("0.50", 1)), Err(Refusal::MarketClosed));
    let change = amendment(&bid("0.50", 2));
    assert_eq!(house.exchange.amend(house.now, house.ann, key, change), Err(Refusal::MarketClosed));
    assert!(house.exchange.cancel_all(house.now, house.ann).is_empty());
    assert_eq!(house.view(key).status, OrderStatus::Resting);
    house.print(Side::Ask, "0.50", 3);
    assert_eq!(house.view(key).filled, Quantity::ZERO);
    house.wait(Duration::from_secs(1));
    assert_eq!(house.view(key).status, OrderStatus::Cancelled(Removal::MarketClosed));
    assert_eq!(house.exchange.reserved(house.ann, 0), Money::ZERO);
    let book = house.exchange.book(TICKER).unwrap();
    assert_eq!((book.depth(Side::Bid), book.depth(Side::Ask)), (0, 0));
}

#[test]
fn an_order_expires_before_anything_can_meet_it() {
    let mut house = House::empty();
    let standing = Standing::GoodTillCancelled { expires: Some(ms(500)) };
    let key = house.rest(house.ann, NewOrder { standing, ..bid("0.50", 3) });
    house.now = ms(500);
    let placed = house.place(house.bob, ask("0.50", 3));
    assert_eq!(placed.filled, Quantity::ZERO);
    let view = house.view(key);
    assert_eq!((view.status, view.updated), (OrderStatus::Cancelled(Removal::Expired), ms(500)));
}

#[test]
fn a_paused_market_takes_cancels_and_starts_afresh() {
    let mut house = House::open();
    let cancelled = house.rest(house.ann, bid("0.50", 1));
    let on_pause = house.rest(house.ann, NewOrder { cancel_on_pause: true, ..bid("0.50", 1) });
    let kept = house.rest(house.ann, bid("0.50", 1));
    house.source_status(MarketStatus::Inactive);
    assert_eq!(house.view(on_pause).status, OrderStatus::Cancelled(Removal::Paused));
    assert_eq!(house.try_place(house.ann, bid("0.50", 1)), Err(Refusal::MarketInactive));
    house.exchange.cancel(house.now, house.ann, cancelled).unwrap();
    assert_eq!(house.view(kept).status, OrderStatus::Resting);
    house.news();
    house.source_status(MarketStatus::Active);
    assert_eq!(house.view(kept).status, OrderStatus::Cancelled(Removal::Paused));
    assert_eq!(house.words()[0], "status Active");
    assert_eq!(house.size(Side::Bid, "0.60"), contracts(30), "the public's liquidity stays");
    house.source_status(MarketStatus::Active);
    assert!(house.words().is_empty());
}

#[test]
fn a_close_moves_both_ways() {
    let mut house = House::empty();
    let key = house.rest(house.ann, bid("0.50", 1));
    house.follow(&Event::CloseMoved { ticker: TICKER, close: ms(7_200_000) });
    house.now = ms(3_600_000);
    house.wait(Duration::from_secs(2));
    assert_eq!(house.status(), MarketStatus::Active);
    house.exchange.close_early(house.now, TICKER).unwrap();
    assert_eq!(house.status(), MarketStatus::Closed);
    assert_eq!(house.exchange.close_early(house.now, TICKER), Err(Refusal::MarketClosed));
    house.follow(&Event::CloseMoved { ticker: TICKER, close: ms(7_200_000) });
    assert_eq!(house.status(), MarketStatus::Active);
    house.wait(Duration::from_secs(2));
    assert_eq!(house.view(key).status, OrderStatus::Resting, "it opened again before the book was cleared");
    house.now = ms(7_200_000);
    house.wait(Duration::from_secs(1));
    assert_eq!(house.view(key).status, OrderStatus::Cancelled(Removal::MarketClosed));
}

#[test]
fn a_result_takes_orders_off_at_once_and_pays_after_the_timer() {
    let mut house = House::empty();
    house.rest(house.ann, ask("0.40", 10));
    house.place(house.bob, bid("0.40", 12));
    house.news();
    house.settle(Resolution::Yes);
    assert_eq!(
        house.words(),
        ["book bid 0.4000 -2.00 1", "order 1 Cancelled(MarketClosed) 0.00", "determined yes"]
    );
    assert_eq!(house.status(), MarketStatus::Determined);
    let before = house.exchange.cash(house.bob, 0);
    house.wait(Duration::from_secs(59));
    assert_eq!(house.exchange.cash(house.bob, 0), before);
    house.wait(Duration::from_secs(1));
    assert_eq!(house.words(), ["position 0 0.00", "position 1 0.00", "settled"]);
    assert_eq!(house.exchange.cash(house.bob, 0) - before, Money::from_dollars(10));
    let [won] = house.exchange.settlements(house.bob) else { panic!("one settlement") };
    assert_eq!((won.quantity, won.cost, won.payout), (contracts(10), dollars("4.00"), dollars("10.00")));
    assert_eq!(won.fees, house.exchange.fills(house.bob)[0].fee);
    let [lost] = house.exchange.settlements(house.ann) else { panic!("one settlement") };
    assert_eq!((lost.quantity, lost.cost, lost.payout), (contracts(-10), dollars("6.00"), Money::ZERO));
    let position = house.exchange.positions(house.ann).next().unwrap();
    assert!(position.is_settled);
    assert_eq!((position.realised, position.cost), (dollars("-6.00"), Money::ZERO));
    let market = house.exchange.market(TICKER).unwrap();
    assert_eq!((market.spec.status, market.settled), (MarketStatus::Finalized, Some(ms(60_000))));
    house.settle(Resolution::No);
    assert_eq!(house.exchange.market(TICKER).unwrap().resolution, Some(Resolution::Yes));
}

#[test]
fn a_scalar_result_pays_each_side_its_part_rounded_to_the_balance() {
    let mut house = House::empty();
    house.rest(house.ann, NewOrder { quantity: Quantity::from_raw(1_001), ..ask("0.40", 1) });
    house.place(house.bob, NewOrder { quantity: Quantity::from_raw(1_001), ..bid("0.40", 1) });
    house.settle(Resolution::Scalar(price("0.2575")));
    house.wait(Duration::from_mins(1));
    assert_eq!(house.exchange.settlements(house.bob)[0].payout, dollars("2.5775"));
    assert_eq!(house.exchange.settlements(house.ann)[0].payout, dollars("7.4324"));
}

#[test]
fn another_grid_binds_new_orders() {
    let mut house = House::empty();
    let key = house.rest(house.ann, bid("0.37", 1));
    house.exchange.change_grid(house.now, TICKER, PriceGrid::uniform(price("0.05"))).unwrap();
    assert_eq!(house.try_place(house.ann, bid("0.37", 1)), Err(Refusal::InvalidPrice));
    assert_eq!(house.view(key).status, OrderStatus::Resting);
    house.follow(&Event::GridChanged { ticker: TICKER, grid: &PriceGrid::uniform(price("0.001")) });
    house.rest(house.ann, bid("0.375", 1));
    let none = house.exchange.change_grid(house.now, "KXNONE", PriceGrid::cents());
    assert_eq!(none, Err(Refusal::MarketNotFound));
}

#[test]
fn fees_of_an_event_bind_its_markets_from_then_on() {
    let mut house = House::open();
    let free = FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 0 };
    house.follow(&Event::FeesChanged { event: EVENT, fees: free });
    let placed = house.place(house.ann, immediate(bid("0.62", 10)));
    assert_eq!(placed.average_fee, Some(Money::ZERO));
}

#[test]
fn a_market_listed_again_keeps_what_has_happened_to_it() {
    let mut house = House::open();
    house.print(Side::Ask, "0.60", 7);
    house.news();
    let again = MarketSpec { title: "Renamed".into(), close: ms(1_800_000), ..spec() };
    house.follow(&Event::Listed(&again));
    assert_eq!(house.words(), ["close moved"]);
    let market = house.exchange.market(TICKER).unwrap();
    assert_eq!((market.spec.title.as_str(), market.spec.volume), ("Renamed", contracts(7)));
    assert_eq!(market.spec.close, ms(1_800_000));
    assert_eq!(house.size(Side::Bid, "0.60"), contracts(30));
    house.follow(&Event::Listed(&MarketSpec { status: MarketStatus::Inactive, ..again }));
    assert_eq!(house.words(), ["status Inactive"]);
}

#[test]
fn markets_that_nothing_came_for_cost_no_book() {
    let mut house = House::empty();
    for number in 0..50_000 {
        let ticker = format!("KXDEMO-{number}");
        house.exchange.list(house.now, MarketSpec { ticker, ..spec() });
    }
    house.delta(Side::Bid, "0.50", 1);
    assert_eq!(house.exchange.markets.iter().filter(|listing| listing.floor.is_some()).count(), 1);
    assert_eq!(house.exchange.book("KXDEMO-7").unwrap().depth(Side::Bid), 0);
    assert!(house.exchange.book("KXNONE").is_none());
    assert_eq!(house.exchange.markets().count(), 50_001);
    house.wait(Duration::from_hours(1));
    assert!(house.exchange.markets().all(|market| market.spec.status == MarketStatus::Closed));
}
