//! A disk in memory that can be killed, cut off from power, and filled, all by a seed.
//!
//! The handle stands for the process that writes. A kill makes it inert: what the dead process still asks for is
//! ignored, and [`SimulatedDisk::reopen`] gives the handle of the next process. What reached the disk is kept
//! byte by byte: of each file how much was synced, and which names were made or removed since the last sync.

use super::Disk;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{RngCore, SeedableRng};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A sync that nobody waits for comes after at most so many further appends.
const LAZIEST: u64 = 6;

/// A handle of one process to the disk.
#[derive(Debug, Clone)]
pub struct SimulatedDisk {
    platter: Arc<Mutex<Platter>>,
    process: u64,
}

#[derive(Debug)]
struct Platter {
    files: BTreeMap<String, File>,
    /// Files that were removed since the last sync of the names.
    removed: BTreeMap<String, File>,
    /// The process that lives.
    process: u64,
    is_full: bool,
    /// Appends until the process is killed.
    appends_left: Option<u64>,
    chance: Pcg64,
}

#[derive(Debug, Clone, Default)]
struct File {
    bytes: Vec<u8>,
    synced: usize,
    /// Whether its name was synced since it was made.
    is_named: bool,
    /// Appends until a sync that was asked for is made.
    sync_in: Option<u64>,
}

impl File {
    fn sync(&mut self) {
        (self.synced, self.sync_in) = (self.bytes.len(), None);
    }
}

impl SimulatedDisk {
    /// An empty disk.
    pub fn new(seed: u64) -> Self {
        let platter = Platter {
            files: BTreeMap::new(),
            removed: BTreeMap::new(),
            process: 0,
            is_full: false,
            appends_left: None,
            chance: Pcg64::seed_from_u64(seed),
        };
        Self { platter: Arc::new(Mutex::new(platter)), process: 0 }
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.platter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills the process: every handle so far is inert from now on, and nothing that was written is lost.
    pub fn kill(&self) {
        self.platter().kill();
    }

    /// Whether the process of this handle was killed. Whoever carries the requests of that process asks before each.
    pub fn is_dead(&self) -> bool {
        self.platter().process != self.process
    }

    /// The handle of the next process.
    #[must_use]
    pub fn reopen(&self) -> Self {
        let process = self.platter().process;
        Self { platter: Arc::clone(&self.platter), process }
    }

    /// Kills the process and takes from each file a random part of what was not synced; files whose making was not
    /// synced may be gone, and those whose removal wasn't may be back.
    pub fn power_loss(&self, chance: &mut dyn RngCore) {
        let mut platter = self.platter();
        platter.kill();
        let removed = std::mem::take(&mut platter.removed);
        for (name, file) in removed {
            if below(chance, 2) == 0 {
                platter.files.entry(name).or_insert(file);
            }
        }
        platter.files.retain(|_, file| file.is_named || below(chance, 2) == 0);
        for file in platter.files.values_mut() {
            let unsynced = u64::try_from(file.bytes.len() - file.synced).unwrap_or(0);
            let kept = usize::try_from(below(chance, unsynced + 1)).unwrap_or(0);
            file.bytes.truncate(file.synced + kept);
            file.sync();
            file.is_named = true;
        }
    }

    /// Fills the disk, so that every append fails, maybe after a part of its bytes was written; or makes room.
    pub fn set_full(&self, is_full: bool) {
        self.platter().is_full = is_full;
    }

    /// Kills the process before its `nth` append from now on, counted from 1: the bytes of that one are not written.
    pub fn fail_nth_append(&self, nth: u64) {
        self.platter().appends_left = Some(nth);
    }

    /// Does what a living process asks for; `idle` is what a dead one is told.
    fn alive<T>(&self, idle: T, act: impl FnOnce(&mut Platter) -> io::Result<T>) -> io::Result<T> {
        let mut platter = self.platter();
        if platter.process == self.process { act(&mut platter) } else { Ok(idle) }
    }
}

fn below(chance: &mut dyn RngCore, bound: u64) -> u64 {
    let product = u128::from(chance.next_u64()) * u128::from(bound);
    u64::try_from(product >> 64).unwrap_or(0)
}

fn missing(name: &str) -> io::Error {
    io::Error::new(ErrorKind::NotFound, format!("there is no {name}"))
}

impl Platter {
    fn kill(&mut self) {
        self.process += 1;
        self.appends_left = None;
    }

    fn file(&mut self, name: &str) -> io::Result<&mut File> {
        self.files.get_mut(name).ok_or_else(|| missing(name))
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if let Some(left) = &mut self.appends_left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.kill();
                return Ok(());
            }
        }
        let is_full = self.is_full;
        let all = u64::try_from(bytes.len()).unwrap_or(0);
        let part =
            if is_full { usize::try_from(below(&mut self.chance, all)).unwrap_or(0) } else { bytes.len() };
        let file = self.file(name)?;
        file.bytes.extend_from_slice(&bytes[..part]);
        if is_full {
            return Err(io::Error::new(ErrorKind::StorageFull, "the disk is full"));
        }
        match file.sync_in {
            Some(0 | 1) => file.sync(),
            Some(left) => file.sync_in = Some(left - 1),
            None => {}
        }
        Ok(())
    }
}

impl Disk for SimulatedDisk {
    fn place(&self) -> String {
        "a simulated disk".to_owned()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.alive(Vec::new(), |platter| Ok(platter.files.keys().cloned().collect()))
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self.alive(Vec::new(), |platter| platter.file(name).map(|file| file.bytes.clone()))
    }

    fn create(&self, name: &str) -> io::Result<()> {
        self.alive((), |platter| {
            if platter.files.contains_key(name) {
                return Err(io::Error::new(ErrorKind::AlreadyExists, format!("{name} is there")));
            }
            platter.files.insert(name.to_owned(), File::default());
            Ok(())
        })
    }

    fn append(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.alive((), |platter| platter.append(name, bytes))
    }

    fn truncate(&self, name: &str, length: u64) -> io::Result<()> {
        self.alive((), |platter| {
            let file = platter.file(name)?;
            file.bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
            file.synced = file.synced.min(file.bytes.len());
            Ok(())
        })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.alive((), |platter| {
            let file = platter.files.remove(name).ok_or_else(|| missing(name))?;
            platter.removed.insert(name.to_owned(), file);
            Ok(())
        })
    }

    fn sync(&self, name: &str) -> io::Result<()> {
        self.alive((), |platter| {
            platter.file(name)?.sync();
            platter.files.values_mut().for_each(|file| file.is_named = true);
            platter.removed.clear();
            Ok(())
        })
    }

    fn sync_soon(&self, name: &str) {
        let mut platter = self.platter();
        if platter.process != self.process {
            return;
        }
        let delay = below(&mut platter.chance, LAZIEST + 1);
        let Some(file) = platter.files.get_mut(name) else { return };
        match (delay, file.sync_in) {
            (0, _) => file.sync(),
            (_, Some(_)) => {}
            (later, None) => file.sync_in = Some(later),
        }
    }

    fn health(&self) -> io::Result<()> {
        Ok(())
    }
}
