use super::*;
use crate::kalshi::ws::Decoder;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A roster of books alone, three markets to a command, with a clock of its own.
struct Desk {
    roster: Roster,
    now: Instant,
    sid: u32,
}

impl Desk {
    fn new(channels: &[Channel]) -> Self {
        let pace = Pace {
            patience: Duration::from_secs(10),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            chunk: 3,
        };
        Self { roster: Roster::new(channels, pace), now: Instant::now(), sid: 7 }
    }

    fn commands(&mut self) -> Vec<Value> {
        let mut out = VecDeque::new();
        self.roster.commands(self.now, &mut out).expect("everything is answered in time");
        out.iter().map(|text| serde_json::from_str(text).expect("JSON")).collect()
    }

    /// The one command that is due.
    fn command(&mut self) -> Value {
        let mut commands = self.commands();
        assert_eq!(commands.len(), 1, "{commands:?}");
        commands.remove(0)
    }

    fn hear(&mut self, frame: &Value) -> Answer {
        let text = frame.to_string();
        let mut decoder = Decoder::default();
        self.roster.hear(&decoder.decode(text.as_bytes()).expect("a frame"), self.now)
    }

    fn accept(&mut self, command: &Value) -> Answer {
        let id = &command["id"];
        self.hear(&match command["cmd"].as_str() {
            Some("subscribe") => {
                let channel = &command["params"]["channels"][0];
                json!({"type": "subscribed", "id": id, "msg": {"channel": channel, "sid": self.sid}})
            }
            Some("unsubscribe") => json!({"type": "unsubscribed", "id": id, "sid": self.sid, "seq": 3}),
            _ => json!({"type": "ok", "id": id, "sid": self.sid, "seq": 2, "msg": {}}),
        })
    }

    fn refuse(&mut self, command: &Value, code: u32, ticker: Option<&str>) -> Answer {
        let msg = json!({"code": code, "msg": "no", "market_ticker": ticker});
        self.hear(&json!({"type": "error", "id": command["id"], "msg": msg}))
    }

    /// Takes everything that is due until nothing is, and tells what was done to which markets.
    fn settle(&mut self) -> Vec<String> {
        let mut done = Vec::new();
        while let [command] = &self.commands()[..] {
            done.push(words(command));
            self.accept(command);
        }
        done
    }

    fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }
}

/// A command in short: `subscribe A B`.
fn words(command: &Value) -> String {
    let params = &command["params"];
    let what = params["action"].as_str().or(command["cmd"].as_str()).unwrap_or_default();
    let tickers = params["market_tickers"].as_array().into_iter().flatten().filter_map(Value::as_str);
    std::iter::once(what).chain(tickers).collect::<Vec<_>>().join(" ")
}

fn books() -> Desk {
    Desk::new(&[Channel::OrderbookDelta])
}

/// Books of A to C, subscribed to.
fn followed() -> Desk {
    let mut desk = books();
    desk.roster.follow(&["A", "B", "C"]);
    assert_eq!(desk.settle(), ["subscribe A B C"]);
    desk
}

#[test]
fn markets_come_and_go_in_commands_of_limited_size() {
    let mut desk = books();
    assert_eq!(desk.settle(), [""; 0], "books without markets aren't subscribed to");
    desk.roster.follow(&["A", "B", "C", "D", "E", "F", "G"]);
    assert_eq!(desk.settle(), ["subscribe A B C", "add_markets D E F", "add_markets G"]);
    assert!(!desk.roster.follow(&["A", "G"]), "they are followed already");
    desk.roster.unfollow(&["A", "B", "D", "E", "X"]);
    desk.roster.follow(&["H"]);
    assert_eq!(desk.settle(), ["add_markets H", "delete_markets A B D", "delete_markets E"]);
    desk.roster.unfollow(&["C", "F", "G", "H"]);
    assert_eq!(desk.settle(), ["unsubscribe"], "no channel is left without a market");
    desk.roster.follow(&["A"]);
    assert_eq!(desk.settle(), ["subscribe A"]);
}

#[test]
fn a_channel_sends_its_next_command_when_the_last_is_answered() {
    let mut desk = books();
    desk.roster.follow(&["A", "B", "C", "D"]);
    let first = desk.command();
    assert_eq!(desk.commands(), [Value::Null; 0]);
    desk.hear(&json!({"type": "ok", "id": 99, "sid": 7, "seq": 1}));
    assert_eq!(desk.commands(), [Value::Null; 0], "that answered something else");
    assert_eq!(desk.accept(&first), Answer::Opened);
    let second = desk.command();
    assert!(second["id"].as_u64() > first["id"].as_u64());
    assert_eq!(second["params"]["sids"], json!([7]));
}

#[test]
fn a_command_without_an_answer_is_sent_again_once() {
    let mut desk = books();
    desk.roster.follow(&["A"]);
    let command = desk.command();
    assert_eq!(desk.roster.next_due(desk.now), Some(desk.now + Duration::from_secs(10)));
    desk.wait(10);
    assert_eq!(desk.command(), command, "under the same id");
    desk.wait(10);
    let error = desk.roster.commands(desk.now, &mut VecDeque::new()).expect_err("no answer twice");
    assert!(error.contains("orderbook_delta"), "{error}");
}

#[test]
fn a_new_connection_gets_everything_again() {
    let mut desk = followed();
    desk.roster.unfollow(&["B"]);
    desk.roster.start_over();
    desk.sid = 1;
    assert_eq!(desk.settle(), ["subscribe A C"]);
}

#[test]
fn the_accounts_channels_need_no_market_and_come_first() {
    let mut desk = Desk::new(&Channel::ALL);
    let channels: Vec<_> =
        desk.commands().iter().map(|command| command["params"]["channels"][0].clone()).collect();
    let account = ["fill", "user_orders", "market_positions", "order_group_updates", "market_lifecycle_v2"];
    assert_eq!(channels, account);
    desk.roster.follow(&["A"]);
    let channels: Vec<_> =
        desk.commands().iter().map(|command| command["params"]["channels"][0].clone()).collect();
    assert_eq!(channels, ["orderbook_delta", "trade", "ticker"]);
}

#[test]
fn a_subscription_that_overflowed_or_failed_is_asked_for_again_after_a_pause() {
    for code in [10, 25] {
        let mut desk = followed();
        let ended =
            desk.hear(&json!({"type": "error", "sid": 7, "seq": 9, "msg": {"code": code, "msg": "over"}}));
        let reason = format!("{code} over");
        assert_eq!(ended, Answer::Ended { channel: Channel::OrderbookDelta, reason });
        assert_eq!(desk.commands(), [Value::Null; 0]);
        assert_eq!(desk.roster.next_due(desk.now), Some(desk.now + Duration::from_secs(1)));
        desk.wait(1);
        desk.sid = 8;
        assert_eq!(desk.settle(), ["subscribe A B C"]);
        assert!(desk.roster.ask_for_snapshots(8) && !desk.roster.ask_for_snapshots(7));
    }
}

#[test]
fn an_end_that_names_no_subscription_ends_the_connection() {
    let mut desk = followed();
    let answer = desk.hear(&json!({"type": "error", "msg": {"code": 25, "msg": "overflow"}}));
    assert!(matches!(answer, Answer::Lost(_)), "{answer:?}");
}

#[test]
fn a_channel_that_keeps_failing_is_asked_for_ever_more_slowly() {
    let mut desk = books();
    desk.roster.follow(&["A"]);
    let mut waits = Vec::new();
    for _ in 0..7 {
        let command = desk.command();
        assert_eq!(desk.refuse(&command, 10, None), Answer::Nothing, "it wasn't up");
        let due = desk.roster.next_due(desk.now).expect("it is tried again");
        waits.push((due - desk.now).as_secs());
        desk.now = due;
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
}

#[test]
fn too_many_markets_are_halved_until_the_subscription_is_known_to_be_full() {
    let mut desk = followed();
    desk.roster.follow(&["D", "E", "F"]);
    let three = desk.command();
    assert_eq!(desk.refuse(&three, 26, None), Answer::Nothing);
    let one = desk.command();
    assert_eq!(words(&one), "add_markets D");
    desk.accept(&one);
    let two = desk.command();
    assert_eq!(words(&two), "add_markets E F");
    desk.refuse(&two, 26, None);
    let one = desk.command();
    let full = desk.refuse(&one, 26, None);
    assert!(matches!(full, Answer::Fault { code: 26, ticker: None, .. }), "{full:?}");
    assert_eq!(desk.commands(), [Value::Null; 0], "no market is asked for while there is no room");
    desk.roster.unfollow(&["A"]);
    assert_eq!(desk.settle(), ["delete_markets A", "add_markets E F"]);
}

#[test]
fn too_many_commands_make_for_fewer() {
    let mut desk = Desk::new(&[Channel::Fill, Channel::UserOrders, Channel::OrderbookDelta]);
    let first = desk.commands();
    desk.refuse(&first[0], 27, None);
    desk.refuse(&first[1], 27, None);
    assert_eq!(desk.commands(), [Value::Null; 0]);
    desk.wait(1);
    assert_eq!(desk.command()["params"], first[0]["params"], "one at a time");
    assert_eq!(desk.roster.next_due(desk.now), Some(desk.now + Duration::from_millis(100)));
    desk.wait(1);
    assert_eq!(desk.command()["params"], first[1]["params"]);
}

#[test]
fn one_refused_market_costs_the_others_nothing() {
    let mut desk = followed();
    desk.roster.follow(&["D", "E", "F"]);
    let named = desk.command();
    let fault = desk.refuse(&named, 11, Some("E"));
    assert!(matches!(&fault, Answer::Fault { ticker: Some(ticker), .. } if ticker == "E"), "{fault:?}");
    assert_eq!(desk.settle(), ["add_markets D F"]);
    desk.roster.follow(&["G", "H"]);
    let unnamed = desk.command();
    assert_eq!(desk.refuse(&unnamed, 11, None), Answer::Nothing);
    let half = desk.command();
    assert_eq!(words(&half), "add_markets G");
    let fault = desk.refuse(&half, 11, None);
    assert!(matches!(&fault, Answer::Fault { ticker: Some(ticker), .. } if ticker == "G"), "{fault:?}");
    assert_eq!(desk.settle(), ["add_markets H"]);
    desk.roster.unfollow(&["E"]);
    desk.roster.follow(&["E"]);
    assert_eq!(desk.settle(), ["add_markets E"], "a market that comes back gets another chance");
}

#[test]
fn a_refusal_nobody_knows_a_remedy_for_is_told_and_tried_again_late() {
    let mut desk = books();
    desk.roster.follow(&["A"]);
    let command = desk.command();
    let fault = desk.refuse(&command, 9, None);
    assert_eq!(fault, Answer::Fault { code: 9, message: "no".to_owned(), ticker: None });
    desk.wait(29);
    assert_eq!(desk.commands(), [Value::Null; 0]);
    desk.wait(1);
    assert_eq!(desk.settle(), ["subscribe A"]);
}

#[test]
fn books_are_asked_for_in_portions_each_settled_by_its_first_snapshot() {
    let mut desk = followed();
    desk.roster.follow(&["D"]);
    desk.settle();
    assert!(!desk.roster.ask_for_snapshots(6), "no such subscription");
    assert!(desk.roster.ask_for_snapshots(7));
    let first = desk.command();
    assert_eq!(words(&first), "get_snapshot A B C");
    assert!(desk.roster.awaits_snapshots());
    let id = first["id"].as_u64();
    assert!(!desk.roster.hear_snapshot((id.map(|id| id + 1), Some(7))));
    assert!(!desk.roster.hear_snapshot((id, Some(8))));
    assert!(desk.roster.hear_snapshot((id, Some(7))));
    let second = desk.command();
    assert_eq!(words(&second), "get_snapshot D");
    assert!(desk.roster.hear_snapshot((None, Some(7))), "an exchange that leaves the id out is understood");
    assert_eq!(desk.commands(), [Value::Null; 0]);
}

#[test]
fn books_that_never_come_are_no_reason_to_hang_up() {
    let mut desk = followed();
    assert!(desk.roster.ask_for_snapshots(7));
    desk.command();
    desk.roster.follow(&["D"]);
    assert_eq!(desk.commands(), [Value::Null; 0]);
    desk.wait(5);
    assert_eq!(desk.settle(), ["add_markets D"], "they aren't asked for a second time");
}

/// Makes a roster of A to C ask for something.
type Ask = fn(&mut Desk) -> bool;

#[test]
fn an_exchange_that_refuses_everything_is_not_flooded() {
    let asks: [(&str, Ask); 5] = [
        ("subscribe", |desk| {
            desk.roster.start_over();
            true
        }),
        ("unsubscribe", |desk| desk.roster.unfollow(&["A", "B", "C"])),
        ("add_markets", |desk| desk.roster.follow(&["D", "E", "F"])),
        ("delete_markets", |desk| desk.roster.unfollow(&["A", "B"])),
        ("get_snapshot", |desk| desk.roster.ask_for_snapshots(7)),
    ];
    for (name, ask) in asks {
        for code in (1..=30).filter(|code| *code != 25) {
            let mut desk = followed();
            assert!(ask(&mut desk));
            let mut sent = 0;
            while let Some(command) = desk.commands().pop() {
                assert!(sent > 0 || words(&command).starts_with(name), "{command}");
                sent += 1;
                assert!(sent <= 6, "{name} refused with {code}: {command}");
                desk.refuse(&command, code, None);
            }
            assert!(sent > 0, "{name}");
        }
    }
}

#[test]
fn an_unasked_farewell_counts_as_an_end() {
    let mut desk = followed();
    let answer = desk.hear(&json!({"type": "unsubscribed", "sid": 7, "seq": 12}));
    assert!(matches!(answer, Answer::Ended { channel: Channel::OrderbookDelta, .. }), "{answer:?}");
}

/// Something that can happen to a roster of books.
#[derive(Debug, Clone)]
enum Step {
    Follow(u8),
    Unfollow(u8),
    /// The command under way is carried out.
    Accept,
    /// It is refused with this code.
    Refuse(u32),
    /// The exchange ends the subscription.
    Overflow,
    Reconnect,
    Wait,
}

/// The first two make the roster leave markets out.
const REFUSALS: [u32; 6] = [11, 26, 7, 10, 18, 27];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..12_u8).prop_map(Step::Follow),
        3 => (0..12_u8).prop_map(Step::Unfollow),
        6 => Just(Step::Accept),
        2 => prop::sample::select(&REFUSALS[..]).prop_map(Step::Refuse),
        1 => Just(Step::Overflow),
        1 => Just(Step::Reconnect),
        3 => Just(Step::Wait),
    ]
}

/// The exchange's own idea of a connection.
#[derive(Default)]
struct Venue {
    is_up: bool,
    markets: BTreeSet<String>,
    asked: Option<Value>,
}

impl Venue {
    fn end(&mut self) {
        *self = Self::default();
    }

    fn carry_out(&mut self, command: &Value) {
        let params = &command["params"];
        let tickers = params["market_tickers"].as_array().into_iter().flatten();
        let tickers: BTreeSet<String> = tickers.filter_map(Value::as_str).map(str::to_owned).collect();
        match (command["cmd"].as_str(), params["action"].as_str()) {
            (Some("subscribe"), _) => {
                self.is_up = true;
                self.markets.extend(tickers);
            }
            (Some("unsubscribe"), _) => self.end(),
            (_, Some("add_markets")) => self.markets.extend(tickers),
            (_, Some("delete_markets")) => self.markets.retain(|market| !tickers.contains(market)),
            _ => panic!("{command}"),
        }
    }
}

fn take(desk: &mut Desk, venue: &mut Venue, step: &Step) {
    if venue.asked.is_none() {
        venue.asked = desk.commands().pop();
    }
    match step {
        Step::Follow(market) => {
            desk.roster.follow(&[format!("M{market}")]);
        }
        Step::Unfollow(market) => {
            desk.roster.unfollow(&[format!("M{market}")]);
        }
        Step::Wait => desk.wait(1),
        Step::Accept => {
            if let Some(command) = venue.asked.take() {
                venue.carry_out(&command);
                desk.accept(&command);
                assert!(!venue.is_up || !venue.markets.is_empty(), "books without a market: {command}");
            }
        }
        Step::Refuse(code) => {
            if let Some(command) = venue.asked.take() {
                desk.refuse(&command, *code, None);
                if matches!(code, 7 | 10) {
                    venue.end();
                }
            }
        }
        Step::Overflow => {
            if venue.is_up {
                let sid = desk.sid;
                desk.hear(&json!({"type": "error", "sid": sid, "msg": {"code": 25, "msg": "overflow"}}));
                venue.end();
                desk.sid += 1;
            }
        }
        Step::Reconnect => {
            desk.roster.start_over();
            venue.end();
        }
    }
}

/// Carries out whatever comes until nothing does.
fn settle(desk: &mut Desk, venue: &mut Venue) {
    for _ in 0..60 {
        take(desk, venue, &Step::Accept);
        desk.wait(1);
    }
    assert_eq!(desk.commands(), [Value::Null; 0]);
}

proptest! {
    #[test]
    fn whatever_happens_the_exchange_ends_up_sending_what_is_wanted(steps in prop::collection::vec(step(), 1..80)) {
        let (mut desk, mut venue) = (books(), Venue::default());
        for step in &steps {
            take(&mut desk, &mut venue, step);
        }
        settle(&mut desk, &mut venue);
        let wanted: BTreeSet<String> = desk.roster.wanted.iter().map(ToString::to_string).collect();
        let leaves_out = |step: &Step| matches!(step, Step::Refuse(code) if REFUSALS[..2].contains(code));
        if steps.iter().any(leaves_out) {
            // What was refused on this connection is asked for on the next.
            take(&mut desk, &mut venue, &Step::Reconnect);
            settle(&mut desk, &mut venue);
        }
        prop_assert_eq!(&venue.markets, &wanted);
    }
}
