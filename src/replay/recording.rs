//! Recordings of the exchange's WebSocket, brought back frame by frame in order of time.
//!
//! Several files and folders may be played together; each is read as a stream, opened when its turn comes and merged
//! with the others by receive time, so memory doesn't grow with the recording. Four forms are understood, told by
//! their content (gzip too: by its first bytes, not by the name):
//!
//! | form | a line | time | numbers |
//! |---|---|---|---|
//! | `enveloped` | `{"recv_ms":N,"event":<frame>}`, or `{"recv_ts_ns":N,"raw":"<frame as text>"}` | receipt | with holes in the first, whole in the second |
//! | `by_type` | one folder a session, one file a frame type, the message in `payload_json` | `local_recv_ns` | whole |
//! | `verbatim` | the frame itself | its own `ts_ms` | whole |
//! | `document` | one JSON document with `frames: [{"received_ms":N,"frame":<frame>}]` | receipt | whole |
//!
//! Around the frames come the events that no frame carries: [`Event::Connected`] where a connection begins,
//! [`Event::Listed`] before a market's first frame and [`Event::Settled`] when its official result took effect. What
//! a listing says, and what it can't know, is told in `listing`.

mod by_type;
mod document;
mod enveloped;
mod faults;
mod files;
mod listing;
mod reader;
mod verbatim;

use super::source::{Item, Source, SourceError, SourceFaults};
use crate::engine::Event;
use crate::market::{MarketSpec, Resolution};
use crate::units::Timestamp;
use faults::Faults;
use listing::{Listings, TickerScan};
use reader::{Format, Opening, Reader, Record};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};

/// Recorded files, merged in order of time.
///
/// A file that breaks off or holds bad lines is played as far as it can be read, and [`Source::faults`] says what
/// was left out. Where two recordings run side by side, the later one brings no [`Event::Connected`]: that would
/// throw away the books of the first.
#[derive(Debug)]
pub struct Recording {
    streams: Vec<Stream>,
    sessions: Vec<Session>,
    /// The next record of every stream that isn't at its end.
    turns: BinaryHeap<Reverse<Turn>>,
    /// What goes out before the record whose turn it is.
    agenda: VecDeque<Due>,
    /// When which of `listed` settles.
    settlements: BinaryHeap<Reverse<(Timestamp, usize)>>,
    listings: Listings,
    listed: Vec<Listed>,
    tickers: HashSet<String>,
    /// The market of the frame before, which is mostly that of the next one too.
    last_ticker: String,
    ticker: TickerScan,
    /// The stream whose frame was handed out last and can be overwritten now.
    served: Option<usize>,
    /// Sessions that have begun and aren't at their end.
    live: usize,
    overlapped: bool,
    start: Timestamp,
    clock: Timestamp,
    faults: Faults,
}

/// One file and, while it is being played, its reader.
#[derive(Debug)]
struct Stream {
    path: PathBuf,
    opening: Opening,
    session: usize,
    reader: Option<Reader>,
}

/// The files that one connection was recorded into.
#[derive(Debug, Default)]
struct Session {
    streams_left: usize,
    started: bool,
}

/// Whose record is due when: by receive time, then by sequence number, then by the order of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    nanos: i64,
    order: u64,
    stream: usize,
}

/// A market that was listed, and its result where that is known.
#[derive(Debug)]
struct Listed {
    spec: MarketSpec,
    resolution: Option<Resolution>,
}

/// An event that waits to be handed out.
#[derive(Debug, Clone, Copy)]
enum Due {
    Connected,
    Listed(usize),
    Settled(usize, Resolution),
}

/// What the next call hands out.
enum Step {
    Frame(usize),
    Event(Due),
    End,
}

impl Recording {
    /// Finds the recordings in `paths`, files or folders with everything below them, and reads the head of each.
    ///
    /// A path that can't be played is noted among the faults as long as another one can be; a file that is named
    /// twice is played once.
    ///
    /// # Errors
    /// [`SourceError`] when a path doesn't exist or nothing in `paths` can be played.
    pub fn open(paths: &[PathBuf]) -> Result<Self, SourceError> {
        let mut faults = Faults::default();
        let (files, mut unusable) = files::find(paths, &mut faults)?;
        let mut streams = Vec::new();
        let mut sessions = Vec::new();
        let mut folders: HashMap<PathBuf, usize> = HashMap::new();
        for file in files {
            let opening = match reader::probe(&file.path) {
                Ok(Some(opening)) => opening,
                Err(problem) if file.named || problem.is_damage() => {
                    unusable.push(problem.into_error(&file.path));
                    continue;
                }
                Ok(None) | Err(_) => continue,
            };
            let session = match opening.format {
                Format::ByType => *folders.entry(folder_of(&file.path)).or_insert(sessions.len()),
                _ => sessions.len(),
            };
            if session == sessions.len() {
                sessions.push(Session::default());
            }
            sessions[session].streams_left += 1;
            streams.push(Stream { path: file.path, opening, session, reader: None });
        }
        if streams.is_empty() {
            return Err(files::nothing_playable(paths, unusable));
        }
        for problem in unusable {
            faults.note(format!("{problem}; the other files are played"));
        }
        let mut listings = Listings::default();
        let folders: HashSet<PathBuf> = streams.iter().map(|stream| folder_of(&stream.path)).collect();
        listings.load(folders, &mut faults);
        Ok(Self::over(streams, sessions, listings, faults))
    }

    fn over(streams: Vec<Stream>, sessions: Vec<Session>, listings: Listings, faults: Faults) -> Self {
        let turns: BinaryHeap<_> = streams
            .iter()
            .enumerate()
            .map(|(stream, at)| Reverse(Turn { nanos: at.opening.first, order: 0, stream }))
            .collect();
        let start = turns.peek().map_or(Timestamp::EPOCH, |Reverse(turn)| turn.time());
        Self {
            streams,
            sessions,
            turns,
            agenda: VecDeque::new(),
            settlements: BinaryHeap::new(),
            listings,
            listed: Vec::new(),
            tickers: HashSet::new(),
            last_ticker: String::new(),
            ticker: TickerScan::default(),
            served: None,
            live: 0,
            overlapped: false,
            start,
            clock: start,
            faults,
        }
    }

    /// The files that are played, in the order they were found.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.streams.iter().map(|stream| stream.path.as_path())
    }

    /// When the earliest record arrived. When the last one did is known only at the end.
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// Moves on to the next item, without lending it out yet.
    fn step(&mut self) -> Result<Step, SourceError> {
        if let Some(served) = self.served.take() {
            self.advance(served)?;
        }
        loop {
            if let Some(due) = self.agenda.pop_front() {
                return Ok(Step::Event(due));
            }
            let turn = self.turns.peek().map(|Reverse(turn)| *turn);
            if let Some(settled) = self.settlement_until(turn.map(Turn::time)) {
                return Ok(Step::Event(settled));
            }
            let Some(turn) = turn else { return Ok(Step::End) };
            self.clock = self.clock.max(turn.time());
            if self.take_turn(turn.stream)? {
                self.served = Some(turn.stream);
                return Ok(Step::Frame(turn.stream));
            }
        }
    }

    /// Deals with the record whose turn it is. Returns whether it is a frame that can go out now; if not, look at
    /// the agenda and the turns again.
    fn take_turn(&mut self, stream: usize) -> Result<bool, SourceError> {
        let Some(reader) = &self.streams[stream].reader else {
            let Stream { path, opening, .. } = &self.streams[stream];
            self.streams[stream].reader = Some(Reader::open(path, *opening)?);
            self.advance(stream)?;
            return Ok(false);
        };
        match reader.record() {
            Record::Frame(_) => {
                let (listed, session) = (self.is_listed(stream), self.streams[stream].session);
                let ready = listed && self.sessions[session].started;
                if !self.sessions[session].started {
                    self.begin(session);
                }
                if !listed {
                    self.list(stream);
                }
                Ok(ready)
            }
            Record::Connected => {
                let session = self.streams[stream].session;
                if !self.sessions[session].started {
                    self.begin(session);
                } else if self.live == 1 {
                    self.agenda.push_back(Due::Connected);
                }
                self.advance(stream)?;
                Ok(false)
            }
            Record::Watched(watch) => {
                self.listings.watch(watch);
                self.advance(stream)?;
                Ok(false)
            }
        }
    }

    /// A connection begins. Beside another one it brings no [`Event::Connected`], and as both count from 1, numbers
    /// say nothing any more.
    fn begin(&mut self, session: usize) {
        self.sessions[session].started = true;
        if self.live == 0 {
            self.agenda.push_back(Due::Connected);
        } else {
            self.overlapped = true;
        }
        self.live += 1;
    }

    /// Reads the next record of the stream whose turn it is.
    fn advance(&mut self, stream: usize) -> Result<(), SourceError> {
        let at = &mut self.streams[stream];
        if let Some(reader) = at.reader.as_mut()
            && reader.advance(&mut self.faults)?
        {
            if let Some(mut top) = self.turns.peek_mut() {
                *top = Reverse(Turn { nanos: reader.nanos(), order: reader.order(), stream });
            }
            return Ok(());
        }
        at.reader = None;
        let session = &mut self.sessions[at.session];
        self.turns.pop();
        session.streams_left -= 1;
        if session.streams_left == 0 && session.started {
            self.live -= 1;
        }
        Ok(())
    }

    /// Whether the frame's market needs no listing: it has been listed, or the frame names none.
    fn is_listed(&mut self, stream: usize) -> bool {
        let Some(ticker) = self.ticker.find(self.streams[stream].frame()) else { return true };
        if ticker == self.last_ticker {
            return true;
        }
        let known = self.tickers.contains(ticker);
        if known {
            ticker.clone_into(&mut self.last_ticker);
        }
        known
    }

    fn list(&mut self, stream: usize) {
        let frame = self.streams[stream].frame();
        let Some(ticker) = self.ticker.find(frame) else { return };
        let (spec, result) = self.listings.list(ticker, frame, self.clock);
        let index = self.listed.len();
        if let Some(result) = &result {
            self.settlements.push(Reverse((result.takes_effect.max(self.clock), index)));
        }
        self.tickers.insert(ticker.to_owned());
        self.listed.push(Listed { spec, resolution: result.map(|result| result.resolution) });
        self.agenda.push_back(Due::Listed(index));
    }

    /// The next settlement if it is due by `limit`, or at all where nothing else is left.
    fn settlement_until(&mut self, limit: Option<Timestamp>) -> Option<Due> {
        let &Reverse((time, index)) = self.settlements.peek()?;
        if limit.is_some_and(|limit| time > limit) {
            return None;
        }
        self.settlements.pop();
        self.clock = self.clock.max(time);
        self.listed[index].resolution.map(|resolution| Due::Settled(index, resolution))
    }
}

impl Source for Recording {
    fn next(&mut self) -> Result<Option<(Timestamp, Item<'_>)>, SourceError> {
        let item = match self.step()? {
            Step::Frame(stream) => Item::Frame(self.streams[stream].frame()),
            Step::Event(Due::Connected) => Item::Event(Event::Connected),
            Step::Event(Due::Listed(index)) => Item::Event(Event::Listed(&self.listed[index].spec)),
            Step::Event(Due::Settled(index, resolution)) => {
                Item::Event(Event::Settled { ticker: &self.listed[index].spec.ticker, resolution })
            }
            Step::End => return Ok(None),
        };
        Ok(Some((self.clock, item)))
    }

    /// Never: recordings so far were made without `use_yes_price`.
    fn uses_yes_price(&self) -> bool {
        false
    }

    /// Whether every file has all frames of its connection and no two connections run side by side. The second is
    /// known only when it happens: ask again as the recording goes on.
    fn has_contiguous_sequence(&self) -> bool {
        !self.overlapped && self.streams.iter().all(|stream| stream.opening.format.has_whole_sequence())
    }

    fn faults(&self) -> SourceFaults {
        self.faults.so_far().clone()
    }
}

impl Stream {
    fn frame(&self) -> &[u8] {
        self.reader.as_ref().map_or(&[], Reader::frame)
    }
}

impl Turn {
    const fn time(self) -> Timestamp {
        Timestamp::from_micros(self.nanos.div_euclid(1_000))
    }
}

/// The folder a file lies in, the same however the file was named.
fn folder_of(file: &Path) -> PathBuf {
    let named = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    named.canonicalize().unwrap_or_else(|_| named.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_named_alone_lies_in_the_current_folder() {
        let here = std::env::current_dir().expect("the current folder").canonicalize().expect("it exists");
        assert_eq!(folder_of(Path::new("recording.ndjson")), here);
        assert_eq!(folder_of(&here.join("src/../recording.ndjson")), here);
    }
}
