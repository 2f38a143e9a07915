//! What goes into the journal before anything leaves, and what happens when the journal can't be written.
//!
//! Entries are not sent then: the engine is told that they were not, and opens nothing until the journal is written
//! again. What lets positions go is sent all the same, cancels and exits: a loss that runs on is worse than an order that
//! only the exchange knows, whose name carries our prefix and which the next start finds there. Their lines wait in memory
//! until they can be written.

use super::trading::Bot;
use crate::engine::{Command, Event, Record};
use crate::execution::{OrderUpdate, Purpose, RejectReason};
use crate::gateway::live::Told;
use crate::journal::entry::Sent;
use crate::journal::{Cause, Journal};
use crate::market::Catalogue;
use crate::risk::HaltReason;
use crate::units::Timestamp;

/// Where the store has no thread, it is written each so many beats: as behind the thread, some of it waits when the
/// process is killed.
const BEATS_A_BATCH: u32 = 8;

/// What the journal needs to know of a step or two of the engine.
#[derive(Debug)]
pub(super) struct Steps {
    /// How many commands there were after a step that gave some, and the event that it took.
    causes: Vec<(usize, Cause<'static>)>,
    /// The records' numbers in the journal.
    pub(super) numbers: Vec<Option<u64>>,
}

impl Steps {
    /// So many commands follow from what the start took over.
    pub(super) fn begun(commands: usize) -> Self {
        let causes = if commands > 0 { vec![(commands, Cause::Adopted)] } else { Vec::new() };
        Self { causes, numbers: Vec::new() }
    }

    /// Notes the event of a step, after which there are so many commands.
    pub(super) fn took(&mut self, event: &Event<'_>, commands: usize) {
        if commands > self.causes.last().map_or(0, |(before, _)| *before) {
            self.causes.push((commands, Cause::of(event)));
        }
    }

    /// What led to the command at this place; time, where nobody noted it.
    fn cause(&self, at: usize) -> &Cause<'static> {
        self.causes.iter().find(|(after, _)| at < *after).map_or(&Cause::Timer, |(_, cause)| cause)
    }
}

impl Bot<'_> {
    /// Writes what the engine recorded and what is about to be sent. True when all of it may be sent.
    pub(super) fn write_down(&mut self, now: Timestamp) -> bool {
        let parts = &mut self.parts;
        let (journal, out, catalogue) = (&mut parts.journal, &parts.out, parts.engine.catalogue());
        self.steps.numbers.clear();
        self.steps.numbers.extend(out.records.iter().map(|record| journal.record(record)));
        let point = journal.point();
        let names = Names { prefix: &self.names.prefix, run: &self.names.run, catalogue };
        let leaves = |command: &Command| !is_entry(command);
        names.write(journal, now, &out.commands, &self.steps, |_| true);
        let mut failed = journal.commit().err().map(str::to_owned);
        if failed.is_some() {
            journal.take_back(point);
            names.write(journal, now, &out.commands, &self.steps, leaves);
        } else if out.records.iter().any(latches) {
            // What a sync fails on is written all the same and can't be taken back.
            failed = journal.settle().err().map(str::to_owned);
        }
        self.steps.causes.clear();
        if let Some(detail) = &failed {
            self.halt_for_journal(detail);
        }
        failed.is_none()
    }

    /// Puts an order back that is not sent because its intent can't be written.
    pub(super) fn withhold(&mut self, command: &Command) {
        if let Command::Place(request) = command {
            let (order, reason) = (request.id, RejectReason::NotSent);
            self.told.push(Told::Update(OrderUpdate::Rejected { order, reason }));
        }
    }

    fn halt_for_journal(&mut self, detail: &str) {
        let reason = HaltReason::JournalFailed;
        if !self.parts.engine.trading().has(reason) {
            tracing::error!(error = detail, "the journal can't be written; nothing is opened until it can");
            self.told.push(Told::Halt { reason, in_force: true, detail: detail.to_owned() });
        }
    }

    /// Looks after the journal and the store, between events. `is_due` once a second, to look whether the journal
    /// still reaches the disk and, where it fails, to try again.
    pub(super) fn tend_books(&mut self, now: Timestamp, is_due: bool) {
        self.beats = self.beats.wrapping_add(1);
        if self.beats.is_multiple_of(BEATS_A_BATCH)
            && let Err(error) = self.parts.writer.beat()
        {
            tracing::error!(%error, "records can't be stored; they wait and are tried again");
        }
        if self.parts.journal.tend() {
            self.forget_segments();
        }
        if !is_due {
            return;
        }
        let reason = HaltReason::JournalFailed;
        match self.parts.journal.probe().map_err(str::to_owned) {
            Err(detail) => self.halt_for_journal(&detail),
            Ok(()) if self.parts.engine.trading().has(reason) => {
                tracing::info!("the journal is written again");
                self.step(now, &Event::Halt { reason, in_force: false, detail: "it can be written again" });
            }
            Ok(()) => {}
        }
    }

    /// Lets go of segments whose rows the store has safe.
    pub(super) fn forget_segments(&mut self) {
        match self.parts.store.safe_journal_mark() {
            Ok(Some(mark)) => self.parts.journal.forget(mark),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "old segments of the journal are kept for now"),
        }
    }
}

/// Whether a record says that a halt came into force that only a person clears.
const fn latches(record: &Record) -> bool {
    matches!(record, Record::State(state) if state.added && state.latched)
}

/// Whether a command opens a position.
pub(super) const fn is_entry(command: &Command) -> bool {
    matches!(command, Command::Place(request) if matches!(request.purpose, Purpose::Entry))
}

/// What orders and markets are called.
struct Names<'a> {
    prefix: &'a crate::execution::client_id::Prefix,
    run: &'a crate::execution::client_id::RunTag,
    catalogue: &'a Catalogue,
}

impl Names<'_> {
    /// Adds the commands that are to leave.
    fn write(
        &self,
        journal: &mut Journal,
        now: Timestamp,
        commands: &[Command],
        steps: &Steps,
        leaves: impl Fn(&Command) -> bool,
    ) {
        for (at, command) in commands.iter().enumerate().filter(|(_, command)| leaves(command)) {
            match command {
                Command::Place(request) => {
                    let market = &self.catalogue.get(request.market).spec.ticker;
                    journal.intent(now, (self.prefix, self.run), market, request, steps.cause(at));
                }
                Command::Cancel { order } => journal.send(now, *order, Sent::Cancel),
                Command::Resync { .. } => {}
            }
        }
    }
}
