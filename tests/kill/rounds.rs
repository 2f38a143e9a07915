//! The rounds: what is planned for each, and carrying it out.

use super::chance::Chance;
use super::check;
use super::figures::Figures;
use super::power::{Lost, Power};
use super::scene::{Scene, tell};
use super::victim::{Phase, Victim};
use kalshi_bot::exchange::server::Faults;
use kalshi_bot::units::Timestamp;
use std::time::{Duration, Instant};

/// Rounds of an ordinary test run, and their plan.
const ROUNDS: usize = 12;
const SEED: u64 = 20_261_124;
/// Rounds between two ends in peace.
const PEACE_EVERY: usize = 20;
/// As long as a start may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// As long as a new order is waited for.
const ORDER_PATIENCE: Duration = Duration::from_secs(6);
/// Time between two looks for it.
const LOOK: Duration = Duration::from_micros(300);
/// Taken for the length of a start before the first was measured.
const FIRST_GUESS: Duration = Duration::from_secs(2);

/// When a bot is killed.
#[derive(Debug, Clone, Copy)]
enum When {
    /// So long after the process was started.
    Early(Duration),
    /// So long after it was up.
    Later(Duration),
    /// So long after the next order got in.
    OnOrder(Duration),
}

/// One round.
#[derive(Debug)]
struct Plan {
    when: When,
    faults: Faults,
    power_fails: bool,
}

impl Plan {
    fn draw(chance: &mut Chance, usual_start: Duration) -> Self {
        let when = match chance.between(0, 99) {
            0..30 => When::Early(chance.up_to(usual_start * 5 / 4)),
            30..55 => When::Later(chance.up_to(Duration::from_millis(1_500))),
            // Half of them at once, half while answer and fill are coming in.
            55..78 => When::OnOrder(Duration::ZERO),
            _ => When::OnOrder(chance.up_to(Duration::from_millis(120))),
        };
        let faults = if chance.percent(50) { faults(chance) } else { Faults::default() };
        Self { when, faults, power_fails: chance.percent(35) }
    }
}

fn faults(chance: &mut Chance) -> Faults {
    let mut faults = Faults { duplicate_fills: chance.percent(60), ..Faults::default() };
    if chance.percent(60) {
        faults.lose_order_answer_every = 2;
    }
    if chance.percent(40) {
        faults.delay_ms = chance.between(5, 60);
    }
    if chance.percent(40) {
        faults.skip_sequence_every = 300;
    }
    if chance.percent(25) {
        faults.drop_sockets_every_s = 2;
    }
    faults
}

/// Lets a bot live as long as planned and kills it; returns how far it had come, and when it ended.
fn play(scene: &Scene, plan: &Plan, figures: &mut Figures) -> (Phase, Timestamp) {
    scene.turn(plan.faults.clone());
    let mut bot = Victim::start(scene.command(&["run"]), &scene.folder());
    let phase = match plan.when {
        When::Early(span) => {
            std::thread::sleep(span.saturating_sub(bot.age()));
            bot.phase()
        }
        When::Later(span) => {
            bot.wait_up(PATIENCE);
            std::thread::sleep(span);
            bot.phase()
        }
        When::OnOrder(span) => {
            bot.wait_up(PATIENCE);
            let has_order = next_order(scene, &mut bot);
            std::thread::sleep(span);
            if has_order { Phase::OrderInFlight } else { bot.phase() }
        }
    };
    let came_up = bot.came_up();
    figures.came_up.extend(came_up);
    if let Some(took) = came_up {
        tell(&format!("it came up within {} ms", took.as_millis()));
    }
    (phase, bot.kill())
}

/// Waits until an order gets in; false when none did.
fn next_order(scene: &Scene, bot: &mut Victim) -> bool {
    let before = scene.last_order();
    let until = Instant::now() + ORDER_PATIENCE;
    while Instant::now() < until {
        if scene.last_order() != before {
            return true;
        }
        std::thread::sleep(LOOK);
    }
    bot.assert_alive();
    false
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}; expected a whole number")))
}

#[test]
fn a_bot_that_is_killed_anywhere_goes_on_where_it_was() {
    let seed = number("KALSHI_BOT_KILL_SEED").unwrap_or(SEED);
    let rounds = number("KALSHI_BOT_KILL_ROUNDS")
        .map_or(ROUNDS, |rounds| usize::try_from(rounds).expect("not so many"));
    tell(&format!(
        "again with: KALSHI_BOT_KILL_SEED={seed} KALSHI_BOT_KILL_ROUNDS={rounds} cargo nextest run --test kill --no-capture"
    ));
    let scene = Scene::new(seed);
    let mut chance = Chance::new(seed);
    let mut figures = Figures::default();
    let mut power = Power::default();
    for round in 1..=rounds {
        let plan = Plan::draw(&mut chance, figures.usual_start().unwrap_or(FIRST_GUESS));
        let before = scene.last_order();
        let (phase, killed) = play(&scene, &plan, &mut figures);
        check::exchange(&scene);
        check::journal(&scene);
        let unheard_of = check::unheard_of(&scene, before);
        let lost =
            if plan.power_fails { power.fail(&scene.folder(), killed, &mut chance) } else { Lost::default() };
        check::journal(&scene);
        tell(&format!(
            "round {round}: killed in {phase:?}, {unheard_of} orders not stored, {lost:?}; {plan:?}"
        ));
        figures.rounds += 1;
        figures.with_faults += usize::from(plan.faults != Faults::default());
        *figures.kills.entry(phase).or_default() += 1;
        figures.power_losses += usize::from(plan.power_fails);
        figures.lost.store += lost.store;
        figures.lost.journal += lost.journal;
        figures.unheard_of += unheard_of;
        if round % PEACE_EVERY == 0 || round == rounds {
            scene.turn(Faults::default());
            figures.came_up.push(check::peace(&scene));
            check::journal(&scene);
            figures.ends_in_peace += 1;
        }
    }
    figures.tell(&scene);
    let killed = |phases: &[Phase]| phases.iter().any(|phase| figures.kills.contains_key(phase));
    assert!(killed(&[Phase::Start, Phase::Recovery, Phase::Markets]), "no kill hit a start");
    assert!(killed(&[Phase::OrderInFlight]), "no kill hit an order on its way");
    let (fills, groups) =
        scene.look(|exchange, account| (exchange.fills(account).len(), exchange.groups(account).len()));
    assert!(fills > 0, "nothing was traded");
    // A kill between the making of a group and the line that remembers it leaves one; the others the next start removes.
    assert!(groups <= 1 + rounds / 50, "{groups} order groups are left");
}
