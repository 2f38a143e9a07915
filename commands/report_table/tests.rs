use super::*;
use crate::sample;
use kalshi_bot::engine::record::ExitReason;

#[test]
fn a_run_is_told_in_full() {
    let mut records = sample::records();
    records.extend([
        sample::closed(2, "KXGOLD15M-26AUG050430-30", ExitReason::TakeProfit, 200),
        sample::closed(3, "KXHIGHDEN-26AUG05-B84.5", ExitReason::Settlement, 1_300),
        sample::closed(4, "KXGOLD15M-26AUG050445-45", ExitReason::TimeExit, -100),
    ]);
    let measured = sample::end().measured;
    insta::assert_snapshot!(render("Paper run", &sample::report(&records), &measured, 100));
}

#[test]
fn a_run_without_trades_says_so() {
    insta::assert_snapshot!(render("Paper run", &sample::report(&[]), &[], 100));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let text = render("Paper run", &sample::report(&sample::records()), &sample::end().measured, 80);
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn a_long_run_names_what_it_leaves_out() {
    let records: Vec<_> = (1..=45)
        .map(|id| sample::closed(id, "KXGOLD15M-26AUG050430-30", ExitReason::TakeProfit, 200))
        .collect();
    let text = render("Paper run", &sample::report(&records), &[], 100);
    assert_eq!(text.matches("KXGOLD15M-26AUG050430-30").count(), TRADES_SHOWN);
    assert!(text.contains("… and 5 more; `--output json` lists all"), "{text}");
}

#[test]
fn a_single_trade_proves_nothing() {
    let text = render(
        "Paper run",
        &sample::report(&[sample::closed(1, "A", ExitReason::TakeProfit, 200)]),
        &[],
        100,
    );
    assert!(text.contains("Made 0.35 after 1.65 of fees over 1 trade; one trade has no interval"), "{text}");
}

#[test]
fn one_clock_is_told_of_once() {
    let report = sample::report(&sample::records());
    let text = render("Run", &report, &report.latency, 100);
    assert!(text.contains("\nLatency\nStage"), "{text}");
    assert_eq!(text.matches("Latency").count(), 1, "{text}");
}
