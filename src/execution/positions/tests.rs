use super::*;
use crate::execution::OrderId;
use crate::execution::ledger::Ledger;
use crate::market::Side;
use proptest::prelude::*;

const MARKET: MarketId = MarketId(0);

fn dollars(text: &str) -> Money {
    text.parse().expect(text)
}

fn price(text: &str) -> Price {
    text.parse().expect(text)
}

fn quantity(text: &str) -> Quantity {
    text.parse().expect(text)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(second)
}

fn fill(second: i64, side: Side, at_price: &str, contracts: &str, fee: &str) -> Fill {
    Fill {
        trade_id: second.to_string().into(),
        order: OrderId(1),
        market: MARKET,
        side,
        price: price(at_price),
        quantity: quantity(contracts),
        fee: dollars(fee),
        is_taker: true,
        time: at(second),
    }
}

#[test]
fn opens_adds_reduces_and_closes() {
    let mut positions = Positions::default();
    let opened = positions.apply_fill(&fill(1, Side::Bid, "0.40", "10", "0.10"));
    assert_eq!(
        opened,
        FillEffect { cash_flow: dollars("-4"), realised: Money::ZERO, opened: true, closed: None }
    );
    let added = positions.apply_fill(&fill(2, Side::Bid, "0.50", "20", "0.20"));
    assert_eq!(added, FillEffect { cash_flow: dollars("-10"), ..FillEffect::default() });
    let held = positions.get(MARKET).expect("thirty contracts").clone();
    assert_eq!((held.quantity, held.cost), (quantity("30"), dollars("14")));
    assert_eq!(held.average_price(), price("0.466666"), "rounded down");
    assert_eq!(held.unrealised(price("0.45")), dollars("-0.5"));
    assert_eq!((held.opened_at, held.updated_at), (at(1), at(2)));

    let reduced = positions.apply_fill(&fill(3, Side::Ask, "0.60", "15", "0.30"));
    assert_eq!((reduced.cash_flow, reduced.realised), (dollars("9"), dollars("2")));
    assert_eq!((reduced.opened, reduced.closed), (false, None));
    let held = positions.get(MARKET).expect("fifteen are left");
    assert_eq!((held.quantity, held.cost, held.realised()), (quantity("15"), dollars("7"), dollars("2")));

    let closed = positions.apply_fill(&fill(4, Side::Ask, "0.20", "15", "0.40"));
    assert_eq!((closed.cash_flow, closed.realised), (dollars("3"), dollars("-4")));
    assert_eq!(
        closed.closed,
        Some(Closed {
            market: MARKET,
            outcome: Outcome::Yes,
            quantity: quantity("30"),
            entry_cost: dollars("14"),
            exit_proceeds: dollars("12"),
            fees: dollars("1.00"),
            opened_at: at(1),
            closed_at: at(4),
        })
    );
    assert!(positions.is_empty());
}

#[test]
fn no_is_bought_with_an_ask_and_sold_with_a_bid() {
    let mut positions = Positions::default();
    let opened = positions.apply_fill(&fill(1, Side::Ask, "0.42", "12.50", "0"));
    assert_eq!(opened.cash_flow, dollars("-7.25"), "12.50 contracts at 0.58");
    let held = positions.get(MARKET).expect("a NO position");
    assert_eq!((held.outcome, held.quantity), (Outcome::No, quantity("12.50")));
    assert_eq!(held.signed_quantity(), quantity("-12.50"));
    assert_eq!(held.value_at(price("0.60")), dollars("7.5"));
    let closed = positions.apply_fill(&fill(2, Side::Bid, "0.30", "12.50", "0"));
    assert_eq!((closed.cash_flow, closed.realised), (dollars("8.75"), dollars("1.50")));
    assert!(positions.is_empty());
}

#[test]
fn a_fill_through_zero_closes_one_and_opens_the_other() {
    let mut positions = Positions::default();
    positions.apply_fill(&fill(1, Side::Bid, "0.40", "10", "0.10"));
    let turned = positions.apply_fill(&fill(2, Side::Ask, "0.55", "25", "0.000008"));
    assert_eq!(
        turned.cash_flow,
        dollars("5.5") - dollars("6.75"),
        "sold ten at 0.55, bought fifteen NO at 0.45"
    );
    assert_eq!(turned.realised, dollars("1.5"));
    assert!(turned.opened);
    let closed = turned.closed.expect("the YES position ended");
    assert_eq!((closed.outcome, closed.quantity), (Outcome::Yes, quantity("10")));
    assert_eq!(closed.fees, dollars("0.100003"), "ten of twenty-five, rounded down");
    let held = positions.get(MARKET).expect("fifteen NO");
    assert_eq!((held.outcome, held.quantity, held.cost), (Outcome::No, quantity("15"), dollars("6.75")));
    assert_eq!((held.fees, held.opened_at), (dollars("0.000005"), at(2)));
}

#[test]
fn parts_add_up_to_the_whole() {
    let mut positions = Positions::default();
    // Four contracts for 500 micro-dollars, sold in pieces that don't divide it.
    positions.apply_fill(&fill(1, Side::Bid, "0.0001", "3", "0"));
    positions.apply_fill(&fill(1, Side::Bid, "0.0002", "1", "0"));
    let mut realised = Vec::new();
    for second in 2..=4 {
        realised.push(positions.apply_fill(&fill(second, Side::Ask, "0.0003", "1.33", "0")).realised.raw());
    }
    let last = positions.apply_fill(&fill(5, Side::Ask, "0.0003", "0.01", "0"));
    realised.push(last.realised.raw());
    // 500 × 1.33/4 = 166.25 goes down to 166, then 334 × 1.33/2.67 = 166.37, 168 × 1.33/1.34 = 166.74, 2 are left.
    assert_eq!(realised, [399 - 166, 399 - 166, 399 - 166, 3 - 2]);
    let closed = last.closed.expect("flat");
    assert_eq!((closed.exit_proceeds - closed.entry_cost).raw(), realised.iter().sum::<i64>());
}

#[test]
fn settlement_pays_out_what_is_held() {
    for (side, resolution, payout, realised) in [
        (Side::Bid, Resolution::Yes, "10", "6"),
        (Side::Bid, Resolution::No, "0", "-4"),
        (Side::Ask, Resolution::Yes, "0", "-6"),
        (Side::Ask, Resolution::No, "10", "4"),
        (Side::Bid, Resolution::Scalar(Price::from_raw(700_000)), "7", "3"),
        (Side::Ask, Resolution::Scalar(Price::from_raw(700_000)), "3", "-3"),
    ] {
        let mut positions = Positions::default();
        positions.apply_fill(&fill(1, side, "0.40", "10", "0.25"));
        let held = positions.get(MARKET).expect("it is held").clone();
        let settled = positions.settle(MARKET, resolution, at(9)).expect("it is held");
        assert_eq!(
            (settled.payout, settled.realised),
            (dollars(payout), dollars(realised)),
            "{side:?} {resolution:?}"
        );
        assert_eq!(settled.quantity, held.signed_quantity());
        assert_eq!((settled.closed.entry_cost, settled.closed.exit_proceeds), (held.cost, settled.payout));
        assert_eq!((settled.closed.fees, settled.closed.closed_at), (dollars("0.25"), at(9)));
        assert!(positions.is_empty());
        assert_eq!(positions.settle(MARKET, resolution, at(9)), None, "it pays once");
    }
}

#[test]
fn a_fill_without_contracts_does_nothing() {
    let mut positions = Positions::default();
    for contracts in ["0", "-5"] {
        assert_eq!(positions.apply_fill(&fill(1, Side::Bid, "0.40", contracts, "0")), FillEffect::default());
        assert!(positions.is_empty());
    }
}

#[derive(Debug, Clone)]
enum Step {
    Fill(Fill),
    Settle(MarketId, Resolution),
}

/// Fills on the exchange's finest grid.
fn any_fill() -> impl Strategy<Value = Fill> {
    (0..3_u32, any::<bool>(), 1..10_000_i64, 1..5_000_i64, -50..2_000_000_i64).prop_map(
        |(market, is_bid, ticks, centis, fee)| Fill {
            trade_id: "t".into(),
            order: OrderId(1),
            market: MarketId(market),
            side: if is_bid { Side::Bid } else { Side::Ask },
            price: Price::from_raw(ticks * 100),
            quantity: Quantity::from_raw(centis),
            fee: Money::from_raw(fee),
            is_taker: true,
            time: at(1),
        },
    )
}

fn resolution() -> impl Strategy<Value = Resolution> {
    prop_oneof![
        Just(Resolution::Yes),
        Just(Resolution::No),
        (0..=1_000_000_i64).prop_map(|raw| Resolution::Scalar(Price::from_raw(raw))),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let settle =
        (0..3_u32, resolution()).prop_map(|(market, resolution)| Step::Settle(MarketId(market), resolution));
    prop::collection::vec(prop_oneof![12 => any_fill().prop_map(Step::Fill), 1 => settle], 0..80)
}

/// Signed contracts that a fill adds.
fn signed(fill: &Fill) -> Quantity {
    match fill.side {
        Side::Bid => fill.quantity,
        Side::Ask => -fill.quantity,
    }
}

/// Books fills and says what cash is left of a thousand dollars.
fn cash_after<'a>(fills: impl IntoIterator<Item = &'a Fill>) -> Money {
    let (mut positions, mut ledger) = (Positions::default(), Ledger::new(Money::from_dollars(1_000)));
    for fill in fills {
        ledger.apply(&positions.apply_fill(fill), fill.fee);
    }
    ledger.cash()
}

proptest! {
    #[test]
    fn the_ledger_closes_after_every_step(steps in steps()) {
        let (mut positions, mut ledger) = (Positions::default(), Ledger::new(Money::from_dollars(1_000)));
        let mut net: BTreeMap<MarketId, Quantity> = BTreeMap::new();
        let mut finished: Vec<Closed> = Vec::new();
        for step in &steps {
            let closed = match step {
                Step::Fill(fill) => {
                    let was_open = positions.get(fill.market).is_some();
                    let effect = positions.apply_fill(fill);
                    ledger.apply(&effect, fill.fee);
                    *net.entry(fill.market).or_default() += signed(fill);
                    let is_open = positions.get(fill.market).is_some();
                    prop_assert_eq!(effect.opened, is_open && (!was_open || effect.closed.is_some()));
                    effect.closed
                }
                Step::Settle(market, resolution) => {
                    let settled = positions.settle(*market, *resolution, at(2));
                    if let Some(settled) = &settled {
                        ledger.settle(settled);
                        prop_assert_eq!(Some(settled.quantity), net.remove(market));
                    }
                    net.remove(market);
                    settled.map(|settled| settled.closed)
                }
            };
            finished.extend(closed);
            prop_assert_eq!(ledger.check(&positions), Ok(()));
            let held = |market: &MarketId| positions.get(*market).map_or(Quantity::ZERO, Position::signed_quantity);
            prop_assert!(net.iter().all(|(market, quantity)| held(market) == *quantity));
            for position in positions.iter() {
                prop_assert!(position.quantity.is_positive());
                prop_assert_eq!(position.bought - position.sold, position.quantity);
                prop_assert!(!position.cost.is_negative());
            }
            let round_trips: Money = finished.iter().map(|closed| closed.exit_proceeds - closed.entry_cost).sum();
            let open: Money = positions.iter().map(Position::realised).sum();
            prop_assert_eq!(round_trips + open, ledger.realised());
            let fees: Money = finished.iter().map(|closed| closed.fees).sum();
            prop_assert_eq!(fees + positions.iter().map(|position| position.fees).sum(), ledger.fees());
        }
    }

    #[test]
    fn the_same_fills_in_smaller_pieces_leave_the_same_cash(
        fills in prop::collection::vec((any_fill(), 0..5_000_i64), 0..40)
    ) {
        let pieces: Vec<Fill> = fills
            .iter()
            .flat_map(|(fill, cut)| {
                let first = Quantity::from_raw(cut % fill.quantity.raw());
                let first_fee = fill.fee.share(first, fill.quantity, Rounding::Floor);
                [
                    Fill { quantity: first, fee: first_fee, ..fill.clone() },
                    Fill { quantity: fill.quantity - first, fee: fill.fee - first_fee, ..fill.clone() },
                ]
            })
            .collect();
        prop_assert_eq!(cash_after(fills.iter().map(|(fill, _)| fill)), cash_after(&pieces));
    }

    #[test]
    fn the_ledger_closes_off_the_grid_too(
        fills in prop::collection::vec((any_fill(), 1..1_000_000_i64), 0..60)
    ) {
        let (mut positions, mut ledger) = (Positions::default(), Ledger::new(Money::from_dollars(1_000)));
        for (fill, raw) in fills {
            let fill = Fill { price: Price::from_raw(raw), ..fill };
            ledger.apply(&positions.apply_fill(&fill), fill.fee);
            prop_assert_eq!(ledger.check(&positions), Ok(()));
        }
    }
}
