//! Which day is told of: zones, clock changes, days without trades, and names that make no sense.

use super::{DAY, Kept, report};
use crate::sim::said;
use serde_json::Value;

fn period(kept: &Kept, arguments: &[&str]) -> Value {
    let all = [arguments, &["--output", "json"]].concat();
    said(&mut kept.report(&all)).ended(0).document()["period"].clone()
}

#[test]
fn days_are_those_of_a_zone_and_as_long_as_its_clocks_make_them() {
    let kept = Kept::paper("10m");
    for (zone, day, from, seconds) in [
        ("America/New_York", "2026-11-01", "2026-11-01T04:00:00.000000Z", 25 * 3_600),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00:00.000000Z", 23 * 3_600),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00.000000Z", 25 * 3_600),
        ("UTC", "2026-11-01", "2026-11-01T00:00:00.000000Z", 24 * 3_600),
    ] {
        let period = period(&kept, &["--day", day, "--zone", zone]);
        assert_eq!((&period["from"], &period["seconds"]), (&from.into(), &seconds.into()), "{zone} {day}");
    }
    let range = period(&kept, &["--from", "2026-10-31", "--to", "2026-11-02"]);
    assert_eq!(range["seconds"], 73 * 3_600);
}

#[test]
fn a_day_without_trades_says_so_and_names_the_last_one_that_had_any() {
    let kept = Kept::paper("20m");
    let quiet = said(&mut kept.report(&["--day", "2026-11-20"])).ended(0);
    assert!(quiet.stdout.contains("No trade"), "{quiet:#?}");
    assert!(quiet.stdout.contains(DAY), "{quiet:#?}");
    let empty = tempfile::tempdir().expect("a folder");
    let none = said(&mut report(&empty.path().join("none"), &[])).ended(2);
    assert!(none.stderr.contains("--state-dir"), "{none:#?}");
}

#[test]
fn names_that_make_no_sense_are_told_with_what_would() {
    let kept = Kept::paper("10m");
    for (arguments, words) in [
        (&["--zone", "America/New_Yrok"][..], "America/New_York"),
        (&["--zone", "Mars"], "time zone"),
        (&["--day", "2026-02-30"], "2026-02-30"),
        (&["--day", "soon"], "yesterday"),
        (&["--from", "2026-11-02", "--to", "2026-11-01"], "--from"),
    ] {
        let refused = said(&mut kept.report(arguments)).ended(2);
        assert!(refused.stdout.is_empty() && refused.stderr.contains(words), "{arguments:?}: {refused:#?}");
    }
    said(&mut kept.report(&["--day", DAY, "--from", DAY])).ended(2);
    let unknown = said(&mut kept.report(&["--day", DAY, "--account", "demo-1"])).ended(2);
    assert!(unknown.stderr.contains("paper-"), "it names those there are: {unknown:#?}");
    let second = said(&mut kept.report(&["--day", DAY, "--store", "supabase"])).ended(2);
    assert!(second.stderr.contains("SUPABASE_URL"), "{second:#?}");
}

#[test]
fn a_job_hears_nothing_when_all_is_well_and_the_page_is_its_owners() {
    let kept = Kept::paper("20m");
    let page = kept.state().join("page.html");
    let quiet = said(kept.report(&["--day", DAY, "--html"]).arg(&page)).ended(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&page).expect("written").permissions());
    assert_eq!(mode & 0o777, 0o600);
    let unwritten = said(&mut kept.report(&["--day", DAY, "--html", "/nowhere/page.html"])).ended(1);
    assert!(unwritten.stderr.contains("/nowhere/page.html"), "{unwritten:#?}");
}
