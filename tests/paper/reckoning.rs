//! The account of a document, reckoned again from its fills and payouts alone.

use crate::program::{list, micros, text};
use serde_json::Value;
use std::collections::BTreeMap;

const ONE: i128 = 1_000_000;

/// A round trip, or the part of one so far: in micro-dollars, and millionths of a contract.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trip {
    /// Above zero YES, below zero NO.
    held: i128,
    paid: i128,
    got: i128,
    fees: i128,
}

impl Trip {
    const fn net(self) -> i128 {
        self.got - self.paid - self.fees
    }
}

/// Every market's round trips in order, and those still open.
#[derive(Debug, Default)]
pub(crate) struct Reckoning {
    closed: BTreeMap<String, Vec<Trip>>,
    open: BTreeMap<String, Trip>,
}

/// Dollars for a quantity at a price; on the exchange's grids it comes out even.
fn times(price: i128, quantity: i128) -> i128 {
    assert_eq!(price * quantity % ONE, 0, "{price} times {quantity} is a whole number of micro-dollars");
    price * quantity / ONE
}

/// Walks the fills and payouts of a document.
pub(crate) fn reckon(document: &Value) -> Reckoning {
    let mut reckoning = Reckoning::default();
    for fill in list(&document["fills"]) {
        reckoning.fill(fill);
    }
    for settlement in list(&document["settlements"]) {
        reckoning.settle(settlement);
    }
    reckoning
}

impl Reckoning {
    fn fill(&mut self, fill: &Value) {
        let market = text(&fill["market"]).to_owned();
        let (price, quantity) = (micros(&fill["price"]), micros(&fill["quantity"]));
        assert!((0..=ONE).contains(&price) && quantity > 0, "{fill}");
        let change = match text(&fill["side"]) {
            "bid" => quantity,
            "ask" => -quantity,
            side => panic!("{side} is no side"),
        };
        let trip = self.open.entry(market.clone()).or_default();
        let is_yes = if trip.held == 0 { change > 0 } else { trip.held > 0 };
        let dollars = times(if is_yes { price } else { ONE - price }, quantity);
        if (change > 0) == is_yes {
            trip.paid += dollars;
        } else {
            trip.got += dollars;
        }
        trip.fees += micros(&fill["fee"]);
        trip.held += change;
        assert!(trip.held == 0 || (trip.held > 0) == is_yes, "more was sold than was held: {fill}");
        if trip.held == 0 {
            self.close(&market);
        }
    }

    fn settle(&mut self, settlement: &Value) {
        let market = text(&settlement["market"]).to_owned();
        let trip = self.open.get_mut(&market).expect("something was held");
        assert_eq!(trip.held, micros(&settlement["quantity"]), "{settlement}");
        let pays_yes = match text(&settlement["result"]) {
            "yes" => true,
            "no" => false,
            result => panic!("{result} is no result of these markets"),
        };
        let payout = if pays_yes { trip.held.max(0) } else { (-trip.held).max(0) };
        assert_eq!(payout, micros(&settlement["payout"]), "{settlement}");
        trip.got += payout;
        trip.held = 0;
        self.close(&market);
    }

    fn close(&mut self, market: &str) {
        let trip = self.open.remove(market).expect("an open round trip");
        self.closed.entry(market.to_owned()).or_default().push(trip);
    }

    /// Asserts that trades, open positions and summary say the same.
    pub(crate) fn assert_agrees_with(&self, document: &Value) {
        let mut told: BTreeMap<String, Vec<Trip>> = BTreeMap::new();
        for trade in list(&document["trades"]) {
            let trip = Trip {
                held: 0,
                paid: micros(&trade["entry_cost"]),
                got: micros(&trade["exit_proceeds"]),
                fees: micros(&trade["fees"]),
            };
            assert_eq!(micros(&trade["gross_pnl"]), trip.got - trip.paid, "{trade}");
            assert_eq!(micros(&trade["net_pnl"]), trip.net(), "{trade}");
            told.entry(text(&trade["market"]).to_owned()).or_default().push(trip);
        }
        assert_eq!(told, self.closed, "trades told and trades reckoned");

        let summary = &document["summary"];
        let net: i128 = self.closed.values().flatten().map(|trip| trip.net()).sum();
        let fees: i128 = self.closed.values().flatten().map(|trip| trip.fees).sum();
        assert_eq!((micros(&summary["net_pnl"]), micros(&summary["fees"])), (net, fees));
        assert_eq!(micros(&summary["gross_pnl"]), net + fees);
        let open_fees: i128 = self.open.values().map(|trip| trip.fees).sum();
        let all_fees: i128 = list(&document["fills"]).iter().map(|fill| micros(&fill["fee"])).sum();
        assert_eq!(all_fees, fees + open_fees);
        let unrealised = self.unrealised(document);
        assert_eq!(
            micros(&summary["ending_balance"]),
            micros(&summary["starting_balance"]) + net + unrealised
        );
        assert_counts(document);
    }

    /// What the open positions would add if they were sold at their marks, each as the document tells it.
    fn unrealised(&self, document: &Value) -> i128 {
        let positions = list(&document["open_positions"]);
        assert_eq!(positions.len(), self.open.len(), "positions told and positions reckoned");
        let mut sum = 0;
        for position in positions {
            let trip = self.open[text(&position["market"])];
            assert_eq!(micros(&position["quantity"]), trip.held.abs(), "{position}");
            assert_eq!(text(&position["outcome"]), if trip.held > 0 { "yes" } else { "no" });
            let result = times(micros(&position["mark"]), trip.held.abs()) + trip.net();
            assert_eq!(micros(&position["unrealised_pnl"]), result, "{position}");
            sum += result;
        }
        sum
    }
}

/// Asserts the counts of the summary and of the exits.
fn assert_counts(document: &Value) {
    let trades = list(&document["trades"]);
    let count =
        |fits: &dyn Fn(i128) -> bool| trades.iter().filter(|trade| fits(micros(&trade["net_pnl"]))).count();
    let (wins, losses) = (count(&|net| net > 0), count(&|net| net < 0));
    let summary = &document["summary"];
    assert_eq!(summary["trades"], trades.len());
    assert_eq!((&summary["wins"], &summary["losses"]), (&wins.into(), &losses.into()));
    if !trades.is_empty() {
        let share = i128::try_from(wins * 1_000_000 / trades.len()).expect("a share");
        assert_eq!(micros(&summary["win_rate"]), share);
    }
    let mut exits: BTreeMap<&str, (u64, i128)> = BTreeMap::new();
    for trade in trades {
        let exit = exits.entry(text(&trade["exit_reason"])).or_default();
        *exit = (exit.0 + 1, exit.1 + micros(&trade["net_pnl"]));
    }
    let told = document["exits"].as_object().expect("an object");
    let told: BTreeMap<&str, (u64, i128)> = told
        .iter()
        .map(|(reason, exit)| {
            (reason.as_str(), (exit["trades"].as_u64().expect("a count"), micros(&exit["net_pnl"])))
        })
        .collect();
    assert_eq!(told, exits);
}
