//! What a live run is about to do and what came of it, written down before it is done: an append-only file that a crash
//! of the process takes nothing from.
//!
//! An order's intent and the request that carries it are written with one `write(2)` before the request leaves, and so
//! is everything that the engine recorded until then. The start reads the journal back ([`read`]) and hands what the
//! store doesn't have yet to it; after a power loss, which may take the last moments, the exchange is asked as ever.
//! The store's mark says how far it has come, so that each entry is stored once.
//!
//! The journal is a chain of segments, each of which begins with the [`Picture`] of all before it. `docs/journal.md` has
//! the format and what happens when.

pub mod cause;
pub mod disk;
pub mod entry;
mod line;
pub mod picture;
mod read;
pub mod verify;

pub use cause::Cause;
pub use disk::{Disk, FolderDisk, SimulatedDisk};
pub use entry::Entry;
pub use picture::Picture;
pub use read::{Contents, Numbered, Place, Segment, Torn, read};

use crate::engine::Record;
use crate::execution::{OrderId, OrderRequest};
use crate::units::Timestamp;
use entry::{Intent, Named, RunEnded, Send, Sent};
use line::Line;
use read::numbers;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

/// The journal's folder inside the state folder.
pub const FOLDER: &str = "journal";
/// What the names of segments end with.
const ENDING: &str = ".journal";
/// A segment that has grown beyond this is the last but one.
const SEGMENT_BYTES: u64 = 8 << 20;
/// So many segments before the current one are kept, for people.
const KEPT: usize = 2;

/// The name of a segment's file.
pub fn segment_name(number: u64) -> String {
    format!("{number:06}{ENDING}")
}

/// Why a journal can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk refuses.
    #[error("{file}: can't be {doing}: {cause}. Make room, or check owner and permissions of the folder")]
    Disk {
        /// The file.
        file: String,
        /// What was being done with it.
        doing: &'static str,
        /// What the system said.
        cause: io::Error,
    },
    /// A newer program wrote it.
    #[error("{file}, line {line}: was written by a newer version: {what}. Use the newer program")]
    Newer {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// What isn't known here.
        what: String,
    },
    /// Something is there that no crash leaves.
    #[error("{file}, line {line}, byte {byte}: is damaged: {problem}. To mend it, {mend}")]
    Damaged {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// Where in the file the line begins.
        byte: u64,
        /// What is wrong.
        problem: String,
        /// What mends it.
        mend: &'static str,
    },
}

impl JournalError {
    fn disk(disk: &dyn Disk, name: &str, doing: &'static str, cause: io::Error) -> Self {
        let place = disk.place();
        Self::Disk { file: if name.is_empty() { place } else { format!("{place}/{name}") }, doing, cause }
    }
}

/// The journal of one run, which alone writes it.
#[derive(Debug)]
pub struct Journal {
    disk: Arc<dyn Disk>,
    /// The segments, oldest first, with the number of the last entry before each; the last one is written.
    segments: Vec<(u64, u64)>,
    /// Its name.
    name: String,
    /// Bytes of its sound lines.
    length: u64,
    /// Number of the last entry, written or not.
    seq: u64,
    /// Lines that are not written yet.
    pending: Vec<u8>,
    /// Lines that were written and are not in the picture yet.
    unfolded: Vec<u8>,
    picture: Picture,
    /// Why the last write failed.
    fault: Option<String>,
    /// Whether a sync of the segment failed, after which nobody knows what it holds on the disk itself.
    is_suspect: bool,
    /// Room for an order's name.
    client_id: String,
}

/// A point to which lines that are not written yet can be taken back.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    length: usize,
    seq: u64,
}

/// A journal as the start finds it.
#[derive(Debug)]
pub struct Found {
    disk: Arc<dyn Disk>,
    /// What it holds.
    pub contents: Contents,
}

/// Reads the journal and cuts off what a crash tore. What is left is on the disk itself when this returns.
///
/// # Errors
/// [`JournalError`] when it can't be read or cut, was written by a newer program, or is damaged.
pub fn open(disk: Arc<dyn Disk>) -> Result<Found, JournalError> {
    let mut contents = read(&*disk)?;
    if let Some(Torn { segment, byte, .. }) = contents.torn {
        let name = segment_name(segment);
        let refused = |cause| JournalError::disk(&*disk, &name, "cut", cause);
        if byte == 0 {
            disk.remove(&name).map_err(refused)?;
            contents.segments.pop();
        } else {
            disk.truncate(&name, byte).map_err(refused)?;
        }
    }
    if let Some(last) = contents.segments.last() {
        // What follows it must not outlive it.
        let name = segment_name(last.number);
        disk.sync(&name).map_err(|cause| JournalError::disk(&*disk, &name, "synced", cause))?;
    }
    Ok(Found { disk, contents })
}

impl Found {
    /// The picture of all entries.
    pub fn picture(&self) -> Picture {
        let mut picture = Picture::default();
        for numbered in &self.contents.entries {
            picture.apply(numbered.seq, &numbered.entry);
        }
        picture
    }

    /// Begins a run: a new segment with the picture so far and these entries, which are on the disk itself when this
    /// returns. `mark` is the number of the last entry that the store has: after a power loss it may be later than what
    /// is left here.
    ///
    /// # Errors
    /// [`JournalError`] when it can't be written.
    pub fn begin(self, mark: u64, entries: &[Entry<'_>]) -> Result<Journal, JournalError> {
        let picture = self.picture();
        let segments = self.contents.segments.iter().map(|segment| (segment.number, segment.after));
        let mut journal = Journal {
            segments: segments.collect(),
            name: String::new(),
            length: 0,
            seq: picture.seq.max(mark),
            pending: Vec::new(),
            unfolded: Vec::new(),
            picture,
            fault: None,
            is_suspect: false,
            client_id: String::new(),
            disk: self.disk,
        };
        for entry in entries {
            journal.push(entry);
        }
        journal.rotate()?;
        journal.remove_strays();
        Ok(journal)
    }
}

impl Journal {
    /// Adds a record to what is written next, unless its loss does no harm. Returns its number.
    pub fn record(&mut self, record: &Record) -> Option<u64> {
        Entry::of_record(record).map(|entry| self.push(&entry))
    }

    /// Adds the exchange's name for an order. Returns its number.
    pub fn named(&mut self, time: Timestamp, order: OrderId, exchange_id: &str) -> u64 {
        self.push(&Entry::Named(Named { time, order, exchange_id: Cow::Borrowed(exchange_id) }))
    }

    /// Adds what an order is meant to do, and that it is sent. `prefix` and `run` begin its name on the exchange.
    pub fn intent(
        &mut self,
        time: Timestamp,
        (prefix, run): (&dyn std::fmt::Display, &dyn std::fmt::Display),
        market: &str,
        request: &OrderRequest,
        cause: &Cause<'_>,
    ) {
        let mut client_id = std::mem::take(&mut self.client_id);
        client_id.clear();
        let _ = write!(client_id, "{prefix}-{run}-{}", request.id.0);
        self.push(&Entry::Intent(Intent {
            time,
            order: request.id,
            client_id: Cow::Borrowed(&client_id),
            market: Cow::Borrowed(market),
            side: request.side,
            price: request.price,
            quantity: request.quantity,
            time_in_force: request.time_in_force,
            post_only: request.post_only,
            reduce_only: request.reduce_only,
            purpose: request.purpose,
            cause: cause.clone(),
        }));
        self.client_id = client_id;
        self.send(time, request.id, Sent::Create);
    }

    /// Adds that a request is sent.
    pub fn send(&mut self, time: Timestamp, order: OrderId, request: Sent) {
        self.push(&Entry::Send(Send { time, order, request }));
    }

    fn push(&mut self, entry: &Entry<'_>) -> u64 {
        match line::push(&mut self.pending, self.seq + 1, entry) {
            Ok(()) => self.seq += 1,
            // No entry lacks a form. Should one, the run goes on without it, and trading doesn't.
            Err(error) => self.fault = Some(format!("an entry has no form: {error}")),
        }
        self.seq
    }

    /// Where the lines that are not written yet end now.
    pub fn point(&self) -> Point {
        Point { length: self.pending.len(), seq: self.seq }
    }

    /// Takes back what was added since then and isn't written.
    pub fn take_back(&mut self, point: Point) {
        self.pending.truncate(point.length);
        self.seq = point.seq;
    }

    /// Writes what was added, with one write, and has it synced before long. While the journal fails nothing is tried:
    /// see [`Journal::probe`].
    ///
    /// # Errors
    /// Why it can't be written, for people. What was added goes on waiting.
    pub fn commit(&mut self) -> Result<(), &str> {
        if self.fault.is_none() && !self.pending.is_empty() {
            self.fault = self.write().err().map(|error| error.to_string());
        }
        self.fault.as_deref().map_or(Ok(()), Err)
    }

    /// Waits until what was written is on the disk itself. For what must not be lost even with the power: halts that only a
    /// person clears.
    ///
    /// # Errors
    /// Why it can't be synced, for people.
    pub fn settle(&mut self) -> Result<(), &str> {
        if self.fault.is_none()
            && let Err(cause) = self.disk.sync(&self.name)
        {
            self.is_suspect = true;
            self.fault = Some(JournalError::disk(&*self.disk, &self.name, "synced", cause).to_string());
        }
        self.fault.as_deref().map_or(Ok(()), Err)
    }

    fn write(&mut self) -> Result<(), JournalError> {
        let refused = |cause| JournalError::disk(&*self.disk, &self.name, "written", cause);
        self.disk.append(&self.name, &self.pending).map_err(refused)?;
        self.disk.sync_soon(&self.name);
        self.length += u64::try_from(self.pending.len()).unwrap_or(0);
        self.unfolded.append(&mut self.pending);
        Ok(())
    }

    /// Whether the last write failed.
    pub const fn is_failing(&self) -> bool {
        self.fault.is_some()
    }

    /// Looks whether what was written reached the disk and, where the journal fails, tries again: what a failed write
    /// left is cut off and what waits is written. After a failed sync nobody knows what the segment holds, so that a
    /// new one is begun.
    ///
    /// # Errors
    /// Why it still can't be written, for people.
    pub fn probe(&mut self) -> Result<(), &str> {
        if let Err(cause) = self.disk.health() {
            self.is_suspect = true;
            self.fault = Some(JournalError::disk(&*self.disk, &self.name, "synced", cause).to_string());
        }
        if self.fault.is_some() {
            let mended = self.mend();
            self.fault = mended.err().map(|error| error.to_string());
        }
        self.fault.as_deref().map_or(Ok(()), Err)
    }

    fn mend(&mut self) -> Result<(), JournalError> {
        let refused = |cause| JournalError::disk(&*self.disk, &self.name, "cut", cause);
        self.disk.truncate(&self.name, self.length).map_err(refused)?;
        if self.is_suspect {
            return self.rotate();
        }
        if self.pending.is_empty() { Ok(()) } else { self.write() }
    }

    /// Does what can wait for a quiet moment: brings the picture up to date and begins a new segment once the current one
    /// is large. True when one was begun.
    pub fn tend(&mut self) -> bool {
        self.fold();
        if self.length < SEGMENT_BYTES || self.is_failing() {
            return false;
        }
        let rotated = self.rotate();
        self.fault = rotated.as_ref().err().map(ToString::to_string);
        rotated.is_ok()
    }

    fn fold(&mut self) {
        for line in self.unfolded.split(|byte| *byte == b'\n') {
            if let Line::Entry(seq, entry) = line::parse(line) {
                self.picture.apply(seq, &entry);
            }
        }
        self.unfolded.clear();
    }

    /// Begins a new segment with the picture of what was written so far, and writes what waits after it. Everything is on
    /// the disk itself when this returns.
    fn rotate(&mut self) -> Result<(), JournalError> {
        self.fold();
        let number = self.segments.last().map_or(1, |(number, _)| number + 1);
        let (name, after) = (segment_name(number), self.picture.seq);
        let refused = |cause| JournalError::disk(&*self.disk, &name, "begun", cause);
        let mut bytes = Vec::with_capacity(self.pending.len() + 4_096);
        line::push(&mut bytes, after, &Entry::Snapshot(Box::new(self.picture.clone()))).map_err(refused)?;
        bytes.extend_from_slice(&self.pending);
        if !self.is_suspect && !self.name.is_empty() {
            self.disk.sync(&self.name).map_err(refused)?;
        }
        let begun = self.disk.create(&name).and_then(|()| {
            self.disk.append(&name, &bytes)?;
            self.disk.sync(&name)
        });
        if let Err(cause) = begun {
            // What can't be removed now the next try stumbles over, and removes.
            let _ = self.disk.remove(&name);
            return Err(refused(cause));
        }
        self.segments.push((number, after));
        self.is_suspect = false;
        (self.name, self.length) = (name, u64::try_from(bytes.len()).unwrap_or(0));
        self.unfolded.append(&mut self.pending);
        Ok(())
    }

    /// Writes that the run ended, and waits until it is on the disk itself.
    ///
    /// # Errors
    /// [`JournalError`] when it can't be written.
    pub fn end(mut self, time: Timestamp) -> Result<u64, JournalError> {
        let seq = self.push(&Entry::RunEnded(RunEnded { time }));
        if self.fault.is_some() {
            self.mend()?;
        } else {
            self.write()?;
        }
        let refused = |cause| JournalError::disk(&*self.disk, &self.name, "synced", cause);
        self.disk.sync(&self.name).map_err(refused)?;
        Ok(seq)
    }

    /// Removes old segments of which the store has every row safe on the disk: all up to the entry `mark`. The last two
    /// are kept all the same.
    pub fn forget(&mut self, mark: u64) {
        while self.segments.len() > KEPT + 1 && self.segments[1].1 <= mark {
            let name = segment_name(self.segments[0].0);
            if let Err(error) = self.disk.remove(&name)
                && error.kind() != io::ErrorKind::NotFound
            {
                // The next start tries again.
                return;
            }
            self.segments.remove(0);
        }
    }

    /// Removes segments that a power loss brought back after they had been removed.
    fn remove_strays(&self) {
        let Ok(all) = numbers(&*self.disk, true) else { return };
        let first = self.segments.first().map_or(0, |(number, _)| *number);
        for number in all.into_iter().filter(|number| *number < first) {
            // One that stays is left out by the next start as well.
            let _ = self.disk.remove(&segment_name(number));
        }
    }
}

#[cfg(test)]
mod tests;
