//! The report by mail: once a day, in words, as HTML and as a page, and what is said when it can't be sent.

use super::{DAY, Kept};
use crate::server::{PASSWORD, RECIPIENT, Server, point};
use crate::sim::said;
use serde_json::json;

#[test]
fn a_day_is_mailed_once_unless_it_is_asked_for_again() {
    let Some(mut server) = Server::start(&json!({})) else { return };
    let kept = Kept::paper("1h");
    let mail = |more: &[&str]| {
        let all = [&["--day", DAY, "--email"], more].concat();
        let sent = said(server.address(&mut kept.report(&all))).ended(0);
        assert_eq!(sent.stdout, "", "a job hears nothing");
        sent.stderr
    };
    assert_eq!(mail(&[]), "");
    assert_eq!(mail(&[]), "", "the second time nothing is sent");
    mail(&["--again"]);
    let subject = "HFT Bot - Daily summary 2026-11-23";
    let first = server.wait_for(subject).clone();
    let whole = first.to_string();
    assert!(whole.contains(RECIPIENT) && !whole.contains(PASSWORD), "{whole}");
    assert!(
        first["subject"].as_str().is_some_and(|subject| subject.starts_with("[WARNING]")),
        "it lost: {first}"
    );
    for words in ["break-even", "<table", "daily-paper-2026-11-23.html"] {
        assert!(whole.to_lowercase().contains(words), "{words} is missing: {whole}");
    }
    let mails = server.all();
    assert_eq!(mails.len(), 2, "one, and one again");
}

#[test]
fn a_report_that_cannot_be_mailed_says_why_and_is_sent_by_the_next_job() {
    let kept = Kept::paper("10m");
    let unset = said(&mut kept.report(&["--day", DAY, "--email"])).ended(2);
    assert!(unset.stderr.contains("ALERT_EMAIL_"), "{unset:#?}");
    let Some(server) = Server::start(&json!({"password": "another"})) else { return };
    let refused = said(server.address(&mut kept.report(&["--day", DAY, "--email"]))).ended(1);
    assert!(refused.stderr.contains("was not mailed") && refused.stderr.contains("535"), "{refused:#?}");
    assert!(!refused.stderr.contains(PASSWORD), "{refused:#?}");
    let Some(mut server) = Server::start(&json!({})) else { return };
    said(server.address(&mut kept.report(&["--day", DAY, "--email"]))).ended(0);
    server.wait_for("Daily summary");
    let nobody =
        said(point(&mut kept.report(&["--day", DAY, "--email", "--again"]), "127.0.0.1", 1)).ended(1);
    assert!(nobody.stderr.contains("was not mailed"), "{nobody:#?}");
}
