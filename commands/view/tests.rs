use super::*;
use crate::sample;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn drawn(view: &View, columns: u16, rows: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("a backend in memory");
    terminal.draw(|frame| view.draw(frame)).expect("a backend in memory");
    terminal.backend().to_string()
}

fn running() -> View {
    let mut view = View::new("PAPER", &sample::request(), true);
    for record in sample::records() {
        if let Some(line) = EventLine::of(&record) {
            view.tell(line);
        }
    }
    let end = sample::progress();
    for step in 0..60 {
        let fall = Money::from_raw(i64::from(step % 11 + step / 4) * 1_000_000);
        view.update(&Progress { equity: end.equity - fall, ..end.clone() }, 20_480);
    }
    view.update(&end, 20_480);
    view
}

#[test]
fn a_run_fits_a_small_terminal() {
    insta::assert_snapshot!(drawn(&running(), 80, 24));
}

#[test]
fn a_run_fills_a_large_terminal() {
    insta::assert_snapshot!(drawn(&running(), 120, 40));
}

#[test]
fn a_halt_is_named_with_its_reasons() {
    let mut view = View::new("PAPER", &sample::request(), false);
    let halted = Progress {
        trading: "halted",
        reasons: vec!["daily_loss", "losing_streak"],
        positions: Vec::new(),
        orders: Vec::new(),
        ..sample::progress()
    };
    view.update(&halted, 0);
    let screen = drawn(&view, 100, 24);
    assert!(screen.contains("HALTED daily_loss, losing_streak"), "{screen}");
    assert!(screen.contains("Positions 0"), "{screen}");
}

#[test]
fn nothing_breaks_on_a_tiny_terminal_or_before_the_start() {
    for (columns, rows) in [(1, 1), (10, 3), (40, 8), (300, 5)] {
        drawn(&running(), columns, rows);
        drawn(&View::new("PAPER", &sample::request(), true), columns, rows);
    }
}

#[test]
fn only_the_latest_events_are_kept() {
    let mut view = running();
    for _ in 0..2 * EVENTS_KEPT {
        let records = sample::records();
        view.tell(EventLine::of(&records[0]).expect("a feed record has a line"));
    }
    assert_eq!(view.events.len(), EVENTS_KEPT);
}

#[test]
fn a_long_trail_stays_bounded_and_keeps_its_ends() {
    let mut trail = Trail::default();
    for dollars in 0..100_000 {
        trail.push(Money::from_dollars(dollars));
    }
    assert!(trail.points.len() <= POINTS_KEPT);
    assert_eq!(trail.points.first(), Some(&Money::ZERO));
    assert!(trail.points.last() > Some(&Money::from_dollars(99_000)));
    let (bars, ceiling) = trail.bars(80);
    assert_eq!(bars.len(), 80);
    assert!(bars.is_sorted() && bars[0] > 0 && bars[79] < ceiling, "{bars:?}");
}

#[test]
fn a_level_equity_shows_level_bars() {
    let mut trail = Trail::default();
    assert!(trail.bars(10).0.is_empty());
    trail.push(Money::from_dollars(5));
    trail.push(Money::from_dollars(5));
    assert_eq!(trail.bars(10), (vec![1, 1], 2));
}

#[test]
fn what_is_at_stake_stands_first() {
    let mut view = View::new("REAL MONEY", &sample::request(), false);
    assert!(drawn(&view, 100, 30).contains("kalshi-bot REAL MONEY  60 generated markets"));
    view.update(&sample::progress(), 0);
    assert!(drawn(&view, 100, 30).contains(" kalshi-bot REAL MONEY  60 generated markets"));
}
