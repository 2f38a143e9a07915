//! The two clocks of a simulated exchange. Signatures, the `Date` header and the expiry that an order asks for go by
//! the wall clock, where their sender lives; markets go by a simulated one, which starts with it and runs as many times
//! as fast as was asked for.

pub(super) use crate::clock::wall_clock as wall;
use crate::units::Timestamp;
use std::num::NonZeroU32;
use std::time::Duration;
use tokio::time::Instant;

/// Tells both times.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    start: Timestamp,
    started: Instant,
    speed: NonZeroU32,
}

impl Clock {
    /// A clock whose simulated time starts at `start`, now.
    pub(super) fn new(start: Timestamp, speed: NonZeroU32) -> Self {
        Self { start, started: Instant::now(), speed }
    }

    /// The simulated time.
    pub(super) fn now(&self) -> Timestamp {
        self.start + self.started.elapsed().saturating_mul(self.speed.get())
    }

    /// How long the wall clock takes until the simulated one shows `at`.
    pub(super) fn until(&self, at: Timestamp) -> Duration {
        self.now().until(at) / self.speed.get()
    }

    /// The simulated time at which the wall clock shows `at`, as long as neither is moved.
    pub(super) fn at_wall(&self, at: Timestamp) -> Timestamp {
        let (now, wall) = (self.now(), wall());
        if at >= wall {
            now + wall.until(at).saturating_mul(self.speed.get())
        } else {
            now - at.until(wall).saturating_mul(self.speed.get())
        }
    }

    /// The simulated time at the start.
    pub(super) const fn start(&self) -> Timestamp {
        self.start
    }
}
