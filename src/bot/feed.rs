//! The live exchange as a source for a paper run: its markets and frames, as they come, and nothing is ever sent to it
//! but what asks for them.

use super::markets::Loader;
use super::wall_clock;
use crate::config::Settings;
use crate::engine::Event;
use crate::kalshi::credentials::Credentials;
use crate::kalshi::error::ApiError;
use crate::kalshi::rest::Client;
use crate::kalshi::stream::{Channel, Stream, StreamError, StreamEvent, StreamSettings, Utf8Bytes};
use crate::market::MarketSpec;
use crate::replay::source::{Item, Source, SourceError};
use crate::units::Timestamp;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How long a frame is waited for before the clock is looked at.
const BEAT: Duration = Duration::from_millis(25);
/// How often markets are loaded anew.
const LOAD_EVERY: Duration = Duration::from_mins(5);

/// Why the exchange can't feed a run.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// Its markets can't be read.
    #[error("the markets can't be read: {0}")]
    Markets(#[from] ApiError),
    /// Its stream can't be used.
    #[error(transparent)]
    Stream(#[from] StreamError),
}

type Loaded = (Box<Loader>, Result<Vec<MarketSpec>, ApiError>);

/// The exchange's markets and frames.
#[derive(Debug)]
pub struct LiveFeed {
    runtime: Runtime,
    stream: Stream,
    url: String,
    /// Markets to be listed before anything else.
    specs: VecDeque<MarketSpec>,
    /// What the item in use borrows from.
    spec: Option<MarketSpec>,
    frame: Utf8Bytes,
    listed: HashSet<String>,
    loader: Option<Box<Loader>>,
    loaded: (mpsc::UnboundedSender<Loaded>, mpsc::UnboundedReceiver<Loaded>),
    load_at: Timestamp,
}

enum Next {
    Nothing,
    Frame,
    Connected,
    Disconnected,
    Refused(String),
}

impl LiveFeed {
    /// Reads the markets and prepares the stream, which connects with the first item.
    ///
    /// # Errors
    /// [`FeedError`] when the markets can't be read or the stream's address is none.
    pub fn open(
        runtime: Runtime,
        client: Client,
        settings: &Settings,
        credentials: Arc<Credentials>,
    ) -> Result<Self, FeedError> {
        let now = wall_clock();
        let mut loader = Box::new(Loader::new(client, settings.clone()));
        let specs = runtime.block_on(loader.load(now))?;
        let url = settings.api.exchange().websocket;
        let mut stream_settings = StreamSettings::signed(url.clone(), credentials);
        stream_settings.channels = Channel::PUBLIC.to_vec();
        let stream = Stream::new(stream_settings)?;
        let mut feed = Self {
            runtime,
            stream,
            url,
            specs: VecDeque::new(),
            spec: None,
            frame: Utf8Bytes::default(),
            listed: HashSet::new(),
            loader: Some(loader),
            loaded: mpsc::unbounded_channel(),
            load_at: now + LOAD_EVERY,
        };
        feed.list(specs);
        Ok(feed)
    }

    fn list(&mut self, specs: Vec<MarketSpec>) {
        let new: Vec<MarketSpec> =
            specs.into_iter().filter(|spec| self.listed.insert(spec.ticker.clone())).collect();
        self.stream.follow(&new.iter().map(|spec| spec.ticker.as_str()).collect::<Vec<_>>());
        self.specs.extend(new);
    }

    fn load_again(&mut self, now: Timestamp) {
        while let Ok((loader, specs)) = self.loaded.1.try_recv() {
            self.loader = Some(loader);
            match specs {
                Ok(specs) => self.list(specs),
                Err(error) => tracing::warn!(%error, "markets can't be loaded; it is tried again"),
            }
        }
        if now >= self.load_at
            && let Some(mut loader) = self.loader.take()
        {
            self.load_at = now + LOAD_EVERY;
            let loaded = self.loaded.0.clone();
            self.runtime.spawn(async move {
                let specs = loader.load(now).await;
                // Nobody listens any more once the run has ended.
                let _ = loaded.send((loader, specs));
            });
        }
    }

    fn wait(&mut self) -> Next {
        let stream = &mut self.stream;
        match self.runtime.block_on(async { timeout(BEAT, stream.next()).await }) {
            Err(_) | Ok(StreamEvent::Fault { .. }) => Next::Nothing,
            Ok(StreamEvent::Frame(frame)) => {
                self.frame = frame;
                Next::Frame
            }
            Ok(StreamEvent::Connected) => Next::Connected,
            Ok(StreamEvent::Interrupted { .. } | StreamEvent::Disconnected { .. }) => Next::Disconnected,
            Ok(StreamEvent::Refused { status, body }) => Next::Refused(format!("{status} {body}")),
        }
    }
}

impl Source for LiveFeed {
    fn next(&mut self) -> Result<Option<(Timestamp, Item<'_>)>, SourceError> {
        self.load_again(wall_clock());
        if let Some(spec) = self.specs.pop_front() {
            return Ok(Some((wall_clock(), Item::Event(Event::Listed(self.spec.insert(spec))))));
        }
        let next = self.wait();
        let item = match next {
            Next::Nothing => Item::Event(Event::Timer),
            Next::Frame => Item::Frame(self.frame.as_bytes()),
            Next::Connected => Item::Event(Event::Connected),
            Next::Disconnected => Item::Event(Event::Disconnected),
            Next::Refused(answer) => {
                let problem = format!(
                    "the exchange refuses the credentials: {answer}. Check api.key_id and api.private_key_path; keys of \
                     the demo exchange and of production are different ones"
                );
                return Err(SourceError::Unusable { path: self.url.clone(), problem });
            }
        };
        Ok(Some((wall_clock(), item)))
    }

    fn resync(&mut self, sid: u32) {
        self.stream.request_snapshots(sid);
    }

    fn uses_yes_price(&self) -> bool {
        true
    }

    fn has_contiguous_sequence(&self) -> bool {
        true
    }
}
