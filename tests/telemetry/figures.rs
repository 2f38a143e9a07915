//! The figures of a running bot are the documented ones, and what any collector can read.

use super::running::{Running, has_traded};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;

/// The answer to `GET path`: head and body.
fn get(address: &str, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).expect("somebody listens");
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").expect("taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    (head.to_owned(), body.to_owned())
}

/// A figure: its name as told, its labels, its value.
#[derive(Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

/// What was told, by family: kind and samples.
type Families = BTreeMap<String, (String, Vec<Sample>)>;

/// Reads the text and holds it to the format: each family has its help, its type and then its samples, names and
/// endings are the ones of the type, and the end is marked.
fn parse(text: &str) -> Families {
    let mut families = Families::new();
    let mut current = String::new();
    let (lines, end) = text.rsplit_once("# EOF\n").expect("the end is marked");
    assert_eq!(end, "");
    let mut helped = String::new();
    for line in lines.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect("a name and a help");
            assert!(help.ends_with('.') && is_name(name), "{line}");
            name.clone_into(&mut helped);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a name and a type");
            assert_eq!(name, helped, "help and type belong together");
            assert!(["counter", "gauge", "histogram", "info"].contains(&kind), "{line}");
            assert!(
                families.insert(name.to_owned(), (kind.to_owned(), Vec::new())).is_none(),
                "{name} comes twice"
            );
            name.clone_into(&mut current);
        } else {
            let sample = sample(line);
            let (kind, samples) = families.get_mut(&current).expect("a type comes first");
            let ending =
                sample.name.strip_prefix(&current).unwrap_or_else(|| panic!("{line} is out of place"));
            let endings: &[&str] = match kind.as_str() {
                "counter" => &["_total"],
                "histogram" => &["_sum", "_count", "_bucket"],
                "info" => &["_info"],
                _ => &[""],
            };
            assert!(endings.contains(&ending), "{line}: {kind}");
            samples.push(sample);
        }
    }
    families
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn sample(line: &str) -> Sample {
    let (what, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line:?} has no value"));
    let value = value.parse().unwrap_or_else(|error| panic!("{line:?}: {error}"));
    let (name, labels) = match what.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}').expect("labels end")),
        None => (what, ""),
    };
    assert!(is_name(name), "{line}");
    let labels = labels.split(',').filter(|label| !label.is_empty()).map(|label| {
        let (name, value) = label.split_once('=').expect("a label has a value");
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).expect("it is quoted");
        assert!(is_name(name), "{line}");
        (name.to_owned(), value.to_owned())
    });
    Sample { name: name.to_owned(), labels: labels.collect(), value }
}

fn value(families: &Families, family: &str, labels: &[(&str, &str)]) -> f64 {
    let (_, samples) = families.get(family).unwrap_or_else(|| panic!("{family} is missing"));
    let fits = |sample: &&Sample| {
        labels.iter().all(|(name, value)| sample.labels.get(*name).is_some_and(|found| found == value))
    };
    samples.iter().find(fits).unwrap_or_else(|| panic!("{family} {labels:?} is missing in {samples:?}")).value
}

#[test]
fn the_figures_of_a_run_are_the_documented_ones() {
    let mut run = Running::start(&[], &[("METRICS__LISTEN", "127.0.0.1:0")]);
    let status = run.status(has_traded);
    let url = status["metrics"].as_str().expect("the address is told");
    let address = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/metrics")).expect("a URL");
    let (head, body) = get(address, "/metrics");
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(
        head.to_lowercase().contains("content-type: application/openmetrics-text; version=1.0.0"),
        "{head}"
    );
    let families = parse(&body);

    let page = include_str!("../../docs/metrics.md");
    let documented: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name))
        .filter(|name| name.starts_with("kalshi_bot_"))
        .collect();
    let told: BTreeSet<String> = families
        .iter()
        .map(|(name, (kind, _))| match kind.as_str() {
            "counter" => format!("{name}_total"),
            "info" => format!("{name}_info"),
            _ => name.clone(),
        })
        .collect();
    assert_eq!(told.iter().map(String::as_str).collect::<BTreeSet<_>>(), documented);

    let of =
        |family: &str, labels: &[(&str, &str)]| value(&families, &format!("kalshi_bot_{family}"), labels);
    assert!(of("stream_connected", &[]) >= 1.0 && of("frames", &[("result", "decoded")]) > 0.0);
    assert!(of("positions", &[]) >= 1.0 && of("fills", &[]) >= 1.0 && of("signals", &[]) >= 1.0);
    assert!(of("equity_dollars", &[]) > 0.0 && of("exposure_dollars", &[]) > 0.0);
    assert!(
        of("trading_state", &[("state", "active")]) >= 1.0
            && of("trading_state", &[("state", "halted")]) <= 0.0
    );
    assert!(of("halt", &[("reason", "daily_loss"), ("latched", "true")]) <= 0.0);
    assert!(of("queue_dropped", &[("queue", "store")]) <= 0.0, "records are never dropped");
    for component in ["decode", "step", "signal_to_order", "order_to_answer", "signal_to_answer"] {
        check_histogram(&families, component);
    }
    assert!(run.wrote("stderr").contains(address), "the address is told in the log");
    assert!(get(address, "/").0.starts_with("HTTP/1.1 404"), "nothing else is there");
    assert_eq!(run.end(), Some(0));
}

/// Buckets grow with their bounds, and the last one holds them all.
fn check_histogram(families: &Families, component: &str) {
    let (_, samples) = &families["kalshi_bot_latency_seconds"];
    let ours: Vec<&Sample> = samples
        .iter()
        .filter(|sample| sample.labels.get("component").is_some_and(|name| name == component))
        .collect();
    let count = ours.iter().find(|sample| sample.name.ends_with("_count")).expect("a count").value;
    let buckets: Vec<(f64, f64)> = ours
        .iter()
        .filter(|sample| sample.name.ends_with("_bucket"))
        .map(|sample| (sample.labels["le"].parse().expect("a bound"), sample.value))
        .collect();
    assert!(buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{component}: {buckets:?}");
    for target in [0.01, 0.05, 0.1, 0.2] {
        assert!(buckets.iter().any(|(bound, _)| bound.total_cmp(&target).is_eq()), "{target}: {buckets:?}");
    }
    let (bound, all) = buckets.last().expect("buckets");
    assert!(bound.is_infinite() && all.total_cmp(&count).is_eq() && count >= 1.0, "{component}: {buckets:?}");
}

#[test]
fn an_address_that_is_taken_is_named_with_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let sim = super::sim::Sim::start(&["--markets", "5"]);
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = sim.bot(&["run", "--for", "1s", "--state-dir"]);
    command.arg(folder.path()).env("KALSHI_BOT__METRICS__LISTEN", &address);
    let failed = super::sim::said(&mut command).ended(1);
    assert!(failed.stderr.contains(&address) && failed.stderr.contains("metrics.listen"), "{failed:#?}");
}
