use super::*;
use crate::holdings::samples::market as body;
use kalshi_bot::gateway::listing::fill_touch;
use kalshi_bot::market::filter::FilterReason;
use kalshi_bot::strategy::SignalReason;

fn sample() -> (model::Market, Market, Rules) {
    let body = body("KXRAIN-26NOV22-NYC", "active");
    let series = serde_json::from_str(
        r#"{"ticker":"KXRAIN","title":"Rain","frequency":"daily","category":"Climate and Weather",
            "fee_type":"quadratic","fee_multiplier":0.5}"#,
    );
    let spec = market_spec(&body, &Terms::of_series(&series.expect("a series"))).expect("listed");
    let mut book = Book::default();
    fill_touch(&mut book, &body).expect("sound");
    let settings = kalshi_bot::config::load(&kalshi_bot::config::Sources::default()).expect("sound");
    let rules = settings.rules_for("KXRAIN", "Climate and Weather");
    (body, market(spec, book), rules)
}

fn now() -> Timestamp {
    "2026-11-22T15:00:00Z".parse().expect("a time")
}

#[test]
fn a_market_is_shown_with_both_outcomes_of_its_book() {
    let (body, market, rules) = sample();
    let verdict = verdict(&market, &rules, now());
    let rungs = rungs(&market.book, 10);
    let trades = serde_json::from_str(
        r#"[{"trade_id":"t1","ticker":"KXRAIN-26NOV22-NYC","count_fp":"12.50","yes_price_dollars":"0.8900",
             "no_price_dollars":"0.1100","taker_outcome_side":"yes","taker_book_side":"bid",
             "created_time":"2026-11-22T14:59:00Z","is_block_trade":false}]"#,
    );
    let trades: Vec<Trade> = trades.expect("trades");
    let document = Document {
        exchange: "demo",
        market: &market.spec,
        outcomes: ["Rain", "No rain"],
        result: "",
        rules: "If it rains in New York on 22 November 2026, the market resolves to Yes.",
        book: List { columns: RUNGS, rows: &rungs },
        trades: List { columns: TRADES, rows: &trades },
        verdict: &verdict,
    };
    let shown = [described(&document, &body, now(), 100), document.book.table(100), followed(&document, 100)];
    insta::assert_snapshot!(shown.join("\n\n"));
    let written = serde_json::to_value(&document).expect("written");
    assert_eq!(written["verdict"]["why_not"], "liquidity_too_low");
    assert_eq!(written["book"][0]["no_price"], "0.1100");
}

#[test]
fn a_signal_is_told_with_its_figures() {
    let (_, market, mut rules) = sample();
    rules.filter.min_liquidity = kalshi_bot::units::Money::ZERO;
    let verdict = verdict(&market, &rules, now());
    assert!(verdict.enters && verdict.why_not.is_none(), "{verdict:?}");
    assert!(
        verdict.words.starts_with("buy yes at 0.89, take the profit at 0.91, stop at 0.8"),
        "{}",
        verdict.words
    );
    assert_eq!(verdict.price, Some(Price::from_raw(890_000)));
}

#[test]
fn every_refusal_has_words() {
    let (_, market, rules) = sample();
    let filtered = FilterReason::ALL.map(|reason| words::filtered(reason, &market, &rules, now()));
    let unwanted = SignalReason::ALL.map(|reason| words::unwanted(reason, &market, &rules));
    let all: Vec<String> = filtered.into_iter().chain(unwanted).collect();
    insta::assert_snapshot!(all.join("\n"));
}
