//! Many seeds, shared out over threads, and what they came to together.

use super::audit::Counts;
use super::life::{Life, SoakError, live};
use super::plan::Plan;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

/// Where memory is a file system, which is faster than a disk and wears none out.
const IN_MEMORY: &str = "/dev/shm";

/// Which lives are lived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The first seed.
    pub first: u64,
    /// The last one, included.
    pub last: u64,
    /// Simulated hours each.
    pub hours: u32,
    /// Of what is planned only this, by number.
    pub only: Option<BTreeSet<usize>>,
    /// Threads.
    pub threads: usize,
}

/// What lives came to together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lives lived.
    pub seeds: u64,
    /// Simulated time.
    pub lived: Duration,
    /// Faults by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Processes killed.
    pub kills: u64,
    /// Of these, with a loss of power.
    pub power_losses: u64,
    /// Time from each start until it was over, ascending.
    pub recoveries: Vec<Duration>,
    /// What was done.
    pub counts: Counts,
    /// Lives in which something did not hold, by seed.
    pub violated: Vec<Life>,
    /// The traces of all lives, folded in the order of their seeds.
    pub trace: u64,
}

impl Tally {
    fn add(&mut self, life: Life) {
        self.seeds += 1;
        self.lived += life.lived;
        for (kind, count) in &life.faults {
            *self.faults.entry(kind).or_default() += count;
        }
        self.kills += life.kills;
        self.power_losses += life.power_losses;
        self.recoveries.extend(&life.recoveries);
        self.counts += life.counts;
        // A sum doesn't depend on which thread was first.
        self.trace = self.trace.wrapping_add(life.trace.wrapping_mul(life.seed.wrapping_add(1)));
        if life.violation.is_some() {
            self.violated.push(life);
        }
    }

    /// The recovery time that so many of a thousand don't exceed.
    pub fn recovery(&self, permille: usize) -> Option<Duration> {
        let last = self.recoveries.len().checked_sub(1)?;
        self.recoveries.get((last * permille).div_ceil(1_000)).copied()
    }
}

/// Lives all lives of a span. `told` hears of each that is over and says whether to go on.
///
/// # Errors
/// [`SoakError`] of the first life that can't be lived.
pub fn run(span: &Span, mut told: impl FnMut(&Life) -> bool) -> Result<Tally, SoakError> {
    let next = AtomicU64::new(span.first);
    let is_over = AtomicBool::new(false);
    let (lives, inbox) = channel();
    let mut tally = Tally::default();
    std::thread::scope(|scope| {
        for _ in 0..span.threads.max(1) {
            let lives = lives.clone();
            scope.spawn(|| {
                let lives = lives;
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > span.last
                        || is_over.load(Ordering::Relaxed)
                        || lives.send(one(seed, span)).is_err()
                    {
                        return;
                    }
                }
            });
        }
        drop(lives);
        for life in &inbox {
            let life = life.inspect_err(|_| is_over.store(true, Ordering::Relaxed))?;
            if !told(&life) {
                is_over.store(true, Ordering::Relaxed);
            }
            tally.add(life);
        }
        Ok(())
    })?;
    tally.recoveries.sort_unstable();
    tally.violated.sort_unstable_by_key(|life| life.seed);
    Ok(tally)
}

fn one(seed: u64, span: &Span) -> Result<Life, SoakError> {
    let plan = Plan::of_seed(seed, span.hours);
    let plan = match &span.only {
        Some(numbers) => plan.only(numbers),
        None => plan,
    };
    in_folder(&plan)
}

/// Lives a plan in a folder of its own, which goes with it.
pub(super) fn in_folder(plan: &Plan) -> Result<Life, SoakError> {
    let base = if Path::new(IN_MEMORY).is_dir() { PathBuf::from(IN_MEMORY) } else { std::env::temp_dir() };
    let thread = format!("{:?}", std::thread::current().id());
    let digits: String = thread.chars().filter(char::is_ascii_digit).collect();
    let folder = base.join(format!("kalshi-bot-soak-{}-{digits}-{}", std::process::id(), plan.seed));
    let life = live(plan, &folder);
    match fs::remove_dir_all(&folder) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(SoakError::Folder { path: folder, cause })
        }
        _ => life,
    }
}
