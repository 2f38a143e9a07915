//! A run on an exchange that goes wrong: each fault alone and all together. However it went, no order is there twice,
//! nothing rests in the end, and the books agree with the exchange to the micro-dollar.

#[allow(dead_code, reason = "shared by several test programs")]
#[path = "support/sim.rs"]
mod sim;

use kalshi_bot::kalshi::rest::query::OrderQuery;
use serde_json::{Value, json};
use sim::{Hand, Sim, said};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// An exchange with an account in a folder of its own.
struct Scene {
    sim: Sim,
    hand: Hand,
    state: PathBuf,
    _folder: tempfile::TempDir,
}

impl Scene {
    fn new(flags: &[&str]) -> Self {
        let usual =
            ["--seed", "3", "--markets", "80", "--speed", "30", "--tier", "prime", "--settlement-timer", "1"];
        let sim = Sim::start(&[&usual, flags].concat());
        let folder = tempfile::tempdir().expect("a folder");
        let hand = Hand::new(&sim);
        Self { hand, sim, state: folder.path().join("account"), _folder: folder }
    }

    /// A command with rules that trade much.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.sim.bot(arguments);
        command.arg("--state-dir").arg(&self.state);
        sim::trade_much(&mut command);
        command
    }

    fn start(&self, length: &str) -> Child {
        let mut command = self.command(&["run", "--output", "json", "--for", length]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    }

    fn finish(run: Child) -> Value {
        let output = run.wait_with_output().expect("a child");
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{complaint}\n{}", String::from_utf8_lossy(&output.stdout));
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {complaint}"))
    }

    /// What must hold once the faults are over.
    fn assert_whole(&self) {
        self.hand.turn("faults", &json!({
            "drop_sockets_every_s": 0, "skip_sequence_every": 0, "delay_ms": 0, "lose_order_answer_every": 0,
            "server_error_every": 0, "rate_limit_every": 0, "duplicate_fills": false, "clock_skew_s": 0,
        }));
        self.hand.turn("pause", &json!({}));
        let orders =
            self.hand.ask(async |client| client.orders(&OrderQuery::default()).all().await).expect("orders");
        let mut names = BTreeMap::new();
        for order in &orders {
            *names.entry(order.client_order_id.as_str()).or_insert(0) += 1;
            assert_ne!(order.status, kalshi_bot::kalshi::model::OrderStatus::Resting, "{order:?}");
        }
        assert!(names.values().all(|count| *count == 1), "an order is there twice: {names:?}");
        assert!(orders.iter().any(|order| order.fill_count_fp.is_positive()), "nothing was traded");
        let clean = said(&mut self.command(&["reconcile", "--output", "json"])).ended(0).document();
        assert_eq!((&clean["clean"], &clean["cash_here"]), (&true.into(), &clean["cash_there"]), "{clean}");
    }
}

/// A run of some seconds on an exchange with these faults, and what it says of itself.
fn survives(flags: &[&str]) -> Value {
    let scene = Scene::new(flags);
    let document = Scene::finish(scene.start("8s"));
    scene.assert_whole();
    assert_eq!(document["state"]["trading"], "active", "{}", document["state"]);
    document
}

fn count(document: &Value, section: &str, name: &str) -> u64 {
    document[section][name].as_u64().unwrap_or_else(|| panic!("{section}.{name} in {document}"))
}

#[test]
fn without_a_fault() {
    let scene = Scene::new(&[]);
    let document = Scene::finish(scene.start("8s"));
    scene.assert_whole();
    let groups = scene.hand.ask(async |client| client.order_groups().await).expect("groups");
    assert_eq!(groups, [], "a brake is left behind");
    assert_eq!((count(&document, "frames", "gaps"), count(&document, "frames", "malformed")), (0, 0));
}

#[test]
fn sockets_that_drop() {
    survives(&["--drop-sockets-every", "2"]);
}

#[test]
fn numbers_that_are_left_out() {
    let document = survives(&["--skip-sequence-every", "300"]);
    assert!(count(&document, "frames", "gaps") > 0, "{document}");
    assert!(count(&document, "frames", "resyncs") > 0, "{document}");
}

#[test]
fn answers_that_come_late() {
    survives(&["--delay-ms", "40"]);
}

#[test]
fn answers_that_are_lost_after_the_order_was_taken() {
    survives(&["--lose-order-answer-every", "3"]);
}

#[test]
fn a_server_that_is_broken_now_and_then() {
    survives(&["--server-error-every", "7"]);
}

#[test]
fn an_exchange_that_says_too_many_requests() {
    let scene = Scene::new(&["--rate-limit-every", "9"]);
    Scene::finish(scene.start("8s"));
    scene.assert_whole();
}

#[test]
fn fills_that_are_told_twice() {
    survives(&["--duplicate-fills"]);
}

#[test]
fn everything_at_once() {
    let scene = Scene::new(&[
        "--drop-sockets-every",
        "3",
        "--skip-sequence-every",
        "500",
        "--delay-ms",
        "100",
        "--lose-order-answer-every",
        "4",
        "--server-error-every",
        "13",
        "--rate-limit-every",
        "17",
        "--duplicate-fills",
    ]);
    Scene::finish(scene.start("12s"));
    scene.assert_whole();
}

/// Waits until the running bot holds something, and gives back where.
fn position(scene: &Scene) -> String {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let status = said(&mut command_of(scene, &["status", "--output", "json"]));
        if status.code == Some(0)
            && let Some(ticker) = status.document()["positions"][0]["ticker"].as_str()
        {
            return ticker.to_owned();
        }
        assert!(Instant::now() < until, "no position was ever opened");
        thread::sleep(Duration::from_millis(100));
    }
}

fn command_of(scene: &Scene, arguments: &[&str]) -> Command {
    scene.command(arguments)
}

#[test]
fn markets_that_pause_close_early_change_their_grid_and_pay_out() {
    let scene = Scene::new(&[]);
    let run = scene.start("14s");
    let ticker = position(&scene);
    scene.hand.turn(&format!("market/{ticker}/pause"), &json!({}));
    thread::sleep(Duration::from_millis(500));
    scene.hand.turn(&format!("market/{ticker}/activate"), &json!({}));
    thread::sleep(Duration::from_millis(500));
    scene.hand.turn(&format!("market/{ticker}/grid?step=0.01"), &json!({}));
    thread::sleep(Duration::from_millis(500));
    scene.hand.turn(&format!("market/{ticker}/close"), &json!({}));
    thread::sleep(Duration::from_millis(500));
    scene.hand.turn(&format!("market/{ticker}/settle?result=no"), &json!({}));
    let document = Scene::finish(run);
    scene.assert_whole();
    let still: Vec<_> = document["open_positions"].as_array().into_iter().flatten().collect();
    assert!(
        still.iter().all(|position| position["market"] != ticker.as_str()),
        "{ticker} was paid out: {still:?}"
    );
}

#[test]
fn trading_that_pauses_and_goes_on() {
    let scene = Scene::new(&[]);
    let run = scene.start("40s");
    position(&scene);
    scene.hand.turn("pause", &json!({"trading": true}));
    let reduced = |wanted: bool| {
        let until = Instant::now() + Duration::from_secs(25);
        loop {
            let status = said(&mut scene.command(&["status", "--output", "json"])).document();
            let paused = status["reasons"].to_string().contains("exchange_paused");
            if paused == wanted {
                return;
            }
            assert!(Instant::now() < until, "{}", status["reasons"]);
            thread::sleep(Duration::from_millis(200));
        }
    };
    reduced(true);
    scene.hand.turn("pause", &json!({}));
    reduced(false);
    sim::signal(&run, "TERM");
    Scene::finish(run);
    scene.assert_whole();
}

#[test]
fn a_run_that_is_killed_is_taken_up_by_the_next() {
    let scene = Scene::new(&[]);
    let mut run = scene.start("60s");
    position(&scene);
    run.kill().expect("a child");
    run.wait().expect("a child");
    let document = Scene::finish(scene.start("4s"));
    assert!(document["state"]["trading"] == "active", "{document}");
    scene.assert_whole();
    assert_eq!(mode(&scene.state), 0o700);
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}
