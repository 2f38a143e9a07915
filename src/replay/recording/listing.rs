//! What is said of a market when it is listed, and how it settles.
//!
//! Three things may lie beside a recording or in it: `EVENT.event.json` (the body of GET /events/{ticker}, fetched
//! after settlement), `results.json` (market to `yes` or `no`, in the same folder or the one above) and
//! `watch_market` records. What none of them says is told from the ticker or left open:
//!
//! - series and event are the parts of the ticker before the first and the last `-`;
//! - the close is read from an event that ends in a date with hour (`26MAY130900`, New York time) and is otherwise
//!   [`Timestamp::MAX`], which every limit on the time to the close refuses;
//! - the category is `Unknown`;
//! - the grid is told from the levels of the market's first frame: whole cents, tenths of a cent at both ends
//!   (below 0.10 and above 0.90), or tenths all over. Too coarse a grid only makes orders rarer, never wrong;
//! - fees are `quadratic` times 1; baseball series pay half, and games among them maker fees too.
//!
//! The body fetched after settlement knows the future. Only what was known from the start is taken from it (title,
//! times, grid, category) besides the result, which comes out when it took effect; its volume is left alone, and
//! every market starts with none until its frames tell.

use super::faults::Faults;
use crate::fees::{FeeKind, FeeSchedule};
use crate::market::grid::TickRange;
use crate::market::{MarketSpec, MarketStatus, PriceGrid, Resolution};
use crate::units::{Price, Quantity, Timestamp};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use memchr::memmem::Finder;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A recorder's note that it watches a market.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Watch {
    market_ticker: String,
    close_time: Timestamp,
}

/// A market's official result and when it took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OfficialResult {
    pub(super) resolution: Resolution,
    pub(super) takes_effect: Timestamp,
}

/// What is known of the recorded markets from beside the frames.
#[derive(Debug, Default)]
pub(super) struct Listings {
    markets: HashMap<String, Known>,
}

/// What is known of one market.
#[derive(Debug, Default)]
struct Known {
    event: Option<EventFields>,
    market: Option<MarketFields>,
    grid: Option<PriceGrid>,
    close: Option<Timestamp>,
    resolution: Option<Resolution>,
}

#[derive(Debug, Deserialize)]
struct Fetched {
    response: EventBody,
}

#[derive(Debug, Deserialize)]
struct EventBody {
    event: EventFields,
    #[serde(default)]
    markets: Vec<MarketFields>,
}

#[derive(Debug, Clone, Deserialize)]
struct EventFields {
    event_ticker: String,
    series_ticker: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    exchange_index: u8,
}

#[derive(Debug, Deserialize)]
struct MarketFields {
    ticker: String,
    #[serde(default)]
    title: String,
    open_time: Timestamp,
    close_time: Timestamp,
    settlement_ts: Option<Timestamp>,
    #[serde(default)]
    result: String,
    settlement_value_dollars: Option<Price>,
    #[serde(default)]
    price_ranges: Vec<RangeFields>,
}

#[derive(Debug, Deserialize)]
struct RangeFields {
    start: Price,
    end: Price,
    step: Price,
}

impl Listings {
    /// Reads what lies beside the recordings in `folders`.
    pub(super) fn load(&mut self, folders: HashSet<PathBuf>, faults: &mut Faults) {
        let mut bodies = BTreeSet::new();
        let mut results = BTreeSet::new();
        for folder in folders {
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
            bodies.extend(entries.filter(|path| path.to_string_lossy().ends_with(".event.json")));
            results.extend([Some(folder.as_path()), folder.parent()].into_iter().flatten().map(results_in));
        }
        for path in results.into_iter().filter(|path| path.is_file()) {
            if let Err(problem) = self.add_results(&path) {
                faults.note(format!("{}: {problem}; its results aren't used", path.display()));
            }
        }
        for path in bodies {
            if let Err(problem) = self.add_event(&path) {
                faults.note(format!(
                    "{}: {problem}; its markets are replayed without what it says, results included",
                    path.display()
                ));
            }
        }
    }

    /// Takes a recorder's word on a market's close. It counts when it comes before the market's first frame.
    pub(super) fn watch(&mut self, watch: &Watch) {
        self.markets.entry(watch.market_ticker.clone()).or_default().close.get_or_insert(watch.close_time);
    }

    /// The market as it is first seen at `now` in `frame`, and how it settles where that is known.
    pub(super) fn list(
        &self,
        ticker: &str,
        frame: &[u8],
        now: Timestamp,
    ) -> (MarketSpec, Option<OfficialResult>) {
        let nothing = Known::default();
        let known = self.markets.get(ticker).unwrap_or(&nothing);
        let (event, market) = (known.event.as_ref(), known.market.as_ref());
        let event_ticker = event.map_or_else(
            || ticker.rsplit_once('-').map_or(ticker, |(event, _)| event),
            |event| &event.event_ticker,
        );
        let series = event.map_or_else(
            || ticker.split_once('-').map_or(ticker, |(series, _)| series),
            |event| &event.series_ticker,
        );
        let close = market.map(|market| market.close_time).or(known.close).or_else(|| close_in(event_ticker));
        let category = event.map(|event| event.category.as_str()).filter(|category| !category.is_empty());
        let title = market.map(|market| market.title.as_str()).filter(|title| !title.is_empty());
        let spec = MarketSpec {
            ticker: ticker.to_owned(),
            event: event_ticker.to_owned(),
            series: series.to_owned(),
            category: category.unwrap_or("Unknown").to_owned(),
            title: title.unwrap_or(ticker).to_owned(),
            open: market.map_or(now, |market| market.open_time),
            close: close.unwrap_or(Timestamp::MAX),
            grid: known.grid.clone().unwrap_or_else(|| grid_of(frame)),
            fees: fees_of(series),
            status: MarketStatus::Active,
            volume: Quantity::ZERO,
            shard: event.map_or(0, |event| event.exchange_index),
        };
        let settled = market.and_then(|market| market.settlement_ts).or(close);
        let result = known
            .resolution
            .zip(settled)
            .map(|(resolution, takes_effect)| OfficialResult { resolution, takes_effect });
        (spec, result)
    }

    fn add_event(&mut self, path: &Path) -> Result<(), String> {
        let text = fs::read(path).map_err(|cause| format!("can't be read ({cause})"))?;
        let body = serde_json::from_slice(&text)
            .map(|fetched: Fetched| fetched.response)
            .or_else(|_| serde_json::from_slice::<EventBody>(&text))
            .map_err(|error| format!("isn't the body of GET /events/{{ticker}} ({error})"))?;
        for market in body.markets {
            let resolution = match (market.result.as_str(), market.settlement_value_dollars) {
                ("yes", _) => Some(Resolution::Yes),
                ("no", _) => Some(Resolution::No),
                ("scalar", Some(value)) => Some(Resolution::Scalar(value)),
                ("", _) => None,
                (other, _) => return Err(format!("{} has the unknown result {other:?}", market.ticker)),
            };
            let ranges = market.price_ranges.iter();
            let ranges = ranges.map(|&RangeFields { start, end, step }| TickRange { start, end, step });
            let grid = match PriceGrid::new(ranges.collect()) {
                Err(error) if !market.price_ranges.is_empty() => {
                    return Err(format!("{}: {error}", market.ticker));
                }
                grid => grid.ok(),
            };
            let known = self.markets.entry(market.ticker.clone()).or_default();
            known.event = Some(body.event.clone());
            known.resolution = resolution.or(known.resolution);
            known.grid = grid;
            known.market = Some(market);
        }
        Ok(())
    }

    fn add_results(&mut self, path: &Path) -> Result<(), String> {
        let text = fs::read(path).map_err(|cause| format!("can't be read ({cause})"))?;
        let results: BTreeMap<String, String> = serde_json::from_slice(&text)
            .map_err(|error| format!("isn't an object of market to result ({error})"))?;
        for (ticker, result) in results {
            let resolution = match result.as_str() {
                "yes" => Resolution::Yes,
                "no" => Resolution::No,
                other => return Err(format!("{ticker} has the result {other:?}, neither yes nor no")),
            };
            self.markets.entry(ticker).or_default().resolution = Some(resolution);
        }
        Ok(())
    }
}

/// Finds the market a frame is about, without parsing it.
#[derive(Debug)]
pub(super) struct TickerScan {
    key: Finder<'static>,
}

impl Default for TickerScan {
    fn default() -> Self {
        Self { key: Finder::new(b"\"market_ticker\"") }
    }
}

impl TickerScan {
    /// The value of `market_ticker`, or `None` where the frame has none that is plain text.
    #[inline]
    pub(super) fn find<'a>(&self, frame: &'a [u8]) -> Option<&'a str> {
        let after = &frame[self.key.find(frame)? + self.key.needle().len()..];
        let value = after.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
        let ticker = std::str::from_utf8(&value[..memchr::memchr(b'"', value)?]).ok()?;
        (!ticker.is_empty() && !ticker.contains('\\')).then_some(ticker)
    }
}

fn results_in(folder: &Path) -> PathBuf {
    folder.join("results.json")
}

/// What the series charged when the recordings were made.
fn fees_of(series: &str) -> FeeSchedule {
    FeeSchedule {
        kind: if series == "KXMLBGAME" { FeeKind::QuadraticWithMakerFees } else { FeeKind::Quadratic },
        multiplier_ppm: if series.starts_with("KXMLB") { 500_000 } else { 1_000_000 },
    }
}

/// The close that an event ticker tells: `SERIES-26MAY130900` or `SERIES-26APR1817`, New York time. Anything after
/// the date (the teams of a game, say) makes it another moment than the close.
fn close_in(event: &str) -> Option<Timestamp> {
    let (_, date) = event.split_once('-')?;
    let minutes = match date.len() {
        9 => "00",
        11 => "",
        _ => return None,
    };
    let at = DateTime::strptime("%y%b%d%H%M", format!("{date}{minutes}")).ok()?;
    let new_york = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").ok()?;
    Some(Timestamp::from_micros(at.to_zoned(new_york).ok()?.timestamp().as_microsecond()))
}

/// The coarsest of the usual grids that holds every level of a snapshot; whole cents for any other frame.
fn grid_of(frame: &[u8]) -> PriceGrid {
    #[derive(Deserialize)]
    struct Snapshot<'a> {
        #[serde(borrow)]
        msg: Levels<'a>,
    }
    #[derive(Deserialize)]
    struct Levels<'a> {
        #[serde(borrow, default)]
        yes_dollars_fp: Vec<(Cow<'a, str>, Cow<'a, str>)>,
        #[serde(borrow, default)]
        no_dollars_fp: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    }
    let Ok(Snapshot { msg }) = serde_json::from_slice::<Snapshot<'_>>(frame) else {
        return PriceGrid::cents();
    };
    let levels = msg.yes_dollars_fp.iter().chain(&msg.no_dollars_fp);
    let prices: Vec<Price> = levels.filter_map(|(price, _)| price.parse().ok()).collect();
    let (tenth, cent) = (Price::from_raw(1_000), Price::from_raw(10_000));
    let (low, high) = (Price::from_raw(100_000), Price::from_raw(900_000));
    let tapered = PriceGrid::new(vec![
        TickRange { start: Price::ZERO, end: low, step: tenth },
        TickRange { start: low, end: high, step: cent },
        TickRange { start: high, end: Price::ONE, step: tenth },
    ]);
    [Some(PriceGrid::cents()), tapered.ok()]
        .into_iter()
        .flatten()
        .find(|grid| prices.iter().all(|price| grid.contains(*price)))
        .unwrap_or_else(|| PriceGrid::uniform(tenth))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_ends_in_a_date_with_hour_tells_its_close() {
        let close = |event| close_in(event).map(|close| close.to_string());
        assert_eq!(close("KXBTC15M-26MAY130900").as_deref(), Some("2026-05-13T13:00:00.000000Z"));
        assert_eq!(close("KXGOLD15M-26AUG050000").as_deref(), Some("2026-08-05T04:00:00.000000Z"));
        assert_eq!(close("KXBTCD-26JAN0317").as_deref(), Some("2026-01-03T22:00:00.000000Z"));
        for event in
            ["KXMLBGAME-26AUG071905ATLNYY", "KXHIGHNY-25DEC05", "KXFOO-26XXX0317", "KXFOO", "KX-é26MAY1309"]
        {
            assert_eq!(close(event), None, "{event}");
        }
    }

    #[test]
    fn the_grid_is_the_coarsest_that_holds_the_levels() {
        let grid = |price: &str| {
            grid_of(
                format!(r#"{{"msg":{{"yes_dollars_fp":[["0.4000","1.00"],["{price}","2.00"]]}}}}"#)
                    .as_bytes(),
            )
        };
        assert_eq!(grid("0.0500"), PriceGrid::cents());
        assert_eq!(grid("0.0510").ranges().len(), 3);
        assert_eq!(grid("0.5110"), PriceGrid::uniform(Price::from_raw(1_000)));
        assert_eq!(grid_of(b"not JSON"), PriceGrid::cents());
    }
}
