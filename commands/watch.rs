//! What watches a run: it gathers the report, and shows the run live, line by line, or not at all.

use crate::cli::Format;
use crate::event_line::EventLine;
use crate::exit::{ExitCode, Failure};
use crate::logging;
use crate::output::Output;
use crate::screen::Screen;
use crate::view::View;
use indicatif::{ProgressBar, ProgressStyle};
use kalshi_bot::engine::Record;
use kalshi_bot::replay::driver::{Observer, Progress};
use kalshi_bot::report::performance::{Collector, RunRequest};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Least time between two drawings.
const DRAW_EVERY: Duration = Duration::from_millis(100);
/// Over how long the rate of frames is measured.
const RATE_OVER: Duration = Duration::from_millis(500);

/// Where a run is shown.
pub(crate) enum Display<'a> {
    /// On the whole terminal.
    Live(Box<Live>),
    /// One line an event.
    Lines(&'a mut Output),
    /// As a bar on standard error, while only the document may go to standard output. Hidden where that is no terminal.
    Bar(ProgressBar),
}

/// Gathers the report of a run while showing it.
pub(crate) struct Watcher<'a> {
    collector: Collector,
    display: Display<'a>,
    stop: Arc<AtomicBool>,
}

impl<'a> Watcher<'a> {
    /// A watcher that ends the run once `stop` is set.
    pub(crate) fn new(display: Display<'a>, stop: Arc<AtomicBool>) -> Self {
        Self { collector: Collector::default(), display, stop }
    }

    /// Gives the display back and hands out what was gathered. The log lines so far stand before what is said next.
    pub(crate) fn into_collector(self) -> Collector {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
        drop(self.display);
        logging::flush();
        self.collector
    }
}

impl Observer for Watcher<'_> {
    fn record(&mut self, record: &Record) {
        self.collector.record(record);
        match &mut self.display {
            Display::Live(live) => {
                if let Some(line) = EventLine::of(record) {
                    live.view.tell(line);
                }
            }
            Display::Lines(output) => {
                if let Some(line) = EventLine::of(record) {
                    output.print(line);
                }
            }
            Display::Bar(_) => {}
        }
    }

    fn progress(&mut self, progress: &Progress) -> bool {
        let goes_on = match &mut self.display {
            Display::Live(live) => live.show(progress),
            Display::Lines(output) => !output.is_closed(),
            Display::Bar(bar) => {
                advance(bar, progress);
                true
            }
        };
        goes_on && !self.stop.load(Ordering::Relaxed)
    }
}

/// Moves the bar to where the run's clock stands; without a known end it only counts.
fn advance(bar: &ProgressBar, progress: &Progress) {
    if let Some(ends) = progress.ends {
        bar.set_length(ends.since(progress.started).as_secs());
    }
    bar.set_position(progress.time.since(progress.started).as_secs());
    bar.set_message(format!("{} frames", progress.frames.decoded));
}

/// The live view on its screen.
pub(crate) struct Live {
    screen: Screen,
    view: View,
    drawn: Option<Instant>,
    rate: Rate,
}

impl Live {
    /// Takes the terminal over for `view`.
    ///
    /// # Errors
    /// What the terminal answers when it can't be taken over.
    pub(crate) fn open(view: View) -> io::Result<Self> {
        let screen = Screen::open()?;
        Ok(Self { screen, view, drawn: None, rate: Rate { since: Instant::now(), frames: 0, per_second: 0 } })
    }

    /// Takes the run's state and draws it if the last drawing is old enough. Returns whether to go on: not after a
    /// key that quits, nor on a terminal that is gone.
    fn show(&mut self, progress: &Progress) -> bool {
        let now = Instant::now();
        if self.drawn.is_some_and(|drawn| now - drawn < DRAW_EVERY) {
            return true;
        }
        self.drawn = Some(now);
        self.view.update(progress, self.rate.measure(now, progress.frames.decoded));
        !Screen::is_quit_pressed() && self.screen.draw(&self.view).is_ok()
    }
}

/// Frames a second on the wall clock.
struct Rate {
    since: Instant,
    frames: u64,
    per_second: u64,
}

impl Rate {
    fn measure(&mut self, now: Instant, frames: u64) -> u64 {
        let span = now - self.since;
        if span >= RATE_OVER {
            let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
            self.per_second = frames.saturating_sub(self.frames).saturating_mul(1_000) / millis;
            (self.since, self.frames) = (now, frames);
        }
        self.per_second
    }
}

/// Sets the flag on the first Ctrl-C or SIGTERM; the second one ends the program at once.
///
/// # Errors
/// A [`Failure`] when the system allows no handlers.
pub(crate) fn stop_on_signals() -> Result<Arc<AtomicBool>, Failure> {
    register().map_err(|error| {
        let next = "check that the system allows signal handlers; nothing was run";
        Failure::new(ExitCode::Failed, "Ctrl-C can't be watched for", error, next)
    })
}

fn register() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_default(signal, stop.clone())?;
        flag::register(signal, stop.clone())?;
    }
    Ok(stop)
}

/// How a run is shown: live on a terminal, with `money` at stake, else a line an event, and as a bar where a document is
/// wanted.
pub(crate) fn display<'a>(
    format: Format,
    money: &'static str,
    request: &RunRequest,
    output: &'a mut Output,
) -> Display<'a> {
    if format == Format::Json {
        return Display::Bar(
            ProgressBar::no_length().with_style(
                ProgressStyle::with_template("{wide_bar} {msg}, {pos} s of the run")
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            ),
        );
    }
    if output.is_terminal() {
        match Live::open(View::new(money, request, output.has_colour())) {
            Ok(live) => return Display::Live(Box::new(live)),
            Err(error) => {
                Output::note(format_args!("the live view can't be shown ({error}); events follow as lines"));
            }
        }
    }
    Display::Lines(output)
}
