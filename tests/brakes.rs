//! What holds when the bot dies or isn't alone: order groups, orders that end by themselves, cancel-all, and the refusal
//! of a second bot under the same names.

#[allow(dead_code, reason = "shared by several test programs")]
#[path = "support/sim.rs"]
mod sim;

use kalshi_bot::kalshi::model::{
    BookSide, CreateOrder, Order, OrderStatus, SelfTradePrevention, TimeInForce,
};
use kalshi_bot::kalshi::rest::query::OrderQuery;
use kalshi_bot::units::{Price, Quantity};
use serde_json::{Value, json};
use sim::{Hand, Sim, said, signal, wait};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// An exchange and an account in a folder of its own.
struct Scene {
    sim: Sim,
    hand: Hand,
    state: PathBuf,
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let sim = Sim::start(&["--seed", "3", "--markets", "80", "--speed", "20", "--tier", "prime"]);
        let folder = tempfile::tempdir().expect("a folder");
        Self { hand: Hand::new(&sim), sim, state: folder.path().join("account"), folder }
    }

    /// A command with rules that trade much.
    fn command(&self, arguments: &[&str], state: &Path) -> Command {
        let mut command = self.sim.bot(arguments);
        command.arg("--state-dir").arg(state);
        for (key, value) in [
            ("MARKETS__MIN_VOLUME", "0"),
            ("MARKETS__MIN_LIQUIDITY", "0"),
            ("MARKETS__MAX_SPREAD", "0.04"),
            ("RISK__CIRCUIT_BREAKER_ENABLED", "false"),
            ("TRADING__COOLDOWN_MINUTES", "0"),
            ("TRADING__MAX_POSITION_SIZE", "0.02"),
            ("EXECUTION__ORDER_LIFETIME_SECONDS", "10"),
            ("EXECUTION__RECONCILE_EVERY", "5"),
        ] {
            command.env(format!("KALSHI_BOT__{key}"), value);
        }
        command
    }

    fn run(&self) -> Child {
        let mut command = self.command(&["run", "--output", "json"], &self.state);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
    }

    /// Waits until the running bot's status is as wanted, and gives it back.
    fn until(&self, what: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + Duration::from_mins(1);
        let mut last = Value::Null;
        while Instant::now() < until {
            let status = said(&mut self.command(&["status", "--output", "json"], &self.state));
            if matches!(status.code, Some(0 | 6)) {
                last = status.document();
                if is_wanted(&last) {
                    return last;
                }
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("{what} never came about: {last}");
    }

    fn orders(&self) -> Vec<Order> {
        let query = OrderQuery { limit: Some(1_000), ..OrderQuery::default() };
        self.hand.ask(async |client| client.orders(&query).all().await).expect("orders")
    }

    fn resting(&self) -> Vec<Order> {
        let mut orders = self.orders();
        orders.retain(|order| order.status == OrderStatus::Resting);
        orders
    }

    fn groups(&self) -> Vec<String> {
        let groups = self.hand.ask(async |client| client.order_groups().await).expect("groups");
        groups.into_iter().map(|group| group.id).collect()
    }

    /// Puts an order far from the market there under this name.
    fn rest(&self, ticker: &str, name: &str) {
        let order = CreateOrder {
            ticker: ticker.to_owned(),
            side: BookSide::Bid,
            count: Quantity::from_contracts(1),
            price: Price::from_raw(10_000),
            time_in_force: TimeInForce::GoodTillCanceled,
            self_trade_prevention_type: SelfTradePrevention::TakerAtCross,
            client_order_id: Some(name.to_owned()),
            expiration_time: None,
            post_only: Some(true),
            reduce_only: None,
            cancel_order_on_pause: None,
            order_group_id: None,
            subaccount: None,
            exchange_index: None,
        };
        self.hand.ask(async |client| client.create_order(&order).await).expect("it rests");
    }

    fn some_market(&self) -> String {
        let scan =
            said(&mut self.sim.bot(&["markets", "scan", "--all", "--output", "json"])).ended(0).document();
        let markets = scan["markets"].as_array().expect("a list");
        let is_there = |market: &&Value| market["bid"].as_str().is_some_and(|bid| bid > "0.50");
        let market = markets.iter().find(is_there).or(markets.first()).expect("a market");
        market["market"].as_str().expect("a name").to_owned()
    }
}

fn end(mut run: Child, code: i32) {
    signal(&run, "TERM");
    assert_eq!(wait(&mut run, Duration::from_secs(15)), Some(code));
}

fn kill(mut run: Child) {
    run.kill().expect("a child");
    run.wait().expect("a child");
}

fn has_target(status: &Value) -> bool {
    status["orders"].as_array().is_some_and(|orders| {
        orders.iter().any(|order| order["purpose"] == "take_profit" && order["state"] == "resting")
    })
}

#[test]
fn what_a_killed_bot_left_resting_is_taken_off_by_cancel_all_and_its_groups_by_the_next_start() {
    let scene = Scene::new();
    let theirs = scene.hand.ask(async |client| {
        let group = kalshi_bot::kalshi::model::CreateOrderGroup {
            contracts_limit: Some(10_000),
            ..Default::default()
        };
        client.create_order_group(&group).await
    });
    let theirs = theirs.expect("a group").order_group_id;
    let run = scene.run();
    scene.until("a resting target", has_target);
    kill(run);
    let left = scene.resting();
    assert!(!left.is_empty(), "a killed bot takes nothing off");
    for order in &left {
        assert!(order.expiration_time.is_some() && order.cancel_order_on_pause == Some(true), "{order:?}");
        assert!(order.order_group_id.is_some(), "{order:?}");
    }
    let begun = Instant::now();
    // No terminal, no state folder, nothing set but the exchange.
    said(&mut scene.sim.bot(&["cancel-all", "--mine", "--yes"])).ended(0);
    said(&mut scene.sim.bot(&["cancel-all", "--mine", "--yes"])).ended(0);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(scene.resting().is_empty());

    let behind = scene.groups();
    assert!(behind.len() > 1 && behind.contains(&theirs), "{behind:?}");
    let run = scene.run();
    scene.until("a bot", |status| status["running"] == true);
    let now = scene.groups();
    assert!(now.contains(&theirs), "it is somebody else's");
    assert!(behind.iter().all(|id| *id == theirs || !now.contains(id)), "{behind:?} and then {now:?}");
    end(run, 0);
    assert_eq!(scene.groups(), [theirs]);
}

#[test]
fn a_target_that_expires_is_renewed_and_the_account_stays_clean() {
    let scene = Scene::new();
    let run = scene.run();
    let status = scene.until("a resting target", has_target);
    let counted = |status: &Value| status["reconciled"]["result"] == "clean";
    scene.until("a clean comparison", counted);
    thread::sleep(Duration::from_secs(14));
    scene.until("a clean comparison", counted);
    let now = scene.resting();
    for (index, order) in now.iter().enumerate() {
        let twice = now[index + 1..]
            .iter()
            .find(|other| other.ticker == order.ticker && other.book_side == order.book_side);
        assert!(twice.is_none(), "{order:?} and {twice:?}");
    }
    end(run, 0);
    let first = status["orders"].as_array().expect("orders");
    let is_renewed = first.iter().filter(|order| order["purpose"] == "take_profit").any(|target| {
        let of_market = scene.orders();
        let same = of_market.iter().filter(|order| {
            order.ticker == target["ticker"].as_str().unwrap_or_default() && order.expiration_time.is_some()
        });
        same.count() > 1
    });
    assert!(is_renewed, "no target outlived its order: {status}");
    said(&mut scene.command(&["reconcile"], &scene.state)).ended(0);
}

#[test]
fn a_second_bot_is_refused_on_the_same_folder_and_on_another_and_welcome_under_another_name() {
    let scene = Scene::new();
    let run = scene.run();
    scene.until("a bot", |status| status["running"] == true);
    said(&mut scene.command(&["run", "--for", "1s"], &scene.state)).ended(4);
    let other = scene.folder.path().join("other");
    let refused = said(&mut scene.command(&["run", "--for", "1s"], &other)).ended(1);
    assert!(refused.stderr.contains("prefix kb") && refused.stderr.contains("order_prefix"), "{refused:#?}");
    kill(run);
    let next = scene.run();
    scene.until("the next bot", |status| status["running"] == true && status["pid"] == next.id());
    end(next, 0);
}

#[test]
fn orders_of_a_run_that_nobody_here_knows_keep_a_bot_from_starting_until_they_are_gone() {
    let scene = Scene::new();
    let ticker = scene.some_market();
    scene.rest(&ticker, "kb-1k3f9x2a-17");
    let refused = said(&mut scene.command(&["run", "--for", "1s"], &scene.state)).ended(7);
    for word in ["kb-1k3f9x2a-17", &ticker, "execution.order_prefix", "cancel-all"] {
        assert!(refused.stderr.contains(word), "{word} in {refused:#?}");
    }
    assert_eq!(scene.resting().len(), 1, "it was left alone");
    said(&mut scene.sim.bot(&["cancel-all", "--yes"])).ended(0);
    said(&mut scene.command(&["run", "--for", "1s"], &scene.state)).ended(0);
}

#[test]
fn another_bot_under_the_same_names_halts_a_running_one() {
    let scene = Scene::new();
    let run = scene.run();
    scene.until("a bot", |status| status["connected"] == true && status["reconciled"].is_object());
    scene.rest(&scene.some_market(), "kb-1k3f9x2a-17");
    let status = scene.until("a halt", |status| status["trading"] == "halted");
    let halt =
        status["reasons"].as_array().expect("reasons").iter().find(|it| it["code"] == "second_instance");
    let detail = halt.expect("the reason")["detail"].as_str().expect("a text").to_owned();
    assert!(detail.contains("1k3f9x2a") && detail.contains("order_prefix"), "{detail}");
    assert!(halt.expect("the reason")["latched"] == true);
    end(run, 0);
    assert_eq!(scene.resting().len(), 1, "the other bot's order is left alone");
}

#[test]
fn a_trade_by_hand_is_noticed_while_the_bot_runs() {
    let scene = Scene::new();
    let run = scene.run();
    scene.until("a clean comparison", |status| status["reconciled"]["result"] == "clean");
    scene.hand.buy_one(&scene.sim);
    let status = scene.until("a halt", |status| status["trading"] == "halted");
    let drift = status["reasons"].as_array().expect("reasons").iter().find(|it| it["latched"] == true);
    let detail = drift.expect("a reason")["detail"].as_str().expect("a text").to_owned();
    assert!(detail.contains("here") && detail.contains("on the exchange"), "{detail}");
    end(run, 7);
}

#[test]
fn sockets_that_drop_and_answers_that_get_lost_are_no_drift() {
    let scene = Scene::new();
    scene.hand.turn(
        "faults",
        &json!({"drop_sockets_every_s": 4, "lose_order_answer_every": 4, "duplicate_fills": true}),
    );
    let run = scene.run();
    scene.until("a position", |status| !status["positions"].as_array().is_none_or(Vec::is_empty));
    thread::sleep(Duration::from_secs(12));
    let status = scene.until("a comparison", |status| status["reconciled"].is_object());
    assert_ne!(status["trading"], "halted", "{}", status["reasons"]);
    scene.hand.turn(
        "faults",
        &json!({"drop_sockets_every_s": 0, "lose_order_answer_every": 0, "duplicate_fills": false}),
    );
    scene.until("a clean comparison", |status| status["reconciled"]["result"] == "clean");
    end(run, 0);
}
