//! What agrees, what differs and what can't be judged while a run trades.

use super::*;
use crate::execution::OrderId;
use crate::market::Side;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_secs(1_795_000_000);
const EARLIER: Timestamp = Timestamp::from_secs(1_794_000_000);

fn name(run: Timestamp, order: u64) -> ClientOrderId {
    let prefix = crate::execution::client_id::Prefix::default();
    ClientOrderId { prefix, run: RunTag::of_start(run), order: OrderId(order) }
}

fn contracts(count: i64) -> Quantity {
    Quantity::from_contracts(count)
}

fn dollars(text: &str) -> Money {
    text.parse().expect("an amount")
}

fn works(state: OrderState) -> OrderHere {
    OrderHere { ticker: "M".to_owned(), state, is_cancelling: false, since: NOW }
}

fn rests(id: &str, name: Option<ClientOrderId>, remaining: i64) -> RestingOrder {
    RestingOrder {
        exchange_id: id.to_owned(),
        client_id: name,
        ticker: "M".to_owned(),
        shard: Some(0),
        side: Side::Ask,
        price: "0.93".parse().expect("a price"),
        remaining: contracts(remaining),
    }
}

fn market(ours: i64, foreign: i64) -> MarketHere {
    MarketHere { quantity: contracts(ours) + contracts(foreign), is_calm: true, is_over: false }
}

/// Ten contracts held in M and an order for them that rests.
fn agreeing() -> (Here, There) {
    let here = Here {
        at: NOW,
        run: RunTag::of_start(NOW),
        orders: [(name(NOW, 2), works(OrderState::Resting))].into(),
        markets: [("M".to_owned(), market(10, 0))].into(),
        cash: dollars("90.123456"),
        purses: Some([(0, dollars("80.123456")), (2, dollars("10"))].into()),
    };
    let account = ExchangeAccount {
        cash: dollars("90.123456"),
        positions: [("M".to_owned(), contracts(10))].into(),
        orders: vec![rests("o2", Some(name(NOW, 2)), 10), rests("theirs", None, 3)],
        fills: Vec::new(),
    };
    (here, There { account, purses: [(0, dollars("80.123456")), (2, dollars("10"))].into() })
}

fn found(here: &Here, there: &There) -> Vec<Doubt> {
    compare(here, there).found.into_keys().collect()
}

#[test]
fn an_account_that_agrees_gives_no_cause_for_doubt() {
    let (here, there) = agreeing();
    assert_eq!(compare(&here, &there), Comparison::default());
}

#[test]
fn an_order_that_works_here_alone_is_a_phantom() {
    let (here, mut there) = agreeing();
    there.account.orders.remove(0);
    let comparison = compare(&here, &there);
    assert_eq!(comparison.found.keys().collect::<Vec<_>>(), [&Doubt::Phantom(name(NOW, 2))]);
    assert!(comparison.undecided.contains(&Doubt::Cash { more: false }), "it may have been filled");
}

#[test]
fn an_order_waits_for_the_exchange_s_word_for_a_while() {
    let (mut here, there) = agreeing();
    for (state, is_cancelling) in
        [(OrderState::Sent, false), (OrderState::Unknown, false), (OrderState::Resting, true)]
    {
        here.orders.insert(name(NOW, 3), OrderHere { is_cancelling, ..works(state) });
        here.at = NOW + Duration::from_secs(14);
        assert_eq!(found(&here, &there), []);
        here.at = NOW + Duration::from_secs(15);
        assert_eq!(found(&here, &there), [Doubt::Stuck(name(NOW, 3))]);
    }
}

#[test]
fn an_order_that_rests_there_alone_is_told_by_its_run() {
    let (mut here, there) = agreeing();
    here.orders.clear();
    assert_eq!(found(&here, &there), [Doubt::Lingering("o2".to_owned())]);
    here.run = RunTag::of_start(EARLIER);
    assert_eq!(found(&here, &there), [Doubt::OtherRun("o2".to_owned())]);
}

#[test]
fn positions_differ_unless_something_is_under_way_or_a_payout_is_due() {
    let doubt = Doubt::Position("M".to_owned());
    let (mut here, mut there) = agreeing();
    there.account.positions.insert("M".to_owned(), contracts(9));
    let comparison = compare(&here, &there);
    assert_eq!(comparison.found.keys().collect::<Vec<_>>(), [&doubt]);
    let text = comparison.found[&doubt].to_string();
    assert!(
        text.starts_with("the position in M: 10.00 contracts here, 9.00 contracts on the exchange; stop"),
        "{text}"
    );
    for (is_calm, is_over) in [(false, false), (true, true)] {
        here.markets.insert("M".to_owned(), MarketHere { is_calm, is_over, ..market(10, 0) });
        let comparison = compare(&here, &there);
        assert!(comparison.found.is_empty() && comparison.undecided.contains(&doubt), "{comparison:?}");
    }
    here.markets.insert("M".to_owned(), market(10, -1));
    assert_eq!(found(&here, &there), [], "what was there before counts with ours");
    there.account.positions.insert("ELSEWHERE".to_owned(), contracts(-4));
    assert_eq!(found(&here, &there), [Doubt::Position("ELSEWHERE".to_owned())]);
}

#[test]
fn cash_is_the_same_to_the_micro_dollar_but_for_reserves_and_payouts() {
    let (mut here, mut there) = agreeing();
    there.account.cash = dollars("90.123457");
    assert_eq!(found(&here, &there), [Doubt::Cash { more: true }]);
    // Thirteen contracts rest and may reserve a dollar each.
    there.account.cash = dollars("77.123456");
    assert!(!found(&here, &there).contains(&Doubt::Cash { more: false }));
    there.account.cash = dollars("77.123455");
    assert_eq!(found(&here, &there), [Doubt::Cash { more: false }]);
    there.account.orders.clear();
    here.orders.clear();
    there.account.cash = dollars("90.123455");
    assert_eq!(found(&here, &there), [Doubt::Cash { more: false }]);

    here.markets.insert("M".to_owned(), MarketHere { is_over: true, ..market(10, 0) });
    there.account.positions.clear();
    there.account.cash = dollars("100.123456");
    assert_eq!(found(&here, &there), [], "the payout is under way");
    there.account.cash = dollars("100.123457");
    assert_eq!(found(&here, &there), [Doubt::Cash { more: true }]);
}

#[test]
fn cash_says_nothing_while_fills_may_be_under_way() {
    let (here, mut there) = agreeing();
    there.account.cash = dollars("1");
    let cash = Doubt::Cash { more: false };
    let mut busy = here.clone();
    busy.markets.insert("M".to_owned(), MarketHere { is_calm: false, ..market(10, 0) });
    let mut sent = here.clone();
    sent.orders.insert(name(NOW, 3), works(OrderState::Sent));
    for here in [busy, sent] {
        let comparison = compare(&here, &there);
        assert!(comparison.found.is_empty() && comparison.undecided.contains(&cash), "{comparison:?}");
    }
    assert_eq!(found(&here, &there), [cash]);
}

#[test]
fn a_transfer_between_shards_is_told_from_a_deposit() {
    let (mut here, mut there) = agreeing();
    there.purses = [(0, dollars("70.123456")), (2, dollars("20"))].into();
    assert_eq!(found(&here, &there), [Doubt::Purses]);
    here.purses = None;
    assert_eq!(found(&here, &there), [], "one purse serves all");
    here.purses = Some(BTreeMap::new());
    there.account.cash = dollars("100");
    assert_eq!(found(&here, &there), [Doubt::Cash { more: true }]);
}

#[test]
fn a_read_counts_against_the_picture_before_it_and_the_one_after() {
    let (before, mut there) = agreeing();
    there.account.positions.insert("M".to_owned(), contracts(12));
    let mut after = before.clone();
    after.markets.insert("M".to_owned(), market(12, 0));
    let both = compare(&before, &there).and(compare(&before, &there));
    assert_eq!(both.found.len(), 1);
    let moved = compare(&before, &there).and(compare(&after, &there));
    assert!(
        moved.found.is_empty() && moved.undecided.contains(&Doubt::Position("M".to_owned())),
        "{moved:?}"
    );
}

proptest! {
    /// Whatever moves, a difference is found exactly where the figures differ, and never both found and undecided.
    #[test]
    fn a_difference_is_found_where_there_is_one(
        ours in -50_i64..50, foreign in -50_i64..50, shown in -50_i64..50, calm: bool, over: bool,
        cash in 0_i64..1_000_000, more in -1_000_000_i64..1_000_000, resting in 0_i64..5,
    ) {
        let (mut here, mut there) = agreeing();
        here.orders.clear();
        there.account.orders = if resting > 0 { vec![rests("theirs", None, resting)] } else { Vec::new() };
        here.markets.insert("M".to_owned(), MarketHere { is_calm: calm, is_over: over, ..market(ours, foreign) });
        there.account.positions.insert("M".to_owned(), contracts(shown));
        here.purses = None;
        here.cash = Money::from_raw(cash);
        there.account.cash = Money::from_raw(cash + more);
        let comparison = compare(&here, &there);
        let is_found = |doubt: &Doubt| comparison.found.contains_key(doubt);
        let differs = ours + foreign != shown;
        prop_assert_eq!(is_found(&Doubt::Position("M".to_owned())), differs && calm && !over);
        if calm && (over || !differs) {
            let due = if over { (ours + foreign).abs() * 1_000_000 } else { 0 };
            prop_assert_eq!(is_found(&Doubt::Cash { more: true }), more > due);
            prop_assert_eq!(is_found(&Doubt::Cash { more: false }), more < -resting * 1_000_000);
        } else {
            let cash = Doubt::Cash { more: more > 0 };
            prop_assert!(!is_found(&cash));
        }
        prop_assert!(comparison.found.keys().all(|doubt| !comparison.undecided.contains(doubt)));
        let same = comparison.clone().and(comparison.clone());
        prop_assert_eq!(same, comparison);
    }
}
