//! What the exchange really charged: recorded fills come out of the fee rules to the last digit.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use kalshi_bot::fees::{BalancePrecision, FeeSchedule, OrderFees};
use kalshi_bot::units::{Money, Price, Quantity, Rounding};

#[derive(serde::Deserialize)]
struct RecordedFills {
    payload: RecordedPayload,
}

#[derive(serde::Deserialize)]
struct RecordedPayload {
    fills: Vec<RecordedFill>,
}

#[derive(serde::Deserialize)]
struct RecordedFill {
    ticker: String,
    book_side: String,
    count_fp: Quantity,
    yes_price_dollars: Price,
    no_price_dollars: Price,
    fee_cost: Money,
    is_taker: bool,
}

/// Every recorded fill is charged as its order's only one, baseball series at half the plain multiplier. The recordings
/// are older than the rule that rounds the trade fee up to the micro-dollar: one of them shows it.
#[test]
fn recorded_fills_come_out_to_the_last_digit() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/rest/portfolio_fills_redacted.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: no recorded fills at {path}");
        return;
    };
    let recorded: RecordedFills = serde_json::from_str(&text).expect("sound");
    assert_eq!(recorded.payload.fills.len(), 33);
    let precision = BalancePrecision::Direct;
    let mut differing = Vec::new();
    for fill in recorded.payload.fills {
        let multiplier = if fill.ticker.starts_with("KXMLB") { "0.5" } else { "1" };
        let schedule = FeeSchedule::from_wire("quadratic", multiplier).expect("sound");
        let (at, contracts) = (fill.yes_price_dollars, fill.count_fp);
        // Every one of them opens a position.
        let paid = if fill.book_side == "bid" { at } else { fill.no_price_dollars };
        let revenue = -paid.times(contracts, Rounding::Ceil);
        let fee = OrderFees::new(precision).charge(schedule, at, contracts, fill.is_taker, revenue);
        if fee != fill.fee_cost {
            differing.push((at, contracts, fee));
        }
        let coarse_trade_fee = precision.ceil(schedule.trade_fee(at, contracts, fill.is_taker));
        let fee_then = revenue - precision.floor(revenue - coarse_trade_fee);
        assert_eq!(fee_then, fill.fee_cost, "{} {contracts} at {at}", fill.ticker);
        assert!(fill.fee_cost <= schedule.estimate(at, contracts, fill.is_taker));
    }
    assert_eq!(
        differing,
        [(
            "0.013".parse().expect("sound"),
            "71.94".parse().expect("sound"),
            "0.064680".parse().expect("sound")
        )]
    );
}
