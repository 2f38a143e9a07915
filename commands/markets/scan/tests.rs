use super::*;
use crate::holdings::samples::market as body;
use crate::markets::judge::judge;
use kalshi_bot::gateway::listing::fill_book;
use kalshi_bot::market::Market;
use kalshi_bot::units::{Price, Timestamp};

fn settings() -> Settings {
    kalshi_bot::config::load(&kalshi_bot::config::Sources::default()).expect("sound")
}

fn now() -> Timestamp {
    "2026-11-22T15:00:00Z".parse().expect("a time")
}

fn rules() -> Rules {
    settings().rules_for("KXRAIN", "Climate and Weather")
}

/// A market with this touch and nothing behind it.
fn quoted(ticker: &str, bid: &str, ask: &str) -> Market {
    let mut body = body(ticker, "active");
    body.yes_bid_dollars = bid.parse().expect("a price");
    body.yes_ask_dollars = ask.parse().expect("a price");
    let series = serde_json::from_str(
        r#"{"ticker":"KXRAIN","title":"Rain","frequency":"daily","category":"Climate and Weather",
            "fee_type":"quadratic","fee_multiplier":1}"#,
    );
    let spec = market_spec(&body, &Terms::of_series(&series.expect("a series"))).expect("listed");
    let mut book = Book::default();
    let _ = fill_touch(&mut book, &body);
    crate::markets::judge::market(spec, book)
}

fn row(market: &Market, verdict: Result<Signal, &'static str>, reach: Option<Price>) -> ScanRow {
    ScanRow::new(market, ("KXRAIN".into(), "Climate and Weather".into()), verdict, reach, now())
}

#[test]
fn a_touch_alone_is_not_refused_for_what_rests_behind_it() {
    let market = quoted("KXRAIN-26NOV22-NYC", "0.8800", "0.8900");
    assert!(judge_touch(&market, &rules(), now()).is_ok());
    assert_eq!(judge(&market, &rules(), now()), Err("liquidity_too_low"));
}

#[test]
fn a_touch_is_refused_for_what_it_shows() {
    for (bid, ask, code) in [
        ("0.8000", "0.8900", "spread_too_wide"),
        ("0.6000", "0.6100", "below_threshold"),
        ("0.9000", "0.8900", "book_not_ready"),
        ("0.9800", "0.9900", "target_unreachable"),
    ] {
        let market = quoted("KXRAIN-26NOV22-NYC", bid, ask);
        assert_eq!(judge_touch(&market, &rules(), now()).map(|_| ()), Err(code), "{bid} {ask}");
    }
}

#[test]
fn those_that_came_furthest_stand_first() {
    let mut deep = quoted("KXRAIN-26NOV22-NYC", "0.8800", "0.8900");
    let levels = serde_json::from_str(
        r#"{"yes_dollars":[["0.8700","900.00"],["0.8800","40.00"]],"no_dollars":[["0.1000","5.00"],["0.1100","25.00"]]}"#,
    );
    fill_book(&mut deep.book, &levels.expect("a book")).expect("sound");
    let signal = judge(&deep, &rules(), now());
    assert!(signal.is_ok(), "{signal:?}");
    let reach = Some(rules().filter.liquidity_reach);
    let mut rows = vec![
        row(&quoted("KXRAIN-26NOV22-LA", "0.8000", "0.8900"), Err("spread_too_wide"), None),
        row(&quoted("KXRAIN-26NOV22-SF", "0.0300", "0.0400"), Err("target_unreachable"), None),
        row(&deep, signal, reach),
        row(&quoted("KXRAIN-26NOV22-CHI", "0.8800", "0.8900"), Err("volume_too_low"), None),
    ];
    sort(&mut rows);
    insta::assert_snapshot!(List { columns: COLUMNS, rows: &rows }.table(150));
}

#[test]
fn flags_beat_the_rules_of_every_market() {
    use clap::Parser;
    let typed =
        ["kalshi-bot", "markets", "scan", "--within", "2", "--min-volume", "5", "--category", "Crypto"];
    let crate::cli::Command::Markets(arguments) =
        crate::cli::Cli::try_parse_from(typed).expect("sound").command
    else {
        panic!("another command");
    };
    let crate::cli::markets::MarketsCommand::Scan(arguments) = arguments.command else {
        panic!("another command");
    };
    let mut rules = rules();
    let spread = rules.filter.max_spread;
    change(&mut rules, &arguments);
    assert_eq!(rules.filter.max_time_to_close, Duration::from_hours(2));
    assert_eq!(rules.filter.min_volume.to_string(), "5.00");
    assert_eq!(rules.filter.categories, ["Crypto"]);
    assert_eq!(rules.filter.max_spread, spread);
}

#[test]
fn the_end_counts_every_gate_in_its_order() {
    let refused =
        BTreeMap::from([("below_threshold", 1_200), ("volume_too_low", 48_000), (NOT_UNDERSTOOD, 1)]);
    let summary = Summary { seen: 49_203, entered: 2, refused };
    assert_eq!(
        ending("demo", &summary),
        "49,203 markets seen on the demo exchange, 2 would be entered. Refused: 1 not_understood, 48,000 \
         volume_too_low, 1,200 below_threshold."
    );
    assert_eq!(
        ending("demo", &Summary::default()),
        "0 markets seen on the demo exchange, 0 would be entered."
    );
}
