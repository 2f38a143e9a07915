use super::*;
use crate::alert::limit::Digest;
use crate::alert::samples::{self, at, identity};
use crate::alert::{Alert, Stake};
use crate::engine::record::ExitReason;

/// Enough of everything that flaps or is closed.
fn digest() -> Digest {
    let mut digest = Digest::default();
    for _ in 0..42 {
        digest.add(&samples::tripped("feed_stale").note());
        digest.add(&samples::cleared("feed_stale").note());
    }
    for cents in [54, -108, 54, -81] {
        digest.add(&Alert::Closed(samples::closed(ExitReason::StopLoss, cents)).note());
    }
    digest
}

fn letters() -> Vec<Letter> {
    let stakes = [Stake::Production, Stake::Demo, Stake::Simulated, Stake::Paper];
    let alerts = samples::all().into_iter().zip(stakes.into_iter().cycle());
    let mut letters: Vec<Letter> =
        alerts.map(|(alert, stake)| Letter::of(&alert, &identity(stake))).collect();
    letters.push(Letter::of_digest(&digest(), &identity(Stake::Production), at(600)));
    letters.push(Letter::of_test(at(0)));
    letters
}

/// A file's name from a subject.
fn name(subject: &str) -> String {
    let words = subject.to_lowercase();
    let words: Vec<&str> =
        words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[test]
fn every_mail_reads_well_as_text() {
    let texts: Vec<String> = letters()
        .iter()
        .map(|letter| mail(letter).expect("it can be rendered"))
        .map(|mail| format!("=== {}\n{}", mail.subject(), mail.text))
        .collect();
    insta::assert_snapshot!(texts.join("\n"));
}

/// The HTML also goes to the folder that `KALSHI_BOT_SHOW_MAILS` names, to be looked at in a browser.
#[test]
fn html_says_what_the_text_says_and_loads_nothing() {
    let shown = std::env::var_os("KALSHI_BOT_SHOW_MAILS").map(std::path::PathBuf::from);
    for letter in letters() {
        let mail = mail(&letter).expect("it can be rendered");
        let subject = mail.subject();
        let html = mail.html.expect("there is HTML");
        if let Some(folder) = &shown {
            std::fs::write(folder.join(name(&subject)).with_extension("html"), &html).expect("a folder");
        }
        for row in letter.rows.iter().chain(&letter.foot) {
            // The only characters of ours that HTML writes otherwise.
            let value = row.value.replace('&', "&#38;").replace('<', "&#60;").replace('\'', "&#39;");
            assert!(html.contains(&value), "{}: {} is missing\n{html}", letter.title, row.value);
            assert!(mail.text.contains(&row.value), "{}: {} is missing", letter.title, row.value);
        }
        for loads in ["src=", "href=", "url(", "@import", "<script", "http"] {
            assert!(!html.contains(loads), "{}: {loads}", letter.title);
        }
        assert!(html.contains("prefers-color-scheme: dark"));
    }
}

#[test]
fn what_the_exchange_sent_is_no_markup() {
    let mut opened = samples::opened();
    opened.market = "<img src=x>&".into();
    let mail = mail(&Letter::of(&Alert::Opened(opened), &identity(Stake::Demo))).expect("it can be rendered");
    let html = mail.html.expect("there is HTML");
    assert!(!html.contains("<img") && html.contains("&#60;img"), "{html}");
    assert!(mail.text.contains("<img src=x>&"), "text needs no escapes");
}

#[test]
fn a_closed_position_has_the_figures_people_ask_for() {
    let trade = samples::closed(ExitReason::StopLoss, -108);
    let mail =
        mail(&Letter::of(&Alert::Closed(trade), &identity(Stake::Production))).expect("it can be rendered");
    assert_eq!(mail.subject(), "[WARNING] HFT Bot - Position closed: KXHIGHNY-26NOV24-B52.5 -1.51");
    for figure in ["-$1.51 (-6.28 % of what was paid)", "$0.43", "stop_loss", "1h 02m", "REAL MONEY"] {
        assert!(mail.text.contains(figure), "{figure}: {}", mail.text);
    }
}
