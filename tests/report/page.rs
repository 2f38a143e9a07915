//! The page in a real browser: charts are there, nothing overflows, on a phone and on a desk, by day and by night.
//!
//! `KALSHI_BOT_TEST_CHROMIUM` names the browser, which is otherwise taken from where Debian puts it. Pictures are left in
//! the test's own output folder, for a person to look at.

use super::{DAY, Kept};
use crate::sim::said;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Says of a page in a frame what the eye would see. The figures go into the title, which the browser prints.
const LOOK: &str = "<script>
const frame = document.querySelector('iframe');
frame.addEventListener('load', () => {
    const page = frame.contentDocument;
    const charts = [...page.querySelectorAll('svg')];
    const texts = [...page.querySelectorAll('svg text')].map(text => text.getBoundingClientRect().height);
    const tall = page.documentElement.scrollHeight;
    document.title = 'LOOKED' + JSON.stringify({
        wide: frame.clientWidth,
        scroll: page.documentElement.scrollWidth,
        charts: charts.length,
        drawn: charts.filter(svg => svg.querySelector('path, polyline, rect, circle, polygon')).length,
        inside: charts.every(svg => svg.getBoundingClientRect().right <= frame.clientWidth + 1),
        smallest: Math.min(...texts),
        background: getComputedStyle(page.body).backgroundColor,
        ink: getComputedStyle(page.body).color,
        tables: page.querySelectorAll('table').length,
        tall,
    }) + 'END';
});
</script>";

fn chromium() -> Option<PathBuf> {
    let named =
        std::env::var_os("KALSHI_BOT_TEST_CHROMIUM").filter(|name| !name.is_empty()).map(PathBuf::from);
    let path = named.clone().unwrap_or_else(|| PathBuf::from("/usr/bin/chromium"));
    if path.exists() {
        return Some(path);
    }
    assert!(
        named.is_none() && std::env::var_os("KALSHI_BOT_TEST_ALL").is_none(),
        "there is no {}",
        path.display()
    );
    println!("skipped: there is no browser; name one with KALSHI_BOT_TEST_CHROMIUM");
    None
}

/// The page in a frame of this width, which a window can't be made as narrow as.
fn framed(page: &str, width: u32) -> String {
    let inside = page.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        "<!doctype html><meta charset=utf-8><title>not yet</title><body style='margin:0'>\
         <iframe style='width:{width}px;height:3000px;border:0' srcdoc=\"{inside}\"></iframe>{LOOK}</body>"
    )
}

fn browse(chromium: &Path, page: &Path, is_dark: bool, more: &[String]) -> String {
    let profile = tempfile::tempdir().expect("a folder");
    let output = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--hide-scrollbars", "--virtual-time-budget=5000"])
        .arg(format!("--blink-settings=preferredColorScheme={}", u8::from(!is_dark)))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(more)
        .arg(format!("file://{}", page.display()))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .expect("the browser runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_page_is_whole_at_every_width_by_day_and_by_night() {
    let Some(chromium) = chromium() else { return };
    let kept = Kept::paper("1h");
    let page = said(&mut kept.report(&["--day", DAY, "--output", "html"])).ended(0).stdout;
    let loads = ["src=\"http", "href=\"http", "url(", "@import", "<script"];
    assert!(loads.iter().all(|load| !page.contains(load)), "it needs nothing from elsewhere");
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut backgrounds = Vec::new();
    for (width, is_dark) in [(400, false), (400, true), (1_200, false), (1_200, true)] {
        let name = format!("report-{width}-{}", if is_dark { "dark" } else { "light" });
        let file = pictures.join(format!("{name}.html"));
        std::fs::write(&file, framed(&page, width)).expect("written");
        let dumped = browse(
            &chromium,
            &file,
            is_dark,
            &["--dump-dom".to_owned(), "--window-size=1300,900".to_owned()],
        );
        let told = dumped.split("LOOKED").nth(1).and_then(|rest| rest.split("END").next());
        let told = told.unwrap_or_else(|| panic!("{name}: the page never loaded: {dumped:.400}"));
        let seen: Value = serde_json::from_str(&told.replace("&quot;", "\"")).expect("JSON");
        assert_eq!(seen["wide"], width, "{name}: {seen}");
        assert!(seen["scroll"].as_u64() <= Some(width.into()), "{name} overflows: {seen}");
        assert!(seen["charts"].as_u64() >= Some(5) && seen["charts"] == seen["drawn"], "{name}: {seen}");
        assert_eq!(seen["inside"], true, "{name}: {seen}");
        assert!(seen["smallest"].as_f64() >= Some(9.0), "{name}: text too small to read: {seen}");
        assert!(seen["tables"].as_u64() >= Some(6), "every chart's figures stand in a table too: {seen}");
        assert_ne!(seen["background"], seen["ink"], "{name}");
        backgrounds.push((is_dark, seen["background"].to_string()));
        let picture = pictures.join(format!("{name}.png"));
        let _ = std::fs::remove_file(&picture);
        let shot =
            [format!("--screenshot={}", picture.display()), format!("--window-size={},3000", width.max(500))];
        browse(&chromium, &file, is_dark, &shot);
        let bytes = std::fs::metadata(&picture).map_or(0, |file| file.len());
        assert!(bytes > 20_000, "{name}: the picture is empty ({bytes} bytes)");
    }
    assert_ne!(backgrounds[0].1, backgrounds[1].1, "the dark page is dark");
}
