use super::*;
use crate::market::book::BookState;
use crate::market::{Outcome, Side};

fn market(changes: &serde_json::Value) -> model::Market {
    let mut body = serde_json::json!({
        "ticker": "KXRAIN-26DEC01-NYC", "event_ticker": "KXRAIN-26DEC01", "market_type": "binary",
        "yes_sub_title": "Rain", "no_sub_title": "No rain",
        "created_time": "2026-11-20T00:00:00Z", "updated_time": "2026-11-20T00:00:00Z",
        "open_time": "2026-11-21T00:00:00Z", "close_time": "2026-12-01T23:00:00Z",
        "latest_expiration_time": "2026-12-08T00:00:00Z", "settlement_timer_seconds": 60, "status": "active",
        "yes_bid_dollars": "0.8800", "yes_bid_size_fp": "40.00",
        "yes_ask_dollars": "0.8900", "yes_ask_size_fp": "25.00",
        "no_bid_dollars": "0.1100", "no_ask_dollars": "0.1200",
        "last_price_dollars": "0.8900", "previous_yes_bid_dollars": "0.0000",
        "previous_yes_ask_dollars": "0.0000", "previous_price_dollars": "0.0000",
        "volume_fp": "1200.00", "volume_24h_fp": "1000.00", "open_interest_fp": "700.00",
        "notional_value_dollars": "1.0000", "result": "", "can_close_early": true, "expiration_value": "",
        "rules_primary": "", "rules_secondary": "", "price_level_structure": "linear_cent",
        "price_ranges": [{ "start": "0.0000", "end": "1.0000", "step": "0.0100" }], "exchange_index": 2,
    });
    for (name, value) in changes.as_object().expect("an object") {
        body[name] = value.clone();
    }
    serde_json::from_value(body).expect("a market")
}

fn series(fee_type: &str, multiplier: &str) -> model::Series {
    serde_json::from_str(&format!(
        r#"{{"ticker":"KXRAIN","title":"Rain","frequency":"daily","category":"Climate and Weather",
            "fee_type":"{fee_type}","fee_multiplier":{multiplier}}}"#
    ))
    .expect("a series")
}

fn event(overrides: &str) -> model::Event {
    serde_json::from_str(&format!(
        r#"{{"event_ticker":"KXRAIN-26DEC01","series_ticker":"KXRAIN","title":"Rain on 1 December?"{overrides}}}"#
    ))
    .expect("an event")
}

#[test]
fn a_market_takes_category_and_fees_from_its_series() {
    let terms = Terms::of_series(&series("quadratic", "0.5"));
    let spec = market_spec(&market(&serde_json::json!({})), &terms).expect("listed");
    assert_eq!((spec.series.as_str(), spec.category.as_str()), ("KXRAIN", "Climate and Weather"));
    assert_eq!(spec.fees, FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 500_000 });
    assert_eq!((spec.status, spec.shard), (MarketStatus::Active, 2));
    assert_eq!(spec.grid, PriceGrid::cents());
    assert_eq!(spec.title, "Rain");
}

#[test]
fn fees_of_an_event_beat_those_of_its_series() {
    let own = |overrides| Terms::new(&event(overrides), &series("quadratic", "1")).fees;
    assert_eq!(own(""), FeeSchedule { kind: FeeKind::Quadratic, multiplier_ppm: 1_000_000 });
    assert_eq!(
        own(r#","fee_type_override":"quadratic_with_maker_fees","fee_multiplier_override":0.25"#),
        FeeSchedule { kind: FeeKind::QuadraticWithMakerFees, multiplier_ppm: 250_000 }
    );
    assert_eq!(own(r#","fee_type_override":"flat""#).kind, FeeKind::Unknown);
    assert_eq!(own(r#","fee_multiplier_override":-1"#).kind, FeeKind::Unknown);
}

#[test]
fn what_cannot_be_understood_is_not_listed_as_tradable() {
    let terms = Terms::new(&event(""), &series("quadratic", "1"));
    let listed = |changes: serde_json::Value| market_spec(&market(&changes), &terms);
    assert!(matches!(listed(serde_json::json!({ "price_ranges": [] })), Err(ListingError::Grid { .. })));
    let dime = listed(serde_json::json!({ "notional_value_dollars": "0.1000" })).expect_err("refused");
    assert!(dime.to_string().contains("pays 0.1000 dollars"), "{dime}");
    let strange = listed(serde_json::json!({ "status": "resting" })).expect("listed");
    assert_eq!(strange.status, MarketStatus::Inactive);
    assert_eq!(strange.title, "Rain on 1 December?: Rain");
    let disputed = listed(serde_json::json!({ "status": "disputed", "title": "Rain?" })).expect("listed");
    assert_eq!((disputed.status, disputed.title.as_str()), (MarketStatus::Determined, "Rain?"));
}

#[test]
fn bids_for_no_are_asks_of_the_yes_book() {
    let levels = serde_json::from_str(
        r#"{"yes_dollars":[["0.8700","10.00"],["0.8800","40.00"]],"no_dollars":[["0.1000","5.00"],["0.1100","25.00"]]}"#,
    )
    .expect("a book");
    let mut book = Book::default();
    assert_eq!(fill_book(&mut book, &levels), Ok(()));
    let mut touch = Book::default();
    assert_eq!(fill_touch(&mut touch, &market(&serde_json::json!({}))), Ok(()));
    for side in [Side::Bid, Side::Ask] {
        assert_eq!(book.best(side), touch.best(side));
    }
    assert_eq!(book.own_ask(Outcome::No).map(|level| level.price), Some(Price::from_raw(120_000)));
    assert_eq!(book.depth(Side::Ask), 2);
}

#[test]
fn a_side_without_size_does_not_exist() {
    let mut book = Book::default();
    let empty = market(&serde_json::json!({ "yes_ask_dollars": "1.0000", "yes_ask_size_fp": "0.00" }));
    assert_eq!(fill_touch(&mut book, &empty), Ok(()));
    assert_eq!((book.state(), book.best(Side::Ask)), (BookState::Synced, None));
    let crossed = market(&serde_json::json!({ "yes_ask_dollars": "0.8000" }));
    assert!(fill_touch(&mut book, &crossed).is_err());
    assert_eq!(book.state(), BookState::Suspect);
}

#[test]
fn a_series_is_told_from_the_event() {
    assert_eq!(series_of("KXRAIN-26DEC01-X"), "KXRAIN");
    assert_eq!(series_of("KXRAIN"), "KXRAIN");
}
