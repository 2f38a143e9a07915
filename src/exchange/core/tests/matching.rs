use super::*;

#[test]
fn a_trade_is_told_in_order_to_both_parties() {
    let mut house = House::empty();
    house.rest(house.ann, NewOrder { client_order_id: Some("a-1".into()), ..ask("0.55", 10) });
    house.news();
    let placed = house.place(house.bob, bid("0.60", 15));
    assert_eq!((placed.filled, placed.remaining), (contracts(10), contracts(5)));
    assert_eq!(placed.average_price, Some(price("0.55")));
    // 0.07 x 10 x 0.55 x 0.45 = 0.17325, up to the next 0.0001.
    assert_eq!(placed.average_fee, Some(dollars("0.01733")));
    assert_eq!(
        house.words(),
        [
            "book ask 0.5500 -10.00 0",
            "print bid 0.5500 10.00",
            "fill 0 maker 0.5500 10.00",
            "order 0 Executed 0.00",
            "position 0 -10.00",
            "fill 1 taker 0.5500 10.00",
            "position 1 10.00",
            "book bid 0.6000 5.00 1",
            "order 1 Resting 5.00",
        ]
    );
    let owner = house.told.iter().find_map(|told| match told {
        Happening::Book { change, owner, .. } if change.is_negative() => owner.clone(),
        _ => None,
    });
    assert_eq!(owner, Some((house.ann, Some("a-1".to_owned()))));
    let (ann, bob) = (&house.exchange.fills(house.ann)[0], &house.exchange.fills(house.bob)[0]);
    assert_eq!(ann.trade_id, bob.trade_id);
    assert_eq!((ann.position_after, bob.position_after), (contracts(-10), contracts(10)));
    assert_eq!(ann.client_order_id.as_deref(), Some("a-1"));
}

#[test]
fn better_prices_come_first_and_older_orders_before_younger() {
    let mut house = House::empty();
    let late = house.rest(house.ann, bid("0.50", 5));
    let dear = house.rest(house.ann, bid("0.52", 5));
    house.delta(Side::Bid, "0.50", 4);
    let last = house.rest(house.ann, bid("0.50", 5));
    assert_eq!(house.exchange.queue_ahead(last), Some(contracts(9)));
    house.place(house.bob, immediate(ask("0.50", 11)));
    assert_eq!(house.view(dear).filled, contracts(5));
    assert_eq!(house.view(late).filled, contracts(5));
    assert_eq!(house.view(last).filled, Quantity::ZERO);
    assert_eq!(house.exchange.queue_ahead(last), Some(contracts(3)), "the public between the two gave one");
    let prices: Vec<Price> = house.exchange.fills(house.bob).iter().map(|fill| fill.price).collect();
    assert_eq!(prices, [price("0.52"), price("0.50"), price("0.50")]);
}

#[test]
fn what_an_immediate_order_does_not_find_is_cancelled() {
    let mut house = House::open();
    let placed = house.place(house.ann, immediate(bid("0.62", 25)));
    assert_eq!((placed.filled, placed.remaining), (contracts(10), Quantity::ZERO));
    let view = house.view(placed.order);
    assert_eq!(view.status, OrderStatus::Cancelled(Removal::ImmediateOrCancel));
    assert_eq!(view.request.quantity, contracts(25));
    let nothing = house.place(house.ann, immediate(bid("0.62", 1)));
    assert_eq!((nothing.filled, nothing.average_price), (Quantity::ZERO, None));
}

#[test]
fn fill_or_kill_is_all_or_nothing() {
    let mut house = House::open();
    let kill = |order| NewOrder { standing: Standing::FillOrKill, ..order };
    let too_many = house.try_place(house.ann, kill(bid("0.63", 31)));
    assert_eq!(too_many, Err(Refusal::InsufficientVolume));
    assert_eq!(house.size(Side::Ask, "0.62"), contracts(10));
    let placed = house.place(house.ann, kill(bid("0.63", 30)));
    assert_eq!(placed.filled, contracts(30));
    assert_eq!(house.view(placed.order).status, OrderStatus::Executed);
}

#[test]
fn fill_or_kill_does_not_count_the_own_orders() {
    let mut house = House::empty();
    house.rest(house.ann, ask("0.50", 5));
    house.rest(house.bob, ask("0.51", 5));
    let kill = NewOrder { standing: Standing::FillOrKill, ..bid("0.51", 5) };
    assert_eq!(house.try_place(house.ann, kill.clone()), Err(Refusal::InsufficientVolume));
    let placed = house.place(house.ann, NewOrder { self_trade: SelfTrade::Maker, ..kill });
    assert_eq!(placed.filled, contracts(5));
}

#[test]
fn post_only_never_takes() {
    let mut house = House::open();
    let crossing = NewOrder { post_only: true, ..bid("0.62", 1) };
    assert_eq!(house.try_place(house.ann, crossing), Err(Refusal::PostOnlyCross));
    house.rest(house.ann, NewOrder { post_only: true, ..bid("0.61", 1) });
    assert_eq!(house.size(Side::Bid, "0.61"), contracts(1));
}

#[test]
fn reduce_only_sells_what_is_held_and_no_more() {
    let mut house = House::open();
    let reduce = NewOrder { reduce_only: true, ..immediate(ask("0.59", 25)) };
    assert_eq!(house.try_place(house.ann, reduce.clone()), Err(Refusal::NothingToReduce));
    house.place(house.ann, immediate(bid("0.62", 10)));
    let wrong_way = NewOrder { reduce_only: true, ..immediate(bid("0.63", 5)) };
    assert_eq!(house.try_place(house.ann, wrong_way), Err(Refusal::NothingToReduce));
    let placed = house.place(house.ann, reduce);
    assert_eq!((placed.filled, placed.remaining), (contracts(10), Quantity::ZERO));
    assert_eq!(house.view(placed.order).status, OrderStatus::Cancelled(Removal::ReduceOnly));
    assert_eq!(house.held(house.ann), Quantity::ZERO);
}

#[test]
fn two_orders_of_one_account_never_trade() {
    let mut house = House::empty();
    let resting = house.rest(house.ann, ask("0.50", 5));
    let stopped = house.place(house.ann, bid("0.50", 8));
    assert_eq!((stopped.filled, stopped.remaining), (Quantity::ZERO, Quantity::ZERO));
    assert_eq!(house.view(stopped.order).status, OrderStatus::Cancelled(Removal::SelfTrade));
    assert_eq!(house.view(resting).status, OrderStatus::Resting);

    house.rest(house.bob, ask("0.50", 3));
    let kept = house.place(house.ann, NewOrder { self_trade: SelfTrade::Maker, ..bid("0.50", 8) });
    assert_eq!((kept.filled, kept.remaining), (contracts(3), contracts(5)));
    assert_eq!(house.view(resting).status, OrderStatus::Cancelled(Removal::SelfTrade));
}

#[test]
fn an_amended_order_keeps_its_place_only_when_it_shrinks_or_lives_longer() {
    let mut house = House::empty();
    let first = house.rest(house.ann, bid("0.50", 10));
    let second = house.rest(house.bob, bid("0.50", 10));
    let ann = house.ann;
    let amend = |house: &mut House, at: &str, count: i64, expiry: Expiry| {
        let change = Amendment { expiry, ..amendment(&bid(at, count)) };
        house.exchange.amend(house.now, ann, first, change).unwrap()
    };
    amend(&mut house, "0.50", 6, Expiry::Keep);
    amend(&mut house, "0.50", 6, Expiry::At(ms(60_000)));
    assert_eq!(house.exchange.queue_ahead(first), Some(Quantity::ZERO));
    assert_eq!(house.exchange.queue_ahead(second), Some(contracts(6)));
    house.news();
    let placed = amend(&mut house, "0.50", 7, Expiry::Remove);
    assert_eq!((placed.filled, placed.remaining), (Quantity::ZERO, contracts(7)));
    assert_eq!(house.exchange.queue_ahead(first), Some(contracts(10)));
    assert_eq!(house.words(), ["book bid 0.5000 -6.00 0", "book bid 0.5000 7.00 0", "order 0 Resting 7.00"]);
    house.wait(Duration::from_mins(2));
    assert_eq!(house.view(first).status, OrderStatus::Resting, "its expiry was taken away");
}

#[test]
fn an_amended_total_counts_what_has_filled_and_a_crossing_price_fills() {
    let mut house = House::empty();
    let key = house.rest(house.ann, bid("0.50", 10));
    house.place(house.bob, immediate(ask("0.50", 4)));
    house.rest(house.bob, ask("0.55", 5));
    let change = amendment(&bid("0.55", 12));
    let placed = house.exchange.amend(house.now, house.ann, key, change).unwrap();
    assert_eq!((placed.filled, placed.remaining), (contracts(5), contracts(3)));
    assert_eq!(placed.average_price, Some(price("0.55")), "the earlier fill at 0.50 isn't of the change");
    let view = house.view(key);
    assert_eq!((view.filled, view.request.quantity), (contracts(9), contracts(12)));
    assert_eq!(view.maker_cost, dollars("2.00"));
    assert_eq!(view.taker_cost, dollars("2.75"));
    assert_eq!(house.size(Side::Bid, "0.55"), contracts(3));
}

#[test]
fn a_decreased_order_keeps_its_place_and_ends_at_nothing() {
    let mut house = House::empty();
    let key = house.rest(house.ann, bid("0.50", 10));
    house.rest(house.bob, bid("0.50", 10));
    let mut decrease = |by| house.exchange.decrease(ms(1), AccountId(0), key, by);
    assert_eq!(decrease(Reduction::By(contracts(3))), Ok(contracts(7)));
    assert_eq!(decrease(Reduction::To(contracts(2))), Ok(contracts(2)));
    assert_eq!(decrease(Reduction::To(contracts(2))), Err(Refusal::InvalidQuantity));
    assert_eq!(decrease(Reduction::By(Quantity::ZERO)), Err(Refusal::InvalidQuantity));
    house.now = ms(1);
    assert_eq!(house.exchange.queue_ahead(key), Some(Quantity::ZERO));
    assert_eq!(house.size(Side::Bid, "0.50"), contracts(12));
    assert_eq!(
        house.exchange.decrease(ms(1), house.ann, key, Reduction::By(contracts(5))),
        Ok(Quantity::ZERO)
    );
    assert_eq!(house.view(key).status, OrderStatus::Cancelled(Removal::Requested));
}

#[test]
fn cancelling_all_takes_the_accounts_own_orders_alone() {
    let mut house = House::empty();
    let own = [house.rest(house.ann, bid("0.50", 1)), house.rest(house.ann, ask("0.60", 1))];
    let other = house.rest(house.bob, bid("0.50", 1));
    assert_eq!(house.exchange.cancel_all(ms(1), house.ann), own);
    assert_eq!(house.view(other).status, OrderStatus::Resting);
    assert_eq!(house.exchange.cancel(ms(1), house.ann, other), Err(Refusal::OrderNotFound));
    assert_eq!(house.exchange.cancel(ms(1), house.bob, other), Ok(contracts(1)));
    assert_eq!(house.exchange.book(TICKER).unwrap().depth(Side::Bid), 0);
}
