use super::*;

type Change = fn(&mut NewOrder);

#[test]
fn every_flaw_of_an_order_has_its_refusal() {
    let cases: [(&str, Change, Refusal); 13] = [
        ("ticker", |order| order.ticker = "KXNONE".into(), Refusal::MarketNotFound),
        ("shard", |order| order.shard = Some(2), Refusal::WrongShard),
        ("off the grid", |order| order.price = price("0.505"), Refusal::InvalidPrice),
        ("zero", |order| order.price = Price::ZERO, Refusal::InvalidPrice),
        ("one", |order| order.price = Price::ONE, Refusal::InvalidPrice),
        ("nothing", |order| order.quantity = Quantity::ZERO, Refusal::InvalidQuantity),
        ("too much", |order| order.quantity = Quantity::MAX, Refusal::InvalidQuantity),
        (
            "expired",
            |order| order.standing = Standing::GoodTillCancelled { expires: Some(ms(5)) },
            Refusal::InvalidExpiry,
        ),
        ("reduce-only and resting", |order| order.reduce_only = true, Refusal::InvalidOrder),
        (
            "post-only and immediate",
            |order| {
                order.post_only = true;
                order.standing = Standing::ImmediateOrCancel;
            },
            Refusal::InvalidOrder,
        ),
        ("client id", |order| order.client_order_id = Some("a b".into()), Refusal::InvalidOrder),
        ("group", |order| order.group = Some(GroupKey(7)), Refusal::GroupNotFound),
        ("cash", |order| order.quantity = contracts(2_000), Refusal::InsufficientBalance),
    ];
    let mut house = House::empty();
    house.now = ms(5);
    for (what, change, refusal) in cases {
        let mut order = bid("0.50", 10);
        change(&mut order);
        assert_eq!(house.try_place(house.ann, order), Err(refusal), "{what}");
    }
    assert_eq!(house.exchange.orders(house.ann).count(), 0);
    let smallest = NewOrder { quantity: Quantity::from_raw(1), shard: Some(0), ..bid("0.50", 1) };
    house.rest(house.ann, smallest);
}

#[test]
fn a_client_id_serves_once_for_each_account() {
    let mut house = House::empty();
    let named = |name: &str| NewOrder { client_order_id: Some(name.into()), ..bid("0.50", 1) };
    let key = house.rest(house.ann, named("kb-1-1"));
    house.rest(house.bob, named("kb-1-1"));
    house.exchange.cancel(house.now, house.ann, key).unwrap();
    assert_eq!(house.try_place(house.ann, named("kb-1-1")), Err(Refusal::DuplicateClientId));
    assert_eq!(house.exchange.order_by_client_id(house.ann, "kb-1-1").map(|view| view.key), Some(key));

    let other = house.rest(house.ann, named("kb-1-2"));
    let rename = |old: Option<&str>, new: &str| Amendment {
        client_order_id: old.map(Into::into),
        new_client_order_id: Some(new.into()),
        ..amendment(&bid("0.50", 1))
    };
    let now = house.now;
    let mut amend = |change| house.exchange.amend(now, AccountId(0), other, change);
    assert_eq!(amend(rename(None, "kb-1-1")), Err(Refusal::DuplicateClientId));
    assert_eq!(amend(rename(Some("kb-9-9"), "kb-1-3")), Err(Refusal::ClientIdMismatch));
    amend(rename(Some("kb-1-2"), "kb-1-3")).unwrap();
    for name in ["kb-1-2", "kb-1-3"] {
        assert_eq!(house.exchange.order_by_client_id(house.ann, name).map(|view| view.key), Some(other));
    }
}

#[test]
fn an_amendment_is_checked_like_an_order() {
    let mut house = House::open();
    let key = house.rest(house.ann, NewOrder { post_only: true, ..bid("0.50", 10) });
    house.print(Side::Ask, "0.50", 4);
    let cases: [(Amendment, Refusal); 8] = [
        (Amendment { ticker: "KXNONE".into(), ..amendment(&bid("0.50", 9)) }, Refusal::TickerMismatch),
        (amendment(&ask("0.50", 9)), Refusal::SideMismatch),
        (amendment(&bid("0.505", 9)), Refusal::InvalidPrice),
        (amendment(&bid("0.50", 0)), Refusal::InvalidQuantity),
        (amendment(&bid("0.50", 4)), Refusal::InvalidQuantity),
        (Amendment { expiry: Expiry::At(ms(0)), ..amendment(&bid("0.50", 9)) }, Refusal::InvalidExpiry),
        (amendment(&bid("0.62", 9)), Refusal::PostOnlyCross),
        (amendment(&bid("0.50", 5_000)), Refusal::InsufficientBalance),
    ];
    assert_eq!(house.view(key).filled, contracts(4));
    let before = house.view(key).clone();
    house.news();
    for (change, refusal) in cases {
        assert_eq!(
            house.exchange.amend(house.now, house.ann, key, change.clone()),
            Err(refusal),
            "{change:?}"
        );
    }
    assert_eq!(house.view(key), &before);
    assert!(house.news().is_empty());
    let of_other = house.exchange.amend(house.now, house.bob, key, amendment(&bid("0.50", 9)));
    assert_eq!(of_other, Err(Refusal::OrderNotFound));
}

#[test]
fn pauses_refuse_by_shard_and_let_cancels_through_while_the_exchange_is_up() {
    let mut house = House::empty();
    let stays = house.rest(house.ann, bid("0.50", 1));
    let goes = house.rest(house.ann, NewOrder { cancel_on_pause: true, ..bid("0.50", 1) });
    house.exchange.pause(house.now, Some(2), true, false);
    assert!(house.exchange.is_trading(0) && !house.exchange.is_trading(2));
    house.rest(house.ann, bid("0.49", 1));

    house.exchange.pause(house.now, None, true, false);
    assert_eq!(house.view(goes).status, OrderStatus::Cancelled(Removal::Paused));
    assert_eq!(house.view(stays).status, OrderStatus::Resting);
    assert_eq!(house.try_place(house.ann, bid("0.50", 1)), Err(Refusal::TradingPaused));
    let change = amendment(&bid("0.51", 1));
    assert_eq!(house.exchange.amend(house.now, house.ann, stays, change), Err(Refusal::TradingPaused));

    house.exchange.pause(house.now, Some(0), true, true);
    assert!(!house.exchange.is_active(0) && house.exchange.is_active(2));
    assert_eq!(house.exchange.cancel(house.now, house.ann, stays), Err(Refusal::ExchangePaused));
    assert!(house.exchange.cancel_all(house.now, house.ann).is_empty());
    assert_eq!(house.try_place(house.ann, bid("0.50", 1)), Err(Refusal::ExchangePaused));

    house.exchange.pause(house.now, Some(0), true, false);
    house.exchange.cancel(house.now, house.ann, stays).unwrap();
    house.follow(&Event::Exchange { trading: true });
    house.rest(house.ann, bid("0.50", 1));
}
