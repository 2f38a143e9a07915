//! The same seed gives the same run, to the byte.

use crate::program::{SHORT, bot, list, said, told_in_json};

fn stdout_of(arguments: &[&str], seed: &str) -> String {
    let said = said(bot(arguments).args(["--seed", seed, "--output", "json"]));
    assert_eq!(said.code, Some(0), "{said:#?}");
    said.stdout
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let first = stdout_of(&SHORT, "4");
    assert_eq!(first, stdout_of(&SHORT, "4"));
    assert_ne!(first, stdout_of(&SHORT, "5"));
}

#[test]
fn a_paced_run_gives_the_same_bytes_with_the_latency_of_its_own_clock() {
    let paced = ["paper", "--speed", "3600", "--for", "3m", "--markets", "40"];
    let first = stdout_of(&paced, "2");
    assert_eq!(first, stdout_of(&paced, "2"));
    let document: serde_json::Value = serde_json::from_str(&first).expect("one document");
    let answer = &document["latency"]["order_to_answer"];
    let p50 = answer["p50"].as_u64().expect("nanoseconds");
    assert!((50_000_000..50_100_000).contains(&p50), "25 ms each way: {answer}");
}

#[test]
fn speed_changes_nothing_but_its_own_field_and_latency() {
    let at = |speed| {
        told_in_json(&mut bot(&["paper", "--speed", speed, "--for", "3m", "--markets", "40", "--seed", "2"]))
    };
    let (mut max, mut paced) = (at("max"), at("3600"));
    assert!(max.get("latency").is_none(), "at full speed there is no latency to tell of");
    assert!(!list(&max["fills"]).is_empty(), "the run does something");
    assert_eq!((max["run"]["speed"].take(), paced["run"]["speed"].take()), ("max".into(), "3600".into()));
    paced.as_object_mut().expect("a document").remove("latency").expect("a paced run has latency");
    assert_eq!(max, paced);
}
