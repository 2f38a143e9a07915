//! The live view of a run: one screen that answers what it trades, what it holds, what it made, and why not more.
//! It only draws what it was given; keys and the terminal are `screen`'s.

use crate::event_line::{EventLine, Tone};
use crate::figures::{Digits, amount, contracts, grouped, moment, signed, span, time_of_day};
use kalshi_bot::replay::driver::{OrderView, PositionView, Progress};
use kalshi_bot::report::performance::RunRequest;
use kalshi_bot::units::Money;
use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Cell, Paragraph, Row, Sparkline, Table};
use std::collections::VecDeque;

/// Event lines that are kept; more than any terminal is high.
const EVENTS_KEPT: usize = 200;
/// Points of the equity line that are kept.
const POINTS_KEPT: usize = 1_024;
/// Rows from which on a terminal counts as tall.
const TALL: u16 = 32;

/// What is shown.
#[derive(Debug)]
pub(crate) struct View {
    money: &'static str,
    source: String,
    speed: String,
    has_colour: bool,
    progress: Option<Progress>,
    frames_per_second: u64,
    events: VecDeque<EventLine>,
    equity: Trail,
}

impl View {
    /// A view of a run that has not begun. `money` says what is at stake.
    pub(crate) fn new(money: &'static str, request: &RunRequest, has_colour: bool) -> Self {
        let seed = request.seed.map(|seed| format!(", seed {seed}")).unwrap_or_default();
        let speed =
            if request.speed == "max" { "full speed".to_owned() } else { format!("{}x", request.speed) };
        Self {
            money,
            source: format!("{}{seed}", request.source),
            speed,
            has_colour,
            progress: None,
            frames_per_second: 0,
            events: VecDeque::with_capacity(EVENTS_KEPT),
            equity: Trail::default(),
        }
    }

    /// Adds an event, newest last.
    pub(crate) fn tell(&mut self, line: EventLine) {
        if self.events.len() == EVENTS_KEPT {
            self.events.pop_front();
        }
        self.events.push_back(line);
    }

    /// Takes the state of the run.
    pub(crate) fn update(&mut self, progress: &Progress, frames_per_second: u64) {
        self.equity.push(progress.equity);
        self.progress = Some(progress.clone());
        self.frames_per_second = frames_per_second;
    }

    /// Draws everything.
    pub(crate) fn draw(&self, frame: &mut Frame<'_>) {
        let Some(progress) = &self.progress else {
            frame.render_widget(
                Paragraph::new(format!("kalshi-bot {}  {}: starting", self.money, self.source)),
                frame.area(),
            );
            return;
        };
        let (bars, positions, orders) = if frame.area().height >= TALL { (5, 8, 6) } else { (2, 5, 3) };
        let [title, state, feed, equity, held, working, events, keys] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Length(1 + bars),
            Constraint::Length(2 + positions),
            Constraint::Length(1 + orders),
            Constraint::Min(3),
            Constraint::Length(1),
        ])
        .areas(frame.area());
        self.draw_title(frame, title, progress);
        frame.render_widget(self.state_line(progress), state);
        frame.render_widget(feed_line(progress, self.frames_per_second), feed);
        self.draw_equity(frame, equity, progress);
        self.draw_positions(frame, held, progress);
        self.draw_orders(frame, working, progress);
        self.draw_events(frame, events);
        frame.render_widget(
            Line::from("q or Ctrl-C: end the run and show its report").style(self.quiet()),
            keys,
        );
    }

    fn draw_title(&self, frame: &mut Frame<'_>, area: Rect, progress: &Progress) {
        let clock = format!("{}  {} ", moment(progress.time), self.speed);
        let width = u16::try_from(clock.chars().count()).unwrap_or(u16::MAX);
        let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(width)]).areas(area);
        let bar = Style::new().add_modifier(Modifier::REVERSED);
        let title = format!(" kalshi-bot {}  {}", self.money, self.source);
        frame.render_widget(Paragraph::new(title).style(bar), left);
        frame.render_widget(Paragraph::new(clock).alignment(Alignment::Right).style(bar), right);
    }

    fn state_line(&self, progress: &Progress) -> Line<'static> {
        let colour = match progress.trading {
            "active" => Color::Green,
            "reduce_only" => Color::Yellow,
            _ => Color::Red,
        };
        let name = progress.trading.replace('_', " ").to_uppercase();
        let mut spans = vec![Span::styled(name, self.coloured(colour).add_modifier(Modifier::BOLD))];
        if !progress.reasons.is_empty() {
            spans.push(Span::styled(format!(" {}", progress.reasons.join(", ")), self.coloured(colour)));
        }
        let passed = span(progress.time.since(progress.started));
        let of = progress
            .ends
            .map(|ends| format!(" of {}", span(ends.since(progress.started))))
            .unwrap_or_default();
        spans.push(Span::raw(format!(
            "  ran {passed}{of}  tradable {}/{}  signals {}",
            grouped(progress.tradable as u64),
            grouped(progress.markets as u64),
            grouped(progress.signals),
        )));
        Line::from(spans)
    }

    fn draw_equity(&self, frame: &mut Frame<'_>, area: Rect, progress: &Progress) {
        let result = self.result(progress.total_pnl);
        let title = Line::from(vec![
            Span::raw(format!(
                "Equity {}  cash {}  result ",
                amount(progress.equity, Digits::Cents),
                amount(progress.cash, Digits::Cents)
            )),
            Span::styled(signed(progress.total_pnl, Digits::Cents), result),
            Span::raw(" "),
        ]);
        let block = self.section(title);
        let (bars, ceiling) = self.equity.bars(usize::from(area.width));
        frame.render_widget(Sparkline::default().block(block).data(bars).max(ceiling).style(result), area);
    }

    fn draw_positions(&self, frame: &mut Frame<'_>, area: Rect, progress: &Progress) {
        let title = format!("Positions {} ", progress.positions.len());
        let block = self.section(Line::from(title));
        if progress.positions.is_empty() {
            frame.render_widget(Paragraph::new("none").style(self.quiet()).block(block), area);
            return;
        }
        let rows = progress.positions.iter().map(|position| self.position_row(position, progress));
        let header = ["Market", "Side", "Qty", "Entry", "Mark", "Target", "Stop", "P&L", "Held"];
        let header = Row::new(header.iter().enumerate().map(|(column, name)| {
            Cell::from(Line::from(*name).alignment(if column < 2 {
                Alignment::Left
            } else {
                Alignment::Right
            }))
        }));
        let widths = [
            Constraint::Fill(1),
            Constraint::Length(4),
            Constraint::Length(5),
            Constraint::Length(6),
            Constraint::Length(6),
            Constraint::Length(6),
            Constraint::Length(6),
            Constraint::Length(7),
            Constraint::Length(7),
        ];
        let table = Table::new(rows, widths).header(header.style(self.quiet())).block(block);
        frame.render_widget(table, area);
    }

    fn position_row(&self, position: &PositionView, progress: &Progress) -> Row<'static> {
        let price = |price| right(format!("{price:.2}"));
        Row::new([
            Cell::from(position.market.to_string()),
            Cell::from(position.outcome.as_str().to_uppercase()),
            right(contracts(position.quantity)),
            price(position.entry_price),
            position.mark.map_or_else(|| right("-".to_owned()), price),
            price(position.target),
            price(position.stop),
            right(signed(position.unrealised, Digits::Cents)).style(self.result(position.unrealised)),
            right(span(progress.time.since(position.since))),
        ])
    }

    fn draw_orders(&self, frame: &mut Frame<'_>, area: Rect, progress: &Progress) {
        let block = self.section(Line::from(format!("Working orders {} ", progress.orders.len())));
        if progress.orders.is_empty() {
            frame.render_widget(Paragraph::new("none").style(self.quiet()).block(block), area);
            return;
        }
        let widths = [
            Constraint::Fill(1),
            Constraint::Length(11),
            Constraint::Length(3),
            Constraint::Length(6),
            Constraint::Length(6),
            Constraint::Length(16),
        ];
        frame.render_widget(Table::new(progress.orders.iter().map(order_row), widths).block(block), area);
    }

    fn draw_events(&self, frame: &mut Frame<'_>, area: Rect) {
        let rows = usize::from(area.height.saturating_sub(1));
        let latest = self.events.iter().skip(self.events.len().saturating_sub(rows));
        let lines: Vec<Line<'_>> = latest.map(|event| self.event(event)).collect();
        frame.render_widget(Paragraph::new(lines).block(self.section(Line::from("Events "))), area);
    }

    fn event<'a>(&self, event: &'a EventLine) -> Line<'a> {
        let style = match event.tone {
            Tone::Plain => Style::new(),
            Tone::Good => self.coloured(Color::Green),
            Tone::Bad => self.coloured(Color::Red),
            Tone::Warning => self.coloured(Color::Yellow),
        };
        let mut spans = vec![
            Span::styled(format!("{} ", time_of_day(event.time)), self.quiet()),
            Span::styled(format!("{:<8} ", event.kind), style),
        ];
        if let Some(market) = &event.market {
            spans.push(Span::raw(format!("{market} ")));
        }
        spans.push(Span::styled(event.words.as_str(), style));
        Line::from(spans)
    }

    fn section<'a>(&self, title: Line<'a>) -> Block<'a> {
        Block::new().borders(Borders::TOP).border_style(self.quiet()).title(title)
    }

    fn result(&self, result: Money) -> Style {
        if result.is_negative() {
            self.coloured(Color::Red)
        } else if result.is_positive() {
            self.coloured(Color::Green)
        } else {
            Style::new()
        }
    }

    fn quiet(&self) -> Style {
        self.coloured(Color::DarkGray)
    }

    fn coloured(&self, colour: Color) -> Style {
        if self.has_colour { Style::new().fg(colour) } else { Style::new() }
    }
}

fn right(text: String) -> Cell<'static> {
    Cell::from(Line::from(text).alignment(Alignment::Right))
}

fn order_row(order: &OrderView) -> Row<'static> {
    Row::new([
        Cell::from(order.market.to_string()),
        Cell::from(order.purpose),
        Cell::from(order.side.as_str()),
        right(contracts(order.remaining)),
        right(format!("{:.2}", order.price)),
        Cell::from(order.state.replace('_', " ")),
    ])
}

fn feed_line(progress: &Progress, frames_per_second: u64) -> Line<'static> {
    let frames = &progress.frames;
    Line::from(format!(
        "frames {} ({}/s)  applied {}  malformed {}  gaps {}  resyncs {}",
        grouped(frames.decoded),
        grouped(frames_per_second),
        grouped(frames.applied),
        grouped(frames.malformed),
        grouped(frames.gaps),
        grouped(frames.resyncs)
    ))
}

/// The equity over the whole run in a bounded number of points: when it is full, every second point goes and from
/// then on half as many are taken.
#[derive(Debug, Default)]
struct Trail {
    points: Vec<Money>,
    /// Points to leave out between two that are kept.
    skip: usize,
    left_out: usize,
}

impl Trail {
    fn push(&mut self, equity: Money) {
        if self.left_out < self.skip {
            self.left_out += 1;
            return;
        }
        self.left_out = 0;
        if self.points.len() == POINTS_KEPT {
            self.points = self.points.iter().copied().step_by(2).collect();
            self.skip = 2 * self.skip + 1;
        }
        self.points.push(equity);
    }

    /// The heights of `width` bars, or of as many as there are points, and the height of the whole drawing. There
    /// is room below the lowest point and above the highest: an equity that never moved stands half-way up.
    fn bars(&self, width: usize) -> (Vec<u64>, u64) {
        let low = self.points.iter().min().copied().unwrap_or_default();
        let high = self.points.iter().max().copied().unwrap_or_default();
        let range = (high - low).raw().unsigned_abs();
        let margin = range / 8 + 1;
        let bars = width.min(self.points.len());
        let heights = (0..bars)
            .map(|bar| self.points[(bar + 1) * self.points.len() / bars - 1])
            .map(|point| (point - low).raw().unsigned_abs() + margin)
            .collect();
        (heights, range + 2 * margin)
    }
}

#[cfg(test)]
mod tests;
