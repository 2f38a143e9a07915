//! What runs by itself: the source that feeds the books, and the exchange's own beat.

use super::Venue;
use crate::engine::Event;
use crate::gateway::inbound::{Inbound, Incoming};
use crate::replay::source::{Item, Source};
use crate::units::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Beats between two looks at the quotes.
const BEATS_A_LOOK: u32 = 20;
/// Items after which others get their turn, when the source is behind.
const ITEMS_A_TURN: u32 = 256;

/// Follows a source to its end. Its times are moved so that its first moment is the exchange's.
pub(super) async fn feed(venue: Arc<Venue>, mut source: Box<dyn Source + Send>) {
    let mut inbound = Inbound::new(source.uses_yes_price());
    let mut shift = None;
    let mut since_turn = 0;
    loop {
        let (at, item) = match source.next() {
            Ok(Some(next)) => next,
            Ok(None) => break,
            Err(error) => {
                tracing::error!("the markets stand still from now on: {error}");
                return;
            }
        };
        let shift = *shift.get_or_insert_with(|| venue.clock.start().micros() - at.micros());
        let wait = venue.clock.until(moved(at, shift));
        since_turn += 1;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
            since_turn = 0;
        } else if since_turn >= ITEMS_A_TURN {
            tokio::task::yield_now().await;
            since_turn = 0;
        }
        match item {
            Item::Event(event) => take(&venue, &event, shift),
            Item::Frame(frame) => match inbound.translate(frame).map(Incoming::event) {
                Ok(Some(event)) => take(&venue, &event, shift),
                Ok(None) => {}
                Err(error) => tracing::warn!("a frame of the source was left out: {error}"),
            },
        }
    }
    tracing::info!("the source is at its end; the books stand still");
}

fn take(venue: &Venue, event: &Event<'_>, shift: i64) {
    let faults = venue.frame_faults();
    venue.with(|floor, now| match event {
        Event::Listed(spec) => {
            let mut spec = (*spec).clone();
            (spec.open, spec.close) = (moved(spec.open, shift), moved(spec.close, shift));
            floor.follow(now, &Event::Listed(&spec), faults);
        }
        Event::CloseMoved { ticker, close } => {
            floor.follow(now, &Event::CloseMoved { ticker, close: moved(*close, shift) }, faults);
        }
        event => floor.follow(now, event, faults),
    });
}

const fn moved(at: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(at.micros().saturating_add(micros))
}

/// Keeps the exchange's own time for as long as it runs.
pub(super) async fn beat(venue: Arc<Venue>, every: Duration) {
    let mut beat = interval(every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut beats = 0_u32;
    let mut dropped = Instant::now();
    loop {
        beat.tick().await;
        let drop_every = Duration::from_secs(u64::from(venue.faults().faults().drop_sockets_every_s));
        let drops = !drop_every.is_zero() && dropped.elapsed() >= drop_every;
        if drops || drop_every.is_zero() {
            dropped = Instant::now();
        }
        beats = beats.wrapping_add(1);
        venue.with(|floor, now| {
            floor.sessions.tell_figures(&floor.exchange, now);
            if beats % BEATS_A_LOOK == 1 {
                floor.quotes.look(&floor.exchange, &floor.directory.tickers, now);
            }
            if drops {
                floor.sessions.break_off();
            }
        });
    }
}
