use super::*;
use crate::execution::{Fill, OrderId};
use crate::market::{MarketId, Resolution, Side};
use crate::units::{Price, Quantity, Timestamp};

fn dollars(text: &str) -> Money {
    text.parse().expect(text)
}

fn fill(side: Side, price: &str, quantity: &str, fee: &str) -> Fill {
    Fill {
        trade_id: "t".into(),
        order: OrderId(1),
        market: MarketId(0),
        side,
        price: price.parse::<Price>().expect(price),
        quantity: quantity.parse::<Quantity>().expect(quantity),
        fee: dollars(fee),
        is_taker: true,
        time: Timestamp::EPOCH,
    }
}

#[test]
fn a_round_trip_moves_cash_by_its_profit_less_fees() {
    let (mut ledger, mut positions) = (Ledger::new(dollars("100")), Positions::default());
    let buy = fill(Side::Bid, "0.40", "10", "0.17");
    ledger.apply(&positions.apply_fill(&buy), buy.fee);
    assert_eq!(
        (ledger.cash(), ledger.realised(), ledger.fees()),
        (dollars("95.83"), Money::ZERO, dollars("0.17"))
    );
    assert_eq!(ledger.check(&positions), Ok(()));
    let sell = fill(Side::Ask, "0.55", "10", "0.18");
    ledger.apply(&positions.apply_fill(&sell), sell.fee);
    assert_eq!(ledger.cash(), dollars("101.15"));
    assert_eq!((ledger.realised(), ledger.fees()), (dollars("1.50"), dollars("0.35")));
    assert_eq!(ledger.cash(), ledger.starting() + ledger.realised() - ledger.fees());
    assert_eq!(ledger.check(&positions), Ok(()));
}

#[test]
fn a_payout_is_realised_against_the_cost() {
    for (resolution, cash, realised) in [
        (Resolution::Yes, "94.00", "-6.00"),
        (Resolution::No, "104.00", "4.00"),
        (Resolution::Scalar(Price::from_raw(250_000)), "101.50", "1.50"),
    ] {
        let (mut ledger, mut positions) = (Ledger::new(dollars("100")), Positions::default());
        let buy_no = fill(Side::Ask, "0.40", "10", "0");
        ledger.apply(&positions.apply_fill(&buy_no), buy_no.fee);
        assert_eq!(ledger.cash(), dollars("94"), "NO at a YES price of 0.40 costs 0.60");
        let settlement = positions.settle(MarketId(0), resolution, Timestamp::EPOCH).expect("it is held");
        ledger.settle(&settlement);
        assert_eq!((ledger.cash(), ledger.realised()), (dollars(cash), dollars(realised)), "{resolution:?}");
        assert_eq!(ledger.check(&positions), Ok(()));
    }
}

#[test]
fn a_fill_booked_on_one_side_only_shows_with_its_figures() {
    let (ledger, mut positions) = (Ledger::new(dollars("100")), Positions::default());
    positions.apply_fill(&fill(Side::Bid, "0.40", "10", "0"));
    let drift = ledger.check(&positions).expect_err("the ledger knows nothing of the fill");
    assert_eq!((drift.drift, drift.cost, drift.cash), (dollars("4"), dollars("4"), dollars("100")));
    assert_eq!(
        drift.to_string(),
        "the ledger is off by 4.000000: cash 100.000000 + positions at cost 4.000000 + fees 0.000000 - realised \
         0.000000 should be the starting cash 100.000000; compare cash and positions with the exchange's before \
         trading goes on"
    );

    let (mut ledger, mut positions) = (Ledger::new(dollars("100")), Positions::default());
    ledger.apply(&positions.apply_fill(&fill(Side::Bid, "0.40", "10", "0")), Money::ZERO);
    positions.settle(MarketId(0), Resolution::Yes, Timestamp::EPOCH);
    assert_eq!(ledger.check(&positions).expect_err("the payout is missing").drift, dollars("-4"));
}
