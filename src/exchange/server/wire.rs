//! The exchange's own words turned into those of its API.

mod account;
mod frames;

pub(super) use account::{cents, group_key, order_key};
pub(super) use account::{event_positions, fill, group_id, market_position, order, order_id, settlement};
pub(super) use frames::{Frames, created, figures, ranges as frame_ranges};

use crate::exchange::core::{MarketView, PrintView};
use crate::fees::FeeKind;
use crate::kalshi::model::{self, BookSide, OutcomeSide, PriceRange};
use crate::market::{Level, MarketStatus, PriceGrid, Side};
use crate::units::{Price, Quantity, Timestamp};
use std::time::Duration;

/// How long after its close a market expires at the latest.
const LATEST_EXPIRY: Duration = Duration::from_hours(7 * 24);
/// The one user.
pub(super) const USER_ID: &str = "00000000-0000-4000-8000-00000000c0de";

/// A market as the API describes it.
pub(super) fn market(view: &MarketView<'_>, settlement_timer: Duration) -> model::Market {
    let spec = view.spec;
    let (bid, ask) = (touch(view.bid, Price::ZERO), touch(view.ask, Price::ONE));
    let last = view.last.unwrap_or(Price::ZERO);
    model::Market {
        ticker: spec.ticker.clone(),
        event_ticker: spec.event.clone(),
        market_type: "binary".to_owned(),
        title: Some(spec.title.clone()),
        yes_sub_title: sub_title(&spec.title).to_owned(),
        no_sub_title: sub_title(&spec.title).to_owned(),
        created_time: view.listed,
        updated_time: view.updated,
        open_time: spec.open,
        close_time: spec.close,
        expected_expiration_time: Some(spec.close),
        latest_expiration_time: spec.close + LATEST_EXPIRY,
        settlement_timer_seconds: i64::try_from(settlement_timer.as_secs()).unwrap_or(i64::MAX),
        status: status(spec.status),
        yes_bid_dollars: bid.price,
        yes_bid_size_fp: bid.size,
        yes_ask_dollars: ask.price,
        yes_ask_size_fp: ask.size,
        no_bid_dollars: ask.price.complement(),
        no_ask_dollars: bid.price.complement(),
        last_price_dollars: last,
        previous_yes_bid_dollars: bid.price,
        previous_yes_ask_dollars: ask.price,
        previous_price_dollars: last,
        volume_fp: spec.volume,
        volume_24h_fp: spec.volume,
        open_interest_fp: view.open_interest,
        notional_value_dollars: Price::ONE,
        result: view.resolution.map_or_else(String::new, |resolution| resolution.as_str().to_owned()),
        settlement_value_dollars: view.resolution.map(crate::market::Resolution::yes_value),
        settlement_ts: view.settled,
        settlement_bounds_type: "default".to_owned(),
        can_close_early: true,
        early_close_condition: None,
        expiration_value: String::new(),
        occurrence_datetime: None,
        fee_waiver_expiration_time: None,
        rules_primary: format!("If {}, then the market resolves to Yes.", spec.title),
        rules_secondary: String::new(),
        price_level_structure: structure(&spec.grid).to_owned(),
        price_ranges: ranges(&spec.grid),
        mve_collection_ticker: None,
        exchange_index: Some(spec.shard),
    }
}

/// The best level of a side, or the price at which an empty side is shown.
fn touch(level: Option<Level>, empty: Price) -> Level {
    level.unwrap_or(Level { price: empty, size: Quantity::ZERO })
}

/// What tells a market from the others of its event.
fn sub_title(title: &str) -> &str {
    title.rsplit_once(": ").map_or(title, |(_, part)| part)
}

pub(super) const fn status(status: MarketStatus) -> model::MarketStatus {
    match status {
        MarketStatus::Initialized => model::MarketStatus::Initialized,
        MarketStatus::Active => model::MarketStatus::Active,
        MarketStatus::Inactive => model::MarketStatus::Inactive,
        MarketStatus::Closed => model::MarketStatus::Closed,
        MarketStatus::Determined => model::MarketStatus::Determined,
        MarketStatus::Finalized => model::MarketStatus::Finalized,
    }
}

/// The word of the `status` filter that a market is found under.
pub(super) const fn status_filter(status: MarketStatus) -> &'static str {
    match status {
        MarketStatus::Initialized => "unopened",
        MarketStatus::Active => "open",
        MarketStatus::Inactive => "paused",
        MarketStatus::Closed | MarketStatus::Determined => "closed",
        MarketStatus::Finalized => "settled",
    }
}

fn ranges(grid: &PriceGrid) -> Vec<PriceRange> {
    grid.ranges()
        .iter()
        .map(|range| PriceRange { start: range.start, end: range.end, step: range.step })
        .collect()
}

/// The exchange's label of a grid, by its steps at the edge and in the middle. A grid without one of its own goes by
/// the finest that the exchange has.
pub(super) fn structure(grid: &PriceGrid) -> &'static str {
    let middle = grid.step_above(Price::from_raw(500_000)).raw();
    let edge = grid.ranges().first().map_or(middle, |range| range.step.raw());
    match (edge, middle) {
        (10_000, 10_000) => "linear_cent",
        (1_000, 1_000) => "deci_cent",
        (1_000, 10_000) => "tapered_deci_cent",
        (5_000, 10_000) => "center_whole_edge_half_cent",
        (2_000, 10_000) => "center_whole_edge_quint_cent",
        (5_000, 5_000) => "center_half_edge_half_cent",
        (2_000, 5_000) => "center_half_edge_quint_cent",
        (1_000, 5_000) => "center_half_edge_deci_cent",
        (2_000, 2_000) => "center_quint_edge_quint_cent",
        (1_000, 2_000) => "center_quint_edge_deci_cent",
        (100, 1_000) => "center_deci_edge_centi_cent",
        _ => "center_centi_edge_centi_cent",
    }
}

/// The exchange's word for a formula. One that isn't known here is told as one that isn't known there.
pub(super) const fn fee_type(kind: FeeKind) -> &'static str {
    match kind {
        FeeKind::Quadratic => "quadratic",
        FeeKind::QuadraticWithMakerFees => "quadratic_with_maker_fees",
        FeeKind::QuadraticWithComboMakerFees => "quadratic_with_combo_maker_fees",
        FeeKind::Unknown => "flat",
    }
}

/// A public trade.
pub(super) fn trade(print: &PrintView) -> model::Trade {
    let (outcome, side) = direction(print.taker);
    model::Trade {
        trade_id: print.trade_id.to_string(),
        ticker: print.ticker.to_string(),
        count_fp: print.quantity,
        yes_price_dollars: print.price,
        no_price_dollars: print.price.complement(),
        taker_outcome_side: outcome,
        taker_book_side: side,
        created_time: print.time,
        is_block_trade: false,
    }
}

/// A side in both of the API's words.
pub(super) const fn direction(side: Side) -> (OutcomeSide, BookSide) {
    match side {
        Side::Bid => (OutcomeSide::Yes, BookSide::Bid),
        Side::Ask => (OutcomeSide::No, BookSide::Ask),
    }
}

/// A side as the core knows it.
pub(super) const fn side(side: BookSide) -> Side {
    match side {
        BookSide::Bid => Side::Bid,
        BookSide::Ask => Side::Ask,
    }
}

/// Milliseconds since 1970.
pub(super) const fn millis(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000)
}

/// Seconds since 1970.
pub(super) const fn seconds(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}
